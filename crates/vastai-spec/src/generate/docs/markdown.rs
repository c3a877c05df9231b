//! Blocks of Markdown: paragraphs, lists, quotes, headings and code, read line by line and written anew.
//!
//! This is not a parser of Markdown, and need not be one: what it takes for a block decides only how a text looks. That nothing in the
//! result is live follows from how lines are written. There are three kinds:
//!
//! - an empty line;
//! - up to three spaces, at most one mark of a block (`-`, `1.`, `>`, `#`), and then text that begins no block, with every character
//!   escaped that would begin more than emphasis (see [`super::inline`]);
//! - a line of code, between fences of our own that say `text` and are longer than any within.
//!
//! So no line begins a fence but ours, none is indented by four columns, which would make it code, and no HTML, no definition of a link
//! or footnote and no table can begin.

use std::borrow::Cow;

use super::inline;
use crate::visible::in_one_line;

/// How far a line goes in that belongs to an item of a list.
const INDENT: &str = "   ";
/// From how many columns on a line is code.
const CODE_COLUMNS: usize = 4;

/// Markdown that means the same to a reader and nothing to a machine: code is only shown, HTML is text, and a link leads to `https` or
/// `http`.
///
/// Paragraphs, lists (two levels), quotes, headings, emphasis, code in a line and links stay. Tables, footnotes, images and links within
/// the documentation are shown as text, and characters that nobody sees (see [`crate::visible`]) as escapes.
///
/// ```
/// use vastai_spec::generate::inert_markdown;
///
/// let text = "Waits. <b>Not</b> a [link](javascript:a), but `code`:\n~~~should_panic\npanic!()\n~~~";
/// let inert = "Waits. \\<b>Not\\</b> a link, but `code`:\n\n```text\npanic!()\n```";
/// assert_eq!(inert_markdown(text), inert);
/// ```
#[must_use]
pub fn inert_markdown(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let lines: Vec<Line<'_>> = text.split('\n').map(Line::of).collect();
    let margin = lines.iter().filter(|line| !line.is_blank()).map(|line| line.columns).min().unwrap_or(0);
    let mut writer = Writer::default();
    let mut rest = lines.as_slice();
    while let Some((line, tail)) = rest.split_first() {
        let columns = line.columns.saturating_sub(margin);
        rest = if line.is_blank() {
            writer.blank();
            tail
        } else if let Some(fence) = Fence::opened_by(line.text) {
            let (body, behind) = fence.body(tail);
            writer.code(&body, columns);
            behind
        } else if writer.is_code(columns) {
            let is_code = |line: &Line<'_>| line.is_blank() || line.columns >= margin + columns;
            let end = rest.iter().position(|line| !is_code(line)).unwrap_or(rest.len());
            let body: Vec<String> =
                rest[..end].iter().map(|line| line.without_columns(margin + columns)).collect();
            writer.code(&body, columns);
            &rest[end..]
        } else {
            writer.prose(line.text, columns);
            tail
        };
    }
    writer.finish()
}

/// The text with an end for a fence that has none, so that what is written behind it is not part of it.
pub(super) fn closed(text: &str) -> Cow<'_, str> {
    let mut open: Option<Fence> = None;
    for line in text.split(['\n', '\r']).map(Line::of) {
        open = match open {
            Some(fence) if fence.is_closed_by(&line) => None,
            Some(fence) => Some(fence),
            None => Fence::opened_by(line.text),
        };
    }
    match open {
        Some(Fence { mark, length }) => Cow::Owned(format!("{text}\n{}", mark.to_string().repeat(length))),
        None => Cow::Borrowed(text),
    }
}

/// A line, and how far it is indented.
#[derive(Debug, Clone, Copy)]
struct Line<'text> {
    columns: usize,
    /// Without the white space on both sides.
    text: &'text str,
}

impl<'text> Line<'text> {
    fn of(whole: &'text str) -> Self {
        let text = whole.trim();
        let indentation = &whole[..whole.len() - whole.trim_start().len()];
        let columns = indentation.chars().fold(0, |columns, character| match character {
            // The next column that is divisible by four.
            '\t' => columns / 4 * 4 + 4,
            _ => columns + 1,
        });
        Self { columns, text }
    }

    fn is_blank(&self) -> bool {
        self.text.is_empty()
    }

    /// The line with up to so many columns less before it.
    fn without_columns(&self, columns: usize) -> String {
        format!("{}{}", " ".repeat(self.columns.saturating_sub(columns)), self.text)
    }
}

/// A fence that opens: three or more of its marks, behind any marks of lists and quotes.
struct Fence {
    mark: char,
    length: usize,
}

impl Fence {
    fn opened_by(text: &str) -> Option<Self> {
        let text = behind_containers(text);
        let mark = text.chars().next().filter(|mark| matches!(mark, '`' | '~'))?;
        let info = text.trim_start_matches(mark);
        let length = text.len() - info.len();
        // Backticks behind those of the beginning: that is code in a line.
        (length >= 3 && !(mark == '`' && info.contains('`'))).then_some(Self { mark, length })
    }

    fn is_closed_by(&self, line: &Line<'_>) -> bool {
        let text = line.text.trim_start_matches(['>', ' ', '\t']);
        text.len() >= self.length && text.chars().all(|character| character == self.mark)
    }

    /// The lines up to the end of the fence, or of the text, and what comes behind them.
    fn body<'lines, 'text>(&self, lines: &'lines [Line<'text>]) -> (Vec<String>, &'lines [Line<'text>]) {
        let end = lines.iter().position(|line| self.is_closed_by(line)).unwrap_or(lines.len());
        let body = &lines[..end];
        let is_quoted = body.iter().all(|line| line.is_blank() || line.text.starts_with('>'));
        let body: Vec<Line<'_>> = body
            .iter()
            .map(|line| match line.text.strip_prefix('>').filter(|_| is_quoted) {
                Some(quoted) => Line::of(quoted.strip_prefix(' ').unwrap_or(quoted)),
                None => *line,
            })
            .collect();
        let margin = body.iter().filter(|line| !line.is_blank()).map(|line| line.columns).min().unwrap_or(0);
        let body = body.iter().map(|line| line.without_columns(margin)).collect();
        (body, lines.get(end + 1..).unwrap_or_default())
    }
}

/// A line without the marks of quotes and lists at its beginning.
fn behind_containers(mut text: &str) -> &str {
    loop {
        let inner = text.strip_prefix('>').or_else(|| item(text).map(|(_, inner)| inner));
        match inner {
            Some(inner) => text = inner.trim_start(),
            None => return text,
        }
    }
}

/// The mark of an item of a list, as it is written again, and the text of the item.
fn item(text: &str) -> Option<(&str, &str)> {
    let digits = text.len() - text.trim_start_matches(|character: char| character.is_ascii_digit()).len();
    // More digits than that begin no list.
    let mark = match text[digits..].chars().next()? {
        '.' | ')' if (1..=9).contains(&digits) => &text[..=digits],
        '-' | '*' | '+' if digits == 0 => "-",
        _ => return None,
    };
    let inner = &text[digits + 1..];
    inner.starts_with([' ', '\t']).then(|| (mark, inner.trim_start()))
}

/// Where in the text the writing is.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Place {
    #[default]
    Outside,
    /// In a list whose items begin in that column.
    List { columns: usize },
}

#[derive(Debug, Default)]
struct Writer {
    written: Vec<String>,
    place: Place,
}

impl Writer {
    fn blank(&mut self) {
        if self.written.last().is_some_and(|last| !last.is_empty()) {
            self.written.push(String::new());
        }
    }

    fn is_after_blank(&self) -> bool {
        self.written.last().is_none_or(String::is_empty)
    }

    /// Whether a line that is indented so far is code.
    fn is_code(&self, columns: usize) -> bool {
        let of_list = match self.place {
            Place::Outside => 0,
            // Two levels of items go in by so much, and what belongs to them.
            Place::List { columns } => columns + CODE_COLUMNS,
        };
        self.is_after_blank() && columns >= of_list + CODE_COLUMNS
    }

    /// Whether a line that is indented so far belongs to an item of the list.
    fn is_in_item(&self, columns: usize) -> bool {
        matches!(self.place, Place::List { columns: of_list } if columns >= of_list + 2)
    }

    fn code(&mut self, body: &[String], columns: usize) {
        let indent = if self.is_in_item(columns) { INDENT } else { "" };
        if indent.is_empty() {
            self.place = Place::Outside;
        }
        let body: Vec<String> = body.iter().map(|line| shown(line)).collect();
        let first = body.iter().position(|line| !line.trim().is_empty());
        let last = body.iter().rposition(|line| !line.trim().is_empty());
        let (Some(first), Some(last)) = (first, last) else { return };
        let longest =
            body.iter().flat_map(|line| line.split(|character| character != '`')).map(str::len).max();
        let fence = "`".repeat((longest.unwrap_or(0) + 1).max(3));
        self.blank();
        self.written.push(format!("{indent}{fence}text"));
        self.written
            .extend(body[first..=last].iter().map(|line| format!("{indent}{line}").trim_end().to_owned()));
        self.written.push(format!("{indent}{fence}"));
        self.blank();
    }

    fn prose(&mut self, text: &str, columns: usize) {
        let text = shown(text);
        let text = text.trim();
        if let Some((mark, text)) = heading(text) {
            self.place = Place::Outside;
            self.blank();
            self.written.push(format!("{mark} {}", inline::inert(text)));
            self.blank();
        } else if text.starts_with('>') {
            self.place = Place::Outside;
            let text = text.trim_start_matches(['>', ' ']);
            self.written.push(format!("> {}", inline::inert(text)).trim_end().to_owned());
        } else if let Some((mark, text)) = item(text) {
            let indent = if self.is_in_item(columns) { INDENT } else { "" };
            if indent.is_empty() {
                self.place = Place::List { columns };
            }
            self.written.push(format!("{indent}{mark} {}", inline::inert(text)));
        } else {
            let indent = if self.is_in_item(columns) { INDENT } else { "" };
            if indent.is_empty() && self.is_after_blank() {
                self.place = Place::Outside;
            }
            self.written.push(format!("{indent}{}", inline::inert(text)));
        }
    }

    fn finish(mut self) -> String {
        if self.written.last().is_some_and(String::is_empty) {
            self.written.pop();
        }
        self.written.join("\n")
    }
}

/// A text without characters that nobody sees; a tab is white space.
fn shown(text: &str) -> String {
    in_one_line(&text.replace('\t', "    ")).into_owned()
}

/// The marks of a heading and its text.
fn heading(text: &str) -> Option<(&str, &str)> {
    let inner = text.trim_start_matches('#');
    let (mark, inner) = (&text[..text.len() - inner.len()], inner.strip_prefix(' ')?.trim());
    // Marks at the end belong to the heading.
    let inner = inner.trim_end_matches('#').trim();
    ((1..=6).contains(&mark.len()) && !inner.is_empty()).then_some((mark, inner))
}
