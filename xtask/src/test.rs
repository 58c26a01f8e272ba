//! `cargo xtask test`: the tests, with nothing installed but cargo.

use crate::cli::TestArgs;
use crate::exit::{Code, CommandError};
use std::process::Command;

pub(crate) fn run(args: &TestArgs) -> Result<Code, CommandError> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["test", "--workspace"])
        .args(&args.args)
        .current_dir(crate::rehearse::root())
        .status()
        .map_err(|error| CommandError::Environment(format!("can't run `cargo test`: {error}")))?;
    Ok(if status.success() {
        Code::Pass
    } else {
        Code::Finding
    })
}
