//! The statements of PKG-F: what it asks, closes and opens, and the way back.
//!
//! Not for: which objects these are (`repoint`). The one fact to know: the new path is closed before the old one is
//! opened again, and nothing is routed in between.

use std::fmt::Write as _;

use manifest_model::Moment;

use super::super::BETWEEN;
use super::super::acl::{Grant, grants, revokes};
use super::super::body::replace;
use super::super::codes;
use super::super::declared::Declared;
use super::super::sql::{
    ACT_AS_ONESELF, act_as, array, block, checkpoint, ident, literal, raise, refuse_if_any,
};
use super::super::work::{Piece, Told, Work};
use super::{Changed, Plan};

impl Work for Plan<'_> {
    fn declared(&self) -> &[Declared] {
        &self.declared
    }

    fn acts_as(&self) -> Vec<String> {
        self.roles()
    }

    fn own_role(&self) -> Option<&str> {
        Some(self.repoint.operator_role)
    }

    fn asks(&self) -> String {
        self.active() + &self.restorable() + &self.members()
    }

    fn foreseen(&self) -> &'static [(&'static str, &'static str)] {
        &[("G-NOLEGACY-POST", "fires_without_execute")]
    }

    fn told(&self) -> Told {
        Told {
            before: "  Nothing outside the sealed set runs a member without asking for EXECUTE: no trigger, index, default, policy, type or
  operator; preflight.sql names each that does. Members of the writer's role are logins of sealed writers, and nobody else.
"
            .to_owned(),
            duration:
                "It locks no table
  and no row of the application: reads and births go on. Calls of routines that it replaces wait for its end.",
            back: "the new path first, then the old one",
            back_guards: &["G-NOMIXED-AUTHORITY", "G-BIRTH-NEUTRAL"],
        }
    }

    fn apply(&self) -> Vec<Piece> {
        let step = self.step;
        vec![
            Piece::Sql(self.close()),
            Piece::Guards(step, Moment::Between),
            Piece::Sql(checkpoint(BETWEEN) + &self.open()),
        ]
    }

    fn back(&self, reader: &str) -> String {
        self.takes_back(reader)
    }
}

impl Plan<'_> {
    /// Properties that `create or replace` sets to their default, since no capture holds them.
    fn restorable(&self) -> String {
        let replaced: Vec<&str> = self
            .changed
            .iter()
            .filter(|changed| changed.becomes.is_some())
            .map(|changed| changed.identity.as_str())
            .collect();
        refuse_if_any(
            "restorable",
            codes::NOT_RESTORABLE,
            &format!(
                "    select d.identity || ' has a cost, a number of rows or a support function of its own'
    from pg_catalog.unnest({}) as d (identity)
    join pg_catalog.pg_proc as p on p.oid = pg_catalog.to_regprocedure(d.identity)
    where p.procost <> 100 or p.prorows <> case when p.proretset then 1000 else 0 end or p.prosupport::pg_catalog.oid <> 0",
                array(&replaced)
            ),
        )
    }

    /// A set is active: before the first activation, and once this packet was taken back, there is none.
    fn active(&self) -> String {
        let creation = self.sources.creation.as_ref();
        let first = creation.map_or_else(String::new, |packet| {
            format!(": {} has to activate a set first", packet.package)
        });
        refuse_if_any(
            "active",
            codes::OUT_OF_ORDER,
            &format!(
                "    select 'nothing is active for ' || {writer_type} || {first}
    where not exists (select from {schema}.active_set as s where s.writer_type::text = {writer_type})",
                writer_type = literal(self.repoint.writer_type),
                first = literal(&first),
                schema = self.schema(),
            ),
        )
    }

    /// Nobody but the sealed writers is let in.
    fn members(&self) -> String {
        let schema = self.schema();
        refuse_if_any(
            "members",
            codes::WRITER_MEMBER_UNKNOWN,
            &format!(
                "    select m.rolname from pg_catalog.pg_auth_members as a
    join pg_catalog.pg_roles as m on m.oid = a.member
    join pg_catalog.pg_roles as r on r.oid = a.roleid and r.rolname = {writer}
    where not exists (
      select from {schema}.principal_manifest as p
      join {schema}.latest_sealed as l on l.manifest_id = p.manifest_id and l.surface_no = p.surface_no
      join {schema}.slot_binding_manifest as b on b.principal_id = p.principal_id and b.slot::text = {slot}
      join {schema}.latest_sealed as s on s.manifest_id = b.manifest_id and s.surface_no = b.surface_no
      where p.login_role::text = m.rolname)",
                writer = literal(self.repoint.writer_role),
                slot = literal(self.repoint.writer_slot)
            ),
        )
    }

    /// One statement an ACL item, by its grantor; who was given it to give on goes first [ruling B4]. The owner's own
    /// goes last: replacing a body takes EXECUTE on the routine, of its owner too.
    fn close(&self) -> String {
        let mut sql =
            String::from("-- The old path is closed: one statement an item, by whoever granted it.\n");
        let (mut own, mut items): (Vec<Grant<'_>>, Vec<Grant<'_>>) =
            self.items().partition(Grant::is_owners_own);
        sql.push_str(&revokes(&mut items));
        sql.push_str("\n-- Entry points of the old path fail closed; every other body stays as it is.\n");
        sql.push_str(&self.bodies(
            |changed| !changed.is_caller,
            |changed| changed.becomes.as_ref(),
            "stub",
        ));
        sql.push_str("\n-- The owner's own EXECUTE.\n");
        sql.push_str(&revokes(&mut own));
        sql
    }

    /// The callers, then the way in.
    fn open(&self) -> String {
        let mut sql = String::from("-- The callers go through the gateway.\n");
        sql.push_str(&self.bodies(
            |changed| changed.is_caller,
            |changed| changed.becomes.as_ref(),
            "body",
        ));
        let _ = write!(
            sql,
            "\n-- The new path is opened, to the writers alone.\n{owner}grant usage on schema {schema} to {writer};\ngrant execute on function {gateway} to {writer};\n{ACT_AS_ONESELF}",
            owner = act_as(self.sources.plane.owner),
            schema = self.schema(),
            gateway = self.gateway(),
            writer = ident(self.repoint.writer_role),
        );
        sql
    }

    /// The way back: supersede, show that nothing is routed, close the new path, and only then restore.
    fn takes_back(&self, reader: &str) -> String {
        let schema = self.schema();
        let (writer, writer_type) = (ident(self.repoint.writer_role), literal(self.repoint.writer_type));
        let owner = act_as(self.sources.plane.owner);
        let gateway = self.gateway();
        let name = gateway.split('(').next().unwrap_or_default().to_owned();
        let mut sql = format!(
            "-- The new path is superseded at the epoch that is found.
{read}select pg_catalog.set_config('packet.epoch', (select e.epoch::text from {schema}.control_epoch as e), true) as epoch,
  pg_catalog.set_config('packet.active', (select pg_catalog.count(*)::text from {schema}.active_set as s where s.writer_type::text = {writer_type}), true) as active;
{operator}select {schema}.cp_supersede({writer_type}, pg_catalog.current_setting('packet.epoch')::bigint) as superseded
where pg_catalog.current_setting('packet.active') <> '0';
{ACT_AS_ONESELF}
-- Readiness is BLOCKED, and the gateway takes no write.
{owner}",
            read = act_as(reader),
            operator = act_as(self.repoint.operator_role),
        );
        sql.push_str(&refuse_if_any(
            "blocked",
            codes::READINESS_NOT_BLOCKED,
            &format!(
                "    select 'active: ' || s.writer_type from {schema}.active_set as s where s.writer_type::text = {writer_type}
    union all
    select 'verdict: ' || a.verdict from {schema}.v_fix7_acceptance as a where a.writer_type::text = {writer_type} and a.verdict is distinct from 'BLOCKED'"
            ),
        ));
        sql.push_str(&block(
            "routes",
            &format!(
                "declare
  v_state text := 'none';
begin
  begin
    perform from {name}({writer_type}, '{{}}'::jsonb, true);
  exception when others then
    v_state := sqlstate;
  end;
  if v_state not like 'Q70__' then
    {raised}
  end if;
end",
                raised = raise(
                    codes::READINESS_NOT_BLOCKED,
                    "'a write through the gateway ended in ' || v_state"
                )
            ),
        ));
        let _ = write!(
            sql,
            "{}\n-- The new path is closed.\nrevoke execute on function {gateway} from {writer};\nrevoke usage on schema {schema} from {writer};\n{ACT_AS_ONESELF}\n-- The owner's own EXECUTE, without which no body can be replaced.\n",
            checkpoint("superseded")
        );
        let (mut own, mut items): (Vec<Grant<'_>>, Vec<Grant<'_>>) =
            self.items().partition(Grant::is_owners_own);
        sql.push_str(&grants(&mut own));
        sql.push_str("\n-- Bodies as they were captured: callers, then entry points of the old path.\n");
        sql.push_str(&self.bodies(
            |changed| changed.is_caller,
            |changed| Some(&changed.live.source),
            "body",
        ));
        sql.push_str(&self.bodies(
            |changed| !changed.is_caller && changed.becomes.is_some(),
            |changed| Some(&changed.live.source),
            "body",
        ));
        sql.push_str("\n-- Every other item of every member, the owner's first.\n");
        sql.push_str(&grants(&mut items));
        sql
    }

    /// Every item of every member.
    fn items(&self) -> impl Iterator<Item = Grant<'_>> {
        self.changed.iter().flat_map(|changed| {
            let live = changed.live;
            Grant::of(
                live.word(),
                &changed.identity,
                &live.owner,
                &live.acl,
                &changed.revoked,
            )
        })
    }

    /// `create or replace` of each routine that `of` picks, as its owner.
    fn bodies<'b>(
        &'b self,
        of: impl Fn(&Changed<'b>) -> bool,
        body: impl Fn(&'b Changed<'b>) -> Option<&'b canonical::Routine>,
        word: &str,
    ) -> String {
        let mut sql = String::new();
        let mut acting = "";
        for changed in self.changed.iter().filter(|changed| of(changed)) {
            let Some(source) = body(changed) else { continue };
            if acting != changed.live.owner {
                acting = &changed.live.owner;
                sql.push_str(&act_as(acting));
            }
            sql.push_str(&replace(&changed.identity, changed.live, source, word));
        }
        sql.push_str(ACT_AS_ONESELF);
        sql
    }
}
