//! A local server leaves nothing, however its owner ends: as root and as a plain user.

use std::fs;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::victim::{
    As, Victim, assert_nothing_left, eventually, folders_of, orphaned_segments, processes_of,
};

fn each_user(test: impl Fn(As, &[String])) {
    for who in As::all() {
        test(*who, &orphaned_segments());
    }
}

#[test]
fn nothing_is_left_after_success() {
    each_user(|who, segments| {
        let mut victim = Victim::start(who, &["local"]);
        victim.up();
        assert_eq!(folders_of(victim.pid()).len(), 1, "{who:?}");
        assert!(!processes_of(victim.pid()).is_empty(), "{who:?}");
        assert!(victim.finish().success(), "{}", victim.stderr());
        // Stopping waits: no grace is needed here.
        assert!(folders_of(victim.pid()).is_empty());
        assert_nothing_left(victim.pid(), segments);
    });
}

#[test]
fn nothing_is_left_after_failure() {
    each_user(|who, segments| {
        let mut victim = Victim::start(who, &["local", "--fail"]);
        assert_eq!(victim.wait().code(), Some(3));
        assert!(victim.stderr().contains("`22012`"), "{who:?}");
        assert!(folders_of(victim.pid()).is_empty());
        assert_nothing_left(victim.pid(), segments);
    });
}

#[test]
fn nothing_is_left_after_signals() {
    for signal in [Signal::INT, Signal::TERM, Signal::HUP, Signal::KILL] {
        each_user(|who, segments| {
            let mut victim = Victim::start(who, &["local"]);
            victim.up();
            victim.signal(signal);
            assert!(!victim.wait().success());
            assert_nothing_left(victim.pid(), segments);
        });
    }
}

/// The terminal's Ctrl-C reaches the whole group: the guard has one of its own.
#[test]
fn the_guard_and_the_server_are_out_of_the_owners_process_group() {
    let mut victim = Victim::start(As::Ourselves, &["local"]);
    victim.up();
    let owner = rustix::process::getpgid(Pid::from_raw(i32::try_from(victim.pid()).unwrap()));
    for (id, command) in processes_of(victim.pid()) {
        let group = rustix::process::getpgid(Pid::from_raw(id));
        assert_ne!(group, owner, "{command}");
    }
    assert!(victim.finish().success());
}

#[test]
fn the_next_start_sweeps_what_sigkill_left_at_ten_random_moments() {
    for round in 0..10_u32 {
        let segments = orphaned_segments();
        let who = As::all()[usize::try_from(round).unwrap() % As::all().len()];
        let mut victim = Victim::start(who, &["local"]);
        // Spread over a start, each time elsewhere: the process id is as random as it gets.
        let moment = round * 90 + victim.pid() % 90;
        victim.run_for(Duration::from_millis(moment.into()));
        victim.signal(Signal::KILL);
        // In every second round the guard dies too, so that only the sweep is left.
        if round % 2 == 1 {
            for (id, command) in processes_of(victim.pid()) {
                if command.contains("throwaway-postgres-guard") {
                    let _ = kill_process(Pid::from_raw(id).unwrap(), Signal::KILL);
                }
            }
        }
        victim.wait();
        let mut next = Victim::start(who, &["local"]);
        next.up();
        assert!(next.finish().success());
        assert_nothing_left(victim.pid(), &segments);
    }
}

#[test]
fn a_living_owners_server_is_not_swept() {
    let mut living = Victim::start(As::Ourselves, &["local"]);
    living.up();
    let mut next = Victim::start(As::Ourselves, &["local"]);
    next.up();
    assert!(next.finish().success());
    assert_eq!(folders_of(living.pid()).len(), 1);
    assert!(living.finish().success());
}

#[test]
fn no_shared_memory_lies_outside_the_folder() {
    let mut victim = Victim::start(As::Ourselves, &["local"]);
    victim.up();
    let folder = folders_of(victim.pid()).remove(0);
    let pid_file = fs::read_to_string(folder.join("data/postmaster.pid")).unwrap();
    let pid = pid_file.lines().next().unwrap();
    let maps = fs::read_to_string(format!("/proc/{pid}/maps")).unwrap();
    let folder = folder.to_string_lossy().into_owned();
    let outside: Vec<&str> = maps
        .lines()
        .filter(|line| line.contains("/dev/shm/") && !line.contains(&folder))
        .collect();
    assert!(outside.is_empty(), "{outside:?}");
    assert!(victim.finish().success());
    eventually("the server is gone", || processes_of(victim.pid()).is_empty());
}
