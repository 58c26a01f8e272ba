//! Family `acl_denials`: somebody does directly what only an entry point may do for them.
//!
//! Where a privilege on an object is what repels, USAGE on the schema is arranged, and the reverse: else
//! the one would mask the other.

use manifest_model::AttackStage::{Activated, Sealed};
use manifest_model::Repelled::{Denied, GainsNothing};
use manifest_model::{Attack, AttackFamily, shield};

const LOOT: &str = "select 'read' where current_setting('attack.loot', true) <> ''";
const USAGE: &str = "grant usage on schema {cp} to public";

/// The family.
pub const FAMILY: AttackFamily = AttackFamily {
    id: "acl_denials",
    title: "Read, write, create, call or become somebody without the privilege",
    source: file!(),
    fields: None,
    attacks: &[
        Attack {
            id: "outsider_reads_the_gates",
            what: "An outsider looks inside the schema, with SELECT on the table already in hand",
            stage: Sealed,
            arrange: &["grant select on {cp}.readiness_gate_manifest to public"],
            acts: &[(
                "outsider",
                "select set_config('attack.loot', (select g.gate_key from {cp}.readiness_gate_manifest g order by g.ordinal limit 1), true)",
            )],
            repelled: Denied,
            shield: shield("privilege", "schema {cp}", "USAGE"),
            lower: &[USAGE],
            gain: LOOT,
        },
        Attack {
            id: "directus_reads_who_the_humans_are",
            what: "The application reads which human stands behind which principal",
            stage: Sealed,
            arrange: &[USAGE],
            acts: &[(
                "directus",
                "select set_config('attack.loot', (select p.human from {cp}.principal_manifest p order by p.ordinal limit 1), true)",
            )],
            repelled: Denied,
            shield: shield("privilege", "{cp}.principal_manifest", "SELECT"),
            lower: &["grant select on {cp}.principal_manifest to directus"],
            gain: LOOT,
        },
        Attack {
            id: "directus_drafts_a_version_of_its_own",
            what: "The application inserts an envelope, to have it sealed later",
            stage: Sealed,
            arrange: &[USAGE],
            acts: &[(
                "directus",
                "insert into {cp}.manifest_envelope (manifest_id, surface_no, version, item_count, payload_sha256, envelope_sha256) values ('00000000-0000-8000-8000-00000000a77a', 9, 99, 1, sha256('a'), sha256('b'))",
            )],
            repelled: Denied,
            shield: shield("privilege", "{cp}.manifest_envelope", "INSERT"),
            lower: &["grant insert on {cp}.manifest_envelope to directus"],
            gain: "select 'drafted' from {cp}.manifest_envelope e where e.version = 99",
        },
        Attack {
            id: "operator_registers_a_principal_by_hand",
            what: "The operator walks around the entry points and adds a principal",
            stage: Sealed,
            arrange: &[],
            acts: &[(
                "operator",
                "insert into {cp}.principal (principal_id) values ('p_mallory')",
            )],
            repelled: Denied,
            shield: shield("privilege", "{cp}.principal", "INSERT"),
            lower: &["grant insert on {cp}.principal to qt001_cp_operator"],
            gain: "select 'registered' from {cp}.principal p where p.principal_id = 'p_mallory'",
        },
        Attack {
            id: "signer_supersedes_the_active_set",
            what: "A signer calls the operator's entry point and takes the active set out of force",
            stage: Activated,
            arrange: &[],
            acts: &[("reviewer", "select {cp}.cp_supersede('birth_writer', 2)")],
            repelled: Denied,
            shield: shield("privilege", "{cp}.cp_supersede", "EXECUTE"),
            lower: &["grant execute on function {cp}.cp_supersede(text, bigint) to qt001_cp_signer"],
            gain: "select 'superseded' from {cp}.manifest_activation a where a.action = 'supersede'",
        },
        Attack {
            id: "auditor_records_evidence",
            what: "The auditor writes the evidence that the audit is to find",
            stage: Sealed,
            arrange: &[],
            acts: &[(
                "auditor",
                "insert into {cp}.level_b_packet_execution (entrypoint, subject, subject_sha256, actor, control_epoch) values ('cp_seal', 'forged', sha256('forged'), session_user, 1)",
            )],
            repelled: Denied,
            shield: shield("privilege", "{cp}.level_b_packet_execution", "INSERT"),
            lower: &["grant insert on {cp}.level_b_packet_execution to qt001_cp_auditor"],
            gain: "select 'forged' from {cp}.level_b_packet_execution x where x.subject = 'forged'",
        },
        Attack {
            id: "outsider_creates_in_the_schema",
            what: "An outsider puts a relation of their own into the schema",
            stage: Sealed,
            arrange: &[USAGE],
            acts: &[("outsider", "create table {cp}.planted (id integer)")],
            repelled: Denied,
            shield: shield("privilege", "schema {cp}", "CREATE"),
            lower: &["grant create on schema {cp} to public"],
            gain: "select 'planted' where to_regclass('{cp}.planted') is not null",
        },
        Attack {
            id: "auditor_becomes_the_owner",
            what: "The auditor takes the owner's role and takes a table from all others",
            stage: Sealed,
            arrange: &[],
            acts: &[(
                "auditor",
                "set local role qt001_cp_owner; drop view {cp}.v_fix7_acceptance",
            )],
            repelled: Denied,
            shield: shield("privilege", "role qt001_cp_owner", "MEMBER"),
            lower: &["grant qt001_cp_owner to fix7_auditor"],
            gain: "select 'dropped' where to_regclass('{cp}.v_fix7_acceptance') is null",
        },
        Attack {
            id: "directus_passes_a_read_on",
            what: "The application grants on what it was let read; the server only warns, and does nothing",
            stage: Sealed,
            arrange: &[USAGE, "grant select on {cp}.principal to directus"],
            acts: &[("directus", "grant select on {cp}.principal to fix7_outsider")],
            repelled: GainsNothing,
            shield: shield("privilege", "{cp}.principal", "SELECT WITH GRANT OPTION"),
            lower: &["grant select on {cp}.principal to directus with grant option"],
            gain: "select 'passed on' where has_table_privilege('fix7_outsider', '{cp}.principal', 'SELECT')",
        },
        Attack {
            id: "dot_script_deploys_into_the_schema",
            what: "A DOT script, which runs as the application, puts a routine into the schema",
            stage: Sealed,
            arrange: &[USAGE],
            acts: &[(
                "directus",
                "create function {cp}.deployed() returns integer language sql as 'select 1'",
            )],
            repelled: Denied,
            shield: shield("privilege", "schema {cp}", "CREATE"),
            lower: &["grant create on schema {cp} to directus"],
            gain: "select 'deployed' where to_regprocedure('{cp}.deployed()') is not null",
        },
        Attack {
            id: "dot_script_replaces_a_routine",
            what: "A DOT script replaces the body of a digest, with CREATE on the schema already in hand",
            stage: Sealed,
            arrange: &[USAGE, "grant create on schema {cp} to directus"],
            acts: &[(
                "directus",
                "create or replace function {cp}.h05(p_identities text[]) returns bytea language sql immutable parallel safe set search_path = pg_catalog, pg_temp as 'select convert_to(''replaced'', ''UTF8'')'",
            )],
            repelled: Denied,
            shield: shield("privilege", "{cp}.h05", "OWNERSHIP"),
            lower: &["alter function {cp}.h05(text[]) owner to directus"],
            gain: "select 'replaced' from pg_proc p where p.oid = '{cp}.h05(text[])'::regprocedure and p.prosrc like '%replaced%'",
        },
        Attack {
            id: "writer_asks_the_gateway_before_the_cutover",
            what: "The writer's role calls the gateway before S15 lets it",
            stage: Sealed,
            arrange: &[USAGE],
            acts: &[(
                "qt001_cp_writer",
                "select set_config('attack.loot', (select g.decision from {cp}.qt001_writer_gateway('birth_writer', '{}', false) g), true)",
            )],
            repelled: Denied,
            shield: shield("privilege", "{cp}.qt001_writer_gateway", "EXECUTE"),
            lower: &[
                "grant execute on function {cp}.qt001_writer_gateway(text, jsonb, boolean) to qt001_cp_writer",
            ],
            gain: LOOT,
        },
    ],
};
