//! The third step: reviewed corrections to the document, in the OpenAPI Overlay 1.0 format.
//!
//! Targets are RFC 9535 JSONPath. Of what the format leaves open, this reads it so: an `update` of an object is merged into it,
//! field by field and downwards, and replaces what is there in place of an object; of an array, an array is appended to it and anything
//! else becomes its last element.
//! Every action carries its evidence as `x-evidence`: where one can see that the document is wrong. What the format cannot say, a path
//! with a slash at its end, is said by `x-slash-at-the-end: true` with operations as the target; and what the document lacks is marked with
//! [`UNDOCUMENTED`].

mod addition;
mod jsonpath;
mod merging;
mod needs;
mod parts;

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Map, Value};

pub use addition::UNDOCUMENTED;

use crate::filled::filled;
use crate::identify::METHODS;
use crate::load::{self, LoadError};
use crate::visible::in_one_line;
use jsonpath::JsonPath;
use merging::merge;
use needs::Scope;
use parts::{Changed, Parts};

/// A parsed overlay.
#[derive(Debug)]
pub struct Overlay {
    name: String,
    actions: Vec<Action>,
}

#[derive(Debug)]
struct Action {
    target: JsonPath,
    /// Where the target can match.
    scope: Scope,
    /// What it does with what it matches concerns the whole document.
    needs_whole: bool,
    written: WrittenAction,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenOverlay {
    overlay: String,
    info: WrittenInfo,
    #[serde(default, rename = "extends")]
    _extends: Option<String>,
    actions: Vec<Value>,
}

#[derive(Debug, Deserialize)]
struct WrittenInfo {
    #[serde(rename = "title")]
    _title: String,
    #[serde(rename = "version")]
    _version: Value,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenAction {
    target: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    update: Option<Value>,
    #[serde(default)]
    remove: bool,
    /// The paths of the operations get a slash at their end, where they have none.
    #[serde(default, rename = "x-slash-at-the-end")]
    slash: bool,
    #[serde(rename = "x-evidence")]
    evidence: String,
}

/// Why an overlay could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OverlayError {
    /// The file is not YAML.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The file is not an overlay.
    #[error("{}: not an OpenAPI overlay: {}", in_one_line(.name), in_one_line(.reason))]
    Malformed {
        /// The file.
        name: String,
        /// What is wrong.
        reason: String,
    },
    /// An action is not well formed.
    #[error("{}: {}: {}", in_one_line(.name), in_one_line(.pointer), in_one_line(.reason))]
    Action {
        /// The file.
        name: String,
        /// The action, as a JSON pointer into the overlay.
        pointer: String,
        /// What is wrong.
        reason: String,
    },
}

/// A correction whose target is not in the document any more, or an addition that is.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct StaleAction {
    /// The overlay and the action in it: `overlay.yaml: /actions/3`.
    pub place: String,
    /// The target that matched nothing.
    pub target: String,
    /// What the action wanted.
    pub wanted: String,
    /// What the action adds and the document has by now; `None` where the target matched nothing.
    pub documented: Option<String>,
}

impl std::fmt::Display for StaleAction {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (place, wanted) = (in_one_line(&self.place), in_one_line(&self.wanted));
        match &self.documented {
            Some(documented) => {
                let file = place.split(':').next().unwrap_or_default();
                let documented = in_one_line(documented);
                write!(
                    formatter,
                    "{place}: the document now has {documented}: remove it from {file} ({wanted})"
                )
            }
            None => write!(
                formatter,
                "{place}: the target `{}` matches nothing in the document; the correction is stale ({wanted})",
                in_one_line(&self.target),
            ),
        }
    }
}

/// The stale corrections in one line: the first, and how many more there are; `None` where there are none.
///
/// For a document that the overlay was not written for, most of them are stale, and a line for each would hide all else.
#[must_use]
pub fn summary(stale: &[StaleAction]) -> Option<String> {
    let (first, rest) = stale.split_first()?;
    Some(match rest.len() {
        0 => first.to_string(),
        more => format!("{first} (and {more} more)"),
    })
}

impl Overlay {
    /// Parses an overlay; `name` is how errors call it.
    ///
    /// # Errors
    ///
    /// [`OverlayError`]: not YAML, another format or version, a target that is not a JSONPath, an action that neither updates nor
    /// removes, or does both, or has no evidence.
    pub fn parse(text: &str, name: &str) -> Result<Self, OverlayError> {
        let value = load::document(text, name)?;
        let written: WrittenOverlay = serde_json::from_value(value)
            .map_err(|error| OverlayError::Malformed { name: name.to_owned(), reason: error.to_string() })?;
        if !written.overlay.starts_with("1.0.") {
            let reason = format!("version {} is not read; 1.0.0 is", written.overlay);
            return Err(OverlayError::Malformed { name: name.to_owned(), reason });
        }
        let WrittenInfo { .. } = written.info;
        let actions = written
            .actions
            .into_iter()
            .enumerate()
            .map(|(index, action)| {
                Action::parse(action).map_err(|reason| OverlayError::Action {
                    name: name.to_owned(),
                    pointer: format!("/actions/{index}"),
                    reason,
                })
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { name: name.to_owned(), actions })
    }

    /// Applies every action in order. Returns those that matched nothing, and what they add that is there already, which is left as it is.
    #[must_use = "a stale correction is a correction that is lost"]
    pub fn apply(&self, document: &mut Value) -> Vec<StaleAction> {
        let mut stale = Vec::new();
        let mut parts = Parts::new(self.actions.iter().map(|action| &action.scope));
        for (index, action) in self.actions.iter().enumerate() {
            let update = action.written.update.as_ref();
            parts.narrow(document, &action.scope, update);
            let pointers = action.target.pointers(document);
            if action.needs_whole && !pointers.is_empty() {
                parts.put_in_all(document);
            }
            let Applied { matches, present, changed } = action.apply(document, pointers);
            parts.note(&changed, update);
            let what = match &action.written {
                WrittenAction { remove: true, .. } => "remove it",
                WrittenAction { slash: true, .. } => "add a slash to its path",
                _ => "update it",
            };
            let reason = Some(action.written.description.trim()).filter(|reason| !reason.is_empty());
            let stale_action = |documented| StaleAction {
                place: format!("{}: /actions/{index}", self.name),
                target: action.written.target.clone(),
                wanted: reason.unwrap_or(what).to_owned(),
                documented,
            };
            if matches == 0 {
                stale.push(stale_action(None));
            }
            stale.extend(present.into_iter().map(|documented| stale_action(Some(documented))));
        }
        parts.put_in_all(document);
        stale
    }
}

impl Action {
    fn parse(action: Value) -> Result<Self, String> {
        let written: WrittenAction = serde_json::from_value(action).map_err(|error| error.to_string())?;
        if written.evidence.trim().is_empty() {
            return Err(
                "`x-evidence` is empty: a correction needs a place where one can see that it is right"
                    .to_owned(),
            );
        }
        match (&written.update, written.remove, written.slash) {
            (None, false, false) => return Err("the action neither updates nor removes".to_owned()),
            (Some(_), true, _) => return Err("the action both updates and removes".to_owned()),
            (Some(_), _, true) | (_, true, true) => {
                return Err("the action does something beside adding a slash".to_owned());
            }
            _ => {}
        }
        let target = written.target.parse::<JsonPath>().map_err(|error| {
            format!("the target `{}` is not a JSONPath (RFC 9535): {error}", written.target)
        })?;
        // A path that gets a slash may meet another one, and an addition looks for itself among all operations.
        let needs_whole = written.slash || written.update.as_ref().is_some_and(addition::is_in);
        Ok(Self { target, scope: Scope::of(&written.target), needs_whole, written })
    }

    fn apply(&self, document: &mut Value, mut pointers: Vec<String>) -> Applied {
        let mut applied =
            Applied { matches: pointers.len(), present: Vec::new(), changed: Changed::Anything };
        match &self.written.update {
            None if self.written.slash => {
                applied.matches = pointers.iter().filter(|pointer| add_slash(document, pointer)).count();
                lead_to_slashes(
                    document,
                    &pointers.into_iter().map(|pointer| format!("#{pointer}")).collect(),
                );
                if applied.matches == 0 {
                    applied.changed = Changed::Places(Vec::new());
                }
            }
            Some(update) => {
                for pointer in &pointers {
                    let (update, present) = addition::not_yet_there(document, pointer, update);
                    applied.present.extend(present);
                    if let Some(target) = document.pointer_mut(pointer) {
                        merge(target, &update);
                    }
                }
                applied.changed = Changed::Places(pointers);
            }
            None => {
                // From the back, so that removing one element of an array does not move the next.
                pointers.sort_by_key(|pointer| std::cmp::Reverse(index_order(pointer)));
                pointers.iter().for_each(|pointer| remove(document, pointer));
                applied.changed = Changed::Places(pointers);
            }
        }
        applied
    }
}

/// What came of an action.
struct Applied {
    /// How many places its target matched.
    matches: usize,
    /// What it adds that the document has already.
    present: Vec<String>,
    changed: Changed,
}

/// Moves the operation at `pointer` to its path with a slash at the end; `false` where that is not an operation.
///
/// Its path's other operations stay: the service takes `GET /volumes` and `PUT /volumes/`.
fn add_slash(document: &mut Value, pointer: &str) -> bool {
    let Some((item, method)) = pointer.rsplit_once('/') else { return false };
    let Some(("/paths", path)) = item.rsplit_once('/') else { return false };
    let path = crate::pointer::last_token(path);
    let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) else { return false };
    if path.ends_with('/') {
        return true;
    }
    let Some(item) = paths.get_mut(&path).and_then(Value::as_object_mut) else { return false };
    let Some(operation) = item.remove(method) else { return false };
    let is_operation = |name: &String| METHODS.contains(&name.as_str());
    let of_all: Map<String, Value> = filled(
        item.iter()
            .filter(|(name, _)| !is_operation(name))
            .map(|(name, member)| (name.clone(), member.clone())),
    );
    if !item.keys().any(is_operation) {
        paths.remove(&path);
    }
    let slashed = paths.entry(format!("{path}/")).or_insert_with(|| Value::Object(Map::new()));
    if let Some(slashed) = slashed.as_object_mut() {
        for (name, member) in of_all {
            slashed.entry(name).or_insert(member);
        }
        match slashed.entry(method).or_insert(Value::Null) {
            nothing @ Value::Null => *nothing = operation,
            present => merge(present, &operation),
        }
    }
    true
}

/// References into operations whose path has got a slash lead to where they are now.
fn lead_to_slashes(value: &mut Value, moved: &BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(reference) if name == "$ref" && reference.starts_with("#/paths/") => {
                        let tokens: Vec<&str> = reference.splitn(5, '/').collect();
                        if let [root, paths, path, method, rest] = tokens.as_slice()
                            && !path.ends_with("~1")
                            && moved.contains(&[*root, paths, path, method].join("/"))
                        {
                            *reference = [*root, paths, &format!("{path}~1"), method, rest].join("/");
                        }
                    }
                    value => lead_to_slashes(value, moved),
                }
            }
        }
        Value::Array(elements) => elements.iter_mut().for_each(|element| lead_to_slashes(element, moved)),
        _ => {}
    }
}

/// Orders pointers so that a later element of an array stands behind an earlier one.
fn index_order(pointer: &str) -> Vec<(usize, String)> {
    pointer.split('/').map(|token| (token.parse().unwrap_or(0), token.to_owned())).collect()
}

fn remove(document: &mut Value, pointer: &str) {
    let Some((parent, _)) = pointer.rsplit_once('/') else {
        *document = Value::Null;
        return;
    };
    let token = crate::pointer::last_token(pointer);
    match document.pointer_mut(parent) {
        Some(Value::Object(members)) => drop(members.remove(&token)),
        Some(Value::Array(elements)) => {
            if let Some(index) = token.parse().ok().filter(|index| *index < elements.len()) {
                elements.remove(index);
            }
        }
        _ => {}
    }
}
