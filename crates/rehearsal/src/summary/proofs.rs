//! Lines about what was proven: negatives, guards, access, attacks, mutants.

use crate::outcome::Outcome;
use std::fmt::Write as _;

/// What was proven.
pub(super) fn proofs(text: &mut String, outcome: &Outcome) {
    negatives(text, outcome);
    guards(text, outcome);
    logins(text, outcome);
    tried(text, outcome);
    mutants(text, outcome);
}

/// The negative suite.
fn negatives(text: &mut String, outcome: &Outcome) {
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
}

/// The guards, wherever they are due.
fn guards(text: &mut String, outcome: &Outcome) {
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
}

/// Who applied the packages.
fn logins(text: &mut String, outcome: &Outcome) {
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
}

/// What roles, verifiers and attackers tried.
fn tried(text: &mut String, outcome: &Outcome) {
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
}

/// Mutants, by what was changed.
fn mutants(text: &mut String, outcome: &Outcome) {
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
}
