//! The authorization that was handed in, field by field: what every packet asks of it [ruling A5].
//!
//! Not for: its signatures, which no database can check, nor who there is: a packet may run before there are sealed
//! people. The one fact to know: whatever does not hold is a line of the detail that begins with the code by which
//! `operator-authorization` refuses the same.

use super::codes::AUTHORIZATION_REFUSED;
use super::sql::{block, raise};

/// What a packet's authorization is held against.
pub(crate) struct Expected<'a> {
    /// The package.
    pub(crate) package: &'a str,
    /// Version of the tool that authored the packet.
    pub(crate) tool_version: &'a str,
    /// Who authored it, a principal.
    pub(crate) author: &'a str,
    /// How many objects the packet declares.
    pub(crate) count: usize,
    /// A query of them, one text a row.
    pub(crate) declared: String,
    /// Whether an authorization that is not valid yet, or no more, is refused: a way back stays open.
    pub(crate) in_time: bool,
    /// Queries of lines that this packet alone asks for, joined by `union all`.
    pub(crate) more: String,
    /// Common table expressions over `named`, the last of them `known`: each person of the artifact with
    /// `sealed_human`, `login` and whether the slot is `held`.
    pub(crate) known: String,
    /// Whether the session must be the operator's of the artifact.
    pub(crate) by_operator: bool,
}

/// The block that refuses an authorization that does not fit, and keeps its nonce for the record.
pub(crate) fn leave(expected: &Expected<'_>) -> String {
    let session = if expected.by_operator {
        "
      union all
      select 'SESSION_NOT_OPERATOR: expected ' || coalesce(k.login, 'nobody') || ', found ' || session_user from known as k
      where k.slot = 'operator' and k.login is distinct from session_user::text"
    } else {
        ""
    };
    let window = if expected.in_time {
        "    union all
    select 'NOT_YET_VALID: it is valid from ' || (v_field ->> 'not_before') where (v_field ->> 'not_before')::timestamptz > pg_catalog.clock_timestamp()
    union all
    select 'EXPIRED: it was valid until ' || (v_field ->> 'expiry') where (v_field ->> 'expiry')::timestamptz <= pg_catalog.clock_timestamp()"
    } else {
        ""
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
    {malformed}
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
      except {declared}) as w (value)
    union all
    select 'SCOPE_NARROWED: ' || w.value from (
      {declared}
      except select o.value from pg_catalog.jsonb_array_elements_text(v_scope -> 'objects') as o) as w (value)
    union all
    select 'OTHER_TARGET: expected ' || c.system_identifier || '/' || pg_catalog.current_database() || ', found '
      || coalesce(v_target ->> 'system_identifier', 'nothing') || '/' || coalesce(v_target ->> 'database', 'nothing')
    from pg_catalog.pg_control_system() as c
    where (v_target ->> 'system_identifier', v_target ->> 'database') is distinct from (c.system_identifier::text, pg_catalog.current_database()::text)
    union all
{more}
{window}
    union all
    select n.line from (
      with named (slot, principal, human) as (values
{named}
      ), {known}
      select 'PRINCIPAL_UNKNOWN: ' || k.slot || ' ' || coalesce(k.principal, 'nobody') as line from known as k where k.sealed_human is null
      union all
      select 'HUMAN_MISMATCH: ' || k.slot || ' ' || k.principal from known as k where k.human is distinct from k.sealed_human
      union all
      select 'SLOT_NOT_HELD: ' || k.slot || ' ' || coalesce(k.principal, 'nobody') from known as k where k.held is not true
      union all
      select 'SAME_HUMAN: ' || a.slot || ' and ' || b.slot from known as a join known as b on a.sealed_human = b.sealed_human
      where (a.slot, b.slot) in (('author', 'reviewer'), ('author', 'owner'), ('reviewer', 'owner'), ('author', 'operator'))
      union all
      select 'OTHER_AUTHOR: expected {author}, found ' || coalesce(k.principal, 'nobody') from known as k where k.slot = 'author' and k.principal is distinct from '{author}'{session}
    ) as n
  ) as r (line);
  if v_found is not null then
    {refused}
  end if;
  perform pg_catalog.set_config('packet.nonce', v_field ->> 'nonce', true);
end",
            malformed = raise(AUTHORIZATION_REFUSED, "'MALFORMED: ' || sqlerrm"),
            refused = raise(AUTHORIZATION_REFUSED, "v_found"),
            package = expected.package,
            version = expected.tool_version,
            count = expected.count,
            declared = expected.declared,
            more = expected.more,
            named = named(),
            known = expected.known,
            author = expected.author,
        );
    block("leave", &body)
}

/// Who stands in the artifact, a row a slot.
fn named() -> String {
    let person = |slot: &str, key: &str| {
        format!(
            "(select p.value ->> 1 from pg_catalog.jsonb_array_elements(v_field -> '{slot}') as p where p.value ->> 0 = '{key}')"
        )
    };
    let rows: Vec<String> = ["author", "reviewer", "owner", "operator"]
        .iter()
        .map(|slot| {
            format!(
                "        ('{slot}', {}, {})",
                person(slot, "principal"),
                person(slot, "human")
            )
        })
        .collect();
    rows.join(",\n")
}
