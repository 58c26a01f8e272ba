//! The crate from outside: servers come, serve, and leave nothing.
#![forbid(unsafe_code)]
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "helpers of tests: what they can't do fails the test, and what they don't try is said"
)]

mod approved;
mod cached;
mod container;
mod embedded;
mod leaks;
mod local;
mod victim;
