//! `cargo xtask new surface|guard NAME`: what a new one begins with, and every line that it needs elsewhere.
//!
//! Not for: deciding anything. The one fact to know: files are written that are not there yet, and each says
//! UNKNOWN_REQUIRES_REVIEW wherever a person decides, so that `author` refuses it by name; lines of the typed
//! manifests are printed as a patch and entered by a person, for a count there is a decision.

mod guard;
mod surface;

use crate::cli::Format;
use crate::exit::{Code, CommandError};
use crate::rehearse::root;
use serde::Serialize;
use serde_json::json;
use std::io::Write;
use std::path::Path;

/// `new …`.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Verb {
    /// Begin a guard: its file, its cases, and the lines of registry and clauses
    Guard(Arguments),
    /// Begin an authority surface: its manifest, and the lines of lists, counts and seal order
    Surface(Arguments),
}

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// `G-SOME-RULE` for a guard, `some_table` for a surface
    #[arg(value_name = "NAME")]
    name: String,
    /// How to print what was written and what is left
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

/// What is written, and what a person enters.
#[derive(Debug, Default)]
struct Skeleton {
    /// Path and text of files that are not there yet.
    files: Vec<(String, String)>,
    edits: Vec<Edit>,
    counts: Vec<Count>,
    next: Vec<String>,
}

/// One place of a file, and what will stand there.
#[derive(Debug, Serialize)]
struct Edit {
    path: &'static str,
    from: String,
    to: String,
}

/// A count that a decision fixed.
#[derive(Debug, Serialize)]
struct Count {
    what: &'static str,
    is: usize,
    becomes: usize,
    /// Where it does not compile until it is raised.
    path: &'static str,
    /// How the compiler says so.
    compile_error: String,
    /// Tests that hold the same count.
    tests: &'static [&'static str],
}

pub(crate) fn run(verb: &Verb, out: &mut dyn Write) -> Result<Code, CommandError> {
    let root = root();
    let (skeleton, arguments) = match verb {
        Verb::Guard(arguments) => (guard::skeleton(&arguments.name, &root)?, arguments),
        Verb::Surface(arguments) => (surface::skeleton(&arguments.name)?, arguments),
    };
    demand_free(&skeleton, &root)?;
    let patch = patch(&skeleton.edits, &root)?;
    write_all(&skeleton.files, &root)?;
    let wrote: Vec<&str> = skeleton.files.iter().map(|(path, _)| path.as_str()).collect();
    if arguments.format == Format::Json {
        let said = json!({
            "format_version": 1,
            "wrote": wrote,
            "edits": skeleton.edits,
            "counts": skeleton.counts,
            "next": skeleton.next,
        });
        writeln!(out, "{said:#}")?;
        return Ok(Code::Pass);
    }
    for path in wrote {
        writeln!(out, "wrote {path}")?;
    }
    if !patch.is_empty() {
        writeln!(
            out,
            "\nThe rest is a person's to enter; as a patch, for `git apply`:\n\n{patch}"
        )?;
    }
    for count in &skeleton.counts {
        writeln!(
            out,
            "{} {}, fixed by the blueprint, become {}: until that is raised in {} it does not compile: `{}`\n  tests hold it, too: {}",
            count.is,
            count.what,
            count.becomes,
            count.path,
            count.compile_error,
            count.tests.join(", ")
        )?;
    }
    writeln!(out)?;
    for (at, step) in skeleton.next.iter().enumerate() {
        writeln!(out, "{}. {step}", at + 1)?;
    }
    Ok(Code::Pass)
}

/// Nothing is overwritten.
fn demand_free(skeleton: &Skeleton, root: &Path) -> Result<(), CommandError> {
    let taken = |path: &str| root.join(path).symlink_metadata().is_ok();
    match skeleton.files.iter().find(|(path, _)| taken(path)) {
        Some((path, _)) => Err(CommandError::Usage(format!(
            "`{path}` is there already, and is left as it is; edit it, or take it away first"
        ))),
        None => Ok(()),
    }
}

/// The edits as one patch; each place is looked up where it is to be found once.
fn patch(edits: &[Edit], root: &Path) -> Result<String, CommandError> {
    let mut paths: Vec<&str> = edits.iter().map(|edit| edit.path).collect();
    paths.dedup();
    let mut patch = String::new();
    for path in paths {
        let before = std::fs::read_to_string(root.join(path))
            .map_err(|error| CommandError::Environment(format!("`{path}`: {error}")))?;
        let mut after = before.clone();
        for edit in edits.iter().filter(|edit| edit.path == path) {
            let places = after.matches(&edit.from).count();
            if places != 1 {
                return Err(CommandError::Finding(format!(
                    "can't say where `{path}` changes: expected `{}` once, found it {places} times; nothing was written",
                    edit.from.trim()
                )));
            }
            after = after.replacen(&edit.from, &edit.to, 1);
        }
        let diff = similar::TextDiff::from_lines(before.as_str(), after.as_str());
        let mut diff = diff.unified_diff();
        patch.push_str(
            &diff
                .header(&format!("a/{path}"), &format!("b/{path}"))
                .to_string(),
        );
    }
    Ok(patch)
}

/// All of them, or none.
fn write_all(files: &[(String, String)], root: &Path) -> Result<(), CommandError> {
    for (at, (path, text)) in files.iter().enumerate() {
        if let Err(error) = footprint::files::write_new(&root.join(path), text.as_bytes()) {
            let mut left = Vec::new();
            for (path, _) in &files[..at] {
                if let Err(error) = footprint::files::remove(&root.join(path)) {
                    left.push(format!("; `{path}` is left: {error}"));
                }
            }
            return Err(CommandError::Environment(format!(
                "can't write `{path}`: {error}{}",
                left.concat()
            )));
        }
    }
    Ok(())
}
