//! The variants of a union: references followed, unions in it opened, and each with the type that distinguishes it from others.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::join::is_composed;
use super::keywords::ANNOTATIONS;
use super::null::{accepts_null, is_null};
use super::parts;
use super::references::siblings;
use super::types::{is_object, types_of};
use crate::lower::context::{LowerError, Lowering};
use crate::lower::rules;

/// How deep unions are opened that stand in unions.
const MAX_UNION_DEPTH: usize = 16;

/// How deep an `allOf` may stand in others to be put together as one variant.
const MAX_PLAIN_DEPTH: usize = 3;

/// What values a variant has, in the order in which variants are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
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
    pub(super) fn word(self) -> &'static str {
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
pub(super) struct Variant {
    pub(super) kind: Kind,
    pub(super) at: String,
    pub(super) schema: Value,
}

/// What was found in a union so far.
#[derive(Default)]
pub(super) struct Opened {
    pub(super) variants: Vec<Variant>,
    /// References that were followed: what stands in a union twice adds nothing, and one that holds itself has no end.
    followed: BTreeSet<String>,
    pub(super) is_nullable: bool,
}

impl Opened {
    /// Adds a variant, references followed and unions in it opened.
    pub(super) fn add(
        &mut self,
        lowering: &mut Lowering<'_, '_>,
        variant: &Value,
        at: String,
        depth: usize,
    ) -> Result<(), LowerError> {
        lowering.visit(&at)?;
        if is_null(variant) {
            self.is_nullable = true;
            return Ok(());
        }
        if let Some(reference) = variant.get("$ref").and_then(Value::as_str)
            && siblings(lowering, variant).is_none()
            && !self.followed.insert(reference.to_owned())
        {
            return Ok(());
        }
        let Value::Object(mut keywords) = lowering.resolved(variant, &at)?.clone() else {
            self.variants.push(Variant { kind: Kind::Any, at, schema: json!({}) });
            return Ok(());
        };
        if depth > MAX_UNION_DEPTH {
            lowering.report.note(&rules::CIRCLE, &at, "unions in unions");
            self.variants.push(Variant { kind: Kind::Any, at, schema: json!({}) });
            return Ok(());
        }
        lowering.drop_malformed(&mut keywords, &at);
        self.is_nullable |= accepts_null(&keywords);
        let plain = keywords.keys().filter(|key| !ANNOTATIONS.contains(&key.as_str())).count() == 1;
        for key in ["oneOf", "anyOf"] {
            if let (true, Some(Value::Array(variants))) = (plain, keywords.get(key)) {
                for (index, inner) in variants.iter().enumerate() {
                    self.add(lowering, inner, format!("{at}/{key}/{index}"), depth + 1)?;
                }
                return Ok(());
            }
        }
        if is_composed(&keywords) && is_plain(lowering, &keywords, &at, MAX_PLAIN_DEPTH)? {
            // Parts that are not objects say together what one schema would.
            let mut whole = Map::new();
            parts::gather(lowering, variant, &at, &mut whole)?;
            if !is_composed(&whole)
                && let [kind] = types_of(lowering, &whole, &at).as_slice()
                && *kind != "object"
            {
                self.variants.push(Variant { kind: Kind::of(kind), at, schema: Value::Object(whole) });
                return Ok(());
            }
        }
        let kinds = kinds_of(lowering, &keywords, &at)?;
        let single = kinds.len() == 1;
        self.variants.extend(kinds.into_iter().map(|kind| {
            let mut typed = keywords.clone();
            typed.insert("type".to_owned(), json!(kind));
            let schema = if single { variant.clone() } else { Value::Object(typed) };
            Variant { kind: Kind::of(kind), at: at.clone(), schema }
        }));
        Ok(())
    }

    /// The variants by their kind, each once, in the order in which they were met.
    pub(super) fn by_kind(self) -> Vec<(Kind, Vec<Variant>)> {
        let mut kinds: Vec<(Kind, Vec<Variant>)> = Vec::new();
        for variant in self.variants {
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
}

/// Whether a schema has no alternatives in it, nor any of the parts of its `allOf`.
fn is_plain(
    lowering: &Lowering<'_, '_>,
    keywords: &Map<String, Value>,
    at: &str,
    levels: usize,
) -> Result<bool, LowerError> {
    if keywords.contains_key("anyOf") || keywords.contains_key("oneOf") {
        return Ok(false);
    }
    for part in keywords.get("allOf").and_then(Value::as_array).into_iter().flatten() {
        let Value::Object(part) = lowering.resolved(part, at)? else { return Ok(false) };
        if levels == 0 || !is_plain(lowering, part, at, levels - 1)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn kinds_of(
    lowering: &mut Lowering<'_, '_>,
    keywords: &Map<String, Value>,
    at: &str,
) -> Result<Vec<&'static str>, LowerError> {
    if is_composed(keywords) {
        return Ok(vec![if has_object_part(lowering, keywords, at, 0)? { "object" } else { "any" }]);
    }
    let kinds = types_of(lowering, keywords, at);
    Ok(if kinds.is_empty() { vec!["any"] } else { kinds })
}

fn has_object_part(
    lowering: &mut Lowering<'_, '_>,
    keywords: &Map<String, Value>,
    at: &str,
    depth: usize,
) -> Result<bool, LowerError> {
    lowering.visit(at)?;
    if keywords.contains_key("properties") {
        return Ok(true);
    }
    if depth > MAX_UNION_DEPTH {
        return Ok(false);
    }
    // Of an `allOf` one object makes the whole one; of a union, every variant must be.
    let parts = |key: &str| keywords.get(key).and_then(Value::as_array).into_iter().flatten();
    for part in parts("allOf") {
        if is_object_part(lowering, part, at, depth)? {
            return Ok(true);
        }
    }
    for key in ["anyOf", "oneOf"] {
        let mut all = parts(key).next().is_some();
        for part in parts(key) {
            all = all && is_object_part(lowering, part, at, depth)?;
        }
        if all {
            return Ok(true);
        }
    }
    Ok(keywords.get("type").is_some_and(|kind| kind == "object"))
}

fn is_object_part(
    lowering: &mut Lowering<'_, '_>,
    part: &Value,
    at: &str,
    depth: usize,
) -> Result<bool, LowerError> {
    let Value::Object(part) = lowering.resolved(part, at)?.clone() else { return Ok(false) };
    Ok(is_object(&part) || has_object_part(lowering, &part, at, depth + 1)?)
}
