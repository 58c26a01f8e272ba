//! Clears away what killed runs left: the guard of a folder may be killed too.
//!
//! Not here: the usual end of a server (`guard.sh`). The fact to know: a folder
//! is a leftover when nobody holds its `owner.lock`, and a process id is believed
//! only if that process works inside the folder, since ids are used again.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::folder::{LOCK, PREFIX, parents};

const STOP_TIMEOUT: Duration = Duration::from_secs(5);

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

/// Stops the server of an abandoned folder, if it lives.
async fn stop(folder: &Path) {
    let pid_file = folder.join("data/postmaster.pid");
    let read_pid = || -> Option<i32> {
        fs::read_to_string(&pid_file)
            .ok()?
            .lines()
            .next()?
            .trim()
            .parse()
            .ok()
    };
    let Some(pid) = read_pid().filter(|pid| works_in(*pid, folder)) else {
        return;
    };
    if let Some(pid) = Pid::from_raw(pid) {
        let _ = kill_process(pid, Signal::QUIT);
    }
    let deadline = Instant::now() + STOP_TIMEOUT;
    while works_in(pid, folder) && pid_file.exists() && Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Whether the process lives (a zombie does not) and works inside `folder`.
fn works_in(pid: i32, folder: &Path) -> bool {
    if !is_alive(pid) {
        return false;
    }
    if Path::new("/proc/self/cwd").exists() {
        return fs::read_link(format!("/proc/{pid}/cwd"))
            .is_ok_and(|cwd| fs::canonicalize(folder).is_ok_and(|folder| cwd.starts_with(folder)));
    }
    true
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
