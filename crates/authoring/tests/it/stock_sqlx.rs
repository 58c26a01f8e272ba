//! `migrations/` and `seeds/` are what a stock `sqlx migrate` takes, forth and back.
//!
//! For: `sqlx migrate run`, `sqlx migrate run --source seeds --ignore-missing` and both reverts, as the
//! README says them. The fact to know: sqlx writes its own row after each file in the same transaction, so
//! a role or setting that a file left behind would fail here [ruling B13].

use std::collections::BTreeSet;

use sqlx::migrate::Migrator;
use sqlx::{Connection as _, PgConnection};

use crate::plane::{Plane, Stage, root, run, texts};

/// Everything that the catalogs say outside system schemas, and every role, one fact a line.
const FACTS: &str = "
with schemas as (
  select n.oid, n.nspname from pg_catalog.pg_namespace n
  where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
)
select fact from (
  select concat_ws('|', 'schema', n.nspname, pg_catalog.pg_get_userbyid(n.nspowner), n.nspacl::text, pg_catalog.obj_description(n.oid, 'pg_namespace')) as fact
  from pg_catalog.pg_namespace n join schemas s on s.oid = n.oid
  union all
  select concat_ws('|', 'relation', s.nspname, c.relname, c.relkind, pg_catalog.pg_get_userbyid(c.relowner), c.relacl::text, c.reloptions::text, c.relrowsecurity, pg_catalog.obj_description(c.oid, 'pg_class'))
  from pg_catalog.pg_class c join schemas s on s.oid = c.relnamespace
  union all
  select concat_ws('|', 'column', s.nspname, c.relname, a.attname, a.atttypid::regtype, a.attnotnull, a.attacl::text, pg_catalog.pg_get_expr(d.adbin, d.adrelid), pg_catalog.col_description(c.oid, a.attnum))
  from pg_catalog.pg_attribute a join pg_catalog.pg_class c on c.oid = a.attrelid join schemas s on s.oid = c.relnamespace
  left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  where a.attnum > 0 and not a.attisdropped
  union all
  select concat_ws('|', 'view', s.nspname, c.relname, pg_catalog.md5(pg_catalog.pg_get_viewdef(c.oid)))
  from pg_catalog.pg_class c join schemas s on s.oid = c.relnamespace where c.relkind = 'v'
  union all
  select concat_ws('|', 'routine', s.nspname, p.oid::regprocedure, pg_catalog.pg_get_userbyid(p.proowner), p.proacl::text, p.proconfig::text, p.prosecdef, pg_catalog.md5(coalesce(p.prosrc, '')), pg_catalog.obj_description(p.oid, 'pg_proc'))
  from pg_catalog.pg_proc p join schemas s on s.oid = p.pronamespace
  union all
  select concat_ws('|', 'type', s.nspname, t.typname, t.typtype, pg_catalog.pg_get_userbyid(t.typowner), t.typacl::text)
  from pg_catalog.pg_type t join schemas s on s.oid = t.typnamespace
  union all
  select concat_ws('|', 'constraint', s.nspname, k.conrelid::regclass, k.conname, pg_catalog.pg_get_constraintdef(k.oid))
  from pg_catalog.pg_constraint k join schemas s on s.oid = k.connamespace
  union all
  select concat_ws('|', 'index', s.nspname, pg_catalog.pg_get_indexdef(x.indexrelid))
  from pg_catalog.pg_index x join pg_catalog.pg_class c on c.oid = x.indexrelid join schemas s on s.oid = c.relnamespace
  union all
  select concat_ws('|', 'trigger', t.tgenabled, pg_catalog.pg_get_triggerdef(t.oid)) from pg_catalog.pg_trigger t where not t.tgisinternal
  union all
  select concat_ws('|', 'default_acl', pg_catalog.pg_get_userbyid(a.defaclrole), a.defaclnamespace, a.defaclobjtype, a.defaclacl::text) from pg_catalog.pg_default_acl a
  union all
  select concat_ws('|', 'role', r.rolname, r.rolsuper, r.rolinherit, r.rolcreaterole, r.rolcreatedb, r.rolcanlogin, r.rolreplication, r.rolbypassrls, r.rolconfig::text, pg_catalog.shobj_description(r.oid, 'pg_authid'))
  from pg_catalog.pg_roles r
  union all
  select concat_ws('|', 'member', m.roleid::regrole, m.member::regrole, m.grantor::regrole, m.admin_option) from pg_catalog.pg_auth_members m
  union all
  select concat_ws('|', 'setting', s.setdatabase <> 0, s.setrole <> 0, s.setconfig::text) from pg_catalog.pg_db_role_setting s
  union all
  select concat_ws('|', 'database', d.datname, d.datdba::regrole, d.datacl::text) from pg_catalog.pg_database d
) f
order by fact collate \"C\"";

/// The facts without those of sqlx's own table, which stays behind empty.
async fn facts(session: &mut PgConnection) -> Vec<String> {
    let all = texts(session, FACTS).await;
    all.into_iter()
        .filter(|fact| !fact.contains("_sqlx_migrations"))
        .collect()
}

/// The first lines that one side has and the other has not.
fn residue(before: &[String], after: &[String]) -> Vec<String> {
    let (before, after): (BTreeSet<_>, BTreeSet<_>) = (before.iter().collect(), after.iter().collect());
    let gone = before.difference(&after).map(|fact| format!("- {fact}"));
    let come = after.difference(&before).map(|fact| format!("+ {fact}"));
    gone.chain(come).take(10).collect()
}

async fn applied(session: &mut PgConnection) -> usize {
    let all = texts(
        session,
        "select version::text from public._sqlx_migrations where success",
    )
    .await;
    all.len()
}

/// Kinds of object whose default privileges a role of the control plane has changed.
async fn default_acls(session: &mut PgConnection) -> Vec<String> {
    let sql = "select defaclobjtype::text from pg_default_acl where defaclrole::regrole::text ~ '^qt001_' order by defaclobjtype desc";
    texts(session, sql).await
}

#[tokio::test]
async fn stock_sqlx_runs_and_reverts_both_folders() {
    let plane = Plane::at(Stage::Estate).await;
    let mut session = plane.login("harness").await;
    let before = facts(&mut session).await;
    assert!(
        before.len() > 1000,
        "the estate has facts, found {}",
        before.len()
    );

    let migrations = Migrator::new(root().join("migrations")).await.unwrap();
    let mut seeds = Migrator::new(root().join("seeds")).await.unwrap();
    seeds.set_ignore_missing(true);
    let up = |all: &Migrator| {
        all.iter()
            .filter(|one| one.migration_type.is_up_migration())
            .count()
    };
    migrations.run(&mut session).await.unwrap();
    assert_eq!(applied(&mut session).await, up(&migrations));
    let empty = facts(&mut session).await;
    seeds.run(&mut session).await.unwrap();
    assert_eq!(applied(&mut session).await, up(&migrations) + up(&seeds));
    let seeded = texts(
        &mut session,
        "select count(*)::text from qt001_cp.manifest_envelope",
    )
    .await;
    assert_eq!(seeded, ["27"]);
    assert_eq!(default_acls(&mut session).await, ["f", "T"]);
    // Run again: nothing is left to do, and no digest of an applied file has changed.
    seeds.run(&mut session).await.unwrap();

    seeds.undo(&mut session, 0).await.unwrap();
    assert_eq!(applied(&mut session).await, up(&migrations));
    assert_eq!(residue(&empty, &facts(&mut session).await), Vec::<String>::new());
    migrations.undo(&mut session, 0).await.unwrap();
    assert_eq!(applied(&mut session).await, 0);
    let after = facts(&mut session).await;
    assert_eq!(residue(&before, &after), Vec::<String>::new());
    assert_eq!(before, after);
    assert_eq!(default_acls(&mut session).await, Vec::<String>::new());
    session.close().await.unwrap();
    plane.stop().await;
}

/// The comparison of this file, on two states that differ in one thing.
#[tokio::test]
async fn facts_tell_what_a_revert_left_behind() {
    let mut plane = Plane::at(Stage::Estate).await;
    let before = facts(&mut plane.connection).await;
    for planted in [
        "create schema planted",
        "create role planted",
        "grant pg_read_all_data to directus",
        "alter default privileges revoke execute on functions from public",
        "comment on schema public is 'planted'",
        "alter role directus set work_mem = '1MB'",
        "create domain public.planted as text",
        "grant usage on schema public to pg_monitor",
    ] {
        plane.mark().await;
        run(&mut plane.connection, planted).await;
        let after = facts(&mut plane.connection).await;
        assert_ne!(residue(&before, &after), Vec::<String>::new(), "{planted}");
        plane.back().await;
    }
    assert_eq!(
        residue(&before, &facts(&mut plane.connection).await),
        Vec::<String>::new()
    );
    plane.stop().await;
}
