//! The verifier of other hands: `scripts/verify_lane.py` refuses what this crate refuses.
//!
//! Not for: words that the design alone knows, a probe class or a title; the script has no design. The one fact to
//! know: it shares no line with this crate, so a packet that only one of the two accepts is a fault of one of them.

use crate::review::ALONE;
use crate::{forged, refused};
use lane::{Packet, tree_of, write};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::OnceLock;

/// Python, none where it is not here; CI must have it, and elsewhere that is said past the harness.
fn interpreter() -> Option<&'static str> {
    static FOUND: OnceLock<Option<String>> = OnceLock::new();
    let found = FOUND.get_or_init(|| {
        let asked = ["-c", "import sys; print(sys.executable)"];
        match Command::new("python3").args(asked).output() {
            Ok(said) => Some(String::from_utf8(said.stdout).unwrap().trim_end().to_owned()),
            Err(error) => {
                assert!(std::env::var_os("CI").is_none(), "no `python3`: {error}");
                let _ = writeln!(std::io::stderr(), "not tried in Python: no `python3`: {error}");
                None
            }
        }
    });
    found.as_deref()
}

fn said(packet: &Path) -> Option<Output> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/verify_lane.py");
    let output = Command::new(interpreter()?)
        .arg(script)
        .arg(packet)
        .output()
        .unwrap();
    // A fault of the script itself is no refusal.
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(!err.contains("Traceback"), "{err}");
    Some(output)
}

/// Demands that Python refuses the folder, and names what is a matter of bytes alone; 1 for a finding, 2 for what
/// can't be read.
#[track_caller]
pub(crate) fn refuses_at(packet: &Path, expected: &[&str]) {
    let Some(said) = said(packet) else { return };
    let err = String::from_utf8_lossy(&said.stderr);
    assert!(
        matches!(said.status.code(), Some(1 | 2)),
        "Python says {:?}: {err}",
        said.status
    );
    for (code, subject) in expected.iter().filter_map(|one| one.split_once(':')) {
        if ["FILE_DIGEST", "FILE_ADDED"].contains(&code) {
            assert!(
                err.contains(&format!("{code}: '{subject}'")),
                "no {code} of {subject}: {err}"
            );
        }
    }
}

#[track_caller]
pub(crate) fn refuses(packet: &Packet, words: &str) {
    let folder = tempfile::tempdir().unwrap();
    write(packet, folder.path()).unwrap();
    if let Some(said) = said(folder.path()) {
        let err = String::from_utf8_lossy(&said.stderr);
        assert_eq!(said.status.code(), Some(1), "{err}");
        assert!(err.contains(words), "no `{words}`: {err}");
    }
}

#[test]
fn a_sound_lane_is_recomputed_in_python_to_the_same_tree() {
    let packet = forged(|_| ());
    let folder = tempfile::tempdir().unwrap();
    write(&packet, folder.path()).unwrap();
    if let Some(said) = said(folder.path()) {
        let (out, err) = (
            String::from_utf8_lossy(&said.stdout),
            String::from_utf8_lossy(&said.stderr),
        );
        assert_eq!(said.status.code(), Some(0), "{err}");
        assert!(out.contains(&tree_of(&packet).unwrap()), "{out}");
    }
}

#[test]
fn a_lane_that_fails_one_check_under_a_good_seal_is_refused_in_python_as_well() {
    for (id, change) in ALONE {
        let packet = forged(change);
        assert!(!refused(&packet).is_empty(), "{id}");
        // A surface that the scope does not name and the proof does is one of both lists.
        refuses(&packet, if id == "PER-1" { "REVIEW_FAILED: PER-2" } else { id });
    }
    let told = forged(|documents| documents.review.checks[2].verdict = "FAIL".to_owned());
    refuses(&told, "REVIEW_DIFFERS");
    let stopped = forged(|documents| documents.review.status = "NOT_CLEAN".to_owned());
    refuses(&stopped, "REVIEW_DIFFERS");
}

#[test]
fn a_script_that_is_another_and_a_file_that_no_lane_has_are_refused_in_python() {
    for (name, expected) in [
        ("RERUN.sh", "LANE_DOCUMENT_DIFFERS: RERUN.sh"),
        ("more.md", "FILE_UNKNOWN: 'more.md'"),
    ] {
        let mut packet = forged(|_| ());
        packet
            .own
            .files
            .insert(name.to_owned(), b"#!/bin/sh\nexit 0\n".to_vec());
        lane::reseal(&mut packet);
        refuses(&packet, expected);
    }
}

#[test]
fn a_hostile_name_reaches_no_terminal_through_python() {
    let mut packet = forged(|_| ());
    packet
        .own
        .files
        .insert("\u{1b}]0;owned\u{7}".to_owned(), Vec::new());
    let folder = tempfile::tempdir().unwrap();
    write(&packet, folder.path()).unwrap();
    if let Some(said) = said(folder.path()) {
        assert_eq!(said.status.code(), Some(1));
        let shown = said
            .stderr
            .iter()
            .all(|byte| *byte == b'\n' || (0x20..0x7f).contains(byte));
        assert!(shown, "{:?}", said.stderr);
    }
}
