//! Work on a thread of its own, so that it does not wait while its caller computes.
//!
//! Not for: many of them; each has a runtime. The one fact to know: whoever stops waiting ends the work: it is
//! dropped on its thread, with the server that it holds, before the caller goes on.

use crate::error::RehearseError;
use std::convert::Infallible;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::thread::JoinHandle;
use tokio::sync::oneshot;

/// Work under way; a future of what it comes to.
pub(crate) struct OwnThread<T> {
    done: oneshot::Receiver<T>,
    /// Nothing is ever sent: that it is gone says that nobody waits.
    awaited: Option<oneshot::Sender<Infallible>>,
    thread: Option<JoinHandle<()>>,
}

/// Begins `work` on a thread of its own.
///
/// # Errors
/// [`RehearseError::NoThread`] if there is no thread to be had.
pub(crate) fn on_own_thread<T, F>(
    name: &str,
    work: impl FnOnce() -> F + Send + 'static,
) -> Result<OwnThread<T>, RehearseError>
where
    T: Send + 'static,
    F: Future<Output = T>,
{
    let (tell, done) = oneshot::channel();
    let (awaited, abandoned) = oneshot::channel();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| no_thread(name, &error))?;
    let run = move || {
        let outcome = runtime.block_on(async {
            tokio::select! {
                outcome = work() => Some(outcome),
                _ = abandoned => None,
            }
        });
        if let Some(outcome) = outcome {
            // Whoever has stopped waiting meanwhile wants nothing.
            drop(tell.send(outcome));
        }
    };
    let thread = std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(run)
        .map_err(|error| no_thread(name, &error))?;
    Ok(OwnThread {
        done,
        awaited: Some(awaited),
        thread: Some(thread),
    })
}

fn no_thread(name: &str, error: &std::io::Error) -> RehearseError {
    RehearseError::NoThread {
        name: name.to_owned(),
        said: error.to_string(),
    }
}

impl<T> Future for OwnThread<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let Poll::Ready(done) = Pin::new(&mut self.done).poll(context) else {
            return Poll::Pending;
        };
        match (done, self.thread.take().map(JoinHandle::join)) {
            (Ok(outcome), _) => Poll::Ready(outcome),
            (Err(_), Some(Err(panic))) => resume_unwind(panic),
            (Err(_), _) => unreachable!("a thread that is awaited tells what it came to, or panics"),
        }
    }
}

impl<T> Drop for OwnThread<T> {
    fn drop(&mut self) {
        self.awaited = None;
        if let Some(thread) = self.thread.take() {
            // A panic of work that nobody waits for has been printed.
            drop(thread.join());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::on_own_thread;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::Duration;

    /// Says when it is gone.
    struct Held(Arc<AtomicBool>);

    impl Drop for Held {
        fn drop(&mut self) {
            self.0.store(true, Ordering::SeqCst);
        }
    }

    #[tokio::test]
    async fn it_goes_on_while_its_caller_computes() {
        let began = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&began);
        let work = on_own_thread("work", move || async move {
            began.store(true, Ordering::SeqCst);
            7
        })
        .expect("a thread");
        while !seen.load(Ordering::SeqCst) {
            std::thread::yield_now();
        }
        assert_eq!(work.await, 7);
    }

    #[tokio::test]
    async fn work_that_nobody_waits_for_is_dropped_before_its_caller_goes_on() {
        let dropped = Arc::new(AtomicBool::new(false));
        let held = Held(Arc::clone(&dropped));
        let work = on_own_thread("work", move || async move {
            let _held = held;
            std::future::pending::<()>().await;
        })
        .expect("a thread");
        drop(work);
        assert!(dropped.load(Ordering::SeqCst));
    }

    #[tokio::test]
    #[should_panic(expected = "its own words")]
    async fn a_panic_is_its_callers() {
        let work = on_own_thread("work", || async {
            tokio::time::sleep(Duration::from_millis(1)).await;
            panic!("its own words");
        });
        work.expect("a thread").await;
    }
}
