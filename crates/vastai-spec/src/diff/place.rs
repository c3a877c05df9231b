//! Where an operation stands: its method, its path, and the server in front of it.

use std::fmt;

use serde_json::Value;

use super::site::{Chain, Site};
use super::source::Source;
use crate::identify::operation_pointer;

/// Where an operation stands in a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place<'d> {
    pub(super) path: &'d str,
    pub(super) method: &'static str,
}

impl Place<'_> {
    pub(super) fn pointer(self) -> String {
        operation_pointer(self.path, self.method)
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.method.to_uppercase(), self.path)
    }
}

/// An operation where it stands.
#[derive(Debug, Clone)]
pub(super) struct Call<'d> {
    pub(super) path: &'d str,
    pub(super) item: Chain<'d>,
    pub(super) operation: Site<'d>,
}

impl<'d> Source<'d> {
    pub(super) fn call(&mut self, place: Place<'d>) -> Option<Call<'d>> {
        let item = self.root.at(&["paths", place.path])?;
        let item = self.chain(item);
        let operation = item.get(place.method)?;
        Some(Call { path: place.path, item, operation })
    }
}

/// A path with its parameters' names taken out, and without a slash at its end: `/a/{id}/` → `/a/{}`.
pub(super) fn without_parameter_names(path: &str) -> String {
    let mut shape = String::with_capacity(path.len());
    let mut rest = path.trim_end_matches('/');
    while let Some((before, after)) = rest.split_once('{') {
        let Some((_, behind)) = after.split_once('}') else { break };
        shape.push_str(before);
        shape.push_str("{}");
        rest = behind;
    }
    shape + rest
}

/// Which parameter of the path, counted from one, has the name.
pub(super) fn position(path: &str, name: &str) -> Option<usize> {
    let names = path.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(name, _)| name);
    names.enumerate().find(|(_, candidate)| *candidate == name).map(|(index, _)| index + 1)
}

/// The URL of the first server of an operation.
pub(super) fn first_url(document: &Value, place: Place<'_>) -> String {
    let item = &document["paths"][place.path];
    let levels = [item[place.method].get("servers"), item.get("servers"), document.get("servers")];
    let servers =
        levels.into_iter().flatten().filter_map(Value::as_array).find(|servers| !servers.is_empty());
    servers.and_then(|servers| servers.first()).map(url_of).unwrap_or_default()
}

pub(super) fn url_of(server: &Value) -> String {
    let mut url = server.get("url").and_then(Value::as_str).unwrap_or_default().to_owned();
    for (name, variable) in server.get("variables").and_then(Value::as_object).into_iter().flatten() {
        if let Some(default) = variable.get("default").and_then(Value::as_str) {
            url = url.replace(&format!("{{{name}}}"), default);
        }
    }
    let url = url.trim_end_matches('/');
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let (scheme, host) = (scheme.to_ascii_lowercase(), host.to_ascii_lowercase());
    let port = match scheme.as_str() {
        "https" => ":443",
        "http" => ":80",
        _ => "",
    };
    let host = host.strip_suffix(port).unwrap_or(&host);
    format!("{scheme}://{host}{path}")
}
