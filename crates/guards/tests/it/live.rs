//! A guard on a database that others work with: no trace, bounded waits, and what it could not see.

use guards::{Due, Guard, Inputs, Limits, Stage, Verdict, measure_read_only};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use std::time::Duration;
use throwaway_postgres::{Options, Server};

const LIMITS: Limits = Limits {
    statement: Duration::from_millis(300),
    lock: Duration::from_millis(50),
    drain: None,
};

/// A guard with one probe, which ranges over `source` and counts its rows.
fn guard(source: &str) -> Guard {
    Guard::parse(&format!(
        "-- guard: G-TRIAL\n-- invariant: something holds\n-- why: a trial\n-- probe: rows every row is there\n\
         -- stage: no-control-plane\nselect 'rows' as probe, 1::bigint as expected, count(*) as realized, \
         count(*) as population, '{{}}'::text[] as offenders from {source}\n"
    ))
    .expect("a guard file")
}

struct Database {
    server: Server,
    owner: PgConnection,
}

impl Database {
    /// One table that everybody may read and one that nobody may, and a function that writes.
    async fn start() -> Self {
        let server = throwaway_postgres::start(&Options::for_tests())
            .await
            .expect("a server");
        let mut owner = PgConnection::connect_with(&server.connect_options("postgres"))
            .await
            .expect("a connection");
        owner
            .execute(
                "create role watcher login; \
                 create table public.open (n integer); grant select, insert on public.open to watcher; \
                 insert into public.open values (1); create table public.closed (n integer); \
                 create function public.writes() returns setof integer language sql volatile \
                 begin atomic insert into public.open values (2) returning n; end",
            )
            .await
            .expect("objects");
        Self { server, owner }
    }

    async fn watcher(&self) -> PgConnection {
        PgConnection::connect_with(&self.server.connect_options_as("postgres", "watcher"))
            .await
            .expect("a connection")
    }

    async fn next_transaction_id(&mut self) -> String {
        sqlx::query_scalar("select pg_snapshot_xmax(pg_current_snapshot())::text")
            .fetch_one(&mut self.owner)
            .await
            .expect("an answer")
    }

    async fn end(self) {
        self.owner.close().await.expect("closed");
        self.server.stop().await.expect("stopped");
    }
}

/// The verdict over each source, as the watcher.
async fn verdicts(connection: &mut PgConnection, sources: &[&str]) -> Vec<Verdict> {
    let guards: Vec<Guard> = sources.iter().map(|source| guard(source)).collect();
    let due: Vec<Due<'_>> = guards
        .iter()
        .map(|guard| Due {
            id: &guard.id,
            step: "S00",
            guard: Some(guard),
        })
        .collect();
    measure_read_only(connection, &due, Stage::NoControlPlane, &Inputs::new(), LIMITS)
        .await
        .into_iter()
        .map(|measured| measured.verdict)
        .collect()
}

#[track_caller]
fn not_measured(verdict: &Verdict, why: &str) {
    let Verdict::NotMeasured(said) = verdict else {
        panic!("expected not measured for {why}, found {verdict:?}");
    };
    assert!(said.contains(why), "{said}");
}

#[tokio::test(flavor = "current_thread")]
async fn guards_answer_an_ordinary_login_and_assign_no_transaction_id() {
    let mut database = Database::start().await;
    let mut watcher = database.watcher().await;
    let before = database.next_transaction_id().await;
    let answers = verdicts(
        &mut watcher,
        &["public.open", "public.closed", "public.writes()", "public.open"],
    )
    .await;
    assert_eq!(before, database.next_transaction_id().await);
    assert_eq!(answers[0], Verdict::Pass { examined: 1 });
    not_measured(&answers[1], "42501 permission denied for table closed");
    not_measured(
        &answers[2],
        "25006 cannot execute INSERT in a read-only transaction",
    );
    assert_eq!(
        answers[3],
        Verdict::Pass { examined: 1 },
        "an error before it leaves no mark"
    );
    let rows: i64 = sqlx::query_scalar("select count(*) from public.open")
        .fetch_one(&mut database.owner)
        .await
        .expect("an answer");
    assert_eq!(rows, 1);
    watcher.close().await.expect("closed");
    database.end().await;
}

#[tokio::test(flavor = "current_thread")]
async fn a_guard_that_waits_too_long_is_not_measured() {
    let mut database = Database::start().await;
    let mut watcher = database.watcher().await;
    database
        .owner
        .execute("begin; lock table public.open in access exclusive mode")
        .await
        .expect("a lock");
    let answers = verdicts(&mut watcher, &["public.open", "pg_catalog.pg_sleep(30)"]).await;
    not_measured(&answers[0], "55P03 canceling statement due to lock timeout");
    not_measured(&answers[1], "57014 canceling statement due to statement timeout");
    watcher.close().await.expect("closed");
    database.end().await;
}

#[tokio::test(flavor = "current_thread")]
async fn what_was_due_when_the_connection_was_lost_is_not_measured() {
    let mut database = Database::start().await;
    let mut watcher = database.watcher().await;
    let pid: i32 = sqlx::query_scalar("select pg_backend_pid()")
        .fetch_one(&mut watcher)
        .await
        .expect("an answer");
    let end = format!("select pg_terminate_backend({pid}, 10000)");
    database.owner.execute(AssertSqlSafe(end)).await.expect("ended");
    for answer in verdicts(&mut watcher, &["public.open", "public.open"]).await {
        not_measured(&answer, "the connection was lost");
    }
    database.end().await;
}

#[tokio::test(flavor = "current_thread")]
async fn a_guard_without_a_file_is_not_measured() {
    let database = Database::start().await;
    let mut watcher = database.watcher().await;
    let due = [Due {
        id: "G-TRIAL",
        step: "S00",
        guard: None,
    }];
    let answers = measure_read_only(&mut watcher, &due, Stage::NoControlPlane, &Inputs::new(), LIMITS).await;
    not_measured(&answers[0].verdict, "there is no SQL of it");
    watcher.close().await.expect("closed");
    database.end().await;
}

/// More than a batch holds.
const VIEWS: usize = 1_250;

#[tokio::test(flavor = "current_thread")]
async fn thousands_of_views_are_read_and_their_locks_given_back() {
    let server = throwaway_postgres::start(&Options::for_tests())
        .await
        .expect("a server");
    let mut owner = PgConnection::connect_with(&server.connect_options("postgres"))
        .await
        .expect("a connection");
    let views = |from: usize| {
        // Each reads another one: since PostgreSQL 16 a view itself is not among what printing it locks.
        let one = |n: usize| match n {
            0 => "create view public.v_0 as select 0 as n;".to_owned(),
            _ => format!("create view public.v_{n} as select n from public.v_{};", n - 1),
        };
        (from..from + 250).map(one).collect::<String>()
    };
    for from in (0..VIEWS).step_by(250) {
        owner.execute(AssertSqlSafe(views(from))).await.expect("views");
    }
    owner.execute("create role watcher login").await.expect("a login");
    let mut watcher = PgConnection::connect_with(&server.connect_options_as("postgres", "watcher"))
        .await
        .expect("a connection");
    // All at once each is locked until the transaction ends: this is what the batches are for.
    let held = "select pg_catalog.count(*) from pg_catalog.pg_locks as l where l.pid = pg_catalog.pg_backend_pid() and l.relation >= 16384";
    watcher.execute("begin").await.expect("a transaction");
    watcher
        .execute(AssertSqlSafe(guards::views_query("true")))
        .await
        .expect("views");
    let at_once: i64 = sqlx::query_scalar(held)
        .fetch_one(&mut watcher)
        .await
        .expect("locks");
    watcher.execute("rollback").await.expect("an end");
    assert!(
        usize::try_from(at_once).unwrap() >= VIEWS - 1,
        "{at_once} are locked"
    );

    let guard = Guard::parse(&format!(
        "-- guard: G-TRIAL\n-- invariant: something holds\n-- why: a trial\n-- probe: read every view is read\n\
         -- probe: locks none is locked any more\n-- input: views what each view says\n-- stage: no-control-plane\n\
         select 'read' as probe, {VIEWS}::bigint as expected, pg_catalog.count(*) as realized, pg_catalog.count(*) as population, \
         '{{}}'::text[] as offenders from pg_catalog.jsonb_object_keys($1 -> 'views') union all \
         select 'locks', 0, ({held}), 1, '{{}}'\n"
    ))
    .expect("a guard file");
    let verdict = guards::run_read_only(
        &mut watcher,
        &guard,
        Stage::NoControlPlane,
        &Inputs::new(),
        Limits::default(),
    )
    .await
    .expect("an answer");
    assert!(matches!(verdict, Verdict::Pass { .. }), "{:?}", verdict.reasons());
    server.stop().await.expect("stopped");
}

/// Waits for every other transaction that began before the look.
const WAITS: &str = "\
-- guard: G-TRIAL
-- invariant: nobody is at work
-- why: a trial
-- probe: ended every transaction that is older than the look has ended
-- unmeasured: ended until wait
-- stage: no-control-plane
with open as (
  select s.usename::text as name from pg_catalog.pg_stat_activity as s
  where s.pid <> pg_catalog.pg_backend_pid() and s.xact_start < ($1 -> 'wait' ->> 'since')::timestamptz
)
select 'ended' as probe, 0::bigint as expected, (select count(*) from open) as realized, 1::bigint as population,
  array(select o.name from open as o) as offenders
";

#[tokio::test(flavor = "current_thread")]
async fn who_is_at_work_is_waited_for_and_red_only_when_the_wait_is_over() {
    let mut database = Database::start().await;
    database
        .owner
        .execute("grant pg_read_all_stats to watcher")
        .await
        .expect("granted");
    let mut watcher = database.watcher().await;
    let guard = Guard::parse(WAITS).expect("a guard file");
    let ask = async |watcher: &mut PgConnection, drain: Option<Duration>| {
        let (limits, inputs) = (Limits { drain, ..LIMITS }, Inputs::new());
        let asked = guards::run_read_only(watcher, &guard, Stage::NoControlPlane, &inputs, limits);
        asked.await.expect("an answer")
    };
    assert_eq!(ask(&mut watcher, None).await, Verdict::Pass { examined: 1 });

    database.owner.execute("begin").await.expect("begun");
    not_measured(&ask(&mut watcher, None).await, "offenders postgres");
    let over = ask(&mut watcher, Some(Duration::from_millis(200))).await;
    assert_eq!(over.word(), "fail", "{over:?}");

    let ends = database.owner.execute("select pg_sleep(0.5); commit");
    let waited = ask(&mut watcher, Some(Duration::from_mins(1)));
    let (ended, waited) = tokio::join!(ends, waited);
    ended.expect("committed");
    assert_eq!(waited, Verdict::Pass { examined: 1 });
    watcher.close().await.expect("closed");
    database.end().await;
}
