//! Whether two requests mean the same to the service.

use std::collections::BTreeMap;

use anyhow::Context as _;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::request::Request;
use super::responses::segments;

const FORMS: &str = include_str!("../../conformance/forms.toml");

/// The operators of a filter: what stands behind one is compared with a column.
const OPERATORS: [&str; 11] =
    ["eq", "neq", "gt", "gte", "lt", "lte", "in", "notin", "nin", "like", "contains"];

/// The forms that mean the same, as the table lists them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Forms {
    ignored: Vec<Ignored>,
    path: Vec<Renamed>,
    slash: Vec<Slash>,
    absent: Vec<Absent>,
    in_path: Vec<InPath>,
    word: Vec<Words>,
    rule: Vec<ByRule>,
}

#[derive(Debug, Deserialize)]
struct Ignored {
    path: String,
    #[serde(rename = "reason")]
    _reason: String,
}

#[derive(Debug, Deserialize)]
struct Renamed {
    from: String,
    to: String,
    #[serde(rename = "reason")]
    _reason: String,
}

#[derive(Debug, Deserialize)]
struct Slash {
    method: String,
    paths: Vec<String>,
    #[serde(rename = "reason")]
    _reason: String,
}

#[derive(Debug, Deserialize)]
struct Absent {
    at: Vec<String>,
    values: Option<Vec<String>>,
    #[serde(rename = "reason")]
    _reason: String,
}

#[derive(Debug, Deserialize)]
struct InPath {
    at: Vec<String>,
    #[serde(rename = "reason")]
    _reason: String,
}

#[derive(Debug, Deserialize)]
struct Words {
    at: Vec<String>,
    words: Vec<String>,
    #[serde(rename = "reason")]
    _reason: String,
}

#[derive(Debug, Deserialize)]
struct ByRule {
    rule: Rule,
    #[serde(rename = "reason")]
    _reason: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Rule {
    WholeNumbers,
    NumbersInFilters,
}

/// One thing in which two requests differ.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Difference {
    /// `method`, `path`, `authorization`, or a place such as `body.env.HOME`.
    pub(crate) at: String,
    /// What the one has; nothing where it has no such field.
    pub(crate) left: Option<Value>,
    pub(crate) right: Option<Value>,
}

impl Forms {
    pub(crate) fn read() -> anyhow::Result<Self> {
        toml::from_str(FORMS).context("conformance/forms.toml")
    }

    /// Whether a request counts: one that is made in passing does not.
    pub(crate) fn counts(&self, request: &Request) -> bool {
        !self.ignored.iter().any(|ignored| ignored.path == request.path)
    }

    /// In what two requests differ.
    pub(crate) fn differences(&self, left: &Request, right: &Request) -> Vec<Difference> {
        let (left, right) = (self.plain(left), self.plain(right));
        let mut found = Vec::new();
        let text = |text: &str| Some(Value::String(text.to_owned()));
        let mut compare_text = |at: &str, left: &str, right: &str| {
            if left != right {
                found.push(Difference { at: at.to_owned(), left: text(left), right: text(right) });
            }
        };
        compare_text("method", &left.method, &right.method);
        compare_text("path", &left.path, &right.path);
        let key = |authorized| if authorized { "a key" } else { "none" };
        compare_text("authorization", key(left.authorized), key(right.authorized));
        let query = |request: &Request| Value::Object(request.query.clone());
        values("query", &query(&left), &query(&right), &mut found);
        values("body", &left.body, &right.body, &mut found);
        found
    }

    /// The request in the one form that stands for all that mean the same.
    fn plain(&self, request: &Request) -> Request {
        let mut plain = request.clone();
        for Renamed { from, to, .. } in &self.path {
            if let Some(rest) = plain.path.strip_prefix(from) {
                plain.path = format!("{to}{rest}");
            }
        }
        if self.slash.iter().any(|slash| slash.covers(&plain)) {
            plain.path = plain.path.trim_end_matches('/').to_owned();
        }
        let mut whole = Value::Object(Map::from_iter([
            ("query".to_owned(), Value::Object(plain.query)),
            ("body".to_owned(), plain.body),
        ]));
        let has_rule = |rule| self.rule.iter().any(|by| by.rule == rule);
        spell(&mut whole, has_rule(Rule::WholeNumbers), has_rule(Rule::NumbersInFilters));
        for Words { at, words, .. } in &self.word {
            let Some(first) = words.first() else { continue };
            for place in at {
                if let Some(Value::String(word)) = whole.pointer_mut(&pointer(place))
                    && words.contains(word)
                {
                    first.clone_into(word);
                }
            }
        }
        for Absent { at, values, .. } in &self.absent {
            // A value that is not JSON equals none.
            let values: Option<Vec<Value>> =
                values.as_ref().map(|values| values.iter().flat_map(|it| serde_json::from_str(it)).collect());
            let says_nothing = |value: &Value| values.as_ref().is_none_or(|values| values.contains(value));
            at.iter().for_each(|place| remove(&mut whole, place, says_nothing));
        }
        let ids: Vec<&str> = request.path.split('/').filter(|segment| !segment.is_empty()).collect();
        for InPath { at, .. } in &self.in_path {
            let is_in_path = |value: &Value| match value {
                Value::String(text) => ids.contains(&text.as_str()),
                Value::Number(number) => ids.contains(&number.to_string().as_str()),
                _ => false,
            };
            at.iter().for_each(|place| remove(&mut whole, place, is_in_path));
        }
        plain.query = match whole["query"].take() {
            Value::Object(members) => members,
            _ => Map::new(),
        };
        plain.body = whole["body"].take();
        plain
    }
}

impl Slash {
    fn covers(&self, request: &Request) -> bool {
        let path = segments(&request.path);
        let is_path = |template: &String| {
            let template = segments(template);
            template.len() == path.len()
                && template
                    .iter()
                    .zip(&path)
                    .all(|(template, segment)| template.is_none() || template == segment)
        };
        self.method == request.method && self.paths.iter().any(is_path)
    }
}

/// Differences that are listed as meaning the same for one pair are none.
pub(crate) fn without_listed(
    differences: Vec<Difference>,
    listed: &BTreeMap<String, String>,
) -> Vec<Difference> {
    let is_listed = |at: &str| {
        listed.keys().any(|place| {
            at.strip_prefix(place.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    };
    differences.into_iter().filter(|difference| !is_listed(&difference.at)).collect()
}

fn pointer(place: &str) -> String {
    format!("/{}", place.replace('.', "/"))
}

/// Removes the field at a place, and with `*` at its end each field there, where its value says nothing.
fn remove(whole: &mut Value, place: &str, says_nothing: impl Fn(&Value) -> bool) {
    let Some((holder, name)) = place.rsplit_once('.') else { return };
    if let Some(Value::Object(members)) = whole.pointer_mut(&pointer(holder)) {
        members.retain(|member, value| (name != "*" && name != member) || !says_nothing(value));
    }
}

/// Numbers as they are compared: whole ones without a fraction, and operands of filters without quotes.
fn spell(value: &mut Value, whole_numbers: bool, numbers_in_filters: bool) {
    match value {
        Value::Number(number) if whole_numbers => {
            // Only what an integer holds exactly.
            let whole = number.as_f64().filter(|it| it.fract() == 0.0 && it.abs() < 9e15);
            if let Some(whole) = whole {
                #[allow(clippy::cast_possible_truncation, reason = "it is whole and small enough")]
                let whole = whole as i64;
                *number = whole.into();
            }
        }
        Value::Array(values) => {
            values.iter_mut().for_each(|value| spell(value, whole_numbers, numbers_in_filters));
        }
        Value::Object(members) => {
            for (name, value) in members {
                if numbers_in_filters && OPERATORS.contains(&name.as_str()) {
                    operand(value);
                }
                spell(value, whole_numbers, numbers_in_filters);
            }
        }
        _ => {}
    }
}

fn operand(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Ok(number @ Value::Number(_)) = serde_json::from_str(text.trim()) {
                *value = number;
            }
        }
        Value::Array(values) => values.iter_mut().for_each(operand),
        _ => {}
    }
}

fn values(at: &str, left: &Value, right: &Value, found: &mut Vec<Difference>) {
    match (left, right) {
        (Value::Object(lefts), Value::Object(rights)) => {
            let names = lefts.keys().chain(rights.keys().filter(|name| !lefts.contains_key(*name)));
            for name in names {
                let place = format!("{at}.{name}");
                match (lefts.get(name), rights.get(name)) {
                    (Some(left), Some(right)) => values(&place, left, right, found),
                    (left, right) => {
                        found.push(Difference { at: place, left: left.cloned(), right: right.cloned() });
                    }
                }
            }
        }
        (left, right) if left == right => {}
        (left, right) => {
            found.push(Difference {
                at: at.to_owned(),
                left: Some(left.clone()),
                right: Some(right.clone()),
            });
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that fails panics")]
mod tests {
    use super::*;

    fn differences(left: (&str, &str), right: (&str, &str)) -> Vec<String> {
        let request = |(target, body): (&str, &str)| {
            let (method, target) = target.split_once(' ').unwrap();
            Request::new(method, target, body.as_bytes(), true)
        };
        let found = Forms::read().unwrap().differences(&request(left), &request(right));
        found.into_iter().map(|difference| difference.at).collect()
    }

    #[test]
    fn forms_that_mean_the_same_are_no_difference() {
        for (left, right) in [
            (("GET /api/v0/instances/5/?owner=me", ""), ("GET /api/v0/instances/5/", "{}")),
            (
                ("GET /api/v0/endptjobs/", r#"{"client_id":"me","api_key":"k"}"#),
                ("GET /api/v0/endptjobs/", ""),
            ),
            (
                (
                    "PUT /api/v0/endptjobs/42/",
                    r#"{"endptjob_id":42,"min_load":null,"autoscaler_instance":"prod"}"#,
                ),
                ("PUT /api/v0/endptjobs/42/", ""),
            ),
            (
                ("PUT /api/v0/asks/5/", r#"{"disk":40.0,"env":{},"force":false}"#),
                ("PUT /api/v0/asks/5/", r#"{"disk":40}"#),
            ),
            (
                ("POST /api/v0/bundles/", r#"{"num_gpus":{"eq":"2"},"type":"ondemand"}"#),
                (
                    "POST /api/v0/bundles/",
                    r#"{"num_gpus":{"eq":2},"type":"on-demand","rented":{"eq":false}}"#,
                ),
            ),
            (
                (
                    r#"GET /api/v1/instances/?select_filters={}&limit=25&order_by=[{"col": "id", "dir": "asc"}]"#,
                    "",
                ),
                ("GET /api/v1/instances/", ""),
            ),
            (("DELETE /api/v0/autojobs/7/", ""), ("DELETE /api/v0/workergroups/7/", "")),
            (("GET /api/v0/machines/7/reports/", ""), ("GET /api/v0/machines/7/reports", "")),
            (("POST /get_autogroup_logs/", r#"{"id":1}"#), ("POST /get_workergroup_logs/", r#"{"id":1}"#)),
            (
                ("GET /api/v0/users/me/machine-earnings?machid=null&sday=2.0", ""),
                ("GET /api/v0/users/me/machine-earnings?sday=2", ""),
            ),
        ] {
            assert_eq!(differences(left, right), Vec::<String>::new(), "{left:?} {right:?}");
        }
    }

    #[test]
    fn everything_else_is_a_difference_with_its_place() {
        for (left, right, expected) in [
            (("GET /api/v0/ssh/", ""), ("GET /api/v0/ssh", ""), "path"),
            (("PUT /api/v0/ssh/5/", ""), ("POST /api/v0/ssh/5/", ""), "method"),
            // A number as a string is the same in a filter alone.
            (
                ("PUT /api/v0/asks/5/", r#"{"disk":"40"}"#),
                ("PUT /api/v0/asks/5/", r#"{"disk":40}"#),
                "body.disk",
            ),
            // What is not given is empty at the top alone: within a filter it is what is asked for.
            (
                ("POST /api/v0/bundles/", r#"{"external":{"eq":false}}"#),
                ("POST /api/v0/bundles/", ""),
                "body.external",
            ),
            (("PUT /api/v0/asks/5/", r#"{"client_id":"7"}"#), ("PUT /api/v0/asks/5/", ""), "body.client_id"),
            (
                ("PUT /api/v0/asks/5/", r#"{"env":{"A":"1"}}"#),
                ("PUT /api/v0/asks/5/", r#"{"env":{"A":"2"}}"#),
                "body.env.A",
            ),
            (("PUT /api/v0/ssh/5/", r#"{"id":6}"#), ("PUT /api/v0/ssh/5/", ""), "body.id"),
            (("GET /api/v1/invoices/?limit=20", ""), ("GET /api/v1/invoices/", ""), "query.limit"),
        ] {
            assert_eq!(differences(left, right), [expected], "{left:?} {right:?}");
            assert_eq!(differences(right, left), [expected], "{right:?} {left:?}");
        }
    }

    #[test]
    fn a_key_that_is_missing_is_a_difference() {
        let request = |authorized| Request::new("POST", "/route/", b"", authorized);
        let found = Forms::read().unwrap().differences(&request(true), &request(false));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].at, "authorization");
    }

    #[test]
    fn what_a_pair_lists_counts_with_all_below_it() {
        let difference = |at: &str| Difference { at: at.to_owned(), left: None, right: None };
        let found = vec![difference("body.size"), difference("body.q.limit"), difference("body.sizes")];
        let listed = ["body.size", "body.q"].map(|at| (at.to_owned(), "a reason".to_owned()));
        let left = without_listed(found, &listed.into_iter().collect());
        assert_eq!(left, [difference("body.sizes")]);
    }
}
