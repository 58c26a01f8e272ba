//! The 46 routines of the legacy path, each with what becomes of it.
//!
//! For: their order of creation. Not for: routines whose names merely begin with `qt001_`. The fact to
//! know: what a routine is decides its disposition, not how it is called.

pub mod bookkeeping;
pub mod dynamic;
pub mod readiness;
pub mod writers;

use manifest_model::estate::LegacyRoutine;

/// Every legacy routine, by group, in creation order.
pub const GROUPS: [&[LegacyRoutine]; 4] = [
    &readiness::ROUTINES,
    &bookkeeping::ROUTINES,
    &dynamic::ROUTINES,
    &writers::ROUTINES,
];
