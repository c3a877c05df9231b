//! The fourth step: OpenAPI 3.1 to the 3.0.3 that the generator takes, and what the generator cannot take.
//!
//! Every change is the application of a named rule ([`RULES`]) and stands in the report. Responses are made robust (nothing
//! is required, everything may be null, enums are open, unknown members are kept); requests stay as strict as the document is.
//!
//! Every object, union and enum becomes a component of the lowered document, with a name that is chosen here: what is
//! the same has one name, and the order of the document has no say in it.

mod checked;
mod components;
mod composition;
mod document;
mod operation;
mod parameter;
mod rules;
mod schema;

use std::collections::VecDeque;

use serde_json::{Map, Value, json};

use crate::identify::{operation_pointer, operations};
use crate::report::Report;
use crate::visible::in_one_line;
use components::Components;

#[cfg(feature = "generate")]
pub(crate) use components::reached_from;
pub use rules::ALL as RULES;

/// The component that every failure of every operation is: the hand-written error type of the generated crate.
pub const ERROR_COMPONENT: &str = "Error";

/// Components whose Rust type is hand-written in the generated crate, where no schema says what the type does.
pub const HAND_WRITTEN: [&str; 1] = [SECRET];

/// The hand-written type of a text that is not shown.
pub(crate) const SECRET: &str = "Secret";

/// The extension with which the lowered document gives a parameter another name in Rust than its own would be.
pub(crate) const RUST_NAME: &str = "x-rust-name";

/// The same for the properties of a schema: a mapping of their names to those in Rust.
pub(crate) const RUST_NAMES: &str = "x-rust-names";

/// The same for an answer: the names of its properties that come with white space around them.
pub(crate) const TRIMMED: &str = "x-trimmed";

/// What no rule can put into OpenAPI 3.0.3.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LowerError {
    /// A reference to another document.
    #[error(
        "{}: the reference `{}` leaves the document; bundle the document into one file first",
        in_one_line(.pointer), in_one_line(.reference)
    )]
    ExternalReference {
        /// Where it stands.
        pointer: String,
        /// What it says.
        reference: String,
    },
    /// A reference to nothing.
    #[error("{}: the reference `{}` points to nothing in the document", in_one_line(.pointer), in_one_line(.reference))]
    DanglingReference {
        /// Where it stands.
        pointer: String,
        /// What it says.
        reference: String,
    },
    /// Something that is not what OpenAPI has in this place.
    #[error("{}: {expected} is expected here", in_one_line(.pointer))]
    Malformed {
        /// Where it stands.
        pointer: String,
        /// What should stand there.
        expected: &'static str,
    },
    /// Schemas that refer to each other so often that what they stand for has no end that one could wait for.
    #[error(
        "{}: the schemas of the document stand for more than {MAX_VISITS} others; do they repeat each other?",
        in_one_line(.pointer)
    )]
    TooLarge {
        /// Where the patience ended.
        pointer: String,
    },
}

/// How many aliases may stand in each other, and schemas that were put together from parts.
const MAX_IN_PROGRESS: usize = 64;

/// How many schemas are looked at. A large document has some tens of thousands.
const MAX_VISITS: usize = 1_000_000;

/// Which way a schema travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Direction {
    /// From the client to the service: strict.
    Request,
    /// From the service to the client: robust.
    Response,
}

/// A component that a reference met, and that is lowered when what refers to it is done.
struct Waiting {
    pointer: String,
    direction: Direction,
}

/// One run of the lowering.
struct Lowering<'document, 'report> {
    root: &'document Value,
    report: &'report mut Report,
    components: Components,
    /// Components that are in use and not lowered yet: one after the other, so that a long chain of them is no deep recursion.
    waiting: VecDeque<Waiting>,
    /// Whether what stands beside a `$ref` counts, as it does since 3.1.
    siblings_count: bool,
    /// Schemas that are being lowered and make no component, to notice one that holds itself.
    in_progress: Vec<String>,
    /// References whose parts are being gathered, to notice one that is a part of itself.
    gathering: Vec<String>,
    /// How deep the schema that is being lowered stands in others.
    depth: usize,
    /// In how many lists and maps it stands, up to the next type with a name.
    nesting: usize,
    /// How many more schemas are looked at.
    visits_left: usize,
}

/// Lowers an identified document.
///
/// # Errors
///
/// [`LowerError`] with the JSON pointer of what cannot be lowered.
pub fn lower(document: &Value, report: &mut Report) -> Result<Value, LowerError> {
    let version = document
        .get("openapi")
        .map(|version| version.as_str().map_or_else(|| version.to_string(), str::to_owned));
    let version = version.unwrap_or_default();
    if !version.starts_with("3.0.") {
        report.note(&rules::VERSION, "/openapi", format!("{version} → 3.0.3"));
    }
    let mut lowering = Lowering {
        root: document,
        report,
        components: Components::new(),
        waiting: VecDeque::new(),
        siblings_count: !version.starts_with("3.0"),
        in_progress: Vec::new(),
        gathering: Vec::new(),
        depth: 0,
        nesting: 0,
        visits_left: MAX_VISITS,
    };
    lowering.report_document_keywords();
    let paths = lowering.paths()?;
    lowering.report_unreferenced();
    Ok(lowering.assembled(paths))
}

impl Lowering<'_, '_> {
    fn paths(&mut self) -> Result<Map<String, Value>, LowerError> {
        let mut paths = Map::new();
        for (path, method, operation) in operations(self.root) {
            let at = operation_pointer(path, method);
            if let Some(lowered) = self.operation(path, method, operation, &at)? {
                let item = paths.entry(path).or_insert_with(|| Value::Object(Map::new()));
                item[method] = Value::Object(lowered);
            }
            self.lower_waiting()?;
        }
        Ok(paths)
    }

    /// The whole lowered document, schemas under their names.
    fn assembled(mut self, paths: Map<String, Value>) -> Value {
        let mut lowered = json!({ "openapi": "3.0.3", "info": self.info(), "paths": paths });
        for (key, list) in [("servers", self.servers()), ("tags", self.tags())] {
            if !list.is_empty() {
                lowered[key] = Value::Array(list);
            }
        }
        if let Some(security) = self.root.as_object().and_then(|root| self.security(root, "")) {
            lowered["security"] = Value::Array(security);
        }
        let schemes = self.security_schemes();
        let Self { components, report, .. } = self;
        let (schemas, renamed) = components.into_schemas(report);
        lowered["components"] = json!({ "schemas": schemas });
        if !schemes.is_empty() {
            lowered["components"]["securitySchemes"] = Value::Object(schemes);
        }
        components::rename_references(&mut lowered, &renamed);
        components::prune(&mut lowered);
        lowered.sort_all_objects();
        lowered
    }
}
