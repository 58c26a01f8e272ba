//! What a guard makes the server do is the same whenever it is asked, and tells a linear one from a quadratic one.

use guards::{Guard, Inputs, Stage, work};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use throwaway_postgres::Options;

/// A guard over `public.subject` whose question is `from`.
fn guard(from: &str) -> Guard {
    let text = format!(
        "-- guard: G-TRIAL\n-- invariant: something holds\n-- why: a trial\n-- probe: counted a\n-- stage: no-control-plane\n\
         select 'counted' as probe, 0::bigint as expected, (select pg_catalog.count(*) from {from}) as realized, 1::bigint as population, \
         array[]::text[] as offenders\n"
    );
    Guard::parse(&text).expect("a guard file")
}

#[tokio::test]
async fn rows_tell_a_linear_guard_from_a_quadratic_one() {
    let server = throwaway_postgres::start(&Options::for_tests())
        .await
        .expect("a server");
    let mut conn = PgConnection::connect_with(&server.connect_options("postgres"))
        .await
        .expect("a connection");
    let linear = guard("public.subject as s where s.n <> 0");
    let quadratic = guard("public.subject as s join public.subject as o on o.n > s.n");
    let mut found = Vec::new();
    for rows in [1_000, 3_000] {
        let made = format!(
            "drop table if exists public.subject; create table public.subject as select n from pg_catalog.generate_series(1, {rows}) as n"
        );
        conn.execute(AssertSqlSafe(made)).await.expect("a subject");
        for one in [&linear, &linear, &quadratic] {
            let counted = work(&mut conn, one, Stage::NoControlPlane, &Inputs::new()).await;
            found.push(counted.expect("a count"));
        }
    }
    let [small, again, small_square, large, _, large_square] = found[..] else {
        panic!("{found:?}");
    };
    assert!((small - again).abs() < f64::EPSILON, "{found:?}");
    assert!((2.9..3.1).contains(&(large / small)), "{found:?}");
    assert!(large_square / small_square > 8.0, "{found:?}");
    let unknown = guard("public.nobody_made_it");
    let why = work(&mut conn, &unknown, Stage::NoControlPlane, &Inputs::new()).await;
    assert!(why.expect_err("no plan").contains("nobody_made_it"));
    conn.close().await.expect("closed");
    server.stop().await.expect("stopped");
}
