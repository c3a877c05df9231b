//! Draws a model.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Paragraph, Row as TableRow, Table, TableState};
use vastai_spec::visible::in_one_line;

use super::board::{Board, Trouble};
use super::model::{Mode, Model};
use super::rows::{Cell, Column, Row, Tone};
use super::series::Series;
use crate::table::shortened;
use crate::view;
use crate::workers::in_words;

/// The most columns of a text.
const TEXT_WIDTH: usize = 24;
/// The least columns that bars of a row are drawn in, and the most.
const TREND: std::ops::RangeInclusive<u16> = 6..=24;
/// From this height on, two boards are drawn at once.
const BOTH: u16 = 20;
/// From this height on, a board has a line for each total.
const LINES_OF_TOTALS: u16 = 9;

const HELP: [(&str, &str); 9] = [
    ("↑ ↓ k j", "select a row"),
    ("PgUp PgDn", "ten rows on"),
    ("Home End", "first and last"),
    ("Enter", "all about the row"),
    ("s S", "sort by the next column"),
    ("r", "the other order"),
    ("/", "filter; Esc ends it"),
    ("Tab", "the other list"),
    ("q Ctrl-C", "leave"),
];

/// Whether there are colours. Nothing is said by them alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Theme {
    Plain,
    Coloured,
}

impl Theme {
    fn of(self, tone: Tone) -> Style {
        let colour = match tone {
            Tone::Good => Color::Green,
            Tone::OnItsWay => Color::Yellow,
            Tone::Resting => Color::DarkGray,
            Tone::Bad => Color::Red,
        };
        self.coloured(colour)
    }

    fn coloured(self, colour: Color) -> Style {
        match self {
            Self::Plain => Style::new(),
            Self::Coloured => Style::new().fg(colour),
        }
    }
}

/// Draws all of it.
pub(super) fn draw(frame: &mut Frame<'_>, model: &Model, theme: Theme) {
    let [body, hints] = Layout::vertical([Constraint::Min(0), Constraint::Length(1)]).areas(frame.area());
    frame.render_widget(Paragraph::new(hint(model, hints.width)), hints);
    if let (Mode::Details { line, .. }, Some(board)) = (&model.mode, model.board()) {
        draw_details(frame, board, *line, body);
        return;
    }
    let both = body.height >= BOTH && model.boards.len() > 1;
    let shown: Vec<(usize, &Board)> = model.boards.iter().enumerate().collect();
    let shown: Vec<(usize, &Board)> =
        shown.into_iter().filter(|(place, _)| both || *place == model.focus).collect();
    let parts = Layout::vertical(shown.iter().map(|_| Constraint::Fill(1))).split(body);
    for ((place, board), area) in shown.iter().zip(parts.iter()) {
        draw_board(frame, model, board, *place == model.focus, theme, *area);
    }
    if model.mode == Mode::Help {
        draw_help(frame, body);
    }
}

/// What keys do, as far as there is room.
fn hint(model: &Model, width: u16) -> Line<'static> {
    if model.mode == Mode::Filter {
        let filter = model.board().map_or("", |board| &board.filter);
        return Line::from(format!(" /{}▏ Enter keeps it, Esc drops it", in_one_line(filter)));
    }
    let keys: &[&str] = match model.mode {
        Mode::Details { .. } => &["Esc back", "↑↓ scroll", "Ctrl-C leave"],
        Mode::Help => &["any key goes back"],
        _ if model.boards.len() > 1 => {
            &["? help", "q leave", "Tab other list", "Enter details", "s sort", "/ filter", "r reverse"]
        }
        _ => &["? help", "q leave", "Enter details", "s sort", "/ filter", "r reverse"],
    };
    let mut line = String::new();
    for key in keys {
        if line.chars().count() + key.chars().count() + 2 > usize::from(width) {
            break;
        }
        line.push_str("  ");
        line.push_str(key);
    }
    Line::styled(line.split_off(1.min(line.len())), Modifier::DIM)
}

fn draw_board(frame: &mut Frame<'_>, model: &Model, board: &Board, focus: bool, theme: Theme, area: Rect) {
    let totals = if area.height >= LINES_OF_TOTALS { 3 } else { 1 };
    let [title, sums, table, status] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(totals),
        Constraint::Min(0),
        Constraint::Length(1),
    ])
    .areas(area);
    frame.render_widget(Paragraph::new(title_line(model, board, focus, title.width)), title);
    frame.render_widget(Paragraph::new(total_lines(board, theme, sums)), sums);
    draw_rows(frame, board, focus, theme, table);
    frame.render_widget(Paragraph::new(status_line(model, board, theme, status.width)), status);
}

fn title_line(model: &Model, board: &Board, focus: bool, width: u16) -> Line<'static> {
    let marker = if focus && model.boards.len() > 1 { "▶" } else { " " };
    let title = format!("{marker}{}", board.title);
    let mut counted = match board.updated {
        Some(_) => format!("  {} {}", board.count(), board.kind.noun(board.count())),
        None => String::new(),
    };
    for (at, (state, count)) in board.states().into_iter().enumerate() {
        let part = format!("{}{count} {state}", if at == 0 { ": " } else { ", " });
        if title.chars().count() + counted.chars().count() + part.chars().count() > usize::from(width) {
            break;
        }
        counted.push_str(&part);
    }
    Line::from(vec![Span::styled(title, Modifier::BOLD), Span::raw(counted)])
}

/// A total: `1550.5`, or with thousands that are not read anyway `12k`.
fn amount(value: Option<f64>, decimals: usize) -> String {
    match value {
        None => "-".to_owned(),
        Some(value) if value.abs() >= 1e6 => format!("{:.1}M", value / 1e6),
        Some(value) if value.abs() >= 1e5 => format!("{:.1}k", value / 1e3),
        Some(value) => format!("{value:.decimals$}"),
    }
}

fn total_lines(board: &Board, theme: Theme, area: Rect) -> Vec<Line<'static>> {
    const UNIT: usize = 9;
    let [load, perf] = board.kind.units();
    let totals: [(&str, &Series, usize, &str, Color); 3] = [
        ("load", &board.load, 1, load, Color::Cyan),
        ("perf", &board.perf, 1, perf, Color::Blue),
        ("cost", &board.cost, 3, "$/h", Color::Magenta),
    ];
    if area.height < 3 {
        let parts = totals.map(|(name, series, decimals, unit, _)| {
            format!("{name} {}{}{unit}", amount(series.last(), decimals), if unit == "/s" { "" } else { " " })
        });
        return vec![Line::from(format!(" {}", parts.join("  ")))];
    }
    let lines = totals.into_iter().map(|(name, series, decimals, unit, colour)| {
        let figure = format!(" {name} {:>9} {unit:<UNIT$}  ", amount(series.last(), decimals));
        let room = usize::from(area.width).saturating_sub(figure.chars().count() + 1);
        Line::from(vec![Span::raw(figure), Span::styled(series.spark(room), theme.coloured(colour))])
    });
    lines.collect()
}

/// The places of the columns that fit, and the room that is left for bars.
fn fitting(board: &Board, rows: &[&Row], width: u16) -> (Vec<(usize, u16)>, u16) {
    let columns = board.kind.columns();
    let column_width = |at: usize, column: &Column| {
        let cells = rows.iter().map(|row| Span::raw(row.cells[at].shown()).width());
        let widest = cells.max().unwrap_or_default().min(TEXT_WIDTH);
        // Where it is sorted by, a mark stands behind the head.
        let head = column.head.chars().count() + usize::from(at == board.sort);
        u16::try_from(widest.max(head)).unwrap_or(u16::MAX)
    };
    let wanted =
        columns.iter().enumerate().filter(|(_, column)| board.is_of_several || column.head != "ENDPOINT");
    let mut by_rank: Vec<(usize, u16, u8)> =
        wanted.map(|(at, column)| (at, column_width(at, column), column.rank)).collect();
    by_rank.sort_by_key(|(_, _, rank)| *rank);
    let mut left = width;
    let mut shown = Vec::new();
    for (at, wide, _) in by_rank {
        let Some(rest) = left.checked_sub(wide + 1) else { break };
        left = rest;
        shown.push((at, wide));
    }
    shown.sort_unstable();
    (shown, left.saturating_sub(2))
}

fn draw_rows(frame: &mut Frame<'_>, board: &Board, focus: bool, theme: Theme, area: Rect) {
    let rows = board.shown();
    if rows.is_empty() {
        let words = match board.updated {
            None => " waiting for the first response …".to_owned(),
            Some(_) if board.filter.is_empty() => format!(" no {}", board.kind.noun(0)),
            Some(_) => format!(" none of {} passes the filter", board.count()),
        };
        frame.render_widget(Paragraph::new(words), area);
        return;
    }
    let (columns, room) = fitting(board, &rows, area.width);
    let trend = (room >= *TREND.start()).then_some(room.min(*TREND.end()));
    let heads = columns.iter().map(|(at, width)| {
        let column = board.kind.columns()[*at];
        let mark = match (*at == board.sort, board.is_descending) {
            (true, true) => "▼",
            (true, false) => "▲",
            (false, _) => "",
        };
        padded(&format!("{}{mark}", column.head), *width, column.is_number)
    });
    let heads = heads.chain(trend.map(|_| " TREND".to_owned()));
    let heads = TableRow::new(heads).style(Modifier::BOLD);
    let body = rows.iter().map(|row| {
        let cells = columns.iter().map(|(at, width)| {
            let column = board.kind.columns()[*at];
            let text = padded(&shortened(&row.cells[*at].shown(), TEXT_WIDTH), *width, column.is_number);
            match (column.head, &row.cells[*at]) {
                ("STATE", Cell::Text(_)) => Span::styled(text, theme.of(row.tone)),
                _ => Span::raw(text),
            }
        });
        let bars = trend.map(|width| {
            let spark = board.history(row).map(|history| history.spark(usize::from(width)));
            Span::styled(format!(" {}", spark.unwrap_or_default()), theme.coloured(Color::Cyan))
        });
        TableRow::new(cells.chain(bars).map(Line::from))
    });
    let widths = columns.iter().map(|(_, width)| *width).chain(trend.map(|width| width + 1));
    let table = Table::new(body, widths.map(Constraint::Length))
        .header(heads)
        .column_spacing(1)
        .row_highlight_style(if focus { Modifier::REVERSED } else { Modifier::empty() });
    let mut state = TableState::new().with_selected(board.selected());
    frame.render_stateful_widget(table, area, &mut state);
}

fn padded(text: &str, width: u16, right: bool) -> String {
    let room = usize::from(width).saturating_sub(Span::raw(text).width());
    let spaces = " ".repeat(room);
    if right { spaces + text } else { text.to_owned() + &spaces }
}

/// How old the data are, and what is wrong.
fn status_line(model: &Model, board: &Board, theme: Theme, width: u16) -> Line<'static> {
    let age = board.updated.map(|updated| in_words(model.elapsed.saturating_sub(updated)));
    let (text, tone) = match (&board.trouble, age) {
        (Some(trouble), age) => (trouble_line(model, trouble, age), Tone::Bad),
        (None, None) => (String::new(), Tone::Resting),
        (None, Some(age)) => {
            let mut text = format!("updated {age} ago, every {}", in_words(model.interval));
            if !board.filter.is_empty() {
                let shown = board.shown().len();
                text.push_str(&format!(", {shown} of {} by filter", board.count()));
            }
            if let Some(lacking) = &board.lacking {
                text.push_str(&format!(" · {lacking}"));
            }
            (text, Tone::Resting)
        }
    };
    let room = usize::from(width).saturating_sub(1);
    Line::styled(format!(" {}", shortened(&text, room)), theme.of(tone))
}

fn trouble_line(model: &Model, trouble: &Trouble, age: Option<String>) -> String {
    let age = age.map_or_else(|| "no data yet".to_owned(), |age| format!("data are {age} old"));
    let next = match trouble.next {
        Some(next) => format!("again in {}", in_words(next.saturating_sub(model.elapsed))),
        None => "given up".to_owned(),
    };
    let times = if trouble.failures > 1 { format!(", {} times", trouble.failures) } else { String::new() };
    format!("! {age}{times}, {next}: {}", trouble.text)
}

fn draw_details(frame: &mut Frame<'_>, board: &Board, line: usize, area: Rect) {
    let Some(row) = board.selected_row() else { return };
    let text = view::details(&row.fields);
    let lines: Vec<Line<'_>> = text.lines().map(|line| Line::from(in_one_line(line).into_owned())).collect();
    // The last line stays in sight.
    let first = line.min(lines.len().saturating_sub(usize::from(area.height.saturating_sub(2))));
    let title = format!(" {} {} ", board.kind.noun(1), row.key.1);
    let shown: Vec<Line<'_>> = lines.into_iter().skip(first).collect();
    frame.render_widget(Paragraph::new(shown).block(Block::bordered().title(title)), area);
}

fn draw_help(frame: &mut Frame<'_>, area: Rect) {
    let lines: Vec<Line<'_>> =
        HELP.iter().map(|(keys, what)| Line::from(format!(" {keys:<10} {what}"))).collect();
    let width = area.width.min(40);
    let height = area.height.min(u16::try_from(HELP.len()).unwrap_or_default() + 2);
    let (left, top) = ((area.width - width) / 2, (area.height - height) / 2);
    let place = Rect::new(area.x + left, area.y + top, width, height);
    frame.render_widget(Clear, place);
    frame.render_widget(Paragraph::new(lines).block(Block::bordered().title(" keys ")), place);
}
