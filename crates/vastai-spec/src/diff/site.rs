//! Values with the places they are written in.

use std::borrow::Cow;
use std::rc::Rc;

use serde_json::Value;

/// A JSON pointer that is cheap to lengthen, and is written out only for a finding.
#[derive(Debug, Clone, Default)]
pub(super) struct Trail<'d>(Option<Rc<Step<'d>>>);

#[derive(Debug)]
struct Step<'d> {
    parent: Trail<'d>,
    token: Cow<'d, str>,
}

impl<'d> Trail<'d> {
    pub(super) fn child(&self, token: impl Into<Cow<'d, str>>) -> Self {
        Self(Some(Rc::new(Step { parent: self.clone(), token: token.into() })))
    }

    pub(super) fn index(&self, index: usize) -> Self {
        self.child(index.to_string())
    }

    pub(super) fn of(pointer: &str) -> Self {
        let tokens = pointer.split('/').skip(1);
        tokens.fold(Self::default(), |trail, token| trail.child(token.replace("~1", "/").replace("~0", "~")))
    }

    pub(super) fn pointer(&self) -> String {
        let tokens = std::iter::successors(self.0.as_deref(), |step| step.parent.0.as_deref());
        let tokens: Vec<_> = tokens.map(|step| &step.token).collect();
        let mut pointer = String::new();
        for token in tokens.into_iter().rev() {
            pointer.push('/');
            pointer.push_str(&token.replace('~', "~0").replace('/', "~1"));
        }
        pointer
    }
}

/// Step by step: a chain of references may be longer than the stack is deep.
impl Drop for Trail<'_> {
    fn drop(&mut self) {
        let mut next = self.0.take();
        while let Some(step) = next {
            next = Rc::into_inner(step).and_then(|mut step| step.parent.0.take());
        }
    }
}

/// A value and where it is written.
#[derive(Debug, Clone)]
pub(super) struct Site<'d> {
    pub(super) value: &'d Value,
    pub(super) place: Trail<'d>,
}

impl<'d> Site<'d> {
    pub(super) fn root(value: &'d Value) -> Self {
        Self { value, place: Trail::default() }
    }

    pub(super) fn get(&self, key: &'d str) -> Option<Self> {
        Some(Self { value: self.value.get(key)?, place: self.place.child(key) })
    }

    /// What stands under these keys, one in the other.
    pub(super) fn at(&self, keys: &[&'d str]) -> Option<Self> {
        keys.iter().try_fold(self.clone(), |site, key| site.get(key))
    }

    pub(super) fn members(&self) -> impl Iterator<Item = (&'d str, Self)> + use<'d> {
        let place = self.place.clone();
        let members = self.value.as_object().into_iter().flatten();
        members.map(move |(key, value)| (key.as_str(), Self { value, place: place.child(key.as_str()) }))
    }

    pub(super) fn elements(&self) -> impl Iterator<Item = Self> + use<'d> {
        let place = self.place.clone();
        let elements = self.value.as_array().into_iter().flatten().enumerate();
        elements.map(move |(index, value)| Self { value, place: place.index(index) })
    }

    pub(super) fn text(&self, key: &str) -> Option<&'d str> {
        self.value.get(key)?.as_str()
    }

    pub(super) fn is_true(&self, key: &str) -> bool {
        self.value.get(key) == Some(&Value::Bool(true))
    }

    /// What distinguishes the value from any other of its document.
    pub(super) fn identity(&self) -> usize {
        std::ptr::from_ref(self.value).addr()
    }
}

/// An object behind references, the outermost first: what stands beside a reference wins over what it leads to.
#[derive(Debug, Clone)]
pub(super) struct Chain<'d>(pub(super) Vec<Site<'d>>);

impl<'d> Chain<'d> {
    pub(super) fn get(&self, key: &'d str) -> Option<Site<'d>> {
        self.0.iter().find_map(|site| site.get(key))
    }

    pub(super) fn text(&self, key: &'d str) -> Option<&'d str> {
        self.get(key)?.value.as_str()
    }

    pub(super) fn is_true(&self, key: &'d str) -> bool {
        self.get(key).is_some_and(|site| site.value == &Value::Bool(true))
    }

    /// Every member once; a reference that leads somewhere is none.
    pub(super) fn members(&self) -> Vec<(&'d str, Site<'d>)> {
        let mut members: Vec<(&'d str, Site<'d>)> = Vec::new();
        let last = self.0.len().saturating_sub(1);
        for (index, site) in self.0.iter().enumerate() {
            for (key, member) in site.members() {
                if (key != "$ref" || index == last) && !members.iter().any(|(known, _)| *known == key) {
                    members.push((key, member));
                }
            }
        }
        members
    }

    /// Whether what the references lead to can have members.
    pub(super) fn is_object(&self) -> bool {
        self.0.last().is_some_and(|site| site.value.is_object())
    }

    /// What all of it is written in: the object itself, references followed.
    pub(super) fn site(&self) -> Option<Site<'d>> {
        self.0.last().cloned()
    }
}
