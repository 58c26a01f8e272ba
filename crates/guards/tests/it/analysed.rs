//! What the server makes of a guard's SELECT: no spelling hides a form, and what only looks like one is none.

use guards::{Guard, Stage, analysed};
use sqlx::{Connection as _, Executor as _, PgConnection};
use throwaway_postgres::Options;

fn guard(condition: &str) -> Guard {
    Guard::parse(&format!(
        "-- guard: G-TRIAL\n-- invariant: something holds\n-- why: a trial\n-- probe: rows every row is there\n\
         -- stage: no-control-plane\nselect 'rows' as probe, 1::bigint as expected, pg_catalog.count(*) as realized, \
         pg_catalog.count(*) as population, '{{}}'::text[] as offenders from pg_catalog.pg_class as c \
         join pg_catalog.pg_roles as r on r.oid = c.relowner where {condition}\n"
    ))
    .expect("a guard file")
}

/// What words alone do not show, and what the server finds in it.
const FORMS: &[(&str, &[(&str, &str)])] = &[
    ("c.relname like 'qt001%'", &[("name_pattern", "~~")]),
    (
        "c.relname operator(pg_catalog.~~) 'qt001%'",
        &[("name_pattern", "~~")],
    ),
    (
        "pg_catalog.textlike(c.relname::text, 'qt001%')",
        &[("name_pattern", "~~ as a function")],
    ),
    (
        "c.relname::text operator(pg_catalog.~>=~) 'qt001' and c.relname::text operator(pg_catalog.~<~) 'qt002'",
        &[("name_pattern", "~<~")],
    ),
    (
        "pg_catalog.substring(c.relname::text, 1, 5) = 'qt001'",
        &[("name_pattern", "substring()")],
    ),
    ("c.relowner = 10", &[("owner_filter", "relowner")]),
    (
        "'directus' = pg_catalog.pg_get_userbyid(c.relowner)",
        &[("owner_filter", "pg_get_userbyid()")],
    ),
    (
        "exists (select from pg_catalog.pg_namespace as s where s.oid = c.relnamespace and c.relowner operator(pg_catalog.=) 10::oid)",
        &[("owner_filter", "relowner")],
    ),
    (
        "r.rolname = any (array['directus', 'importer'])",
        &[("owner_filter", "rolname")],
    ),
    (
        "(select pg_catalog.count(*) from pg_catalog.pg_proc) = 46",
        &[("count_literal", "count()")],
    ),
    (
        "46 <= (select pg_catalog.count(*)::integer from pg_catalog.pg_proc)",
        &[("count_literal", "count()")],
    ),
    (
        "(select pg_catalog.bool_and(p.prosecdef) from pg_catalog.pg_proc as p)",
        &[("null_skipping", "bool_and()")],
    ),
    (
        "c.oid not in (select p.oid from pg_catalog.pg_proc as p)",
        &[("null_skipping", "not in (select)")],
    ),
    // An owner that is compared with another, a set that is empty, a name that is a sealed one, a list.
    ("c.relowner = r.oid", &[]),
    ("r.rolname || ' owns it' = ($1 ->> 'line')", &[]),
    ("(select pg_catalog.count(*) from pg_catalog.pg_proc) > 0", &[]),
    ("c.relname::text = ($1 ->> 'name')", &[]),
    ("c.relkind in ('r', 'p') and c.relnatts = 46", &[]),
];

#[tokio::test(flavor = "current_thread")]
async fn no_spelling_hides_a_form_from_the_server() {
    let server = throwaway_postgres::start(&Options::for_tests()).await.unwrap();
    let mut connection = PgConnection::connect_with(&server.connect_options("postgres"))
        .await
        .unwrap();
    for (condition, expected) in FORMS {
        connection.execute("begin").await.unwrap();
        let found = analysed(&mut connection, &guard(condition), Stage::NoControlPlane).await;
        connection.execute("rollback").await.unwrap();
        let found = found.unwrap().unwrap();
        let found: Vec<(&str, &str)> = found.iter().map(|(form, what)| (*form, what.as_str())).collect();
        assert_eq!(&found, expected, "{condition}");
    }
    connection.execute("begin").await.unwrap();
    let absent = analysed(&mut connection, &guard("true"), Stage::ControlPlane).await;
    assert_eq!(absent, Ok(None));
    let refused = analysed(&mut connection, &guard("c.nowhere"), Stage::NoControlPlane).await;
    assert!(refused.unwrap_err().contains("42703"));
    connection.close().await.unwrap();
    server.stop().await.unwrap();
}
