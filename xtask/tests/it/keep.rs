//! `rehearse --keep`: what was committed is there for others until the signal, and then nothing is.

use crate::rig::Running;
use crate::xtask;
use rustix::process::{Pid, Signal, kill_process};

#[tokio::test]
async fn the_packages_stay_until_a_signal_and_go_with_it() {
    let mut run = Running::start(&[
        "rehearse",
        "--postgres",
        "local",
        "--only",
        "readiness_gate_manifest",
        "--format",
        "json",
        "--keep",
    ]);
    let gates = "select count(*) from qt001_cp.readiness_gate_manifest";
    run.shows("directus", gates, "14").await;
    kill_process(
        Pid::from_raw(i32::try_from(run.id()).unwrap()).unwrap(),
        Signal::INT,
    )
    .unwrap();
    let ended = run.end();
    // Of the rehearsal before it, which `--only` keeps from passing.
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert_eq!(ended.json()["verdict"], "not_measured");
    ended.left_nothing();
}

#[test]
fn a_lent_server_is_refused_before_it_is_asked_for() {
    let output = xtask(&[
        "rehearse",
        "--keep",
        "--postgres",
        "postgres://nobody@127.0.0.1:1/x",
    ]);
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("`--keep` takes a server that this tool made"),
        "{said}"
    );
}
