//! What the typed calls of handles have in common.

use std::fmt;

use vastai_api::{Operation, ResponseValue, Sending};

use super::CallFuture;
use crate::error::{Delivery, Error, ErrorKind, Result};

/// A call of whose response nothing but the success matters.
pub(crate) fn done<T: Send + 'static>(sending: Sending<T>) -> CallFuture<()> {
    Box::pin(async move { sending.await.map(drop) })
}

/// A call that creates something. Where that may have been done although it failed, the error says how to find out.
pub(crate) async fn create<T>(sending: Sending<T>, look: &str) -> Result<ResponseValue<T>> {
    sending.await.map_err(|error| match error.may_have_been_done() {
        true => {
            error.with_advice(format!("it may have been created all the same: {look}, before you try again"))
        }
        false => error,
    })
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

        impl IntoFuture for $builder {
            type Output = crate::error::Result<$output>;
            type IntoFuture = crate::client::CallFuture<$output>;

            fn into_future(self) -> Self::IntoFuture {
                self.send()
            }
        }
    };
}

pub(crate) use body_builder;
