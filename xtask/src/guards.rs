//! `cargo xtask guards URL`: the guards of a step on a live database, read-only, and what each came to.
//!
//! Not for: judging (`crates/guards`). The one fact to know: a document that was derived from a capture is
//! given to a guard only if the capture is of this very database; without one its guards are not measured.

mod missing;
mod rehearsed;
mod remembered;
mod told;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use authoring::{LiveFacts, author};
use capture::{Capture, Options, Origin};
use guards::{Due, Inputs, Limits, Measured, Stage, Verdict};
use manifest_model::ControlPlane;
use rehearsal::Committed;
use serde_json::Value;
use sqlx::{AssertSqlSafe, PgConnection, Row as _};

use crate::cli::Format;
use crate::exit::{Code, CommandError};
use crate::rehearse::{interruptible, root, runtime};
use crate::sources;

pub(crate) use told::guards_json;

/// Steps whose guards are run when none is named: before there is a control plane, and once there is.
const BEFORE: &[&str] = &["S00", "S13"];
const AFTER: &[&str] = &["S19"];
/// Longest wait for a lock, in milliseconds, where nobody says another.
pub(crate) const LOCK_TIMEOUT_MS: u32 = 2_000;

/// What the command line said.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Database to look at, `postgres://ROLE@HOST/DATABASE`; a password is better given as PGPASSWORD
    #[arg(value_name = "URL")]
    pub(crate) url: String,
    /// Steps whose guards run, like S13; without it S00 and S13, or S19 where the control plane exists
    #[arg(long = "phase", value_name = "STEP")]
    pub(crate) phases: Vec<String>,
    /// Where in the step the database stands
    #[arg(long, value_name = "MOMENT", default_value = "after", value_parser = ["before", "between", "after", "rollback"])]
    pub(crate) moment: String,
    /// Capture of this database, a folder under `rehearsal/captures/`
    #[arg(long, value_name = "NAME")]
    pub(crate) capture: Option<String>,
    /// Folder of the DOT scripts on this machine; without it the guards over them are not measured
    #[arg(long, value_name = "DIR")]
    pub(crate) dot: Option<PathBuf>,
    /// What an earlier moment of this database was, from `--remember`; may be given several times
    #[arg(long, value_name = "FILE")]
    pub(crate) remembered: Vec<PathBuf>,
    /// Measures what later guards compare with at this step and moment, and writes it there
    #[arg(long, value_name = "FILE")]
    pub(crate) remember: Option<PathBuf>,
    /// Outcome of `rehearse --estate FILE --capture NAME --format json`: what it says of guards over rows that are not here
    #[arg(long, value_name = "FILE", requires = "capture")]
    pub(crate) rehearsed: Option<PathBuf>,
    /// Longest that one statement may take, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 30_000, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) statement_timeout: u32,
    /// Longest wait for a lock, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = LOCK_TIMEOUT_MS, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) lock_timeout: u32,
    /// Longest wait for calls that were under way, in seconds, after which they are red; without it nobody waits, and
    /// the guard is not measured while there is one
    #[arg(long, value_name = "SECONDS")]
    pub(crate) drain: Option<u32>,
    /// How to print the outcome
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(crate) format: Format,
}

/// The database that was looked at.
pub(crate) struct Target {
    url: String,
    database: String,
    version: String,
    system_identifier: String,
    login: String,
    superuser: bool,
    control_plane: bool,
}

/// What was asked, and what came of it.
pub(crate) struct Asked {
    target: Target,
    phases: Vec<String>,
    pub(crate) measured: Vec<Measured>,
    /// Guards whose verdict at a step is that of the rehearsal.
    rehearsed: BTreeSet<(String, String)>,
    /// What was remembered, and the digest of the file that holds it.
    remembered: Option<(Vec<String>, String)>,
}

pub(crate) fn run(arguments: &Arguments, out: &mut dyn Write) -> Result<Code, CommandError> {
    let plane = &fix7_manifest::FIX7;
    demand_known_phases(plane, &arguments.phases, &arguments.moment)?;
    let committed = rehearsal::load(&root())?;
    let asked = runtime()?.block_on(interruptible(measure(arguments, plane, &committed)))??;
    match arguments.format {
        Format::Human => told::print_human(&asked, arguments, out)?,
        Format::Json => writeln!(out, "{:#}", told::as_json(&asked, arguments))?,
    }
    Ok(if asked.measured.iter().all(is_green) {
        Code::Pass
    } else {
        Code::Finding
    })
}

pub(crate) async fn measure(
    arguments: &Arguments,
    plane: &ControlPlane,
    committed: &Committed,
) -> Result<Asked, CommandError> {
    let mut connection = capture::connect(&arguments.url, "guards")
        .await
        .map_err(|error| crate::capture::failed(&error))?;
    let target = look(&mut connection, arguments, plane.schema).await?;
    let phases: Vec<String> = match (arguments.phases.as_slice(), target.control_plane) {
        ([], false) => BEFORE.iter().map(ToString::to_string).collect(),
        ([], true) => AFTER.iter().map(ToString::to_string).collect(),
        (named, _) => named.to_vec(),
    };
    if arguments.remember.is_some() {
        remembered::demand_something(committed, &phases, &arguments.moment)?;
    }
    let (mut inputs, no_subject) = inputs(&mut connection, arguments, committed, &target).await?;
    remembered::read(&arguments.remembered, &target, &mut inputs)?;
    let by_id: BTreeMap<&str, &guards::Guard> = committed
        .guards
        .values()
        .map(|guard| (guard.id.as_str(), guard))
        .collect();
    let cells = plane.guard_cells();
    let due: Vec<Due<'_>> = phases
        .iter()
        .flat_map(|step| {
            let here = cells.iter();
            let here =
                here.filter(|(_, at, moment)| at.label() == *step && moment.word() == arguments.moment);
            here.map(|(id, ..)| Due {
                id,
                step,
                guard: by_id.get(id).copied(),
            })
        })
        .collect();
    let stage = if target.control_plane {
        Stage::ControlPlane
    } else {
        Stage::NoControlPlane
    };
    let limits = Limits {
        statement: Duration::from_millis(arguments.statement_timeout.into()),
        lock: Duration::from_millis(arguments.lock_timeout.into()),
        drain: arguments.drain.map(|seconds| Duration::from_secs(seconds.into())),
    };
    let measured = guards::measure_read_only(&mut connection, &due, stage, &inputs, limits).await;
    let mut asked = Asked {
        target,
        phases,
        measured,
        rehearsed: BTreeSet::new(),
        remembered: None,
    };
    missing::say_what_was_missing(
        &mut asked,
        arguments,
        committed,
        &inputs,
        stage,
        no_subject.as_deref(),
    )?;
    if let (Some(path), [step]) = (&arguments.remember, asked.phases.as_slice()) {
        let at = (step.as_str(), arguments.moment.as_str());
        let timeout = arguments.statement_timeout;
        let written = remembered::write(&mut connection, committed, &asked.target, at, timeout, path).await?;
        asked.remembered = Some(written);
    }
    Ok(asked)
}

fn demand_known_phases(plane: &ControlPlane, phases: &[String], moment: &str) -> Result<(), CommandError> {
    let cells = plane.guard_cells();
    let moments = |step: &str| -> Vec<&str> {
        let at = cells.iter().filter(|(_, at, _)| at.label() == step);
        let at: BTreeSet<&str> = at.map(|(_, _, moment)| moment.word()).collect();
        at.into_iter().collect()
    };
    for step in phases {
        let known = moments(step);
        if known.is_empty() {
            let all: Vec<String> = (0..=19)
                .map(|number| manifest_model::Step::new(number).label())
                .filter(|step| !moments(step).is_empty())
                .collect();
            return Err(CommandError::Usage(format!(
                "no guard is due at `{step}`, expected one of {}",
                all.join(", ")
            )));
        }
        if !known.contains(&moment) {
            return Err(CommandError::Usage(format!(
                "no guard is due at `{step}` ({moment}), expected --moment {}",
                known.join(" or ")
            )));
        }
    }
    Ok(())
}

/// Which database this is, and who asks.
async fn look(
    connection: &mut PgConnection,
    arguments: &Arguments,
    schema: &str,
) -> Result<Target, CommandError> {
    let asked = format!(
        "select pg_catalog.current_database()::text, pg_catalog.current_setting('server_version'), \
         (select c.system_identifier::text from pg_catalog.pg_control_system() c), session_user::text, \
         (select r.rolsuper from pg_catalog.pg_roles r where r.rolname = session_user), \
         exists (select from pg_catalog.pg_namespace n where n.nspname = {})",
        guards::render_text_literal(schema)
    );
    let row = sqlx::raw_sql(AssertSqlSafe(asked))
        .fetch_one(connection)
        .await
        .map_err(|error| unreadable(&error))?;
    let text = |at: usize| row.try_get::<String, _>(at).map_err(|error| unreadable(&error));
    let flag = |at: usize| row.try_get::<bool, _>(at).map_err(|error| unreadable(&error));
    Ok(Target {
        url: capture::without_password(&arguments.url),
        database: text(0)?,
        version: text(1)?,
        system_identifier: text(2)?,
        login: text(3)?,
        superuser: flag(4)?,
        control_plane: flag(5)?,
    })
}

fn unreadable(error: &sqlx::Error) -> CommandError {
    CommandError::Environment(format!("the database can't be asked what it is: {error}"))
}

/// The committed documents; those that were derived from a capture, from the one that was named; and, where nothing of
/// what most of them are about is in the database, that fact.
async fn inputs(
    connection: &mut PgConnection,
    arguments: &Arguments,
    committed: &Committed,
    target: &Target,
) -> Result<(Inputs, Option<String>), CommandError> {
    let mut no_subject = None;
    let of_capture: BTreeMap<String, Value> = match &arguments.capture {
        None => BTreeMap::new(),
        Some(name) => {
            let captured = crate::capture::named_capture(&root(), name)?;
            demand_same_database(connection, name, &captured, target).await?;
            let live = sources::live_facts(&root(), &captured).map_err(crate::author::Error::from)?;
            no_subject = crate::estate::no_subject(&live)?;
            if no_subject.is_some() {
                let reads = authoring::inputs::select_set(&live);
                BTreeMap::from([("select_set".to_owned(), reads)])
            } else {
                documents(&live, &root(), committed)?
            }
        }
    };
    let mut inputs = Inputs::new();
    inputs.insert("moment", &arguments.moment.as_str().into());
    for (key, value) in &committed.inputs {
        if value.get("of_estate").is_some() {
            continue;
        }
        if value.get("capture_sha256").is_none() {
            inputs.insert(key, value);
        } else if let Some(value) = of_capture.get(key) {
            inputs.insert(key, value);
        }
    }
    if let Some(folder) = &arguments.dot {
        inputs.insert("dot", &crate::dot_folder::document(folder)?);
    }
    Ok((inputs, no_subject))
}

/// A capture that names its cluster is compared with it; one that does not is captured again.
async fn demand_same_database(
    connection: &mut PgConnection,
    name: &str,
    captured: &Capture,
    target: &Target,
) -> Result<(), CommandError> {
    let foreign = |what: &str, theirs: &str, found: &str| {
        CommandError::Usage(format!(
            "capture `{name}` is of another database: {what} `{theirs}`, found `{found}`; name a capture of this one, or none"
        ))
    };
    if captured.database() != target.database {
        return Err(foreign("database", captured.database(), &target.database));
    }
    if let Some(identifier) = captured.system_identifier() {
        return if identifier == target.system_identifier {
            Ok(())
        } else {
            Err(foreign(
                "system identifier",
                identifier,
                &target.system_identifier,
            ))
        };
    }
    let options = Options {
        declared: vec![sources::freeze_flags()],
        origin: Origin::Content,
        ..Options::new(&captured.facts().select_set.reader)
    };
    let here = capture::capture(connection, &options)
        .await
        .map_err(|error| crate::capture::failed(&error.into()))?;
    captured
        .expect_same_database(&here)
        .map_err(|differs| foreign(differs.what, &differs.captured, &differs.found))
}

/// The input documents as they are authored from what was captured.
fn documents(
    live: &LiveFacts,
    root: &Path,
    committed: &Committed,
) -> Result<BTreeMap<String, Value>, CommandError> {
    let files = author(&sources::fix7(Some(live)), root).map_err(crate::author::Error::from)?;
    let texts: BTreeMap<&str, &str> = files.iter().collect();
    let mut documents = BTreeMap::new();
    for (key, _) in &committed.inputs {
        let Some(text) = texts.get(authoring::inputs::path(key).as_str()) else {
            continue;
        };
        let value = serde_json::from_str(text)
            .map_err(|error| CommandError::Environment(format!("input `{key}` can't be read: {error}")))?;
        documents.insert(key.clone(), value);
    }
    Ok(documents)
}

fn is_green(measured: &Measured) -> bool {
    matches!(measured.verdict, Verdict::Pass { .. })
}
