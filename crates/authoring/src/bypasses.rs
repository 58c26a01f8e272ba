//! The ways around the cutover, as a file that a rehearsal tries in the state of its last step.
//!
//! Not for: trying them (`rehearsal`). The one fact to know: an attempt is written out in full like an attack,
//! with what opens the way, the gain, and the guard's probe that must then be red.

use manifest_model::ControlPlane;
use serde::Serialize;
use sql_render::routine::fill;

use crate::attacks::{Entry, entry};
use crate::files::Files;
use crate::index::toml_text;

/// Where it lies.
pub const BYPASSES: &str = "rehearsal/bypass/vectors.toml";
/// The state in which they are tried.
const STATE: (&str, &str) = ("S19", "after");

#[derive(Serialize)]
struct BypassFile {
    format_version: u32,
    step: &'static str,
    moment: &'static str,
    bypass: Vec<BypassEntry>,
}

#[derive(Serialize)]
struct BypassEntry {
    vector: String,
    guard: String,
    probe: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    noticed: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    left: Vec<String>,
    attempt: Entry,
}

/// Adds the file, where the control plane names any.
pub fn add(files: &mut Files, plane: &ControlPlane) {
    if plane.bypasses.is_empty() {
        return;
    }
    let file = BypassFile {
        format_version: 1,
        step: STATE.0,
        moment: STATE.1,
        bypass: plane
            .bypasses
            .iter()
            .map(|bypass| BypassEntry {
                vector: bypass.vector.to_owned(),
                guard: bypass.guard.to_owned(),
                probe: bypass.probe.to_owned(),
                noticed: bypass.noticed,
                left: bypass.left.iter().map(|sql| fill(plane, sql)).collect(),
                attempt: entry(plane, &bypass.attempt),
            })
            .collect(),
    };
    files.add(BYPASSES.to_owned(), toml_text(&file));
}
