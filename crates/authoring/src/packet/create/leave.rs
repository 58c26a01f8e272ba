//! Who runs a part, and under which leave, before there is a control plane that could say who there is.
//!
//! Not for: whether a signature is good, which no database can tell. The one fact to know: people are those of the rows
//! that this very packet seals, and an epoch that nobody has begun is number 0 [rulings A5, A7, B18].

use super::Frame;
use super::stage::{CREATE, Part, Runner, SIGNOFF};
use crate::packet::artifact::{self, Expected};
use crate::packet::codes::{
    AUTHORIZATION_REFUSED, DECISION_UNCLEAR, OPERATOR_NOT_PREPARED, OUT_OF_ORDER, PART_OUT_OF_ORDER,
};
use crate::packet::sql::{array, block, literal, raise, refuse_if_any};

/// The control epoch where no control plane is.
pub(crate) const EPOCH_BEFORE_ANY: u64 = 0;

impl Frame<'_> {
    /// The login may become what it acts as, and holds nothing of the owner's before.
    pub(crate) fn prepared(&self, runner: Runner) -> String {
        let mut roles = vec![self.window.reader];
        roles.extend(self.acts_as(runner));
        let owner = match runner {
            Runner::Operator => vec![self.plane.owner],
            Runner::Verifier | Runner::Signer => Vec::new(),
        };
        let mut contract: Vec<&str> = self.plane.roles.iter().map(|role| role.name).collect();
        contract.push(self.window.reader);
        let mut query = format!(
            "    select 'no role ' || w.role from pg_catalog.unnest({contract}) as w (role)
    where pg_catalog.to_regrole(pg_catalog.quote_ident(w.role)) is null
    union all
    select session_user || ' may not become ' || r.rolname from pg_catalog.unnest({roles}) as w (role)
    join pg_catalog.pg_roles as r on r.rolname = w.role
    where not pg_catalog.pg_has_role(session_user, r.oid, 'MEMBER')",
            contract = array(&contract),
            roles = array(&roles),
        );
        if !owner.is_empty() {
            query.push_str(&format!(
                "
    union all
    select session_user || ' holds what ' || r.rolname || ' holds without becoming it' from pg_catalog.pg_roles as r
    where r.rolname = {owner} and pg_catalog.pg_has_role(session_user, r.oid, 'USAGE')
      and not (select s.rolsuper from pg_catalog.pg_roles as s where s.rolname = session_user)",
                owner = literal(self.plane.owner)
            ));
        }
        refuse_if_any("prepared", OPERATOR_NOT_PREPARED, &query)
    }

    /// Roles that a runner's part takes besides the one that reads.
    fn acts_as(&self, runner: Runner) -> Vec<&str> {
        match runner {
            Runner::Operator => vec![self.plane.owner, self.packet.operator.role],
            Runner::Verifier => vec![self.packet.verifier.role],
            Runner::Signer => vec![self.packet.signer_role],
        }
    }

    /// The slot and the decision that a signer hands in.
    pub(crate) fn decision(&self) -> String {
        block(
            "decision",
            &format!(
                "begin
  if (coalesce(pg_catalog.current_setting('packet.slot', true), '') = any ({slots})
      and coalesce(pg_catalog.current_setting('packet.decision', true), '') in ('approve', 'reject')) is not true then
    {refused}
  end if;
end",
                slots = array(&self.slots),
                refused = raise(
                    DECISION_UNCLEAR,
                    &format!(
                        "'slot: expected one of {}, found ' || coalesce(nullif(pg_catalog.current_setting('packet.slot', true), ''), 'none') || '; decision: expected approve or reject, found ' || coalesce(nullif(pg_catalog.current_setting('packet.decision', true), ''), 'none')",
                        self.slots.join(", ")
                    )
                )
            ),
        )
    }

    /// Whoever runs a part, by the login alone: the first thing that is asked.
    pub(crate) fn session(&self, runner: Runner) -> String {
        let (code, slot) = match runner {
            Runner::Operator => return String::new(),
            Runner::Verifier => ("SESSION_NOT_VERIFIER", literal(self.packet.verifier.slot)),
            Runner::Signer => (
                "SESSION_NOT_SIGNER",
                "pg_catalog.current_setting('packet.slot', true)".to_owned(),
            ),
        };
        refuse_if_any(
            "session",
            AUTHORIZATION_REFUSED,
            &format!(
                "    select '{code}: ' || session_user || ' is the login of nobody who holds slot ' || {slot}
    where not exists (
      select from (values
{people}
      ) as p (principal, human, login, slots)
      where p.login = session_user::text and {slot} = any (p.slots))",
                people = self.people_rows(&["activation", "evidence"]),
            ),
        )
    }

    /// Principal, human, login and slots of each of #02, as rows; slots in these scopes of #03, or in any.
    fn people_rows(&self, scopes: &[&str]) -> String {
        let rows: Vec<String> = self
            .people
            .iter()
            .map(|one| {
                let slots: Vec<&str> = one
                    .slots
                    .iter()
                    .filter(|(_, scope)| scopes.is_empty() || scopes.contains(&scope.as_str()))
                    .map(|(slot, _)| slot.as_str())
                    .collect();
                format!(
                    "        ({}, {}, {}, {})",
                    literal(&one.principal),
                    literal(&one.human),
                    literal(&one.login),
                    array(&slots)
                )
            })
            .collect();
        rows.join(",\n")
    }

    /// The authorization, field by field [ruling A5]; of a way back, `None`, whenever it is.
    pub(crate) fn leave(&self, part: Option<&Part>) -> String {
        let leave = artifact::leave(&Expected {
            package: self.packet.package,
            tool_version: self.tool_version,
            author: self.packet.author,
            count: self.declared.objects.len(),
            declared: format!(
                "select d.value ->> 1 from pg_catalog.jsonb_array_elements(pg_catalog.current_setting('{}')::jsonb -> 'objects') as d (value)",
                super::state::DECLARED
            ),
            in_time: part.is_some_and(|part| !part.is_way_back() && part.name != SIGNOFF.name),
            more: format!(
                "    select 'OTHER_EPOCH: expected {EPOCH_BEFORE_ANY}, since none was begun before this packet, found ' || coalesce(v_field ->> 'epoch', 'nothing')
    where v_field ->> 'epoch' is distinct from '{EPOCH_BEFORE_ANY}'"
            ),
            known: format!(
                "sealed (principal, human, login, slots) as (values
{people}
      ), known as (
        select n.*, p.human as sealed_human, p.login, n.slot = any (p.slots) as held from named as n left join sealed as p on p.principal = n.principal
      )",
                people = self.people_rows(&[])
            ),
            by_operator: part.is_none_or(|part| part.runner == Runner::Operator),
        });
        let mut sql = format!("{leave}{}", self.nonce(part));
        if part.is_some_and(|part| part.name == SIGNOFF.name) {
            sql.push_str(&self.signed_in_time());
        }
        if part.is_none_or(|part| part.name != CREATE.name) {
            sql.push_str(&self.order());
        }
        sql
    }

    /// A signature belongs to the window of the leave until something was activated; after that it is part of a way back.
    fn signed_in_time(&self) -> String {
        refuse_if_any(
            "window",
            AUTHORIZATION_REFUSED,
            &format!(
                "    select w.line from (
      select f.value ->> 0 as field, case when f.value ->> 0 in ('not_before', 'expiry') then (f.value ->> 1)::pg_catalog.timestamptz end as at
      from pg_catalog.jsonb_array_elements(pg_catalog.current_setting('packet.authorization')::jsonb -> 2) as f (value)) as b
    cross join lateral (
      select 'NOT_YET_VALID: it is valid from ' || (b.at at time zone 'UTC') as line where b.field = 'not_before' and b.at > pg_catalog.clock_timestamp()
      union all
      select 'EXPIRED: it was valid until ' || (b.at at time zone 'UTC') where b.field = 'expiry' and b.at <= pg_catalog.clock_timestamp()) as w
    where not exists (select from {schema}.manifest_activation as a)",
                schema = self.plane.schema
            ),
        )
    }

    /// While a later package is applied, nothing of this one moves.
    fn order(&self) -> String {
        refuse_if_any(
            "order",
            OUT_OF_ORDER,
            &format!(
                "    select distinct 'applied and not taken back: ' || a.package_id from {schema}.operator_packet_run as a
    where a.action = 'apply' and a.package_id::text <> {package}
      and not exists (select from {schema}.operator_packet_run as b where b.nonce = a.nonce and b.action = 'rollback')",
                schema = self.plane.schema,
                package = literal(self.packet.package)
            ),
        )
    }

    /// The first part uses the nonce, which the registry remembers where there is one, and the owner's role where it was
    /// taken back; every other is under the same leave.
    fn nonce(&self, part: Option<&Part>) -> String {
        let schema = self.plane.schema;
        let registry = literal(&format!("{schema}.operator_packet_run"));
        if part.is_some_and(|part| part.name == CREATE.name) {
            return block(
                "nonce",
                &format!(
                    "declare
  v_by text;
begin
  if pg_catalog.to_regclass({registry}) is not null then
    select u.actor into v_by from {schema}.operator_packet_run as u where u.nonce = pg_catalog.current_setting('packet.nonce');
  else
    select l.used_by into v_by from (
    {spent}) as l where l.nonce = pg_catalog.current_setting('packet.nonce');
  end if;
  if v_by is not null then
    {replayed}
  end if;
end",
                    spent = self.spent(),
                    replayed = raise(
                        AUTHORIZATION_REFUSED,
                        "'NONCE_REPLAYED: ' || pg_catalog.current_setting('packet.nonce') || ' was used by ' || v_by"
                    ),
                ),
            );
        }
        block(
            "same",
            &format!(
                "begin
  if pg_catalog.to_regclass({registry}) is null then
    {absent}
  end if;
  if not exists (
    select from {schema}.operator_packet_run as r
    where r.action = 'apply' and r.package_id = {package} and r.nonce = pg_catalog.current_setting('packet.nonce')
      and r.packet_sha256 = pg_catalog.decode(pg_catalog.current_setting('packet.sha256'), 'hex')
      and r.authorization_sha256 = pg_catalog.sha256(pg_catalog.convert_to(pg_catalog.current_setting('packet.authorization') || E'\\n', 'UTF8'))) then
    {other}
  end if;
end",
                package = literal(self.packet.package),
                absent = raise(PART_OUT_OF_ORDER, &format!("'{}.sql has not run'", CREATE.name)),
                other = raise(
                    crate::packet::codes::NOT_APPLIED,
                    &format!("'{}.sql ran under other bytes or another authorization'", CREATE.name)
                ),
            ),
        )
    }
}
