//! A schema with its references followed, its `allOf` merged, and one spelling for what means the same.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};
use std::rc::Rc;

use serde_json::Value;

use super::super::flat::{All, Bound, Schema, Types, UnionKind};
use super::super::site::Site;
use super::super::source::Source;
use super::pattern;
use super::types::{self, is_anything};

impl<'d> Source<'d> {
    pub(super) fn flat(&mut self, all: &All<'d>) -> Rc<Schema<'d>> {
        let key = all.key();
        if let Some(known) = self.schemas.get(&key) {
            return Rc::clone(known);
        }
        let flat = Rc::new(Flattening::new(self, &all.without).of(&all.sites));
        self.schemas.insert(key, Rc::clone(&flat));
        flat
    }
}

/// What one of the merged schemas says of types.
pub(super) struct Opinion<'d> {
    pub(super) depth: usize,
    pub(super) types: Option<Types<'d>>,
    pub(super) nullable: bool,
    pub(super) site: Site<'d>,
}

/// A list of allowed values, and which of the merged schemas says so.
pub(super) struct Enumeration<'d> {
    pub(super) values: Vec<&'d Value>,
    pub(super) site: Site<'d>,
}

pub(super) struct Flattening<'s, 'd> {
    pub(super) source: &'s mut Source<'d>,
    pub(super) without: &'s [usize],
    pub(super) schema: Schema<'d>,
    pending: Vec<(Site<'d>, usize)>,
    pub(super) opinions: Vec<Opinion<'d>>,
    pub(super) enumerations: Vec<Enumeration<'d>>,
    default_depth: usize,
    /// Schemas that say something of properties they do not name, with those that they name.
    closing: Vec<(Site<'d>, BTreeSet<&'d str>)>,
}

impl<'s, 'd> Flattening<'s, 'd> {
    fn new(source: &'s mut Source<'d>, without: &'s [usize]) -> Self {
        Self {
            source,
            without,
            schema: Schema::default(),
            pending: Vec::new(),
            opinions: Vec::new(),
            enumerations: Vec::new(),
            default_depth: usize::MAX,
            closing: Vec::new(),
        }
    }

    fn of(mut self, sites: &[Site<'d>]) -> Schema<'d> {
        self.schema.site = sites.first().cloned();
        self.pending = sites.iter().rev().map(|site| (site.clone(), 0)).collect();
        let mut seen = HashSet::new();
        while let Some((site, depth)) = self.pending.pop() {
            if !seen.insert(site.identity()) {
                continue;
            }
            match site.value {
                Value::Bool(true) | Value::Null => {}
                Value::Bool(false) => self.schema.never = Some(site),
                Value::Object(_) => self.object(&site, depth),
                _ => self.keyword("", site),
            }
        }
        self.close_over_properties();
        self.settle_types();
        self.schema
    }

    fn keyword(&mut self, key: &'d str, site: Site<'d>) {
        self.schema.keywords.entry(key).or_default().push(site);
    }

    fn object(&mut self, site: &Site<'d>, depth: usize) {
        let mut opinion =
            Opinion { depth, types: None, nullable: site.is_true("nullable"), site: site.clone() };
        let mut says_types = opinion.nullable;
        let mut followed = Vec::new();
        for (key, member) in site.members() {
            match (key, member.value) {
                ("$ref", Value::String(reference)) => match self.source.target(reference) {
                    Some(target) => {
                        if site.value.as_object().is_some_and(|members| members.len() == 1) && depth == 0 {
                            self.schema.site = Some(target.clone());
                        }
                        followed.push((target, depth + 1));
                    }
                    None => self.keyword(key, member),
                },
                ("allOf", Value::Array(_)) => {
                    followed.extend(member.elements().map(|part| (part, depth + 1)));
                }
                ("anyOf", Value::Array(_)) => {
                    self.union(UnionKind::AnyOf, site, member, depth, &mut followed);
                }
                ("oneOf", Value::Array(_)) => {
                    self.union(UnionKind::OneOf, site, member, depth, &mut followed);
                }
                ("not", value) if *value == Value::Bool(false) => {}
                ("not", value) if is_anything(value) => self.schema.never = Some(member),
                ("type", value) => match types::stated(value) {
                    Some((stated, null)) => {
                        says_types = true;
                        opinion.nullable |= null;
                        opinion.types = Some(stated);
                        opinion.site = member;
                    }
                    None => self.keyword(key, member),
                },
                ("nullable", Value::Bool(_)) => {}
                ("enum", Value::Array(values)) => {
                    self.enumerations.push(Enumeration { values: values.iter().collect(), site: member });
                }
                ("const", value) => {
                    self.enumerations.push(Enumeration { values: vec![value], site: member });
                }
                ("minimum" | "exclusiveMinimum" | "maximum" | "exclusiveMaximum", _) => {
                    self.bound(site, key, member);
                }
                ("format", Value::String(format)) => self.format(format, member),
                ("pattern", Value::String(word)) if pattern::matches_every_text(word) => {}
                ("pattern", Value::String(word)) => self.word("pattern", Cow::Borrowed(word), member),
                ("contentEncoding", Value::String(word)) => {
                    self.word("contentEncoding", Cow::Owned(word.to_ascii_lowercase()), member);
                }
                ("contentMediaType", Value::String(word)) => {
                    self.word("contentMediaType", Cow::Owned(word.to_ascii_lowercase()), member);
                }
                ("required", Value::Array(_)) => {
                    for name in member.elements() {
                        match name.value {
                            Value::String(text) => drop(self.schema.required.entry(text).or_insert(name)),
                            _ => self.keyword(key, name),
                        }
                    }
                }
                ("properties", Value::Object(_)) => {
                    for (name, property) in member.members() {
                        self.schema.properties.entry(name).or_default().sites.push(property);
                    }
                }
                ("additionalProperties" | "items", Value::Bool(true) | Value::Null) => {}
                ("additionalProperties", _) if names_match_every_text(site) => {}
                ("patternProperties", Value::Object(_)) if names_match_every_text(site) => {
                    self.pattern_properties(member);
                }
                ("default", _) => {
                    if depth < self.default_depth {
                        self.default_depth = depth;
                        self.schema.default = Some(member);
                    }
                }
                (
                    "$schema" | "$id" | "$anchor" | "$dynamicAnchor" | "$vocabulary" | "$defs"
                    | "definitions",
                    _,
                )
                | ("uniqueItems" | "deprecated" | "readOnly" | "writeOnly", Value::Bool(false)) => {}
                ("minLength" | "minItems" | "minProperties", Value::Number(zero))
                    if zero.as_u64() == Some(0) => {}
                ("minContains", Value::Number(one)) if one.as_u64() == Some(1) => {}
                _ if self.schema.prose.take(key, &member, depth) => {}
                ("unevaluatedProperties" | "unevaluatedItems", _) => self.unevaluated(site, key, member),
                _ => {
                    if key == "additionalProperties" {
                        let named = site.value.get("properties").and_then(Value::as_object);
                        let named = named.into_iter().flatten().map(|(name, _)| name.as_str()).collect();
                        self.closing.push((member.clone(), named));
                    }
                    self.keyword(key, member);
                }
            }
        }
        if says_types {
            self.opinions.push(opinion);
        }
        self.pending.extend(followed.into_iter().rev());
    }

    /// What a pattern that every name matches says is said of every property.
    fn pattern_properties(&mut self, patterns: Site<'d>) {
        for (name, property) in patterns.members() {
            if pattern::matches_every_text(name) && !is_anything(property.value) {
                self.closing.push((property.clone(), BTreeSet::new()));
                self.keyword("additionalProperties", property);
            }
        }
        let is_free = |name: &String| pattern::matches_every_text(name);
        if patterns.value.as_object().is_some_and(|patterns| !patterns.keys().all(is_free)) {
            self.keyword("patternProperties", patterns);
        }
    }

    /// What is said of the properties and elements that nothing else describes. Where something describes all of them it says nothing, and
    /// where no alternative or condition does it says what `additionalProperties` and `items` say.
    fn unevaluated(&mut self, site: &Site<'d>, key: &'d str, member: Site<'d>) {
        let plain = if key == "unevaluatedProperties" { "additionalProperties" } else { "items" };
        let parts = self.source.in_place(site);
        let says =
            |part: &Site<'d>, keyword: &str| part.value.get(keyword).is_some_and(|value| !value.is_null());
        let is_of_properties = plain == "additionalProperties";
        let describes_all = |part: &Site<'d>| {
            says(part, plain)
                || (part.identity() != site.identity() && says(part, key))
                || (is_of_properties && names_match_every_text(part))
        };
        if matches!(member.value, Value::Bool(true) | Value::Null) || parts.iter().any(describes_all) {
            return;
        }
        // Whichever alternative fits, it describes all of them, or the value has none.
        let kind = if is_of_properties { "object" } else { "array" };
        let is_of_other_type = |part: &Site<'d>| {
            let types = part.value.get("type").and_then(types::stated);
            types.is_some_and(|(types, _)| !types.contains(kind))
        };
        let lists = parts.iter().flat_map(|part| [part.get("anyOf"), part.get("oneOf")]).flatten();
        for alternatives in lists.filter(|list| list.value.as_array().is_some_and(|list| !list.is_empty())) {
            let of_variants = alternatives.elements().map(|variant| self.source.in_place(&variant));
            let mut of_variants = of_variants.collect::<Vec<_>>().into_iter();
            if of_variants.all(|parts| parts.iter().any(|part| describes_all(part) || is_of_other_type(part)))
            {
                return;
            }
        }
        let depends = |part: &Site<'d>| DEPENDENT.iter().any(|keyword| part.value.get(keyword).is_some());
        if parts.iter().any(depends) {
            return self.keyword(key, member);
        }
        if is_of_properties {
            let named = parts.iter().filter_map(|part| part.value.get("properties")?.as_object());
            let named = named.flatten().map(|(name, _)| name.as_str()).collect();
            self.closing.push((member.clone(), named));
        }
        self.keyword(plain, member);
    }

    fn bound(&mut self, site: &Site<'d>, key: &'d str, member: Site<'d>) {
        let lower = matches!(key, "minimum" | "exclusiveMinimum");
        let flag = if lower { "exclusiveMinimum" } else { "exclusiveMaximum" };
        match member.value {
            Value::Number(number) => {
                // In 3.0, the other keyword is a flag that makes this one exclusive.
                let exclusive = key == flag || site.is_true(flag);
                let bound = Bound { number, exclusive, site: member };
                let held = if lower { &mut self.schema.lower } else { &mut self.schema.upper };
                if held.as_ref().is_none_or(|held| bound.is_tighter(held, lower)) {
                    *held = Some(bound);
                }
            }
            Value::Bool(_) if key == flag => {}
            _ => self.keyword(key, member),
        }
    }

    /// 3.0 says with a format what 3.1 says with keywords of content.
    fn format(&mut self, format: &'d str, member: Site<'d>) {
        match format {
            "byte" => self.word("contentEncoding", Cow::Borrowed("base64"), member),
            "binary" => self.word("contentMediaType", Cow::Borrowed("application/octet-stream"), member),
            _ => self.word("format", Cow::Borrowed(format), member),
        }
    }

    fn word(&mut self, keyword: &'static str, word: Cow<'d, str>, site: Site<'d>) {
        let words = self.schema.words.entry(keyword).or_default();
        if words.iter().all(|(known, _)| *known != word) {
            words.push((word, site));
        }
    }

    /// `additionalProperties` looks only at the properties that stand beside it, not at those of the other merged schemas.
    fn close_over_properties(&mut self) {
        for (closing, named) in std::mem::take(&mut self.closing) {
            for (_, property) in self.schema.properties.iter_mut().filter(|(name, _)| !named.contains(*name))
            {
                property.sites.push(closing.clone());
            }
        }
    }

    fn settle_types(&mut self) {
        let schema = &mut self.schema;
        for enumeration in &self.enumerations {
            match &mut schema.values {
                None => {
                    schema.values = Some(enumeration.values.clone());
                    schema.values_site = Some(enumeration.site.clone());
                }
                Some(values) => {
                    let keys = types::keys_of(&enumeration.values);
                    values.retain(|value| keys.contains(&types::key_of(value)));
                }
            }
        }
        let enumerates_null = schema.values.as_ref().is_some_and(|values| values.contains(&&Value::Null));
        if let Some(values) = &mut schema.values {
            values.retain(|value| !value.is_null());
            schema.types = Some(types::of_values(values));
            schema.nullable = enumerates_null;
            schema.null_site = schema.values_site.clone();
        }
        for opinion in &self.opinions {
            if let Some(types) = &opinion.types {
                schema.types = Some(match schema.types.take() {
                    // Those that the values imply may be wider in words than they are.
                    Some(held) if schema.types_site.is_some() => types::common(&held, types),
                    Some(held) if schema.values.is_some() => held,
                    _ => types.clone(),
                });
                schema.types_site.get_or_insert_with(|| opinion.site.clone());
            }
        }
        if schema.values.is_some() {
            let stated = self.opinions.iter().filter_map(|opinion| opinion.types.clone());
            schema.stated_beside_values = stated.reduce(|held, types| types::common(&held, &types));
        }
        // The outermost that say something of null decide.
        if let Some(outermost) = self.opinions.iter().map(|opinion| opinion.depth).min() {
            let mut deciding = self.opinions.iter().filter(|opinion| opinion.depth == outermost);
            schema.nullable = deciding.clone().all(|opinion| opinion.nullable);
            schema.null_site = deciding.next().map(|opinion| opinion.site.clone());
        }
        if schema.types.is_none() && schema.unions.is_empty() {
            schema.types = types::implied(schema);
            schema.implied = schema.types.is_some();
        }
        // Every type is any value.
        let is_every = |types: &Types<'d>| EVERY_TYPE.iter().all(|name| types.contains(name));
        if schema.nullable && schema.values.is_none() && schema.types.as_ref().is_some_and(is_every) {
            (schema.types, schema.types_site, schema.nullable) = (None, None, false);
        }
    }
}

/// Keywords that describe properties or elements of some values and not of others.
const DEPENDENT: [&str; 9] = [
    "anyOf",
    "oneOf",
    "if",
    "dependentSchemas",
    "dependencies",
    "contains",
    "$dynamicRef",
    "$recursiveRef",
    "additionalItems",
];

/// The types of all values but null; a number may be an integer.
const EVERY_TYPE: [&str; 5] = ["array", "boolean", "number", "object", "string"];

/// Whether a pattern of `patternProperties` matches every name.
fn names_match_every_text(schema: &Site<'_>) -> bool {
    let patterns = schema.value.get("patternProperties").and_then(Value::as_object);
    patterns.is_some_and(|patterns| patterns.keys().any(|name| pattern::matches_every_text(name)))
}

impl<'d> Source<'d> {
    /// A schema with those that hold together with it: behind references, and in `allOf`.
    pub(super) fn in_place(&mut self, site: &Site<'d>) -> Vec<Site<'d>> {
        let mut parts: Vec<Site<'d>> = Vec::new();
        let mut seen = HashSet::new();
        let mut pending = vec![site.clone()];
        while let Some(part) = pending.pop() {
            if seen.insert(part.identity()) {
                pending.extend(part.text("$ref").and_then(|reference| self.target(reference)));
                pending.extend(part.get("allOf").iter().flat_map(Site::elements));
                parts.push(part);
            }
        }
        parts
    }
}
