//! `cargo xtask guards URL`: the guards of a step on a live database, read-only, and what each came to.
//!
//! Not for: judging (`crates/guards`). The one fact to know: a document that was derived from a capture is
//! given to a guard only if the capture is of this very database; without one its guards are not measured.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use authoring::{LiveFacts, author};
use capture::{Capture, Options, Origin};
use guards::{Due, Inputs, Limits, Measured, Stage, Verdict};
use manifest_model::ControlPlane;
use rehearsal::Committed;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, PgConnection, Row as _};

use crate::cli::Format;
use crate::exit::{Code, CommandError};
use crate::rehearse::{interruptible, root, runtime};
use crate::sources;

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

pub(crate) fn run(arguments: &Arguments, out: &mut dyn Write) -> Result<Code, CommandError> {
    let plane = &fix7_manifest::FIX7;
    demand_known_phases(plane, &arguments.phases)?;
    let committed = rehearsal::load(&root())?;
    let (target, phases, measured) =
        runtime()?.block_on(interruptible(measure(arguments, plane, &committed)))??;
    match arguments.format {
        Format::Human => print_human(&target, &phases, &measured, arguments, out)?,
        Format::Json => writeln!(out, "{:#}", as_json(&target, &phases, &measured, arguments))?,
    }
    Ok(if measured.iter().all(is_green) {
        Code::Pass
    } else {
        Code::Finding
    })
}

pub(crate) async fn measure(
    arguments: &Arguments,
    plane: &ControlPlane,
    committed: &Committed,
) -> Result<(Target, Vec<String>, Vec<Measured>), CommandError> {
    let mut connection = capture::connect(&arguments.url, "guards")
        .await
        .map_err(|error| crate::capture::failed(&error))?;
    let target = look(&mut connection, arguments, plane.schema).await?;
    let (inputs, no_subject) = inputs(&mut connection, arguments, committed, &target).await?;
    let by_id: BTreeMap<&str, &guards::Guard> = committed
        .guards
        .values()
        .map(|guard| (guard.id.as_str(), guard))
        .collect();
    let phases: Vec<String> = match (arguments.phases.as_slice(), target.control_plane) {
        ([], false) => BEFORE.iter().map(ToString::to_string).collect(),
        ([], true) => AFTER.iter().map(ToString::to_string).collect(),
        (named, _) => named.to_vec(),
    };
    let due: Vec<Due<'_>> = phases
        .iter()
        .flat_map(|step| {
            let here = plane.guards.iter().filter(|guard| due_at(guard, step));
            here.map(|guard| Due {
                id: guard.id,
                step,
                guard: by_id.get(guard.id).copied(),
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
    let mut measured = guards::measure_read_only(&mut connection, &due, stage, &inputs, limits).await;
    if let Some(fact) = no_subject {
        // What they would be told is authored of objects that are not here.
        let of_capture = |key: &&str| {
            let mut documents = committed.inputs.iter();
            documents.any(|(known, value)| known == key && value.get("capture_sha256").is_some())
        };
        let untold = |id: &str| {
            let guard = by_id.get(id);
            guard.is_some_and(|guard| {
                !inputs
                    .missing(guard.inputs_at(stage).filter(of_capture))
                    .is_empty()
            })
        };
        for one in measured.iter_mut().filter(|one| untold(&one.id)) {
            one.verdict = Verdict::NotMeasured(format!("not applicable: {fact}"));
        }
    }
    Ok((target, phases, measured))
}

/// Whether doc 06 or a package of doc 07 lists the guard at `step`.
fn due_at(guard: &manifest_model::GuardEntry, step: &str) -> bool {
    let packages = guard.packages.iter().map(|(_, at)| at);
    guard.steps.iter().chain(packages).any(|at| at.label() == step)
}

fn demand_known_phases(plane: &ControlPlane, phases: &[String]) -> Result<(), CommandError> {
    let known = |step: &str| plane.guards.iter().any(|guard| due_at(guard, step));
    match phases.iter().find(|step| !known(step)) {
        None => Ok(()),
        Some(step) => {
            let all: Vec<String> = (0..=19)
                .map(|number| manifest_model::Step::new(number).label())
                .filter(|step| known(step))
                .collect();
            Err(CommandError::Usage(format!(
                "no guard is due at `{step}`, expected one of {}",
                all.join(", ")
            )))
        }
    }
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

/// Guards by their worst verdict over all steps: a guard is green only if it was green at every one.
fn counts(measured: &[Measured]) -> (usize, usize, usize, usize) {
    let mut worst: BTreeMap<&str, u8> = BTreeMap::new();
    for run in measured {
        let rank = match run.verdict {
            Verdict::Pass { .. } => 0,
            Verdict::NotMeasured(_) => 1,
            Verdict::Fail(_) => 2,
        };
        let known = worst.entry(&run.id).or_default();
        *known = (*known).max(rank);
    }
    let of = |rank: u8| worst.values().filter(|worst| **worst == rank).count();
    (worst.len(), of(0), of(2), of(1))
}

/// Counts and runs, as every command prints them.
pub(crate) fn guards_json(measured: &[Measured]) -> Value {
    let (total, green, red, not_measured) = counts(measured);
    let runs: Vec<Value> = measured
        .iter()
        .map(|run| {
            let examined = match run.verdict {
                Verdict::Pass { examined } => json!(examined),
                _ => Value::Null,
            };
            json!({
                "guard": run.id, "step": run.step, "verdict": run.verdict.word(),
                "examined": examined, "reasons": run.verdict.reasons(),
            })
        })
        .collect();
    json!({ "total": total, "green": green, "red": red, "not_measured": not_measured, "runs": runs })
}

fn as_json(target: &Target, phases: &[String], measured: &[Measured], arguments: &Arguments) -> Value {
    let (total, _, red, not_measured) = counts(measured);
    let verdict = match (red, not_measured, total) {
        (0, 0, 1..) => "pass",
        (0, ..) => "not_measured",
        _ => "fail",
    };
    json!({
        "format_version": 1,
        "verdict": verdict,
        "target": {
            "url": target.url, "database": target.database, "version": target.version,
            "system_identifier": target.system_identifier, "login": target.login,
            "superuser": target.superuser, "control_plane": target.control_plane,
        },
        "phases": phases,
        "capture": arguments.capture,
        "guards": guards_json(measured),
    })
}

fn print_human(
    target: &Target,
    phases: &[String],
    measured: &[Measured],
    arguments: &Arguments,
    out: &mut dyn Write,
) -> Result<(), CommandError> {
    writeln!(
        out,
        "{} (PostgreSQL {}), as `{}`{}",
        target.url,
        target.version,
        target.login,
        if target.superuser {
            ", a superuser: an ordinary login is enough"
        } else {
            ""
        }
    )?;
    writeln!(
        out,
        "  the control plane {}; guards of {}",
        if target.control_plane {
            "exists"
        } else {
            "does not exist yet"
        },
        phases.join(", ")
    )?;
    if arguments.capture.is_none() {
        writeln!(
            out,
            "  no --capture named: guards that compare with a capture are not measured"
        )?;
    }
    for run in measured {
        let said = match &run.verdict {
            Verdict::Pass { examined } => format!("green, {examined} examined"),
            Verdict::Fail(_) => "RED".to_owned(),
            Verdict::NotMeasured(_) => "not measured".to_owned(),
        };
        writeln!(out, "  {}  {:<30}  {said}", run.step, run.id)?;
        for reason in run.verdict.reasons() {
            writeln!(out, "         {reason}")?;
        }
    }
    let (total, green, red, not_measured) = counts(measured);
    writeln!(
        out,
        "{total} guards: {green} green, {red} red, {not_measured} not measured; nothing was written"
    )?;
    Ok(())
}
