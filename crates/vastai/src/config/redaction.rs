//! Values in a text that are secrets by their name: of an endpoint's key this client may know nothing, and the service may repeat it.

/// What the names of secrets have in them.
const SECRET: [&str; 7] = ["api_key", "apikey", "password", "passwd", "secret", "token", "signature"];

/// A text without the values of members and parameters whose names say that they are secret: `"api_key": "…"`, `token=…`.
pub(crate) fn without_secret_values(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = 0;
    for name_end in ends_of_names(text) {
        // Within a value that is not shown anyway.
        if name_end < rest {
            continue;
        }
        let value = value_after(text, name_end);
        shown.push_str(&text[rest..value.start]);
        if !value.is_empty() {
            shown.push_str("[redacted]");
        }
        rest = value.end;
    }
    shown.push_str(&text[rest..]);
    shown
}

/// Whether a member of this name is a secret.
pub(crate) fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRET.iter().any(|secret| name.contains(secret))
}

/// Where the names end that have a secret's in them, in order.
fn ends_of_names(text: &str) -> Vec<usize> {
    let lower = text.to_ascii_lowercase();
    let is_of_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-".contains(byte);
    let found = SECRET.iter().flat_map(|name| lower.match_indices(name).map(|(at, name)| at + name.len()));
    let mut ends: Vec<usize> = found
        .map(|end| end + lower.as_bytes()[end..].iter().take_while(|byte| is_of_name(byte)).count())
        .collect();
    ends.sort_unstable();
    ends.dedup();
    ends
}

/// The value after a name: after a quoted name and a colon, also where the quotes are escaped, or after an equals sign. Empty, at the
/// name's end, where there is none.
fn value_after(text: &str, name_end: usize) -> std::ops::Range<usize> {
    let bytes = text.as_bytes();
    let none = name_end..name_end;
    let skip = |from: usize, skipped: &[u8]| {
        from + bytes[from..].iter().take_while(|byte| skipped.contains(byte)).count()
    };
    let colon = skip(skip(name_end, b"\\\"'"), b" \t\r\n");
    let start = match bytes.get(colon) {
        Some(b':') if skip(name_end, b"\\\"'") > name_end => skip(colon + 1, b" \t\r\n"),
        Some(b'=') => colon + 1,
        _ => return none,
    };
    let quote = skip(start, b"\\");
    let is_quoted = bytes.get(quote).is_some_and(|byte| b"\"'".contains(byte));
    if !is_quoted && bytes[colon] == b':' {
        // A number or null is none; of a list or an object, all up to where it may end.
        let is_nested = bytes.get(start).is_some_and(|byte| b"{[".contains(byte));
        let end = bytes[start..].iter().position(|byte| b"}]".contains(byte));
        return if is_nested { start..end.map_or(bytes.len(), |end| start + end + 1) } else { none };
    }
    let inside = if is_quoted { quote + 1 } else { start };
    let is_escaped = quote > start;
    let ends = |index: usize| match is_quoted {
        true => bytes[index] == bytes[quote] && (is_escaped || bytes[index - 1] != b'\\'),
        false => b"\"'&,;<> \t\r\n".contains(&bytes[index]),
    };
    let end = (inside..bytes.len()).find(|index| ends(*index)).unwrap_or(bytes.len());
    inside..end
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_text_is_too_odd(text in any::<String>(), odd in r#"(api_key|token|"|'|\\|:|=|\{|\}|\[| |ü|x){0,40}"#) {
            without_secret_values(&text);
            without_secret_values(&odd);
        }

        #[test]
        fn a_value_of_any_kind_is_gone(value in "[^\"\\\\]{0,20}hunter2[^\"\\\\]{0,20}", name in "(x_|my)?(api_key|password|Token)(_2|s)?") {
            let json = serde_json::json!({ "id": 1, &name: &value, "z": "stays" }).to_string();
            for text in [&json, &serde_json::Value::String(json.clone()).to_string()] {
                let shown = without_secret_values(text);
                prop_assert!(!shown.contains("hunter2"), "{}", shown);
                prop_assert!(shown.contains("stays"), "{}", shown);
            }
        }
    }

    #[test]
    fn secrets_go_and_the_rest_stays() {
        for (text, shown) in [
            (r#"{"api_key": "hunter2", "id": 7}"#, r#"{"api_key": "[redacted]", "id": 7}"#),
            (r#"{"instance_api_key":"hunter2""#, r#"{"instance_api_key":"[redacted]""#),
            (r#"[{"jupyter_token":"hun ter, 2","a":1}]"#, r#"[{"jupyter_token":"[redacted]","a":1}]"#),
            (r#"{\"Password\": \"hunter2\"}"#, r#"{\"Password\": \"[redacted]"}"#),
            (r#"{"api_key": "cut hun"#, r#"{"api_key": "[redacted]"#),
            ("https://x.example/?Signature=hunter2&id=1", "https://x.example/?Signature=[redacted]&id=1"),
            (r#"{"secret": {"a": "b"}, "token": null}"#, r#"{"secret": [redacted], "token": null}"#),
            (r#"{"tokens": ["hunter2""#, r#"{"tokens": [redacted]"#),
            ("invalid api_key or endpoint x not found", "invalid api_key or endpoint x not found"),
            ("invalid token: see the docs", "invalid token: see the docs"),
            (
                r#"{"api_key": "hünter2", "password": "", "msg": "ß"}"#,
                r#"{"api_key": "[redacted]", "password": "", "msg": "ß"}"#,
            ),
            (r#"{"token": "hun\"ter2", "a": 1}"#, r#"{"token": "[redacted]", "a": 1}"#),
            ("token", "token"),
            ("", ""),
        ] {
            assert_eq!(without_secret_values(text), shown);
        }
        assert!(is_secret("api_key") && is_secret("instance_API_key") && !is_secret("id"));
    }
}
