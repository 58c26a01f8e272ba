//! Commands that an author waits for, each run as a process of its own: its time and its peak memory.
//!
//! Not for: parts of a rehearsal (`bench`). The one fact to know: what is asked for stands beside what was
//! found and decides nothing; a rehearsal has more in it than when 1.2 s were asked for (`docs/adr/0023-…`).

use std::convert::Infallible;
use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use crate::exit::CommandError;

/// How often a process is asked for its peak so far: what it takes in its last moment is not seen.
const LOOK: Duration = Duration::from_millis(20);

/// Name, its arguments, whether it takes a server, and what is asked for in milliseconds.
const COMMANDS: [(&str, &[&str], bool, u32); 3] = [
    ("author --check", &["author", "--check"], false, 300),
    (
        "rehearse, cluster made anew",
        &["rehearse", "--no-cache"],
        true,
        2_500,
    ),
    ("rehearse, cached cluster", &["rehearse"], true, 1_200),
];
/// Peak memory that is asked for, in MiB.
const ASKED_MIB: u64 = 100;

/// Times each command once, with the server's arguments of this one.
pub(crate) fn run(out: &mut dyn Write) -> Result<(), CommandError> {
    writeln!(
        out,
        "\n{:<34}{:>10}{:>10}{:>8}{:>10}",
        "whole commands, once each", "ours ms", "asked ms", "ratio", "peak MiB"
    )?;
    for (name, args, takes_server, asked) in COMMANDS {
        let ran = timed(args, if takes_server { server_args() } else { Vec::new() })?;
        if !ran.status.success() {
            return Err(CommandError::Environment(format!(
                "`cargo xtask {}` ended with {}: a time of it would say nothing; run it to see why",
                args.join(" "),
                ran.status
            )));
        }
        let peak = ran
            .peak_kib
            .map_or_else(|| "-".to_owned(), |kib| format!("{:.0}", kib_to_mib(kib)));
        let ms = ran.took.as_secs_f64() * 1000.0;
        writeln!(
            out,
            "{name:<34}{ms:>10.0}{asked:>10}{:>8.1}{peak:>10}",
            ms / f64::from(asked)
        )?;
    }
    writeln!(out, "peak memory that is asked for: {ASKED_MIB} MiB")?;
    Ok(())
}

#[expect(
    clippy::cast_precision_loss,
    reason = "memory of a process is far below 2^52 KiB"
)]
fn kib_to_mib(kib: u64) -> f64 {
    kib as f64 / 1024.0
}

struct Ran {
    took: Duration,
    status: ExitStatus,
    /// Where the system says it (`VmHWM`).
    peak_kib: Option<u64>,
}

fn timed(args: &[&str], more: Vec<OsString>) -> Result<Ran, CommandError> {
    let environment =
        |error: std::io::Error| CommandError::Environment(format!("can't run ourselves: {error}"));
    let program = std::env::current_exe().map_err(environment)?;
    footprint::program(&program);
    let begun = Instant::now();
    let mut child = Command::new(program)
        .args(args)
        .args(more)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(environment)?;
    let process = child.id();
    let (ended, is_over) = mpsc::channel::<Infallible>();
    std::thread::scope(|scope| {
        let looking = scope.spawn(move || {
            let mut peak_kib = None;
            loop {
                peak_kib = peak(process).or(peak_kib);
                if is_over.recv_timeout(LOOK) != Err(RecvTimeoutError::Timeout) {
                    return peak_kib;
                }
            }
        });
        // Whoever looks must not keep the clock running.
        let status = child.wait();
        let took = begun.elapsed();
        drop(ended);
        Ok(Ran {
            took,
            status: status.map_err(environment)?,
            peak_kib: looking.join().unwrap_or_default(),
        })
    })
}

/// The most that a process has had in memory at once.
fn peak(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse().ok()
}

/// The arguments of this run that say which server: all but the number of runs.
fn server_args() -> Vec<OsString> {
    without_runs(std::env::args_os().skip(2))
}

fn without_runs(args: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut kept = Vec::new();
    let mut args = args;
    while let Some(arg) = args.next() {
        if arg == OsStr::new("--runs") {
            args.next();
        } else if !arg.to_string_lossy().starts_with("--runs=") {
            kept.push(arg);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::{peak, without_runs};
    use std::ffi::OsString;

    #[test]
    fn the_number_of_runs_is_nobody_elses() {
        let kept = |args: &[&str]| without_runs(args.iter().map(OsString::from));
        assert_eq!(
            kept(&["--runs", "3", "--postgres", "local"]),
            ["--postgres", "local"]
        );
        assert_eq!(kept(&["--postgres=local", "--runs=3"]), ["--postgres=local"]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_process_has_a_peak_and_none_has_none() {
        assert!(peak(std::process::id()).is_some_and(|kib| kib > 1000));
        assert_eq!(peak(u32::MAX), None);
    }
}
