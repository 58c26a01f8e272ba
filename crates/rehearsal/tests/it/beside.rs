//! Two servers at once: the outcome of one, whichever of the two finds something.

use crate::toy::{FIXTURES, Toy, codes, options};
use rehearsal::{ElapsedMs, Outcome, PostgresInfo, Status};
use std::sync::Arc;

const TABLES: &str = "migrations/02001_tables.up.sql";

/// Rehearses with a second server for the proofs.
async fn on_two(toy: Toy) -> Outcome {
    let committed = Arc::new(toy.seal().load().expect("a plan"));
    let started = rehearsal::start(&options(), &committed, &mut ())
        .await
        .expect("a server");
    started
        .rehearse_on_two(&options(), &committed, FIXTURES, &mut ())
        .await
        .expect("an outcome")
}

/// All of it but times and who the server is.
fn verdicts(mut outcome: Outcome) -> serde_json::Value {
    outcome.elapsed_ms = ElapsedMs::default();
    outcome.postgres = PostgresInfo::default();
    serde_json::to_value(outcome).expect("an outcome is JSON")
}

#[tokio::test]
async fn a_sound_plan_has_the_outcome_of_one_server() {
    let one = Toy::new().rehearse().await.unwrap();
    let two = on_two(Toy::new()).await;
    assert_eq!(two.verdict, Status::Pass);
    assert_eq!(two.specs[0].tests.len(), one.specs[0].tests.len());
    assert_eq!(two.attack_outcomes.len(), one.attack_outcomes.len());
    assert_eq!(verdicts(two), verdicts(one));
}

#[tokio::test]
async fn what_the_proofs_find_is_in_the_outcome() {
    let toy = Toy::new().edit(TABLES, "check ((no > 0))", "check ((no > -1))");
    let outcome = on_two(toy).await;
    assert_eq!(outcome.verdict, Status::Fail);
    assert!(
        codes(&outcome).contains(&"NEGATIVE_ACCEPTED"),
        "{:#?}",
        outcome.findings
    );
}

#[tokio::test]
async fn what_the_steps_find_is_in_the_outcome() {
    let toy = Toy::new().edit("estate/worlds/open.sql", "grant truncate", "grant select");
    let outcome = on_two(toy).await;
    assert_eq!(codes(&outcome), ["WORLD_DIFFERS"]);
}

#[tokio::test]
async fn a_file_that_both_servers_refuse_is_one_finding() {
    let toy = Toy::new().edit(TABLES, "create table tiny_cp.page", "create table nowhere.page");
    let outcome = on_two(toy).await;
    assert_eq!(codes(&outcome), ["PACKAGE_DID_NOT_APPLY"]);
    assert_eq!(outcome.rollback.xid_status, "aborted");
}

#[tokio::test]
async fn a_package_that_makes_something_else_on_each_server_is_named() {
    let comment = "do $$ begin execute format('comment on table tiny_cp.page is %L', pg_catalog.pg_postmaster_start_time()); end $$;\nreset role;";
    let toy = Toy::new().edit("migrations/03001_deferred.up.sql", "reset role;", comment);
    let outcome = on_two(toy).await;
    let found = outcome
        .findings
        .iter()
        .find(|finding| finding.code == "SERVERS_DIFFER")
        .unwrap_or_else(|| panic!("{:#?}", outcome.findings));
    assert_eq!(found.details, ["changed relation tiny_cp.page"]);
}
