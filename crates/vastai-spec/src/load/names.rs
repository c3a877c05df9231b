//! Names of a document: its keys and ids, and the strings by which one part of it knows another.
//!
//! A name is one line, and is read in the order in which it is written. One with a line end, another control character or a mark of
//! direction is not a name but an attack on whatever prints it; prose and values may have them all.

use std::collections::BTreeSet;

use serde_json::Value;

use super::duplicates::shown;
use crate::pointer::{self, Way};
use crate::visible::is_obeyed;

/// Members that hold a name where a document describes something, or a list of names.
const NAMES: [&str; 24] = [
    "$anchor",
    "$dynamicRef",
    "$id",
    "$ref",
    "authorizationUrl",
    "contentEncoding",
    "contentMediaType",
    "contentType",
    "format",
    "in",
    "jsonSchemaDialect",
    "name",
    "openIdConnectUrl",
    "openapi",
    "operationId",
    "operationRef",
    "propertyName",
    "refreshUrl",
    "required",
    "scheme",
    "tags",
    "tokenUrl",
    "type",
    "url",
];

/// Members that hold values of the service, or what only other programs know.
const DATA: [&str; 6] = ["const", "default", "enum", "example", "examples", "value"];

/// Members that hold parts by their names: there, `default` is a name like any other.
const MAPS: [&str; 23] = [
    "$defs",
    "callbacks",
    "content",
    "definitions",
    "dependentRequired",
    "dependentSchemas",
    "encoding",
    "flows",
    "headers",
    "links",
    "mapping",
    "parameters",
    "pathItems",
    "paths",
    "patternProperties",
    "properties",
    "requestBodies",
    "responses",
    "schemas",
    "scopes",
    "securitySchemes",
    "variables",
    "webhooks",
];

/// What the keys of a mapping are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Members {
    /// Keywords of OpenAPI, as far as they are known.
    Keywords,
    /// Parts of the document by their names.
    Named,
    /// Values; only their keys are names.
    Data,
}

impl Members {
    fn of(self, key: &str) -> Self {
        match self {
            Self::Data => Self::Data,
            Self::Named => Self::Keywords,
            Self::Keywords if DATA.contains(&key) || key.starts_with("x-") => Self::Data,
            Self::Keywords if MAPS.contains(&key) => Self::Named,
            Self::Keywords => Self::Keywords,
        }
    }
}

/// Looks at all names of a document.
///
/// # Errors
///
/// The first that is not a name, with its place, as the message of an error.
pub(super) fn check(document: &Value) -> Result<(), String> {
    let mut references = BTreeSet::new();
    check_in(document, Way::At(""), Members::Keywords, &mut references)?;
    // What stands among values and is referred to is a part of the document as well.
    let mut checked = BTreeSet::new();
    while let Some(reference) = references.pop_first() {
        if let Some(at) = pointer::of_local_reference(&reference)
            && is_among_data(&at)
            && checked.insert(at.clone())
            && let Some(part) = document.pointer(&at)
        {
            check_in(part, Way::At(&at), Members::Keywords, &mut references)?;
        }
    }
    Ok(())
}

fn check_in(
    value: &Value,
    at: Way<'_>,
    members_are: Members,
    references: &mut BTreeSet<String>,
) -> Result<(), String> {
    match value {
        Value::Object(members) => members.iter().try_for_each(|(key, member)| {
            let at = Way::Key(&at, key);
            if key == "$ref" {
                references.extend(member.as_str().map(str::to_owned));
            }
            if key.contains(is_obeyed) {
                return Err(refusal(at, "a key"));
            }
            if members_are == Members::Keywords && NAMES.contains(&key.as_str()) {
                check_name(member, at, key)?;
            }
            check_in(member, at, members_are.of(key), references)
        }),
        Value::Array(elements) => elements.iter().enumerate().try_for_each(|(index, element)| {
            // The elements of a list, of parameters for one, are what a mapping in its place would be.
            let elements_are = if members_are == Members::Named { Members::Keywords } else { members_are };
            check_in(element, Way::Index(&at, index), elements_are, references)
        }),
        _ => Ok(()),
    }
}

/// A string, or a list of strings.
fn check_name(value: &Value, at: Way<'_>, key: &str) -> Result<(), String> {
    match value {
        Value::String(name) if name.contains(is_obeyed) => Err(refusal(at, &format!("`{key}`"))),
        Value::Array(names) => names
            .iter()
            .enumerate()
            .filter(|(_, name)| name.is_string())
            .try_for_each(|(index, name)| check_name(name, Way::Index(&at, index), key)),
        _ => Ok(()),
    }
}

/// Whether a place is in what [`check_in`] takes for values.
fn is_among_data(pointer: &str) -> bool {
    let tokens = pointer.split('/').skip(1).map(|token| token.replace("~1", "/").replace("~0", "~"));
    tokens.fold(Members::Keywords, |members_are, token| members_are.of(&token)) == Members::Data
}

fn refusal(at: Way<'_>, what: &str) -> String {
    format!(
        "{}: {what} with a line end, a control character or a mark of direction; a name is one line of text",
        shown(&at.to_string())
    )
}
