//! What the diff calls compatible is compatible: checked by an independent validator, with random schemas and values.

use serde_json::{Value, json};
use vastai_spec::diff::{Diff, Level, Side};

use crate::robustness::{Random, cases};

/// A depth at which there are only scalars.
const SCALARS: usize = 3;

/// A schema of a handful of keywords. Types are always stated: what a schema without one takes is a matter of reading.
fn any_schema(random: &mut Random, depth: usize) -> Value {
    match random.below(if depth > 2 { 4 } else { 10 }) {
        0 => {
            let mut schema = json!({ "type": (["integer", "number"][random.below(2)]) });
            if random.below(2) == 0 {
                schema[["minimum", "exclusiveMinimum"][random.below(2)]] = json!(random.below(3));
            }
            if random.below(3) == 0 {
                schema[["maximum", "exclusiveMaximum"][random.below(2)]] = json!(random.below(3) + 2);
            }
            if random.below(4) == 0 {
                schema["multipleOf"] = json!(random.below(2) + 1);
            }
            schema
        }
        1 => {
            let mut schema = json!({ "type": "string" });
            if random.below(2) == 0 {
                schema["maxLength"] = json!(random.below(3));
            }
            if random.below(3) == 0 {
                schema["enum"] = json!((["", "a", "bb", "ccc"][..=random.below(4)]));
            }
            schema
        }
        2 => json!({ "type": (["boolean", "null", "string"][random.below(3)]) }),
        3 => {
            let first = random.below(2);
            json!({ "type": (["string", "integer", "null"][first..=first + 1]) })
        }
        4 => {
            let mut schema = json!({ "type": "array" });
            if random.below(3) > 0 {
                schema["items"] = any_schema(random, depth + 1);
            }
            for keyword in ["minItems", "maxItems"] {
                if random.below(3) == 0 {
                    schema[keyword] = json!(random.below(3));
                }
            }
            if random.below(4) == 0 {
                schema["uniqueItems"] = json!(true);
            }
            schema
        }
        5 => json!({ "anyOf": [any_schema(random, depth + 1), any_schema(random, depth + 1)] }),
        // Of scalars alone: which properties a client does not send is a matter of reading, too.
        9 => json!({ "oneOf": [any_schema(random, SCALARS), any_schema(random, SCALARS)] }),
        6 => json!({ "allOf": [any_schema(random, depth + 1), any_schema(random, depth + 1)] }),
        _ => {
            let mut schema = json!({ "type": "object", "properties": {} });
            for name in ["a", "b"] {
                if random.below(3) > 0 {
                    schema["properties"][name] = any_schema(random, depth + 1);
                }
            }
            schema["required"] = json!((["a", "b"][..random.below(3)]));
            match random.below(6) {
                0 => schema["additionalProperties"] = json!(false),
                1 => schema["additionalProperties"] = any_schema(random, depth + 1),
                2 => schema["minProperties"] = json!(random.below(3)),
                3 => schema["not"] = json!({ "type": "object", "required": ["a"] }),
                _ => {}
            }
            schema
        }
    }
}

fn any_value(random: &mut Random, depth: usize) -> Value {
    match random.below(if depth > 2 { 6 } else { 9 }) {
        0 => Value::Null,
        1 => json!(random.below(2) == 0),
        2 => json!(random.below(7)),
        3 => json!(([0.5, 1.5, -1.0][random.below(3)])),
        4 | 5 => json!((["", "a", "bb", "ccc"][random.below(4)])),
        6 => Value::Array((0..random.below(4)).map(|_| any_value(random, depth + 1)).collect()),
        _ => {
            let mut object = json!({});
            for name in ["a", "b"] {
                if random.below(3) > 0 {
                    object[name] = any_value(random, depth + 1);
                }
            }
            object
        }
    }
}

/// The places of schemas within a schema of this grammar.
fn places(schema: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    for key in ["items", "additionalProperties"] {
        if let Some(inner) = schema.get(key).filter(|inner| inner.is_object()) {
            places(inner, &format!("{at}/{key}"), found);
        }
    }
    for (name, inner) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        places(inner, &format!("{at}/properties/{name}"), found);
    }
    for key in ["anyOf", "allOf", "oneOf"] {
        for (index, inner) in schema.get(key).and_then(Value::as_array).into_iter().flatten().enumerate() {
            places(inner, &format!("{at}/{key}/{index}"), found);
        }
    }
}

fn document(schema: &Value) -> Value {
    let content = json!({ "content": { "application/json": { "schema": schema } } });
    json!({ "paths": { "/a": { "post": { "requestBody": content, "responses": { "200": content } } } } })
}

#[test]
fn what_is_called_compatible_is() {
    let mut random = Random(0xDECA_FBAD_DECA_FBAD);
    let (mut judged, mut compatible, mut faults) = (0, 0, Vec::new());
    for _ in 0..cases(1_000) {
        let old = any_schema(&mut random, 0);
        let mut new = old.clone();
        let mut found = Vec::new();
        places(&old, "", &mut found);
        for _ in 0..=random.below(2) {
            let place = &found[random.below(found.len())];
            let depth = place.split('/').count();
            if let Some(target) = new.pointer_mut(place) {
                // Another schema, or the same with one keyword fewer.
                match target.as_object_mut() {
                    Some(members) if random.below(2) == 0 && members.len() > 1 => {
                        let key = members.keys().nth(random.below(members.len())).cloned();
                        key.filter(|key| key != "type").and_then(|key| members.remove(&key));
                    }
                    _ => *target = any_schema(&mut random, depth),
                }
            }
        }
        let diff = Diff::between(&document(&old), &document(&new)).unwrap();
        let breaks =
            |side| diff.changes.iter().any(|change| change.side == side && change.level == Level::Breaking);
        let validators = [&old, &new].map(|schema| jsonschema::validator_for(schema).unwrap());
        for (side, [from, to]) in [(Side::Request, [0, 1]), (Side::Response, [1, 0])] {
            judged += 1;
            if breaks(side) {
                continue;
            }
            compatible += 1;
            // A client knows no properties but those of the old document, and one that is new in a response harms nobody.
            let adds_a_name = diff.changes.iter().any(|change| change.id.contains("property-added"));
            if adds_a_name {
                continue;
            }
            // A value that fitted two alternatives of a `oneOf` and fits one now is not new to whoever reads responses.
            if side == Side::Response && old.to_string().contains("oneOf") {
                continue;
            }
            let merges = [&old, &new].iter().any(|schema| schema.to_string().contains("allOf"));
            for _ in 0..60 {
                let value = any_value(&mut random, 0);
                // In an `allOf`, the outermost that speaks of null decides: that is a reading too, and not the validator's.
                if merges && value.to_string().contains("null") {
                    continue;
                }
                if validators[from].is_valid(&value) && !validators[to].is_valid(&value) {
                    faults.push(format!("{side:?} {value}: {old} → {new}"));
                    break;
                }
            }
        }
    }
    assert!(compatible > judged / 5, "{compatible} of {judged}");
    assert!(faults.is_empty(), "{} of {compatible}:\n{}", faults.len(), faults.join("\n"));
}
