//! The summary that a person reads in ten seconds.

use crate::committed_run::CommittedRun;
use crate::outcome::{Outcome, PackageOutcome, Status};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// Findings that are printed in full; the JSON holds all.
const FINDINGS_SHOWN: usize = 10;

/// Renders the outcome; ends with a line feed.
pub fn render_summary(outcome: &Outcome) -> String {
    let mut text = String::new();
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
    for package in &outcome.packages {
        let green = package
            .validation
            .iter()
            .filter(|cell| cell.verdict == Status::Pass)
            .count();
        let guards = match package.validation.len() {
            0 => String::new(),
            all => format!("  guards {green} of {all} green"),
        };
        let _ = writeln!(text, "  {}  {}{guards}", package.id, word(package.verdict));
        for (said, cells) in not_green(package) {
            let cells: Vec<String> = match cells.len() {
                1..=3 => cells,
                many => vec![format!("{many} guards")],
            };
            let _ = writeln!(text, "    {}: {said}", cells.join(", "));
        }
        for rest in package
            .rests_on
            .iter()
            .filter(|rest| rest.verdict != Status::Pass)
        {
            let _ = writeln!(
                text,
                "    {}: {}: {}",
                rest.what.word(),
                word(rest.verdict),
                rest.why
            );
        }
    }
    for packet in &outcome.packets {
        if packet.parts > 0 {
            let _ = writeln!(
                text,
                "  packet     {}: {} parts in {} statements, each by its own login; {} refusals seen; {}",
                packet.package,
                packet.parts,
                packet.statements,
                packet.refused.iter().filter(|one| one.as_expected).count(),
                if packet.restored {
                    "taken back"
                } else {
                    "not taken back"
                }
            );
            continue;
        }
        let _ = writeln!(
            text,
            "  packet     {}: {} statements, after {} the old path alone, after {} the new one, after {} neither; {} refusals, {} worlds, {} swaps seen; {}",
            packet.package,
            packet.statements,
            packet.legacy_alone,
            packet.new_alone,
            packet.neither,
            packet.refused.len(),
            packet.worlds.len(),
            packet.swaps,
            if packet.restored {
                "taken back"
            } else {
                "not taken back"
            }
        );
    }
    let leave = &outcome.authorization;
    if leave.verified + leave.refused > 0 {
        let _ = writeln!(
            text,
            "  leave      {} verified, {} wrong ones refused, each for its reason",
            leave.verified, leave.refused
        );
    }
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
    let n = &outcome.negatives;
    let _ = writeln!(
        text,
        "  negatives  {} tests: {} twins accepted, {} rejected as expected, {} by their sole cause, {} arrange failed, {}",
        n.tests,
        n.accepted_twins,
        n.rejected,
        n.sole_cause,
        n.arrange_failed,
        n.uncovered
            .map_or("coverage not measured".to_owned(), |count| format!(
                "{count} uncovered"
            ))
    );
    if n.accepted_rows > 0 {
        let _ = writeln!(
            text,
            "             {} valid rows that a part of a constraint rests on: {} accepted",
            n.accepted_rows, n.accepted
        );
    }
    let guards = &outcome.guards;
    if guards.total > 0 {
        let _ = writeln!(
            text,
            "  guards     {}: {} green, {} red, {} not measured, in {} runs",
            guards.total,
            guards.green,
            guards.red,
            guards.not_measured,
            guards.runs.len()
        );
    }
    for who in &outcome.applied_as {
        let kind = if who.superuser {
            "superuser"
        } else {
            "no superuser"
        };
        let _ = writeln!(
            text,
            "  applied    {} files as `{}`, {kind}",
            who.files, who.login
        );
    }
    let access = &outcome.access;
    if access.cells > 0 {
        let _ = writeln!(
            text,
            "  access     {} cells: {} agree, {} tried",
            access.cells, access.agree, access.attempted
        );
    }
    if let Some(pairs) = &outcome.pairs {
        let _ = writeln!(
            text,
            "  pairs      {} entry points: {} of {} executions verified, {} findings imported, {} of {} gates met at {}, readiness {}",
            pairs.entrypoints,
            pairs.verified,
            pairs.executed,
            pairs.findings,
            pairs.gates - pairs.unmet.len().min(pairs.gates),
            pairs.gates,
            pairs.at,
            pairs.readiness
        );
    }
    if let Some(bypass) = &outcome.bypass {
        let _ = writeln!(
            text,
            "  bypass     {} vectors: {} attempts, {} repelled and proven by their twins, {} noticed; {} red while open",
            bypass.vectors, bypass.attempts, bypass.repelled, bypass.noticed, bypass.red_on_fault
        );
    }
    let reads = &outcome.reads;
    if reads.tried > 0 {
        let _ = writeln!(
            text,
            "  reads      {} tried in {} states: {} preserved",
            reads.tried, reads.states, reads.preserved
        );
    }
    let attacks = &outcome.attacks;
    if attacks.families > 0 {
        let _ = writeln!(
            text,
            "  attacks    {} families: {} attempts, {} repelled and proven by their twins",
            attacks.families, attacks.attempts, attacks.repelled
        );
    }
    if let Some(mutants) = &outcome.mutants.schema {
        let _ = writeln!(
            text,
            "  mutants    {} of the schema: {} killed by their own test and by the catalog, {} survived",
            mutants.total, mutants.killed, mutants.survivors
        );
        let weakened = &mutants.weakened;
        let _ = writeln!(
            text,
            "             {} weakened: {} killed by their own test and by the catalog, {} that no statement tells by the catalog, {} by accident, {} survived",
            weakened.total, weakened.killed, weakened.catalog_alone, weakened.by_accident, weakened.survivors
        );
    }
    if let Some(mutants) = &outcome.mutants.guards {
        let _ = writeln!(
            text,
            "  mutants    {} of the guards: {} killed, {} survived; {} near misses stayed green",
            mutants.total, mutants.killed, mutants.survivors, mutants.near_misses
        );
    }
    if let Some(mutants) = &outcome.mutants.manifest {
        let equivalent = match mutants.equivalent {
            0 => String::new(),
            n => format!(", {n} equivalent"),
        };
        let _ = writeln!(
            text,
            "             {} of the manifests: {} killed ({} by the server's refusal){equivalent}, {} survived",
            mutants.total, mutants.killed, mutants.refused, mutants.survivors
        );
    }
    for back in &outcome.ways_back {
        let _ = writeln!(
            text,
            "  way back   {} ({} compared): {}",
            back.kind,
            back.compared,
            word(back.verdict)
        );
    }
    text += &committed_line(&outcome.committed);
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
    let verdict = word(outcome.verdict).to_uppercase();
    let _ = writeln!(
        text,
        "\n{verdict} in {} ms{}",
        outcome.elapsed_ms.total,
        reservation(outcome)
    );
    text
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

/// One line, also where nobody asked for a committed run.
fn committed_line(run: &CommittedRun) -> String {
    if run.verdict == Status::NotMeasured {
        return format!("  committed  not measured: {}\n", run.why);
    }
    let dump = match run.dump.verdict {
        Status::NotMeasured => format!("not observed: {}", run.dump.observer),
        verdict => format!("{} {}", run.dump.observer, word(verdict)),
    };
    let chain = match run.chain.verdict {
        Status::NotMeasured => format!("  chain      not measured: {}\n", run.chain.why),
        verdict => {
            let client = &run.chain.client;
            format!(
                "  chain      {} parts of {} packets committed, each by its own login, {} taken back; meanwhile {} births, {} reads, {} waited, both paths called {} times; {}\n",
                run.chain.links.len(),
                run.chain
                    .links
                    .iter()
                    .map(|link| &link.package)
                    .collect::<BTreeSet<_>>()
                    .len(),
                run.chain
                    .links
                    .iter()
                    .filter(|link| link.restored == Some(true))
                    .count(),
                client.births,
                client.reads,
                client.waited,
                client.looked,
                word(verdict)
            )
        }
    };
    format!(
        "  committed  {} files, each transaction {}; {} roles logged in, {} of {} cells tried, {} differences; {} reads over a login in {} states, {} preserved; {dump}; {} in {} ms\n{chain}",
        run.files,
        run.xid_status,
        run.logins.roles,
        run.logins.tried,
        run.logins.cells,
        run.logins.differences,
        run.reads.tried,
        run.reads.states,
        run.reads.preserved,
        word(run.verdict),
        run.elapsed_ms
    )
}

/// Guards that were not measured or have no subject, by what is said of them.
fn not_green(package: &PackageOutcome) -> BTreeMap<String, Vec<String>> {
    let mut said: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for cell in &package.validation {
        if matches!(cell.verdict, Status::NotMeasured | Status::NotApplicable) {
            let why = format!("{}: {}", word(cell.verdict), cell.reasons.join("; "));
            said.entry(why)
                .or_default()
                .push(format!("{} at {}", cell.guard, cell.step));
        }
    }
    said
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
