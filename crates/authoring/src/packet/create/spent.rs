//! What outlives the way back before the activation: the nonce of the leave that its run used up.
//!
//! Not for: a nonce while there is a control plane, whose registry holds it. The one fact to know: the tables go, so the
//! nonce is kept as a setting of the owner's role until its leave has expired, and that role stays for as long; nobody
//! may write the setting outside of a window, the role itself neither.

use super::Frame;
use crate::packet::codes::LEAVE_NOT_EXPIRED;
use crate::packet::sql::{ACT_AS_ONESELF, act_as, block, literal, refuse_if_any};

/// The setting. No server knows it, so that only who was given it may set it.
pub(super) const SETTING: &str = "packet.spent";

/// A query over leaves that were used and taken back: nonce, by whom, and until when they would hold.
fn spent(owner: &str) -> String {
    let prefix = format!("{SETTING}=");
    format!(
        "select e.value ->> 'nonce' as nonce, e.value ->> 'by' as used_by, e.value ->> 'until' as until
    from pg_catalog.pg_db_role_setting as s
    join pg_catalog.pg_roles as r on r.oid = s.setrole and r.rolname = {owner}
    cross join lateral pg_catalog.unnest(s.setconfig) as c (setting)
    cross join lateral pg_catalog.jsonb_array_elements(
      case when pg_catalog.starts_with(c.setting, {prefix}) then pg_catalog.substr(c.setting, {from})::jsonb else '[]' end) as e (value)
    where s.setdatabase = 0",
        owner = literal(owner),
        from = prefix.len() + 1,
        prefix = literal(&prefix),
    )
}

/// What time does to them, for whoever can't wait for it: a superuser, on a server that is thrown away.
pub(crate) fn expire(owner: &str) -> String {
    block(
        "expired",
        &format!(
            "begin
  execute pg_catalog.format('alter role %I set {SETTING} = %L', {owner}, (
    select pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('nonce', l.nonce, 'by', l.used_by, 'until', '2000-01-01T00:00:00Z'))::text from (
    {spent}) as l));
end",
            spent = spent(owner),
            owner = literal(owner),
        ),
    )
}

impl Frame<'_> {
    /// Those of this plane.
    pub(super) fn spent(&self) -> String {
        spent(self.plane.owner)
    }

    /// Remembers the leave that this way back was handed, and forgets those that have expired.
    pub(super) fn remember_leave(&self) -> String {
        format!(
            "\n-- The registry goes, so the owner's role remembers the nonce until its leave has expired.\n{act}{remembered}{ACT_AS_ONESELF}",
            act = act_as(self.plane.owner),
            remembered = block(
                "spent",
                &format!(
                    "declare
  v_spent jsonb;
begin
  select pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('nonce', l.nonce, 'by', l.used_by, 'until', l.until) order by l.nonce) into v_spent from (
    select l.nonce, l.used_by, l.until from (
    {spent}) as l where l.until::timestamptz > pg_catalog.clock_timestamp() and l.nonce <> pg_catalog.current_setting('packet.nonce')
    union all
    select f.nonce, session_user::text, f.until from (
      select pg_catalog.current_setting('packet.nonce') as nonce, f.value ->> 1 as until
      from pg_catalog.jsonb_array_elements(pg_catalog.current_setting('packet.authorization')::jsonb -> 2) as f (value) where f.value ->> 0 = 'expiry') as f
  ) as l;
  execute pg_catalog.format('alter role %I set {SETTING} = %L', {owner}, v_spent::text);
end",
                    spent = self.spent(),
                    owner = literal(self.plane.owner),
                ),
            ),
        )
    }

    /// The owner's role stays while it remembers a leave that would still hold.
    pub(super) fn demand_expired(&self) -> String {
        refuse_if_any(
            "expired",
            LEAVE_NOT_EXPIRED,
            &format!(
                "    select l.nonce || ' was used by ' || l.used_by || ' and holds until ' || l.until from (
    {}) as l where l.until::timestamptz > pg_catalog.clock_timestamp()",
                self.spent()
            ),
        )
    }
}
