//! What the server makes of a guard's SELECT: no spelling hides a form, and what only looks like one is none.

use guards::{Guard, Stage, analysed, analysed_routine, analysed_view};
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

/// A body's language and text, and the forms that the server finds in it.
type Body<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)]);

const BODIES: &[Body<'_>] = &[
    (
        "sql",
        "select 1 from pg_class c where c.relowner = 10",
        &[("owner_filter", "relowner")],
    ),
    (
        "sql",
        "select 1; select 1 from pg_class where pg_catalog.textlike(relname::text, 'qt%')",
        &[("name_pattern", "~~ as a function")],
    ),
    (
        "plpgsql",
        "declare n bigint; begin select count(*) into n from pg_class; if (select count(*)::integer from pg_proc) >= 46 then return n; end if; return 0; end",
        &[("count_literal", "count()")],
    ),
    (
        "plpgsql",
        "declare v text := 'x'; begin return (v operator(pg_catalog.~~) 'qt%')::integer; end",
        &[("name_pattern", "~~")],
    ),
    (
        "plpgsql",
        "begin for n in select c.oid from pg_class as c loop return (select bool_and(p.prosecdef) from pg_proc as p)::integer; end loop; return null; end",
        &[("null_skipping", "bool_and()")],
    ),
    (
        "plpgsql",
        "begin raise exception 'no % here', (select min(c.oid) from pg_class as c); end",
        &[("null_skipping", "min()")],
    ),
    (
        "plpgsql",
        "begin update public.facts set n = 1 where owner_of(n) = 'x' returning n into n; return 1; exception when others then return 46; end",
        &[],
    ),
    (
        "plpgsql",
        "begin return (select count(*) from pg_proc) > 0; end",
        &[],
    ),
];

#[tokio::test(flavor = "current_thread")]
async fn no_language_hides_a_form_from_the_server_and_what_it_can_not_read_is_named() {
    let server = throwaway_postgres::start(&Options::for_tests()).await.unwrap();
    let mut connection = PgConnection::connect_with(&server.connect_options("postgres"))
        .await
        .unwrap();
    connection
        .execute(
            "create table public.facts (n integer); \
             create function public.owner_of(n integer) returns text language sql as 'select ''x''::text'; \
             create view public.named as select relname from pg_catalog.pg_class where relname like 'qt%'",
        )
        .await
        .unwrap();
    connection.execute("begin").await.unwrap();
    for (language, body, expected) in BODIES {
        // It is made without a check: what is wrong with it the server says when it analyses it.
        let sql = format!(
            "set local check_function_bodies = off; set local search_path = pg_catalog, public; \
             create or replace function public.tried() returns bigint language {language} as $made${body}$made$"
        );
        connection.execute(sqlx::AssertSqlSafe(sql)).await.unwrap();
        let found = analysed_routine(&mut connection, "public.tried()").await;
        let found = found.unwrap().unwrap();
        let forms: Vec<(&str, &str)> = found
            .forms
            .iter()
            .map(|(form, what)| (*form, what.as_str()))
            .collect();
        assert_eq!(&forms, expected, "{body}");
        // A function that is not qualified is not found, and that is said.
        let unread = usize::from(body.contains("owner_of"));
        assert_eq!(found.unread.len(), unread, "{body}: {:?}", found.unread);
    }
    let dynamic = "create or replace function public.tried() returns bigint language plpgsql as \
                   $$declare r record; begin execute 'select 1'; return r.n; end$$";
    connection.execute(dynamic).await.unwrap();
    let found = analysed_routine(&mut connection, "public.tried()").await;
    let unread = found.unwrap().unwrap().unread;
    assert_eq!(unread.len(), 3, "{unread:?}");
    assert!(
        unread[1].contains("execute 'select 1'") && unread[2].contains("42P01"),
        "{unread:?}"
    );
    let view = analysed_view(&mut connection, "public.named")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        view.forms.into_iter().collect::<Vec<_>>(),
        [("name_pattern", "~~".to_owned())]
    );
    assert_eq!(
        analysed_routine(&mut connection, "public.nowhere()").await,
        Ok(None)
    );
    assert_eq!(analysed_view(&mut connection, "public.nowhere").await, Ok(None));
    connection.close().await.unwrap();
    server.stop().await.unwrap();
}
