//! The control plane behaves: what `author` wrote, loaded into a server and acted upon.
//!
//! For: seal, immutability, activation, signoffs, evidence, readiness. Not for: one cause at a time, which
//! the negative specs do. The fact to know: each test has a server of its own, copied from a cached cluster
//! that holds the committed files up to the stage that the test needs.

#![expect(clippy::unwrap_used, reason = "a test may fail by a panic, its helpers too")]

mod activation;
mod creation;
mod creation_walk;
mod definitions;
mod evidence;
mod majors;
mod moments;
mod packet;
mod packet_walk;
mod pairs;
mod plane;
mod races;
mod readiness;
mod row_mutants;
mod seal;
mod sealed_rows;
mod signoffs;
mod stock_sqlx;
mod tiny;
