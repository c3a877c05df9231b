//! The operations table: what a client needs to know about an operation beside its types.

use std::fmt;

use crate::OPERATIONS;
use crate::limit::Limit;

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
    /// Whether the operation may be sent again when it may already have been done. What creates, rents, pays, transfers or
    /// invites is not.
    pub repeatable: bool,
    /// The failure with which the service says that there is nothing, where it does not answer an empty list. A transport makes the list of it.
    pub empty_result: Option<EmptyResult>,
    /// What it takes: parameters, and the members of a JSON body.
    pub parameters: &'static [Parameter],
    /// What the values must keep to. The generated client checks it before it sends.
    pub limits: &'static [Limit],
    /// The sizes in bytes of the largest types that an answer is decoded into, by depth: first of the answer itself, then of what its
    /// members and elements are, and so on. What is deeper is no type but a value; where there are 13, the last counts for all that is
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
    /// The body that the operation would have answered instead, as JSON.
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
    /// What kind of value it is.
    pub kind: ValueKind,
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
    /// As a member of the JSON body.
    Body,
}

/// What kind of value a parameter takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ValueKind {
    /// A text.
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
