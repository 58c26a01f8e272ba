//! Guards: read a guard file, run its probes on a connection, judge what came back.
//!
//! It knows no guard by name and no control plane: what a guard asks stands in its `.sql` file,
//! what no catalog holds comes through the inputs document, and where the connection came from
//! is the caller's business.
//! The one fact to know: a guard passes only by rows. An empty answer, a NULL, a population of
//! zero or a probe that was declared and not returned is never green.

mod analysed;
mod bodies;
mod fixture;
mod guard_file;
mod inputs;
mod live;
mod plpgsql;
mod probe;
mod run;
mod tree;
mod verdict;
mod views;
mod work;

pub use analysed::analysed;
pub use bodies::{AnalysedBody, analysed_routine, analysed_view};
pub use fixture::{CommittedFiles, Fixture};
pub use guard_file::{Declared, Deferred, Guard, LoadError, Stage};
pub use inputs::Inputs;
pub use live::{Due, Limits, Measured, measure_read_only, run_read_only};
pub use probe::ProbeRow;
pub use run::{ask, ask_probe, render_text_literal, run};
pub use verdict::{Answered, Condition, Finding, Verdict, judge};
pub use views::{KEY as VIEWS, views_query};
pub use work::work;
