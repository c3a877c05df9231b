//! The table of workers.

use std::time::{Duration, SystemTime};

use vastai::Worker;

use crate::look::Look;
use crate::quoting::one_line;
use crate::table::{Column, Fitted, Rendered, SHOWS_ALL, UNKNOWN, shortened, table};

/// What is shown of each worker; loads and performance are in the worker's own units, tokens for language models.
const COLUMNS: [(&str, bool); 7] = [
    ("ID", true),
    ("STATUS", false),
    ("LOAD/S", true),
    ("MEASURED/S", true),
    ("RELIABILITY %", true),
    ("REQUESTS", true),
    ("AGE", true),
];

/// The most characters of a status.
const STATUS_WIDTH: usize = 36;

/// The workers in the order of the service, as they are at `now`.
pub(crate) fn render(workers: &[Worker], now: SystemTime, look: &Look) -> Rendered {
    if workers.is_empty() {
        return Rendered::default().noting("no workers");
    }
    let columns = COLUMNS
        .map(|(header, is_number)| Column { is_state: header == "STATUS", ..Column::new(header, is_number) });
    let rows = workers.iter().map(|worker| {
        [
            worker.id.to_string(),
            shortened(&one_line(worker.status().as_str()), STATUS_WIDTH),
            known(worker.cur_load, |load| format!("{load:.1}")),
            known(worker.measured_perf, |perf| format!("{perf:.1}")),
            known(worker.reliability, |reliability| format!("{:.2}", reliability * 100.0)),
            known(worker.reqs_working, |requests| requests.to_string()),
            known(worker.age(now), in_words),
        ]
    });
    let Fitted { rendered, left_out } = table(&columns, rows, look);
    match left_out {
        0 => rendered,
        left_out => rendered.noting(format!("{left_out} columns are hidden; {SHOWS_ALL}")),
    }
}

fn known<T>(value: Option<T>, shown: impl FnOnce(T) -> String) -> String {
    value.map_or_else(|| UNKNOWN.to_owned(), shown)
}

/// A span by its two largest units: `2h 5m`.
pub(crate) fn in_words(span: Duration) -> String {
    // Times come as doubles, so what was a whole second may be a little less.
    let seconds = span.saturating_add(Duration::from_millis(500)).as_secs();
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds}s"),
        (0, 0, _) => format!("{minutes}m {}s", seconds % 60),
        (0, _, _) => format!("{hours}h {}m", minutes % 60),
        _ => format!("{days}d {}h", hours % 24),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use serde_json::json;

    use super::*;

    #[test]
    fn spans_by_their_two_largest_units() {
        let shown = |seconds: f64| in_words(Duration::from_secs_f64(seconds));
        assert_eq!(
            [0.0, 59.0, 59.999_9, 61.0, 3_599.4, 7_500.0, 86_400.0, 93_600.0, 3e9].map(shown),
            ["0s", "59s", "1m 0s", "1m 1s", "59m 59s", "2h 5m", "1d 0h", "1d 2h", "34722d 5h"]
        );
    }

    #[test]
    fn what_is_unknown_is_a_dash() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let workers = [
            json!({"id": 30215871, "status": "idle", "cur_load": 1240.55, "measured_perf": "1650", "reliability": 0.995,
                "reqs_working": 7, "started_at": 1_799_992_500.25}),
            json!({"id": -1}),
            json!({"id": 0, "status": "WARM\u{1b}[2J", "cur_load": 0, "measured_perf": null, "reliability": 1,
                "started_at": 1_900_000_000}),
        ];
        let workers: Vec<Worker> =
            workers.into_iter().map(|worker| serde_json::from_value(worker).unwrap()).collect();
        expect![[r#"
                  ID  STATUS         LOAD/S  MEASURED/S  RELIABILITY %  REQUESTS    AGE
            30215871  IDLE           1240.5      1650.0          99.50         7  2h 5m
                  -1  UNKNOWN             -           -              -         -      -
                   0  WARM\u{1b}[2J     0.0           -         100.00         -      -
        "#]]
        .assert_eq(render(&workers, now, &Look::default()).text.as_str());
    }

    #[test]
    fn no_workers_are_no_table() {
        assert_eq!(
            render(&[], SystemTime::now(), &Look::default()),
            Rendered::default().noting("no workers")
        );
    }
}
