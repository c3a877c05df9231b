//! What the client sends for a field that the caller gives no value: marks of the overlay, as no document says what a client has to send.

use serde_json::{Map, Value};

use super::{Location, Parameter};
use crate::pointer;
use crate::report::{Effect, Report, Rule};

/// The extension with which the overlay says of an operation what is sent for parameters and fields of the body that the caller gives no
/// value: an object from name to value.
pub const DEFAULTS: &str = "x-vastai-defaults";

/// The extension with which the overlay says which fields stand in for such a default: an object from its name to the names of others. Where
/// one of those is given, the default is not sent.
pub const DEFAULTS_UNLESS: &str = "x-vastai-defaults-unless";

static DEFAULT_OF_NOTHING: Rule = Rule {
    id: "default-of-nothing",
    reason: "a default is sent for a query parameter or a field of the body that the operation has",
    effect: Effect::Ignored,
};

/// What is sent where the caller gives no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Default {
    /// The value, as JSON.
    pub value: String,
    /// It is not sent where one of these fields is given.
    pub unless: Vec<String>,
}

/// Gives the parameters of an operation the defaults that it is marked with.
pub(super) fn put_into(
    parameters: &mut [Parameter],
    operation: &Map<String, Value>,
    at: &str,
    report: &mut Report,
) {
    let marked = |mark: &str| operation.get(mark).and_then(Value::as_object).into_iter().flatten();
    for (name, value) in marked(DEFAULTS) {
        let takes_one = |parameter: &&mut Parameter| {
            parameter.name == *name && matches!(parameter.location, Location::Query | Location::Body)
        };
        let Some(parameter) = parameters.iter_mut().find(takes_one) else {
            report.note(&DEFAULT_OF_NOTHING, &pointer::child(at, DEFAULTS), name);
            continue;
        };
        let unless = marked(DEFAULTS_UNLESS).filter(|(of, _)| *of == name);
        let names = unless.flat_map(|(_, names)| names.as_array().into_iter().flatten());
        parameter.default = Some(Default {
            value: value.to_string(),
            unless: names.filter_map(Value::as_str).map(str::to_owned).collect(),
        });
    }
}
