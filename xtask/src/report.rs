//! `cargo xtask report PACKET`: a packet as a page, a pull request's summary, or what machines read.
//!
//! Not for: judging (`crates/evidence`), or how anything looks (`crates/report`). The one fact to know: a packet
//! that does not verify is refused, so no page is ever made of one that somebody changed.

use crate::exit::{Code, CommandError};
use evidence::{Contents, Folder};
use report::{Comparison, compare};
use std::io::Write;
use std::path::{Path, PathBuf};

/// What the command line said.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The packet
    #[arg(value_name = "PACKET")]
    packet: PathBuf,
    /// Packet of the base: says first what is newly accepted, newly rejected, or rejected by another cause
    #[arg(long, value_name = "PACKET")]
    base: Option<PathBuf>,
    /// What to make of it
    #[arg(long, value_enum, default_value_t = Form::Html)]
    format: Form,
    /// Where to write it; stdout if not given
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// One self-contained page
    Html,
    /// For pull requests and job summaries
    Markdown,
    /// For a terminal
    Human,
    /// One object
    Json,
    /// Test results, XML
    Junit,
    /// Findings, SARIF 2.1.0
    Sarif,
}

pub(crate) fn run(arguments: &Arguments, out: &mut dyn Write) -> Result<Code, CommandError> {
    let Some(contents) = opened(&arguments.packet)? else {
        return Ok(Code::Finding);
    };
    let base = match &arguments.base {
        None => None,
        Some(path) => match opened(path)? {
            None => return Ok(Code::Finding),
            Some(base) => Some(compare(&contents, &base)),
        },
    };
    let text = text(arguments.format, &contents, base.as_ref())?;
    match &arguments.out {
        None => out.write_all(text.as_bytes())?,
        Some(path) => {
            authoring::atomic_write(path, &text)
                .map_err(|error| CommandError::Environment(error.to_string()))?;
            eprintln!("report: {}", path.display());
        }
    }
    let is_loosened = base
        .iter()
        .flat_map(|base| &base.changes)
        .any(|change| change.kind.is_loosening());
    Ok(if contents.packet.verdict.value == "pass" && !is_loosened {
        Code::Pass
    } else {
        Code::Finding
    })
}

/// The packet's contents; nothing, and why on stderr, if it is refused.
fn opened(path: &Path) -> Result<Option<Contents>, CommandError> {
    match evidence::open(&Folder::read(path)?) {
        Ok(contents) => Ok(Some(contents)),
        Err(report) => {
            eprint!("`{}` is refused:\n{}", path.display(), report.render());
            Ok(None)
        }
    }
}

fn text(form: Form, contents: &Contents, base: Option<&Comparison>) -> Result<String, CommandError> {
    let failed = |error: report::Failed| CommandError::Environment(error.to_string());
    match form {
        Form::Html => Ok(report::html(contents)),
        Form::Markdown => Ok(report::markdown(contents, base)),
        Form::Human => Ok(report::terminal(contents, base)),
        Form::Json => report::json(contents, base).map_err(failed),
        Form::Junit => report::junit(contents).map_err(failed),
        Form::Sarif => report::sarif(contents, base).map_err(failed),
    }
}
