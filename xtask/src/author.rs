//! `cargo xtask author`: manifests and a capture to SQL; `--check` writes nothing and fails on drift.

use std::io::Write;
use std::path::Path;

use authoring::files::{self, Drift};
use authoring::{Approvals, AuthorError, author};
use capture::{ForeignCapture, LoadError};
use serde_json::{Value, json};

use crate::cli::Format;
use crate::sources;

/// What the command line said.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Write nothing; report every stale, missing and orphaned file, and fail if there is one
    #[arg(long)]
    pub(crate) check: bool,
    /// Approve the definition of OBJECT as it is now; changes `migrations/design.lock` alone
    #[arg(long = "approve-design", value_name = "OBJECT", conflicts_with = "check")]
    pub(crate) approve_design: Vec<String>,
    /// Accept the item keys of SURFACE as they are now; changes its file under `seeds/exact-set/` alone
    #[arg(long = "accept-set", value_name = "SURFACE", conflicts_with = "check")]
    pub(crate) accept_set: Vec<String>,
    /// Name of the committed capture to author from
    #[arg(long, default_value = sources::REFERENCE_CAPTURE)]
    pub(crate) capture: String,
    /// How to print the outcome
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(crate) format: Format,
}

/// Why `author` failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// Nothing was authored.
    #[error(transparent)]
    Author(#[from] AuthorError),
    /// The capture does not load.
    #[error(transparent)]
    Capture(#[from] LoadError),
    /// The seeds of this repository describe another database.
    #[error(
        "capture `{name}` can't be authored from here, where seeds are those of capture `{reference}`: {source}\n\nhint: author from a capture of that database, or give the other database a repository of its own"
    )]
    Foreign {
        /// The capture that was asked for.
        name: String,
        /// The repository's own.
        reference: &'static str,
        /// What differs.
        source: ForeignCapture,
    },
    /// Standard output is gone.
    #[error("standard output: {0}")]
    Output(#[from] std::io::Error),
}

/// Runs the command; answers whether everything is as it should be.
pub(crate) fn run(out: &mut dyn Write, root: &Path, arguments: &Arguments) -> Result<bool, Error> {
    let captured = sources::load_capture(root, &arguments.capture)?;
    if let Some(captured) = &captured
        && arguments.capture != sources::REFERENCE_CAPTURE
        && let Some(own) = sources::load_capture(root, sources::REFERENCE_CAPTURE)?
    {
        own.expect_same_database(captured)
            .map_err(|source| Error::Foreign {
                name: arguments.capture.clone(),
                reference: sources::REFERENCE_CAPTURE,
                source,
            })?;
    }
    let live = captured
        .as_ref()
        .map(|capture| sources::live_facts(root, capture))
        .transpose()?;
    if let Some(live) = &live {
        require_founded(root, live)?;
    }
    let sources = sources::fix7(live.as_ref());
    let approvals = Approvals {
        designs: arguments.approve_design.clone(),
        sets: arguments.accept_set.clone(),
    };
    if !approvals.designs.is_empty() || !approvals.sets.is_empty() {
        let locks = authoring::approve(&sources, root, &approvals)?;
        for (path, text) in locks.iter() {
            authoring::atomic_write(&root.join(path), text)?;
        }
        let paths: Vec<&str> = locks.iter().map(|(path, _)| path).collect();
        print_approved(out, arguments.format, &paths)?;
        return Ok(true);
    }
    let authored = author(&sources, root)?;
    if arguments.check {
        let drifts = files::check(&authored, root)?;
        match arguments.format {
            Format::Human => print_drifts(out, &drifts, authored.len())?,
            Format::Json => print_json(
                out,
                json!({ "files": authored.len(), "drifts": drifts.iter().map(drift).collect::<Vec<_>>() }),
            )?,
        }
        return Ok(drifts.is_empty());
    }
    let touched = files::write(&authored, root)?;
    match arguments.format {
        Format::Human => {
            for path in &touched {
                writeln!(out, "wrote {path}")?;
            }
            let (files, changed) = (authored.len(), touched.len());
            writeln!(out, "{files} files authored, {changed} changed")?;
        }
        Format::Json => print_json(out, json!({ "files": authored.len(), "written": touched }))?,
    }
    Ok(true)
}

fn print_approved(out: &mut dyn Write, format: Format, paths: &[&str]) -> Result<(), Error> {
    if format == Format::Json {
        return print_json(out, json!({ "approved": paths }));
    }
    for path in paths {
        writeln!(
            out,
            "approved in {path}; commit it on its own, then run `cargo xtask author`"
        )?;
    }
    Ok(())
}

/// `said` as one object on stdout, with its version.
fn print_json(out: &mut dyn Write, mut said: Value) -> Result<(), Error> {
    said["format_version"] = json!(1);
    Ok(writeln!(out, "{said:#}")?)
}

fn drift(drift: &Drift) -> Value {
    match drift {
        Drift::Stale { path, line, diff } => {
            json!({ "kind": "stale", "path": path, "line": line, "diff": diff })
        }
        Drift::Missing { path } => json!({ "kind": "missing", "path": path }),
        Drift::Orphaned { path } => json!({ "kind": "orphaned", "path": path }),
    }
}

/// A decision about what nobody reads is a mistyped name, or older than the capture.
fn require_founded(root: &Path, live: &authoring::LiveFacts) -> Result<(), AuthorError> {
    let decisions = sources::decisions(root)?;
    let unread = live.unread(&decisions);
    if unread.is_empty() {
        return Ok(());
    }
    Err(AuthorError::BadDecision {
        path: root.join(authoring::decisions::PATH),
        why: format!(
            "drops reads that the capture of `{}` does not hold: {}; correct the name, or take the decision out",
            live.reader,
            unread.join(", ")
        ),
    })
}

fn print_drifts(out: &mut dyn Write, drifts: &[Drift], looked_at: usize) -> Result<(), Error> {
    for drift in drifts {
        match drift {
            Drift::Stale { path, line, diff } => {
                writeln!(out, "stale: {path}, first at line {line}\n{diff}")?;
            }
            Drift::Missing { path } => writeln!(out, "missing: {path}")?,
            Drift::Orphaned { path } => writeln!(out, "orphaned: {path}: nothing authors it")?,
        }
    }
    if drifts.is_empty() {
        writeln!(out, "{looked_at} files are as authored, and there is no other")?;
    } else {
        writeln!(
            out,
            "{} of {looked_at} files drifted\n\nhint: run `cargo xtask author` and review the difference",
            drifts.len()
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Arguments, Format, run, sources};
    use authoring::locks;
    use std::path::Path;

    fn root() -> &'static Path {
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
    }

    #[test]
    fn committed_files_are_as_authored() {
        let mut out = Vec::new();
        let arguments = Arguments {
            check: true,
            approve_design: Vec::new(),
            accept_set: Vec::new(),
            capture: sources::REFERENCE_CAPTURE.to_owned(),
            format: Format::Human,
        };
        let clean = run(&mut out, root(), &arguments).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(clean, "{text}");
        let looked_at: usize = text.split(' ').next().unwrap().parse().unwrap();
        assert!(looked_at > 200, "only {looked_at} files were looked at");
    }

    #[test]
    fn every_definition_is_approved() {
        let scripts = sql_render::migrations(&fix7_manifest::FIX7);
        assert_eq!(locks::unapproved(&scripts, root()).unwrap(), Vec::<String>::new());
    }
}
