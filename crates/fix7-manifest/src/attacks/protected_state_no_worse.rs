//! Family `protected_state_no_worse`: what no package touches got worse, and nobody noticed.
//!
//! The attacker is who owns these objects today. The control plane can't refuse them; its Level-A verifier
//! sees it: each object against the digests that #20 sealed, and against what the last run saw.

use super::rewritten;
use manifest_model::AttackStage::Sealed;
use manifest_model::Repelled::Detected;
use manifest_model::{Attack, AttackFamily, Shield, shield};

/// What the verifier's last run found.
const FINDINGS: &str = "select f.object_name || ': ' || f.detail from {cp}.verification_finding f join {cp}.verification_run r on r.run_id = f.run_id where r.verifier = '{cp}.cp_verify_protected_state()' order by 1";
const VERIFY: (&str, &str) = ("verifier", "select {cp}.cp_verify_protected_state()");
/// A run that saw the sound state.
const SEEN: &str = "set local session authorization fix7_verifier; select {cp}.cp_verify_protected_state(); set local session authorization default";
const AS_SEALED: Shield = shield("routine", "{cp}.protected_state", "as sealed in #20");
const PINS_UNREAD: &[&str] = &[rewritten!(
    routine "protected_state()",
    "(o.source_sha256, o.privilege_acl_hash) is not distinct from (o.sealed_source, o.sealed_privileges)",
    "true"
)];
const AS_SEEN: Shield = shield(
    "routine",
    "{cp}.cp_verify_protected_state",
    "as the last run saw it",
);
const LAST_RUN_UNREAD: &[&str] = &[rewritten!(
    routine "cp_verify_protected_state()",
    "s.state_sha256 is distinct from p.state_sha256",
    "false"
)];

/// The family.
pub const FAMILY: AttackFamily = AttackFamily {
    id: "protected_state_no_worse",
    title: "Birth gateway, its lookups, its triggers or the permit change, and every package still says it touched nothing",
    source: file!(),
    fields: None,
    attacks: &[
        Attack {
            id: "directus_rewrites_the_birth_gateway",
            what: "The gateway that registers births returns without registering",
            stage: Sealed,
            arrange: &[],
            acts: &[
                (
                    "directus",
                    "create or replace function public.fn_birth_registry_auto() returns trigger language plpgsql as 'begin return new; end'",
                ),
                VERIFY,
            ],
            repelled: Detected(FINDINGS),
            shield: AS_SEALED,
            lower: PINS_UNREAD,
            gain: "select 'rewritten' from pg_proc p where p.oid = 'public.fn_birth_registry_auto()'::regprocedure and p.prosrc = 'begin return new; end'",
        },
        Attack {
            id: "directus_lets_the_gateway_run_as_its_owner",
            what: "The gateway becomes SECURITY DEFINER: one property, the same body",
            stage: Sealed,
            arrange: &[],
            acts: &[
                (
                    "directus",
                    "alter function public.fn_birth_registry_auto() security definer",
                ),
                VERIFY,
            ],
            repelled: Detected(FINDINGS),
            shield: AS_SEALED,
            lower: PINS_UNREAD,
            gain: "select 'definer' from pg_proc p where p.oid = 'public.fn_birth_registry_auto()'::regprocedure and p.prosecdef",
        },
        Attack {
            id: "directus_opens_the_registry_to_everybody",
            what: "PUBLIC may write births past the gateway",
            stage: Sealed,
            arrange: &[],
            acts: &[
                ("directus", "grant insert on public.birth_registry to public"),
                VERIFY,
            ],
            repelled: Detected(FINDINGS),
            shield: AS_SEALED,
            lower: PINS_UNREAD,
            gain: "select 'open' where has_table_privilege('fix7_outsider', 'public.birth_registry', 'INSERT')",
        },
        Attack {
            id: "directus_opens_one_column",
            what: "A right on one column, which no table privilege shows",
            stage: Sealed,
            arrange: &[],
            acts: &[
                (
                    "directus",
                    "grant update (certified) on public.birth_registry to fix7_outsider",
                ),
                VERIFY,
            ],
            repelled: Detected(FINDINGS),
            shield: AS_SEALED,
            lower: PINS_UNREAD,
            gain: "select 'open' where has_column_privilege('fix7_outsider', 'public.birth_registry', 'certified', 'UPDATE')",
        },
        Attack {
            id: "superuser_moves_the_gateway_to_another_owner",
            what: "The gateway belongs to somebody else",
            stage: Sealed,
            arrange: &[],
            acts: &[
                (
                    "harness",
                    "alter function public.fn_birth_registry_auto() owner to object_keeper",
                ),
                VERIFY,
            ],
            repelled: Detected(FINDINGS),
            shield: AS_SEALED,
            lower: PINS_UNREAD,
            gain: "select 'moved' from pg_proc p where p.oid = 'public.fn_birth_registry_auto()'::regprocedure and pg_get_userbyid(p.proowner) = 'object_keeper'",
        },
        Attack {
            id: "directus_lets_births_be_nameless",
            what: "A column of the registry no longer refuses NULL",
            stage: Sealed,
            arrange: &[],
            acts: &[
                (
                    "directus",
                    "alter table public.birth_registry alter column collection_name drop not null",
                ),
                VERIFY,
            ],
            repelled: Detected(FINDINGS),
            shield: AS_SEALED,
            lower: PINS_UNREAD,
            gain: "select a.attname from pg_attribute a where a.attrelid = 'public.birth_registry'::regclass and a.attname = 'collection_name' and not a.attnotnull",
        },
        Attack {
            id: "directus_opens_the_permit",
            what: "The permit that no package opens is opened to somebody",
            stage: Sealed,
            arrange: &[],
            acts: &[
                (
                    "directus",
                    "grant all on public.qt001_backfill_permit to fix7_outsider",
                ),
                VERIFY,
            ],
            repelled: Detected(FINDINGS),
            shield: AS_SEALED,
            lower: PINS_UNREAD,
            gain: "select 'open' where has_table_privilege('fix7_outsider', 'public.qt001_backfill_permit', 'INSERT')",
        },
        Attack {
            id: "directus_takes_a_lookup_away",
            what: "A function that the gateway calls is no longer there by its name",
            stage: Sealed,
            arrange: &[],
            acts: &[
                (
                    "directus",
                    "alter function public.fn_species_of_collection(text) rename to fn_species_taken_away",
                ),
                VERIFY,
            ],
            repelled: Detected(FINDINGS),
            shield: AS_SEALED,
            lower: PINS_UNREAD,
            gain: "select 'gone' where to_regprocedure('public.fn_species_of_collection(text)') is null",
        },
        Attack {
            id: "directus_puts_a_birth_trigger_to_sleep",
            what: "One of the 166 birth triggers is disabled: its table stops registering births",
            stage: Sealed,
            arrange: &[SEEN],
            acts: &[
                (
                    "directus",
                    "do $sleep$ declare v record; begin select t.tgrelid::regclass as r, t.tgname as n into v from pg_trigger t where t.tgfoid = 'public.fn_birth_registry_auto()'::regprocedure order by 1, 2 limit 1; execute format('alter table %s disable trigger %I', v.r, v.n); end $sleep$",
                ),
                VERIFY,
            ],
            repelled: Detected(FINDINGS),
            shield: AS_SEEN,
            lower: LAST_RUN_UNREAD,
            gain: "select t.tgname from pg_trigger t where t.tgfoid = 'public.fn_birth_registry_auto()'::regprocedure and t.tgenabled = 'D'",
        },
        Attack {
            id: "directus_drops_a_birth_trigger",
            what: "165 birth triggers are left",
            stage: Sealed,
            arrange: &[
                SEEN,
                "select set_config('attack.triggers', count(*)::text, true) from pg_trigger t where t.tgfoid = 'public.fn_birth_registry_auto()'::regprocedure",
            ],
            acts: &[
                (
                    "directus",
                    "do $drop$ declare v record; begin select t.tgrelid::regclass as r, t.tgname as n into v from pg_trigger t where t.tgfoid = 'public.fn_birth_registry_auto()'::regprocedure order by 1, 2 limit 1; execute format('drop trigger %I on %s', v.n, v.r); end $drop$",
                ),
                VERIFY,
            ],
            repelled: Detected(FINDINGS),
            shield: AS_SEEN,
            lower: LAST_RUN_UNREAD,
            gain: "select 'dropped' from pg_trigger t where t.tgfoid = 'public.fn_birth_registry_auto()'::regprocedure having count(*) < current_setting('attack.triggers')::integer",
        },
    ],
};
