//! What one can ask of an instance.

use serde_json::Value;

use super::Instance;
use super::WaitUntilRunning;
use crate::client::Client;
use crate::error::{Delivery, Error, ErrorKind, Result};

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
    /// [`ErrorKind::NotFound`] where the account has no such instance, which the service tells with status 200 and null.
    /// [`ErrorKind::Decode`] for an answer that is no instance.
    pub async fn show(&self) -> Result<Instance> {
        show(self.client, self.id).await
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
    let Value::Object(mut members) = answer.json()? else {
        return Err(answer.undecodable("neither an instance nor an error"));
    };
    match members.remove("instances") {
        Some(Value::Null) => {
            let message = format!("there is no instance {id}");
            Err(Error::new(ErrorKind::NotFound, message)
                .with_delivery(Delivery::Answered)
                .for_operation(operation))
        }
        Some(instance @ Value::Object(_)) => {
            Instance::from_value(instance).map_err(|why| answer.undecodable(&format!("the instance {why}")))
        }
        _ => Err(answer.undecodable("an object without the member `instances`")),
    }
}
