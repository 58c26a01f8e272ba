//! `cargo xtask repoint-proof URL`: PKG-D, two measurements of one database joined by one capture digest.
//!
//! The first is a rehearsal on a dump of it (`rehearse --estate FILE --capture NAME --format json`); the
//! second is taken here, read-only, on the live database: captured again, its legacy views classed, what
//! would be authored from it compared with what is committed, and the guards of S00 and S13 asked. The one
//! fact to know: it authors nothing; what has moved is captured, authored and rehearsed again, and PKG-D
//! passes only where that changes nothing [rulings A3, A14].

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use authoring::{author, files};
use capture::{Capture, Options, Origin};
use guards::Measured;
use rehearsal::{Finding, Status};
use serde::{Deserialize, Serialize};

use crate::cli::Format;
use crate::exit::{Code, CommandError};
use crate::leave::record::{ProofRecordArgs, Recorder};
use crate::rehearse::{interruptible, root, runtime};
use crate::{capture_diff, estate, guards as live_guards, majors, repoint, repoint_edges, sources};

/// Names that are printed of a finding.
const SHOWN: usize = 10;

/// What the command line said.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The live database, `postgres://ROLE@HOST/DATABASE`; a password is better given as PGPASSWORD
    #[arg(value_name = "URL")]
    url: String,
    /// Capture of this database, a folder under `rehearsal/captures/`
    #[arg(long, value_name = "NAME")]
    capture: String,
    /// Outcome of `rehearse --estate FILE --capture NAME --format json` on a dump of it
    #[arg(long, value_name = "FILE")]
    rehearsed: PathBuf,
    /// Folder of the DOT scripts on this machine; without it the guards over them are not measured
    #[arg(long, value_name = "DIR")]
    dot: Option<PathBuf>,
    /// What this database was before the first package, from `guards URL --phase S00 --remember FILE`
    #[arg(long, value_name = "FILE")]
    remembered: Vec<PathBuf>,
    /// Longest that one statement may take, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 30_000, value_parser = clap::value_parser!(u32).range(1..))]
    statement_timeout: u32,
    #[command(flatten)]
    record: ProofRecordArgs,
    /// How to print the outcome
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

/// PKG-D's outcome.
#[derive(Debug, Serialize)]
struct Proof {
    format_version: u32,
    package: &'static str,
    verdict: Status,
    capture: String,
    capture_sha256: String,
    live_sha256: String,
    rehearsed: Rehearsed,
    views: BTreeMap<&'static str, usize>,
    guards: serde_json::Value,
    findings: Vec<Finding>,
}

/// What is read of a rehearsal's outcome; it has more.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Rehearsed {
    verdict: String,
    estate: Option<RehearsedEstate>,
}

impl Rehearsed {
    /// The capture that it is of.
    fn capture(&self) -> Option<&str> {
        self.estate.as_ref()?.capture_sha256.as_deref()
    }
}

/// The database that was rehearsed on.
#[derive(Debug, Serialize, Deserialize)]
struct RehearsedEstate {
    capture_sha256: Option<String>,
}

pub(crate) fn run(arguments: &Arguments, out: &mut dyn Write) -> Result<Code, CommandError> {
    let recorder = Recorder::of_proof(&arguments.record, &root())?;
    let captured = crate::capture::named_capture(&root(), &arguments.capture)?;
    let rehearsed = read_rehearsed(&arguments.rehearsed)?;
    // One of another capture is a finding, and has nothing to say of this database.
    let is_joined = rehearsed.capture() == Some(captured.digest().to_string().as_str());
    let work = measure(arguments, &captured, is_joined);
    let (here, guards) = runtime()?.block_on(interruptible(work))??;
    let proof = judge(arguments, &captured, &here, rehearsed, &guards)?;
    if let Some(recorder) = recorder {
        recorder.after([(proof.package, proof.verdict)], &root())?;
    }
    match arguments.format {
        Format::Human => print_human(&proof, &guards, out)?,
        Format::Json => {
            let json = serde_json::to_string_pretty(&proof)
                .map_err(|error| CommandError::Environment(error.to_string()))?;
            writeln!(out, "{json}")?;
        }
    }
    Ok(match proof.verdict {
        Status::Pass => Code::Pass,
        Status::Fail | Status::NotMeasured | Status::NotApplicable => Code::Finding,
    })
}

fn read_rehearsed(path: &Path) -> Result<Rehearsed, CommandError> {
    let unusable = |why: String| {
        CommandError::Usage(format!(
            "`{}` is no outcome of a rehearsal: {why}; write one: `cargo xtask rehearse --estate FILE --capture NAME --format json`",
            path.display()
        ))
    };
    let text = std::fs::read_to_string(path).map_err(|error| unusable(error.to_string()))?;
    serde_json::from_str(&text).map_err(|error| unusable(error.to_string()))
}

/// The live database as it is now, and its guards.
async fn measure(
    arguments: &Arguments,
    captured: &Capture,
    is_joined: bool,
) -> Result<(Capture, Vec<Measured>), CommandError> {
    let mut connection = capture::connect(&arguments.url, "repoint-proof")
        .await
        .map_err(|error| crate::capture::failed(&error))?;
    let options = Options {
        declared: vec![sources::freeze_flags()],
        origin: match captured.system_identifier() {
            Some(_) => Origin::Cluster,
            None => Origin::Content,
        },
        ..Options::new(&captured.facts().select_set.reader)
    };
    let here = capture::capture(&mut connection, &options)
        .await
        .map_err(|error| crate::capture::failed(&error.into()))?;
    drop(connection);
    let asked = live_guards::Arguments {
        url: arguments.url.clone(),
        phases: vec!["S00".to_owned(), "S13".to_owned()],
        moment: "after".to_owned(),
        capture: Some(arguments.capture.clone()),
        dot: arguments.dot.clone(),
        remembered: arguments.remembered.clone(),
        remember: None,
        rehearsed: is_joined.then(|| arguments.rehearsed.clone()),
        statement_timeout: arguments.statement_timeout,
        lock_timeout: live_guards::LOCK_TIMEOUT_MS,
        drain: None,
        format: arguments.format,
    };
    let committed = rehearsal::load(&root())?;
    let asked = live_guards::measure(&asked, &fix7_manifest::FIX7, &committed).await?;
    Ok((here, asked.measured))
}

fn judge(
    arguments: &Arguments,
    captured: &Capture,
    here: &Capture,
    rehearsed: Rehearsed,
    guards: &[Measured],
) -> Result<Proof, CommandError> {
    let mut findings: Vec<Finding> = Vec::new();
    let stale = (captured.digest() != here.digest()).then(|| moved(captured, here));
    let views = repoint::compare(captured, &arguments.capture, here, stale, &root(), &mut findings)?;
    findings.extend(repoint_edges::find(here, &estate::sealed_set()));
    let mut find = |code: &str, message, details| findings.push(repoint::finding(code, message, details));
    let joined = rehearsed.capture();
    if joined != Some(captured.digest().to_string().as_str()) {
        let message = format!(
            "the rehearsal is of capture {}, expected {} (`{}`): both measurements must be of one database at one moment",
            joined.unwrap_or("none"),
            captured.digest(),
            arguments.capture
        );
        find("REHEARSAL_OF_ANOTHER_CAPTURE", message, Vec::new());
    }
    if rehearsed.verdict != "pass" {
        let message = format!(
            "the rehearsal's verdict is `{}`, expected `pass`",
            rehearsed.verdict
        );
        find("REHEARSAL_NOT_GREEN", message, Vec::new());
    }
    let red: Vec<String> = not_green(guards, "fail");
    if !red.is_empty() {
        find(
            "GUARD_FAILED",
            format!("{} guards are red on the live database", red.len()),
            red,
        );
    }
    let stale = stale_files(here)?;
    if !stale.is_empty() {
        findings.push(repoint::not_a_fixpoint(stale));
    }
    let not_measured = not_green(guards, "not_measured");
    let verdict = match (findings.is_empty(), not_measured.is_empty()) {
        (false, _) => Status::Fail,
        (true, false) => Status::NotMeasured,
        (true, true) => Status::Pass,
    };
    Ok(Proof {
        format_version: 1,
        package: "PKG-D",
        verdict,
        capture: arguments.capture.clone(),
        capture_sha256: captured.digest().to_string(),
        live_sha256: here.digest().to_string(),
        rehearsed,
        views,
        guards: live_guards::guards_json(guards),
        findings,
    })
}

/// What is not as it was captured, fact by fact: roles of the cluster count, whatever they may do in this database.
fn moved(captured: &Capture, here: &Capture) -> Vec<String> {
    let differences = captured.differences(here);
    differences.iter().flat_map(capture_diff::told).collect()
}

/// Committed files of the packages that authoring from the live database would change, or why it is refused.
fn stale_files(here: &Capture) -> Result<Vec<String>, CommandError> {
    let live = sources::live_facts(&root(), here).map_err(majors::Error::from)?;
    let authored = match author(&sources::fix7(Some(&live)), &root()) {
        Ok(authored) => authored,
        // Sets or objects that nobody has accepted are no fixpoint either.
        Err(refused) => return Ok(repoint::lines(&refused)),
    };
    let drifts = files::check(&authored, &root()).map_err(majors::Error::from)?;
    Ok(drifts
        .iter()
        .map(|drift| drift.path().to_owned())
        .filter(|path| repoint::is_applied(path))
        .collect())
}

fn not_green(guards: &[Measured], word: &str) -> Vec<String> {
    guards
        .iter()
        .filter(|run| run.verdict.word() == word)
        .map(|run| format!("{} at {}: {}", run.id, run.step, run.verdict.reasons().join("; ")))
        .collect()
}

fn print_human(proof: &Proof, guards: &[Measured], out: &mut dyn Write) -> Result<(), CommandError> {
    writeln!(out, "PKG-D, capture `{}` {}", proof.capture, proof.capture_sha256)?;
    let views: Vec<String> = proof
        .views
        .iter()
        .map(|(word, n)| format!("{n} {word}"))
        .collect();
    writeln!(out, "  legacy views  {}", views.join(", "))?;
    for run in guards {
        writeln!(out, "  {}  {:<30}  {}", run.step, run.id, run.verdict.word())?;
    }
    for line in not_green(guards, "not_measured") {
        writeln!(out, "  not measured: {line}")?;
    }
    for finding in &proof.findings {
        writeln!(out, "\n{}: {}", finding.code, finding.message)?;
        for detail in finding.details.iter().take(SHOWN) {
            writeln!(out, "  {detail}")?;
        }
        if let Some(more) = finding.details.len().checked_sub(SHOWN).filter(|more| *more > 0) {
            writeln!(out, "  and {more} more")?;
        }
    }
    let verdict = match proof.verdict {
        Status::Pass => "PASS: both measurements are of one database, and authoring from it changes nothing",
        Status::Fail => "NO-GO",
        Status::NotMeasured | Status::NotApplicable => {
            "NOT MEASURED: nothing is red, and something was not asked"
        }
    };
    writeln!(out, "\n{verdict}; nothing was written")?;
    Ok(())
}
