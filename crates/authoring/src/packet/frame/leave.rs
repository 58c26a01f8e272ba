//! The authorization that was handed in, against this target, these bytes, these people and this instant [ruling A5].
//!
//! Not for: its signatures, which no database can check. The one fact to know: whatever does not hold is a line of the
//! detail that begins with the code by which `operator-authorization` refuses the same.

use super::super::codes;
use super::super::sql::{array, block, literal};
use super::{Frame, Way};

impl Frame<'_> {
    /// The authorization, field by field [ruling A5].
    pub(super) fn leave(&self, way: Way) -> String {
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
}
