//! Servers: of an operation, else of its path, else of the document.

use std::collections::BTreeSet;

use super::comparison::Comparison;
use super::model::Side;
use super::place::{Call, url_of, without_parameter_names};
use super::rules::{self, Direction, Rule};
use super::site::{Site, Trail};

/// A server where it stands.
#[derive(Debug)]
struct Server<'d> {
    /// With the defaults of its variables, scheme and host in small letters, and no slash at the end.
    url: String,
    site: Option<Site<'d>>,
}

fn listed<'d>(site: Option<Site<'d>>) -> Option<Site<'d>> {
    site.filter(|site| site.value.as_array().is_some_and(|servers| !servers.is_empty()))
}

/// The servers of a list, or the one that holds without a list.
fn servers<'d>(list: Option<Site<'d>>) -> Vec<Server<'d>> {
    match list {
        Some(list) => {
            list.elements().map(|site| Server { url: url_of(site.value), site: Some(site) }).collect()
        }
        None => vec![Server { url: String::new(), site: None }],
    }
}

impl<'d> Comparison<'d> {
    pub(super) fn servers_of(&mut self, old: &Call<'d>, new: &Call<'d>, at: &Trail<'d>) {
        let of = |call: &Call<'d>, root: &Site<'d>| {
            let own = listed(call.operation.get("servers")).or_else(|| listed(call.item.get("servers")));
            own.or_else(|| listed(root.get("servers")))
        };
        let (before, after) = (of(old, &self.old.root), of(new, &self.new.root));
        let is_of_root = |list: &Option<Site<'d>>, root: &Site<'d>| {
            let root = listed(root.get("servers"));
            list.as_ref().map(Site::identity) == root.as_ref().map(Site::identity)
        };
        self.inherits_servers |= is_of_root(&before, &self.old.root) || is_of_root(&after, &self.new.root);
        // A part of the path may have moved into the server's URL or out of it: what is sent to counts.
        let sent_to =
            |server: &Server<'d>, path: &str| format!("{}{}", server.url, without_parameter_names(path));
        let (before, after) = (servers(before), servers(after));
        let at = at.child("servers");
        let ends = |servers: &[Server<'d>], path: &str| -> BTreeSet<String> {
            servers.iter().map(|server| sent_to(server, path)).collect()
        };
        let (old_ends, new_ends) = (ends(&before, old.path), ends(&after, new.path));
        if old_ends.is_disjoint(&new_ends) {
            let described = |servers: &[Server<'d>]| {
                servers
                    .iter()
                    .map(|server| format!("`{}`", server.described()))
                    .collect::<Vec<_>>()
                    .join(", ")
            };
            let message =
                format!("it was served at {} and is served at {}", described(&before), described(&after));
            let first = |servers: &[Server<'d>]| servers.first().and_then(|server| server.site.clone());
            let (before, after) = (first(&before), first(&after));
            self.about_server(&rules::SERVER_CHANGED, at, before, after, message);
            return;
        }
        for server in before.iter().filter(|server| !new_ends.contains(&sent_to(server, old.path))) {
            let message = format!("`{}` no longer serves it", server.described());
            self.about_server(&rules::SERVER_REMOVED, at.clone(), server.site.clone(), None, message);
        }
        for server in after.iter().filter(|server| !old_ends.contains(&sent_to(server, new.path))) {
            let message = format!("`{}` serves it as well", server.described());
            self.about_server(&rules::SERVER_ADDED, at.clone(), None, server.site.clone(), message);
        }
        for old_server in &before {
            let same =
                |new_server: &&Server<'d>| sent_to(old_server, old.path) == sent_to(new_server, new.path);
            let pair = (&old_server.site, after.iter().find(same).and_then(|server| server.site.clone()));
            if let (Some(before), Some(after)) = pair {
                self.same_server(before.clone(), after, &at);
            }
        }
    }

    /// The servers of a document that no operation inherits from are compared with each other all the same.
    pub(super) fn servers_of_document(&mut self) {
        if self.inherits_servers {
            return;
        }
        let at = Trail::default().child("servers");
        let (before, after) = (listed(self.old.root.get("servers")), listed(self.new.root.get("servers")));
        let urls = |list: &Option<Site<'d>>| -> BTreeSet<String> {
            servers(list.clone()).into_iter().map(|server| server.url).collect()
        };
        if urls(&before) != urls(&after) {
            let message = "the document's servers differ, which no operation of both documents inherits";
            self.about_server(&rules::SERVER_CHANGED, at, before, after, message.to_owned());
            return;
        }
        for before in servers(before) {
            let after = servers(after.clone()).into_iter().find(|after| after.url == before.url);
            if let (Some(before), Some(after)) = (before.site, after.and_then(|after| after.site)) {
                self.same_server(before, after, &at);
            }
        }
    }

    fn about_server(
        &mut self,
        rule: &'static Rule,
        at: Trail<'d>,
        old: Option<Site<'d>>,
        new: Option<Site<'d>>,
        message: String,
    ) {
        self.report(rule, Direction::Request, Side::Server, at, old, new, message);
    }

    fn same_server(&mut self, old: Site<'d>, new: Site<'d>, at: &Trail<'d>) {
        let variables = |site: &Site<'d>| -> Vec<(&'d str, Site<'d>)> {
            site.get("variables").iter().flat_map(Site::members).collect()
        };
        let (before, after) = (variables(&old), variables(&new));
        let values = |site: &Site<'d>| -> BTreeSet<String> {
            site.get("enum").iter().flat_map(Site::elements).map(|value| value.value.to_string()).collect()
        };
        for (name, before) in &before {
            let at = at.child("variables").child(*name);
            let Some((_, after)) = after.iter().find(|(other, _)| other == name) else {
                let message = format!("the variable `{name}` of the server is gone");
                self.about_server(&rules::SERVER_VARIABLE_REMOVED, at, Some(before.clone()), None, message);
                continue;
            };
            // Without a list, any value will do.
            let (old_values, new_values) = (values(before), values(after));
            let narrowed =
                !new_values.is_empty() && (old_values.is_empty() || !old_values.is_subset(&new_values));
            let widened =
                !old_values.is_empty() && (new_values.is_empty() || !new_values.is_subset(&old_values));
            for (rule, holds, words) in [
                (&rules::SERVER_VARIABLE_REMOVED, narrowed, "fewer"),
                (&rules::SERVER_VARIABLE_ADDED, widened, "more"),
            ] {
                if holds {
                    let message = format!("the variable `{name}` of the server takes {words} values");
                    let sites = (Some(before.clone()), Some(after.clone()));
                    self.about_server(rule, at.child("enum"), sites.0, sites.1, message);
                }
            }
            let chains = (self.old.chain(before.clone()), self.new.chain(after.clone()));
            self.rest(&chains.0, &chains.1, &["enum", "default"], &at, Side::Server);
        }
        for (name, site) in after.iter().filter(|(name, _)| before.iter().all(|(other, _)| other != name)) {
            let message = format!("the variable `{name}` of the server is new");
            let at = at.child("variables").child(*name);
            self.about_server(&rules::SERVER_VARIABLE_ADDED, at, None, Some(site.clone()), message);
        }
        let chains = (self.old.chain(old), self.new.chain(new));
        self.rest(&chains.0, &chains.1, &["url", "variables"], at, Side::Server);
    }
}

impl Server<'_> {
    fn described(&self) -> &str {
        if self.url.is_empty() { "/" } else { &self.url }
    }
}
