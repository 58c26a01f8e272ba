//! The rehearsal's JSON, parted in what was found and in the machine it was found on.
//!
//! Not for: recomputing the verdict (`verdict`). The one fact to know: the parting is a closed list of places.
//! A clock or a server anywhere else, under whatever name, makes the tree differ between two runs and is
//! looked for by key at every depth.

use crate::Error;
use crate::code::{Code, Refusal};
use crate::document::{Environment, FORMAT_VERSION, Proof, Rollback, Server, demand_form, json, printed};
use crate::tree::OUTCOME;
use serde_json::{Map, Value};

/// Top-level keys of `outcome.json`: those of `rehearse --format json` without the environment's.
pub const OUTCOME_KEYS: &[&str] = &[
    "format_version",
    "verdict",
    "shape",
    "estate",
    "authored_for_server",
    "counts",
    "packages",
    "guards",
    "rollback",
    "negatives",
    "mutants",
    "applied_as",
    "access",
    "pairs",
    "bypass",
    "reads",
    "attacks",
    "packets",
    "authorization",
    "repoint",
    "scale_runs",
    "committed",
    "ways_back",
    "worlds",
    "findings",
];

/// Parts an outcome: the tree's half, and the environment's.
pub fn split(outcome: Value) -> Result<(Value, Environment), Error> {
    let refuse = |what: &str| Error::Outcome(what.to_owned());
    let Value::Object(mut found) = outcome else {
        return Err(refuse("it is no JSON object"));
    };
    let mut environment = Environment {
        format_version: FORMAT_VERSION,
        ..Environment::default()
    };
    let server = found
        .remove("postgres")
        .ok_or_else(|| refuse("it lacks `postgres`"))?;
    let printed_server = server.clone();
    environment.postgres =
        serde_json::from_value(server).map_err(|error| refuse(&format!("`postgres`: {error}")))?;
    if serde_json::to_value(&environment.postgres).ok() != Some(printed_server) {
        return Err(refuse(
            "`postgres` has a key that `environment.json` has no place for",
        ));
    }
    environment.elapsed_ms = times(found.remove("elapsed_ms"))?;
    if let Some(Value::Object(committed)) = found.get_mut("committed") {
        environment.committed_elapsed_ms = committed
            .remove("elapsed_ms")
            .and_then(|value| value.as_u64())
            .ok_or_else(|| refuse("`committed` lacks `elapsed_ms`"))?;
        if let Some(Value::Object(dump)) = committed.get_mut("dump")
            && let Some(Value::String(observer)) = dump.remove("observer")
        {
            environment.dump_observer = observer;
        }
    }
    if let Some(key) = found.keys().find(|key| !OUTCOME_KEYS.contains(&key.as_str())) {
        return Err(Error::Outcome(format!(
            "`{key}` is no key that evidence knows; add it to `OUTCOME_KEYS` and to what the verdict rests on"
        )));
    }
    let found = Value::Object(found);
    match environment_in("", &found) {
        Some(place) => Err(Error::Outcome(format!(
            "`{place}` is of the environment; `evidence::split` must take it out"
        ))),
        None => Ok((found, environment)),
    }
}

fn times(found: Option<Value>) -> Result<std::collections::BTreeMap<String, u64>, Error> {
    serde_json::from_value(found.unwrap_or_default())
        .map_err(|error| Error::Outcome(format!("`elapsed_ms`: {error}")))
}

/// The proofs that an outcome holds.
pub(crate) fn rollback_of(outcome: &Value) -> Rollback {
    let text = |pointer: &str| {
        let found = outcome.pointer(pointer).and_then(Value::as_str);
        found.unwrap_or_default().to_owned()
    };
    let measured = |package: &&Value| matches!(package["verdict"].as_str(), Some("pass" | "fail"));
    let packages = outcome.get("packages").and_then(Value::as_array);
    let covers = |wanted: fn(&Value) -> bool| -> Vec<String> {
        let rehearsed = packages.into_iter().flatten().filter(measured);
        rehearsed
            .filter(|package| wanted(package))
            .filter_map(|package| package["id"].as_str().map(str::to_owned))
            .collect()
    };
    let shape_keeps = text("/shape") == "committed";
    let mut proofs = vec![Proof {
        id: "rehearsal".to_owned(),
        covers: covers(|_| true),
        before: text("/rollback/before"),
        after_apply: text("/rollback/after_apply"),
        after_rollback: text("/rollback/after_rollback"),
        xid_status: text("/rollback/xid_status"),
        xid_expected: if shape_keeps { "committed" } else { "aborted" }.to_owned(),
    }];
    if matches!(text("/committed/verdict").as_str(), "pass" | "fail") {
        proofs.push(Proof {
            id: "committed".to_owned(),
            covers: Vec::new(),
            before: text("/committed/before"),
            after_apply: text("/committed/applied"),
            after_rollback: text("/committed/after_way_back"),
            xid_status: text("/committed/xid_status"),
            xid_expected: "committed".to_owned(),
        });
    }
    Rollback {
        format_version: FORMAT_VERSION,
        proofs,
    }
}

/// Reads `outcome.json`.
pub(crate) fn read(bytes: &[u8]) -> Result<Map<String, Value>, Refusal> {
    let value = json(OUTCOME, bytes)?;
    if let Some(place) = environment_in("", &value) {
        let message = format!("`{place}` belongs into `environment.json`, outside the tree");
        return Err(Refusal::new(Code::EnvironmentInTree, OUTCOME, &message));
    }
    demand_form(OUTCOME, bytes, &printed(&value))?;
    let Value::Object(keys) = value else {
        return Err(Refusal::new(Code::DocumentMalformed, OUTCOME, "it is no object"));
    };
    if let Some(key) = keys.keys().find(|key| !OUTCOME_KEYS.contains(&key.as_str())) {
        let message = format!("`/{key}` is no key of format version {FORMAT_VERSION}");
        return Err(Refusal::new(Code::KeyUnknown, OUTCOME, &message));
    }
    Ok(keys)
}

/// The first place whose key is a clock's or a server's.
fn environment_in(at: &str, value: &Value) -> Option<String> {
    let is_environment = |key: &str| {
        matches!(key, "postgres" | "observer" | "host" | "provider" | "environment")
            || ["_ms", "_at", "_seconds", "_time"]
                .iter()
                .any(|end| key.ends_with(end))
    };
    match value {
        Value::Object(keys) => keys.iter().find_map(|(key, value)| {
            let place = format!("{at}/{key}");
            if is_environment(key) {
                Some(place)
            } else {
                environment_in(&place, value)
            }
        }),
        Value::Array(values) => values
            .iter()
            .enumerate()
            .find_map(|(position, value)| environment_in(&format!("{at}/{position}"), value)),
        _ => None,
    }
}

impl Server {
    /// As people say it.
    pub(crate) fn line(&self) -> String {
        crate::escaped(&format!("PostgreSQL {} ({})", self.version, self.provider))
    }
}
