//! Whether a request keeps to its operation.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;
use vastai_spec::identify::operations;
use vastai_spec::pointer::resolved;

use super::official::{Said, as_documented};
use super::schema::{Schemas, Violation};
use crate::record::RecordedRequest;

/// What an operation takes.
#[derive(Debug, Default)]
pub(super) struct Takes {
    parameters: Vec<Parameter>,
    body: Option<Body>,
}

#[derive(Debug)]
struct Parameter {
    place: String,
    name: String,
    required: bool,
    schema: Value,
}

#[derive(Debug)]
struct Body {
    required: bool,
    schema: Value,
}

/// What single operations take beside what the document says, as the official clients send it.
struct Beyond {
    operations: &'static [&'static str],
    /// Members of the body.
    fields: &'static [&'static str],
    /// Whether fields are taken that the document does not name.
    any_body: bool,
}

const BEYOND: [Beyond; 3] = [
    // Official calls of the engine also put the key into the body.
    Beyond {
        operations: &[
            "getEndpointLogs",
            "getEndpointWorkers",
            "getWorkergroupLogs",
            "getWorkergroupWorkers",
            "route",
            "updateWorkers",
        ],
        fields: &["api_key"],
        any_body: false,
    },
    // The document names two groups of permissions; there are more.
    Beyond { operations: &["createTeamRole", "updateTeamRole"], fields: &[], any_body: true },
    // Every column can be searched by, with every operator.
    Beyond { operations: &["searchOffers", "searchVolumes"], fields: &[], any_body: true },
];

/// Headers that are not parameters, whatever a document says.
const NO_PARAMETERS: [&str; 3] = ["authorization", "accept", "content-type"];

/// What each operation of a document takes, by id.
pub(super) fn table(document: &Value) -> HashMap<String, Takes> {
    let read = operations(document).filter_map(|(path, _, operation)| {
        let id = operation.get("operationId")?.as_str()?.to_owned();
        let levels = [document["paths"][path].get("parameters"), operation.get("parameters")];
        let mut parameters: Vec<Parameter> = Vec::new();
        for written in levels.into_iter().flatten().filter_map(Value::as_array).flatten() {
            let Some(parameter) = Parameter::read(resolved(document, written)) else { continue };
            parameters.retain(|it| (&it.place, &it.name) != (&parameter.place, &parameter.name));
            parameters.push(parameter);
        }
        let body = operation.get("requestBody").map(|body| resolved(document, body)).and_then(Body::read);
        Some((id, Takes { parameters, body }))
    });
    read.collect()
}

impl Parameter {
    fn read(written: &Value) -> Option<Self> {
        let text = |key: &str| written.get(key).and_then(Value::as_str).map(str::to_owned);
        let (place, name) = (text("in")?, text("name")?);
        let reserved = NO_PARAMETERS.iter().any(|reserved| name.eq_ignore_ascii_case(reserved));
        (place != "header" || !reserved).then(|| Self {
            required: place == "path" || written.get("required") == Some(&Value::Bool(true)),
            schema: written.get("schema").cloned().unwrap_or(Value::Bool(true)),
            place,
            name,
        })
    }
}

impl Body {
    fn read(written: &Value) -> Option<Self> {
        let content = written.get("content")?.as_object()?;
        let json = content.iter().find(|(media_type, _)| media_type.starts_with("application/json"));
        Some(Self {
            required: written.get("required") == Some(&Value::Bool(true)),
            schema: json.and_then(|(_, json)| json.get("schema")).cloned().unwrap_or(Value::Bool(true)),
        })
    }
}

impl Takes {
    /// Why a request is not what the operation takes: a sentence that names the place.
    pub(super) fn refuses(
        &self,
        operation: &str,
        document: &Value,
        path: &HashMap<String, String>,
        request: &RecordedRequest,
    ) -> Option<String> {
        let schemas = Schemas { root: document, open: false };
        self.in_path(schemas, path)
            .and_then(|()| self.in_query(schemas, Said::by(request, path), request))
            .and_then(|()| self.in_headers(request))
            .and_then(|()| self.in_body(operation, schemas, Said::by(request, path), request))
            .err()
    }

    fn at<'a>(&'a self, place: &'a str) -> impl Iterator<Item = &'a Parameter> {
        self.parameters.iter().filter(move |parameter| parameter.place == place)
    }

    fn in_path(&self, schemas: Schemas<'_>, path: &HashMap<String, String>) -> Result<(), String> {
        for Parameter { name, schema, .. } in self.at("path") {
            let text = path.get(name).map(String::as_str).unwrap_or_default();
            check_strings(schemas, schema, &[text]).map_err(|problem| format!("path: {name} {problem}"))?;
        }
        Ok(())
    }

    fn in_query(
        &self,
        schemas: Schemas<'_>,
        said: Said<'_>,
        request: &RecordedRequest,
    ) -> Result<(), String> {
        let mut given: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, value) in request.query_pairs() {
            given.entry(name.into_owned()).or_default().push(value.into_owned());
        }
        for Parameter { name, required, schema, .. } in self.at("query") {
            match given.remove(name) {
                None if *required => return Err(format!("query: {name} is missing")),
                None => {}
                // Python's way to give nothing.
                Some(values) if !required && values == ["null"] => {}
                Some(values) => {
                    let values: Vec<&str> = values.iter().map(String::as_str).collect();
                    check_strings(schemas, schema, &values)
                        .map_err(|problem| format!("query: {name} {problem}"))?;
                }
            }
        }
        let mut given =
            given.into_iter().flat_map(|(name, values)| values.into_iter().map(move |it| (name.clone(), it)));
        match given.find(|(name, value)| !said.covers(name, &Value::from(value.as_str()))) {
            Some((stranger, _)) => {
                Err(format!("query: {stranger} is a parameter that the document does not know"))
            }
            None => Ok(()),
        }
    }

    fn in_headers(&self, request: &RecordedRequest) -> Result<(), String> {
        let missing = self.at("header").find(|it| it.required && !request.headers().contains_key(&it.name));
        missing.map_or(Ok(()), |parameter| Err(format!("header: {} is missing", parameter.name)))
    }

    fn in_body(
        &self,
        operation: &str,
        schemas: Schemas<'_>,
        said: Said<'_>,
        request: &RecordedRequest,
    ) -> Result<(), String> {
        let beyond = BEYOND.iter().find(|beyond| beyond.operations.contains(&operation));
        if request.body().is_empty() {
            let missing = self.body.as_ref().is_some_and(|body| body.required);
            return if missing { Err("body: is missing".to_owned()) } else { Ok(()) };
        }
        let mut value = request.json().map_err(|error| format!("body: is not JSON: {error}"))?;
        let Some(body) = &self.body else {
            if let Value::Object(members) = &mut value {
                members.retain(|name, value| !said.covers(name, value));
            }
            let nothing = value.is_null() || value.as_object().is_some_and(serde_json::Map::is_empty);
            return if nothing { Ok(()) } else { Err("body: the operation takes none".to_owned()) };
        };
        let media_type = request.headers().get(http::header::CONTENT_TYPE);
        if !media_type.is_some_and(|it| it.as_bytes().starts_with(b"application/json")) {
            return Err("header: Content-Type is not application/json".to_owned());
        }
        let also = beyond.map(|beyond| beyond.fields).unwrap_or_default();
        let schemas = Schemas { open: beyond.is_some_and(|beyond| beyond.any_body), ..schemas };
        if let Value::Object(members) = &mut value {
            members.iter_mut().for_each(|(name, value)| as_documented(operation, name, value));
            let (named, required) = schemas.properties(&body.schema);
            // Null is what is not given, and so is no value at all of what has to be given.
            members.retain(|name, value| match named.contains(name.as_str()) {
                true => !value.is_null() || required.contains(name.as_str()),
                false => !said.covers(name, value),
            });
        }
        schemas.check(&body.schema, &value, also).map_err(|Violation { at, problem }| {
            if at.is_empty() { format!("body: {problem}") } else { format!("body: {at} {problem}") }
        })
    }
}

/// Strings of a path or a query: each is what it reads as, or a string; several are a list.
fn check_strings(schemas: Schemas<'_>, schema: &Value, strings: &[&str]) -> Result<(), String> {
    let read = |text: &&str| serde_json::from_str::<Value>(text).unwrap_or_else(|_| Value::from(*text));
    let mut candidates: Vec<Value> = vec![strings.iter().map(read).collect(), strings.to_vec().into()];
    if let [only] = strings {
        candidates.splice(0..0, [read(only), Value::from(*only)]);
    }
    let mut problem = None;
    for candidate in candidates {
        match schemas.check(schema, &candidate, &[]) {
            Ok(()) => return Ok(()),
            Err(violation) => problem = problem.or(Some(violation.problem)),
        }
    }
    Err(problem.unwrap_or_default())
}
