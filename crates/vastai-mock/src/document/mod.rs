//! The document that the simulator keeps to: which operations there are, and what they say.

mod columns;
mod official;
mod path;
mod request;
mod schema;

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, OnceLock};

use http::Method;
use serde_json::Value;
use vastai_api::document::{ADDITIONS, CORRECTIONS, VENDORED};
use vastai_spec::identify::{identify, operations};
use vastai_spec::load;
use vastai_spec::operations::{Authentication, Operation, table};
use vastai_spec::overlay::Overlay;
use vastai_spec::report::Report;
use vastai_spec::samples::{self, Sample};

use crate::record::RecordedRequest;
use path::Template;
use request::Takes;

/// Why a document cannot be simulated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the simulator cannot use this document: {0}")]
pub struct DocumentError(String);

/// The document has no operation of this id.
///
/// Ids are those of the document, such as `createInstance`; an operation that declares none has the one that `vastai-spec` gives it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the simulated document has no operation `{0}`")]
pub struct UnknownOperation(pub(crate) String);

/// A document after its corrections, with an index of its operations.
#[derive(Debug)]
pub(crate) struct Document {
    value: Value,
    operations: Vec<Known>,
    by_id: HashMap<String, usize>,
    /// The operations whose paths have no parameters, by path without its last slash.
    by_path: HashMap<String, Vec<usize>>,
}

/// An operation of the document.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) id: String,
    pub(crate) method: Method,
    path: Template,
    takes: Takes,
    /// Whether it takes a key.
    pub(crate) takes_key: bool,
    /// What it can be filtered and sorted by, where it lists or searches something.
    pub(crate) columns: BTreeSet<String>,
    pub(crate) sample: Sample,
}

/// What the document says of a method and a path.
#[derive(Debug)]
pub(crate) enum Found<'document> {
    /// An operation, and the values of its path's parameters, decoded.
    Operation(&'document Known, HashMap<String, String>),
    /// The path is known with these methods only.
    OtherMethods(Vec<&'document Method>),
    /// Nothing is known of the path.
    Nothing,
}

impl Document {
    /// The vendored document with its corrections; read once in a process.
    pub(crate) fn vendored() -> Result<Arc<Self>, DocumentError> {
        static DOCUMENT: OnceLock<Result<Arc<Document>, DocumentError>> = OnceLock::new();
        DOCUMENT.get_or_init(|| Self::with_corrections(VENDORED).map(Arc::new)).clone()
    }

    /// Reads a document, YAML or JSON, and corrects it. A correction that finds nothing to correct is left out.
    pub(crate) fn with_corrections(document: &str) -> Result<Self, DocumentError> {
        let mut value =
            load::openapi(document, "document").map_err(|error| DocumentError(error.to_string()))?;
        identify(&mut value, &mut Report::default());
        for overlay in [CORRECTIONS, ADDITIONS] {
            let overlay = Overlay::parse(overlay, "overlay");
            let overlay = overlay.map_err(|error| DocumentError(error.to_string()))?;
            let _stale = overlay.apply(&mut value);
        }
        Self::index(value)
    }

    fn index(value: Value) -> Result<Self, DocumentError> {
        let mut samples: HashMap<String, Sample> =
            samples::of(&value).into_iter().map(|sample| (sample.operation.clone(), sample)).collect();
        let mut takes = request::table(&value);
        let columns = operations(&value).filter_map(|(_, _, operation)| {
            Some((operation.get("operationId")?.as_str()?.to_owned(), columns::of(&value, operation)))
        });
        let mut columns: HashMap<String, BTreeSet<String>> = columns.collect();
        let mut indexed = Vec::new();
        for Operation { id, method, path, authentication, .. } in table(&value, &mut Report::default()) {
            let method = Method::from_bytes(method.to_ascii_uppercase().as_bytes()).ok();
            let (Some(sample), Some(takes), Some(method)) = (samples.remove(&id), takes.remove(&id), method)
            else {
                return Err(DocumentError(format!("{path}: an operation has no id of its own")));
            };
            let takes_key = authentication != Authentication::None;
            let columns = columns.remove(&id).unwrap_or_default();
            let path = Template::of(&path);
            indexed.push(Known { id, method, path, takes, takes_key, columns, sample });
        }
        let by_id = indexed.iter().enumerate().map(|(at, operation)| (operation.id.clone(), at)).collect();
        let mut by_path: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, operation) in indexed.iter().enumerate() {
            if let Some(path) = operation.path.without_parameters() {
                by_path.entry(path).or_default().push(at);
            }
        }
        Ok(Self { value, operations: indexed, by_id, by_path })
    }

    pub(crate) fn operations(&self) -> &[Known] {
        &self.operations
    }

    pub(crate) fn operation(&self, id: &str) -> Result<&Known, UnknownOperation> {
        let at = self.by_id.get(id).and_then(|&at| self.operations.get(at));
        at.ok_or_else(|| UnknownOperation(id.to_owned()))
    }

    /// Why a request is not what the operation takes: a sentence that names the place.
    pub(crate) fn refuses(
        &self,
        operation: &Known,
        path: &HashMap<String, String>,
        request: &RecordedRequest,
    ) -> Option<String> {
        operation.takes.refuses(&operation.id, &self.value, path, request)
    }

    /// The operation of a method and a path, which counts with and without its last slash, and by its older name.
    pub(crate) fn find(&self, method: &Method, path: &str) -> Found<'_> {
        match (self.find_as_written(method, path), official::newer(path)) {
            (Found::Nothing, Some(newer)) => self.find_as_written(method, &newer),
            (found, _) => found,
        }
    }

    fn find_as_written(&self, method: &Method, path: &str) -> Found<'_> {
        // `/users/current` is not the user `current`: a path without parameters is meant before one with.
        let bare = path.strip_suffix('/').unwrap_or(path);
        let matching: Vec<(&Known, HashMap<String, String>)> = match self.by_path.get(bare) {
            Some(found) => {
                found.iter().filter_map(|&at| Some((self.operations.get(at)?, HashMap::new()))).collect()
            }
            None => self.operations.iter().filter_map(|it| Some((it, it.path.matches(path)?))).collect(),
        };
        let Some(fewest) = matching.iter().map(|(_, values)| values.len()).min() else {
            return Found::Nothing;
        };
        let mut others = Vec::new();
        for (operation, values) in matching.into_iter().filter(|(_, values)| values.len() == fewest) {
            if operation.method == *method {
                return Found::Operation(operation, values);
            }
            others.push(&operation.method);
        }
        Found::OtherMethods(others)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that fails panics")]
mod tests {
    use super::*;

    #[test]
    fn the_vendored_document_is_indexed() {
        let document = Document::vendored().unwrap();
        assert_eq!(document.operations().len(), 168);
        assert_eq!(document.operation("route").unwrap().method, Method::POST);
        assert_eq!(
            document.operation("rout").unwrap_err().to_string(),
            "the simulated document has no operation `rout`"
        );
    }

    #[test]
    fn an_operation_is_found_by_method_and_path() {
        let document = Document::vendored().unwrap();
        let id = |method: Method, path: &str| match document.find(&method, path) {
            Found::Operation(operation, values) => format!("{} {values:?}", operation.id),
            Found::OtherMethods(methods) => format!("{methods:?}"),
            Found::Nothing => "nothing".to_owned(),
        };
        assert_eq!(id(Method::PUT, "/api/v0/asks/12/"), r#"createInstance {"id": "12"}"#);
        assert_eq!(id(Method::GET, "/api/v0/users/current"), "showUser {}");
        assert_eq!(id(Method::GET, "/api/v0/team/roles/a%20b"), r#"showTeamRole {"name": "a b"}"#);
        assert_eq!(id(Method::PATCH, "/api/v0/endptjobs"), "[GET, POST]");
        for nothing in ["/", "", "/api/v0/asks", "/api/v0/asks//", "//route/", "/route//", "/route/5"] {
            assert_eq!(id(Method::GET, nothing), "nothing", "{nothing}");
        }
    }

    #[test]
    fn a_document_that_is_none_is_an_error() {
        let error = Document::with_corrections("a: [").unwrap_err().to_string();
        assert!(error.starts_with("the simulator cannot use this document: document"), "{error}");
    }
}
