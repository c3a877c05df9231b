//! What must not be shown of a text: secrets that are known, in every spelling in which somebody may repeat them, and values whose
//! names say that they are secret.
//!
//! The time is linear in what is shown, not in the length of the text: what is cut off is not searched.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};

use crate::is_secret_name;

/// What stands in the place of a secret.
const REDACTED: &str = "[redacted]";
/// How many bytes of a text are looked at, whatever is shown of it.
const LOOKED_AT: usize = 16 * 1024;
/// No spelling of a secret is taken to be longer than this, in bytes.
const LONGEST_SPELLING: usize = 4 * 1024;
/// How many characters of a secret are enough to recognise it.
const ENOUGH: usize = 8;
/// How many characters of a text an error shows.
const SHOWN: usize = 2_000;
/// The room for the words that something was cut.
const ROOM: usize = 64;

/// Secrets that must not be shown, and are recognised wherever a text repeats them: as they are and in capitals, in base64 and in hexadecimal,
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

    /// A text as it may be shown: without secrets, and no longer than an error should be.
    #[must_use]
    pub fn shown(&self, text: &str) -> String {
        self.excerpt(text, SHOWN, text.len())
    }

    /// The beginning of a text on one line, of at most so many characters, without secrets.
    #[must_use]
    pub fn line(&self, text: &str, characters: usize) -> String {
        self.line_of(text.as_bytes(), characters)
    }

    /// The beginning of bytes that should be a text, on one line.
    #[must_use]
    pub fn line_of(&self, bytes: &[u8], characters: usize) -> String {
        // One more than is looked at tells that something is cut off.
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

    /// The beginning of a text of which `bytes` tells the whole length; where something is cut off, it says so. A secret that is cut in two by the
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

/// The beginning of a text in which nothing is secret, for an error.
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

// Secrets that are known.

/// A spelling of a secret: what is compared with the text, character by character.
struct Spelling {
    characters: Zeroizing<Vec<u8>>,
    /// Whether capitals are as good as small letters.
    is_folded: bool,
    /// How many characters have to be there.
    least: usize,
    /// Whether it is one of base64, which may go on over lines, and whose characters at either end are shared with other text.
    is_base64: bool,
}

impl Spelling {
    fn new(written: Vec<u8>, is_folded: bool, least: usize) -> Self {
        Self { characters: Zeroizing::new(written), is_folded, least, is_base64: false }
    }

    fn is(&self, one: u8, other: u8) -> bool {
        match (self.is_folded, self.is_base64) {
            (true, _) => one.eq_ignore_ascii_case(&other),
            (false, true) => one == other || matches!((one, other), (b'-', b'+') | (b'_', b'/')),
            (false, false) => one == other,
        }
    }

    /// Where the spelling ends that begins here, if enough of it is there.
    fn end(&self, text: &[u8], start: usize) -> Option<usize> {
        let (mut places, mut found) = (Places::at(start), 0);
        for wanted in &*self.characters {
            let mut next = Places::default();
            for at in places.each() {
                let at = if self.is_base64 && found > 0 { after_line_breaks(text, at) } else { at };
                // A backslash can be itself, or escape what is next.
                if let Some((_, end)) = escaped(text, at).filter(|(byte, _)| self.is(*byte, *wanted)) {
                    next.add(end);
                }
                if text.get(at).is_some_and(|byte| self.is(*byte, *wanted)) {
                    next.add(at + 1);
                }
                for escapes in [2, 4, 8] {
                    let is_escaped =
                        text.get(at..at + escapes).is_some_and(|run| run.iter().all(|byte| *byte == b'\\'));
                    if *wanted == b'\\' && is_escaped {
                        next.add(at + escapes);
                    }
                }
            }
            if next.count == 0 {
                break;
            }
            places = next;
            found += 1;
        }
        (found >= self.least).then(|| places.each().max()).flatten()
    }
}

/// The places in a text up to which a spelling can have come, by its readings.
#[derive(Clone, Copy, Default)]
struct Places {
    places: [usize; 8],
    count: usize,
}

impl Places {
    fn at(place: usize) -> Self {
        let mut places = Self::default();
        places.add(place);
        places
    }

    fn add(&mut self, place: usize) {
        if self.count < self.places.len() && !self.places[..self.count].contains(&place) {
            self.places[self.count] = place;
            self.count += 1;
        }
    }

    fn each(self) -> impl Iterator<Item = usize> {
        self.places.into_iter().take(self.count)
    }
}

/// Every spelling of a secret: as it is, in hexadecimal, as decimal numbers, and in base64 behind any other text.
fn spellings(secret: &str) -> Vec<Spelling> {
    let secret = secret.as_bytes();
    let enough = secret.len().min(ENOUGH);
    let mut spellings = vec![Spelling::new(secret.to_vec(), true, enough)];
    if secret.len() < 4 {
        // Its numbers are in every other text.
        return spellings;
    }
    let mut variants = vec![secret.to_vec(), secret.to_ascii_uppercase(), secret.to_ascii_lowercase()];
    variants.dedup();
    if variants.len() == 3 && variants[0] == variants[2] {
        variants.pop();
    }
    for variant in &variants {
        let mut numbers = |write: fn(&u8) -> String, separator: &str| {
            let written: Vec<String> = variant.iter().map(write).collect();
            let least = written[..enough].join(separator).len();
            spellings.push(Spelling::new(written.join(separator).into_bytes(), true, least));
        };
        for separator in ["", " ", ":", "-", ",", ", ", " 0x", ",0x", ", 0x"] {
            numbers(|byte| format!("{byte:02x}"), separator);
        }
        for separator in [" ", ",", ", "] {
            numbers(|byte| byte.to_string(), separator);
        }
    }
    for variant in &variants {
        for before in 0..3 {
            spellings.extend(in_base64(variant, before, enough));
        }
    }
    spellings
}

/// The characters of base64 that a secret decides alone, where so many bytes of other text are before it in its group of three.
fn in_base64(secret: &[u8], before: usize, enough: usize) -> Option<Spelling> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bit = |index: usize| secret[index / 8] >> (7 - index % 8) & 1;
    // The first character that has no bit of the text before.
    let skipped = (6 - before * 8 % 6) % 6;
    let decided = |bytes: usize| (bytes * 8).saturating_sub(skipped) / 6;
    let character = |index: usize| {
        let first = skipped + index * 6;
        ALPHABET[usize::from((first..first + 6).fold(0, |value, index| value << 1 | bit(index)))]
    };
    let written: Vec<u8> = (0..decided(secret.len())).map(character).collect();
    // Fewer could be anything.
    let least = decided(enough);
    (least >= 4).then(|| Spelling { is_base64: true, ..Spelling::new(written, false, least) })
}

/// Adds where a secret is repeated in a text.
fn repeated(text: &[u8], secret: &str, found: &mut Vec<Range<usize>>) {
    let spellings = spellings(secret);
    // Most bytes of a text begin none.
    let mut begins = [false; 256];
    for spelling in &spellings {
        for byte in 0..=u8::MAX {
            begins[usize::from(byte)] |=
                spelling.characters.first().is_some_and(|first| spelling.is(byte, *first));
        }
    }
    for byte in b"%=\\&" {
        begins[usize::from(*byte)] = true;
    }
    let mut at = 0;
    while at < text.len() {
        let ends = spellings.iter().filter(|_| begins[usize::from(text[at])]);
        let longest = ends.filter_map(|spelling| Some((spelling.end(text, at)?, spelling.is_base64))).max();
        let Some((mut end, is_base64)) = longest else {
            at += 1;
            continue;
        };
        let mut start = at;
        if is_base64 {
            start = before_shared(text, at);
            end = after_shared(text, end);
        }
        found.push(start..end);
        at = end;
    }
}

/// Whether a byte is a digit of base64.
fn is_digit(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/-_".contains(&byte)
}

/// Where the digit before a secret in base64 begins, which has some bits of the secret and some of its neighbour's.
fn before_shared(text: &[u8], at: usize) -> usize {
    let escape = at
        .checked_sub(3)
        .filter(|start| escaped(text, *start).is_some_and(|(byte, end)| end == at && is_digit(byte)));
    let plain = at.checked_sub(1).filter(|start| is_digit(text[*start]));
    escape.or(plain).unwrap_or(at)
}

/// Where the digit after a secret in base64 ends, and what fills it up to four.
fn after_shared(text: &[u8], at: usize) -> usize {
    let after = |at: usize, is_wanted: fn(u8) -> bool| {
        let escape = escaped(text, at).filter(|(byte, _)| is_wanted(*byte)).map(|(_, end)| end);
        escape.or_else(|| text.get(at).filter(|byte| is_wanted(**byte)).map(|_| at + 1))
    };
    let mut at = after(at, is_digit).unwrap_or(at);
    for _ in 0..2 {
        at = after(at, |byte| byte == b'=').unwrap_or(at);
    }
    at
}

/// The byte that an escape stands for which begins here, and where it ends: in a URL, in JSON and in source code, in HTML, in mail; also
/// where an escape is escaped again.
fn escaped(text: &[u8], at: usize) -> Option<(u8, usize)> {
    /// How often an escape may be escaped.
    const LEVELS: usize = 4;
    let rest = text.get(at + 1..)?;
    match text[at] {
        b'%' => {
            let again = rest.chunks(2).take(LEVELS).take_while(|part| *part == b"25").count();
            // The last `25` may be the escape itself, of a percent sign.
            let of = |skipped: usize| {
                Some((number(rest.get(skipped * 2..)?.get(..2)?, 16)?, at + 3 + skipped * 2))
            };
            of(again).or_else(|| of(again.checked_sub(1)?))
        }
        b'=' => Some((number(rest.get(..2)?, 16)?, at + 3)),
        b'\\' => {
            let more = rest.iter().take(1 << LEVELS).take_while(|byte| **byte == b'\\').count();
            let (rest, at) = (&rest[more..], at + 1 + more);
            match rest {
                [b'u', b'{', rest @ ..] => {
                    let digits = rest.iter().take(6).take_while(|byte| **byte != b'}').count();
                    (rest.get(digits) == Some(&b'}')).then_some(())?;
                    Some((number(&rest[..digits], 16)?, at + 3 + digits))
                }
                [b'u', rest @ ..] => Some((number(rest.get(..4)?, 16)?, at + 5)),
                [b'x', rest @ ..] => Some((number(rest.get(..2)?, 16)?, at + 3)),
                [b'0'..=b'7', ..] => Some((number(rest.get(..3)?, 8)?, at + 3)),
                [byte @ (b'"' | b'\'' | b'/' | b'`'), ..] => Some((*byte, at + 1)),
                _ => None,
            }
        }
        b'&' => {
            let again = rest.chunks(4).take(LEVELS).take_while(|part| *part == b"amp;").count();
            let of = |skipped: usize| {
                let name = rest.get(skipped * 4..)?;
                let length = name
                    .iter()
                    .take(12)
                    .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'#')
                    .count();
                let semicolon = usize::from(name.get(length) == Some(&b';'));
                Some((character_reference(&name[..length])?, at + 1 + skipped * 4 + length + semicolon))
            };
            of(again).or_else(|| of(again.checked_sub(1)?))
        }
        _ => None,
    }
}

/// What is between `&` and `;`.
fn character_reference(name: &[u8]) -> Option<u8> {
    const NAMED: [(&str, u8); 33] = [
        ("excl", b'!'),
        ("quot", b'"'),
        ("num", b'#'),
        ("dollar", b'$'),
        ("percnt", b'%'),
        ("amp", b'&'),
        ("apos", b'\''),
        ("lpar", b'('),
        ("rpar", b')'),
        ("ast", b'*'),
        ("plus", b'+'),
        ("comma", b','),
        ("period", b'.'),
        ("sol", b'/'),
        ("colon", b':'),
        ("semi", b';'),
        ("lt", b'<'),
        ("equals", b'='),
        ("gt", b'>'),
        ("quest", b'?'),
        ("commat", b'@'),
        ("lsqb", b'['),
        ("bsol", b'\\'),
        ("rsqb", b']'),
        ("Hat", b'^'),
        ("lowbar", b'_'),
        ("grave", b'`'),
        ("lcub", b'{'),
        ("verbar", b'|'),
        ("rcub", b'}'),
        ("hyphen", b'-'),
        ("dash", b'-'),
        ("tilde", b'~'),
    ];
    match name {
        [b'#', b'x' | b'X', digits @ ..] => number(digits, 16),
        [b'#', digits @ ..] => number(digits, 10),
        name => NAMED.iter().find(|(known, _)| known.as_bytes() == name).map(|(_, byte)| *byte),
    }
}

/// A number of ASCII digits that is an ASCII character.
fn number(digits: &[u8], radix: u32) -> Option<u8> {
    let digits = std::str::from_utf8(digits)
        .ok()
        .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    u32::from_str_radix(digits, radix).ok().and_then(|number| u8::try_from(number).ok()).filter(u8::is_ascii)
}

/// What is after line breaks, as they are, escaped, and in a URL.
fn after_line_breaks(text: &[u8], mut at: usize) -> usize {
    const BREAKS: [&[u8]; 9] = [b"\r", b"\n", b"\\r", b"\\n", b"\\\\n", b"%0D", b"%0A", b"%0d", b"%0a"];
    for _ in 0..4 {
        match BREAKS.iter().find(|line_break| text[at..].starts_with(line_break)) {
            Some(line_break) => at += line_break.len(),
            None => break,
        }
    }
    at
}

// Values that are secret by their name: of another account's key this client knows nothing, and the service may repeat it.

/// Where the values of members and parameters are whose names say that they are secret: `"api_key": "…"`, `token=…`.
fn values_of_secret_names(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let is_of_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-".contains(byte);
    let (mut at, mut values) = (0, Vec::new());
    while at < bytes.len() {
        let length = bytes[at..].iter().take_while(|byte| is_of_name(byte)).count();
        if length == 0 {
            at += 1;
            continue;
        }
        let end = at + length;
        // The digits of an escaped quotation mark are no part of the name.
        let name = &text[at..end];
        let name = if at > 0 && bytes[at - 1] == b'%' && name.len() > 2 { &name[2..] } else { name };
        at = end;
        // No name is longer than this; a longer one is data.
        if name.len() > 256 || !is_secret_name(name) {
            continue;
        }
        if let Some(value) = value_after(bytes, end) {
            at = value.end;
            if !value.is_empty() {
                values.push(value);
            }
        }
    }
    values
}

/// The value after a name: after a colon or an equals sign, in quotation marks or brackets, or up to what ends a parameter.
fn value_after(text: &[u8], name_end: usize) -> Option<Range<usize>> {
    let name_quote = Quote::at(text, name_end);
    let at = after_spaces(text, name_quote.as_ref().map_or(name_end, |quote| quote.end));
    let (separator, after) =
        [":", "=", "%3A", "%3a", "%3D", "%3d", "&#58;", "&#61;"].iter().find_map(|written| {
            text[at..].starts_with(written.as_bytes()).then(|| (*written, at + written.len()))
        })?;
    let is_equal_sign = !matches!(separator, ":" | "%3A" | "%3a" | "&#58;");
    // After an equals sign a space is an empty value, unless the name is quoted or spaces are before it too.
    let start = match is_equal_sign && name_quote.is_none() && text.get(name_end) == Some(&b'=') {
        true => after,
        false => after_spaces(text, after + usize::from(is_equal_sign && text.get(after) == Some(&b'>'))),
    };
    if let Some(quote) = Quote::at(text, start) {
        return Some(quote.end..quote.closed_by(text));
    }
    match text.get(start) {
        Some(b'{' | b'[') if name_quote.is_some() || is_equal_sign => {
            Some(start..after_brackets(text, start))
        }
        // A number or null is no secret, and after a colon in a sentence comes the sentence.
        _ if !is_equal_sign => after_scheme(text, start),
        _ => {
            let ends = |byte: &u8| b"\"'`&,;<>)}] \t\r\n".contains(byte);
            let length = text[start..].iter().position(ends).unwrap_or(text.len() - start);
            Some(start..start + length)
        }
    }
}

/// What looks like a key in a header: `Authorization: Bearer …`.
fn after_scheme(text: &[u8], start: usize) -> Option<Range<usize>> {
    let start = ["Bearer ", "Basic ", "bearer ", "basic "]
        .iter()
        .find(|scheme| text[start..].starts_with(scheme.as_bytes()))
        .map_or(start, |scheme| start + scheme.len());
    let is_of_key = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=_.-".contains(byte);
    let length = text[start..].iter().take_while(|byte| is_of_key(byte)).count();
    let key = &text[start..start + length];
    (length >= 16 && key.iter().any(u8::is_ascii_digit)).then_some(start..start + length)
}

fn after_spaces(text: &[u8], at: usize) -> usize {
    at + text[at..].iter().take_while(|byte| b" \t\r\n+".contains(byte)).count()
}

/// A quotation mark, however it is escaped.
struct Quote<'text> {
    mark: &'text [u8],
    /// How many backslashes are before it.
    backslashes: usize,
    end: usize,
}

impl<'text> Quote<'text> {
    fn at(text: &'text [u8], at: usize) -> Option<Self> {
        let rest = &text[at..];
        let backslashes = rest.iter().take(64).take_while(|byte| **byte == b'\\').count();
        let rest = &rest[backslashes..];
        let marks =
            ["\"", "'", "`", "&quot;", "&#34;", "&#x22;", "&apos;", "&#39;", "&#x27;", "%22", "%27", "u0022"];
        let mark = marks.iter().find(|mark| rest.starts_with(mark.as_bytes()))?;
        Some(Self { mark: &rest[..mark.len()], backslashes, end: at + backslashes + mark.len() })
    }

    /// Where what the mark opens is closed by another one like it; the text's end, where none is.
    fn closed_by(&self, text: &[u8]) -> usize {
        let mut at = self.end;
        while at < text.len() {
            let backslashes = text[at..].iter().take_while(|byte| **byte == b'\\').count();
            let mark = at + backslashes;
            if text[mark..].starts_with(self.mark) {
                // Backslashes that belong to the value come in groups, by how often the whole was escaped.
                let of_value = backslashes.checked_sub(self.backslashes);
                if of_value.is_some_and(|of_value| of_value % (2 * (self.backslashes + 1)) == 0) {
                    return mark - self.backslashes;
                }
            }
            at = mark + 1;
        }
        text.len()
    }
}

/// What is after the bracket that closes the one here; the text's end, where none does. Brackets in quotation marks do not count.
fn after_brackets(text: &[u8], start: usize) -> usize {
    let (mut depth, mut at) = (0_usize, start);
    while at < text.len() {
        if let Some(quote) = Quote::at(text, at) {
            at = quote.closed_by(text) + quote.backslashes + quote.mark.len();
            continue;
        }
        match text[at] {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn secrets(secret: &str) -> Secrets {
        Secrets::default().with([secret])
    }

    fn base64(bytes: &[u8], url: bool, padded: bool) -> String {
        let alphabet: Vec<u8> = (b'A'..=b'Z').chain(b'a'..=b'z').chain(b'0'..=b'9').collect();
        let last = if url { *b"-_" } else { *b"+/" };
        let digit = |index: u8| {
            char::from(*alphabet.get(usize::from(index)).unwrap_or(&last[usize::from(index % 2)]))
        };
        bytes
            .chunks(3)
            .map(|group| {
                let bits = group.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte))
                    << (8 * (3 - group.len()));
                let digits = (0..4).map(|place| digit((bits >> (18 - 6 * place) & 63) as u8));
                let padding = if padded { "=" } else { "" };
                let digits: String = digits.take(group.len() + 1).collect();
                digits + &padding.repeat(3 - group.len())
            })
            .collect()
    }

    /// Every way in which somebody may repeat a text so that it can be read, and how much of each is other text.
    fn spellings_of(text: &str) -> Vec<(String, usize)> {
        let each = |write: &dyn Fn(u8) -> String| text.bytes().map(write).collect::<String>();
        let with = |separator: &str, write: &dyn Fn(u8) -> String| {
            text.bytes().map(write).collect::<Vec<_>>().join(separator)
        };
        let json = serde_json::to_string(text).unwrap();
        let twice = serde_json::to_string(&json).unwrap();
        let all = vec![
            text.to_owned(),
            text.to_ascii_uppercase(),
            text.to_ascii_lowercase(),
            each(&|byte| format!("%{byte:02x}")),
            each(&|byte| format!("%{byte:02X}")),
            each(&|byte| format!("%25{byte:02X}")),
            each(&|byte| format!("\\u{byte:04x}")),
            each(&|byte| format!("\\u{byte:04X}")),
            each(&|byte| format!("\\\\u{byte:04x}")),
            each(&|byte| format!("\\x{byte:02x}")),
            each(&|byte| format!("\\{byte:03o}")),
            each(&|byte| format!("\\u{{{byte:x}}}")),
            each(&|byte| format!("&#{byte};")),
            each(&|byte| format!("&#x{byte:x};")),
            each(&|byte| format!("&#X{byte:X};")),
            each(&|byte| format!("&#00{byte};")),
            each(&|byte| format!("&amp;#{byte};")),
            each(&|byte| format!("={byte:02X}")),
            each(&|byte| format!("{byte:02x}")),
            each(&|byte| format!("{byte:02X}")),
            with(":", &|byte| format!("{byte:02x}")),
            with(" ", &|byte| format!("{byte:02X}")),
            with(", ", &|byte| format!("0x{byte:02x}")),
            with(", ", &|byte| byte.to_string()),
            json[1..json.len() - 1].to_owned(),
            twice[3..twice.len() - 3].to_owned(),
            url::form_urlencoded::byte_serialize(text.as_bytes()).collect(),
            text.replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('>', "&gt;")
                .replace('"', "&quot;")
                .replace('\'', "&#39;"),
            // Every second character, as one that escapes no more than it must.
            text.bytes()
                .enumerate()
                .map(
                    |(i, byte)| {
                        if i % 2 == 0 { format!("%{byte:02x}") } else { char::from(byte).to_string() }
                    },
                )
                .collect(),
        ];
        let mut all: Vec<(String, usize)> = all.into_iter().map(|spelled| (spelled, 0)).collect();
        for before in ["", "u", "us", "user:", "user:x"] {
            let other = before.len() * 4 / 3 + 2;
            for spelled in [text.to_owned(), text.to_ascii_uppercase(), text.to_ascii_lowercase()] {
                let whole = format!("{before}{spelled}");
                for (url, padded) in [(false, false), (false, true), (true, false), (true, true)] {
                    let written = base64(whole.as_bytes(), url, padded);
                    let in_a_url: String = written.bytes().map(|byte| format!("%{byte:02X}")).collect();
                    let lines: Vec<&str> = written
                        .as_bytes()
                        .chunks(16)
                        .map(|line| std::str::from_utf8(line).unwrap())
                        .collect();
                    all.push((in_a_url, 3 * other));
                    all.push((lines.join("\n"), other));
                    all.push((written, other));
                }
                all.push((base64(format!("{whole} and more").as_bytes(), false, true), other + 14));
            }
        }
        all
    }

    proptest! {
        // Each case tries some two hundred spellings.
        #![proptest_config(ProptestConfig::with_cases(6))]

        #[test]
        fn a_secret_is_hidden_in_every_spelling_whole_and_from_its_first_eight_characters_on(
            secret in "[!-~]{8,80}",
            length in any::<prop::sample::Index>(),
            (before, after) in ("[ -~]{0,9}[ ]", "[ ][ -~]{0,9}"),
        ) {
            // How often one of several backslashes is escaped could be read in many ways. No key has one.
            prop_assume!(!secret.contains(r"\\"));
            let secrets = secrets(&secret);
            let length = 8 + length.index(secret.len() - 7);
            for part in [&secret[..], &secret[..length]] {
                for (spelled, other) in spellings_of(part) {
                    let shown = secrets.shown(&format!("{before}{spelled}{after}"));
                    // What is left of the spelling, at its ends, tells no more than a few bits.
                    let kept = shown.len().saturating_sub(before.len() + after.len());
                    prop_assert!(shown.contains(REDACTED), "{} in {}", spelled, shown);
                    prop_assert!(kept <= REDACTED.len() + 4 + other, "{} in {}", spelled, shown);
                }
            }
        }

    }

    proptest! {
        #[test]
        fn no_text_is_too_odd(
            text in any::<String>(),
            odd in r#"(api_key|token|"|'|\\|:|=|\{|\}|\[| |ü|x|%|25|&|amp;|#|u00|\n|4b|S0VZ){0,60}"#,
            secret in "[!-~]{1,12}",
        ) {
            let secrets = secrets(&secret);
            let _ = secrets.shown(&text);
            let _ = secrets.line(&odd, 10);
        }

        #[test]
        fn a_value_of_any_kind_is_gone(value in "[^\"\\\\]{0,20}hunter2[^\"\\\\]{0,20}", name in "(x_|my)?(api_key|password|Token)(_2|s)?") {
            let json = serde_json::json!({ "id": 1, &name: &value, "z": "stays" }).to_string();
            let nested = serde_json::json!({ &name: { "a": [{ "b": "}]" }], "c": &value }, "z": "stays" }).to_string();
            for json in [json, nested] {
                let in_a_text = serde_json::Value::String(json.clone()).to_string();
                let twice = serde_json::Value::String(in_a_text.clone()).to_string();
                let in_html = json.replace('"', "&quot;");
                for text in [&json, &in_a_text, &twice, &in_html] {
                    let shown = Secrets::default().shown(text);
                    prop_assert!(!shown.contains("hunter2"), "{}", shown);
                    prop_assert!(shown.contains("stays"), "{}", shown);
                }
            }
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
    fn secrets_go_and_the_rest_stays() {
        for (text, shown) in [
            (r#"{"api_key": "hunter2", "id": 7}"#, r#"{"api_key": "[redacted]", "id": 7}"#),
            (r#"{"instance_api_key":"hunter2""#, r#"{"instance_api_key":"[redacted]""#),
            (r#"[{"jupyter_token":"hun ter, 2","a":1}]"#, r#"[{"jupyter_token":"[redacted]","a":1}]"#),
            (r#"{\"Password\": \"hunter2\"}"#, r#"{\"Password\": \"[redacted]\"}"#),
            (r#"{"api_key": "cut hun"#, r#"{"api_key": "[redacted]"#),
            ("https://x.example/?Signature=hunter2&id=1", "https://x.example/?Signature=[redacted]&id=1"),
            ("signature=hunter2; key=hunter2", "signature=[redacted]; key=[redacted]"),
            ("%22api_key%22%3A+%22hunter2%22", "%22api_key%22%3A+%22[redacted]%22"),
            ("Authorization: Bearer 0123456789abcdef", "Authorization: Bearer [redacted]"),
            (r#"{"secret": {"a": "b"}, "token": null}"#, r#"{"secret": [redacted], "token": null}"#),
            (r#"{"secret": {"a": {"b": 1}, "c": "hunter2"}, "z": 1}"#, r#"{"secret": [redacted], "z": 1}"#),
            (r#"{"tokens": ["hunter2""#, r#"{"tokens": [redacted]"#),
            ("invalid api_key or endpoint x not found", "invalid api_key or endpoint x not found"),
            ("invalid token: see the docs", "invalid token: see the docs"),
            (
                r#"{"api_key": "hünter2", "password": "", "msg": "ß"}"#,
                r#"{"api_key": "[redacted]", "password": "", "msg": "ß"}"#,
            ),
            (r#"{"token": "hun\"ter2", "a": 1}"#, r#"{"token": "[redacted]", "a": 1}"#),
            (r#"{"token": "hunter2\\", "a": 1}"#, r#"{"token": "[redacted]", "a": 1}"#),
            (r#"{"next_token": "page 2"}"#, r#"{"next_token": "page 2"}"#),
            ("token", "token"),
            ("", ""),
        ] {
            assert_eq!(Secrets::default().shown(text), shown);
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
