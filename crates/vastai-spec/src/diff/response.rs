//! Responses, by status.

use std::collections::{BTreeMap, BTreeSet};

use super::comparison::{Comparison, TooLarge};
use super::model::Side;
use super::rules::{self, Direction, Rule};
use super::site::{Chain, Site, Trail};
use super::source::Source;

/// Responses by status, ranges in capitals.
type Responses<'d> = BTreeMap<String, (&'d str, Site<'d>)>;

fn by_status(responses: Option<Site<'_>>) -> Responses<'_> {
    let members = responses.iter().flat_map(Site::members).filter(|(status, _)| !status.starts_with("x-"));
    members
        .map(|(status, site)| {
            let spelled = if status == "default" { status.to_owned() } else { status.to_ascii_uppercase() };
            (spelled, (status, site))
        })
        .collect()
}

fn range_of(status: &str) -> Option<String> {
    let first = status.chars().next().filter(char::is_ascii_digit)?;
    Some(format!("{first}XX"))
}

/// What covers a status that is not listed itself.
fn covering(responses: &Responses<'_>, status: &str) -> Option<String> {
    let range = range_of(status).filter(|range| range != status);
    let mut candidates = range.into_iter().chain((status != "default").then(|| "default".to_owned()));
    candidates.find(|candidate| responses.contains_key(candidate))
}

/// Whether a response of that status means success; `default` does where no other status does.
fn is_success(status: &str, among: &Responses<'_>) -> bool {
    status.starts_with('2') || (status == "default" && !among.keys().any(|status| status.starts_with('2')))
}

/// What a link says to a program.
const LINK_PARTS: [&str; 5] = ["operationRef", "operationId", "parameters", "requestBody", "server"];

impl<'d> Comparison<'d> {
    pub(super) fn responses(
        &mut self,
        old: Option<Site<'d>>,
        new: Option<Site<'d>>,
        at: &Trail<'d>,
        direction: Direction,
    ) -> Result<(), TooLarge> {
        let side = direction.side();
        if let (Some(old), Some(new)) = (&old, &new) {
            let (old, new) = (self.old.chain(old.clone()), self.new.chain(new.clone()));
            let extensions = |key: &str| key.starts_with("x-");
            let statuses: Vec<&str> = old
                .members()
                .into_iter()
                .chain(new.members())
                .map(|(key, _)| key)
                .filter(|key| !extensions(key))
                .collect();
            self.rest(&old, &new, &statuses, at, side);
        }
        let (old, new) = (by_status(old), by_status(new));
        for (status, (key, before)) in &old {
            if let Some((key, after)) = new.get(status) {
                self.response(before.clone(), after.clone(), &at.child(*key), direction)?;
                continue;
            }
            let at = at.child(*key);
            let success = is_success(status, &old);
            let covered = covering(&new, status);
            let within = new.keys().any(|other| range_of(other).as_ref() == Some(status));
            let (rule, message): (&'static Rule, _) = match (&covered, success) {
                _ if within => (
                    &rules::STATUS_RANGE_CHANGED,
                    format!("the range {status} stands as single statuses now"),
                ),
                (Some(range), _) if range != "default" => {
                    (&rules::STATUS_RANGE_CHANGED, format!("the status {status} is part of {range} now"))
                }
                (_, true) => {
                    (&rules::SUCCESS_STATUS_REMOVED, format!("the status {status} is no longer listed"))
                }
                (_, false) => {
                    (&rules::FAILURE_STATUS_REMOVED, format!("the status {status} is no longer listed"))
                }
            };
            let cover = covered.as_ref().and_then(|covered| new.get(covered)).map(|(_, site)| site.clone());
            self.report(rule, direction, side, at.clone(), Some(before.clone()), cover.clone(), message);
            if let Some(after) = cover.filter(|_| rule.id != rules::SUCCESS_STATUS_REMOVED.id) {
                self.response(before.clone(), after, &at, direction)?;
            }
        }
        for (status, (key, after)) in new.iter().filter(|(status, _)| !old.contains_key(*status)) {
            let at = at.child(*key);
            let covered =
                covering(&old, status).and_then(|covered| old.get(&covered)).map(|(_, site)| site.clone());
            let rule = match is_success(status, &new) {
                true => &rules::SUCCESS_STATUS_ADDED,
                false => &rules::FAILURE_STATUS_ADDED,
            };
            let message = format!("the status {status} is listed now");
            self.report(rule, direction, side, at.clone(), covered.clone(), Some(after.clone()), message);
            if let Some(before) = covered {
                self.response(before, after.clone(), &at, direction)?;
            }
        }
        Ok(())
    }

    fn response(
        &mut self,
        old: Site<'d>,
        new: Site<'d>,
        at: &Trail<'d>,
        direction: Direction,
    ) -> Result<(), TooLarge> {
        let side = direction.side();
        let (old, new) = (self.old.chain(old), self.new.chain(new));
        self.rest(&old, &new, &["headers", "content", "links"], at, side);
        self.headers(old.get("headers"), new.get("headers"), &at.child("headers"), direction)?;
        self.links(old.get("links"), new.get("links"), &at.child("links"), side);
        let has_content = |content: &Option<Site<'d>>| {
            content.as_ref().is_some_and(|site| site.value.as_object().is_some_and(|types| !types.is_empty()))
        };
        let (before, after) = (old.get("content"), new.get("content"));
        let at = at.child("content");
        match (has_content(&before), has_content(&after)) {
            (false, false) => Ok(()),
            (false, true) => {
                self.report(
                    &rules::BODY_ADDED,
                    direction,
                    side,
                    at,
                    before,
                    after,
                    "the response has a body now",
                );
                Ok(())
            }
            (true, false) => {
                let message = "the response has no body any more";
                self.report(&rules::BODY_REMOVED, direction, side, at, before, after, message);
                Ok(())
            }
            (true, true) => self.content(before, after, &at, direction),
        }
    }

    fn links(&mut self, old: Option<Site<'d>>, new: Option<Site<'d>>, at: &Trail<'d>, side: Side) {
        let members =
            |site: &Option<Site<'d>>| site.iter().flat_map(Site::members).collect::<BTreeMap<_, _>>();
        let (old, new) = (members(&old), members(&new));
        let names: BTreeSet<&'d str> = old.keys().chain(new.keys()).copied().collect();
        for name in names {
            let at = at.child(name);
            let chain = |source: &mut Source<'d>, site: Option<&Site<'d>>| {
                site.cloned().map(|site| source.chain(site))
            };
            let (before, after) = (chain(&mut self.old, old.get(name)), chain(&mut self.new, new.get(name)));
            let differs = match (&before, &after) {
                (Some(before), Some(after)) if before.is_object() && after.is_object() => {
                    let value = |chain: &Chain<'d>, part| chain.get(part).map(|site| site.value);
                    LINK_PARTS.iter().any(|part| value(before, part) != value(after, part))
                }
                (Some(before), Some(after)) => {
                    before.site().map(|site| site.value) != after.site().map(|site| site.value)
                }
                _ => true,
            };
            if differs {
                let message = format!("the link `{name}` to another operation differs");
                let site = |chain: &Option<Chain<'d>>| chain.as_ref().and_then(Chain::site);
                let (before, after) = (site(&before), site(&after));
                self.report(
                    &rules::LINK_CHANGED,
                    Direction::Response,
                    side,
                    at.clone(),
                    before,
                    after,
                    message,
                );
            }
            if let (Some(before), Some(after)) = (&before, &after) {
                self.rest(before, after, &LINK_PARTS, &at, side);
            }
        }
    }

    pub(super) fn headers(
        &mut self,
        old: Option<Site<'d>>,
        new: Option<Site<'d>>,
        at: &Trail<'d>,
        direction: Direction,
    ) -> Result<(), TooLarge> {
        let side = direction.side();
        let (old, mut new) = (by_name(old), by_name(new));
        for (name, (key, site)) in old {
            let before = self.old.chain(site.clone());
            let Some((key, after)) = new.remove(&name) else {
                let message = format!("the header `{key}` is gone");
                let rule = &rules::RESPONSE_HEADER_REMOVED;
                self.report(rule, direction, side, at.child(key), before.site(), None, message);
                continue;
            };
            let after = self.new.chain(after);
            let at = at.child(key);
            let requirement = match (before.is_true("required"), after.is_true("required")) {
                (true, false) => Some((&rules::RESPONSE_HEADER_BECAME_OPTIONAL, "may be missing now")),
                (false, true) => Some((&rules::RESPONSE_HEADER_BECAME_REQUIRED, "is in every response now")),
                _ => None,
            };
            if let Some((rule, words)) = requirement {
                let message = format!("the header `{key}` {words}");
                let sites = (before.site(), after.site());
                self.report(rule, direction, side, at.child("required"), sites.0, sites.1, message);
            }
            self.written(&before, &after, "header", &at, direction)?;
            let known = ["required", "deprecated", "style", "explode", "schema", "content"];
            self.rest(&before, &after, &known, &at, side);
        }
        for (key, site) in new.into_values() {
            let message = format!("the header `{key}` is new");
            let site = self.new.chain(site).site();
            self.report(&rules::RESPONSE_HEADER_ADDED, direction, side, at.child(key), None, site, message);
        }
        Ok(())
    }
}

/// Headers by name, which has no case. The one that says the media type is compared with the media types.
fn by_name(headers: Option<Site<'_>>) -> BTreeMap<String, (&str, Site<'_>)> {
    let members = headers.iter().flat_map(Site::members);
    let named = members.map(|(name, site)| (name.to_ascii_lowercase(), (name, site)));
    named.filter(|(name, _)| name != "content-type").collect()
}
