//! The operative document: what is sealed, by digest, and that it opens nothing of production.
//!
//! Not for: changing what is sealed. The one fact to know: it is additive; a marker inside a pinned file would
//! change its digest, so what makes the sealed identities operative is a document beside them.

use crate::documents::{DelegationLock, Preflight};
use manifest_model::LaneDesign;
use std::fmt::Write as _;

/// The document over these inputs and pins.
pub fn text(design: &LaneDesign, lock: &DelegationLock, preflight: &Preflight) -> String {
    let mut text = format!(
        "<!-- DOC_STATUS: OPERATIVE_BY_REFERENCE, NO_PRODUCTION -->\n\
         # Operative reference\n\
         \n\
         Lane `{}`, under `{}`, delegated by {}.\n\
         This document binds identities by digest and changes none of them.\n\
         \n\
         - Production: BLOCKED. It is leave for nothing beyond this lane.\n\
         - Additive: it was absent before, and taking it away restores what was.\n\
         \n\
         ## Sealed identities\n\
         \n\
         | what | where | sha256 |\n\
         | --- | --- | --- |\n",
        design.id, lock.authority, lock.delegated_by
    );
    for input in &preflight.inputs {
        let _ = writeln!(text, "| {} | `{}` | `{}` |", input.id, input.path, input.sha256);
    }
    text.push_str("\n## Pinned files\n\n| file | sha256 |\n| --- | --- |\n");
    for pin in &preflight.pins {
        let _ = writeln!(text, "| `{}` | `{}` |", pin.path, pin.pinned);
    }
    text
}
