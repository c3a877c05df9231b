//! The operations table: what the client needs to know about each operation beside its types.

mod defaults;
mod effect;
mod limits;

use serde_json::{Map, Value};

use crate::identify::{operation_pointer, operations};
use crate::overlay::UNDOCUMENTED;
use crate::pointer::{resolve, resolved};
use crate::report::{self, Report, Rule};

pub use defaults::{DEFAULTS, DEFAULTS_UNLESS, Default};
pub use effect::{EFFECT, EFFECT_WHERE, Effect, EffectWhere};
pub use limits::{Limit, LimitRule, Location};

/// The extension with which the overlay says whether an operation may be sent again after it may have been done.
pub const REPEATABLE: &str = "x-vastai-repeatable";

/// The extension with which the overlay says which place a parameter has on a command line.
pub const POSITION: &str = "x-vastai-position";

/// The extension with which the overlay says that a failure of an operation means that there is nothing: see [`EmptyResult`].
pub const EMPTY_RESULT: &str = "x-vastai-empty-result";

static SERVER_NOT_ABSOLUTE: Rule = Rule {
    id: "server-not-absolute",
    reason: "a server is a scheme and a host; variables take their defaults, and a relative URL has no host",
    effect: report::Effect::Ignored,
};
static EMPTY_RESULT_MALFORMED: Rule = Rule {
    id: "empty-result-malformed",
    reason: "an empty result is an object with a status, a message and a body",
    effect: report::Effect::Ignored,
};
static OTHER_SERVERS: Rule = Rule {
    id: "other-servers",
    reason: "of several servers the first is meant, as the specification lists them as equals",
    effect: report::Effect::Ignored,
};

/// An operation of the document.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// The operationId.
    pub id: String,
    /// The HTTP method, in lower case.
    pub method: String,
    /// The path as the document has it, with its parameters in braces.
    pub path: String,
    /// The first tag.
    pub tag: Option<String>,
    /// The summary: a few words.
    pub summary: String,
    /// The URL of the server that the operation belongs to (the operation's over the path's over the document's); empty where the
    /// document names none.
    pub server: String,
    /// How a caller proves who it is.
    pub authentication: Authentication,
    /// Whether the published document has it, and not an overlay alone.
    pub documented: bool,
    /// Whether the operation may be sent again when it may already have been done.
    pub repeatable: bool,
    /// What calling it does, whatever is sent.
    pub effect: Effect,
    /// With which fields it does more.
    pub effect_where: Vec<EffectWhere>,
    /// The failure with which the service says that there is nothing.
    pub empty_result: Option<EmptyResult>,
    /// Whether it is refused without a JSON body, which `{}` can be as far as its type says.
    pub body_required: bool,
    /// Parameters, and the fields of a JSON body.
    pub parameters: Vec<Parameter>,
    /// What the values must keep to.
    pub limits: Vec<Limit>,
}

/// The failure with which the service says that a list is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmptyResult {
    /// The status of the failure.
    pub status: u16,
    /// How its message begins.
    pub message: String,
    /// The body that the operation would have answered instead, as JSON.
    pub body: String,
}

/// How a caller proves who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Authentication {
    /// It need not.
    None,
    /// `Authorization: Bearer KEY`.
    Bearer,
    /// In a way that this pipeline does not know.
    Other,
}

/// A value that an operation takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// The name on the wire.
    pub name: String,
    /// Where it is sent.
    pub location: Location,
    /// Whether the operation is refused without it.
    pub required: bool,
    /// Its place on a command line, from 1, where an overlay gives it one.
    pub position: Option<u8>,
    /// What kind of value it is.
    pub kind: ValueKind,
    /// What the client sends unless the caller gives a value.
    pub default: Option<Default>,
    /// What it means.
    pub description: String,
}

/// What kind of value a parameter takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueKind {
    /// A string.
    Text,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// Anything else, as JSON.
    Json,
}

/// Reads the operations table out of an identified document, in the order of paths and methods.
#[must_use]
pub fn table(document: &Value, report: &mut Report) -> Vec<Operation> {
    operations(document)
        .map(|(path, method, operation)| read(document, path, method, operation, report))
        .collect()
}

fn read(
    document: &Value,
    path: &str,
    method: &str,
    operation: &Map<String, Value>,
    report: &mut Report,
) -> Operation {
    let at = operation_pointer(path, method);
    let text = |key: &str| operation.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let safe = matches!(method, "get" | "head" | "options" | "trace");
    let (mut parameters, limits) = parameters(document, path, operation);
    defaults::put_into(&mut parameters, operation, &at, report);
    let (effect, effect_where) = effect::of(operation, method, &at, report);
    Operation {
        id: text("operationId"),
        method: method.to_owned(),
        path: path.to_owned(),
        tag: operation.get("tags").and_then(|tags| tags.get(0)).and_then(Value::as_str).map(str::to_owned),
        summary: text("summary"),
        server: server(document, path, operation, &at, report),
        authentication: authentication(document, operation),
        documented: operation.get(UNDOCUMENTED) != Some(&Value::Bool(true)),
        repeatable: operation.get(REPEATABLE).and_then(Value::as_bool).unwrap_or(safe),
        effect,
        effect_where,
        empty_result: empty_result(operation, &at, report),
        body_required: requires_body(document, operation),
        parameters,
        limits,
    }
}

fn empty_result(operation: &Map<String, Value>, at: &str, report: &mut Report) -> Option<EmptyResult> {
    let written = operation.get(EMPTY_RESULT)?;
    let read = || {
        Some(EmptyResult {
            status: written.get("status")?.as_u64()?.try_into().ok()?,
            // An empty one would begin every message.
            message: written.get("message")?.as_str().filter(|message| !message.is_empty())?.to_owned(),
            body: written.get("body")?.to_string(),
        })
    };
    let result = read();
    if result.is_none() {
        report.note(&EMPTY_RESULT_MALFORMED, at, written.to_string());
    }
    result
}

fn server(
    document: &Value,
    path: &str,
    operation: &Map<String, Value>,
    at: &str,
    report: &mut Report,
) -> String {
    let levels = [operation.get("servers"), document["paths"][path].get("servers"), document.get("servers")];
    // An empty list says nothing, so the next level speaks.
    let servers =
        levels.into_iter().flatten().filter_map(Value::as_array).find(|servers| !servers.is_empty());
    let Some(servers) = servers else { return String::new() };
    if servers.len() > 1 {
        let others: Vec<_> = servers[1..].iter().filter_map(|server| server.get("url")?.as_str()).collect();
        report.note(&OTHER_SERVERS, at, others.join(", "));
    }
    let written = servers[0].get("url").and_then(Value::as_str).unwrap_or_default();
    let mut url = written.to_owned();
    for (name, variable) in servers[0].get("variables").and_then(Value::as_object).into_iter().flatten() {
        if let Some(default) = variable.get("default").and_then(Value::as_str) {
            url = url.replace(&format!("{{{name}}}"), default);
        }
    }
    if !(url.starts_with("https://") || url.starts_with("http://")) || url.contains(['{', '}']) {
        report.note(&SERVER_NOT_ABSOLUTE, at, format!("`{written}`"));
        return String::new();
    }
    url.trim_end_matches('/').to_owned()
}

fn authentication(document: &Value, operation: &Map<String, Value>) -> Authentication {
    let requirements =
        operation.get("security").or_else(|| document.get("security")).and_then(Value::as_array);
    let Some(requirements) = requirements.filter(|requirements| !requirements.is_empty()) else {
        return Authentication::None;
    };
    let is_bearer = |name: &String| {
        let scheme = &document["components"]["securitySchemes"][name];
        let is = |key: &str, value: &str| {
            scheme.get(key).and_then(Value::as_str).is_some_and(|found| found.eq_ignore_ascii_case(value))
        };
        let header = is("type", "apiKey") && is("in", "header") && is("name", "authorization");
        (is("type", "http") && is("scheme", "bearer"))
            || header
            || is("type", "oauth2")
            || is("type", "openIdConnect")
    };
    let alternatives = || requirements.iter().filter_map(Value::as_object);
    if alternatives().any(|schemes| schemes.len() == 1 && schemes.keys().all(is_bearer)) {
        Authentication::Bearer
    } else if alternatives().any(Map::is_empty) {
        Authentication::None
    } else {
        Authentication::Other
    }
}

fn parameters(document: &Value, path: &str, operation: &Map<String, Value>) -> (Vec<Parameter>, Vec<Limit>) {
    let resolve = |value: &'_ Value| -> Value { resolved(document, value).clone() };
    let mut parameters: Vec<Parameter> = Vec::new();
    let mut limits: Vec<Limit> = Vec::new();
    let levels = [document["paths"][path].get("parameters"), operation.get("parameters")];
    for parameter in levels.into_iter().flatten().filter_map(Value::as_array).flatten().map(resolve) {
        let Some(name) = parameter.get("name").and_then(Value::as_str) else { continue };
        let location = match parameter.get("in").and_then(Value::as_str) {
            Some("path") => Location::Path,
            Some("query") => Location::Query,
            Some("header") if !is_reserved_header(name) => Location::Header,
            _ => continue,
        };
        parameters.retain(|present| !(present.name == name && present.location == location));
        limits.retain(|present| !(present.place == name && present.location == location));
        let schema = parameter.get("schema").unwrap_or(&Value::Null);
        limits.extend(
            limits::of(document, schema, location, name).into_iter().filter(|limit| limit.place == name),
        );
        parameters.push(Parameter {
            name: name.to_owned(),
            location,
            required: location == Location::Path || parameter.get("required") == Some(&Value::Bool(true)),
            position: position(&parameter),
            kind: kind(document, schema),
            default: None,
            description: description(&parameter),
        });
    }
    if let Some(schema) = json_body(document, operation).and_then(|media_type| media_type.get("schema")) {
        limits.extend(limits::of(document, schema, Location::Body, ""));
        let schema = resolve(schema);
        let required = schema.get("required").and_then(Value::as_array);
        for (name, member) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            parameters.push(Parameter {
                name: name.clone(),
                location: Location::Body,
                required: required.is_some_and(|required| required.iter().any(|entry| entry == name))
                    && !is_read_only(document, member),
                position: position(member),
                kind: kind(document, member),
                default: None,
                description: description(&resolve(member)),
            });
        }
    }
    // Those with a position first, then required ones, as a person gives them; else the document's own order has no meaning.
    parameters.sort_by(|a, b| {
        let key = |it: &Parameter| (it.location, it.position.unwrap_or(u8::MAX), !it.required);
        key(a).cmp(&key(b)).then_with(|| a.name.cmp(&b.name))
    });
    (parameters, limits)
}

/// What a request has as JSON, of all that it may have.
fn json_body<'document>(
    document: &'document Value,
    operation: &'document Map<String, Value>,
) -> Option<&'document Value> {
    let body = resolved(document, operation.get("requestBody")?);
    let content = body.get("content").and_then(Value::as_object)?;
    let mut types = content.iter();
    types.find(|(media_type, _)| media_type.starts_with("application/json")).map(|(_, media_type)| media_type)
}

fn requires_body(document: &Value, operation: &Map<String, Value>) -> bool {
    let body = operation.get("requestBody").map(|body| resolved(document, body));
    let is_required = body.and_then(|body| body.get("required")) == Some(&Value::Bool(true));
    let takes_object = |media_type: &Value| {
        let schema = media_type.get("schema").map(|schema| resolved(document, schema));
        match schema.and_then(|schema| schema.get("type")) {
            None => true,
            Some(Value::Array(several)) => several.iter().any(|one| one == "object"),
            Some(one) => one == "object",
        }
    };
    is_required && json_body(document, operation).is_some_and(takes_object)
}

/// Whether only responses have a field of this schema, so that `required` holds for it in responses alone.
///
/// `readOnly` is said by the schema itself, by what it refers to, by a part of an `allOf`, or by every variant of a union.
#[must_use]
pub fn is_read_only(document: &Value, schema: &Value) -> bool {
    let mut looks_left = MAX_LOOKS;
    says_read_only(document, schema, &mut looks_left)
}

/// How many schemas are looked at to find out whether one is read-only: they may refer to each other without end.
const MAX_LOOKS: usize = 256;

fn says_read_only(document: &Value, schema: &Value, looks_left: &mut usize) -> bool {
    let Some(left) = looks_left.checked_sub(1) else { return false };
    *looks_left = left;
    if schema.get("readOnly") == Some(&Value::Bool(true)) {
        return true;
    }
    let target = schema.get("$ref").and_then(Value::as_str).and_then(|to| resolve(document, to));
    if target.is_some_and(|target| says_read_only(document, target, looks_left)) {
        return true;
    }
    let parts = |key: &str| schema.get(key).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    if parts("allOf").iter().any(|part| says_read_only(document, part, looks_left)) {
        return true;
    }
    ["anyOf", "oneOf"].into_iter().any(|key| {
        let mut variants = parts(key)
            .iter()
            .filter(|variant| variant.get("type").is_none_or(|kind| kind != "null"))
            .peekable();
        variants.peek().is_some() && variants.all(|variant| says_read_only(document, variant, looks_left))
    })
}

/// Headers of which OpenAPI says that a parameter of that name is to be ignored.
pub(crate) fn is_reserved_header(name: &str) -> bool {
    ["authorization", "accept", "content-type"].iter().any(|reserved| name.eq_ignore_ascii_case(reserved))
}

fn position(parameter: &Value) -> Option<u8> {
    parameter.get(POSITION)?.as_u64()?.try_into().ok()
}

fn description(value: &Value) -> String {
    let written = value.get("description").or_else(|| value.get("schema")?.get("description"));
    written.and_then(Value::as_str).unwrap_or_default().trim().to_owned()
}

fn kind(document: &Value, schema: &Value) -> ValueKind {
    let schema = resolved(document, schema);
    let types: Vec<&str> = match schema.get("type") {
        Some(Value::String(one)) => vec![one.as_str()],
        Some(Value::Array(several)) => {
            several.iter().filter_map(Value::as_str).filter(|name| *name != "null").collect()
        }
        _ => Vec::new(),
    };
    match types.as_slice() {
        ["string"] => ValueKind::Text,
        ["integer"] => ValueKind::Integer,
        ["number"] => ValueKind::Number,
        ["boolean"] => ValueKind::Boolean,
        _ => ValueKind::Json,
    }
}
