//! Tables, and output for people in general.

use comfy_table::{CellAlignment, Table, presets};

/// How to see what a table leaves out.
pub(crate) const SHOWS_ALL: &str = "--output json shows all";

/// The most rows of a table. The layout takes some hundred bytes of memory for a row, however short the row is.
const MOST_ROWS: usize = 10_000;

/// Stands for what is not known.
pub(crate) const UNKNOWN: &str = "-";

/// A response for people: the data, and notes about it.
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

/// Rows under headers: no lines drawn, two spaces between columns, none at the end. Cells have to be of one line; a table has
/// [`MOST_ROWS`], and a note says how many there are beyond.
pub(crate) fn table<Row>(columns: &[Column], rows: impl IntoIterator<Item = Row>) -> Rendered
where
    Row: IntoIterator<Item = String>,
{
    let mut rows = rows.into_iter();
    let mut table = Table::new();
    table
        .load_preset(presets::NOTHING)
        .set_header(columns.iter().map(|column| &column.header))
        .add_rows(rows.by_ref().take(MOST_ROWS));
    for (at, column) in table.column_iter_mut().zip(columns) {
        at.set_padding((0, 2));
        if column.is_number {
            at.set_cell_alignment(CellAlignment::Right);
        }
    }
    let rendered = Rendered::of(table.trim_fmt() + "\n");
    match rows.count() {
        0 => rendered,
        left_out => rendered.noting(format!("{left_out} more rows are not shown; {SHOWS_ALL}")),
    }
}

/// The start of a string of one line.
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
    fn texts_are_shortened_by_letters() {
        assert_eq!(shortened("äöüß", 4), "äöüß");
        assert_eq!(shortened("äöüßx", 4), "äöü…");
    }
}
