//! `RERUN.sh` of a packet from end to end, as somebody runs it who has a checkout and the packet.
//!
//! Not for: that it follows from the plan (`crates/evidence`), or the lane's (`lane.rs`). The one fact to know:
//! a packet that lies consistently, sealed anew, verifies, and it is the rerun that tells; so that is tried as
//! well, with a cargo that is this very build.

use crate::rig::{Ended, Running, run_script};
use crate::tidy::root;
use serde_json::Value;
use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// One package, which is enough of a rehearsal for a script.
const PACKAGE: &str = "PKG-A";

/// A folder with a `cargo` whose `cargo xtask` is `does`, a line of sh.
pub(crate) fn cargo(at: &Path, does: &str) -> PathBuf {
    let folder = at.join("bin");
    fs::create_dir_all(&folder).unwrap();
    let mut file = File::create(folder.join("cargo")).unwrap();
    write!(file, "#!/bin/sh\ntest \"$1\" = xtask || exit 99\nshift\n{does}\n").unwrap();
    file.set_permissions(fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

/// This very build.
pub(crate) const THIS_BUILD: &str = concat!("exec '", env!("CARGO_BIN_EXE_xtask"), "' \"$@\"");

fn rerun(packet: &Path, cargo: &Path) -> Ended {
    let checkout = root();
    run_script(
        &packet.join("RERUN.sh"),
        cargo,
        &[checkout.to_str().unwrap(), "--postgres", "local"],
    )
}

#[test]
fn a_packets_script_reruns_it_and_tells_the_truth_from_a_lie() {
    let folder = tempfile::tempdir().unwrap();
    let packet = folder.path().join("packet");
    let place = packet.to_str().unwrap();
    let wrote = Running::start(&["rehearse", PACKAGE, "--postgres", "local", "--evidence", place]).end();
    // Some packages alone are never a pass.
    assert_eq!(wrote.code, Some(1), "{}{}", wrote.stdout, wrote.stderr);
    let cargo = cargo(folder.path(), THIS_BUILD);

    let same = rerun(&packet, &cargo);
    assert_eq!(same.code, Some(0), "{}{}", same.stdout, same.stderr);
    for words in [
        "committed files, by digest, in plan.json: those of this checkout",
        "  believed    environment.json: PostgreSQL ",
        "VERIFIED: the packet is what it says",
        "the rerun gave the same tree\n",
    ] {
        assert!(same.stdout.contains(words), "no `{words}`: {}", same.stdout);
    }

    // A lie that only a rerun tells: as many rows, elsewhere, and everything sealed anew.
    let mut lying = evidence::Folder::read(&packet).unwrap();
    let mut outcome: Value = serde_json::from_slice(&lying.files["outcome.json"]).unwrap();
    let surfaces = outcome.pointer_mut("/counts/surfaces").unwrap();
    assert_ne!(*surfaces, 99);
    *surfaces = 99.into();
    lying
        .files
        .insert("outcome.json".to_owned(), evidence::printed(&outcome));
    let lying = evidence::resealed(lying).unwrap();
    let place = folder.path().join("lying");
    fs::create_dir(&place).unwrap();
    for (name, bytes) in &lying.files {
        footprint::files::write(&place.join(name), bytes).unwrap();
    }
    // What a rehearsal of these bytes gives is known by now.
    let honest = format!(
        "if test \"$1\" = evidence; then {THIS_BUILD}; fi\nfor last; do :; done\ncp -r '{}' \"$last\"",
        packet.display()
    );
    let known = self::cargo(&folder.path().join("known"), &honest);
    let told = rerun(&place, &known);
    assert_eq!(told.code, Some(1), "{}{}", told.stdout, told.stderr);
    assert!(told.stdout.contains("VERIFIED"), "{}", told.stdout);
    assert!(!told.stdout.contains("the same tree"), "{}", told.stdout);
    assert!(
        told.stderr
            .contains("the rerun gave another tree, on PostgreSQL "),
        "{}",
        told.stderr
    );

    // Other bytes are told before anything is rehearsed.
    fs::remove_file(place.join("plan.json")).unwrap();
    let broken = rerun(&place, &cargo);
    assert_eq!(broken.code, Some(1), "{}{}", broken.stdout, broken.stderr);
    assert!(
        broken.stdout.contains("FILE_MISSING:plan.json"),
        "{}",
        broken.stdout
    );

    let alone = run_script(&packet.join("RERUN.sh"), &cargo, &[]);
    assert_eq!(alone.code, Some(2));
    assert!(
        alone.stderr.starts_with("usage: sh RERUN.sh CHECKOUT"),
        "{}",
        alone.stderr
    );
}
