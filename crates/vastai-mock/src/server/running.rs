//! A server that runs, on its starter's runtime or on a thread of its own.

use std::io;
use std::sync::{Arc, Mutex};

use tokio::net::TcpListener;
use tokio::runtime::{Builder, Handle};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;

use super::{bind, serve};
use crate::exchange::Answering;

/// Dropping it stops the server.
#[derive(Debug)]
pub(crate) struct Running {
    url: String,
    stop: watch::Sender<()>,
    ended: Ended,
}

#[derive(Debug)]
enum Ended {
    Task(JoinHandle<io::Result<()>>),
    Thread(oneshot::Receiver<io::Result<()>>),
}

/// Where servers run.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Place {
    /// On the runtime of the caller.
    Here,
    /// Each on a thread with a runtime of its own.
    Thread,
}

impl Running {
    pub(crate) fn at(place: Place, service: Arc<Mutex<impl Answering>>) -> io::Result<Self> {
        match place {
            Place::Here => Self::here(service),
            Place::Thread => Self::on_thread(service),
        }
    }

    /// Serves on the runtime of the caller.
    fn here(service: Arc<Mutex<impl Answering>>) -> io::Result<Self> {
        let runtime = Handle::try_current().map_err(io::Error::other)?;
        let listener = bind()?;
        let url = format!("http://{}", listener.local_addr()?);
        let (stop, stopped) = stop();
        let listener = TcpListener::from_std(listener)?;
        let task = runtime.spawn(serve(listener, service, stopped));
        Ok(Self { url, stop, ended: Ended::Task(task) })
    }

    /// Serves on a thread with a runtime of its own.
    fn on_thread(service: Arc<Mutex<impl Answering>>) -> io::Result<Self> {
        let listener = bind()?;
        let url = format!("http://{}", listener.local_addr()?);
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = stop();
        let (tell, ended) = oneshot::channel();
        std::thread::Builder::new().name("vastai-mock".to_owned()).spawn(move || {
            let result =
                runtime.block_on(async { serve(TcpListener::from_std(listener)?, service, stopped).await });
            // Nobody waits for the end of a simulator that was dropped.
            tell.send(result).ok();
        })?;
        Ok(Self { url, stop, ended: Ended::Thread(ended) })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) async fn stop(self) -> io::Result<()> {
        drop(self.stop);
        match self.ended {
            Ended::Task(task) => task.await.map_err(io::Error::other)?,
            Ended::Thread(ended) => ended.await.map_err(io::Error::other)?,
        }
    }
}

/// Dropping the sender is the sign: a value cannot be had.
fn stop() -> (watch::Sender<()>, watch::Receiver<()>) {
    watch::channel(())
}
