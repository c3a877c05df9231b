//! Security: which schemes there are, and what the document and its operations ask of them.

use serde_json::{Map, Value, json};

use super::context::Lowering;
use super::rules;
use crate::filled::filled;
use crate::pointer;

impl Lowering<'_, '_> {
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
                    "a mapping of schemes to lists of strings",
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
            let flows: Map<String, Value> = filled(
                scheme
                    .get("flows")?
                    .as_object()?
                    .iter()
                    .filter_map(|(name, flow)| Some((name.clone(), oauth_flow(name, flow)?))),
            );
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
    let scopes: Map<String, Value> = filled(
        scopes
            .filter(|(_, meaning)| meaning.is_string())
            .map(|(scope, meaning)| (scope.clone(), meaning.clone())),
    );
    let mut lowered = json!({ "scopes": scopes });
    for key in urls {
        lowered[*key] = json!(flow.get(*key)?.as_str()?);
    }
    Some(lowered)
}
