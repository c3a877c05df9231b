//! A rental that ends with what it was for.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::time::{Instant, sleep};

use super::{InstanceHandle, Rent, RentalLookup};
use crate::client::Client;
use crate::error::{Error, ErrorKind, Result};
use crate::waiting::retry_after;

/// For how long to try to destroy an instance while the service fails, and how far apart.
const PERSISTENCE: Duration = Duration::from_secs(10 * 60);
const PAUSE: Duration = Duration::from_secs(5);

impl Rent {
    /// Rents, runs a closure with the instance, and destroys the instance, whatever happens in between.
    ///
    /// | what happens | the instance |
    /// |---|---|
    /// | the closure's future is done, with a value or an error | is destroyed before `scoped` returns |
    /// | it panics | is destroyed, then the panic goes on |
    /// | the response to the creation is lost | is searched for by the rental's label; where it is there, all goes on with it |
    /// | the future of `scoped` is dropped: a time-out, `select!`, Ctrl-C | is destroyed by a thread in the background |
    ///
    /// While the service fails, destroying is tried again for ten minutes. The thread in the background does not keep the process alive:
    /// a program that ends on Ctrl-C awaits [`Client::cleaned_up`] first. Nothing can be done where the process is killed.
    ///
    /// ```no_run
    /// # async fn example(client: vastai::Client, offer: i64) -> vastai::Result<()> {
    /// let report = client
    ///     .rent(offer)
    ///     .image("ubuntu:24.04")
    ///     .scoped(async |instance| {
    ///         let running = instance.wait_until_running().await?;
    ///         Ok::<_, vastai::Error>(format!("{} ran", running.id))
    ///     })
    ///     .await?;
    /// println!("{report}");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send), and what the closure's future fails with. An instance that could not be destroyed is an error too, which names
    /// it; where the closure failed as well, it is logged and the closure's error is returned.
    pub async fn scoped<F, Fut, T, E>(self, run: F) -> std::result::Result<T, E>
    where
        F: FnOnce(InstanceHandle) -> Fut,
        Fut: Future<Output = std::result::Result<T, E>>,
        E: From<Error>,
    {
        let client = self.client().clone();
        let mut lease = Lease::new(client.clone(), self.lookup().patient());
        let rented = match self.send().await {
            Err(error) if error.may_have_been_done() => match lease.lookup.find().await {
                Ok(Some(found)) => Ok(found),
                Ok(None) => Err(error),
                // Whether there is something to destroy stays open: the lease finds out in the background.
                Err(_) => return Err(error.into()),
            },
            rented => rented,
        };
        let instance = match rented {
            Ok(instance) => instance,
            Err(error) => {
                lease.is_over = true;
                return Err(error.into());
            }
        };
        lease.id = Some(instance.id());
        // A closure that panics before it gives a future is caught as well.
        let ran = AssertUnwindSafe(async { run(instance).await }).catch_unwind().await;
        let destroyed = destroy(&client, lease.id.unwrap_or_default()).await;
        lease.is_over = destroyed.is_ok();
        match (ran, destroyed) {
            (Err(panic), _) => std::panic::resume_unwind(panic),
            (Ok(Ok(value)), Ok(())) => Ok(value),
            (Ok(Ok(_)), Err(error)) => Err(error.into()),
            (Ok(Err(error)), destroyed) => {
                if let Err(left) = destroyed {
                    tracing::error!(error = %left, "an instance was not destroyed and is billed");
                }
                Err(error)
            }
        }
    }
}

/// What may have been rented, until it is certain that it is destroyed. Dropped before that, it goes on in the background.
struct Lease {
    client: Client,
    lookup: RentalLookup,
    id: Option<i64>,
    is_over: bool,
}

impl Lease {
    fn new(client: Client, lookup: RentalLookup) -> Self {
        Self { client, lookup, id: None, is_over: false }
    }

    async fn end(&self) {
        let until = Instant::now() + PERSISTENCE;
        let id = match self.id {
            Some(id) => id,
            None => loop {
                match self.lookup.find().await {
                    Ok(Some(found)) => break found.id(),
                    Ok(None) => return,
                    Err(error) if Instant::now() > until => {
                        tracing::error!(label = self.lookup.label(), %error, "whether an instance was left behind is not known");
                        return;
                    }
                    Err(_) => sleep(PAUSE).await,
                }
            },
        };
        if let Err(error) = destroy(&self.client, id).await {
            tracing::error!(id, %error, "an instance was not destroyed and is billed");
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        let lease =
            Self { client: self.client.clone(), lookup: self.lookup.clone(), id: self.id, is_over: true };
        let under_way = self.client.cleanups().begin();
        // A thread with a runtime of its own, as the one that this runs on may be about to end.
        let ends = move || {
            let _under_way = under_way;
            match tokio::runtime::Builder::new_current_thread().enable_all().build() {
                Ok(runtime) => runtime.block_on(lease.end()),
                Err(error) => {
                    tracing::error!(%error, label = lease.lookup.label(), "an instance may be left behind")
                }
            }
        };
        if let Err(error) = std::thread::Builder::new().name("vastai-cleanup".to_owned()).spawn(ends) {
            tracing::error!(%error, label = self.lookup.label(), id = self.id, "an instance may be left behind");
        }
    }
}

/// Destroys an instance, also where the service fails for a while. One that is not there is destroyed.
async fn destroy(client: &Client, id: i64) -> Result<()> {
    let until = Instant::now() + PERSISTENCE;
    loop {
        let error = match client.instance(id).destroy().await {
            Ok(()) => return Ok(()),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => error,
        };
        if !error.is_retryable() || Instant::now() > until {
            let advice = format!("instance {id} is there and billed: destroy it");
            return Err(error.with_advice(advice));
        }
        sleep(retry_after(&error).max(PAUSE)).await;
    }
}
