//! The crate from outside: servers come, serve, and leave nothing.
#![forbid(unsafe_code)]
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests: what they can't do fails the test"
)]

mod approved;
mod cached;
mod container;
mod embedded;
mod leaks;
mod local;
mod victim;
