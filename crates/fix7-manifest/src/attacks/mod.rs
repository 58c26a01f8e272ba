//! The seven attack families of seed 001, as data: what is tried, by whom, and what is to repel it.
//!
//! Not for: trying them. The one fact to know: the persona of an attempt is the weakest that could hope to
//! succeed, and what it was given beyond its contract stands in `arrange`, never in an act.

pub mod acl_denials;
pub mod canonical_hash;
pub mod denominator;
pub mod fake_capability;
pub mod protected_state_no_worse;
pub mod signoff;
pub mod unknown_dependency;

use manifest_model::AttackFamily;

/// In the order of seed 001.
pub const FAMILIES: &[AttackFamily] = &[
    acl_denials::FAMILY,
    denominator::FAMILY,
    signoff::FAMILY,
    fake_capability::FAMILY,
    canonical_hash::FAMILY,
    unknown_dependency::FAMILY,
    protected_state_no_worse::FAMILY,
];

const _: () = assert!(FAMILIES.len() == 7, "seed 001 names seven attack families");

/// Attempts that a family has at least.
pub const ATTEMPTS_MIN: usize = 8;

const _: () = {
    let mut index = 0;
    while index < FAMILIES.len() {
        assert!(
            FAMILIES[index].attacks.len() >= ATTEMPTS_MIN,
            "a family has at least eight attempts"
        );
        index += 1;
    }
};

/// The identity of the gates' sealed version, for statements that may not look it up.
pub(crate) const GATES: &str = "select set_config('attack.manifest', l.manifest_id::text, true) from {cp}.latest_sealed l where l.surface_no = {surface:readiness_gate_manifest}";

/// Evidence that a signer may name.
pub(crate) const EVIDENCE: &str = "set local session authorization fix7_verifier;
select set_config('attack.evidence', {cp}.cp_record_evidence('signoff_artifact', sha256('attack'), 'urn:attack')::text, true);
set local session authorization default";

/// The quorum of every surface at the epoch in force, without its signers; evidence comes first.
pub(crate) const SIGNED: &str = "alter table {cp}.signoff_binding disable trigger signoff_binding_writer;
insert into {cp}.signoff_binding (manifest_id, surface_no, payload_sha256, slot, principal_id, evidence_id, control_epoch, decision, scope_sha256)
select l.manifest_id, l.surface_no, l.payload_sha256, s.slot, s.principal_id, current_setting('attack.evidence')::uuid, c.epoch, 'approve', sha256('attack')
from {cp}.latest_sealed l, {cp}.control_epoch c, (values ('reviewer', 'p_reviewer'), ('binder', 'p_binder'), ('owner', 'p_owner')) s (slot, principal_id);
alter table {cp}.signoff_binding enable always trigger signoff_binding_writer";

/// The digest of the candidate set, which an operator names.
pub(crate) const SET_DIGEST: &str =
    "select set_config('attack.set', {cp}.candidate_set_sha256()::text, true)";

/// A signature by whoever is logged in, in the slot of `attack.slot`.
pub(crate) const SIGN: &str = "select {cp}.cp_record_signoff(current_setting('attack.manifest')::uuid, current_setting('attack.slot'), current_setting('attack.evidence')::uuid, 'approve')";

/// The first activation, as the operator asks for it.
pub(crate) const ACTIVATE: &str =
    "select {cp}.cp_activate('birth_writer', 1, current_setting('attack.set')::bytea)";

/// Something is active.
pub(crate) const ACTIVE: &str = "select 'active' from {cp}.active_set";

/// A seal check that finds nothing, with the properties that the sealed one has.
macro_rules! blind_seal_check {
    ($name:literal) => {
        concat!(
            "create or replace function {cp}.",
            $name,
            "(p_manifest_id uuid, p_surface_no integer) returns setof {cp}.violation language plpgsql stable set search_path = pg_catalog, pg_temp as 'begin return; end'"
        )
    };
}

/// An activation check that finds nothing, with the properties that the sealed one has.
macro_rules! blind_activation_check {
    ($name:literal) => {
        concat!(
            "create or replace function {cp}.",
            $name,
            "(p_writer_type text, p_control_epoch bigint, p_action text, p_set_sha256 bytea) returns setof {cp}.violation language plpgsql stable set search_path = pg_catalog, pg_temp as 'begin return; end'"
        )
    };
}

/// Puts an object's definition back with one piece of text in another's place.
macro_rules! rewritten {
    (view $name:literal, $from:literal, $to:literal) => {
        concat!(
            "do $rewrite$ begin execute 'create or replace view {cp}.",
            $name,
            " as ' || replace(pg_get_viewdef('{cp}.",
            $name,
            "'::regclass), $from$",
            $from,
            "$from$, $to$",
            $to,
            "$to$); end $rewrite$"
        )
    };
    (routine $name:literal, $from:literal, $to:literal) => {
        concat!(
            "do $rewrite$ begin execute replace(pg_get_functiondef('{cp}.",
            $name,
            "'::regprocedure), $from$",
            $from,
            "$from$, $to$",
            $to,
            "$to$); end $rewrite$"
        )
    };
}

pub(crate) use {blind_activation_check, blind_seal_check, rewritten};
