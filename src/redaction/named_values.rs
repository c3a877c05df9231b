//! Values that are secret by their name: of another account's key this client knows nothing, and the service may repeat it.

use std::ops::Range;

use super::is_secret_name;

/// Where the values of fields and parameters are whose names say that they are secret: `"api_key": "…"`, `token=…`.
pub(super) fn values_of_secret_names(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let is_of_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-".contains(byte);
    let (mut at, mut values) = (0, Vec::new());
    while at < bytes.len() {
        let length = bytes[at..].iter().take_while(|byte| is_of_name(byte)).count();
        if length == 0 {
            at += 1;
            continue;
        }
        let end = at + length;
        // The digits of an escaped quotation mark are not part of the name.
        let name = &text[at..end];
        let name = if at > 0 && bytes[at - 1] == b'%' && name.len() > 2 { &name[2..] } else { name };
        at = end;
        // No name is longer than this; a longer one is data.
        if name.len() > 256 || !is_secret_name(name) {
            continue;
        }
        if let Some(value) = value_after(bytes, end) {
            at = value.end;
            if !value.is_empty() {
                values.push(value);
            }
        }
    }
    values
}

/// The value after a name: after a colon or an equals sign, in quotation marks or brackets, or up to what ends a parameter.
fn value_after(text: &[u8], name_end: usize) -> Option<Range<usize>> {
    let name_quote = Quote::at(text, name_end);
    let at = after_spaces(text, name_quote.as_ref().map_or(name_end, |quote| quote.end));
    let (separator, after) =
        [":", "=", "%3A", "%3a", "%3D", "%3d", "&#58;", "&#61;"].iter().find_map(|written| {
            text[at..].starts_with(written.as_bytes()).then(|| (*written, at + written.len()))
        })?;
    let is_equal_sign = !matches!(separator, ":" | "%3A" | "%3a" | "&#58;");
    // After an equals sign a space is an empty value, unless the name is quoted or spaces are before it too.
    let start = match is_equal_sign && name_quote.is_none() && text.get(name_end) == Some(&b'=') {
        true => after,
        false => after_spaces(text, after + usize::from(is_equal_sign && text.get(after) == Some(&b'>'))),
    };
    if let Some(quote) = Quote::at(text, start) {
        return Some(quote.end..quote.closed_by(text));
    }
    match text.get(start) {
        Some(b'{' | b'[') if name_quote.is_some() || is_equal_sign => {
            Some(start..after_brackets(text, start))
        }
        // A number or null is not a secret, and after a colon in a sentence comes the sentence.
        _ if !is_equal_sign => after_scheme(text, start),
        _ => {
            let ends = |byte: &u8| b"\"'`&,;<>)}] \t\r\n".contains(byte);
            let length = text[start..].iter().position(ends).unwrap_or(text.len() - start);
            Some(start..start + length)
        }
    }
}

/// What looks like a key in a header: `Authorization: Bearer …`.
fn after_scheme(text: &[u8], start: usize) -> Option<Range<usize>> {
    let start = ["Bearer ", "Basic ", "bearer ", "basic "]
        .iter()
        .find(|scheme| text[start..].starts_with(scheme.as_bytes()))
        .map_or(start, |scheme| start + scheme.len());
    let is_of_key = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=_.-".contains(byte);
    let length = text[start..].iter().take_while(|byte| is_of_key(byte)).count();
    let key = &text[start..start + length];
    (length >= 16 && key.iter().any(u8::is_ascii_digit)).then_some(start..start + length)
}

fn after_spaces(text: &[u8], at: usize) -> usize {
    at + text[at..].iter().take_while(|byte| b" \t\r\n+".contains(byte)).count()
}

/// A quotation mark, however it is escaped.
struct Quote<'text> {
    mark: &'text [u8],
    /// How many backslashes are before it.
    backslashes: usize,
    end: usize,
}

impl<'text> Quote<'text> {
    fn at(text: &'text [u8], at: usize) -> Option<Self> {
        let rest = &text[at..];
        let backslashes = rest.iter().take(64).take_while(|byte| **byte == b'\\').count();
        let rest = &rest[backslashes..];
        let marks =
            ["\"", "'", "`", "&quot;", "&#34;", "&#x22;", "&apos;", "&#39;", "&#x27;", "%22", "%27", "u0022"];
        let mark = marks.iter().find(|mark| rest.starts_with(mark.as_bytes()))?;
        Some(Self { mark: &rest[..mark.len()], backslashes, end: at + backslashes + mark.len() })
    }

    /// Where what the mark opens is closed by another one like it; the text's end, where none is.
    fn closed_by(&self, text: &[u8]) -> usize {
        let mut at = self.end;
        while at < text.len() {
            let backslashes = text[at..].iter().take_while(|byte| **byte == b'\\').count();
            let mark = at + backslashes;
            if text[mark..].starts_with(self.mark) {
                // Backslashes that belong to the value come in groups, by how often the whole was escaped.
                let of_value = backslashes.checked_sub(self.backslashes);
                if of_value.is_some_and(|of_value| of_value % (2 * (self.backslashes + 1)) == 0) {
                    return mark - self.backslashes;
                }
            }
            at = mark + 1;
        }
        text.len()
    }
}

/// What is after the bracket that closes the one here; the text's end, where none does. Brackets in quotation marks do not count.
fn after_brackets(text: &[u8], start: usize) -> usize {
    let (mut depth, mut at) = (0_usize, start);
    while at < text.len() {
        if let Some(quote) = Quote::at(text, at) {
            at = quote.closed_by(text) + quote.backslashes + quote.mark.len();
            continue;
        }
        match text[at] {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::Secrets;

    proptest! {
        #[test]
        fn a_value_of_any_kind_is_gone(value in "[^\"\\\\]{0,20}hunter2[^\"\\\\]{0,20}", name in "(x_|my)?(api_key|password|Token)(_2|s)?") {
            let json = serde_json::json!({ "id": 1, &name: &value, "z": "stays" }).to_string();
            let nested = serde_json::json!({ &name: { "a": [{ "b": "}]" }], "c": &value }, "z": "stays" }).to_string();
            for json in [json, nested] {
                let in_a_text = serde_json::Value::String(json.clone()).to_string();
                let twice = serde_json::Value::String(in_a_text.clone()).to_string();
                let in_html = json.replace('"', "&quot;");
                for text in [&json, &in_a_text, &twice, &in_html] {
                    let shown = Secrets::default().shown(text);
                    prop_assert!(!shown.contains("hunter2"), "{}", shown);
                    prop_assert!(shown.contains("stays"), "{}", shown);
                }
            }
        }
    }

    #[test]
    fn secrets_go_and_the_rest_stays() {
        for (text, shown) in [
            (r#"{"api_key": "hunter2", "id": 7}"#, r#"{"api_key": "[redacted]", "id": 7}"#),
            (r#"{"instance_api_key":"hunter2""#, r#"{"instance_api_key":"[redacted]""#),
            (r#"[{"jupyter_token":"hun ter, 2","a":1}]"#, r#"[{"jupyter_token":"[redacted]","a":1}]"#),
            (r#"{\"Password\": \"hunter2\"}"#, r#"{\"Password\": \"[redacted]\"}"#),
            (r#"{"api_key": "cut hun"#, r#"{"api_key": "[redacted]"#),
            ("https://x.example/?Signature=hunter2&id=1", "https://x.example/?Signature=[redacted]&id=1"),
            ("signature=hunter2; key=hunter2", "signature=[redacted]; key=[redacted]"),
            ("%22api_key%22%3A+%22hunter2%22", "%22api_key%22%3A+%22[redacted]%22"),
            ("Authorization: Bearer 0123456789abcdef", "Authorization: Bearer [redacted]"),
            (r#"{"secret": {"a": "b"}, "token": null}"#, r#"{"secret": [redacted], "token": null}"#),
            (r#"{"secret": {"a": {"b": 1}, "c": "hunter2"}, "z": 1}"#, r#"{"secret": [redacted], "z": 1}"#),
            (r#"{"tokens": ["hunter2""#, r#"{"tokens": [redacted]"#),
            ("invalid api_key or endpoint x not found", "invalid api_key or endpoint x not found"),
            ("invalid token: see the docs", "invalid token: see the docs"),
            (
                r#"{"api_key": "hünter2", "password": "", "msg": "ß"}"#,
                r#"{"api_key": "[redacted]", "password": "", "msg": "ß"}"#,
            ),
            (r#"{"token": "hun\"ter2", "a": 1}"#, r#"{"token": "[redacted]", "a": 1}"#),
            (r#"{"token": "hunter2\\", "a": 1}"#, r#"{"token": "[redacted]", "a": 1}"#),
            (r#"{"next_token": "page 2"}"#, r#"{"next_token": "page 2"}"#),
            ("token", "token"),
            ("", ""),
        ] {
            assert_eq!(Secrets::default().shown(text), shown);
        }
    }
}
