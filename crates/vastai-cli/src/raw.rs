//! `--raw`: what the official client prints with it, where that is not the response as it came. Its lists are bare, so that a script goes on
//! with `jq '.[0].id'`.

use serde_json::{Map, Value, json};
use vastai_api::Operation;

/// What is printed of the responses of an operation.
struct Form {
    operation: &'static str,
    /// The field that is printed alone.
    field: &'static str,
    /// Fields that are left out, of an object or of each of a list: keys of the account.
    without: &'static [&'static str],
    row: Row,
}

/// What becomes of each row.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Row {
    AsItCame,
    /// With `duration`, since when it runs, in seconds.
    WithDuration,
    /// And with the environment as an object, which comes as a list of pairs.
    Instance,
    /// With stars for each value: they are secrets.
    Hidden,
}

const fn field(operation: &'static str, field: &'static str) -> Form {
    Form { operation, field, without: &[], row: Row::AsItCame }
}

const FORMS: &[Form] = &[
    Form { row: Row::Instance, ..field("showInstance", "instances") },
    Form { row: Row::Instance, ..field("showInstances", "instances") },
    field("searchOffers", "offers"),
    field("searchAsks", "offers"),
    field("searchVolumes", "offers"),
    field("searchNetworkVolumes", "offers"),
    field("searchBenchmarks", "benchmarks"),
    field("searchTemplates", "templates"),
    Form {
        without: &["api_key", "auto_delete_in_seconds", "auto_delete_due_24h"],
        ..field("showEndpoints", "results")
    },
    field("showWorkergroup", "results"),
    Form { without: &["api_key"], ..field("showUser", "") },
    field("showSubaccounts", "users"),
    field("showIpaddrs", "results"),
    Form { row: Row::WithDuration, ..field("listVolumes", "volumes") },
    field("showDeployments", "deployments"),
    field("showDeployment", "deployment"),
    field("showDeploymentVersions", "versions"),
    field("showInstanceBackups", "backups"),
    Form { row: Row::Hidden, ..field("showEnvVars", "secrets") },
];

/// Whether the response is printed as it came, byte for byte.
pub(crate) fn is_as_it_came(operation: &Operation) -> bool {
    form_of(operation).is_none()
}

fn form_of(operation: &Operation) -> Option<&'static Form> {
    FORMS.iter().find(|form| form.operation == operation.id)
}

/// What is printed of a response. One page of several is printed with what belongs to it.
pub(crate) fn form(operation: &Operation, response: Value, now: f64) -> Value {
    let Some(form) = form_of(operation) else { return response };
    let mut response = match response {
        Value::Object(fields) => fields,
        // A list without its object is what is wanted.
        other => return rows(other, form, now),
    };
    if form.field.is_empty() {
        return rows(Value::Object(response), form, now);
    }
    if response.contains_key("next_token") {
        return page(operation, response);
    }
    match response.remove(form.field) {
        Some(value) => rows(value, form, now),
        // Something else than expected says more as it is than as nothing.
        None => Value::Object(response),
    }
}

/// One page: the object as it came; of benchmarks with the number of its rows.
fn page(operation: &Operation, page: Map<String, Value>) -> Value {
    if operation.id != "searchBenchmarks" {
        return Value::Object(page);
    }
    let list = page.get("benchmarks").cloned().unwrap_or_default();
    let found = list.as_array().map_or(0, Vec::len);
    json!({ "success": true, "benchmarks_found": found, "benchmarks": list, "next_token": page.get("next_token") })
}

fn rows(value: Value, form: &Form, now: f64) -> Value {
    match value {
        Value::Array(list) => list.into_iter().map(|each| row(each, form, now)).collect(),
        one => row(one, form, now),
    }
}

fn row(value: Value, form: &Form, now: f64) -> Value {
    let Value::Object(mut fields) = value else { return value };
    for name in form.without {
        fields.remove(*name);
    }
    if form.row == Row::Hidden {
        fields.values_mut().for_each(|value| *value = "*****".into());
    }
    if matches!(form.row, Row::WithDuration | Row::Instance)
        && let Some(start) = fields.get("start_date").and_then(Value::as_f64)
    {
        fields.insert("duration".to_owned(), json!(now - start));
    }
    if form.row == Row::Instance
        && let Some(pairs) = fields.get("extra_env").and_then(Value::as_array)
    {
        let pair = |pair: &Value| Some((pair.get(0)?.as_str()?.to_owned(), pair.get(1)?.clone()));
        let named: Option<Map<String, Value>> = pairs.iter().map(pair).collect();
        if let Some(named) = named {
            fields.insert("extra_env".to_owned(), Value::Object(named));
        }
    }
    Value::Object(fields)
}

/// The ids of a list or of one object, a line each.
pub(crate) fn ids(value: &Value) -> String {
    let one = |row: &Value| {
        ["id", "machine_id", "pending_price_increase_id"]
            .iter()
            .find_map(|name| row.get(*name))
            .map(|id| format!("{}\n", id.as_str().map_or_else(|| id.to_string(), str::to_owned)))
    };
    match value {
        Value::Array(list) => list.iter().filter_map(one).collect(),
        // An object around its list.
        Value::Object(fields) if !fields.contains_key("id") => {
            fields.values().filter_map(Value::as_array).flatten().filter_map(one).collect()
        }
        other => one(other).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_operations::operation;

    fn shown(id: &'static str, response: Value) -> Value {
        form(&operation(id, &[]), response, 1_000.0)
    }

    #[test]
    fn lists_are_bare() {
        assert_eq!(shown("searchOffers", json!({"offers": [{"id": 1}]})), json!([{"id": 1}]));
        assert_eq!(shown("searchOffers", json!([{"id": 1}])), json!([{"id": 1}]));
        assert_eq!(shown("searchOffers", json!({"error": "x"})), json!({"error": "x"}));
        assert_eq!(shown("showUser", json!({"id": 1, "api_key": "k"})), json!({"id": 1}));
        assert_eq!(shown("showDeposit", json!({"deposit": 1})), json!({"deposit": 1}));
    }

    #[test]
    fn instances_have_a_duration_and_their_environment_by_name() {
        let row = json!({"id": 5, "start_date": 400.0, "extra_env": [["A", "b"]]});
        let expected = json!({"id": 5, "start_date": 400.0, "duration": 600.0, "extra_env": {"A": "b"}});
        assert_eq!(shown("showInstances", json!({"instances": [row]})), json!([expected]));
        assert_eq!(shown("showInstance", json!({"instances": row})), expected);
        let page = json!({"instances": [row], "next_token": "t"});
        assert_eq!(shown("showInstances", page.clone()), page);
    }

    #[test]
    fn ids_stand_on_lines() {
        assert_eq!(ids(&json!([{"id": 1}, {"id": "x"}, {"other": 2}])), "1\nx\n");
        assert_eq!(ids(&json!({"success": true, "machines": [{"id": 7}]})), "7\n");
        assert_eq!(ids(&json!({"id": 3})), "3\n");
    }
}
