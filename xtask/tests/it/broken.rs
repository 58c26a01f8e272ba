//! A run that is broken in the middle: lost connection, full disk, signals.

use crate::rig::{Ended, Running, eventually};
use rustix::process::{Pid, Signal, getuid, kill_process};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use tempfile::TempDir;

const REHEARSE: [&str; 3] = ["rehearse", "--postgres", "local"];

#[tokio::test]
async fn a_connection_that_is_lost_in_the_middle_is_the_environment() {
    let mut run = Running::start(&REHEARSE);
    let (mut beside, backend) = run.rehearsing().await;
    sqlx::query("select pg_catalog.pg_terminate_backend($1)")
        .bind(backend)
        .execute(&mut beside)
        .await
        .unwrap();
    run.end().failed(
        3,
        &[
            "connection to the server was lost during",
            "rolls the transaction back",
        ],
    );
}

#[tokio::test]
async fn a_signal_in_the_middle_ends_it_with_the_shells_code() {
    for (signal, name, code) in [(Signal::INT, "SIGINT", 130), (Signal::TERM, "SIGTERM", 143)] {
        let mut run = Running::start(&REHEARSE);
        let (beside, _) = run.rehearsing().await;
        drop(beside);
        kill_process(Pid::from_raw(i32::try_from(run.id()).unwrap()).unwrap(), signal).unwrap();
        run.end().failed(code, &[name]);
    }
}

#[tokio::test]
async fn a_signal_to_the_whole_group_ends_it_as_well() {
    let mut run = Running::start(&REHEARSE);
    let (beside, _) = run.rehearsing().await;
    drop(beside);
    let group = Pid::from_raw(i32::try_from(run.id()).unwrap()).unwrap();
    rustix::process::kill_process_group(group, Signal::INT).unwrap();
    run.end().failed(130, &["SIGINT"]);
}

/// A disk of `size` that fills up while `args` run.
fn on_a_disk_of(size: &str, args: &[&str]) -> Ended {
    let disk = open_folder();
    let path = disk.path().to_str().unwrap();
    let mount = |program: &str, args: &[&str]| {
        // Its words would be many while it is waited for.
        let done = Command::new(program).args(args).stderr(Stdio::null()).status();
        done.unwrap().success()
    };
    let options = format!("size={size},mode=1777");
    assert!(
        mount("mount", &["-t", "tmpfs", "-o", &options, "rehearsal-disk", path]),
        "root can mount"
    );
    let ended = Running::start(&[&REHEARSE[..], &["--temp-dir", path], args].concat()).end();
    let left: Vec<_> = fs::read_dir(disk.path())
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    // The guard's shell may still stand in it.
    eventually("the disk is free", || mount("umount", &[path]));
    assert!(left.is_empty(), "{left:?}");
    ended.failed(3, &["no room", path, "--temp-dir"]);
    ended
}

/// Binaries of which `initdb` says what a real one says when the disk is full.
fn on_a_disk_that_is_said_to_be_full() -> Ended {
    let bin = binaries(
        "15.18",
        "echo 'could not write: No space left on device' >&2; exit 1",
    );
    let bin = bin.path().to_str().unwrap();
    let ended = Running::start(&["rehearse", "--postgres", "local", "--no-cache", "--pg-bin", bin]).end();
    ended.failed(3, &["no room", "No space left on device", "--temp-dir"]);
    ended
}

#[test]
fn a_disk_that_is_full_for_the_cluster_is_named() {
    on_a_disk_that_is_said_to_be_full();
    // Only root can make a disk that is full; what a plain user sees was tried above.
    if getuid().is_root() {
        on_a_disk_of("8m", &[]);
        on_a_disk_of("40m", &["--no-cache"]);
    }
}

#[test]
fn a_disk_that_fills_up_during_the_rehearsal_is_named() {
    if getuid().is_root() {
        // One server: a second one would find no room at its start.
        let ended = on_a_disk_of("49m", &["--servers", "1"]);
        assert!(
            ended.stderr.contains("where the throwaway server lies"),
            "{}",
            ended.stderr
        );
    } else {
        on_a_disk_that_is_said_to_be_full();
    }
}

#[test]
fn a_server_of_an_unsupported_major_is_refused_before_it_is_started() {
    for version in ["14.19", "19.0"] {
        let bin = binaries(version, "exit 1");
        let path = bin.path().to_str().unwrap();
        // A folder may be named from here as well.
        let here = std::env::current_dir().unwrap();
        let up: String = here.components().skip(1).map(|_| "../").collect();
        for named in [path, &format!("{up}{}", path.trim_start_matches('/'))] {
            let ended = Running::start(&["rehearse", "--postgres", "local", "--pg-bin", named]).end();
            ended.failed(3, &["unsupported PostgreSQL", version, "15, 16, 17 and 18", path]);
        }
    }
}

/// A folder that every user can enter.
fn open_folder() -> TempDir {
    tempfile::Builder::new()
        .permissions(fs::Permissions::from_mode(0o755))
        .tempdir_in("/tmp")
        .unwrap()
}

/// `postgres` of this version, and this `initdb`.
fn binaries(version: &str, initdb: &str) -> TempDir {
    let folder = open_folder();
    script(
        &folder.path().join("postgres"),
        &format!("echo 'postgres (PostgreSQL) {version}'"),
    );
    script(&folder.path().join("initdb"), initdb);
    folder
}

/// By another process: a file that we have open for writing can't be run, and a test beside us may
/// be forking with it right now.
fn script(path: &Path, body: &str) {
    let made = Command::new("sh")
        .args([
            "-c",
            r#"printf '#!/bin/sh\n%s\n' "$2" > "$1" && chmod 755 "$1""#,
            "sh",
        ])
        .arg(path)
        .arg(body)
        .status()
        .unwrap();
    assert!(made.success());
}
