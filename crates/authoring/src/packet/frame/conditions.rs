//! What must hold of the server, the login and everybody else before a file acts.
//!
//! Not for: leave (`leave`), or the objects' states (`declared`). The one fact to know: each is one statement
//! that refuses by its own code, and a preflight asks the same ones.

use super::super::codes;
use super::super::sql::{array, literal, refuse_if_any};
use super::{Frame, Way};

impl Frame<'_> {
    /// The login may become what it acts as, and holds none of it before.
    pub(crate) fn prepared(&self) -> String {
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
    pub(super) fn acted(&self) -> Vec<String> {
        let roles = self.roles.iter();
        roles
            .filter(|role| Some(role.as_str()) != self.own_role.as_deref())
            .cloned()
            .collect()
    }

    /// A routine that is altered takes a lock or two, and reading its state some more.
    pub(super) fn locks(&self) -> usize {
        self.declared.len() * 4 + 512
    }

    /// The two traps of ownership [ruling A1].
    pub(super) fn isolation(&self) -> String {
        let routines: Vec<&str> = self.of_kind("routine").collect();
        refuse_if_any(
            "isolation",
            codes::ISOLATION_MEANS_NOTHING,
            &format!(
                "    select 'SUPERUSER_TRAP ' || o.rolname from pg_catalog.pg_roles as o
    where o.rolsuper and (o.rolname = {application} or o.oid in (select p.proowner from pg_catalog.unnest({routines}) as d (identity)
      join pg_catalog.pg_proc as p on p.oid = pg_catalog.to_regprocedure(d.identity)))
    union all
    select distinct 'SCHEMA_OWNER_CAN_REPLACE ' || a.rolname || ' in ' || n.nspname
    from pg_catalog.unnest({routines}) as d (identity)
    join pg_catalog.pg_proc as p on p.oid = pg_catalog.to_regprocedure(d.identity)
    join pg_catalog.pg_namespace as n on n.oid = p.pronamespace and n.nspname <> {plane}
    join pg_catalog.pg_roles as a on a.rolcanlogin and (not a.rolsuper or a.oid = p.proowner or a.rolname = {application}) and pg_catalog.pg_has_role(a.oid, n.nspowner, 'MEMBER')",
                application = literal(&self.application),
                routines = array(&routines),
                plane = literal(self.plane.schema),
            ),
        )
    }

    /// Sessions that may be inside a legacy call [ruling A11].
    pub(super) fn in_flight(&self) -> String {
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
    select 'prepared transaction ' || p.gid || ', ' || p.owner || ': prepared at ' || p.prepared || ', and it does not say when it began'
    from pg_catalog.pg_prepared_xacts as p
    where p.database = pg_catalog.current_database()
    union all
    select 'pid ' || s.pid || ', ' || coalesce(s.usename, 'nobody') || ', ' || coalesce(nullif(s.application_name, ''), 'no application name')
      || ': its transaction is open since ' || s.xact_start
    from pg_catalog.pg_stat_activity as s
    where s.datname = pg_catalog.current_database() and s.pid <> pg_catalog.pg_backend_pid() and s.backend_type = 'client backend'
      and s.xact_start < pg_catalog.clock_timestamp() - interval '{seconds} seconds'",
            seconds = self.packet.limits.open_transaction_seconds
        )
    }

    /// Packages are applied in their order, and taken back in the opposite one.
    pub(super) fn order(&self, way: Way) -> String {
        let packages = self.plane.packages.iter().map(|package| package.id);
        let packages: Vec<&str> = packages.filter(|id| self.packets.contains(id)).collect();
        let at = packages.iter().position(|id| *id == self.packet.package);
        let at = at.unwrap_or_default();
        let before: Vec<&str> = packages[..at].last().copied().into_iter().collect();
        let later = &packages[at + 1..];
        let first = match way {
            Way::Apply => format!(
                "    select 'not applied: ' || n.package from pg_catalog.unnest({}) as n (package) where not exists (select from standing as s where s.package = n.package)\n    union all\n",
                array(&before)
            ),
            Way::Rollback => String::new(),
        };
        refuse_if_any(
            "order",
            codes::OUT_OF_ORDER,
            &format!(
                "    with standing as (
      select distinct a.package_id::text as package from {schema}.operator_packet_run as a
      where a.action = 'apply' and not exists (select from {schema}.operator_packet_run as b where b.nonce = a.nonce and b.action = 'rollback')
    )
{first}    select 'applied and not taken back: ' || s.package from standing as s where s.package = any ({later})",
                schema = self.plane.schema,
                later = array(later)
            ),
        )
    }

    /// The run that is to be taken back.
    pub(super) fn applied(&self) -> String {
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
}
