//! Each form of a packet: what it must hold, and what is no green there.

use crate::Rig;
use evidence::{frozen, open};
use report::{html, junit, markdown, sarif, terminal};
use serde_json::{Value, json};

#[test]
fn the_page_has_every_section_of_a_packet() {
    let page = html(&Rig::of("thing").contents());
    for id in [
        "findings",
        "chain",
        "guards",
        "rejections",
        "mutants",
        "pairs",
        "ways",
        "privileges",
        "closure",
        "tables",
        "way-back",
        "timings",
        "columns",
    ] {
        assert!(page.contains(&format!("id=\"{id}\"")), "no section `{id}`");
    }
    for what in [
        "The chain stops before ",
        "HOLD",
        "23514 check thing",
        "1 → 2",
        "not measured",
        "1.5 s",
        "stale after",
        "24 hours",
        "not called here",
        "not scheduled",
        "nobody called its entry point",
        "can't be",
        "reaches its gain ✓",
        "✓ Each is shut or noticed, and each was seen.",
        "1 kind of way around the cutover, 2 attempts",
    ] {
        assert!(page.contains(what), "no `{what}`");
    }
    assert_eq!(page.matches("<svg").count(), 2);
}

#[test]
fn a_way_that_is_open_is_red_on_the_page() {
    let mut rig = Rig::of("t");
    rig.ended = "BYPASS_SUCCEEDED".to_owned();
    let page = html(&rig.contents());
    assert_eq!(json_number(&rig, "ways around shut and seen"), (1, 2, false));
    for what in ["BYPASS_SUCCEEDED ✗", "not shown ✗", "✗ 1 not as they should be."] {
        assert!(page.contains(what), "no `{what}`");
    }
}

/// Good, of how many, and whether that is all.
fn json_number(rig: &Rig, what: &str) -> (u64, u64, bool) {
    let object: Value = serde_json::from_str(&report::json(&rig.contents(), None).unwrap()).unwrap();
    let numbers = object["numbers"].as_array().unwrap();
    let found = numbers.iter().find(|number| number["what"] == what).unwrap();
    (
        found["good"].as_u64().unwrap(),
        found["of"].as_u64().unwrap(),
        found["is_whole"].as_bool().unwrap(),
    )
}

#[test]
fn a_probe_without_a_list_of_offenders_is_told_from_an_empty_one() {
    let mut rig = Rig::of("t");
    rig.exhibits.guards[1].probes[0].offenders = None;
    assert!(html(&rig.contents()).contains("<td>NULL</td>"));
    assert!(!html(&Rig::of("t").contents()).contains("<td>NULL</td>"));
}

#[test]
fn a_packet_of_the_older_version_is_a_page_that_says_what_it_lacks() {
    let contents = open(&frozen()).unwrap();
    let page = html(&contents);
    assert!(page.matches("This packet does not hold it.").count() >= 5);
    assert!(page.contains("2306"));
    for text in [markdown(&contents, None), terminal(&contents, None)] {
        assert!(text.contains("2306"), "{text}");
    }
}

#[test]
fn a_changed_packet_is_no_page() {
    let mut folder = frozen();
    folder.files.get_mut("outcome.json").unwrap().push(b' ');
    assert!(open(&folder).is_err());
}

#[test]
fn junit_counts_red_as_failures_and_unmeasured_as_errors() {
    let mut rig = Rig::of("t");
    rig.exhibits.rejections[0].sole_cause = false;
    rig.exhibits.attacks[0].ended = "ATTACK_SUCCEEDED".to_owned();
    rig.exhibits.mutants[0].end = "survived".to_owned();
    rig.exhibits.mutants[3].end = "by_accident".to_owned();
    rig.exhibits.accepted[0].accepted = false;
    rig.ended = "BYPASS_SUCCEEDED".to_owned();
    let report = quick_junit::Report::deserialize_from_str(&junit(&rig.contents()).unwrap()).unwrap();
    // A rejection, an attack, a way around, a surviving mutant, an accident, a valid row and the verdict; the guard
    // that was not measured. Of two pairs one was called.
    assert_eq!((report.failures, report.errors), (7, 1));
    assert_eq!(report.tests, 14);
    let skipped: usize = report.test_suites.iter().map(|suite| suite.disabled).sum();
    assert_eq!(skipped, 0);
}

#[test]
fn junit_of_a_packet_without_lists_is_not_green() {
    let mut rig = Rig::of("t");
    rig.exhibits.mutants.clear();
    rig.exhibits.rejections.clear();
    let report = quick_junit::Report::deserialize_from_str(&junit(&rig.contents()).unwrap()).unwrap();
    assert!(report.errors >= 4, "{report:?}");
}

#[test]
fn sarif_puts_a_finding_at_the_file_that_it_names() {
    let mut rig = Rig::of("t");
    rig.findings[0]["code"] = "PACKAGE_DID_NOT_APPLY".into();
    rig.findings[0]["message"] = "`migrations/01001_a.up.sql` was refused".into();
    let contents = rig.contents();
    let log: Value = serde_json::from_str(&sarif(&contents, None).unwrap()).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let results = log["runs"][0]["results"].as_array().unwrap();
    let at = |result: &Value| result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].clone();
    assert_eq!(results[0]["ruleId"], "PACKAGE_DID_NOT_APPLY");
    assert_eq!(results[0]["level"], "error");
    assert_eq!(at(&results[0]), "migrations/01001_a.up.sql");
    assert_eq!(results[1]["ruleId"], "GUARD_NOT_MEASURED");
    assert_eq!(results[1]["level"], "warning");
    assert_eq!(at(&results[1]), "rehearsal/plan.toml");
    let rules: Vec<&Value> = log["runs"][0]["tool"]["driver"]["rules"]
        .as_array()
        .unwrap()
        .iter()
        .collect();
    assert_eq!(rules.len(), 2);
}

#[test]
fn a_packet_of_operators_that_was_rehearsed_is_on_hold_all_the_same() {
    let mut rig = Rig::of("t");
    rig.later = vec![json!({"id": "PKG-B", "verdict": "pass", "validation": []})];
    let contents = rig.contents();
    let object: Value = serde_json::from_str(&report::json(&contents, None).unwrap()).unwrap();
    assert_eq!(object["chain"][1]["standing"], "rehearsed");
    assert_eq!(object["stops_at"], "PKG-B");
    let page = html(&contents);
    assert!(page.contains("HOLD, rehearsed"));
    assert!(page.contains("1 of 1 as expected"));
}

#[test]
fn json_says_where_the_chain_stops() {
    let contents = Rig::of("t").contents();
    let object: Value = serde_json::from_str(&report::json(&contents, None).unwrap()).unwrap();
    assert_eq!(object["format_version"], 1);
    assert_eq!(object["verdict"], "fail");
    assert_eq!(object["stops_at"], "PKG-B");
    assert_eq!(object["comparison"], Value::Null);
    assert_eq!(object["numbers"][1]["good"], 2);
}
