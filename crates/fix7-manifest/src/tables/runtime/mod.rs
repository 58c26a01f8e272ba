//! The 11 runtime-evidence tables (S07): append-only, written by pinned verifiers, never authority.
//!
//! Their foreign keys are RESTRICT/RESTRICT, not deferrable, and added in S08 [doc 06, G-EVIDENCE-FK].

mod access_denial_event;
mod acl_snapshot;
mod capability_measurement;
mod evidence_registry;
mod hash_recompute;
mod level_b_packet_execution;
mod protected_state_observation;
mod readiness_gate_fact;
mod signoff_binding;
mod verification_finding;
mod verification_run;

pub use access_denial_event::ACCESS_DENIAL_EVENT;
pub use acl_snapshot::ACL_SNAPSHOT;
pub use capability_measurement::CAPABILITY_MEASUREMENT;
pub use evidence_registry::EVIDENCE_REGISTRY;
pub use hash_recompute::HASH_RECOMPUTE;
pub use level_b_packet_execution::LEVEL_B_PACKET_EXECUTION;
pub use protected_state_observation::PROTECTED_STATE_OBSERVATION;
pub use readiness_gate_fact::READINESS_GATE_FACT;
pub use signoff_binding::SIGNOFF_BINDING;
pub use verification_finding::VERIFICATION_FINDING;
pub use verification_run::VERIFICATION_RUN;
