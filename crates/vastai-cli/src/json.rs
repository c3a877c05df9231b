//! JSON, indented.

/// The same JSON with one member a line.
///
/// Only the space between tokens changes: numbers, strings and the order of members stay as they came, which a trip through a tree of
/// values would not promise. What comes in must be JSON.
pub(crate) fn indented(json: &[u8]) -> String {
    let json = String::from_utf8_lossy(json);
    let mut out = String::with_capacity(json.len() * 2);
    let mut depth = 0_usize;
    let (mut in_string, mut escaped) = (false, false);
    // Whether the last token opened an object or a list: if the next closes it, both stay on one line.
    let mut opened = false;
    for letter in json.chars() {
        if in_string {
            in_string = letter != '"' || escaped;
            escaped = letter == '\\' && !escaped;
            out.push(letter);
            continue;
        }
        if letter.is_ascii_whitespace() {
            continue;
        }
        let closes = matches!(letter, '}' | ']');
        if closes {
            depth = depth.saturating_sub(1);
        }
        if opened != closes {
            break_line(&mut out, depth);
        }
        opened = matches!(letter, '{' | '[');
        out.push(letter);
        match letter {
            '{' | '[' => depth += 1,
            ',' => break_line(&mut out, depth),
            ':' => out.push(' '),
            _ => in_string = letter == '"',
        }
    }
    if out.is_empty() {
        // The client takes nothing at all for null, and so shall a program that reads this.
        out.push_str("null");
    }
    out.push('\n');
    out
}

fn break_line(out: &mut String, depth: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth));
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

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
            assert_eq!(indented(json.as_bytes()), text);
        }
    }
}
