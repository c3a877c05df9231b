//! Rented instances: renting, waiting, managing and listing them.

mod handle;
mod instance;
mod logs;
mod rent;
mod scoped;
mod ssh;
mod wait_until_running;

pub use crate::paging::InstanceList;
pub use crate::transport::ResultFile;
pub use handle::InstanceHandle;
pub use instance::{Instance, InstanceStatus, PortBinding};
pub use logs::FollowLogs;
pub use rent::Rent;
pub use ssh::Ssh;
pub use wait_until_running::WaitUntilRunning;

use crate::client::Client;
use crate::error::{Error, ErrorKind, Result};

impl Client {
    /// An instance, by its id: the `new_contract` in the response to its creation (1 or more).
    #[must_use]
    pub fn instance(&self, id: i64) -> InstanceHandle {
        InstanceHandle::new(self, id)
    }

    /// All instances of the account, page by page.
    pub fn instances(&self) -> InstanceList {
        InstanceList::new(self)
    }

    /// A rental of an offer, by the `id` that it has in a search; see [`Rent`].
    pub fn rent(&self, offer: i64) -> Rent {
        Rent::new(self, offer)
    }

    /// The instance with this label, if there is one: after a creation that may have been carried out, whether it was. Each [`Rent`] that is
    /// given no label has [one of its own](Rent::rental_label).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Conflict`] where several instances have the label, with their ids. Else whatever listing instances failed with.
    pub async fn find_rented(&self, label: &str) -> Result<Option<InstanceHandle>> {
        let mut pages = self.instances().filter(crate::filter::field("label").eq(label)).pages();
        let mut ids = Vec::new();
        while let Some(instance) = pages.next().await {
            let instance = instance?;
            if instance.label.as_deref() == Some(label) {
                ids.push(instance.id);
            }
        }
        match ids.as_slice() {
            [] => Ok(None),
            [id] => Ok(Some(self.instance(*id))),
            several => {
                let message = format!("several instances have the label `{label}`: {several:?}");
                Err(Error::new(ErrorKind::Conflict, message))
            }
        }
    }

    /// Waits until no rental of [`Rent::scoped`] is being ended in the background: for a program that is about to end.
    pub async fn cleaned_up(&self) {
        self.cleanups().finished().await;
    }

    /// The file that a response's `result_url` points to, such as a log; see [`ResultFile`].
    ///
    /// ```no_run
    /// # async fn example(client: vastai::Client) -> vastai::Result<()> {
    /// let put = client.api().show_logs().id(1234).body_map(|body| body.tail("100".to_owned())).send().await?;
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
