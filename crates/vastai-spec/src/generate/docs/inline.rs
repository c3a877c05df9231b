//! A line of Markdown whose emphasis, code and links to the web are all that is live in it.

/// How many backticks begin code in a line. A bound, so that the search for the end is not made for each of very many lengths.
const LONGEST_RUN: usize = 8;

/// A line that begins no block, and in which nothing is live but emphasis, code and links to `https` and `http`.
///
/// Code and links begin and end in the line, and backticks and brackets that do not are escaped. So the lines of a paragraph cannot
/// make one of what each of them leaves open.
pub(super) fn inert(line: &str) -> String {
    let mut writer = Writer { written: String::with_capacity(line.len() + 8), in_link: false };
    let line = line.trim();
    let begun = writer.beginning(line);
    writer.text(&line[begun..]);
    writer.written
}

struct Writer {
    written: String,
    /// The text of a link holds no other.
    in_link: bool,
}

impl Writer {
    /// Writes what would begin a block so that it does not, and says how much of the line that is, in bytes.
    fn beginning(&mut self, line: &str) -> usize {
        let digits = line.len() - line.trim_start_matches(|character: char| character.is_ascii_digit()).len();
        if digits > 0 && line[digits..].starts_with(['.', ')']) {
            self.written.push_str(&line[..digits]);
            self.written.push('\\');
            self.written.push_str(&line[digits..=digits]);
            return digits + 1;
        }
        let Some(first) = line.chars().next() else { return 0 };
        let run = line.len() - line.trim_start_matches(first).len();
        let begins = match first {
            '#' | '-' | '+' | '>' | '=' | '|' | ':' | '~' => true,
            // Else emphasis.
            '*' | '_' => {
                line[1..].starts_with([' ', '\t']) || line.trim_start_matches(['*', '_', ' ']).is_empty()
            }
            '`' => run >= 3,
            _ => false,
        };
        if !begins {
            return 0;
        }
        for _ in 0..run {
            self.written.push('\\');
            self.written.push(first);
        }
        run
    }

    fn text(&mut self, text: &str) {
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let taken = match first {
                '`' => self.code(rest),
                '<' => self.autolink(rest),
                '[' => self.link(rest),
                '!' => self.image(rest),
                'h' | 'H' => self.bare_url(rest),
                '\\' => self.backslash(rest),
                '&' => self.ampersand(rest),
                _ => None,
            };
            let taken = taken.unwrap_or_else(|| self.character(first));
            rest = &rest[taken..];
        }
    }

    /// A character that is nothing but itself.
    fn character(&mut self, character: char) -> usize {
        if matches!(character, '<' | '[' | ']' | '`' | '!' | '^' | '\\' | '~' | '|') {
            self.written.push('\\');
        }
        self.written.push(character);
        character.len_utf8()
    }

    /// Code between equal runs of backticks.
    fn code(&mut self, text: &str) -> Option<usize> {
        let inner = text.trim_start_matches('`');
        let run = text.len() - inner.len();
        let end = (run <= LONGEST_RUN).then(|| closing_run(inner, run)).flatten();
        let Some(end) = end.filter(|end| !inner[..*end].trim().is_empty()) else {
            self.written.push_str(&"\\`".repeat(run));
            return Some(run);
        };
        let taken = run + end + run;
        self.written.push_str(&text[..taken]);
        Some(taken)
    }

    /// `<https://…>`
    fn autolink(&mut self, text: &str) -> Option<usize> {
        let end = text[1..].find(['<', '>'])?;
        let (url, end) = text[1..].split_at(end);
        if !end.starts_with('>') || self.in_link || !is_web(url) {
            return None;
        }
        self.written.push_str(&text[..url.len() + 2]);
        Some(url.len() + 2)
    }

    /// An address that stands in the text as it is, which rustdoc wants marked.
    fn bare_url(&mut self, text: &str) -> Option<usize> {
        let scheme = scheme(text)?;
        let after_word = self.written.chars().next_back().is_some_and(char::is_alphanumeric);
        let end = text.find(|character| !is_of_url(character)).unwrap_or(text.len());
        let url = text[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', ')', '*', '_']);
        if self.in_link || after_word || !is_web(url) {
            // Without a slash in a row with the other rustdoc does not take it for an address.
            self.written.push_str(&text[..scheme - 2]);
            self.written.push_str("\\/\\/");
            return Some(scheme);
        }
        self.written.push('<');
        self.written.push_str(url);
        self.written.push('>');
        Some(url.len())
    }

    /// `[text](https://…)`; of a link to elsewhere the text.
    fn link(&mut self, text: &str) -> Option<usize> {
        if self.in_link {
            return None;
        }
        let (label, behind) = text[1..].split_at(text[1..].find(['[', ']'])?);
        let target = target(behind.strip_prefix("](")?)?;
        if label.trim().is_empty() {
            return None;
        }
        let taken = label.len() + target.len() + 4;
        // A title may follow, which nobody misses.
        let url = target.split_whitespace().next().unwrap_or_default();
        let url = url.strip_prefix('<').and_then(|url| url.strip_suffix('>')).unwrap_or(url);
        let mut inner = Writer { written: String::new(), in_link: true };
        inner.text(label);
        if is_web(url) {
            self.written.push_str(&format!("[{}](<{url}>)", inner.written));
        } else {
            self.written.push_str(&inner.written);
        }
        Some(taken)
    }

    /// An image would be loaded by the reader of the page; it becomes a link.
    fn image(&mut self, text: &str) -> Option<usize> {
        let link = text.strip_prefix('!')?;
        link.starts_with('[').then(|| self.link(link)).flatten().map(|taken| taken + 1)
    }

    fn backslash(&mut self, text: &str) -> Option<usize> {
        let escaped = text[1..].chars().next().filter(char::is_ascii_punctuation)?;
        // What the author escaped stays escaped.
        self.written.push('\\');
        self.written.push(escaped);
        Some(2)
    }

    /// A few entities are what they say; anything else begins none.
    fn ampersand(&mut self, text: &str) -> Option<usize> {
        const KNOWN: [&str; 5] = ["&lt;", "&gt;", "&amp;", "&quot;", "&nbsp;"];
        let known = KNOWN.iter().any(|entity| text.starts_with(entity));
        let begins = text[1..].starts_with(|next: char| next.is_ascii_alphanumeric() || next == '#');
        self.written.push_str(if begins && !known { "\\&" } else { "&" });
        Some(1)
    }
}

/// What stands before the parenthesis that closes a target.
fn target(text: &str) -> Option<&str> {
    let mut open = 1_usize;
    for (at, character) in text.char_indices() {
        match character {
            '(' => open += 1,
            ')' => open -= 1,
            // Another link begins before this one ends.
            '[' => return None,
            _ => {}
        }
        if open == 0 {
            return Some(&text[..at]);
        }
    }
    None
}

/// Where a run of exactly so many backticks begins.
fn closing_run(text: &str, length: usize) -> Option<usize> {
    let mut at = 0;
    while let Some(begin) = text[at..].find('`') {
        let begin = at + begin;
        let run = text[begin..].len() - text[begin..].trim_start_matches('`').len();
        if run == length {
            return Some(begin);
        }
        at = begin + run;
    }
    None
}

/// Whether an address is one of `https` or `http`, with nothing in it that would end a link.
fn is_web(url: &str) -> bool {
    let Some(host) = scheme(url).map(|scheme| &url[scheme..]) else { return false };
    host.starts_with(|first: char| first.is_ascii_alphanumeric()) && host.chars().all(is_of_url)
}

/// The length of `https://` or `http://` at the beginning of a string.
fn scheme(text: &str) -> Option<usize> {
    let is = |scheme: &&str| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    ["https://", "http://"].iter().find(|scheme| is(scheme)).map(|scheme| scheme.len())
}

/// What addresses consist of, but for brackets, which are rare there, and quotes.
fn is_of_url(character: char) -> bool {
    character.is_ascii_alphanumeric() || "-._~:/?#@!$&'()*+,;=%".contains(character)
}
