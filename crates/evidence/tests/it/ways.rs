//! Pairs and ways around: their numbers follow from their lines, and a verdict from both.

use crate::{built, document, exhibits, expect, outcome, plan, put};
use evidence::{Code, Folder, PlannedFile, build, is_code, resealed, verify};
use serde_json::{Value, json};

/// A packet whose outcome was edited after it was made, sealed anew.
#[track_caller]
fn edited(edit: impl FnOnce(&mut Value)) -> Folder {
    let mut folder = built(outcome(1)).unwrap();
    let mut value = document(&folder, "outcome.json");
    let before = value.clone();
    edit(&mut value);
    assert_ne!(value, before, "nothing was changed");
    put(&mut folder, "outcome.json", &value);
    resealed(folder).unwrap()
}

#[track_caller]
fn refused(edit: impl FnOnce(&mut Value), code: Code, words: &str) {
    let refusals = verify(&edited(edit)).refusals;
    assert!(refusals.iter().all(|one| one.code == code), "{refusals:#?}");
    assert!(
        refusals.iter().any(|one| one.message.contains(words)),
        "no `{words}`: {refusals:#?}"
    );
}

#[test]
fn a_sound_packet_has_pairs_and_ways_around() {
    let folder = built(outcome(1)).unwrap();
    expect(&folder, &[]);
    let found = document(&folder, "outcome.json");
    assert_eq!(
        (&found["bypass"]["attempts"], &found["pairs"]["executed"]),
        (&json!(2), &json!(3))
    );
}

#[test]
fn a_number_that_its_lines_do_not_come_to_is_refused() {
    type Change = fn(&mut Value);
    let changes: [(Change, &str); 9] = [
        (
            |outcome| outcome["bypass"]["vectors"] = json!(3),
            "`/bypass/vectors` is 3",
        ),
        (
            |outcome| outcome["bypass"]["facts"][1]["seen"] = json!(false),
            "`/bypass/red_on_fault` is 2",
        ),
        (
            |outcome| outcome["bypass"]["facts"][0]["ended"] = json!("BYPASS_SUCCEEDED"),
            "come to 0",
        ),
        (
            |outcome| outcome["bypass"]["facts"][0]["ended"] = json!("accepted, and noticed"),
            "`/bypass/noticed` is 1",
        ),
        (
            |outcome| drop(outcome["bypass"]["facts"].as_array_mut().unwrap().pop()),
            "`/bypass/vectors` is 2",
        ),
        (
            |outcome| outcome["pairs"]["entrypoints"] = json!(3),
            "`/pairs/entrypoints` is 3",
        ),
        (
            |outcome| outcome["pairs"]["of"][0]["executed"] = json!(3),
            "`/pairs/executed` is 3",
        ),
        (
            |outcome| outcome["pairs"]["of"][0]["verified"] = json!(1),
            "`/pairs/verified` is 3",
        ),
        (
            |outcome| outcome["pairs"]["of"][0]["fresh"] = json!(1),
            "more is verified than is fresh",
        ),
    ];
    for (change, words) in changes {
        let folder = edited(change);
        let refusals = verify(&folder).refusals;
        assert!(
            refusals
                .iter()
                .all(|one| one.code == Code::ExhibitDiffers && one.subject == "outcome.json"),
            "{refusals:#?}"
        );
        assert!(
            refusals.iter().any(|one| one.message.contains(words)),
            "no `{words}`: {refusals:#?}"
        );
    }
}

#[test]
fn a_pass_over_what_they_do_not_show_is_refused() {
    refused(
        |outcome| {
            outcome["bypass"]["facts"][1]["seen"] = json!(false);
            outcome["bypass"]["red_on_fault"] = json!(1);
            outcome["bypass"]["noticed"] = json!(0);
            // It was let pass and nobody saw it, so it is neither.
            outcome["bypass"]["facts"][1]["ended"] = json!("BYPASS_SUCCEEDED");
        },
        Code::VerdictDiffers,
        "repelled and noticed",
    );
    refused(
        |outcome| {
            outcome["pairs"]["verified"] = json!(2);
            outcome["pairs"]["of"][0]["verified"] = json!(1);
        },
        Code::VerdictDiffers,
        "/pairs: expected 3 verified",
    );
    refused(
        |outcome| outcome["pairs"]["schedule"][0]["fresh"] = json!(false),
        Code::VerdictDiffers,
        "is red or stale",
    );
    refused(
        |outcome| outcome["pairs"]["readiness"] = json!("READY"),
        Code::VerdictDiffers,
        "expected BLOCKED",
    );
    refused(
        |outcome| outcome["reads"]["preserved"] = json!(4),
        Code::VerdictDiffers,
        "/reads: expected 5 preserved",
    );
}

#[test]
fn what_is_planned_and_not_there_is_refused() {
    let mut planned = plan();
    for path in ["rehearsal/bypass/vectors.toml", "rehearsal/scan/scan.sql"] {
        planned.files.push(PlannedFile::of(path, b""));
    }
    planned.files.sort();
    let whole = outcome(1);
    expect(&build(&planned, whole.clone(), &exhibits(&whole)).unwrap(), &[]);
    for (key, words) in [
        ("bypass", "/bypass: expected it"),
        ("pairs", "/pairs: expected it"),
    ] {
        let mut lacking = whole.clone();
        lacking.as_object_mut().unwrap().remove(key);
        let refused = build(&planned, lacking.clone(), &exhibits(&lacking)).unwrap_err();
        assert!(refused.to_string().contains(words), "{refused}");
        // On a dump the cutover may have no subject, and some packages alone reach no such state.
        planned.estate = true;
        expect(
            &build(&planned, lacking.clone(), &exhibits(&lacking)).unwrap(),
            &[],
        );
        planned.estate = false;
    }
}

#[test]
fn a_code_is_told_from_how_an_attempt_ended() {
    for ended in ["BYPASS_SUCCEEDED", "ARRANGE_FAILED"] {
        assert!(is_code(ended), "{ended}");
    }
    for ended in ["refused: 42501", "gains nothing", "accepted, and noticed", ""] {
        assert!(!is_code(ended), "{ended}");
    }
}
