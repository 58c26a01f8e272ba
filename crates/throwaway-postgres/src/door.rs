//! The door for connections: whoever reaches a throwaway or an approved server opens it here.
//!
//! Not for live databases, whose door is `capture::connect`. The one fact to know: a server is known by its
//! address, which is claimed where it is made or approved, so options that were changed since (another
//! database, another role) still say whose it is.

use footprint::Whose;
use sqlx::ConnectOptions as _;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use std::time::Duration;

/// Opens a connection, and notes whose server it goes to; what is sent on it is counted as such.
///
/// # Errors
/// The server's, or the network's.
pub async fn open(options: &PgConnectOptions) -> Result<PgConnection, sqlx::Error> {
    let address = address(options);
    let whose = footprint::whose(&address);
    footprint::opened(&address, whose);
    let level = footprint::told_at(whose);
    options
        .clone()
        .log_statements(level)
        .log_slow_statements(level, Duration::MAX)
        .connect()
        .await
}

/// Says whose server these options reach.
pub(crate) fn claim(options: PgConnectOptions, whose: Whose) -> PgConnectOptions {
    footprint::claim(&address(&options), whose);
    options
}

fn address(options: &PgConnectOptions) -> String {
    match options.get_socket() {
        Some(folder) => folder.to_string_lossy().into_owned(),
        None => format!("{}:{}", options.get_host(), options.get_port()),
    }
}
