//! The parameters of an operation.

use serde_json::{Map, Value, json};

use super::components::Direction;
use super::context::{LowerError, Lowering, Place};
use super::lowered::RUST_NAME;
use super::rules;
use crate::identify::names;
use crate::operations::is_reserved_header;
use crate::pointer;

/// What a parameter may say; `x-` extensions aside, the rest is unknown.
const KEYWORDS: [&str; 14] = [
    "name",
    "in",
    "required",
    "schema",
    "description",
    "example",
    "examples",
    "content",
    "style",
    "explode",
    "allowReserved",
    "allowEmptyValue",
    "deprecated",
    "$ref",
];

/// What the generated builder of an operation has beside its parameters: methods, and what it calls and holds while it sends.
const TAKEN: [&str; 5] = ["new", "send", "request", "header_map", "encode_path"];
/// The same where there is a body.
const TAKEN_BY_BODY: [&str; 2] = ["body", "body_map"];

/// A parameter as the document has it.
struct Written {
    at: String,
    name: String,
    location: &'static str,
    required: bool,
    members: Map<String, Value>,
}

impl Lowering<'_, '_> {
    /// The lowered parameters, or `None` where one is needed that cannot be sent.
    pub(super) fn parameters(
        &mut self,
        path: &str,
        operation: &Map<String, Value>,
        id: &str,
        at: &str,
    ) -> Result<Option<Vec<Value>>, LowerError> {
        let in_path = placeholders(path);
        let mut lowered = Vec::new();
        for parameter in self.written_parameters(path, operation, at)? {
            if let Some(why) = refusal(&parameter, &in_path) {
                let name = &parameter.name;
                self.report.note(&rules::PARAMETER_IGNORED, &parameter.at, format!("`{name}`: {why}"));
                if is_needed(&parameter) {
                    let why = format!("it requires the parameter `{name}`, and {why}");
                    self.report.note(&rules::OPERATION_LEFT_OUT, at, why);
                    return Ok(None);
                }
                continue;
            }
            lowered.push(self.parameter(&parameter, id)?);
        }
        for name in in_path {
            if !lowered.iter().any(|other| other["name"] == *name && other["in"] == "path") {
                self.report.note(&rules::PARAMETER_ADDED, at, format!("`{name}`"));
                lowered.push(
                    json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }),
                );
            }
        }
        self.make_distinct(&mut lowered, operation.contains_key("requestBody"), at);
        Ok(Some(lowered))
    }

    /// The parameters of the path and of the operation, which win, each once.
    fn written_parameters(
        &mut self,
        path: &str,
        operation: &Map<String, Value>,
        at: &str,
    ) -> Result<Vec<Written>, LowerError> {
        let item_at = pointer::child("/paths", path);
        let item = self.root["paths"][path].as_object();
        let of_item = item.map_or(&[][..], |item| self.list(item, "parameters", &item_at));
        if !of_item.is_empty() {
            self.report.note(&rules::PARAMETERS_MERGED, &item_at, "parameters of the path item");
        }
        let of_operation = self.list(operation, "parameters", at);
        let mut found: Vec<Written> = Vec::new();
        for (list, at) in [(of_item, item_at.as_str()), (of_operation, at)] {
            for (index, parameter) in list.iter().enumerate() {
                let at = format!("{at}/parameters/{index}");
                let members = self.object(parameter, &at, "a parameter")?.clone();
                let name = self.text(&members, "name", &at).unwrap_or_default().to_owned();
                let location = match self.text(&members, "in", &at) {
                    Some("path") => "path",
                    Some("query") => "query",
                    Some("header") => "header",
                    Some("cookie") => "cookie",
                    _ => "",
                };
                let required = self.flag(&members, "required", &at) == Some(true);
                found.retain(|other| !(other.name == name && other.location == location));
                found.push(Written { at, name, location, required, members });
            }
        }
        Ok(found)
    }

    fn parameter(&mut self, parameter: &Written, id: &str) -> Result<Value, LowerError> {
        let Written { at, name, location, required, members } = parameter;
        if *location == "path" && !required {
            self.report.note(&rules::PARAMETER_REQUIRED, at, format!("`{name}`"));
        }
        let schema = self.parameter_schema(members, &format!("{id} {name}"), at)?;
        let required = *required || *location == "path";
        let mut lowered = json!({ "name": name, "in": location, "required": required, "schema": schema });
        if let Some(description) = self.text(members, "description", at) {
            lowered["description"] = json!(description);
        }
        for key in members.keys() {
            if !KEYWORDS.contains(&key.as_str()) && !key.starts_with("x-") {
                self.report.note(&rules::UNKNOWN_KEYWORD, &pointer::child(at, key), format!("`{key}`"));
            }
        }
        Ok(lowered)
    }

    /// Parameters whose names would be one in Rust, or one that the builder needs, get other names there.
    fn make_distinct(&mut self, parameters: &mut [Value], has_body: bool, at: &str) {
        let mut taken = TAKEN.to_vec();
        if has_body {
            taken.extend(TAKEN_BY_BODY);
        }
        // In the path first: a name that stands in two places is best known from there.
        let place = |parameter: &Value| match parameter["in"].as_str() {
            Some("path") => 0,
            Some("query") => 1,
            _ => 2,
        };
        let name = |parameter: &Value| parameter["name"].as_str().unwrap_or_default().to_owned();
        parameters.sort_by_key(|parameter| (place(parameter), name(parameter)));
        let written: Vec<String> = parameters.iter().map(name).collect();
        let written: Vec<&str> = written.iter().map(String::as_str).collect();
        for (index, rust) in names::distinct(&written, &taken, names::parameter).into_iter().enumerate() {
            let Some(rust) = rust else { continue };
            let detail = format!("the parameter `{}` → {rust}", written[index]);
            self.report.note(&rules::RUST_NAME_DISTINCT, at, detail);
            parameters[index][RUST_NAME] = json!(rust);
        }
    }

    /// A scalar stays what it is, a list of scalars in the query too; anything else travels as JSON in a string.
    fn parameter_schema(
        &mut self,
        parameter: &Map<String, Value>,
        name: &str,
        at: &str,
    ) -> Result<Value, LowerError> {
        let text = || json!({ "type": "string" });
        let Some(schema) = parameter.get("schema").filter(|schema| !schema.is_null()) else {
            self.report.note(&rules::PARAMETER_AS_TEXT, at, "it has no schema");
            return Ok(text());
        };
        let lowered =
            not_null(self.schema(schema, &Place::new(at, Direction::Request, name).child("schema"))?);
        self.lower_waiting()?;
        let inlined = self.components.target_of(&lowered).unwrap_or(&lowered);
        let in_query = parameter.get("in").and_then(Value::as_str) == Some("query");
        let exploded = parameter.get("explode").is_none_or(|explode| explode == &Value::Bool(true));
        let form = parameter.get("style").is_none_or(|style| style == "form");
        let items = inlined.get("items").map(|items| self.components.target_of(items).unwrap_or(items));
        let list = in_query && exploded && form && items.is_some_and(is_scalar);
        if is_scalar(inlined) {
            return Ok(lowered);
        }
        if list {
            let mut lowered = lowered;
            lowered["items"] = not_null(lowered["items"].take());
            return Ok(lowered);
        }
        let why = if inlined.get("$ref").is_some() {
            "its type is hand-written, for bodies and responses"
        } else {
            "its schema is not a scalar"
        };
        self.report.note(&rules::PARAMETER_AS_TEXT, at, why);
        Ok(text())
    }
}

/// Why a parameter cannot be sent.
fn refusal(parameter: &Written, in_path: &[&str]) -> Option<&'static str> {
    let name = parameter.name.as_str();
    match parameter.location {
        _ if name.is_empty() => Some("it has no name"),
        "path" if !in_path.contains(&name) => Some("the path does not name it"),
        "header" if is_reserved_header(name) => {
            Some("OpenAPI has tools ignore a header parameter of this name; the security scheme says it")
        }
        "header" if !is_header_name(name) => Some("it is not the name of an HTTP header"),
        "path" | "query" | "header" => None,
        "cookie" => Some("the generator does not send cookies"),
        _ => Some("it does not say where it is sent"),
    }
}

/// Whether the operation is refused without a parameter that cannot be sent.
fn is_needed(parameter: &Written) -> bool {
    let said_elsewhere = parameter.location == "header" && is_reserved_header(&parameter.name);
    parameter.required && parameter.location != "path" && !parameter.name.is_empty() && !said_elsewhere
}

/// The schema without null, which no URL and no header can hold.
fn not_null(mut schema: Value) -> Value {
    if let Some(members) = schema.as_object_mut() {
        members.remove("nullable");
    }
    schema
}

fn is_scalar(schema: &Value) -> bool {
    matches!(schema.get("type").and_then(Value::as_str), Some("string" | "integer" | "number" | "boolean"))
}

/// The names in braces of a path, each once.
fn placeholders(path: &str) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for part in path.split('{').skip(1) {
        if let Some((name, _)) = part.split_once('}')
            && !names.contains(&name)
        {
            names.push(name);
        }
    }
    names
}

/// Why the generator cannot make a URL of a path.
pub(super) fn path_fault(path: &str) -> Option<&'static str> {
    if path.contains("//") {
        return Some("its path has two slashes in a row, of which the generator makes one");
    }
    let mut name: Option<usize> = None;
    for character in path.chars() {
        match (character, name) {
            ('{', None) => name = Some(0),
            ('}', Some(1..)) => name = None,
            ('{' | '}', _) | ('/', Some(_)) => return Some("the braces in its path name no parameter"),
            (_, Some(length)) => name = Some(length + 1),
            (_, None) => {}
        }
    }
    name.map(|_| "a brace in its path does not close")
}

fn is_header_name(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}
