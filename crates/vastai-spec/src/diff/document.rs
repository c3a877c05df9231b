//! What is compared: a document's value, and its text where lines are wanted.

use serde_json::Value;

/// An identified document as [`Diff::between`](super::Diff::between) takes it.
///
/// A `&Value` is one, without lines. With the text that the value was read from, the findings have lines.
///
/// ```
/// use vastai_spec::diff::{Diff, Document};
/// use vastai_spec::load;
///
/// let old = "openapi: 3.1.0\npaths:\n  /a:\n    get: {}\n";
/// let new = "openapi: 3.1.0\npaths: {}\n";
/// let values = (load::openapi(old, "old.yaml")?, load::openapi(new, "new.yaml")?);
/// let diff = Diff::between(
///     Document::new(&values.0).with_text(old),
///     Document::new(&values.1).with_text(new),
/// )?;
/// assert_eq!(diff.changes[0].old.as_ref().and_then(|place| place.line), Some(4));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Document<'document> {
    pub(super) value: &'document Value,
    pub(super) text: Option<&'document str>,
}

impl<'document> Document<'document> {
    /// A document without its text: findings have pointers and no lines.
    #[must_use]
    pub fn new(value: &'document Value) -> Self {
        Self { value, text: None }
    }

    /// The source that the value was read from, YAML or JSON. It is looked at only where something differs, and a text that is not the
    /// value's own only makes the lines wrong.
    #[must_use]
    pub fn with_text(mut self, text: &'document str) -> Self {
        self.text = Some(text);
        self
    }
}

impl<'document> From<&'document Value> for Document<'document> {
    fn from(value: &'document Value) -> Self {
        Self::new(value)
    }
}
