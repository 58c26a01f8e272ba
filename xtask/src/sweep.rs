//! `cargo xtask sweep`: what killed runs left, cleared away now instead of at the next start.

use crate::exit::{Code, CommandError};
use std::io::Write;

pub(crate) fn run(out: &mut dyn Write) -> Result<Code, CommandError> {
    let swept = crate::rehearse::runtime()?.block_on(throwaway_postgres::sweep());
    writeln!(out, "swept {swept} leftover(s) of killed runs")?;
    Ok(Code::Pass)
}
