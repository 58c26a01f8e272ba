//! The records that the lane's design proposes to governance, as a file beside the canonical register.
//!
//! Not for: folding them, which is an owner's act. The one fact to know: it is additive, and whoever compares ids
//! (`crates/lane`) reads it as a proposal only while it is exactly what the design says.

use manifest_model::ReservedObjects;
use std::fmt::Write as _;

use crate::files::Files;
use crate::header::GENERATED;

/// Where they stand.
pub const PATH: &str = "governance/proposed/records.toml";

/// Adds the records.
pub fn add(files: &mut Files, reserved: &ReservedObjects) {
    let mut text = format!(
        "# {GENERATED}\n\
         # Proposed by the lane and in force nowhere; an owner folds them into `canonical/`, or leaves them.\n\
         format_version = 1\n\
         status = \"PROPOSED\"\n\
         apply_now = \"NO\"\n\
         above_ceiling = {}\n",
        reserved.ceiling
    );
    for (id, title) in reserved.ids() {
        let _ = write!(
            text,
            "\n[[object]]\nid = \"{id}\"\ntitle = \"{title}\"\nstatus = \"PROPOSED\"\napply_now = \"NO\"\n"
        );
    }
    files.add(PATH, text);
}
