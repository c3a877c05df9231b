//! `allOf`, `anyOf` and `oneOf`, with what stands beside them: parts become one schema, and variants a union.

use serde_json::{Map, Value, json};

use super::join::{is_composed, take_list};
use super::keywords::{ANNOTATIONS, only_explains};
use super::{parts, unions};
use crate::lower::context::{LowerError, Lowering, Outcome, Schema};

pub(super) fn lower(lowering: &mut Lowering<'_, '_>, schema: &mut Schema<'_>) -> Result<Outcome, LowerError> {
    if !is_composed(&schema.keywords) {
        return Ok(Outcome::Next);
    }
    let (place, keywords) = (schema.place, &mut schema.keywords);
    let all_of = take_list(keywords, "allOf");
    let mut unions = vec![("anyOf", take_list(keywords, "anyOf")), ("oneOf", take_list(keywords, "oneOf"))];
    unions.retain(|(_, variants)| !variants.is_empty());
    let (annotations, rest): (Map<String, Value>, Map<String, Value>) = std::mem::take(keywords)
        .into_iter()
        .filter(|(key, _)| !key.starts_with("x-"))
        .partition(|(key, _)| ANNOTATIONS.contains(&key.as_str()));
    *keywords = annotations;

    let has_facts =
        |part: &Value| !part.as_object().is_some_and(|part| part.keys().all(|key| only_explains(key)));
    let mut parts: Vec<(String, Value)> = all_of
        .into_iter()
        .enumerate()
        .filter(|(_, part)| has_facts(part))
        .map(|(index, part)| (format!("{}/allOf/{index}", place.at), part))
        .collect();
    if !rest.is_empty() {
        parts.push((place.at.clone(), Value::Object(rest)));
    }
    let lowered = match (parts.as_slice(), unions.as_slice()) {
        ([], []) => json!({}),
        // One part alone is that part.
        ([(at, part)], []) => lowering.schema(part, &place.moved(&**at))?,
        ([], [(key, variants)]) => unions::lower(lowering, key, variants, place)?,
        _ => {
            for (key, variants) in unions {
                parts.push((place.at.clone(), json!({ key: variants })));
            }
            parts::lower_joined(lowering, &parts, place)?
        }
    };
    Ok(Outcome::Lowered(lowered))
}
