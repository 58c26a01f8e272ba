//! `cargo xtask sweep`: what killed runs left, cleared away now instead of at the next start.

use crate::cli::Format;
use crate::exit::{Code, CommandError};
use serde_json::json;
use std::io::Write;

/// What the command line said.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// How to print what was done
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

pub(crate) fn run(arguments: &Arguments, out: &mut dyn Write) -> Result<Code, CommandError> {
    let swept = crate::rehearse::runtime()?.block_on(throwaway_postgres::sweep());
    match arguments.format {
        Format::Human => writeln!(out, "swept {swept} leftover(s) of killed runs")?,
        Format::Json => writeln!(out, "{:#}", json!({ "format_version": 1, "swept": swept }))?,
    }
    Ok(Code::Pass)
}
