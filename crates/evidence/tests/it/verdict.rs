//! A packet that claims more than its tree shows.

use crate::python;
use crate::{built, edited, expect, outcome, put, with_outcome};
use evidence::{Code, Folder, frozen, resealed, verify};
use serde_json::{Value, json};

/// The frozen packet with its stated verdict edited, sealed by the same edit.
#[track_caller]
fn stating(edit: impl FnOnce(&mut Value)) -> Folder {
    let mut folder = frozen();
    let mut packet = crate::document(&folder, "packet.json");
    edit(&mut packet["verdict"]);
    put(&mut folder, "packet.json", &packet);
    resealed(folder).unwrap()
}

#[test]
fn a_verdict_that_rests_on_something_believed_is_refused() {
    for place in ["environment.json", "environment.json#/postgres/version"] {
        let folder = stating(|verdict| verdict["rests_on"].as_array_mut().unwrap().push(json!(place)));
        expect(&folder, &[Code::VerdictRestsOnBelieved]);
    }
}

#[test]
fn a_verdict_that_rests_on_less_or_on_something_else_is_refused() {
    let less = stating(|verdict| {
        verdict["rests_on"].as_array_mut().unwrap().pop();
    });
    expect(&less, &[Code::VerdictBasis]);
    let other = stating(|verdict| verdict["rests_on"][0] = json!("outcome.json#/counts"));
    expect(&other, &[Code::VerdictBasis]);
}

#[test]
fn a_verdict_that_is_not_the_outcomes_is_refused() {
    expect(
        &stating(|verdict| verdict["value"] = json!("fail")),
        &[Code::VerdictDiffers],
    );
    let outcome = with_outcome(|outcome| outcome["verdict"] = json!("fail"));
    expect(&outcome, &[Code::VerdictDiffers]);
}

/// Lists that fit, sealed as they should be, and a verdict that they do not show.
#[test]
fn pass_of_a_packet_with_lists_is_refused_for_what_only_lists_count() {
    for (place, value) in [
        ("/mutants/schema/weakened/by_accident", json!(1)),
        ("/mutants/schema/weakened/survivors", json!(1)),
        ("/negatives/accepted_rows", json!(3)),
    ] {
        let mut found = outcome(1);
        *found.pointer_mut(place).unwrap() = value;
        if place.starts_with("/mutants") {
            found["mutants"]["schema"]["weakened"]["total"] = json!(6);
        }
        let refused = built(found).unwrap_err().to_string();
        assert!(
            refused.contains("VERDICT_DIFFERS") && refused.contains(place),
            "{place}: {refused}"
        );
    }
}

#[test]
fn pass_is_refused_for_each_number_that_does_not_show_it() {
    let cases: &[(&str, Value)] = &[
        ("/negatives/accepted_twins", json!(1)),
        ("/negatives/rejected", json!(1)),
        ("/negatives/sole_cause", json!(1)),
        ("/negatives/uncovered", json!(1)),
        ("/negatives/uncovered", Value::Null),
        ("/negatives/arrange_failed", json!(1)),
        ("/mutants/schema/killed", json!(1)),
        ("/mutants/schema/survivors", json!(1)),
        ("/mutants/guards/killed", json!(1)),
        ("/mutants/guards/survivors", json!(1)),
        ("/mutants/manifest/survivors", json!(1)),
        ("/mutants/manifest", Value::Null),
        ("/attacks/repelled", json!(1)),
        ("/access/agree", json!(1)),
        ("/guards/red", json!(1)),
        ("/guards/runs/0/verdict", json!("fail")),
        ("/guards/runs/0/verdict", json!("green")),
        ("/guards/runs/0", json!({})),
        ("/guards/runs", json!([])),
        ("/ways_back/1/verdict", json!("fail")),
        ("/ways_back", json!([])),
        ("/worlds/0/realized", json!([])),
        ("/worlds", json!([])),
        ("/committed/logins/differences", json!(1)),
        ("/packages/0/verdict", json!("not_measured")),
        ("/packages/1/validation/0/verdict", json!("not_measured")),
        ("/packages/2/validation", json!([])),
        ("/findings", json!([{"code": "X"}])),
    ];
    for (place, value) in cases {
        // Where a package's verdict changes, the proofs that cover it follow.
        let folder = with_outcome(|outcome| *outcome.pointer_mut(place).unwrap() = value.clone());
        let report = verify(&folder);
        assert!(!report.refusals.is_empty(), "{place} := {value} is not noticed");
        python::agrees(&folder, false);
        let expected = if *place == "/packages/0/verdict" {
            Code::RollbackDiffersFromOutcome
        } else {
            Code::VerdictDiffers
        };
        for refusal in &report.refusals {
            assert_eq!(refusal.code, expected, "{place} := {value}: {refusal}");
        }
    }
}

#[test]
fn a_later_package_passes_by_its_guards_and_by_all_that_it_rests_on() {
    let with = |validation: Value, rests_on: Value| {
        let mut found = crate::outcome(1);
        let later =
            json!({ "id": "PKG-Z", "verdict": "pass", "validation": validation, "rests_on": rests_on });
        found["packages"].as_array_mut().unwrap().push(later);
        found
    };
    let (green, red) = (
        json!([{ "guard": "G", "verdict": "pass" }]),
        json!([{ "guard": "G", "verdict": "fail" }]),
    );
    let rests = |verdict: &str| json!([{ "what": "w", "verdict": verdict }]);
    expect(&built(with(green.clone(), rests("pass"))).unwrap(), &[]);
    for lacking in [
        with(json!([]), rests("pass")),
        with(red, rests("pass")),
        with(green, rests("not_measured")),
    ] {
        let refused = built(lacking.clone()).unwrap_err().to_string();
        assert!(refused.contains("PKG-Z"), "{refused}");
        // The same, written as what did not pass and then called a pass by somebody else.
        let mut honest = lacking.clone();
        honest["verdict"] = json!("not_measured");
        let mut folder = built(honest).unwrap();
        let mut found = crate::document(&folder, "outcome.json");
        found["verdict"] = json!("pass");
        put(&mut folder, "outcome.json", &found);
        let mut packet = crate::document(&folder, "packet.json");
        packet["verdict"]["value"] = json!("pass");
        put(&mut folder, "packet.json", &packet);
        expect(&resealed(folder).unwrap(), &[Code::VerdictDiffers]);
    }
}

#[test]
fn pass_over_nothing_is_refused() {
    let folder = with_outcome(|outcome| {
        for key in ["tests", "accepted_twins", "rejected", "sole_cause"] {
            outcome["negatives"][key] = json!(0);
        }
    });
    expect(&folder, &[Code::VerdictDiffers; 3]);
}

#[test]
fn pass_without_one_of_the_plans_packages_is_refused() {
    let folder = edited("plan.json", |plan| {
        plan["packages"].as_array_mut().unwrap().push(json!("PKG-Z"));
    });
    expect(&folder, &[Code::VerdictDiffers]);
}

#[test]
fn an_honest_failure_is_a_good_packet() {
    let mut folder = with_outcome(|outcome| {
        outcome["verdict"] = json!("fail");
        outcome["negatives"]["rejected"] = json!(1);
    });
    let mut packet = crate::document(&folder, "packet.json");
    packet["verdict"]["value"] = json!("fail");
    put(&mut folder, "packet.json", &packet);
    let folder = resealed(folder).unwrap();
    expect(&folder, &[]);
    assert_eq!(verify(&folder).packet_verdict.as_deref(), Some("fail"));
}

#[test]
fn pass_of_a_later_package_is_refused_where_what_it_rests_on_does_not_show_it() {
    let later = |cells: Value, rest: &str| {
        let mut found = outcome(1);
        found["packages"].as_array_mut().unwrap().push(json!({
            "id": "PKG-I", "verdict": "pass", "validation": cells,
            "rests_on": [{ "what": "every_guard", "verdict": "pass" }, { "what": "scale_runs", "verdict": rest }],
        }));
        built(found).map(drop).map_err(|error| error.to_string())
    };
    let cell = |verdict: &str| json!([{ "guard": "G-ONE", "step": "S19 after", "verdict": verdict, "examined": 1, "reasons": [] }]);
    assert_eq!(later(cell("pass"), "pass"), Ok(()));
    for (cells, rest, named) in [
        (cell("pass"), "not_measured", "scale_runs"),
        (cell("not_measured"), "pass", "G-ONE"),
        (json!([]), "pass", "at least one guard"),
    ] {
        let refused = later(cells, rest).unwrap_err();
        assert!(
            refused.contains("VERDICT_DIFFERS") && refused.contains(named),
            "{refused}"
        );
    }
}
