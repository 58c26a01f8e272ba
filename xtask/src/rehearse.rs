//! `cargo xtask rehearse`: the committed plan on a throwaway server, and its verdict.

use crate::cli::{Format, RehearseArgs, Shape};
use crate::exit::{Code, CommandError};
use crate::leave::record::Recorder;
use crate::progress::Spinner;
use crate::scale_runs;
use rehearsal::{Committed, Finding, Outcome, Progress as _, RehearseError, RepointOutcome, Status};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use throwaway_postgres::Server;

const LENT: &str = "`--shape committed` takes every package, and a server that this tool made: nothing is committed on one that somebody lends";

const OF_A_DUMP: &str =
    "a dump is one of two measurements; `cargo xtask repoint-proof` joins it with the live database";

const IN_PART: &str = "some packages alone are no measurement of all of them";

const ONE: &str = "`--servers 2` takes every package, and a server that this tool made: a server that somebody lends is one";

/// The workspace's root: this crate lies directly below it. Cargo sets the variable when it runs
/// us, so a checkout that was moved after the build is still found.
pub(crate) fn root() -> PathBuf {
    let crate_dir = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    crate_dir
        .parent()
        .map_or_else(|| PathBuf::from("."), Path::to_owned)
}

pub(crate) fn run(args: &RehearseArgs, out: &mut dyn Write) -> Result<Code, CommandError> {
    let committed = rehearsal::load(&root())?;
    let measured = args.scale_runs.as_deref().map(scale_runs::read).transpose();
    let measured = measured.map_err(CommandError::Usage)?;
    demand_known_packages(&args.packages, &committed)?;
    committed.demand_known_subjects(&args.only)?;
    if args.keep {
        crate::keep::demand_own_server(&args.server)?;
    }
    let recorder = Recorder::of_rehearsal(&args.record, &root())?;
    let draft = crate::evidence::begin(args, &committed)?;
    let mut spinner = Spinner::new();
    let outcome = runtime()?.block_on(interruptible(rehearse(args, measured, committed, &mut spinner)));
    spinner.finish();
    let outcome = outcome??;
    if let Some(recorder) = recorder {
        let packages = outcome.packages.iter();
        recorder.after(packages.map(|one| (one.id.as_str(), one.verdict)), &root())?;
    }
    print(&outcome, args.format, out)?;
    if let Some(draft) = draft {
        crate::evidence::finish(draft, &outcome)?;
    }
    if args.keep {
        runtime()?.block_on(crate::keep::hold(&args.server, &mut Spinner::new()))?;
    }
    Ok(if outcome.verdict == Status::Pass {
        Code::Pass
    } else {
        Code::Finding
    })
}

async fn rehearse(
    args: &RehearseArgs,
    measured: Option<scale_runs::Record>,
    committed: Committed,
    spinner: &mut Spinner,
) -> Result<Outcome, CommandError> {
    let fixtures = crate::fixtures::FIXTURES;
    if let Some(dump) = args.estate.dump() {
        let options = args.server.options();
        let root = root();
        let started = crate::estate::start(&args.estate, dump, &options, committed, &root, spinner);
        let on = Box::pin(started).await?;
        let packages = if on.only.is_empty() {
            &args.packages
        } else {
            &on.only
        };
        let committed = on.committed.up_to(&args.packages);
        let rehearsed = on.started.rehearse(&committed, fixtures, packages, spinner);
        let mut outcome = rehearsed.await?;
        outcome.estate = Some(on.estate);
        outcome.add_repoint(RepointOutcome::not_measured(OF_A_DUMP), Vec::new());
        return Ok(outcome);
    }
    let started = rehearsal::start(&args.server.options(), &committed, spinner).await?;
    let mut committed = crate::majors::committed_for(started.server(), &root(), committed).await?;
    if !args.only.is_empty() {
        committed = committed.narrowed(&args.only)?;
    }
    let reaches_all = committed.reaches_all_by(&args.packages);
    committed = committed.up_to(&args.packages);
    let here = there(args, started.server(), &committed, spinner).await?;
    let committed = Arc::new(committed);
    let mut outcome = if is_committed(args, &committed, started.server())? {
        started
            .rehearse_by(async |server| {
                let cluster = server
                    .disposable()
                    .ok_or_else(|| RehearseError::Stop(LENT.to_owned()))?;
                committed_clone::rehearse(cluster, &committed, fixtures, spinner).await
            })
            .await?
    } else if is_on_two(args, reaches_all, started.server())? {
        started
            .rehearse_on_two(&args.server.options(), &committed, fixtures, spinner)
            .await?
    } else {
        started
            .rehearse(&committed, fixtures, &args.packages, spinner)
            .await?
    };
    outcome.add_repoint(here.0, here.1);
    let (scale, red) = scale_runs::of(measured.as_ref(), &committed, outcome.postgres.major)?;
    outcome.add_scale_runs(scale, red);
    if args.committed {
        crate::committed::add(&args.server, &committed, &mut outcome, spinner).await?;
    }
    Ok(outcome)
}

/// What the database says of itself before any package is there: the second measurement of PKG-D.
async fn there(
    args: &RehearseArgs,
    server: &Server,
    committed: &Committed,
    spinner: &mut Spinner,
) -> Result<(RepointOutcome, Vec<Finding>), CommandError> {
    if !args.packages.is_empty() || !args.only.is_empty() {
        return Ok((RepointOutcome::not_measured(IN_PART), Vec::new()));
    }
    spinner.step("reading what is there");
    Ok(crate::repoint::measure(server, committed, &root()).await?)
}

/// Whether the whole rehearsal is committed and dropped: as asked, else by the number of objects.
fn is_committed(args: &RehearseArgs, committed: &Committed, server: &Server) -> Result<bool, CommandError> {
    let may = server.disposable().is_some() && args.packages.is_empty();
    match args.shape {
        Shape::OneTransaction => Ok(false),
        Shape::Auto => Ok(may && rehearsal::is_committed_at(rehearsal::objects(committed))),
        Shape::Committed if may => Ok(true),
        Shape::Committed => Err(CommandError::Usage(LENT.to_owned())),
    }
}

/// Whether a second server of our own takes its share: where there are proofs, and no part of them was asked for.
fn is_on_two(args: &RehearseArgs, reaches_all: bool, server: &Server) -> Result<bool, CommandError> {
    let may = server.disposable().is_some() && reaches_all && args.only.is_empty();
    match args.servers {
        Some(2) if !may => Err(CommandError::Usage(ONE.to_owned())),
        Some(wanted) => Ok(wanted == 2),
        None => Ok(may && std::thread::available_parallelism().is_ok_and(|cores| cores.get() > 1)),
    }
}

fn demand_known_packages(wanted: &[String], committed: &Committed) -> Result<(), CommandError> {
    let known: Vec<&str> = committed
        .plan
        .package
        .iter()
        .map(|package| package.id.as_str())
        .collect();
    match wanted.iter().find(|id| !known.contains(&id.as_str())) {
        None => Ok(()),
        Some(id) => Err(CommandError::Usage(format!(
            "unknown package `{id}`, expected one of {}",
            known.join(", ")
        ))),
    }
}

pub(crate) fn print(outcome: &Outcome, format: Format, out: &mut dyn Write) -> Result<(), CommandError> {
    match format {
        Format::Human => out.write_all(rehearsal::render_summary(outcome).as_bytes())?,
        Format::Json => {
            let json = serde_json::to_string_pretty(outcome)
                .map_err(|error| CommandError::Environment(error.to_string()))?;
            writeln!(out, "{json}")?;
        }
    }
    Ok(())
}

/// One thread is enough: the work is the server's.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, CommandError> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| CommandError::Environment(format!("can't start the runtime: {error}")))
}

/// Runs `work` until it ends or somebody presses Ctrl-C or sends a signal; what it had started is
/// then dropped, and with it the server.
pub(crate) async fn interruptible<T>(work: impl Future<Output = T>) -> Result<T, CommandError> {
    Ok(throwaway_postgres::unless_interrupted(work).await?)
}
