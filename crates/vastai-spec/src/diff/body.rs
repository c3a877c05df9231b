//! Request bodies, and the media types of any content.

use std::collections::BTreeMap;

use super::comparison::{Comparison, TooLarge};
use super::rules::{self, Direction, Rule};
use super::schema::side_of;
use super::site::{Site, Trail};

impl<'d> Comparison<'d> {
    pub(super) fn body(
        &mut self,
        old: Option<Site<'d>>,
        new: Option<Site<'d>>,
        at: &Trail<'d>,
        direction: Direction,
    ) -> Result<(), TooLarge> {
        let side = side_of(direction);
        let chains = (old.map(|site| self.old.chain(site)), new.map(|site| self.new.chain(site)));
        let (old, new) = match chains {
            (None, None) => return Ok(()),
            (None, Some(new)) => {
                let (rule, message): (&'static Rule, _) = match new.is_true("required") {
                    true => (&rules::REQUIRED_BODY_ADDED, "the request must have a body now"),
                    false => (&rules::BODY_ADDED, "the request may have a body now"),
                };
                self.tell(rule, direction, side, at.clone(), None, new.site(), message);
                return Ok(());
            }
            (Some(old), None) => {
                let message = "the request has no body any more";
                self.tell(&rules::BODY_REMOVED, direction, side, at.clone(), old.site(), None, message);
                return Ok(());
            }
            (Some(old), Some(new)) => (old, new),
        };
        let requirement: Option<(&'static Rule, _)> = match (old.is_true("required"), new.is_true("required"))
        {
            (false, true) => Some((&rules::BODY_BECAME_REQUIRED, "the body is required now")),
            (true, false) => Some((&rules::BODY_BECAME_OPTIONAL, "the body is no longer required")),
            _ => None,
        };
        if let Some((rule, message)) = requirement {
            self.tell(rule, direction, side, at.child("required"), old.site(), new.site(), message);
        }
        self.rest(&old, &new, &["required", "content"], at, side);
        self.content(old.get("content"), new.get("content"), &at.child("content"), direction)
    }

    /// Compares what a body, an answer, a parameter or a header holds, by media type.
    pub(super) fn content(
        &mut self,
        old: Option<Site<'d>>,
        new: Option<Site<'d>>,
        at: &Trail<'d>,
        direction: Direction,
    ) -> Result<(), TooLarge> {
        let (mut old, mut new) = (media_types(old), media_types(new));
        let mut pairs = Vec::new();
        // The same type first, then one that differs in its parameters, then a range around it.
        for fits in [is_same, is_same_but_for_parameters, is_covered] {
            let mut rest = BTreeMap::new();
            for (name, before) in old {
                let found = new.keys().find(|candidate| match direction {
                    Direction::Request => fits(&name, candidate),
                    Direction::Response => fits(candidate, &name),
                });
                match found.cloned().and_then(|found| new.remove_entry(&found)) {
                    Some(after) => pairs.push(((name, before), after)),
                    None => drop(rest.insert(name, before)),
                }
            }
            old = rest;
        }
        for ((name, (_, before)), (other, (key, after))) in pairs {
            let at = at.child(key);
            if name != other {
                let message = format!("the media type was `{name}` and is `{other}`");
                let sites = (Some(before.clone()), Some(after.clone()));
                let rule = &rules::MEDIA_TYPE_ADDED;
                self.tell(rule, direction, side_of(direction), at.clone(), sites.0, sites.1, message);
            }
            self.media_type(before, after, &at, direction)?;
        }
        for (name, (key, site)) in old {
            let message = format!("the media type `{name}` is gone");
            let rule = &rules::MEDIA_TYPE_REMOVED;
            self.tell(rule, direction, side_of(direction), at.child(key), Some(site), None, message);
        }
        for (name, (key, site)) in new {
            let message = format!("the media type `{name}` is new");
            let rule = &rules::MEDIA_TYPE_ADDED;
            self.tell(rule, direction, side_of(direction), at.child(key), None, Some(site), message);
        }
        Ok(())
    }

    fn media_type(
        &mut self,
        old: Site<'d>,
        new: Site<'d>,
        at: &Trail<'d>,
        direction: Direction,
    ) -> Result<(), TooLarge> {
        let side = side_of(direction);
        let (before, after) = (old.get("encoding"), new.get("encoding"));
        if before.as_ref().map(|site| site.value) != after.as_ref().map(|site| site.value) {
            let message = "members of the form are written in another way";
            self.tell(
                &rules::ENCODING_CHANGED,
                direction,
                side,
                at.child("encoding"),
                before,
                after,
                message,
            );
        }
        let chains = (self.old.chain(old), self.new.chain(new));
        self.rest(&chains.0, &chains.1, &["schema", "encoding"], at, side);
        self.schemas(chains.0.get("schema"), chains.1.get("schema"), at.child("schema"), direction)
    }
}

/// Media types by their normal spelling, with the spelling of the document.
fn media_types(content: Option<Site<'_>>) -> BTreeMap<String, (&str, Site<'_>)> {
    let spelled = |name: &str| {
        name.split(';').map(|part| part.trim().to_ascii_lowercase()).collect::<Vec<_>>().join(";")
    };
    content.iter().flat_map(Site::members).map(|(name, site)| (spelled(name), (name, site))).collect()
}

fn is_same(one: &str, other: &str) -> bool {
    one == other
}

fn is_same_but_for_parameters(one: &str, other: &str) -> bool {
    one.split(';').next() == other.split(';').next()
}

/// Whether a range covers a media type: `application/*` covers `application/json`.
fn is_covered(name: &str, range: &str) -> bool {
    let name = name.split(';').next().unwrap_or_default();
    match range.strip_suffix("/*") {
        Some("*") => true,
        Some(kind) => name.split('/').next() == Some(kind),
        None => false,
    }
}
