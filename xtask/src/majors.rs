//! Rows for the server at hand, where it is of another major than the committed capture.
//!
//! Majors print one view differently and know privileges of their own, so rows that were captured on
//! one major can't be compared on another (`docs/adr/0011-…`). Not for: another estate. The one fact to
//! know: the committed capture stays the measure. What this server's estate says must be what the
//! capture foretells for its major, and only then are rows authored from it, in memory.

use std::collections::BTreeMap;
use std::path::Path;

use authoring::files::{self, Files};
use authoring::{AuthorError, author};
use capture::{Capture, CaptureError, LoadError, Options, Origin, capture};
use rehearsal::{Committed, PlanError};
use throwaway_postgres::Server;

use crate::sources;

/// Lines of a finding that are printed.
const SHOWN: usize = 10;

/// Why there are no rows for this server.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The estate is not the captured one.
    #[error(
        "the estate on PostgreSQL {found} is not what the committed capture of PostgreSQL {captured} says, {} facts differ:\n  {}\n\nhint: after a change of the estate, `REGENERATE=1 cargo test -p capture-tests` on PostgreSQL {captured}",
        .facts.len(),
        .facts.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join("\n  ")
    )]
    Differs {
        /// Major of the committed capture.
        captured: u32,
        /// Major of the server.
        found: u32,
        /// One line each.
        facts: Vec<String>,
    },
    /// What is authored in memory would not be what is committed.
    #[error(
        "the rows of this database (PostgreSQL {found}) take the place of files that are as authored from the committed capture (PostgreSQL {captured}); `{path}` is not; run `cargo xtask author` first"
    )]
    Drifted {
        /// Major of the committed capture.
        captured: u32,
        /// Major of the server.
        found: u32,
        /// The first file that differs.
        path: String,
    },
    /// The estate could not be read.
    #[error("the estate on this server can't be read: {0}")]
    Capture(#[from] CaptureError),
    /// No connection.
    #[error("no connection to the server: {0}")]
    Connect(#[from] sqlx::Error),
    /// The committed capture does not load.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// Nothing was authored.
    #[error(transparent)]
    Author(#[from] AuthorError),
    /// What was authored does not load.
    #[error(transparent)]
    Plan(#[from] PlanError),
}

/// What is to be rehearsed on `server`: what is committed, or the same with rows for its major.
pub(crate) async fn committed_for(
    server: &Server,
    root: &Path,
    committed: Committed,
) -> Result<Committed, Error> {
    let found = server.version_num() / 10_000;
    if sources::captured_major(root)?.is_none_or(|captured| captured == found) {
        return Ok(committed);
    }
    let Some(reference) = sources::load_capture(root, sources::REFERENCE_CAPTURE)? else {
        return Ok(committed);
    };
    let captured = reference.server_major();
    let here = captured_here(
        server,
        &committed.plan.database,
        &reference.facts().select_set.reader,
    )
    .await?;
    let facts = reference.differences_beyond_major(&here);
    if !facts.is_empty() {
        return Err(Error::Differs {
            captured,
            found,
            facts,
        });
    }
    rows_of(&here, &reference, root)
}

/// A throwaway server's database, captured as the reference estate is.
pub(crate) async fn captured_here(server: &Server, database: &str, reader: &str) -> Result<Capture, Error> {
    let options = Options {
        declared: vec![sources::freeze_flags()],
        origin: Origin::Content,
        ..Options::new(reader)
    };
    let mut connection = throwaway_postgres::open(&server.connect_options(database)).await?;
    Ok(capture(&mut connection, &options).await?)
}

/// What is committed, with the rows of the captured database `here` in place of the reference's.
pub(crate) fn rows_of(here: &Capture, reference: &Capture, root: &Path) -> Result<Committed, Error> {
    let own = authored(reference, root)?;
    let instead: BTreeMap<String, String> = authored(here, root)?
        .iter()
        .filter(|(path, text)| own.get(path) != Some(text))
        .map(|(path, text)| (path.to_owned(), text.to_owned()))
        .collect();
    // Only what is as authored has a counterpart here; everything else is the disk's, as ever.
    let drifts = files::check(&own, root)?;
    if let Some(drift) = drifts.iter().find(|drift| instead.contains_key(drift.path())) {
        return Err(Error::Drifted {
            captured: reference.server_major(),
            found: here.server_major(),
            path: drift.path().to_owned(),
        });
    }
    Ok(rehearsal::load_instead(root, instead)?)
}

/// Everything that follows from a captured database.
fn authored(capture: &Capture, root: &Path) -> Result<Files, AuthorError> {
    let live = sources::live_facts(root, capture)?;
    author(&sources::fix7(Some(&live)), root)
}
