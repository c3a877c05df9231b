//! Operations and parameters for the tests of the modules.

use vastai::ClientBuilder;
use vastai_api::{Authentication, Effect, Location, Method, Operation, Parameter, ValueKind};

/// An operation of the console with nothing but an id and parameters.
pub(crate) fn operation(id: &'static str, parameters: &'static [Parameter]) -> Operation {
    Operation {
        id,
        name: id,
        method: Method::Post,
        path: "/",
        tag: None,
        summary: "",
        server: ClientBuilder::DEFAULT_CONSOLE_URL,
        authentication: Authentication::Bearer,
        documented: true,
        repeatable: false,
        effect: Effect::Changes,
        effect_where: &[],
        empty_result: None,
        body_required: false,
        parameters,
        limits: &[],
        sizes: &[],
    }
}

pub(crate) const fn parameter(
    name: &'static str,
    location: Location,
    required: bool,
    kind: ValueKind,
) -> Parameter {
    Parameter { name, location, required, position: None, kind, default: None, description: "" }
}
