//! A capture of a database that lives: no trace, bounded locks, changes seen.

use std::time::{Duration, Instant};

use capture::{CaptureError, DeclaredRows, Options, capture};
use sqlx::{Connection as _, PgConnection};

use crate::cluster::Cluster;
use crate::{database, take, try_take};

async fn next_transaction_id(connection: &mut PgConnection) -> String {
    sqlx::query_scalar("select pg_snapshot_xmax(pg_current_snapshot())::text")
        .fetch_one(connection)
        .await
        .unwrap()
}

fn sqlstate(error: &CaptureError) -> Option<String> {
    let CaptureError::Query { source, .. } = error else {
        return None;
    };
    source
        .as_database_error()?
        .code()
        .map(std::borrow::Cow::into_owned)
}

#[tokio::test(flavor = "current_thread")]
async fn capturing_assigns_no_transaction_id_and_can_not_write() {
    let cluster = Cluster::start().await;
    database(
        &cluster,
        "live",
        "create table public.t (a integer); create view public.v as select a from public.t",
    )
    .await;
    let mut witness = cluster.connect("live").await;
    let mut connection = cluster.connect("live").await;
    // Autovacuum takes ids of its own now and then; a capture that took one would take one every time.
    let mut untouched = false;
    for _ in 0..5 {
        let before = next_transaction_id(&mut witness).await;
        capture(&mut connection, &Options::new("postgres")).await.unwrap();
        untouched = untouched || before == next_transaction_id(&mut witness).await;
    }
    assert!(untouched, "every capture moved the next transaction id");
    let refused = sqlx::query("insert into public.t values (1)")
        .execute(&mut connection)
        .await
        .unwrap_err();
    assert_eq!(
        refused.as_database_error().unwrap().code().as_deref(),
        Some("25006")
    );
    let pid: i32 = sqlx::query_scalar("select pg_backend_pid()")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    let locks: i64 = sqlx::query_scalar("select count(*) from pg_locks where pid = $1")
        .bind(pid)
        .fetch_one(&mut witness)
        .await
        .unwrap();
    assert_eq!(locks, 0, "no lock is kept");
}

#[tokio::test(flavor = "current_thread")]
async fn more_views_than_a_batch_are_all_captured() {
    let cluster = Cluster::start().await;
    database(
        &cluster,
        "live",
        "create table public.t (a integer); \
         do $$ begin for i in 1..1201 loop execute format('create view public.v%s as select %s as n, a from public.t', i, i); end loop; end $$",
    )
    .await;
    let capture = take(&cluster, "live").await;
    let views = &capture.facts().views.view;
    assert_eq!(views.len(), 1201);
    for view in views {
        let n = view.identity.trim_start_matches("public.v");
        assert!(
            view.definition.starts_with(&format!(" SELECT {n} AS n")),
            "{}: {}",
            view.identity,
            view.definition
        );
    }
}

/// Waits until the capture waits for a lock that `witness` can see.
async fn blocked(witness: &mut PgConnection) {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let waiting: i64 = sqlx::query_scalar("select count(*) from pg_locks where not granted")
            .fetch_one(&mut *witness)
            .await
            .unwrap();
        if waiting > 0 {
            return;
        }
        assert!(Instant::now() < deadline, "the capture never waited");
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_change_between_first_and_last_read_is_an_error() {
    let cluster = Cluster::start().await;
    database(
        &cluster,
        "live",
        "create table public.t (a integer); create view public.v as select a from public.t",
    )
    .await;
    let mut changer = cluster.connect("live").await;
    let mut witness = cluster.connect("live").await;
    sqlx::raw_sql("begin; lock table public.v in access exclusive mode; alter table public.t rename a to b")
        .execute(&mut changer)
        .await
        .unwrap();
    let options = Options {
        lock_timeout_ms: 30_000,
        ..Options::new("postgres")
    };
    let change = async {
        blocked(&mut witness).await;
        sqlx::raw_sql("commit").execute(&mut changer).await.unwrap();
    };
    let (result, ()) = tokio::join!(try_take(&cluster, "live", &options), change);
    assert!(
        matches!(result, Err(CaptureError::ChangedMeanwhile { ref section }) if section == "relations"),
        "{result:?}"
    );
}

#[tokio::test(flavor = "current_thread")]
async fn a_lock_is_not_waited_for_longer_than_allowed() {
    let cluster = Cluster::start().await;
    database(&cluster, "live", "create view public.v as select 1 as a").await;
    let mut blocker = cluster.connect("live").await;
    sqlx::raw_sql("begin; lock table public.v in access exclusive mode")
        .execute(&mut blocker)
        .await
        .unwrap();
    let options = Options {
        lock_timeout_ms: 50,
        ..Options::new("postgres")
    };
    let mut connection = cluster.connect("live").await;
    let error = capture(&mut connection, &options).await.unwrap_err();
    assert_eq!(sqlstate(&error).as_deref(), Some("55P03"));
    let idle = "select count(*) from pg_stat_activity where datname = 'live' and state = 'idle'";
    let idle: i64 = sqlx::query_scalar(idle).fetch_one(&mut blocker).await.unwrap();
    assert_eq!(idle, 1, "no transaction is left open");
    connection.close().await.unwrap();
}

#[tokio::test(flavor = "current_thread")]
async fn a_lost_connection_is_an_error() {
    let cluster = Cluster::start().await;
    database(&cluster, "live", "create view public.v as select 1 as a").await;
    let mut blocker = cluster.connect("live").await;
    let mut witness = cluster.connect("live").await;
    sqlx::raw_sql("begin; lock table public.v in access exclusive mode")
        .execute(&mut blocker)
        .await
        .unwrap();
    let options = Options {
        lock_timeout_ms: 30_000,
        ..Options::new("postgres")
    };
    let kill = async {
        blocked(&mut witness).await;
        sqlx::raw_sql("select pg_terminate_backend(pid) from pg_locks where not granted")
            .execute(&mut witness)
            .await
            .unwrap();
    };
    let (result, ()) = tokio::join!(try_take(&cluster, "live", &options), kill);
    assert_eq!(sqlstate(&result.unwrap_err()).as_deref(), Some("57P01"));
}

#[tokio::test(flavor = "current_thread")]
async fn an_unknown_reader_is_an_error() {
    let cluster = Cluster::start().await;
    let error = try_take(&cluster, "postgres", &Options::new("nobody"))
        .await
        .unwrap_err();
    assert!(matches!(error, CaptureError::ReaderMissing { reader } if reader == "nobody"));
}

#[tokio::test(flavor = "current_thread")]
async fn only_declared_rows_and_columns_are_read() {
    let cluster = Cluster::start().await;
    database(
        &cluster,
        "live",
        r#"create table public."Flags" ("Code" text, frozen boolean, note text);
           insert into public."Flags" values ('D-1', true, 'private'), ('D-2', null, 'private'), ('D-3', false, 'private')"#,
    )
    .await;
    let declared = |relation: &str| DeclaredRows {
        relation: relation.to_owned(),
        key_column: "Code".to_owned(),
        keys: vec!["D-2".to_owned(), "D-1".to_owned(), "D-9".to_owned()],
        columns: vec!["frozen".to_owned()],
    };
    let options = Options {
        declared: vec![declared(r#"public."Flags""#), declared("public.absent")],
        ..Options::new("postgres")
    };
    let capture = try_take(&cluster, "live", &options).await.unwrap();
    let flags: Vec<(&str, bool, Option<&str>)> = capture
        .facts()
        .flags
        .flag
        .iter()
        .map(|flag| {
            (
                flag.key.as_str(),
                flag.found,
                flag.values.get("frozen").map(String::as_str),
            )
        })
        .collect();
    assert_eq!(
        flags,
        [
            ("D-1", true, Some("true")),
            ("D-2", true, None),
            ("D-9", false, None),
            ("D-2", false, None),
            ("D-1", false, None),
            ("D-9", false, None)
        ]
    );
    assert!(!capture.files()["flags.toml"].contains("private"));
}
