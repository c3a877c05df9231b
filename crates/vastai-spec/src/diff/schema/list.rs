//! Where one value stood and a list stands: in a query or a form, `a=x` is also how a list of one is written.

use super::super::comparison::{Comparison, TooLarge, quoted};
use super::super::comparison::{Pair, Role, Walk};
use super::super::flat::same;
use super::super::flat::{All, Schema};
use super::super::rules::{self, Direction, Rule};
use super::super::site::{Site, Trail};
use super::super::source::Source;
use super::both::Both;

/// How deep alternatives are looked into for what kind of value they are.
const DEPTH: usize = 8;
/// Formats of strings that have no comma.
const WITHOUT_COMMA: [&str; 6] = ["uuid", "date", "date-time", "time", "ipv4", "ipv6"];

impl<'d> Source<'d> {
    /// Whether every value that fits is a string, a number, or true or false.
    pub(in super::super) fn is_scalar(&mut self, all: &All<'d>) -> bool {
        let is_scalar = |schema: &Schema<'d>| {
            schema.types.as_ref().is_some_and(|types| {
                !types.is_empty()
                    && types.iter().all(|name| ["string", "integer", "number", "boolean"].contains(name))
            })
        };
        self.is_throughout(all, DEPTH, &is_scalar)
    }

    /// Whether no value that fits has a comma in it, which separates the elements of a list.
    fn has_no_comma(&mut self, all: &All<'d>) -> bool {
        let has_no_comma = |schema: &Schema<'d>| {
            let has_format = || {
                let formats = schema.words.get("format").map_or(&[][..], Vec::as_slice);
                formats.iter().any(|(format, _)| WITHOUT_COMMA.contains(&format.as_ref()))
            };
            let has_values = || {
                let lacks_comma =
                    |value: &&serde_json::Value| value.as_str().is_none_or(|text| !text.contains(','));
                schema.values.as_ref().is_some_and(|values| values.iter().all(lacks_comma))
            };
            !schema.types.as_ref().is_some_and(|types| types.contains("string"))
                || has_values()
                || has_format()
        };
        self.is_throughout(all, DEPTH, &has_no_comma)
    }

    /// Whether something holds for a schema or for all of its alternatives.
    fn is_throughout(&mut self, all: &All<'d>, depth: usize, holds: &dyn Fn(&Schema<'d>) -> bool) -> bool {
        let flat = self.flat(all);
        match flat.unions.as_slice() {
            _ if flat.never.is_some() => false,
            [] => holds(&flat),
            unions => {
                depth > 0
                    && unions.iter().any(|union| {
                        union
                            .variants
                            .iter()
                            .all(|variant| self.is_throughout(&variant.schema, depth - 1, holds))
                    })
            }
        }
    }

    /// The elements of a list of which nothing else is said that a list of one could violate.
    fn elements_of_plain_list(&mut self, all: &All<'d>) -> Option<All<'d>> {
        let flat = self.flat(all);
        let is_list = flat.types.as_ref().is_some_and(|types| types.len() == 1 && types.contains("array"));
        let takes_one = |keyword: &str, fits: fn(f64) -> bool| {
            flat.sites(keyword).iter().all(|site| site.value.as_f64().is_some_and(fits))
        };
        let is_plain = is_list
            && flat.never.is_none()
            && flat.values.is_none()
            && flat.unions.is_empty()
            && ["prefixItems", "contains", "unevaluatedItems", "not", "if"]
                .iter()
                .all(|keyword| !flat.has(keyword))
            && takes_one("minItems", |least| least <= 1.0)
            && takes_one("maxItems", |most| most >= 1.0);
        is_plain.then(|| flat.child("items"))
    }
}

impl<'d> Comparison<'d> {
    /// Whether the new schema is a list, and what was sent for the old one is how a list of one is written.
    ///
    /// So it is in the styles that write no mark before the first element. A comma in a string is percent-encoded in a URL, and separates
    /// elements in a header.
    pub(in super::super) fn is_written_as_list_of_one(
        &mut self,
        old: &All<'d>,
        new: &All<'d>,
        location: &str,
        style: &str,
    ) -> bool {
        let style_fits = match location {
            "query" => style == "form",
            "path" => ["simple", "label", "matrix"].contains(&style),
            "cookie" => style == "form" && self.old.has_no_comma(old),
            "header" => style == "simple" && self.old.has_no_comma(old),
            _ => false,
        };
        style_fits && self.old.is_scalar(old) && self.new.elements_of_plain_list(new).is_some()
    }

    /// Compares one value with the elements of the list that stands in its place.
    pub(in super::super) fn list_of_one(
        &mut self,
        old: &All<'d>,
        new: &All<'d>,
        at: Trail<'d>,
        direction: Direction,
    ) -> Result<(), TooLarge> {
        let Some(elements) = self.new.elements_of_plain_list(new) else { return Ok(()) };
        let (before, after) = (self.old.flat(old), self.new.flat(new));
        let side = direction.side();
        let message = "it held one value and holds a list now; one value is written as a list of one is";
        let sites = (before.site.clone(), after.site.clone());
        self.report(&rules::PARAMETER_TAKES_LIST, direction, side, at.clone(), sites.0, sites.1, message);
        if !self.is_trial() {
            self.prose(&before.prose, &after.prose, &at, side);
        }
        if let Some((rule, message)) = default_of_list(before.default.as_ref(), after.default.as_ref()) {
            let sites = (before.default.clone(), after.default.clone());
            self.report(rule, direction, side, at.child("default"), sites.0, sites.1, message);
        }
        self.compare(old.clone(), elements, at.child("items"), direction, Role::Element)
    }

    /// A field of a form that held one value and holds a list now: `true` where it was compared as that.
    pub(super) fn member_becomes_list(
        &mut self,
        both: &Both<'_, 'd>,
        (old, new): (&All<'d>, &All<'d>),
        at: &Trail<'d>,
        walk: &mut Walk<'d>,
    ) -> bool {
        if both.role != Role::Form || both.negated || !self.old.is_scalar(old) {
            return false;
        }
        let Some(elements) = self.new.elements_of_plain_list(new) else { return false };
        let (before, after) = (self.old.flat(old), self.new.flat(new));
        let places = (before.site.clone(), after.site.clone());
        let message = "it held one value and holds a list now; one value is written as a list of one is";
        self.report_at(both, &rules::PARAMETER_TAKES_LIST, at.clone(), places, message);
        if let Some((rule, message)) = default_of_list(before.default.as_ref(), after.default.as_ref()) {
            let places = (before.default.clone(), after.default.clone());
            self.report_at(both, rule, at.child("default"), places, message);
        }
        let pair = both.pair(old.clone(), elements, at.child("items"));
        walk.pending.push(Pair { role: Role::Element, ..pair });
        true
    }
}

/// What differs between the default of one value and that of the list in its place.
fn default_of_list(old: Option<&Site<'_>>, new: Option<&Site<'_>>) -> Option<(&'static Rule, String)> {
    match (old, new) {
        (None, None) => None,
        (Some(before), None) => {
            Some((&rules::DEFAULT_REMOVED, format!("the default {} is gone", quoted(before.value))))
        }
        (None, Some(after)) => {
            Some((&rules::DEFAULT_ADDED, format!("the default {} is new", quoted(after.value))))
        }
        (Some(before), Some(after)) => match after.value.as_array().map(Vec::as_slice) {
            Some([only]) if same(only, before.value) => None,
            _ => Some((
                &rules::DEFAULT_CHANGED,
                format!("the default was {} and is {}", quoted(before.value), quoted(after.value)),
            )),
        },
    }
}
