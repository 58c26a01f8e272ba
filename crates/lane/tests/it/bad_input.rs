//! Packets whose bytes are not what they say: found, named, harmless.

use crate::{TINY, forged, refused, shown};
use evidence::FILE_BYTES_MAX;
use lane::{Packet, read, tree_of, verify, write};
use serde_json::Value;
use std::fs::{self, File};
use std::path::Path;

fn on_disk() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(&forged(|_| ()), folder.path()).unwrap();
    folder
}

#[track_caller]
fn check(spoil: impl FnOnce(&Path), expect: &[&str]) {
    let folder = on_disk();
    spoil(folder.path());
    let packet = read(folder.path()).unwrap();
    let report = verify(&TINY, &packet, None);
    let found = shown(&report.refusals);
    assert_eq!(found, expect);
    assert!(report.recomputed.is_empty() && report.believed.is_empty());
    crate::python::refuses_at(folder.path(), expect);
}

#[expect(clippy::disallowed_methods, reason = "a temp folder that nobody else reads")]
fn put(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).unwrap();
}

fn edit(folder: &Path, name: &str, from: &str, to: &str) {
    let text = fs::read_to_string(folder.join(name)).unwrap();
    assert!(text.contains(from), "`{name}` holds no `{from}`");
    put(&folder.join(name), text.replacen(from, to, 1).as_bytes());
}

#[test]
fn a_sound_packet_passes() {
    let packet = read(on_disk().path()).unwrap();
    assert_eq!(refused(&packet), Vec::<String>::new());
}

#[test]
fn a_flipped_byte_is_named_with_its_file() {
    check(
        |folder| edit(folder, "scope-lock.json", "throwaway", "throwawax"),
        &["FILE_DIGEST:scope-lock.json"],
    );
    check(
        |folder| edit(folder, "rehearsal/outcome.json", "pass", "past"),
        &["FILE_DIGEST:rehearsal/outcome.json"],
    );
    check(
        |folder| edit(folder, "scope-lock.json", "throwaway", "throw"),
        &["FILE_SIZE:scope-lock.json"],
    );
    check(
        |folder| edit(folder, "environment.json", "1", "2"),
        &["ENVIRONMENT_DIGEST:environment.json"],
    );
}

#[test]
fn a_missing_and_an_added_file_are_named() {
    check(
        |folder| fs::remove_file(folder.join("probes.json")).unwrap(),
        &["FILE_MISSING:probes.json"],
    );
    check(
        |folder| put(&folder.join("more.json"), b"{}"),
        &["FILE_ADDED:more.json"],
    );
    check(
        |folder| put(&folder.join("rehearsal/more"), b""),
        &["FILE_ADDED:rehearsal/more"],
    );
    check(
        |folder| fs::remove_file(folder.join("lane.json")).unwrap(),
        &["FILE_MISSING:lane.json"],
    );
    check(
        |folder| fs::remove_file(folder.join("environment.json")).unwrap(),
        &["ENVIRONMENT_MISSING:environment.json"],
    );
    check(
        |folder| fs::remove_dir_all(folder.join("rehearsal")).unwrap(),
        &[
            "FILE_MISSING:rehearsal/RERUN.sh",
            "FILE_MISSING:rehearsal/outcome.json",
            "FILE_MISSING:rehearsal/packet.json",
            "FILE_MISSING:rehearsal/plan.json",
            "FILE_MISSING:rehearsal/rollback.json",
        ],
    );
}

#[test]
fn a_list_in_another_order_or_with_a_path_that_climbs_out_is_refused() {
    check(
        |folder| {
            let text = fs::read_to_string(folder.join("lane.json")).unwrap();
            let mut list: serde_json::Value = serde_json::from_str(&text).unwrap();
            list["files"].as_array_mut().unwrap().swap(0, 1);
            put(&folder.join("lane.json"), &evidence::printed(&list));
        },
        &["LIST_ORDER:lane.json"],
    );
    check(
        |folder| edit(folder, "lane.json", "\"RERUN.sh\"", "\"../RERUN\""),
        &["NAME_UNSAFE:../RERUN"],
    );
    check(
        |folder| edit(folder, "lane.json", "  \"format_version\"", " \"format_version\""),
        &["NOT_CANONICAL:lane.json"],
    );
    check(
        |folder| edit(folder, "lane.json", "\"status\"", "\"more\": 1,\n  \"status\""),
        &["KEY_UNKNOWN:lane.json"],
    );
}

#[test]
fn a_symlink_a_folder_and_a_huge_file_are_named_and_not_opened() {
    #[cfg(unix)]
    check(
        |folder| {
            fs::remove_file(folder.join("probes.json")).unwrap();
            std::os::unix::fs::symlink("/dev/zero", folder.join("probes.json")).unwrap();
        },
        &["FILE_NOT_REGULAR:probes.json"],
    );
    #[cfg(unix)]
    check(
        |folder| {
            fs::rename(folder.join("rehearsal"), folder.join("x")).unwrap();
            std::os::unix::fs::symlink(folder.join("x"), folder.join("rehearsal")).unwrap();
        },
        &["FILE_NOT_REGULAR:rehearsal", "FILE_NOT_REGULAR:x"],
    );
    check(
        |folder| {
            File::create(folder.join("probes.json"))
                .unwrap()
                .set_len(FILE_BYTES_MAX + 1)
                .unwrap();
        },
        &["FILE_TOO_LARGE:probes.json"],
    );
}

#[test]
fn an_older_packet_under_a_newer_name_is_of_other_bytes() {
    let packet = forged(|_| ());
    let input = |sha256: &str| lane::Input {
        id: "delegation".to_owned(),
        path: "delegation.toml".to_owned(),
        sha256: sha256.to_owned(),
        verified_by: String::new(),
        verdict: String::new(),
    };
    let (documents, _) = lane::specimen(&TINY);
    let same = verify(&TINY, &packet, Some(&documents.preflight.inputs));
    assert_eq!(same.verification, "pass");
    assert!(same.recomputed.iter().any(|line| line.contains("this checkout")));
    let other = verify(&TINY, &packet, Some(&[input(&"0".repeat(64))]));
    assert!(
        shown(&other.refusals)
            .iter()
            .all(|one| one.starts_with("LANE_DIFFERS_FROM_CHECKOUT:"))
    );
    assert!(!other.refusals.is_empty());
}

/// The sound packet with another rehearsal, and everything sealed anew as a forger would.
fn with_rehearsal(change: impl FnOnce(&mut Value, &mut Value)) -> Packet {
    let mut folder = evidence::frozen();
    let read = |folder: &evidence::Folder, name: &str| serde_json::from_slice(&folder.files[name]).unwrap();
    let (mut plan, mut outcome): (Value, Value) = (read(&folder, "plan.json"), read(&folder, "outcome.json"));
    change(&mut plan, &mut outcome);
    let mut packet: Value = read(&folder, "packet.json");
    packet["verdict"]["value"] = outcome["verdict"].clone();
    // The script follows from what was asked for.
    let asked = plan["asked"]
        .as_array()
        .unwrap()
        .iter()
        .map(|id| format!(" {}", id.as_str().unwrap()));
    let asked = format!("rehearse --committed{} \"$@\"", asked.collect::<String>());
    let script = String::from_utf8(folder.files["RERUN.sh"].clone()).unwrap();
    let script = script.replace("rehearse --committed \"$@\"", &asked);
    folder.files.insert("RERUN.sh".to_owned(), script.into_bytes());
    for (name, value) in [
        ("packet.json", packet),
        ("plan.json", plan),
        ("outcome.json", outcome),
    ] {
        folder.files.insert(name.to_owned(), evidence::printed(&value));
    }
    let (mut documents, _) = lane::specimen(&TINY);
    let rehearsal = evidence::resealed(folder).unwrap();
    documents.gate.gate = lane::GateParts::from(&evidence::rollback_gate(&rehearsal));
    documents.review = lane::review(&TINY, &documents, &rehearsal);
    lane::packet_of(&TINY, &documents, &rehearsal)
}

#[test]
fn a_rehearsal_of_other_bytes_in_a_lane_is_refused_however_well_sealed() {
    assert_eq!(refused(&with_rehearsal(|_, _| ())), Vec::<String>::new());
    let older = with_rehearsal(|plan, _| {
        let files = plan["files"].as_array_mut().unwrap();
        let file = files
            .iter_mut()
            .find(|file| file["path"] == "rehearsal/plan.toml")
            .unwrap();
        file["sha256"] = "0".repeat(64).into();
    });
    assert_eq!(refused(&older), ["LANE_REHEARSAL_UNFIT:rehearsal/plan.toml"]);
    let failed = with_rehearsal(|_, outcome| outcome["verdict"] = "fail".into());
    assert_eq!(refused(&failed), ["LANE_REHEARSAL_UNFIT:verdict"]);
    let some = with_rehearsal(|plan, _| plan["asked"] = serde_json::json!(["PKG-A"]));
    assert_eq!(refused(&some), ["LANE_REHEARSAL_UNFIT:plan"]);
    let unbound = forged(|documents| documents.preflight.inputs.truncate(1));
    assert_eq!(refused(&unbound), ["LANE_REHEARSAL_UNFIT:rehearsal/plan.toml"]);
    for packet in [older, failed, some, unbound] {
        crate::python::refuses(&packet, "LANE_REHEARSAL_UNFIT");
    }
}

#[test]
fn a_sound_packet_says_what_was_rehearsed_on_which_bytes_and_on_which_server() {
    let report = verify(&TINY, &forged(|_| ()), None);
    let holds = |lines: &[String], words: &str| lines.iter().any(|line| line.contains(words));
    assert!(
        holds(&report.recomputed, "PKG-A pass, PKG-B pass, PKG-C pass"),
        "{report:#?}"
    );
    assert!(
        holds(&report.rerun, "rehearsed files by digest; `--this-checkout`"),
        "{report:#?}"
    );
    assert!(
        holds(&report.believed, "rehearsal/environment.json: PostgreSQL "),
        "{report:#?}"
    );
}

#[test]
fn a_clock_in_the_tree_is_no_key_of_its_document() {
    check(
        |folder| {
            edit(
                folder,
                "preflight.json",
                "\"format_version\": 1,",
                "\"format_version\": 1,\n  \"ran_at\": \"2026\",",
            );
            reseal(folder);
        },
        &["KEY_UNKNOWN:preflight.json"],
    );
}

/// The list as a forger would write it.
fn reseal(folder: &Path) {
    let mut packet: Packet = read(folder).unwrap();
    lane::reseal(&mut packet);
    put(&folder.join("lane.json"), &packet.own.files["lane.json"]);
}

#[test]
fn a_hostile_name_is_printed_without_what_a_terminal_obeys() {
    let folder = on_disk();
    put(&folder.path().join("\u{1b}[31m<b>x\u{202e}`"), b"");
    let report = verify(&TINY, &read(folder.path()).unwrap(), None);
    let text: String = report.refusals.iter().map(ToString::to_string).collect();
    assert!(text.contains("\\u{1b}[31m<b>x\\u{202e}`"), "{text}");
    assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'), "{text}");
    let hostile = forged(|documents| {
        documents
            .proof
            .observed
            .written
            .push("\u{1b}]0;x\u{7}".to_owned());
    });
    let text: String = verify(&TINY, &hostile, None)
        .refusals
        .iter()
        .map(ToString::to_string)
        .collect();
    assert!(!text.is_empty() && !text.chars().any(char::is_control), "{text}");
}

#[test]
fn packing_and_unpacking_keeps_the_tree() {
    let folder = on_disk();
    let target = tempfile::tempdir().unwrap();
    let archive = target.path().join("packet.tar");
    let tar = |args: &[&str], at: &Path| {
        let status = std::process::Command::new("tar")
            .args(args)
            .arg(&archive)
            .current_dir(at)
            .arg(".")
            .status();
        assert!(status.expect("tar is there").success());
    };
    tar(&["-cf"], folder.path());
    let out = target.path().join("out");
    fs::create_dir(&out).unwrap();
    tar(&["-xf"], &out);
    let (before, after) = (read(folder.path()).unwrap(), read(&out).unwrap());
    assert!(tree_of(&before).is_some());
    assert_eq!(tree_of(&before), tree_of(&after));
    assert_eq!(refused(&after), Vec::<String>::new());
}
