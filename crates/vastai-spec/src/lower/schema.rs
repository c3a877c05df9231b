//! Schemas: JSON Schema 2020-12 to the schema object of OpenAPI 3.0.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::components::Components;
use super::{
    Direction, HAND_WRITTEN, LowerError, Lowering, MAX_IN_PROGRESS, RUST_NAMES, SECRET, TRIMMED, Waiting,
    rules,
};
use crate::identify::names;
use crate::operations::is_read_only;
use crate::pointer;

/// The mark of the overlay on strings of an answer that come with white space around them, which says nothing.
const TRIM: &str = "x-vastai-trim";

/// How many schemas may stand in each other.
const MAX_DEPTH: usize = 128;

/// How many lists and maps may stand in each other.
const MAX_NESTING: usize = 16;

/// Keywords that only explain.
pub(super) const ANNOTATIONS: [&str; 12] = [
    "title",
    "description",
    "summary",
    "example",
    "examples",
    "default",
    "deprecated",
    "readOnly",
    "writeOnly",
    "$comment",
    "externalDocs",
    "xml",
];

/// Keywords with nothing to say in OpenAPI 3.0 or in a Rust type.
const DROPPED: [&str; 30] = [
    "contentEncoding",
    "contentMediaType",
    "contentSchema",
    "propertyNames",
    "dependentRequired",
    "dependentSchemas",
    "dependencies",
    "if",
    "then",
    "else",
    "unevaluatedProperties",
    "unevaluatedItems",
    "additionalItems",
    "contains",
    "minContains",
    "maxContains",
    "not",
    "discriminator",
    "xml",
    "externalDocs",
    "$id",
    "id",
    "$schema",
    "$anchor",
    "$vocabulary",
    "$dynamicRef",
    "$dynamicAnchor",
    "$recursiveRef",
    "$recursiveAnchor",
    "$comment",
];

/// Makes a lowered schema accept null. What accepts anything does so already.
pub(super) fn nullable(schema: Value) -> Value {
    match schema {
        Value::Object(members) if members.contains_key("$ref") => {
            json!({ "allOf": [members], "nullable": true })
        }
        Value::Object(members) if is_any(&members) => Value::Object(members),
        Value::Object(mut members) => {
            members.insert("nullable".to_owned(), Value::Bool(true));
            Value::Object(members)
        }
        other => other,
    }
}

/// Whether a lowered schema is a list or a map, which the generator leaves out of a request where it is empty.
fn is_collection(schema: &Value) -> bool {
    matches!(schema.get("type").and_then(Value::as_str), Some("array" | "object"))
}

/// Whether a lowered schema is of strings, or of lists of them.
fn is_text(schema: &Value) -> bool {
    match schema.get("type").and_then(Value::as_str) {
        Some("string") => true,
        Some("array") => schema.get("items").is_some_and(is_text),
        _ => false,
    }
}

/// Whether a lowered schema accepts any value.
fn is_any(members: &Map<String, Value>) -> bool {
    members.keys().all(|key| ANNOTATIONS.contains(&key.as_str()))
}

impl<'document> Lowering<'document, '_> {
    /// Follows a reference, or tells why it leads nowhere.
    pub(super) fn follow(&self, reference: &str, at: &str) -> Result<&'document Value, LowerError> {
        let error = |external| {
            let (pointer, reference) = (at.to_owned(), reference.to_owned());
            if external {
                LowerError::ExternalReference { pointer, reference }
            } else {
                LowerError::DanglingReference { pointer, reference }
            }
        };
        let target =
            pointer::of_local_reference(reference).ok_or_else(|| error(!reference.starts_with('#')))?;
        self.root.pointer(&target).ok_or_else(|| error(false))
    }

    /// Counts a look at a schema.
    pub(super) fn visit(&mut self, at: &str) -> Result<(), LowerError> {
        match self.visits_left.checked_sub(1) {
            Some(left) => {
                self.visits_left = left;
                Ok(())
            }
            None => Err(LowerError::TooLarge { pointer: at.to_owned() }),
        }
    }

    /// Lowers the components that references met, and those that they refer to.
    pub(super) fn lower_waiting(&mut self) -> Result<(), LowerError> {
        while let Some(Waiting { pointer, direction }) = self.waiting.pop_front() {
            let Some(target) = self.root.pointer(&pointer) else { continue };
            let own_name = pointer::last_token(&pointer);
            let lowered = self.schema(target, &pointer, direction, &own_name)?;
            let description = target.get("description").and_then(Value::as_str);
            self.components.declare(&pointer, direction, lowered, description);
        }
        Ok(())
    }

    /// Lowers a schema. An object, a union or an enum becomes a component that is called `name` if that is free.
    pub(super) fn schema(
        &mut self,
        schema: &Value,
        at: &str,
        direction: Direction,
        name: &str,
    ) -> Result<Value, LowerError> {
        self.visit(at)?;
        if self.depth >= MAX_DEPTH {
            self.report.note(&rules::CIRCLE, at, format!("deeper than {MAX_DEPTH} schemas"));
            return Ok(json!({}));
        }
        match schema {
            Value::Object(members) => {
                self.depth += 1;
                let lowered = self.object_schema(members, at, direction, name);
                self.depth -= 1;
                lowered
            }
            Value::Bool(false) => {
                self.report.note(&rules::FALSE_SCHEMA, at, "`false`");
                Ok(json!({}))
            }
            Value::Bool(true) => Ok(json!({})),
            Value::Null => {
                self.report.note(&rules::EMPTY_SCHEMA, at, "");
                Ok(json!({}))
            }
            _ => {
                self.report.note(&rules::EMPTY_SCHEMA, at, "what stands here is no schema");
                Ok(json!({}))
            }
        }
    }

    fn object_schema(
        &mut self,
        members: &Map<String, Value>,
        at: &str,
        direction: Direction,
        name: &str,
    ) -> Result<Value, LowerError> {
        self.report_direction(members, at, direction);
        if let Some(reference) = members.get("$ref") {
            let Value::String(reference) = reference else {
                return Err(LowerError::Malformed {
                    pointer: pointer::child(at, "$ref"),
                    expected: "a reference, which is a text,",
                });
            };
            return self.reference(reference, members, at, direction, name);
        }
        let mut members = members.clone();
        self.drop_malformed(&mut members, at);
        let mut is_nullable = self.normalise_null(&mut members, at);
        if Self::is_composed(&members) {
            return self.composition(members, is_nullable, at, direction, name);
        }
        let lowered = match self.single_type(&mut members, at) {
            Types::One(kind) => self.typed(kind, &members, at, direction, name)?,
            Types::Any => {
                self.report_rest(&members, at, &["enum"]);
                if members.contains_key("enum") {
                    self.report.note(&rules::ENUM_MIXED, at, members["enum"].to_string());
                }
                is_nullable = false;
                json!({})
            }
            Types::Several(kinds) => {
                let variants = kinds.iter().map(|kind| {
                    let mut variant = members.clone();
                    variant.insert("type".to_owned(), json!(kind));
                    if let Some(Value::Array(values)) = variant.get_mut("enum") {
                        values.retain(|value| is_of_type(value, kind));
                    }
                    Value::Object(variant)
                });
                let union = json!({ "anyOf": variants.collect::<Vec<_>>() });
                self.report.note(&rules::SEVERAL_TYPES, at, kinds.join(", "));
                return Ok(with_null(self.schema(&union, at, direction, name)?, is_nullable));
            }
        };
        Ok(with_null(self.annotated(lowered, &members, at), is_nullable))
    }

    /// Reports what a schema says of the way that its values travel, where that is not the way of this use.
    fn report_direction(&mut self, members: &Map<String, Value>, at: &str, direction: Direction) {
        let (flag, rule) = match direction {
            Direction::Request => ("readOnly", &rules::READ_ONLY),
            Direction::Response => ("writeOnly", &rules::WRITE_ONLY),
        };
        if members.get(flag) == Some(&Value::Bool(true)) {
            self.report.note(rule, at, format!("`{flag}`"));
        }
    }

    fn reference(
        &mut self,
        reference: &str,
        members: &Map<String, Value>,
        at: &str,
        direction: Direction,
        name: &str,
    ) -> Result<Value, LowerError> {
        let mut target = self.follow(reference, at)?;
        let mut target_at = pointer::of_local_reference(reference).unwrap_or_default();
        // A component that is only another's name.
        for _ in 0..16 {
            let Some(next) = target
                .get("$ref")
                .and_then(Value::as_str)
                .filter(|_| target.as_object().is_some_and(|it| it.len() == 1))
            else {
                break;
            };
            self.report.note(&rules::ALIAS, &target_at, next);
            target_at = pointer::of_local_reference(next).unwrap_or_default();
            target = self.follow(next, at)?;
        }
        if let Some(hand_written) =
            HAND_WRITTEN.iter().find(|name| target_at == format!("/components/schemas/{name}"))
        {
            self.components.reach(&target_at);
            let lowered = self.components.hand_written(hand_written);
            return Ok(self.annotated(lowered, members, at));
        }
        let siblings: Map<String, Value> = members
            .iter()
            .filter(|(key, _)| *key != "$ref")
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        if siblings.keys().any(|key| !ANNOTATIONS.contains(&key.as_str()) && !key.starts_with("x-")) {
            if self.siblings_count {
                self.report.note(&rules::REFERENCE_SIBLINGS, at, format!("beside {reference}"));
                let whole = json!({ "allOf": [{ "$ref": reference }, siblings] });
                return self.schema(&whole, at, direction, name);
            }
            self.report.note(
                &rules::REFERENCE_SIBLINGS,
                at,
                format!("ignored beside {reference}, as 3.0 says"),
            );
        }
        let is_nullable = target.as_object().is_some_and(accepts_null);
        if !makes_a_type(target, direction) {
            if self.in_progress.contains(&target_at) || self.in_progress.len() >= MAX_IN_PROGRESS {
                self.report.note(&rules::CIRCLE, at, reference);
                return Ok(json!({}));
            }
            self.report.note(&rules::ALIAS, &target_at, "");
            self.in_progress.push(target_at.clone());
            let lowered = self.schema(target, &target_at, direction, name);
            self.in_progress.pop();
            self.components.reach(&target_at);
            return lowered;
        }
        if self.components.enter(&target_at, direction) {
            self.waiting.push_back(Waiting { pointer: target_at.clone(), direction });
        }
        let lowered = Components::declared_reference(&target_at, direction);
        Ok(with_null(self.annotated(lowered, &siblings, at), is_nullable))
    }

    /// Takes null out of types, values and variants; `true` where it was there.
    fn normalise_null(&mut self, members: &mut Map<String, Value>, at: &str) -> bool {
        let mut found = None;
        let mut is_nullable = members.remove("nullable") == Some(Value::Bool(true));
        match members.get_mut("type") {
            Some(Value::Array(types)) if types.iter().any(|kind| kind == "null") => {
                types.retain(|kind| kind != "null");
                found = Some("a type null");
                if types.is_empty() {
                    members.remove("type");
                    members.insert("enum".to_owned(), json!([]));
                }
            }
            Some(Value::String(kind)) if kind == "null" => {
                found = Some("the type null alone");
                members.remove("type");
                members.insert("enum".to_owned(), json!([]));
            }
            _ => {}
        }
        if let Some(value) = members.remove("const") {
            self.report.note(&rules::CONST, at, value.to_string());
            members.insert("enum".to_owned(), json!([value]));
        }
        if let Some(Value::Array(values)) = members.get_mut("enum") {
            if values.iter().any(Value::is_null) {
                values.retain(|value| !value.is_null());
                found = Some("a value null");
            }
            // Null alone: no value of any type is left, and no type says so; any value goes.
            if values.is_empty() {
                members.remove("enum");
            }
        }
        for key in ["oneOf", "anyOf"] {
            if let Some(Value::Array(variants)) = members.get_mut(key) {
                let before = variants.len();
                variants.retain(|variant| !is_null_schema(variant));
                if variants.len() < before {
                    found = Some("a variant null");
                }
                if variants.is_empty() {
                    members.remove(key);
                }
            }
        }
        if let Some(what) = found {
            self.report.note(&rules::NULL_SPELLING, at, what);
            is_nullable = true;
        }
        is_nullable
    }

    /// Which type a schema without several has.
    pub(super) fn single_type(&mut self, members: &mut Map<String, Value>, at: &str) -> Types {
        let written = match members.get("type") {
            Some(Value::String(kind)) => vec![kind.clone()],
            Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            Some(_) => {
                self.report.note(&rules::UNKNOWN_TYPE, at, members["type"].to_string());
                Vec::new()
            }
            None => Vec::new(),
        };
        let mut kinds: Vec<&'static str> = Vec::new();
        for kind in written {
            if kind == "null" {
                continue;
            }
            let (known, exact) = known_type(&kind);
            if !exact {
                self.report.note(
                    &rules::UNKNOWN_TYPE,
                    at,
                    format!("`{kind}` → {}", known.unwrap_or("any value")),
                );
            }
            match known {
                Some(known) if !kinds.contains(&known) => kinds.push(known),
                Some(_) => {}
                None => return Types::Any,
            }
        }
        if kinds.contains(&"number") {
            kinds.retain(|kind| *kind != "integer");
        }
        match kinds.as_slice() {
            [] => match (type_by_keywords(members), types_of_values(members)) {
                (Some(kind), _) => {
                    self.report.note(&rules::TYPE_FROM_KEYWORDS, at, kind);
                    Types::One(kind)
                }
                (None, kinds) if kinds.len() > 1 => Types::Several(kinds),
                _ => Types::Any,
            },
            [kind] => Types::One(kind),
            // Every type is any value.
            kinds if SCALARS.iter().chain(&["array", "object"]).all(|kind| kinds.contains(kind)) => {
                Types::Any
            }
            _ => Types::Several(kinds),
        }
    }

    fn typed(
        &mut self,
        kind: &'static str,
        members: &Map<String, Value>,
        at: &str,
        direction: Direction,
        name: &str,
    ) -> Result<Value, LowerError> {
        match kind {
            "object" => self.object_type(members, at, direction, name),
            "array" => self.array_type(members, at, direction, name),
            "string" => Ok(self.text_type(members, at, direction, name)),
            "boolean" => {
                self.report_rest(members, at, &["enum"]);
                if members.contains_key("enum") {
                    self.report.note(&rules::ENUM_MIXED, at, members["enum"].to_string());
                }
                Ok(json!({ "type": "boolean" }))
            }
            number => Ok(self.number_type(number, members, at, direction)),
        }
    }

    fn object_type(
        &mut self,
        members: &Map<String, Value>,
        at: &str,
        direction: Direction,
        name: &str,
    ) -> Result<Value, LowerError> {
        self.report_rest(
            members,
            at,
            &[
                "properties",
                "required",
                "additionalProperties",
                "minProperties",
                "maxProperties",
                "patternProperties",
            ],
        );
        let mut lowered = Map::new();
        lowered.insert("type".to_owned(), json!("object"));
        let mut properties = Map::new();
        let mut trimmed: Vec<&str> = Vec::new();
        // An object with members has a name, where nesting ends.
        let nesting = std::mem::take(&mut self.nesting);
        let written: BTreeSet<&str> = members
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let mut required = written.clone();
        for (property, schema) in members.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let at = pointer::child(&format!("{at}/properties"), property);
            let mut value = self.schema(schema, &at, direction, &format!("{name} {property}"))?;
            if direction == Direction::Request
                && required.contains(property.as_str())
                && is_read_only(self.root, schema)
            {
                self.report.note(&rules::READ_ONLY, &at, "required in answers alone");
                required.remove(property.as_str());
            }
            if direction == Direction::Response {
                if schema.get(TRIM) == Some(&Value::Bool(true)) && is_text(&value) {
                    trimmed.push(property);
                }
                value = nullable(value);
            } else if !required.contains(property.as_str()) && is_collection(&value) {
                self.report.note(&rules::EMPTY_NOT_MISSING, &at, "");
                value = nullable(value);
            }
            properties.insert(property.clone(), value);
        }
        self.nesting = nesting;
        if !trimmed.is_empty() {
            self.report.note(&rules::RESPONSE_TRIMMED, at, trimmed.join(", "));
            lowered.insert(TRIMMED.to_owned(), json!(trimmed));
        }
        if direction == Direction::Response && !written.is_empty() {
            self.report.note(&rules::RESPONSE_OPTIONAL, at, json!(members["required"]).to_string());
        }
        if direction == Direction::Request && !required.is_empty() {
            lowered.insert("required".to_owned(), json!(required));
        }
        for key in ["minProperties", "maxProperties"] {
            if members.contains_key(key) {
                self.report.note(&rules::WIDER_KEYWORD, at, format!("`{key}`"));
            }
        }
        let has_members = !properties.is_empty() || lowered.contains_key("required");
        let additional = self.additional_properties(members, at, direction, name, has_members)?;
        if has_members {
            self.tell_fields_apart(&mut lowered, &properties, additional.as_ref(), at);
            if let Some(additional) = additional {
                lowered.insert("additionalProperties".to_owned(), additional);
            }
            if !properties.is_empty() {
                lowered.insert("properties".to_owned(), Value::Object(properties));
            }
            return Ok(self.components.inline_reference(Value::Object(lowered), name, at));
        }
        lowered.insert("additionalProperties".to_owned(), additional.unwrap_or_else(|| json!({})));
        Ok(Value::Object(lowered))
    }

    /// Members whose names would be one in Rust get other names there.
    fn tell_fields_apart(
        &mut self,
        lowered: &mut Map<String, Value>,
        properties: &Map<String, Value>,
        additional: Option<&Value>,
        at: &str,
    ) {
        let required = lowered.get("required").and_then(Value::as_array).into_iter().flatten();
        let mut written: Vec<&str> =
            properties.keys().map(String::as_str).chain(required.filter_map(Value::as_str)).collect();
        written.sort_unstable();
        written.dedup();
        // The generator calls so the field with the members that have no name of their own.
        let taken: &[&str] = if additional.is_some_and(Value::is_object) { &["extra"] } else { &[] };
        let renamed = names::distinct(&written, taken, names::field);
        let renamed: Map<String, Value> = written
            .iter()
            .zip(renamed)
            .filter_map(|(name, rust)| Some(((*name).to_owned(), json!(rust?))))
            .collect();
        if !renamed.is_empty() {
            let detail = renamed.iter().map(|(name, rust)| format!("`{name}` → {rust}"));
            self.report.note(&rules::RUST_NAME_DISTINCT, at, detail.collect::<Vec<_>>().join(", "));
            lowered.insert(RUST_NAMES.to_owned(), Value::Object(renamed));
        }
    }

    fn additional_properties(
        &mut self,
        members: &Map<String, Value>,
        at: &str,
        direction: Direction,
        name: &str,
        has_members: bool,
    ) -> Result<Option<Value>, LowerError> {
        let additional_at = pointer::child(at, "additionalProperties");
        let patterns = members.get("patternProperties").and_then(Value::as_object);
        if let Some(patterns) = patterns {
            self.report.note(
                &rules::PATTERN_PROPERTIES,
                at,
                json!(patterns.keys().collect::<Vec<_>>()).to_string(),
            );
            let mut schemas: Vec<Value> = patterns.values().cloned().collect();
            match members.get("additionalProperties") {
                Some(Value::Bool(false)) => {}
                Some(schema @ Value::Object(_)) => schemas.push(schema.clone()),
                _ => return Ok(Some(json!({}))),
            }
            let union = json!({ "anyOf": schemas });
            // As below: what stands beside known members is kept as it came.
            if has_members && direction == Direction::Response {
                return Ok(Some(json!({})));
            }
            return Ok(Some(self.inner(&union, at, direction, &format!("{name} value"))?));
        }
        match members.get("additionalProperties") {
            // What stands beside known members is kept as it came: a typed rest would refuse the first stranger.
            Some(Value::Object(_)) if has_members && direction == Direction::Response => {
                self.report.note(
                    &rules::RESPONSE_CLOSED,
                    &additional_at,
                    "members beside the known ones have a schema",
                );
                Ok(Some(json!({})))
            }
            Some(schema @ Value::Object(_)) => {
                Ok(Some(self.inner(schema, &additional_at, direction, &format!("{name} value"))?))
            }
            Some(Value::Bool(false)) if direction == Direction::Response => {
                self.report.note(&rules::RESPONSE_CLOSED, &additional_at, "`false`");
                Ok(Some(json!({})))
            }
            Some(Value::Bool(false)) if has_members => Ok(Some(Value::Bool(false))),
            Some(Value::Bool(false)) => {
                self.report.note(&rules::WIDER_KEYWORD, at, "an object that has no members");
                Ok(None)
            }
            _ if direction == Direction::Response => {
                if has_members {
                    self.report.note(&rules::RESPONSE_EXTRA, at, "");
                }
                Ok(Some(json!({})))
            }
            _ => Ok(None),
        }
    }

    /// What a list or a map holds. Types of lists in lists have no names, so the generator and the compiler walk down them all.
    fn inner(
        &mut self,
        schema: &Value,
        at: &str,
        direction: Direction,
        name: &str,
    ) -> Result<Value, LowerError> {
        if self.nesting >= MAX_NESTING {
            self.report.note(&rules::CIRCLE, at, format!("in {MAX_NESTING} lists or maps"));
            return Ok(json!({}));
        }
        self.nesting += 1;
        let lowered = self.schema(schema, at, direction, name);
        self.nesting -= 1;
        lowered
    }

    fn array_type(
        &mut self,
        members: &Map<String, Value>,
        at: &str,
        direction: Direction,
        name: &str,
    ) -> Result<Value, LowerError> {
        self.report_rest(members, at, &["items", "minItems", "maxItems", "uniqueItems", "prefixItems"]);
        let items_at = pointer::child(at, "items");
        let items = match (members.get("prefixItems"), members.get("items")) {
            (Some(_), _) | (None, Some(Value::Array(_))) => {
                self.report.note(&rules::TUPLE, at, "");
                json!({})
            }
            (None, Some(items @ (Value::Object(_) | Value::Bool(_)))) => {
                self.inner(items, &items_at, direction, &format!("{name} item"))?
            }
            (None, _) => {
                self.report.note(&rules::EMPTY_SCHEMA, &items_at, "a list without `items`");
                json!({})
            }
        };
        self.limits_apart(members, &["minItems", "maxItems"], at, direction);
        if members.contains_key("uniqueItems") {
            self.report.note(&rules::WIDER_KEYWORD, at, "`uniqueItems`");
        }
        Ok(json!({ "type": "array", "items": items }))
    }

    fn text_type(
        &mut self,
        members: &Map<String, Value>,
        at: &str,
        direction: Direction,
        name: &str,
    ) -> Value {
        self.report_rest(members, at, &["enum", "format", "pattern", "minLength", "maxLength"]);
        let mut lowered = json!({ "type": "string" });
        if members.get("format").is_some_and(|format| format == "password") && !members.contains_key("enum") {
            self.report.note(&rules::SECRET_TEXT, at, "");
            self.limits_apart(members, &["minLength", "maxLength"], at, direction);
            return self.components.hand_written(SECRET);
        }
        if let Some(format) = members.get("format") {
            self.report.note(&rules::FORMAT, at, format.to_string());
        }
        if let Some(pattern) = members.get("pattern") {
            self.report.note(&rules::PATTERN, at, pattern.to_string());
        }
        self.limits_apart(members, &["minLength", "maxLength"], at, direction);
        let Some(Value::Array(values)) = members.get("enum") else { return lowered };
        if direction == Direction::Response {
            self.report.note(&rules::RESPONSE_OPEN_ENUM, at, members["enum"].to_string());
            return lowered;
        }
        let mut texts: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
        texts.sort_unstable();
        texts.dedup();
        let mut identifiers = BTreeSet::new();
        let nameable = texts.iter().all(|text| {
            let name = names::variant(text);
            let upper = !name.starts_with(char::is_lowercase);
            upper && names::names_something(text) && identifiers.insert(name)
        });
        if texts.is_empty() || texts.len() < values.len() || !nameable {
            self.report.note(&rules::ENUM_MIXED, at, members["enum"].to_string());
            return lowered;
        }
        lowered["enum"] = json!(texts);
        self.components.inline_reference(lowered, name, at)
    }

    fn number_type(
        &mut self,
        kind: &str,
        members: &Map<String, Value>,
        at: &str,
        direction: Direction,
    ) -> Value {
        const LIMITS: [&str; 5] =
            ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"];
        self.report_rest(
            members,
            at,
            &["enum", "format", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"],
        );
        let mut lowered = json!({ "type": kind });
        if members.contains_key("enum") {
            self.report.note(&rules::ENUM_MIXED, at, members["enum"].to_string());
        }
        match members.get("format").and_then(Value::as_str) {
            Some("float") => self.report.note(&rules::RESPONSE_FLOAT, at, ""),
            Some(format @ ("int32" | "int64")) if kind == "integer" && direction == Direction::Request => {
                lowered["format"] = json!(format)
            }
            Some("double" | "int64") | None => {}
            Some(format) => self.report.note(&rules::FORMAT, at, format!("`{format}`")),
        }
        self.limits_apart(members, &LIMITS, at, direction);
        lowered
    }

    /// Limits make no types: those of a request are checked from a table when it is sent, those of an answer are the service's.
    fn limits_apart(&mut self, members: &Map<String, Value>, keys: &[&str], at: &str, direction: Direction) {
        let found: Vec<&str> = keys.iter().copied().filter(|key| members.contains_key(*key)).collect();
        if found.is_empty() {
            return;
        }
        let rule =
            if direction == Direction::Response { &rules::RESPONSE_LIMIT } else { &rules::REQUEST_LIMIT };
        self.report.note(rule, at, found.join(", "));
    }

    /// Description and what else explains a schema, on its lowered form.
    pub(super) fn annotated(&mut self, lowered: Value, members: &Map<String, Value>, at: &str) -> Value {
        if let Some(default) = members.get("default").filter(|default| !default.is_null()) {
            self.report.note(&rules::DEFAULT, at, default.to_string());
        }
        if members.contains_key("title") {
            self.report.note(&rules::TITLE, at, members["title"].to_string());
        }
        if members.contains_key("examples") || members.contains_key("example") {
            self.report.note(&rules::EXAMPLE, at, "");
        }
        let Some(description) =
            members.get("description").and_then(Value::as_str).filter(|text| !text.trim().is_empty())
        else {
            return lowered;
        };
        match lowered {
            Value::Object(target) if target.contains_key("$ref") => {
                json!({ "allOf": [target], "description": description })
            }
            Value::Object(mut target) => {
                target.insert("description".to_owned(), json!(description));
                Value::Object(target)
            }
            other => other,
        }
    }

    /// Reports every keyword that is neither handled here nor for every schema.
    fn report_rest(&mut self, members: &Map<String, Value>, at: &str, handled: &[&str]) {
        for (key, value) in members {
            let key = key.as_str();
            let everywhere = ["type", "nullable", "const", "$defs", "definitions"].contains(&key)
                || ANNOTATIONS.contains(&key);
            if everywhere || handled.contains(&key) || key.starts_with("x-") {
                continue;
            }
            let of_another_type = [
                "properties",
                "required",
                "additionalProperties",
                "items",
                "enum",
                "format",
                "pattern",
                "minLength",
                "maxLength",
                "minimum",
                "maximum",
                "exclusiveMinimum",
                "exclusiveMaximum",
                "multipleOf",
                "minItems",
                "maxItems",
                "uniqueItems",
                "minProperties",
                "maxProperties",
                "prefixItems",
                "patternProperties",
            ];
            let rule = if DROPPED.contains(&key)
                || of_another_type.contains(&key)
                || (["allOf", "anyOf", "oneOf"].contains(&key))
            {
                &rules::WIDER_KEYWORD
            } else {
                &rules::UNKNOWN_KEYWORD
            };
            let text = value.to_string();
            let shown = if text.len() > 60 { String::new() } else { format!(": {text}") };
            self.report.note(rule, at, format!("`{key}{shown}`"));
        }
    }
}

/// The types of a schema.
pub(super) enum Types {
    One(&'static str),
    Several(Vec<&'static str>),
    Any,
}

pub(super) fn with_null(schema: Value, is_nullable: bool) -> Value {
    if is_nullable { nullable(schema) } else { schema }
}

pub(super) fn is_null_schema(schema: &Value) -> bool {
    let null_type = match schema.get("type") {
        Some(Value::String(kind)) => kind == "null",
        Some(Value::Array(kinds)) => !kinds.is_empty() && kinds.iter().all(|kind| kind == "null"),
        _ => false,
    };
    let only_null = |values: &Value| {
        values.as_array().is_some_and(|values| !values.is_empty() && values.iter().all(Value::is_null))
    };
    null_type || schema.get("enum").is_some_and(only_null) || schema.get("const").is_some_and(Value::is_null)
}

pub(super) fn accepts_null(schema: &Map<String, Value>) -> bool {
    let by_type = schema
        .get("type")
        .and_then(Value::as_array)
        .is_some_and(|kinds| kinds.iter().any(|kind| kind == "null"));
    let by_variant = ["oneOf", "anyOf"]
        .iter()
        .filter_map(|key| schema.get(*key)?.as_array())
        .flatten()
        .any(is_null_schema);
    let by_value =
        schema.get("enum").and_then(Value::as_array).is_some_and(|values| values.iter().any(Value::is_null));
    schema.get("nullable") == Some(&Value::Bool(true)) || by_type || by_variant || by_value
}

/// Whether a component is worth a type of its own: an object with members, a union, or a closed set of texts.
fn makes_a_type(schema: &Value, direction: Direction) -> bool {
    let Some(schema) = schema.as_object() else { return false };
    let named = |key: &str| {
        schema.get(key).is_some_and(|value| {
            value.as_object().is_some_and(|members| !members.is_empty())
                || value.as_array().is_some_and(|parts| !parts.is_empty())
        })
    };
    ["properties", "allOf", "anyOf", "oneOf"].into_iter().any(named)
        || (direction == Direction::Request && named("enum"))
}

/// The type that a name means, and whether it is the name that JSON Schema has.
fn known_type(kind: &str) -> (Option<&'static str>, bool) {
    match kind {
        "object" => (Some("object"), true),
        "array" => (Some("array"), true),
        "string" => (Some("string"), true),
        "integer" => (Some("integer"), true),
        "number" => (Some("number"), true),
        "boolean" => (Some("boolean"), true),
        _ => (
            match kind.to_ascii_lowercase().as_str() {
                "object" | "dict" | "map" | "json" => Some("object"),
                "array" | "list" => Some("array"),
                "string" | "str" | "text" | "uuid" | "date" | "datetime" | "date-time" => Some("string"),
                "integer" | "int" | "int32" | "int64" | "long" => Some("integer"),
                "number" | "float" | "double" | "decimal" => Some("number"),
                "boolean" | "bool" => Some("boolean"),
                _ => None,
            },
            false,
        ),
    }
}

pub(super) fn type_by_keywords(members: &Map<String, Value>) -> Option<&'static str> {
    let has = |keys: &[&str]| keys.iter().any(|key| members.contains_key(*key));
    if has(&[
        "properties",
        "additionalProperties",
        "required",
        "minProperties",
        "maxProperties",
        "patternProperties",
    ]) {
        Some("object")
    } else if has(&["items", "minItems", "maxItems", "uniqueItems", "prefixItems"]) {
        Some("array")
    } else if let Some(kind) = type_by_values(members) {
        Some(kind)
    } else if has(&["pattern", "minLength", "maxLength"]) {
        Some("string")
    } else if has(&["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]) {
        Some("number")
    } else {
        None
    }
}

/// The scalar type that all values have which a schema lists, null aside.
fn type_by_values(members: &Map<String, Value>) -> Option<&'static str> {
    let values = listed_values(members)?;
    let mut values = values.iter().filter(|value| !value.is_null()).peekable();
    values.peek()?;
    let values: Vec<&Value> = values.collect();
    let all = |is: fn(&Value) -> bool| values.iter().all(|value| is(value));
    if all(Value::is_string) {
        Some("string")
    } else if all(Value::is_boolean) {
        Some("boolean")
    } else if all(is_integer) {
        Some("integer")
    } else if all(Value::is_number) {
        Some("number")
    } else {
        None
    }
}

/// The types of scalars; an integer is a number.
const SCALARS: [&str; 3] = ["string", "number", "boolean"];

/// The types of the scalars that a schema lists; none where it lists a list or an object.
fn types_of_values(members: &Map<String, Value>) -> Vec<&'static str> {
    let values = listed_values(members).unwrap_or_default();
    let values: Vec<&Value> = values.iter().filter(|value| !value.is_null()).collect();
    if values.iter().any(|value| value.is_array() || value.is_object()) {
        return Vec::new();
    }
    let numbers: Vec<&&Value> = values.iter().filter(|value| value.is_number()).collect();
    let number = if numbers.iter().all(|value| is_integer(value)) { "integer" } else { "number" };
    let kinds = SCALARS.into_iter().filter(|kind| values.iter().any(|value| is_of_type(value, kind)));
    kinds.map(|kind| if kind == "number" { number } else { kind }).collect()
}

/// Whether a value is an integer to JSON Schema, where 1.0 is one.
fn is_integer(value: &Value) -> bool {
    value.is_i64()
        || value.is_u64()
        || value.as_f64().is_some_and(|number| number.fract() == 0.0 && number.abs() < 9e15)
}

fn is_of_type(value: &Value, kind: &str) -> bool {
    match kind {
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" | "number" => value.is_number(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => true,
    }
}

/// The values that a schema lists: `const` before `enum`, of which it leaves one.
pub(super) fn listed_values(members: &Map<String, Value>) -> Option<Vec<Value>> {
    match members.get("const") {
        Some(value) => Some(vec![value.clone()]),
        None => members.get("enum")?.as_array().cloned(),
    }
}
