//! Whatever comes in the place of a value of a response, the rest of the response is there, typed, and nothing is lost: for every operation, by
//! replacing each value at each depth with values of every type of JSON.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that fails panics")]

use std::sync::{Arc, Mutex};

use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use vastai_api::{
    Client, Operation, RawResponse, SendFuture, SharedTransport, Transport, http_client_builder,
};
use vastai_spec::pipeline::{Prepared, Source, Staleness, prepare};
use vastai_spec::pointer;

#[path = "../recorded/losses.rs"]
mod losses;

use losses::losses;

#[allow(unreachable_pub, unused_qualifications)]
mod generated {
    use vastai_api::{Client, types};

    include!(concat!(env!("OUT_DIR"), "/sample_calls.rs"));
}

/// Answers every request with the same body, without a network.
#[derive(Debug, Clone, Default)]
struct Canned(Arc<Mutex<String>>);

impl Transport for Canned {
    fn send<'call>(
        &'call self,
        _http: &'call reqwest::Client,
        _request: reqwest::Request,
        _operation: &'static Operation,
    ) -> SendFuture<'call> {
        let body = self.0.lock().unwrap().clone();
        Box::pin(async move { Ok(RawResponse::new(StatusCode::OK, HeaderMap::new(), body.into())) })
    }
}

fn document() -> Prepared {
    let file =
        |name: &str| std::fs::read_to_string(format!("{}/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let (document, corrections, additions) =
        (file("openapi.yaml"), file("overlay.yaml"), file("undocumented.yaml"));
    let overlays = [Source::new("overlay.yaml", &corrections), Source::new("undocumented.yaml", &additions)];
    prepare(Source::new("openapi.yaml", &document), overlays, Staleness::Fail).unwrap()
}

/// A place in a response.
struct Spot {
    pointer: String,
    /// What is documented there: a type of JSON Schema, `any`, or several types with `|` between them.
    documented: String,
    /// Whether null is nothing there, and not a value of another type.
    may_be_null: bool,
    /// Whether the object around it is nothing without it.
    is_required: bool,
    /// Whether it is in an object with fields, which can keep what does not fit.
    is_in_fields: bool,
}

/// Makes a response with every field that a lowered schema has, and notes all places in it.
struct Maker<'document> {
    document: &'document Value,
    /// Which variant of a union is made; the last, where there are fewer.
    variant: usize,
    spots: Vec<Spot>,
}

impl Maker<'_> {
    fn target(&self, schema: &Value) -> Value {
        let reference = schema.get("$ref").or_else(|| schema.get("allOf")?.get(0)?.get("$ref"));
        let pointer = reference.and_then(Value::as_str).map(|to| to.trim_start_matches('#').to_owned());
        pointer.map_or_else(|| schema.clone(), |pointer| self.document.pointer(&pointer).unwrap().clone())
    }

    fn make(&mut self, schema: &Value, at: &str, is_field: bool, is_in_fields: bool) -> Value {
        let is_nullable = schema.get("nullable") == Some(&json!(true));
        let schema = self.target(schema);
        let variants = schema.get("oneOf").and_then(Value::as_array);
        let kinds: Vec<String> = match variants {
            Some(variants) => variants
                .iter()
                .map(|it| self.target(it)["type"].as_str().unwrap_or("any").to_owned())
                .collect(),
            None => vec![schema.get("type").and_then(Value::as_str).unwrap_or("any").to_owned()],
        };
        let place = self.spots.len();
        self.spots.push(Spot {
            pointer: at.to_owned(),
            documented: kinds.join("|"),
            may_be_null: is_field || is_nullable || kinds == ["any"],
            is_required: false,
            is_in_fields,
        });
        if let Some(variants) = variants {
            let value =
                self.make(&variants[self.variant.min(variants.len() - 1)], at, is_field, is_in_fields);
            self.spots.remove(place + 1);
            return value;
        }
        // A type may hold itself.
        let is_deep = at.matches('/').count() >= 8;
        let child = |maker: &mut Self, name: &str, schema: &Value, is_field| {
            let at = pointer::child(at, name);
            maker.make(schema, &at, is_field, is_in_fields || is_field)
        };
        match kinds[0].as_str() {
            "object" | "array" if is_deep && kinds[0] == "array" => json!([]),
            "object" if is_deep => json!({}),
            "object" => {
                let mut made = serde_json::Map::new();
                for (name, field) in schema.get("properties").and_then(Value::as_object).into_iter().flatten()
                {
                    let place = self.spots.len();
                    made.insert(name.clone(), child(self, name, field, true));
                    let required = schema.get("x-never-missing").and_then(Value::as_array);
                    self.spots[place].is_required =
                        required.is_some_and(|names| names.contains(&json!(name)));
                }
                let rest = schema.get("additionalProperties").filter(|rest| rest.is_object());
                if let (true, Some(rest)) = (made.is_empty(), rest) {
                    made.insert("some_key".to_owned(), child(self, "some_key", rest, false));
                }
                Value::Object(made)
            }
            "array" => {
                let elements = ["0", "1"].map(|index| {
                    // What is tried in the last element need not be tried in each.
                    self.spots.truncate(place + 1);
                    child(self, index, &schema["items"], false)
                });
                elements.to_vec().into()
            }
            "string" => json!("some text"),
            "integer" => json!(41),
            "number" => json!(2.5),
            "boolean" => json!(true),
            _ => json!({ "whatever": [1] }),
        }
    }
}

/// What is put in the place of each value.
fn strangers() -> Vec<Value> {
    vec![
        Value::Null,
        json!(true),
        json!(0),
        json!(u64::MAX),
        json!(1.25),
        json!(1e300),
        json!("of another type"),
        json!(""),
        json!("12"),
        json!([]),
        json!([1]),
        json!([null, "a", {}]),
        json!({}),
        json!({ "never_documented": { "deep": [null] } }),
    ]
}

/// How many values a response keeps in `extra` where this value comes in this place; `None` where that depends on what it holds.
fn kept_for(spot: &Spot, stranger: &Value) -> Option<usize> {
    let is_union = spot.documented.contains('|');
    let mut kept = Some(1);
    for documented in spot.documented.split('|') {
        match (documented, stranger) {
            (_, Value::Null) if spot.is_required => return Some(1),
            (_, Value::Null) if spot.may_be_null => return Some(0),
            ("any", _)
            | ("boolean", Value::Bool(_))
            | ("string", Value::String(_))
            | ("number", Value::Number(_)) => return Some(0),
            ("boolean", Value::Number(number)) if !is_union && number.as_u64().is_some_and(|it| it < 2) => {
                return Some(0);
            }
            ("integer", Value::Number(number)) if number.as_i64().is_some() => return Some(0),
            // In a union a string is a string.
            ("number", Value::String(text)) if !is_union && text.parse::<f64>().is_ok() => return Some(0),
            ("integer", Value::String(text)) if !is_union && text.parse::<i64>().is_ok() => return Some(0),
            ("array", Value::Array(_)) | ("object", Value::Object(_)) => kept = None,
            _ => {}
        }
    }
    kept
}

#[tokio::test]
async fn a_value_of_any_type_in_any_place_costs_its_field_alone() {
    let prepared = document();
    let canned = Canned::default();
    let http = http_client_builder().no_proxy().build().unwrap();
    let client = Client::new_with_client("http://127.0.0.1", http, SharedTransport::new(canned.clone()));
    let (mut wrong, mut tried, mut operations) = (Vec::new(), 0, 0);
    for operation in &prepared.operations {
        let content =
            &prepared.lowered["paths"][&operation.path][&operation.method]["responses"]["2XX"]["content"];
        let Some(schema) = content.get("application/json").map(|content| &content["schema"]) else {
            continue;
        };
        operations += 1;
        for variant in 0..3 {
            let mut maker = Maker { document: &prepared.lowered, variant, spots: Vec::new() };
            let answer = maker.make(schema, "", false, false);
            if variant > 0 && !maker.spots.iter().any(|spot| spot.documented.contains('|')) {
                break;
            }
            let as_documented = std::iter::once((answer.clone(), "as documented".to_owned(), Some(0)));
            let changed = maker.spots.iter().filter(|spot| spot.is_in_fields).flat_map(|spot| {
                strangers().into_iter().map(|stranger| {
                    let mut sent = answer.clone();
                    *sent.pointer_mut(&spot.pointer).unwrap() = stranger.clone();
                    let place = format!("{} is {} and comes as {stranger}", spot.pointer, spot.documented);
                    (sent, place, kept_for(spot, &stranger))
                })
            });
            for (sent, place, expected) in as_documented.chain(changed) {
                tried += 1;
                *canned.0.lock().unwrap() = sent.to_string();
                let place = format!("{}: {place}", operation.id);
                match generated::send_sample(&client, &operation.id).await {
                    Err(error) => wrong.push(format!("{place}: {error}")),
                    Ok((decoded, debug)) => {
                        wrong.extend(losses(&sent, &decoded).iter().map(|loss| format!("{place}: {loss}")));
                        let kept = debug.matches("extra: {\"").count();
                        if expected.is_some_and(|expected| expected != kept) {
                            wrong.push(format!("{place}: {kept} values in `extra`"));
                        }
                    }
                }
            }
        }
    }
    let shown: Vec<&str> = wrong.iter().take(40).map(String::as_str).collect();
    assert!(wrong.is_empty(), "{} of {tried}:\n{}", wrong.len(), shown.join("\n"));
    assert!(operations > 80 && tried > 10_000, "{operations} operations, {tried} answers");
}
