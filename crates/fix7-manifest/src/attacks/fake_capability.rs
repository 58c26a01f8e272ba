//! Family `fake_capability`: readiness is talked into a gate that no evidence meets.
//!
//! A fact counts only if its run is the pinned verifier's, with its source, at this epoch, over the active
//! set, fresh, and with evidence [ruling A18]. Each attempt forges all of it but one: with that one condition
//! lowered the gate is met. The forger is a verifier who was made a member of the owner's role, since with
//! less they could not write a row at all; the first attempts show that.

use super::rewritten;
use manifest_model::AttackStage::Activated;
use manifest_model::Repelled::{Constraint, Denied, GainsNothing, Refused};
use manifest_model::{Attack, AttackFamily, shield};

/// The gate that no evidence meets counts as met.
const MET: &str = "select g.gate_key from {cp}.v_readiness_gate g where g.gate_key = 'CAPABILITY_EVIDENCE_PRESENT' and g.has_fact and g.is_met and g.verifier_pinned and g.epoch_current and g.payload_current and g.fresh and g.evidence_present";
const SAMPLES: &str = "set local session authorization fix7_verifier;
select set_config('attack.evidence', {cp}.cp_record_evidence('measurement_samples', sha256('attack'), 'urn:attack')::text, true);
set local session authorization default";
const VERIFIER_OWNS: &str = "grant qt001_cp_owner to fix7_verifier";
const FACT: &str = "insert into {cp}.readiness_gate_fact (run_id, gate_key, is_met, population) values (current_setting('attack.run')::uuid, 'CAPABILITY_EVIDENCE_PRESENT', true, 4)";
/// A run of the pinned verifier that never was, and no fact of it yet.
const RUN: &str = "grant qt001_cp_owner to fix7_verifier;
set local session authorization fix7_verifier;
with run as (insert into {cp}.verification_run (verifier, verifier_sha256, subject, verdict, control_epoch, set_sha256, principal_id) select '{cp}.cp_verify_readiness(text)', {cp}.h06('{cp}.cp_verify_readiness(text)'), 'birth_writer', 'pass', 2, a.set_sha256, 'p_verifier' from {cp}.active_set a returning run_id)
select set_config('attack.run', run.run_id::text, true) from run;
set local session authorization default;
revoke qt001_cp_owner from fix7_verifier";
/// The pinned verifier as the view asks for it.
macro_rules! forged {
    ($verifier:literal, $digest:literal, $epoch:literal, $set:literal, $finished:literal, $population:literal) => {
        concat!(
            "with run as (insert into {cp}.verification_run (verifier, verifier_sha256, subject, verdict, control_epoch, set_sha256, principal_id, finished_at) select ",
            $verifier, ", ", $digest, ", 'birth_writer', 'pass', ", $epoch, ", ", $set, ", 'p_verifier', ", $finished,
            " from {cp}.active_set a returning run_id) insert into {cp}.readiness_gate_fact (run_id, gate_key, is_met, population) select run.run_id, 'CAPABILITY_EVIDENCE_PRESENT', true, ",
            $population, " from run"
        )
    };
}

/// The family.
pub const FAMILY: AttackFamily = AttackFamily {
    id: "fake_capability",
    title: "A forged fact, run, measurement or verifier that makes an unproven capability count",
    source: file!(),
    fields: None,
    attacks: &[
        Attack {
            id: "verifier_writes_a_fact_by_hand",
            what: "The verifier's login writes a fact past the verifier's routine",
            stage: Activated,
            arrange: &[SAMPLES, RUN],
            acts: &[("verifier", FACT)],
            repelled: Denied,
            shield: shield("privilege", "{cp}.readiness_gate_fact", "INSERT"),
            lower: &["grant insert on {cp}.readiness_gate_fact to qt001_cp_verifier"],
            gain: MET,
        },
        Attack {
            id: "owner_writes_a_fact_by_hand",
            what: "The owner's role writes a fact under a login that is no verifier's",
            stage: Activated,
            arrange: &[SAMPLES, RUN],
            acts: &[("owner", FACT)],
            repelled: Refused("NOT_PINNED_VERIFIER"),
            shield: shield(
                "trigger",
                "{cp}.readiness_gate_fact",
                "readiness_gate_fact_writer",
            ),
            lower: &["alter table {cp}.readiness_gate_fact disable trigger readiness_gate_fact_writer"],
            gain: MET,
        },
        Attack {
            id: "owner_turns_a_fact_around",
            what: "A fact that says `not met` is updated to `met`",
            stage: Activated,
            arrange: &[
                SAMPLES,
                RUN,
                "alter table {cp}.readiness_gate_fact disable trigger readiness_gate_fact_writer; insert into {cp}.readiness_gate_fact (run_id, gate_key, is_met, population) values (current_setting('attack.run')::uuid, 'CAPABILITY_EVIDENCE_PRESENT', false, 4); alter table {cp}.readiness_gate_fact enable always trigger readiness_gate_fact_writer",
            ],
            acts: &[("owner", "update {cp}.readiness_gate_fact set is_met = true")],
            repelled: Refused("EVIDENCE_APPEND_ONLY"),
            shield: shield(
                "trigger",
                "{cp}.readiness_gate_fact",
                "readiness_gate_fact_append_only",
            ),
            lower: &["alter table {cp}.readiness_gate_fact disable trigger readiness_gate_fact_append_only"],
            gain: MET,
        },
        Attack {
            id: "fact_of_another_verifier",
            what: "The run is another verifier's, which the gate is not paired with",
            stage: Activated,
            arrange: &[SAMPLES, VERIFIER_OWNS],
            acts: &[(
                "verifier",
                forged!(
                    "'{cp}.cp_verify_catalog()'",
                    "{cp}.h06('{cp}.cp_verify_catalog()')",
                    "2",
                    "a.set_sha256",
                    "clock_timestamp()",
                    "4"
                ),
            )],
            repelled: GainsNothing,
            shield: shield(
                "view",
                "{cp}.v_readiness_gate",
                "verifier_pinned: the paired verifier",
            ),
            lower: &[
                rewritten!(view "v_readiness_gate", "(f.verifier = p.verifier) AND (f.verifier_sha256 = p.verifier_sha256) AND", ""),
            ],
            gain: MET,
        },
        Attack {
            id: "fact_of_another_source",
            what: "The run names the paired verifier, with the digest of another source",
            stage: Activated,
            arrange: &[SAMPLES, VERIFIER_OWNS],
            acts: &[(
                "verifier",
                forged!(
                    "'{cp}.cp_verify_readiness(text)'",
                    "sha256('attack')",
                    "2",
                    "a.set_sha256",
                    "clock_timestamp()",
                    "4"
                ),
            )],
            repelled: GainsNothing,
            shield: shield(
                "view",
                "{cp}.v_readiness_gate",
                "verifier_pinned: the sealed source",
            ),
            lower: &[rewritten!(view "v_readiness_gate", "(f.verifier_sha256 = p.verifier_sha256) AND", "")],
            gain: MET,
        },
        Attack {
            id: "fact_of_the_last_epoch",
            what: "What was measured before the activation is shown after it",
            stage: Activated,
            arrange: &[SAMPLES, VERIFIER_OWNS],
            acts: &[(
                "verifier",
                forged!(
                    "'{cp}.cp_verify_readiness(text)'",
                    "{cp}.h06('{cp}.cp_verify_readiness(text)')",
                    "1",
                    "a.set_sha256",
                    "clock_timestamp()",
                    "4"
                ),
            )],
            repelled: GainsNothing,
            shield: shield("view", "{cp}.v_readiness_gate", "epoch_current"),
            lower: &[rewritten!(view "v_readiness_gate", "(f.control_epoch = c.epoch)", "true")],
            gain: MET,
        },
        Attack {
            id: "fact_over_another_set",
            what: "The facts of one sealed set are shown for another",
            stage: Activated,
            arrange: &[SAMPLES, VERIFIER_OWNS],
            acts: &[(
                "verifier",
                forged!(
                    "'{cp}.cp_verify_readiness(text)'",
                    "{cp}.h06('{cp}.cp_verify_readiness(text)')",
                    "2",
                    "sha256('attack')",
                    "clock_timestamp()",
                    "4"
                ),
            )],
            repelled: GainsNothing,
            shield: shield("view", "{cp}.v_readiness_gate", "payload_current"),
            lower: &[
                rewritten!(view "v_readiness_gate", "((f.set_sha256)::bytea = (a.set_sha256)::bytea)", "true"),
            ],
            gain: MET,
        },
        Attack {
            id: "fact_of_last_week",
            what: "A fact that was true once is shown long after its verifier stopped",
            stage: Activated,
            arrange: &[SAMPLES, VERIFIER_OWNS],
            acts: &[(
                "verifier",
                forged!(
                    "'{cp}.cp_verify_readiness(text)'",
                    "{cp}.h06('{cp}.cp_verify_readiness(text)')",
                    "2",
                    "a.set_sha256",
                    "clock_timestamp() - interval '7 days'",
                    "4"
                ),
            )],
            repelled: GainsNothing,
            shield: shield("view", "{cp}.v_readiness_gate", "fresh"),
            lower: &[
                rewritten!(view "v_readiness_gate", "clock_timestamp() - make_interval", "clock_timestamp() - interval '8 days' - make_interval"),
            ],
            gain: MET,
        },
        Attack {
            id: "fact_without_evidence",
            what: "A sound run and fact, and no samples were ever registered",
            stage: Activated,
            arrange: &[VERIFIER_OWNS],
            acts: &[(
                "verifier",
                forged!(
                    "'{cp}.cp_verify_readiness(text)'",
                    "{cp}.h06('{cp}.cp_verify_readiness(text)')",
                    "2",
                    "a.set_sha256",
                    "clock_timestamp()",
                    "4"
                ),
            )],
            repelled: GainsNothing,
            shield: shield("view", "{cp}.v_readiness_gate", "evidence_present"),
            lower: &[rewritten!(view "v_readiness_gate", "(q.required = q.present)", "true")],
            gain: MET,
        },
        Attack {
            id: "fact_over_nothing",
            what: "The gate is met over an empty population",
            stage: Activated,
            arrange: &[SAMPLES, VERIFIER_OWNS],
            acts: &[(
                "verifier",
                forged!(
                    "'{cp}.cp_verify_readiness(text)'",
                    "{cp}.h06('{cp}.cp_verify_readiness(text)')",
                    "2",
                    "a.set_sha256",
                    "clock_timestamp()",
                    "0"
                ),
            )],
            repelled: GainsNothing,
            shield: shield("view", "{cp}.v_readiness_gate", "is_met: a population"),
            lower: &[rewritten!(view "v_readiness_gate", "(f.population > 0)", "true")],
            gain: MET,
        },
        Attack {
            id: "second_fact_of_the_same_moment",
            what: "Beside the run's `not met` stands another run's `met` of the same instant: which of them counts?",
            stage: Activated,
            arrange: &[
                SAMPLES,
                RUN,
                VERIFIER_OWNS,
                "set local session authorization fix7_verifier; insert into {cp}.readiness_gate_fact (run_id, gate_key, is_met, population) values (current_setting('attack.run')::uuid, 'CAPABILITY_EVIDENCE_PRESENT', false, 4); set local session authorization default",
            ],
            acts: &[(
                "verifier",
                forged!(
                    "'{cp}.cp_verify_readiness(text)'",
                    "{cp}.h06('{cp}.cp_verify_readiness(text)')",
                    "2",
                    "a.set_sha256",
                    "(select r.finished_at from {cp}.verification_run r where r.run_id = current_setting('attack.run')::uuid)",
                    "4"
                ),
            )],
            repelled: GainsNothing,
            shield: shield("view", "{cp}.v_readiness_gate", "of one moment the worst counts"),
            lower: &[rewritten!(view "v_readiness_gate", "x.is_met NULLS FIRST", "x.is_met DESC")],
            gain: MET,
        },
        Attack {
            id: "second_fact_in_the_same_run",
            what: "A run that found `not met` is given a second fact for the same gate",
            stage: Activated,
            arrange: &[
                SAMPLES,
                RUN,
                VERIFIER_OWNS,
                "set local session authorization fix7_verifier; insert into {cp}.readiness_gate_fact (run_id, gate_key, is_met, population) values (current_setting('attack.run')::uuid, 'CAPABILITY_EVIDENCE_PRESENT', false, 4); set local session authorization default",
            ],
            acts: &[("verifier", FACT)],
            repelled: Constraint("23505", "readiness_gate_fact_run_gate_key"),
            shield: shield(
                "constraint",
                "{cp}.readiness_gate_fact",
                "readiness_gate_fact_run_gate_key",
            ),
            lower: &["alter table {cp}.readiness_gate_fact drop constraint readiness_gate_fact_run_gate_key"],
            gain: "select 'two facts' from {cp}.readiness_gate_fact f where f.run_id = current_setting('attack.run')::uuid having count(*) = 2",
        },
        Attack {
            id: "verifier_is_another_routine_by_the_same_name",
            what: "The owner's role puts a verifier in place that finds every gate met, and it runs",
            stage: Activated,
            arrange: &[SAMPLES],
            acts: &[
                (
                    "owner",
                    "create or replace function {cp}.cp_verify_readiness(p_writer_type text) returns uuid language plpgsql security definer set search_path = pg_catalog, pg_temp as $new$ declare v_run uuid; begin v_run := {cp}.record_run('{cp}.cp_verify_readiness(text)', p_writer_type, 'pass'); insert into {cp}.readiness_gate_fact (run_id, gate_key, is_met, population) select v_run, g.gate_key, true, 1 from {cp}.readiness_gate_manifest g; return v_run; end $new$",
                ),
                ("verifier", "select {cp}.cp_verify_readiness('birth_writer')"),
            ],
            repelled: GainsNothing,
            shield: shield(
                "view",
                "{cp}.v_readiness_gate",
                "verifier_pinned: the live source",
            ),
            lower: &[
                rewritten!(view "v_readiness_gate", "(f.verifier_sha256 = p.verifier_sha256) AND (NOT ({cp}.h06(to_regprocedure(p.verifier)) IS DISTINCT FROM p.verifier_sha256))", "true"),
            ],
            gain: MET,
        },
    ],
};
