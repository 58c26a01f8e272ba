//! The ways back of the creation: before the activation, and after it [ruling A8].
//!
//! Not for: what lies between them (`parts`). The one fact to know: before the activation the tables take their sealed
//! rows along; after it nothing goes, and the prior payload is activated once more.

use super::Frame;
use super::declared::next_set_digest;
use super::parts::{names, verbatim};
use super::stage::{CANDIDATE, RETURN, Runner};
use crate::acts;
use crate::error::AuthorError;
use crate::files::Files;
use crate::header::GENERATED;
use crate::negative::surface::next_version;
use crate::packet::assertions::Guards;
use crate::packet::codes::STATE_NOT_REACHED;
use crate::packet::sql::{ACT_AS_ONESELF, act_as, block, literal, raise};

impl Frame<'_> {
    /// Before an activation: the objects go in the other order, and the tables take their sealed rows along [ruling A8].
    pub(crate) fn rollback(&self, files: &Files, guards: &mut Guards<'_>) -> Result<String, AuthorError> {
        let mut sql = format!(
            "-- {GENERATED}\n-- {package}, taken back before the activation: S08 to S01, in the other order.\n-- One transaction's content; run-rollback.psql is what is run.\n\n",
            package = self.packet.package,
        );
        sql.push_str(&self.opening(Runner::Operator));
        sql.push_str(&self.leave(None));
        sql.push('\n');
        sql.push_str(&self.demand_droppable());
        sql.push_str(&guards.measure()?);
        sql.push_str(ACT_AS_ONESELF);
        for name in names(files, "migrations").into_iter().rev() {
            if name != self.roles_file() {
                sql.push_str(&verbatim(files, &format!("migrations/{name}.down.sql")));
            }
        }
        sql.push_str(
            "\n-- Nothing of it is left, births went on as they were, and the estate is what it was.\n",
        );
        sql.push_str(&act_as(self.window.reader));
        sql.push_str(&self.demand_absent(STATE_NOT_REACHED));
        sql.push_str(&guards.unmoved(STATE_NOT_REACHED)?);
        sql.push_str(&guards.due_without_plane(self.packet.before)?);
        sql.push_str(ACT_AS_ONESELF);
        sql.push_str(&self.remember_leave());
        sql.push_str("set constraints all immediate;\n");
        Ok(sql)
    }

    /// `40`: the prior payload as the next version of every surface, sealed.
    pub(crate) fn candidate(&self, guards: &mut Guards<'_>) -> Result<String, AuthorError> {
        let mut sql = self.head(&CANDIDATE);
        sql.push_str(&self.demand(&CANDIDATE, &[]));
        sql.push_str(&guards.measure()?);
        sql.push_str(ACT_AS_ONESELF);
        sql.push('\n');
        sql.push_str(&act_as(self.plane.owner));
        let mut next = Vec::new();
        for version in acts::ordered(self.plane, self.versions) {
            let envelope = version.envelope_at(version.version + 1)?;
            let id = envelope.manifest_id().to_string();
            for statement in next_version(self.plane, version, &format!("'{id}'"), &envelope.to_bytea_text())
            {
                sql.push_str(&format!("{statement};\n"));
            }
            next.push((id, version.payload.to_bytea_text()));
        }
        sql.push_str(ACT_AS_ONESELF);
        sql.push('\n');
        sql.push_str(&act_as(self.packet.operator.role));
        for (id, payload) in next {
            sql.push_str(&self.seal(&id, &payload));
        }
        sql.push_str(ACT_AS_ONESELF);
        sql.push('\n');
        sql.push_str(&act_as(self.window.reader));
        sql.push_str(&self.demand_reached(&CANDIDATE));
        sql.push_str(&guards.due_as_of(&[self.packet.sealed], self.packet.sealed)?);
        sql.push_str(ACT_AS_ONESELF);
        sql.push_str("set constraints all immediate;\n");
        Ok(sql)
    }

    /// `50`: the same over the prior payload.
    pub(crate) fn give_back(&self, guards: &mut Guards<'_>) -> Result<String, AuthorError> {
        let set = next_set_digest(self.versions)?.to_bytea_text();
        self.bind(&RETURN, &set, guards)
    }

    fn active_payloads(&self) -> String {
        let schema = self.plane.schema;
        format!(
            "select pg_catalog.string_agg(a.surface_no || ' ' || pg_catalog.encode(e.payload_sha256, 'hex'), ',' order by a.surface_no)
  from {schema}.active_manifest as a join {schema}.manifest_envelope as e on e.manifest_id = a.manifest_id and e.surface_no = a.surface_no
  where a.writer_type::text = {}",
            literal(self.plane.first_activation.writer_type)
        )
    }

    /// The payloads that were active last, and the epoch at which they are to be active again: the next package's way back
    /// may have superseded them.
    pub(super) fn remember_payloads(&self) -> String {
        format!(
            "-- The payloads that were active last; they must be the ones that are active after. The epoch is the one at which they were signed.
select pg_catalog.set_config('packet.payloads', (
  select pg_catalog.string_agg(l.surface_no || ' ' || pg_catalog.encode(e.payload_sha256, 'hex'), ',' order by l.surface_no)
  from {schema}.manifest_activation_line as l join {schema}.manifest_envelope as e on e.manifest_id = l.manifest_id and e.surface_no = l.surface_no
  where l.writer_type::text = {writer} and l.control_epoch = (
    select pg_catalog.max(a.control_epoch) from {schema}.manifest_activation as a where a.writer_type::text = {writer} and a.action = 'activate')), true) is not null as remembered,
  pg_catalog.set_config('packet.epoch', (
  select (2 + pg_catalog.count(*))::text from {schema}.manifest_activation as a where a.writer_type::text = {writer} and a.action = 'supersede' and a.control_epoch = 3), true) is not null as bound;
",
            schema = self.plane.schema,
            writer = literal(self.plane.first_activation.writer_type),
        )
    }

    pub(super) fn same_payloads(&self) -> String {
        block(
            "payloads",
            &format!(
                "declare
  v_found text := ({});
begin
  if v_found is distinct from pg_catalog.current_setting('packet.payloads') then
    {}
  end if;
end",
                self.active_payloads(),
                raise(STATE_NOT_REACHED, "'the active payloads are not those of before'")
            ),
        )
    }
}
