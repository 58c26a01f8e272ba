//! Who may do what: every kind of ACL, and reads however they come about.

use capture::{Grant, Options};

use crate::cluster::Cluster;
use crate::{database, execute, take, try_take};

const ROLES: &str = "create role owner_r; create role giver; create role taker; ";

fn has(acl: &[Grant], grantee: &str, grantor: &str, privilege: &str, grantable: bool) -> bool {
    acl.iter().any(|grant| {
        grant.grantee == grantee
            && grant.grantor == grantor
            && grant.privileges.iter().any(|p| p == privilege)
            && grant.grantable.iter().any(|p| p == privilege) == grantable
    })
}

#[tokio::test(flavor = "current_thread")]
async fn every_kind_of_acl_is_seen_with_its_grantor() {
    let cluster = Cluster::start().await;
    let script = format!(
        "{ROLES}
         create schema s; grant usage on schema s to taker;
         create table s.t (a integer, b integer); alter table s.t owner to owner_r;
         create table s.untouched (a integer);
         grant usage on schema s to owner_r, giver;
         set role owner_r; grant select on s.t to giver with grant option; grant update (b) on s.t to public; reset role;
         set role giver; grant select on s.t to taker; reset role;
         create sequence s.q; grant usage on sequence s.q to taker;
         create function s.f() returns integer language sql as 'select 1'; revoke all on function s.f() from public; grant execute on function s.f() to taker;
         create function s.open() returns integer language sql as 'select 1';
         create domain s.d as integer; revoke usage on type s.d from public; grant usage on type s.d to taker;
         grant temporary, create on database acl to taker with grant option;
         grant usage on language plpgsql to taker;
         create foreign data wrapper w; grant usage on foreign data wrapper w to taker;
         create server srv foreign data wrapper w; grant usage on foreign server srv to taker;
         select lo_create(4242); grant select on large object 4242 to taker;
         grant set on parameter log_statement to taker;
         alter default privileges for role owner_r revoke execute on routines from public;
         alter default privileges for role owner_r in schema s grant select on tables to taker;"
    );
    database(&cluster, "acl", &script).await;
    let capture = take(&cluster, "acl").await;
    let facts = capture.facts();

    let relation = |identity: &str| {
        facts
            .relations
            .relation
            .iter()
            .find(|r| r.identity == identity)
            .unwrap()
    };
    let table = relation("s.t");
    assert!(!table.acl_is_null);
    assert!(has(&table.acl, "giver", "owner_r", "SELECT", true));
    assert!(
        has(&table.acl, "taker", "giver", "SELECT", false),
        "the grantor is no owner"
    );
    assert!(has(&table.columns[1].acl, "public", "owner_r", "UPDATE", false));
    assert!(table.columns[0].acl.is_empty());
    let untouched = relation("s.untouched");
    assert!(
        untouched.acl_is_null && has(&untouched.acl, "postgres", "postgres", "TRUNCATE", false),
        "NULL is expanded"
    );
    assert!(has(&relation("s.q").acl, "taker", "postgres", "USAGE", false));

    let routine = |identity: &str| {
        facts
            .routines
            .routine
            .iter()
            .find(|r| r.identity == identity)
            .unwrap()
    };
    assert!(has(&routine("s.f()").acl, "taker", "postgres", "EXECUTE", false));
    assert!(!routine("s.f()").acl.iter().any(Grant::is_public));
    assert!(
        routine("s.open()").acl_is_null
            && has(&routine("s.open()").acl, "public", "postgres", "EXECUTE", false)
    );
    let domain = facts.types.r#type.iter().find(|t| t.identity == "s.d").unwrap();
    assert!(
        has(&domain.acl, "taker", "postgres", "USAGE", false) && !domain.acl.iter().any(Grant::is_public)
    );
    let schema = facts.database.schema.iter().find(|s| s.name == "s").unwrap();
    assert!(has(&schema.acl, "taker", "postgres", "USAGE", false));
    assert!(has(
        &facts.database.database.acl,
        "taker",
        "postgres",
        "CREATE",
        true
    ));

    let other = |class: &str| {
        facts
            .database
            .other_acl
            .iter()
            .find(|o| o.class == class)
            .unwrap()
    };
    assert!(has(&other("language").acl, "taker", "postgres", "USAGE", false));
    assert!(has(
        &other("foreign data wrapper").acl,
        "taker",
        "postgres",
        "USAGE",
        false
    ));
    assert!(has(
        &other("foreign server").acl,
        "taker",
        "postgres",
        "USAGE",
        false
    ));
    assert!(has(
        &other("large object").acl,
        "taker",
        "postgres",
        "SELECT",
        false
    ));
    assert!(has(&other("parameter").acl, "taker", "postgres", "SET", false));

    let defaults: Vec<(Option<&str>, &str)> = facts
        .database
        .default_acl
        .iter()
        .map(|d| (d.schema.as_deref(), d.class.as_str()))
        .collect();
    assert_eq!(defaults, [(Some("s"), "table"), (None, "routine")]);
}

#[tokio::test(flavor = "current_thread")]
async fn null_and_explicit_default_acl_have_one_digest() {
    let cluster = Cluster::start().await;
    database(
        &cluster,
        "acl",
        &format!("{ROLES} create table public.t (a integer)"),
    )
    .await;
    let before = take(&cluster, "acl").await.facts().relations.relation[0].clone();
    execute(
        &cluster,
        "acl",
        "grant select on public.t to taker; revoke select on public.t from taker",
    )
    .await;
    let after = take(&cluster, "acl").await.facts().relations.relation[0].clone();
    assert!(before.acl_is_null && !after.acl_is_null);
    assert_eq!(before.privilege_sha256, after.privilege_sha256);
    execute(&cluster, "acl", "grant select on public.t to taker").await;
    assert_ne!(
        before.privilege_sha256,
        take(&cluster, "acl").await.facts().relations.relation[0].privilege_sha256
    );
}

async fn reads(cluster: &Cluster, reader: &str) -> Vec<(String, bool, Vec<String>, bool, Vec<String>)> {
    let capture = try_take(cluster, "reads", &Options::new(reader)).await.unwrap();
    let select = &capture.facts().select_set.select;
    select
        .iter()
        .map(|s| {
            (
                s.identity.clone(),
                s.whole,
                s.columns.clone(),
                s.schema_usage,
                s.because.clone(),
            )
        })
        .collect()
}

#[tokio::test(flavor = "current_thread")]
async fn reads_through_membership_are_in_the_select_set() {
    let cluster = Cluster::start().await;
    database(
        &cluster,
        "reads",
        "create role reader login; create role grandparent; create role parent in role grandparent; grant parent to reader;
         create role bystander; create role all_seeing in role pg_read_all_data; create role noinherit_r noinherit in role parent;
         create schema closed;
         create table public.direct (a integer); grant select on public.direct to reader;
         create table public.inherited (a integer); grant select on public.inherited to grandparent;
         create table public.open (a integer, b integer, c integer); grant select (c, a) on public.open to public;
         create table public.hidden (a integer); grant select on public.hidden to bystander; grant insert on public.hidden to reader;
         create table public.owned (a integer); alter table public.owned owner to parent;
         create table closed.away (a integer); grant select on closed.away to reader;
         create sequence public.seq; grant select on sequence public.seq to parent;
         create materialized view public.mv as select 1 as one; grant select on public.mv to parent;",
    )
    .await;
    let row = |identity: &str, whole, columns: &[&str], usage, because: &[&str]| {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        (identity.to_owned(), whole, owned(columns), usage, owned(because))
    };
    assert_eq!(
        reads(&cluster, "reader").await,
        [
            row("closed.away", true, &["a"], false, &["grant to reader"]),
            row("public.direct", true, &["a"], true, &["grant to reader"]),
            row("public.inherited", true, &["a"], true, &["grant to grandparent"]),
            row("public.mv", true, &["one"], true, &["grant to parent"]),
            row(
                "public.open",
                false,
                &["a", "c"],
                true,
                &["column grant to public"]
            ),
            row(
                "public.owned",
                true,
                &["a"],
                true,
                &["grant to parent", "owner parent"]
            ),
            row("public.seq", true, &[], true, &["grant to parent"]),
        ]
        .into_iter()
        // An owner's implicit right stands in no ACL while that is NULL.
        .map(|mut row| {
            if row.0 == "public.owned" {
                row.4.retain(|because| because.starts_with("owner"));
            }
            row
        })
        .collect::<Vec<_>>()
    );
    assert_eq!(
        reads(&cluster, "noinherit_r").await,
        [row(
            "public.open",
            false,
            &["a", "c"],
            true,
            &["column grant to public"]
        )]
    );
    let all = reads(&cluster, "all_seeing").await;
    assert_eq!(all.len(), 8);
    assert!(
        all.iter()
            .all(|row| row.3 && row.4.contains(&"member of pg_read_all_data".to_owned())),
        "{all:?}"
    );
    assert!(
        reads(&cluster, "postgres")
            .await
            .iter()
            .all(|row| row.4.contains(&"superuser".to_owned()))
    );
}
