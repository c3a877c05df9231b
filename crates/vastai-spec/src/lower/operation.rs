//! Operations: parameters, bodies and answers.

use serde_json::{Map, Value, json};

use super::{Direction, ERROR_COMPONENT, LowerError, Lowering, rules};
use crate::operations::is_reserved_header;
use crate::pointer;

/// What the generator can send as a body.
const TEXT_BODIES: [&str; 2] = ["text/plain", "text/x-markdown"];

impl Lowering<'_, '_> {
    /// The lowered operation, or `None` where the client cannot offer it.
    pub(super) fn operation(
        &mut self,
        path: &str,
        operation: &Map<String, Value>,
        at: &str,
    ) -> Result<Option<Map<String, Value>>, LowerError> {
        let id = operation.get("operationId").and_then(Value::as_str).unwrap_or_default().to_owned();
        let mut lowered = Map::new();
        for (key, value) in operation {
            match (key.as_str(), value) {
                ("operationId" | "summary" | "description", Value::String(_))
                | ("tags" | "security", Value::Array(_))
                | ("deprecated", Value::Bool(_)) => drop(lowered.insert(key.clone(), value.clone())),
                ("parameters" | "requestBody" | "responses" | "servers", _) => {}
                ("callbacks" | "externalDocs", _) => {
                    self.report.note(&rules::OPERATION_KEYWORD, &pointer::child(at, key), format!("`{key}`"));
                }
                (extension, _) if extension.starts_with("x-") => {}
                _ => self.report.note(&rules::UNKNOWN_KEYWORD, &pointer::child(at, key), format!("`{key}`")),
            }
        }
        let Some(parameters) = self.parameters(path, operation, &id, at)? else { return Ok(None) };
        if !parameters.is_empty() {
            lowered.insert("parameters".to_owned(), Value::Array(parameters));
        }
        if let Some(body) = operation.get("requestBody") {
            let body_at = pointer::child(at, "requestBody");
            match self.body(body, &id, &body_at)? {
                Body::None => {}
                Body::Schema(body) => drop(lowered.insert("requestBody".to_owned(), body)),
                Body::Unsendable(why) => {
                    self.report.note(&rules::OPERATION_LEFT_OUT, at, why);
                    return Ok(None);
                }
            }
        }
        let responses = self.responses(operation.get("responses"), &id, &pointer::child(at, "responses"))?;
        lowered.insert("responses".to_owned(), responses);
        Ok(Some(lowered))
    }

    /// Follows references to an object that is no schema (a parameter, a body, an answer).
    fn object<'value>(
        &'value self,
        value: &'value Value,
        at: &str,
        expected: &'static str,
    ) -> Result<&'value Map<String, Value>, LowerError> {
        let mut value = value;
        for _ in 0..16 {
            let Some(reference) = value.get("$ref").and_then(Value::as_str) else { break };
            value = self.follow(reference, at)?;
        }
        value.as_object().ok_or_else(|| LowerError::Malformed { pointer: at.to_owned(), expected })
    }

    fn parameters(
        &mut self,
        path: &str,
        operation: &Map<String, Value>,
        id: &str,
        at: &str,
    ) -> Result<Option<Vec<Value>>, LowerError> {
        let item_at = pointer::child("/paths", path);
        let item = self.root["paths"][path].get("parameters");
        if item.is_some() {
            self.report.note(&rules::PARAMETERS_MERGED, &item_at, "parameters of the path item");
        }
        let mut found: Vec<(String, Map<String, Value>)> = Vec::new();
        for (list, at) in [(item, item_at.as_str()), (operation.get("parameters"), at)] {
            for (index, parameter) in list.and_then(Value::as_array).into_iter().flatten().enumerate() {
                let at = format!("{at}/parameters/{index}");
                let parameter = self.object(parameter, &at, "a parameter")?.clone();
                let same = |other: &Map<String, Value>| {
                    other.get("name") == parameter.get("name") && other.get("in") == parameter.get("in")
                };
                found.retain(|(_, other)| !same(other));
                found.push((at, parameter));
            }
        }

        let in_path = placeholders(path);
        let mut lowered: Vec<(String, &'static str, Value)> = Vec::new();
        for (at, parameter) in found {
            let name = parameter.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
            let required = parameter.get("required") == Some(&Value::Bool(true));
            let refused = match parameter.get("in").and_then(Value::as_str) {
                _ if name.is_empty() => Some("it has no name"),
                Some("path") if !in_path.contains(&name) => Some("the path does not name it"),
                Some("header") if is_reserved_header(&name) => Some(
                    "OpenAPI tells tools to ignore a header parameter of this name; the security scheme says it",
                ),
                Some("header") if !is_header_name(&name) => Some("it is no name of an HTTP header"),
                Some("path" | "query" | "header") => None,
                Some("cookie") => Some("the generator does not send cookies"),
                _ => Some("it says not where it is sent"),
            };
            let location = match parameter.get("in").and_then(Value::as_str) {
                Some("path") => "path",
                Some("header") => "header",
                _ => "query",
            };
            let twice = lowered.iter().any(|(other, _, _)| *other == name);
            if let Some(why) = refused.or(twice.then_some("another parameter of the operation has its name"))
            {
                self.report.note(&rules::PARAMETER_IGNORED, &at, format!("`{name}`: {why}"));
                let needed =
                    required && !(location == "header" && is_reserved_header(&name)) && !name.is_empty();
                if needed && location != "path" {
                    let why = format!("it requires the parameter `{name}`, and {why}");
                    self.report.note(&rules::OPERATION_LEFT_OUT, &operation_of(&at), why);
                    return Ok(None);
                }
                continue;
            }
            if location == "path" && !required {
                self.report.note(&rules::PARAMETER_REQUIRED, &at, format!("`{name}`"));
            }
            let schema = self.parameter_schema(&parameter, &format!("{id} {name}"), &at)?;
            let mut value = json!({ "name": name, "in": location, "required": required || location == "path", "schema": schema });
            if let Some(Value::String(description)) = parameter.get("description") {
                value["description"] = json!(description);
            }
            for key in parameter.keys() {
                if ![
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
                ]
                .contains(&key.as_str())
                    && !key.starts_with("x-")
                {
                    self.report.note(&rules::UNKNOWN_KEYWORD, &pointer::child(&at, key), format!("`{key}`"));
                }
            }
            lowered.push((name, location, value));
        }
        for name in in_path {
            if !lowered.iter().any(|(other, location, _)| *other == name && *location == "path") {
                self.report.note(&rules::PARAMETER_ADDED, at, format!("`{name}`"));
                let value =
                    json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } });
                lowered.push((name, "path", value));
            }
        }
        Ok(Some(lowered.into_iter().map(|(_, _, value)| value).collect()))
    }

    /// A scalar stays what it is, a list of scalars in the query too; anything else travels as JSON in a text.
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
        let at_schema = pointer::child(at, "schema");
        let scalar = |schema: &Value| {
            matches!(
                schema.get("type").and_then(Value::as_str),
                Some("string" | "integer" | "number" | "boolean")
            )
        };
        let mut lowered = self.schema(schema, &at_schema, Direction::Request, name)?;
        if let Some(members) = lowered.as_object_mut() {
            members.remove("nullable");
        }
        let inlined = self.components.target_of(&lowered).cloned().unwrap_or_else(|| lowered.clone());
        let in_query = parameter.get("in").and_then(Value::as_str) == Some("query");
        let exploded = parameter.get("explode").is_none_or(|explode| explode == &Value::Bool(true));
        let form = parameter.get("style").is_none_or(|style| style == "form");
        let list = in_query && exploded && form && inlined.get("items").is_some_and(scalar);
        if scalar(&inlined) || list {
            return Ok(lowered);
        }
        self.report.note(&rules::PARAMETER_AS_TEXT, at, "its schema is no scalar");
        Ok(text())
    }

    fn body(&mut self, body: &Value, id: &str, at: &str) -> Result<Body, LowerError> {
        let body = self.object(body, at, "a request body")?.clone();
        let Some(content) =
            body.get("content").and_then(Value::as_object).filter(|content| !content.is_empty())
        else {
            return Ok(Body::None);
        };
        let essence =
            |media_type: &str| media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let rank = |media_type: &str| match essence(media_type).as_str() {
            "application/json" => 0,
            json if json.ends_with("+json") => 1,
            "*/*" | "application/*" => 2,
            "application/x-www-form-urlencoded" => 3,
            text if TEXT_BODIES.contains(&text) => 4,
            "application/octet-stream" => 5,
            _ => 9,
        };
        let chosen = content.keys().min_by_key(|media_type| (rank(media_type), (*media_type).clone()));
        let Some(chosen) = chosen.filter(|media_type| rank(media_type) < 9) else {
            let offered: Vec<_> = content.keys().map(String::as_str).collect();
            return Ok(Body::Unsendable(format!(
                "its body is {}, which the generator cannot send",
                offered.join(" or ")
            )));
        };
        let others: Vec<_> =
            content.keys().filter(|media_type| *media_type != chosen).map(String::as_str).collect();
        if !others.is_empty() {
            self.report.note(&rules::BODY_MEDIA_TYPE, at, format!("{} beside {chosen}", others.join(", ")));
        }
        if body.get("required") != Some(&Value::Bool(true)) {
            self.report.note(&rules::BODY_ALWAYS_SENT, at, "");
        }
        let media_type = &content[chosen];
        let media_at = pointer::child(&pointer::child(at, "content"), chosen);
        for key in media_type.as_object().into_iter().flat_map(Map::keys) {
            if key == "encoding" {
                self.report.note(&rules::OPERATION_KEYWORD, &pointer::child(&media_at, key), "`encoding`");
            }
        }
        let (media_type, schema) = match rank(chosen) {
            4 => (essence(chosen), json!({ "type": "string" })),
            5 => (essence(chosen), json!({ "type": "string", "format": "binary" })),
            rank => {
                let sent = if rank == 3 { essence(chosen) } else { "application/json".to_owned() };
                (sent, self.media_schema(media_type, &media_at, Direction::Request, &format!("{id} body"))?)
            }
        };
        let mut lowered = json!({ "required": true, "content": { media_type: { "schema": schema } } });
        if let Some(Value::String(description)) = body.get("description") {
            lowered["description"] = json!(description);
        }
        Ok(Body::Schema(lowered))
    }

    /// The schema of a media type, never null itself: an absent body is another thing.
    fn media_schema(
        &mut self,
        media_type: &Value,
        at: &str,
        direction: Direction,
        name: &str,
    ) -> Result<Value, LowerError> {
        let Some(schema) = media_type.get("schema").filter(|schema| !schema.is_null()) else {
            self.report.note(&rules::BODY_SCHEMA_MISSING, at, "");
            return Ok(json!({}));
        };
        let mut lowered = self.schema(schema, &pointer::child(at, "schema"), direction, name)?;
        if let Some(members) = lowered.as_object_mut() {
            members.remove("nullable");
        }
        Ok(lowered)
    }

    fn responses(&mut self, responses: Option<&Value>, id: &str, at: &str) -> Result<Value, LowerError> {
        let mut successes: Vec<(String, Map<String, Value>)> = Vec::new();
        let mut default = None;
        let mut failures = 0;
        for (status, response) in responses.and_then(Value::as_object).into_iter().flatten() {
            let at = pointer::child(at, status);
            match status.as_bytes().first() {
                Some(b'2') => successes.push((at.clone(), self.object(response, &at, "a response")?.clone())),
                Some(b'4' | b'5') => failures += 1,
                Some(b'd') if status == "default" => {
                    default = Some((at.clone(), self.object(response, &at, "a response")?.clone()))
                }
                _ if status.starts_with("x-") => {}
                _ => self.report.note(&rules::RESPONSE_DROPPED, &at, format!("status {status}")),
            }
        }
        match default {
            // Where no success is described, the default describes it.
            Some(default) if successes.is_empty() => successes.push(default),
            Some(_) => failures += 1,
            None => {}
        }
        if failures > 0 {
            self.report.note(&rules::ONE_ERROR, at, format!("{failures} failures"));
        }
        let error = json!({
            "description": "The call failed.",
            "content": { "application/json": { "schema": { "$ref": format!("#/components/schemas/{ERROR_COMPONENT}") } } },
        });
        let success = self.success(&successes, id, at)?;
        Ok(json!({ "2XX": success, "default": error }))
    }

    fn success(
        &mut self,
        successes: &[(String, Map<String, Value>)],
        id: &str,
        at: &str,
    ) -> Result<Value, LowerError> {
        let mut json_schemas: Vec<(String, &Value)> = Vec::new();
        let mut other = None;
        let mut empty = 0;
        for (at, response) in successes {
            for key in response.keys().filter(|key| ["headers", "links"].contains(&key.as_str())) {
                self.report.note(&rules::RESPONSE_KEYWORD, &pointer::child(at, key), format!("`{key}`"));
            }
            let content =
                response.get("content").and_then(Value::as_object).filter(|content| !content.is_empty());
            let Some(content) = content else {
                empty += 1;
                continue;
            };
            let is_json = |media_type: &str| {
                let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
                essence == "application/json" || essence.ends_with("+json") || essence == "*/*"
            };
            match content.iter().find(|(media_type, _)| is_json(media_type)) {
                Some((chosen, media_type)) => {
                    json_schemas.push((pointer::child(&pointer::child(at, "content"), chosen), media_type));
                    let others: Vec<_> = content
                        .keys()
                        .filter(|media_type| *media_type != chosen)
                        .map(String::as_str)
                        .collect();
                    if !others.is_empty() {
                        self.report.note(
                            &rules::BODY_MEDIA_TYPE,
                            at,
                            format!("{} beside {chosen}", others.join(", ")),
                        );
                    }
                }
                None => other = content.keys().next().cloned(),
            }
        }
        let description = successes
            .first()
            .and_then(|(_, response)| response.get("description")?.as_str())
            .unwrap_or("Success.");
        let mut success = json!({ "description": description });
        if json_schemas.is_empty() {
            // Of anything but JSON the caller gets the bytes.
            if let Some(media_type) = other {
                success["content"] =
                    json!({ media_type: { "schema": { "type": "string", "format": "binary" } } });
            }
            return Ok(success);
        }
        let name = format!("{id} response");
        let kinds = json_schemas.len() + usize::from(other.is_some()) + empty;
        let mut schema = if let [(at, media_type)] = json_schemas.as_slice() {
            self.media_schema(media_type, at, Direction::Response, &name)?
        } else {
            let mut schemas: Vec<&Value> =
                json_schemas.iter().filter_map(|(_, media_type)| media_type.get("schema")).collect();
            schemas.dedup();
            let united = if schemas.len() == 1 { schemas[0].clone() } else { json!({ "anyOf": schemas }) };
            self.media_schema(&json!({ "schema": united }), at, Direction::Response, &name)?
        };
        if kinds > 1 {
            self.report.note(&rules::SUCCESSES_UNITED, at, format!("{kinds} kinds of success"));
        }
        if empty > 0 {
            // A success without a body reads as null.
            schema = super::schema::nullable(schema);
        }
        success["content"] = json!({ "application/json": { "schema": schema } });
        Ok(success)
    }
}

enum Body {
    None,
    Schema(Value),
    Unsendable(String),
}

fn operation_of(parameter: &str) -> String {
    parameter.rsplit_once("/parameters/").map_or(parameter, |(operation, _)| operation).to_owned()
}

/// The names in braces of a path, each once.
fn placeholders(path: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for part in path.split('{').skip(1) {
        if let Some((name, _)) = part.split_once('}')
            && !names.iter().any(|present| present == name)
        {
            names.push(name.to_owned());
        }
    }
    names
}

fn is_header_name(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}
