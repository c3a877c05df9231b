//! The line in which a place of a document is written.
//!
//! The loader keeps no places, and the diff needs a few of them: so the text is read once more, as events with marks, and only where
//! something differs.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use saphyr_parser::{Event, Parser};

use crate::pointer;

/// The lines, counted from one, of these places in a YAML or JSON text.
///
/// A place that the text does not have, because it was made up (the id of an operation without one) or stands behind an alias, gets the
/// line of the innermost place around it.
pub(super) fn of(text: &str, places: impl Iterator<Item = String>) -> HashMap<String, usize> {
    let places: Vec<String> = places.collect();
    let wanted: HashSet<&str> = places.iter().flat_map(|place| with_ancestors(place)).collect();
    let found = found(text, &wanted);
    places
        .into_iter()
        .filter_map(|place| {
            let line = with_ancestors(&place).find_map(|place| found.get(place))?;
            Some((place, *line))
        })
        .collect()
}

/// A pointer and those of what it stands in, the innermost first.
fn with_ancestors(place: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(place), |place| place.rfind('/').map(|end| &place[..end]))
}

/// A mapping or a list that is being read.
enum Open {
    /// Whether the next scalar is a key, and the length of the pointer to the mapping.
    Mapping { awaits_key: bool, pointer: usize },
    /// The index of the next element.
    Sequence { index: usize, pointer: usize },
}

fn found(text: &str, wanted: &HashSet<&str>) -> HashMap<String, usize> {
    let mut found = HashMap::new();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // JSON may be indented with tabs, YAML may not; inside of a JSON text there are none.
    let text = match text.trim_start().starts_with('{') {
        true => Cow::Owned(text.replace('\t', " ")),
        false => Cow::Borrowed(text),
    };
    let mut pointer = String::new();
    let mut open: Vec<Open> = Vec::new();
    for event in Parser::new_from_str(&text) {
        // What is not YAML was refused when it was loaded; what only the two parsers disagree on costs lines, not the comparison.
        let Ok((event, span)) = event else { break };
        let line = span.start.line();
        match event {
            Event::MappingEnd | Event::SequenceEnd => {
                open.pop();
            }
            Event::Scalar(..) | Event::Alias(_) | Event::MappingStart(..) | Event::SequenceStart(..) => {
                match open.last_mut() {
                    None => note(&pointer, line, wanted, &mut found),
                    Some(Open::Mapping { awaits_key, pointer: end }) if *awaits_key => {
                        // A key that is not a scalar was refused as well.
                        let Event::Scalar(key, ..) = &event else { break };
                        *awaits_key = false;
                        pointer.truncate(*end);
                        pointer = pointer::child(&pointer, key);
                        note(&pointer, line, wanted, &mut found);
                        continue;
                    }
                    Some(Open::Mapping { awaits_key, .. }) => *awaits_key = true,
                    Some(Open::Sequence { index, pointer: end }) => {
                        pointer.truncate(*end);
                        pointer = pointer::child(&pointer, &index.to_string());
                        *index += 1;
                        note(&pointer, line, wanted, &mut found);
                    }
                }
                match event {
                    Event::MappingStart(..) => {
                        open.push(Open::Mapping { awaits_key: true, pointer: pointer.len() });
                    }
                    Event::SequenceStart(..) => {
                        open.push(Open::Sequence { index: 0, pointer: pointer.len() });
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }
    found
}

fn note(pointer: &str, line: usize, wanted: &HashSet<&str>, found: &mut HashMap<String, usize>) {
    if wanted.contains(pointer) {
        // Of a key that a mapping has twice, the last value counts.
        found.insert(pointer.to_owned(), line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str, place: &str) -> Option<usize> {
        of(text, std::iter::once(place.to_owned())).get(place).copied()
    }

    #[test]
    fn a_member_stands_where_its_key_is_and_an_element_where_it_begins() {
        let yaml = "# a comment\npaths:\n  /a/{id}:\n    get:\n      tags:\n        - one\n        -\n          two\n";
        assert_eq!(line(yaml, "/paths"), Some(2));
        assert_eq!(line(yaml, "/paths/~1a~1{id}/get"), Some(4));
        assert_eq!(line(yaml, "/paths/~1a~1{id}/get/tags/0"), Some(6));
        assert_eq!(line(yaml, "/paths/~1a~1{id}/get/tags/1"), Some(8));
        assert_eq!(line(yaml, "/paths/~1a~1{id}/get/operationId"), Some(4), "of what stands around it");
    }

    #[test]
    fn json_has_lines_too() {
        let json = "{\n\t\"a\": [\n\t\t{ \"b\": 1,\n\t\t\t\"c/d\": null }\n\t]\n}\n";
        assert_eq!(line(json, "/a/0/b"), Some(3));
        assert_eq!(line(json, "/a/0/c~1d"), Some(4));
    }

    #[test]
    fn block_texts_anchors_and_half_a_document_are_no_trouble() {
        let yaml = "a: |\n  one\n  b: no key\n\nb: &anchor\n  c: 1\nd: *anchor\n? e\n: [f,\n   g]\nh: {";
        assert_eq!(line(yaml, "/b"), Some(5));
        assert_eq!(line(yaml, "/d/c"), Some(7));
        assert_eq!(line(yaml, "/e/1"), Some(10));
        assert_eq!(line("\u{feff}a: 1", "/a"), Some(1));
        assert_eq!(line("a: 1\nb: 2\na: 3\n", "/a"), Some(3), "the value that counts");
        assert_eq!(line("", "/a"), None);
    }
}
