//! Manifest mutants: one typed value of a control plane changed, and what the server must be told for it.
//!
//! Not for: running anything, or deciding what is killed. The one fact to know: a [`Mutant`] is a changed
//! definition, and both its roads follow from that one value: [`delta`] is what changes on a control plane
//! that stands, [`rebuilt`] the scripts that make the mutated one from nothing [ruling B17].

mod change;
mod delta;
mod expression;
mod operators;
mod rebuilt;

pub use change::{Change, Mutant, Red};
pub use delta::delta;
pub use operators::all;
pub use rebuilt::rebuilt;
