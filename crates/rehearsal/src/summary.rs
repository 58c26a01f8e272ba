//! The summary that a person reads in ten seconds.
//!
//! Not for: deciding anything; all of it is in the outcome, and the JSON holds what is left out here.

use crate::outcome::{Outcome, Status};
use std::fmt::Write as _;

mod committed;
mod packages;
mod proofs;

/// Findings that are printed in full; the JSON holds all.
const FINDINGS_SHOWN: usize = 10;

/// Renders the outcome; ends with a line feed.
pub fn render_summary(outcome: &Outcome) -> String {
    let mut text = String::new();
    server(&mut text, outcome);
    packages::packages(&mut text, outcome);
    packages::packets(&mut text, outcome);
    counts(&mut text, outcome);
    proofs::proofs(&mut text, outcome);
    ways_back(&mut text, outcome);
    text += &committed::committed_line(&outcome.committed);
    worlds(&mut text, outcome);
    gate(&mut text, outcome);
    findings(&mut text, outcome);
    verdict(&mut text, outcome);
    text
}

/// Where it ran.
fn server(text: &mut String, outcome: &Outcome) {
    let postgres = &outcome.postgres;
    let _ = writeln!(
        text,
        "PostgreSQL {} ({}), started in {} ms",
        postgres.version, postgres.provider, outcome.elapsed_ms.postgres_start
    );
    let _ = writeln!(text, "  {}: {}", postgres.provider, postgres.reason);
    if !outcome.authored_for_server.is_empty() {
        let _ = writeln!(
            text,
            "  {} files are authored from the estate on this server, in place of those from the committed capture",
            outcome.authored_for_server.len()
        );
    }
}

/// What the packages made, counted.
fn counts(text: &mut String, outcome: &Outcome) {
    let counts: Vec<String> = outcome
        .counts
        .iter()
        .map(|(name, n)| {
            format!(
                "{} {}",
                n.map_or("?".to_owned(), |n| n.to_string()),
                name.replace('_', " ")
            )
        })
        .collect();
    if !counts.is_empty() {
        let _ = writeln!(text, "  counts     {}", counts.join(", "));
    }
}

/// The ways back.
fn ways_back(text: &mut String, outcome: &Outcome) {
    for back in &outcome.ways_back {
        let _ = writeln!(
            text,
            "  way back   {} ({} compared): {}",
            back.kind,
            back.compared,
            word(back.verdict)
        );
    }
}

/// Who may do what to database and schema.
fn worlds(text: &mut String, outcome: &Outcome) {
    for world in &outcome.worlds {
        let same = if world.expected == world.realized {
            "as expected"
        } else {
            "NOT as expected"
        };
        let codes = if world.realized.is_empty() {
            "nothing found".to_owned()
        } else {
            world.realized.join(", ")
        };
        let _ = writeln!(text, "  world      {}: {codes} ({same})", world.id);
    }
}

/// The states before, with all packages, and after.
fn gate(text: &mut String, outcome: &Outcome) {
    let gate = &outcome.rollback;
    let short = |digest: &str| digest.chars().take(12).collect::<String>();
    let _ = writeln!(
        text,
        "  {}   before {}, applied {}, after {}; {} {}",
        if outcome.shape == "committed" {
            "way back"
        } else {
            "rollback"
        },
        short(&gate.before),
        short(&gate.after_apply),
        short(&gate.after_rollback),
        if outcome.shape == "committed" {
            "committed step by step, and dropped; transactions"
        } else {
            "transaction"
        },
        gate.xid_status
    );
}

/// What is wrong.
fn findings(text: &mut String, outcome: &Outcome) {
    for finding in outcome.findings.iter().take(FINDINGS_SHOWN) {
        let _ = writeln!(text, "\n{}: {}", finding.code, finding.message);
        for line in &finding.details {
            let _ = writeln!(text, "  {line}");
        }
    }
    if let Some(more) = outcome
        .findings
        .len()
        .checked_sub(FINDINGS_SHOWN)
        .filter(|more| *more > 0)
    {
        let _ = writeln!(text, "\nand {more} findings more; `--format json` prints all");
    }
}

/// The last line.
fn verdict(text: &mut String, outcome: &Outcome) {
    let verdict = word(outcome.verdict).to_uppercase();
    let _ = writeln!(
        text,
        "\n{verdict} in {} ms{}",
        outcome.elapsed_ms.total,
        reservation(outcome)
    );
}

/// What the verdict does not speak of: packages that no rehearsal applies, or all the rest of a narrowed one.
fn reservation(outcome: &Outcome) -> String {
    if outcome.only.is_empty() {
        let unmeasured: Vec<&str> = outcome
            .packages
            .iter()
            .filter(|package| package.verdict == Status::NotMeasured)
            .map(|package| package.id.as_str())
            .collect();
        return match (outcome.verdict, unmeasured.as_slice()) {
            (_, []) => String::new(),
            (Status::Pass, [id]) => format!("; it does not speak of {id}, which is not measured"),
            (Status::Pass, ids) => format!(
                "; it does not speak of {}, which are not measured",
                ids.join(", ")
            ),
            (_, ids) => format!("; not measured: {}", ids.join(", ")),
        };
    }
    let red = match outcome.findings.len() {
        0 => "nothing of it is red",
        _ => "see above",
    };
    format!(": only `{}`, {red}", outcome.only.join("`, `"))
}

fn word(status: Status) -> &'static str {
    match status {
        Status::Pass => "pass",
        Status::Fail => "fail",
        Status::NotMeasured => "not measured",
        Status::NotApplicable => "not applicable",
    }
}

#[cfg(test)]
mod tests {
    use super::reservation;
    use crate::outcome::{Outcome, PackageOutcome, Status};

    fn outcome(verdict: Status, packages: &[(&str, Status)], only: &[&str]) -> Outcome {
        let package = |(id, verdict): &(&str, Status)| PackageOutcome {
            id: (*id).to_owned(),
            verdict: *verdict,
            validation: vec![],
            rests_on: vec![],
        };
        Outcome {
            verdict,
            packages: packages.iter().map(package).collect(),
            only: only.iter().map(|name| (*name).to_owned()).collect(),
            ..Outcome::default()
        }
    }

    #[test]
    fn a_pass_names_what_it_does_not_speak_of() {
        let packages = [
            ("A", Status::Pass),
            ("D", Status::NotMeasured),
            ("E", Status::NotMeasured),
        ];
        assert_eq!(
            reservation(&outcome(Status::Pass, &packages, &[])),
            "; it does not speak of D, E, which are not measured"
        );
        assert_eq!(reservation(&outcome(Status::Pass, &packages[..1], &[])), "");
    }

    #[test]
    fn a_narrowed_run_names_what_it_was_narrowed_to() {
        let said = reservation(&outcome(
            Status::NotMeasured,
            &[("A", Status::NotMeasured)],
            &["page"],
        ));
        assert_eq!(said, ": only `page`, nothing of it is red");
    }
}
