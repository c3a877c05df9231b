//! Operations that no published document has, but an overlay: they are told apart, as a difference of documents says nothing of them.

use serde::Serialize;
use vastai_spec::operations::Operation;
use vastai_spec::pipeline::Prepared;

/// The operations of a client that come from an overlay.
#[derive(Debug, Serialize)]
pub(crate) struct Undocumented {
    /// Those that the new document has by now: their additions are stale.
    pub(super) documented: Vec<Documented>,
    /// Those that it lacks: method and path, by which nobody promises anything.
    pub(super) lacking: Vec<String>,
}

/// An operation that was an addition, and is documented.
#[derive(Debug, Serialize)]
pub(crate) struct Documented {
    /// Method and path of the addition.
    pub(super) from: String,
    /// Method and path in the new document.
    pub(super) to: String,
}

impl Undocumented {
    pub(super) fn between(old: &Prepared, new: &Prepared) -> Self {
        let lacking = new.operations.iter().filter(|operation| !operation.documented);
        let lacking: Vec<String> = lacking.map(place).collect();
        let documented = old.operations.iter().filter(|before| !before.documented).filter_map(|before| {
            let is_same = |after: &&Operation| {
                after.documented && (after.id == before.id || shape(after) == shape(before))
            };
            let after = new.operations.iter().find(is_same)?;
            Some(Documented { from: place(before), to: place(after) })
        });
        Self { documented: documented.collect(), lacking }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.documented.is_empty() && self.lacking.is_empty()
    }
}

fn place(operation: &Operation) -> String {
    format!("{} {}", operation.method.to_uppercase(), operation.path)
}

/// Method and path, however the document spells the slash at its end and the names of parameters.
fn shape(operation: &Operation) -> (&str, Vec<&str>) {
    let parts = operation.path.trim_end_matches('/').split('/');
    (&operation.method, parts.map(|part| if part.starts_with('{') { "{}" } else { part }).collect())
}
