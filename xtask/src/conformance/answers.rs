//! What the recorder answers: the document's examples, and where the official client reads more, a table of our own.

use anyhow::Context as _;
use serde::Deserialize;
use serde_json::{Value, json};
use vastai_spec::pipeline::Prepared;
use vastai_spec::samples;

const TABLE: &str = include_str!("../../conformance/answers.toml");

/// An answer for each request.
#[derive(Debug)]
pub(crate) struct Answers(Vec<Answer>);

#[derive(Debug)]
struct Answer {
    method: String,
    /// The segments of its path; `None` is a parameter.
    path: Vec<Option<String>>,
    answer: Value,
}

#[derive(Deserialize)]
struct Table {
    answer: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    method: String,
    path: String,
    json: String,
}

impl Answers {
    /// Our table stands before the examples of the document.
    pub(crate) fn of(document: &Prepared) -> anyhow::Result<Self> {
        let table: Table = toml::from_str(TABLE).context("conformance/answers.toml")?;
        let mut answers = Vec::new();
        for Entry { method, path, json } in table.answer {
            let answer = serde_json::from_str(&json)
                .with_context(|| format!("conformance/answers.toml: the answer to {method} {path}"))?;
            answers.push(Answer { path: segments(&path), method, answer });
        }
        let samples = samples::of(&document.overlaid);
        for operation in &document.operations {
            let sample = samples.iter().find(|sample| sample.operation == operation.id);
            if let Some(mut answer) = sample.and_then(|sample| sample.response.clone()) {
                if let Value::Object(members) = &mut answer {
                    // One page is enough.
                    members.remove("next_token");
                    members.insert("success".to_owned(), json!(true));
                }
                let method = operation.method.to_ascii_uppercase();
                answers.push(Answer { path: segments(&operation.path), method, answer });
            }
        }
        // `/users/current` is not the user `current`.
        answers.sort_by_key(|answer| answer.path.iter().filter(|segment| segment.is_none()).count());
        Ok(Self(answers))
    }

    /// The answer to a request to the server at `url`, at which the files of results are, too.
    pub(crate) fn to(&self, method: &str, path: &str, url: &str) -> Value {
        let path = segments(path);
        let matches = |answer: &&Answer| {
            answer.method == method
                && answer.path.len() == path.len()
                && answer
                    .path
                    .iter()
                    .zip(&path)
                    .all(|(template, segment)| template.is_none() || template == segment)
        };
        match self.0.iter().find(matches) {
            None => json!({ "success": true, "msg": "done" }),
            Some(answer) => at(&answer.answer, url),
        }
    }
}

pub(super) fn segments(path: &str) -> Vec<Option<String>> {
    let segments = path.trim_matches('/').split('/');
    segments.map(|segment| (!segment.starts_with('{')).then(|| segment.to_owned())).collect()
}

/// An answer whose URLs of results lead to this server.
fn at(answer: &Value, url: &str) -> Value {
    match answer {
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| {
                let is_result = name == "result_url";
                (name.clone(), if is_result { json!(format!("{url}{RESULTS}1")) } else { at(value, url) })
            })
            .collect(),
        Value::Array(values) => values.iter().map(|value| at(value, url)).collect(),
        other => other.clone(),
    }
}

/// Where the recorder has the files of results.
pub(crate) const RESULTS: &str = "/results/";
