//! Operations: parameters, bodies and responses.

use serde_json::{Map, Value, json};

use super::components::Direction;
use super::context::{LowerError, Lowering, Place};
use super::lowered::ERROR_COMPONENT;
use super::parameter::path_fault;
use super::rules;
use super::schema::null::nullable;

use crate::pointer;

/// What the generator can send as a body.
const TEXT_BODIES: [&str; 2] = ["text/plain", "text/x-markdown"];

impl Lowering<'_, '_> {
    /// The lowered operation, or `None` where the client cannot offer it.
    pub(super) fn operation(
        &mut self,
        path: &str,
        method: &str,
        operation: &Map<String, Value>,
        at: &str,
    ) -> Result<Option<Map<String, Value>>, LowerError> {
        let unsendable = match method {
            "options" | "trace" => Some("the HTTP client of the generated code has no such method"),
            _ => path_fault(path),
        };
        if let Some(why) = unsendable {
            self.report.note(&rules::OPERATION_LEFT_OUT, at, why);
            return Ok(None);
        }
        let mut lowered = self.operation_keywords(operation, at);
        let id = lowered.get("operationId").and_then(Value::as_str).unwrap_or_default().to_owned();
        let Some(parameters) = self.parameters(path, operation, &id, at)? else { return Ok(None) };
        if !parameters.is_empty() {
            lowered.insert("parameters".to_owned(), Value::Array(parameters));
        }
        if let Some(body) = operation.get("requestBody") {
            match self.body(body, &id, &pointer::child(at, "requestBody"))? {
                Body::None => {}
                Body::Schema(body) => drop(lowered.insert("requestBody".to_owned(), body)),
                Body::Unsendable(why) => {
                    self.report.note(&rules::OPERATION_LEFT_OUT, at, why);
                    return Ok(None);
                }
            }
        }
        let mut responses = self.responses(operation, &id, at)?;
        if method == "head"
            && let Some(success) = responses["2XX"].as_object_mut()
            && success.remove("content").is_some()
        {
            self.report.note(&rules::RESPONSE_DROPPED, at, "the response to a HEAD has no body");
        }
        lowered.insert("responses".to_owned(), responses);
        Ok(Some(lowered))
    }

    /// What an operation says of itself.
    fn operation_keywords(&mut self, operation: &Map<String, Value>, at: &str) -> Map<String, Value> {
        let mut lowered = Map::new();
        for key in operation.keys() {
            let value = match key.as_str() {
                "operationId" | "summary" | "description" => {
                    self.text(operation, key, at).map(|text| json!(text))
                }
                "deprecated" => self.flag(operation, key, at).map(Value::Bool),
                "tags" => Some(Value::Array(self.strings(operation, key, at))),
                "security" => self.security(operation, at).map(Value::Array),
                "parameters" | "requestBody" | "responses" | "servers" => None,
                "callbacks" | "externalDocs" => {
                    self.report.note(&rules::OPERATION_KEYWORD, &pointer::child(at, key), format!("`{key}`"));
                    None
                }
                extension if extension.starts_with("x-") => None,
                _ => {
                    self.report.note(&rules::UNKNOWN_KEYWORD, &pointer::child(at, key), format!("`{key}`"));
                    None
                }
            };
            if let Some(value) = value {
                lowered.insert(key.clone(), value);
            }
        }
        lowered
    }

    /// A list of strings, each once.
    fn strings(&mut self, holder: &Map<String, Value>, key: &str, at: &str) -> Vec<Value> {
        let mut strings: Vec<Value> = Vec::new();
        for (index, element) in self.list(holder, key, at).iter().enumerate() {
            if !element.is_string() {
                self.note_malformed(&format!("{}/{index}", pointer::child(at, key)), "a string", element);
            } else if !strings.contains(element) {
                strings.push(element.clone());
            }
        }
        strings
    }

    fn body(&mut self, body: &Value, id: &str, at: &str) -> Result<Body, LowerError> {
        let body = self.object(body, at, "a request body")?.clone();
        let content = self.mapping(&body, "content", at).filter(|content| !content.is_empty());
        let Some(content) = content else {
            self.report.note(&rules::BODY_WITHOUT_CONTENT, at, "");
            return Ok(Body::None);
        };
        let chosen = content.keys().min_by_key(|media_type| (rank(media_type), (*media_type).clone()));
        let Some(chosen) = chosen.filter(|media_type| rank(media_type) < UNSENDABLE) else {
            let offered: Vec<_> = content.keys().map(String::as_str).collect();
            return Ok(Body::Unsendable(format!(
                "its body is {}, which the generator cannot send",
                offered.join(" or ")
            )));
        };
        self.report_others(content, chosen, at);
        if self.flag(&body, "required", at) != Some(true) {
            self.report.note(&rules::BODY_ALWAYS_SENT, at, "");
        }
        let media_type = &content[chosen];
        let media_at = pointer::child(&pointer::child(at, "content"), chosen);
        if media_type.get("encoding").is_some() {
            let at = pointer::child(&media_at, "encoding");
            self.report.note(&rules::OPERATION_KEYWORD, &at, "`encoding`");
        }
        if essence(chosen) != "application/json" && rank(chosen) < FORM {
            self.report.note(&rules::BODY_MEDIA_TYPE, at, format!("{chosen} is sent as application/json"));
        }
        let (media_type, schema) = match rank(chosen) {
            TEXT => (essence(chosen), json!({ "type": "string" })),
            BYTES => (essence(chosen), json!({ "type": "string", "format": "binary" })),
            rank => {
                let sent = if rank == FORM { essence(chosen) } else { "application/json".to_owned() };
                (
                    sent,
                    self.media_schema(
                        media_type,
                        &Place::new(media_at, Direction::Request, format!("{id} request")),
                    )?,
                )
            }
        };
        let mut lowered = json!({ "required": true, "content": { media_type: { "schema": schema } } });
        if let Some(description) = self.text(&body, "description", at) {
            lowered["description"] = json!(description);
        }
        Ok(Body::Schema(lowered))
    }

    fn report_others(&mut self, content: &Map<String, Value>, chosen: &str, at: &str) {
        let others: Vec<_> =
            content.keys().map(String::as_str).filter(|media_type| *media_type != chosen).collect();
        if !others.is_empty() {
            self.report.note(&rules::BODY_MEDIA_TYPE, at, format!("{} beside {chosen}", others.join(", ")));
        }
    }

    /// The schema of a media type.
    fn media_schema(&mut self, media_type: &Value, place: &Place) -> Result<Value, LowerError> {
        let Some(schema) = media_type.get("schema").filter(|schema| !schema.is_null()) else {
            self.report.note(&rules::BODY_SCHEMA_MISSING, &place.at, "");
            return Ok(json!({}));
        };
        self.schema(schema, &place.child("schema"))
    }

    fn responses(&mut self, operation: &Map<String, Value>, id: &str, at: &str) -> Result<Value, LowerError> {
        let responses = self.mapping(operation, "responses", at);
        let at = pointer::child(at, "responses");
        let mut successes: Vec<(String, Map<String, Value>)> = Vec::new();
        let mut default = None;
        let mut failures = 0;
        for (status, response) in responses.into_iter().flatten() {
            let at = pointer::child(&at, status);
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
            self.report.note(&rules::ONE_ERROR, &at, format!("{failures} failures"));
        }
        let error = json!({
            "description": "The call failed.",
            "content": { "application/json": { "schema": { "$ref": format!("#/components/schemas/{ERROR_COMPONENT}") } } },
        });
        let success = self.success(&successes, id, &at)?;
        Ok(json!({ "2XX": success, "default": error }))
    }

    fn success(
        &mut self,
        successes: &[(String, Map<String, Value>)],
        id: &str,
        at: &str,
    ) -> Result<Value, LowerError> {
        let found = self.successes(successes);
        let described = successes.iter().find_map(|(at, response)| self.text(response, "description", at));
        let mut success = json!({ "description": described.unwrap_or("Success.") });
        if found.json.is_empty() {
            // Of anything but JSON the caller gets the bytes.
            if let Some(media_type) = found.other {
                success["content"] =
                    json!({ media_type: { "schema": { "type": "string", "format": "binary" } } });
            }
            return Ok(success);
        }
        let kinds = found.json.len() + usize::from(found.other.is_some()) + found.empty;
        if kinds > 1 {
            self.report.note(&rules::SUCCESSES_UNITED, at, format!("{kinds} kinds of success"));
        }
        let mut schema =
            self.united(&found.json, &Place::new(at, Direction::Response, format!("{id} response")))?;
        if found.empty > 0 {
            // A success without a body reads as null.
            schema = nullable(schema);
        }
        success["content"] = json!({ "application/json": { "schema": schema } });
        Ok(success)
    }

    /// What the successes of an operation hold.
    fn successes<'response>(
        &mut self,
        successes: &'response [(String, Map<String, Value>)],
    ) -> Successes<'response> {
        let mut found = Successes { json: Vec::new(), other: None, empty: 0 };
        for (at, response) in successes {
            for key in response.keys().filter(|key| ["headers", "links"].contains(&key.as_str())) {
                self.report.note(&rules::RESPONSE_KEYWORD, &pointer::child(at, key), format!("`{key}`"));
            }
            let content = self.mapping(response, "content", at).filter(|content| !content.is_empty());
            let Some(content) = content else {
                found.empty += 1;
                continue;
            };
            match content.iter().find(|(media_type, _)| is_json(media_type)) {
                Some((chosen, media_type)) => {
                    self.report_others(content, chosen, at);
                    found.json.push((pointer::child(&pointer::child(at, "content"), chosen), media_type));
                }
                None => found.other = content.keys().next().map(String::as_str),
            }
        }
        found
    }

    /// The JSON of several successes as one schema.
    fn united(&mut self, json: &[(String, &Value)], place: &Place) -> Result<Value, LowerError> {
        if let [(at, media_type)] = json {
            return self.media_schema(media_type, &place.moved(&**at));
        }
        let any = json!({});
        let mut schemas: Vec<&Value> =
            json.iter().map(|(_, media_type)| media_type.get("schema").unwrap_or(&any)).collect();
        schemas.dedup();
        let united = match schemas.as_slice() {
            [only] => (*only).clone(),
            _ => json!({ "anyOf": schemas }),
        };
        self.media_schema(&json!({ "schema": united }), place)
    }
}

/// What the successes of an operation hold.
struct Successes<'response> {
    /// JSON, with its place.
    json: Vec<(String, &'response Value)>,
    /// Another media type.
    other: Option<&'response str>,
    /// How many have no body.
    empty: usize,
}

const FORM: u8 = 3;
const TEXT: u8 = 4;
const BYTES: u8 = 5;
const UNSENDABLE: u8 = 9;

/// Which of several media types of a body is sent: the lowest.
fn rank(media_type: &str) -> u8 {
    match essence(media_type).as_str() {
        "application/json" => 0,
        json if json.ends_with("+json") => 1,
        "*/*" | "application/*" => 2,
        "application/x-www-form-urlencoded" => FORM,
        text if TEXT_BODIES.contains(&text) => TEXT,
        "application/octet-stream" => BYTES,
        _ => UNSENDABLE,
    }
}

fn is_json(media_type: &str) -> bool {
    let essence = essence(media_type);
    essence == "application/json" || essence.ends_with("+json") || essence == "*/*"
}

/// A media type without its parameters.
fn essence(media_type: &str) -> String {
    media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

enum Body {
    None,
    Schema(Value),
    Unsendable(String),
}
