//! The comparison of what was sent with what arrived.

use serde_json::Value;

/// How what arrived differs from what was sent: a line for each place.
///
/// A field that is null says as much as one that is missing, 1 is 1.0 and true, a number that came as a string is that number, and words
/// of an open set come in the service's spelling. A bare list is the list of the object that is documented.
pub(crate) fn losses(sent: &Value, arrived: &Value) -> Vec<String> {
    let mut losses = Vec::new();
    let lists = arrived.as_object().filter(|_| sent.is_array()).into_iter().flatten();
    let mut lists = lists.map(|(_, value)| value).filter(|value| value.is_array());
    compare(sent, lists.next().unwrap_or(arrived), "", &mut losses);
    losses
}

fn compare(sent: &Value, arrived: &Value, at: &str, losses: &mut Vec<String>) {
    match (sent, arrived) {
        (Value::Object(sent), Value::Object(arrived)) => {
            let names = sent.keys().chain(arrived.keys().filter(|name| !sent.contains_key(*name)));
            for name in names {
                let [sent, arrived] =
                    [sent, arrived].map(|members| members.get(name).unwrap_or(&Value::Null));
                compare(sent, arrived, &format!("{at}/{name}"), losses);
            }
        }
        (Value::Array(sent), Value::Array(arrived)) if sent.len() == arrived.len() => {
            for (index, (sent, arrived)) in sent.iter().zip(arrived).enumerate() {
                compare(sent, arrived, &format!("{at}/{index}"), losses);
            }
        }
        _ if sent == arrived || same_number(sent, arrived) || same_word(sent, arrived) => {}
        _ => losses.push(format!("{at}: {sent} was sent and {arrived} arrived")),
    }
}

fn same_number(sent: &Value, arrived: &Value) -> bool {
    let sent = sent.as_f64().or_else(|| sent.as_str()?.trim().parse().ok());
    sent.is_some() && sent == arrived.as_f64()
}

fn same_word(sent: &Value, arrived: &Value) -> bool {
    match (sent, arrived) {
        (Value::String(sent), Value::String(arrived)) => {
            sent.eq_ignore_ascii_case(arrived) || (sent.is_empty() && arrived == "UNKNOWN")
        }
        (Value::Number(sent), Value::Bool(arrived)) => sent.as_u64() == Some(u64::from(*arrived)),
        _ => false,
    }
}

#[test]
fn a_loss_is_seen() {
    let sent = serde_json::json!({ "a": 1, "b": "12.5", "c": [{ "d": null, "e": "x" }], "f": true });
    let same = serde_json::json!({ "a": 1.0, "b": 12.5, "c": [{ "e": "x" }], "f": true, "g": null });
    assert!(losses(&sent, &same).is_empty());
    let other = serde_json::json!({ "a": 2, "b": 12, "c": [{ "d": 0, "e": null }] });
    assert_eq!(
        losses(&sent, &other),
        [
            "/a: 1 was sent and 2 arrived",
            "/b: \"12.5\" was sent and 12 arrived",
            "/c/0/d: null was sent and 0 arrived",
            "/c/0/e: \"x\" was sent and null arrived",
            "/f: true was sent and null arrived",
        ]
    );
}
