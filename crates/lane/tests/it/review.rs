//! PER-1 to PER-10, each failed alone by one packet; and documents that do not follow.

use crate::{TINY, forged, refused};
use lane::{Documents, review, specimen, verify};

fn digest(text: &str) -> String {
    canonical_digest(text)
}

fn canonical_digest(text: &str) -> String {
    evidence::PlannedFile::of("x", text.as_bytes()).sha256
}

pub(crate) type Change = fn(&mut Documents);

/// A change a check, in order.
pub(crate) const ALONE: [(&str, Change); 10] = [
    ("PER-1", |documents| documents.scope.forbidden.truncate(1)),
    ("PER-2", |documents| documents.proof.surfaces.truncate(1)),
    ("PER-3", |documents| {
        documents.gate.gate.verdict = "fail".to_owned();
    }),
    ("PER-4", |documents| {
        documents.probes.classes[0].probes[0].refused = false;
    }),
    ("PER-5", |documents| {
        documents.gate.mutations[0].after_rollback = digest("left behind");
    }),
    ("PER-6", |documents| {
        documents.gate.production_rollback_status = "PASS".to_owned();
    }),
    ("PER-7", |documents| {
        documents.preflight.pins[0].after = digest("edited");
    }),
    ("PER-8", |documents| {
        documents.preflight.prior_verdicts[0].after = "fail".to_owned();
    }),
    ("PER-9", |documents| {
        documents.addendum.objects[0].apply_now = "YES".to_owned();
    }),
    ("PER-10", |documents| {
        documents.blockers.production = "OPEN".to_owned();
    }),
];

/// Ids of the checks that fail.
fn failing(change: impl FnOnce(&mut Documents)) -> Vec<String> {
    let (mut documents, rehearsal) = specimen(&TINY);
    change(&mut documents);
    let review = review(&TINY, &documents, &rehearsal);
    let failing = review.checks.into_iter().filter(|check| check.verdict == "FAIL");
    failing.map(|check| check.id).collect()
}

#[test]
fn a_clean_lane_passes_each_check() {
    assert_eq!(failing(|_| ()), Vec::<String>::new());
    let (documents, rehearsal) = specimen(&TINY);
    assert_eq!(documents.review.status, "NO_PRODUCTION_EXECUTION_CLEAN");
    assert_eq!(documents.review.checks.len(), 10);
    let report = verify(&TINY, &lane::packet_of(&TINY, &documents, &rehearsal), None);
    assert_eq!((report.verification, report.refusals), ("pass", vec![]));
    assert_eq!(report.status.as_deref(), Some("TINY_LANE_DONE"));
    let is_environment = |line: &String| line.contains("environment.json: ");
    assert!(
        !report.believed.is_empty() && report.believed.iter().all(is_environment),
        "{:?}",
        report.believed
    );
}

#[test]
fn each_check_has_a_packet_that_fails_it_alone() {
    for (id, change) in ALONE {
        assert_eq!(failing(change), [id]);
    }
}

#[test]
fn more_ways_to_fail_each_check() {
    let more: [(&str, Change); 18] = [
        ("PER-1", |documents| documents.plan.stages.swap(2, 3)),
        ("PER-1", |documents| documents.plan.not_attempted.clear()),
        ("PER-1", |documents| {
            documents.scope.target = "production".to_owned();
        }),
        ("PER-2", |documents| {
            documents.proof.surfaces[0].status = "TOUCHED".to_owned();
        }),
        ("PER-2", |documents| {
            documents.proof.any_forbidden_surface_attempted = true;
        }),
        ("PER-4", |documents| documents.probes.classes.truncate(1)),
        ("PER-4", |documents| {
            documents.probes.classes[1].probes.truncate(1);
        }),
        ("PER-4", |documents| documents.probes.controls[0].accepted = false),
        ("PER-4", |documents| documents.probes.controls[0].noticed.clear()),
        ("PER-5", |documents| {
            documents.gate.mutations[1].after_apply = documents.gate.mutations[1].before.clone();
        }),
        ("PER-5", |documents| {
            documents.gate.mutations_fabricated.truncate(1);
        }),
        ("PER-6", |documents| {
            documents.plan.mutations[1].target = "production".to_owned();
        }),
        ("PER-7", |documents| documents.preflight.pins.clear()),
        ("PER-9", |documents| {
            documents.addendum.canonical[0].after = digest("folded");
        }),
        ("PER-9", |documents| {
            documents.addendum.collisions.push("OBJ-10".to_owned());
        }),
        ("PER-10", |documents| {
            documents.preflight.inputs[0].verdict = "fail".to_owned();
        }),
        ("PER-10", |documents| documents.preflight.inputs.clear()),
        ("PER-10", |documents| {
            documents.operative.push_str("Production: PASS\n");
        }),
    ];
    for (id, change) in more {
        let found = failing(change);
        // Without pins there is nothing for the operative document to name either.
        assert!(
            found.contains(&id.to_owned()) && found.len() <= 2,
            "{id}: {found:?}"
        );
    }
}

#[test]
fn a_review_that_says_otherwise_is_refused_by_the_check_that_fails() {
    for (id, change) in ALONE {
        let found = refused(&forged(change));
        match id {
            // Looked at before any check, so that it has a name of its own.
            "PER-2" => assert!(
                found
                    .iter()
                    .all(|one| one.starts_with("PASS_WHILE_FORBIDDEN_SURFACE:")),
                "{found:?}"
            ),
            _ => assert_eq!(found, [format!("REVIEW_FAILED:{id}")]),
        }
    }
}

#[test]
fn an_honest_review_of_a_lane_that_failed_is_no_lane_that_was_applied() {
    let (mut documents, rehearsal) = specimen(&TINY);
    documents.blockers.production = "OPEN".to_owned();
    documents.review = review(&TINY, &documents, &rehearsal);
    let packet = lane::packet_of(&TINY, &documents, &rehearsal);
    let report = verify(&TINY, &packet, None);
    assert_eq!(report.verification, "fail");
    assert_eq!(report.status.as_deref(), Some("STOPPED"));
}

#[test]
fn what_follows_from_other_documents_is_compared() {
    let mut packet = forged(|_| ());
    let note = packet.own.files.get_mut("owner-operator-note.md").unwrap();
    note.extend_from_slice(b"Production: go.\n");
    lane::reseal(&mut packet);
    assert_eq!(refused(&packet), ["LANE_DOCUMENT_DIFFERS:owner-operator-note.md"]);
    let mut packet = forged(|_| ());
    packet
        .own
        .files
        .insert("RERUN.sh".to_owned(), b"#!/bin/sh\nexit 0\n".to_vec());
    lane::reseal(&mut packet);
    assert_eq!(refused(&packet), ["LANE_DOCUMENT_DIFFERS:RERUN.sh"]);
    let packet = forged(|documents| documents.review.checks[0].title.push('!'));
    assert_eq!(refused(&packet), ["REVIEW_DIFFERS:post-execution-review.json"]);
}

#[test]
fn the_note_names_the_status_the_options_and_every_blocker() {
    let packet = forged(|_| ());
    let note = String::from_utf8(packet.own.files["owner-operator-note.md"].clone()).unwrap();
    assert!(
        note.starts_with("<!-- DOC_STATUS: ACTIVE_NON_AUTHORITY -->\n"),
        "{note}"
    );
    for words in [
        "## Status line",
        "TINY_LANE_DONE",
        "BLOCKED",
        "1. **HOLD** (default)",
        "2. **",
        "3. **",
        "TINY-BLOCKER-1",
        "TINY-GATE-1",
        "OBJ-10",
        "OBJ-11",
        "On a throwaway server `PKG-A`, `PKG-B`, `PKG-C` were applied or run, and taken back; rehearsal",
    ] {
        assert!(note.contains(words), "no `{words}`: {note}");
    }
}

#[test]
fn a_class_of_probes_that_is_missing_is_named() {
    let (mut documents, rehearsal) = specimen(&TINY);
    documents.probes.classes.truncate(1);
    let told = serde_json::to_string(&review(&TINY, &documents, &rehearsal)).unwrap();
    assert!(
        told.contains("PROBE_CLASS_MISSING: expected the classes"),
        "{told}"
    );
}

#[test]
fn a_list_that_says_more_than_the_review_is_refused() {
    let mut packet = forged(|_| ());
    let list = packet.own.files.get_mut("lane.json").unwrap();
    let text = String::from_utf8(list.clone()).unwrap();
    *list = text.replace(TINY.applied, "EVERYTHING_DONE").into_bytes();
    lane::reseal(&mut packet);
    assert_eq!(refused(&packet), ["LANE_STATUS_DIFFERS:lane.json"]);
}
