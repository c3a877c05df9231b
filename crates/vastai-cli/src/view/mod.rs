//! Any response for people: a list as a table, all else as lines of names and values.
//!
//! [`fields`] says how values of a name are written, [`lists`] which columns a list has; both are data, and what is in neither is shown all the
//! same.

mod fields;
mod lists;

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Map, Value};
use vastai_api::{Operation, is_secret_name};

use crate::look::Look;
use crate::quoting::{one_line, shell_word};
use crate::records;
use crate::table::{self, Column, Fitted, Rendered, SHOWS_ALL, UNKNOWN, shortened};

type Object = Map<String, Value>;

/// The most columns of a table where neither a list of columns nor the width of a terminal says how many.
const MOST_COLUMNS: usize = 9;
/// The most characters of a cell.
const CELL_WIDTH: usize = 36;
/// The most characters of a value on a line of its own.
const LINE_WIDTH: usize = 160;
/// Stands for what does not belong on a screen.
const HIDDEN: &str = "[hidden]";

/// The fields that matter most, the best first. After them, names come in alphabetical order.
const IMPORTANT: [&str; 34] = [
    "id",
    "endpoint_name",
    "name",
    "label",
    "title",
    "username",
    "email",
    "actual_status",
    "endpoint_state",
    "status",
    "state",
    "endpoint_id",
    "machine_id",
    "hostname",
    "gpu_name",
    "num_gpus",
    "dph_total",
    "amount",
    "gpu_util",
    "gpu_ram",
    "cpu_cores",
    "disk_space",
    "reliability",
    "geolocation",
    "ssh_host",
    "ssh_port",
    "image_uuid",
    "cold_workers",
    "max_workers",
    "min_load",
    "info0",
    "info1",
    "trace",
    "debug",
];

/// The place of a name among those that matter most; secrets, which are hidden, come last.
fn rank(name: &str) -> usize {
    let unknown = if is_secret_name(name) { IMPORTANT.len() + 1 } else { IMPORTANT.len() };
    IMPORTANT.iter().position(|important| *important == name).unwrap_or(unknown)
}

/// A response of an operation.
pub(crate) fn render(operation: &Operation, response: &Value, look: &Look) -> Rendered {
    match response {
        Value::Null => Rendered::default().noting("the response is empty"),
        Value::Array(list) => list_of(operation, list, "results", look),
        Value::Object(fields) => object(operation, fields, look),
        scalar => Rendered::of(&(one_line(&plain(scalar)) + "\n")),
    }
}

/// All fields of an object, a line each.
pub(crate) fn details(fields: &Object) -> String {
    lines(by_rank(fields.iter().collect())).text.as_str().to_owned()
}

fn object(operation: &Operation, all: &Object, look: &Look) -> Rendered {
    if let Some((name, only)) = records::only_object(all) {
        return if only.is_empty() { none_of(name) } else { lines_of(only.iter().collect(), look) };
    }
    let fields: Vec<(&String, &Value)> = records::said(all).collect();
    let mut lists = fields.iter().filter_map(|(name, value)| Some((name, value.as_array()?)));
    let (Some((name, list)), None) = (lists.next(), lists.next()) else {
        return if fields.is_empty() { Rendered::of("success\n") } else { lines_of(fields, look) };
    };
    let mut rendered = list_of(operation, list, name, look);
    let pages = operation.parameters.iter().any(|parameter| parameter.name == "after_token");
    let next = all.get("next_token").and_then(Value::as_str).filter(|_| pages);
    let others: Vec<String> = fields
        .iter()
        .filter(|(name, value)| is_scalar(value) && (next.is_none() || *name != "next_token"))
        .map(|(name, value)| format!("{}: {}", label(name), shown(name, value, LINE_WIDTH)))
        .collect();
    if !others.is_empty() {
        rendered.notes.push(others.join(", "));
    }
    if let Some(token) = next {
        rendered.notes.push(match shell_word(token) {
            // Joined by `=`, as a token may start like a flag.
            Some(token) => format!("there is more: --after-token={token}"),
            None => format!("there is more, by a token that no argument can hold; {SHOWS_ALL}"),
        });
    }
    rendered
}

/// A list: a table of objects, or a line for each value.
fn list_of(operation: &Operation, list: &[Value], name: &str, look: &Look) -> Rendered {
    if list.is_empty() {
        return none_of(name);
    }
    match list.iter().map(Value::as_object).collect::<Option<Vec<_>>>() {
        Some(rows) => rows_of(operation, &rows, look),
        None => {
            let lines: String = list.iter().map(|value| shown(name, value, LINE_WIDTH) + "\n").collect();
            Rendered::of(&lines)
        }
    }
}

fn none_of(name: &str) -> Rendered {
    Rendered::default().noting(format!("no {}", label(name)))
}

fn rows_of(operation: &Operation, rows: &[&Object], look: &Look) -> Rendered {
    let names: BTreeSet<&str> = rows.iter().flat_map(|row| row.keys()).map(String::as_str).collect();
    let (chosen, unknown, room) = match &look.columns {
        Some(wanted) => {
            let (chosen, unknown) = wanted_of(wanted, &names);
            // Whoever asks for columns gets them, however wide they are.
            (chosen, unknown, Look { width: None, ..look.clone() })
        }
        None => (usual_columns(operation, rows, &names, look), None, look.clone()),
    };
    let mut rendered = Rendered::default();
    let mut hidden = 0;
    if !chosen.is_empty() {
        let columns: Vec<Column> = chosen.iter().map(|name| column(name, rows)).collect();
        let cells = rows.iter().map(|row| {
            let cell =
                |name: &&str| row.get(*name).map_or_else(|| UNKNOWN.to_owned(), |value| cell(name, value));
            chosen.iter().map(cell)
        });
        let fitted: Fitted = table::table(&columns, cells, &room);
        hidden = names.len() - chosen.len() + fitted.left_out;
        rendered = fitted.rendered;
    }
    if let Some(unknown) = unknown {
        return rendered.noting(unknown);
    }
    match hidden {
        _ if look.columns.is_some() => rendered,
        0 => rendered,
        1 => rendered.noting(format!("1 column is hidden; --cols chooses columns, {SHOWS_ALL}")),
        hidden => {
            rendered.noting(format!("{hidden} columns are hidden; --cols chooses columns, {SHOWS_ALL}"))
        }
    }
}

/// The names that are asked for and there, and what there is to say of those that are not.
fn wanted_of<'names>(wanted: &[String], names: &BTreeSet<&'names str>) -> (Vec<&'names str>, Option<String>) {
    let (mut chosen, mut unknown) = (Vec::new(), Vec::new());
    for name in wanted {
        match fields::named(name, names.iter().copied()) {
            Some(name) => chosen.push(name),
            None => unknown.push(label(name)),
        }
    }
    let said = (!unknown.is_empty()).then(|| {
        let names: Vec<String> = names.iter().map(|name| label(name)).collect();
        format!("there is no column {}; there are {}", unknown.join(", "), names.join(", "))
    });
    (chosen, said)
}

/// The columns where nobody chooses: those of the operation's list, or those that matter most by their names.
fn usual_columns<'rows>(
    operation: &Operation,
    rows: &[&'rows Object],
    names: &BTreeSet<&'rows str>,
    look: &Look,
) -> Vec<&'rows str> {
    let values = |name: &str| rows.iter().filter_map(|row| row.get(name)).collect::<Vec<_>>();
    let has_values = |name: &str| values(name).into_iter().any(|value| !is_empty(value));
    let is_flat = |name: &str| !values(name).into_iter().any(|value| value.is_array() || value.is_object());
    let is_column = |name: &&str| is_flat(name) && has_values(name);
    if let Some(list) = lists::of(operation.id) {
        let listed: Vec<&str> =
            list.iter().filter_map(|name| names.get(name).copied()).filter(is_column).collect();
        if !listed.is_empty() {
            return listed;
        }
    }
    let mut chosen: Vec<&str> = names.iter().copied().filter(is_column).collect();
    if chosen.is_empty() {
        chosen = names.iter().copied().collect();
    }
    chosen.sort_by_key(|name| rank(name));
    if look.width.is_none() {
        chosen.truncate(MOST_COLUMNS);
    }
    chosen
}

fn column(name: &str, rows: &[&Object]) -> Column {
    let (head, style) = fields::of(name);
    let mut values = rows.iter().filter_map(|row| row.get(name)).filter(|value| !value.is_null()).peekable();
    let is_number = style.is_of_numbers() && values.peek().is_some() && values.all(Value::is_number);
    let header = head.map_or_else(|| shortened(&one_line(&name.to_uppercase()), CELL_WIDTH), str::to_owned);
    Column { header, is_number, is_state: style == fields::Style::State }
}

/// A value in its column, whose head has the unit.
fn cell(name: &str, value: &Value) -> String {
    match fields::of(name).1.written(value) {
        Some(written) => written,
        None => shown(name, value, CELL_WIDTH),
    }
}

/// Fields of an object, a line each: those that are asked for, or all.
fn lines_of(fields: Vec<(&String, &Value)>, look: &Look) -> Rendered {
    let Some(wanted) = &look.columns else { return lines(by_rank(fields)) };
    let (chosen, unknown) = wanted_of(wanted, &fields.iter().map(|(name, _)| name.as_str()).collect());
    let value_of = |name: &&str| fields.iter().find(|(field, _)| field == name).copied();
    let rendered = lines(chosen.iter().filter_map(value_of).collect());
    match unknown {
        Some(unknown) => rendered.noting(unknown),
        None => rendered,
    }
}

/// What matters most first.
fn by_rank<'response>(
    mut fields: Vec<(&'response String, &'response Value)>,
) -> Vec<(&'response String, &'response Value)> {
    fields.sort_by_key(|(name, _)| rank(name));
    fields
}

/// Names and values, a line each; a string of several lines below its name, and so all strings where there is nothing else.
fn lines(fields: Vec<(&String, &Value)>) -> Rendered {
    let is_long = |value: &Value| value.as_str().is_some_and(|text| text.trim().contains('\n'));
    let all_text =
        fields.iter().all(|(_, value)| value.is_string()) && fields.iter().any(|(_, value)| is_long(value));
    let is_block = |value: &Value| all_text || is_long(value);
    let flat = fields.iter().filter(|(_, value)| !is_block(value));
    let flat: Vec<(String, String)> = flat.map(|(name, value)| measured(name, value)).collect();
    let width = flat.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
    // A name of lines would put lines of spaces before each value.
    let width = width.min(CELL_WIDTH);
    let mut text = String::new();
    for (name, value) in flat {
        text.push_str(&format!("{name:width$}  {value}\n"));
    }
    for (name, value) in fields.iter().filter(|(_, value)| is_block(value)) {
        text.push_str(&format!("{}:\n", label(name)));
        let block = if is_secret(name, value) {
            HIDDEN
        } else {
            value.as_str().unwrap_or_default().trim_matches('\n')
        };
        for line in block.lines() {
            text.push_str(format!("  {}", one_line(line)).trim_end());
            text.push('\n');
        }
    }
    let rendered = Rendered::of(&text);
    let is_nested = fields.iter().any(|(_, value)| is_nested(value));
    if is_nested { rendered.noting(format!("nested values are counted; {SHOWS_ALL}")) } else { rendered }
}

/// A name with its unit, and its value in it.
fn measured(name: &str, value: &Value) -> (String, String) {
    let unit = fields::unit(name).filter(|_| value.is_number());
    match unit.and_then(|unit| Some((unit, fields::of(name).1.written(value)?))) {
        Some((unit, written)) => (format!("{} ({unit})", label(name)), written),
        None => (label(name), shown(name, value, LINE_WIDTH)),
    }
}

/// A value on one line.
fn shown(name: &str, value: &Value, width: usize) -> String {
    if is_secret(name, value) {
        return HIDDEN.to_owned();
    }
    let text = match value {
        Value::Number(number) if is_name_of_a_time(name) => {
            number.as_f64().and_then(time).unwrap_or_else(|| number.to_string())
        }
        Value::Array(items) if is_nested(value) => counted(items.len(), "item"),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => counted(fields.len(), "field"),
        scalar => plain(scalar),
    };
    match one_line(&text) {
        empty if empty.is_empty() => UNKNOWN.to_owned(),
        line => shortened(&line, width),
    }
}

/// A name on one line.
fn label(name: &str) -> String {
    shortened(&one_line(name), LINE_WIDTH)
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => UNKNOWN.to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Whether a number of this name is a point in time, in seconds since the Unix epoch.
fn is_name_of_a_time(name: &str) -> bool {
    name.ends_with("_at") || name.ends_with("_date")
}

/// A point in time of this century: `2026-07-22 09:30:00Z`.
fn time(since_epoch: f64) -> Option<String> {
    const DAY: u64 = 86_400;
    let seconds = Duration::try_from_secs_f64(since_epoch).ok()?.as_secs();
    if !(946_684_800..4_102_444_800).contains(&seconds) {
        return None;
    }
    let (days, time) = (seconds / DAY, seconds % DAY);
    // In years that begin with March, a leap day is the last; the rest is counting.
    let since_march_0000 = days + 719_468;
    let (era, day_of_era) = (since_march_0000 / 146_097, since_march_0000 % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    let (hour, minute, second) = (time / 3_600, time / 60 % 60, time % 60);
    Some(format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}Z"))
}

fn counted(count: usize, what: &str) -> String {
    format!("({count} {what}{})", if count == 1 { "" } else { "s" })
}

/// Whether a value holds others that are not shown on its line.
fn is_nested(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(|item| item.is_array() || item.is_object()),
        Value::Object(fields) => !fields.is_empty(),
        _ => false,
    }
}

/// Whether a value is a string, a number, true or false.
fn is_scalar(value: &Value) -> bool {
    value.is_string() || value.is_number() || value.is_boolean()
}

fn is_empty(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty())
}

/// Whether a value is a secret: a string whose name says so, and that is not a public key.
fn is_secret(name: &str, value: &Value) -> bool {
    is_secret_name(name) && value.as_str().is_some_and(|text| !text.is_empty() && !text.starts_with("ssh-"))
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use serde_json::json;

    use super::*;
    use crate::test_operations::operation;

    #[expect(clippy::needless_pass_by_value, reason = "a test reads better so")]
    fn check(response: Value, expected: Expect) {
        let Rendered { text, notes } = render(&operation("x", &[]), &response, &Look::default());
        let notes: String = notes.iter().map(|note| format!("note: {note}\n")).collect();
        expected.assert_eq(&(text.as_str().to_owned() + &notes));
    }

    #[test]
    fn a_list_of_objects_is_a_table() {
        check(
            json!([{"b": true, "id": 1, "a": "x"}, {"id": 20, "a": null, "c": ""}]),
            expect![[r#"
                ID  A  B
                 1  x  true
                20  -  -
                note: 1 column is hidden; --cols chooses columns, --output json shows all
            "#]],
        );
        check(
            json!({"success": true, "found": 1, "results": [{"name": "one", "api_key": "abc", "tags": [1]}]}),
            expect![[r#"
                NAME  API_KEY
                one   [hidden]
                note: 1 column is hidden; --cols chooses columns, --output json shows all
                note: found: 1
            "#]],
        );
        check(
            json!({"success": true, "results": []}),
            expect![[r#"
            note: no results
        "#]],
        );
        check(
            json!(["one", 2, null]),
            expect![[r#"
            one
            2
            -
        "#]],
        );
    }

    #[test]
    fn columns_have_a_limit_and_the_important_ones_come_first() {
        let wide: Map<String, Value> = ('a'..='z').map(|name| (name.to_string(), json!(1))).collect();
        let mut row = Value::Object(wide);
        row["status"] = json!("running");
        row["label"] = json!("a label that is much longer than a cell of a table should be");
        check(
            json!([row]),
            expect![[r#"
                LABEL                                 STATUS   A  B  C  D  E  F  G
                a label that is much longer than a …  running  1  1  1  1  1  1  1
                note: 19 columns are hidden; --cols chooses columns, --output json shows all
            "#]],
        );
    }

    #[test]
    fn fields_of_an_object_can_be_chosen() {
        let columns = ["actual_status", "none", "id"].map(str::to_owned).to_vec();
        let look = Look { columns: Some(columns), ..Look::default() };
        let instance = json!({"id": 7, "actual_status": "running", "label": "x"});
        for response in [json!({"success": true, "instances": instance}), instance] {
            let Rendered { text, notes } = render(&operation("x", &[]), &response, &look);
            assert_eq!(text.as_str(), "actual_status  running\nid             7\n");
            assert_eq!(notes, ["there is no column none; there are actual_status, id, label"]);
        }
    }

    #[test]
    fn times_are_shown_in_utc() {
        let shown = |seconds: f64| time(seconds).unwrap_or_default();
        assert_eq!(shown(951_782_399.9), "2000-02-28 23:59:59Z");
        assert_eq!(shown(951_868_799.0), "2000-02-29 23:59:59Z");
        assert_eq!(shown(1_735_689_599.0), "2024-12-31 23:59:59Z");
        assert_eq!(shown(1_784_712_600.25), "2026-07-22 09:30:00Z");
        for other in [0.0, -1.0, 12.5, f64::INFINITY, 4e9 * 2.0] {
            assert_eq!(time(other), None);
        }
        check(
            json!({"created_at": 1_784_712_600.25, "load": 1_784_712_600.25}),
            expect![[r#"
            created_at  2026-07-22 09:30:00Z
            load        1784712600.25
        "#]],
        );
    }

    #[test]
    fn an_object_is_lines() {
        let response = json!({"id": 7, "username": "someone", "api_key": "abc", "jupyter_token": "def", "ssh_key": "ssh-ed25519 AAAA",
            "rights": {"a": 1}, "groups": [1, 2], "pairs": [["HF_TOKEN", "secret"]], "nothing": null, "log": "one\ntwo\u{1b}[0m\n"});
        check(
            response.clone(),
            expect![[r#"
                id             7
                username       someone
                groups         1, 2
                nothing        -
                pairs          (1 item)
                rights         (1 field)
                ssh_key        ssh-ed25519 AAAA
                api_key        [hidden]
                jupyter_token  [hidden]
                log:
                  one
                  two\u{1b}[0m
                note: nested values are counted; --output json shows all
            "#]],
        );
        let nested =
            render(&operation("x", &[]), &json!({"success": true, "user": response}), &Look::default());
        assert_eq!(nested, render(&operation("x", &[]), &response, &Look::default()));
        check(
            json!({"success": true, "secrets": {}}),
            expect![[r#"
            note: no secrets
        "#]],
        );
        check(
            json!({"success": true}),
            expect![[r#"
            success
        "#]],
        );
        check(
            json!(null),
            expect![[r#"
            note: the response is empty
        "#]],
        );
        check(
            json!("done"),
            expect![[r#"
            done
        "#]],
        );
    }
}
