//! `cargo xtask completions SHELL` and `cargo xtask man DIR`: from the definitions that the parser itself has.
//!
//! Not for: describing anything. The one fact to know: a command that is added is in both at once, since both
//! are made of `cli.rs` when they are asked for and neither is committed.

use crate::cli::Cli;
use crate::exit::{Code, CommandError};
use clap::CommandFactory as _;
use clap_complete::{Shell, generate};
use std::io::Write;
use std::path::PathBuf;

/// What a shell calls the tool: an alias for `cargo xtask`, or the binary.
const NAME: &str = "xtask";

/// For which shell.
#[derive(Debug, clap::Args)]
pub(crate) struct CompletionsArguments {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Where to.
#[derive(Debug, clap::Args)]
pub(crate) struct ManArguments {
    /// A folder; made if it is not there
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

pub(crate) fn completions(
    arguments: &CompletionsArguments,
    out: &mut dyn Write,
) -> Result<Code, CommandError> {
    let mut script = Vec::new();
    generate(
        arguments.shell,
        &mut Cli::command().bin_name(NAME),
        NAME,
        &mut script,
    );
    out.write_all(&script)?;
    Ok(Code::Pass)
}

pub(crate) fn man(arguments: &ManArguments, out: &mut dyn Write) -> Result<Code, CommandError> {
    let failed = |error: std::io::Error| {
        CommandError::Environment(format!("`{}`: {error}", arguments.folder.display()))
    };
    footprint::files::create_dir_all(&arguments.folder).map_err(failed)?;
    // A page's name has no blank.
    let command = Cli::command().name("cargo-xtask").display_name("cargo-xtask");
    clap_mangen::generate_to(command, &arguments.folder).map_err(failed)?;
    let pages = std::fs::read_dir(&arguments.folder).map_err(failed)?.count();
    writeln!(out, "{pages} pages in {}", arguments.folder.display())?;
    Ok(Code::Pass)
}
