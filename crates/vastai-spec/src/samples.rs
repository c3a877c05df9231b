//! A request and a response for every operation, from the document's examples.
//!
//! Where the document gives no example, one is made that keeps to the schema: for tests, and for a simulator that must say something.

use serde_json::{Map, Value, json};

use crate::filled::filled;
use crate::identify::{operation_pointer, operations};
use crate::operations::is_reserved_header;
use crate::pointer::resolved;

/// How deep an example is made; what is deeper is left out.
const MAX_DEPTH: usize = 12;

/// A request of an operation and a response to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// The operationId.
    pub operation: String,
    /// Parameters as location (`path`, `query`, `header`), name and value.
    pub parameters: Vec<(String, String, Value)>,
    /// The JSON body, where the operation takes one.
    pub body: Option<Value>,
    /// The JSON of a successful response, where it has some.
    pub response: Option<Value>,
}

/// The samples of an identified document, in the order of paths and methods.
#[must_use]
pub fn of(document: &Value) -> Vec<Sample> {
    let made = operations(document).map(|(path, method, operation)| {
        let item = document["paths"][path].get("parameters");
        let mut parameters: Vec<(String, String, Value)> = Vec::new();
        for parameter in
            [item, operation.get("parameters")].into_iter().flatten().filter_map(Value::as_array).flatten()
        {
            let parameter = resolved(document, parameter);
            let text = |key: &str| parameter.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
            let (location, name) = (text("in"), text("name"));
            if !matches!(location.as_str(), "path" | "query" | "header") || is_reserved_header(&name) {
                continue;
            }
            let value = parameter.get("example").cloned();
            let value = value
                .or_else(|| Some(example(document, parameter.get("schema")?, 0)))
                .unwrap_or_else(|| json!("x"));
            parameters.retain(|(_, present, _)| *present != name);
            parameters.push((location, name, value));
        }
        let body = operation.get("requestBody").map(|body| resolved(document, body));
        let response = operation.get("responses").and_then(Value::as_object).and_then(|responses| {
            let success = responses
                .iter()
                .find(|(status, _)| status.starts_with('2'))
                .or_else(|| responses.get_key_value("default"));
            Some(resolved(document, success?.1))
        });
        Sample {
            operation: operation
                .get("operationId")
                .and_then(Value::as_str)
                .unwrap_or(&operation_pointer(path, method))
                .to_owned(),
            parameters,
            body: body.and_then(|body| in_content(document, body)),
            response: response.and_then(|response| in_content(document, response)),
        }
    });
    made.collect()
}

/// The example of the JSON in a body or a response.
fn in_content(document: &Value, holder: &Value) -> Option<Value> {
    let content = holder.get("content")?.as_object()?;
    let (_, media_type) =
        content.iter().find(|(media_type, _)| media_type.starts_with("application/json"))?;
    let written = media_type
        .get("example")
        .or_else(|| media_type.get("examples")?.as_object()?.values().next()?.get("value"));
    Some(
        written
            .cloned()
            .unwrap_or_else(|| example(document, media_type.get("schema").unwrap_or(&Value::Null), 0)),
    )
}

/// A value of a schema: the example that it gives, else one that is put together from its parts.
#[must_use]
pub fn example(document: &Value, schema: &Value, depth: usize) -> Value {
    let schema = resolved(document, schema);
    let Some(members) = schema.as_object().filter(|_| depth < MAX_DEPTH) else { return Value::Null };
    let list = |key: &str| members.get(key).and_then(Value::as_array).filter(|list| !list.is_empty());
    if let Some(given) =
        members.get("example").or_else(|| list("examples")?.first()).or_else(|| members.get("const"))
    {
        return given.clone();
    }
    if let Some(value) = list("enum")
        .and_then(|values| values.first())
        .or_else(|| members.get("default").filter(|it| !it.is_null()))
    {
        return value.clone();
    }
    if let Some(parts) = list("allOf") {
        let mut whole = match object(document, members, depth) {
            Value::Object(own) => own,
            _ => Map::new(),
        };
        for part in parts {
            match example(document, part, depth + 1) {
                Value::Object(part) => whole.extend(part),
                other if whole.is_empty() => return other,
                _ => {}
            }
        }
        return Value::Object(whole);
    }
    let variant = list("oneOf").or_else(|| list("anyOf"));
    if let Some(variant) = variant
        .and_then(|variants| variants.iter().find(|variant| variant.get("type") != Some(&json!("null"))))
    {
        return example(document, variant, depth + 1);
    }
    let kind = match members.get("type") {
        Some(Value::String(kind)) => kind.as_str(),
        Some(Value::Array(kinds)) => {
            kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or("null")
        }
        _ if members.contains_key("properties") => "object",
        _ if members.contains_key("items") => "array",
        _ => "null",
    };
    match kind {
        "object" => object(document, members, depth),
        "array" => {
            let least = members
                .get("minItems")
                .and_then(Value::as_u64)
                .and_then(|least| usize::try_from(least).ok())
                .unwrap_or(1);
            let item = example(document, members.get("items").unwrap_or(&Value::Null), depth + 1);
            Value::Array(vec![item; least.clamp(1, 16)])
        }
        "string" => json!("x".repeat(shortest(members))),
        "integer" => json!(members.get("minimum").and_then(Value::as_i64).unwrap_or(1).max(1)),
        "number" => json!(members.get("minimum").and_then(Value::as_f64).unwrap_or(1.5).max(0.5)),
        "boolean" => json!(true),
        _ => Value::Null,
    }
}

fn shortest(members: &Map<String, Value>) -> usize {
    members
        .get("minLength")
        .and_then(Value::as_u64)
        .and_then(|length| usize::try_from(length).ok())
        .unwrap_or(1)
        .clamp(1, 1024)
}

fn object(document: &Value, members: &Map<String, Value>, depth: usize) -> Value {
    let properties = members.get("properties").and_then(Value::as_object);
    let made = properties
        .into_iter()
        .flatten()
        .map(|(name, schema)| (name.clone(), example(document, schema, depth + 1)));
    // What is too deep came back as null, which says nothing.
    Value::Object(filled(made.filter(|(_, value)| depth + 1 < MAX_DEPTH || !value.is_null())))
}
