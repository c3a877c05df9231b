//! Real documents, changed in one place at a time: each change is found, where it is, and with the level that the change itself says.
//!
//! What a change means is stated beside it, in terms of what may be sent before and after, and not in terms of the rules.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use vastai_spec::diff::Level::{self, Breaking as B, Compatible as C, Docs as D};
use vastai_spec::diff::{Diff, Side};

use crate::documents;

/// What a change means in a request and in a response, and what it means to take it back.
struct Meaning {
    request: Level,
    response: Level,
    request_back: Level,
    response_back: Level,
}

const fn meaning(request: Level, response: Level, request_back: Level, response_back: Level) -> Meaning {
    Meaning { request, response, request_back, response_back }
}

/// Fewer values may be sent.
const LESS: Meaning = meaning(B, C, C, B);
/// More values may be sent.
const MORE: Meaning = meaning(C, B, B, C);
/// Other values, or the same ones that mean something else.
const OTHER: Meaning = meaning(B, B, B, B);
/// The values are the same, and something is said about them.
const REMARK: Meaning = meaning(C, C, C, C);

type Members = Map<String, Value>;

/// A change of a schema, where it can be made.
struct Mutation {
    name: &'static str,
    meaning: Meaning,
    apply: fn(&mut Members) -> Option<()>,
}

fn is(schema: &Members, name: &str) -> bool {
    schema.get("type").is_some_and(|value| value == name || *value == json!([name, "null"]))
}

/// A scalar of which nothing else is said.
fn is_plain(schema: &Members, name: &str) -> bool {
    let bare =
        ["enum", "format", "default", "minimum", "maximum", "exclusiveMinimum", "maxLength", "minLength"];
    schema.get("type") == Some(&json!(name))
        && !schema.contains_key("nullable")
        && bare.iter().all(|key| !schema.contains_key(*key))
}

fn is_union(schema: &Members) -> bool {
    ["oneOf", "anyOf", "allOf", "$ref"].iter().any(|key| schema.contains_key(*key))
}

fn when(holds: bool) -> Option<()> {
    holds.then_some(())
}

/// Sets a keyword that is not there yet.
fn set(schema: &mut Members, key: &str, value: Value) -> Option<()> {
    when(schema.insert(key.to_owned(), value).is_none())
}

fn optional_property(schema: &Members) -> Option<String> {
    let required = schema.get("required").and_then(Value::as_array);
    let properties = schema.get("properties")?.as_object()?;
    let is_optional = |name: &&String| required.is_none_or(|names| !names.contains(&json!(name)));
    // What refers elsewhere or is read in one direction only is changed by changes of its own.
    let is_simple = |name: &&String| properties[*name].get("type").is_some();
    properties.keys().filter(is_optional).find(is_simple).cloned()
}

fn required_property(schema: &Members) -> Option<String> {
    let name = schema.get("required")?.as_array()?.first()?.as_str()?;
    schema.get("properties")?.get(name).map(|_| name.to_owned())
}

fn list<'a>(schema: &'a mut Members, key: &str) -> Option<&'a mut Vec<Value>> {
    schema.get_mut(key)?.as_array_mut()
}

fn properties(schema: &mut Members) -> Option<&mut Members> {
    schema.get_mut("properties")?.as_object_mut()
}

const MUTATIONS: &[Mutation] = &[
    Mutation {
        name: "another type",
        meaning: OTHER,
        apply: |s| {
            when(is_plain(s, "string"))?;
            s.insert("type".into(), json!("boolean"));
            Some(())
        },
    },
    Mutation {
        name: "an object becomes an array",
        meaning: OTHER,
        apply: |s| {
            when(is(s, "object") && !s.contains_key("enum"))?;
            *s = json!({ "type": "array" }).as_object()?.clone();
            Some(())
        },
    },
    Mutation {
        name: "any number instead of an integer",
        meaning: MORE,
        apply: |s| {
            when(is_plain(s, "integer"))?;
            s.insert("type".into(), json!("number"));
            Some(())
        },
    },
    Mutation {
        name: "an integer instead of any number",
        meaning: LESS,
        apply: |s| {
            when(is_plain(s, "number"))?;
            s.insert("type".into(), json!("integer"));
            Some(())
        },
    },
    Mutation {
        name: "one more type",
        meaning: MORE,
        apply: |s| {
            when(is_plain(s, "integer"))?;
            s.insert("type".into(), json!(["integer", "string"]));
            Some(())
        },
    },
    Mutation {
        name: "any type",
        meaning: MORE,
        apply: |s| {
            when(is_plain(s, "string") || is_plain(s, "boolean"))?;
            s.remove("type").map(drop)
        },
    },
    Mutation {
        name: "null too",
        meaning: MORE,
        apply: |s| {
            let name = s.get("type")?.as_str()?.to_owned();
            when(!s.contains_key("nullable") && name != "null" && !s.contains_key("enum"))?;
            s.insert("type".into(), json!([name, "null"]));
            Some(())
        },
    },
    Mutation {
        name: "nullable",
        meaning: MORE,
        apply: |s| {
            when(s.get("type").is_some_and(Value::is_string) && !s.contains_key("nullable"))?;
            set(s, "nullable", json!(true))
        },
    },
    Mutation {
        name: "null no more",
        meaning: LESS,
        apply: |s| {
            when(
                s.get("type").is_some_and(|names| {
                    names.as_array().is_some_and(|names| names.contains(&json!("null")))
                }),
            )?;
            list(s, "type")?.retain(|name| name != "null");
            Some(())
        },
    },
    Mutation {
        name: "one more value",
        meaning: MORE,
        apply: |s| {
            when(is(s, "string"))?;
            list(s, "enum")?.push(json!("a value that was not there"));
            Some(())
        },
    },
    Mutation {
        name: "one value fewer",
        meaning: LESS,
        apply: |s| {
            let values = list(s, "enum")?;
            when(values.len() > 1)?;
            values.pop().map(drop)
        },
    },
    Mutation {
        name: "any value",
        meaning: MORE,
        apply: |s| {
            when(s.contains_key("type"))?;
            s.remove("enum").map(drop)
        },
    },
    Mutation {
        name: "two values",
        meaning: LESS,
        apply: |s| {
            when(is_plain(s, "string"))?;
            set(s, "enum", json!(["one", "two"]))
        },
    },
    Mutation {
        name: "one value",
        meaning: LESS,
        apply: |s| {
            when(is_plain(s, "integer"))?;
            set(s, "const", json!(1))
        },
    },
    Mutation {
        name: "a format",
        meaning: LESS,
        apply: |s| {
            when(is(s, "string") && !s.contains_key("enum"))?;
            set(s, "format", json!("date-time"))
        },
    },
    Mutation { name: "no format", meaning: MORE, apply: |s| s.remove("format").map(drop) },
    Mutation {
        name: "another format",
        meaning: OTHER,
        apply: |s| s.insert("format".into(), json!("hostname")).map(drop),
    },
    Mutation {
        name: "a maximum",
        meaning: LESS,
        apply: |s| {
            when(is_plain(s, "integer") || is_plain(s, "number"))?;
            set(s, "maximum", json!(1000))
        },
    },
    Mutation {
        name: "an exclusive minimum",
        meaning: LESS,
        apply: |s| {
            when(is_plain(s, "integer") || is_plain(s, "number"))?;
            set(s, "exclusiveMinimum", json!(0))
        },
    },
    Mutation { name: "no minimum", meaning: MORE, apply: |s| s.remove("minimum").map(drop) },
    Mutation { name: "no maximum", meaning: MORE, apply: |s| s.remove("maximum").map(drop) },
    Mutation {
        name: "a higher minimum",
        meaning: LESS,
        apply: |s| {
            let minimum = s.get("minimum")?.as_f64()?;
            s.insert("minimum".into(), json!(minimum + 0.5)).map(drop)
        },
    },
    Mutation {
        name: "a higher maximum",
        meaning: MORE,
        apply: |s| {
            let maximum = s.get("maximum")?.as_f64()?;
            s.insert("maximum".into(), json!(maximum + 1.0)).map(drop)
        },
    },
    Mutation {
        name: "a longest length",
        meaning: LESS,
        apply: |s| {
            when(is(s, "string"))?;
            set(s, "maxLength", json!(10))
        },
    },
    Mutation {
        name: "a shortest length",
        meaning: LESS,
        apply: |s| {
            when(is(s, "string"))?;
            set(s, "minLength", json!(2))
        },
    },
    Mutation {
        name: "no lengths",
        meaning: MORE,
        apply: |s| s.remove("maxLength").or(s.remove("minLength")).map(drop),
    },
    Mutation {
        name: "a pattern",
        meaning: LESS,
        apply: |s| {
            when(is(s, "string"))?;
            set(s, "pattern", json!("^a"))
        },
    },
    Mutation {
        name: "multiples",
        meaning: LESS,
        apply: |s| {
            when(is(s, "integer"))?;
            set(s, "multipleOf", json!(3))
        },
    },
    Mutation {
        name: "most elements",
        meaning: LESS,
        apply: |s| {
            when(is(s, "array"))?;
            set(s, "maxItems", json!(5))
        },
    },
    Mutation {
        name: "least elements",
        meaning: LESS,
        apply: |s| {
            when(is(s, "array"))?;
            set(s, "minItems", json!(5))
        },
    },
    Mutation {
        name: "no element twice",
        meaning: LESS,
        apply: |s| {
            when(is(s, "array"))?;
            set(s, "uniqueItems", json!(true))
        },
    },
    Mutation {
        name: "any elements",
        meaning: MORE,
        apply: |s| {
            when(
                s.get("items")?
                    .as_object()
                    .is_some_and(|items| items.contains_key("type") || items.contains_key("$ref")),
            )?;
            s.remove("items").map(drop)
        },
    },
    Mutation {
        name: "an element of a kind",
        meaning: LESS,
        apply: |s| {
            when(is(s, "array"))?;
            set(s, "contains", json!({ "const": 1 }))
        },
    },
    Mutation {
        name: "elements by position",
        meaning: OTHER,
        apply: |s| {
            when(is(s, "array"))?;
            set(s, "prefixItems", json!([{ "type": "string" }]))
        },
    },
    Mutation {
        name: "an optional property more",
        meaning: meaning(C, C, B, B),
        apply: |s| set(properties(s)?, "a property that was not there", json!({ "type": "string" })),
    },
    Mutation {
        name: "a required property more",
        meaning: meaning(B, C, B, B),
        apply: |s| {
            set(properties(s)?, "a property that was not there", json!({ "type": "string" }))?;
            let required = s.entry("required").or_insert_with(|| json!([]));
            required.as_array_mut()?.push(json!("a property that was not there"));
            Some(())
        },
    },
    Mutation {
        name: "an optional property fewer",
        meaning: meaning(B, B, C, C),
        apply: |s| {
            let name = optional_property(s)?;
            properties(s)?.remove(&name).map(drop)
        },
    },
    Mutation {
        name: "a required property fewer",
        meaning: meaning(B, B, B, C),
        apply: |s| {
            let name = required_property(s)?;
            properties(s)?.remove(&name)?;
            list(s, "required")?.retain(|required| *required != json!(name));
            Some(())
        },
    },
    Mutation {
        name: "an optional property is required",
        meaning: LESS,
        apply: |s| {
            let name = optional_property(s)?;
            s.entry("required").or_insert_with(|| json!([])).as_array_mut()?.push(json!(name));
            Some(())
        },
    },
    Mutation {
        name: "a required property is optional",
        meaning: MORE,
        apply: |s| {
            let name = required_property(s)?;
            list(s, "required")?.retain(|required| *required != json!(name));
            Some(())
        },
    },
    Mutation {
        name: "a property is only read",
        meaning: meaning(B, C, C, C),
        apply: |s| {
            let name = optional_property(s)?;
            properties(s)?.get_mut(&name)?.as_object_mut()?.insert("readOnly".into(), json!(true));
            Some(())
        },
    },
    Mutation {
        name: "a property is only written",
        meaning: meaning(C, B, C, C),
        apply: |s| {
            let name = optional_property(s)?;
            properties(s)?.get_mut(&name)?.as_object_mut()?.insert("writeOnly".into(), json!(true));
            Some(())
        },
    },
    Mutation {
        name: "no other properties",
        meaning: LESS,
        apply: |s| {
            when(is(s, "object"))?;
            set(s, "additionalProperties", json!(false))
        },
    },
    Mutation {
        name: "other properties of a kind",
        meaning: LESS,
        apply: |s| {
            when(is(s, "object"))?;
            set(s, "additionalProperties", json!({ "type": "integer" }))
        },
    },
    Mutation {
        name: "properties by pattern",
        meaning: LESS,
        apply: |s| {
            when(is(s, "object"))?;
            set(s, "patternProperties", json!({ "^x": { "type": "integer" } }))
        },
    },
    Mutation {
        name: "names of properties",
        meaning: LESS,
        apply: |s| {
            when(is(s, "object"))?;
            set(s, "propertyNames", json!({ "maxLength": 30 }))
        },
    },
    Mutation {
        name: "one property asks for another",
        meaning: LESS,
        apply: |s| {
            when(is(s, "object"))?;
            set(s, "dependentRequired", json!({ "a": ["b"] }))
        },
    },
    Mutation {
        name: "nothing unevaluated",
        meaning: LESS,
        apply: |s| {
            when(is(s, "object"))?;
            set(s, "unevaluatedProperties", json!(false))
        },
    },
    Mutation {
        name: "a condition",
        meaning: LESS,
        apply: |s| {
            when(is(s, "object"))?;
            set(s, "if", json!({ "required": ["a"] }))?;
            set(s, "then", json!({ "required": ["b"] }))
        },
    },
    Mutation {
        name: "an exclusion",
        meaning: LESS,
        apply: |s| {
            when(s.contains_key("type"))?;
            set(s, "not", json!({ "enum": ["a"] }))
        },
    },
    Mutation {
        name: "a discriminator",
        meaning: LESS,
        apply: |s| {
            when(is(s, "object"))?;
            set(s, "discriminator", json!({ "propertyName": "kind" }))
        },
    },
    Mutation {
        name: "one more alternative",
        meaning: MORE,
        apply: |s| {
            when(is(s, "object") && !is_union(s))?;
            let schema = Value::Object(std::mem::take(s));
            *s = json!({ "oneOf": [schema, { "type": "integer" }] }).as_object()?.clone();
            Some(())
        },
    },
    Mutation {
        name: "an alternative fewer",
        meaning: LESS,
        apply: |s| {
            let key = if s.contains_key("oneOf") { "oneOf" } else { "anyOf" };
            let variants = list(s, key)?;
            when(
                variants.len() > 1
                    && variants.iter().all(|variant| variant.get("type") != Some(&json!("null"))),
            )?;
            variants.pop().map(drop)
        },
    },
    Mutation {
        name: "a part of an allOf more",
        meaning: LESS,
        apply: |s| {
            list(s, "allOf")?.push(json!({ "maxProperties": 3 }));
            Some(())
        },
    },
    Mutation {
        name: "a default",
        meaning: meaning(C, C, B, B),
        apply: |s| {
            when(is_plain(s, "string"))?;
            set(s, "default", json!("a"))
        },
    },
    Mutation {
        name: "another default",
        meaning: OTHER,
        apply: |s| s.insert("default".into(), json!("a default that was not there")).map(drop),
    },
    Mutation { name: "no default", meaning: meaning(B, B, C, C), apply: |s| s.remove("default").map(drop) },
    Mutation { name: "deprecated", meaning: REMARK, apply: |s| set(s, "deprecated", json!(true)) },
    Mutation {
        name: "an encoding of a string",
        meaning: OTHER,
        apply: |s| {
            when(is(s, "string"))?;
            set(s, "contentEncoding", json!("base64"))
        },
    },
    Mutation { name: "a name in XML", meaning: OTHER, apply: |s| set(s, "xml", json!({ "name": "a" })) },
    Mutation { name: "an extension", meaning: REMARK, apply: |s| set(s, "x-units", json!("GB")) },
    Mutation {
        name: "a keyword that nobody knows",
        meaning: OTHER,
        apply: |s| set(s, "unheardOf", json!(1)),
    },
    Mutation {
        name: "another description",
        meaning: meaning(D, D, D, D),
        apply: |s| {
            s.insert("description".into(), json!("Something else."));
            Some(())
        },
    },
    Mutation {
        name: "another example",
        meaning: meaning(D, D, D, D),
        apply: |s| {
            s.insert("example".into(), json!("something else"));
            Some(())
        },
    },
];

/// A change of an operation, where it can be made: what it means to make it and to take it back.
struct OperationMutation {
    name: &'static str,
    made: Level,
    back: Level,
    apply: fn(&mut Members) -> Option<()>,
}

fn parameter(operation: &mut Members, fits: impl Fn(&Members) -> bool) -> Option<&mut Members> {
    list(operation, "parameters")?
        .iter_mut()
        .filter_map(Value::as_object_mut)
        .find(|parameter| fits(parameter))
}

fn is_query(parameter: &Members) -> bool {
    parameter.get("in") == Some(&json!("query"))
}

fn is_required(members: &Members) -> bool {
    members.get("required") == Some(&json!(true))
}

fn body(operation: &mut Members) -> Option<&mut Members> {
    operation.get_mut("requestBody")?.as_object_mut().filter(|body| body.contains_key("content"))
}

fn content(of: &mut Members) -> Option<&mut Members> {
    of.get_mut("content")?.as_object_mut()
}

fn success(operation: &mut Members) -> Option<&mut Members> {
    operation
        .get_mut("responses")?
        .get_mut("200")?
        .as_object_mut()
        .filter(|response| response.contains_key("content"))
}

fn new_parameter(operation: &mut Members, required: bool) -> Option<()> {
    let parameters = operation.entry("parameters").or_insert_with(|| json!([])).as_array_mut()?;
    parameters
        .push(json!({ "name": "new", "in": "query", "required": required, "schema": { "type": "string" } }));
    Some(())
}

const OPERATION_MUTATIONS: &[OperationMutation] = &[
    OperationMutation {
        name: "an optional parameter more",
        made: C,
        back: B,
        apply: |o| new_parameter(o, false),
    },
    OperationMutation {
        name: "a required parameter more",
        made: B,
        back: B,
        apply: |o| new_parameter(o, true),
    },
    OperationMutation {
        name: "an optional parameter fewer",
        made: B,
        back: C,
        apply: |o| {
            let parameters = list(o, "parameters")?;
            let index = parameters
                .iter()
                .position(|p| p.as_object().is_some_and(|p| is_query(p) && !is_required(p)))?;
            parameters.remove(index);
            Some(())
        },
    },
    OperationMutation {
        name: "an optional parameter is required",
        made: B,
        back: C,
        apply: |o| {
            parameter(o, |p| is_query(p) && !is_required(p))?.insert("required".into(), json!(true));
            Some(())
        },
    },
    OperationMutation {
        name: "a required parameter is optional",
        made: C,
        back: B,
        apply: |o| parameter(o, |p| is_query(p) && is_required(p))?.remove("required").map(drop),
    },
    OperationMutation {
        name: "a parameter goes into a header",
        made: B,
        back: B,
        apply: |o| parameter(o, is_query)?.insert("in".into(), json!("header")).map(drop),
    },
    OperationMutation {
        name: "a parameter in another style",
        made: B,
        back: B,
        apply: |o| {
            parameter(o, is_query)?.insert("style".into(), json!("pipeDelimited"));
            Some(())
        },
    },
    OperationMutation {
        name: "a parameter with another explode",
        made: B,
        back: B,
        apply: |o| {
            // Of one value, it says nothing.
            let has_parts =
                |parameter: &Members| is_query(parameter) && parameter["schema"].get("$ref").is_some();
            set(parameter(o, has_parts)?, "explode", json!(false))
        },
    },
    OperationMutation {
        name: "a deprecated parameter",
        made: C,
        back: C,
        apply: |o| set(parameter(o, |_| true)?, "deprecated", json!(true)),
    },
    OperationMutation {
        name: "no body",
        made: B,
        back: B,
        apply: |o| {
            body(o).filter(|body| is_required(body))?;
            o.remove("requestBody").map(drop)
        },
    },
    OperationMutation {
        name: "an optional body",
        made: C,
        back: B,
        apply: |o| body(o).filter(|body| is_required(body))?.remove("required").map(drop),
    },
    OperationMutation {
        name: "another media type of a body",
        made: B,
        back: B,
        apply: |o| {
            let content = content(body(o)?)?;
            let json = content.remove("application/json")?;
            content.insert("application/xml".into(), json);
            Some(())
        },
    },
    OperationMutation {
        name: "one more media type of a body",
        made: C,
        back: B,
        apply: |o| set(content(body(o)?)?, "text/csv", json!({ "schema": { "type": "string" } })),
    },
    OperationMutation {
        name: "a body without a schema",
        made: C,
        back: B,
        apply: |o| {
            let body = content(body(o)?)?.get_mut("application/json")?.as_object_mut()?;
            when(body.get("schema")?.get("type") == Some(&json!("object")))?;
            when(body["schema"].get("properties").is_none())?;
            body.remove("schema").map(drop)
        },
    },
    OperationMutation {
        name: "no success",
        made: B,
        back: C,
        apply: |o| o.get_mut("responses")?.as_object_mut()?.remove("200").map(drop),
    },
    OperationMutation {
        name: "another success",
        made: C,
        back: B,
        apply: |o| set(o.get_mut("responses")?.as_object_mut()?, "206", json!({ "description": "a part" })),
    },
    OperationMutation {
        name: "one failure fewer",
        made: C,
        back: C,
        apply: |o| o.get_mut("responses")?.as_object_mut()?.remove("401").map(drop),
    },
    OperationMutation {
        name: "a response without a body",
        made: B,
        back: C,
        apply: |o| success(o)?.remove("content").map(drop),
    },
    OperationMutation {
        name: "another media type of a response",
        made: B,
        back: B,
        apply: |o| {
            let content = content(success(o)?)?;
            let json = content.remove("application/json")?;
            content.insert("application/xml".into(), json);
            Some(())
        },
    },
    OperationMutation {
        name: "a header of a response",
        made: C,
        back: B,
        apply: |o| set(success(o)?, "headers", json!({ "X-Total": { "schema": { "type": "integer" } } })),
    },
    OperationMutation {
        name: "another server",
        made: B,
        back: B,
        apply: |o| {
            o.insert("servers".into(), json!([{ "url": "https://elsewhere.example" }]));
            Some(())
        },
    },
    OperationMutation { name: "no credentials", made: C, back: B, apply: |o| set(o, "security", json!([])) },
    OperationMutation {
        name: "other credentials",
        made: B,
        back: B,
        apply: |o| set(o, "security", json!([{ "Other": [] }])),
    },
    OperationMutation { name: "deprecated", made: C, back: C, apply: |o| set(o, "deprecated", json!(true)) },
    OperationMutation {
        name: "another operationId",
        made: C,
        back: C,
        apply: |o| o.insert("operationId".into(), json!("somethingElse")).map(drop),
    },
    OperationMutation {
        name: "a callback",
        made: C,
        back: B,
        apply: |o| set(o, "callbacks", json!({ "done": { "{$request.body#/url}": { "post": {} } } })),
    },
    OperationMutation { name: "an extension", made: C, back: C, apply: |o| set(o, "x-cost", json!(1)) },
    OperationMutation {
        name: "a keyword that nobody knows",
        made: B,
        back: B,
        apply: |o| set(o, "unheardOf", json!(1)),
    },
    OperationMutation {
        name: "other tags",
        made: D,
        back: D,
        apply: |o| o.insert("tags".into(), json!(["Other"])).map(drop),
    },
    OperationMutation {
        name: "another summary",
        made: D,
        back: D,
        apply: |o| o.insert("summary".into(), json!("something else")).map(drop),
    },
];

#[test]
fn every_change_of_an_operation_is_found_both_ways() {
    let document = documents::vendored();
    let mut made = 0;
    let mut missed = Vec::new();
    let operations: Vec<(&str, &'static str)> =
        vastai_spec::identify::operations(&document).map(|(path, method, _)| (path, method)).collect();
    for (number, mutation) in OPERATION_MUTATIONS.iter().enumerate() {
        let mut left = PLACES;
        let start = number * 13 % operations.len();
        for (path, method) in operations[start..].iter().chain(&operations[..start]) {
            let mut operation = document["paths"][path][method].as_object().unwrap().clone();
            if left == 0 || (mutation.apply)(&mut operation).is_none() {
                continue;
            }
            left -= 1;
            made += 1;
            let old = documents::excerpt(&document, &BTreeSet::from([(*path).to_owned()]));
            let mut new = old.clone();
            new["paths"][path][method] = Value::Object(operation);
            let name = format!("{} {path}", method.to_uppercase());
            for (way, old, new, level) in
                [("made", &old, &new, mutation.made), ("taken back", &new, &old, mutation.back)]
            {
                let diff = Diff::between(old, new).unwrap();
                let worst = diff.changes.iter().map(|change| change.level).max();
                let elsewhere = diff.changes.iter().any(|change| change.operation != name);
                let is_listed = diff.operations.changed == [name.clone()];
                if worst != Some(level) || elsewhere || is_listed == (level == D) {
                    missed.push(format!(
                        "{} {way} in {name}: {worst:?} and not {level:?}: {diff:#?}",
                        mutation.name
                    ));
                }
            }
        }
        assert!(left < PLACES, "{} was made nowhere", mutation.name);
    }
    assert!(made >= 150, "{made} changes were made");
    assert!(missed.is_empty(), "{} of {made} changes:\n{}", missed.len(), missed.join("\n"));
}

/// How many places of a direction a change is made in.
const PLACES: usize = 6;

#[test]
fn every_change_of_a_schema_is_found_both_ways() {
    let document = documents::vendored();
    let uses = Uses::of(&document);
    let places: Vec<(String, Where)> = documents::schemas(&document)
        .into_iter()
        .filter(|place| !place.contains("/oneOf/") && !place.contains("/anyOf/"))
        .filter_map(|place| uses.of_place(&place).map(|used| (place, used)))
        .collect();
    let mut made = 0;
    let mut missed = Vec::new();
    for (number, mutation) in MUTATIONS.iter().enumerate() {
        let mut left = BTreeMap::from([(Side::Request, PLACES), (Side::Response, PLACES)]);
        // Another part of the document first, for each change.
        let start = number * 37 % places.len();
        for (place, used) in places[start..].iter().chain(&places[..start]) {
            if used.sides.iter().all(|side| left[side] == 0) {
                continue;
            }
            let schema = document.pointer(place).and_then(Value::as_object).unwrap();
            let mut mutated = schema.clone();
            if (mutation.apply)(&mut mutated).is_none() || mutated == *schema {
                continue;
            }
            let old = documents::excerpt(&document, &used.paths);
            let mut new = old.clone();
            *new.pointer_mut(place).unwrap() = Value::Object(mutated);
            for side in &used.sides {
                left.entry(*side).and_modify(|left| *left = left.saturating_sub(1));
            }
            made += 1;
            let meaning = &mutation.meaning;
            for (way, old, new, request, response) in [
                ("made", &old, &new, meaning.request, meaning.response),
                ("taken back", &new, &old, meaning.request_back, meaning.response_back),
            ] {
                if let Err(fault) = judge(old, new, place, used, request, response) {
                    missed.push(format!("{} {way} at {place}: {fault}", mutation.name));
                }
            }
        }
        assert!(left.values().any(|left| *left < PLACES), "{} was made nowhere", mutation.name);
    }
    assert!(made >= 500, "{made} changes were made");
    assert!(missed.is_empty(), "{} of {made} changes:\n{}", missed.len(), missed.join("\n"));
}

fn judge(
    old: &Value,
    new: &Value,
    place: &str,
    used: &Where,
    request: Level,
    response: Level,
) -> Result<(), String> {
    let diff = Diff::between(old, new).unwrap();
    let shown = || -> Vec<String> {
        diff.changes
            .iter()
            .map(|change| format!("{} {:?} {:?} {}", change.id, change.level, change.side, change.pointer))
            .collect()
    };
    for (side, level) in [(Side::Request, request), (Side::Response, response)] {
        // Prose is reported once, wherever it is first seen.
        if !used.sides.contains(&side) || level == D {
            continue;
        }
        let of_side = diff.changes.iter().filter(|change| change.side == side);
        let worst = of_side.clone().map(|change| change.level).max();
        if worst != Some(level) {
            return Err(format!("{side:?} is {worst:?} and not {level:?}: {:#?}", shown()));
        }
        let is_there = |pointer: &str| pointer.starts_with(place);
        let found = of_side.filter(|change| change.level == level).any(|change| {
            [&change.old, &change.new].into_iter().flatten().any(|location| is_there(&location.pointer))
        });
        if !found {
            return Err(format!("{side:?} is reported elsewhere: {:#?}", diff.changes));
        }
    }
    if request == D && (diff.docs == 0 || diff.docs != diff.changes.len()) {
        return Err(format!("no prose: {:#?}", shown()));
    }
    Ok(())
}

/// Paths in which a schema is used, and in which directions it is there.
#[derive(Clone)]
struct Where {
    paths: BTreeSet<String>,
    sides: BTreeSet<Side>,
}

/// Which component is used where, found by following the references.
struct Uses(BTreeMap<String, BTreeMap<Side, BTreeSet<String>>>);

impl Uses {
    fn of(document: &Value) -> Self {
        let mut uses: BTreeMap<String, BTreeMap<Side, BTreeSet<String>>> = BTreeMap::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for operation in item.as_object().unwrap().values() {
                let request = [&operation["parameters"], &operation["requestBody"]];
                for (side, parts) in
                    [(Side::Request, &request[..]), (Side::Response, &[&operation["responses"]])]
                {
                    let mut seen = BTreeSet::new();
                    parts.iter().for_each(|part| documents::references(document, part, &mut seen));
                    for name in seen {
                        uses.entry(name).or_default().entry(side).or_default().insert(path.clone());
                    }
                }
            }
        }
        Self(uses)
    }

    fn of_place(&self, place: &str) -> Option<Where> {
        let tokens: Vec<String> =
            place.split('/').skip(1).map(|token| token.replace("~1", "/").replace("~0", "~")).collect();
        if tokens[0] == "paths" {
            let side = if tokens[3] == "responses" { Side::Response } else { Side::Request };
            return Some(Where { paths: BTreeSet::from([tokens[1].clone()]), sides: BTreeSet::from([side]) });
        }
        let used = self.0.get(&format!("#/components/{}/{}", tokens[1], tokens[2]))?;
        // One path of each direction is enough, and then all that use it in any way there count.
        let paths: BTreeSet<String> = used.values().filter_map(|paths| paths.first().cloned()).collect();
        let sides = used.iter().filter(|(_, in_side)| !in_side.is_disjoint(&paths)).map(|(side, _)| *side);
        Some(Where { sides: sides.collect(), paths })
    }
}
