//! How the caller proves who it is.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::comparison::Comparison;
use super::model::Side;
use super::place::Call;
use super::rules::{self, Direction, Rule};
use super::site::{Site, Trail};
use super::source::Source;

/// A scheme with the scopes that it requires.
#[derive(Debug, Clone)]
struct Requirement<'d> {
    name: &'d str,
    scheme: Scheme,
    scopes: BTreeSet<String>,
    site: Option<Site<'d>>,
}

/// What a scheme asks for, without its name, which is spelling, and without prose.
#[derive(Debug, Clone, PartialEq)]
struct Scheme {
    terms: Map<String, Value>,
    /// URLs by flow and kind, of OAuth 2.
    flows: BTreeMap<(String, String), Value>,
}

impl Scheme {
    fn of(value: &Value) -> Self {
        let mut terms = value.as_object().cloned().unwrap_or_default();
        terms.retain(|key, _| {
            !matches!(key.as_str(), "description" | "bearerFormat" | "flows") && !key.starts_with("x-")
        });
        // The name of a scheme of HTTP has no case.
        if let Some(Value::String(scheme)) = terms.get_mut("scheme") {
            scheme.make_ascii_lowercase();
        }
        let mut flows = BTreeMap::new();
        for (flow, urls) in value.get("flows").and_then(Value::as_object).into_iter().flatten() {
            for (kind, url) in urls.as_object().into_iter().flatten().filter(|(kind, _)| *kind != "scopes") {
                flows.insert((flow.clone(), kind.clone()), url.clone());
            }
            flows.entry((flow.clone(), String::new())).or_insert(Value::Null);
        }
        Self { terms, flows }
    }

    /// Whether who can follow the old scheme can follow this one.
    fn serves(&self, old: &Self) -> bool {
        self.terms == old.terms && old.flows.iter().all(|(flow, url)| self.flows.get(flow) == Some(url))
    }
}

/// One way to prove who calls: all of these.
type Alternative<'d> = Vec<Requirement<'d>>;

fn described(alternative: &Alternative<'_>) -> String {
    if alternative.is_empty() {
        return "no credentials".to_owned();
    }
    let names = alternative.iter().map(|required| match required.scopes.is_empty() {
        true => format!("`{}`", required.name),
        false => format!(
            "`{}` with {}",
            required.name,
            required.scopes.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
        ),
    });
    names.collect::<Vec<_>>().join(" and ")
}

fn scope_name(scope: &Value) -> String {
    scope.as_str().map_or_else(|| scope.to_string(), str::to_owned)
}

/// Whether who has what the old alternative asks for has what the new one does.
fn is_enough(old: &Alternative<'_>, new: &Alternative<'_>) -> bool {
    new.iter().all(|after| {
        old.iter().any(|before| after.scheme.serves(&before.scheme) && after.scopes.is_subset(&before.scopes))
    })
}

fn asks_the_same(old: &Alternative<'_>, new: &Alternative<'_>) -> bool {
    is_enough(old, new) && is_enough(new, old)
}

impl<'d> Source<'d> {
    /// What an operation asks for, and where it says so.
    fn requirements(&mut self, call: &Call<'d>) -> (Vec<Alternative<'d>>, Option<Site<'d>>) {
        let site = call.operation.get("security").or_else(|| self.root.get("security"));
        let schemes = self.root.at(&["components", "securitySchemes"]);
        let mut alternatives = Vec::new();
        for alternative in site.iter().flat_map(Site::elements) {
            if !alternative.value.is_object() {
                let scheme = Scheme::of(&Value::Object(Map::from_iter([(
                    "unreadable".to_owned(),
                    alternative.value.clone(),
                )])));
                alternatives.push(vec![Requirement {
                    name: "unreadable",
                    scheme,
                    scopes: BTreeSet::new(),
                    site: Some(alternative),
                }]);
                continue;
            }
            let required = alternative.members().map(|(name, scopes)| {
                let scheme = schemes.as_ref().and_then(|schemes| schemes.get(name));
                let scheme = scheme.and_then(|scheme| self.chain(scheme).site());
                // One that is missing is distinguished from others by its name.
                let unknown = Value::Object(Map::from_iter([("name".to_owned(), Value::from(name))]));
                Requirement {
                    name,
                    scheme: Scheme::of(scheme.as_ref().map_or(&unknown, |site| site.value)),
                    scopes: match scopes.value {
                        Value::Array(scopes) => scopes.iter().map(scope_name).collect(),
                        unreadable => BTreeSet::from([unreadable.to_string()]),
                    },
                    site: scheme,
                }
            });
            alternatives.push(required.collect());
        }
        if alternatives.is_empty() {
            alternatives.push(Vec::new());
        }
        (alternatives, site)
    }
}

impl<'d> Comparison<'d> {
    pub(super) fn security_of(&mut self, old: &Call<'d>, new: &Call<'d>, at: &Trail<'d>) {
        let at = at.child("security");
        let (before, old_site) = self.old.requirements(old);
        let (after, new_site) = self.new.requirements(new);
        self.inherits_security |= [old, new].iter().any(|call| call.operation.get("security").is_none());
        for alternative in before.iter().filter(|before| !after.iter().any(|after| is_enough(before, after)))
        {
            let same_names = |after: &&Alternative<'d>| {
                after
                    .iter()
                    .map(|required| required.name)
                    .eq(alternative.iter().map(|required| required.name))
            };
            let same_schemes = |after: &&Alternative<'d>| {
                after.iter().all(|after| alternative.iter().any(|before| after.scheme.serves(&before.scheme)))
            };
            let (rule, message): (&'static Rule, String) = if alternative.is_empty() {
                let required = after.iter().map(described).collect::<Vec<_>>().join(", or ");
                (&rules::SECURITY_REQUIRED, format!("it asks for credentials now: {required}"))
            } else if let Some(after) = after.iter().find(same_schemes) {
                let message =
                    format!("it required for {} and asks for {}", described(alternative), described(after));
                (&rules::SECURITY_SCOPE_ADDED, message)
            } else if let Some(after) = after.iter().find(same_names) {
                self.schemes_changed(alternative, after, &at);
                continue;
            } else {
                let required = after.iter().map(described).collect::<Vec<_>>().join(", or ");
                let message =
                    format!("{} is not enough any more; it asks for {required}", described(alternative));
                (&rules::SECURITY_CHANGED, message)
            };
            self.about_security(rule, at.clone(), old_site.clone(), new_site.clone(), message);
        }
        for alternative in
            after.iter().filter(|after| !before.iter().any(|before| asks_the_same(before, after)))
        {
            let (rule, message): (&'static Rule, _) = match before
                .iter()
                .find(|before| is_enough(before, alternative))
            {
                Some(before) => (
                    &rules::SECURITY_DROPPED,
                    format!(
                        "it required for {} and is content with {}",
                        described(before),
                        described(alternative)
                    ),
                ),
                // It stands in the place of one that is reported already.
                None if !before.iter().any(|before| after.iter().any(|after| is_enough(before, after))) => {
                    continue;
                }
                None => (&rules::SECURITY_ADDED, format!("{} will do as well", described(alternative))),
            };
            self.about_security(rule, at.clone(), old_site.clone(), new_site.clone(), message);
        }
    }

    fn schemes_changed(&mut self, old: &Alternative<'d>, new: &Alternative<'d>, at: &Trail<'d>) {
        for (before, after) in old.iter().zip(new) {
            if !after.scheme.serves(&before.scheme) {
                let message = format!("the scheme `{}` is another one under its old name", before.name);
                let site = |required: &Requirement<'d>| required.site.clone();
                let sites = (site(before), site(after));
                self.about_security(&rules::SECURITY_CHANGED, at.clone(), sites.0, sites.1, message);
            }
        }
    }

    fn about_security(
        &mut self,
        rule: &'static Rule,
        at: Trail<'d>,
        old: Option<Site<'d>>,
        new: Option<Site<'d>>,
        message: String,
    ) {
        self.report(rule, Direction::Request, Side::Security, at, old, new, message);
    }

    /// What is said of security outside of the operations: prose, and what no operation asks for.
    pub(super) fn security_of_document(&mut self) {
        let root = |root: &Site<'d>| root.get("security");
        let (before, after) = (root(&self.old.root), root(&self.new.root));
        if !self.inherits_security
            && before.as_ref().map(|site| site.value) != after.as_ref().map(|site| site.value)
        {
            let message = "what the document asks of its callers differs, but every operation says so itself";
            let at = Trail::default().child("security");
            let rule = &rules::UNUSED_COMPONENT_CHANGED;
            self.report(rule, Direction::Request, Side::Security, at, before, after, message);
        }
        let schemes = |root: &Site<'d>| root.at(&["components", "securitySchemes"]);
        let (Some(old), Some(new)) = (schemes(&self.old.root), schemes(&self.new.root)) else { return };
        for (name, before) in old.members() {
            let Some(after) = new.get(name) else { continue };
            let at = Trail::default().child("components").child("securitySchemes").child(name);
            let (before, after) = (self.old.chain(before), self.new.chain(after));
            let terms = ["type", "name", "in", "scheme", "flows", "openIdConnectUrl"];
            self.rest(&before, &after, &terms, &at, Side::Security);
        }
    }
}
