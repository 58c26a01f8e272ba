//! The packages committed, on a cluster that is thrown away: what a ROLLBACK hides.
//!
//! Deferred constraints fire at a real end of transaction, other sessions see what was made, roles log in,
//! and `pg_dump` looks on as a second observer. Not for: guards, negative tests, anything that a rolled-back
//! rehearsal shows as well. The one fact to know: this is the only crate that commits, and it takes a
//! [`throwaway_postgres::Disposable`], which nothing but a cluster of our own making gives out: a URL can't
//! reach it, because roles are the whole cluster's [ruling B16].

mod apply;
mod clone;
mod dump;
mod error;
mod logins;
mod run;
mod shape;

pub use clone::CommittedClone;
pub use error::CommitError;
pub use run::run;
pub use shape::{commit_chain, rehearse, time_guards};
