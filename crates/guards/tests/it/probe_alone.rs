//! One probe of a guard: its answer is the whole guard's, and the others are not looked at.

use guards::{Guard, Inputs, ProbeRow, Stage, Verdict, ask, ask_probe, judge};
use sqlx::{Connection as _, PgConnection};
use throwaway_postgres::Options;

/// `red` has an offender, `green` has none, `late` fails once it is computed, `lost` never comes back.
const GUARD: &str = "-- guard: G-TRIAL\n-- invariant: something holds\n-- why: a trial\n-- probe: red a\n-- probe: green b\n\
    -- probe: late c\n-- probe: lost d\n-- stage: no-control-plane\n\
    select 'red' as probe, 0::bigint as expected, 1::bigint as realized, 1::bigint as population, array['x'] as offenders\n\
    union all select 'green', 0, 0, 1, '{}'\n\
    union all select 'late', 0, 0, 1 / (select pg_catalog.count(*) from pg_catalog.pg_class as c where c.relname = ''), '{}'\n";

async fn verdicts(text: &str, probes: &[&str]) -> Vec<Verdict> {
    let server = throwaway_postgres::start(&Options::for_tests())
        .await
        .expect("a server");
    let mut conn = PgConnection::connect_with(&server.connect_options("postgres"))
        .await
        .expect("a connection");
    let guard = Guard::parse(text).expect("a guard file");
    let (stage, inputs) = (Stage::NoControlPlane, Inputs::new());
    let mut found = vec![ask(&mut conn, &guard, stage, &inputs).await.verdict];
    for probe in probes {
        found.push(ask_probe(&mut conn, &guard, stage, &inputs, probe).await);
    }
    conn.close().await.expect("closed");
    server.stop().await.expect("stopped");
    found
}

#[tokio::test]
async fn a_probe_is_judged_by_its_own_row() {
    let found = verdicts(GUARD, &["red", "green", "late", "lost"]).await;
    let row = ProbeRow::new("red", 0, 1, 1, vec!["x".to_owned()]);
    let [whole, red, green, late, lost] = &found[..] else {
        panic!("{found:?}");
    };
    assert!(matches!(whole, Verdict::NotMeasured(_)), "{whole:?}");
    assert_eq!(*red, judge(["red"], &[row]));
    assert_eq!(*green, Verdict::Pass { examined: 1 });
    assert!(matches!(late, Verdict::NotMeasured(_)), "{late:?}");
    assert_eq!(*lost, judge(["lost"], &[]));
}

#[tokio::test]
async fn what_another_probe_names_must_be_there() {
    let absent = GUARD.replace("from pg_catalog.pg_class", "from pg_catalog.no_such_table");
    let found = verdicts(&absent, &["red"]).await;
    assert!(
        found.iter().all(|one| matches!(one, Verdict::NotMeasured(_))),
        "{found:?}"
    );
}
