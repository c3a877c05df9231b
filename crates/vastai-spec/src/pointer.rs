//! JSON pointers (RFC 6901): how every error and report names a place in a document.

use serde_json::Value;

/// The pointer of the entry `token` of what stands at `parent`.
///
/// ```
/// assert_eq!(vastai_spec::pointer::child("/paths", "/route/"), "/paths/~1route~1");
/// ```
#[must_use]
pub fn child(parent: &str, token: &str) -> String {
    format!("{parent}/{}", token.replace('~', "~0").replace('/', "~1"))
}

/// A place on the way through a document. Its pointer is written where one asks for it: of most places nobody does.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Way<'way> {
    /// Where a pointer leads, and where the way starts.
    At(&'way str),
    /// A member.
    Key(&'way Way<'way>, &'way str),
    /// An element.
    Index(&'way Way<'way>, usize),
}

impl std::fmt::Display for Way<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::At(pointer) => formatter.write_str(pointer),
            Self::Key(parent, key) => write!(formatter, "{parent}{}", child("", key)),
            Self::Index(parent, index) => write!(formatter, "{parent}/{index}"),
        }
    }
}

/// The name a pointer ends in, unescaped.
#[must_use]
pub fn last_token(pointer: &str) -> String {
    let token = pointer.rsplit('/').next().unwrap_or_default();
    token.replace("~1", "/").replace("~0", "~")
}

/// What a local reference (`#/components/schemas/Worker`) points to, as a pointer without the `#`.
///
/// `None` where the reference leaves the document. Percent-encoded references are decoded, as the reference is a URI.
#[must_use]
pub fn of_local_reference(reference: &str) -> Option<String> {
    let fragment = reference.strip_prefix('#')?;
    (fragment.is_empty() || fragment.starts_with('/')).then(|| percent_decoded(fragment))
}

/// Follows a local reference through the document.
#[must_use]
pub fn resolve<'document>(root: &'document Value, reference: &str) -> Option<&'document Value> {
    root.pointer(&of_local_reference(reference)?)
}

/// What stands in a place, local references followed. A reference that leads nowhere is given back itself.
#[must_use]
pub fn resolved<'document>(document: &'document Value, mut value: &'document Value) -> &'document Value {
    // A chain of references longer than this turns in a circle.
    for _ in 0..16 {
        let Some(target) = value.get("$ref").and_then(Value::as_str).and_then(|to| resolve(document, to))
        else {
            return value;
        };
        value = target;
    }
    value
}

fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&first, tail)) = rest.split_first() {
        let hex = (first == b'%').then(|| tail.get(..2)).flatten();
        let escaped = hex
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match escaped {
            Some(byte) => {
                decoded.push(byte);
                rest = &tail[2..];
            }
            None => {
                decoded.push(first);
                rest = tail;
            }
        }
    }
    String::from_utf8(decoded).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_uris() {
        assert_eq!(of_local_reference("#/a%20b/c~1d").as_deref(), Some("/a b/c~1d"));
        assert_eq!(of_local_reference("#/100%"), Some("/100%".to_owned()));
        assert_eq!(of_local_reference("other.yaml#/a"), None);
        assert_eq!(last_token("/paths/~1route~1"), "/route/");
    }
}
