//! Rows of what the service says: workers and instances, each with the cells of its columns.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use serde_json::{Map, Value};
use vastai::{Instance, Worker, WorkerStatus};
use vastai_api::{is_private_name, types::InstanceStatus};

use super::source::Seen;
use crate::quoting::one_line;
use crate::table::UNKNOWN;
use crate::workers::in_words;

/// A column of a board.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    pub(super) head: &'static str,
    pub(super) is_number: bool,
    /// Those with the least are the last to go where the screen is too narrow.
    pub(super) rank: u8,
}

const fn column(head: &'static str, is_number: bool, rank: u8) -> Column {
    Column { head, is_number, rank }
}

/// Loads and performance are in the worker's own units, tokens for language models.
const WORKERS: &[Column] = &[
    column("ID", true, 0),
    column("ENDPOINT", false, 4),
    column("STATE", false, 1),
    column("LOAD/S", true, 2),
    column("PERF/S", true, 3),
    column("REQS", true, 6),
    column("$/H", true, 5),
    column("RELIAB %", true, 8),
    column("AGE", true, 7),
];

const INSTANCES: &[Column] = &[
    column("ID", true, 0),
    column("LABEL", false, 4),
    column("STATE", false, 1),
    column("GPUS", false, 5),
    column("GPU %", true, 2),
    column("DLPERF", true, 7),
    column("$/H", true, 3),
    column("UP", true, 6),
];

/// What a board lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Workers,
    Instances,
}

impl Kind {
    pub(super) fn columns(self) -> &'static [Column] {
        match self {
            Self::Workers => WORKERS,
            Self::Instances => INSTANCES,
        }
    }

    /// Of one, and of several.
    pub(super) fn noun(self, count: usize) -> &'static str {
        match (self, count) {
            (Self::Workers, 1) => "worker",
            (Self::Workers, _) => "workers",
            (Self::Instances, 1) => "instance",
            (Self::Instances, _) => "instances",
        }
    }

    /// The units of load and performance.
    pub(super) fn units(self) -> [&'static str; 2] {
        match self {
            Self::Workers => ["/s", "/s"],
            Self::Instances => ["% of GPUs", "DLPerf"],
        }
    }
}

/// Whether a state is good news.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    Good,
    OnItsWay,
    Resting,
    Bad,
}

/// A cell: what it is sorted by, and how it looks.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    Text(String),
    Number { value: f64, decimals: usize },
    Span(Duration),
    Unknown,
}

impl Cell {
    fn number(value: Option<f64>, decimals: usize) -> Self {
        match value.filter(|value| value.is_finite()) {
            Some(value) => Self::Number { value, decimals },
            None => Self::Unknown,
        }
    }

    fn text(text: Option<&str>) -> Self {
        match text.map(one_line) {
            Some(line) if !line.is_empty() => Self::Text(line),
            _ => Self::Unknown,
        }
    }

    pub(super) fn shown(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number { value, decimals } => format!("{value:.decimals$}"),
            Self::Span(span) => in_words(*span),
            Self::Unknown => UNKNOWN.to_owned(),
        }
    }

    /// What is unknown comes last in either order, so it has no place in this one.
    pub(super) fn compare(&self, other: &Self) -> std::cmp::Ordering {
        match (self, other) {
            (Self::Text(one), Self::Text(other)) => one.to_lowercase().cmp(&other.to_lowercase()),
            (Self::Number { value, .. }, Self::Number { value: other, .. }) => value.total_cmp(other),
            (Self::Span(one), Self::Span(other)) => one.cmp(other),
            _ => std::cmp::Ordering::Equal,
        }
    }
}

/// What a row is known by: its endpoint, its id, and where several have the same, as workers without an instance can, their order.
pub(super) type RowKey = (String, i64, usize);

/// A worker or an instance.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) key: RowKey,
    pub(super) cells: Vec<Cell>,
    pub(super) state: String,
    pub(super) tone: Tone,
    pub(super) load: Option<f64>,
    /// What it can do, where that counts now.
    pub(super) perf: Option<f64>,
    /// Dollars per hour, where it costs now.
    pub(super) cost: Option<f64>,
    /// All that the service says of it, but what is private.
    pub(super) fields: Map<String, Value>,
}

/// The rows of what was seen, as they are at `now`.
pub(super) fn of(seen: &Seen, now: SystemTime) -> Vec<Row> {
    let mut counts: BTreeMap<(String, i64), usize> = BTreeMap::new();
    let mut key = |group: &str, id: i64| {
        let count = counts.entry((group.to_owned(), id)).or_default();
        *count += 1;
        (group.to_owned(), id, *count)
    };
    match seen {
        Seen::Workers { workers, prices } => workers
            .iter()
            .map(|(endpoint, it)| {
                worker(key(endpoint, it.id), endpoint, it, prices.get(&it.id).copied(), now)
            })
            .collect(),
        Seen::Instances(instances) => instances.iter().map(|it| instance(key("", it.id), it, now)).collect(),
    }
}

fn worker(key: RowKey, endpoint: &str, worker: &Worker, price: Option<f64>, now: SystemTime) -> Row {
    let status = worker.status();
    let ready = status.is_ready();
    let state = one_line(status.as_str());
    #[expect(clippy::cast_precision_loss, reason = "requests in progress are few")]
    let requests = worker.reqs_working.map(|requests| requests as f64);
    Row {
        key,
        cells: vec![
            id_cell(worker.id),
            Cell::text(Some(endpoint)),
            Cell::text(Some(&state)),
            Cell::number(worker.cur_load, 1),
            Cell::number(worker.measured_perf, 1),
            Cell::number(requests, 0),
            Cell::number(price, 3),
            Cell::number(worker.reliability.map(|share| share * 100.0), 2),
            worker.age(now).map_or(Cell::Unknown, Cell::Span),
        ],
        tone: match status {
            _ if ready => Tone::Good,
            WorkerStatus::Stopped | WorkerStatus::Stopping => Tone::Resting,
            _ if state.to_ascii_uppercase().contains("ERR") || *status == WorkerStatus::Unknown => Tone::Bad,
            _ => Tone::OnItsWay,
        },
        state,
        load: worker.cur_load,
        // Before a worker is ready, what the engine calls its performance is the score of its machine.
        perf: worker.measured_perf.filter(|_| ready),
        cost: price,
        fields: public(worker),
    }
}

fn instance(key: RowKey, instance: &Instance, now: SystemTime) -> Row {
    let status = instance.actual_status.as_ref();
    let state = status.map_or_else(|| "no status yet".to_owned(), |status| one_line(status.as_str()));
    let running = instance.is_running();
    let rests = status.is_some_and(InstanceStatus::looks_dead);
    let gpus = instance.gpu_name.as_deref().map(|name| match instance.num_gpus {
        Some(count) if count != 1 => format!("{count}x {name}"),
        _ => name.to_owned(),
    });
    let started = instance.start_date.and_then(vastai::Timestamp::system_time);
    let up = started.filter(|_| running).and_then(|started| now.duration_since(started).ok());
    Row {
        key,
        cells: vec![
            id_cell(instance.id),
            Cell::text(instance.label.as_deref()),
            Cell::text(Some(&state)),
            Cell::text(gpus.as_deref()),
            Cell::number(instance.gpu_util, 0),
            Cell::number(instance.dlperf, 1),
            Cell::number(instance.dph_total, 3),
            up.map_or(Cell::Unknown, Cell::Span),
        ],
        tone: match status {
            _ if running => Tone::Good,
            Some(InstanceStatus::Exited) => Tone::Resting,
            _ if rests => Tone::Bad,
            _ => Tone::OnItsWay,
        },
        state,
        load: instance.gpu_util.filter(|_| running),
        perf: instance.dlperf.filter(|_| running),
        // A machine that is stopped costs its disk alone, and what that is the service does not say here.
        cost: instance.dph_total.filter(|_| !rests),
        fields: public(instance),
    }
}

#[expect(clippy::cast_precision_loss, reason = "ids are far below 2^53, and the text of one is its key's")]
fn id_cell(id: i64) -> Cell {
    Cell::Number { value: id as f64, decimals: 0 }
}

/// All that is said, but secrets and what often holds some: a watch is left open on screens, and its lines end in logs.
fn public(value: &impl serde::Serialize) -> Map<String, Value> {
    let Ok(Value::Object(fields)) = serde_json::to_value(value) else { return Map::new() };
    fields.into_iter().filter(|(name, value)| !is_private_name(name) && !value.is_null()).collect()
}
