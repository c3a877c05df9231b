//! What the recorder responds: the document's examples, and where the official client reads more, a table of our own.

use anyhow::Context as _;
use serde::Deserialize;
use serde_json::{Value, json};
use vastai_spec::pipeline::Prepared;
use vastai_spec::samples;

const TABLE: &str = include_str!("../../conformance/responses.toml");

/// A response for each request.
#[derive(Debug)]
pub(crate) struct Responses(Vec<Response>);

#[derive(Debug)]
struct Response {
    method: String,
    /// The segments of its path; `None` is a parameter.
    path: Vec<Option<String>>,
    body: Value,
}

#[derive(Deserialize)]
struct Table {
    response: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    method: String,
    path: String,
    json: String,
}

impl Responses {
    /// Our table stands before the examples of the document.
    pub(crate) fn of(document: &Prepared) -> anyhow::Result<Self> {
        let table: Table = toml::from_str(TABLE).context("conformance/responses.toml")?;
        let mut responses = Vec::new();
        for Entry { method, path, json } in table.response {
            let body = serde_json::from_str(&json)
                .with_context(|| format!("conformance/responses.toml: the response to {method} {path}"))?;
            responses.push(Response { path: segments(&path), method, body });
        }
        let samples = samples::of(&document.overlaid);
        for operation in &document.operations {
            let sample = samples.iter().find(|sample| sample.operation == operation.id);
            if let Some(mut body) = sample.and_then(|sample| sample.response.clone()) {
                if let Value::Object(fields) = &mut body {
                    // One page is enough.
                    fields.remove("next_token");
                    fields.insert("success".to_owned(), json!(true));
                }
                let method = operation.method.to_ascii_uppercase();
                responses.push(Response { path: segments(&operation.path), method, body });
            }
        }
        // `/users/current` is not the user `current`.
        responses.sort_by_key(|response| response.path.iter().filter(|segment| segment.is_none()).count());
        Ok(Self(responses))
    }

    /// The body of the response to a request to the server at `url`, which also serves the files of results.
    pub(crate) fn to(&self, method: &str, path: &str, url: &str) -> Value {
        let path = segments(path);
        let matches = |response: &&Response| {
            response.method == method
                && response.path.len() == path.len()
                && response
                    .path
                    .iter()
                    .zip(&path)
                    .all(|(template, segment)| template.is_none() || template == segment)
        };
        match self.0.iter().find(matches) {
            None => json!({ "success": true, "msg": "done" }),
            Some(response) => with_results_at(url, &response.body),
        }
    }
}

pub(super) fn segments(path: &str) -> Vec<Option<String>> {
    let segments = path.trim_matches('/').split('/');
    segments.map(|segment| (!segment.starts_with('{')).then(|| segment.to_owned())).collect()
}

/// A body whose URLs of results lead to this server.
fn with_results_at(url: &str, body: &Value) -> Value {
    match body {
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| {
                let is_result = name == "result_url";
                (
                    name.clone(),
                    if is_result { json!(format!("{url}{RESULTS}1")) } else { with_results_at(url, value) },
                )
            })
            .collect(),
        Value::Array(values) => values.iter().map(|value| with_results_at(url, value)).collect(),
        other => other.clone(),
    }
}

/// Where the recorder has the files of results.
pub(crate) const RESULTS: &str = "/results/";
