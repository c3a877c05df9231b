//! Request bodies, and the media types of any content.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::comparison::{Comparison, TooLarge};
use super::media_type::{self, MediaType};
use super::rules::{self, Direction, Rule};
use super::site::{Site, Trail};

impl<'d> Comparison<'d> {
    pub(super) fn body(
        &mut self,
        old: Option<Site<'d>>,
        new: Option<Site<'d>>,
        at: &Trail<'d>,
        direction: Direction,
    ) -> Result<(), TooLarge> {
        let side = direction.side();
        let chains = (old.map(|site| self.old.chain(site)), new.map(|site| self.new.chain(site)));
        let (old, new) = match chains {
            (None, None) => return Ok(()),
            (None, Some(new)) => {
                let (rule, message): (&'static Rule, _) = match new.is_true("required") {
                    true => (&rules::REQUIRED_BODY_ADDED, "the request must have a body now"),
                    false => (&rules::BODY_ADDED, "the request may have a body now"),
                };
                self.report(rule, direction, side, at.clone(), None, new.site(), message);
                return Ok(());
            }
            (Some(old), None) => {
                let message = "the request has no body any more";
                self.report(&rules::BODY_REMOVED, direction, side, at.clone(), old.site(), None, message);
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
            self.report(rule, direction, side, at.child("required"), old.site(), new.site(), message);
        }
        self.rest(&old, &new, &["required", "content"], at, side);
        self.content(old.get("content"), new.get("content"), &at.child("content"), direction)
    }

    /// Compares what a body, a response, a parameter or a header holds, by media type.
    pub(super) fn content(
        &mut self,
        old: Option<Site<'d>>,
        new: Option<Site<'d>>,
        at: &Trail<'d>,
        direction: Direction,
    ) -> Result<(), TooLarge> {
        let (old, new) = (entries(old), entries(new));
        let mut heirs: Vec<Option<usize>> = vec![None; old.len()];
        let mut has_forebear = vec![false; new.len()];
        // The same spelling first: a document may have JSON with a charset and without.
        type Fits = fn(&MediaType, &MediaType) -> bool;
        for fits in [<MediaType as PartialEq>::eq as Fits, MediaType::is_same_format] {
            for (index, before) in
                old.iter().enumerate().filter(|(index, _)| heirs[*index].is_none()).collect::<Vec<_>>()
            {
                let heir = (0..new.len())
                    .find(|other| !has_forebear[*other] && fits(&before.media_type, &new[*other].media_type));
                if let Some(heir) = heir {
                    (heirs[index], has_forebear[heir]) = (Some(heir), true);
                }
            }
        }
        for (before, heir) in old.iter().zip(&heirs) {
            if let Some(heir) = heir {
                let after = &new[*heir];
                self.media_type((before, after), &at.child(after.key), direction)?;
            }
        }
        let side = direction.side();
        for before in old.iter().zip(&heirs).filter(|(_, heir)| heir.is_none()).map(|(before, _)| before) {
            let wider = most_precise(&new, |after| after.covers(&before.media_type));
            let narrower: Vec<usize> = (0..new.len())
                .filter(|index| !has_forebear[*index] && before.media_type.covers(&new[*index].media_type))
                .collect();
            let (rule, words, heirs): (&'static Rule, _, _) = match (wider, narrower) {
                (Some(wider), _) => (&rules::MEDIA_TYPE_WIDENED, "stands for more", vec![wider]),
                (None, narrower) if !narrower.is_empty() => {
                    (&rules::MEDIA_TYPE_NARROWED, "stands for less", narrower)
                }
                _ => {
                    let message = format!("the media type `{}` is gone", before.media_type);
                    let rule = &rules::MEDIA_TYPE_REMOVED;
                    self.report(
                        rule,
                        direction,
                        side,
                        at.child(before.key),
                        Some(before.site.clone()),
                        None,
                        message,
                    );
                    continue;
                }
            };
            for heir in heirs {
                let after = &new[heir];
                has_forebear[heir] = true;
                let at = at.child(after.key);
                let message = format!(
                    "the media type was `{}` and is `{}`, which {words}",
                    before.media_type, after.media_type
                );
                let sites = (Some(before.site.clone()), Some(after.site.clone()));
                self.report(rule, direction, side, at.clone(), sites.0, sites.1, message);
                self.media_type((before, after), &at, direction)?;
            }
        }
        for after in
            new.iter().zip(has_forebear).filter(|(_, has_forebear)| !has_forebear).map(|(after, _)| after)
        {
            let message = format!("the media type `{}` is new", after.media_type);
            let rule = &rules::MEDIA_TYPE_ADDED;
            let at = at.child(after.key);
            self.report(rule, direction, side, at.clone(), None, Some(after.site.clone()), message);
            // Until now it was a part of a range, which said something of it.
            if let Some(range) = most_precise(&old, |before| before.covers(&after.media_type)) {
                self.media_type((&old[range], after), &at, direction)?;
            }
        }
        Ok(())
    }

    fn media_type(
        &mut self,
        (before, after): (&Entry<'d>, &Entry<'d>),
        at: &Trail<'d>,
        direction: Direction,
    ) -> Result<(), TooLarge> {
        let is_form = before.media_type.is_form() && after.media_type.is_form();
        let (old, new) = (before.site.clone(), after.site.clone());
        let side = direction.side();
        let chains = (self.old.chain(old), self.new.chain(new));
        self.rest(&chains.0, &chains.1, &["schema", "encoding"], at, side);
        let encodings = (chains.0.get("encoding"), chains.1.get("encoding"));
        self.encodings(encodings.0.clone(), encodings.1.clone(), &at.child("encoding"), direction)?;
        let (before, after, at) = (chains.0.get("schema"), chains.1.get("schema"), at.child("schema"));
        match is_form && encodings.0.is_none() && encodings.1.is_none() {
            true => self.forms(before, after, at, direction),
            false => self.schemas(before, after, at, direction),
        }
    }

    /// Compares how the fields of a form are written.
    fn encodings(
        &mut self,
        old: Option<Site<'d>>,
        new: Option<Site<'d>>,
        at: &Trail<'d>,
        direction: Direction,
    ) -> Result<(), TooLarge> {
        let side = direction.side();
        let members =
            |site: &Option<Site<'d>>| site.iter().flat_map(Site::members).collect::<BTreeMap<_, _>>();
        let (old, new) = (members(&old), members(&new));
        let names: BTreeSet<&'d str> = old.keys().chain(new.keys()).copied().collect();
        for name in names {
            let at = at.child(name);
            let message = format!("the field `{name}` of the form is written in another way");
            let (Some(before), Some(after)) = (old.get(name).cloned(), new.get(name).cloned()) else {
                let sites = (old.get(name).cloned(), new.get(name).cloned());
                self.report(&rules::ENCODING_CHANGED, direction, side, at, sites.0, sites.1, message);
                continue;
            };
            let (before, after) = (self.old.chain(before), self.new.chain(after));
            if !(before.is_object() && after.is_object()) {
                let value = |site: &Option<Site<'d>>| site.as_ref().map(|site| site.value);
                let sites = (before.site(), after.site());
                if value(&sites.0) != value(&sites.1) {
                    self.report(&rules::ENCODING_CHANGED, direction, side, at, sites.0, sites.1, message);
                }
                continue;
            }
            for keyword in WAYS_OF_WRITING {
                let (was, is) = (before.get(keyword), after.get(keyword));
                let spelled = |site: &Option<Site<'d>>| {
                    let value = site.as_ref().map(|site| site.value)?;
                    Some(match value.as_str().filter(|_| keyword == "contentType") {
                        Some(text) => Value::from(media_type::list(text)),
                        None => value.clone(),
                    })
                };
                if spelled(&was) != spelled(&is) {
                    let (at, message) = (at.child(keyword), message.clone());
                    self.report(&rules::ENCODING_CHANGED, direction, side, at, was, is, message);
                }
            }
            self.headers(before.get("headers"), after.get("headers"), &at.child("headers"), direction)?;
            let known: Vec<&str> = WAYS_OF_WRITING.into_iter().chain(["headers"]).collect();
            self.rest(&before, &after, &known, &at, side);
        }
        Ok(())
    }
}

/// What an encoding says of its field.
const WAYS_OF_WRITING: [&str; 4] = ["contentType", "style", "explode", "allowReserved"];

/// An entry of a `content`.
struct Entry<'d> {
    media_type: MediaType,
    /// As the document spells it.
    key: &'d str,
    site: Site<'d>,
}

fn entries(content: Option<Site<'_>>) -> Vec<Entry<'_>> {
    let members = content.iter().flat_map(Site::members);
    members.map(|(key, site)| Entry { media_type: MediaType::parse(key), key, site }).collect()
}

/// The one that fits and says most, by its index.
fn most_precise(entries: &[Entry<'_>], fits: impl Fn(&MediaType) -> bool) -> Option<usize> {
    let fitting = entries.iter().enumerate().filter(|(_, entry)| fits(&entry.media_type));
    fitting.max_by_key(|(_, entry)| entry.media_type.precision()).map(|(index, _)| index)
}
