//! The binary as people run it: what it prints where, and its exit codes.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod access;
mod attacks;
mod bad_input;
mod begin;
mod broken;
mod bypass;
mod committed;
mod committed_chain;
mod committed_plan;
mod creation_faults;
mod dumped_estate;
mod estate_clock;
mod evidence;
mod exit_codes;
mod guard_assertion;
mod guard_bench;
mod hand_faults;
mod interface;
mod keep;
mod lane;
mod leave;
mod live_guards;
// The binary's own: rows for the server at hand.
#[path = "../../src/majors.rs"]
mod majors;
mod mutants;
mod negatives;
mod packet_faults;
mod rehearsed_repoint;
#[path = "../../src/repoint.rs"]
mod repoint;
mod repoint_proof;
mod repoint_walk;
mod report;
mod rerun;
mod rig;
#[path = "../../src/sources.rs"]
mod sources;
mod tidy;
mod verify_live;

use std::process::{Command, Output};

/// Runs `cargo xtask ARGS` as built for this test.
pub(crate) fn xtask(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(args)
        .output()
        .expect("the binary runs")
}

/// Standard error as text.
pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
