//! The document around its operations: what it is called, where it is served, and how one proves who one is.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{Lowering, rules};
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
                ("description", other) => self.note_malformed(&at, "a text", other),
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

    /// `security` of the document or of an operation: alternatives, each a mapping of schemes to what is asked of them.
    pub(super) fn security(&mut self, holder: &Map<String, Value>, at: &str) -> Option<Vec<Value>> {
        if !holder.get("security")?.is_array() {
            self.list(holder, "security", at);
            return None;
        }
        let at = pointer::child(at, "security");
        let mut alternatives = Vec::new();
        for (index, alternative) in self.list(holder, "security", &at).iter().enumerate() {
            let scopes_are_texts =
                |scopes: &Value| scopes.as_array().is_some_and(|scopes| scopes.iter().all(Value::is_string));
            match alternative.as_object() {
                Some(schemes) if schemes.values().all(scopes_are_texts) => {
                    alternatives.push(alternative.clone())
                }
                _ => self.note_malformed(
                    &format!("{at}/{index}"),
                    "a mapping of schemes to lists of texts",
                    alternative,
                ),
            }
        }
        Some(alternatives)
    }

    pub(super) fn security_schemes(&mut self) -> Map<String, Value> {
        let mut lowered = Map::new();
        let schemes = self.root["components"]["securitySchemes"].as_object();
        for (name, scheme) in schemes.into_iter().flatten() {
            let at = pointer::child("/components/securitySchemes", name);
            let scheme = pointer::resolved(self.root, scheme);
            match scheme.as_object().and_then(security_scheme) {
                Some(scheme) => drop(lowered.insert(name.clone(), scheme)),
                None => {
                    let kind = scheme.get("type").and_then(Value::as_str).unwrap_or("no type");
                    self.report.note(&rules::SECURITY_SCHEME, &at, format!("`{kind}`"));
                }
            }
        }
        lowered
    }
}

/// A security scheme with what OpenAPI 3.0 asks of it and nothing else; `None` where that is missing.
fn security_scheme(scheme: &Map<String, Value>) -> Option<Value> {
    let text = |key: &str| scheme.get(key).and_then(Value::as_str);
    let mut lowered = match text("type")? {
        "http" => {
            let mut http = json!({ "type": "http", "scheme": text("scheme")? });
            // Any other scheme has no use for the format of a bearer's token, and 3.0 forbids it there.
            if let Some(format) = text("bearerFormat").filter(|_| text("scheme").is_some_and(is_bearer)) {
                http["bearerFormat"] = json!(format);
            }
            http
        }
        "apiKey" => {
            let location = text("in").filter(|location| ["header", "query", "cookie"].contains(location))?;
            json!({ "type": "apiKey", "name": text("name")?, "in": location })
        }
        "openIdConnect" => json!({ "type": "openIdConnect", "openIdConnectUrl": text("openIdConnectUrl")? }),
        "oauth2" => {
            let flows: Map<String, Value> = scheme
                .get("flows")?
                .as_object()?
                .iter()
                .filter_map(|(name, flow)| Some((name.clone(), oauth_flow(name, flow)?)))
                .collect();
            json!({ "type": "oauth2", "flows": flows })
        }
        _ => return None,
    };
    if let Some(description) = text("description") {
        lowered["description"] = json!(description);
    }
    Some(lowered)
}

fn is_bearer(scheme: &str) -> bool {
    scheme.eq_ignore_ascii_case("bearer")
}

fn oauth_flow(name: &str, flow: &Value) -> Option<Value> {
    let urls: &[&str] = match name {
        "implicit" => &["authorizationUrl"],
        "password" | "clientCredentials" => &["tokenUrl"],
        "authorizationCode" => &["authorizationUrl", "tokenUrl"],
        _ => return None,
    };
    let scopes = flow.get("scopes").and_then(Value::as_object).into_iter().flatten();
    let scopes: Map<String, Value> = scopes
        .filter(|(_, meaning)| meaning.is_string())
        .map(|(scope, meaning)| (scope.clone(), meaning.clone()))
        .collect();
    let mut lowered = json!({ "scopes": scopes });
    for key in urls {
        lowered[*key] = json!(flow.get(*key)?.as_str()?);
    }
    Some(lowered)
}
