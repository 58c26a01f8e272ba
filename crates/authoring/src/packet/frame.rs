//! What every file of a packet begins with: harmless when run bare, one operator at a time, on the right server,
//! by the right person, under leave that holds, over the state that was reviewed.
//!
//! Not for: what a packet does, or whether a signature is good, which no database can tell. The one fact to know:
//! everything here refuses by a code before anything is changed [rulings A5, A6, A11, B15, B18, B19].

use manifest_model::{ControlPlane, OperatorPacket, PacketWindow};

use super::codes;
use super::declared::{Declared, Side, differences};
use super::sql::{ACT_AS_ONESELF, act_as, array, block, ident, literal, refuse_if_any};

/// Which way a file goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Apply,
    Rollback,
}

impl Way {
    const fn word(self) -> &'static str {
        match self {
            Self::Apply => "apply",
            Self::Rollback => "rollback",
        }
    }
}

/// What all files of a packet share.
pub(crate) struct Frame<'a> {
    pub(crate) plane: &'a ControlPlane,
    pub(crate) packet: &'a OperatorPacket,
    pub(crate) window: PacketWindow,
    /// Identities of the scope, in the order of their bytes.
    pub(crate) objects: Vec<String>,
    pub(crate) declared: Vec<Declared>,
    /// Tables of the sealed set, but for those that no package opens.
    pub(crate) sealed_tables: Vec<String>,
    /// The login that runs it.
    pub(crate) operator: String,
    /// Roles that it acts as, each once.
    pub(crate) roles: Vec<String>,
    pub(crate) server_major: u32,
    pub(crate) tool_version: &'a str,
}

impl Frame<'_> {
    /// The first statements of a file that changes something.
    fn guard_against_bare_run() -> String {
        let refusal = codes::OUTSIDE_TRANSACTION;
        let (code, sqlstate, hint) = (refusal.code, refusal.sqlstate, literal(refusal.remedy));
        let message = literal(&format!("{code}: {}", refusal.says));
        let mut sql = String::from(
            "-- Without a transaction around it every later statement is one of its own, and fails; within one this changes nothing.\nset default_transaction_read_only = on;\n\n",
        );
        sql.push_str(&block(
            "outside",
            &format!(
                "begin
  if pg_catalog.statement_timestamp() = pg_catalog.transaction_timestamp() then
    raise exception using errcode = '{sqlstate}', message = {message}, hint = {hint};
  end if;
end"
            ),
        ));
        sql
    }

    /// Everything that must hold before a file acts.
    pub(crate) fn prologue(&self, way: Way) -> String {
        let limits = self.packet.limits;
        let mut sql = Self::guard_against_bare_run();
        sql.push_str(&format!(
            "
set local search_path = '';
set local lock_timeout = '{}ms';
set local statement_timeout = '{}ms';

-- One operator at a time, whatever the packet.
{}
-- What a DBA gives for the window, and no more.
{}
{}
",
            limits.lock_timeout_ms,
            limits.statement_timeout_ms,
            self.one_operator(),
            self.prepared(),
            act_as(self.window.reader),
        ));
        sql.push_str("-- The server, its lock table, and who could undo all this.\n");
        sql.push_str(&self.major());
        sql.push_str(&self.lock_table());
        sql.push_str(&self.isolation());
        sql.push_str("\n-- The authorization: what it says, against this target, these bytes, these people, this instant.\n");
        sql.push_str(&self.leave(way));
        if way == Way::Rollback {
            sql.push_str(&self.applied());
        }
        sql.push_str("\n-- Every object is in the state that was reviewed.\n");
        let side = if way == Way::Apply {
            Side::Before
        } else {
            Side::After
        };
        sql.push_str(&self.state(side, codes::STATE_MOVED));
        sql.push_str("\n-- A call that is under way would finish after this, on the old path.\n");
        sql.push_str(&self.in_flight());
        sql
    }

    /// What a preflight asks with the packet's own statements.
    pub(crate) fn checks(&self) -> String {
        [
            self.prepared(),
            self.major(),
            self.lock_table(),
            self.isolation(),
            self.state(Side::Before, codes::STATE_MOVED),
            self.in_flight(),
        ]
        .concat()
    }

    fn one_operator(&self) -> String {
        let refusal = codes::OTHER_OPERATOR_AT_WORK;
        block(
            "alone",
            &format!(
                "begin
  if not pg_catalog.pg_try_advisory_xact_lock({key}) then
    raise exception using errcode = '{state}', message = {message}, hint = {hint};
  end if;
end",
                key = self.window.lock_key,
                state = refusal.sqlstate,
                message = literal(&format!("{}: {}", refusal.code, refusal.says)),
                hint = literal(refusal.remedy)
            ),
        )
    }

    /// The login may become what it acts as, and holds none of it before.
    fn prepared(&self) -> String {
        let mut roles = self.roles.clone();
        roles.push(self.window.reader.to_owned());
        refuse_if_any(
            "prepared",
            codes::OPERATOR_NOT_PREPARED,
            &format!(
                "    select 'no role ' || w.role from pg_catalog.unnest({roles}) as w (role)
    where pg_catalog.to_regrole(pg_catalog.quote_ident(w.role)) is null
    union all
    select session_user || ' may not become ' || r.rolname from pg_catalog.unnest({roles}) as w (role)
    join pg_catalog.pg_roles as r on r.rolname = w.role
    where not pg_catalog.pg_has_role(session_user, r.oid, 'MEMBER')
    union all
    select session_user || ' holds what ' || r.rolname || ' holds without becoming it' from pg_catalog.unnest({inherited}) as w (role)
    join pg_catalog.pg_roles as r on r.rolname = w.role
    where pg_catalog.pg_has_role(session_user, r.oid, 'USAGE')
      and not (select s.rolsuper from pg_catalog.pg_roles as s where s.rolname = session_user)",
                roles = array(&roles),
                inherited = array(&self.acted()),
            ),
        )
    }

    /// Roles whose rights the login must not have by itself.
    fn acted(&self) -> Vec<String> {
        let super::Work { operator_role, .. } = super::work(self.packet);
        self.roles
            .iter()
            .filter(|role| *role != operator_role)
            .cloned()
            .collect()
    }

    fn major(&self) -> String {
        refuse_if_any(
            "major",
            codes::OTHER_MAJOR,
            &format!(
                "    select 'expected PostgreSQL {major}, found ' || pg_catalog.current_setting('server_version')
    where pg_catalog.current_setting('server_version_num')::integer / 10000 <> {major}",
                major = self.server_major
            ),
        )
    }

    fn lock_table(&self) -> String {
        // A routine that is altered takes a lock or two, and reading its state some more.
        let need = self.declared.len() * 4 + 512;
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

    /// The two traps of ownership [ruling A1].
    fn isolation(&self) -> String {
        let routines: Vec<&str> = self.of_kind("routine").collect();
        refuse_if_any(
            "isolation",
            codes::ISOLATION_MEANS_NOTHING,
            &format!(
                "    select 'SUPERUSER_TRAP ' || o.rolname from pg_catalog.pg_roles as o
    where o.rolsuper and o.oid in (select p.proowner from pg_catalog.unnest({routines}) as d (identity)
      join pg_catalog.pg_proc as p on p.oid = pg_catalog.to_regprocedure(d.identity))
    union all
    select distinct 'SCHEMA_OWNER_CAN_REPLACE ' || a.rolname || ' in ' || n.nspname
    from pg_catalog.unnest({routines}) as d (identity)
    join pg_catalog.pg_proc as p on p.oid = pg_catalog.to_regprocedure(d.identity)
    join pg_catalog.pg_namespace as n on n.oid = p.pronamespace and n.nspname <> {plane}
    join pg_catalog.pg_roles as a on a.rolcanlogin and (not a.rolsuper or a.oid = p.proowner) and pg_catalog.pg_has_role(a.oid, n.nspowner, 'MEMBER')",
                routines = array(&routines),
                plane = literal(self.plane.schema),
            ),
        )
    }

    pub(crate) fn of_kind(&self, kind: &'static str) -> impl Iterator<Item = &str> {
        let declared = self.declared.iter();
        declared
            .filter(move |object| object.kind == kind)
            .map(|object| object.identity.as_str())
    }

    /// Every object against a side of its declaration.
    pub(crate) fn state(&self, side: Side, refusal: codes::Refusal) -> String {
        refuse_if_any(
            "state",
            refusal,
            &differences(self.plane.schema, &self.declared, side),
        )
    }

    /// Sessions that may be inside a legacy call [ruling A11].
    fn in_flight(&self) -> String {
        refuse_if_any("flight", codes::LEGACY_IN_FLIGHT, &self.in_flight_query())
    }

    /// A line a session.
    pub(crate) fn in_flight_query(&self) -> String {
        let schema = self.plane.schema;
        format!(
            "    select distinct 'pid ' || k.pid || ' holds a lock on ' || k.relation::pg_catalog.regclass::text
    from pg_catalog.pg_locks as k
    join {schema}.authority_scope_manifest as a on a.object_class = 'legacy' and a.moment = 'as_captured' and a.object_kind = 'table'
      and k.relation = pg_catalog.to_regclass(a.object_identity)
    join {schema}.latest_sealed as l on l.manifest_id = a.manifest_id and l.surface_no = a.surface_no
    where k.pid <> pg_catalog.pg_backend_pid() and k.locktype = 'relation'
      and k.database = (select d.oid from pg_catalog.pg_database as d where d.datname = pg_catalog.current_database())
    union all
    select 'pid ' || s.pid || ', ' || coalesce(s.usename, 'nobody') || ', ' || coalesce(nullif(s.application_name, ''), 'no application name')
      || ': its transaction is open since ' || s.xact_start
    from pg_catalog.pg_stat_activity as s
    where s.datname = pg_catalog.current_database() and s.pid <> pg_catalog.pg_backend_pid() and s.backend_type = 'client backend'
      and s.xact_start < pg_catalog.clock_timestamp() - interval '{seconds} seconds'",
            seconds = self.packet.limits.open_transaction_seconds
        )
    }

    /// The run that is to be taken back.
    fn applied(&self) -> String {
        refuse_if_any(
            "applied",
            codes::NOT_APPLIED,
            &format!(
                "    select 'no run of {package} with this nonce and these bytes'
    where not exists (
      select from {schema}.operator_packet_run as r
      where r.action = 'apply' and r.package_id = {package_literal}
        and r.nonce = pg_catalog.current_setting('packet.nonce')
        and r.packet_sha256 = pg_catalog.decode(pg_catalog.current_setting('packet.sha256'), 'hex'))",
                package = self.packet.package,
                package_literal = literal(self.packet.package),
                schema = self.plane.schema
            ),
        )
    }

    /// The last statements: what was run, by whom, under which leave.
    pub(crate) fn record(&self, way: Way) -> String {
        format!(
            "-- The nonce is used up in the same transaction.
{owner}insert into {schema}.operator_packet_run (nonce, action, package_id, packet_sha256, authorization_sha256, actor, snapshot)
values (pg_catalog.current_setting('packet.nonce'), '{action}', {package}, pg_catalog.decode(pg_catalog.current_setting('packet.sha256'), 'hex'),
  pg_catalog.sha256(pg_catalog.convert_to(pg_catalog.current_setting('packet.authorization') || E'\\n', 'UTF8')), session_user,
  pg_catalog.pg_current_snapshot()::text);
{ACT_AS_ONESELF}set constraints all immediate;
",
            owner = act_as(self.plane.owner),
            schema = self.plane.schema,
            action = way.word(),
            package = literal(self.packet.package),
        )
    }

    /// The authorization, field by field [ruling A5].
    fn leave(&self, way: Way) -> String {
        let refusal = codes::AUTHORIZATION_REFUSED;
        let declared = array(&self.objects);
        let window = match way {
            Way::Apply => format!(
                "    union all
    select 'NOT_YET_VALID: it is valid from ' || (v_field ->> 'not_before') where (v_field ->> 'not_before')::timestamptz > pg_catalog.clock_timestamp()
    union all
    select 'EXPIRED: it was valid until ' || (v_field ->> 'expiry') where (v_field ->> 'expiry')::timestamptz <= pg_catalog.clock_timestamp()
    union all
    select 'OTHER_EPOCH: expected ' || e.epoch || ', found ' || (v_field ->> 'epoch') from {schema}.control_epoch as e where e.epoch::text is distinct from v_field ->> 'epoch'",
                schema = self.plane.schema
            ),
            // A way back must stay open after the window has closed.
            Way::Rollback => String::new(),
        };
        let body = format!(
            "declare
  v_packet constant text := coalesce(pg_catalog.current_setting('packet.sha256', true), '');
  v_text constant text := coalesce(pg_catalog.current_setting('packet.authorization', true), '');
  v_artifact jsonb;
  v_field jsonb;
  v_scope jsonb;
  v_target jsonb;
  v_proof jsonb;
  v_found text;
begin
  begin
    v_artifact := v_text::jsonb;
    select pg_catalog.jsonb_object_agg(f.value ->> 0, f.value -> 1) into v_field from pg_catalog.jsonb_array_elements(v_artifact -> 2) as f;
    select pg_catalog.jsonb_object_agg(f.value ->> 0, f.value -> 1) into v_scope from pg_catalog.jsonb_array_elements(v_field -> 'scope') as f;
    select pg_catalog.jsonb_object_agg(f.value ->> 0, f.value -> 1) into v_target from pg_catalog.jsonb_array_elements(v_field -> 'target') as f;
    select pg_catalog.jsonb_object_agg(f.value ->> 0, f.value -> 1) into v_proof from pg_catalog.jsonb_array_elements(v_field -> 'proof') as f;
    perform (v_field ->> 'not_before')::timestamptz, (v_field ->> 'expiry')::timestamptz, pg_catalog.jsonb_array_length(v_scope -> 'objects');
  exception when others then
    raise exception using errcode = '{state}', message = {message}, detail = 'MALFORMED: ' || sqlerrm, hint = {hint};
  end;
  select pg_catalog.string_agg(r.line, E'\\n' order by r.line collate \"C\") into v_found from (
    select 'MALFORMED: expected an operator_authorization of version v1' where (v_artifact ->> 0, v_artifact ->> 1) is distinct from ('operator_authorization', 'v1')
      or (v_field ->> 'nonce' ~ '^[0-9a-f]{{32}}$') is not true or (v_packet ~ '^[0-9a-f]{{64}}$') is not true
    union all
    select 'OTHER_PACKAGE: expected {package}, found ' || coalesce(v_field ->> 'package', 'nothing') || ' for ' || coalesce(v_scope ->> 'package', 'nothing')
    where (v_field ->> 'package', v_scope ->> 'package') is distinct from ('{package}', '{package}')
    union all
    select 'OTHER_BYTES: expected ' || v_packet || ', found ' || coalesce(v_field ->> 'approved_package_sha256', 'nothing')
    where v_field ->> 'approved_package_sha256' is distinct from v_packet
    union all
    select 'PROOF_DOES_NOT_HOLD: the packet was not read back as these bytes and objects'
    where (v_proof ->> 'read_back_sha256', v_proof ->> 'expected', v_proof ->> 'realized', v_proof ->> 'missing', v_proof ->> 'unexpected')
      is distinct from (v_packet, '{count}', '{count}', '0', '0')
    union all
    select 'OTHER_TOOL_VERSION: expected {version}, found ' || coalesce(v_field ->> 'tool_version', 'nothing') where v_field ->> 'tool_version' is distinct from '{version}'
    union all
    select 'SCOPE_WIDENED: ' || w.value from (
      select o.value from pg_catalog.jsonb_array_elements_text(v_scope -> 'objects') as o
      except select d.value from pg_catalog.unnest({declared}) as d (value)) as w
    union all
    select 'SCOPE_NARROWED: ' || w.value from (
      select d.value from pg_catalog.unnest({declared}) as d (value)
      except select o.value from pg_catalog.jsonb_array_elements_text(v_scope -> 'objects') as o) as w
    union all
    select 'OTHER_TARGET: expected ' || c.system_identifier || '/' || pg_catalog.current_database() || ', found '
      || coalesce(v_target ->> 'system_identifier', 'nothing') || '/' || coalesce(v_target ->> 'database', 'nothing')
    from pg_catalog.pg_control_system() as c
    where (v_target ->> 'system_identifier', v_target ->> 'database') is distinct from (c.system_identifier::text, pg_catalog.current_database()::text)
    union all
    select 'NONCE_REPLAYED: ' || u.nonce || ' was used by ' || u.actor from {schema}.operator_packet_run as u
    where u.nonce = v_field ->> 'nonce' and u.action = '{action}'
{window}
{people}
  ) as r (line);
  if v_found is not null then
    raise exception using errcode = '{state}', message = {message}, detail = v_found, hint = {hint};
  end if;
  perform pg_catalog.set_config('packet.nonce', v_field ->> 'nonce', true);
end",
            state = refusal.sqlstate,
            message = literal(&format!("{}: {}", refusal.code, refusal.says)),
            hint = literal(refusal.remedy),
            package = self.packet.package,
            version = self.tool_version,
            count = self.objects.len(),
            schema = self.plane.schema,
            action = way.word(),
            people = self.people(),
        );
        block("leave", &body)
    }

    /// Who stands in the artifact, against #02 and #03, and who runs this [ruling B18].
    fn people(&self) -> String {
        let schema = self.plane.schema;
        let person = |slot: &str, key: &str| {
            format!(
                "(select p.value ->> 1 from pg_catalog.jsonb_array_elements(v_field -> '{slot}') as p where p.value ->> 0 = '{key}')"
            )
        };
        let named: Vec<String> = ["author", "reviewer", "owner", "operator"]
            .iter()
            .map(|slot| {
                format!(
                    "      ('{slot}', {}, {})",
                    person(slot, "principal"),
                    person(slot, "human")
                )
            })
            .collect();
        format!(
            "    union all
    select n.line from (
      with named (slot, principal, human) as (values
{named}
      ), known as (
        select n.*, p.human::text as sealed_human, p.login_role::text as login, exists (
            select from {schema}.slot_binding_manifest as b join {schema}.latest_sealed as l on l.manifest_id = b.manifest_id and l.surface_no = b.surface_no
            where b.principal_id::text = n.principal and b.slot::text = n.slot) as held
        from named as n
        left join (select p.* from {schema}.principal_manifest as p
          join {schema}.latest_sealed as l on l.manifest_id = p.manifest_id and l.surface_no = p.surface_no) as p on p.principal_id::text = n.principal
      )
      select 'PRINCIPAL_UNKNOWN: ' || k.slot || ' ' || coalesce(k.principal, 'nobody') as line from known as k where k.sealed_human is null
      union all
      select 'HUMAN_MISMATCH: ' || k.slot || ' ' || k.principal from known as k where k.human is distinct from k.sealed_human
      union all
      select 'SLOT_NOT_HELD: ' || k.slot || ' ' || coalesce(k.principal, 'nobody') from known as k where not k.held
      union all
      select 'SAME_HUMAN: ' || a.slot || ' and ' || b.slot from known as a join known as b on a.sealed_human = b.sealed_human
      where (a.slot, b.slot) in (('author', 'reviewer'), ('author', 'owner'), ('reviewer', 'owner'), ('author', 'operator'))
      union all
      select 'OTHER_AUTHOR: expected {author}, found ' || coalesce(k.principal, 'nobody') from known as k where k.slot = 'author' and k.principal is distinct from '{author}'
      union all
      select 'SESSION_NOT_OPERATOR: expected ' || coalesce(k.login, 'nobody') || ', found ' || session_user from known as k
      where k.slot = 'operator' and k.login is distinct from session_user::text
    ) as n",
            named = named.join(",\n"),
            author = self.packet.author,
        )
    }

    /// Read-only, and by whoever may: the first statements of a file that only looks.
    pub(crate) fn look(&self) -> String {
        format!(
            "-- Nothing here can write, whether it is run within a transaction or not.
set default_transaction_read_only = on;
set search_path = '';
select pg_catalog.set_config('role', r.rolname, false) as looks_as from pg_catalog.pg_roles as r
where r.rolname = {reader} and pg_catalog.pg_has_role(session_user, r.oid, 'MEMBER');
",
            reader = literal(self.window.reader)
        )
    }

    /// What a DBA runs before the window.
    pub(crate) fn dba_before(&self, head: &str) -> String {
        let reader = ident(self.window.reader);
        format!(
            "-- {head}
-- Run by a DBA before {package}, and undone by dba_after.sql: what lets {operator} become the roles that own what the
-- packet changes, and hold none of their rights before. Until PostgreSQL 15 that takes a login that is NOINHERIT.

create role {reader} nologin;
grant {reads} to {reader};

{grants}",
            package = self.packet.package,
            operator = self.operator,
            reads = self.window.reads_by.iter().map(|role| ident(role)).collect::<Vec<_>>().join(", "),
            grants = block(
                "window",
                &format!(
                    "declare
  v_role text;
begin
  if pg_catalog.current_setting('server_version_num')::integer < 160000
    and (select r.rolinherit from pg_catalog.pg_roles as r where r.rolname = {operator}) then
    raise exception using errcode = '{state}', message = {message}, hint = {hint};
  end if;
  foreach v_role in array {roles} loop
    if not pg_catalog.pg_has_role({operator}, v_role, 'MEMBER') then
      execute pg_catalog.format(case when pg_catalog.current_setting('server_version_num')::integer < 160000
        then 'grant %I to %I' else 'grant %I to %I with inherit false, set true' end, v_role, {operator});
    end if;
  end loop;
end",
                    operator = literal(&self.operator),
                    state = codes::OPERATOR_NOT_PREPARED.sqlstate,
                    message = literal(&format!(
                        "{}: until PostgreSQL 15 the operator's login must be NOINHERIT",
                        codes::OPERATOR_NOT_PREPARED.code
                    )),
                    hint = literal(&format!("alter role {} noinherit", ident(&self.operator))),
                    roles = array(&self.window_roles()),
                ),
            ),
        )
    }

    /// Roles that the window alone gives; the one that may supersede is the operator's own.
    fn window_roles(&self) -> Vec<String> {
        let mut roles = self.acted();
        roles.push(self.window.reader.to_owned());
        roles
    }

    /// What a DBA runs after the window.
    pub(crate) fn dba_after(&self, head: &str) -> String {
        let acted = self.acted();
        let roles: Vec<String> = acted.iter().map(|role| ident(role)).collect();
        format!(
            "-- {head}\n-- Run by a DBA when verify.sql has said that nothing is open: nobody may become these roles any more.\n\nrevoke {} from {};\ndrop role {};\n",
            roles.join(", "),
            ident(&self.operator),
            ident(self.window.reader)
        )
    }
}
