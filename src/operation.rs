//! The operations table: what a client needs to know about an operation beside its types, and the limits that the document gives to
//! requests, checked before anything is sent.

use std::fmt;

use reqwest::Request;
use serde_json::Value;

use crate::{DefaultValue, Effect, EffectWhere, OPERATIONS};

/// An operation of the document this client was generated from.
///
/// ```
/// let workers = vastai_api::Operation::by_id("getEndpointWorkers").ok_or("no such operation")?;
/// assert_eq!(workers.server, "https://run.vast.ai");
/// # Ok::<(), &str>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// The operationId: `getEndpointWorkers`.
    pub id: &'static str,
    /// The method of [`Client`](crate::Client): `get_endpoint_workers`.
    pub name: &'static str,
    /// The HTTP method.
    pub method: Method,
    /// The path as the document has it, parameters in braces.
    pub path: &'static str,
    /// The first tag.
    pub tag: Option<&'static str>,
    /// A few words: `get endpoint workers`. Empty where the document has none.
    pub summary: &'static str,
    /// The URL of the server the operation belongs to, without a slash at its end: the operation's own over its path's over the
    /// document's. Empty where the document names none.
    pub server: &'static str,
    /// How a caller proves who it is.
    pub authentication: Authentication,
    /// Whether the published document has it. Of one that it lacks is known what the official client sends and reads, which may change
    /// without notice.
    pub documented: bool,
    /// Whether the operation may be sent again when it may already have been done. What creates, rents, pays, transfers or
    /// invites is not.
    pub repeatable: bool,
    /// What calling it does, whatever is sent: whether it only reads, spends, destroys. See [`Operation::effect_with`].
    pub effect: Effect,
    /// With which values it does more.
    pub effect_where: &'static [EffectWhere],
    /// The failure with which the service says that there is nothing, in place of an empty list. A transport makes the list of it.
    pub empty_result: Option<EmptyResult>,
    /// Whether it is refused without a JSON body, so that one goes along, `{}`, where no field is given.
    pub body_required: bool,
    /// What it takes: parameters, and the fields of a JSON body.
    pub parameters: &'static [Parameter],
    /// What the values must keep to. The generated client checks it before it sends.
    pub limits: &'static [Limit],
    /// The sizes in bytes of the largest types that a response is decoded into, by depth: first of the response itself, then of what its
    /// fields and elements are, and so on. What is deeper is not a type but a value; where there are 13, the last counts for all that is
    /// deeper. [`ResponseLimit::check`](crate::ResponseLimit::check) goes by
    /// them.
    pub sizes: &'static [usize],
}

impl Operation {
    /// The operation with this operationId.
    #[must_use]
    pub fn by_id(id: &str) -> Option<&'static Self> {
        OPERATIONS.iter().find(|operation| operation.id == id)
    }

    /// Whether its JSON body has a field of this name.
    #[must_use]
    pub fn takes(&self, field: &str) -> bool {
        let mut parameters = self.parameters.iter();
        parameters.any(|parameter| parameter.location == Location::Body && parameter.name == field)
    }
}

/// A failure that is none: with it, the service says that a list is empty.
///
/// ```
/// use vastai_api::Operation;
///
/// let keys = Operation::by_id("getSshKeysUser").and_then(|operation| operation.empty_result);
/// assert!(keys.is_some_and(|none| none.is_meant_by(404, "No SSH keys found for the user.")));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct EmptyResult {
    /// The HTTP status of the failure.
    pub status: u16,
    /// How its message begins.
    pub message: &'static str,
    /// The body that an operation with an empty result should have, as JSON.
    pub body: &'static str,
}

impl EmptyResult {
    /// Whether a failure with this status and message means that there is nothing.
    #[must_use]
    pub fn is_meant_by(&self, status: u16, message: &str) -> bool {
        status == self.status && message.trim_start().starts_with(self.message)
    }
}

/// An HTTP method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// `GET`
    Get,
    /// `PUT`
    Put,
    /// `POST`
    Post,
    /// `DELETE`
    Delete,
    /// `OPTIONS`
    Options,
    /// `HEAD`
    Head,
    /// `PATCH`
    Patch,
    /// `TRACE`
    Trace,
}

impl Method {
    /// The method as it stands on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Put => "PUT",
            Self::Post => "POST",
            Self::Delete => "DELETE",
            Self::Options => "OPTIONS",
            Self::Head => "HEAD",
            Self::Patch => "PATCH",
            Self::Trace => "TRACE",
        }
    }
}

impl From<Method> for http::Method {
    fn from(method: Method) -> Self {
        match method {
            Method::Get => Self::GET,
            Method::Put => Self::PUT,
            Method::Post => Self::POST,
            Method::Delete => Self::DELETE,
            Method::Options => Self::OPTIONS,
            Method::Head => Self::HEAD,
            Method::Patch => Self::PATCH,
            Method::Trace => Self::TRACE,
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// How a caller proves who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Authentication {
    /// It need not.
    None,
    /// `Authorization: Bearer KEY`.
    Bearer,
    /// In a way that this client does not know.
    Other,
}

/// A value that an operation takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Its name on the wire.
    pub name: &'static str,
    /// Where it is sent.
    pub location: Location,
    /// Whether the operation is refused without it.
    pub required: bool,
    /// Its place on a command line, from 1, where it has one although it can be left out, or before others.
    pub position: Option<u8>,
    /// What kind of value it is.
    pub kind: ValueKind,
    /// What is sent where the caller gives no value, by the generated `send` and by [`Operation::add_defaults`].
    pub default: Option<DefaultValue>,
    /// What it means, from the document.
    pub description: &'static str,
}

/// Where a parameter is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Location {
    /// In the path.
    Path,
    /// In the query string.
    Query,
    /// As a header.
    Header,
    /// As a field of the JSON body.
    Body,
}

/// What kind of value a parameter takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ValueKind {
    /// A string.
    Text,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// Anything else, as JSON.
    Json,
}

/// A limit of a value that an operation takes.
#[derive(Debug, Clone, PartialEq)]
pub struct Limit {
    /// Where the value is sent.
    pub location: Location,
    /// Which value: a parameter's name, or in a body the fields down to it, `order[].size`.
    pub place: &'static str,
    /// What it must keep to.
    pub rule: LimitRule,
}

/// What a value must keep to.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum LimitRule {
    /// Not less.
    Minimum(f64),
    /// More.
    ExclusiveMinimum(f64),
    /// Not more.
    Maximum(f64),
    /// Less.
    ExclusiveMaximum(f64),
    /// A string of at least that many characters.
    MinLength(u64),
    /// A string of at most that many characters.
    MaxLength(u64),
    /// A list of at least that many elements.
    MinItems(u64),
    /// A list of at most that many elements.
    MaxItems(u64),
    /// One of these strings.
    OneOf(&'static [&'static str]),
}

impl LimitRule {
    /// Whether a value keeps to the rule. A value of another type than the rule speaks of does.
    fn holds(&self, value: &Value) -> bool {
        let number = |holds: fn(f64, f64) -> bool, bound: f64| {
            value.as_f64().is_none_or(|number| holds(number, bound))
        };
        let length = |holds: fn(u64, u64) -> bool, bound: u64| {
            value.as_str().is_none_or(|text| holds(text.chars().count() as u64, bound))
        };
        let items = |holds: fn(u64, u64) -> bool, bound: u64| {
            value.as_array().is_none_or(|list| holds(list.len() as u64, bound))
        };
        match *self {
            Self::Minimum(bound) => number(|number, bound| number >= bound, bound),
            Self::ExclusiveMinimum(bound) => number(|number, bound| number > bound, bound),
            Self::Maximum(bound) => number(|number, bound| number <= bound, bound),
            Self::ExclusiveMaximum(bound) => number(|number, bound| number < bound, bound),
            Self::MinLength(bound) => length(|length, bound| length >= bound, bound),
            Self::MaxLength(bound) => length(|length, bound| length <= bound, bound),
            Self::MinItems(bound) => items(|count, bound| count >= bound, bound),
            Self::MaxItems(bound) => items(|count, bound| count <= bound, bound),
            Self::OneOf(allowed) => value.as_str().is_none_or(|given| allowed.contains(&given)),
        }
    }
}

impl fmt::Display for LimitRule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Minimum(bound) => write!(formatter, "at least {bound}"),
            Self::ExclusiveMinimum(bound) => write!(formatter, "more than {bound}"),
            Self::Maximum(bound) => write!(formatter, "at most {bound}"),
            Self::ExclusiveMaximum(bound) => write!(formatter, "less than {bound}"),
            Self::MinLength(bound) => write!(formatter, "at least {bound} characters"),
            Self::MaxLength(bound) => write!(formatter, "at most {bound} characters"),
            Self::MinItems(bound) => write!(formatter, "at least {bound} elements"),
            Self::MaxItems(bound) => write!(formatter, "at most {bound} elements"),
            Self::OneOf(allowed) => write!(formatter, "one of {}", allowed.join(", ")),
        }
    }
}

impl Operation {
    /// Checks a request of this operation against the limits of the document.
    ///
    /// The generated client does this before it sends; a client of one's own can do it too. Values inside of unions, and values that
    /// the service alone can judge, are not looked at.
    ///
    /// # Errors
    ///
    /// A sentence that names the value and its limit, and does not repeat the value, which may be a secret.
    pub fn check_limits(&self, request: &Request) -> Result<(), String> {
        if self.limits.is_empty() {
            return Ok(());
        }
        let body: Option<Value> = request
            .body()
            .and_then(reqwest::Body::as_bytes)
            .and_then(|body| serde_json::from_slice(body).ok());
        self.check_limits_of(request, |place, rule| {
            body.as_ref().is_some_and(|body| breaks(body, place, rule))
        })
    }

    /// As [`check_limits`](Self::check_limits), of a request whose body has these fields: it is not read for them.
    ///
    /// # Errors
    ///
    /// As `check_limits`.
    pub fn check_limits_with<'value>(
        &self,
        request: &Request,
        field: impl Fn(&str) -> Option<&'value Value>,
    ) -> Result<(), String> {
        self.check_limits_of(request, |place, rule| {
            let (name, rest) = first_field(place);
            field(name).is_some_and(|value| breaks(value, rest, rule))
        })
    }

    fn check_limits_of(
        &self,
        request: &Request,
        body_breaks: impl Fn(&str, &LimitRule) -> bool,
    ) -> Result<(), String> {
        for limit in self.limits {
            let broken = match limit.location {
                Location::Body => body_breaks(limit.place, &limit.rule),
                Location::Query => {
                    let values = request.url().query_pairs().filter(|(name, _)| name == limit.place);
                    values.into_iter().any(|(_, value)| !limit.rule.holds(&as_written(&value)))
                }
                Location::Header => {
                    let values =
                        request.headers().get_all(limit.place).iter().filter_map(|value| value.to_str().ok());
                    values.into_iter().any(|value| !limit.rule.holds(&as_written(value)))
                }
                Location::Path => self
                    .in_path(request.url().path(), limit.place)
                    .is_some_and(|value| !limit.rule.holds(&as_written(value))),
            };
            if broken {
                return Err(format!("`{}` must be {}", limit.place, limit.rule));
            }
        }
        Ok(())
    }

    /// The value of a path parameter in a path of this operation.
    fn in_path<'path>(&self, path: &'path str, name: &str) -> Option<&'path str> {
        let placeholder = format!("{{{name}}}");
        let index = self.path.split('/').position(|segment| segment == placeholder)?;
        path.split('/').nth(index)
    }
}

/// A value of a URL or a header: a number where it is one, else a string.
fn as_written(value: &str) -> Value {
    value
        .parse::<f64>()
        .ok()
        .and_then(serde_json::Number::from_f64)
        .map_or_else(|| Value::from(value), Value::Number)
}

/// Whether a value at `place` below `value` breaks the rule.
fn breaks(value: &Value, place: &str, rule: &LimitRule) -> bool {
    if let Some(rest) = place.strip_prefix("[]") {
        let rest = rest.strip_prefix('.').unwrap_or(rest);
        return value.as_array().is_some_and(|list| list.iter().any(|element| breaks(element, rest, rule)));
    }
    if place.is_empty() {
        return !rule.holds(value);
    }
    let (name, rest) = first_field(place);
    value.get(name).is_some_and(|field| breaks(field, rest, rule))
}

/// The name of the field with which a place begins, and the place in it.
fn first_field(place: &str) -> (&str, &str) {
    let end = place.find(['.', '[']).unwrap_or(place.len());
    (&place[..end], place[end..].strip_prefix('.').unwrap_or(&place[end..]))
}
