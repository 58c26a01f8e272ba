//! The snapshot of privileges: recorded by the verifier, read back before anything moves, and what the way back must reach.
//!
//! Not for: taking it, which the verifier does under a login of their own. The one fact to know: a window changes some
//! names of a snapshot by itself (its roles, and the schema in which one of them may let others create); those are not
//! compared with what was recorded, and are compared within the packet.

use super::super::codes;
use super::super::sql::{array, ident, literal, refuse_if_any};
use super::Plan;

/// The row of a snapshot that digests all others.
const TOTAL: &str = "snapshot_sha256";

impl Plan<'_> {
    /// Names in a snapshot that a window changes by itself.
    fn of_window(&self) -> String {
        let roles = [
            self.operator.clone(),
            self.mover(),
            self.sources.window.reader.to_owned(),
        ];
        let names: Vec<String> = roles
            .iter()
            .flat_map(|role| {
                [
                    format!("memberships of {}", ident(role)),
                    format!("effective rights of {}", ident(role)),
                ]
            })
            .chain(self.homes.iter().map(|home| format!("schema {home}")))
            .collect();
        array(&names)
    }

    fn recorded(&self) -> String {
        let schema = self.sources.plane.schema;
        format!(
            "with snapshot as (
      select t.object_name::text as name, pg_catalog.encode(t.privilege_acl_hash, 'hex') as digest from {schema}.acl_snapshot as t
      where t.run_id = (
        select s.run_id from {schema}.acl_snapshot as s where s.moment::text = {moment} order by s.recorded_at desc, s.run_id limit 1)
    ), recorded as (
      select s.name, s.digest from snapshot as s where s.name <> {total} and s.name <> all ({window})
    ), whole as (
      select pg_catalog.encode({schema}.h05(pg_catalog.array_agg(pg_catalog.concat(s.name, ' ', s.digest))), 'hex')
        = (select t.digest from snapshot as t where t.name = {total}) as sound
      from snapshot as s where s.name <> {total}
    ), found as (
      select s.object_name as name, pg_catalog.encode(s.privilege_acl_hash, 'hex') as digest from {schema}.privilege_snapshot() as s
      where s.object_name <> all ({window})
    )",
            moment = literal(self.cutover.snapshot),
            total = literal(TOTAL),
            window = self.of_window()
        )
    }

    /// The verifier's snapshot is there, and is what is found: captured, bound by its digests, read back.
    pub(super) fn bound(&self) -> String {
        refuse_if_any(
            "bound",
            codes::SNAPSHOT_NOT_BOUND,
            &format!(
                "    {recorded}
    select 'nobody recorded a snapshot of {moment}' where not exists (select from recorded)
    union all
    select 'the snapshot is not whole: {total} does not recompute' from whole as w where w.sound is not true and exists (select from recorded)
    union all
    select 'recorded and not found so: ' || d.name from (select r.name, r.digest from recorded as r except select f.name, f.digest from found as f) as d
    union all
    select 'found and not recorded so: ' || d.name from (select f.name, f.digest from found as f except select r.name, r.digest from recorded as r) as d
    where exists (select from recorded)",
                recorded = self.recorded(),
                total = TOTAL,
                moment = self.cutover.snapshot
            ),
        )
    }

    /// After the way back: every object as recorded, and the rights of the application, of everybody and of contract roles.
    pub(super) fn as_recorded(&self) -> String {
        let mut roles: Vec<&str> = self.sources.plane.roles.iter().map(|role| role.name).collect();
        roles.extend([self.reader, canonical::PUBLIC]);
        let effective: Vec<String> = roles
            .iter()
            .map(|role| format!("effective rights of {}", ident(role)))
            .collect();
        refuse_if_any(
            "recorded",
            codes::RESTORE_DIFFERS,
            &format!(
                "    {recorded}, compared as (
      select r.name, r.digest from recorded as r
      where not pg_catalog.starts_with(r.name, 'memberships of ') and not pg_catalog.starts_with(r.name, 'default privileges of ')
        and (not pg_catalog.starts_with(r.name, 'effective rights of ') or r.name = any ({effective}))
    )
    select 'recorded and not found so: ' || d.name from (select c.name, c.digest from compared as c except select f.name, f.digest from found as f) as d",
                recorded = self.recorded(),
                effective = array(&effective)
            ),
        )
    }

    pub(super) fn take_snapshot(&self) -> String {
        format!(
            "select pg_catalog.set_config('packet.snapshot', (
  select pg_catalog.jsonb_object_agg(s.object_name, pg_catalog.encode(s.privilege_acl_hash, 'hex'))::text from {}.privilege_snapshot() as s), true) is not null as snapshot_taken;\n",
            self.sources.plane.schema
        )
    }

    pub(super) fn same_as_taken(&self) -> String {
        refuse_if_any(
            "restored",
            codes::RESTORE_DIFFERS,
            &format!(
                "    with taken as (
      select t.key as name, t.value as digest from pg_catalog.jsonb_each_text(pg_catalog.current_setting('packet.snapshot')::jsonb) as t
    ), found as (
      select s.object_name as name, pg_catalog.encode(s.privilege_acl_hash, 'hex') as digest from {}.privilege_snapshot() as s
    )
    select 'before and not after: ' || d.name from (select t.name, t.digest from taken as t except select f.name, f.digest from found as f) as d
    union all
    select 'after and not before: ' || d.name from (select f.name, f.digest from found as f except select t.name, t.digest from taken as t) as d",
                self.sources.plane.schema
            ),
        )
    }
}
