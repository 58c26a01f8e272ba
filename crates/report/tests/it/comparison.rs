//! Pairs of packets that differ in one thing, and what is said of it first.

use crate::{Rig, rejection};
use evidence::{AcceptedLine, MutantLine};
use report::{Comparison, Kind, compare, markdown};

/// The comparison of a packet with a plain one.
fn against_plain(edit: impl FnOnce(&mut Rig)) -> Comparison {
    let mut rig = Rig::of("t");
    edit(&mut rig);
    compare(&rig.contents(), &Rig::of("t").contents())
}

#[track_caller]
fn check(edit: impl FnOnce(&mut Rig), kind: Kind, subject: &str, base: &str, here: &str) {
    let comparison = against_plain(edit);
    let found: Vec<_> = comparison
        .changes
        .iter()
        .map(|change| (change.kind, change.subject.as_str()))
        .collect();
    assert_eq!(found, [(kind, subject)], "{:#?}", comparison.changes);
    let change = &comparison.changes[0];
    assert_eq!((change.base.as_str(), change.here.as_str()), (base, here));
}

#[test]
fn equal_packets_have_no_difference() {
    let comparison = against_plain(|_| {});
    assert_eq!(comparison.changes, []);
    assert_eq!(comparison.compared, 2);
    let said = markdown(&Rig::of("t").contents(), Some(&comparison));
    assert!(said.contains("Nothing is newly accepted, newly rejected, or rejected by another cause"));
}

#[test]
fn what_the_base_refused_is_newly_accepted() {
    check(
        |rig| rig.exhibits.rejections[0].fingerprint = None,
        Kind::NewlyAccepted,
        "t/one",
        "23514 check t by check t",
        "accepted",
    );
}

#[test]
fn what_is_refused_with_another_fingerprint_or_cause_has_another_cause() {
    check(
        |rig| rig.exhibits.rejections[0].fingerprint.as_mut().unwrap().sqlstate = "23502".to_owned(),
        Kind::AnotherCause,
        "t/one",
        "23514 check t by check t",
        "23502 check t by check t",
    );
    check(
        |rig| rig.cause(1, "trigger t"),
        Kind::AnotherCause,
        "t/two",
        "42501 check t by check t",
        "42501 check t by trigger t",
    );
}

#[test]
fn a_test_that_is_new_is_newly_rejected_and_one_that_is_gone_is_no_longer_tried() {
    check(
        |rig| rig.exhibits.rejections.push(rejection("t", "zero", "23505")),
        Kind::NewlyRejected,
        "t/zero",
        "not tried",
        "23505 check t by check t",
    );
    check(
        |rig| rig.exhibits.rejections.truncate(1),
        Kind::NoLongerTried,
        "t/two",
        "42501 check t by check t",
        "not tried",
    );
}

#[test]
fn a_bound_that_moves_keeps_its_test_and_changes_what_is_tried() {
    let comparison = against_plain(|rig| {
        rig.exhibits.rejections[0].mutation = "one less".to_owned();
        rig.exhibits.accepted.push(AcceptedLine {
            table: "t".to_owned(),
            id: "t/accepted/bound".to_owned(),
            row: "one = 0".to_owned(),
            shows: vec!["t bound".to_owned()],
            accepted: true,
            why: None,
        });
    });
    let found: Vec<_> = comparison
        .changes
        .iter()
        .map(|change| (change.kind, change.subject.as_str(), change.here.as_str()))
        .collect();
    let refused = "23514 check t by check t";
    assert_eq!(
        found,
        [
            (Kind::NewlyAccepted, "t/accepted/bound", "accepted"),
            (Kind::NoLongerTried, "t/one", "not tried"),
            (Kind::NewlyRejected, "t/one", refused),
        ]
    );
}

#[test]
fn a_test_that_is_put_before_others_alike_renames_them_and_changes_nothing_else() {
    let numbered = |rig: &mut Rig, mutations: &[&str]| {
        for (at, mutation) in mutations.iter().enumerate() {
            let mut line = rejection("t", &format!("alike.{at}"), "23514");
            line.mutation = (*mutation).to_owned();
            rig.exhibits.rejections.push(line);
        }
    };
    let (mut here, mut base) = (Rig::of("t"), Rig::of("t"));
    numbered(&mut here, &["is new", "is empty", "is long"]);
    numbered(&mut base, &["is empty", "is long"]);
    let comparison = compare(&here.contents(), &base.contents());
    let found: Vec<_> = comparison
        .changes
        .iter()
        .map(|change| (change.kind, change.what.as_str()))
        .collect();
    assert_eq!(found, [(Kind::NewlyRejected, "is new")]);
    assert_eq!(comparison.compared, 4);
}

#[test]
fn a_guard_that_ends_otherwise_is_another_verdict() {
    check(
        |rig| rig.exhibits.guards[0].verdict = "fail".to_owned(),
        Kind::AnotherVerdict,
        "t at S01 after",
        "pass",
        "fail",
    );
}

#[test]
fn a_mutant_that_nothing_notices_any_more_is_told() {
    check(
        |rig| {
            rig.exhibits.mutants[2] = MutantLine {
                end: "survived".to_owned(),
                by: "nothing".to_owned(),
                ..rig.exhibits.mutants[2].clone()
            }
        },
        Kind::NewlySurviving,
        "schema check t",
        "noticed, or not made",
        "nothing",
    );
}

#[test]
fn a_weakened_object_that_only_an_accident_notices_is_told() {
    check(
        |rig| {
            rig.exhibits.mutants[3].end = "by_accident".to_owned();
            rig.exhibits.mutants[3].by = "its test still ends in 23514".to_owned();
        },
        Kind::NewlySurviving,
        "weakened t",
        "noticed, or not made",
        "its test still ends in 23514",
    );
}

#[test]
fn an_attack_that_succeeds_and_a_way_that_is_open_are_newly_accepted() {
    check(
        |rig| rig.exhibits.attacks[0].ended = "ATTACK_SUCCEEDED".to_owned(),
        Kind::NewlyAccepted,
        "attack t/t",
        "refused: 42501 by t",
        "ATTACK_SUCCEEDED by t",
    );
    check(
        |rig| rig.ended = "BYPASS_SUCCEEDED".to_owned(),
        Kind::NewlyAccepted,
        "way around t/t",
        "refused: t, seen by t t",
        "BYPASS_SUCCEEDED, seen by t t",
    );
}

#[test]
fn an_attack_with_another_shield_has_another_cause_and_one_that_is_gone_is_told() {
    check(
        |rig| rig.exhibits.attacks[0].shield = "another".to_owned(),
        Kind::AnotherCause,
        "attack t/t",
        "refused: 42501 by t",
        "refused: 42501 by another",
    );
    check(
        |rig| rig.exhibits.attacks.clear(),
        Kind::NoLongerTried,
        "attack t/t",
        "refused: 42501 by t",
        "not tried",
    );
    check(
        |rig| rig.ended = "ATTACK_CAUSE_DIFFERS".to_owned(),
        Kind::AnotherVerdict,
        "way around t/t",
        "refused: t, seen by t t",
        "ATTACK_CAUSE_DIFFERS, seen by t t",
    );
}

#[test]
fn a_valid_row_that_is_refused_is_newly_rejected() {
    check(
        |rig| {
            rig.exhibits.accepted[0].accepted = false;
            rig.exhibits.accepted[0].why = Some("23514 no".to_owned());
        },
        Kind::NewlyRejected,
        "t/accepted/row",
        "accepted",
        "refused: 23514 no",
    );
}

#[test]
fn a_valid_row_that_is_no_longer_tried_is_told() {
    check(
        |rig| rig.exhibits.accepted.clear(),
        Kind::NoLongerTried,
        "t/accepted/row",
        "accepted",
        "not tried",
    );
}

#[test]
fn what_loosens_something_comes_first_in_a_pull_request() {
    let mut rig = Rig::of("t");
    rig.exhibits.rejections[0].fingerprint = None;
    rig.cause(1, "trigger t");
    rig.exhibits.rejections.push(rejection("t", "zero", "23505"));
    let contents = rig.contents();
    let comparison = compare(&contents, &Rig::of("t").contents());
    let said = markdown(&contents, Some(&comparison));
    let at = |what: &str| said.find(what).unwrap_or_else(|| panic!("no `{what}`: {said}"));
    let order = [
        at("Newly accepted"),
        at("Rejected by another cause"),
        at("Newly rejected"),
        at("1 finding"),
        at("rejections by their sole cause"),
    ];
    assert!(order.is_sorted(), "{order:?}");
    insta::with_settings!({omit_expression => true, prepend_module_to_snapshot => false, snapshot_path => "../../../../snapshots/report"}, {
        insta::assert_snapshot!("pull_request", said.replace(&contents.packet.tree_sha256, "TREE"));
    });
}
