//! A request in the making: an operation and the values that it is given.

use serde_json::{Map, Value};
use vastai::{Call, Client};
use vastai_api::{Location, Operation, Parameter};

/// What a command line sends. Without `Debug`, as it may hold secrets.
#[derive(Clone)]
pub(crate) struct Request {
    operation: &'static Operation,
    values: Vec<(&'static Parameter, Value)>,
    /// Fields of the body that the operations table does not list.
    unlisted: Map<String, Value>,
    /// Whether the operation's defaults are sent for what is not given.
    defaults: bool,
}

impl Request {
    pub(crate) fn new(operation: &'static Operation) -> Self {
        Self { operation, values: Vec::new(), unlisted: Map::new(), defaults: true }
    }

    /// A request of the operation with this operationId. One that the document lacks is an operation that is refused when it is called.
    pub(crate) fn of(id: &str) -> vastai::Result<Self> {
        Client::operation(id).map(Self::new)
    }

    pub(crate) fn operation(&self) -> &'static Operation {
        self.operation
    }

    /// Gives a parameter a value; one that was given before is replaced.
    pub(crate) fn give(&mut self, parameter: &'static Parameter, value: Value) {
        self.values.retain(|(present, _)| !is_same(present, parameter));
        self.values.push((parameter, value));
    }

    /// Gives a value by the name of its parameter; of several with one name, the one that stands last on a command line, which is that of the
    /// body. What the operation does not list is a field of the body.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<Value>) {
        match self.named(name) {
            Some(parameter) => self.give(parameter, value.into()),
            None => drop(self.unlisted.insert(name.to_owned(), value.into())),
        }
    }

    /// As [`set`](Self::set), for a value that the official client sends as another type than the document has.
    pub(crate) fn set_as_sent(&mut self, name: &str, value: impl Into<Value>) {
        self.values.retain(|(present, _)| present.location != Location::Body || present.name != name);
        self.unlisted.insert(name.to_owned(), value.into());
    }

    /// As [`set`](Self::set), where there is a value.
    pub(crate) fn set_if(&mut self, name: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.set(name, value);
        }
    }

    pub(crate) fn unset(&mut self, name: &str) {
        self.values.retain(|(present, _)| present.name != name);
        self.unlisted.remove(name);
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        let listed = self.values.iter().find(|(present, _)| present.name == name).map(|(_, value)| value);
        listed.or_else(|| self.unlisted.get(name))
    }

    /// The parameter that goes by this name.
    pub(crate) fn named(&self, name: &str) -> Option<&'static Parameter> {
        named(self.operation, name)
    }

    /// The most results to return.
    pub(crate) fn limit(&self) -> Option<u64> {
        self.get("limit").and_then(Value::as_u64)
    }

    /// Sends nothing but what is given.
    pub(crate) fn leave_out_defaults(&mut self) {
        self.defaults = false;
    }

    /// The call, ready to be sent.
    pub(crate) fn call<'client>(&self, client: &'client Client) -> vastai::Result<Call<'client>> {
        let mut call = client.call(self.operation);
        if !self.defaults {
            call = call.without_defaults();
        }
        for (parameter, value) in &self.values {
            call = call.set_in(parameter.location, parameter.name, value.clone())?;
        }
        for (name, value) in &self.unlisted {
            call = call.set_field(name.clone(), value.clone());
        }
        Ok(call)
    }
}

/// The parameter of an operation that goes by this name: in the body rather than in the path. `name@path` is the one in the path.
pub(crate) fn named(operation: &'static Operation, name: &str) -> Option<&'static Parameter> {
    if let Some(name) = name.strip_suffix("@path") {
        let mut parameters = operation.parameters.iter();
        return parameters.find(|parameter| parameter.location == Location::Path && parameter.name == name);
    }
    let named = operation.parameters.iter().filter(|parameter| parameter.name == name);
    named.max_by_key(|parameter| parameter.location == Location::Body)
}

fn is_same(one: &Parameter, other: &Parameter) -> bool {
    one.location == other.location && one.name == other.name
}
