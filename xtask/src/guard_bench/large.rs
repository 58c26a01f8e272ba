//! The reference estate so many times over, and what is authored from it, never written to the repository.
//!
//! Not for: rendering an estate (`sql-render`), or reading one (`capture`). The one fact to know: the estate is
//! loaded, captured and authored as a foreign one would be, so that rows, packet and inputs are those of
//! the large estate, and what a person decides is decided of every copy.

use crate::cli::BenchArgs;
use crate::exit::CommandError;
use crate::scale::copies::copy_files;
use crate::sources;
use authoring::{Approvals, Sources, approve, atomic_write, author, locks, surface_rows};
use capture::{Capture, Options, Origin, capture};
use fix7_manifest::{FIX7, estate};
use manifest_model::estate::{Estate, EstateSize, LegacyMember, RunsIn};
use rehearsal::{Committed, Fixture, GuardTimes, Progress};
use std::path::Path;
use throwaway_postgres::{Script, Server, Template};

/// What people write and authoring reads.
const READ: &[&str] = &[
    "crates/canonical/vectors",
    "migrations",
    "rehearsal/guard_cases",
    "rehearsal/guards",
    "rehearsal/states",
    "seeds/exact-set",
];
/// Where a DBA's remedies stand.
const REMEDIES: &str = "rehearsal/states/15_mends.sql";

/// An estate that was walked.
pub(super) struct Walked {
    /// Objects of its legacy path.
    pub(super) objects: usize,
    /// The server's major.
    pub(super) major: u32,
    /// What its guards answered, and cost.
    pub(super) found: GuardTimes,
}

/// Loads, authors and walks an estate.
pub(super) async fn measure(
    args: &BenchArgs,
    root: &Path,
    times: u32,
    fixtures: &[Fixture],
    progress: &mut dyn Progress,
) -> Result<Walked, CommandError> {
    let size = EstateSize::times(times);
    let options = throwaway_postgres::Options {
        template: Some(Template {
            database: estate::ESTATE.database.to_owned(),
            scripts: scripts(&size),
        }),
        // A state's statements hold a lock on each object of the estate.
        max_locks_per_transaction: 1024 * times.clamp(1, 16),
        ..args.server.options()
    };
    progress.step("loading the estate");
    let server = throwaway_postgres::start(&options).await.map_err(environment)?;
    let measured = walk(&server, root, &size, fixtures, progress).await;
    server.stop().await.map_err(environment)?;
    measured
}

async fn walk(
    server: &Server,
    root: &Path,
    size: &EstateSize,
    fixtures: &[Fixture],
    progress: &mut dyn Progress,
) -> Result<Walked, CommandError> {
    let cluster = server.disposable().ok_or_else(|| {
        CommandError::Usage("nothing is committed on a server of others; use a throwaway one".to_owned())
    })?;
    progress.step("reading the estate");
    let capture_options = Options {
        declared: vec![sources::freeze_flags()],
        origin: Origin::Content,
        ..Options::new(FIX7.application_role)
    };
    let reach = server.connect_options(estate::ESTATE.database);
    let mut connection = throwaway_postgres::open(&reach).await.map_err(environment)?;
    let here = capture(&mut connection, &capture_options)
        .await
        .map_err(environment)?;
    drop(connection);
    progress.step("authoring");
    let legacy = legacy(size);
    let objects = legacy.len();
    let committed = authored(root, &here, legacy, size)?;
    let found = committed_clone::time_guards(cluster, &committed, fixtures, progress).await?;
    Ok(Walked {
        objects,
        major: server.version_num() / 10_000,
        found,
    })
}

/// The estate's files at a size.
fn scripts(size: &EstateSize) -> Vec<Script> {
    let files = sql_render::estate::render(&estate::ESTATE, size);
    let texts = estate::ESTATE.scripts.iter().filter_map(|script| {
        let file = files.iter().find(|file| file.path == script.file)?;
        Some(match script.runs_in {
            RunsIn::Cluster => Script::cluster(&file.path, file.text.clone()),
            RunsIn::Estate => Script::database(&file.path, file.text.clone()),
        })
    });
    texts.collect()
}

/// The members of the legacy path at a size. Definitions are `'static`: they live as long as the process.
fn legacy(size: &EstateSize) -> Vec<LegacyMember> {
    let members = sql_render::estate::members(&estate::ESTATE, size);
    let defined = estate::LEGACY.iter().cycle();
    let scaled = members
        .into_iter()
        .zip(defined)
        .map(|(member, defined)| LegacyMember {
            identity: member.identity.leak(),
            ..*defined
        });
    scaled.collect()
}

/// Everything that follows from the large estate, authored in a folder of its own where all is approved.
fn authored(
    root: &Path,
    here: &Capture,
    legacy: Vec<LegacyMember>,
    size: &EstateSize,
) -> Result<Committed, CommandError> {
    let folder = footprint::files::scratch().map_err(environment)?;
    for part in READ {
        copy_files(&root.join(part), &folder.path().join(part)).map_err(environment)?;
    }
    let remedies = std::fs::read_to_string(root.join(REMEDIES)).map_err(environment)? + &remedies(size);
    atomic_write(&folder.path().join(REMEDIES), &remedies).map_err(environment)?;
    let mut decisions = sources::decisions(root).map_err(environment)?;
    let decided = decisions.read_conflict.clone();
    for decision in copies(size).flat_map(|copy| decided.iter().map(move |one| (copy.clone(), one.clone()))) {
        let (suffix, mut decision) = decision;
        decision.relation.push_str(&suffix);
        decisions.read_conflict.push(decision);
    }
    for decided in &mut decisions.as_invoker {
        let first = decided.relations.clone();
        let of_copies = copies(size).flat_map(|copy| first.iter().map(move |view| format!("{view}{copy}")));
        decided.relations.extend(of_copies.collect::<Vec<_>>());
    }
    let live = authoring::LiveFacts::from_capture(here)
        .map_err(environment)?
        .decided(&decisions);
    let large: &'static Estate = Box::leak(Box::new(Estate {
        legacy: legacy.leak(),
        ..estate::ESTATE
    }));
    let sources = Sources {
        estate: large,
        ..sources::fix7(Some(&live))
    };
    let approvals = Approvals {
        designs: locks::unapproved(&sql_render::migrations(&FIX7), folder.path()).map_err(environment)?,
        sets: locks::unaccepted(
            &surface_rows::all(&sources, &live).map_err(environment)?,
            folder.path(),
        )
        .map_err(environment)?,
    };
    let approved = approve(&sources, folder.path(), &approvals).map_err(environment)?;
    for (path, text) in approved.iter() {
        atomic_write(&folder.path().join(path), text).map_err(environment)?;
    }
    let files = author(&sources, folder.path()).map_err(environment)?;
    let texts = files
        .iter()
        .map(|(path, text)| (path.to_owned(), text.to_owned()));
    let mut committed = rehearsal::load_instead(folder.path(), texts.collect())?;
    // What is tried and undone, guards' faults among it, has its own place.
    committed.negatives.clear();
    committed.attacks.clear();
    committed.mutants.clear();
    committed.guard_cases.clear();
    committed.bypass = None;
    Ok(committed)
}

/// What each copy but the first carries after its names.
fn copies(size: &EstateSize) -> impl Iterator<Item = String> {
    (2..=size.legacy_scale).map(|number| format!("_x{number}"))
}

/// A DBA's remedies for the keys of every copy; triggers stand on the first alone.
fn remedies(size: &EstateSize) -> String {
    let of_keys = estate::legacy::hazards::HAZARDS
        .iter()
        .filter(|hazard| hazard.remedy.starts_with("alter table "));
    let remedies: Vec<&str> = of_keys
        .map(|hazard| hazard.remedy.trim_end_matches(';'))
        .collect();
    let mut out = String::new();
    for copy in copies(size) {
        for remedy in &remedies {
            let words = remedy.split(' ').map(|word| {
                let named = word.starts_with("public.") || word.ends_with("_fk");
                if named {
                    format!("{word}{copy}")
                } else {
                    word.to_owned()
                }
            });
            out.push_str(&words.collect::<Vec<_>>().join(" "));
            out.push_str(";\n");
        }
    }
    out
}

fn environment(error: impl std::fmt::Display) -> CommandError {
    CommandError::Environment(error.to_string())
}
