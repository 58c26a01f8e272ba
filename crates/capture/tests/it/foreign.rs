//! Databases that nobody here wrote: odd names and every kind of object.

use capture::Capture;
use sqlx::{AssertSqlSafe, Row as _};

use crate::cluster::Cluster;
use crate::{database, execute, take};

/// One of everything that a real database may hold.
pub(crate) const ODD: &str = r#"
create schema "Mixed Case";
create role "Ünusual Röle" nologin;
create type "Mixed Case".colour as enum ('b', 'a');
create type "Mixed Case".pair as (x integer, "Y" text);
create type "Mixed Case".span as range (subtype = numeric);
create domain "Mixed Case".code as text collate "C" default 'x' not null constraint code_check check (value <> '');
create table "Mixed Case"."Ta""ble" (
  id bigint generated always as identity,
  "from" text collate "C" default 'Ngày "quoted"',
  dropped integer,
  twice bigint generated always as (id * 2) stored,
  colour "Mixed Case".colour,
  constraint "The Key" primary key (id)
);
alter table "Mixed Case"."Ta""ble" drop column dropped;
comment on column "Mixed Case"."Ta""ble"."from" is E'a\r\n\ttab "quoted" \\ \'literal\' """';
create table "Mixed Case".child (
  parent bigint not null constraint child_parent_fk references "Mixed Case"."Ta""ble" on delete cascade on update set null deferrable initially deferred,
  code "Mixed Case".code
) with (fillfactor = 70);
create unique index child_code_idx on "Mixed Case".child (lower(code)) where code <> 'y';
create table public.parted (id integer not null, at date not null) partition by range (at);
create table public.parted_2020 partition of public.parted for values from ('2020-01-01') to ('2021-01-01');
create unlogged table public.scratch () inherits (public.inh_parent);
create sequence public.unowned increment -3 minvalue -9223372036854775808 cycle;
create function public.atomic(a integer, b integer default 2) returns integer language sql begin atomic select (a + (select count(*) from "Mixed Case".child)::integer) - b; end;
create function public.crlf() returns text language sql strict leakproof parallel safe set work_mem = '4MB' set search_path = pg_catalog, pg_temp as E'select\r\n\'x\'\r';
create function public.tabled(variadic v text[]) returns table (a integer, "B" text) language plpgsql stable security definer as $$begin return; end$$;
create procedure public.proc(inout x integer) language plpgsql as $$begin end$$;
create aggregate public.total(integer) (sfunc = int4pl, stype = integer, initcond = '0');
create function public.notice() returns trigger language plpgsql as $$begin return new; end$$;
create function public.on_ddl() returns event_trigger language plpgsql as $$begin end$$;
create trigger "Trig 1" before update of "from" on "Mixed Case"."Ta""ble" for each row execute function public.notice('Mã', 'it''s', '');
create trigger parted_trg after insert on public.parted for each row execute function public.notice();
alter table "Mixed Case"."Ta""ble" disable trigger "Trig 1";
create event trigger ddl_watch on ddl_command_end execute function public.on_ddl();
create view public.v as select t."from", public.atomic(1) as n from "Mixed Case"."Ta""ble" as t;
create view public.v2 with (security_invoker = true) as select v."from" from public.v;
create materialized view public.mv as select count(*) as n from public.v2;
create rule scratch_ro as on delete to public.scratch where old.id > 1 do instead nothing;
alter table public.scratch enable row level security;
alter table public.scratch force row level security;
create policy "only mine" on public.scratch as restrictive for select to "Ünusual Röle" using (id > 0);
alter view public.v owner to "Ünusual Röle";
"#;

const BEFORE: &str = "create table public.inh_parent (id integer);";

async fn odd(cluster: &Cluster, name: &str, noise: &str) -> Capture {
    database(cluster, name, &format!("{noise}{BEFORE}{ODD}")).await;
    take(cluster, name).await
}

#[tokio::test(flavor = "current_thread")]
async fn odd_objects_are_captured_by_stable_names() {
    let cluster = Cluster::start().await;
    let capture = odd(&cluster, "odd", "").await;
    let facts = capture.facts();

    let table = facts
        .relations
        .relation
        .iter()
        .find(|r| r.identity == r#""Mixed Case"."Ta""ble""#)
        .unwrap();
    let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["id", "from", "twice", "colour"]);
    assert_eq!(table.columns[0].identity.as_deref(), Some("always"));
    assert_eq!(table.columns[1].collation.as_deref(), Some("\"C\""));
    assert_eq!(table.columns[2].generated.as_deref(), Some("(id * 2)"));
    assert!(table.columns[2].default.is_none());

    let kind = |identity: &str| {
        facts
            .relations
            .relation
            .iter()
            .find(|r| r.identity == identity)
            .unwrap()
            .kind
            .clone()
    };
    assert_eq!(kind("public.parted"), "partitioned table");
    assert_eq!(kind("public.mv"), "materialized view");
    assert_eq!(kind("public.unowned"), "sequence");
    let partition = facts
        .relations
        .relation
        .iter()
        .find(|r| r.identity == "public.parted_2020")
        .unwrap();
    assert_eq!(
        partition.inherits.as_deref(),
        Some(&["public.parted".to_owned()][..])
    );
    let scratch = facts
        .relations
        .relation
        .iter()
        .find(|r| r.identity == "public.scratch")
        .unwrap();
    assert!(scratch.row_security && scratch.force_row_security && scratch.unlogged == Some(true));
    let v2 = facts
        .relations
        .relation
        .iter()
        .find(|r| r.identity == "public.v2")
        .unwrap();
    assert_eq!(v2.options, ["security_invoker=true"]);

    let key = facts
        .constraints
        .constraint
        .iter()
        .find(|c| c.name == "child_parent_fk")
        .unwrap();
    assert_eq!(
        (key.on_delete.as_deref(), key.on_update.as_deref()),
        (Some("cascade"), Some("set null"))
    );
    assert!(key.deferrable && key.deferred && key.validated);
    assert!(
        facts
            .constraints
            .constraint
            .iter()
            .any(|c| c.name == "code_check" && c.on == "\"Mixed Case\".code")
    );

    let trigger = facts
        .triggers
        .trigger
        .iter()
        .find(|t| t.name == "Trig 1")
        .unwrap();
    assert_eq!(
        (trigger.enabled.as_str(), &trigger.arguments[..]),
        ("D", &["Mã".to_owned(), "it's".to_owned(), String::new()][..])
    );
    assert!(
        facts
            .triggers
            .trigger
            .iter()
            .any(|t| t.on == "public.parted_2020" && t.inherited)
    );
    assert_eq!(facts.database.event_trigger[0].function, "public.on_ddl()");
    assert_eq!(facts.triggers.policy[0].roles, ["Ünusual Röle"]);
    assert_eq!(facts.views.rule[0].name, "scratch_ro");

    let routine = |identity: &str| {
        facts
            .routines
            .routine
            .iter()
            .find(|r| r.identity == identity)
            .unwrap()
    };
    assert!(
        routine("public.atomic(integer,integer)")
            .body
            .contains("\"Mixed Case\".child")
    );
    assert!(
        routine("public.crlf()").body.contains("\r\n"),
        "the body is kept as it is"
    );
    assert_eq!(routine("public.total(integer)").kind, "aggregate");
    assert_eq!(routine("public.proc(integer)").result, None);

    let kinds: Vec<(&str, &str)> = facts
        .types
        .r#type
        .iter()
        .map(|t| (t.identity.as_str(), t.kind.as_str()))
        .collect();
    for expected in [
        ("\"Mixed Case\".code", "domain"),
        ("\"Mixed Case\".colour", "enum"),
        ("\"Mixed Case\".pair", "composite"),
        ("\"Mixed Case\".span", "range"),
    ] {
        assert!(kinds.contains(&expected), "{expected:?} in {kinds:?}");
    }
    let edge = |from: &str, to: &str| {
        facts
            .dependencies
            .dependency
            .iter()
            .find(|d| d.from == from && d.to == to)
    };
    assert_eq!(
        edge("public.v", r#""Mixed Case"."Ta""ble""#).unwrap().columns,
        ["from"]
    );
    assert_eq!(
        edge("public.v", "public.atomic(integer,integer)").unwrap().via,
        "rule"
    );
    assert!(
        edge("public.atomic(integer,integer)", "\"Mixed Case\".child").is_some(),
        "BEGIN ATOMIC records what it reads"
    );
    assert!(edge("public.v2", "public.v").is_some());
    assert_eq!(
        edge(r#""Mixed Case"."Ta""ble""#, "public.notice()")
            .unwrap()
            .name
            .as_deref(),
        Some("Trig 1")
    );
    assert!(
        facts
            .comments
            .comment
            .iter()
            .find(|c| c.class == "table column")
            .unwrap()
            .text
            .contains("\r\n\ttab \"quoted\" \\ 'literal' \"\"\"")
    );

    let folder = tempfile::tempdir().unwrap();
    capture.write(&folder.path().join("odd")).unwrap();
    assert_eq!(
        Capture::load(&folder.path().join("odd")).unwrap(),
        capture,
        "every odd text survives the files"
    );
}

#[tokio::test(flavor = "current_thread")]
async fn two_captures_are_byte_identical_whatever_the_oids() {
    let cluster = Cluster::start().await;
    let first = odd(&cluster, "odd", "").await;
    assert_eq!(first.files(), take(&cluster, "odd").await.files());
    execute(&cluster, "postgres", "alter database odd rename to odd_before").await;
    let noise = "create table public.noise (a serial primary key, b text); create view public.nv as select a from public.noise; \
        create function public.nf() returns int language sql as 'select 1'; drop view public.nv; drop table public.noise; drop function public.nf();";
    let odd_again = ODD.replace("create role \"Ünusual Röle\" nologin;", "");
    database(&cluster, "odd", &format!("{noise}{BEFORE}{odd_again}")).await;
    assert_eq!(first.files(), take(&cluster, "odd").await.files());
}

/// Every hash function of the control plane that reads catalogs.
fn hash_functions() -> String {
    let functions = [
        (
            "h06",
            "p_routine regprocedure",
            include_str!("../../../fix7-manifest/src/routines/hash/h06.sql"),
        ),
        (
            "h06_view",
            "p_view regclass",
            include_str!("../../../fix7-manifest/src/routines/hash/h06_view.sql"),
        ),
        (
            "h07_relation",
            "p_relation regclass",
            include_str!("../../../fix7-manifest/src/routines/hash/h07_relation.sql"),
        ),
        (
            "h07_routine",
            "p_routine regprocedure",
            include_str!("../../../fix7-manifest/src/routines/hash/h07_routine.sql"),
        ),
        (
            "h07_schema",
            "p_schema regnamespace",
            include_str!("../../../fix7-manifest/src/routines/hash/h07_schema.sql"),
        ),
        (
            "h07_type",
            "p_type regtype",
            include_str!("../../../fix7-manifest/src/routines/hash/h07_type.sql"),
        ),
        (
            "h07_database",
            "",
            include_str!("../../../fix7-manifest/src/routines/hash/h07_database.sql"),
        ),
    ];
    let mut script = "create schema cp;".to_owned();
    for (name, arguments, body) in functions {
        script.push_str("create function cp.");
        script.push_str(name);
        script.push('(');
        script.push_str(arguments);
        script.push_str(") returns bytea language sql stable parallel safe set search_path = pg_catalog, pg_temp as $body$");
        script.push_str(body);
        script.push_str("$body$;");
    }
    script
}

/// Compares every H06 and H07 of the capture with the server's own.
pub(crate) async fn digests_agree(cluster: &Cluster, name: &str) {
    execute(cluster, name, &hash_functions()).await;
    let capture = take(cluster, name).await;
    let facts = capture.facts();
    let mut wanted: Vec<(String, String, String)> = Vec::new();
    let mut want = |call: &str, identity: &str, digest: Option<&String>| {
        wanted.push((
            call.to_owned(),
            identity.to_owned(),
            digest.expect("a digest").clone(),
        ));
    };
    want(
        "h07_database()",
        "",
        facts.database.database.privilege_sha256.as_ref(),
    );
    for schema in &facts.database.schema {
        want(
            "h07_schema($1::text::regnamespace)",
            &schema.name,
            schema.privilege_sha256.as_ref(),
        );
    }
    for relation in &facts.relations.relation {
        want(
            "h07_relation($1::text::regclass)",
            &relation.identity,
            relation.privilege_sha256.as_ref(),
        );
    }
    for kind in &facts.types.r#type {
        want(
            "h07_type($1::text::regtype)",
            &kind.identity,
            kind.privilege_sha256.as_ref(),
        );
    }
    for routine in &facts.routines.routine {
        want(
            "h06($1::text::regprocedure)",
            &routine.identity,
            routine.source_sha256.as_ref(),
        );
        want(
            "h07_routine($1::text::regprocedure)",
            &routine.identity,
            routine.privilege_sha256.as_ref(),
        );
    }
    for view in &facts.views.view {
        want(
            "h06_view($1::text::regclass)",
            &view.identity,
            Some(&view.source_sha256),
        );
    }
    assert!(wanted.len() > 40, "{}", wanted.len());
    let mut connection = cluster.connect(name).await;
    for (call, identity, digest) in wanted {
        let query = format!("select encode(cp.{call}, 'hex'), $1::text");
        let row = sqlx::query(AssertSqlSafe(query))
            .bind(&identity)
            .fetch_one(&mut connection)
            .await
            .unwrap();
        assert_eq!(
            row.get::<Option<String>, _>(0),
            Some(digest),
            "{call} of {identity}"
        );
    }
}

#[tokio::test(flavor = "current_thread")]
async fn digests_are_those_that_the_server_computes() {
    let cluster = Cluster::start().await;
    odd(&cluster, "odd", "").await;
    execute(
        &cluster,
        "odd",
        r#"grant usage on schema "Mixed Case" to "Ünusual Röle"; grant select ("from"), update (id, "from") on "Mixed Case"."Ta""ble" to public;
           grant select on "Mixed Case"."Ta""ble" to "Ünusual Röle" with grant option;
           set role "Ünusual Röle"; grant select on "Mixed Case"."Ta""ble" to public; reset role;
           grant usage on sequence public.unowned to "Ünusual Röle"; revoke all on function public.crlf() from public;
           revoke all on schema "Mixed Case" from postgres; revoke usage on type "Mixed Case".code from public;
           grant create on database odd to "Ünusual Röle""#,
    )
    .await;
    digests_agree(&cluster, "odd").await;
}

#[tokio::test(flavor = "current_thread")]
async fn objects_of_an_extension_are_marked() {
    let cluster = Cluster::start().await;
    // What an extension owns is what pg_depend says; made by hand, since no extension but plpgsql is sure to be there.
    database(
        &cluster,
        "extended",
        "create table public.mine (id integer); create table public.theirs (id integer); create function public.f() returns integer language sql as 'select 1'; \
         alter extension plpgsql add table public.theirs; alter extension plpgsql add function public.f()",
    )
    .await;
    let capture = take(&cluster, "extended").await;
    let marks: Vec<Option<&str>> = capture
        .facts()
        .relations
        .relation
        .iter()
        .map(|r| r.extension.as_deref())
        .collect();
    assert_eq!(marks, [None, Some("plpgsql")]);
    assert_eq!(
        capture.facts().routines.routine[0].extension.as_deref(),
        Some("plpgsql")
    );
}
