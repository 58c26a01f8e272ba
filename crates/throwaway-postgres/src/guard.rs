//! The process between us and a local server: `guard.sh`, run by `/bin/sh`.
//!
//! Not here: what is run. The fact to know: the guard's standard input is a pipe
//! whose only other end is ours, so the kernel tells it of our death, SIGKILL
//! included. A shell and not a re-exec of ourselves: that would need a first line
//! in every `main`, and a test binary has none; and `initdb` needs `/bin/sh` anyway.

use std::ffi::OsStr;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout};

use crate::StartError;
use crate::account::Account;

const SCRIPT: &str = include_str!("guard.sh");
/// Longest wait for the guard to stop the server and to remove the folder.
const END_TIMEOUT: Duration = Duration::from_secs(20);

/// A running guard. Dropping it stops the server and removes the folder.
#[derive(Debug)]
pub(crate) struct Guard {
    child: Child,
    orders: Option<ChildStdin>,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Guard {
    /// Starts the guard of `folder` as `account`.
    pub(crate) fn start(folder: &Path, account: &Account) -> Result<Self, StartError> {
        let sh = Path::new("/bin/sh");
        footprint::program(sh);
        let mut command = Command::new(sh);
        command
            .arg("-c")
            .arg(SCRIPT)
            .arg("throwaway-postgres-guard")
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0);
        account.apply(&mut command);
        let failed = |source| StartError::Program {
            program: sh.to_path_buf(),
            account: account.name.clone(),
            source,
        };
        let mut child = tokio::process::Command::from(command).spawn().map_err(failed)?;
        let (Some(orders), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
            unreachable!("both were piped");
        };
        Ok(Self {
            child,
            orders: Some(orders),
            answers: BufReader::new(answers).lines(),
        })
    }

    /// Runs a program to its end; its exit status.
    pub(crate) async fn run<I, S>(&mut self, program: &Path, args: I) -> std::io::Result<i32>
    where
        I: IntoIterator<Item = S>,
        S: AsRef<OsStr>,
    {
        self.order("run", program, args).await?;
        self.exited().await
    }

    /// Starts the server; [`Guard::exited`] tells when it ends.
    pub(crate) async fn serve<I, S>(&mut self, program: &Path, args: I) -> std::io::Result<()>
    where
        I: IntoIterator<Item = S>,
        S: AsRef<OsStr>,
    {
        self.order("serve", program, args).await
    }

    /// Shuts the server down cleanly; its exit status.
    pub(crate) async fn shut_down(&mut self) -> std::io::Result<i32> {
        self.write("shutdown\n").await?;
        self.exited().await
    }

    /// Waits until the program that was started last ends; its exit status.
    pub(crate) async fn exited(&mut self) -> std::io::Result<i32> {
        let line = self.answers.next_line().await?;
        line.as_deref()
            .and_then(|line| line.strip_prefix("exited ")?.parse().ok())
            .ok_or_else(|| std::io::Error::other("the guard of the throwaway folder has ended"))
    }

    /// Stops the server and removes the folder; returns when both are done.
    pub(crate) async fn end(mut self) {
        self.orders = None;
        let _ = tokio::time::timeout(END_TIMEOUT, self.child.wait()).await;
    }

    async fn order<I, S>(&mut self, order: &str, program: &Path, args: I) -> std::io::Result<()>
    where
        I: IntoIterator<Item = S>,
        S: AsRef<OsStr>,
    {
        let mut line = format!("{order} {}", quoted(program.as_os_str())?);
        for arg in args {
            line.push(' ');
            line.push_str(&quoted(arg.as_ref())?);
        }
        line.push('\n');
        self.write(&line).await
    }

    async fn write(&mut self, line: &str) -> std::io::Result<()> {
        match &mut self.orders {
            Some(orders) => {
                orders.write_all(line.as_bytes()).await?;
                orders.flush().await
            }
            None => Err(std::io::ErrorKind::BrokenPipe.into()),
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.orders = None;
        let deadline = Instant::now() + END_TIMEOUT;
        while matches!(self.child.try_wait(), Ok(None)) && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

/// A word for the shell; the guard reads lines, so a line break can't be one.
fn quoted(word: &OsStr) -> std::io::Result<String> {
    match word.to_str() {
        Some(word) if !word.contains('\n') => Ok(format!("'{}'", word.replace('\'', r"'\''"))),
        _ => Err(std::io::Error::new(
            std::io::ErrorKind::InvalidInput,
            "a path that is not UTF-8, or has a line break",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn words_reach_the_shell_whole() {
        assert_eq!(quoted("a b$c".as_ref()).unwrap(), "'a b$c'");
        assert_eq!(quoted("it's".as_ref()).unwrap(), r"'it'\''s'");
        assert!(quoted("a\nb".as_ref()).is_err());
    }
}
