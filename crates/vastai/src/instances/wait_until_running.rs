//! Waiting for an instance to run.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::time::Duration;

use super::handle::show;
use super::{Instance, InstanceStatus};
use crate::client::Client;
use crate::error::{Error, ErrorKind, Result};
use crate::waiting::{Deadline, Polled, poll_until};

/// Between two looks at an instance, unless set.
const INTERVAL: Duration = Duration::from_secs(5);
/// How long to wait, unless set. Large images take some minutes to be pulled.
const DEADLINE: Duration = Duration::from_secs(20 * 60);

/// A wait for an instance to run; made by [`InstanceHandle::wait_until_running`](crate::InstanceHandle::wait_until_running), and done by
/// `.await`.
///
/// It ends in any case: when the container runs, when it never will, or at the deadline. A failure that may pass (no connection, 429,
/// 5xx, no answer in time) does not end it: it asks again, less often while failures go on, and never sooner than the service allows.
/// Dropping it ends it; nothing is lost but the time.
///
/// ```no_run
/// # async fn example(client: vastai::Client) -> vastai::Result<()> {
/// use std::time::Duration;
/// use vastai::ErrorKind;
///
/// match client.instance(312).wait_until_running().deadline(Duration::from_secs(600)).await {
///     Ok(instance) => println!("ssh -p {:?} root@{:?}", instance.ssh_port, instance.ssh_host),
///     // It costs money and will not run: destroy it and rent another.
///     Err(error) if error.kind() == ErrorKind::NeverReady => drop(client.api().destroy_instance().id(312).send().await?),
///     Err(error) => return Err(error),
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// [`ErrorKind::NeverReady`] at once where `actual_status` is `exited`, `unknown` or `offline`. [`ErrorKind::NotFound`] at once where the
/// account has no such instance. [`ErrorKind::Timeout`] at the deadline, with what the instance was doing; its
/// [`source`](std::error::Error::source) is the last failure that was lived through. Any other failure that will not pass, at once.
#[derive(Debug, Clone)]
#[must_use = "it waits only where it is awaited"]
pub struct WaitUntilRunning {
    client: Client,
    id: u64,
    interval: Duration,
    deadline: Duration,
}

impl WaitUntilRunning {
    pub(crate) fn new(client: Client, id: u64) -> Self {
        Self { client, id, interval: INTERVAL, deadline: DEADLINE }
    }

    /// How long to pause between two looks. 5 seconds unless set.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self
    }

    /// How long to wait at most, from the first look on. 20 minutes unless set.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    async fn wait(self) -> Result<Instance> {
        let Self { client, id, interval, deadline } = self;
        let deadline = Deadline::after(deadline, client.deadline());
        let mut seen = None;
        let looked = poll_until(
            &deadline,
            interval,
            || show(&client, id),
            |instance: Instance| {
                if instance.is_running() {
                    return Ok(Polled::Done(instance));
                }
                if instance.actual_status.as_ref().is_some_and(InstanceStatus::never_runs) {
                    let message = format!("instance {id} will not run: {}", doing(&instance));
                    return Err(Error::new(ErrorKind::NeverReady, message));
                }
                seen = Some(doing(&instance));
                Ok(Polled::NotYet)
            },
        );
        match looked.await {
            Ok(instance) => Ok(instance),
            Err(ended) => Err(ended.in_words(&deadline, || match seen {
                Some(doing) => format!("instance {id} is not running: {doing}"),
                None => format!("instance {id} has not been seen"),
            })),
        }
    }
}

impl IntoFuture for WaitUntilRunning {
    type Output = Result<Instance>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.wait())
    }
}

/// What an instance is doing, in words: ``it is `loading` (pulling the image)``.
fn doing(instance: &Instance) -> String {
    let status = instance.actual_status.as_ref().map_or("not reported yet", InstanceStatus::as_str);
    let message =
        instance.status_msg.as_deref().map(crate::error::shortened).filter(|message| !message.is_empty());
    let message = message.map(|message| format!(" ({message})")).unwrap_or_default();
    format!("it is `{status}`{message}")
}
