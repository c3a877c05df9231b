//! What one can ask of an instance.

use serde_json::Value;

use super::{Instance, Ssh, WaitUntilRunning};
use crate::client::Client;
use crate::error::{Delivery, Error, ErrorKind, Result};
use crate::view::integer;

/// An instance; see [`Client::instance`].
#[derive(Debug, Clone, Copy)]
pub struct InstanceHandle<'client> {
    client: &'client Client,
    id: u64,
}

impl<'client> InstanceHandle<'client> {
    pub(crate) fn new(client: &'client Client, id: u64) -> Self {
        Self { client, id }
    }

    /// The id of the instance.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.id
    }

    /// The instance as it is now.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] where the account has no such instance, which the service says with status 200 and null, or an empty list.
    /// [`ErrorKind::Decode`] for an answer that is no instance.
    pub async fn show(&self) -> Result<Instance> {
        show(self.client, self.id).await
    }

    /// How to log in by SSH now; see [`Instance::ssh`].
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotReady`] where the service does not say yet how to log in; else as [`show`](Self::show).
    pub async fn ssh(&self) -> Result<Ssh> {
        self.show().await?.ssh().ok_or_else(|| {
            let message =
                format!("instance {} cannot be reached by SSH yet, or the service does not say how", self.id);
            Error::new(ErrorKind::NotReady, message).with_delivery(Delivery::Answered)
        })
    }

    /// Waits until the container is running; see [`WaitUntilRunning`].
    pub fn wait_until_running(&self) -> WaitUntilRunning {
        WaitUntilRunning::new(self.client.clone(), self.id)
    }
}

/// An instance as it is now.
pub(super) async fn show(client: &Client, id: u64) -> Result<Instance> {
    let operation = Client::operation("showInstance")?;
    let answer = client.call(operation).set("id", id)?.send().await?;
    let (found, _) = answer.list("instances")?;
    // A list is not documented, and may be longer than one.
    let (mut of_this_id, others): (Vec<Value>, Vec<Value>) = found
        .into_iter()
        .partition(|instance| instance.get("id").and_then(integer) == i64::try_from(id).ok());
    match of_this_id.pop().or_else(|| others.into_iter().next()) {
        None => {
            let message = format!("there is no instance {id}");
            Err(Error::new(ErrorKind::NotFound, message)
                .with_delivery(Delivery::Answered)
                .for_operation(operation))
        }
        Some(instance) => {
            Instance::from_value(instance).map_err(|why| answer.undecodable(&format!("the instance {why}")))
        }
    }
}
