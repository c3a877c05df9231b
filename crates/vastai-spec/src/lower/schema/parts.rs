//! Parts of a schema, put together from where they stand: references followed, and the parts and variants in them joined.

use serde_json::{Map, Value, json};

use super::join::{either, join, take_list};
use super::null::is_null;
use super::references::siblings;
use super::types::{is_object, listed_values};
use crate::lower::context::{LowerError, Lowering, MAX_IN_PROGRESS, Place};
use crate::lower::rules;
use crate::operations::is_read_only;

/// Lowers the parts of an `allOf` as one schema.
pub(super) fn lower_joined(
    lowering: &mut Lowering<'_, '_>,
    parts: &[(String, Value)],
    place: &Place,
) -> Result<Value, LowerError> {
    let mut whole = Map::new();
    for (at, part) in parts {
        gather(lowering, part, at, &mut whole)?;
    }
    lowering.report.note(&rules::ALL_OF, &place.at, format!("{} parts", parts.len()));
    lower_whole(lowering, &Value::Object(whole), place)
}

/// Lowers a schema that was put together, unless it is being lowered already: then it holds itself.
pub(super) fn lower_whole(
    lowering: &mut Lowering<'_, '_>,
    whole: &Value,
    place: &Place,
) -> Result<Value, LowerError> {
    lowering.unless_in_progress(whole.to_string(), &place.at, "", |lowering| lowering.schema(whole, place))
}

/// Adds a part to a whole: properties of objects side by side, and of other keywords the first that speaks.
pub(super) fn gather(
    lowering: &mut Lowering<'_, '_>,
    part: &Value,
    at: &str,
    whole: &mut Map<String, Value>,
) -> Result<(), LowerError> {
    lowering.visit(at)?;
    let reference = part.get("$ref").and_then(Value::as_str);
    let holds_itself = reference.is_some_and(|reference| lowering.gathering.iter().any(|it| it == reference));
    if holds_itself || lowering.gathering.len() >= MAX_IN_PROGRESS {
        lowering.report.note(&rules::CIRCLE, at, "a part that holds itself adds nothing");
        return Ok(());
    }
    let Value::Object(mut keywords) = lowering.resolved(part, at)?.clone() else { return Ok(()) };
    if let Some(siblings) = siblings(lowering, part) {
        // What is beside a reference is a part like it.
        keywords = Map::from_iter([("allOf".to_owned(), json!([keywords, siblings]))]);
    }
    lowering.gathering.push(reference.unwrap_or_default().to_owned());
    let gathered = gather_keywords(lowering, keywords, at, whole);
    lowering.gathering.pop();
    gathered
}

fn gather_keywords(
    lowering: &mut Lowering<'_, '_>,
    mut part: Map<String, Value>,
    at: &str,
    whole: &mut Map<String, Value>,
) -> Result<(), LowerError> {
    lowering.drop_malformed(&mut part, at);
    let all_of = take_list(&mut part, "allOf");
    let unions = [("anyOf", take_list(&mut part, "anyOf")), ("oneOf", take_list(&mut part, "oneOf"))];
    join(whole, part, &|schema| is_read_only(lowering.root, schema));
    for (index, inner) in all_of.iter().enumerate() {
        gather(lowering, inner, &format!("{at}/allOf/{index}"), whole)?;
    }
    for (key, variants) in unions {
        let mut gathered = Vec::new();
        for (index, variant) in variants.iter().enumerate() {
            if is_null(variant) {
                whole.insert("nullable".to_owned(), Value::Bool(true));
                continue;
            }
            let mut one = Map::new();
            gather(lowering, variant, &format!("{at}/{key}/{index}"), &mut one)?;
            gathered.push(one);
        }
        // Alternatives that each list their values are a list of all of these.
        let listed: Option<Vec<Vec<Value>>> = gathered.iter().map(listed_values).collect();
        if let Some(values) = listed.map(|values| values.concat()).filter(|values| !values.is_empty()) {
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
