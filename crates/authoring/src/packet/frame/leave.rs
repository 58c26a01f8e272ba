//! Against which target, bytes, people and instant a packet's authorization is held [ruling A5].
//!
//! Not for: the fields that every packet asks for (`artifact`). The one fact to know: a packet of this frame has a
//! control plane, so that people, epoch and used nonces are its sealed and recorded rows.

use super::super::artifact::{self, Expected};
use super::super::sql::array;
use super::{Frame, Way};

impl Frame<'_> {
    /// The authorization, field by field.
    pub(super) fn leave(&self, way: Way) -> String {
        let schema = self.plane.schema;
        let mut more = format!(
            "    select 'NONCE_REPLAYED: ' || u.nonce || ' was used by ' || u.actor from {schema}.operator_packet_run as u
    where u.nonce = v_field ->> 'nonce' and u.action = '{}'",
            way.word()
        );
        // A way back must stay open after the window has closed.
        if way == Way::Apply {
            more.push_str(&format!(
                "
    union all
    select 'OTHER_EPOCH: expected ' || e.epoch || ', found ' || (v_field ->> 'epoch') from {schema}.control_epoch as e where e.epoch::text is distinct from v_field ->> 'epoch'"
            ));
        }
        artifact::leave(&Expected {
            package: self.packet.package,
            tool_version: self.tool_version,
            author: self.packet.author,
            count: self.objects.len(),
            declared: format!("select d.value from pg_catalog.unnest({}) as d (value)", array(&self.objects)),
            in_time: way == Way::Apply,
            more,
            known: format!(
                "known as (
        select n.*, p.human::text as sealed_human, p.login_role::text as login, exists (
            select from {schema}.slot_binding_manifest as b join {schema}.latest_sealed as l on l.manifest_id = b.manifest_id and l.surface_no = b.surface_no
            where b.principal_id::text = n.principal and b.slot::text = n.slot) as held
        from named as n
        left join (select p.* from {schema}.principal_manifest as p
          join {schema}.latest_sealed as l on l.manifest_id = p.manifest_id and l.surface_no = p.surface_no) as p on p.principal_id::text = n.principal
      )"
            ),
            by_operator: true,
        })
    }
}
