//! A call of an operation whose name and values are known at run time only.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::pin::pin;
use std::time::{Duration, Instant};

use bytes::Bytes;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use reqwest::{Request, RequestBuilder, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use vastai_api::{Location, Operation, Parameter, RawResponse, Reader, ServiceError, ValueKind};

use super::Client;
use super::listed::{Listable, Listed};
use crate::error::{Error, ErrorKind, Result};
use crate::transport::{RetryPolicy, ServiceTransport, undecodable};

/// A call in the making; see [`Client::call`]. `Debug` shows the names of the values that it has, and none of the values.
#[derive(Clone)]
#[must_use = "nothing is sent before `send`"]
pub struct Call<'client> {
    client: &'client Client,
    operation: &'static Operation,
    values: Vec<(&'static Parameter, Value)>,
    transport: ServiceTransport,
    /// Fields of the body that the operations table does not list.
    unlisted: Vec<(String, Value)>,
    adds_defaults: bool,
}

/// # Any operation, chosen at run time
impl Client {
    /// A call of any operation by its place in the operations table, with values that are known at run time only.
    ///
    /// ```no_run
    /// # async fn example(client: vastai::Client) -> vastai::Result<()> {
    /// let operation = vastai::Client::operation("getEndpointWorkers")?;
    /// let response = client.call(operation).set("id", 12345)?.send().await?;
    /// println!("{}", response.json()?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn call(&self, operation: &'static Operation) -> Call<'_> {
        Call::new(self, operation)
    }

    /// An operation of the document by its operationId.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] where the document that this crate was built with has no such operation.
    pub fn operation(id: &str) -> Result<&'static Operation> {
        Operation::by_id(id).ok_or_else(|| {
            let message = format!("the document that this client was built from has no operation `{id}`");
            Error::new(ErrorKind::Configuration, message)
        })
    }
}

impl<'client> Call<'client> {
    pub(crate) fn new(client: &'client Client, operation: &'static Operation) -> Self {
        let transport = client.transport().clone();
        Self { client, operation, values: Vec::new(), unlisted: Vec::new(), adds_defaults: true, transport }
    }

    /// Gives a parameter of the operation, or a field of its JSON body, a value. A value given twice replaces the first.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`] where the operation takes nothing of that name, or takes it in several places, for which
    /// there is [`set_in`](Self::set_in); also where the value is of another kind.
    pub fn set(mut self, name: &str, value: impl Into<Value>) -> Result<Self> {
        self.put(name, value)?;
        Ok(self)
    }

    /// As [`set`](Self::set), where the call is.
    pub(crate) fn put(&mut self, name: &str, value: impl Into<Value>) -> Result<()> {
        let mut named = self.operation.parameters.iter().filter(|parameter| parameter.name == name);
        match (named.next(), named.next()) {
            (Some(parameter), None) => self.give(parameter, value.into()),
            (Some(_), Some(_)) => {
                let places: Vec<&str> = self
                    .operation
                    .parameters
                    .iter()
                    .filter(|parameter| parameter.name == name)
                    .map(|parameter| location_in_words(parameter.location))
                    .collect();
                let places = places.join(" and ");
                Err(self.invalid(format!("the operation takes `{name}` {places}; say which with `set_in`")))
            }
            (None, _) => Err(self.unknown(&format!("`{name}`"))),
        }
    }

    /// As [`set`](Self::set), for an operation that takes values of the same name in several places.
    ///
    /// ```no_run
    /// # fn example(client: vastai::Client) -> vastai::Result<()> {
    /// use vastai::vastai_api::Location;
    ///
    /// // The role's id stands in the path, its new name in the body.
    /// let call = client.call(vastai::Client::operation("updateTeamRole")?);
    /// let call = call.set_in(Location::Path, "name", 7)?;
    /// let call = call.set_in(Location::Body, "name", "readers")?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`] where the operation takes nothing of that name there, or the value is of another kind.
    pub fn set_in(mut self, location: Location, name: &str, value: impl Into<Value>) -> Result<Self> {
        let mut parameters = self.operation.parameters.iter();
        match parameters.find(|parameter| parameter.location == location && parameter.name == name) {
            Some(parameter) => {
                self.give(parameter, value.into())?;
                Ok(self)
            }
            None => Err(self.unknown(&format!("`{name}` {}", location_in_words(location)))),
        }
    }

    /// Gives a field of the JSON body a value, whether the document lists it or not: of what a search filters by, for one, it knows but a
    /// part. A value that breaks a limit of the document is refused when the call is sent.
    pub fn set_field(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        let (name, value) = (name.into(), value.into());
        let mut listed = self.operation.parameters.iter();
        match listed.find(|parameter| parameter.location == Location::Body && parameter.name == name) {
            Some(parameter) => {
                self.values.retain(|(present, _)| !is_same(present, parameter));
                self.values.push((parameter, value));
            }
            None => {
                self.unlisted.retain(|(present, _)| *present != name);
                self.unlisted.push((name, value));
            }
        }
        self
    }

    fn unknown(&self, what: &str) -> Error {
        let known: Vec<&str> = self.operation.parameters.iter().map(|parameter| parameter.name).collect();
        let known = if known.is_empty() { "nothing".to_owned() } else { known.join(", ") };
        self.invalid(format!("the operation takes no {what}; it takes {known}"))
    }

    fn give(&mut self, parameter: &'static Parameter, value: Value) -> Result<()> {
        let fits = match parameter.kind {
            ValueKind::Text => value.is_string(),
            ValueKind::Integer => value.is_i64() || value.is_u64(),
            ValueKind::Number => value.is_number(),
            ValueKind::Boolean => value.is_boolean(),
            ValueKind::Json => true,
        };
        if !fits {
            let wanted = kind_in_words(parameter.kind);
            return Err(self.invalid(format!("`{}` takes {wanted}, not {value}", parameter.name)));
        }
        self.values.retain(|(present, _)| !is_same(present, parameter));
        self.values.push((parameter, value));
        Ok(())
    }

    /// Sends nothing but what is given. Otherwise the [defaults](vastai_api::Parameter::default) of what is not given are sent with it, which are
    /// those of the official client: 10 GB for the disk of an instance.
    pub fn without_defaults(self) -> Self {
        Self { adds_defaults: false, ..self }
    }

    /// How long this call may take, attempts and waits included.
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { transport: self.transport.with_timeout(timeout), ..self }
    }

    /// When this call has to be over, whatever its [timeout](Self::timeout).
    pub fn deadline(self, deadline: Instant) -> Self {
        Self { transport: self.transport.with_deadline(deadline), ..self }
    }

    /// How this call is tried again.
    pub fn retry(self, policy: RetryPolicy) -> Self {
        Self { transport: self.transport.with_retry(policy), ..self }
    }

    /// Sends the call.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`] where a required value is missing, before anything is sent; else whatever the call failed
    /// with, also where the service reported the failure with a status of success.
    pub async fn send(self) -> Result<CallResponse> {
        let raw = pin!(self.transport.call(self.unplaced(), self.operation, None)).await?;
        Ok(self.response(raw))
    }

    /// Sends the call. Gives the response as this type where it could be read so, in one pass; and as it came.
    pub(crate) async fn send_for<T>(&self) -> Result<(Option<T>, RawResponse)>
    where
        T: DeserializeOwned + Send + Sync + 'static,
    {
        let reader = Some(Reader::of::<T>());
        let mut raw = pin!(self.transport.call(self.unplaced(), self.operation, reader)).await?;
        Ok((raw.value(), raw))
    }

    /// Sends the call, whose response is a list, or an object with one; gives the response as it came, too.
    pub(crate) async fn send_for_list<T: Listable>(&self) -> Result<(Listed<T>, CallResponse)> {
        let (read, raw) = pin!(self.send_for::<Listed<T>>()).await?;
        let response = self.response(raw);
        let listed = read.map_or_else(|| response.list_of(), Ok)?;
        Ok((listed, response))
    }

    /// The response of this call, of which nothing is read.
    pub(crate) fn response(&self, raw: RawResponse) -> CallResponse {
        CallResponse {
            operation: self.operation,
            status: raw.status,
            body: raw.body,
            attempts: raw.attempts,
            transport: self.transport.clone(),
        }
    }

    /// The request that [`send`](Self::send) would send, to look at: to its server, and without the key.
    ///
    /// ```
    /// # fn example() -> vastai::Result<()> {
    /// let client = vastai::Client::builder().api_key("key").build()?;
    /// let request = client.call(vastai::Client::operation("showEndpoints")?).request()?;
    /// assert_eq!(request.url().as_str(), "https://console.vast.ai/api/v0/endptjobs/");
    /// # Ok(())
    /// # }
    /// # example().unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send) before anything is sent.
    pub fn request(&self) -> Result<Request> {
        let mut request = self.unplaced()?;
        self.transport.place(&mut request, self.operation)?;
        Ok(request)
    }

    /// The request, which the transport moves to its server where it is not there yet.
    fn unplaced(&self) -> Result<Request> {
        let missing = self
            .operation
            .parameters
            .iter()
            .filter(|parameter| parameter.required && self.value_of(parameter).is_none())
            // A field that was given whatever the document says of its value.
            .filter(|parameter| {
                let is_given = || self.unlisted.iter().any(|(name, _)| name == parameter.name);
                parameter.location != Location::Body || !is_given()
            })
            .filter(|parameter| !self.adds_defaults || parameter.default.is_none());
        let missing: Vec<String> = missing.map(|parameter| self.called(parameter)).collect();
        if !missing.is_empty() {
            return Err(self.invalid(format!("missing: {}", missing.join(", "))));
        }
        let mut path = Cow::Borrowed(self.operation.path);
        let mut query: Vec<(&str, Cow<'_, str>)> = Vec::new();
        let mut body: BTreeMap<&str, &Value> = BTreeMap::new();
        let mut headers: Vec<(&str, Cow<'_, str>)> = Vec::new();
        for (parameter, value) in &self.values {
            match parameter.location {
                Location::Path => {
                    let placeholder = format!("{{{}}}", parameter.name);
                    path = path.replace(&placeholder, &path_segment(&in_url(value))).into();
                }
                Location::Query => query.push((parameter.name, in_url(value))),
                Location::Header => headers.push((parameter.name, in_url(value))),
                Location::Body => drop(body.insert(parameter.name, value)),
            }
        }
        body.extend(self.unlisted.iter().map(|(name, value)| (name.as_str(), value)));
        let mut url = match &path {
            Cow::Borrowed(_) => self.transport.url_of(self.operation)?,
            Cow::Owned(path) => self.transport.url_at(self.operation, path)?,
        };
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let mut request = Request::new(self.operation.method.into(), url);
        const JSON: HeaderValue = HeaderValue::from_static("application/json");
        request.headers_mut().insert(ACCEPT, JSON);
        let takes_body = self.operation.body_required
            || !self.unlisted.is_empty()
            || self.operation.parameters.iter().any(|parameter| parameter.location == Location::Body);
        if takes_body {
            let body = serde_json::to_vec(&body).map_err(|error| self.invalid(error.to_string()))?;
            *request.body_mut() = Some(body.into());
            request.headers_mut().insert(CONTENT_TYPE, JSON);
        }
        if !headers.is_empty() {
            // The builder knows what a header may be.
            let builder = RequestBuilder::from_parts(self.client.http().clone(), request);
            let builder =
                headers.iter().fold(builder, |builder, (name, value)| builder.header(*name, &**value));
            request =
                builder.build().map_err(|error| Error::from_http(error).for_operation(self.operation))?;
        }
        // Defaults come into the body as it is written.
        let checked =
            match self.adds_defaults && self.operation.parameters.iter().any(|it| it.default.is_some()) {
                true => {
                    self.operation.add_defaults(&mut request);
                    self.operation.check_limits(&request)
                }
                false => self.operation.check_limits_with(&request, |name| body.get(name).copied()),
            };
        checked.map_err(|broken| self.invalid(broken))?;
        Ok(request)
    }

    fn value_of(&self, parameter: &Parameter) -> Option<&Value> {
        self.values.iter().find(|(present, _)| is_same(present, parameter)).map(|(_, value)| value)
    }

    /// A parameter's name, with its place where the name alone does not say.
    fn called(&self, parameter: &Parameter) -> String {
        let name = parameter.name;
        match self.operation.parameters.iter().filter(|other| other.name == name).count() {
            0 | 1 => name.to_owned(),
            _ => format!("{name} ({})", location_in_words(parameter.location)),
        }
    }

    fn invalid(&self, message: String) -> Error {
        // A value given by mistake may be the key.
        let message = self.transport.secrets().shown(&message);
        Error::new(ErrorKind::InvalidRequest, message).for_operation(self.operation)
    }
}

impl fmt::Debug for Call<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let listed = self.values.iter().map(|(parameter, _)| (parameter.name, parameter.location));
        let unlisted = self.unlisted.iter().map(|(name, _)| (name.as_str(), Location::Body));
        let values: Vec<String> = listed
            .chain(unlisted)
            .map(|(name, location)| format!("{name} {}", location_in_words(location)))
            .collect();
        formatter
            .debug_struct("Call")
            .field("operation", &self.operation.id)
            .field("values", &values)
            .finish_non_exhaustive()
    }
}

/// The response to a [`Call`], as it came. `Debug` shows its size and not its content, which may hold keys.
#[derive(Clone)]
pub struct CallResponse {
    operation: &'static Operation,
    status: StatusCode,
    body: Bytes,
    attempts: u32,
    /// Knows what must not stand in an error.
    transport: ServiceTransport,
}

impl CallResponse {
    /// The status, which is one of success.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status.as_u16()
    }

    /// The body, byte for byte.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        &self.body
    }

    /// How many requests it took to get the response.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// The body as JSON; nothing at all is null.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Decode`], with the place and the start of the response, where it is not JSON.
    pub fn json(&self) -> Result<Value> {
        if self.body.iter().all(u8::is_ascii_whitespace) {
            return Ok(Value::Null);
        }
        vastai_api::json::value(&self.body)
            .map_err(|error| self.undecodable(&error.to_string()).with_source(error))
    }

    /// The list that is documented under this name in an object, and what is beside it.
    ///
    /// A list without its object is that list, one object in its place is a list of one, and null is nothing.
    pub(crate) fn list(&self, name: &str) -> Result<(Vec<Value>, Map<String, Value>)> {
        let mut fields = match self.json()? {
            Value::Object(fields) => fields,
            Value::Array(list) => return Ok((list, Map::new())),
            _ => return Err(self.undecodable(&format!("neither a list `{name}` nor an error"))),
        };
        match fields.remove(name) {
            Some(Value::Array(list)) => Ok((list, fields)),
            Some(Value::Null) => Ok((Vec::new(), fields)),
            Some(one @ Value::Object(_)) => Ok((vec![one], fields)),
            _ => Err(self.undecodable(&format!("an object without a list `{name}`"))),
        }
    }

    /// The [`list`](Self::list) with its items decoded, one by one.
    fn list_of<T: Listable>(&self) -> Result<Listed<T>> {
        let (items, beside) = self.list(T::LIST)?;
        let decoded = items.into_iter().enumerate();
        let decoded = decoded.map(|(index, item)| self.decoded(item, &format!("/{}/{index}", T::LIST)));
        Ok(Listed { items: decoded.collect::<Result<_>>()?, beside })
    }

    /// What stands in a place of the response, decoded.
    pub(crate) fn decoded<T: DeserializeOwned>(&self, value: Value, place: &str) -> Result<T> {
        serde_json::from_value(value).map_err(|why| self.undecodable(&format!("{place}: {why}")))
    }

    /// Whether the body is JSON, or nothing at all; unlike [`json`](Self::json) without making values of it.
    ///
    /// # Errors
    ///
    /// As [`json`](Self::json).
    pub fn check_json(&self) -> Result<()> {
        if self.body.iter().all(u8::is_ascii_whitespace) {
            return Ok(());
        }
        match serde_json::from_slice(&self.body) {
            Ok(serde::de::IgnoredAny) => Ok(()),
            Err(error) => Err(self.undecodable(&error.to_string()).with_source(error)),
        }
    }

    /// The error for a response that is not what it should be.
    pub(crate) fn undecodable(&self, why: &str) -> Error {
        let error = undecodable(&self.body, None, why, self.transport.secrets());
        self.placed(error.with_status(self.status))
    }

    /// The error for a response of success that says that the call failed.
    pub(crate) fn failed(&self, said: &ServiceError) -> Error {
        self.placed(Error::from_response(self.status, said, Some(self.operation), self.transport.secrets()))
    }

    fn placed(&self, error: Error) -> Error {
        error.for_operation(self.operation).after_attempts(self.attempts, false)
    }
}

impl fmt::Debug for CallResponse {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("CallResponse")
            .field("operation", &self.operation.id)
            .field("status", &self.status)
            .field("bytes", &self.body.len())
            .finish()
    }
}

/// A value as it stands in a URL or a header: a string as it is, else JSON.
fn in_url(value: &Value) -> Cow<'_, str> {
    value.as_str().map_or_else(|| value.to_string().into(), Cow::from)
}

/// A value as one segment of a path: nothing in it can end the segment or begin a query.
fn path_segment(value: &str) -> String {
    let mut segment = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric()
            || b"-_~".contains(&byte)
            || (byte == b'.' && !value.bytes().all(|byte| byte == b'.'))
        {
            segment.push(char::from(byte));
        } else {
            segment.push_str(&format!("%{byte:02X}"));
        }
    }
    segment
}

/// Whether two parameters of one operation are one: a name can stand in several places.
fn is_same(one: &Parameter, other: &Parameter) -> bool {
    one.location == other.location && one.name == other.name
}

fn location_in_words(location: Location) -> &'static str {
    match location {
        Location::Path => "in the path",
        Location::Query => "in the query",
        Location::Header => "in a header",
        Location::Body => "in the body",
    }
}

fn kind_in_words(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Text => "a string",
        ValueKind::Integer => "a whole number",
        ValueKind::Number => "a number",
        ValueKind::Boolean => "true or false",
        ValueKind::Json => "JSON",
    }
}
