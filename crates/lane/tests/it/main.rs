//! Lane packets, one thing changed at a time.
//!
//! The one fact to know: the design here is a tiny one of its own, so the crate is shown to serve another lane.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod bad_input;
mod delegation;
mod governance;
mod observed;
mod probe;
mod python;
mod review;

use lane::{Documents, Packet, Refusal, packet_of, specimen, verify};
use manifest_model::{Blocker, ForbiddenSurface, LaneDesign, LaneGate, ProbeClass, ReservedObjects, SeenBy};

/// A lane with a surface for each way of seeing one.
pub(crate) const TINY: LaneDesign = LaneDesign {
    id: "TINY_LANE",
    applied: "TINY_LANE_DONE",
    gate: LaneGate {
        id: "TINY-GATE-1",
        satisfied_by: "AUTHORIZE_TINY",
        authority: "TINY",
    },
    forbidden: &[
        surface("SERVER", SeenBy::NoForeignConnection, "server"),
        surface("NETWORK", SeenBy::NoForeignNetwork, "network"),
        surface(
            "ROWS",
            SeenBy::NoForeignStatementNaming(&["rows", "more"]),
            "rows",
        ),
        surface("PIPELINES", SeenBy::NoWriteBelow(&[".ci"]), "pipelines"),
        surface("REMOVAL", SeenBy::NoRemoval, "removal"),
        surface("SECRETS", SeenBy::NoCredential, "secrets"),
        surface("PINS", SeenBy::PinsIntact, "pins"),
        surface("SWITCH", SeenBy::NotRequested(&["switch_on"]), "switch"),
    ],
    probe_classes: &[
        ProbeClass {
            id: "ONE",
            title: "one",
        },
        ProbeClass {
            id: "OTHER",
            title: "other",
        },
    ],
    blockers: &[Blocker {
        id: "TINY-BLOCKER-1",
        title: "nobody asked",
        resolver: "owner",
        evidence: "a question",
    }],
    reserved: ReservedObjects {
        prefix: "OBJ-",
        ceiling: 9,
        first: 10,
        titles: &["a", "b"],
    },
};

const fn surface(id: &'static str, seen_by: SeenBy, word: &'static str) -> ForbiddenSurface {
    ForbiddenSurface {
        id,
        title: "something",
        seen_by,
        asked_by: match word.as_bytes() {
            b"server" => &["server", "production"],
            b"switch" => &["switch", "switch-on"],
            _ => &[],
        },
    }
}

/// A sound packet with its documents changed, and everything that follows left as it was: what a forger has.
pub(crate) fn forged(change: impl FnOnce(&mut Documents)) -> Packet {
    let (mut documents, rehearsal) = specimen(&TINY);
    change(&mut documents);
    packet_of(&TINY, &documents, &rehearsal)
}

/// `CODE:SUBJECT` of all that is refused.
pub(crate) fn refused(packet: &Packet) -> Vec<String> {
    shown(&verify(&TINY, packet, None).refusals)
}

pub(crate) fn shown(refusals: &[Refusal]) -> Vec<String> {
    let shown = refusals
        .iter()
        .map(|refusal| format!("{}:{}", refusal.code, refusal.subject));
    shown.collect()
}
