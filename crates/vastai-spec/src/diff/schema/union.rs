//! Alternatives: which is which, and what distinguishes them.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::super::comparison::{Comparison, Question, TooLarge};
use super::super::comparison::{Pair, Walk};
use super::super::flat::{All, Schema, Union, UnionKind, Variant};
use super::super::rules::{self, Direction};
use super::super::site::{Site, Trail};
use super::super::source::Source;
use super::both::{Both, Places};
use super::overlap::Version;
use super::types;

impl UnionKind {
    pub(super) fn keyword(self) -> &'static str {
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
        self.null_of_two(both);
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
                self.variants(both, (Some(before), Some(after)), variants, places, walk)?;
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
                self.variants(both, (old, new), variants, places, walk)?;
                Ok(true)
            }
            (before, after) if before.len() == after.len() => {
                for (before, after) in before.iter().zip(after) {
                    self.union_kinds(both, before, after);
                    let places = (Some(before.site.clone()), Some(after.site.clone()));
                    let variants = (before.variants.clone(), after.variants.clone());
                    self.variants(both, (Some(before), Some(after)), variants, places, walk)?;
                }
                self.discriminators(both, walk);
                Ok(false)
            }
            (before, after) => {
                let site = |unions: &[Union<'d>]| unions.first().map(|union| union.site.clone());
                let places = (site(before), site(after));
                let message = "more or fewer sets of alternatives hold at once";
                self.report_keyword(both, &rules::UNION_CHANGED, "oneOf", places, message);
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
        // Where no value fits two of them, it is the same to fit one and to fit exactly one.
        if self.are_apart(&new.variants, both.direction) {
            return;
        }
        let places = (Some(old.site.clone()), Some(new.site.clone()));
        self.report_keyword(both, rule, new.kind.keyword(), places, message);
    }

    /// Whether no value fits two of the new alternatives.
    fn are_apart(&mut self, variants: &[Variant<'d>], direction: Direction) -> bool {
        variants.iter().enumerate().all(|(index, one)| {
            variants[index + 1..].iter().all(|other| {
                !self.may_overlap((Version::New, &one.schema), (Version::New, &other.schema), direction)
            })
        })
    }

    /// Null that fits an alternative of its own and another one besides is refused by a `oneOf`.
    fn null_of_two(&mut self, both: &Both<'_, 'd>) {
        let Some(twice) = both.new.null_fits_twice.clone().filter(|_| narrows_by_overlap(both)) else {
            return;
        };
        if both.old.null_fits_twice.is_none() && both.old.nullable {
            let message = "null fits two alternatives, and a value must fit exactly one";
            let places = (both.old.null_site.clone().or_else(|| both.old.site.clone()), Some(twice));
            self.report_keyword(both, &rules::UNION_VARIANTS_OVERLAP, "oneOf", places, message);
        }
    }

    fn variants(
        &mut self,
        both: &Both<'_, 'd>,
        unions: (Option<&Union<'d>>, Option<&Union<'d>>),
        (mut old, mut new): (Vec<Variant<'d>>, Vec<Variant<'d>>),
        places: Places<'d>,
        walk: &mut Walk<'d>,
    ) -> Result<(), TooLarge> {
        let keyword = unions.1.or(unions.0).map_or("oneOf", |union| union.kind.keyword());
        let at = both.at.child(keyword);
        let mut matched = Vec::new();
        self.match_equal(both, &mut old, &mut new, &mut matched)?;
        if self.asks(Question::Same) {
            if !(old.is_empty() && new.is_empty()) {
                self.report_at(both, &rules::UNION_CHANGED, at, places, "the alternatives differ");
            }
            return Ok(());
        }
        let equal = matched.len();
        self.match_similar(&mut old, &mut new, &mut matched);
        self.overlaps(both, unions, (&matched, equal, &new), &at, &places)?;
        for variant in &old {
            let mut heirs = matched.iter().map(|(_, after)| after).chain(&new);
            let heir = heirs.try_fold(None, |found, heir| match found {
                Some(found) => Ok(Some(found)),
                None => {
                    let covers = self.is_covered_by_new(&variant.schema, &heir.schema, both.direction)?;
                    Ok(covers.then_some(heir))
                }
            })?;
            let called = self.old.called(variant);
            let (rule, message) = match heir {
                Some(heir) => {
                    let heir = self.new.called(heir);
                    let message = format!("the alternative {called} is gone, and {heir} takes what it took");
                    (&rules::UNION_VARIANT_COVERED, message)
                }
                None => (&rules::UNION_VARIANT_REMOVED, format!("the alternative {called} is gone")),
            };
            let place = variant.schema.sites.last().cloned();
            self.report_at(both, rule, at_variant(&at, variant), (place, places.1.clone()), message);
        }
        for variant in &new {
            let mut forebears = matched.iter().map(|(before, _)| before).chain(&old);
            let forebear = forebears.try_fold(None, |found, forebear| match found {
                Some(found) => Ok(Some(found)),
                None => {
                    let covers = self.is_covered_by_old(&forebear.schema, &variant.schema, both.direction)?;
                    Ok(covers.then_some(forebear))
                }
            })?;
            let called = self.new.called(variant);
            let (rule, message) = match forebear {
                Some(forebear) => {
                    let forebear = self.old.called(forebear);
                    let message =
                        format!("the alternative {called} is new, and {forebear} took what it takes");
                    (&rules::UNION_VARIANT_COVERED, message)
                }
                None => (&rules::UNION_VARIANT_ADDED, format!("the alternative {called} is new")),
            };
            let place = variant.schema.sites.last().cloned();
            self.report_at(both, rule, at_variant(&at, variant), (places.0.clone(), place), message);
        }
        let open =
            unions.1.filter(|union| !union.kind.is_exclusive()).map_or(&[][..], |union| &union.variants);
        let elsewhere = self.named_by(open);
        for (before, after) in matched {
            let at = at_variant(&at, &after);
            let pair = both.alternative(before.schema, after.schema, at);
            walk.pending.push(Pair { elsewhere: Rc::clone(&elsewhere), ..pair });
        }
        Ok(())
    }

    /// The properties that new alternatives name.
    fn named_by(&mut self, variants: &[Variant<'d>]) -> Rc<BTreeSet<&'d str>> {
        let flat = variants.iter().map(|variant| self.new.flat(&variant.schema));
        let flat: Vec<_> = flat.collect();
        Rc::new(flat.iter().flat_map(|variant| variant.properties.keys().copied()).collect())
    }

    /// Finds what was allowed and may now fit two alternatives of a `oneOf`. In responses that only means that less may come.
    fn overlaps(
        &mut self,
        both: &Both<'_, 'd>,
        (old, new): (Option<&Union<'d>>, Option<&Union<'d>>),
        (matched, equal, added): (&[(Variant<'d>, Variant<'d>)], usize, &[Variant<'d>]),
        at: &Trail<'d>,
        places: &Places<'d>,
    ) -> Result<(), TooLarge> {
        // A discriminator says which alternative is meant, whatever else would fit.
        let is_exclusive =
            new.is_some_and(|union| union.kind.is_exclusive()) && !both.new.has("discriminator");
        if !is_exclusive || !narrows_by_overlap(both) {
            return Ok(());
        }
        let was_exclusive = old.is_none_or(|union| union.kind.is_exclusive());
        let direction = both.direction;
        let mut is_wider = Vec::new();
        for (index, (before, after)) in matched.iter().enumerate() {
            is_wider.push(index >= equal && !self.is_narrower(&before.schema, &after.schema, direction)?);
        }
        for (index, (before, after)) in matched.iter().enumerate() {
            // What fits two alternatives that take no more than before fitted both before, and was refused.
            let known = matched.iter().enumerate().skip(index + 1);
            let known = known.filter(|(other, _)| was_exclusive && (is_wider[index] || is_wider[*other]));
            let known: Vec<_> = known.map(|(_, (known, other))| (Some(known), other)).collect();
            for (known, other) in known.into_iter().chain(added.iter().map(|other| (None, other))) {
                let (one, two) = (&after.schema, &other.schema);
                // What was taken as the one may fit the other, too.
                let may_fit_both = (self.may_send_both(&before.schema, two, direction)
                    && self.may_both_take(&before.schema, one, two, direction))
                    || known.is_some_and(|known| {
                        self.may_send_both(&known.schema, one, direction)
                            && self.may_both_take(&known.schema, one, two, direction)
                    });
                if may_fit_both {
                    let (one, two) = (self.new.called(after), self.new.called(other));
                    let message = format!(
                        "what was taken may fit both alternatives, {one} and {two}, and must fit exactly one"
                    );
                    let at = at_variant(at, other);
                    self.report_at(both, &rules::UNION_VARIANTS_OVERLAP, at, places.clone(), message);
                }
            }
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

    /// Whether a property of both has values that distinguish the two, as a `kind` does.
    fn exclude_each_other(&mut self, old: &Schema<'d>, new: &Schema<'d>) -> bool {
        old.properties.iter().any(|(name, before)| {
            let Some(after) = new.properties.get(name) else { return false };
            let (before, after) = (self.old.flat(before), self.new.flat(after));
            let (Some(before), Some(after)) = (&before.values, &after.values) else { return false };
            !before.is_empty() && types::keys_of(before).is_disjoint(&types::keys_of(after))
        })
    }

    fn discriminators(&mut self, both: &Both<'_, 'd>, walk: &mut Walk<'d>) {
        let keyword = "discriminator";
        let places = both.keyword(keyword);
        let (before, after) = match &places {
            (None, None) => return,
            (None, Some(after)) => {
                let message = format!("the property {} selects the alternative now", property_of(after));
                return self.report_keyword(both, &rules::DISCRIMINATOR_ADDED, keyword, places, message);
            }
            (Some(before), None) => {
                let message =
                    format!("the property {} no longer selects the alternative", property_of(before));
                return self.report_keyword(both, &rules::DISCRIMINATOR_REMOVED, keyword, places, message);
            }
            (Some(before), Some(after)) => (before, after),
        };
        if before.value.get("propertyName") != after.value.get("propertyName") {
            let message = format!(
                "the property that selects the alternative was {} and is {}",
                property_of(before),
                property_of(after)
            );
            self.report_keyword(both, &rules::DISCRIMINATOR_CHANGED, keyword, places.clone(), message);
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
                    let message = format!("the value `{value}` no longer selects an alternative");
                    let rule = &rules::DISCRIMINATOR_VALUE_REMOVED;
                    self.report_at(both, rule, at.child(value), places.clone(), message);
                }
            }
        }
        for value in new.into_keys() {
            let message = format!("the value `{value}` selects an alternative now");
            let rule = &rules::DISCRIMINATOR_VALUE_ADDED;
            self.report_at(both, rule, at.child(value), places.clone(), message);
        }
    }
}

/// Whether a value that fits two alternatives is one less that is taken: where a client sends it.
fn narrows_by_overlap(both: &Both<'_, '_>) -> bool {
    both.effective_direction() == Direction::Request
}

fn property_of(discriminator: &Site<'_>) -> String {
    format!("`{}`", discriminator.text("propertyName").unwrap_or_default())
}

impl<'d> Source<'d> {
    /// Which value selects which schema: as it is mapped, else by the name of the component.
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
