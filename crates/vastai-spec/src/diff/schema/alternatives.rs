//! Alternatives that are only a spelling: of null, of several types, of an enumeration, of alternatives in alternatives.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::super::flat::{All, Types, Union, UnionKind, Variant};
use super::super::prose::is_prose;
use super::super::site::Site;
use super::super::source::Source;
use super::flatten::{Enumeration, Flattening, Opinion};
use super::types::{self, is_anything};

/// How many lists of alternatives that stand in each other are looked into.
const DEPTH: usize = 8;

impl<'d> Flattening<'_, 'd> {
    /// Takes the alternatives of a schema for what they spell, else as a union.
    pub(super) fn union(
        &mut self,
        kind: UnionKind,
        schema: &Site<'d>,
        site: Site<'d>,
        depth: usize,
        followed: &mut Vec<(Site<'d>, usize)>,
    ) {
        if self.without.contains(&site.identity()) {
            return;
        }
        let mut all = Vec::new();
        // What a discriminator distinguishes has names, which those in an inner list do not have.
        let levels = if schema.value.get("discriminator").is_some() { 0 } else { DEPTH };
        self.source.spread_out(kind, &site, levels, &mut BTreeSet::new(), &mut all);
        // Where anything fits, the other alternatives say nothing.
        if all.iter().any(|variant| is_anything(self.source.behind(variant).value)) {
            return;
        }
        let (nulls, rest): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|variant| types::is_null(self.source.behind(variant).value));
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
            let nullable = null || !nulls.is_empty();
            self.opinions.push(Opinion { depth, types: Some(types), nullable, site });
            return;
        }
        if let Some(values) = self.source.enumerated_by_any(kind, &rest, &mut BTreeSet::new()) {
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
}

impl<'d> Source<'d> {
    /// The alternatives of a list, and in the place of one that is a list of the same kind and nothing else, its alternatives.
    fn spread_out(
        &mut self,
        kind: UnionKind,
        list: &Site<'d>,
        levels: usize,
        seen: &mut BTreeSet<usize>,
        all: &mut Vec<Site<'d>>,
    ) {
        seen.insert(list.identity());
        for variant in list.elements() {
            let behind = self.behind(&variant);
            let inner = only_member(&behind).filter(|(key, inner)| {
                let is_one = inner.value.as_array().is_some_and(|variants| variants.len() == 1);
                *key == kind.keyword() || (is_one && ["oneOf", "anyOf"].contains(key))
            });
            match inner {
                Some((_, inner))
                    if levels > 0
                        && inner.value.as_array().is_some_and(|variants| !variants.is_empty())
                        && !seen.contains(&inner.identity()) =>
                {
                    self.spread_out(kind, &inner, levels - 1, seen, all);
                }
                _ => all.push(variant),
            }
        }
    }

    /// The values of alternatives that are enumerations and nothing else. Where exactly one must fit, values of several of them are
    /// none.
    fn enumerated_by_any(
        &mut self,
        kind: UnionKind,
        variants: &[Site<'d>],
        seen: &mut BTreeSet<usize>,
    ) -> Option<Vec<&'d Value>> {
        let mut all = Vec::new();
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for variant in variants {
            let values = self.enumerated(variant, seen)?;
            for key in values.iter().map(|value| types::key_of(value)).collect::<BTreeSet<_>>() {
                *counts.entry(key).or_default() += 1;
            }
            all.extend(values);
        }
        if kind.is_exclusive() {
            all.retain(|value| counts.get(&types::key_of(value)) == Some(&1));
        }
        Some(all)
    }

    /// The values of a schema that enumerates them and says nothing else, whatever holds together with it. A list of alternatives is
    /// looked into once: those that repeat each other have more of them than can be counted.
    fn enumerated(&mut self, schema: &Site<'d>, seen: &mut BTreeSet<usize>) -> Option<Vec<&'d Value>> {
        let mut values: Option<Vec<&'d Value>> = None;
        let mut types: Vec<(Types<'d>, bool)> = Vec::new();
        for part in self.in_place(schema) {
            for (key, member) in part.members() {
                let listed: Vec<&'d Value> = match (key, member.value) {
                    ("$ref", Value::String(reference)) if self.target(reference).is_some() => continue,
                    ("allOf", Value::Array(_)) => continue,
                    ("type", stated) => {
                        types.push(types::stated(stated)?);
                        continue;
                    }
                    ("enum", Value::Array(values)) => values.iter().collect(),
                    ("const", value) => vec![value],
                    ("oneOf" | "anyOf", Value::Array(_)) => {
                        if !seen.insert(member.identity()) {
                            return None;
                        }
                        let kind = if key == "oneOf" { UnionKind::OneOf } else { UnionKind::AnyOf };
                        let variants: Vec<_> = member.elements().collect();
                        self.enumerated_by_any(kind, &variants, seen)?
                    }
                    ("$comment", _) => continue,
                    _ if is_prose(key) => continue,
                    _ => return None,
                };
                values = Some(match values {
                    None => listed,
                    Some(mut held) => {
                        let keys = types::keys_of(&listed);
                        held.retain(|value| keys.contains(&types::key_of(value)));
                        held
                    }
                });
            }
        }
        let mut values = values?;
        values.retain(|value| {
            types.iter().all(|(types, null)| match value {
                Value::Null => *null,
                value => types::contains(types, &types::of_values(&[value])),
            })
        });
        Some(values)
    }

    /// What stands behind references, and behind an `allOf` of one, with nothing but prose beside.
    fn behind(&mut self, site: &Site<'d>) -> Site<'d> {
        let mut site = site.clone();
        // A longer chain turns in a circle.
        for _ in 0..16 {
            let next = only_member(&site).and_then(|(key, member)| match (key, member.value) {
                ("$ref", Value::String(reference)) => self.target(reference),
                ("allOf", Value::Array(parts)) if parts.len() == 1 => member.elements().next(),
                _ => None,
            });
            match next {
                Some(next) => site = next,
                None => break,
            }
        }
        site
    }
}

/// The one member of a schema that is not prose.
fn only_member<'d>(schema: &Site<'d>) -> Option<(&'d str, Site<'d>)> {
    let mut members = schema.members().filter(|(key, _)| !is_prose(key));
    let only = members.next()?;
    members.next().is_none().then_some(only)
}
