//! What lets a lane run, and everything that does not.

use crate::{TINY, shown};
use lane::judge_delegation;

const GOOD: &str = r#"
format_version = 1
lane = "TINY_LANE"
gate = "TINY-GATE-1"
delegation = "AUTHORIZE_TINY"
authority = "TINY"
delegated_by = "owner"
target = "throwaway"
asks = []
"#;

#[track_caller]
fn check(text: Option<&str>, expect: &[&str]) {
    let credential = |text: &str| text.contains("hunter2");
    let found = match judge_delegation(&TINY, text, &credential) {
        Ok(_) => Vec::new(),
        Err(refusals) => {
            let all: String = refusals.iter().map(ToString::to_string).collect();
            assert!(!all.contains("hunter2"), "{all}");
            shown(&refusals)
        }
    };
    assert_eq!(found, expect, "{text:?}");
}

fn with(from: &str, to: &str) -> String {
    assert!(GOOD.contains(from), "{from}");
    GOOD.replace(from, to)
}

#[test]
fn the_one_delegation_opens_the_gate() {
    check(Some(GOOD), &[]);
}

#[test]
fn none_and_an_empty_one_are_missing() {
    check(None, &["DELEGATION_MISSING:delegation"]);
    check(Some(" \n"), &["DELEGATION_MISSING:delegation"]);
}

#[test]
fn another_delegation_gate_lane_or_authority_is_another() {
    check(
        Some(&with("AUTHORIZE_TINY", "AUTHORIZE_ALL")),
        &["DELEGATION_OTHER:delegation"],
    );
    check(
        Some(&with("TINY-GATE-1", "TINY-GATE-2")),
        &["DELEGATION_OTHER:gate"],
    );
    check(
        Some(&with("\"TINY_LANE\"", "\"LANE\"")),
        &["DELEGATION_OTHER:lane"],
    );
    check(
        Some(&with("authority = \"TINY\"", "authority = \"ALL\"")),
        &["DELEGATION_OTHER:authority"],
    );
}

#[test]
fn a_key_or_a_value_that_asks_for_a_surface_is_found_wherever_it_stands() {
    for more in [
        "switch = true",
        "SWITCH_ON = 1",
        "wishes = [\"switch on\"]",
        "[more]\nswitch = 1",
        "[[more]]\nx = \"Switch\"",
    ] {
        check(
            Some(&format!("{GOOD}{more}\n")),
            &["DELEGATION_ASKS_FORBIDDEN:SWITCH"],
        );
    }
    check(
        Some(&with("asks = []", "asks = [\"SERVER\"]")),
        &["DELEGATION_ASKS_FORBIDDEN:SERVER"],
    );
    check(
        Some(&with("throwaway", "Production")),
        &["DELEGATION_ASKS_FORBIDDEN:SERVER"],
    );
}

#[test]
fn what_is_no_delegation_is_said_so() {
    check(Some("x ="), &["DELEGATION_MALFORMED:delegation"]);
    check(
        Some(&format!("{GOOD}sideways = 1\n")),
        &["DELEGATION_MALFORMED:delegation"],
    );
    check(
        Some(&with("asks = []\n", "")),
        &["DELEGATION_MALFORMED:delegation"],
    );
    check(
        Some(&with("format_version = 1", "format_version = 2")),
        &["DELEGATION_MALFORMED:delegation"],
    );
    check(Some(&with("throwaway", "7300/db")), &["DELEGATION_TARGET:target"]);
    check(
        Some(&with("asks = []", "asks = [\"something\"]")),
        &["DELEGATION_ASKS_FORBIDDEN:asks"],
    );
}

#[test]
fn a_credential_is_refused_first_and_never_repeated() {
    check(
        Some(&format!("{GOOD}password = \"hunter2\"\n")),
        &["DELEGATION_HOLDS_CREDENTIAL:delegation"],
    );
    check(Some("hunter2 ="), &["DELEGATION_HOLDS_CREDENTIAL:delegation"]);
}
