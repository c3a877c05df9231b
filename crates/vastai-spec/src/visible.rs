//! Text that comes from outside, as it may be shown: every character that a terminal, an editor or a reviewer would obey or not see
//! stands as an escape.
//!
//! These characters are the control characters (C0, DEL and C1, with which escape sequences begin), the separators of lines and
//! paragraphs (U+2028, U+2029), the marks of direction (U+061C, U+200E, U+200F, U+202A–202E, U+2066–2069), and everything else that
//! Unicode gives no glyph: spaces without width, fillers, annotations, tags. Variation selectors that only choose the look of an emoji
//! (U+FE00–FE0F) stay.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Characters that show nothing of their own, beside those of [`char::is_control`]: Unicode's separators of lines and paragraphs, its
/// default-ignorable code points and the interlinear annotations.
const INVISIBLE: [(char, char); 16] = [
    ('\u{ad}', '\u{ad}'),
    ('\u{34f}', '\u{34f}'),
    ('\u{61c}', '\u{61c}'),
    ('\u{115f}', '\u{1160}'),
    ('\u{17b4}', '\u{17b5}'),
    ('\u{180b}', '\u{180f}'),
    ('\u{200b}', '\u{200f}'),
    ('\u{2028}', '\u{202e}'),
    ('\u{2060}', '\u{206f}'),
    ('\u{3164}', '\u{3164}'),
    ('\u{feff}', '\u{feff}'),
    ('\u{ffa0}', '\u{ffa0}'),
    ('\u{fff0}', '\u{fffb}'),
    ('\u{1bca0}', '\u{1bca3}'),
    ('\u{1d173}', '\u{1d17a}'),
    ('\u{e0000}', '\u{e0fff}'),
];

/// Whether a character has to be shown as an escape.
///
/// ```
/// use vastai_spec::visible::is_hidden;
///
/// assert!("\n\u{1b}\u{7f}\u{9b}\u{61c}\u{202e}\u{2028}\u{feff}\u{e0041}".chars().all(is_hidden));
/// assert!(!"a é 中 🙂 ☂\u{fe0f} \u{a0}".chars().any(is_hidden));
/// ```
#[must_use]
pub fn is_hidden(character: char) -> bool {
    character.is_control()
        || (character >= '\u{ad}'
            && INVISIBLE.iter().any(|(first, last)| (*first..=*last).contains(&character)))
}

/// Whether a terminal, an editor or a log obeys a character, and with it a name must not have it: a control character, a separator of
/// lines or paragraphs, a mark of direction.
///
/// ```
/// use vastai_spec::visible::is_obeyed;
///
/// assert!("\n\r\u{1b}\u{85}\u{2029}\u{200f}\u{2067}".chars().all(is_obeyed));
/// assert!(!"a b\u{ad}\u{feff}".chars().any(is_obeyed));
/// ```
#[must_use]
pub fn is_obeyed(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Text in one line: line ends are escapes, too (`\n`, `\u{1b}`, `\u{202e}`).
///
/// ```
/// use vastai_spec::visible::in_one_line;
///
/// assert_eq!(in_one_line("/a\ncargo::warning=b\u{1b}[2J"), r"/a\ncargo::warning=b\u{1b}[2J");
/// ```
#[must_use]
pub fn in_one_line(text: &str) -> Cow<'_, str> {
    escaped(text, is_hidden, escape_as_rust)
}

/// Text of several lines that this project made: its line feeds stay.
///
/// What such a text quotes of a document has to go through [`in_one_line`] before, or it begins lines of its own.
#[must_use]
pub fn in_lines(text: &str) -> Cow<'_, str> {
    let is_hidden = |character| character != '\n' && is_hidden(character);
    escaped(text, is_hidden, escape_as_rust)
}

/// JSON as a serializer wrote it, pretty or not: what is hidden in its strings is escaped as JSON does it (`\u202e`), so it means the
/// same as before.
///
/// ```
/// let json = serde_json::json!({ "a\u{1b}": "\u{202e}\u{e0041}\u{7f}" }).to_string();
/// assert_eq!(vastai_spec::visible::in_json(&json), r#"{"a\u001b":"\u202e\udb40\udc41\u007f"}"#);
/// ```
#[must_use]
pub fn in_json(json: &str) -> Cow<'_, str> {
    // Outside of its strings, JSON has no character that is hidden but the line feeds of pretty JSON; within them, no line feed.
    let is_hidden = |character| character != '\n' && is_hidden(character);
    escaped(json, is_hidden, |escaped, character| {
        for unit in character.encode_utf16(&mut [0; 2]) {
            let _ = write!(escaped, "\\u{unit:04x}");
        }
    })
}

/// `\n`, `\r` and `\t`; anything else by its number.
fn escape_as_rust(escaped: &mut String, character: char) {
    match character {
        '\n' | '\r' | '\t' => escaped.extend(character.escape_default()),
        other => escaped.extend(other.escape_unicode()),
    }
}

fn escaped(text: &str, is_hidden: impl Fn(char) -> bool, escape: impl Fn(&mut String, char)) -> Cow<'_, str> {
    let Some(first) = text.find(&is_hidden) else { return Cow::Borrowed(text) };
    let mut escaped = String::with_capacity(text.len() + 16);
    escaped.push_str(&text[..first]);
    for character in text[first..].chars() {
        if is_hidden(character) { escape(&mut escaped, character) } else { escaped.push(character) }
    }
    Cow::Owned(escaped)
}
