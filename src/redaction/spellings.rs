//! Every spelling in which a known secret may appear, and where it appears in a string.

use std::ops::Range;

use secrecy::zeroize::Zeroizing;

/// How many characters of a secret are enough to recognise it.
const ENOUGH: usize = 8;

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
                for (byte, end) in escaped(text, at) {
                    if self.is(byte, *wanted) {
                        next.add(end);
                    }
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

/// The places in a string up to which a spelling can have come, by its readings.
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

/// Adds where a secret is repeated in a string.
pub(super) fn repeated(text: &[u8], secret: &str, found: &mut Vec<Range<usize>>) {
    let spellings = spellings(secret);
    // Most bytes of a string begin none.
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
        .filter(|start| escaped(text, *start).any(|(byte, end)| end == at && is_digit(byte)));
    let plain = at.checked_sub(1).filter(|start| is_digit(text[*start]));
    escape.or(plain).unwrap_or(at)
}

/// Where the digit after a secret in base64 ends, and what fills it up to four.
fn after_shared(text: &[u8], at: usize) -> usize {
    let after = |at: usize, is_wanted: fn(u8) -> bool| {
        let escape = escaped(text, at).find(|(byte, _)| is_wanted(*byte)).map(|(_, end)| end);
        escape.or_else(|| text.get(at).filter(|byte| is_wanted(**byte)).map(|_| at + 1))
    };
    let mut at = after(at, is_digit).unwrap_or(at);
    for _ in 0..2 {
        at = after(at, |byte| byte == b'=').unwrap_or(at);
    }
    at
}

/// How often an escape may be escaped.
const LEVELS: usize = 4;

/// The bytes that an escape may stand for which begins here, and where each ends: in a URL, in JSON and in source code, in HTML, in mail; also
/// where an escape is escaped again. `%251D` is two: an escaped `%1D`, and the percent sign before `1D`.
fn escaped(text: &[u8], at: usize) -> impl Iterator<Item = (u8, usize)> {
    let rest = text.get(at + 1..).unwrap_or_default();
    let readings = match text.get(at) {
        Some(b'%') => {
            let again = rest.chunks(2).take(LEVELS).take_while(|part| *part == b"25").count();
            let of = |skipped: usize| {
                Some((number(rest.get(skipped * 2..)?.get(..2)?, 16)?, at + 3 + skipped * 2))
            };
            by_levels(again, of)
        }
        Some(b'&') => {
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
            by_levels(again, of)
        }
        Some(byte) => by_levels(0, |_| escaped_once(*byte, rest, at)),
        None => [None; LEVELS + 1],
    };
    readings.into_iter().flatten()
}

/// What it is with so many of its levels taken away, all of them first.
fn by_levels(
    levels: usize,
    without: impl Fn(usize) -> Option<(u8, usize)>,
) -> [Option<(u8, usize)>; LEVELS + 1] {
    std::array::from_fn(|kept| levels.checked_sub(kept).and_then(&without))
}

/// The byte that an escape stands for which has one reading, by its first character and those after it.
fn escaped_once(first: u8, rest: &[u8], at: usize) -> Option<(u8, usize)> {
    match first {
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::Secrets;
    use crate::redaction::REDACTED;

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

    /// Every way in which somebody may repeat a string so that it can be read, and how much of each is other text.
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

    #[test]
    fn a_secret_that_begins_like_an_escape_is_hidden_where_it_is_escaped() {
        for secret in ["%1DR$iLZ00p~", "%25aaaaaaaa", "&amp;bcdefgh", "&#65;bcdefgh"] {
            let secrets = Secrets::default().with([secret]);
            for (spelled, other) in spellings_of(secret) {
                let shown = secrets.shown(&format!("a {spelled} b"));
                assert!(shown.len() <= REDACTED.len() + 8 + other, "{spelled} in {shown}");
            }
        }
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
            let secrets = Secrets::default().with([secret.as_str()]);
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
}
