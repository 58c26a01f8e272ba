//! A state, read by a connection of its own: for whoever is not inside the rehearsal's transaction.
//!
//! It changes nothing and remembers nothing, so that no two states can look equal for having been read by
//! the same eyes.

use crate::error::RehearseError;
use crate::fingerprint::{Fingerprint, Fingerprinter};
use crate::plan::Plan;
use crate::session::Session;
use sqlx::Connection as _;
use sqlx::postgres::PgConnectOptions;

/// The state of the plan's database and its cluster, as a new connection sees it.
pub async fn observe(options: &PgConnectOptions, plan: &Plan) -> Result<Fingerprint, RehearseError> {
    let mut session = Session::begin(options).await?;
    let mut fingerprinter = Fingerprinter::new(&plan.schema, &plan.protected_rows);
    let state = fingerprinter.take(&mut session).await?;
    let connection = session.rollback().await?;
    // The transaction is over; how the connection closes changes nothing.
    let _ = connection.close().await;
    Ok(state)
}
