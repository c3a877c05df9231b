//! Which operation an item of the generated code comes from.

use std::collections::{BTreeMap, BTreeSet};

use heck::ToPascalCase;
use serde_json::Value;

use super::parts::References;
use crate::identify::names;
use crate::operations::Operation;

/// The operations, by their ids, that each item of a generated client comes from.
///
/// An item is a line of the surface. A type comes from every operation that sends or returns it, directly or within another type.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Origins {
    /// By what the items of a line belong to: `Client.show_instances`, `builder::ShowInstances`, `types::Instance`.
    by_owner: BTreeMap<String, BTreeSet<String>>,
}

impl Origins {
    pub(super) fn of(lowered: &Value, references: &References<'_>, operations: &[&Operation]) -> Self {
        let mut origins = Self::default();
        let types: BTreeMap<&str, String> = references
            .direct
            .keys()
            .map(|component| (*component, format!("types::{}", component.to_pascal_case())))
            .collect();
        for operation in operations {
            let (id, method) = (&operation.id, names::method(&operation.id));
            origins.note(&format!("Client.{method}"), id);
            origins.note(&format!("builder::{}", names::builder(id)), id);
            let written = &lowered["paths"][&operation.path][&operation.method];
            for component in references.reached(std::iter::once(written)) {
                origins.note(&types[component], id);
            }
        }
        origins
    }

    fn note(&mut self, owner: &str, id: &str) {
        match self.by_owner.get_mut(owner) {
            Some(ids) => drop(ids.insert(id.to_owned())),
            None => drop(self.by_owner.insert(owner.to_owned(), BTreeSet::from([id.to_owned()]))),
        }
    }

    /// The operations that a line of the surface comes from; none for what every client has.
    pub(crate) fn of_item(&self, line: &str) -> BTreeSet<String> {
        let Some(owner) = owner(line) else { return BTreeSet::new() };
        if let Some(ids) = self.by_owner.get(&owner) {
            return ids.clone();
        }
        // The type of a parameter is not a component; its name begins with the operation's.
        let Some(name) = owner.strip_prefix("types::") else { return BTreeSet::new() };
        let mut prefixes = (1..=name.len()).rev().filter_map(|end| name.get(..end));
        let nearest = prefixes.find_map(|prefix| self.by_owner.get(&format!("builder::{prefix}")));
        nearest.cloned().unwrap_or_default()
    }
}

/// What a line's item belongs to: `field types::Worker.id: i64` → `types::Worker`.
fn owner(line: &str) -> Option<String> {
    let item = match line.split_once(" for ") {
        // `impl Default for types::Worker`
        Some((trait_name, of)) if trait_name.starts_with("impl ") => of,
        _ => line.trim_start_matches("async ").split_once(' ')?.1,
    };
    let path = item.split(['(', '<', ' ']).next()?.trim_end_matches(':');
    if path.starts_with("Client.") {
        return Some(path.to_owned());
    }
    let path = path.replacen("types::builder::", "types::", 1);
    let mut parts = path.splitn(2, "::");
    let (module, rest) = (parts.next()?, parts.next()?);
    let name = rest.split(['.', ':']).next()?;
    Some(format!("{module}::{name}"))
}

#[cfg(test)]
mod tests {
    use super::owner;

    #[test]
    fn every_kind_of_line_has_an_owner() {
        for (line, expected) in [
            (
                "async fn builder::Route.send() -> Result<ResponseValue<types::A>, Error<()>>",
                "builder::Route",
            ),
            ("fn Client.route() -> builder::Route<'_>", "Client.route"),
            ("fn builder::Route.body(impl TryInto<types::RouteBody>) -> Self", "builder::Route"),
            ("field types::Worker.id: i64", "types::Worker"),
            ("variant types::Answer::Text(String)", "types::Answer"),
            ("struct types::builder::Worker", "types::Worker"),
            ("struct types::Id(String)", "types::Id"),
            ("type types::Ids = Vec<i64>", "types::Ids"),
            ("impl Default for types::Worker", "types::Worker"),
            ("impl From<String> for types::Answer", "types::Answer"),
        ] {
            assert_eq!(owner(line).as_deref(), Some(expected), "{line}");
        }
    }
}
