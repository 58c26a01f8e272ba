//! `cargo xtask guards URL`: the guards of a step on a live database, read-only, and what each came to.
//!
//! Not for: judging (`crates/guards`). The one fact to know: a document that was derived from a capture is
//! given to a guard only if the capture is of this very database; without one its guards are not measured.

mod rehearsed;
mod remembered;

use std::collections::{BTreeMap, BTreeSet};
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
        Format::Human => print_human(&asked, arguments, out)?,
        Format::Json => writeln!(out, "{:#}", as_json(&asked, arguments))?,
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
    say_what_was_missing(
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

/// Puts in place of a verdict that nobody could give what it is not applicable to, what a rehearsal on the same capture
/// says, or what must be handed over.
fn say_what_was_missing(
    asked: &mut Asked,
    arguments: &Arguments,
    committed: &Committed,
    inputs: &Inputs,
    stage: Stage,
    no_subject: Option<&str>,
) -> Result<(), CommandError> {
    let rehearsed = match (&arguments.rehearsed, &arguments.capture) {
        (Some(path), Some(name)) => {
            let captured = crate::capture::named_capture(&root(), name)?;
            Some(rehearsed::Rehearsed::read(path, &captured)?)
        }
        _ => None,
    };
    let of_capture = |key: &str| {
        let mut documents = committed.inputs.iter();
        documents.any(|(known, value)| known == key && value.get("capture_sha256").is_some())
    };
    for one in &mut asked.measured {
        let guards = committed.guards.values();
        let Some(guard) = guards.into_iter().find(|guard| guard.id == one.id) else {
            continue;
        };
        let missing: Vec<&str> = inputs
            .missing(guard.inputs_due(stage, Some(&arguments.moment)))
            .into_iter()
            // Told by whoever asks: the step, and what the views say.
            .filter(|key| !["phase", guards::VIEWS].contains(key))
            .collect();
        let lacks_stage = guard.select(stage).is_none();
        // What was true after a way back is known to who walked it.
        let of_rollback = |key: &&str| {
            let mut at = remembered::measured_at(committed, key).peekable();
            at.peek().is_some() && at.all(|(_, moment)| moment == "rollback")
        };
        let subject_is_lacking =
            lacks_stage || missing.iter().any(|key| of_capture(key)) || ranged_over_nothing(&one.verdict);
        if let Some(fact) = no_subject.filter(|_| subject_is_lacking) {
            one.verdict = Verdict::NotMeasured(format!("not applicable: {fact}"));
        } else if lacks_stage || (!missing.is_empty() && missing.iter().all(of_rollback)) {
            one.verdict = match &rehearsed {
                Some(rehearsed) => {
                    asked.rehearsed.insert((one.id.clone(), one.step.clone()));
                    rehearsed.verdict(one, &arguments.moment)
                }
                None => Verdict::NotMeasured(format!(
                    "it ranges over {}: give --capture NAME and --rehearsed FILE, the outcome of `cargo xtask rehearse \
                     --estate DUMP --capture NAME --format json` on a dump of this database",
                    if lacks_stage {
                        "rows of the control plane, which is not here yet"
                    } else {
                        "what was true after a way back, which this database did not go"
                    }
                )),
            };
        } else if !missing.is_empty() {
            let lines = missing.iter().map(|key| {
                let how = how_to_give(key, committed, of_capture(key), &one.step);
                format!("it must be told `{key}`: {how}")
            });
            one.verdict = Verdict::NotMeasured(lines.collect::<Vec<_>>().join("; "));
        }
    }
    Ok(())
}

/// Whether all that it found is that there was nothing to look at, or a relation to look at is not there.
fn ranged_over_nothing(verdict: &Verdict) -> bool {
    match verdict {
        Verdict::Pass { .. } => false,
        Verdict::Fail(findings) => findings
            .iter()
            .all(|finding| finding.condition == guards::Condition::PopulationEmpty),
        Verdict::NotMeasured(why) => why.starts_with("SQL error: 42P01"),
    }
}

/// What gives an input that is missing.
fn how_to_give(key: &str, committed: &Committed, of_capture: bool, step: &str) -> String {
    if of_capture {
        return "--capture NAME, which `cargo xtask capture URL --name NAME` took of this database"
            .to_owned();
    }
    if key == "dot" {
        return "--dot DIR, the folder of the scripts".to_owned();
    }
    // The last moment up to the step that is asked, else the first at all.
    let at: Vec<(&str, &str)> = remembered::measured_at(committed, key).collect();
    let until = at.iter().rev().find(|(of, _)| *of <= step).or(at.first());
    match until {
        Some((of, moment)) => format!(
            "--remembered FILE, which `cargo xtask guards URL --phase {of} --moment {moment} --remember FILE` wrote at that moment"
        ),
        None => "nothing on this machine has it".to_owned(),
    }
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

fn as_json(asked: &Asked, arguments: &Arguments) -> Value {
    let Asked {
        target,
        phases,
        measured,
        ..
    } = asked;
    let mut guards = guards_json(measured);
    for run in guards["runs"].as_array_mut().into_iter().flatten() {
        let name = |key: &str| run[key].as_str().unwrap_or_default().to_owned();
        let by = if asked.rehearsed.contains(&(name("guard"), name("step"))) {
            "rehearsal"
        } else {
            "database"
        };
        run["measured_by"] = by.into();
    }
    let remembered = asked.remembered.as_ref();
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
        "moment": arguments.moment,
        "capture": arguments.capture,
        "remembered": remembered.map(|(keys, sha256)| json!({ "keys": keys, "sha256": sha256 })),
        "guards": guards,
    })
}

fn print_human(asked: &Asked, arguments: &Arguments, out: &mut dyn Write) -> Result<(), CommandError> {
    let Asked {
        target,
        phases,
        measured,
        ..
    } = asked;
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
        let is_rehearsed = asked.rehearsed.contains(&(run.id.clone(), run.step.clone()));
        let said = match &run.verdict {
            Verdict::Pass { .. } if is_rehearsed => "green in the rehearsal on the same capture".to_owned(),
            Verdict::Pass { examined } => format!("green, {examined} examined"),
            Verdict::Fail(_) => "RED".to_owned(),
            Verdict::NotMeasured(_) => "not measured".to_owned(),
        };
        writeln!(out, "  {}  {:<30}  {said}", run.step, run.id)?;
        for reason in run.verdict.reasons() {
            writeln!(out, "         {reason}")?;
        }
    }
    if let (Some((keys, sha256)), Some(path)) = (&asked.remembered, &arguments.remember) {
        writeln!(
            out,
            "  remembered {} in {} ({sha256})",
            keys.join(", "),
            path.display()
        )?;
    }
    let (total, green, red, not_measured) = counts(measured);
    writeln!(
        out,
        "{total} guards: {green} green, {red} red, {not_measured} not measured; nothing was written"
    )?;
    Ok(())
}
