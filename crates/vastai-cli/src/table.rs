//! Tables, and output for people in general.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::look::Look;
use crate::styled::{Style, Styled};

/// How to see what a table leaves out.
pub(crate) const SHOWS_ALL: &str = "--output json shows all";

/// The most rows of a table, each of whose cells is kept until all widths are known.
const MOST_ROWS: usize = 10_000;
/// The columns of a text in a table: a part of the width, as more would leave no room for others, but within these bounds.
const TEXT: std::ops::RangeInclusive<usize> = 12..=36;
const PARTS: usize = 4;
/// To how many columns a text is cut where even the most important ones have no room.
const NARROWEST: usize = 8;
/// How many of the columns are there in any case.
const ALWAYS: usize = 3;
/// The space between columns.
const GAP: usize = 2;

/// Stands for what is not known.
pub(crate) const UNKNOWN: &str = "-";

/// A response for people: the data, and notes about it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Rendered {
    /// Goes to stdout.
    pub(crate) text: Styled,
    /// Go to stderr.
    pub(crate) notes: Vec<String>,
}

impl Rendered {
    pub(crate) fn of(text: &str) -> Self {
        Self { text: Styled::plain(text), notes: Vec::new() }
    }

    pub(crate) fn noting(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }
}

/// A column's header, and how its cells stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) header: String,
    /// Cells stand at the right.
    pub(crate) is_number: bool,
    /// Cells are states, which have colours.
    pub(crate) is_state: bool,
}

impl Column {
    pub(crate) fn new(header: impl Into<String>, is_number: bool) -> Self {
        Self { header: header.into(), is_number, is_state: false }
    }
}

/// A table, and how many of its columns had no room.
pub(crate) struct Fitted {
    pub(crate) rendered: Rendered,
    pub(crate) left_out: usize,
}

/// Rows under headers: no lines drawn, two spaces between columns, none at the end. Columns come in the order of their importance: where the
/// width is not enough for all, the last ones are left out, and only where the first ones alone are too wide, their texts are cut. Cells have
/// to be of one line; a table has [`MOST_ROWS`], and a note says how many there are beyond.
pub(crate) fn table<Row>(columns: &[Column], rows: impl IntoIterator<Item = Row>, look: &Look) -> Fitted
where
    Row: IntoIterator<Item = String>,
{
    let mut rows = rows.into_iter();
    let most = look.width.map_or(usize::MAX, |width| (width / PARTS).clamp(*TEXT.start(), *TEXT.end()));
    let cells: Vec<Vec<String>> = rows
        .by_ref()
        .take(MOST_ROWS)
        .map(|row| row.into_iter().map(|cell| cut(cell, most)).collect())
        .collect();
    let widths: Vec<usize> = columns
        .iter()
        .enumerate()
        .map(|(at, column)| {
            let cells = cells.iter().filter_map(|row| row.get(at)).map(|cell| cell.width());
            cells.max().unwrap_or_default().max(column.header.width())
        })
        .collect();
    let shown = fitting(columns, &widths, look.width);
    let mut text = Styled::default();
    let headers: Vec<&str> = columns.iter().map(|column| column.header.as_str()).collect();
    push_row(&mut text, columns, &shown, &headers, |_, _| look.colour.then_some(Style::Bold));
    for row in &cells {
        let row: Vec<&str> = row.iter().map(String::as_str).collect();
        push_row(&mut text, columns, &shown, &row, |column, cell| {
            Style::of_state(cell).filter(|_| look.colour && column.is_state)
        });
    }
    let rendered = Rendered { text, notes: Vec::new() };
    let rendered = match rows.count() {
        0 => rendered,
        beyond => rendered.noting(format!("{beyond} more rows are not shown; {SHOWS_ALL}")),
    };
    Fitted { rendered, left_out: columns.len() - shown.len() }
}

/// The columns for which there is room, by their places, each with its width.
fn fitting(columns: &[Column], widths: &[usize], width: Option<usize>) -> Vec<(usize, usize)> {
    let all: Vec<(usize, usize)> = widths.iter().copied().enumerate().collect();
    let Some(room) = width else { return all };
    let mut shown: Vec<(usize, usize)> = all.iter().take(ALWAYS).copied().collect();
    let taken = |shown: &[(usize, usize)]| {
        shown.iter().map(|(_, width)| width + GAP).sum::<usize>().saturating_sub(GAP)
    };
    // The widest text gives way first.
    while taken(&shown) > room {
        let texts =
            shown.iter().enumerate().filter(|(_, (at, width))| !columns[*at].is_number && *width > NARROWEST);
        match texts.max_by_key(|(_, (_, width))| *width).map(|(place, _)| place) {
            Some(place) => shown[place].1 -= 1,
            None if shown.len() > 1 => drop(shown.pop()),
            None => break,
        }
    }
    for column in all.into_iter().skip(ALWAYS) {
        shown.push(column);
        if taken(&shown) > room {
            shown.pop();
        }
    }
    shown
}

fn push_row(
    text: &mut Styled,
    columns: &[Column],
    shown: &[(usize, usize)],
    cells: &[&str],
    style: impl Fn(&Column, &str) -> Option<Style>,
) {
    // Spaces come before what stands after them, so that there are none at the end.
    let mut spaces = 0;
    for (at, width) in shown {
        let column = &columns[*at];
        let cell = cut(cells.get(*at).copied().unwrap_or_default().to_owned(), *width);
        let free = width.saturating_sub(cell.width());
        let (before, after) = if column.is_number { (free, 0) } else { (0, free) };
        if !cell.is_empty() {
            text.push(&" ".repeat(spaces + before));
            text.push_in(style(column, &cell), &cell);
            spaces = after + GAP;
        } else {
            spaces += width + GAP;
        }
    }
    text.push("\n");
}

/// The start of a string, in so many columns of a terminal.
fn cut(text: String, width: usize) -> String {
    if text.len() <= width || text.width() <= width {
        return text;
    }
    let mut taken = 1;
    let fits = |letter: &char| {
        taken += letter.width().unwrap_or_default();
        taken <= width
    };
    text.chars().take_while(fits).chain(['…']).collect()
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
    use expect_test::expect;

    use super::*;

    #[test]
    fn texts_are_shortened_by_letters() {
        assert_eq!(shortened("äöüß", 4), "äöüß");
        assert_eq!(shortened("äöüßx", 4), "äöü…");
    }

    #[test]
    fn cells_are_cut_by_what_a_terminal_shows() {
        assert_eq!(cut("中文字符".to_owned(), 8), "中文字符");
        assert_eq!(cut("中文字符".to_owned(), 7), "中文字…");
        assert_eq!(cut("中文字符".to_owned(), 6), "中文…");
    }

    fn shown(width: usize) -> String {
        let columns = [
            Column::new("ID", true),
            Column::new("LABEL", false),
            Column { is_state: true, ..Column::new("STATE", false) },
            Column::new("A LONG HEADER", true),
            Column::new("$/H", true),
        ];
        let rows = [["1", "a label of some length", "running", "1", "0.4"], ["20", "中文", "", "-", "-"]];
        let rows = rows.map(|row| row.map(str::to_owned));
        let look = Look { width: Some(width), ..Look::default() };
        let Fitted { rendered, left_out } = table(&columns, rows, &look);
        format!("{}({left_out} left out)\n", rendered.text.as_str())
    }

    #[test]
    fn columns_go_before_cells_are_cut() {
        let all: String = [80, 50, 40, 30, 22, 5].map(shown).concat();
        expect![[r#"
            ID  LABEL                 STATE    A LONG HEADER  $/H
             1  a label of some len…  running              1  0.4
            20  中文                                       -    -
            (0 left out)
            ID  LABEL         STATE    A LONG HEADER  $/H
             1  a label of …  running              1  0.4
            20  中文                               -    -
            (0 left out)
            ID  LABEL         STATE    A LONG HEADER
             1  a label of …  running              1
            20  中文                               -
            (1 left out)
            ID  LABEL         STATE    $/H
             1  a label of …  running  0.4
            20  中文                     -
            (1 left out)
            ID  LABEL      STATE
             1  a label …  running
            20  中文
            (2 left out)
            ID
             1
            20
            (4 left out)
        "#]]
        .assert_eq(&all);
    }

    #[test]
    fn states_have_colours_on_a_terminal() {
        let columns = [Column { is_state: true, ..Column::new("STATE", false) }, Column::new("X", false)];
        let rows = [["running", "running"], ["what\u{1b}[2J", "x"]].map(|row| row.map(str::to_owned));
        let look = Look { colour: true, ..Look::default() };
        expect![[r#"
            ␛[1mSTATE␛[0m     ␛[1mX␛[0m
            ␛[32mrunning␛[0m   running
            what\u{1b}[2J  x
        "#]]
        .assert_eq(&table(&columns, rows, &look).rendered.text.as_str().replace('\u{1b}', "␛"));
    }
}
