//! All that a screen shows, and what keys do to it.

use std::time::{Duration, SystemTime};

use super::board::Board;
use super::rows::RowKey;
use super::source::{Subject, Update};

/// How far a page is, in rows: less than most terminals have, so that nothing is passed over.
const PAGE: isize = 10;
/// The most characters of a filter.
const FILTER_LENGTH: usize = 64;

/// A key, as far as the view knows keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    Char(char),
    Enter,
    Escape,
    Backspace,
    Up,
    Down,
    PageUp,
    PageDown,
    Home,
    End,
    Tab,
    /// Ctrl-C.
    Interrupt,
}

/// What the keys are for now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Mode {
    List,
    /// A filter is typed.
    Filter,
    /// All fields of a row, from this line on.
    Details {
        row: RowKey,
        line: usize,
    },
    Help,
}

/// Whether the view goes on after a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    GoesOn,
    Leave,
}

/// The state of a view.
#[derive(Debug, Clone)]
pub(super) struct Model {
    pub(super) boards: Vec<Board>,
    /// The board that keys are for.
    pub(super) focus: usize,
    pub(super) mode: Mode,
    /// How far polls are apart.
    pub(super) interval: Duration,
    /// The time since the view began.
    pub(super) elapsed: Duration,
}

impl Model {
    pub(super) fn new(subjects: &[Subject], interval: Duration) -> Self {
        Self {
            boards: subjects.iter().map(Board::new).collect(),
            focus: 0,
            mode: Mode::List,
            interval,
            elapsed: Duration::ZERO,
        }
    }

    pub(super) fn board(&self) -> Option<&Board> {
        self.boards.get(self.focus)
    }

    /// Takes in how a poll of a board ended, with the time at the service.
    pub(super) fn take(&mut self, place: usize, update: Update, now: SystemTime) {
        let elapsed = self.elapsed;
        if let Some(board) = self.boards.get_mut(place) {
            board.take(update, elapsed, now);
        }
        if let Mode::Details { row, .. } = &self.mode
            && !self.board().is_some_and(|board| board.shown().iter().any(|shown| shown.key == *row))
        {
            self.mode = Mode::List;
        }
    }

    /// Moves the clock of the view.
    pub(super) fn tick(&mut self, elapsed: Duration) {
        self.elapsed = elapsed;
    }

    pub(super) fn press(&mut self, key: Key) -> Flow {
        if key == Key::Interrupt {
            return Flow::Leave;
        }
        match &mut self.mode {
            Mode::List => return self.press_in_list(key),
            Mode::Filter => self.press_in_filter(key),
            Mode::Details { line, .. } => match key {
                Key::Escape | Key::Enter | Key::Char('q') => self.mode = Mode::List,
                Key::Up | Key::Char('k') => *line = line.saturating_sub(1),
                Key::Down | Key::Char('j') => *line = line.saturating_add(1),
                Key::PageUp => *line = line.saturating_sub(PAGE.unsigned_abs()),
                Key::PageDown => *line = line.saturating_add(PAGE.unsigned_abs()),
                Key::Home => *line = 0,
                _ => {}
            },
            Mode::Help => self.mode = Mode::List,
        }
        Flow::GoesOn
    }

    fn press_in_list(&mut self, key: Key) -> Flow {
        let boards = self.boards.len();
        let Some(board) = self.boards.get_mut(self.focus) else { return Flow::Leave };
        match key {
            Key::Char('q') => return Flow::Leave,
            Key::Char('?' | 'h') => self.mode = Mode::Help,
            Key::Char('/') => self.mode = Mode::Filter,
            Key::Char('s') => board.sort_by_next(true),
            Key::Char('S') => board.sort_by_next(false),
            Key::Char('r') => board.is_descending = !board.is_descending,
            Key::Up | Key::Char('k') => board.select(-1),
            Key::Down | Key::Char('j') => board.select(1),
            Key::PageUp => board.select(-PAGE),
            Key::PageDown => board.select(PAGE),
            Key::Home => board.select(isize::MIN),
            Key::End => board.select(isize::MAX),
            Key::Tab => self.focus = (self.focus + 1) % boards,
            Key::Escape => board.filter.clear(),
            Key::Enter => {
                if let Some(row) = board.selected_row() {
                    self.mode = Mode::Details { row: row.key.clone(), line: 0 };
                }
            }
            _ => {}
        }
        Flow::GoesOn
    }

    fn press_in_filter(&mut self, key: Key) {
        let Some(board) = self.boards.get_mut(self.focus) else { return };
        match key {
            Key::Enter => self.mode = Mode::List,
            Key::Escape => {
                board.filter.clear();
                self.mode = Mode::List;
            }
            Key::Backspace => drop(board.filter.pop()),
            Key::Char(letter) if !letter.is_control() && board.filter.chars().count() < FILTER_LENGTH => {
                board.filter.push(letter);
            }
            _ => {}
        }
    }
}
