//! Patterns that forbid nothing.

use regex_syntax::Parser;
use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, Hir, HirKind, Look};

/// Whether every text matches a pattern, wherever in the text it may match.
///
/// What is not an expression of the `regex` crate's syntax, such as one with a look-ahead, counts as a pattern that forbids something.
pub(super) fn matches_every_text(pattern: &str) -> bool {
    // How ECMAScript, whose expressions these are, also writes any character.
    let pattern = Parser::new().parse(&pattern.replace("[^]", r"[\s\S]"));
    pattern.is_ok_and(|pattern| is_free(&pattern))
}

fn is_free(pattern: &Hir) -> bool {
    match pattern.kind() {
        HirKind::Capture(group) => is_free(&group.sub),
        HirKind::Alternation(alternatives) => alternatives.iter().any(is_free),
        HirKind::Concat(parts) => {
            let is =
                |part: Option<&Hir>, look: Look| part.is_some_and(|part| *part.kind() == HirKind::Look(look));
            let (begins, ends) = (is(parts.first(), Look::Start), is(parts.last(), Look::End));
            let inner = &parts[usize::from(begins)..parts.len() - usize::from(ends)];
            match (begins, ends) {
                // All of the text has to fit.
                (true, true) => !inner.is_empty() && inner.iter().all(fits_all_of_any_text),
                // Nothing at all fits in one place of every text.
                _ => inner.iter().all(fits_nothing),
            }
        }
        HirKind::Look(Look::Start | Look::End) => true,
        _ => fits_nothing(pattern),
    }
}

/// Whether the empty text fits, whatever stands around it.
fn fits_nothing(part: &Hir) -> bool {
    part.properties().minimum_len() == Some(0) && part.properties().look_set().is_empty()
}

/// Whether a string of any length and content fits as a whole: `[\s\S]*`.
fn fits_all_of_any_text(part: &Hir) -> bool {
    match part.kind() {
        HirKind::Capture(group) => fits_all_of_any_text(&group.sub),
        HirKind::Repetition(repetition) => {
            repetition.min == 0 && repetition.max.is_none() && is_any_character(&repetition.sub)
        }
        _ => false,
    }
}

fn is_any_character(part: &Hir) -> bool {
    let mut characters = ClassUnicode::empty();
    if add_characters(part, &mut characters).is_none() {
        return false;
    }
    characters.negate();
    characters.ranges().is_empty()
}

/// Adds the characters of which any one fits; `None` where something else than one character does.
fn add_characters(part: &Hir, characters: &mut ClassUnicode) -> Option<()> {
    match part.kind() {
        HirKind::Capture(group) => add_characters(&group.sub, characters),
        HirKind::Alternation(parts) => parts.iter().try_for_each(|part| add_characters(part, characters)),
        HirKind::Class(Class::Unicode(class)) => {
            characters.union(class);
            Some(())
        }
        HirKind::Literal(literal) => {
            let mut text = std::str::from_utf8(&literal.0).ok()?.chars();
            let character = text.next().filter(|_| text.next().is_none())?;
            characters.push(ClassUnicodeRange::new(character, character));
            Some(())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::matches_every_text;

    #[test]
    fn what_forbids_nothing_is_no_pattern() {
        for pattern in [
            "",
            "^",
            "$",
            ".*",
            "^.*",
            ".*$",
            "(?:)",
            "()",
            "a*",
            "x?",
            "^a?",
            ".{0,}",
            ".*?",
            r"^[\s\S]*$",
            r"^([\s\S]*)$",
            "^(.|\n)*$",
            "a|",
            "[^]*",
            "^[^]*$",
            "^(?:[^])*$",
        ] {
            assert!(matches_every_text(pattern), "{pattern:?}");
        }
    }

    #[test]
    fn what_forbids_something_is_one() {
        // A dot does not match a line end, so that a string of two lines does not match as a whole.
        for pattern in [
            "^.*$", "^$", ".", ".+", r"^\w*$", "a", "^a*$", r"\b", r"[\s\S]+", "(?=a)", "(", "^[^a]*$",
            "[^]", "^[^]+$", "a|b", "b*c",
        ] {
            assert!(!matches_every_text(pattern), "{pattern:?}");
        }
    }
}
