//! `cargo xtask test`: the tests, with nothing installed but cargo.
//!
//! Not here: which test takes which server (`throwaway-postgres`). The one fact to know: what this
//! machine lacks is said before the tests, since a harness swallows what a passing test prints; and a
//! Postgres that is to be downloaded is here before the first of them.

use crate::cli::TestArgs;
use crate::exit::{Code, CommandError};
use std::ffi::OsString;
use std::io::Write as _;
use std::process::{Command, Stdio};
use throwaway_postgres::Options;

pub(crate) fn run(args: &TestArgs) -> Result<Code, CommandError> {
    prepare()?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    footprint::program(std::path::Path::new(&cargo));
    let mut tests = Command::new(cargo);
    tests
        .args(["test", "--workspace"])
        .args(&args.args)
        .current_dir(crate::rehearse::root());
    for name in of_this_package(std::env::vars_os().map(|(name, _)| name)) {
        tests.env_remove(name);
    }
    let status = tests
        .status()
        .map_err(|error| CommandError::Environment(format!("can't run `cargo test`: {error}")))?;
    Ok(if status.success() {
        Code::Pass
    } else {
        Code::Finding
    })
}

/// What `cargo run` tells a program of its own package. Handed on to another `cargo` it changes what build scripts
/// see, and everything that stands on one of them is built anew.
fn of_this_package(names: impl Iterator<Item = OsString>) -> Vec<OsString> {
    names
        .filter(|name| {
            let name = name.to_string_lossy();
            name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")
        })
        .collect()
}

/// Says what the tests run on and what they go without; installs a Postgres where there is none.
fn prepare() -> Result<(), CommandError> {
    let options = Options::for_tests();
    let survey = throwaway_postgres::survey(&options);
    let survey = crate::rehearse::runtime()?.block_on(crate::rehearse::interruptible(survey))?;
    let mut err = std::io::stderr();
    match survey.local {
        Ok(own) => writeln!(err, "tests run on {own}")?,
        Err(no_local) => {
            writeln!(
                err,
                "no Postgres of this machine's own: {no_local}\ninstalling one, once"
            )?;
            let programs = throwaway_postgres::programs(&options)
                .map_err(|error| CommandError::Environment(error.to_string()))?;
            writeln!(err, "tests run on the one in `{}`", programs.display())?;
        }
    }
    match survey.container {
        Ok(image) => writeln!(err, "and on containers of {image}")?,
        Err(error) => writeln!(err, "not tried: containers: {error}")?,
    }
    footprint::program(std::path::Path::new("python3"));
    let python = Command::new("python3")
        .arg("--version")
        .stdout(Stdio::null())
        .status();
    if let Err(error) = python {
        writeln!(err, "not tried: digests recomputed in Python: {error}")?;
    }
    // It has no question that it answers with 0: that it could be run is enough.
    footprint::program(std::path::Path::new("ssh-keygen"));
    let ssh_keygen = Command::new("ssh-keygen")
        .arg("-?")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if let Err(error) = ssh_keygen {
        writeln!(
            err,
            "not tried: signatures beside `ssh-keygen`: {error}; install openssh-client"
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::of_this_package;

    #[test]
    fn what_cargo_tells_of_this_package_is_not_handed_on() {
        let names = [
            "CARGO_PKG_NAME",
            "CARGO_MANIFEST_DIR",
            "CARGO_TARGET_DIR",
            "CARGO_HOME",
            "PATH",
        ];
        let removed = of_this_package(names.into_iter().map(Into::into));
        assert_eq!(removed, ["CARGO_PKG_NAME", "CARGO_MANIFEST_DIR"]);
    }
}
