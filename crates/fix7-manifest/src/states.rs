//! The states that a rehearsal makes for guards whose packages it can't run, and their moments.
//!
//! Not for: the SQL of a state (`rehearsal/states/`), which a packet replaces one day. The one fact to know:
//! which guard runs in which state follows from the registry; a cell without a state does not author.

use manifest_model::{Moment, StandsOn, State, Step};

const fn state(step: u8, moment: Moment, stands_on: StandsOn, file: Option<&'static str>) -> State {
    State {
        step: Step::new(step),
        moment,
        stands_on,
        file,
        remembers: &[],
    }
}

/// In order; those on one ground follow each other.
pub const STATES: &[State] = &[
    state(0, Moment::After, StandsOn::Estate, None),
    state(12, Moment::After, StandsOn::Sealed, None),
    state(13, Moment::After, StandsOn::Sealed, None),
    state(14, Moment::After, StandsOn::Activated, None),
];

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
