//! FIX7 as data: surfaces, roles, packages, guards, reason codes, estate definitions.
//!
//! Not for: computing, rendering, comparing. The one fact to know: this is the one definition; the SQL,
//! the expected sets, the negative tests and the docs are derived from it, and a drifted count does not
//! compile.

pub mod adapters;
pub mod attacks;
pub mod bypasses;
pub mod check_faults;
pub mod domains;
pub mod estate;
pub mod gates;
pub mod guards;
pub mod hash_contracts;
pub mod lane;
pub mod packages;
pub mod packets;
pub mod reasons;
pub mod roles;
pub mod routines;
pub mod states;
pub mod surfaces;
pub mod tables;
pub mod views;

use manifest_model::{ControlPlane, TableClass};

/// The FIX7 control plane.
pub const FIX7: ControlPlane = ControlPlane {
    id: "fix7",
    schema: "qt001_cp",
    owner: roles::OWNER,
    roles: roles::ROLES,
    domains: domains::DOMAINS,
    tables: tables::TABLES,
    surfaces: surfaces::SURFACES,
    routines: routines::ROUTINES,
    views: views::VIEWS,
    gates: gates::GATES,
    hash_contracts: hash_contracts::HASH_CONTRACTS,
    families: tables::catalog::FAMILIES,
    reason_codes: reasons::REASON_CODES,
    check_faults: check_faults::CHECK_FAULTS,
    activation_probe: Some(check_faults::ACTIVATION_PROBE),
    grants: roles::GRANTS,
    seal: surfaces::SEAL,
    packages: packages::PACKAGES,
    rehearsal: packages::REHEARSAL,
    guards: guards::GUARDS,
    personas: roles::PERSONAS,
    first_activation: roles::FIRST_ACTIVATION,
    readiness_verifier: "cp_verify_readiness",
    adapters: adapters::ADAPTERS,
    attacks: attacks::FAMILIES,
    bypasses: bypasses::BYPASSES,
    application_role: "directus",
};

const RUNTIME_TABLES: usize = {
    let mut found = 0;
    let mut index = 0;
    while index < tables::TABLES.len() {
        if matches!(tables::TABLES[index].class, TableClass::RuntimeEvidence) {
            found += 1;
        }
        index += 1;
    }
    found
};
const _: () = assert!(
    RUNTIME_TABLES == 11,
    "FIX7 has exactly 11 runtime-evidence tables"
);
