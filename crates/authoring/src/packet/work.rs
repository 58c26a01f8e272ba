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

    /// What guards compare with and no catalog remembers, measured before anything changes.
    fn measures(&self) -> Vec<Measure> {
        MEASURES.to_vec()
    }

    /// What it asks beyond the frame before it acts.
    fn asks(&self) -> String {
        String::new()
    }

    /// What it does, once everything before it holds; the frame asserts what it leads to.
    fn apply(&self) -> Vec<Piece>;

    /// How it is taken back; `reader` is the role that reads everything.
    fn back(&self, reader: &str) -> String;
}
