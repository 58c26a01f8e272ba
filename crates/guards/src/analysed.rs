//! Has the server analyse a guard's SELECT, and reads what it came to.
//!
//! Not for: a live database, since a tree is had by making a function, which is undone by the caller's savepoint. The one fact to
//! know: the parser that authors use reads words; here the server says which function, operator and column each is, so an
//! evasion in spelling is none [crates.md: where a verdict rests on a parse, the authority is the server's own tree].

use crate::guard_file::{Guard, Stage};
use crate::tree::{Resolved, forms, parse};
use sqlx::{AssertSqlSafe, PgConnection, Row as _};

/// Who may stand for a form, asked of the catalogs. Built-in ones alone: a guard's `search_path` is empty.
const RESOLVE: &str = "set local search_path = '';
with pattern_operator as (
  select o.oid, o.oprname::text as name, o.oprcode::pg_catalog.oid as routine
  from pg_catalog.pg_operator as o
  where o.oprname = any (array['~~', '!~~', '~~*', '!~~*', '~', '~*', '!~', '!~*', '^@', '~<~', '~>~']::pg_catalog.name[]) and o.oprresult = 'pg_catalog.bool'::pg_catalog.regtype
    and o.oprleft = any (array['pg_catalog.text', 'pg_catalog.name', 'pg_catalog.bpchar']::pg_catalog.regtype[])
), called as (
  select p.oid, p.proname::text as name from pg_catalog.pg_proc as p where p.pronamespace = 'pg_catalog'::pg_catalog.regnamespace
)
select 'pattern' as what, o.oid::text, null, o.name from pattern_operator as o
union all
select 'pattern', o.routine::text, null, o.name || ' as a function' from pattern_operator as o
union all
select 'pattern', c.oid::text, null, c.name || '()' from called as c
where c.name = any (array['starts_with', 'left', 'right', 'position', 'strpos', 'substr', 'substring', 'overlay', 'regexp_match', 'regexp_matches',
  'regexp_like', 'regexp_replace', 'regexp_count', 'regexp_instr', 'regexp_substr', 'regexp_split_to_array', 'regexp_split_to_table',
  'similar_to_escape', 'similar_escape', 'like_escape', 'like', 'notlike'])
union all
select 'null', c.oid::text, null, c.name || '()' from called as c
where c.name = any (array['bool_and', 'bool_or', 'every', 'min', 'max', 'sum', 'avg'])
union all
select 'count', c.oid::text, null, c.name || '()' from called as c where c.name = any (array['count', 'cardinality', 'array_length'])
union all
select 'owner_call', c.oid::text, null, c.name || '()' from called as c where c.name = 'pg_get_userbyid'
union all
select 'owner', a.attrelid::pg_catalog.oid::text, a.attnum::text, a.attname::text
from pg_catalog.pg_attribute as a
where a.attrelid < 16384 and a.attname = any (array['relowner', 'proowner', 'nspowner', 'typowner', 'datdba', 'rolname', 'usename', 'viewowner', 'tableowner']::pg_catalog.name[])";

/// The forms in the server's own tree of `guard` at `stage`, each with what it is; nothing where it has no such stage.
///
/// It makes a function in `pg_temp`, so the caller takes a savepoint before and goes back to it.
///
/// # Errors
/// Why the server did not analyse it, or what it answered that can't be read.
pub async fn analysed(
    conn: &mut PgConnection,
    guard: &Guard,
    stage: Stage,
) -> Result<Option<Vec<(&'static str, String)>>, String> {
    let Some(select) = guard.select(stage) else {
        return Ok(None);
    };
    let sql = format!(
        "set local search_path = '';\n\
         create function pg_temp.analysed(jsonb) returns table (probe text, expected bigint, realized bigint, population bigint, offenders text[]) \
         language sql begin atomic\n{}\n; end;\n\
         select p.prosqlbody::text from pg_catalog.pg_proc as p where p.oid = 'pg_temp.analysed(jsonb)'::pg_catalog.regprocedure;",
        select.trim_end().trim_end_matches(';')
    );
    let printed: String = fetch(conn, sql)
        .await?
        .last()
        .and_then(|row| row.try_get_unchecked(0).ok())
        .ok_or("the server printed no tree")?;
    let tree = parse(&printed).ok_or("the tree that the server printed can't be read")?;
    let resolved = resolve(conn).await?;
    Ok(Some(forms(&tree, &resolved)))
}

pub(crate) async fn resolve(conn: &mut PgConnection) -> Result<Resolved, String> {
    let mut resolved = Resolved::default();
    for row in fetch(conn, RESOLVE.to_owned()).await? {
        let text = |at: usize| row.try_get_unchecked::<Option<String>, _>(at).ok().flatten();
        let (Some(what), Some(name)) = (text(0), text(3)) else {
            continue;
        };
        let Some(oid) = text(1).and_then(|oid| oid.parse().ok()) else {
            continue;
        };
        match (what.as_str(), text(2).and_then(|number| number.parse().ok())) {
            ("pattern", _) => resolved.patterns.push((oid, name)),
            ("null", _) => resolved.null_skipping.push((oid, name)),
            ("count", _) => resolved.counts.push((oid, name)),
            ("owner_call", _) => resolved.owner_calls.push((oid, name)),
            ("owner", Some(number)) => resolved.owners.push((oid, number, name)),
            _ => {}
        }
    }
    if [&resolved.patterns, &resolved.null_skipping, &resolved.counts]
        .iter()
        .any(|known| known.is_empty())
        || resolved.owners.is_empty()
    {
        return Err("the catalogs name no function, operator or column that a form could be".to_owned());
    }
    Ok(resolved)
}

pub(crate) async fn fetch(
    conn: &mut PgConnection,
    sql: String,
) -> Result<Vec<sqlx::postgres::PgRow>, String> {
    sqlx::raw_sql(AssertSqlSafe(sql))
        .fetch_all(conn)
        .await
        .map_err(|error| match error.as_database_error() {
            Some(refusal) => format!("{} {}", refusal.code().unwrap_or_default(), refusal.message()),
            None => error.to_string(),
        })
}
