//! Which parts of the creation have run: `verify.sql`.
//!
//! Not for: changing anything. The one fact to know: it answers for each part, BEFORE, AFTER or NEITHER, and is what is
//! run first when a connection was lost in the middle.

use super::Frame;
use super::stage::{PARTS, Runner, Stage};
use crate::header::GENERATED;
use crate::packet::codes::NEITHER_BEFORE_NOR_AFTER;
use crate::packet::common;
use crate::packet::sql::{block, literal, raise};

/// The setting that holds what was found.
const LIVE: &str = "packet.live";

impl Frame<'_> {
    /// Which parts have run.
    pub(crate) fn verify(&self) -> String {
        let stages: Vec<String> = Stage::ALL
            .iter()
            .map(|stage| format!("({}, '{}')", stage.at(), stage.word()))
            .collect();
        let found = format!(
            "with line as (
  select l.value ->> 0 as kind, l.value ->> 1 as identity, l.value -> 2 as at, l.value ->> 3 as found,
    l.value ->> 1 = any (array[{slots}]) as is_slot
  from pg_catalog.jsonb_array_elements(pg_catalog.current_setting('{LIVE}')::jsonb) as l (value)
), stage (at, word) as (
  values {stages}
), nearest as (
  -- Two stages differ in slots alone, which answer for themselves.
  select s.at, s.word, (select pg_catalog.count(*) from line as l where not l.is_slot and l.found is distinct from l.at ->> s.at) as moved
  from stage as s order by 3, 1 limit 1
)",
            slots = self
                .slot_names()
                .iter()
                .map(|name| literal(name))
                .collect::<Vec<_>>()
                .join(", "),
            stages = stages.join(", "),
        );
        format!(
            "-- {GENERATED}
-- {package}: which of its parts have run? Read-only, at any time while no later package is applied, first of all after a
-- connection was lost: psql -X -v ON_ERROR_STOP=1 -f verify.sql

{look}
{may_look}
{declare}{live}
-- Part by part: BEFORE, AFTER, or NEITHER.
{found}
select p.answer as part from (
{answers}
) as p (n, answer) order by p.n;

-- The state, with the digest that packet.toml declares for it.
{found}
select case when n.moved > 0 then 'NEITHER' else coalesce((
    select s.word from stage as s where not exists (select from line as l where l.found is distinct from l.at ->> s.at) limit 1), 'after ' || n.word) end
  || ' ' || pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to((
    select pg_catalog.string_agg(l.kind || ' ' || l.identity || ' ' || l.found, E'\\n' order by l.kind || ' ' || l.identity || ' ' || l.found collate \"C\") from line as l), 'UTF8')), 'hex') as state
from nearest as n;

-- What keeps it from the nearest stage.
{found}
select l.identity as object, n.word as stage, l.at ->> n.at as expected, l.found from line as l cross join nearest as n
where not l.is_slot and l.found is distinct from l.at ->> n.at order by l.identity collate \"C\";

-- Runs of this packet.
select r.value ->> 0 as action, r.value ->> 1 as nonce, r.value ->> 2 as packet_sha256, r.value ->> 3 as actor, r.value ->> 4 as recorded_at
from pg_catalog.jsonb_array_elements(pg_catalog.current_setting('packet.runs')::jsonb) as r (value);

{neither}",
            package = self.packet.package,
            look = common::look(self.window),
            may_look = common::may_look(self.plane.schema),
            declare = self.declare(true),
            live = self.read_live(),
            answers = self.answers().join("\n  union all\n"),
            neither = block(
                "neither",
                &format!(
                    "declare
  v_moved bigint;
begin
  {found}
  select n.moved into v_moved from nearest as n;
  if v_moved > 0 then
    {refused}
  end if;
end",
                    refused = raise(NEITHER_BEFORE_NOR_AFTER, "v_moved || ' lines differ'"),
                ),
            ),
        )
    }

    /// Reads the state into a setting, whether there is a control plane or not.
    fn read_live(&self) -> String {
        let schema = self.plane.schema;
        block(
            "live",
            &format!(
                "declare
  v_live jsonb;
  v_runs jsonb := '[]';
begin
  if pg_catalog.to_regnamespace({name}) is null then
    {nothing};
  else
    begin
    {live};
    select coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_array(r.action, r.nonce, pg_catalog.encode(r.packet_sha256, 'hex'), r.actor, r.recorded_at) order by r.recorded_at), '[]')
    into v_runs from {schema}.operator_packet_run as r where r.package_id = {package};
    exception when undefined_table or undefined_column or undefined_function or invalid_schema_name then
      {unreadable}
    end;
  end if;
  perform pg_catalog.set_config('{LIVE}', v_live::text, false), pg_catalog.set_config('packet.runs', v_runs::text, false);
end",
                name = literal(schema),
                package = literal(self.packet.package),
                nothing = Self::nothing_live(" into v_live"),
                live = self.live(" into v_live"),
                unreadable = raise(
                    NEITHER_BEFORE_NOR_AFTER,
                    "'the control plane can''t be read: ' || sqlerrm"
                ),
            ),
        )
    }

    /// A query of one answer for each part, slots one by one.
    fn answers(&self) -> Vec<String> {
        let mut all = Vec::new();
        for (n, part) in PARTS.iter().enumerate() {
            if part.runner != Runner::Signer {
                all.push(format!(
                    "  select {n}, '{name} ' || case when n.moved > 0 then 'NEITHER' when n.at >= {to} then 'AFTER' else 'BEFORE' end from nearest as n",
                    name = part.name,
                    to = part.to.at()
                ));
                continue;
            }
            let (version, again) = if part.to == Stage::Signed {
                (1, "")
            } else {
                (2, " again")
            };
            for slot in &self.slots {
                all.push(format!(
                    "  select {n}, '{name} {slot}{again} ' || case l.found when 'signed' then 'AFTER' when 'open' then 'BEFORE' when 'absent' then 'BEFORE' when 'rejected' then 'REJECTED' else 'NEITHER' end from line as l where l.identity = {fact}",
                    name = part.name,
                    fact = literal(&super::declared::signoffs(slot, version))
                ));
            }
        }
        all
    }
}
