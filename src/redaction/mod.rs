//! What must not be shown of a string: secrets that are known, in every spelling in which somebody may repeat them, and values whose
//! names say that they are secret.
//!
//! The time is linear in what is shown, not in the length of the text: what is cut off is not searched.

mod named_values;
mod secret_names;
mod spellings;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};

use named_values::values_of_secret_names;
pub use secret_names::{is_private_name, is_secret_name};
use spellings::repeated;

/// What stands in the place of a secret.
const REDACTED: &str = "[redacted]";
/// How many bytes of a string are looked at, whatever is shown of it.
const LOOKED_AT: usize = 16 * 1024;
/// No spelling of a secret is taken to be longer than this, in bytes.
const LONGEST_SPELLING: usize = 4 * 1024;
/// How many characters of a string an error shows.
const SHOWN: usize = 2_000;
/// The room for the words that something was cut.
const ROOM: usize = 64;

/// Secrets that must not be shown, and are recognised wherever a string repeats them: as they are and in capitals, in base64 and in hexadecimal,
/// escaped for a URL, JSON, HTML or source code; whole, or from their first eight characters on. Beside them, values that are secret
/// [by their name](is_secret_name) are hidden. `Debug` shows how many there are.
///
/// ```
/// let secrets = vastai_api::Secrets::default().with(["5ecre7c0ffee"]);
/// assert_eq!(secrets.shown("invalid key 5ECRE7C0FFEE"), "invalid key [redacted]");
/// assert_eq!(secrets.shown("Basic dXNlcjo1ZWNyZTdjMGZmZWU="), "Basic dXNlcj[redacted]");
/// assert_eq!(secrets.shown(r#"{"token": "another"}"#), r#"{"token": "[redacted]"}"#);
/// ```
#[derive(Clone, Default)]
pub struct Secrets(Arc<[SecretString]>);

impl Secrets {
    /// With these, too.
    #[must_use]
    pub fn with<'secret>(&self, more: impl IntoIterator<Item = &'secret str>) -> Self {
        let mut secrets = self.0.to_vec();
        for secret in more {
            let is_known = secrets.iter().any(|known| known.expose_secret() == secret);
            if !secret.is_empty() && !is_known {
                secrets.push(SecretString::from(secret));
            }
        }
        Self(secrets.into())
    }

    /// A string as it may be shown: without secrets, and no longer than an error should be.
    #[must_use]
    pub fn shown(&self, text: &str) -> String {
        self.excerpt(text, SHOWN, text.len())
    }

    /// The beginning of a string on one line, of at most so many characters, without secrets.
    #[must_use]
    pub fn line(&self, text: &str, characters: usize) -> String {
        self.line_of(text.as_bytes(), characters)
    }

    /// The beginning of bytes that should be a string, on one line.
    #[must_use]
    pub fn line_of(&self, bytes: &[u8], characters: usize) -> String {
        // One more than is looked at says that something is cut off.
        let written = bytes.iter().enumerate().filter(|(_, byte)| !byte.is_ascii_whitespace());
        let end = written.map(|(index, _)| index).nth(LOOKED_AT + 1).unwrap_or(bytes.len());
        let text = String::from_utf8_lossy(&bytes[..end]);
        let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        self.excerpt(&line, characters, bytes.len())
    }

    /// The end at which bytes may be cut off, of which more than these are not known: no secret is cut in two by it.
    #[must_use]
    pub fn end_of_what_is_whole(&self, bytes: &[u8]) -> usize {
        let end = bytes.len().saturating_sub(LONGEST_SPELLING);
        let from = end.saturating_sub(LONGEST_SPELLING);
        self.repeated_in(&bytes[from..])
            .into_iter()
            .map(|range| range.start + from..range.end + from)
            .find(|range| range.contains(&end))
            .map_or(end, |range| range.start)
    }

    /// The beginning of a string of which `bytes` is the whole length; where something is cut off, it says so. A secret that is cut in two by the
    /// end is left out whole.
    fn excerpt(&self, text: &str, characters: usize, bytes: usize) -> String {
        let window = &text[..boundary(text, LOOKED_AT)];
        let is_whole = window.len() == text.len();
        // A secret that begins before this point ends within the window.
        let end = if is_whole { window.len() } else { boundary(window, LOOKED_AT - LONGEST_SPELLING) };
        let mut hidden = values_of_secret_names(window);
        hidden.extend(self.repeated_in(window.as_bytes()));
        hidden.sort_unstable_by_key(|range| (range.start, range.end));
        let mut shown = String::new();
        let mut at = 0;
        for range in hidden {
            let start = boundary(text, range.start);
            if start >= end {
                break;
            }
            if start >= at {
                shown.push_str(&text[at..start]);
                shown.push_str(REDACTED);
            }
            // Secrets are ASCII, so this is where a character ends, unless the range is one of names.
            at = at.max((range.end..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len()));
        }
        if at < end {
            shown.push_str(&text[at..end]);
        }
        cut(&shown, characters, is_whole, bytes)
    }

    /// Where known secrets are repeated.
    fn repeated_in(&self, text: &[u8]) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        for secret in &*self.0 {
            repeated(text, secret.expose_secret(), &mut found);
        }
        found
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} secrets", self.0.len())
    }
}

/// The last end of a character that is not after this byte.
pub(crate) fn boundary(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// The beginning of a string in which nothing is secret, for an error.
pub(crate) fn cut_short(text: String) -> String {
    match text.len() > SHOWN + ROOM {
        true => cut(&text[..boundary(&text, LOOKED_AT)], SHOWN, false, text.len()),
        false => text,
    }
}

fn cut(shown: &str, characters: usize, is_whole: bool, bytes: usize) -> String {
    if is_whole && shown.len() <= characters + ROOM {
        return shown.to_owned();
    }
    match shown.char_indices().nth(characters) {
        None if is_whole => shown.to_owned(),
        end => {
            let end = end.map_or(shown.len(), |(end, _)| end);
            format!("{}… (cut; {bytes} bytes in all)", &shown[..end])
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn secrets(secret: &str) -> Secrets {
        Secrets::default().with([secret])
    }

    proptest! {
        #[test]
        fn no_string_is_too_odd(
            text in any::<String>(),
            odd in r#"(api_key|token|"|'|\\|:|=|\{|\}|\[| |ü|x|%|25|&|amp;|#|u00|\n|4b|S0VZ){0,60}"#,
            secret in "[!-~]{1,12}",
        ) {
            let secrets = secrets(&secret);
            let _ = secrets.shown(&text);
            let _ = secrets.line(&odd, 10);
        }

        #[test]
        fn a_cut_leaves_no_part_of_a_secret(filler in 0_usize..(LOOKED_AT + 200), shown in 1_usize..400) {
            let secret = "planted-key-0123456789abcdef";
            let text = format!("{}{secret}{secret} {secret}", "x".repeat(filler));
            let spaced = format!("{}{secret}{}", " ".repeat(filler), "x".repeat(LOOKED_AT));
            for text in [text, spaced] {
                let seen = secrets(secret).line(&text, shown);
                prop_assert!(!seen.contains("pl"), "{}", seen);
            }
            let bytes = format!("{}{secret}{}", "x".repeat(filler), "y".repeat(5_000 - filler % 5_000));
            let whole = secrets(secret).end_of_what_is_whole(bytes.as_bytes());
            prop_assert!(!bytes[..whole].contains("pl") || bytes[..whole].contains(secret), "{}", whole);
        }
    }

    #[test]
    fn what_is_cut_off_is_said() {
        let secrets = Secrets::default();
        assert_eq!(secrets.line(&"k".repeat(8_000_000), 5), "kkkkk… (cut; 8000000 bytes in all)");
        assert_eq!(secrets.line(&format!("k{}", " \n".repeat(9)), 5), "k");
        assert_eq!(secrets.shown(&"k".repeat(SHOWN)).len(), SHOWN);
        assert!(secrets.shown(&"ü".repeat(9_000)).ends_with("ü… (cut; 18000 bytes in all)"));
        assert!(cut_short("ü".repeat(9_000)).ends_with("ü… (cut; 18000 bytes in all)"));
        // What is cut once is not cut again.
        let once = secrets.shown(&"k".repeat(9_000));
        assert_eq!((secrets.shown(&once), cut_short(once.clone())), (once.clone(), once));
    }
}
