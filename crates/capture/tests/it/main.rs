//! Integration tests against a real server.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

#[path = "../../../canonical/tests/it/cluster.rs"]
mod cluster;
mod reference;
