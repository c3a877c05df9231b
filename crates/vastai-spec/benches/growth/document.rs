//! Documents of as many operations as one likes: another one, multiplied.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

const SCHEMAS: &str = "#/components/schemas/";
const METHODS: [&str; 5] = ["delete", "get", "patch", "post", "put"];

/// A document of so many operations, in batches of those that `base` has. Each batch has schemas of its own, which differ from those of
/// the others, inline and as components; a third of the components is shared by all.
pub(crate) fn grown(base: &Value, operations: usize) -> Value {
    let mut grown = base.clone();
    let paths = base["paths"].as_object().unwrap();
    let schemas = base["components"]["schemas"].as_object().unwrap();
    let shared: BTreeSet<&str> = schemas.keys().map(String::as_str).step_by(3).collect();
    let mut written = Map::new();
    let mut left = operations;
    for number in 0.. {
        if left == 0 {
            break;
        }
        let batch = Batch { number, shared: &shared };
        for (name, schema) in schemas.iter().filter(|(name, _)| !shared.contains(name.as_str())) {
            grown["components"]["schemas"][format!("{name}{}", batch.suffix())] = batch.of(schema);
        }
        for (path, item) in paths {
            let mut item = batch.of(item);
            for method in METHODS {
                let Some(operation) = item.get_mut(method).and_then(Value::as_object_mut) else { continue };
                if left == 0 {
                    item.as_object_mut().unwrap().remove(method);
                    continue;
                }
                left -= 1;
                for (key, more) in [("operationId", batch.suffix()), ("summary", batch.words())] {
                    if let Some(Value::String(text)) = operation.get_mut(key) {
                        text.push_str(&more);
                    }
                }
            }
            if METHODS.iter().any(|method| item.get(method).is_some()) {
                written.insert(format!("{}{path}", batch.path()), item);
            }
        }
    }
    grown["paths"] = Value::Object(written);
    grown
}

/// Every so-manieth path of a document, for where little has to do.
#[allow(dead_code, reason = "the test has little time, the benchmark much")]
pub(crate) fn thinned(base: &Value, every: usize) -> Value {
    let mut thinned = base.clone();
    let paths = base["paths"].as_object().unwrap().iter().step_by(every);
    thinned["paths"] = Value::Object(paths.map(|(path, item)| (path.clone(), item.clone())).collect());
    thinned
}

/// How many operations a document has.
#[allow(dead_code, reason = "the benchmark says how many it wants")]
pub(crate) fn count(document: &Value) -> usize {
    let items = document["paths"].as_object().unwrap().values();
    items.map(|item| METHODS.iter().filter(|method| item.get(method).is_some()).count()).sum()
}

struct Batch<'base> {
    number: usize,
    shared: &'base BTreeSet<&'base str>,
}

impl Batch<'_> {
    fn suffix(&self) -> String {
        if self.number == 0 { String::new() } else { format!("Batch{}", self.number) }
    }

    fn words(&self) -> String {
        if self.number == 0 { String::new() } else { format!(" batch {}", self.number) }
    }

    fn path(&self) -> String {
        if self.number == 0 { String::new() } else { format!("/batch{}", self.number) }
    }

    fn of(&self, value: &Value) -> Value {
        match value {
            Value::Object(members) => members
                .iter()
                .map(|(key, member)| {
                    let member = match (key.as_str(), member) {
                        ("$ref", Value::String(to)) => json!(self.reference(to)),
                        ("properties", Value::Object(properties)) => self.properties(properties),
                        _ => self.of(member),
                    };
                    (key.clone(), member)
                })
                .collect(),
            Value::Array(elements) => elements.iter().map(|element| self.of(element)).collect(),
            other => other.clone(),
        }
    }

    fn reference(&self, to: &str) -> String {
        match to.strip_prefix(SCHEMAS) {
            Some(name) if !self.shared.contains(name) => format!("{to}{}", self.suffix()),
            _ => to.to_owned(),
        }
    }

    /// Without a property of its own, an inline schema would be the same type in all batches.
    fn properties(&self, properties: &Map<String, Value>) -> Value {
        let mut own: Map<String, Value> =
            properties.iter().map(|(name, property)| (name.clone(), self.of(property))).collect();
        if properties.len() > 2 && self.number > 0 {
            own.insert(format!("batch_{}", self.number), json!({ "type": "integer" }));
        }
        Value::Object(own)
    }
}
