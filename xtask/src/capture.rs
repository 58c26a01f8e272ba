//! `cargo xtask capture URL`, or of a restored dump: S00, read-only, to `rehearsal/captures/NAME/`.
//!
//! Not for: reading the database (`crates/capture`). The one fact to know: the rows that may be read are
//! declared in `sources` and nowhere else.

use std::io::Write;
use std::path::{Path, PathBuf};

use authoring::cluster::ClusterScripts;
use capture::{Capture, Options, Origin, RunError};
use rehearsal::Progress;
use sqlx::Connection as _;
use throwaway_postgres::{Server, Template};

use crate::estate;
use crate::exit::{Code, CommandError};
use crate::progress::Spinner;
use crate::rehearse::{interruptible, root, runtime};

/// What the command line said.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    verb: Option<Verb>,
    /// Database to capture, `postgres://ROLE@HOST/DATABASE`; a password is better given as PGPASSWORD
    #[arg(value_name = "URL", required_unless_present = "estate")]
    url: Option<String>,
    /// Capture this dump (`pg_dump`, any format) instead, restored on a throwaway server
    #[arg(long, value_name = "FILE", conflicts_with = "url", requires = "globals")]
    estate: Option<PathBuf>,
    /// Output of `pg_dumpall --globals-only` of the dumped database's cluster: its roles are created, without passwords
    #[arg(long, value_name = "FILE", requires_all = ["estate", "owner"])]
    globals: Option<PathBuf>,
    /// Owner of the dumped database, which neither a dump nor a globals file says
    #[arg(long, value_name = "ROLE", requires = "globals")]
    owner: Option<String>,
    #[command(flatten)]
    server: crate::cli::ServerArgs,
    /// Name of the capture, and of its folder under `rehearsal/captures/`
    #[arg(long, value_name = "NAME", required = true)]
    name: Option<String>,
    /// Role whose SELECT set is captured
    #[arg(long, value_name = "ROLE", default_value = "directus")]
    reader: String,
    /// Replace each text that holds a credential by its digest instead of refusing it
    #[arg(long)]
    redact: bool,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Show what differs between two captures, fact by fact; exit code 1 if anything does
    Diff(crate::capture_diff::Arguments),
}

pub(crate) fn run(arguments: &Arguments, out: &mut dyn Write) -> Result<Code, CommandError> {
    if let Some(Verb::Diff(two)) = &arguments.verb {
        return crate::capture_diff::run(two, out);
    }
    let library = to_library(arguments, &root());
    let from_dump = (&arguments.estate, &arguments.globals, &arguments.owner);
    let (Some(dump), Some(globals), Some(owner)) = from_dump else {
        let work = capture::run(out, &library);
        return match runtime()?.block_on(interruptible(work))? {
            Ok(()) => Ok(Code::Pass),
            Err(error) => Err(failed(&error)),
        };
    };
    capture::demand_a_name(&library.name).map_err(|error| failed(&error))?;
    let scripts = estate::from_globals(globals, owner)?;
    let mut spinner = Spinner::new();
    let server = arguments.server.options();
    let work = of_dump(dump, scripts, &server, &library.options, &mut spinner);
    let captured = runtime()?.block_on(interruptible(work));
    spinner.finish();
    let captured = captured??;
    let source = format!("the dump `{}`", dump.display());
    capture::keep(out, &source, &captured, &library).map_err(|error| failed(&error))?;
    Ok(Code::Pass)
}

/// What a dump says once it is restored. The cluster is a throwaway one, so the capture is tied to its content.
async fn of_dump(
    dump: &Path,
    scripts: ClusterScripts,
    server: &throwaway_postgres::Options,
    options: &Options,
    progress: &mut dyn Progress,
) -> Result<Capture, CommandError> {
    let database = fix7_manifest::estate::ESTATE.database;
    for statement in &scripts.left_out {
        progress.step(&format!("left out of the globals: {statement}"));
    }
    progress.step("starting a server");
    let server = throwaway_postgres::start(&throwaway_postgres::Options {
        template: Some(Template {
            database: database.to_owned(),
            scripts: estate::cluster_scripts(scripts),
        }),
        ..server.clone()
    })
    .await
    .map_err(|error| CommandError::Environment(error.to_string()))?;
    progress.step("restoring the dump");
    let captured = restored(&server, database, dump, options).await;
    let stopped = server.stop().await;
    let captured = captured?;
    stopped.map_err(|error| CommandError::Environment(error.to_string()))?;
    Ok(captured)
}

async fn restored(
    server: &Server,
    database: &str,
    dump: &Path,
    options: &Options,
) -> Result<Capture, CommandError> {
    throwaway_postgres::restore(server, database, dump)
        .await
        .map_err(estate::Error::from)?;
    let mut connection = throwaway_postgres::open(&server.connect_options(database))
        .await
        .map_err(|error| CommandError::Environment(error.to_string()))?;
    let options = Options {
        origin: Origin::Content,
        ..options.clone()
    };
    let captured = capture::capture(&mut connection, &options).await;
    let _ = connection.close().await;
    captured.map_err(|error| failed(&error.into()))
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
        url: arguments.url.clone().unwrap_or_default(),
        name: arguments.name.clone().unwrap_or_default(),
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
