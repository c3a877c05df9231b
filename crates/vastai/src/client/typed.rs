//! What the typed calls of handles have in common.

use std::fmt;

use vastai_api::{Operation, ResponseValue, Sending};

use super::CallFuture;
use crate::error::{Delivery, Error, ErrorKind, Result};

/// A call of whose response nothing but the success matters.
pub(crate) fn done<T: Send + 'static>(sending: Sending<T>) -> CallFuture<()> {
    Box::pin(async move { sending.await.map(drop) })
}

/// A call that creates something; `look` says how to find out whether it did, where that is in doubt.
pub(crate) async fn create<T>(sending: Sending<T>, look: &str) -> Result<ResponseValue<T>> {
    sending.await.map_err(|error| in_doubt(error, look))
}

/// The error of a creation. Where it may have been done although it failed, the error says how to find out.
pub(crate) fn in_doubt(error: Error, look: &str) -> Error {
    match error.may_have_been_done() {
        true => {
            error.with_advice(format!("it may have been created all the same: {look}, before you try again"))
        }
        false => error,
    }
}

/// The list that the response has in one of its fields.
pub(crate) fn listed<T: Send + 'static, L: 'static>(
    sending: Sending<T>,
    operation: &'static Operation,
    field: &'static str,
    list: fn(T) -> Option<L>,
) -> CallFuture<L> {
    Box::pin(async move { present(list(sending.await?.into_inner()), field, operation) })
}

/// What a response has to have.
pub(crate) fn present<T>(value: Option<T>, field: &str, operation: &'static Operation) -> Result<T> {
    value.ok_or_else(|| {
        let message = format!("the response has no readable `{field}`");
        error_of_response(ErrorKind::Decode, message, operation)
    })
}

/// The first of a list that is the one in question.
pub(crate) fn found<T>(
    mut list: impl Iterator<Item = T>,
    is_it: impl Fn(&T) -> bool,
    what: impl fmt::Display,
    operation: &'static Operation,
) -> Result<T> {
    list.find(is_it).ok_or_else(|| {
        error_of_response(ErrorKind::NotFound, format!("the account has no {what}"), operation)
    })
}

fn error_of_response(kind: ErrorKind, message: String, operation: &'static Operation) -> Error {
    Error::new(kind, message).with_delivery(Delivery::Answered).for_operation(operation)
}

/// Things of the account: what they are listed and created by. It owns its client.
macro_rules! collection {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $name {
            client: crate::client::Client,
        }

        impl $name {
            pub(crate) fn new(client: &crate::client::Client) -> Self {
                Self { client: client.clone() }
            }
        }
    };
}

/// The handle of one thing, by its id. It owns its client.
macro_rules! handle {
    ($(#[$doc:meta])* $name:ident, by the id of the $thing:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $name {
            client: crate::client::Client,
            id: i64,
        }

        impl $name {
            pub(crate) fn new(client: &crate::client::Client, id: i64) -> Self {
                Self { client: client.clone(), id }
            }

            #[doc = concat!("The id of the ", $thing, ".")]
            #[must_use]
            pub fn id(&self) -> i64 {
                self.id
            }
        }
    };
}

/// `.await` on a builder: what its method does.
macro_rules! awaited {
    ($builder:ident -> $output:ty, by $method:ident) => {
        impl IntoFuture for $builder {
            type Output = crate::error::Result<$output>;
            type IntoFuture = crate::client::CallFuture<$output>;

            fn into_future(self) -> Self::IntoFuture {
                Box::pin(async move { self.$method().await })
            }
        }
    };
}

/// The setters of a builder that go to its `body`, and `.await` on the builder.
macro_rules! body_builder {
    ($builder:ident -> $output:ty { $($(#[$doc:meta])* $name:ident: $type:ty,)* }) => {
        impl $builder {
            $(
                $(#[$doc])*
                pub fn $name<By>(mut self, $name: impl vastai_api::IntoOptional<$type, By>) -> Self {
                    self.body = self.body.$name($name);
                    self
                }
            )*
        }

        crate::client::awaited!($builder -> $output, by send);
    };
}

pub(crate) use {awaited, body_builder, collection, handle};
