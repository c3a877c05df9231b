//! Code that calls every operation of the generated client once, with the samples of the document: for the client's own tests.

use std::collections::HashMap;
use std::fmt::Write as _;

use heck::ToPascalCase;
use serde_json::Value;

use crate::identify::names;
use crate::operations::Operation;
use crate::pipeline::Prepared;
use crate::samples::{self, Sample};

impl Prepared {
    /// The code of a function `send_sample(client, operation)`, which sends the sample request of an operation through its generated
    /// builder and returns the decoded response as JSON and as `Debug` shows it.
    #[must_use]
    pub fn sample_calls(&self) -> String {
        let mut code = String::from(
            "/// Sends the sample request of an operation; returns the decoded response as JSON (null where it is not JSON) and as `Debug` shows it.\n\
             pub async fn send_sample(client: &Client, operation: &str) -> Result<(serde_json::Value, String), Box<dyn std::error::Error>> {\n\
             \x20   match operation {\n",
        );
        let by_id: HashMap<&str, &Operation> =
            self.operations.iter().map(|operation| (operation.id.as_str(), operation)).collect();
        for sample in samples::of(&self.overlaid) {
            let operation = by_id.get(sample.operation.as_str());
            let lowered = operation.map(|it| &self.lowered["paths"][&it.path][&it.method]);
            if let Some(lowered) = lowered.filter(|lowered| lowered.is_object()) {
                code.push_str(&arm(&sample, lowered));
            }
        }
        code.push_str("        other => Err(format!(\"no operation {other}\").into()),\n    }\n}\n");
        code
    }
}

fn arm(sample: &Sample, lowered: &Value) -> String {
    let mut call = format!("client.{}()", names::method(&sample.operation));
    for parameter in lowered.get("parameters").and_then(Value::as_array).into_iter().flatten() {
        let name = parameter.get("name").and_then(Value::as_str).unwrap_or_default();
        if let Some((_, _, value)) = sample.parameters.iter().find(|(_, present, _)| present == name) {
            let _ = write!(call, ".{}({})", names::method(name), literal(&parameter["schema"], value));
        }
    }
    let content = lowered["requestBody"]["content"].as_object().and_then(|content| content.iter().next());
    if let Some((media_type, body)) = content {
        let text = sample.body.clone().unwrap_or_default().to_string();
        let body =
            match body["schema"].get("$ref").and_then(Value::as_str).and_then(|to| to.rsplit('/').next()) {
                Some(name) => format!("serde_json::from_str::<types::{}>({text:?})?", name.to_pascal_case()),
                None if body["schema"]["type"] == "object" => {
                    format!("serde_json::from_str::<serde_json::Map<String, serde_json::Value>>({text:?})?")
                }
                None if media_type == "application/json" => {
                    format!("serde_json::from_str::<serde_json::Value>({text:?})?")
                }
                None => "\"text\"".to_owned(),
            };
        let _ = write!(call, ".body({body})");
    }
    let decoded = if lowered["responses"]["2XX"]["content"].get("application/json").is_some() {
        "let response = response.into_inner();\n            Ok((serde_json::to_value(&response)?, format!(\"{response:?}\")))"
    } else {
        "Ok((serde_json::Value::Null, String::new()))"
    };
    let unused = if decoded.contains("response") { "response" } else { "_response" };
    format!(
        "        {:?} => {{\n            let {unused} = {call}.send().await?;\n            {decoded}\n        }}\n",
        sample.operation
    )
}

/// A parameter's value as it is given to the builder.
fn literal(schema: &Value, value: &Value) -> String {
    match (schema.get("type").and_then(Value::as_str), value) {
        (Some("integer"), value) => format!("{}i64", value.as_i64().unwrap_or(1)),
        (Some("number"), value) => format!("{:?}f64", value.as_f64().unwrap_or(1.0)),
        (Some("boolean"), value) => value.as_bool().unwrap_or(true).to_string(),
        (_, Value::String(text)) => format!("{text:?}"),
        (_, other) => format!("{:?}", other.to_string()),
    }
}
