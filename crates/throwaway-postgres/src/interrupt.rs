//! Ctrl-C and SIGTERM as a value.
//!
//! Not here: exiting. The fact to know: local servers and containers die with the
//! process however it ends; an approved server is another's, and only dropping the
//! handle takes our things from it before the next start does.

use std::future::Future;

use tokio::signal::unix::{SignalKind, signal};

/// The work was dropped because of a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("interrupted by {name}")]
pub struct Interrupted {
    /// Such as `SIGINT`.
    pub name: &'static str,
    /// What a shell expects: 128 and the number of the signal.
    pub exit_code: u8,
}

/// Runs `work` until it is done or SIGINT, SIGTERM or SIGHUP comes; then `work` is
/// dropped, with every server that it holds.
///
/// # Errors
/// Which signal came.
pub async fn unless_interrupted<T>(work: impl Future<Output = T>) -> Result<T, Interrupted> {
    let interrupted = |name, exit_code| Err(Interrupted { name, exit_code });
    tokio::select! {
        done = work => Ok(done),
        () = came(SignalKind::interrupt()) => interrupted("SIGINT", 130),
        () = came(SignalKind::terminate()) => interrupted("SIGTERM", 143),
        () = came(SignalKind::hangup()) => interrupted("SIGHUP", 129),
    }
}

/// Where signals can't be listened to, their default action ends the process.
async fn came(kind: SignalKind) {
    match signal(kind) {
        Ok(mut stream) => drop(stream.recv().await),
        Err(_) => std::future::pending().await,
    }
}
