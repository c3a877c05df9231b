//! A port, whose holder can close it at once.

use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use tokio::net::{TcpListener, TcpStream};

/// A port of 127.0.0.1. Its clones are of the same port: when one closes it, it is closed for all, also while another waits for a
/// connection.
#[derive(Debug, Clone)]
pub(super) struct Listener(Arc<Mutex<Option<TcpListener>>>);

/// A port that is not yet served; a free one for 0.
pub(super) fn bind(port: u16) -> io::Result<std::net::TcpListener> {
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

impl Listener {
    /// A port to be served on this runtime.
    pub(super) fn on_this_runtime(listener: std::net::TcpListener) -> io::Result<Self> {
        Ok(Self(Arc::new(Mutex::new(Some(TcpListener::from_std(listener)?)))))
    }

    /// The next connection; `None` once the port is closed.
    pub(super) async fn accept(&self) -> io::Result<Option<TcpStream>> {
        std::future::poll_fn(|context| match &*self.locked() {
            Some(listener) => {
                listener.poll_accept(context).map(|accepted| accepted.map(|(stream, _)| Some(stream)))
            }
            None => Poll::Ready(Ok(None)),
        })
        .await
    }

    pub(super) fn close(&self) {
        drop(self.locked().take());
    }

    fn locked(&self) -> MutexGuard<'_, Option<TcpListener>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
