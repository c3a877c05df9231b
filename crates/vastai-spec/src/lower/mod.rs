//! The fourth step: OpenAPI 3.1 to the 3.0.3 that the generator takes, and what the generator cannot take.
//!
//! Every change is the application of a named rule ([`RULES`]) and stands in the report. Responses are made robust (nothing
//! is required, everything may be null, enums are open, unknown fields are kept); requests stay as strict as the document is.
//!
//! Every object, union and enum becomes a component of the lowered document, with a name that is chosen here: what is
//! the same has one name, and the order of the document has no say in it.

mod components;
mod context;
mod document;
mod lowered;
mod malformed;
mod marked;
mod named_types;
mod operation;
mod parameter;
mod rules;
mod schema;
mod security;

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use crate::identify::{operation_pointer, operations};
use crate::report::Report;
use context::Lowering;

pub use context::LowerError;
pub use lowered::{ERROR_COMPONENT, HAND_WRITTEN};
#[cfg(feature = "generate")]
pub(crate) use lowered::{
    KEPT, NEVER_MISSING, RUST_NAME, RUST_NAMES, SECRET, TRIMMED, WORD_FOR_NOTHING, WORDS, kept_types,
    reached_from,
};
pub use rules::ALL as RULES;

/// Lowers an identified document. One that is given away is not copied.
///
/// # Errors
///
/// [`LowerError`] with the JSON pointer of what cannot be lowered.
pub fn lower(document: Cow<'_, Value>, report: &mut Report) -> Result<Value, LowerError> {
    let document = &*named_types::with_named_types(document, report);
    let version = document
        .get("openapi")
        .map(|version| version.as_str().map_or_else(|| version.to_string(), str::to_owned));
    let version = version.unwrap_or_default();
    if !version.starts_with("3.0.") {
        report.note(&rules::VERSION, "/openapi", format!("{version} → 3.0.3"));
    }
    let siblings_count = !version.starts_with("3.0");
    let mut lowering = Lowering::new(document, report, siblings_count, schema::lower);
    lowering.report_document_keywords();
    let paths = lowering.paths()?;
    marked::reach_kept_types(&mut lowering);
    lowering.lower_waiting()?;
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
        // Moved in, where `json!` would copy them.
        let mut lowered = json!({ "openapi": "3.0.3", "info": self.info() });
        lowered["paths"] = Value::Object(paths);
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
        lowered["components"]["schemas"] = Value::Object(schemas);
        if !schemes.is_empty() {
            lowered["components"]["securitySchemes"] = Value::Object(schemes);
        }
        lowered::rename_references(&mut lowered, &renamed);
        lowered::prune(&mut lowered);
        lowered.sort_all_objects();
        lowered
    }
}
