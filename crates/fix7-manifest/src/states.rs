//! The states that a rehearsal makes for guards whose packages it can't run, and their moments.
//!
//! Not for: the SQL of a state (`rehearsal/states/`), or of the packet that makes it. The one fact to know:
//! which guard runs in which state follows from the registry; a cell without a state does not author.

use manifest_model::{Moment, PacketPart, StandsOn, State, Step};

const fn state(step: u8, moment: Moment, stands_on: StandsOn, file: Option<&'static str>) -> State {
    State {
        step: Step::new(step),
        moment,
        stands_on,
        mends: None,
        file,
        packet: None,
        remembers: &[],
        tries_reads: false,
    }
}

/// Made by the very bytes that an operator runs.
const fn of_packet(step: u8, moment: Moment, package: &'static str, part: PacketPart) -> State {
    State {
        packet: Some((package, part)),
        ..state(step, moment, StandsOn::Activated, None)
    }
}

/// What S19 judges the rollback by that was rehearsed last.
const RESTORED: &[(&str, &str)] = &[("restored_state", "member_state.sql")];

/// In order; those on one ground follow each other.
pub const STATES: &[State] = &[
    State {
        remembers: &[
            ("birth_baseline", "birth_baseline.sql"),
            ("permit_baseline", "permit_baseline.sql"),
        ],
        ..state(0, Moment::After, StandsOn::Estate, None)
    },
    state(12, Moment::After, StandsOn::Sealed, None),
    state(13, Moment::After, StandsOn::Sealed, None),
    state(14, Moment::After, StandsOn::Activated, None),
    State {
        remembers: &[("prior_state", "member_state.sql")],
        tries_reads: true,
        mends: Some("15_mends.sql"),
        ..state(15, Moment::Before, StandsOn::Activated, Some("15_before.sql"))
    },
    of_packet(15, Moment::Between, "PKG-F", PacketPart::ApplyToCheckpoint),
    State {
        tries_reads: true,
        ..of_packet(15, Moment::After, "PKG-F", PacketPart::ApplyRest)
    },
    State {
        remembers: RESTORED,
        ..of_packet(15, Moment::Rollback, "PKG-F", PacketPart::Rollback)
    },
    State {
        remembers: &[
            ("prior_state", "member_state.sql"),
            ("cutover_snapshot", "member_state.sql"),
            ("app_authority", "app_authority.sql"),
        ],
        ..state(16, Moment::Before, StandsOn::Activated, Some("16_before.sql"))
    },
    State {
        tries_reads: true,
        ..of_packet(16, Moment::After, "PKG-G", PacketPart::Apply)
    },
    State {
        remembers: RESTORED,
        ..of_packet(16, Moment::Rollback, "PKG-G", PacketPart::Rollback)
    },
    State {
        remembers: &[("prior_state", "member_state.sql")],
        ..state(17, Moment::Before, StandsOn::Activated, None)
    },
    State {
        tries_reads: true,
        ..of_packet(17, Moment::After, "PKG-H", PacketPart::ApplyToCheckpoint)
    },
    State {
        tries_reads: true,
        ..of_packet(18, Moment::After, "PKG-H", PacketPart::ApplyRest)
    },
    State {
        remembers: RESTORED,
        ..of_packet(17, Moment::Rollback, "PKG-H", PacketPart::Rollback)
    },
    state(19, Moment::After, StandsOn::Activated, None),
];

/// What is not measured in a state, and why.
pub const WAITS: &[(&str, Step, Moment, &str)] = &[];

/// S15 has three moments, and S16 a preflight [doc 06; doc 07, PKG-G].
pub const MOMENTS: &[(&str, Step, &[Moment])] = &[
    ("G-NOLEGACY-PRE", Step::new(15), &[Moment::Before]),
    (
        "G-NOMIXED-AUTHORITY",
        Step::new(15),
        &[Moment::Before, Moment::Between, Moment::After],
    ),
    ("G-REPOINT-SRC", Step::new(15), &[Moment::Before, Moment::After]),
    ("G-DIRECTUS-READ", Step::new(16), &[Moment::Before, Moment::After]),
];

/// "Each rollback", and what doc 07 demands of PKG-F's.
pub const AT_ROLLBACK: &[&str] = &["G-ROLLBACK-SAFE", "G-NOMIXED-AUTHORITY"];
