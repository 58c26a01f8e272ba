//! `cargo xtask capture URL`: S00, read-only, to `rehearsal/captures/NAME/`.
//!
//! Not for: reading the database (`crates/capture`). The one fact to know: the rows that may be read are
//! declared in `sources` and nowhere else.

use std::io::Write;
use std::path::Path;

use capture::{Options, RunError};

use crate::exit::{Code, CommandError};
use crate::rehearse::{interruptible, root, runtime};

/// What the command line said.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Database to capture, `postgres://ROLE@HOST/DATABASE`; a password is better given as PGPASSWORD
    #[arg(value_name = "URL")]
    url: String,
    /// Name of the capture, and of its folder under `rehearsal/captures/`
    #[arg(long, value_name = "NAME")]
    name: String,
    /// Role whose SELECT set is captured
    #[arg(long, value_name = "ROLE", default_value = "directus")]
    reader: String,
    /// Replace each text that holds a credential by its digest instead of refusing it
    #[arg(long)]
    redact: bool,
}

pub(crate) fn run(arguments: &Arguments, out: &mut dyn Write) -> Result<Code, CommandError> {
    let arguments = to_library(arguments, &root());
    let work = capture::run(out, &arguments);
    match runtime()?.block_on(interruptible(work))? {
        Ok(()) => Ok(Code::Pass),
        Err(error) => Err(failed(&error)),
    }
}

/// How the command ends on `error`.
pub(crate) fn failed(error: &RunError) -> CommandError {
    CommandError::Capture {
        code: code(error),
        message: with_causes(error),
    }
}

/// The committed capture of this name; that there is none is the caller's mistake.
pub(crate) fn named_capture(root: &Path, name: &str) -> Result<capture::Capture, MissingCapture> {
    crate::sources::load_capture(root, name)?.ok_or_else(|| MissingCapture::Nowhere {
        name: name.to_owned(),
    })
}

/// Why a capture that was named can't be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MissingCapture {
    /// There is no such folder.
    #[error(
        "there is no capture `{name}` under `rehearsal/captures/`; take one: `cargo xtask capture URL --name {name}`"
    )]
    Nowhere {
        /// The name.
        name: String,
    },
    /// It does not load.
    #[error(transparent)]
    Load(#[from] capture::LoadError),
}

fn to_library(arguments: &Arguments, root: &Path) -> capture::Arguments {
    capture::Arguments {
        url: arguments.url.clone(),
        name: arguments.name.clone(),
        captures: root.join("rehearsal/captures"),
        options: Options {
            redact: arguments.redact,
            declared: vec![crate::sources::freeze_flags()],
            ..Options::new(&arguments.reader)
        },
    }
}

fn code(error: &RunError) -> Code {
    if error.is_usage() {
        Code::Usage
    } else if error.is_environment() {
        Code::Environment
    } else {
        Code::Finding
    }
}

pub(crate) fn with_causes(error: &dyn std::error::Error) -> String {
    let mut message = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        // Some errors print their own cause.
        let text = error.to_string();
        if !message.ends_with(&text) {
            message = format!("{message}: {text}");
        }
        cause = error.source();
    }
    message
}

#[cfg(test)]
mod tests {
    use super::{Code, code, with_causes};
    use capture::{CaptureError, RunError};

    #[test]
    fn each_kind_of_failure_has_its_exit_code() {
        let refused = || CaptureError::Query {
            section: "roles",
            source: sqlx::Error::PoolClosed,
        };
        assert_eq!(code(&RunError::Name { name: "X".to_owned() }), Code::Usage);
        assert_eq!(code(&refused().into()), Code::Environment);
        let found = CaptureError::Credentials { findings: Vec::new() };
        assert_eq!(code(&found.into()), Code::Finding);
        assert!(with_causes(&RunError::from(refused())).starts_with("can't read roles of the database: "));
    }
}
