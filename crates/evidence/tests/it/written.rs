//! The writer: the same bytes twice, whole or not at all, never over something.

use crate::{built, document, exhibits, expect, outcome, plan};
use evidence::{Code, Draft, Error, Folder, build, verify_in_checkout};
use serde_json::json;
use std::fs;

const ENVIRONMENT: [&str; 2] = ["environment.json", "environment.sha256"];

#[test]
fn two_rehearsals_of_one_commit_differ_in_the_environment_alone() {
    let one = built(outcome(1)).unwrap();
    let mut slower = outcome(99);
    slower["postgres"]["version"] = json!("18.1");
    slower["postgres"]["reason"] = json!("another machine");
    slower["committed"]["dump"]["observer"] = json!("another pg_dump");
    let other = built(slower).unwrap();
    assert_eq!(
        one.files.keys().collect::<Vec<_>>(),
        other.files.keys().collect::<Vec<_>>()
    );
    let differing: Vec<&String> = one
        .files
        .keys()
        .filter(|name| one.files[*name] != other.files[*name])
        .collect();
    assert_eq!(differing, ENVIRONMENT);
    expect(&one, &[]);
    expect(&other, &[]);
}

#[test]
fn a_packet_written_to_disk_is_the_one_in_memory_and_verifies() {
    let parent = tempfile::tempdir().unwrap();
    let target = parent.path().join("a/packet");
    let draft = Draft::begin(&target, plan()).unwrap();
    assert!(!target.exists(), "there is no packet before its end");
    let tree = draft.finish(outcome(1), &exhibits(&outcome(1))).unwrap();
    let read = Folder::read(&target).unwrap();
    assert_eq!(read, built(outcome(1)).unwrap());
    assert_eq!(document(&read, "packet.json")["tree_sha256"], json!(tree));
    expect(&read, &[]);
}

#[test]
fn the_script_is_the_one_of_the_page_whatever_was_asked_for() {
    let page = include_str!("../../../../docs/evidence.md");
    let after = page.split("```sh\n#!/bin/sh\n").nth(1).unwrap();
    let text = format!("#!/bin/sh\n{}", after.split("```").next().unwrap());
    let dump = "# It was rehearsed on a dump: add `--estate FILE` and what names its roles.";
    assert!(page.contains(dump));
    for (shape, committed, estate, asked) in [
        ("auto", false, false, vec![]),
        (
            "one-transaction",
            true,
            false,
            vec!["PKG-A".to_owned(), "PKG-C".to_owned()],
        ),
        ("committed", false, true, vec!["PKG-B".to_owned()]),
    ] {
        let mut plan = plan();
        shape.clone_into(&mut plan.shape);
        (plan.committed, plan.estate) = (committed, estate);
        plan.asked.clone_from(&asked);
        let mut found = outcome(1);
        // What is not asked about here: a verdict that is not pass is held to less.
        found["verdict"] = json!("not_measured");
        let packet = build(&plan, found.clone(), &exhibits(&found)).unwrap();
        expect(&packet, &[]);
        let mut arguments = if shape == "auto" {
            String::new()
        } else {
            format!(" --shape {shape}")
        };
        arguments += if committed { " --committed" } else { "" };
        arguments.extend(asked.iter().map(|id| format!(" {id}")));
        let listed = document(&packet, "packet.json");
        let listed = listed["files"].as_array().unwrap().iter();
        let files: Vec<&str> = listed.map(|file| file["path"].as_str().unwrap()).collect();
        let expected = text
            .replace("ARGUMENTS", &arguments)
            .replace("FILES", &format!("packet.json {}", files.join(" ")));
        let expected = if estate {
            expected.replacen("set -eu\n", &format!("{dump}\nset -eu\n"), 1)
        } else {
            expected
        };
        assert_eq!(String::from_utf8_lossy(&packet.files["RERUN.sh"]), expected);
    }
}

#[test]
fn the_plan_is_on_the_disk_before_anything_runs() {
    let parent = tempfile::tempdir().unwrap();
    let _draft = Draft::begin(&parent.path().join("packet"), plan()).unwrap();
    let beside = fs::read_dir(parent.path())
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let names: Vec<_> = fs::read_dir(&beside)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names, ["plan.json"]);
}

#[test]
fn a_rehearsal_that_ends_early_leaves_no_packet() {
    let parent = tempfile::tempdir().unwrap();
    drop(Draft::begin(&parent.path().join("packet"), plan()).unwrap());
    assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 0);
}

#[test]
fn an_empty_folder_is_taken_and_a_full_one_is_not() {
    let parent = tempfile::tempdir().unwrap();
    let target = parent.path().join("packet");
    fs::create_dir(&target).unwrap();
    Draft::begin(&target, plan())
        .unwrap()
        .finish(outcome(1), &exhibits(&outcome(1)))
        .unwrap();
    let before = Folder::read(&target).unwrap();
    let refused = Draft::begin(&target, plan());
    assert!(matches!(refused, Err(Error::Occupied { .. })), "{refused:?}");
    assert_eq!(Folder::read(&target).unwrap(), before);
}

#[test]
fn a_folder_that_filled_up_meanwhile_is_not_overwritten() {
    let parent = tempfile::tempdir().unwrap();
    let target = parent.path().join("packet");
    let draft = Draft::begin(&target, plan()).unwrap();
    fs::create_dir_all(target.join("somebody's")).unwrap();
    let refused = draft.finish(outcome(1), &exhibits(&outcome(1)));
    assert!(matches!(refused, Err(Error::Occupied { .. })), "{refused:?}");
    assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 1);
}

#[test]
fn an_outcome_with_a_key_or_a_clock_that_nobody_knows_is_no_evidence() {
    for (place, key) in [
        ("", "shiny"),
        ("/rollback", "finished_at"),
        ("/guards", "elapsed_ms"),
        ("/postgres", "host"),
    ] {
        let mut found = outcome(1);
        found.pointer_mut(place).unwrap()[key] = json!(1);
        let refused = built(found);
        let message = refused.err().map(|error| error.to_string()).unwrap_or_default();
        assert!(
            message.contains(key) || message.contains("postgres"),
            "{place}/{key}: {message}"
        );
    }
}

#[test]
fn a_verdict_that_the_outcome_does_not_show_is_not_written() {
    let mut found = outcome(1);
    found["access"]["agree"] = json!(1);
    let message = built(found).unwrap_err().to_string();
    assert!(message.contains("VERDICT_DIFFERS"), "{message}");
}

#[test]
fn a_plan_from_which_no_script_may_be_made_is_refused() {
    let parent = tempfile::tempdir().unwrap();
    let target = parent.path().join("packet");
    let mut asked = plan();
    asked.packages.push("PKG-A;reboot".to_owned());
    asked.asked = vec!["PKG-A;reboot".to_owned()];
    let mut shape = plan();
    shape.shape = "auto; reboot".to_owned();
    let mut option = plan();
    option.packages.push("--postgres".to_owned());
    for wrong in [asked, shape, option] {
        assert!(matches!(Draft::begin(&target, wrong), Err(Error::Outcome(_))));
    }
    Draft::begin(&target, plan()).unwrap();
}

#[test]
fn an_older_packet_is_not_of_a_newer_checkout() {
    let packet = built(outcome(1)).unwrap();
    let here = plan().files;
    assert!(verify_in_checkout(&packet, &here).refusals.is_empty());
    let mut changed = here.clone();
    changed[0].sha256 = "0".repeat(64);
    let mut fewer = here.clone();
    fewer.remove(3);
    let mut more = here.clone();
    more[5].path.push('2');
    for (checkout, subjects) in [
        (changed, vec![here[0].path.clone()]),
        (fewer, vec![here[3].path.clone()]),
        (more, vec![here[5].path.clone(), format!("{}2", here[5].path)]),
    ] {
        let report = verify_in_checkout(&packet, &checkout);
        let found: Vec<String> = report
            .refusals
            .iter()
            .map(|refusal| refusal.subject.clone())
            .collect();
        assert_eq!(found, subjects);
        assert!(
            report
                .refusals
                .iter()
                .all(|refusal| refusal.code == Code::PlanDiffersFromCheckout)
        );
    }
}
