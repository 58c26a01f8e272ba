//! Ids that are taken, a ceiling that moved, pins that changed.

use crate::{TINY, shown};
use lane::{Governance, addendum, pins};
use std::collections::BTreeMap;

const RECORDS: &str = "proposed/records.toml";

/// The tiny lane's records, as `author` writes those of FIX7.
fn records() -> String {
    let object = |id: u32, title: &str| {
        format!(
            "\n[[object]]\nid = \"OBJ-{id}\"\ntitle = \"{title}\"\nstatus = \"PROPOSED\"\napply_now = \"NO\"\n"
        )
    };
    format!(
        "format_version = 1\nstatus = \"PROPOSED\"\napply_now = \"NO\"\nabove_ceiling = 9\n{}{}",
        object(10, "a"),
        object(11, "b")
    )
}

fn folder(files: &[(&str, &str)]) -> BTreeMap<String, Vec<u8>> {
    let files = files
        .iter()
        .map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec()));
    files.collect()
}

#[track_caller]
fn check(files: &[(&str, &str)], expect: &[&str]) {
    let mut files = folder(files);
    files
        .entry(RECORDS.to_owned())
        .or_insert_with(|| records().into_bytes());
    judged(&files, expect);
}

#[track_caller]
fn judged(files: &BTreeMap<String, Vec<u8>>, expect: &[&str]) {
    let governance = Governance(files);
    let found = match addendum(&TINY, governance, &governance.canonical()) {
        Ok(addendum) => {
            assert_eq!(addendum.objects.len(), 2);
            assert!(
                addendum
                    .objects
                    .iter()
                    .all(|object| object.apply_now == "NO" && object.status == "PROPOSED")
            );
            assert!(addendum.canonical.iter().all(|file| file.before == file.after));
            Vec::new()
        }
        Err(refusals) => shown(&refusals),
    };
    assert_eq!(found, expect);
}

#[test]
fn ids_above_the_ceiling_that_nobody_took_are_proposed() {
    check(
        &[("canonical/register", "OBJ-1 OBJ-9"), ("README.md", "nothing")],
        &[],
    );
}

#[test]
fn an_id_that_stands_anywhere_is_taken() {
    let register = ("canonical/register", "OBJ-9");
    check(
        &[register, ("notes.md", "see OBJ-11")],
        &["GOVERNANCE_ID_TAKEN:OBJ-11"],
    );
    check(
        &[register, ("notes.md", "OBJ-5..20")],
        &["GOVERNANCE_ID_TAKEN:OBJ-10", "GOVERNANCE_ID_TAKEN:OBJ-11"],
    );
}

#[test]
fn records_that_nobody_committed_are_missed() {
    judged(
        &folder(&[("canonical/register", "OBJ-1 OBJ-9")]),
        &["GOVERNANCE_RECORDS_MISSING:governance/proposed/records.toml"],
    );
}

#[test]
fn a_record_that_is_not_the_designs_is_named() {
    let register = ("canonical/register", "OBJ-1 OBJ-9");
    for (from, to) in [
        ("OBJ-11", "OBJ-12"),
        ("title = \"b\"", "title = \"c\""),
        ("apply_now = \"NO\"", "apply_now = \"YES\""),
        (
            "apply_now = \"NO\"\n\n[[object]]\nid = \"OBJ-11\"",
            "apply_now = \"YES\"\n\n[[object]]\nid = \"OBJ-11\"",
        ),
        ("status = \"PROPOSED\"", "status = \"APPLIED\""),
        ("above_ceiling = 9", "above_ceiling = 8"),
        (
            "\n[[object]]\nid = \"OBJ-11\"\ntitle = \"b\"\nstatus = \"PROPOSED\"\napply_now = \"NO\"\n",
            "",
        ),
        ("format_version = 1\n", "format_version = 1\nmore = 1\n"),
    ] {
        let text = records();
        assert!(text.contains(from), "{from}");
        let changed = text.replacen(from, to, 1);
        check(
            &[register, (RECORDS, &changed)],
            &["GOVERNANCE_RECORDS_DIFFER:governance/proposed/records.toml"],
        );
    }
    let more = format!(
        "{}\n[[object]]\nid = \"OBJ-12\"\ntitle = \"c\"\nstatus = \"PROPOSED\"\napply_now = \"NO\"\n",
        records()
    );
    check(
        &[register, (RECORDS, &more)],
        &["GOVERNANCE_RECORDS_DIFFER:governance/proposed/records.toml"],
    );
}

#[test]
fn another_ceiling_or_none_is_refused() {
    check(
        &[("canonical/register", "OBJ-8")],
        &["GOVERNANCE_CEILING:governance/canonical"],
    );
    check(
        &[("notes.md", "OBJ-9")],
        &["GOVERNANCE_CEILING:governance/canonical"],
    );
    check(
        &[("canonical/register", "OBJ-10")],
        &[
            "GOVERNANCE_CEILING:governance/canonical",
            "GOVERNANCE_ID_TAKEN:OBJ-10",
        ],
    );
}

#[test]
fn a_pinned_file_that_changed_or_went_is_named() {
    let digest = evidence::PlannedFile::of("a", b"a").sha256;
    let text = format!("[[pin]]\npath = \"a\"\nsha256 = \"{digest}\"\n");
    let there = |bytes: &'static [u8]| move |_: &str| Some(bytes.to_vec());
    assert_eq!(pins(&text, &there(b"a")).unwrap().len(), 1);
    let refused = pins(&text, &there(b"b")).unwrap_err();
    assert_eq!(shown(&refused), ["PIN_CHANGED:a"]);
    assert!(refused[0].message.contains(&digest), "{}", refused[0]);
    let gone = pins(&text, &|_| None).unwrap_err();
    assert!(gone[0].message.contains("no such file"), "{}", gone[0]);
}

#[test]
fn a_list_without_pins_or_with_a_path_that_climbs_out_is_refused() {
    let read = |_: &str| Some(Vec::new());
    assert_eq!(
        shown(&pins("pin = []", &read).unwrap_err()),
        ["PINS_MISSING:governance/pins.toml"]
    );
    let climbs = format!("[[pin]]\npath = \"../a\"\nsha256 = \"{}\"\n", "0".repeat(64));
    assert_eq!(
        shown(&pins(&climbs, &read).unwrap_err()),
        ["GOVERNANCE_MALFORMED:governance/pins.toml"]
    );
    assert_eq!(
        shown(&pins("pin", &read).unwrap_err()),
        ["GOVERNANCE_MALFORMED:governance/pins.toml"]
    );
}
