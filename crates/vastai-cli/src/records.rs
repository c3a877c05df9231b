//! Results as records, for programs that read one line at a time: lines of JSON, or CSV.

use serde_json::{Map, Value};

use crate::json;

/// What a response says beside that it succeeded, which is clear from the rest and from the exit code.
pub(crate) fn said(response: &Map<String, Value>) -> impl Iterator<Item = (&String, &Value)> {
    response.iter().filter(|(name, _)| *name != "success")
}

/// The one object that a response is about, with its name in it: `{"success": true, "instances": {…}}` is about the instance.
pub(crate) fn only_object(response: &Map<String, Value>) -> Option<(&str, &Map<String, Value>)> {
    let mut fields = said(response);
    match (fields.next(), fields.next()) {
        (Some((name, Value::Object(only))), None) => Some((name, only)),
        _ => None,
    }
}

/// The records of a result: the elements of its list, the object that it is about, or the result itself where it is neither.
fn records(result: &Value) -> Vec<&Value> {
    match result {
        Value::Null => Vec::new(),
        Value::Array(list) => list.iter().collect(),
        Value::Object(fields) => {
            if let Some((name, only)) = only_object(fields) {
                return if only.is_empty() { Vec::new() } else { fields.get(name).into_iter().collect() };
            }
            let mut lists = fields.values().filter_map(Value::as_array);
            match (lists.next(), lists.next()) {
                (Some(list), None) if list.iter().all(Value::is_object) => list.iter().collect(),
                _ => vec![result],
            }
        }
        _ => vec![result],
    }
}

/// A line of JSON for each record, with all that the service sent, or with these fields alone.
pub(crate) fn json_lines(result: &Value, fields: Option<&[String]>) -> String {
    let line = |record: &Value| match (record, fields) {
        (Value::Object(record), Some(fields)) => {
            let chosen =
                fields.iter().map(|name| (name.clone(), record.get(name).cloned().unwrap_or_default()));
            json::line(&Value::Object(chosen.collect::<Map<_, _>>()))
        }
        _ => json::line(record),
    };
    records(result).into_iter().map(|record| line(record) + "\n").collect()
}

/// A row of CSV for each record below a row of names, as RFC 4180 has it but for line feeds: all fields, or these. Values are those of the
/// service, in its units; what is nested is JSON, and null is empty.
pub(crate) fn csv(result: &Value, fields: Option<&[String]>) -> csv::Result<String> {
    let records = records(result);
    let objects: Vec<&Map<String, Value>> = records.iter().filter_map(|record| record.as_object()).collect();
    let mut writer = csv::Writer::from_writer(Vec::new());
    if objects.len() < records.len() {
        // A list of what has no fields.
        writer.write_record(["value"])?;
        for record in &records {
            writer.write_record([text(record)])?;
        }
    } else if !objects.is_empty() || fields.is_some() {
        let names: Vec<&str> = match fields {
            Some(fields) => fields.iter().map(String::as_str).collect(),
            None => {
                let mut names: Vec<&str> =
                    objects.iter().flat_map(|record| record.keys()).map(String::as_str).collect();
                names.sort_unstable();
                names.dedup();
                names
            }
        };
        writer.write_record(&names)?;
        for record in objects {
            writer.write_record(names.iter().map(|name| record.get(*name).map_or_else(String::new, text)))?;
        }
    }
    let bytes = writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_list_is_a_record_for_each_element() {
        let result = json!({"success": true, "found": [
            {"id": 1, "label": "a, \"b\"\nc", "tags": ["x"], "price": 0.5},
            {"id": 2, "label": null, "own\u{1b}": true},
        ]});
        expect![[r#"
            {"id":1,"label":"a, \"b\"\nc","price":0.5,"tags":["x"]}
            {"id":2,"label":null,"own\u001b":true}
        "#]]
        .assert_eq(&json_lines(&result, None));
        expect![[r#"
            id,label,own,price,tags
            1,"a, ""b""
            c",,0.5,"[""x""]"
            2,,true,,
        "#]]
        .assert_eq(&csv(&result, None).unwrap());
        let fields = ["id".to_owned(), "none".to_owned()];
        expect![[r#"
            {"id":1,"none":null}
            {"id":2,"none":null}
        "#]]
        .assert_eq(&json_lines(&result, Some(&fields)));
        expect![[r#"
            id,none
            1,
            2,
        "#]]
        .assert_eq(&csv(&result, Some(&fields)).unwrap());
    }

    #[test]
    fn an_object_in_a_response_is_the_record() {
        let one = json!({"success": true, "instances": {"id": 7, "actual_status": "running", "label": null}});
        let status = ["actual_status".to_owned(), "id".to_owned()];
        assert_eq!(csv(&one, None).unwrap(), "actual_status,id,label\nrunning,7,\n");
        assert_eq!(csv(&one, Some(&status)).unwrap(), "actual_status,id\nrunning,7\n");
        assert_eq!(json_lines(&one, Some(&status)), "{\"actual_status\":\"running\",\"id\":7}\n");
        assert_eq!(json_lines(&json!({"success": true, "secrets": {}}), None), "");
        // What says more than the object is a record as it came.
        let more = json!({"user": {"id": 7}, "balance": 2});
        assert_eq!(csv(&more, None).unwrap(), "balance,user\n2,\"{\"\"id\"\":7}\"\n");
    }

    #[test]
    fn what_is_no_list_is_one_record() {
        let two_lists = json!({"a": [{}], "b": [1], "c": 1});
        assert_eq!(json_lines(&two_lists, None), "{\"a\":[{}],\"b\":[1],\"c\":1}\n");
        assert_eq!(csv(&two_lists, None).unwrap(), "a,b,c\n[{}],[1],1\n");
        assert_eq!(json_lines(&json!([1, "x"]), None), "1\n\"x\"\n");
        assert_eq!(csv(&json!([1, "x", null]), None).unwrap(), "value\n1\nx\n\"\"\n");
        assert_eq!(
            (json_lines(&json!([]), None), csv(&json!({"r": []}), None).unwrap()),
            (String::new(), String::new())
        );
        assert_eq!(csv(&json!("text"), None).unwrap(), "value\ntext\n");
        assert_eq!(json_lines(&Value::Null, None), "");
    }
}
