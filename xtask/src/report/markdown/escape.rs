//! Text of others in Markdown.

use vastai_spec::visible::in_one_line;

/// Text that means nothing in Markdown, in one line, but for what it has in backticks itself: that is code.
pub(super) fn escaped(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    // Marks that are not pairs are not marks.
    if parts.len().is_multiple_of(2) || parts.iter().skip(1).step_by(2).any(|code| code.trim().is_empty()) {
        return escaped_text(text);
    }
    let write = |(index, part): (usize, &&str)| if index % 2 == 0 { escaped_text(part) } else { code(part) };
    parts.iter().enumerate().map(write).collect()
}

/// An `@` calls nobody, as a space without width follows it; what looks like an address on the web is not a link.
fn escaped_text(text: &str) -> String {
    let mut escaped = String::new();
    let text = in_one_line(text);
    for (at, character) in text.char_indices() {
        let rest = &text[at..];
        match character {
            ':' if rest.starts_with("://") => escaped.push_str("\\:"),
            '.' if text[..at].ends_with(['w', 'W']) => escaped.push_str("\\."),
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '@' => escaped.push_str("@\u{200b}"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' | '!' | '$' => {
                escaped.extend(['\\', character]);
            }
            character => escaped.push(character),
        }
    }
    escaped
}

/// Text as code, with more marks around it than it has itself.
pub(super) fn code(text: &str) -> String {
    let text = in_one_line(text);
    let longest = text.split(|character| character != '`').map(str::len).max().unwrap_or(0);
    let marks = "`".repeat(longest + 1);
    let pad = if longest > 0 || text.is_empty() { " " } else { "" };
    format!("{marks}{pad}{text}{pad}{marks}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_cannot_write_markdown() {
        assert_eq!(
            escaped("<img src=x>\n# A [b](c) @d"),
            "&lt;img src=x&gt;\\\\n\\# A \\[b\\](c) @\u{200b}d"
        );
        assert_eq!(escaped("https://a.b www.c.d $x$"), "https\\://a.b www\\.c.d \\$x\\$");
        assert_eq!(escaped("a\u{1b}[2J\u{202e}b | c"), "a\\\\u{1b}\\[2J\\\\u{202e}b \\| c");
        assert_eq!(escaped("`a_b` is a_b"), "`a_b` is a\\_b");
        assert_eq!(escaped("`a is b"), "\\`a is b");
        assert_eq!(escaped("``"), "\\`\\`");
        assert_eq!(code("a`b``c"), "``` a`b``c ```");
        assert_eq!(code("GET /a\n<b>\u{2028}"), "`GET /a\\n<b>\\u{2028}`");
    }
}
