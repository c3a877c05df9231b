//! Tables as text, and what may stand in them.

use comfy_table::{CellAlignment, Table, presets};

/// What is not known.
pub(crate) const UNKNOWN: &str = "-";

/// An answer for people: what was asked for, and what there is to know about it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Rendered {
    /// Goes to stdout.
    pub(crate) text: String,
    /// Go to stderr.
    pub(crate) notes: Vec<String>,
}

impl Rendered {
    pub(crate) fn of(text: String) -> Self {
        Self { text, notes: Vec::new() }
    }

    pub(crate) fn noting(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }
}

/// A column's header, and on which side its cells stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) header: String,
    pub(crate) is_number: bool,
}

/// Rows under headers: no lines drawn, two spaces between columns, none at the end.
pub(crate) fn laid_out(columns: &[Column], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table
        .load_preset(presets::NOTHING)
        .set_header(columns.iter().map(|column| &column.header))
        .add_rows(rows);
    for (at, column) in table.column_iter_mut().zip(columns) {
        at.set_padding((0, 2));
        if column.is_number {
            at.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.trim_fmt() + "\n"
}

/// A text on one line. What is no letter but commands a terminal is shown as what it is.
pub(crate) fn on_one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for letter in text.trim().chars() {
        match letter {
            '\n' | '\r' | '\t' => line.push(' '),
            letter if is_unsafe(letter) => line.extend(letter.escape_default()),
            letter => line.push(letter),
        }
    }
    line
}

/// Whether a terminal may take it for a command, or show what follows in another order than it is.
fn is_unsafe(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The begin of a text of one line.
pub(crate) fn shortened(text: &str, length: usize) -> String {
    match text.char_indices().nth(length) {
        Some(_) => text.chars().take(length.saturating_sub(1)).chain(['…']).collect(),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_command_no_terminal() {
        assert_eq!(on_one_line(" a\n\u{1b}[31mb\u{202e}c\u{9b} "), "a \\u{1b}[31mb\\u{202e}c\\u{9b}");
    }

    #[test]
    fn texts_are_shortened_by_letters() {
        assert_eq!(shortened("äöüß", 4), "äöüß");
        assert_eq!(shortened("äöüßx", 4), "äöü…");
    }
}
