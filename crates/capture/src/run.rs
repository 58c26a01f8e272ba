//! `cargo xtask capture URL`: one call from a URL to a folder.
//!
//! Not for: parsing arguments or exit codes (`xtask`). The one fact to know: a folder that holds the
//! capture of one database is never overwritten with that of another.

use std::io::Write;
use std::path::PathBuf;
use std::str::FromStr as _;
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};

use crate::digest::Capture;
use crate::error::RunError;
use crate::read::{Options, Origin, capture};
use crate::url::without_password;

/// What `capture URL` is told.
#[derive(Debug, Clone)]
pub struct Arguments {
    /// Connection URL; printed without its password.
    pub url: String,
    /// Name of the capture, and of its folder.
    pub name: String,
    /// Folder that holds all captures, `rehearsal/captures`.
    pub captures: PathBuf,
    /// How to capture.
    pub options: Options,
}

/// Captures a database and writes `CAPTURES/NAME/`; prints what was captured.
///
/// # Errors
/// See [`RunError`]; the folder is then as it was.
pub async fn run(out: &mut dyn Write, arguments: &Arguments) -> Result<(), RunError> {
    demand_a_name(&arguments.name)?;
    let mut connection = connect(&arguments.url, "capture").await?;
    let captured = capture(&mut connection, &arguments.options).await?;
    // The capture is complete; a connection that breaks while it closes changes nothing.
    let _ = connection.close().await;
    keep(out, &without_password(&arguments.url), &captured, arguments)
}

/// Whether a capture may be called so, before anything is asked or restored.
///
/// # Errors
/// [`RunError::Name`].
pub fn demand_a_name(name: &str) -> Result<(), RunError> {
    let named = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    if name.is_empty() || !name.chars().all(named) {
        return Err(RunError::Name {
            name: name.to_owned(),
        });
    }
    Ok(())
}

/// Writes what was captured of `source` as `CAPTURES/NAME/`; prints what it was.
///
/// # Errors
/// The folder holds the capture of another database, or can't be written.
pub fn keep(
    out: &mut dyn Write,
    source: &str,
    captured: &Capture,
    arguments: &Arguments,
) -> Result<(), RunError> {
    let folder = arguments.captures.join(&arguments.name);
    if folder.join("capture.toml").exists() {
        same_target(&Capture::load(&folder)?, captured).map_err(|source| RunError::Foreign {
            path: folder.clone(),
            source,
        })?;
    }
    let changed = captured.write(&folder)?;
    let facts = captured.facts();
    writeln!(out, "captured {source} (PostgreSQL {})", captured.server_major())?;
    writeln!(
        out,
        "  {} relations, {} routines, {} views, {} triggers, {} dependencies, {} roles",
        facts.relations.relation.len(),
        facts.routines.routine.len(),
        facts.views.view.len(),
        facts.triggers.trigger.len(),
        facts.dependencies.dependency.len(),
        facts.roles.role.len()
    )?;
    writeln!(
        out,
        "  {} relations that `{}` can read",
        facts.select_set.select.len(),
        facts.select_set.reader
    )?;
    writeln!(out, "  sha256 {}", captured.digest())?;
    writeln!(
        out,
        "{} {}",
        if changed { "wrote" } else { "unchanged:" },
        folder.display()
    )?;
    Ok(())
}

/// Connects to `url`; the server sees `application` as the client's name.
///
/// # Errors
/// [`RunError::Url`] and [`RunError::Connect`], both without the password.
pub async fn connect(url: &str, application: &str) -> Result<sqlx::PgConnection, RunError> {
    let shown = without_password(url);
    let options = PgConnectOptions::from_str(url)
        .map_err(|_| RunError::Url { url: shown.clone() })?
        .application_name(application)
        .log_statements(footprint::told_at(footprint::Whose::Live))
        .log_slow_statements(footprint::told_at(footprint::Whose::Live), Duration::MAX);
    let address = match options.get_socket() {
        Some(folder) => folder.to_string_lossy().into_owned(),
        None => format!("{}:{}", options.get_host(), options.get_port()),
    };
    footprint::opened(&address, footprint::Whose::Live);
    sqlx::PgConnection::connect_with(&options)
        .await
        .map_err(|source| RunError::Connect { url: shown, source })
}

/// A capture without a system identifier may be replaced by a newer one of the same name; one that is
/// tied to a cluster only from that cluster.
fn same_target(old: &Capture, new: &Capture) -> Result<(), crate::ForeignCapture> {
    if old.system_identifier().is_some() && new.system_identifier().is_some() {
        return old.expect_same_database(new);
    }
    let origin = |capture: &Capture| {
        if capture.system_identifier().is_some() {
            Origin::Cluster
        } else {
            Origin::Content
        }
    };
    let differ = |what, captured: String, found: String| {
        if captured == found {
            Ok(())
        } else {
            Err(crate::ForeignCapture {
                what,
                captured,
                found,
            })
        }
    };
    differ("database", old.database().to_owned(), new.database().to_owned())?;
    differ(
        "origin",
        format!("{:?}", origin(old)),
        format!("{:?}", origin(new)),
    )
}
