//! What a packet does, as the frame around it sees it.
//!
//! Not for: any one package. The one fact to know: a work declares objects of whatever class, each with the state before
//! and the state after; the frame asserts both, and everything between them is the work's own text.

use manifest_model::{Moment, Step};

use super::assertions::{MEASURES, Measure};
use super::declared::Declared;

/// A piece of what `apply.sql` does.
pub(crate) enum Piece {
    /// Statements.
    Sql(String),
    /// Every guard that is due then.
    Guards(Step, Moment),
}

/// A role that holds what some roles hold, for as long as a window is open.
#[derive(Debug, Clone)]
pub(crate) struct Mover {
    /// Its name.
    pub(crate) role: String,
    /// What it is a member of.
    pub(crate) member_of: Vec<String>,
    /// Schemas in which it may let others create.
    pub(crate) creates_in: Vec<String>,
}

/// What people are told of one packet.
pub(crate) struct Told {
    /// Lines on what is done before the window, each with its own indentation.
    pub(crate) before: String,
    /// Lines on how long it takes and what waits for it.
    pub(crate) duration: &'static str,
    /// What the way back does, in the title of its file.
    pub(crate) back: &'static str,
    /// Guards that the way back asserts.
    pub(crate) back_guards: &'static [&'static str],
}

/// What a packet does.
pub(crate) trait Work {
    /// Its objects, in the order of their identities' bytes.
    fn declared(&self) -> &[Declared];

    /// Roles that it acts as, each once.
    fn acts_as(&self) -> Vec<String>;

    /// The one of them that is the operator's at all times, and no DBA gives for the window.
    fn own_role(&self) -> Option<&str> {
        None
    }

    /// Roles that exist for as long as its window is open.
    fn window(&self) -> Option<Mover> {
        None
    }

    /// What its README says of who must have done what before, and of locks and time.
    fn told(&self) -> Told;

    /// What guards compare with and no catalog remembers, measured before anything changes.
    fn measures(&self) -> Vec<Measure> {
        MEASURES.to_vec()
    }

    /// What it asks beyond the frame before it acts.
    fn asks(&self) -> String {
        String::new()
    }

    /// Guards and probes that must hold after it and that it does not change: a preflight asks them before.
    fn foreseen(&self) -> &'static [(&'static str, &'static str)] {
        &[]
    }

    /// What it does, once everything before it holds; the frame asserts what it leads to.
    fn apply(&self) -> Vec<Piece>;

    /// How it is taken back; `reader` is the role that reads everything.
    fn back(&self, reader: &str) -> String;
}
