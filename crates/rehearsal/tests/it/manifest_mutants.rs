//! Manifest mutants on the toy: how each may end, and that what nothing notices is named.

use crate::toy::{Toy, codes};
use rehearsal::{ManifestCounts, MutantEnd, Outcome};

fn counts(outcome: &Outcome) -> ManifestCounts {
    outcome.mutants.manifest.clone().expect("mutants are measured")
}

/// One survives, and the finding says this of it.
#[track_caller]
fn one_survives(outcome: &Outcome, says: &str) {
    assert_eq!(codes(outcome), ["MANIFEST_MUTANT_SURVIVED"]);
    assert_eq!(outcome.findings[0].details, [says]);
    assert_eq!(counts(outcome).survivors, 1);
    assert_eq!(outcome.rollback.xid_status, "aborted");
}

#[tokio::test]
async fn each_mutant_is_named_refused_or_shown_to_be_none() {
    let outcome = Toy::new().rehearse().await.unwrap();
    let expected = ManifestCounts {
        total: 5,
        killed: 4,
        refused: 1,
        equivalent: 1,
        survivors: 0,
    };
    assert_eq!(counts(&outcome), expected, "{:#?}", outcome.manifest_mutants);
    let end = |id: &str| {
        let mutant = outcome.manifest_mutants.iter().find(|mutant| mutant.id == id);
        mutant.map(|mutant| mutant.end.clone())
    };
    let refused = MutantEnd::Refused("23505".to_owned());
    assert_eq!(end("page/key_narrowed/page_pk"), Some(refused));
    assert_eq!(end("page/statistics_said/no"), Some(MutantEnd::Equivalent));
}

#[tokio::test]
async fn a_mutant_that_no_check_names_survives_in_the_manifests_words() {
    let blind = "where d.object = '{object}' and d.name <> 'body'";
    let toy = Toy::new().edit("plan.toml", "where d.object = '{object}'", blind);
    one_survives(
        &toy.rehearse().await.unwrap(),
        "page: column body nullable flipped: expected `facts` of `tiny_cp.page` to name `body`, it named nothing",
    );
}

#[tokio::test]
async fn a_mutant_that_only_another_name_notices_is_not_killed() {
    let toy = Toy::new().edit("mutants/page.toml", "name = \"body\"", "name = \"book_id\"");
    one_survives(
        &toy.rehearse().await.unwrap(),
        "page: column body nullable flipped: expected `facts` of `tiny_cp.page` to name `book_id`, it named body",
    );
}

#[tokio::test]
async fn a_check_that_is_always_red_kills_nothing() {
    let always = "select d.name from (table pg_temp.expected_fact union all select '', 'body', '') d where '{object}' <> ''";
    let toy = Toy::new().edit(
        "plan.toml",
        "select d.name from ((table pg_temp.expected_fact except table pg_temp.fact) union (table pg_temp.fact except table pg_temp.expected_fact)) d where d.object = '{object}'",
        always,
    );
    let outcome = toy.rehearse().await.unwrap();
    assert_eq!(codes(&outcome), ["MANIFEST_MUTANT_SURVIVED"]);
    assert_eq!(counts(&outcome).survivors, 4);
    let details = &outcome.findings[0].details;
    assert!(
        details
            .iter()
            .all(|line| line.ends_with("its check is red without it")),
        "{details:?}"
    );
}

#[tokio::test]
async fn a_refusal_that_nobody_foresaw_is_no_kill() {
    let toy = Toy::new().edit("mutants/page.toml", "or_refused = [\"23505\"]", "");
    let outcome = toy.rehearse().await.unwrap();
    assert_eq!(codes(&outcome), ["MANIFEST_MUTANT_SURVIVED"]);
    let why = &outcome.findings[0].details[0];
    assert!(why.contains("it could not be applied: 23505"), "{why}");
}

#[tokio::test]
async fn a_grant_that_was_declared_is_no_mutant() {
    let toy = Toy::new().edit(
        "mutants/page.toml",
        "grant select on tiny_cp.page to tiny_operator",
        "grant execute on function tiny_cp.seal(integer) to tiny_operator",
    );
    let outcome = toy.rehearse().await.unwrap();
    let counts = counts(&outcome);
    assert_eq!((counts.equivalent, counts.survivors), (2, 0), "{counts:?}");
}

#[test]
fn two_mutants_of_one_id_and_a_check_that_is_not_there_are_no_plan() {
    let why = |toy: Toy| toy.seal().load().unwrap_err().to_string();
    let twice = Toy::new().edit(
        "mutants/page.toml",
        "roles/grant_added/tiny_operator",
        "page/statistics_said/no",
    );
    assert!(why(twice).contains("two mutants have the id `page/statistics_said/no`"));
    let unknown = Toy::new().edit(
        "mutants/page.toml",
        "check = \"relation\"",
        "check = \"relations\"",
    );
    assert!(why(unknown).contains("names the check `relations`, which the plan lacks"));
}
