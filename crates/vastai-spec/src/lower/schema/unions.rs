//! Unions: variants of one type become one schema, and those of several a type with a variant for each.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::join::either;
use super::null::with_null;
use super::parts;
use super::types::listed_values;
use super::variants::{Kind, Opened, Variant};
use crate::lower::context::{LowerError, Lowering, Place};
use crate::lower::rules;

/// The variants of a union as one schema.
pub(super) fn lower(
    lowering: &mut Lowering<'_, '_>,
    key: &str,
    variants: &[Value],
    place: &Place,
) -> Result<Value, LowerError> {
    let under_key = place.child(key);
    if let [variant] = variants {
        return lowering.schema(variant, &under_key.child("0"));
    }
    let mut opened = Opened::default();
    for (index, variant) in variants.iter().enumerate() {
        opened.add(lowering, variant, format!("{}/{index}", under_key.at), 0)?;
    }
    if opened.variants.is_empty() {
        lowering.report.note(&rules::CIRCLE, &place.at, "a union of nothing but itself");
        return Ok(json!({}));
    }
    if opened.variants.iter().any(|variant| variant.kind == Kind::Any) {
        let detail = format!("a variant of `{key}` accepts any value");
        lowering.report.note(&rules::WIDER_KEYWORD, &place.at, detail);
        return Ok(json!({}));
    }
    let is_nullable = opened.is_nullable;
    let kinds = opened.by_kind();
    let alone = kinds.len() == 1;
    let mut lowered: Vec<(Kind, Value)> = Vec::new();
    for (kind, same) in kinds {
        let place = if alone { place.clone() } else { place.named(kind.word()) };
        if kind == Kind::Object && !place.is_response() && key == "oneOf" {
            let schemas = strict_variants(lowering, &same, &place)?;
            lowered.extend(schemas.into_iter().map(|schema| (kind, schema)));
        } else if let [only] = same.as_slice() {
            lowered.push((kind, lowering.schema(&only.schema, &place.moved(&*only.at))?));
        } else {
            lowered.push((kind, variants_of_one_kind(lowering, kind, &same, &place)?));
        }
    }
    Ok(as_union(lowering, lowered, is_nullable, place))
}

/// Variants of which the caller chooses one.
fn strict_variants(
    lowering: &mut Lowering<'_, '_>,
    variants: &[Variant],
    place: &Place,
) -> Result<Vec<Value>, LowerError> {
    let mut lowered = Vec::new();
    for (index, variant) in variants.iter().enumerate() {
        let mut place = place.moved(&*variant.at);
        if variants.len() > 1 {
            place = place.named(&format!("variant {}", index + 1));
        }
        let schema = lowering.schema(&variant.schema, &place)?;
        // What distinguishes two may be what no type says: then they are one.
        if !lowered.contains(&schema) {
            lowered.push(schema);
        }
    }
    Ok(lowered)
}

/// Lowered variants as one schema: a type with a name, where there are several.
fn as_union(
    lowering: &mut Lowering<'_, '_>,
    mut lowered: Vec<(Kind, Value)>,
    is_nullable: bool,
    place: &Place,
) -> Value {
    if let [(_, only)] = lowered.as_slice() {
        return with_null(only.clone(), is_nullable);
    }
    // Arrays and strings before objects: an object whose fields are all optional matches least carefully.
    lowered.sort_by_key(|(kind, _)| *kind);
    let is_nullable = is_nullable || lowered.iter().any(|(_, schema)| schema.get("nullable").is_some());
    let objects = lowered.iter().filter(|(kind, _)| *kind == Kind::Object).count();
    let variants: Vec<Value> = lowered.into_iter().map(|(kind, schema)| titled(schema, kind)).collect();
    // Variants of different types exclude each other. Of several objects, one value may be more than one, now that limits are
    // checked elsewhere; the generator tries them in their order.
    let key = if objects > 1 { "anyOf" } else { "oneOf" };
    let reference = lowering.components.inline_reference(json!({ key: variants }), &place.name, &place.at);
    with_null(reference, is_nullable)
}

/// A variant as it stands in a union: null is the union's, and the generator names a variant after its title.
fn titled(mut schema: Value, kind: Kind) -> Value {
    if let Some(keywords) = schema.as_object_mut() {
        keywords.remove("nullable");
        if !keywords.contains_key("$ref") {
            keywords.insert("title".to_owned(), json!(kind.word()));
        }
    }
    schema
}

/// Several variants that are all objects, all arrays or all the same scalar.
fn variants_of_one_kind(
    lowering: &mut Lowering<'_, '_>,
    kind: Kind,
    same: &[Variant],
    place: &Place,
) -> Result<Value, LowerError> {
    let rule = if place.is_response() { &rules::RESPONSE_VARIANTS } else { &rules::REQUEST_VARIANTS };
    lowering.report.note(rule, &place.at, format!("{} variants", same.len()));
    let whole = match kind {
        Kind::Object => object_of(lowering, same)?,
        Kind::Array => array_of(lowering, same)?,
        Kind::Text => string_of(lowering, same)?,
        Kind::Integer | Kind::Number | Kind::Boolean | Kind::Any => {
            json!({ "type": kind.word().to_lowercase() })
        }
    };
    parts::lower_whole(lowering, &whole, place)
}

/// One object with the fields of all: required is what each requires, and a field that several have is either.
///
/// A variant that is open accepts another's field with any value; that is not carried over, or no field had a type.
fn object_of(lowering: &mut Lowering<'_, '_>, same: &[Variant]) -> Result<Value, LowerError> {
    let mut gathered = Vec::new();
    for variant in same {
        let mut whole = serde_json::Map::new();
        parts::gather(lowering, &variant.schema, &variant.at, &mut whole)?;
        gathered.push(whole);
    }
    Ok(Value::Object(either(gathered)))
}

fn array_of(lowering: &Lowering<'_, '_>, same: &[Variant]) -> Result<Value, LowerError> {
    let mut items: Vec<Value> = Vec::new();
    for variant in same {
        let resolved = lowering.resolved(&variant.schema, &variant.at)?;
        let own = resolved.get("items").filter(|items| items.is_object());
        let own = own.filter(|_| resolved.get("prefixItems").is_none()).cloned().unwrap_or(json!({}));
        if !items.contains(&own) {
            items.push(own);
        }
    }
    Ok(json!({ "type": "array", "items": { "anyOf": items } }))
}

/// Strings of which each lists its values are a list of all of these; one that lists none takes any string.
fn string_of(lowering: &Lowering<'_, '_>, same: &[Variant]) -> Result<Value, LowerError> {
    let mut seen = BTreeSet::new();
    let mut all = Some(Vec::new());
    for variant in same {
        let values = lowering.resolved(&variant.schema, &variant.at)?.as_object().and_then(listed_values);
        all = all.zip(values).map(|(mut all, values)| {
            all.extend(values.into_iter().filter(|value| seen.insert(value.to_string())));
            all
        });
    }
    Ok(match all {
        Some(values) => json!({ "type": "string", "enum": values }),
        None => json!({ "type": "string" }),
    })
}
