//! The end of commands that go on until somebody ends them.

use std::io;

use tokio::signal;

use crate::failure::Failure;

/// As [`stop`], for commands.
pub(crate) fn stopped() -> Result<impl Future<Output = ()>, Failure> {
    stop().map_err(|error| Failure::local(format!("signals cannot be heard: {error}")))
}

/// Hears, from now on, that somebody wants the program to end; the future ends then. What comes before it is polled is heard, too.
#[cfg(unix)]
pub(crate) fn stop() -> io::Result<impl Future<Output = ()>> {
    use signal::unix::{SignalKind, signal};

    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Hears, from now on, that somebody wants the program to end; the future ends then. What comes before it is polled is heard, too.
#[cfg(windows)]
pub(crate) fn stop() -> io::Result<impl Future<Output = ()>> {
    use signal::windows::{ctrl_break, ctrl_c, ctrl_close, ctrl_shutdown};

    let (mut interrupt, mut interrupted) = (ctrl_c()?, ctrl_break()?);
    let (mut closed, mut shutdown) = (ctrl_close()?, ctrl_shutdown()?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = interrupted.recv() => {}
            _ = closed.recv() => {}
            _ = shutdown.recv() => {}
        }
    })
}
