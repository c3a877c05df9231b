//! What a schema says, all of it together: the form in which two schemas are compared.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Number, Value};

use super::prose::Prose;
use super::site::Site;

/// What distinguishes one schema of a document from another.
pub(super) type Key = Vec<usize>;

/// Schemas that hold together, as those of an `allOf` do. None of them: anything goes.
#[derive(Debug, Clone, Default)]
pub(super) struct All<'d> {
    pub(super) sites: Vec<Site<'d>>,
    /// Lists of alternatives that are looked at on their own, by their identity.
    pub(super) without: Vec<usize>,
}

impl<'d> All<'d> {
    pub(super) fn one(site: Site<'d>) -> Self {
        Self { sites: vec![site], without: Vec::new() }
    }

    /// What is said in a place; where nothing is, anything goes.
    pub(super) fn of(site: Option<Site<'d>>) -> Self {
        site.map(Self::one).unwrap_or_default()
    }

    pub(super) fn key(&self) -> Key {
        let mut key: Vec<usize> = self.sites.iter().map(Site::identity).collect();
        key.sort_unstable();
        key.dedup();
        // An identity is never zero.
        key.push(0);
        key.extend(&self.without);
        key
    }

    pub(super) fn and(&self, other: &Self) -> Self {
        let join = |one: &[usize], other: &[usize]| one.iter().chain(other).copied().collect();
        Self {
            sites: self.sites.iter().chain(&other.sites).cloned().collect(),
            without: join(&self.without, &other.without),
        }
    }
}

/// Names of types, without null.
pub(super) type Types<'d> = BTreeSet<&'d str>;

/// A limit of a number.
#[derive(Debug, Clone)]
pub(super) struct Bound<'d> {
    pub(super) number: &'d Number,
    pub(super) exclusive: bool,
    pub(super) site: Site<'d>,
}

impl Bound<'_> {
    /// Whether less fits than with the other.
    pub(super) fn is_tighter(&self, other: &Self, lower: bool) -> bool {
        self.compared(other, lower).is_gt()
    }

    /// Greater is tighter.
    pub(super) fn compared(&self, other: &Self, lower: bool) -> Ordering {
        let numbers = compare(self.number, other.number);
        let numbers = if lower { numbers } else { numbers.reverse() };
        numbers.then(self.exclusive.cmp(&other.exclusive))
    }

    pub(super) fn is_zero(&self) -> bool {
        self.number.as_f64() == Some(0.0)
    }

    /// The outermost integer that fits.
    pub(super) fn integer(&self, lower: bool) -> Option<i128> {
        let number = self.number.as_i128()?;
        match (self.exclusive, lower) {
            (false, _) => Some(number),
            (true, true) => number.checked_add(1),
            (true, false) => number.checked_sub(1),
        }
    }

    pub(super) fn described(&self, lower: bool) -> String {
        match (lower, self.exclusive) {
            (true, false) => format!("at least {}", self.number),
            (true, true) => format!("more than {}", self.number),
            (false, false) => format!("at most {}", self.number),
            (false, true) => format!("less than {}", self.number),
        }
    }
}

/// How many of the alternatives must fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum UnionKind {
    OneOf,
    AnyOf,
}

/// A list of alternatives.
#[derive(Debug)]
pub(super) struct Union<'d> {
    pub(super) kind: UnionKind,
    pub(super) site: Site<'d>,
    pub(super) variants: Vec<Variant<'d>>,
}

/// An alternative.
#[derive(Debug, Clone)]
pub(super) struct Variant<'d> {
    pub(super) schema: All<'d>,
    /// The component it refers to.
    pub(super) component: Option<&'d str>,
}

/// A schema as all that it says together.
#[derive(Debug, Default)]
pub(super) struct Schema<'d> {
    /// Where it is written: the innermost of its references' targets.
    pub(super) site: Option<Site<'d>>,
    /// A `false` in it: nothing fits.
    pub(super) never: Option<Site<'d>>,
    /// Types without null. None: any.
    pub(super) types: Option<Types<'d>>,
    pub(super) types_site: Option<Site<'d>>,
    /// The types that are stated, where the values are enumerated too.
    pub(super) stated_beside_values: Option<Types<'d>>,
    /// The types are not stated; other keywords imply them.
    pub(super) implied: bool,
    pub(super) nullable: bool,
    pub(super) null_site: Option<Site<'d>>,
    /// The values of an enumeration, null left out.
    pub(super) values: Option<Vec<&'d Value>>,
    pub(super) values_site: Option<Site<'d>>,
    /// Where null fits an alternative that is null alone, and another one too.
    pub(super) null_fits_twice: Option<Site<'d>>,
    /// Keywords whose value is a word: format, pattern, contentEncoding, contentMediaType.
    pub(super) words: BTreeMap<&'static str, Vec<(Cow<'d, str>, Site<'d>)>>,
    pub(super) lower: Option<Bound<'d>>,
    pub(super) upper: Option<Bound<'d>>,
    pub(super) required: BTreeMap<&'d str, Site<'d>>,
    pub(super) properties: BTreeMap<&'d str, All<'d>>,
    pub(super) unions: Vec<Union<'d>>,
    pub(super) default: Option<Site<'d>>,
    /// Every other keyword, in each place where it stands.
    pub(super) keywords: BTreeMap<&'d str, Vec<Site<'d>>>,
    pub(super) prose: Prose<'d>,
}

impl<'d> Schema<'d> {
    pub(super) fn sites(&self, keyword: &str) -> &[Site<'d>] {
        self.keywords.get(keyword).map_or(&[], Vec::as_slice)
    }

    pub(super) fn first(&self, keyword: &str) -> Option<&Site<'d>> {
        self.sites(keyword).first()
    }

    pub(super) fn has(&self, keyword: &str) -> bool {
        self.keywords.contains_key(keyword)
    }

    pub(super) fn child(&self, keyword: &str) -> All<'d> {
        All { sites: self.sites(keyword).to_vec(), without: Vec::new() }
    }

    /// Whether it says what kind of value is meant.
    pub(super) fn is_constrained(&self) -> bool {
        self.types.is_some() || self.values.is_some() || !self.unions.is_empty()
    }

    /// Whether every value fits.
    pub(super) fn is_anything(&self) -> bool {
        self.never.is_none()
            && !self.is_constrained()
            && self.words.is_empty()
            && self.lower.is_none()
            && self.upper.is_none()
            && self.required.is_empty()
            && self.properties.is_empty()
            && self.keywords.keys().all(|key| key.starts_with("x-"))
    }
}

pub(super) fn compare(one: &Number, other: &Number) -> Ordering {
    match (one.as_i128(), other.as_i128()) {
        (Some(one), Some(other)) => one.cmp(&other),
        _ => {
            let float = |number: &Number| number.as_f64().unwrap_or(f64::NAN);
            float(one).total_cmp(&float(other))
        }
    }
}

/// Whether two values are one in JSON Schema, where 1 and 1.0 are one number.
pub(super) fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => compare(one, other).is_eq(),
        _ => one == other,
    }
}
