//! `allOf`, `anyOf` and `oneOf`: parts that become one type, and variants.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::schema::{
    ANNOTATIONS, Types, accepts_null, is_null_schema, listed_values, type_by_keywords, with_null,
};
use super::{Direction, LowerError, Lowering, MAX_IN_PROGRESS, rules};
use crate::operations::is_read_only;

/// How deep unions are opened that stand in unions.
const MAX_UNION_DEPTH: usize = 16;

/// How deep an `allOf` may stand in others to be put together as one variant.
const MAX_PLAIN_DEPTH: usize = 3;

/// What values a variant has, in the order in which variants are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Boolean,
    Integer,
    Number,
    Text,
    Array,
    Object,
    Any,
}

impl Kind {
    fn of(kind: &str) -> Self {
        match kind {
            "boolean" => Self::Boolean,
            "integer" => Self::Integer,
            "number" => Self::Number,
            "string" => Self::Text,
            "array" => Self::Array,
            "object" => Self::Object,
            _ => Self::Any,
        }
    }

    /// The name of the variant.
    fn word(self) -> &'static str {
        match self {
            Self::Boolean => "Boolean",
            Self::Integer => "Integer",
            Self::Number => "Number",
            Self::Text => "Text",
            Self::Array => "List",
            Self::Object => "Object",
            Self::Any => "Any",
        }
    }
}

/// A variant of a union, with its place.
struct Variant {
    kind: Kind,
    at: String,
    schema: Value,
}

/// A union whose variants are being looked at.
#[derive(Default)]
struct Opened {
    variants: Vec<Variant>,
    /// References that were followed: what stands in a union twice adds nothing, and one that holds itself has no end.
    followed: BTreeSet<String>,
    is_nullable: bool,
}

impl Lowering<'_, '_> {
    pub(super) fn is_composed(members: &Map<String, Value>) -> bool {
        ["allOf", "anyOf", "oneOf"].iter().any(|key| members.get(*key).is_some_and(Value::is_array))
    }

    /// `allOf`, `anyOf` and `oneOf`, with what stands beside them.
    pub(super) fn composition(
        &mut self,
        mut members: Map<String, Value>,
        is_nullable: bool,
        at: &str,
        direction: Direction,
        name: &str,
    ) -> Result<Value, LowerError> {
        let all_of = take_list(&mut members, "allOf");
        let mut unions =
            vec![("anyOf", take_list(&mut members, "anyOf")), ("oneOf", take_list(&mut members, "oneOf"))];
        unions.retain(|(_, variants)| !variants.is_empty());
        let (annotations, rest): (Map<String, Value>, Map<String, Value>) = members
            .into_iter()
            .filter(|(key, _)| !key.starts_with("x-"))
            .partition(|(key, _)| ANNOTATIONS.contains(&key.as_str()));

        let mut parts: Vec<(String, Value)> = all_of
            .into_iter()
            .enumerate()
            .filter(|(_, part)| !only_explains(part))
            .map(|(index, part)| (format!("{at}/allOf/{index}"), part))
            .collect();
        if !rest.is_empty() {
            parts.push((at.to_owned(), Value::Object(rest)));
        }
        let lowered = match (parts.as_slice(), unions.as_slice()) {
            ([], []) => json!({}),
            // One part alone is that part.
            ([(at, part)], []) => self.schema(part, at, direction, name)?,
            ([], [(key, variants)]) => self.union(key, variants, at, direction, name)?,
            _ => {
                for (key, variants) in unions {
                    parts.push((at.to_owned(), json!({ key: variants })));
                }
                self.merged(&parts, at, direction, name)?
            }
        };
        Ok(with_null(self.annotated(lowered, &annotations, at), is_nullable))
    }

    /// The parts of an `allOf` as one schema.
    fn merged(
        &mut self,
        parts: &[(String, Value)],
        at: &str,
        direction: Direction,
        name: &str,
    ) -> Result<Value, LowerError> {
        let mut whole = Map::new();
        for (part_at, part) in parts {
            self.gather(part, part_at, &mut whole)?;
        }
        self.report.note(&rules::ALL_OF, at, format!("{} parts", parts.len()));
        self.guarded(Value::Object(whole), at, direction, name)
    }

    /// The variants of a union as one schema.
    fn union(
        &mut self,
        key: &str,
        variants: &[Value],
        at: &str,
        direction: Direction,
        name: &str,
    ) -> Result<Value, LowerError> {
        if let [variant] = variants {
            return self.schema(variant, &format!("{at}/{key}/0"), direction, name);
        }
        let mut opened = Opened::default();
        for (index, variant) in variants.iter().enumerate() {
            self.open_variant(variant, format!("{at}/{key}/{index}"), 0, &mut opened)?;
        }
        let Opened { variants: found, is_nullable, .. } = opened;
        if found.is_empty() {
            self.report.note(&rules::CIRCLE, at, "a union of nothing but itself");
            return Ok(json!({}));
        }
        if found.iter().any(|variant| variant.kind == Kind::Any) {
            self.report.note(&rules::WIDER_KEYWORD, at, format!("a variant of `{key}` accepts any value"));
            return Ok(json!({}));
        }
        let kinds = by_kind(found);
        let alone = kinds.len() == 1;
        let mut lowered: Vec<(Kind, Value)> = Vec::new();
        for (kind, same) in kinds {
            let name = if alone { name.to_owned() } else { format!("{name} {}", kind.word()) };
            if kind == Kind::Object && direction == Direction::Request && key == "oneOf" {
                for schema in self.strict_variants(&same, direction, &name)? {
                    lowered.push((kind, schema));
                }
            } else if let [only] = same.as_slice() {
                lowered.push((kind, self.schema(&only.schema, &only.at, direction, &name)?));
            } else {
                lowered.push((kind, self.variants_of_one_kind(kind, &same, at, direction, &name)?));
            }
        }
        Ok(self.as_union(lowered, is_nullable, at, name))
    }

    /// Variants of which the caller chooses one.
    fn strict_variants(
        &mut self,
        variants: &[Variant],
        direction: Direction,
        name: &str,
    ) -> Result<Vec<Value>, LowerError> {
        let mut lowered = Vec::new();
        for (index, variant) in variants.iter().enumerate() {
            let name =
                if variants.len() == 1 { name.to_owned() } else { format!("{name} variant {}", index + 1) };
            let schema = self.schema(&variant.schema, &variant.at, direction, &name)?;
            // What tells two apart may be what no type says: then they are one.
            if !lowered.contains(&schema) {
                lowered.push(schema);
            }
        }
        Ok(lowered)
    }

    /// Lowered variants as one schema: a type with a name, where there are several.
    fn as_union(
        &mut self,
        mut lowered: Vec<(Kind, Value)>,
        is_nullable: bool,
        at: &str,
        name: &str,
    ) -> Value {
        if let [(_, only)] = lowered.as_slice() {
            return with_null(only.clone(), is_nullable);
        }
        // Arrays and texts before objects: an object whose members are all optional matches least carefully.
        lowered.sort_by_key(|(kind, _)| *kind);
        let is_nullable = is_nullable || lowered.iter().any(|(_, schema)| schema.get("nullable").is_some());
        let objects = lowered.iter().filter(|(kind, _)| *kind == Kind::Object).count();
        let variants: Vec<Value> = lowered.into_iter().map(|(kind, schema)| titled(schema, kind)).collect();
        // Variants of different types exclude each other. Of several objects, one value may be more than one, now that limits are
        // checked elsewhere; the generator tries them in their order.
        let key = if objects > 1 { "anyOf" } else { "oneOf" };
        let reference = self.components.inline_reference(json!({ key: variants }), name, at);
        with_null(reference, is_nullable)
    }

    /// Several variants that are all objects, all arrays or all the same scalar.
    fn variants_of_one_kind(
        &mut self,
        kind: Kind,
        same: &[Variant],
        at: &str,
        direction: Direction,
        name: &str,
    ) -> Result<Value, LowerError> {
        let rule = if direction == Direction::Response {
            &rules::RESPONSE_VARIANTS
        } else {
            &rules::REQUEST_VARIANTS
        };
        self.report.note(rule, at, format!("{} variants", same.len()));
        let whole = match kind {
            Kind::Object => self.object_variants(same)?,
            Kind::Array => self.array_variants(same)?,
            Kind::Text => self.text_variants(same)?,
            Kind::Integer | Kind::Number | Kind::Boolean | Kind::Any => {
                json!({ "type": kind.word().to_lowercase() })
            }
        };
        self.guarded(whole, at, direction, name)
    }

    /// One object with the members of all: required is what each requires, and a member that several have is either.
    ///
    /// A variant that is open accepts another's member with any value; that is not carried over, or no member had a type.
    fn object_variants(&mut self, same: &[Variant]) -> Result<Value, LowerError> {
        let mut gathered = Vec::new();
        for variant in same {
            let mut whole = Map::new();
            self.gather(&variant.schema, &variant.at, &mut whole)?;
            gathered.push(whole);
        }
        Ok(Value::Object(either(gathered)))
    }

    fn array_variants(&mut self, same: &[Variant]) -> Result<Value, LowerError> {
        let mut items: Vec<Value> = Vec::new();
        for variant in same {
            let resolved = self.resolved(&variant.schema, &variant.at)?;
            let tuple = resolved.get("prefixItems").is_some();
            let own = resolved.get("items").filter(|items| items.is_object() && !tuple).cloned();
            let own = own.unwrap_or(json!({}));
            if !items.contains(&own) {
                items.push(own);
            }
        }
        Ok(json!({ "type": "array", "items": { "anyOf": items } }))
    }

    fn text_variants(&mut self, same: &[Variant]) -> Result<Value, LowerError> {
        let mut seen = BTreeSet::new();
        let mut all: Option<Vec<Value>> = Some(Vec::new());
        for variant in same {
            let resolved = self.resolved(&variant.schema, &variant.at)?;
            let values = resolved.as_object().and_then(listed_values);
            match (&mut all, values) {
                (Some(all), Some(values)) => {
                    all.extend(values.into_iter().filter(|value| seen.insert(value.to_string())));
                }
                // One of them takes any text.
                _ => all = None,
            }
        }
        let mut whole = json!({ "type": "string" });
        if let Some(values) = all {
            whole["enum"] = Value::Array(values);
        }
        Ok(whole)
    }

    /// Lowers a schema that was put together here, unless it is being lowered already: then it holds itself.
    fn guarded(
        &mut self,
        schema: Value,
        at: &str,
        direction: Direction,
        name: &str,
    ) -> Result<Value, LowerError> {
        let text = schema.to_string();
        if self.in_progress.contains(&text) || self.in_progress.len() >= MAX_IN_PROGRESS {
            self.report.note(&rules::CIRCLE, at, "");
            return Ok(json!({}));
        }
        self.in_progress.push(text);
        let lowered = self.schema(&schema, at, direction, name);
        self.in_progress.pop();
        lowered
    }

    /// Adds a variant to a union, references followed and unions in unions opened.
    fn open_variant(
        &mut self,
        variant: &Value,
        at: String,
        depth: usize,
        opened: &mut Opened,
    ) -> Result<(), LowerError> {
        self.visit(&at)?;
        if is_null_schema(variant) {
            opened.is_nullable = true;
            return Ok(());
        }
        let reference = variant.get("$ref").and_then(Value::as_str);
        if let Some(reference) = reference.filter(|_| self.siblings(variant).is_none())
            && !opened.followed.insert(reference.to_owned())
        {
            return Ok(());
        }
        let Value::Object(mut members) = self.resolved(variant, &at)? else {
            opened.variants.push(Variant { kind: Kind::Any, at, schema: json!({}) });
            return Ok(());
        };
        if depth > MAX_UNION_DEPTH {
            self.report.note(&rules::CIRCLE, &at, "unions in unions");
            opened.variants.push(Variant { kind: Kind::Any, at, schema: json!({}) });
            return Ok(());
        }
        self.drop_malformed(&mut members, &at);
        opened.is_nullable |= accepts_null(&members);
        let plain = members.keys().filter(|key| !ANNOTATIONS.contains(&key.as_str())).count() == 1;
        for key in ["oneOf", "anyOf"] {
            if let (true, Some(Value::Array(variants))) = (plain, members.get(key)) {
                for (index, inner) in variants.iter().enumerate() {
                    self.open_variant(inner, format!("{at}/{key}/{index}"), depth + 1, opened)?;
                }
                return Ok(());
            }
        }
        if Self::is_composed(&members) && self.is_all_of_plain(&members, &at, MAX_PLAIN_DEPTH)? {
            // Parts that are no objects say together what one schema would.
            let mut whole = Map::new();
            self.gather(variant, &at, &mut whole)?;
            if !Self::is_composed(&whole)
                && let Types::One(kind) = self.single_type(&mut whole, &at)
                && kind != "object"
            {
                opened.variants.push(Variant { kind: Kind::of(kind), at, schema: Value::Object(whole) });
                return Ok(());
            }
        }
        let kinds = self.kinds_of_variant(&mut members, &at)?;
        let single = kinds.len() == 1;
        opened.variants.extend(kinds.into_iter().map(|kind| {
            let mut typed = members.clone();
            typed.insert("type".to_owned(), json!(kind));
            let schema = if single { variant.clone() } else { Value::Object(typed) };
            Variant { kind: Kind::of(kind), at: at.clone(), schema }
        }));
        Ok(())
    }

    /// Whether a schema has no alternatives in it, nor any of the parts of its `allOf`.
    fn is_all_of_plain(
        &self,
        members: &Map<String, Value>,
        at: &str,
        levels: usize,
    ) -> Result<bool, LowerError> {
        if members.contains_key("anyOf") || members.contains_key("oneOf") {
            return Ok(false);
        }
        for part in members.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            let Value::Object(part) = self.resolved(part, at)? else { return Ok(false) };
            if levels == 0 || !self.is_all_of_plain(&part, at, levels - 1)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn kinds_of_variant(
        &mut self,
        members: &mut Map<String, Value>,
        at: &str,
    ) -> Result<Vec<&'static str>, LowerError> {
        if Self::is_composed(members) {
            return Ok(vec![if self.has_object_part(members, at, 0)? { "object" } else { "any" }]);
        }
        Ok(match self.single_type(members, at) {
            Types::One(kind) => vec![kind],
            Types::Several(kinds) => kinds,
            Types::Any => vec!["any"],
        })
    }

    fn has_object_part(
        &mut self,
        members: &Map<String, Value>,
        at: &str,
        depth: usize,
    ) -> Result<bool, LowerError> {
        self.visit(at)?;
        if members.contains_key("properties") {
            return Ok(true);
        }
        if depth > MAX_UNION_DEPTH {
            return Ok(false);
        }
        // Of an `allOf` one object makes the whole one; of a union, every variant must be.
        let parts = |key: &str| members.get(key).and_then(Value::as_array).into_iter().flatten();
        for part in parts("allOf") {
            if self.is_object_part(part, at, depth)? {
                return Ok(true);
            }
        }
        for key in ["anyOf", "oneOf"] {
            let mut all = parts(key).next().is_some();
            for part in parts(key) {
                all = all && self.is_object_part(part, at, depth)?;
            }
            if all {
                return Ok(true);
            }
        }
        Ok(members.get("type").is_some_and(|kind| kind == "object"))
    }

    fn is_object_part(&mut self, part: &Value, at: &str, depth: usize) -> Result<bool, LowerError> {
        match self.resolved(part, at)? {
            Value::Object(part) => Ok(is_object(&part) || self.has_object_part(&part, at, depth + 1)?),
            _ => Ok(false),
        }
    }

    /// The schema that a reference stands for, or the schema itself.
    fn resolved(&self, schema: &Value, at: &str) -> Result<Value, LowerError> {
        let mut schema = schema;
        for _ in 0..16 {
            let Some(reference) = schema.get("$ref").and_then(Value::as_str) else { break };
            schema = self.follow(reference, at)?;
        }
        Ok(schema.clone())
    }

    /// Adds a part to a whole: members of objects side by side, and of other keywords the first that speaks.
    fn gather(&mut self, part: &Value, at: &str, whole: &mut Map<String, Value>) -> Result<(), LowerError> {
        self.visit(at)?;
        let reference = part.get("$ref").and_then(Value::as_str).map(str::to_owned);
        let holds_itself = reference.as_ref().is_some_and(|reference| self.gathering.contains(reference));
        if holds_itself || self.gathering.len() >= MAX_IN_PROGRESS {
            self.report.note(&rules::CIRCLE, at, "a part that holds itself adds nothing");
            return Ok(());
        }
        let Value::Object(mut members) = self.resolved(part, at)? else { return Ok(()) };
        if let Some(siblings) = self.siblings(part) {
            // What is beside a reference is a part like it.
            members = Map::from_iter([("allOf".to_owned(), json!([members, siblings]))]);
        }
        self.gathering.push(reference.unwrap_or_default());
        let gathered = self.gather_members(members, at, whole);
        self.gathering.pop();
        gathered
    }

    fn gather_members(
        &mut self,
        mut part: Map<String, Value>,
        at: &str,
        whole: &mut Map<String, Value>,
    ) -> Result<(), LowerError> {
        self.drop_malformed(&mut part, at);
        let all_of = take_list(&mut part, "allOf");
        let unions = [("anyOf", take_list(&mut part, "anyOf")), ("oneOf", take_list(&mut part, "oneOf"))];
        join(whole, part, &|schema| is_read_only(self.root, schema));
        for (index, inner) in all_of.iter().enumerate() {
            self.gather(inner, &format!("{at}/allOf/{index}"), whole)?;
        }
        for (key, variants) in unions {
            let mut gathered = Vec::new();
            for (index, variant) in variants.iter().enumerate() {
                if is_null_schema(variant) {
                    whole.insert("nullable".to_owned(), Value::Bool(true));
                    continue;
                }
                let mut one = Map::new();
                self.gather(variant, &format!("{at}/{key}/{index}"), &mut one)?;
                gathered.push(one);
            }
            // Alternatives that each list their values are a list of all of these.
            let listed: Option<Vec<Value>> =
                gathered.iter().map(listed_values).try_fold(Vec::new(), |mut all, values| {
                    all.extend(values?);
                    Some(all)
                });
            if let Some(values) = listed.filter(|values| !values.is_empty()) {
                join(whole, Map::from_iter([("enum".to_owned(), Value::Array(values))]), &|_| false);
                continue;
            }
            // Of other variants that are not objects, nothing holds for all.
            if !gathered.is_empty() && gathered.iter().all(is_object) {
                let mut either = either(gathered);
                either.remove("additionalProperties");
                join(whole, either, &|_| false);
            }
        }
        Ok(())
    }

    /// What stands beside a reference and counts there.
    fn siblings(&self, schema: &Value) -> Option<Map<String, Value>> {
        let members =
            schema.as_object().filter(|members| self.siblings_count && members.contains_key("$ref"))?;
        let siblings: Map<String, Value> = members
            .iter()
            .filter(|(key, _)| {
                *key != "$ref" && !ANNOTATIONS.contains(&key.as_str()) && !key.starts_with("x-")
            })
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        (!siblings.is_empty()).then_some(siblings)
    }
}

/// Variants by their kind, each once, in the order in which they were met.
fn by_kind(found: Vec<Variant>) -> Vec<(Kind, Vec<Variant>)> {
    let mut kinds: Vec<(Kind, Vec<Variant>)> = Vec::new();
    for variant in found {
        match kinds.iter_mut().find(|(kind, _)| *kind == variant.kind) {
            Some((_, same)) if same.iter().any(|other| other.schema == variant.schema) => {}
            Some((_, same)) => same.push(variant),
            None => kinds.push((variant.kind, vec![variant])),
        }
    }
    // A whole number is a number.
    if kinds.iter().any(|(kind, _)| *kind == Kind::Number) {
        kinds.retain(|(kind, _)| *kind != Kind::Integer);
    }
    kinds
}

/// A variant as it stands in a union: null is the union's, and the generator names a variant after its title.
fn titled(mut schema: Value, kind: Kind) -> Value {
    if let Some(members) = schema.as_object_mut() {
        members.remove("nullable");
        if !members.contains_key("$ref") {
            members.insert("title".to_owned(), json!(kind.word()));
        }
    }
    schema
}

fn take_list(members: &mut Map<String, Value>, key: &str) -> Vec<Value> {
    match members.remove(key) {
        Some(Value::Array(parts)) => parts,
        _ => Vec::new(),
    }
}

/// Whether a part of an `allOf` has only words.
fn only_explains(part: &Value) -> bool {
    part.as_object().is_some_and(|part| {
        part.keys().all(|key| ANNOTATIONS.contains(&key.as_str()) || key.starts_with("x-"))
    })
}

/// Whether a schema without parts is of objects alone.
fn is_object(members: &Map<String, Value>) -> bool {
    match members.get("type") {
        Some(kind) => kind == "object" || kind == &json!(["object"]) || is_object_or_null(kind),
        None => type_by_keywords(members) == Some("object"),
    }
}

fn is_object_or_null(kind: &Value) -> bool {
    let kinds = kind.as_array().map(Vec::as_slice).unwrap_or_default();
    kinds.iter().any(|kind| kind == "object") && kinds.iter().all(|kind| kind == "object" || kind == "null")
}

/// Joins the keywords of a part into a whole: members of objects side by side, of members that differ either.
fn join(whole: &mut Map<String, Value>, part: Map<String, Value>, is_read_only: &dyn Fn(&Value) -> bool) {
    for (key, value) in part {
        match (whole.get_mut(&key), key.as_str()) {
            (None, _) => drop(whole.insert(key, value)),
            (Some(Value::Object(present)), "properties") => join_properties(present, &value, is_read_only),
            (Some(Value::Array(present)), "required") => {
                let names = value.as_array().into_iter().flatten();
                let new: Vec<Value> = names.filter(|name| !present.contains(name)).cloned().collect();
                present.extend(new);
            }
            // Closed parts would refuse each other's members.
            (Some(present), "additionalProperties")
                if *present == Value::Bool(false) || value == Value::Bool(false) =>
            {
                *present = Value::Bool(true);
            }
            (Some(_), _) => {}
        }
    }
}

fn join_properties(present: &mut Map<String, Value>, new: &Value, is_read_only: &dyn Fn(&Value) -> bool) {
    for (name, schema) in new.as_object().into_iter().flatten() {
        let either = match present.get(name) {
            // Of an `allOf`, one part is enough to say so.
            Some(other) if other != schema && (is_read_only(other) || is_read_only(schema)) => {
                json!({ "anyOf": [other, schema], "readOnly": true })
            }
            Some(other) if other != schema => json!({ "anyOf": [other, schema] }),
            _ => schema.clone(),
        };
        present.insert(name.clone(), either);
    }
}

/// An object that is one of these.
fn either(variants: Vec<Map<String, Value>>) -> Map<String, Value> {
    let mut whole = Map::from_iter([("type".to_owned(), json!("object"))]);
    let mut properties = Map::new();
    let mut required: Option<Vec<Value>> = None;
    let mut additional: Vec<Value> = Vec::new();
    let mut closed = true;
    for variant in &variants {
        join_properties(&mut properties, variant.get("properties").unwrap_or(&Value::Null), &|_| false);
        let own = variant.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
        match &mut required {
            Some(names) => names.retain(|name| own.contains(name)),
            None => required = Some(own),
        }
        match variant.get("additionalProperties") {
            Some(Value::Bool(false)) if !variant.contains_key("patternProperties") => {}
            Some(schema @ Value::Object(_)) if !variant.contains_key("patternProperties") => {
                closed = false;
                additional.push(schema.clone());
            }
            _ => {
                closed = false;
                additional.push(json!({}));
            }
        }
        if accepts_null(variant) {
            whole.insert("nullable".to_owned(), Value::Bool(true));
        }
        if let Some(description) = variant.get("description") {
            whole.entry("description").or_insert_with(|| description.clone());
        }
    }
    if !properties.is_empty() {
        whole.insert("properties".to_owned(), Value::Object(properties));
    }
    if let Some(required) = required.filter(|names| !names.is_empty()) {
        whole.insert("required".to_owned(), Value::Array(required));
    }
    let open = additional.contains(&json!({}));
    if closed {
        whole.insert("additionalProperties".to_owned(), Value::Bool(false));
    } else if !open {
        whole.insert("additionalProperties".to_owned(), json!({ "anyOf": additional }));
    }
    whole
}
