//! Statements that every packet has, whatever it does and however many run it.
//!
//! Not for: leave, states, or what a packet does. The one fact to know: each is about the server or the transaction
//! alone, and none asks the control plane, which may not be there yet.

use manifest_model::{ControlPlane, PacketWindow};

use super::codes;
use super::sql::{
    ACT_AS_ONESELF, act_as, array, block, ident, literal, raise_alone, raise_saying, refuse_if_any,
};

/// The first statements of a file that changes something [ruling A6].
pub(crate) fn guard_against_bare_run() -> String {
    let mut sql = String::from(
        "-- Without a transaction around it every later statement is one of its own, and fails; within one this changes nothing.\nset default_transaction_read_only = on;\n\n",
    );
    sql.push_str(&block(
        "outside",
        &format!(
            "begin
  if pg_catalog.statement_timestamp() = pg_catalog.transaction_timestamp() then
    {refused}
  end if;
end",
            refused = raise_alone(codes::OUTSIDE_TRANSACTION),
        ),
    ));
    sql
}

/// One operator at a time, whatever the packet.
pub(crate) fn one_operator(window: PacketWindow) -> String {
    block(
        "alone",
        &format!(
            "begin
  if not pg_catalog.pg_try_advisory_xact_lock({key}) then
    {refused}
  end if;
end",
            key = window.lock_key,
            refused = raise_alone(codes::OTHER_OPERATOR_AT_WORK),
        ),
    )
}

/// The server's major.
pub(crate) fn major(server_major: u32) -> String {
    refuse_if_any(
        "major",
        codes::OTHER_MAJOR,
        &format!(
            "    select 'expected PostgreSQL {server_major}, found ' || pg_catalog.current_setting('server_version')
    where pg_catalog.current_setting('server_version_num')::integer / 10000 <> {server_major}"
        ),
    )
}

/// Room for this many locks [ruling B15].
pub(crate) fn lock_table(need: usize) -> String {
    refuse_if_any(
        "locks",
        codes::LOCK_TABLE_TOO_SMALL,
        &format!(
            "    select 'needs {need}, free are ' || f.free from (
      select pg_catalog.current_setting('max_locks_per_transaction')::bigint
          * (pg_catalog.current_setting('max_connections')::bigint + pg_catalog.current_setting('max_prepared_transactions')::bigint)
        - (select pg_catalog.count(*) from pg_catalog.pg_locks) as free) as f
    where f.free < {need}"
        ),
    )
}

/// The row of a run: what was run, by whom, under which leave.
pub(crate) fn record_run(plane: &ControlPlane, package: &str, action: &str) -> String {
    format!(
        "-- The nonce is used up in the same transaction.
{owner}insert into {schema}.operator_packet_run (nonce, action, package_id, packet_sha256, authorization_sha256, actor, snapshot)
values (pg_catalog.current_setting('packet.nonce'), '{action}', {package}, pg_catalog.decode(pg_catalog.current_setting('packet.sha256'), 'hex'),
  pg_catalog.sha256(pg_catalog.convert_to(pg_catalog.current_setting('packet.authorization') || E'\\n', 'UTF8')), session_user,
  pg_catalog.pg_current_snapshot()::text);
{ACT_AS_ONESELF}set constraints all immediate;
",
        owner = act_as(plane.owner),
        schema = plane.schema,
        package = literal(package),
    )
}

/// Read-only, and by whoever may: the first statements of a file that only looks.
pub(crate) fn look(window: PacketWindow) -> String {
    format!(
        "-- Nothing here can write, whether it is run within a transaction or not.
set default_transaction_read_only = on;
set search_path = '';
select pg_catalog.set_config('role', r.rolname, false) as looks_as from pg_catalog.pg_roles as r
where r.rolname = {reader} and pg_catalog.pg_has_role(session_user, r.oid, 'MEMBER');
",
        reader = literal(window.reader)
    )
}

/// Whoever only looks may read the control plane, where there is one: a window that is closed is said in words.
pub(crate) fn may_look(schema: &str) -> String {
    refuse_if_any(
        "may_look",
        codes::OPERATOR_NOT_PREPARED,
        &format!(
            "    select session_user || ' may not read schema ' || n.nspname from pg_catalog.pg_namespace as n
    where n.nspname = {} and not (pg_catalog.has_schema_privilege(n.oid, 'USAGE') and not exists (
      select from pg_catalog.pg_class as c
      where c.relnamespace = n.oid and c.relname = 'operator_packet_run' and not pg_catalog.has_table_privilege(c.oid, 'SELECT')))",
            literal(schema)
        ),
    )
}

/// What stands on the reader's role while the window of a packet is open.
fn window_of(package: &str) -> String {
    literal(&format!("the window of {package} is open"))
}

/// Windows that are open, each as it is signed.
fn open_windows(window: PacketWindow) -> String {
    format!(
        "    select coalesce(pg_catalog.shobj_description(r.oid, 'pg_authid'), 'role ' || r.rolname || ' is there')
    from pg_catalog.pg_roles as r where r.rolname = {}",
        literal(window.reader)
    )
}

/// One window at a time, since some of what it gives others give as well.
pub(crate) fn demand_no_window(window: PacketWindow) -> String {
    refuse_if_any("no_window", codes::WINDOW_OPEN, &open_windows(window))
}

/// Whose window it is.
pub(crate) fn sign_window(window: PacketWindow, package: &str) -> String {
    format!(
        "comment on role {} is {};\n",
        ident(window.reader),
        window_of(package)
    )
}

/// No other packet's window is open.
pub(crate) fn demand_own_window(window: PacketWindow, package: &str) -> String {
    refuse_if_any(
        "own_window",
        codes::WINDOW_OPEN,
        &format!(
            "{}
      and pg_catalog.shobj_description(r.oid, 'pg_authid') is distinct from {}",
            open_windows(window),
            window_of(package)
        ),
    )
}

/// What a window gave is gone, also where somebody else gave it than takes it.
pub(crate) fn demand_closed(operator: &str, roles: &[String]) -> String {
    refuse_if_any(
        "closed",
        codes::WINDOW_OPEN,
        &format!(
            "    select {name} || ' is still a member of ' || r.rolname || ', given by ' || pg_catalog.pg_get_userbyid(m.grantor)
    from pg_catalog.pg_auth_members as m join pg_catalog.pg_roles as r on r.oid = m.roleid
    where m.member = pg_catalog.to_regrole({quoted}) and r.rolname = any ({roles})",
            name = literal(operator),
            quoted = literal(&ident(operator)),
            roles = array(roles),
        ),
    )
}

/// Takes a role of the window away, if it is there.
pub(crate) fn drop_role(word: &str, role: &str, first: &str) -> String {
    block(
        word,
        &format!(
            "begin
  if pg_catalog.to_regrole({quoted}) is not null then
{first}    drop role {role};
  end if;
end",
            quoted = literal(&ident(role)),
            role = ident(role),
        ),
    )
}

/// Whoever opens a window may give these roles on, and `more`, lines of what else is missing; or is a superuser.
pub(crate) fn demand_dba(roles: &[String], more: &str) -> String {
    refuse_if_any(
        "dba",
        codes::DBA_MAY_NOT_GIVE,
        &format!(
            "    select 'no role ' || w.role from pg_catalog.unnest({roles}) as w (role) where pg_catalog.to_regrole(pg_catalog.quote_ident(w.role)) is null
    union all
    select m.line from pg_catalog.pg_roles as me
    cross join lateral (
      select me.rolname || ' has no CREATEROLE' as line where not me.rolcreaterole
      union all
      select me.rolname || ' has no ADMIN on ' || r.rolname from pg_catalog.unnest({roles}) as w (role) join pg_catalog.pg_roles as r on r.rolname = w.role
      where pg_catalog.current_setting('server_version_num')::integer >= 160000 and not pg_catalog.pg_has_role(me.oid, r.oid, 'MEMBER WITH ADMIN OPTION'){more}) as m
    where me.rolname = current_user and not me.rolsuper",
            roles = array(roles),
        ),
    )
}

/// A statement of a block: until 15 a membership can't say that it is not inherited, so the login must be NOINHERIT.
pub(crate) fn demand_noinherit(operator: &str) -> String {
    format!(
        "  if pg_catalog.current_setting('server_version_num')::integer < 160000
    and (select r.rolinherit from pg_catalog.pg_roles as r where r.rolname = {name}) then
    {refused}
  end if;",
        name = literal(operator),
        refused = raise_saying(
            codes::OPERATOR_NOT_PREPARED,
            "until PostgreSQL 15 the operator's login must be NOINHERIT",
            "",
            &format!("alter role {} noinherit", ident(operator)),
        ),
    )
}
