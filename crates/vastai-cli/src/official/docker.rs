//! The options of `docker` in which the official client takes environment and ports: `-e A=b -p 8080:8080`.

use serde_json::{Map, Value};

/// What options come to, and the words that mean nothing to an instance.
pub(super) struct Environment {
    pub(super) fields: Map<String, Value>,
    /// What the official client leaves out without a word.
    pub(super) left_out: Vec<String>,
}

/// Reads options: `-e NAME=VALUE`, `-h NAME`, and `-p`, `-v`, `-n`, which the service takes as they stand. An object of JSON is taken as it is.
pub(super) fn environment(options: &str) -> Result<Environment, String> {
    let mut environment = Environment { fields: Map::new(), left_out: Vec::new() };
    if options.trim_start().starts_with('{') {
        environment.fields =
            serde_json::from_str(options).map_err(|error| format!("the environment is not JSON: {error}"))?;
        return Ok(environment);
    }
    let words = shlex::split(options).ok_or_else(|| {
        "a quote in the environment is not closed, or a backslash is its last character".to_owned()
    })?;
    let mut words = words.into_iter();
    while let Some(option) = words.next() {
        let mut value =
            || words.next().ok_or_else(|| format!("a value for '{option}' in the environment is missing"));
        match option.as_str() {
            "-e" => {
                let variable = value()?;
                match variable.split_once('=') {
                    Some((name, value)) => drop(environment.fields.insert(name.to_owned(), value.into())),
                    None => environment.left_out.push(format!("-e {variable}")),
                }
            }
            "-h" => drop(environment.fields.insert(option.clone(), value()?.into())),
            "-p" | "-v" | "-n" => {
                let value = value()?;
                environment.fields.insert(format!("{option} {value}"), "1".into());
            }
            _ => environment.left_out.push(option.clone()),
        }
    }
    Ok(environment)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn options_are_fields() {
        let read = environment(
            r#"-e A=b -e "C=d e" -e F='g=h' -p 80:80/udp -v /a:/b -n net -h host --gpus all -e X"#,
        )
        .ok()
        .unwrap_or_else(|| panic!("it is not read"));
        let fields = json!({"A": "b", "C": "d e", "F": "g=h", "-p 80:80/udp": "1", "-v /a:/b": "1", "-n net": "1", "-h": "host"});
        assert_eq!(Value::Object(read.fields), fields);
        assert_eq!(read.left_out, ["--gpus", "all", "-e X"]);
    }

    #[test]
    fn an_object_is_taken_as_it_is() {
        let read = environment(r#" {"A": "b c"}"#).ok().unwrap_or_else(|| panic!("it is not read"));
        assert_eq!(Value::Object(read.fields), json!({"A": "b c"}));
    }

    #[test]
    fn what_is_not_whole_is_refused() {
        for wrong in ["-e 'A=b", "-p", "{\"A\"", "-e"] {
            assert!(environment(wrong).is_err(), "{wrong}");
        }
    }
}
