//! The fourth step: OpenAPI 3.1 to the 3.0.3 that the generator takes, and what the generator cannot take.
//!
//! Every change is the application of a named rule ([`RULES`]) and stands in the report. Responses are made robust (nothing
//! is required, everything may be null, enums are open, unknown members are kept); requests stay as strict as the document is.
//!
//! Every object, union and enum becomes a component of the lowered document, with a name that is chosen here: what is
//! the same has one name, and the order of the document has no say in it.

mod components;
mod operation;
mod rules;
mod schema;

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::identify::{operation_pointer, operations};
use crate::pointer;
use crate::report::Report;
use components::Components;

#[cfg(feature = "generate")]
pub(crate) use components::reached_from;
pub use rules::ALL as RULES;

/// The component that every failure of every operation is: the hand-written error type of the generated crate.
pub const ERROR_COMPONENT: &str = "Error";

/// Components whose Rust type is hand-written in the generated crate, where no schema says what the type does.
pub const HAND_WRITTEN: [&str; 2] = ["WireInteger", "WireNumber"];

/// What no rule can put into OpenAPI 3.0.3.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LowerError {
    /// A reference to another document.
    #[error(
        "{pointer}: the reference `{reference}` leaves the document; bundle the document into one file first"
    )]
    ExternalReference {
        /// Where it stands.
        pointer: String,
        /// What it says.
        reference: String,
    },
    /// A reference to nothing.
    #[error("{pointer}: the reference `{reference}` points to nothing in the document")]
    DanglingReference {
        /// Where it stands.
        pointer: String,
        /// What it says.
        reference: String,
    },
    /// Something that is not what OpenAPI has in this place.
    #[error("{pointer}: {expected} is expected here")]
    Malformed {
        /// Where it stands.
        pointer: String,
        /// What should stand there.
        expected: &'static str,
    },
}

/// Which way a schema travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Direction {
    /// From the client to the service: strict.
    Request,
    /// From the service to the client: robust.
    Response,
}

/// One run of the lowering.
struct Lowering<'document, 'report> {
    root: &'document Value,
    report: &'report mut Report,
    components: Components,
    /// Whether what stands beside a `$ref` counts, as it does since 3.1.
    siblings_count: bool,
    /// Merged schemas that are being lowered, to notice one that holds itself.
    in_progress: Vec<String>,
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
        siblings_count: !version.starts_with("3.0"),
        in_progress: Vec::new(),
    };
    lowering.report_document_keywords();
    let mut paths = Map::new();
    for (path, method, operation) in operations(document) {
        let at = operation_pointer(path, method);
        if let Some(lowered) = lowering.operation(path, operation, &at)? {
            let item = paths.entry(path).or_insert_with(|| Value::Object(Map::new()));
            item[method] = Value::Object(lowered);
        }
    }
    lowering.report_unreferenced();
    let info = lowering.info();
    let mut lowered = Map::new();
    lowered.insert("openapi".to_owned(), json!("3.0.3"));
    lowered.insert("info".to_owned(), info);
    for (key, value) in [("servers", lowering.servers()), ("tags", lowering.tags())] {
        if let Some(value) = value {
            lowered.insert(key.to_owned(), value);
        }
    }
    if let Some(security @ Value::Array(_)) = document.get("security") {
        lowered.insert("security".to_owned(), security.clone());
    }
    lowered.insert("paths".to_owned(), Value::Object(paths));
    let schemes = lowering.security_schemes();
    let Lowering { components, report, .. } = lowering;
    let (schemas, renamed) = components.into_schemas(report);
    lowered.insert("components".to_owned(), json!({ "schemas": schemas }));
    if !schemes.is_empty() {
        lowered["components"]["securitySchemes"] = Value::Object(schemes);
    }
    let mut lowered = Value::Object(lowered);
    components::rename_references(&mut lowered, &renamed);
    components::prune(&mut lowered);
    lowered.sort_all_objects();
    Ok(lowered)
}

impl Lowering<'_, '_> {
    fn report_document_keywords(&mut self) {
        const KNOWN: [&str; 7] = ["openapi", "info", "servers", "paths", "components", "security", "tags"];
        const NO_USE: [&str; 5] = ["webhooks", "jsonSchemaDialect", "externalDocs", "$self", "$schema"];
        for key in self.root.as_object().into_iter().flat_map(Map::keys) {
            if KNOWN.contains(&key.as_str()) {
                continue;
            }
            let rule = if NO_USE.contains(&key.as_str()) || key.starts_with("x-") {
                &rules::DOCUMENT_KEYWORD
            } else {
                &rules::UNKNOWN_KEYWORD
            };
            self.report.note(rule, &pointer::child("", key), format!("`{key}`"));
        }
        const COMPONENTS: [&str; 7] = [
            "schemas",
            "responses",
            "parameters",
            "requestBodies",
            "securitySchemes",
            "pathItems",
            "headers",
        ];
        for key in self.root["components"].as_object().into_iter().flat_map(Map::keys) {
            if !COMPONENTS.contains(&key.as_str()) {
                self.report.note(
                    &rules::DOCUMENT_KEYWORD,
                    &pointer::child("/components", key),
                    format!("`{key}`"),
                );
            }
        }
    }

    fn report_unreferenced(&mut self) {
        let reached: BTreeSet<&str> = self.components.reached().collect();
        let mut unreferenced = Vec::new();
        for name in self.root["components"]["schemas"].as_object().into_iter().flat_map(Map::keys) {
            let at = pointer::child("/components/schemas", name);
            if !reached.contains(at.as_str()) {
                unreferenced.push(at);
            }
        }
        for at in unreferenced {
            self.report.note(&rules::UNREFERENCED, &at, format!("`{}`", pointer::last_token(&at)));
        }
    }

    fn info(&mut self) -> Value {
        let written = &self.root["info"];
        let mut info = Map::new();
        for (key, fallback) in [("title", "API"), ("version", "0")] {
            let text = match written.get(key) {
                Some(Value::String(text)) => text.clone(),
                Some(Value::Number(number)) => number.to_string(),
                _ => String::new(),
            };
            // The version is sent as a header, and a title is one line of documentation.
            let clean: String = text.chars().filter(|character| matches!(character, ' '..='~')).collect();
            let clean = if clean.trim().is_empty() { fallback.to_owned() } else { clean };
            if written.get(key).and_then(Value::as_str) != Some(clean.as_str()) {
                self.report.note(
                    &rules::INFO_REPAIRED,
                    &pointer::child("/info", key),
                    format!("→ `{clean}`"),
                );
            }
            info.insert(key.to_owned(), Value::String(clean));
        }
        for (key, value) in written.as_object().into_iter().flatten() {
            match (key.as_str(), value) {
                ("title" | "version", _) => {}
                ("description", Value::String(_)) => drop(info.insert(key.clone(), value.clone())),
                _ => self.report.note(
                    &rules::DOCUMENT_KEYWORD,
                    &pointer::child("/info", key),
                    format!("`{key}`"),
                ),
            }
        }
        Value::Object(info)
    }

    fn servers(&self) -> Option<Value> {
        let servers = self
            .root
            .get("servers")?
            .as_array()?
            .iter()
            .filter_map(|server| Some(json!({ "url": server.get("url")?.as_str()? })));
        Some(Value::Array(servers.collect()))
    }

    fn tags(&self) -> Option<Value> {
        let tags = self.root.get("tags")?.as_array()?.iter().filter_map(|tag| {
            let mut lowered = json!({ "name": tag.get("name")?.as_str()? });
            if let Some(Value::String(description)) = tag.get("description") {
                lowered["description"] = json!(description);
            }
            Some(lowered)
        });
        Some(Value::Array(tags.collect()))
    }

    fn security_schemes(&mut self) -> Map<String, Value> {
        let mut schemes = Map::new();
        for (name, scheme) in self.root["components"]["securitySchemes"].as_object().into_iter().flatten() {
            match scheme.get("type").and_then(Value::as_str) {
                Some("http" | "apiKey" | "oauth2" | "openIdConnect") => {
                    drop(schemes.insert(name.clone(), scheme.clone()))
                }
                other => {
                    let at = pointer::child("/components/securitySchemes", name);
                    self.report.note(&rules::SECURITY_SCHEME, &at, format!("{other:?}"));
                }
            }
        }
        schemes
    }
}
