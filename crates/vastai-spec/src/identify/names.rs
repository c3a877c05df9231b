//! The names that the generator makes of what a document says: two that would be one must be made distinct before it sees them.

use std::collections::{BTreeMap, BTreeSet};

use heck::{ToPascalCase, ToSnakeCase};
use unicode_ident::{is_xid_continue, is_xid_start};

/// The field of a struct.
pub(crate) fn field(written: &str) -> String {
    identifier(written, &snake, "x")
}

/// A parameter: a field and a setter of an operation's builder.
pub(crate) fn parameter(written: &str) -> String {
    identifier(written, &snake, "_")
}

/// The method of an operation.
pub(crate) fn method(written: &str) -> String {
    identifier(written, &snake, "_")
}

/// The builder of an operation, a struct whose name is made of the method's.
pub(crate) fn builder(written: &str) -> String {
    identifier(&method(written), &pascal, "_")
}

/// The variant of an enum.
pub(crate) fn variant(written: &str) -> String {
    identifier(written, &pascal, "X")
}

/// Whether a name says anything that can stand in an identifier.
pub(crate) fn names_something(written: &str) -> bool {
    written.chars().any(|character| character.is_alphanumeric() && is_xid_continue(character))
}

/// The name of a type. The generator makes the same name of it again.
///
/// It is the name of a component too, and OpenAPI allows letters and digits of ASCII there; others are distinguished by numbers.
pub(crate) fn type_name(written: &str) -> String {
    let mut words = String::new();
    for character in written.chars() {
        match character {
            'a'..='z' | 'A'..='Z' | '0'..='9' => words.push(character),
            other if other.is_alphanumeric() && is_xid_continue(other) => {
                words.push_str(&format!(" u{:x} ", u32::from(other)));
            }
            _ => words.push(' '),
        }
    }
    let name = words.to_pascal_case();
    match name.chars().next() {
        None => "Type".to_owned(),
        Some(first) if !is_xid_start(first) => format!("Type{name}"),
        // The one keyword that is written like a type.
        Some(_) if name == "Self" => "SelfType".to_owned(),
        Some(_) => name,
    }
}

/// Another Rust name for each of these names that would be an earlier one's, or one that is taken. What is its own Rust name keeps it.
pub(crate) fn distinct(
    written: &[&str],
    taken: &[&str],
    rust_name: impl Fn(&str) -> String,
) -> Vec<Option<String>> {
    let plain: Vec<String> = written.iter().map(|name| rust_name(name)).collect();
    let wanted: BTreeSet<&String> = plain.iter().collect();
    let mut used: BTreeSet<String> = taken.iter().map(|name| (*name).to_owned()).collect();
    // The number that a name gets next.
    let mut next: BTreeMap<&str, u32> = BTreeMap::new();
    let mut order: Vec<usize> = (0..written.len()).collect();
    order.sort_by_key(|index| plain[*index] != written[*index]);
    let mut renamed = vec![None; written.len()];
    for index in order {
        if used.insert(plain[index].clone()) {
            continue;
        }
        let next = next.entry(plain[index].as_str()).or_insert(2);
        renamed[index] = loop {
            let name = rust_name(&format!("{} {next}", plain[index]));
            *next += 1;
            if !wanted.contains(&name) && used.insert(name.clone()) {
                break Some(name);
            }
        };
    }
    renamed
}

fn snake(text: &str) -> String {
    text.to_snake_case()
}

fn pascal(text: &str) -> String {
    text.to_pascal_case()
}

/// What the generator does: typify's `sanitize` and progenitor's, which differ in what they put before a digit.
fn identifier(written: &str, case: &dyn Fn(&str) -> String, before_digit: &str) -> String {
    let name = match written {
        "+1" => "plus1".to_owned(),
        "-1" => "minus1".to_owned(),
        _ => case(&written.replace('\'', "").replace(|character: char| !is_xid_continue(character), "-")),
    };
    let name = match name.chars().next() {
        None => case("x"),
        Some(first) if is_xid_start(first) => name,
        Some(_) => format!("{before_digit}{name}"),
    };
    if KEYWORDS.contains(&name.as_str()) { format!("{name}_") } else { name }
}

/// What the generator takes for a keyword.
const KEYWORDS: [&str; 53] = [
    "_", "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do",
    "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop",
    "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "Self", "self",
    "static", "struct", "super", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use",
    "virtual", "where", "while", "yield",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_that_the_generator_makes() {
        assert_eq!(field("fooBar"), "foo_bar");
        assert_eq!(field("1st"), "x1st");
        assert_eq!(parameter("1st"), "_1st");
        assert_eq!(field("self"), "self_");
        assert_eq!(field("it's"), "its");
        assert_eq!(field("日本語"), "日本語");
        assert_eq!(field("…"), "x");
        assert_eq!(variant("+1"), "plus1");
        assert_eq!(builder("a_1"), builder("a1"));
        assert_eq!(
            (type_name("self"), type_name("1st"), type_name("²")),
            ("SelfType".into(), "Type1st".into(), "Type".into())
        );
    }

    #[test]
    fn a_name_that_is_its_own_keeps_it() {
        let renamed =
            distinct(&["FooBar", "extra", "fooBar", "foo_bar", "foo_bar", "foo_bar_2"], &["extra"], field);
        let expected = [Some("foo_bar_4"), Some("extra_2"), Some("foo_bar_5"), None, Some("foo_bar_3"), None];
        assert_eq!(renamed.iter().map(Option::as_deref).collect::<Vec<_>>(), expected);
    }
}
