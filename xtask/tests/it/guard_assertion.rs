//! The verdict in Rust and the verdict in SQL, over the same answers: they must be equal [ruling A4].
//!
//! The one fact to know: what is compared is which condition was met by which probe, and not how either
//! side words it; an answer outside the probe contract is *not measured* there and an error here.

use crate::tidy::root;
use authoring::guard_assertion::{Assertion, Given, NOT_GREEN, asserted};
use guards::{Guard, Inputs, Stage, Verdict};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use std::collections::BTreeSet;
use throwaway_postgres::Options;

/// Rows of hand-made answers, each `probe, expected, realized, population, offenders`.
const ANSWERS: &[&str] = &[
    "('a', 3, 3, 3, '{}')",
    "('a', 3, 3, 3, '{}'), ('b', 1, 1, 1, '{}')",
    "('b', 1, 1, 1, '{}')",
    "('a', 3, 3, 3, '{}'), ('a', 3, 3, 3, '{}')",
    "('a', 3, 2, 3, '{}')",
    "('a', 3, 2, 0, '{x}')",
    "('a', 3, 3, 0, '{}')",
    "('a', 3, 3, -1, '{}')",
    "('a', 3, 3, 3, '{x}')",
    "('a', 3, 3, 3, '{x,null}')",
    "('a', 3, 3, 3, '{null}')",
    "('a', null, 3, 3, '{}')",
    "('a', 3, null, 3, '{}')",
    "('a', null, null, 3, '{}')",
    "('a', 3, 3, null, '{}')",
    "('a', 3, 3, 3, null)",
    "(null, 3, 3, 3, '{}')",
    "(null, 3, 2, 0, '{x}')",
    "('a', null, null, null, null)",
    "('a', 9223372036854775807, 9223372036854775807, 1, '{}')",
];

/// Answers that break the contract itself.
const OUTSIDE: &[&str] = &[
    "select 'a' as probe, 3 as expected, 3 as realized, 3 as population",
    "select 'a' as probe, 3 as expected, 3 as realized, 3 as population, '{}'::text[] as offenders, 1 as more",
    "select 'a' as probe, 'three' as expected, 3 as realized, 3 as population, '{}'::text[] as offenders",
    "select 'a' as probe, 3.5 as expected, 3.5 as realized, 3 as population, '{}'::text[] as offenders",
    "select 7 as probe, 3 as expected, 3 as realized, 3 as population, '{}'::text[] as offenders",
    "select 'a' as probe, 3 as expected, 3 as realized, 3 as population, 'none' as offenders",
    "select 'a' as probe, 3 as expected, 3 as realized, 3 as population, '{1}'::integer[] as offenders",
    "select 'a' as probe, 3 as expected, 3 as realized, 9223372036854775808 as population, '{}'::text[] as offenders",
];

fn guard(select: &str) -> Guard {
    Guard::parse(&format!(
        "-- guard: G-TRIAL\n-- invariant: something holds\n-- why: a trial\n-- probe: a it holds\n\
         -- input: phase the step\n-- stage: control-plane\n{select}\n"
    ))
    .unwrap()
}

/// Conditions that Rust says were met, as `condition probe`; empty if green.
async fn in_rust(connection: &mut PgConnection, guard: &Guard, inputs: &Inputs) -> BTreeSet<String> {
    connection.execute("savepoint judged").await.unwrap();
    let verdict = guards::run(connection, guard, Stage::ControlPlane, inputs).await;
    connection.execute("rollback to savepoint judged").await.unwrap();
    match verdict {
        Verdict::Pass { .. } => BTreeSet::new(),
        Verdict::NotMeasured(why) => BTreeSet::from([format!("outside_contract: {why}")]),
        Verdict::Fail(findings) => findings
            .iter()
            .map(|finding| {
                let condition = serde_json::to_value(finding.condition).unwrap();
                format!("{} {}", condition.as_str().unwrap(), finding.probe)
            })
            .collect(),
    }
}

/// The same as the statement of a packet says it.
async fn in_sql(connection: &mut PgConnection, guard: &Guard, inputs: &Inputs) -> BTreeSet<String> {
    let probes: Vec<&str> = guard.probe_names().collect();
    let keys = guard.inputs_at(Stage::ControlPlane);
    let sql = Assertion {
        guard: &guard.id,
        due: "S11",
        probes: &probes,
        select: &asserted(&guard.id, guard.select(Stage::ControlPlane).unwrap()).unwrap(),
        inputs: Given::Document(&inputs.document(keys)),
        transient: &[],
    }
    .render();
    connection
        .execute("savepoint judged; set local search_path = ''")
        .await
        .unwrap();
    let ended = connection.execute(AssertSqlSafe(sql)).await;
    connection.execute("rollback to savepoint judged").await.unwrap();
    let Err(error) = ended else {
        return BTreeSet::new();
    };
    let error = error.into_database_error().unwrap();
    let error = error.downcast_ref::<sqlx::postgres::PgDatabaseError>();
    assert_eq!(error.code(), NOT_GREEN, "{error}");
    assert_eq!(error.message(), format!("GUARD_NOT_GREEN: {} at S11", guard.id));
    error.detail().unwrap().lines().map(str::to_owned).collect()
}

#[tokio::test(flavor = "current_thread")]
async fn both_verdicts_are_equal_over_hand_made_answers() {
    let server = throwaway_postgres::start(&Options::for_tests()).await.unwrap();
    let mut connection = PgConnection::connect_with(&server.connect_options("postgres"))
        .await
        .unwrap();
    connection.execute("begin").await.unwrap();
    let inputs = Inputs::new().with("phase", &"it's $guard$ 'S11'".into());
    let columns = "as t (probe, expected, realized, population, offenders)";
    let typed =
        "select probe::text, expected::bigint, realized::bigint, population::bigint, offenders::text[]";
    let empty = format!("{typed} from (values ('a', 1, 1, 1, '{{}}')) {columns} where $1 is null");
    let answers = ANSWERS
        .iter()
        .map(|rows| format!("{typed} from (values {rows}) {columns} where $1 ->> 'phase' <> '$1'"))
        .chain([empty]);
    let (mut green, mut red) = (0, 0);
    for select in answers {
        let guard = guard(&select);
        let rust = in_rust(&mut connection, &guard, &inputs).await;
        let sql = in_sql(&mut connection, &guard, &inputs).await;
        assert_eq!(rust, sql, "{select}");
        *(if rust.is_empty() { &mut green } else { &mut red }) += 1;
    }
    assert_eq!((green, red), (2, 19), "the answers are no longer of both kinds");
    for select in OUTSIDE {
        let guard = guard(&format!("{select} where $1 is not null"));
        let rust = in_rust(&mut connection, &guard, &inputs).await;
        assert!(
            rust.first().unwrap().starts_with("outside_contract"),
            "{select}: {rust:?}"
        );
        let sql = in_sql(&mut connection, &guard, &inputs).await;
        assert!(
            sql.iter().any(|met| met.starts_with("outside_contract")),
            "{select}: {sql:?}"
        );
    }
    connection.close().await.unwrap();
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "current_thread")]
async fn both_verdicts_are_equal_over_every_committed_guard_sound_and_faulty() {
    let committed = rehearsal::load(&root()).unwrap();
    let options = rehearsal::server_options(&Options::for_tests(), &committed);
    let server = throwaway_postgres::start(&options).await.unwrap();
    let mut connection = PgConnection::connect_with(&server.connect_options(&committed.plan.database))
        .await
        .unwrap();
    connection.execute("begin").await.unwrap();
    for package in &committed.packages {
        for file in &package.files {
            connection.execute(AssertSqlSafe(file.up.clone())).await.unwrap();
        }
    }
    let mut inputs = Inputs::new();
    for (key, value) in &committed.inputs {
        inputs.insert(key, value);
    }
    let inputs = inputs.with("phase", &"S11".into());
    // One fault that many guards see: a surface without its rows, keys and triggers.
    let fault = "drop table qt001_cp.readiness_gate_manifest cascade; create table qt001_cp.readiness_gate_manifest (gate_no integer)";
    let (mut green, mut red) = (0, 0);
    for faulty in [false, true] {
        if faulty {
            connection.execute(fault).await.unwrap();
        }
        for guard in committed.guards.values() {
            if guard.select(Stage::ControlPlane).is_none() || !inputs.missing(names(guard)).is_empty() {
                continue;
            }
            let rust = in_rust(&mut connection, guard, &inputs).await;
            if rust
                .first()
                .is_some_and(|met| met.starts_with("outside_contract"))
            {
                continue;
            }
            let sql = in_sql(&mut connection, guard, &inputs).await;
            assert_eq!(rust, sql, "{}", guard.id);
            *(if rust.is_empty() { &mut green } else { &mut red }) += 1;
        }
    }
    assert!(
        green >= 10 && red >= 3,
        "{green} green and {red} red answers were compared"
    );
    connection.close().await.unwrap();
    server.stop().await.unwrap();
}

fn names(guard: &Guard) -> impl Iterator<Item = &str> {
    guard.inputs_at(Stage::ControlPlane)
}
