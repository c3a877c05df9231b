//! A server that runs, on its starter's runtime or on a thread of its own.

use std::io;
use std::sync::{Arc, Mutex};

use tokio::runtime::{Builder, Handle};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;

use super::listener::{Listener, bind};
use super::{Wish, Wishes, serve};
use crate::exchange::Answering;

/// Dropping it closes the port and cuts all connections off.
#[derive(Debug)]
pub(crate) struct Running {
    url: String,
    listener: Listener,
    wish: Option<watch::Sender<Wish>>,
    end: End,
}

/// By what the end of the server is known.
#[derive(Debug)]
enum End {
    Task(JoinHandle<()>),
    Thread(oneshot::Receiver<()>),
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
    /// Serves on a free port.
    pub(crate) fn at(place: Place, service: Arc<Mutex<impl Answering>>) -> io::Result<Self> {
        Self::at_port(place, 0, service)
    }

    /// Serves on this port; on a free one for 0.
    pub(crate) fn at_port(place: Place, port: u16, service: Arc<Mutex<impl Answering>>) -> io::Result<Self> {
        match place {
            Place::Here => Self::here(port, service),
            Place::Thread => Self::on_thread(port, service),
        }
    }

    /// Serves on the runtime of the caller.
    fn here(port: u16, service: Arc<Mutex<impl Answering>>) -> io::Result<Self> {
        let runtime = Handle::try_current().map_err(io::Error::other)?;
        let listener = bind(port)?;
        let url = format!("http://{}", listener.local_addr()?);
        let (wish, wishes) = wishes();
        let listener = Listener::on_this_runtime(listener)?;
        let task = runtime.spawn(serve(listener.clone(), service, wishes));
        Ok(Self { url, listener, wish: Some(wish), end: End::Task(task) })
    }

    /// Serves on a thread with a runtime of its own.
    fn on_thread(port: u16, service: Arc<Mutex<impl Answering>>) -> io::Result<Self> {
        let listener = bind(port)?;
        let url = format!("http://{}", listener.local_addr()?);
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let listener = {
            let _entered = runtime.enter();
            Listener::on_this_runtime(listener)?
        };
        let (wish, wishes) = wishes();
        let (ends, end) = oneshot::channel();
        let served = listener.clone();
        std::thread::Builder::new().name("vastai-mock".to_owned()).spawn(move || {
            runtime.block_on(serve(served, service, wishes));
            drop(runtime);
            // Nobody waits for the end of a simulator that was dropped.
            ends.send(()).ok();
        })?;
        Ok(Self { url, listener, wish: Some(wish), end: End::Thread(end) })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Accepts no more, lets the requests that have come be answered for a moment, and waits until nothing is left of the server.
    pub(crate) async fn stop(mut self) -> io::Result<()> {
        if let Some(wish) = &self.wish {
            // Without a receiver the server has ended, which is reported below.
            wish.send(Wish::Finish).ok();
        }
        match &mut self.end {
            End::Task(task) => task.await.map_err(io::Error::other),
            End::Thread(end) => end.await.map_err(io::Error::other),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.listener.close();
        // The server hears of it, unless its runtime does not turn any more.
        drop(self.wish.take());
        if let End::Task(task) = &self.end {
            task.abort();
        }
    }
}

fn wishes() -> (watch::Sender<Wish>, Wishes) {
    watch::channel(Wish::Serve)
}
