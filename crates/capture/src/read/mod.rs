//! The reader: catalogs to [`Facts`], without a trace.
//!
//! Not for: files. The one fact to know: everything but printed definitions is read twice, before and
//! after they are printed, and must be equal, since the server prints from the newest catalog and not
//! from the transaction's snapshot.

mod catalogs;
mod declared;
mod definitions;
mod digests;
mod session;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use sqlx::PgConnection;

use crate::digest::Capture;
use crate::error::CaptureError;
use crate::model::Facts;
use crate::secrets::{self, Finding};

use catalogs::{Reading, changed_since, read_catalogs};
use definitions::print_definitions;
use digests::add_digests;
use session::settle;

/// Rows of one table that the caller declares to be read; no others are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredRows {
    /// Table, as `to_regclass` takes it.
    pub relation: String,
    /// Column that names a row.
    pub key_column: String,
    /// The rows.
    pub keys: Vec<String>,
    /// Columns that are read.
    pub columns: Vec<String>,
}

/// What ties a capture to one database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Origin {
    /// The cluster's system identifier: for a database that lives on.
    #[default]
    Cluster,
    /// Name and content alone: for an estate that is built anew from committed files.
    Content,
}

/// How to capture.
#[derive(Debug, Clone)]
pub struct Options {
    /// Role whose SELECT set is captured.
    pub reader: String,
    /// Rows that may be read.
    pub declared: Vec<DeclaredRows>,
    /// What ties the capture to the database.
    pub origin: Origin,
    /// Whether texts that hold credentials are replaced by their digest; otherwise they are an error.
    pub redact: bool,
    /// Limit of one statement, in milliseconds.
    pub statement_timeout_ms: u32,
    /// Limit of waiting for a lock, in milliseconds.
    pub lock_timeout_ms: u32,
}

impl Options {
    /// For one reader, without declared rows, with limits that a live database bears.
    pub fn new(reader: &str) -> Self {
        Self {
            reader: reader.to_owned(),
            declared: Vec::new(),
            origin: Origin::default(),
            redact: false,
            statement_timeout_ms: 60_000,
            lock_timeout_ms: 2_000,
        }
    }
}

/// Reads the whole database. The connection is the capture's own: its settings are changed, and it
/// must be outside a transaction.
///
/// # Errors
/// See [`CaptureError`]. Nothing is ever written, to the database or to a file.
pub async fn capture(connection: &mut PgConnection, options: &Options) -> Result<Capture, CaptureError> {
    let result = read_all(connection, options).await;
    if result.is_err() {
        // The first error is the one to report; without a transaction this is only a warning.
        let _ = sqlx::raw_sql("rollback").execute(connection).await;
    }
    result
}

async fn read_all(connection: &mut PgConnection, options: &Options) -> Result<Capture, CaptureError> {
    let server_major = settle(connection, options).await?;
    let reading = read_catalogs(connection, options).await?;
    let mut printed = Map::new();
    for file in ["views", "routines"] {
        printed.insert(file.to_owned(), reading.json(file)?);
    }
    print_definitions(connection, &mut printed).await?;
    if let Some(section) = changed_since(connection, options, &reading).await? {
        return Err(CaptureError::ChangedMeanwhile {
            section: section.to_owned(),
        });
    }
    let system_identifier = match options.origin {
        Origin::Content => None,
        Origin::Cluster => Some(
            sqlx::query_scalar("select system_identifier::text from pg_catalog.pg_control_system()")
                .fetch_one(&mut *connection)
                .await
                .map_err(|source| CaptureError::Query {
                    section: "the system identifier",
                    source,
                })?,
        ),
    };
    let mut shaping = Shaping {
        reading,
        printed,
        server_major,
        redact: options.redact,
        findings: Vec::new(),
    };
    let facts = Facts {
        database: shaping.file("database")?,
        roles: shaping.file("roles")?,
        relations: shaping.file("relations")?,
        constraints: shaping.file("constraints")?,
        sequences: shaping.file("sequences")?,
        types: shaping.file("types")?,
        routines: shaping.file("routines")?,
        views: shaping.file("views")?,
        triggers: shaping.file("triggers")?,
        dependencies: shaping.file("dependencies")?,
        select_set: shaping.file("select_set")?,
        flags: shaping.file("flags")?,
        comments: shaping.file("comments")?,
    };
    let findings = shaping.findings;
    if !findings.is_empty() && !options.redact {
        return Err(CaptureError::Credentials { findings });
    }
    Ok(Capture::new(server_major, system_identifier, facts))
}

/// What was read, on its way to facts.
struct Shaping {
    reading: Reading,
    /// Files with definitions in them.
    printed: Map<String, Value>,
    server_major: u32,
    redact: bool,
    /// Credentials, wherever they stand.
    findings: Vec<Finding>,
}

impl Shaping {
    /// A file with its digests, searched for credentials; what it was read from is gone.
    fn file<T: DeserializeOwned>(&mut self, name: &str) -> Result<T, CaptureError> {
        let json = match self.printed.shift_remove(name) {
            Some(json) => json,
            None => self.reading.json(name)?,
        };
        self.reading.forget(name);
        let mut facts = Map::from_iter([(name.to_owned(), json)]);
        add_digests(&mut facts, self.server_major)?;
        let mut facts = Value::Object(facts);
        self.findings.extend(secrets::scan(&mut facts, self.redact));
        shape("the capture", facts[name].take())
    }
}

fn shape<T: DeserializeOwned>(section: &'static str, value: Value) -> Result<T, CaptureError> {
    serde_json::from_value(value).map_err(|source| CaptureError::Shape { section, source })
}
