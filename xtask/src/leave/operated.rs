//! `cargo xtask record PKG`: the record that an operator's package is done, from what its `verify.sql` printed.
//!
//! Not for: packages of T1, which `rehearse --record` and `repoint-proof --record` record. The one fact to know: an
//! operator has psql alone and this tool connects to nothing here, so what was printed is believed; what it must say
//! follows from the packet and the authorization, and a record that `status` would refuse is not written.

use crate::exit::{Code, CommandError};
use crate::leave::authorization::refuse;
use crate::leave::files::{Bytes, of_package, read, read_text, write_new};
use crate::leave::printed::Printed;
use crate::leave::record::digest_before;
use crate::leave::state::{load, read_target};
use crate::leave::{TOOL_VERSION, moment, now, plane};
use crate::rehearse::root;
use fix7_manifest::FIX7;
use manifest_model::{Package, RunnerClass};
use operator_authorization::{
    Authorization, Code as Reason, Evidence, Moment, Packet, Refusal, Refused, Runner, Standing, standing,
};
use serde::Deserialize;
use std::io::Write;
use std::path::{Path, PathBuf};

/// What `verify.sql` says of a packet that is one transaction, and is done.
const AFTER: &str = "AFTER";
/// Where PKG-E has come to when it is done, and its way back has not begun.
const LAST_STAGE: &str = "activated";

/// Which package, and what is known of it.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Package that an operator ran: PKG-E, PKG-F, PKG-G or PKG-H
    #[arg(value_name = "PKG")]
    package: String,
    /// Folder of evidence, re-audits and authorizations, as `status` reads it
    #[arg(long, value_name = "DIR")]
    state: PathBuf,
    /// What `PGTZ=UTC psql -f verify.sql` printed when all was done
    #[arg(long, value_name = "FILE")]
    verified: PathBuf,
    /// When it ended; PKG-E's last part does so after its run was recorded, so it must be said there
    #[arg(long, value_name = "INSTANT", value_parser = moment)]
    ended_at: Option<Moment>,
}

pub(crate) fn run(args: &Arguments, out: &mut dyn Write) -> Result<Code, CommandError> {
    let package = operated(&args.package)?;
    let folder = args.state.join(package.id);
    let packet = match of_package(&root(), package)? {
        Bytes::Packet(packet) => packet,
        Bytes::Refused(refused) => return refuse(&refused),
        Bytes::Absent | Bytes::Files(_) => {
            return Err(CommandError::Usage(format!("`{}` has no packet", package.id)));
        }
    };
    let target = read_target(&args.state.join("target.toml"))?.ok_or_else(|| {
        CommandError::Usage(format!(
            "`{}` has no target.toml: expected the database that the packet ran on",
            args.state.display()
        ))
    })?;
    let authorization = match Authorization::read(&read(&folder.join("authorization.json"))?) {
        Ok(authorization) => authorization,
        Err(refused) => return refuse(&refused),
    };
    let before = match digest_before(&args.state, package.id)? {
        Ok(before) => before,
        Err(refused) => return refuse(&refused),
    };
    let printed = read_text(&args.verified)?;
    let printed = Printed::read(&printed);
    let wanted = wanted(package)?;
    let recorded_at = match demand_done(&printed, &wanted, &packet, &authorization) {
        Ok(recorded_at) => recorded_at,
        Err(refused) => return refuse(&refused),
    };
    let bound = authorization
        .digest()
        .map_err(|refusal| CommandError::Environment(refusal.to_string()))?;
    let record = Evidence {
        package: package.id.to_owned(),
        verdict: "pass".to_owned(),
        package_sha256: packet.digest,
        predecessor_evidence_sha256: before,
        authorization_sha256: Some(bound),
        target: Some(target.0),
        tool_version: TOOL_VERSION.to_owned(),
        runner: Runner::Operator,
        ran_by: authorization.operator.clone(),
        ended_at: ended_at(args, &recorded_at, !wanted.starts_with(AFTER))?,
    };
    keep(&args.state, &folder.join("evidence.json"), &record, out)
}

/// Writes the record if it shows that the package is done.
fn keep(state: &Path, path: &Path, record: &Evidence, out: &mut dyn Write) -> Result<Code, CommandError> {
    let (people, now) = (plane::people(), now()?);
    let with_it = load(&root(), state.to_owned(), Some(record), &people, &now)?;
    let lines = standing(&with_it.rules, &with_it.packages, with_it.target.as_ref());
    let mut ours = lines.iter().filter(|line| line.package == record.package);
    if let Some(line) = ours.find(|line| line.standing != Standing::Done) {
        let mut err = std::io::stderr();
        for refusal in line.refused.iter().chain(&line.waits_for) {
            writeln!(err, "refused: {refusal}")?;
        }
        writeln!(err, "nothing was recorded")?;
        return Ok(Code::Finding);
    }
    let text = record
        .to_file()
        .map_err(|refusal| CommandError::Environment(refusal.to_string()))?;
    write_new(path, &text)?;
    writeln!(out, "{} is done: {}", record.package, path.display())?;
    Ok(Code::Pass)
}

/// An operator's package.
fn operated(id: &str) -> Result<&'static Package, CommandError> {
    let operated = || {
        let packages = FIX7.packages.iter();
        packages.filter(|package| package.runner == RunnerClass::Operator)
    };
    operated().find(|package| package.id == id).ok_or_else(|| {
        let known: Vec<&str> = operated().map(|package| package.id).collect();
        CommandError::Usage(format!(
            "`{id}` is run by no operator: expected one of {}; `rehearse --record` and `repoint-proof --record` \
             record the others",
            known.join(", ")
        ))
    })
}

/// The answer of `verify.sql` that shows the package done: word and digest.
fn wanted(package: &Package) -> Result<String, CommandError> {
    #[derive(Deserialize)]
    struct Declared {
        state_after_sha256: Option<String>,
        #[serde(default)]
        part: Vec<Part>,
    }
    #[derive(Deserialize)]
    struct Part {
        to: String,
        state_after_sha256: String,
    }
    let path = root().join(package.bytes[0]).join("packet.toml");
    let unfit = |why: String| CommandError::Usage(format!("`{}`: {why}", path.display()));
    let declared: Declared = toml::from_str(&read_text(&path)?).map_err(|error| unfit(error.to_string()))?;
    if let Some(after) = declared.state_after_sha256 {
        return Ok(format!("{AFTER} {after}"));
    }
    let last = declared.part.iter().find(|part| part.to == LAST_STAGE);
    last.map(|part| format!("{LAST_STAGE} {}", part.state_after_sha256))
        .ok_or_else(|| {
            unfit(format!(
                "expected `state_after_sha256`, or a part that leads to `{LAST_STAGE}`"
            ))
        })
}

fn ended_at(args: &Arguments, recorded_at: &str, has_parts: bool) -> Result<Moment, CommandError> {
    // As the server prints it, `2026-01-31 23:59:59.5+00`, or as its JSON has it.
    let utc = recorded_at
        .trim_end_matches(":00")
        .strip_suffix("+00")
        .and_then(|utc| Moment::parse_lenient(&format!("{}Z", utc.replacen(' ', "T", 1))));
    let Some(recorded) = utc else {
        return Err(CommandError::Usage(format!(
            "`{}` says `recorded_at` as `{recorded_at}`, expected UTC: run verify.sql with PGTZ=UTC",
            args.verified.display()
        )));
    };
    match &args.ended_at {
        Some(ended) if *ended < recorded => Err(CommandError::Usage(format!(
            "--ended-at {ended} is before {recorded}, when its run was recorded"
        ))),
        Some(ended) => Ok(ended.clone()),
        None if has_parts => Err(CommandError::Usage(format!(
            "its run was recorded by its first part, {recorded}: say when the last one ended with --ended-at"
        ))),
        None => Ok(recorded),
    }
}

/// When the run was recorded that this authorization is for, if the package is done and was not taken back.
fn demand_done(
    printed: &Printed<'_>,
    wanted: &str,
    packet: &Packet,
    authorization: &Authorization,
) -> Result<String, Refused> {
    let answers = printed.of(["state"])?;
    let [[answer]] = answers[..] else {
        return Err(refusal(
            Reason::Malformed,
            format!(
                "expected one answer under `state`, found {}: is it what verify.sql printed?",
                answers.len()
            ),
        ));
    };
    if answer != wanted {
        return Err(refusal(
            Reason::EvidenceNotPass,
            format!("verify.sql says `{answer}`, expected `{wanted}`"),
        ));
    }
    let digest = packet.digest.to_string();
    let runs = printed.of(["action", "nonce", "packet_sha256", "recorded_at"])?;
    let ours: Vec<_> = runs
        .iter()
        .filter(|[_, nonce, ..]| *nonce == authorization.nonce)
        .collect();
    let Some([_, _, found, recorded_at]) = ours.iter().find(|[action, ..]| *action == "apply") else {
        return Err(refusal(
            Reason::EvidenceOtherAuthorization,
            format!(
                "no run is recorded under the nonce `{}` of the authorization",
                authorization.nonce
            ),
        ));
    };
    if *found != digest {
        return Err(refusal(
            Reason::OtherBytes,
            format!("the run is of the packet {found}, the one in this checkout is {digest}"),
        ));
    }
    if ours.iter().any(|[action, ..]| *action == "rollback") {
        return Err(refusal(
            Reason::EvidenceNotPass,
            "the package was taken back".to_owned(),
        ));
    }
    Ok((*recorded_at).to_owned())
}

fn refusal(code: Reason, message: String) -> Refused {
    Refused::from(Refusal { code, message })
}

#[cfg(test)]
mod tests {
    use super::{AFTER, LAST_STAGE, operated, wanted};

    #[test]
    fn what_shows_a_packet_done_is_what_it_declares() {
        for (id, word) in [
            ("PKG-E", LAST_STAGE),
            ("PKG-F", AFTER),
            ("PKG-G", AFTER),
            ("PKG-H", AFTER),
        ] {
            let package = operated(id).unwrap();
            let wanted = wanted(package).unwrap();
            let (said, digest) = wanted.split_once(' ').unwrap();
            assert_eq!((said, digest.len()), (word, 64), "{id}");
            // What is read of verify.sql's results stands in it.
            let path = crate::rehearse::root().join(package.bytes[0]).join("verify.sql");
            let sql = std::fs::read_to_string(path).unwrap();
            assert_eq!(sql.matches("as state\n").count(), 1, "{id}");
            for column in ["action", "nonce", "packet_sha256", "recorded_at"] {
                assert!(
                    sql.contains(&format!("as {column}")) || sql.contains(&format!("r.{column}")),
                    "{id}: {column}"
                );
            }
        }
        assert!(operated("PKG-A").is_err() && operated("PKG-X").is_err());
    }
}
