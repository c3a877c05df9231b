//! JSON for the terminal: indented, and with escapes for what a terminal obeys.

use std::io::{self, Write};

use vastai_spec::visible::is_hidden;

/// How deep what is nested is indented. What is deeper stands as deep as this, or a few brackets would make pages of spaces.
const DEEPEST: usize = 12;

/// Writes JSON that comes piece by piece, one field a line; what is written is at most 26 times as long as what comes in.
///
/// The space between tokens changes, and characters of strings that are [hidden](is_hidden) become the escapes that mean the same. Numbers and
/// the order of fields stay as they came, and so do fields of the same name, which a tree of values would not keep.
/// What comes in must be JSON; a byte that is not UTF-8 becomes U+FFFD. Writes are small: the writer should have a buffer.
#[derive(Debug)]
pub(crate) struct Indented<W> {
    to: W,
    depth: usize,
    in_string: bool,
    /// The last character of a string was a backslash that escapes the next.
    escapes: bool,
    /// The last token opened an object or a list: if the next closes it, both stay on one line.
    opened: bool,
    is_empty: bool,
    /// The start of a character whose rest is in the next piece.
    cut: Vec<u8>,
}

/// Writes a whole JSON document.
pub(crate) fn write_indented(json: &[u8], to: impl Write) -> io::Result<()> {
    let mut indented = Indented::new(to);
    indented.push(json)?;
    indented.finish()
}

/// A value on one line, with escapes for what a terminal obeys.
pub(crate) fn line(value: &serde_json::Value) -> String {
    let mut line = String::new();
    // What is hidden stands in strings alone.
    for character in value.to_string().chars() {
        if is_hidden(character) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                line.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            line.push(character);
        }
    }
    line
}

impl<W: Write> Indented<W> {
    pub(crate) fn new(to: W) -> Self {
        Self {
            to,
            depth: 0,
            in_string: false,
            escapes: false,
            opened: false,
            is_empty: true,
            cut: Vec::new(),
        }
    }

    /// Writes the next piece, wherever it was cut off.
    pub(crate) fn push(&mut self, piece: &[u8]) -> io::Result<()> {
        if self.cut.is_empty() {
            return self.push_from_start(piece);
        }
        let mut joined = std::mem::take(&mut self.cut);
        joined.extend_from_slice(piece);
        self.push_from_start(&joined)
    }

    fn push_from_start(&mut self, piece: &[u8]) -> io::Result<()> {
        let mut rest = piece;
        loop {
            match std::str::from_utf8(rest) {
                Ok(text) => return self.write(text),
                Err(error) => {
                    let (valid, after) = rest.split_at(error.valid_up_to());
                    // What was checked just now.
                    self.write(std::str::from_utf8(valid).unwrap_or_default())?;
                    let Some(invalid) = error.error_len() else {
                        self.cut.extend_from_slice(after);
                        return Ok(());
                    };
                    self.write("\u{fffd}")?;
                    rest = &after[invalid..];
                }
            }
        }
    }

    fn write(&mut self, text: &str) -> io::Result<()> {
        text.chars().try_for_each(|character| match self.in_string {
            true => self.write_in_string(character),
            false => self.write_token(character),
        })
    }

    fn write_in_string(&mut self, character: char) -> io::Result<()> {
        self.in_string = character != '"' || self.escapes;
        self.escapes = character == '\\' && !self.escapes;
        if is_hidden(character) {
            let units = character.encode_utf16(&mut [0; 2]).to_vec();
            return units.iter().try_for_each(|unit| write!(self.to, "\\u{unit:04x}"));
        }
        self.write_as_it_is(character)
    }

    fn write_token(&mut self, character: char) -> io::Result<()> {
        if character.is_ascii_whitespace() {
            return Ok(());
        }
        self.is_empty = false;
        let closes = matches!(character, '}' | ']');
        if closes {
            self.depth = self.depth.saturating_sub(1);
        }
        if self.opened != closes {
            self.break_line()?;
        }
        self.opened = matches!(character, '{' | '[');
        self.write_as_it_is(character)?;
        match character {
            '{' | '[' => self.depth += 1,
            ',' => self.break_line()?,
            ':' => self.to.write_all(b" ")?,
            _ => self.in_string = character == '"',
        }
        Ok(())
    }

    fn write_as_it_is(&mut self, character: char) -> io::Result<()> {
        self.to.write_all(character.encode_utf8(&mut [0; 4]).as_bytes())
    }

    fn break_line(&mut self) -> io::Result<()> {
        const SPACES: [u8; 2 * DEEPEST] = [b' '; 2 * DEEPEST];
        self.to.write_all(b"\n")?;
        self.to.write_all(&SPACES[..2 * self.depth.min(DEEPEST)])
    }

    /// Ends the last line.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        if !self.cut.is_empty() {
            self.write("\u{fffd}")?;
        }
        if self.is_empty {
            // An empty body means null to the client, and so it should to a program that reads this.
            self.to.write_all(b"null")?;
        }
        self.to.write_all(b"\n")
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use serde_json::Value;

    use super::*;

    fn indented(json: impl AsRef<[u8]>) -> String {
        let mut out = Vec::new();
        write_indented(json.as_ref(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn only_the_space_between_tokens_changes() {
        let json = br#" {"z":1.10,"a":[123456789012345678901234567890, {} ,[ ],-0.0e+5],"s":"a\"b\\","t":"{x: [1, 2]}","\u0001":null,"z":2}"#;
        expect![[r#"
            {
              "z": 1.10,
              "a": [
                123456789012345678901234567890,
                {},
                [],
                -0.0e+5
              ],
              "s": "a\"b\\",
              "t": "{x: [1, 2]}",
              "\u0001": null,
              "z": 2
            }
        "#]]
        .assert_eq(&indented(json));
    }

    #[test]
    fn values_alone() {
        for (json, text) in
            [("[]", "[]\n"), (" \"x y\" ", "\"x y\"\n"), ("17", "17\n"), ("", "null\n"), (" \n", "null\n")]
        {
            assert_eq!(indented(json), text);
        }
    }

    #[test]
    fn hidden_characters_are_escaped_as_json_does_it() {
        let json = "{\"k\u{9b}\u{e0041}\":\"\u{7f}\u{202e}\u{2028}\u{feff} \\\\\u{61c} größe 🙂\"}";
        let shown = indented(json);
        assert_eq!(
            shown,
            "{\n  \"k\\u009b\\udb40\\udc41\": \"\\u007f\\u202e\\u2028\\ufeff \\\\\\u061c größe 🙂\"\n}\n"
        );
        let same = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        assert_eq!(same(&shown), same(json));
        // Escapes that came stay as they came, also half of a pair.
        assert_eq!(indented(r#""\u001b\uD800\u202E\"\\\\""#), "\"\\u001b\\uD800\\u202E\\\"\\\\\\\\\"\n");
        assert_eq!(indented(b"\"a\xff\xe2\x80\""), "\"a\u{fffd}\u{fffd}\"\n");
    }

    #[test]
    fn pieces_make_no_difference() {
        let json =
            "{\"gr\u{f6}\u{df}e\\\\\":[1,\"\u{1f642}\\\"\u{202e}\",{}],\"x\":\"\\u00\u{e0041}\"}".as_bytes();
        let whole = indented(json);
        for first in 0..json.len() {
            for second in first..json.len() {
                let mut out = Vec::new();
                let mut pieces = Indented::new(&mut out);
                for piece in [&json[..first], &json[first..second], &json[second..]] {
                    pieces.push(piece).unwrap();
                }
                pieces.finish().unwrap();
                assert_eq!(String::from_utf8(out).unwrap(), whole);
            }
        }
    }

    #[test]
    fn what_is_written_is_bounded_by_what_came() {
        let deep = format!("{}0{}{}", "[".repeat(1_000), ",0".repeat(10_000), "]".repeat(1_000));
        for json in
            [deep, "[{}".to_owned() + &",{}".repeat(1_000) + "]", format!("\"{}\"", "\u{7f}".repeat(1_000))]
        {
            assert!(indented(&json).len() <= 26 * json.len());
        }
    }
}
