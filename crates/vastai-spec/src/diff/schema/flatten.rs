//! A schema with its references followed, its `allOf` merged, and one spelling for what means the same.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};
use std::rc::Rc;

use serde_json::Value;

use super::super::prose::is_prose;
use super::super::site::{Site, Source};
use super::bounds::Bound;
use super::flat::{All, Schema, Union, UnionKind, Variant};
use super::pattern;
use super::types::{self, Types};

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
struct Opinion<'d> {
    depth: usize,
    types: Option<Types<'d>>,
    nullable: bool,
    site: Site<'d>,
}

/// A list of allowed values, and which of the merged schemas says so.
struct Enumeration<'d> {
    values: Vec<&'d Value>,
    site: Site<'d>,
}

struct Flattening<'s, 'd> {
    source: &'s mut Source<'d>,
    without: &'s [usize],
    schema: Schema<'d>,
    pending: Vec<(Site<'d>, usize)>,
    opinions: Vec<Opinion<'d>>,
    enumerations: Vec<Enumeration<'d>>,
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
                ("anyOf", Value::Array(_)) => self.union(UnionKind::AnyOf, member, depth, &mut followed),
                ("oneOf", Value::Array(_)) => self.union(UnionKind::OneOf, member, depth, &mut followed),
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

    /// Alternatives, where they are no more than a spelling: of null, of several types, of an enumeration.
    fn union(
        &mut self,
        kind: UnionKind,
        site: Site<'d>,
        depth: usize,
        followed: &mut Vec<(Site<'d>, usize)>,
    ) {
        if self.without.contains(&site.identity()) {
            return;
        }
        // Where anything fits, the other alternatives say nothing.
        if site.elements().any(|variant| is_anything(self.source.behind(&variant).value)) {
            return;
        }
        let (nulls, rest): (Vec<_>, Vec<_>) =
            site.elements().partition(|variant| types::is_null(self.source.behind(variant).value));
        if !nulls.is_empty() {
            if kind.is_exclusive() && rest.iter().any(|variant| self.is_nullable(variant)) {
                self.schema.null_fits_twice = Some(site.clone());
            }
            let types = rest.is_empty().then(Types::new);
            self.opinions.push(Opinion { depth, types, nullable: true, site: site.clone() });
        }
        if rest.is_empty() && !nulls.is_empty() {
            return;
        }
        if let [only] = rest.as_slice() {
            followed.push((only.clone(), depth + 1));
            return;
        }
        let values: Vec<&Value> = rest.iter().map(|variant| self.source.behind(variant).value).collect();
        if let Some((types, null)) = types::of_bare_types(kind, &values) {
            self.opinions.push(Opinion {
                depth,
                types: Some(types),
                nullable: null || !nulls.is_empty(),
                site,
            });
            return;
        }
        if let Some(values) = types::of_bare_enumerations(kind, &values) {
            self.enumerations.push(Enumeration { values, site });
            return;
        }
        let variants = rest.into_iter().map(|variant| Variant {
            component: variant.text("$ref").and_then(|reference| reference.rsplit('/').next()),
            schema: All::one(variant),
        });
        let variants = variants.collect();
        self.schema.unions.push(Union { kind, site, variants });
    }

    fn is_nullable(&mut self, variant: &Site<'d>) -> bool {
        let schema = self.source.behind(variant);
        let states_null = schema.value.get("type").and_then(types::stated).is_some_and(|(_, null)| null);
        states_null || schema.is_true("nullable")
    }

    /// What is said of the members and elements that nothing else describes. Where something describes all of them it says nothing, and
    /// where no alternative or condition does it says what `additionalProperties` and `items` say.
    fn unevaluated(&mut self, site: &Site<'d>, key: &'d str, member: Site<'d>) {
        let plain = if key == "unevaluatedProperties" { "additionalProperties" } else { "items" };
        let parts = self.source.in_place(site);
        let says =
            |part: &Site<'d>, keyword: &str| part.value.get(keyword).is_some_and(|value| !value.is_null());
        let describes_all =
            |part: &Site<'d>| says(part, plain) || (part.identity() != site.identity() && says(part, key));
        if matches!(member.value, Value::Bool(true) | Value::Null) || parts.iter().any(describes_all) {
            return;
        }
        let depends = |part: &Site<'d>| DEPENDENT.iter().any(|keyword| part.value.get(keyword).is_some());
        if parts.iter().any(depends) {
            return self.keyword(key, member);
        }
        if plain == "additionalProperties" {
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
    }
}

/// Keywords that describe members or elements of some values and not of others.
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

/// Whether a schema says nothing to a program.
fn is_anything(schema: &Value) -> bool {
    match schema {
        Value::Bool(true) | Value::Null => true,
        Value::Object(members) => members.keys().all(|key| is_prose(key)),
        _ => false,
    }
}

impl<'d> Source<'d> {
    /// A schema with those that hold together with it: behind references, and in `allOf`.
    fn in_place(&mut self, site: &Site<'d>) -> Vec<Site<'d>> {
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

    /// What stands behind references that nothing stands beside.
    fn behind(&mut self, site: &Site<'d>) -> Site<'d> {
        let mut site = site.clone();
        // A longer chain turns in a circle.
        for _ in 0..16 {
            let alone = site.value.as_object().is_some_and(|members| members.len() == 1);
            let target = site.text("$ref").filter(|_| alone).and_then(|reference| self.target(reference));
            match target {
                Some(target) => site = target,
                None => break,
            }
        }
        site
    }
}
