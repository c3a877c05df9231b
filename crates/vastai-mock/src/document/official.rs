//! What official clients send on any operation, whether the document names it or not: it repeats what the path and the key say, or says that
//! nothing is given. The service takes it, as those clients work with it. Evidence: the command line and the library of vastai 1.9.1.

use std::collections::HashMap;

use serde_json::Value;

use crate::record::{API_KEY, RecordedRequest};

/// Paths by their older names, which the service still takes, and the newer ones.
const RENAMED: [(&str, &str); 2] =
    [("/api/v0/autojobs", "/api/v0/workergroups"), ("/get_autogroup_logs", "/get_workergroup_logs")];

/// A path by its newer name.
pub(super) fn newer(path: &str) -> Option<String> {
    RENAMED.iter().find_map(|(older, newer)| {
        let rest = path.strip_prefix(older).filter(|rest| rest.is_empty() || rest.starts_with('/'))?;
        Some(format!("{newer}{rest}"))
    })
}

/// Fields that repeat an id of the path.
const IDS: [&str; 5] = ["id", "endptjob_id", "autojob_id", "machine_id", "instance_id"];

/// Fields that the official command line sends as it read them, as strings, although they are something else.
const STRINGS: [(&str, &str); 5] = [
    ("createTemplate", "recommended_disk_space"),
    ("updateTemplate", "recommended_disk_space"),
    ("createApiKey", "key_params"),
    ("createScheduledJob", "instance_id"),
    ("updateScheduledJob", "instance_id"),
];

/// Fields that it sends as numbers where they are numbers, although the document has strings.
const NUMBERS: [(&str, &str); 5] = [
    ("initiateRemoteRsync", "src_id"),
    ("initiateRemoteRsync", "dst_id"),
    ("startRsync", "src_id"),
    ("startRsync", "dst_id"),
    ("showLogs", "tail"),
];

/// A value as the document has it.
pub(super) fn as_documented(operation: &str, name: &str, value: &mut Value) {
    match value {
        Value::String(text) if STRINGS.contains(&(operation, name)) => {
            if let Ok(read) = serde_json::from_str(text) {
                *value = read;
            }
        }
        Value::Number(number) if NUMBERS.contains(&(operation, name)) => {
            *value = Value::from(number.to_string())
        }
        _ => {}
    }
}

/// What a request says by its path and its key.
#[derive(Debug, Clone, Copy)]
pub(super) struct Said<'request> {
    pub(super) path: &'request HashMap<String, String>,
    pub(super) key: Option<&'request str>,
}

impl<'request> Said<'request> {
    pub(super) fn by(request: &'request RecordedRequest, path: &'request HashMap<String, String>) -> Self {
        Self { path, key: request.bearer() }
    }

    /// Whether a field says nothing that is not said already.
    pub(super) fn covers(self, name: &str, value: &Value) -> bool {
        match name {
            "client_id" | "owner" | "sender" => value == "me",
            "autoscaler_instance" => value == "prod",
            API_KEY => self.key.is_some_and(|key| value == key),
            name if IDS.contains(&name) => {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                self.path.values().any(|said| *said == text)
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn older_paths_have_newer_names() {
        assert_eq!(newer("/api/v0/autojobs/42/").as_deref(), Some("/api/v0/workergroups/42/"));
        assert_eq!(newer("/get_autogroup_logs").as_deref(), Some("/get_workergroup_logs"));
        assert_eq!(newer("/api/v0/autojobsx/"), None);
    }

    #[test]
    fn values_are_read_as_the_document_has_them() {
        for (operation, name, sent, documented) in [
            ("initiateRemoteRsync", "src_id", json!(12), json!("12")),
            ("initiateRemoteRsync", "dst_id", json!("C.12"), json!("C.12")),
            ("cancelRemoteRsync", "dst_id", json!(12), json!(12)),
            ("createTemplate", "recommended_disk_space", json!("8.5"), json!(8.5)),
            ("createScheduledJob", "instance_id", json!("12"), json!(12)),
            ("createScheduledJob", "instance_id", json!("all"), json!("all")),
            ("executeInstance", "instance_id", json!("12"), json!("12")),
            ("showLogs", "tail", json!(100), json!("100")),
            ("getEndpointLogs", "tail", json!(100), json!(100)),
        ] {
            let mut value = sent.clone();
            as_documented(operation, name, &mut value);
            assert_eq!(value, documented, "{operation}: {name}: {sent}");
        }
    }

    #[test]
    fn only_what_is_said_already_is_covered() {
        let path = HashMap::from([("id".to_owned(), "42".to_owned())]);
        let said = Said { path: &path, key: Some("mock-key") };
        for (name, value) in [
            ("client_id", json!("me")),
            ("owner", json!("me")),
            ("sender", json!("me")),
            ("autoscaler_instance", json!("prod")),
            ("api_key", json!("mock-key")),
            ("endptjob_id", json!(42)),
            ("id", json!("42")),
        ] {
            assert!(said.covers(name, &value), "{name}");
        }
        for (name, value) in [
            ("client_id", json!("you")),
            ("owner", json!(7)),
            ("autoscaler_instance", json!("alpha")),
            ("api_key", json!("other")),
            ("endptjob_id", json!(43)),
            ("label", json!("42")),
        ] {
            assert!(!said.covers(name, &value), "{name}");
        }
        assert!(!Said { path: &path, key: None }.covers("api_key", &json!("")));
    }
}
