//! Integration tests against a real server.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

mod access;
#[path = "../../../canonical/tests/it/cluster.rs"]
mod cluster;
mod credentials;
mod foreign;
mod live;
mod reference;
mod store;

use capture::{Capture, CaptureError, Options, capture};
use sqlx::AssertSqlSafe;

use crate::cluster::Cluster;

/// A new database, filled by a script.
async fn database(cluster: &Cluster, name: &str, script: &str) {
    let mut connection = cluster.connect("postgres").await;
    sqlx::raw_sql(AssertSqlSafe(format!(
        "create database {name} template template0"
    )))
    .execute(&mut connection)
    .await
    .unwrap();
    execute(cluster, name, script).await;
}

async fn execute(cluster: &Cluster, name: &str, script: &str) {
    let mut connection = cluster.connect(name).await;
    sqlx::raw_sql(AssertSqlSafe(script.to_owned()))
        .execute(&mut connection)
        .await
        .unwrap_or_else(|error| panic!("{error}: {script}"));
}

async fn try_take(cluster: &Cluster, name: &str, options: &Options) -> Result<Capture, CaptureError> {
    let mut connection = cluster.connect(name).await;
    capture(&mut connection, options).await
}

async fn take(cluster: &Cluster, name: &str) -> Capture {
    try_take(cluster, name, &Options::new("postgres"))
        .await
        .unwrap_or_else(|error| panic!("{error}: {error:?}"))
}
