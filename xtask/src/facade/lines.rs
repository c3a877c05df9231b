//! The lines of a file's tokens.
//!
//! `proc-macro2` knows them with its feature `span-locations`, which counts for every crate of a build: the generator would be compiled a
//! second time for xtask, and keep the place of each token that it makes. What stands between tokens is only white space and comments,
//! so each is the next that the text has.

use std::ops::{Range, RangeInclusive};

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;

/// The line of each token, in their order; the delimiters of a group are two.
#[derive(Debug, Default)]
pub(super) struct Lines(Vec<usize>);

/// How many tokens something has.
pub(super) fn count(of: &impl ToTokens) -> usize {
    of.to_token_stream()
        .into_iter()
        .map(|token| match token {
            TokenTree::Group(group) => 2 + count(&group.stream()),
            _ => 1,
        })
        .sum()
}

impl Lines {
    /// The lines of the tokens that a text was read as.
    pub(super) fn of(text: &str, tokens: TokenStream) -> Self {
        let mut reader = Reader { rest: text, line: 1, lines: Vec::new() };
        reader.take_all(tokens);
        Self(reader.lines)
    }

    /// The line of a token.
    pub(super) fn of_token(&self, number: usize) -> usize {
        self.0.get(number).copied().unwrap_or_default()
    }

    /// The lines of these tokens, from the first to the last.
    pub(super) fn of_tokens(&self, numbers: Range<usize>) -> RangeInclusive<usize> {
        match self.0.get(numbers) {
            Some([first, .., last]) => *first..=*last,
            Some([only]) => *only..=*only,
            // No line is the zeroth.
            _ => 0..=0,
        }
    }
}

struct Reader<'text> {
    rest: &'text str,
    line: usize,
    lines: Vec<usize>,
}

impl Reader<'_> {
    fn take_all(&mut self, tokens: TokenStream) {
        let mut is_documentation = false;
        for token in tokens {
            self.skip_space();
            match token {
                // A comment that documents is read as an attribute: `#`, `!`, `[doc = ""]`.
                TokenTree::Punct(_) if is_documentation || self.is_comment() => {
                    is_documentation = true;
                    self.lines.push(self.line);
                }
                TokenTree::Group(group) if is_documentation => {
                    is_documentation = false;
                    self.lines.extend(std::iter::repeat_n(self.line, 2 + count(&group.stream())));
                    self.skip_comment();
                }
                TokenTree::Group(group) => {
                    let [open, close] = match group.delimiter() {
                        Delimiter::Parenthesis => ["(", ")"],
                        Delimiter::Brace => ["{", "}"],
                        Delimiter::Bracket => ["[", "]"],
                        Delimiter::None => ["", ""],
                    };
                    self.take(open);
                    self.take_all(group.stream());
                    self.skip_space();
                    self.take(close);
                }
                token => self.take(&token.to_string()),
            }
        }
    }

    /// A token: its line is that of its beginning.
    fn take(&mut self, token: &str) {
        self.lines.push(self.line);
        self.skip(token.len());
    }

    /// What is no token: white space, and comments that document nothing.
    fn skip_space(&mut self) {
        loop {
            self.skip(self.rest.len() - self.rest.trim_start().len());
            if !self.is_comment() || self.is_documentation() {
                return;
            }
            self.skip_comment();
        }
    }

    fn is_comment(&self) -> bool {
        self.rest.starts_with("//") || self.rest.starts_with("/*")
    }

    fn is_documentation(&self) -> bool {
        let is = |start: &str, but: &[&str]| {
            self.rest.starts_with(start) && !but.iter().any(|but| self.rest.starts_with(but))
        };
        is("///", &["////"]) || is("//!", &[]) || is("/**", &["/***", "/**/"]) || is("/*!", &[])
    }

    fn skip_comment(&mut self) {
        let line = self.rest.starts_with("//").then(|| self.rest.find('\n').unwrap_or(self.rest.len()));
        let length = line.unwrap_or_else(|| length_of_block(self.rest));
        self.skip(length);
    }

    fn skip(&mut self, length: usize) {
        // A file that is not what its tokens are of ends early.
        let (skipped, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, ""));
        self.line += skipped.matches('\n').count();
        self.rest = rest;
    }
}

/// How long a comment in `/*` and `*/` is; they nest.
fn length_of_block(text: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(pair) = text.as_bytes().get(at..at + 2) {
        match pair {
            b"/*" => (depth, at) = (depth + 1, at + 2),
            b"*/" => (depth, at) = (depth.saturating_sub(1), at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::{Lines, count};

    fn lines(text: &str) -> Vec<usize> {
        Lines::of(text, text.parse().unwrap()).0
    }

    #[test]
    fn each_token_has_its_line() {
        assert_eq!(lines("a\n b ( c\n)\n\n'd'"), [1, 2, 2, 2, 3, 5]);
        assert_eq!(
            lines("a + -1.5e3 'life r\"x\n\" r#fn\nb\"\\\n\" c..=d"),
            [1, 1, 1, 1, 1, 1, 1, 2, 3, 4, 4, 4, 4, 4]
        );
    }

    #[test]
    fn comments_are_none_unless_they_document() {
        assert_eq!(lines("// a b\na // a\n/* a /* a */\na */ b /**/ /***/ c"), [2, 4, 4]);
        let attribute = |line: usize, tokens: usize| std::iter::repeat_n(line, tokens);
        let documented: Vec<usize> =
            attribute(1, 7).chain(attribute(2, 6)).chain(attribute(3, 6)).chain([5]).collect();
        assert_eq!(lines("//! a\n/// b\n/** c\n*/ //// d\ne"), documented);
    }

    #[test]
    fn every_file_of_this_crate_is_read_to_its_end() {
        for text in [
            include_str!("lines.rs"),
            include_str!("syntax.rs"),
            include_str!("mod.rs"),
            include_str!("compile.rs"),
        ] {
            let lines = lines(text);
            assert_eq!(lines.last(), Some(&text.trim_end().lines().count()), "{text}");
            assert_eq!(lines.len(), count(&syn::parse_file(text).unwrap()));
        }
    }
}
