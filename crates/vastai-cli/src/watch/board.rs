//! One list of rows: with its history and totals, its order, its filter and the row that is selected.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime};

use super::rows::{self, Cell, Kind, Row, RowKey};
use super::series::Series;
use super::source::{Named, Subject, Update};
use crate::failure::in_words;
use crate::quoting::one_line;

/// What is wrong with the polls of a list.
#[derive(Debug, Clone)]
pub(super) struct Trouble {
    pub(super) text: String,
    /// How many polls in a row have failed.
    pub(super) failures: u32,
    /// When the next poll comes, by the clock of the view; `None` where none does.
    pub(super) next: Option<Duration>,
}

/// A list.
#[derive(Debug, Clone)]
pub(super) struct Board {
    pub(super) title: String,
    pub(super) kind: Kind,
    /// Whether its rows are of several endpoints.
    pub(super) is_of_several: bool,
    rows: Vec<Row>,
    histories: BTreeMap<RowKey, Series>,
    pub(super) load: Series,
    pub(super) perf: Series,
    pub(super) cost: Series,
    /// The column by which rows are sorted.
    pub(super) sort: usize,
    pub(super) is_descending: bool,
    pub(super) filter: String,
    selected: Option<RowKey>,
    /// When the last poll succeeded, by the clock of the view.
    pub(super) updated: Option<Duration>,
    pub(super) trouble: Option<Trouble>,
    /// What the last poll lacked.
    pub(super) lacking: Option<String>,
}

impl Board {
    pub(super) fn new(subject: &Subject) -> Self {
        let (title, kind) = match subject {
            Subject::Endpoint(Named::Id(id)) => (format!("endpoint {id}"), Kind::Workers),
            Subject::Endpoint(Named::Name(name)) => (format!("endpoint {}", one_line(name)), Kind::Workers),
            Subject::Endpoints => ("serverless".to_owned(), Kind::Workers),
            Subject::Instances => ("instances".to_owned(), Kind::Instances),
        };
        Self {
            title,
            kind,
            is_of_several: *subject == Subject::Endpoints,
            rows: Vec::new(),
            histories: BTreeMap::new(),
            load: Series::default(),
            perf: Series::default(),
            cost: Series::default(),
            sort: 0,
            is_descending: false,
            filter: String::new(),
            selected: None,
            updated: None,
            trouble: None,
            lacking: None,
        }
    }

    /// Takes in how a poll ended: at `elapsed` by the clock of the view, at `now` by that of the service. What was seen stays where one failed.
    pub(super) fn take(&mut self, update: Update, elapsed: Duration, now: SystemTime) {
        match update {
            Update::Seen { seen, lacking } => {
                self.show(rows::of(&seen, now));
                self.updated = Some(elapsed);
                self.trouble = None;
                self.lacking = lacking.map(|text| one_line(&text));
            }
            Update::Failed { error, failures, retry_in } => {
                self.trouble = Some(Trouble {
                    text: one_line(&in_words(&error)),
                    failures,
                    next: Some(elapsed.saturating_add(retry_in)),
                });
            }
            Update::Ended(error) => {
                let failures = self.trouble.as_ref().map_or(0, |trouble| trouble.failures) + 1;
                self.trouble = Some(Trouble { text: one_line(&in_words(&error)), failures, next: None });
            }
        }
    }

    fn show(&mut self, rows: Vec<Row>) {
        let there: BTreeSet<&RowKey> = rows.iter().map(|row| &row.key).collect();
        self.histories.retain(|key, _| there.contains(key));
        for row in &rows {
            self.histories.entry(row.key.clone()).or_default().push(row.load);
        }
        let known = |value: fn(&Row) -> Option<f64>| rows.iter().filter_map(value).collect::<Vec<_>>();
        let sum = |values: Vec<f64>| (!values.is_empty()).then(|| values.iter().sum::<f64>());
        let loads = known(|row| row.load);
        self.load.push(match self.kind {
            Kind::Workers => sum(loads),
            Kind::Instances => mean(&loads),
        });
        self.perf.push(sum(known(|row| row.perf)));
        self.cost.push(sum(known(|row| row.cost)));
        self.rows = rows;
        if !self.selected.as_ref().is_some_and(|selected| self.rows.iter().any(|row| row.key == *selected)) {
            self.selected = None;
        }
    }

    pub(super) fn count(&self) -> usize {
        self.rows.len()
    }

    /// How many rows have which state, the most frequent first.
    pub(super) fn states(&self) -> Vec<(&str, usize)> {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for row in &self.rows {
            *counts.entry(&row.state).or_default() += 1;
        }
        let mut counts: Vec<(&str, usize)> = counts.into_iter().collect();
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        counts
    }

    pub(super) fn history(&self, row: &Row) -> Option<&Series> {
        self.histories.get(&row.key)
    }

    /// The rows that pass the filter, in their order.
    pub(super) fn shown(&self) -> Vec<&Row> {
        let wanted = self.filter.to_lowercase();
        let passes = |row: &&Row| row.cells.iter().any(|cell| cell.shown().to_lowercase().contains(&wanted));
        let mut rows: Vec<&Row> = self.rows.iter().filter(|row| wanted.is_empty() || passes(row)).collect();
        rows.sort_by(|one, other| self.compare(one, other).then_with(|| one.key.cmp(&other.key)));
        rows
    }

    fn compare(&self, one: &Row, other: &Row) -> Ordering {
        let unknown = |row: &Row| row.cells.get(self.sort).is_none_or(|cell| *cell == Cell::Unknown);
        match (unknown(one), unknown(other)) {
            (false, false) => {}
            (one, other) => return one.cmp(&other),
        }
        let (Some(one), Some(other)) = (one.cells.get(self.sort), other.cells.get(self.sort)) else {
            return Ordering::Equal;
        };
        if self.is_descending { one.compare(other).reverse() } else { one.compare(other) }
    }

    /// Sorts by the next column, or the one before.
    pub(super) fn sort_by_next(&mut self, forward: bool) {
        let count = self.kind.columns().len();
        let step = if forward { 1 } else { count - 1 };
        self.sort = (self.sort + step) % count;
        if self.kind.columns()[self.sort].head == "ENDPOINT" && !self.is_of_several {
            self.sort = (self.sort + step) % count;
        }
        // Of numbers the large ones are of interest, but for ids.
        self.is_descending = self.sort != 0 && self.kind.columns()[self.sort].is_number;
    }

    /// The place of the selected row among those shown; the first where none was selected, or it is gone.
    pub(super) fn selected(&self) -> Option<usize> {
        let rows = self.shown();
        let at = self.selected.as_ref().and_then(|key| rows.iter().position(|row| row.key == *key));
        at.or_else(|| (!rows.is_empty()).then_some(0))
    }

    pub(super) fn selected_row(&self) -> Option<&Row> {
        self.selected().and_then(|at| self.shown().get(at).copied())
    }

    /// Selects a row further on, or back.
    pub(super) fn select(&mut self, steps: isize) {
        let rows = self.shown();
        let Some(last) = rows.len().checked_sub(1) else { return };
        let at = self.selected().unwrap_or_default().saturating_add_signed(steps).min(last);
        self.selected = rows.get(at).map(|row| row.key.clone());
    }
}

#[expect(clippy::cast_precision_loss, reason = "rows are few")]
fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}
