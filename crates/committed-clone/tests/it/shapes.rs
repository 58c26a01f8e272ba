//! Two shapes of one rehearsal: in the transaction that made the plane, and beside what was committed.

use crate::toy::{Toy, options};
use committed_clone::CommittedClone;
use rehearsal::{OneTransaction, Suite, in_one_transaction, server_options, suite_beside};
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
