//! The document around its operations: what it is called, and where it is served.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::context::Lowering;
use super::rules;
use crate::pointer;

impl<'document> Lowering<'document, '_> {
    pub(super) fn report_document_keywords(&mut self) {
        const KNOWN: [&str; 7] = ["openapi", "info", "servers", "paths", "components", "security", "tags"];
        const NO_USE: [&str; 5] = ["webhooks", "jsonSchemaDialect", "externalDocs", "$self", "$schema"];
        for key in self.root.as_object().into_iter().flat_map(Map::keys) {
            if KNOWN.contains(&key.as_str()) {
                continue;
            }
            let rule = if NO_USE.contains(&key.as_str()) || key.starts_with("x-") {
                &rules::DOCUMENT_KEYWORD
            } else {
                &rules::UNKNOWN_KEYWORD
            };
            self.report.note(rule, &pointer::child("", key), format!("`{key}`"));
        }
        self.report_components();
    }

    fn report_components(&mut self) {
        const KNOWN: [&str; 7] = [
            "schemas",
            "responses",
            "parameters",
            "requestBodies",
            "securitySchemes",
            "pathItems",
            "headers",
        ];
        let Some(components) = self.root.get("components") else { return };
        let Value::Object(components) = components else {
            return self.note_malformed("/components", "a mapping", components);
        };
        for (key, value) in components {
            let at = pointer::child("/components", key);
            if !KNOWN.contains(&key.as_str()) {
                self.report.note(&rules::DOCUMENT_KEYWORD, &at, format!("`{key}`"));
            } else if !value.is_object() {
                self.note_malformed(&at, "a mapping", value);
            }
        }
    }

    pub(super) fn report_unreferenced(&mut self) {
        let reached: BTreeSet<&str> = self.components.reached().collect();
        let schemas = self.root["components"]["schemas"].as_object().into_iter().flat_map(Map::keys);
        let unreferenced: Vec<String> = schemas
            .map(|name| pointer::child("/components/schemas", name))
            .filter(|at| !reached.contains(at.as_str()))
            .collect();
        for at in unreferenced {
            self.report.note(&rules::UNREFERENCED, &at, format!("`{}`", pointer::last_token(&at)));
        }
    }

    pub(super) fn info(&mut self) -> Value {
        let written = &self.root["info"];
        let mut info = Map::new();
        for (key, fallback) in [("title", "API"), ("version", "0")] {
            let text = match written.get(key) {
                Some(Value::String(text)) => text.clone(),
                Some(Value::Number(number)) => number.to_string(),
                _ => String::new(),
            };
            // The version is sent as a header, and a title is one line of documentation.
            let clean: String = text.chars().filter(|character| matches!(character, ' '..='~')).collect();
            let clean = if clean.trim().is_empty() { fallback.to_owned() } else { clean };
            if written.get(key).and_then(Value::as_str) != Some(clean.as_str()) {
                let at = pointer::child("/info", key);
                self.report.note(&rules::INFO_REPAIRED, &at, format!("→ `{clean}`"));
            }
            info.insert(key.to_owned(), Value::String(clean));
        }
        for (key, value) in written.as_object().into_iter().flatten() {
            let at = pointer::child("/info", key);
            match (key.as_str(), value) {
                ("title" | "version", _) => {}
                ("description", Value::String(_)) => drop(info.insert(key.clone(), value.clone())),
                ("description", other) => self.note_malformed(&at, "a string", other),
                _ => self.report.note(&rules::DOCUMENT_KEYWORD, &at, format!("`{key}`")),
            }
        }
        Value::Object(info)
    }

    /// The servers as URLs; which of them an operation belongs to, and what its variables are, stands in the operations table.
    pub(super) fn servers(&mut self) -> Vec<Value> {
        let mut servers = Vec::new();
        for (index, server) in self.of_root("servers").iter().enumerate() {
            let at = format!("/servers/{index}");
            let url = server.as_object().and_then(|server| self.text(server, "url", &at));
            match url {
                Some(url) => servers.push(json!({ "url": url })),
                None => self.note_malformed(&at, "a mapping with a `url`", server),
            }
        }
        servers
    }

    pub(super) fn tags(&mut self) -> Vec<Value> {
        let mut tags = Vec::new();
        let mut names = BTreeSet::new();
        for (index, tag) in self.of_root("tags").iter().enumerate() {
            let at = format!("/tags/{index}");
            let members = tag.as_object();
            let Some(name) = members.and_then(|tag| self.text(tag, "name", &at)) else {
                self.note_malformed(&at, "a mapping with a `name`", tag);
                continue;
            };
            if !names.insert(name) {
                continue;
            }
            let mut lowered = json!({ "name": name });
            if let Some(description) = members.and_then(|tag| self.text(tag, "description", &at)) {
                lowered["description"] = json!(description);
            }
            tags.push(lowered);
        }
        tags
    }

    fn of_root(&mut self, key: &str) -> &'document [Value] {
        let root = self.root.as_object();
        root.map_or(&[], |root| self.list(root, key, ""))
    }
}
