//! Integration tests: the committed vectors, and the server's half of every contract.
#![expect(
    clippy::unwrap_used,
    clippy::format_push_string,
    clippy::format_collect,
    reason = "helpers of tests fail the test"
)]

mod cluster;
mod injective;
mod server;
mod vectors;
