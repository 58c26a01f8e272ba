//! Two shapes of one rehearsal: in the transaction that made the plane, and beside what was committed.

use crate::toy::{FIXTURES, Toy, options};
use committed_clone::CommittedClone;
use rehearsal::{
    OneTransaction, Outcome, RehearseError, Status, Suite, in_one_transaction, server_options, suite_beside,
};
use sqlx::{ConnectOptions as _, Row as _};

/// The suite in both shapes, on one server; the database is gone afterwards.
async fn both(toy: Toy) -> (OneTransaction, Suite) {
    let planes = [toy.seal().load().unwrap()];
    let server = throwaway_postgres::start(&server_options(&options(), &planes[0]))
        .await
        .unwrap();
    let database = server.connect_options(&planes[0].plan.database);
    let one = in_one_transaction(&database, &planes, &[0]).await.unwrap();
    let mut clone = CommittedClone::open(server.disposable().unwrap(), &planes[0])
        .await
        .unwrap();
    assert!(clone.apply().await.unwrap(), "{:#?}", clone.findings());
    let kept = suite_beside(&database, &planes[0]).await.unwrap();
    clone.drop_database().await.unwrap();
    let mut left = server.connect_options("postgres").connect().await.unwrap();
    let sql = "select count(*) from pg_catalog.pg_database where datname = 'toy'";
    let row = sqlx::raw_sql(sql).fetch_one(&mut left).await.unwrap();
    assert_eq!(row.get_unchecked::<i64, _>(0), 0);
    server.stop().await.unwrap();
    (one, kept)
}

#[tokio::test]
async fn a_sound_suite_ends_alike_in_both_shapes() {
    let (one, kept) = both(Toy::new()).await;
    assert!(one.locks > 10, "{one:?}");
    assert_eq!(one.suites.len(), 1);
    for suite in [&one.suites[0], &kept] {
        assert!(suite.findings.is_empty(), "{:#?}", suite.findings);
        let counts = &suite.negatives;
        assert_eq!((counts.tests, counts.rejected, counts.sole_cause), (5, 5, 5));
        assert!(suite.suite.wall_ms > 0.0);
    }
    assert_eq!(one.suites[0].verdicts, kept.verdicts);
    assert!(kept.verdicts.contains("page_no_positive"), "{}", kept.verdicts);
}

#[tokio::test]
async fn a_hole_is_found_in_both_shapes_with_the_same_words() {
    let check = ",\n    constraint page_no_positive check ((no > 0))";
    let toy = Toy::new().edit("migrations/02001_tables.up.sql", check, "");
    let (one, kept) = both(toy).await;
    assert_eq!(one.suites[0].findings, kept.findings);
    assert_eq!(one.suites[0].verdicts, kept.verdicts);
    assert!(
        kept.findings
            .iter()
            .any(|finding| finding.code == "NEGATIVE_ACCEPTED"),
        "{:#?}",
        kept.findings
    );
}

#[tokio::test]
async fn a_plane_that_does_not_apply_is_no_figure() {
    let toy = Toy::new().edit(
        "migrations/02001_tables.up.sql",
        "create table tiny_cp.book",
        "create table nowhere.book",
    );
    let planes = [toy.seal().load().unwrap()];
    let server = throwaway_postgres::start(&server_options(&options(), &planes[0]))
        .await
        .unwrap();
    let database = server.connect_options(&planes[0].plan.database);
    let error = in_one_transaction(&database, &planes, &[0]).await.unwrap_err();
    assert!(error.to_string().contains("PACKAGE_DID_NOT_APPLY"), "{error}");
    server.stop().await.unwrap();
}

/// A whole rehearsal, each step kept, on a cluster of its own.
async fn rehearse_committed(toy: Toy) -> Outcome {
    let committed = toy.seal().load().unwrap();
    let server = throwaway_postgres::start(&server_options(&options(), &committed))
        .await
        .unwrap();
    let cluster = server.disposable().unwrap();
    let outcome = committed_clone::rehearse(cluster, &committed, FIXTURES, &mut ()).await;
    server.stop().await.unwrap();
    outcome.unwrap()
}

/// All that an outcome says but which way it took: times, the order of the ways back, and the gate's words.
fn verdicts(outcome: &Outcome) -> serde_json::Value {
    let mut json = serde_json::to_value(outcome).unwrap();
    let ways = json["ways_back"].as_array_mut().unwrap();
    ways.sort_by_key(|way| way["kind"].as_str().unwrap_or_default().to_owned());
    let json = json.as_object_mut().unwrap();
    for key in ["elapsed_ms", "shape", "rollback", "postgres"] {
        assert!(json.remove(key).is_some(), "`{key}`");
    }
    serde_json::Value::Object(json.clone())
}

#[tokio::test]
async fn a_whole_rehearsal_ends_alike_in_both_shapes() {
    let one = Toy::new().rehearse().await.unwrap();
    let kept = rehearse_committed(Toy::new()).await;
    assert_eq!(kept.verdict, Status::Pass, "{:#?}", kept.findings);
    assert_eq!(verdicts(&one), verdicts(&kept));
    assert_eq!((one.shape, kept.shape), ("one_transaction", "committed"));
    assert_eq!(one.rollback.xid_status, "aborted");
    assert_eq!(kept.rollback.xid_status, "committed");
    let (one, kept) = (&one.rollback, &kept.rollback);
    assert_eq!(kept.before, kept.after_rollback);
    assert_eq!((&one.before, &one.after_apply), (&kept.before, &kept.after_apply));
}

#[tokio::test]
async fn what_the_way_back_forgets_is_named_in_both_shapes() {
    let forgets = || {
        Toy::new().edit(
            "migrations/01001_roles.up.sql",
            "create role tiny_operator nologin;",
            "create role tiny_operator nologin;\ncreate role tiny_leftover nologin;",
        )
    };
    let one = forgets().rehearse().await.unwrap();
    let kept = rehearse_committed(forgets()).await;
    for outcome in [&one, &kept] {
        assert_eq!(outcome.verdict, Status::Fail);
        let finding = crate::found(&outcome.findings, "DOWN_DID_NOT_RESTORE", "S01 down");
        assert_eq!(finding.details, ["extra role tiny_leftover"]);
    }
    // A rollback takes it away all the same; a way back that was kept does not.
    assert_eq!(one.rollback.residue.len(), 0);
    let finding = crate::found(
        &kept.findings,
        "COMMITTED_WAY_BACK_DID_NOT_RESTORE",
        "left something",
    );
    assert!(
        finding.details.contains(&"extra role tiny_leftover".to_owned()),
        "{finding:?}"
    );
}

#[tokio::test]
async fn a_file_that_commits_is_named_in_both_shapes() {
    let commits = || {
        Toy::new().edit(
            "migrations/02001_tables.up.sql",
            "reset role;",
            "reset role;\ncommit; begin;",
        )
    };
    let one = commits().rehearse().await.unwrap_err();
    let committed = commits().seal().load().unwrap();
    let server = throwaway_postgres::start(&server_options(&options(), &committed))
        .await
        .unwrap();
    let cluster = server.disposable().unwrap();
    let kept = committed_clone::rehearse(cluster, &committed, FIXTURES, &mut ())
        .await
        .unwrap_err();
    server.stop().await.unwrap();
    for error in [&one, &kept] {
        assert!(
            matches!(error, RehearseError::TransactionEscaped { .. }),
            "{error}"
        );
        assert!(error.to_string().contains("02001_tables"), "{error}");
    }
}
