//! What a document's schema accepts, its lowered form accepts too: with random instances, and a validator that is not ours.
//!
//! Two readings are taken with the lowering: a schema that says `properties` and no type means an object, and an open variant of a
//! union does not use another variant's properties for something else.

use std::cell::RefCell;

use jsonschema::{Draft, Validator};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Map, Value, json};
use vastai_spec::identify::operations;
use vastai_spec::pipeline::{Prepared, Staleness};

use crate::documents;

/// How many instances of each schema are tried.
const ROUNDS: usize = 24;
/// How deep an instance goes; what is optional and deeper is left out.
const MAX_DEPTH: usize = 6;

/// A schema and what became of it.
struct Pair {
    place: String,
    original: Value,
    lowered: Value,
}

/// The bodies and the successes of all operations.
fn pairs(prepared: &Prepared) -> Vec<Pair> {
    let mut pairs = Vec::new();
    let document = &prepared.overlaid;
    // A reference to itself has no end for a validator, and no meaning.
    for (path, method, operation) in operations(document).filter(|(path, _, _)| *path != "/circles") {
        let lowered = &prepared.lowered["paths"][path][method];
        let place = format!("{method} {path}");
        if let Some(original) = operation.get("requestBody").and_then(|body| schema_in(document, body)) {
            let lowered = lowered["requestBody"]["content"]["application/json"]["schema"].clone();
            pairs.push(Pair { place: format!("{place}, the body"), original, lowered });
        }
        let responses = operation.get("responses").and_then(Value::as_object);
        for (status, response) in
            responses.into_iter().flatten().filter(|(status, _)| status.starts_with('2'))
        {
            let Some(original) = schema_in(document, response) else { continue };
            let lowered = lowered["responses"]["2XX"]["content"]["application/json"]["schema"].clone();
            pairs.push(Pair { place: format!("{place}, status {status}"), original, lowered });
        }
    }
    pairs.retain(|pair| !pair.lowered.is_null());
    pairs
}

fn schema_in(document: &Value, holder: &Value) -> Option<Value> {
    let holder = resolved(document, holder);
    let content = holder.get("content")?.as_object()?;
    let json = content.iter().find(|(media_type, _)| media_type.starts_with("application/json"))?;
    Some(json.1.get("schema")?.clone()).filter(|schema| !schema.is_null())
}

fn resolved<'document>(document: &'document Value, value: &'document Value) -> &'document Value {
    let target = value.get("$ref").and_then(Value::as_str);
    target.and_then(|target| vastai_spec::pointer::resolve(document, target)).unwrap_or(value)
}

/// A validator of a schema that refers to others in its document.
fn validator(document: &Value, schema: &Value) -> Option<Validator> {
    let is_3_0 = document["openapi"].as_str().is_some_and(|version| version.starts_with("3.0"));
    let mut schema = schema.clone();
    let mut schemas = Map::new();
    let mut paths = Value::Null;
    reach(document, &schema, &mut schemas, &mut paths);
    if is_3_0 {
        as_2020_12(&mut schema);
        schemas.values_mut().for_each(as_2020_12);
    }
    let whole = json!({ "allOf": [schema], "components": { "schemas": schemas }, "paths": paths });
    jsonschema::options().with_draft(Draft::Draft202012).build(&whole).ok()
}

/// Gathers the components that a schema refers to, and the paths if it refers to one.
fn reach(document: &Value, value: &Value, schemas: &mut Map<String, Value>, paths: &mut Value) {
    match value {
        Value::Object(members) => {
            let reference = members.get("$ref").and_then(Value::as_str).unwrap_or_default();
            if let Some(rest) = reference.strip_prefix("#/components/schemas/") {
                let name = rest.split('/').next().unwrap().replace("~1", "/").replace("~0", "~");
                let name = name.replace("%20", " ");
                if let Some(target) = document["components"]["schemas"].get(&name)
                    && !schemas.contains_key(&name)
                {
                    schemas.insert(name, target.clone());
                    reach(document, target, schemas, paths);
                }
            } else if reference.starts_with("#/paths/") && paths.is_null() {
                *paths = document["paths"].clone();
                reach(document, &document["paths"], schemas, paths);
            }
            members.values().for_each(|member| reach(document, member, schemas, paths));
        }
        Value::Array(elements) => {
            elements.iter().for_each(|element| reach(document, element, schemas, paths))
        }
        _ => {}
    }
}

/// Says `nullable` and exclusive bounds the way of JSON Schema.
fn as_2020_12(schema: &mut Value) {
    let Some(members) = schema.as_object_mut() else { return };
    for key in ["properties", "patternProperties"] {
        if let Some(Value::Object(inner)) = members.get_mut(key) {
            inner.values_mut().for_each(as_2020_12);
        }
    }
    for key in ["items", "additionalProperties", "not"] {
        members.get_mut(key).into_iter().for_each(as_2020_12);
    }
    for key in ["allOf", "anyOf", "oneOf"] {
        members.get_mut(key).and_then(Value::as_array_mut).into_iter().flatten().for_each(as_2020_12);
    }
    for (flag, bound) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
        if let Some(Value::Bool(exclusive)) = members.get(flag).cloned() {
            members.remove(flag);
            if let Some(limit) = members.get(bound).cloned().filter(|_| exclusive) {
                members.insert(flag.to_owned(), limit);
            }
        }
    }
    if members.remove("nullable") == Some(json!(true)) {
        *schema = json!({ "anyOf": [schema.clone(), { "type": "null" }] });
    }
}

/// Makes instances of schemas; most of them are valid.
struct Maker<'document> {
    document: &'document Value,
    random: RefCell<TestRunner>,
    round: usize,
}

impl Maker<'_> {
    fn any<S: Strategy>(&self, strategy: S) -> S::Value {
        strategy.new_tree(&mut self.random.borrow_mut()).unwrap().current()
    }

    fn one_in(&self, chances: u32) -> bool {
        self.any(0..chances) == 0
    }

    fn instance(&self, schema: &Value, depth: usize) -> Value {
        let Some(members) = schema.as_object() else { return self.anything() };
        if let Some(reference) = members.get("$ref").and_then(Value::as_str) {
            let target = vastai_spec::pointer::resolve(self.document, reference).unwrap();
            return self.instance(target, depth + 1);
        }
        let list = |key: &str| members.get(key).and_then(Value::as_array).filter(|list| !list.is_empty());
        if let Some(value) = members.get("const") {
            return value.clone();
        }
        if let Some(values) = list("enum") {
            return values[self.round % values.len()].clone();
        }
        let mut parts: Vec<Value> =
            list("allOf").into_iter().flatten().map(|it| self.instance(it, depth)).collect();
        for key in ["anyOf", "oneOf"] {
            if let Some(variants) = list(key) {
                parts.push(self.instance(&variants[self.any(0..variants.len())], depth));
            }
        }
        if members.contains_key("type") || members.contains_key("properties") || parts.is_empty() {
            parts.push(self.typed(members, depth));
        }
        let mut whole = parts.remove(0);
        for part in parts {
            match (&mut whole, part) {
                (Value::Object(whole), Value::Object(part)) => whole.extend(part),
                (_, other) => whole = other,
            }
        }
        whole
    }

    fn typed(&self, members: &Map<String, Value>, depth: usize) -> Value {
        let kinds: Vec<&str> = match members.get("type") {
            Some(Value::String(kind)) => vec![kind],
            Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
            _ if members.contains_key("properties") => vec!["object"],
            _ if members.contains_key("items") => vec!["array"],
            _ if members.contains_key("minimum") || members.contains_key("maximum") => vec!["number"],
            _ => Vec::new(),
        };
        if kinds.is_empty() {
            return self.anything();
        }
        if members.get("nullable") == Some(&json!(true)) && self.one_in(4) {
            return Value::Null;
        }
        match kinds[self.any(0..kinds.len())] {
            "object" => self.object(members, depth),
            "array" => self.array(members, depth),
            "string" => self.text(members),
            "integer" => self.number(members, true),
            "number" => self.number(members, false),
            "boolean" => json!(self.one_in(2)),
            _ => Value::Null,
        }
    }

    fn object(&self, members: &Map<String, Value>, depth: usize) -> Value {
        let mut object = Map::new();
        let required: Vec<&str> = members
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        for (name, schema) in members.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let wanted = depth < MAX_DEPTH && !self.one_in(3);
            if wanted || required.contains(&name.as_str()) {
                object.insert(name.clone(), self.instance(schema, depth + 1));
            }
        }
        let rest = members.get("additionalProperties");
        for name in required {
            let value = || rest.map_or_else(|| self.anything(), |rest| self.instance(rest, depth + 1));
            object.entry(name).or_insert_with(value);
        }
        if rest != Some(&json!(false)) && self.one_in(2) {
            let value = match rest {
                Some(schema @ Value::Object(_)) => self.instance(schema, depth + 1),
                _ => self.anything(),
            };
            object.insert("a property that nobody knows".to_owned(), value);
        }
        Value::Object(object)
    }

    fn array(&self, members: &Map<String, Value>, depth: usize) -> Value {
        let count = |key: &str| {
            members.get(key).and_then(Value::as_u64).and_then(|count| usize::try_from(count).ok())
        };
        let least = count("minItems").unwrap_or(0);
        let most = count("maxItems").unwrap_or(least + 3).min(least + 3);
        let any = json!({});
        let items = members.get("items").unwrap_or(&any);
        let length = if depth < MAX_DEPTH { self.any(least..=most.max(least)) } else { least };
        (0..length).map(|_| self.instance(items, depth + 1)).collect()
    }

    fn text(&self, members: &Map<String, Value>) -> Value {
        let pattern = members.get("pattern").and_then(Value::as_str).map(|it| it.trim_matches(['^', '$']));
        if let Some(Ok(strategy)) = pattern.map(prop::string::string_regex) {
            return json!(self.any(strategy));
        }
        let count = |key: &str| {
            members.get(key).and_then(Value::as_u64).and_then(|count| usize::try_from(count).ok())
        };
        let least = count("minLength").unwrap_or(0);
        let most = count("maxLength").unwrap_or(least + 12).max(least);
        let length =
            [least, most.min(least + 300), self.any(least..=most.min(least + 12))][self.any(0..3_usize)];
        let text: String = (0..length).map(|_| self.any(prop::char::any())).collect();
        json!(text)
    }

    fn number(&self, members: &Map<String, Value>, whole: bool) -> Value {
        let limit = |key: &str| members.get(key).and_then(Value::as_f64);
        let low = limit("minimum").or_else(|| Some(limit("exclusiveMinimum")? + 1.0));
        let high = limit("maximum").or_else(|| Some(limit("exclusiveMaximum")? - 1.0));
        let step = limit("multipleOf").unwrap_or(1.0);
        let between = match (low, high) {
            (Some(low), Some(high)) => self.any(low..=high.max(low)),
            (Some(low), None) => low + self.any(0.0..1e6),
            (None, Some(high)) => high - self.any(0.0..1e6),
            (None, None) => self.any(-1e9..1e9),
        };
        let stepped = (between / step).round() * step;
        let choices =
            [low.unwrap_or(0.0), high.unwrap_or(-1.0), stepped, if whole { stepped } else { between }];
        let chosen = choices[self.any(0..choices.len())];
        // A whole number may be written with a fraction of zero.
        if whole && !self.one_in(5) { json!(chosen.trunc() as i64) } else { json!(chosen) }
    }

    fn anything(&self) -> Value {
        let choices = [
            json!(null),
            json!(true),
            json!(-1.5),
            json!("text"),
            json!([1, "a", null]),
            json!({ "a": { "b": [] } }),
        ];
        choices[self.any(0..choices.len())].clone()
    }
}

/// How many instances were valid, of how many schemas.
#[derive(Default)]
struct Tried {
    schemas: usize,
    instances: usize,
    without_instance: Vec<String>,
    /// What stands there is not a JSON Schema, so nothing says which instances are valid.
    no_schema: Vec<String>,
}

/// The properties of a pair of objects, as pairs.
fn members(prepared: &Prepared, pair: &Pair) -> Vec<Pair> {
    let original = resolved(&prepared.overlaid, &pair.original);
    let lowered = resolved(&prepared.lowered, &pair.lowered);
    let properties = original.get("properties").and_then(Value::as_object).into_iter().flatten();
    properties
        .filter_map(|(name, original)| {
            let lowered = lowered.get("properties")?.get(name)?.clone();
            Some(Pair { place: format!("{}, `{name}`", pair.place), original: original.clone(), lowered })
        })
        .collect()
}

fn check(name: &str, prepared: &Prepared, tried: &mut Tried, faults: &mut Vec<String>) {
    let seed = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let random = RefCell::new(TestRunner::new_with_rng(Config::default(), seed));
    let mut maker = Maker { document: &prepared.overlaid, random, round: 0 };
    let mut waiting = pairs(prepared);
    while let Some(pair) = waiting.pop() {
        let before = tried.instances;
        let of_lowered = validator(&prepared.lowered, &pair.lowered);
        let of_lowered = of_lowered.unwrap_or_else(|| panic!("{name}: {}", pair.place));
        let of_original = validator(&prepared.overlaid, &pair.original);
        for round in 0..ROUNDS {
            maker.round = round;
            let instance = maker.instance(&pair.original, 0);
            if !of_original.as_ref().is_some_and(|validator| validator.is_valid(&instance)) {
                continue;
            }
            tried.instances += 1;
            if let Some(fault) = of_lowered.iter_errors(&instance).next() {
                faults.push(format!("{name}: {}: at {}: {fault}", pair.place, fault.instance_path()));
                break;
            }
        }
        if of_original.is_none() {
            tried.no_schema.push(format!("{name}: {}", pair.place));
        } else {
            tried.schemas += 1;
        }
        if tried.instances == before {
            // Too much is asked of the whole at once; its properties can be met one by one.
            let members = members(prepared, &pair);
            if members.is_empty() && of_original.is_some() {
                tried.without_instance.push(format!("{name}: {}", pair.place));
            }
            waiting.extend(members);
        }
    }
}

#[test]
fn what_a_schema_accepts_its_lowered_form_accepts() {
    let mut tried = Tried::default();
    let mut faults = Vec::new();
    let vendored = documents::vendored();
    let corrected = documents::overlaid(&vendored, Staleness::Warn);
    check(&vendored.name, &corrected.unwrap(), &mut tried, &mut faults);
    for document in documents::odd().into_iter().chain(documents::published()) {
        check(&document.name, &document.prepared(), &mut tried, &mut faults);
    }
    eprintln!(
        "{} instances of {} schemas; without one:\n{}\nno schema, and not tried:\n{}",
        tried.instances,
        tried.schemas,
        tried.without_instance.join("\n"),
        tried.no_schema.join("\n")
    );
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    assert!(tried.without_instance.len() * 20 < tried.schemas, "too few schemas were tried");
}
