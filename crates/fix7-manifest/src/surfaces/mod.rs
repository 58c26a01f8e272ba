//! The 27 authority surfaces, one file each.
//!
//! A new surface: a file here, its line in [`SURFACES`], a place in the seal order, its lock file.

pub mod s01_surface_manifest;
pub mod s02_principal_manifest;
pub mod s03_slot_binding_manifest;
pub mod s04_writer_type_manifest;
pub mod s05_retention_policy_manifest;
pub mod s06_threshold_manifest;
pub mod s07_policy_rule_manifest;
pub mod s08_signoff_separation_manifest;
pub mod s09_readiness_gate_manifest;
pub mod s10_hash_component_manifest;
pub mod s11_dependency_manifest;
pub mod s12_operator_operand_compatibility;
pub mod s13_capability_manifest;
pub mod s14_capability_measurement_requirement;
pub mod s15_evidence_requirement_manifest;
pub mod s16_quorum_manifest;
pub mod s17_verifier_pairing_manifest;
pub mod s18_verifier_schedule_manifest;
pub mod s19_denominator_manifest;
pub mod s20_authority_scope_manifest;
pub mod s21_directus_read_contract;
pub mod s22_reason_code_manifest;
pub mod s23_workload_profile_manifest;
pub mod s24_adapter_input_contract;
pub mod s25_adapter_manifest;
pub mod s26_gateway_manifest;
pub mod s27_writer_repoint_manifest;

use manifest_model::{Surface, SurfaceSeal};

/// #01..#27.
pub const SURFACES: &[&Surface] = &[
    &s01_surface_manifest::SURFACE,
    &s02_principal_manifest::SURFACE,
    &s03_slot_binding_manifest::SURFACE,
    &s04_writer_type_manifest::SURFACE,
    &s05_retention_policy_manifest::SURFACE,
    &s06_threshold_manifest::SURFACE,
    &s07_policy_rule_manifest::SURFACE,
    &s08_signoff_separation_manifest::SURFACE,
    &s09_readiness_gate_manifest::SURFACE,
    &s10_hash_component_manifest::SURFACE,
    &s11_dependency_manifest::SURFACE,
    &s12_operator_operand_compatibility::SURFACE,
    &s13_capability_manifest::SURFACE,
    &s14_capability_measurement_requirement::SURFACE,
    &s15_evidence_requirement_manifest::SURFACE,
    &s16_quorum_manifest::SURFACE,
    &s17_verifier_pairing_manifest::SURFACE,
    &s18_verifier_schedule_manifest::SURFACE,
    &s19_denominator_manifest::SURFACE,
    &s20_authority_scope_manifest::SURFACE,
    &s21_directus_read_contract::SURFACE,
    &s22_reason_code_manifest::SURFACE,
    &s23_workload_profile_manifest::SURFACE,
    &s24_adapter_input_contract::SURFACE,
    &s25_adapter_manifest::SURFACE,
    &s26_gateway_manifest::SURFACE,
    &s27_writer_repoint_manifest::SURFACE,
];

const _: () = assert!(SURFACES.len() == 27, "FIX7 has exactly 27 authority surfaces");

/// #12 before the rules that it judges; #20 last, because it describes all others.
pub const SEAL: SurfaceSeal = SurfaceSeal {
    order: &[
        1, 2, 3, 4, 5, 6, 12, 7, 8, 9, 10, 11, 13, 14, 15, 16, 17, 18, 19, 21, 22, 23, 24, 25, 26, 27, 20,
    ],
};
