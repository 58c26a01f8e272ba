//! `--estate FILE`: a dump of somebody's database in place of the reference estate.
//!
//! Not for: running the client programs (`throwaway-postgres`). The one fact to know: rows that describe
//! the database are authored in memory from the restored one, never from the reference capture; a named
//! capture must say the same of it, in both directions [ruling B14].

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use authoring::LiveFacts;
use authoring::cluster::{self, ClusterScripts};
use capture::{Capture, Options, Origin, capture};
use fix7_manifest::estate;
use rehearsal::{Committed, EstateInfo, Progress, Started};
use throwaway_postgres::{RestoreError, Script, Server};

use crate::exit::CommandError;
use crate::{majors, restored, sources};

/// Differences that are printed.
const SHOWN: usize = 10;
/// The packages that need nothing of the database that they are applied to.
const ANYWHERE: &str = "PKG-A";

/// The dump, and where its roles come from.
#[derive(Debug, clap::Args)]
pub(crate) struct EstateArgs {
    /// Restore this dump (`pg_dump`, any format) and rehearse on it instead of the reference estate
    #[arg(long, value_name = "FILE", conflicts_with = "committed")]
    estate: Option<PathBuf>,
    /// Capture of the dumped database: its roles are created, and the restored database must be as it says
    #[arg(long, value_name = "NAME", requires = "estate", conflicts_with = "globals")]
    capture: Option<String>,
    /// Output of `pg_dumpall --globals-only`: its roles are created, without passwords
    #[arg(long, value_name = "FILE", requires_all = ["estate", "owner"])]
    globals: Option<PathBuf>,
    /// Owner of the dumped database, which neither a dump nor a globals file says
    #[arg(long, value_name = "ROLE", requires = "globals")]
    owner: Option<String>,
}

/// Why a dump was not rehearsed on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// Nobody said which roles there are.
    #[error(
        "a dump carries no roles, and every guard of privileges rests on them; name `--capture NAME`, or `--globals FILE` of `pg_dumpall --globals-only` with `--owner ROLE`"
    )]
    NoRoles,
    /// The globals can't be read.
    #[error("can't read the globals `{}`: {source}", path.display())]
    Globals {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// The dump was refused.
    #[error(transparent)]
    Restore(#[from] RestoreError),
    /// The restored database is not the captured one.
    #[error(
        "the restored database is not what capture `{name}` says, {} facts differ:\n  {}\n\nhint: dump and capture at one moment; a dump that another role made lacks what that role could not see",
        .facts.len(), .facts.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join("\n  ")
    )]
    Differs {
        /// The capture.
        name: String,
        /// One line each.
        facts: Vec<String>,
    },
    /// Some members of the sealed set are there, others are not.
    #[error(
        "the database lacks {} of the {all} objects of the sealed legacy set: {}\n\nhint: the set is `estate::LEGACY`; correct it there, or restore the whole database",
        .missing.len(), .missing.iter().take(SHOWN).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
    )]
    Incomplete {
        /// Members of the set.
        all: usize,
        /// Those that are not there.
        missing: Vec<String>,
    },
}

/// A server with the dumped database, and what is to be rehearsed there.
pub(crate) struct OnDump {
    /// The server.
    pub(crate) started: Started,
    /// The plan, with rows of the dumped database.
    pub(crate) committed: Committed,
    /// The packages that have a subject there; empty for all.
    pub(crate) only: Vec<String>,
    /// Which database it is.
    pub(crate) estate: EstateInfo,
}

/// Starts a server that holds the dumped database in place of the reference estate.
pub(crate) async fn start(
    arguments: &EstateArgs,
    dump: &Path,
    options: &throwaway_postgres::Options,
    mut committed: Committed,
    root: &Path,
    progress: &mut dyn Progress,
) -> Result<OnDump, CommandError> {
    let captured = match &arguments.capture {
        Some(name) => Some(crate::capture::named_capture(root, name)?),
        None => None,
    };
    let scripts = scripts(arguments, captured.as_ref())?;
    for statement in &scripts.left_out {
        progress.step(&format!("left out of the globals: {statement}"));
    }
    committed.estate = cluster_scripts(scripts);
    let started = rehearsal::start(options, &committed, progress).await?;
    progress.step("restoring the dump");
    let database = committed.plan.database.clone();
    let server = started.server();
    throwaway_postgres::restore(server, &database, dump)
        .await
        .map_err(Error::from)?;
    let here = look(server, &database).await?;
    if let (Some(name), Some(captured)) = (&arguments.capture, &captured) {
        let facts = restored::differences(captured, &here, server, &database).await?;
        if !facts.is_empty() {
            return Err(Error::Differs {
                name: name.clone(),
                facts,
            }
            .into());
        }
    }
    let scripts = std::mem::take(&mut committed.estate);
    let (mut rehearsed, only) = rows_for(&here, committed, root)?;
    rehearsed.estate = scripts;
    // What the worlds try are statements against objects of the reference estate.
    rehearsed.worlds = rehearsal::WorldsFile::default();
    // So are the guards' faults, and the ways around the cutover.
    rehearsed.guard_cases.clear();
    if let Some(ways) = &mut rehearsed.bypass {
        ways.bypass.clear();
    }
    if !rehearsed.inapplicable.is_empty() {
        rehearsed.states.clear();
    }
    // What a DBA mends before a cutover is mended on the live database, and then dumped: a rehearsal that mended it
    // would pass where the live one fails.
    for state in &mut rehearsed.states {
        state.mends.clear();
    }
    Ok(OnDump {
        started,
        committed: rehearsed,
        only,
        estate: EstateInfo {
            capture: arguments.capture.clone(),
            capture_sha256: captured.map(|captured| captured.digest().to_string()),
        },
    })
}

fn scripts(arguments: &EstateArgs, captured: Option<&Capture>) -> Result<ClusterScripts, Error> {
    match (captured, arguments.globals.as_ref().zip(arguments.owner.as_ref())) {
        (Some(captured), _) => Ok(cluster::from_capture(captured)),
        (None, Some((path, owner))) => from_globals(path, owner),
        (None, None) => Err(Error::NoRoles),
    }
}

/// The roles of a globals file, and the owner that it does not name.
pub(crate) fn from_globals(path: &Path, owner: &str) -> Result<ClusterScripts, Error> {
    let text = std::fs::read_to_string(path).map_err(|source| Error::Globals {
        path: path.to_owned(),
        source,
    })?;
    Ok(cluster::from_globals(&text, owner))
}

/// What a cluster begins with in place of the reference estate.
pub(crate) fn cluster_scripts(scripts: ClusterScripts) -> Vec<Script> {
    vec![
        Script::cluster("roles of the dumped database", scripts.cluster),
        Script::database("settings of the dumped database", scripts.database),
    ]
}

async fn look(server: &Server, database: &str) -> Result<Capture, majors::Error> {
    let options = Options {
        declared: vec![sources::freeze_flags()],
        origin: Origin::Content,
        ..Options::new(fix7_manifest::FIX7.application_role)
    };
    let mut connection = throwaway_postgres::open(&server.connect_options(database)).await?;
    Ok(capture(&mut connection, &options).await?)
}

/// What is committed with rows of this database; or, where there is nothing of the legacy path, what can
/// be rehearsed anywhere, and the fact that the rest has no subject.
fn rows_for(
    here: &Capture,
    committed: Committed,
    root: &Path,
) -> Result<(Committed, Vec<String>), CommandError> {
    let live = sources::live_facts(root, here).map_err(majors::Error::from)?;
    let Some(fact) = no_subject(&live)? else {
        let reference = crate::capture::named_capture(root, sources::REFERENCE_CAPTURE)?;
        return Ok((majors::rows_of(here, &reference, root)?, Vec::new()));
    };
    let mut committed = committed;
    // What they remember is measured on objects that are not here.
    committed.states.clear();
    committed.inapplicable = committed
        .plan
        .package
        .iter()
        .filter(|package| package.id != ANYWHERE)
        .map(|package| (package.id.clone(), fact.clone()))
        .collect();
    let relations: BTreeSet<&str> = live.relations.keys().map(String::as_str).collect();
    committed
        .plan
        .protected_rows
        .retain(|relation| relations.contains(relation.as_str()));
    Ok((committed, vec![ANYWHERE.to_owned()]))
}

/// Identities of the sealed legacy set, as a capture has them.
pub(crate) fn sealed_set() -> BTreeSet<String> {
    let members = estate::LEGACY.iter();
    members
        .map(|member| authoring::live::identity(member.identity))
        .collect()
}

/// That nothing of the sealed legacy set is in the database, as a sentence; nothing where all of it is.
pub(crate) fn no_subject(live: &LiveFacts) -> Result<Option<String>, Error> {
    let members = sealed_set();
    let missing: Vec<String> = members
        .iter()
        .filter(|identity| !live.routines.contains_key(*identity) && !live.relations.contains_key(*identity))
        .cloned()
        .collect();
    if missing.is_empty() {
        return Ok(None);
    }
    if missing.len() < members.len() {
        return Err(Error::Incomplete {
            all: members.len(),
            missing,
        });
    }
    Ok(Some(format!(
        "none of the {} objects of the sealed legacy set is in the catalog of this database",
        members.len()
    )))
}

impl EstateArgs {
    /// The dump, if one was named.
    pub(crate) fn dump(&self) -> Option<&Path> {
        self.estate.as_deref()
    }
}
