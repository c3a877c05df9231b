//! Whether a value keeps to a schema of the document.
//!
//! A validator of the whole of JSON Schema would bring dozens of crates into whatever links the simulator. This one knows what schemas of
//! requests are made of, lets pass what it does not know, and is stricter in one thing: a property that the schema does not name is an
//! error unless the schema says that there may be others. A misspelt property is what tests want to hear of.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use vastai_spec::operations::is_read_only;
use vastai_spec::pointer::{child, resolve};

/// How deep values are looked into, so that a schema that refers to itself comes to an end.
const MAX_DEPTH: usize = 64;

/// Where a value breaks its schema, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Violation {
    /// A JSON pointer into the value; empty for the value itself.
    pub(super) at: String,
    pub(super) problem: String,
}

/// A document with the schemas that others refer to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Schemas<'d> {
    pub(super) root: &'d Value,
    /// Whether there may be properties everywhere that the schema does not name.
    pub(super) open: bool,
}

/// Whether properties that a schema does not name are errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unknown {
    Refused,
    /// The schema is a part of one that is asked about its properties as a whole.
    Allowed,
}

impl<'d> Schemas<'d> {
    /// Checks a value; `also` are properties of it that are known although the schema does not name them.
    pub(super) fn check(self, schema: &'d Value, value: &Value, also: &[&str]) -> Result<(), Violation> {
        match value.as_object().filter(|members| also.iter().any(|name| members.contains_key(*name))) {
            Some(members) => {
                let mut members = members.clone();
                members.retain(|name, _| !also.contains(&name.as_str()));
                self.check_at(schema, &Value::Object(members), "", Unknown::Refused, 0)
            }
            None => self.check_at(schema, value, "", Unknown::Refused, 0),
        }
    }

    fn check_at(
        self,
        schema: &'d Value,
        value: &Value,
        at: &str,
        unknown: Unknown,
        depth: usize,
    ) -> Result<(), Violation> {
        let violation = |problem: String| Err(Violation { at: at.to_owned(), problem });
        let rules = match schema {
            Value::Bool(false) => return violation("nothing may stand here".to_owned()),
            Value::Object(rules) if depth < MAX_DEPTH => rules,
            _ => return Ok(()),
        };
        if let Some(target) = referred(self.root, rules) {
            self.check_at(target, value, at, Unknown::Allowed, depth + 1)?;
        }
        for part in list(rules, "allOf") {
            self.check_at(part, value, at, Unknown::Allowed, depth + 1)?;
        }
        for keyword in ["anyOf", "oneOf"] {
            let mut first = None;
            let variants = list(rules, keyword);
            let fits = |variant| match self.check_at(variant, value, at, Unknown::Allowed, depth + 1) {
                Ok(()) => true,
                Err(violation) => {
                    first.get_or_insert(violation);
                    false
                }
            };
            if !variants.is_empty() && !variants.iter().any(fits) {
                return Err(first.unwrap_or(Violation { at: at.to_owned(), problem: String::new() }));
            }
        }
        if let Some(problem) =
            of_type(rules, value).or_else(|| of_set(rules, value)).or_else(|| of_size(rules, value))
        {
            return violation(problem);
        }
        match value {
            Value::Array(items) => {
                let schema = rules.get("items").unwrap_or(&Value::Bool(true));
                for (index, item) in items.iter().enumerate() {
                    let at = child(at, &index.to_string());
                    self.check_at(schema, item, &at, Unknown::Refused, depth + 1)?;
                }
                Ok(())
            }
            Value::Object(members) => self.check_members(schema, rules, members, at, unknown, depth),
            _ => Ok(()),
        }
    }

    fn check_members(
        self,
        schema: &'d Value,
        rules: &'d Map<String, Value>,
        members: &Map<String, Value>,
        at: &str,
        unknown: Unknown,
        depth: usize,
    ) -> Result<(), Violation> {
        let properties = rules.get("properties").and_then(Value::as_object);
        // What only responses have is not demanded of a caller.
        let is_read_only = |name: &str| {
            properties
                .and_then(|members| members.get(name))
                .is_some_and(|member| is_read_only(self.root, member))
        };
        let mut required = list(rules, "required").iter().filter_map(Value::as_str);
        if let Some(missing) = required.find(|name| !members.contains_key(*name) && !is_read_only(name)) {
            return Err(Violation { at: child(at, missing), problem: "is missing".to_owned() });
        }
        let others = rules.get("additionalProperties").filter(|others| others.is_object());
        for (name, member) in members {
            if let Some(schema) = properties.and_then(|properties| properties.get(name)).or(others) {
                self.check_at(schema, member, &child(at, name), Unknown::Refused, depth + 1)?;
            }
        }
        if unknown == Unknown::Refused
            && !self.open
            && let Some(known) = self.names(schema, 0)
            && let Some(stranger) = members.keys().find(|name| !known.contains(name.as_str()))
        {
            let known = known.into_iter().collect::<Vec<_>>().join(", ");
            let problem = format!("is a field that the document does not know; it knows {known}");
            return Err(Violation { at: child(at, stranger), problem });
        }
        Ok(())
    }

    /// The properties that a schema names, and those that have to be there, with its parts.
    pub(super) fn properties(self, schema: &'d Value) -> (BTreeSet<&'d str>, BTreeSet<&'d str>) {
        let mut members = (BTreeSet::new(), BTreeSet::new());
        self.collect_properties(schema, &mut members, 0);
        members
    }

    fn collect_properties(
        self,
        schema: &'d Value,
        members: &mut (BTreeSet<&'d str>, BTreeSet<&'d str>),
        depth: usize,
    ) {
        let Some(rules) = schema.as_object().filter(|_| depth < MAX_DEPTH) else { return };
        let properties = rules.get("properties").and_then(Value::as_object);
        members.0.extend(properties.into_iter().flatten().map(|(name, _)| name.as_str()));
        members.1.extend(list(rules, "required").iter().filter_map(Value::as_str));
        let parts = ["allOf", "anyOf", "oneOf"].into_iter().flat_map(|keyword| list(rules, keyword));
        for part in parts.chain(referred(self.root, rules)) {
            self.collect_properties(part, members, depth + 1);
        }
    }

    /// The properties that a schema names, with its parts; `None` if there may be others.
    fn names(self, schema: &'d Value, depth: usize) -> Option<BTreeSet<&'d str>> {
        let rules = schema.as_object().filter(|_| depth < MAX_DEPTH)?;
        let closed = rules.get("additionalProperties") == Some(&Value::Bool(false));
        if rules.contains_key("patternProperties") || rules.contains_key("additionalProperties") && !closed {
            return None;
        }
        let properties = rules.get("properties").and_then(Value::as_object);
        let mut names: BTreeSet<&str> =
            properties.into_iter().flatten().map(|(name, _)| name.as_str()).collect();
        let parts = ["allOf", "anyOf", "oneOf"].into_iter().flat_map(|keyword| list(rules, keyword));
        for part in parts.chain(referred(self.root, rules)) {
            // A part that is not an object, or says only what is required, names nothing.
            let Some(part) = self.names(part, depth + 1) else {
                let open = part.get("properties").is_some() || part.get("additionalProperties").is_some();
                if open || part.get("$ref").is_some() {
                    return None;
                }
                continue;
            };
            names.extend(part);
        }
        (closed || !names.is_empty()).then_some(names)
    }
}

fn referred<'d>(root: &'d Value, rules: &'d Map<String, Value>) -> Option<&'d Value> {
    resolve(root, rules.get("$ref")?.as_str()?)
}

fn list<'d>(rules: &'d Map<String, Value>, keyword: &str) -> &'d [Value] {
    rules.get(keyword).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn of_type(rules: &Map<String, Value>, value: &Value) -> Option<String> {
    let allowed: Vec<&str> = match rules.get("type")? {
        Value::String(one) => vec![one],
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        _ => return None,
    };
    let is = |kind: &&str| match *kind {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => true,
    };
    let nullable = value.is_null() && rules.get("nullable") == Some(&Value::Bool(true));
    (!nullable && !allowed.iter().any(is))
        .then(|| format!("is {} where the document has {}", kind(value), allowed.join(" or ")))
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

fn of_set(rules: &Map<String, Value>, value: &Value) -> Option<String> {
    let allowed = match (rules.get("const"), rules.get("enum").and_then(Value::as_array)) {
        (Some(only), _) => std::slice::from_ref(only),
        (None, Some(several)) => several,
        (None, None) => return None,
    };
    let words = || allowed.iter().map(Value::to_string).collect::<Vec<_>>().join(", ");
    (!allowed.contains(value)).then(|| format!("is none of {}", words()))
}

fn of_size(rules: &Map<String, Value>, value: &Value) -> Option<String> {
    let number = |keyword: &str| rules.get(keyword).and_then(Value::as_f64);
    let least = |size: f64, keyword, what| {
        number(keyword).filter(|least| size < *least).map(|least| format!("is below the {what} {least}"))
    };
    let most = |size: f64, keyword, what| {
        number(keyword).filter(|most| size > *most).map(|most| format!("is above the {what} {most}"))
    };
    #[allow(clippy::cast_precision_loss, reason = "no request is so long")]
    let within = |size: usize, least_keyword, most_keyword, what| {
        least(size as f64, least_keyword, what).or_else(|| most(size as f64, most_keyword, what))
    };
    match value {
        Value::Number(_) => {
            let size = value.as_f64()?;
            let beyond = |keyword, wrong: fn(f64, f64) -> bool| {
                number(keyword)
                    .filter(|limit| wrong(size, *limit))
                    .map(|limit| format!("is not within {limit}"))
            };
            least(size, "minimum", "least of")
                .or_else(|| most(size, "maximum", "most of"))
                .or_else(|| beyond("exclusiveMinimum", |size, limit| size <= limit))
                .or_else(|| beyond("exclusiveMaximum", |size, limit| size >= limit))
        }
        Value::String(text) => {
            within(text.chars().count(), "minLength", "maxLength", "number of characters, which is")
        }
        Value::Array(items) => within(items.len(), "minItems", "maxItems", "number of items, which is"),
        Value::Object(members) => {
            within(members.len(), "minProperties", "maxProperties", "number of properties, which is")
        }
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that fails panics")]
mod tests {
    use super::*;
    use serde_json::json;

    fn checked(schema: Value, value: Value) -> String {
        let root = json!({ "components": { "schemas": {
            "Base": { "type": "object", "properties": { "id": { "type": "integer" } } },
            "Loop": { "type": "object", "properties": { "next": { "$ref": "#/components/schemas/Loop" } } },
        } } });
        let schemas = Schemas { root: &root, open: false };
        match schemas.check(&schema, &value, &["api_key"]) {
            Ok(()) => "fits".to_owned(),
            Err(Violation { at, problem }) => format!("{at} {problem}"),
        }
    }

    #[test]
    fn values_keep_to_their_schemas() {
        let object = json!({
            "type": "object",
            "required": ["image"],
            "properties": {
                "image": { "type": "string", "minLength": 1, "maxLength": 3 },
                "disk": { "type": ["number", "null"], "minimum": 1, "exclusiveMaximum": 9 },
                "count": { "type": "integer" },
                "state": { "enum": ["running", "stopped"] },
                "env": { "type": "object", "additionalProperties": { "type": "string" } },
                "tags": { "type": "array", "maxItems": 1, "items": { "type": "string" } },
                "any": {},
                "open": { "type": "object", "properties": { "a": {} }, "additionalProperties": true },
            },
        });
        let with = |name: &str, value: Value| {
            let mut body = json!({ "image": "a" });
            body[name] = value;
            checked(object.clone(), body)
        };
        assert_eq!(checked(object.clone(), json!({})), "/image is missing");
        assert_eq!(checked(object.clone(), json!([])), " is a list where the document has object");
        assert_eq!(with("image", json!("")), "/image is below the number of characters, which is 1");
        assert_eq!(with("image", json!("äöüß")), "/image is above the number of characters, which is 3");
        assert_eq!(with("disk", json!(null)), "fits");
        assert_eq!(with("disk", json!(0.5)), "/disk is below the least of 1");
        assert_eq!(with("disk", json!(9)), "/disk is not within 9");
        assert_eq!(with("disk", json!("9")), "/disk is a string where the document has number or null");
        assert_eq!(with("count", json!(2.0)), "fits");
        assert_eq!(with("count", json!(2.5)), "/count is a number where the document has integer");
        assert_eq!(with("state", json!("on")), r#"/state is none of "running", "stopped""#);
        assert_eq!(
            with("env", json!({ "A": "b", "C": 1 })),
            "/env/C is a number where the document has string"
        );
        assert_eq!(with("tags", json!(["a", "b"])), "/tags is above the number of items, which is 1");
        assert_eq!(with("tags", json!([1])), "/tags/0 is a number where the document has string");
        assert_eq!(with("any", json!({ "whatever": [1] })), "fits");
        assert_eq!(with("open", json!({ "b": 1 })), "fits");
        assert_eq!(with("api_key", json!("a")), "fits");
        assert!(
            with("imge", json!("a"))
                .starts_with("/imge is a field that the document does not know; it knows any, count")
        );
    }

    #[test]
    fn parts_are_taken_together() {
        let base = json!({ "$ref": "#/components/schemas/Base" });
        let own = json!({ "type": "object", "properties": { "name": { "type": "string" } } });
        let both = json!({ "allOf": [base, own] });
        assert_eq!(checked(both.clone(), json!({ "id": 1, "name": "a" })), "fits");
        assert_eq!(
            checked(both.clone(), json!({ "id": "1" })),
            "/id is a string where the document has integer"
        );
        assert!(checked(both, json!({ "nme": 1 })).contains("it knows id, name"));
        let either = json!({ "oneOf": [{ "type": "string" }, base] });
        assert_eq!(checked(either.clone(), json!("a")), "fits");
        assert_eq!(checked(either.clone(), json!({ "id": 1 })), "fits");
        assert_eq!(checked(either, json!(1)), " is a number where the document has string");
        let endless = json!({ "$ref": "#/components/schemas/Loop" });
        assert_eq!(checked(endless.clone(), json!({ "next": { "next": {} } })), "fits");
        assert!(checked(endless, json!({ "next": { "nxt": {} } })).starts_with("/next/nxt is"));
        assert_eq!(checked(json!(false), json!(1)), " nothing may stand here");
    }
}
