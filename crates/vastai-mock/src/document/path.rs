//! Paths with parameters in braces.

use std::collections::HashMap;

/// A path of the document, without its last slash.
#[derive(Debug)]
pub(super) struct Template(Vec<Segment>);

#[derive(Debug)]
enum Segment {
    Text(String),
    Parameter(String),
}

impl Template {
    pub(super) fn of(path: &str) -> Self {
        let segments = segments(path).map(|segment| {
            match segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
                Some(name) => Segment::Parameter(name.to_owned()),
                None => Segment::Text(segment.to_owned()),
            }
        });
        Self(segments.collect())
    }

    /// The path without its last slash, if it has no parameters.
    pub(super) fn without_parameters(&self) -> Option<String> {
        let parts = self.0.iter().map(|segment| match segment {
            Segment::Text(text) => Some(text.as_str()),
            Segment::Parameter(_) => None,
        });
        Some(parts.collect::<Option<Vec<_>>>()?.join("/"))
    }

    /// The values of the parameters, decoded, if the path is one of these.
    pub(super) fn matches(&self, path: &str) -> Option<HashMap<String, String>> {
        let mut values = HashMap::new();
        let mut segments = segments(path);
        for expected in &self.0 {
            match (expected, segments.next()?) {
                (Segment::Text(text), segment) if text == segment => {}
                (Segment::Parameter(name), segment) if !segment.is_empty() => {
                    values.insert(name.clone(), decoded(segment));
                }
                _ => return None,
            }
        }
        segments.next().is_none().then_some(values)
    }
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.strip_suffix('/').unwrap_or(path).split('/')
}

/// Without percent-encoding. What is not encoded as it should be stays as it is.
fn decoded(segment: &str) -> String {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let [first, after @ ..] = rest {
        let byte = match (first, after) {
            (b'%', [high, low, ..]) => hex(*high).zip(hex(*low)).map(|(high, low)| high << 4 | low),
            _ => None,
        };
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_decoded() {
        for (encoded, plain) in [
            ("a", "a"),
            ("a%20b", "a b"),
            ("%C3%9F", "ß"),
            ("100%", "100%"),
            ("%zz%2", "%zz%2"),
            ("%2F+", "/+"),
        ] {
            assert_eq!(decoded(encoded), plain);
        }
    }
}
