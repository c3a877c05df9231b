//! The handle of an instance: everything that can be done with it.

use serde_json::Value;
use vastai_api::operations;
use vastai_api::types::{ManageInstanceRequestState, builder};

use super::logs::{FollowLogs, content_of, logs};
use super::{Instance, InstanceList, Rent, ResultFile, Ssh, WaitUntilRunning};
use crate::account::checked_public_key;
use crate::client::{CallFuture, Client, done};
use crate::error::{Delivery, Error, ErrorKind, Result};
use crate::lenient::integer;

/// An instance, by its id; made by [`Client::instance`] and by [`Client::rent`]. It says nothing of whether the instance is there.
///
/// It owns its client, as do the futures of its methods: they can be spawned, joined and kept.
#[derive(Debug, Clone)]
pub struct InstanceHandle {
    client: Client,
    id: i64,
    is_new_rental: bool,
}

/// # Instances
impl Client {
    /// A rental of an offer, by the `id` that it has in a search; see [`Rent`].
    pub fn rent(&self, offer: i64) -> Rent {
        Rent::new(self, offer)
    }

    /// An instance, by its id: the `new_contract` in the response to its creation (1 or more).
    #[must_use]
    pub fn instance(&self, id: i64) -> InstanceHandle {
        InstanceHandle::new(self, id)
    }

    /// All instances of the account, page by page.
    pub fn instances(&self) -> InstanceList {
        InstanceList::new(self)
    }

    /// Waits until no rental of [`Rent::scoped`] is being ended in the background: for a program that is about to end.
    pub async fn cleaned_up(&self) {
        self.cleanups().finished().await;
    }

    /// The file that a response's `result_url` points to, such as a log; see [`ResultFile`].
    ///
    /// ```no_run
    /// # async fn example(client: vastai::Client) -> vastai::Result<()> {
    /// let put = client.api().show_logs().id(1234).body_map(|body| body.tail("100")).send().await?;
    /// if let Some(url) = &put.result_url {
    ///     println!("{}", client.result_file(url)?.text().await?);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`] for what is not a URL, or plain http to a host that is not loopback.
    pub fn result_file(&self, url: &str) -> Result<ResultFile<'_>> {
        ResultFile::new(self.transport(), url)
    }
}

impl InstanceHandle {
    pub(crate) fn new(client: &Client, id: i64) -> Self {
        Self { client: client.clone(), id, is_new_rental: false }
    }

    /// Of an instance that was rented just now and has not run.
    pub(super) fn rented(client: &Client, id: i64) -> Self {
        Self { is_new_rental: true, ..Self::new(client, id) }
    }

    /// The id of the instance, which is that of its contract.
    #[must_use]
    pub fn id(&self) -> i64 {
        self.id
    }

    /// The instance as it is now.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] where the account has no such instance, which the service answers with status 200 and null, or an empty list.
    /// [`ErrorKind::Decode`] for a response that is not an instance.
    pub fn show(&self) -> CallFuture<Instance> {
        let Self { client, id, .. } = self.clone();
        Box::pin(async move { show(&client, id).await })
    }

    /// How to log in by SSH now; see [`Instance::ssh`].
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotReady`] where the service does not say yet how to log in; else as [`show`](Self::show).
    pub fn ssh(&self) -> CallFuture<Ssh> {
        let (shown, id) = (self.show(), self.id);
        Box::pin(async move {
            shown.await?.ssh().ok_or_else(|| {
                let message =
                    format!("instance {id} cannot be reached by SSH yet, or the service does not say how");
                Error::new(ErrorKind::NotReady, message).with_delivery(Delivery::Answered)
            })
        })
    }

    /// Waits until the container is running; see [`WaitUntilRunning`].
    pub fn wait_until_running(&self) -> WaitUntilRunning {
        let wait = WaitUntilRunning::new(self.client.clone(), self.id);
        if self.is_new_rental { wait.new_rental() } else { wait }
    }

    /// Starts it. It is billed from the moment at which it runs.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Queued`] where the machine has no room just now: it starts, and bills, later; [`stop`](Self::stop) takes that back.
    pub fn start(&self) -> CallFuture<()> {
        self.manage(|body| body.state(ManageInstanceRequestState::Running))
    }

    /// Stops it. Its disk is billed on, and its GPUs may be rented by others.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] where the account has no such instance.
    pub fn stop(&self) -> CallFuture<()> {
        self.manage(|body| body.state(ManageInstanceRequestState::Stopped))
    }

    /// Gives it another label; at most 256 characters.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`] for a longer one.
    pub fn label(&self, label: impl Into<String>) -> CallFuture<()> {
        let label = label.into();
        self.manage(|body| body.label(label))
    }

    /// Stops and starts the container, which keeps its GPUs and its data.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] where the account has no such instance.
    pub fn reboot(&self) -> CallFuture<()> {
        done(self.client.api().reboot_instance().id(self.id).send())
    }

    /// Destroys the container and creates it anew from its image, on the same GPUs. Its data is lost.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] where the account has no such instance.
    pub fn recycle(&self) -> CallFuture<()> {
        done(self.client.api().recycle_instance().id(self.id).send())
    }

    /// Destroys it, with its data. From then on nothing of it is billed, but for a volume that was rented along.
    ///
    /// Destroying the same instance twice is as good as once, so this is sent again where its response was lost.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] where the account has no such instance.
    pub fn destroy(&self) -> CallFuture<()> {
        done(self.client.api().destroy_instance().id(self.id).send())
    }

    /// Changes the bid of an interruptible instance, in dollars per hour, from 0.001 to 32.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`] for another bid, before anything is sent.
    pub fn change_bid(&self, dollars_per_hour: f64) -> CallFuture<()> {
        let call = self.client.api().change_bid().id(self.id);
        done(call.body_map(|body| body.client_id("me").price(dollars_per_hour)).send())
    }

    /// Lets an SSH key in, of which this is the public half: the one line that a `.pub` file holds.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`] for a private key, which is not sent.
    pub fn attach_ssh_key(&self, public_key: impl Into<String>) -> CallFuture<()> {
        let (Self { client, id, .. }, public_key) = (self.clone(), public_key.into());
        Box::pin(async move {
            let public_key = checked_public_key(public_key, operations::ATTACH_SSH_KEY)?;
            client
                .api()
                .attach_ssh_key()
                .id(id)
                .body_map(|body| body.ssh_key(public_key))
                .send()
                .await
                .map(drop)
        })
    }

    /// The log of the container: as many of its last lines as the service keeps, as text. A log is there 30 to 60 seconds after a start.
    ///
    /// It is fetched from where the service puts it, some seconds later, without the key. What it says comes from the machine: do not trust it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotReady`] where it does not appear in time: ask again.
    pub fn logs(&self) -> CallFuture<String> {
        let Self { client, id, .. } = self.clone();
        Box::pin(async move { logs(&client, id, None).await })
    }

    /// So many of the last lines of the log.
    ///
    /// # Errors
    ///
    /// As [`logs`](Self::logs).
    pub fn logs_tail(&self, lines: u32) -> CallFuture<String> {
        let Self { client, id, .. } = self.clone();
        Box::pin(async move { logs(&client, id, Some(lines)).await })
    }

    /// Follows the log: a stream of what is new in it. See [`FollowLogs`].
    pub fn follow_logs(&self) -> FollowLogs {
        FollowLogs::new(self.client.clone(), self.id)
    }

    /// Runs a command in the container of a **stopped** instance, and gives its output. The service takes `ls`, `rm` and `du`, and no other
    /// command.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotReady`] where the output does not appear in time. [`ErrorKind::InvalidRequest`] and [`ErrorKind::Refused`] where the service does not
    /// take the command.
    pub fn execute(&self, command: impl Into<String>) -> CallFuture<String> {
        let (Self { client, id, .. }, command) = (self.clone(), command.into());
        Box::pin(async move {
            let put = client.api().execute().id(id).body_map(|body| body.command(command)).send().await?;
            content_of(&client, put.result_url.as_deref(), operations::EXECUTE).await
        })
    }

    fn manage(
        &self,
        change: impl FnOnce(builder::ManageInstanceRequest) -> builder::ManageInstanceRequest,
    ) -> CallFuture<()> {
        done(self.client.api().manage_instance().id(self.id).body_map(change).send())
    }
}

/// An instance as it is now.
pub(super) async fn show(client: &Client, id: i64) -> Result<Instance> {
    let operation = operations::SHOW_INSTANCE;
    let response = client.call(operation).set("id", id)?.send().await?;
    let (found, _) = response.list("instances")?;
    // A list is not documented, and may be longer than one.
    let (mut of_this_id, others): (Vec<Value>, Vec<Value>) =
        found.into_iter().partition(|instance| instance.get("id").and_then(integer) == Some(id));
    match of_this_id.pop().or_else(|| others.into_iter().next()) {
        None => {
            let message = format!("there is no instance {id}");
            Err(Error::new(ErrorKind::NotFound, message)
                .with_delivery(Delivery::Answered)
                .for_operation(operation))
        }
        Some(instance) => response.decoded(instance, "/instances"),
    }
}
