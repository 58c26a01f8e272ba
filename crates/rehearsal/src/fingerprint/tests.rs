//! Whatever changes, a state that is partly remembered is the state as it is printed anew.
//!
//! Each change is made to an object that is older than the transaction and to one of its own, is
//! seen, and is seen to be gone after a rollback. The one fact to know: a kind of change that is
//! missing below is not proven to be seen.

use super::{Fingerprint, Fingerprinter};
use crate::session::Session;
use sqlx::{AssertSqlSafe, ConnectOptions as _};
use throwaway_postgres::{Options, Provider, Server};

/// Objects of the schema `%`, once committed before the transaction and once made in it.
const OBJECTS: &str = "
    create role %_role;
    create role %_other;
    grant %_other to %_role;
    create schema % authorization %_role;
    create type %.mood as enum ('sad', 'glad');
    create domain %.short as text constraint short_fits check (length(value) < 9);
    create sequence %.counter;
    create function %.twice(n integer default 1) returns integer language sql immutable as 'select n * 2';
    create function %.fires() returns trigger language plpgsql as 'begin return new; end';
    create table %.parent (id integer constraint parent_pk primary key, mood %.mood default 'sad');
    create table %.child (
        id integer constraint child_pk primary key, name %.short, n integer default %.twice(3),
        parent_id integer constraint child_parent_fk references %.parent deferrable);
    create index child_name on %.child (lower(name)) where n > 0;
    create trigger fires before insert on %.child for each row execute function %.fires();
    create view %.seen as select c.name, p.mood, %.twice(c.n) as n from %.child c join %.parent p on p.id = c.parent_id;
    create rule quiet as on update to %.child where old.n < 0 do instead nothing;
    create policy own_rows on %.child to %_role using (n > 0);
    create statistics %.child_stats on id, n from %.child;
    create table %.none ();
    comment on table %.child is 'a child';
    comment on column %.child.n is 'a number';
    grant select (name) on %.child to %_other;
    insert into %.parent values (1, 'glad');
    insert into %.child values (1, 'one', 1, 1);
";

/// Changes of one object each.
const CHANGES: &[&str] = &[
    // names, which definitions of others hold
    "alter table %.parent rename to parents",
    "alter table %.parent rename column id to parent_no",
    "alter function %.twice(integer) rename to double",
    "alter type %.mood rename to temper",
    "alter type %.mood rename value 'sad' to 'blue'",
    "alter domain %.short rename to brief",
    "alter role %_other rename to %_another",
    "alter role %_role rename to %_actor",
    "alter index %.child_name rename to child_by_name",
    "alter schema % rename to %_moved",
    "alter trigger fires on %.child rename to starts",
    "alter rule quiet on %.child rename to silent",
    "alter table %.child rename constraint child_parent_fk to child_fk",
    "alter sequence %.counter rename to number",
    "alter policy own_rows on %.child rename to rows_of_own",
    "alter table %.parent rename to spare; alter table %.child rename to parent; alter table %.spare rename to child",
    // owners, privileges, comments
    "alter table %.child owner to %_other",
    "alter function %.twice(integer) owner to %_other",
    "alter schema % owner to %_other",
    "alter type %.mood owner to %_other",
    "grant insert on %.child to %_role with grant option",
    "revoke select (name) on %.child from %_other",
    "grant update (n) on %.child to %_role",
    "grant usage on schema % to public",
    "revoke execute on function %.twice(integer) from public",
    "grant usage on type %.mood to %_other",
    "grant usage on sequence %.counter to %_other",
    "alter default privileges in schema % grant select on tables to %_role",
    "revoke %_other from %_role",
    "grant %_other to %_role with admin option",
    "comment on table %.child is 'another child'",
    "comment on table %.child is null",
    "comment on column %.child.id is 'the key'",
    "comment on schema % is 'a schema'",
    "comment on function %.twice(integer) is 'a function'",
    "comment on constraint child_pk on %.child is 'a constraint'",
    "comment on trigger fires on %.child is 'a trigger'",
    "comment on index %.child_name is 'an index'",
    "comment on type %.mood is 'a type'",
    "comment on role %_role is 'a role'",
    // columns, constraints, triggers and the rest of a relation
    "alter table %.child add column added text",
    "alter table %.child drop column id cascade",
    "alter table %.parent alter column mood drop default",
    "alter table %.child alter column n set default 4",
    "alter table %.child alter column n set not null",
    "alter table %.child alter column name set storage external",
    "alter table %.none add column first integer",
    "alter table %.child add constraint n_is_positive check (n > 0)",
    "alter table %.child add constraint n_is_small check (n < 99) not valid",
    "alter table %.child drop constraint child_parent_fk",
    "alter table %.child alter constraint child_parent_fk deferrable initially deferred",
    "alter table %.child disable trigger fires",
    "alter table %.child disable trigger all",
    "alter table %.parent disable trigger all",
    "drop trigger fires on %.child",
    "alter table %.child disable rule quiet",
    "alter table %.child enable row level security",
    "alter table %.child force row level security",
    "alter table %.child replica identity full",
    "alter table %.child replica identity using index child_pk",
    "alter table %.child set (fillfactor = 70)",
    "alter table %.child set unlogged",
    "alter table %.child cluster on child_pk",
    "alter policy own_rows on %.child using (n > 1)",
    "drop index %.child_name",
    "drop index %.child_name; create index child_name on %.child (upper(name)) where n > 0",
    "alter statistics %.child_stats rename to child_numbers",
    "create table %.heir () inherits (%.child)",
    "drop view %.seen",
    "create or replace view %.seen as select c.name, p.mood, %.twice(c.n + 1) as n from %.child c join %.parent p on p.id = c.parent_id",
    "alter view %.seen set (security_barrier = true)",
    // routines, types, sequences, roles
    "create or replace function %.twice(n integer default 2) returns integer language sql immutable as 'select n * 2'",
    "create or replace function %.twice(n integer default 1) returns integer language sql immutable as 'select n + n'",
    "alter function %.twice(integer) volatile",
    "alter function %.twice(integer) set search_path = pg_catalog",
    "create function %.twice(n text) returns text language sql as 'select n || n'",
    "alter type %.mood add value 'calm' before 'glad'",
    "alter domain %.short set not null",
    "alter domain %.short drop constraint short_fits",
    "alter domain %.short set default 'x'",
    "alter sequence %.counter increment by 2",
    "alter sequence %.counter owned by %.child.id",
    "alter role %_role login",
    "alter role %_role set work_mem = '1MB'",
    "create role %_third",
    "create type %.pair as (a integer, b text)",
    // rows
    "insert into %.parent values (2, 'sad')",
    "update %.child set n = 2",
    "truncate %.child",
];

/// A change that leaves nothing behind: the state is the one before.
const WAY_AND_BACK: &[&str] = &[
    "create table %.brief (a integer); drop table %.brief",
    "comment on table %.child is 'for a moment'; comment on table %.child is 'a child'",
    "alter table %.parent rename to parents; alter table %.parents rename to parent",
    "drop view %.seen; create view %.seen as select c.name, p.mood, %.twice(c.n) as n from %.child c join %.parent p on p.id = c.parent_id; \
     alter view %.seen owner to postgres",
    "drop table %.none; create table %.none ()",
    "delete from %.child; insert into %.child values (1, 'one', 1, 1)",
    "create role %_brief; grant %_role to %_brief; drop role %_brief",
];

async fn server() -> Server {
    let options = Options {
        provider: Provider::Local,
        cache_dir: throwaway_postgres::default_cache_dir(),
        ..Options::default()
    };
    throwaway_postgres::start(&options).await.expect("a server")
}

fn of(schema: &str, sql: &str) -> String {
    sql.replace('%', schema)
}

/// A reader that remembers, beside one that does not.
struct Both {
    session: Session,
    remembers: Fingerprinter,
    forgets: Fingerprinter,
    wrong: Vec<String>,
}

fn printer() -> Fingerprinter {
    Fingerprinter::new("ours", &["older.parent".to_owned(), "older.child".to_owned()])
}

impl Both {
    async fn state(&mut self, after: &str) -> Fingerprint {
        let remembered = self.remembers.take(&mut self.session).await.expect(after);
        self.forgets.forget();
        let fresh = self.forgets.take(&mut self.session).await.expect(after);
        if remembered != fresh {
            let residue = fresh.residue(&remembered);
            self.wrong
                .push(format!("after `{after}` what is remembered differs: {residue:?}"));
        }
        fresh
    }

    async fn run(&mut self, sql: &str) {
        self.session.harness(sql, sql).await.expect("a change");
    }
}

#[tokio::test]
async fn every_kind_of_change_is_seen_by_a_reader_that_remembers() {
    let server = server().await;
    let options = server.connect_options("postgres");
    let mut older = options.connect().await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(of("older", OBJECTS)))
        .execute(&mut older)
        .await
        .unwrap();
    drop(older);

    let mut both = Both {
        session: Session::begin(&options).await.unwrap(),
        remembers: printer(),
        forgets: printer(),
        wrong: Vec::new(),
    };
    let bare = both.state("begin").await;
    both.run(&of("ours", OBJECTS)).await;
    let before = both.state("the objects of the transaction").await;
    assert_ne!(before.digest(), bare.digest());
    for schema in ["older", "ours"] {
        for change in CHANGES.iter().map(|change| of(schema, change)) {
            let savepoint = both.session.savepoint().await.unwrap();
            both.run(&change).await;
            let changed = both.state(&change).await;
            if changed == before {
                both.wrong.push(format!("`{change}` is not seen"));
            }
            // A second change on top of it: what was remembered for the first must not show.
            both.run("create table public.one_more (a integer)").await;
            both.state(&format!("{change}; and one more")).await;
            both.session.undo(savepoint, &change).await.unwrap();
            if both.remembers.take(&mut both.session).await.unwrap() != before {
                both.wrong.push(format!("`{change}` is not seen to be gone"));
            }
        }
        for change in WAY_AND_BACK.iter().map(|change| of(schema, change)) {
            let savepoint = both.session.savepoint().await.unwrap();
            both.run(&change).await;
            let residue = before.residue(&both.state(&change).await);
            if !residue.is_empty() {
                both.wrong.push(format!("`{change}` leaves {residue:?}"));
            }
            both.session.undo(savepoint, &change).await.unwrap();
        }
    }
    server.stop().await.unwrap();
    assert!(both.wrong.is_empty(), "{}", both.wrong.join("\n"));
}

/// A server that shares the tables among its workers takes the cheapest first, or the dearest.
#[tokio::test]
async fn a_state_does_not_depend_on_the_order_in_which_the_server_answers() {
    let server = server().await;
    let mut session = Session::begin(&server.connect_options("postgres")).await.unwrap();
    let mut sql = "create schema ours;".to_owned();
    for (table, rows) in [("a", 8000), ("b", 4000), ("c", 2000), ("d", 900), ("e", 1)] {
        sql += &format!(
            "create table ours.{table} (n integer); insert into ours.{table} select generate_series(1, {rows}); analyze ours.{table};"
        );
    }
    session.harness("tables", &sql).await.unwrap();
    let mut states = Vec::new();
    for workers in [0, 2] {
        let sql = format!(
            "set local max_parallel_workers_per_gather = {workers}; set local parallel_setup_cost = 0; set local parallel_tuple_cost = 0"
        );
        session.harness("workers", &sql).await.unwrap();
        states.push(printer().take(&mut session).await.unwrap());
    }
    assert_eq!(states[0].rows.len(), 5);
    assert_eq!(states[0].rows, states[1].rows);
    assert_eq!(states[0].digest(), states[1].digest());
    server.stop().await.unwrap();
}

#[test]
fn what_this_transaction_says_lies_over_what_was_there() {
    let facts = |lines: &[&str]| {
        lines
            .iter()
            .map(|line| super::Fact::new(*line))
            .collect::<Vec<_>>()
    };
    let found = super::take::overlay(
        &facts(&["a\u{1f}1\u{1f}old", "a\u{1f}2\u{1f}old", "c\u{1f}1\u{1f}old"]),
        facts(&["a\u{1f}2\u{1f}new", "b\u{1f}1\u{1f}new", "d\u{1f}1\u{1f}new"]),
    );
    let expected = ["a 1 old", "a 2 new", "b 1 new", "c 1 old", "d 1 new"];
    let found: Vec<String> = found
        .iter()
        .map(|fact| fact.text.replace('\u{1f}', " "))
        .collect();
    assert_eq!(found, expected);
}
