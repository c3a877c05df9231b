//! Waiting for an instance to run.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::handle::show;
use super::{Instance, InstanceStatus};
use crate::client::{Client, awaited};
use crate::error::{Delivery, Error, ErrorKind, Result};
use crate::waiting::{Deadline, Polled, poll_until};

/// Between two polls of an instance, unless set.
const INTERVAL: Duration = Duration::from_secs(5);
/// How long to wait, unless set. Large images take some minutes to be pulled.
const TIMEOUT: Duration = Duration::from_secs(20 * 60);
/// For how long an instance that was started again may look dead, unless set. Relaunches take a minute or two, and late heartbeats of a
/// host as long.
const GRACE: Duration = Duration::from_secs(3 * 60);
/// How many polls in a row have to see it so besides: rare polls could each meet a late heartbeat.
const DEAD_POLLS: u32 = 3;

type OnPoll = Arc<dyn Fn(&Instance) + Send + Sync>;

/// A wait for an instance to run; made by [`InstanceHandle::wait_until_running`](super::InstanceHandle::wait_until_running), and done by
/// `.await`.
///
/// It ends in any case: when the container runs, when it never will, or after its [time](Self::timeout). A failure that may pass (no connection, 429,
/// 5xx, no response in time) does not end it: it polls again, less often while failures go on, and never sooner than the service allows,
/// though ten minutes at most. Dropping it ends it; nothing is lost but the time.
///
/// # When an instance will not run
///
/// | what is seen | the wait ends |
/// |---|---|
/// | `actual_status` `created`, and a `status_msg` of a container that could not be created (`OCI runtime create failed`, `failed to create task`, …) | at once |
/// | `cur_state`, `intended_status` and `next_state` all `stopped`: it was stopped, or outbid | at once |
/// | `exited`, `unknown`, `offline` or `stopped` of a [new rental](Self::new_rental) | at once |
/// | the same of any other instance, or such a message with another status | when it lasts for three minutes ([`grace`](Self::grace)) and three polls |
///
/// After a start or a reboot an instance reports `exited` (or `offline`, `unknown`, a start that is queued) for a while and then runs, and
/// what was there before may hold data: so only the error for a new rental advises to destroy it.
///
/// ```no_run
/// # async fn example(client: vastai::Client) -> vastai::Result<()> {
/// use std::time::Duration;
/// use vastai::ErrorKind;
///
/// let instance = client.instance(312);
/// let wait = instance.wait_until_running().new_rental().timeout(Duration::from_secs(600));
/// match wait.await {
///     Ok(instance) => println!("{:?} runs", instance.id),
///     // It was rented a moment ago, costs money and will not run: destroy it and rent another.
///     Err(error) if error.kind() == ErrorKind::NeverReady => instance.destroy().await?,
///     Err(error) => return Err(error),
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// [`ErrorKind::NeverReady`] as the table says, with the host's message. [`ErrorKind::NotFound`] at once where the account has no such
/// instance. [`ErrorKind::Timeout`] after its [time](Self::timeout), with what the instance was doing; its [`source`](std::error::Error::source) is the
/// last failure on the way. It is never [retryable](Error::is_retryable): the instance is there, and billed. Any other
/// failure that will not pass, at once.
#[derive(Clone)]
#[must_use = "it waits only where it is awaited"]
pub struct WaitUntilRunning {
    client: Client,
    id: i64,
    interval: Duration,
    timeout: Duration,
    grace: Duration,
    is_new_rental: bool,
    on_poll: Option<OnPoll>,
}

impl WaitUntilRunning {
    pub(crate) fn new(client: Client, id: i64) -> Self {
        Self {
            client,
            id,
            interval: INTERVAL,
            timeout: TIMEOUT,
            grace: GRACE,
            is_new_rental: false,
            on_poll: None,
        }
    }

    /// How long to pause between two polls. 5 seconds unless set.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self
    }

    /// How long to wait at most, from the first poll on. 20 minutes unless set.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// For how long an instance may look dead before the wait calls it so; see [above](Self#when-an-instance-will-not-run). 3 minutes unless
    /// set. It does not count for a [new rental](Self::new_rental).
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// The instance was rented just now and has never run: what looks dead is dead, and holds nothing.
    pub fn new_rental(mut self) -> Self {
        self.is_new_rental = true;
        self
    }

    /// Is called with the instance at each poll that sees it, the last one too: for programs that show what it is doing.
    pub fn on_poll(mut self, seen: impl Fn(&Instance) + Send + Sync + 'static) -> Self {
        self.on_poll = Some(Arc::new(seen));
        self
    }

    async fn wait(self) -> Result<Instance> {
        let Self { client, id, interval, timeout, grace, is_new_rental, on_poll } = self;
        let deadline = Deadline::after(timeout, client.deadline());
        let mut seen = None;
        // Since when it looks dead, and to how many polls.
        let mut dead: Option<(Instant, u32)> = None;
        let polled = poll_until(
            &deadline,
            interval,
            || show(&client, id),
            |instance: Instance| {
                if let Some(on_poll) = &on_poll {
                    on_poll(&instance);
                }
                let prospect = Prospect::of(&instance);
                if prospect == Prospect::Runs {
                    return Ok(Polled::Done(instance));
                }
                let (since, polls) = match (prospect, dead) {
                    (Prospect::LooksDead, Some((since, polls))) => (since, polls + 1),
                    _ => (Instant::now(), 1),
                };
                dead = (prospect == Prospect::LooksDead).then_some((since, polls));
                let lasts = is_new_rental || (since.elapsed() >= grace && polls >= DEAD_POLLS);
                match prospect {
                    Prospect::Failed | Prospect::Stopped => Err(never(&instance, prospect, is_new_rental)),
                    Prospect::LooksDead if lasts => Err(never(&instance, prospect, is_new_rental)),
                    _ => {
                        seen = Some(doing(&instance));
                        Ok(Polled::NotYet)
                    }
                }
            },
        );
        match polled.await {
            Ok(instance) => Ok(instance),
            Err(ended) => {
                let seen = || match seen {
                    Some(doing) => format!("instance {id} is not running: {doing}"),
                    None => format!("instance {id} has not been seen"),
                };
                let advice = match is_new_rental {
                    true => "it is there and billed: wait on, or destroy it before you rent another",
                    false => "it is there and billed: wait on, or stop it",
                };
                Err(ended.into_error(&deadline, seen, advice))
            }
        }
    }
}

awaited!(WaitUntilRunning -> Instance, by wait);

impl fmt::Debug for WaitUntilRunning {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("WaitUntilRunning")
            .field("id", &self.id)
            .field("interval", &self.interval)
            .field("timeout", &self.timeout)
            .field("grace", &self.grace)
            .field("is_new_rental", &self.is_new_rental)
            .finish_non_exhaustive()
    }
}

/// What one poll lets expect of an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Prospect {
    Runs,
    /// It is on its way.
    Comes,
    /// It does not run and nobody is at it; that passes where it has just been started.
    LooksDead,
    /// It was stopped, or outbid.
    Stopped,
    /// Its container cannot be created.
    Failed,
}

impl Prospect {
    fn of(instance: &Instance) -> Self {
        let is_stopped = |state: &Option<String>| {
            state.as_deref().is_some_and(|state| state.trim().eq_ignore_ascii_case("stopped"))
        };
        let status = instance.actual_status.as_ref();
        let is_meant_to_stop = instance.intended_status == Some(InstanceStatus::Stopped);
        if is_meant_to_stop && is_stopped(&instance.cur_state) && is_stopped(&instance.next_state) {
            return Self::Stopped;
        }
        if instance.is_running() {
            return Self::Runs;
        }
        let is_refused = instance.status_msg.as_deref().is_some_and(is_container_failure);
        match status {
            Some(InstanceStatus::Created) if is_refused => Self::Failed,
            Some(InstanceStatus::Stopped) => Self::LooksDead,
            Some(status) if is_refused || status.looks_dead() => Self::LooksDead,
            _ => Self::Comes,
        }
    }
}

/// Whether a host's message says that the container cannot be created. They are messages of Docker, containerd and runc; others of the Docker
/// daemon, such as a registry that does not answer, may pass and are not among them.
fn is_container_failure(message: &str) -> bool {
    const FAILURES: [&str; 11] = [
        "oci runtime create failed",
        "oci runtime start failed",
        "oci runtime error",
        "runc create failed",
        "failed to create task",
        "failed to create shim",
        "failed to create containerd task",
        "unable to start container process",
        "failed to start container",
        "could not select device driver",
        "nvidia-container-cli:",
    ];
    // The words come in any case, and with dashes, underscores or line breaks between them.
    let spaced: String =
        message.chars().map(|letter| if "-_".contains(letter) { ' ' } else { letter }).collect();
    let words = spaced.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    FAILURES.iter().any(|failure| words.contains(&failure.replace('-', " ")))
}

/// The error for an instance that will not run.
fn never(instance: &Instance, prospect: Prospect, is_new_rental: bool) -> Error {
    let (id, doing) = (instance.id, doing(instance));
    let (why, what_helps) = match prospect {
        Prospect::Stopped if instance.is_bid == Some(true) => (
            format!("it was stopped, or outbid; {doing}"),
            "raise its bid, or start it again; its disk is billed",
        ),
        Prospect::Stopped => {
            (format!("it was stopped, or outbid; {doing}"), "start it again; its disk is billed")
        }
        Prospect::Failed => (
            format!("its container cannot be created; {doing}"),
            "change what it is to run; it is billed meanwhile",
        ),
        _ => (doing, "look at its log, and reboot or recycle it; it is billed meanwhile"),
    };
    let advice = match is_new_rental {
        true => "it is billed as long as it is there: destroy it and take another",
        false => what_helps,
    };
    let message = format!("instance {id} will not run: {why}");
    Error::new(ErrorKind::NeverReady, message)
        .with_delivery(Delivery::Answered)
        .of_a_wait()
        .with_advice(advice)
}

/// What an instance is doing, in words: ``it is `loading` (pulling the image)``.
fn doing(instance: &Instance) -> String {
    let status = instance.actual_status.as_ref().map_or("not reported yet", InstanceStatus::as_str);
    let message =
        instance.status_msg.as_deref().map(crate::error::shortened).filter(|message| !message.is_empty());
    let message = message.map(|message| format!(" ({message})")).unwrap_or_default();
    let is_next_stopped =
        instance.next_state.as_deref().is_some_and(|state| state.eq_ignore_ascii_case("stopped"));
    let next = if is_next_stopped { ", and about to be stopped" } else { "" };
    format!("it is `{status}`{message}{next}")
}
