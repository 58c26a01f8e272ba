//! A process that holds a server, to be ended in every way that there is, and the
//! look for what it left.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::local::local;

pub(crate) const DEADLINE: Duration = Duration::from_secs(40);

/// Polls until `done`, or says what was waited for.
#[track_caller]
pub(crate) fn eventually(what: &str, mut done: impl FnMut() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !done() {
        assert!(Instant::now() < deadline, "not within {DEADLINE:?}: {what}");
        std::thread::yield_now();
        std::thread::park_timeout(Duration::from_millis(5));
    }
}

/// Who runs the victim.
#[derive(Clone, Copy, Debug)]
pub(crate) enum As {
    Ourselves,
    Nobody,
}

impl As {
    /// A plain user can't become another; root tries both.
    pub(crate) fn all() -> &'static [Self] {
        if rustix::process::geteuid().is_root() {
            &[Self::Ourselves, Self::Nobody]
        } else {
            &[Self::Ourselves]
        }
    }
}

pub(crate) struct Victim {
    child: Child,
    lines: Receiver<String>,
    // Another user may not get to the target folder.
    _copy: TempDir,
}

impl Victim {
    pub(crate) fn start(who: As, args: &[&str]) -> Self {
        Self::start_with(who, args, &std::env::temp_dir())
    }

    /// As `start`, with a `TMPDIR` of its own.
    pub(crate) fn start_with(who: As, args: &[&str], temp: &Path) -> Self {
        let copy = tempfile::Builder::new()
            .permissions(fs::Permissions::from_mode(0o755))
            .tempdir_in("/tmp")
            .unwrap();
        let program = copy.path().join("hold-postgres");
        // By another process: a file that we have open for writing can't be run, and a
        // test beside us may be forking with it right now.
        let copied = Command::new("cp")
            .arg(env!("CARGO_BIN_EXE_hold-postgres"))
            .arg(&program)
            .status()
            .unwrap();
        assert!(copied.success());
        let mut command = Command::new(program);
        command
            .args(args)
            .env("THROWAWAY_POSTGRES_BIN", local().pg_bin.unwrap())
            .env("TMPDIR", temp)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .current_dir("/");
        if let As::Nobody = who {
            command.uid(65534).gid(65534).env("HOME", "/nonexistent");
        }
        let mut child = command.spawn().unwrap();
        let stdout = child.stdout.take().unwrap();
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        Self {
            child,
            lines,
            _copy: copy,
        }
    }

    /// Waits for the line that says that the server is up.
    #[track_caller]
    pub(crate) fn up(&mut self) -> String {
        match self.lines.recv_timeout(DEADLINE) {
            Ok(line) => line,
            Err(error) => {
                let _ = self.child.kill();
                panic!("no server: {error}: {}", self.stderr());
            }
        }
    }

    /// Lets it run for `moment`, or until its server is up.
    pub(crate) fn run_for(&self, moment: Duration) {
        match self.lines.recv_timeout(moment) {
            Ok(_) | Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
        }
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Ends its input, which is the way to end it well.
    pub(crate) fn finish(&mut self) -> ExitStatus {
        drop(self.child.stdin.take());
        self.child.wait().unwrap()
    }

    pub(crate) fn wait(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    pub(crate) fn stderr(&mut self) -> String {
        let mut text = String::new();
        if let Some(mut stderr) = self.child.stderr.take() {
            let _ = std::io::Read::read_to_string(&mut stderr, &mut text);
        }
        text
    }
}

/// Folders that the process `pid` made, wherever they may lie.
pub(crate) fn folders_of(pid: u32) -> Vec<PathBuf> {
    let prefix = format!("throwaway-postgres-{pid}-");
    [
        PathBuf::from("/dev/shm"),
        std::env::temp_dir(),
        PathBuf::from("/tmp"),
    ]
    .iter()
    .filter_map(|parent| fs::read_dir(parent).ok())
    .flatten()
    .flatten()
    .filter(|entry| entry.file_name().to_string_lossy().starts_with(&prefix))
    .map(|entry| entry.path())
    .collect()
}

/// Living processes of the process `pid`: named after its folder, or working in it.
pub(crate) fn processes_of(pid: u32) -> Vec<(i32, String)> {
    let needle = format!("throwaway-postgres-{pid}-");
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter_map(|id: i32| {
            let command = fs::read(format!("/proc/{id}/cmdline")).ok()?;
            let command = String::from_utf8_lossy(&command).replace('\0', " ");
            let cwd = fs::read_link(format!("/proc/{id}/cwd")).unwrap_or_default();
            let is_zombie = fs::read_to_string(format!("/proc/{id}/stat"))
                .is_ok_and(|stat| stat.rsplit(") ").next().is_some_and(|s| s.starts_with('Z')));
            let is_ours = command.contains(&needle) || cwd.to_string_lossy().contains(&needle);
            (is_ours && !is_zombie).then_some((id, command))
        })
        .collect()
}

/// Shared memory that nobody holds: SysV segments whose maker is dead, and files of dead servers.
pub(crate) fn orphaned_segments() -> Vec<String> {
    let text = fs::read_to_string("/proc/sysvipc/shm").unwrap_or_default();
    let by_number = text.lines().skip(1).filter_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let (id, maker, attached) = (fields.get(1)?, fields.get(4)?, fields.get(6)?);
        let is_dead = !Path::new(&format!("/proc/{maker}")).exists();
        (is_dead && *attached == "0").then(|| (*id).to_owned())
    });
    by_number.chain(unmapped_files()).collect()
}

/// Files of servers' shared memory that no process has mapped; of other users only root can tell.
fn unmapped_files() -> Vec<String> {
    let entries = |folder| fs::read_dir(folder).into_iter().flatten().flatten();
    let me = rustix::process::geteuid();
    let mut files: Vec<String> = entries("/dev/shm")
        .filter(|entry| entry.file_name().to_string_lossy().starts_with("PostgreSQL."))
        .filter(|entry| me.is_root() || entry.metadata().is_ok_and(|meta| meta.uid() == me.as_raw()))
        .map(|entry| entry.path().to_string_lossy().into_owned())
        .collect();
    for process in entries("/proc") {
        let maps = fs::read_to_string(process.path().join("maps")).unwrap_or_default();
        files.retain(|file| !maps.contains(file.as_str()));
    }
    files
}

/// Nothing of the process `pid` is left, at the latest soon.
#[track_caller]
pub(crate) fn assert_nothing_left(pid: u32, segments_before: &[String]) {
    eventually("folders are gone", || folders_of(pid).is_empty());
    eventually("processes are gone", || processes_of(pid).is_empty());
    assert_no_segment_left(segments_before);
}

/// No shared memory beside what was there `before` is without a holder, at the latest soon.
#[track_caller]
pub(crate) fn assert_no_segment_left(before: &[String]) {
    eventually("segments are gone", || {
        orphaned_segments().iter().all(|segment| before.contains(segment))
    });
}
