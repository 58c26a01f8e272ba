//! Attacks on the toy: repelled and proven when all is sound, red by their own code for one fault each.

use crate::toy::{Toy, codes};
use rehearsal::{Outcome, RehearseError, Status, render_attacks, render_summary};

const FILE: &str = "attacks/pages.toml";
const PAGES: &str = "gain = \"select 'empty' where not exists (select from tiny_cp.page)\"";

/// Attempt and code of each red one, the code of its finding the same; what they share is asserted.
#[track_caller]
fn red(outcome: &Outcome) -> Vec<(&str, &str)> {
    let attacks = &outcome.attacks;
    let red: Vec<(&str, &str)> = attacks
        .red
        .iter()
        .map(|one| (one.id.as_str(), one.code.as_str()))
        .collect();
    let found: Vec<&str> = red.iter().map(|(_, code)| *code).collect();
    assert_eq!(codes(outcome), found, "{:#?}", outcome.findings);
    assert_eq!(attacks.attempts, 4);
    assert_eq!(attacks.repelled + red.len(), 4);
    assert_eq!(outcome.verdict, Status::Fail);
    assert_eq!(outcome.rollback.before, outcome.rollback.after_rollback);
    red
}

#[tokio::test]
async fn sound_attacks_are_repelled_by_their_shields_alone() {
    let outcome = Toy::new().rehearse().await.unwrap();
    assert_eq!(codes(&outcome), [""; 0], "{:#?}", outcome.findings);
    let attacks = &outcome.attacks;
    assert_eq!((attacks.families, attacks.attempts, attacks.repelled), (1, 4, 4));
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(concat!(env!("CARGO_MANIFEST_DIR"), "/../../snapshots/toy"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let table = render_attacks(outcome.attack_outcomes.iter());
    settings.bind(|| insta::assert_snapshot!("attacks_pages", table));
    let summary = render_summary(&outcome);
    assert!(
        summary.contains("1 families: 4 attempts, 4 repelled"),
        "{summary}"
    );
}

#[tokio::test]
async fn an_attack_that_succeeds_is_red_however_it_was_to_be_repelled() {
    let outcome = Toy::new()
        .edit(
            FILE,
            "persona = \"outsider\", sql = \"select tiny_cp.seal(2)\"",
            "persona = \"operator\", sql = \"select tiny_cp.seal(2)\"",
        )
        .edit(FILE, "= 'a page of a book'", "= 'a page of no book'")
        .edit(
            FILE,
            "{ persona = \"operator\", sql = \"grant",
            "{ persona = \"owner\", sql = \"grant",
        )
        .rehearse()
        .await
        .unwrap();
    assert_eq!(
        red(&outcome),
        [
            ("outsider_seals", "ATTACK_SUCCEEDED"),
            ("owner_opens_the_book", "ATTACK_SUCCEEDED"),
            ("operator_lets_others_in", "ATTACK_SUCCEEDED"),
        ]
    );
}

#[tokio::test]
async fn a_twin_that_is_repelled_with_its_shield_lowered_proves_nothing() {
    let outcome = Toy::new()
        .edit(
            FILE,
            "grant usage on schema tiny_cp to public",
            "grant create on schema tiny_cp to public",
        )
        .edit(
            FILE,
            "(select from tiny_cp.page)\"",
            "(select from tiny_cp.book)\"",
        )
        .edit(FILE, "is null\"", "is 'a page of a book'\"")
        .edit(FILE, "tiny_operator with grant option", "tiny_operator")
        .rehearse()
        .await
        .unwrap();
    assert_eq!(
        red(&outcome),
        [
            ("outsider_seals", "ATTACK_TWIN_REPELLED"),
            ("owner_tears_pages_out", "ATTACK_TWIN_REPELLED"),
            ("owner_opens_the_book", "ATTACK_TWIN_REPELLED"),
            ("operator_lets_others_in", "ATTACK_TWIN_REPELLED"),
        ]
    );
    let why = outcome.attacks.red.iter().map(|one| one.why.as_str());
    let told = [
        "still ends in 42501",
        "gains nothing",
        "still detected",
        "gains nothing",
    ];
    for (why, told) in why.zip(told) {
        assert!(why.contains(told), "{why}");
    }
}

#[tokio::test]
async fn an_attack_that_was_not_made_as_it_says_is_red() {
    let outcome = Toy::new()
        .edit(FILE, "insert into tiny_cp.book (id) values (2)", "insert into tiny_cp.book (id) values (1)")
        .edit(FILE, "disable trigger page_immutable", "disable trigger page_mutable")
        .edit(
            FILE,
            "{ persona = \"operator\", sql = \"select tiny_cp.seal(1)\" }",
            "{ persona = \"outsider\", sql = \"select tiny_cp.seal(1)\" }",
        )
        .edit(
            "plan.toml",
            "[[act_file]]\nstep = \"S07\"\npath = \"steps/07_activate.toml\"\nsha256 = \"@steps/07_activate.toml\"\n",
            "",
        )
        .rehearse()
        .await
        .unwrap();
    assert_eq!(
        red(&outcome),
        [
            ("outsider_seals", "ARRANGE_FAILED"),
            ("owner_tears_pages_out", "ARRANGE_FAILED"),
            ("owner_opens_the_book", "ARRANGE_FAILED"),
            ("operator_lets_others_in", "ATTACK_NOT_MADE"),
        ]
    );
}

#[tokio::test]
async fn a_gain_or_an_alarm_that_is_there_anyway_and_another_refusal_are_red() {
    let outcome = Toy::new()
        .edit(FILE, "sqlstate = \"42501\"", "sqlstate = \"42502\"")
        .edit(FILE, PAGES, "gain = \"select 'always'\"")
        .edit(
            FILE,
            "where not b.sealed and obj_description",
            "where obj_description",
        )
        .rehearse()
        .await
        .unwrap();
    assert_eq!(
        red(&outcome),
        [
            ("outsider_seals", "ATTACK_CAUSE_DIFFERS"),
            ("owner_tears_pages_out", "ARRANGE_FAILED"),
            ("owner_opens_the_book", "ARRANGE_FAILED"),
        ]
    );
}

#[tokio::test]
async fn a_commit_inside_an_attack_is_fatal_and_named() {
    let toy = Toy::new().edit(FILE, "delete from tiny_cp.page", "commit");
    let error = toy.rehearse().await.unwrap_err();
    assert!(
        matches!(error, RehearseError::TransactionEscaped { .. }),
        "{error}"
    );
    assert!(error.to_string().contains("owner_tears_pages_out"), "{error}");
}

#[test]
fn an_attack_that_is_both_refused_and_detected_can_not_be_loaded() {
    let toy = Toy::new()
        .edit(FILE, PAGES, &format!("{PAGES}\ndetect = \"select 'x'\""))
        .seal();
    let text = toy.load().unwrap_err().to_string();
    assert!(
        text.contains("owner_tears_pages_out") && text.contains("never both"),
        "{text}"
    );
}

#[test]
fn a_tampered_attack_is_named_before_a_server_starts() {
    let toy = Toy::new().seal();
    toy.write(FILE, "format_version = 1\nfamily = \"pages\"\ntitle = \"none\"\n");
    let text = toy.load().unwrap_err().to_string();
    assert!(text.contains(FILE), "{text}");
}
