//! Alternatives: which is which, and what tells them apart.

use std::collections::BTreeMap;

use super::super::comparison::{Comparison, TooLarge};
use super::super::rules;
use super::super::site::{Site, Source, Trail};
use super::flat::{All, Schema, Union, UnionKind, Variant};
use super::types;
use super::{Both, Pair, Places, Walk, same};

impl UnionKind {
    fn keyword(self) -> &'static str {
        match self {
            Self::OneOf => "oneOf",
            Self::AnyOf => "anyOf",
        }
    }
}

impl<'d> Comparison<'d> {
    /// Compares alternatives. `true` where that says all there is to say of the schemas.
    pub(super) fn unions(
        &mut self,
        both: &Both<'_, 'd>,
        pair: &Pair<'d>,
        walk: &mut Walk<'d>,
    ) -> Result<bool, TooLarge> {
        let (old, new) = (&both.old.unions, &both.new.unions);
        match (old.as_slice(), new.as_slice()) {
            ([], []) => {
                self.discriminators(both, walk);
                Ok(false)
            }
            ([before], [after]) if !has_another_frame(both) => {
                self.union_kinds(both, before, after);
                self.discriminators(both, walk);
                let places = (Some(before.site.clone()), Some(after.site.clone()));
                let variants = (before.variants.clone(), after.variants.clone());
                self.variants(both, variants, places, walk)?;
                Ok(false)
            }
            // A schema without alternatives is one alternative; what stands beside the alternatives belongs to each.
            (before, after) if before.len() <= 1 && after.len() <= 1 => {
                let (old, new) = (before.first(), after.first());
                if let (Some(before), Some(after)) = (old, new) {
                    self.union_kinds(both, before, after);
                }
                self.discriminators(both, walk);
                let site = |union: Option<&Union<'d>>, schema: &Schema<'d>| {
                    union.map(|union| union.site.clone()).or_else(|| schema.site.clone())
                };
                let places = (site(old, both.old), site(new, both.new));
                let variants = (spread(&pair.old, old), spread(&pair.new, new));
                self.variants(both, variants, places, walk)?;
                Ok(true)
            }
            (before, after) if before.len() == after.len() => {
                for (before, after) in before.iter().zip(after) {
                    self.union_kinds(both, before, after);
                    let places = (Some(before.site.clone()), Some(after.site.clone()));
                    let variants = (before.variants.clone(), after.variants.clone());
                    self.variants(both, variants, places, walk)?;
                }
                self.discriminators(both, walk);
                Ok(false)
            }
            (before, after) => {
                let site = |unions: &[Union<'d>]| unions.first().map(|union| union.site.clone());
                let places = (site(before), site(after));
                let message = "more or fewer sets of alternatives hold at once";
                self.told_of(both, &rules::UNION_CHANGED, "oneOf", places, message);
                Ok(false)
            }
        }
    }

    fn union_kinds(&mut self, both: &Both<'_, 'd>, old: &Union<'d>, new: &Union<'d>) {
        let (rule, message) = match (old.kind, new.kind) {
            (UnionKind::OneOf, UnionKind::AnyOf) => {
                (&rules::UNION_OPENED, "oneOf became anyOf: a value may fit several alternatives")
            }
            (UnionKind::AnyOf, UnionKind::OneOf) => {
                (&rules::UNION_TIGHTENED, "anyOf became oneOf: a value must fit exactly one alternative")
            }
            _ => return,
        };
        let places = (Some(old.site.clone()), Some(new.site.clone()));
        self.told_of(both, rule, new.kind.keyword(), places, message);
    }

    fn variants(
        &mut self,
        both: &Both<'_, 'd>,
        (mut old, mut new): (Vec<Variant<'d>>, Vec<Variant<'d>>),
        places: Places<'d>,
        walk: &mut Walk<'d>,
    ) -> Result<(), TooLarge> {
        let keyword = |unions: &[Union<'d>]| unions.first().map(|union| union.kind.keyword());
        let at = both.at.child(keyword(&both.new.unions).or(keyword(&both.old.unions)).unwrap_or("oneOf"));
        let mut matched = Vec::new();
        self.match_equal(both, &mut old, &mut new, &mut matched)?;
        if self.is_trial() {
            if !(old.is_empty() && new.is_empty()) {
                self.told_at(both, &rules::UNION_CHANGED, at, places, "the alternatives differ");
            }
            return Ok(());
        }
        self.match_similar(&mut old, &mut new, &mut matched);
        for (before, after) in matched {
            let at = at_variant(&at, &after);
            walk.pending.push(both.pair(before.schema, after.schema, at));
        }
        for variant in old {
            let message = format!("the alternative {} is gone", self.old.called(&variant));
            let place = variant.schema.sites.last().cloned();
            let at = at_variant(&at, &variant);
            self.told_at(both, &rules::UNION_VARIANT_REMOVED, at, (place, places.1.clone()), message);
        }
        for variant in new {
            let message = format!("the alternative {} is new", self.new.called(&variant));
            let place = variant.schema.sites.last().cloned();
            let at = at_variant(&at, &variant);
            self.told_at(both, &rules::UNION_VARIANT_ADDED, at, (places.0.clone(), place), message);
        }
        Ok(())
    }

    fn match_equal(
        &mut self,
        both: &Both<'_, 'd>,
        old: &mut Vec<Variant<'d>>,
        new: &mut Vec<Variant<'d>>,
        matched: &mut Vec<(Variant<'d>, Variant<'d>)>,
    ) -> Result<(), TooLarge> {
        let mut rest = Vec::new();
        for before in std::mem::take(old) {
            // The one of the same name first: it is the likeliest.
            let mut order: Vec<usize> = (0..new.len()).collect();
            order
                .sort_by_key(|index| before.component.is_none() || new[*index].component != before.component);
            let mut equal = None;
            for index in order {
                self.spend(1)?;
                if self.are_equal(&before.schema, &new[index].schema, both.direction)? {
                    equal = Some(index);
                    break;
                }
            }
            match equal {
                // Prose of theirs may still differ.
                Some(index) => matched.push((before, new.remove(index))),
                None => rest.push(before),
            }
        }
        *old = rest;
        Ok(())
    }

    /// Finds for each alternative the one it has become, if there is one that it resembles.
    fn match_similar(
        &mut self,
        old: &mut Vec<Variant<'d>>,
        new: &mut Vec<Variant<'d>>,
        matched: &mut Vec<(Variant<'d>, Variant<'d>)>,
    ) {
        let mut resemblances = Vec::new();
        for (i, before) in old.iter().enumerate() {
            for (j, after) in new.iter().enumerate() {
                let (flat_before, flat_after) = (self.old.flat(&before.schema), self.new.flat(&after.schema));
                let lonely = old.len() == 1 && new.len() == 1;
                if self.exclude_each_other(&flat_before, &flat_after) {
                    continue;
                }
                if let Some(resemblance) = resemblance(&flat_before, &flat_after, lonely) {
                    let same_name = before.component.is_some() && before.component == after.component;
                    resemblances.push((same_name, resemblance, std::cmp::Reverse((i, j))));
                }
            }
        }
        resemblances.sort_by(|one, other| other.cmp(one));
        let mut pairs: Vec<(usize, usize)> = Vec::new();
        for (_, _, std::cmp::Reverse((i, j))) in resemblances {
            if pairs.iter().all(|(a, b)| *a != i && *b != j) {
                pairs.push((i, j));
            }
        }
        matched.extend(pairs.iter().map(|(i, j)| (old[*i].clone(), new[*j].clone())));
        let mut index = 0;
        old.retain(|_| (pairs.iter().all(|(i, _)| *i != index), index += 1).0);
        index = 0;
        new.retain(|_| (pairs.iter().all(|(_, j)| *j != index), index += 1).0);
    }

    /// Whether a property of both has values that tell the two apart, as a `kind` does.
    fn exclude_each_other(&mut self, old: &Schema<'d>, new: &Schema<'d>) -> bool {
        old.properties.iter().any(|(name, before)| {
            let Some(after) = new.properties.get(name) else { return false };
            let (before, after) = (self.old.flat(before), self.new.flat(after));
            let (Some(before), Some(after)) = (&before.values, &after.values) else { return false };
            !before.is_empty() && before.iter().all(|value| after.iter().all(|other| !same(value, other)))
        })
    }

    fn discriminators(&mut self, both: &Both<'_, 'd>, walk: &mut Walk<'d>) {
        let keyword = "discriminator";
        let places = both.keyword(keyword);
        let (before, after) = match &places {
            (None, None) => return,
            (None, Some(after)) => {
                let message = format!("the property {} tells the alternative now", property_of(after));
                return self.told_of(both, &rules::DISCRIMINATOR_ADDED, keyword, places, message);
            }
            (Some(before), None) => {
                let message = format!("the property {} no longer tells the alternative", property_of(before));
                return self.told_of(both, &rules::DISCRIMINATOR_REMOVED, keyword, places, message);
            }
            (Some(before), Some(after)) => (before, after),
        };
        if before.value.get("propertyName") != after.value.get("propertyName") {
            let message = format!(
                "the property that tells the alternative was {} and is {}",
                property_of(before),
                property_of(after)
            );
            self.told_of(both, &rules::DISCRIMINATOR_CHANGED, keyword, places.clone(), message);
        }
        let old = self.old.mapping(before, &both.old.unions);
        let mut new = self.new.mapping(after, &both.new.unions);
        let at = both.at.child(keyword).child("mapping");
        for (value, target) in old {
            match new.remove(value) {
                Some(other) => {
                    let all = |site: Option<Site<'d>>| site.map(All::one).unwrap_or_default();
                    walk.pending.push(both.pair(all(target), all(other), at.child(value)));
                }
                None => {
                    let message = format!("the value `{value}` no longer tells an alternative");
                    let rule = &rules::DISCRIMINATOR_VALUE_REMOVED;
                    self.told_at(both, rule, at.child(value), places.clone(), message);
                }
            }
        }
        for value in new.into_keys() {
            let message = format!("the value `{value}` tells an alternative now");
            let rule = &rules::DISCRIMINATOR_VALUE_ADDED;
            self.told_at(both, rule, at.child(value), places.clone(), message);
        }
    }
}

fn property_of(discriminator: &Site<'_>) -> String {
    format!("`{}`", discriminator.text("propertyName").unwrap_or_default())
}

impl<'d> Source<'d> {
    /// Which value tells which schema: as it is mapped, else by the name of the component.
    fn mapping(
        &mut self,
        discriminator: &Site<'d>,
        unions: &[Union<'d>],
    ) -> BTreeMap<&'d str, Option<Site<'d>>> {
        let mut mapping = BTreeMap::new();
        let mut mapped = Vec::new();
        if let Some(stated) = discriminator.get("mapping") {
            for (value, target) in stated.members() {
                let Some(target) = target.value.as_str() else { continue };
                let site = self.target(target).or_else(|| self.root.at(&["components", "schemas", target]));
                mapped.extend(site.as_ref().map(Site::identity));
                mapping.insert(value, site);
            }
        }
        for variant in unions.iter().flat_map(|union| &union.variants) {
            let site = variant.schema.sites.last().map(|site| self.chain(site.clone()));
            let site = site.and_then(|chain| chain.site());
            if let Some(name) = variant.component
                && site.as_ref().is_none_or(|site| !mapped.contains(&site.identity()))
            {
                mapping.entry(name).or_insert(site);
            }
        }
        // Without alternatives, those that have it in their `allOf` are meant.
        let owner = discriminator.place.pointer();
        let owner = owner.strip_suffix("/discriminator").filter(|_| unions.is_empty()).unwrap_or_default();
        if owner.starts_with("/components/schemas/") {
            for (name, heir) in self.heirs().remove(format!("#{owner}").as_str()).unwrap_or_default() {
                if !mapped.contains(&heir.identity()) {
                    mapping.entry(name).or_insert(Some(heir));
                }
            }
        }
        mapping
    }

    fn called(&mut self, variant: &Variant<'d>) -> String {
        if let Some(name) = variant.component {
            return format!("`{name}`");
        }
        let flat = self.flat(&variant.schema);
        let names: Vec<String> = flat.properties.keys().take(4).map(|name| format!("`{name}`")).collect();
        match (&flat.types, names.as_slice()) {
            (_, [_, ..]) => format!("with {}", names.join(", ")),
            (Some(types), _) if !types.is_empty() => {
                format!("`{}`", types.iter().copied().collect::<Vec<_>>().join("` or `"))
            }
            _ => "without a name".to_owned(),
        }
    }
}

/// The alternatives with what stands beside them; a schema without alternatives is its own.
fn spread<'d>(all: &All<'d>, union: Option<&Union<'d>>) -> Vec<Variant<'d>> {
    let Some(union) = union else { return vec![Variant { schema: all.clone(), component: None }] };
    let mut frame = all.clone();
    frame.without.push(union.site.identity());
    let spread = union
        .variants
        .iter()
        .map(|variant| Variant { schema: frame.and(&variant.schema), component: variant.component });
    spread.collect()
}

/// Whether what stands beside the alternatives names other properties: then they may have moved into or out of them.
fn has_another_frame(both: &Both<'_, '_>) -> bool {
    let (old, new) = (both.old, both.new);
    !(old.properties.keys().eq(new.properties.keys())
        && old.required.keys().eq(new.required.keys())
        && (old.implied
            || new.implied
            || old.types == new.types
            || old.types.is_none() == new.types.is_none()))
}

/// How much two schemas are alike; none if one cannot have become the other.
fn resemblance(old: &Schema<'_>, new: &Schema<'_>, lonely: bool) -> Option<usize> {
    if let (Some(before), Some(after)) = (&old.types, &new.types)
        && types::common(before, after).is_empty()
    {
        return None;
    }
    let common = old.properties.keys().filter(|name| new.properties.contains_key(*name)).count();
    let neither = old.properties.is_empty() && new.properties.is_empty();
    (common > 0 || neither || lonely).then_some(common)
}

fn at_variant<'d>(at: &Trail<'d>, variant: &Variant<'d>) -> Trail<'d> {
    let place = variant.schema.sites.last().map(|site| site.place.pointer()).unwrap_or_default();
    match place.rsplit('/').next().filter(|token| token.bytes().all(|byte| byte.is_ascii_digit())) {
        Some(index) => at.child(index.to_owned()),
        None => at.clone(),
    }
}
