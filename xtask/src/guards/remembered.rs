//! What a guard compares with that stood in the database before a step: measured then, kept in a file, handed over later.
//!
//! Not for: facts of a capture, which `--capture` gives. The one fact to know: a file says which database, step and moment
//! it is of and has a digest over all of it, so that one of another database, or one that somebody edited, is refused.

use canonical::FileDigest;
use guards::Inputs;
use rehearsal::Committed;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sqlx::{AssertSqlSafe, Executor as _, PgConnection, Row as _};
use std::path::Path;

use super::Target;
use crate::exit::CommandError;

const FORMAT_VERSION: u32 = 1;

/// The file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Remembered {
    format_version: u32,
    database: String,
    system_identifier: String,
    step: String,
    moment: String,
    /// Over everything else.
    sha256: String,
    values: Map<String, Value>,
}

impl Remembered {
    fn digest(&self) -> String {
        let said = serde_json::json!([
            self.format_version,
            self.database,
            self.system_identifier,
            self.step,
            self.moment,
            self.values
        ]);
        FileDigest::of_bytes(said.to_string().as_bytes()).to_string()
    }
}

/// Keys, with step and moment at which each is measured.
pub(super) fn measured_at<'a>(
    committed: &'a Committed,
    key: &'a str,
) -> impl Iterator<Item = (&'a str, &'a str)> {
    let states = committed.states.iter();
    states
        .filter(move |state| state.remember.iter().any(|(known, _)| known == key))
        .map(|state| (state.state.step.as_str(), state.state.moment.as_str()))
}

/// Queries that are asked at a step and moment.
fn queries<'a>(committed: &'a Committed, step: &str, moment: &str) -> &'a [(String, String)] {
    let mut states = committed.states.iter();
    states
        .find(|state| state.state.step == step && state.state.moment == moment)
        .map_or(&[], |state| state.remember.as_slice())
}

/// That one step is named, and something is measured there.
pub(super) fn demand_something(
    committed: &Committed,
    steps: &[String],
    moment: &str,
) -> Result<(), CommandError> {
    if let [step] = steps
        && !queries(committed, step, moment).is_empty()
    {
        return Ok(());
    }
    let known: Vec<String> = committed
        .states
        .iter()
        .filter(|state| !state.remember.is_empty())
        .map(|state| format!("--phase {} --moment {}", state.state.step, state.state.moment))
        .collect();
    Err(CommandError::Usage(format!(
        "nothing is remembered at {} ({moment}), expected one of: {}",
        steps.join(", "),
        known.join("; ")
    )))
}

/// Measures what is remembered at a step and moment and writes it to `path`; what was measured, and the file's digest.
pub(super) async fn write(
    connection: &mut PgConnection,
    committed: &Committed,
    target: &Target,
    (step, moment): (&str, &str),
    timeout_ms: u32,
    path: &Path,
) -> Result<(Vec<String>, String), CommandError> {
    let mut values = Map::new();
    for (key, query) in queries(committed, step, moment) {
        let unmeasured = |why: &dyn std::fmt::Display| {
            CommandError::Environment(format!("`{key}` can't be measured: {why}"))
        };
        let begin = format!(
            "begin isolation level repeatable read read only; set local statement_timeout = {timeout_ms}; set local search_path = ''"
        );
        let asked = async {
            connection.execute(AssertSqlSafe(begin)).await?;
            connection.fetch_all(AssertSqlSafe(query.clone())).await
        };
        let rows = asked.await.map_err(|error| unmeasured(&error))?;
        connection
            .execute("rollback")
            .await
            .map_err(|error| unmeasured(&error))?;
        let text = match rows.as_slice() {
            [row] => row
                .try_get::<Option<String>, _>(0)
                .map_err(|error| unmeasured(&error))?,
            rows => return Err(unmeasured(&format!("expected one row, found {}", rows.len()))),
        };
        // Nothing is no baseline: a guard that compared with it would range over nothing.
        let text = text.ok_or_else(|| unmeasured(&"nothing of it is in this database"))?;
        let value = serde_json::from_str(&text).map_err(|error| unmeasured(&error))?;
        values.insert(key.clone(), value);
    }
    let keys = values.keys().cloned().collect();
    let mut file = Remembered {
        format_version: FORMAT_VERSION,
        database: target.database.clone(),
        system_identifier: target.system_identifier.clone(),
        step: step.to_owned(),
        moment: moment.to_owned(),
        sha256: String::new(),
        values,
    };
    file.sha256 = file.digest();
    let text =
        serde_json::to_string_pretty(&file).map_err(|error| CommandError::Environment(error.to_string()))?;
    footprint::files::write(path, (text + "\n").as_bytes()).map_err(|error| {
        CommandError::Environment(format!("`{}` can't be written: {error}", path.display()))
    })?;
    Ok((keys, file.sha256))
}

/// Adds what the files hold; each must be of this database and as it was written.
pub(super) fn read(
    paths: &[std::path::PathBuf],
    target: &Target,
    inputs: &mut Inputs,
) -> Result<(), CommandError> {
    for path in paths {
        let unusable = |why: String| {
            CommandError::Usage(format!(
                "`{}` can't be handed to a guard: {why}; write one: `cargo xtask guards URL --phase STEP --moment WHEN --remember FILE`",
                path.display()
            ))
        };
        let text = std::fs::read_to_string(path).map_err(|error| unusable(error.to_string()))?;
        let file: Remembered = serde_json::from_str(&text).map_err(|error| unusable(error.to_string()))?;
        if file.format_version != FORMAT_VERSION {
            let found = file.format_version;
            return Err(unusable(format!(
                "its format_version is {found}, expected {FORMAT_VERSION}"
            )));
        }
        let digest = file.digest();
        if file.sha256 != digest {
            return Err(unusable(format!(
                "it has changed since it was written: its digest is {digest}, it says {}",
                file.sha256
            )));
        }
        if (&file.database, &file.system_identifier) != (&target.database, &target.system_identifier) {
            return Err(unusable(format!(
                "it is of database `{}` of cluster {}, expected `{}` of {}",
                file.database, file.system_identifier, target.database, target.system_identifier
            )));
        }
        for (key, value) in &file.values {
            if inputs.value(key).is_some() {
                return Err(unusable(format!("`{key}` was given already")));
            }
            inputs.insert(key, value);
        }
    }
    Ok(())
}
