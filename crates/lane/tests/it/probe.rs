//! Answers to probes: refused by name is the only good one.

use crate::shown;
use lane::{Answer, has_token, judge_answer, judge_control};

#[track_caller]
fn check(exit_code: Option<i32>, said: &str, expect: &[&str]) {
    let answer = Answer {
        exit_code,
        said: said.to_owned(),
    };
    let refusals = judge_answer("SOME_CODE", &["hunter2"], &answer);
    let all: String = refusals.iter().map(ToString::to_string).collect();
    assert!(!all.contains("hunter2"), "{all}");
    let codes: Vec<String> = shown(&refusals)
        .iter()
        .map(|one| one.split(':').next().unwrap().to_owned())
        .collect();
    assert_eq!(codes, expect, "{said}");
}

#[test]
fn a_refusal_by_its_code_is_good() {
    check(Some(1), "error: SOME_CODE: no", &[]);
    check(Some(2), "SOME_CODE", &[]);
}

#[test]
fn an_acceptance_a_seal_a_leak_and_another_refusal_are_not() {
    check(Some(0), "SOME_CODE", &["PROBE_ACCEPTED"]);
    check(Some(1), "no", &["PROBE_WITHOUT_CODE"]);
    check(Some(1), "SOME_CODES", &["PROBE_WITHOUT_CODE"]);
    check(None, "SOME_CODE", &["PROBE_WITHOUT_CODE"]);
    check(Some(101), "SOME_CODE: panicked", &["PROBE_WITHOUT_CODE"]);
    check(Some(1), "SOME_CODE, and PASS", &["PROBE_SEALED"]);
    check(
        Some(1),
        "SOME_CODE {\"verification\": \"pass\"}",
        &["PROBE_SEALED"],
    );
    check(Some(1), "SOME_CODE: `hunter2` is wrong", &["PROBE_LEAKED"]);
    check(Some(1), "hunter2", &["PROBE_WITHOUT_CODE", "PROBE_LEAKED"]);
}

#[test]
fn a_token_is_a_word_and_no_part_of_one() {
    assert!(has_token("a PASS b", "PASS"));
    assert!(has_token("PASS", "PASS"));
    assert!(!has_token("PASS_WHILE_FORBIDDEN_SURFACE", "PASS"));
    assert!(!has_token("the packet passes", "PASS"));
    assert!(has_token(
        "x:FORBIDDEN_SURFACE:REAL_RUN: y",
        "FORBIDDEN_SURFACE:REAL_RUN"
    ));
}

#[test]
fn a_permitted_request_is_accepted_and_would_be_noticed() {
    let answer = |exit_code, said: &str| Answer {
        exit_code: Some(exit_code),
        said: said.to_owned(),
    };
    let (control, refusals) = judge_control("door", "request", &answer(0, "fine"));
    assert!(control.accepted && refusals.is_empty(), "{refusals:?}");
    assert_eq!(control.noticed, ["PROBE_ACCEPTED"]);
    let (control, refusals) = judge_control("door", "request", &answer(1, "{\"verdict\": \"pass\"}"));
    assert!(control.accepted && refusals.is_empty(), "{refusals:?}");
    assert_eq!(control.noticed, ["PROBE_SEALED"]);
    let (control, refusals) = judge_control("door", "request", &answer(1, "no"));
    assert!(!control.accepted);
    assert_eq!(
        shown(&refusals),
        ["PROBE_CONTROL_REFUSED:door", "PROBE_TWIN_UNNOTICED:door"]
    );
}
