//! Types, null, enumerations, and the words that narrow them.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::HashSet;

use serde_json::Value;

use super::super::comparison::{Comparison, quoted};
use super::super::flat::{Schema, Types, UnionKind};
use super::super::prose::is_prose;
use super::super::rules::{self, Rule};
use super::super::site::Site;
use super::both::Both;

/// The types that a `type` states, and whether null is among them.
pub(super) fn stated(value: &Value) -> Option<(Types<'_>, bool)> {
    let names: Vec<&str> = match value {
        // `type: null` in YAML.
        Value::Null => vec!["null"],
        Value::String(name) => vec![name],
        Value::Array(names) => names
            .iter()
            .map(|name| if name.is_null() { Some("null") } else { name.as_str() })
            .collect::<Option<_>>()?,
        _ => return None,
    };
    let null = names.contains(&"null");
    Some((names.into_iter().filter(|name| *name != "null").collect(), null))
}

/// Whether only null fits.
pub(super) fn is_null(schema: &Value) -> bool {
    let Some(members) = schema.as_object() else { return false };
    let only_null = |key: &str, value: &Value| match key {
        "type" => stated(value).is_some_and(|(types, null)| types.is_empty() && null),
        "enum" => value.as_array().is_some_and(|values| values.len() == 1 && values[0].is_null()),
        "const" => value.is_null(),
        _ => false,
    };
    members.iter().any(|(key, value)| only_null(key, value))
        && members.iter().all(|(key, value)| {
            only_null(key, value) || matches!(key.as_str(), "description" | "title" | "nullable" | "default")
        })
}

/// Whether a schema says nothing to a program.
pub(super) fn is_anything(schema: &Value) -> bool {
    match schema {
        Value::Bool(true) | Value::Null => true,
        Value::Object(members) => members.keys().all(|key| is_prose(key)),
        _ => false,
    }
}

fn says_only(schema: &Value, keywords: &[&str]) -> bool {
    schema.as_object().is_some_and(|members| {
        members.keys().all(|key| {
            keywords.contains(&key.as_str()) || matches!(key.as_str(), "description" | "title" | "$comment")
        })
    })
}

/// Alternatives that are types and nothing else. Where exactly one must fit, no value may be of two of them.
pub(super) fn of_bare_types<'d>(kind: UnionKind, variants: &[&'d Value]) -> Option<(Types<'d>, bool)> {
    let (mut all, mut nulls) = (Types::new(), 0_usize);
    for variant in variants {
        let (types, null) = stated(variant.get("type")?).filter(|_| says_only(variant, &["type"]))?;
        if kind.is_exclusive() && !common(&all, &types).is_empty() {
            return None;
        }
        all.extend(types);
        nulls += usize::from(null);
    }
    // Null that fits several is refused where exactly one must fit.
    let null = if kind.is_exclusive() { nulls == 1 } else { nulls > 0 };
    Some((all, null))
}

/// A string that is the same for values that are the same in JSON Schema, where 1 and 1.0 are one number.
pub(super) fn key_of(value: &Value) -> String {
    match value {
        Value::Number(number) if number.as_i128().is_none() => match number.as_f64() {
            #[allow(
                clippy::cast_possible_truncation,
                reason = "it is a whole number in the range of the type"
            )]
            Some(float) if float.fract() == 0.0 && float.abs() < 1e30 => (float as i128).to_string(),
            _ => number.to_string(),
        },
        value => value.to_string(),
    }
}

/// The keys of all values.
pub(super) fn keys_of(values: &[&Value]) -> HashSet<String> {
    values.iter().map(|value| key_of(value)).collect()
}

pub(super) fn of_values<'d>(values: &[&Value]) -> Types<'d> {
    let name = |value: &Value| match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number)
            if number.is_f64() && number.as_f64().is_none_or(|number| number.fract() != 0.0) =>
        {
            "number"
        }
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    values.iter().map(|value| name(value)).collect()
}

/// The types of both.
pub(super) fn common<'d>(one: &Types<'d>, other: &Types<'d>) -> Types<'d> {
    one.iter()
        .flat_map(|a| {
            other.iter().filter_map(|b| if covers(a, b) { Some(*b) } else { covers(b, a).then_some(*a) })
        })
        .collect()
}

fn covers(wide: &str, narrow: &str) -> bool {
    wide == narrow || (wide == "number" && narrow == "integer")
}

pub(super) fn contains(wide: &Types<'_>, narrow: &Types<'_>) -> bool {
    narrow.iter().all(|narrow| wide.iter().any(|wide| covers(wide, narrow)))
}

/// The type that keywords make no sense without.
pub(super) fn implied<'d>(schema: &Schema<'d>) -> Option<Types<'d>> {
    let has = |keywords: &[&str]| keywords.iter().any(|keyword| schema.has(keyword));
    let object = !schema.properties.is_empty()
        || !schema.required.is_empty()
        || has(&[
            "additionalProperties",
            "patternProperties",
            "propertyNames",
            "minProperties",
            "maxProperties",
        ]);
    let array = has(&["items", "prefixItems", "contains", "minItems", "maxItems", "uniqueItems"]);
    let string = has(&["minLength", "maxLength"])
        || ["pattern", "contentEncoding", "contentMediaType"]
            .iter()
            .any(|word| schema.words.contains_key(word));
    let number = schema.lower.is_some() || schema.upper.is_some() || has(&["multipleOf"]);
    let mut types = [("object", object), ("array", array), ("string", string), ("number", number)]
        .into_iter()
        .filter_map(|(name, implied)| implied.then_some(name));
    let only = types.next()?;
    types.next().is_none().then(|| Types::from([only]))
}

fn named(types: Option<&Types<'_>>) -> String {
    match types {
        None => "any type".to_owned(),
        Some(types) if types.is_empty() => "null".to_owned(),
        Some(types) => types.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" or "),
    }
}

impl<'d> Comparison<'d> {
    /// Compares types, null and enumerations. `false` where the values have nothing in common any more, so that nothing else need be
    /// compared.
    pub(super) fn kinds(&mut self, both: &Both<'_, 'd>) -> bool {
        let (old, new) = (both.old, both.new);
        let comparable = self.types(both);
        let null_counts = old.is_constrained() && new.is_constrained() && comparable;
        if null_counts && old.nullable != new.nullable {
            let (rule, message) = if new.nullable {
                (&rules::NULL_ADDED, "may be null now")
            } else {
                (&rules::NULL_REMOVED, "may not be null any more")
            };
            self.report_keyword(
                both,
                rule,
                "",
                both.site(&old.null_site, &new.null_site),
                format!("the value {message}"),
            );
        }
        if comparable {
            self.enumerations(both);
        }
        comparable
    }

    fn types(&mut self, both: &Both<'_, 'd>) -> bool {
        let (old, new) = (both.old, both.new);
        let places = both.site(
            &old.types_site.clone().or_else(|| old.values_site.clone()),
            &new.types_site.clone().or_else(|| new.values_site.clone()),
        );
        // Enumerations say more than the types of their values.
        let judged = match (&old.values, &new.values) {
            (Some(before), Some(after)) => {
                // A type that the values do not have leaves none of them.
                let fits = |stated: &Option<Types<'d>>, values: &[&Value]| {
                    stated.as_ref().is_none_or(|stated| contains(stated, &of_values(values)))
                };
                if fits(&old.stated_beside_values, before) != fits(&new.stated_beside_values, after) {
                    let message = format!(
                        "the type was {} and is {}, which is not that of the values",
                        named(old.stated_beside_values.as_ref()),
                        named(new.stated_beside_values.as_ref())
                    );
                    self.report_keyword(both, &rules::TYPE_CHANGED, "type", places, message);
                }
                return true;
            }
            (None, Some(_)) => match (&old.types, &new.types) {
                (Some(before), Some(after)) => contains(before, after),
                _ => true,
            },
            (Some(_), None) => match (&old.types, &new.types) {
                (Some(before), Some(after)) => contains(after, before),
                _ => true,
            },
            (None, None) => false,
        };
        if judged {
            return true;
        }
        let message =
            format!("the type was {} and is {}", named(old.types.as_ref()), named(new.types.as_ref()));
        let (rule, comparable): (&'static Rule, bool) = match (&old.types, &new.types) {
            (None, None) => return true,
            (Some(before), Some(after)) if before == after => {
                if old.implied == new.implied {
                    return true;
                }
                let message = match new.implied {
                    true => format!("the type {} is no longer stated, only implied", named(Some(before))),
                    false => format!("the type {} is stated; it was implied", named(Some(before))),
                };
                self.report_keyword(both, &rules::TYPE_STATED, "type", places, message);
                return true;
            }
            // Whether alternatives fit the type is reported of the alternatives.
            (None, Some(_)) if !old.unions.is_empty() => return true,
            (Some(_), None) if !new.unions.is_empty() => return true,
            (None, Some(_)) => (&rules::TYPE_NARROWED, true),
            (Some(_), None) => (&rules::TYPE_WIDENED, true),
            (Some(before), Some(after)) => match (contains(before, after), contains(after, before)) {
                (true, false) => (&rules::TYPE_NARROWED, true),
                (false, true) => (&rules::TYPE_WIDENED, true),
                (true, true) => return true,
                (false, false) => (&rules::TYPE_CHANGED, !common(before, after).is_empty()),
            },
        };
        self.report_keyword(both, rule, "type", places, message);
        comparable
    }

    fn enumerations(&mut self, both: &Both<'_, 'd>) {
        let (old, new) = (both.old, both.new);
        let places = both.site(&old.values_site, &new.values_site);
        match (&old.values, &new.values) {
            (None, None) => {}
            (None, Some(values)) if is_every_boolean(old, values) => {}
            (Some(values), None) if is_every_boolean(new, values) => {}
            (None, Some(values)) => {
                self.report_keyword(
                    both,
                    &rules::ENUM_ADDED,
                    "enum",
                    places,
                    format!("only {} are allowed now", listed(values)),
                );
            }
            (Some(values), None) => {
                let message = format!("other values than {} are allowed now", listed(values));
                self.report_keyword(both, &rules::ENUM_REMOVED, "enum", places, message);
            }
            (Some(before), Some(after)) => {
                let (old_keys, new_keys) = (keys_of(before), keys_of(after));
                for value in before.iter().filter(|value| !new_keys.contains(&key_of(value))) {
                    let message = format!("the value {} is gone", quoted(value));
                    self.report_keyword(both, &rules::ENUM_VALUE_REMOVED, "enum", places.clone(), message);
                }
                for value in after.iter().filter(|value| !old_keys.contains(&key_of(value))) {
                    let message = format!("the value {} is new", quoted(value));
                    self.report_keyword(both, &rules::ENUM_VALUE_ADDED, "enum", places.clone(), message);
                }
            }
        }
    }

    /// Formats, patterns, and what a string holds.
    pub(super) fn words(&mut self, both: &Both<'_, 'd>) {
        for (keyword, added, removed, changed) in [
            ("format", &rules::FORMAT_NARROWED, &rules::FORMAT_WIDENED, &rules::FORMAT_CHANGED),
            ("pattern", &rules::PATTERN_ADDED, &rules::PATTERN_REMOVED, &rules::PATTERN_CHANGED),
            ("contentEncoding", &rules::CONTENT_CHANGED, &rules::CONTENT_CHANGED, &rules::CONTENT_CHANGED),
            ("contentMediaType", &rules::CONTENT_CHANGED, &rules::CONTENT_CHANGED, &rules::CONTENT_CHANGED),
        ] {
            let empty = Vec::new();
            let words = |schema: &Schema<'d>| schema.words.get(keyword).unwrap_or(&empty).clone();
            let (old, new) = (words(both.old), words(both.new));
            let lacks = |words: &[(Cow<'d, str>, Site<'d>)], word: &str| {
                words.iter().all(|(other, _)| *other != word)
            };
            let gone: Vec<_> = old.iter().filter(|(word, _)| lacks(&new, word)).collect();
            let fresh: Vec<_> = new.iter().filter(|(word, _)| lacks(&old, word)).collect();
            let list = |words: &[&(Cow<'d, str>, Site<'d>)]| {
                words.iter().map(|(word, _)| format!("`{word}`")).collect::<Vec<_>>().join(" and ")
            };
            let places = both.site(
                &gone.first().map(|(_, site)| site.clone()),
                &fresh.first().map(|(_, site)| site.clone()),
            );
            let (rule, message) = match (gone.as_slice(), fresh.as_slice()) {
                ([], []) => continue,
                ([], fresh) => (added, format!("the {keyword} {} is new", list(fresh))),
                (gone, []) => (removed, format!("the {keyword} {} is gone", list(gone))),
                ([(before, _)], [(after, _)]) => {
                    let rule = match width(before).zip(width(after)) {
                        Some(((kind, before), (other, after))) if kind == other => match before.cmp(&after) {
                            Ordering::Less => removed,
                            Ordering::Greater => added,
                            Ordering::Equal => changed,
                        },
                        _ => changed,
                    };
                    (rule, format!("the {keyword} was `{before}` and is `{after}`"))
                }
                (gone, fresh) => {
                    (changed, format!("the {keyword} was {} and is {}", list(gone), list(fresh)))
                }
            };
            self.report_keyword(both, rule, keyword, places, message);
        }
    }
}

/// How many bits a format has, among those of its kind.
fn width(format: &str) -> Option<(&'static str, u8)> {
    Some(match format {
        "int8" => ("integer", 8),
        "int16" => ("integer", 16),
        "int32" => ("integer", 32),
        "int64" => ("integer", 64),
        "uint8" => ("unsigned", 8),
        "uint16" => ("unsigned", 16),
        "uint32" => ("unsigned", 32),
        "uint64" => ("unsigned", 64),
        "float" => ("float", 32),
        "double" => ("float", 64),
        _ => return None,
    })
}

/// `enum: [true, false]` says what `type: boolean` says.
fn is_every_boolean(plain: &Schema<'_>, values: &[&Value]) -> bool {
    plain.types == Some(Types::from(["boolean"]))
        && [true, false].iter().all(|value| values.contains(&&Value::Bool(*value)))
}

fn listed(values: &[&Value]) -> String {
    let shown: Vec<String> = values.iter().take(6).map(|value| quoted(value)).collect();
    let more = if values.len() > 6 { format!(" and {} more", values.len() - 6) } else { String::new() };
    shown.join(", ") + &more
}
