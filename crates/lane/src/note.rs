//! The note for owner and operator, from the packet and nothing else.
//!
//! Not for: authority; its first line says so. The one fact to know: it is a function of the other documents, so a
//! verifier writes it again and compares.

use crate::review::Documents;
use evidence::Folder;
use manifest_model::LaneDesign;
use serde_json::Value;
use std::fmt::Write as _;

pub(crate) fn text(design: &LaneDesign, documents: &Documents, rehearsal: &Folder) -> String {
    let review = &documents.review;
    let done = if review.status == crate::review::CLEAN {
        "DONE / APPLIED"
    } else {
        "NOT DONE"
    };
    let status = if review.status == crate::review::CLEAN {
        design.applied
    } else {
        review.status.as_str()
    };
    let passed = review
        .checks
        .iter()
        .filter(|check| check.verdict == "PASS")
        .count();
    let probes = documents.probes.classes.iter().flat_map(|class| &class.probes);
    let (refused, sent) = probes.fold((0, 0), |(refused, sent), probe| {
        (refused + usize::from(probe.refused), sent + 1)
    });
    let untouched = documents
        .proof
        .surfaces
        .iter()
        .filter(|surface| surface.status != crate::observe::TOUCHED)
        .count();
    let tree = crate::packet::rehearsal_tree(rehearsal).unwrap_or_default();
    let first = documents
        .addendum
        .objects
        .first()
        .map_or("", |object| object.id.as_str());
    let last = documents
        .addendum
        .objects
        .last()
        .map_or("", |object| object.id.as_str());
    let map = &documents.blockers;
    let mut text = format!(
        "<!-- DOC_STATUS: ACTIVE_NON_AUTHORITY -->\n\
         # Owner and operator note\n\
         \n\
         ## Status line\n\
         \n\
         - No-production lane: {done}, `{status}`.\n\
         - Production: {} (unchanged; nothing of it was touched).\n\
         - Default for production: {}.\n\
         \n\
         ## What was done\n\
         \n\
         Under `{}`, delegated by {}, and with no authority beyond `{}`:\n\
         \n\
         1. On a throwaway server {}; rehearsal packet tree `{tree}`.\n\
         2. An operative document binds {} sealed identities by digest. It is additive, and blocks production.\n\
         3. A governance addendum reserves `{first}` to `{last}` ({}, APPLY_NOW={}).\n\
         \n\
         Rollback gate {}; {refused} of {sent} bad requests in {} classes refused by name; {untouched} of {} forbidden surfaces untouched or not requested; {passed} of {} checks of the review passed.\n\
         Rollback of production: {}.\n\
         \n\
         ## What was deliberately not done\n\
         \n",
        map.production,
        map.default,
        documents.lock.delegation,
        documents.lock.delegated_by,
        documents.lock.authority,
        rehearsed(rehearsal),
        documents.preflight.inputs.len(),
        documents.addendum.status,
        documents.addendum.apply_now,
        documents.gate.gate.verdict,
        documents.probes.classes.len(),
        documents.proof.surfaces.len(),
        review.checks.len(),
        documents.gate.production_rollback_status,
    );
    for (surface, named) in documents.proof.surfaces.iter().zip(&documents.scope.forbidden) {
        let _ = writeln!(
            text,
            "- {} ({}): {}; {}.",
            surface.id, named.title, surface.status, surface.shown_by
        );
    }
    let _ = write!(
        text,
        "\n## Options\n\
         \n\
         1. **HOLD** (default): the lane is complete; nothing more happens until a production phase is scoped.\n\
         2. **Apply the canonical fold** of `{first}` to `{last}`: bookkeeping, for the owner alone, optional.\n\
         3. **Authorize a production phase**: only after every blocker below is resolved, and by grants of their own; the delegation of this lane does not extend to production.\n\
         \n\
         ## Standing production blockers\n\
         \n"
    );
    for blocker in &map.blockers {
        let _ = writeln!(
            text,
            "- `{}` ({}): {}. {} may resolve it, by {}.",
            blocker.id, blocker.status, blocker.title, blocker.resolver, blocker.evidence
        );
    }
    let _ = write!(
        text,
        "\n`{}` is the lane's own gate; `{}` satisfies it for {}.\n",
        map.lane_gate.id, map.lane_gate.satisfied_by, map.lane_gate.satisfied_for
    );
    text
}

/// What came of each package, as the rehearsal's outcome has it: what was not measured is not claimed.
fn rehearsed(rehearsal: &Folder) -> String {
    let bytes = rehearsal.files.get("outcome.json").map(Vec::as_slice);
    let outcome: Value = serde_json::from_slice(bytes.unwrap_or_default()).unwrap_or_default();
    let of = |wanted: &str| -> Vec<String> {
        let packages = outcome["packages"].as_array().into_iter().flatten();
        packages
            .filter(|package| package["verdict"] == wanted)
            .filter_map(|package| package["id"].as_str())
            .map(|id| format!("`{}`", evidence::escaped(id).replace('`', "")))
            .collect()
    };
    let (passed, unmeasured) = (of("pass"), of("not_measured"));
    let mut text = match passed.as_slice() {
        [] => "no package passed".to_owned(),
        _ => format!("{} were applied or run, and taken back", passed.join(", ")),
    };
    if !unmeasured.is_empty() {
        let _ = write!(text, "; {} were not measured", unmeasured.join(", "));
    }
    text
}
