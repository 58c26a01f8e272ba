//! The door for requests: arguments that are parsed, refused by name, or refused without repeating a secret.
//!
//! Not for: what a command does. The one fact to know: an argument that nobody knows is looked up among the words
//! by which people ask for forbidden surfaces, so asking for one is answered with its name and not with usage.

use crate::cli::Cli;
use crate::exit::Code;
use clap::Parser as _;
use clap::error::ErrorKind;
use fix7_manifest::lane::LANE;
use footprint::Footprint;
use manifest_model::ForbiddenSurface;
use std::path::PathBuf;

/// Names the file into which a run's footprint is written when it has ended.
pub(crate) const FOOTPRINT: &str = "XTASK_FOOTPRINT";

/// The command line, or how the run ends without one; what is said then is on stderr.
pub(crate) fn parse() -> Result<Cli, Code> {
    let arguments: Vec<String> = std::env::args_os()
        .skip(1)
        .map(|argument| argument.to_string_lossy().into_owned())
        .collect();
    let error = match Cli::try_parse() {
        Ok(cli) => return Ok(cli),
        Err(error) => error,
    };
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        let _ = error.print();
        return Err(Code::Pass);
    }
    if let Some(surface) = arguments.iter().find_map(|argument| asked_for(argument)) {
        eprintln!("error: {}", refusal(surface));
        return Err(Code::Finding);
    }
    eprint!("{}", without_secrets(&error.render().to_string(), &arguments));
    Err(Code::Usage)
}

/// What somebody who asks for a forbidden surface is told.
pub(crate) fn refusal(surface: &ForbiddenSurface) -> String {
    format!(
        "FORBIDDEN_SURFACE:{}: {} is out of reach of every command here, production is on HOLD; `cargo xtask status` says what it waits for",
        surface.id, surface.title
    )
}

/// The surface that an argument, option or subcommand asks for.
pub(crate) fn asked_for(argument: &str) -> Option<&'static ForbiddenSurface> {
    lane::asked_for(&LANE, argument)
}

/// The text without any argument that holds a credential.
fn without_secrets(text: &str, arguments: &[String]) -> String {
    let mut text = text.to_owned();
    for argument in arguments {
        let value = argument
            .split_once('=')
            .map_or(argument.as_str(), |(_, value)| value);
        let shown = capture::without_password(value);
        for secret in [argument.as_str(), value] {
            if !secret.is_empty()
                && (capture::credential_in(secret).is_some() || (secret.contains("://") && shown != value))
            {
                text = text.replace(secret, "(not shown: it holds a credential)");
            }
        }
    }
    text
}

/// Begins to record statements, if somebody asked for a footprint.
pub(crate) fn listen() -> Option<PathBuf> {
    let path = std::env::var_os(FOOTPRINT)
        .filter(|path| !path.is_empty())
        .map(PathBuf::from)?;
    footprint::listen(&LANE.watched());
    Some(path)
}

/// Writes what this run opened, sent and wrote.
pub(crate) fn leave(path: &std::path::Path) {
    let found: Footprint = footprint::taken();
    let written = serde_json::to_vec_pretty(&found)
        .map_err(std::io::Error::other)
        .and_then(|json| footprint::files::write(path, &json));
    if let Err(error) = written {
        eprintln!("warning: no footprint in `{}`: {error}", path.display());
    }
}

#[cfg(test)]
mod tests {
    use super::{asked_for, without_secrets};

    #[test]
    fn a_surface_is_asked_for_in_more_than_one_spelling() {
        for (argument, surface) in [
            ("real-run", "REAL_RUN"),
            ("--real-run", "REAL_RUN"),
            ("REAL_RUN", "REAL_RUN"),
            ("--REAL_RUN=true", "REAL_RUN"),
            ("cutover", "CUTOVER"),
            ("qt001_apply", "QT001_APPLY"),
            ("--target=production", "PRODUCTION_POSTGRESQL"),
        ] {
            assert_eq!(
                asked_for(argument).map(|surface| surface.id),
                Some(surface),
                "{argument}"
            );
        }
        for argument in ["rehearse", "--sideways", "", "--", "realism"] {
            assert_eq!(asked_for(argument), None, "{argument}");
        }
    }

    #[test]
    fn what_is_refused_is_not_repeated_with_its_secret() {
        let arguments = [
            "--postgres=postgres://u:hunter2@h/d".to_owned(),
            "mysql://u:hunter3@h".to_owned(),
        ];
        let text = "invalid value 'postgres://u:hunter2@h/d', unexpected 'mysql://u:hunter3@h'";
        let shown = without_secrets(text, &arguments);
        assert!(!shown.contains("hunter"), "{shown}");
        assert_eq!(
            without_secrets("unexpected `--sideways`", &["--sideways".to_owned()]),
            "unexpected `--sideways`"
        );
    }
}
