//! Clears away what killed runs left: the guard of a folder may be killed too.
//!
//! Not here: the usual end of a server (`guard.sh`). The fact to know: a folder
//! is a leftover when nobody holds its `owner.lock`, and a process id is believed
//! only if that process works inside the folder, since ids are used again.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::folder::{LOCK, PREFIX, parents};

const STOP_TIMEOUT: Duration = Duration::from_secs(10);

/// Removes abandoned folders; how many. Those of other users are not ours to judge,
/// but root sweeps what root's own runs dropped to another user.
pub(crate) async fn local(temp_dir: Option<&Path>) -> usize {
    let mut parents = parents(None);
    parents.extend(temp_dir.map(Path::to_path_buf));
    parents.sort();
    parents.dedup();
    let mut swept = 0;
    for folder in parents.iter().flat_map(|parent| folders(parent)) {
        if let Some(_held) = abandoned(&folder) {
            stop(&folder).await;
            remove_segment(&folder);
            swept += usize::from(fs::remove_dir_all(&folder).is_ok());
        }
    }
    swept
}

fn folders(parent: &Path) -> Vec<PathBuf> {
    let me = rustix::process::geteuid();
    let Ok(entries) = fs::read_dir(parent) else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX))
        .filter(|entry| {
            entry
                .metadata()
                .is_ok_and(|meta| meta.is_dir() && (me.is_root() || meta.uid() == me.as_raw()))
        })
        .map(|entry| entry.path())
        .collect()
}

/// A folder that nobody owns; as long as this lives, its lock is ours.
struct Abandoned {
    _lock: Option<File>,
}

/// The lock, now ours, if nobody holds it; the lock file may be missing when its
/// maker was killed at once, or when a removal was cut short.
fn abandoned(folder: &Path) -> Option<Abandoned> {
    let no_follow = i32::try_from(rustix::fs::OFlags::NOFOLLOW.bits()).ok()?;
    let opened = OpenOptions::new()
        .read(true)
        .write(true)
        .custom_flags(no_follow)
        .open(folder.join(LOCK));
    match opened {
        Ok(lock) => lock.try_lock().is_ok().then_some(Abandoned { _lock: Some(lock) }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let name = folder.file_name()?.to_str()?;
            let maker = name.strip_prefix(PREFIX)?.split('-').next()?;
            let maker: i32 = maker.parse().ok()?;
            (!is_alive(maker)).then_some(Abandoned { _lock: None })
        }
        Err(_) => None,
    }
}

/// Ends what works in an abandoned folder. A server is told to quit; an `initdb` whose
/// guard was killed is waited for, because its servers leave a SysV segment when killed.
async fn stop(folder: &Path) {
    let Ok(folder) = fs::canonicalize(folder) else {
        return;
    };
    let deadline = Instant::now() + STOP_TIMEOUT;
    let mut told = None;
    loop {
        let working = working_in(&folder);
        if working.is_empty() {
            return;
        }
        let server = server_of(&folder).filter(|pid| working.contains(pid));
        if server.is_some() && server != told {
            signal(server, Signal::QUIT);
            told = server;
        }
        if Instant::now() > deadline {
            for pid in working {
                signal(Some(pid), Signal::KILL);
            }
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// A server that died hard left its SysV segment; the pid file that it left names it.
fn remove_segment(folder: &Path) {
    let text = fs::read_to_string(folder.join("data/postmaster.pid")).unwrap_or_default();
    let segment = text
        .lines()
        .nth(6)
        .and_then(|line| line.split_whitespace().nth(1));
    if let Some(segment) = segment.filter(|id| id.bytes().all(|byte| byte.is_ascii_digit())) {
        footprint::program(Path::new("ipcrm"));
        let _ = Command::new("ipcrm")
            .args(["-m", segment])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
    }
}

fn signal(pid: Option<i32>, signal: Signal) {
    if let Some(pid) = pid.and_then(Pid::from_raw) {
        let _ = kill_process(pid, signal);
    }
}

/// The server of the pid file; those that `initdb` runs write their ids negated.
fn server_of(folder: &Path) -> Option<i32> {
    let text = fs::read_to_string(folder.join("data/postmaster.pid")).ok()?;
    let pid = text.lines().next()?.trim().parse().ok()?;
    (pid > 0).then_some(pid)
}

/// Living processes that work inside `folder`; without a `/proc`, the one of the pid file.
fn working_in(folder: &Path) -> Vec<i32> {
    if !Path::new("/proc/self/cwd").exists() {
        return server_of(folder)
            .into_iter()
            .filter(|pid| is_alive(*pid))
            .collect();
    }
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|pid| fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|cwd| cwd.starts_with(folder)))
        .filter(|pid| is_alive(*pid))
        .collect()
}

/// Signals reach zombies too, and in containers nobody reaps them: the state decides.
pub(crate) fn is_alive(pid: i32) -> bool {
    let Some(id) = Pid::from_raw(pid) else {
        return false;
    };
    if let Ok(stat) = fs::read_to_string(format!("/proc/{pid}/stat")) {
        let state = stat.rsplit(") ").next().and_then(|rest| rest.chars().next());
        return !matches!(state, Some('Z' | 'X'));
    }
    !Path::new("/proc/self/stat").exists() && rustix::process::test_kill_process(id).is_ok()
}
