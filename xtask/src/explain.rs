//! `cargo xtask explain WHAT`: a code, guard, step, package or surface in a few lines, for 3 a.m.
//!
//! Not for: judging anything. The one fact to know: nothing is said here that does not stand in the
//! manifests or on a page of `docs/`, so there is no second wording to go stale.

use std::io::Write;

use authoring::packet::codes::REFUSALS;
use evidence::Code as EvidenceCode;
use fix7_manifest::FIX7;
use fix7_manifest::lane::LANE;
use manifest_model::{GuardEntry, ReasonCode, Severity, Step, Surface};
use operator_authorization::Code as AuthorizationCode;

use crate::cli::Format;
use crate::exit::{Code, CommandError};

/// The page of findings.
const FINDINGS: &str = include_str!("../../docs/findings.md");
/// The page of evidence.
const EVIDENCE: &str = include_str!("../../docs/evidence.md");
/// Names that are proposed when nothing fits.
const PROPOSED: usize = 8;

/// What the command line said.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A finding's or reason's code, an SQLSTATE of class Q7, a guard, a step, a package, a surface or a blocker: ACT_FAILED,
    /// Q7001, G-AUTH-27, S15, PKG-F, #09, readiness_gate_manifest
    #[arg(value_name = "WHAT")]
    what: String,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

pub(crate) fn run(arguments: &Arguments, out: &mut dyn Write) -> Result<Code, CommandError> {
    let what = arguments.what.trim();
    let said = explain(what);
    if said.is_empty() {
        return Err(CommandError::Usage(unknown(what)));
    }
    match arguments.format {
        Format::Human => {
            for paragraph in said {
                writeln!(out, "{paragraph}")?;
            }
        }
        Format::Json => {
            let said = serde_json::json!({ "format_version": 1, "what": what, "said": said });
            writeln!(out, "{said:#}")?;
        }
    }
    Ok(Code::Pass)
}

/// Everything that has this name; a name may be a reason of the control plane and a finding as well.
fn explain(what: &str) -> Vec<String> {
    let is = |name: &str| name.eq_ignore_ascii_case(what);
    let mut said: Vec<String> = Vec::new();
    said.extend(findings().filter(|row| is(row[0])).map(|row| finding(&row)));
    let reasons = FIX7.reason_codes.iter();
    said.extend(reasons.filter(|one| is(one.code) || is(one.sqlstate)).map(reason));
    let codes = AuthorizationCode::ALL.iter().filter(|code| is(code.name()));
    said.extend(codes.map(|code| {
        format!(
            "{}: an operator's authorization is refused\n  {}\n  docs/authorization.md",
            code.name(),
            code.meaning()
        )
    }));
    let codes = EvidenceCode::ALL.iter().filter(|code| is(code.text()));
    said.extend(codes.map(|code| {
        format!(
            "{code}: an evidence packet is refused\n  {}\n  docs/evidence.md",
            of_packet(*code).unwrap_or_default()
        )
    }));
    let refusals = REFUSALS.iter().filter(|one| is(one.code) || is(one.sqlstate));
    said.extend(refusals.map(|one| {
        format!(
            "{} (SQLSTATE {}): an operator's packet refuses\n  {}\n  to do: {}\n  docs/packets.md",
            one.code, one.sqlstate, one.says, one.remedy
        )
    }));
    said.extend(FIX7.guards.iter().filter(|one| is(one.id)).map(guard));
    let gate = LANE.gate;
    if is(gate.id) || is(gate.satisfied_by) {
        said.push(format!(
            "{}: the gate of the no-production lane\n  satisfied by {} alone, for that lane and nothing of production\n  docs/lane.md",
            gate.id, gate.satisfied_by
        ));
    }
    said.extend(LANE.blockers.iter().filter(|one| is(one.id)).map(|one| {
        format!(
            "{}: stands before production\n  {}\n  {} may resolve it\n  shown by {}\n  docs/lane.md",
            one.id, one.title, one.resolver, one.evidence
        )
    }));
    said.extend(LANE.forbidden.iter().filter(|one| is(one.id)).map(|one| {
        format!(
            "{}: forbidden to every command here\n  {}\n  docs/lane.md, crates/fix7-manifest/src/lane.rs",
            one.id, one.title
        )
    }));
    said.extend(
        FIX7.packages
            .iter()
            .filter(|one| is(one.id))
            .map(|one| package(one.id)),
    );
    said.extend(steps().filter(|step| is(&step.label())).map(step));
    let surfaces = FIX7.surfaces.iter();
    said.extend(
        surfaces
            .filter(|one| {
                is(one.table) || is(&format!("#{:02}", one.number)) || is(&format!("#{}", one.number))
            })
            .map(|one| surface(one)),
    );
    said
}

/// Rows of the page: code, what it says, what to do.
fn findings() -> impl Iterator<Item = [&'static str; 3]> {
    FINDINGS.lines().filter_map(|line| {
        let cells: Vec<&str> = line
            .strip_prefix("| `")?
            .strip_suffix(" |")?
            .split(" | ")
            .collect();
        let [code, says, action] = cells.try_into().ok()?;
        Some([code.strip_suffix('`')?, says, action])
    })
}

/// What the page of evidence says of a code; some codes share a line.
fn of_packet(code: EvidenceCode) -> Option<&'static str> {
    let named = format!("`{code}`");
    EVIDENCE.lines().find_map(|line| {
        let (codes, says) = line.strip_prefix("| ")?.strip_suffix(" |")?.split_once(" | ")?;
        codes.split(", ").any(|one| one == named).then_some(says)
    })
}

fn finding([code, says, action]: &[&str; 3]) -> String {
    format!("{code}: {says}\n  to do: {action}\n  docs/findings.md")
}

fn reason(reason: &ReasonCode) -> String {
    let kind = match reason.severity {
        Severity::Refusal => "the control plane refuses a statement",
        Severity::NoGo => "a gate or check is not met",
    };
    format!(
        "{} (SQLSTATE {}): {kind}\n  {}\n  surface #22, crates/fix7-manifest/src/reasons.rs",
        reason.code, reason.sqlstate, reason.doc
    )
}

fn guard(guard: &GuardEntry) -> String {
    let steps: Vec<String> = guard.steps.iter().map(|step| step.label()).collect();
    let packages: Vec<String> = guard
        .packages
        .iter()
        .map(|(package, step)| format!("{package} at {}", step.label()))
        .collect();
    let mut said = format!(
        "{}: {}\n  why: {}\n  due at {}",
        guard.id,
        guard.invariant,
        guard.why,
        steps.join(", ")
    );
    if !packages.is_empty() {
        said += &format!("; in {}", packages.join(", "));
    }
    said += &format!("\n  {}", authoring::plan::guard_path(guard.id));
    said
}

fn package(id: &str) -> String {
    let Some(package) = FIX7.packages.iter().find(|package| package.id == id) else {
        return String::new();
    };
    let steps: Vec<String> = package.steps.iter().map(|step| step.label()).collect();
    let mut needs: Vec<String> = package
        .predecessor
        .iter()
        .map(|before| format!("{before} passed"))
        .collect();
    if package.needs_reaudit {
        needs.push("a fresh re-audit".to_owned());
    }
    if package.needs_authorization {
        needs.push("an operator's authorization".to_owned());
    }
    let needs = if needs.is_empty() {
        "nothing".to_owned()
    } else {
        needs.join(", ")
    };
    format!(
        "{id}: {}\n  steps {}\n  waits for {needs}\n  guards: {}",
        package.title,
        steps.join(", "),
        guards_of(|guard| guard.packages.iter().any(|(named, _)| *named == id)
            || guard.steps.iter().any(|step| package.steps.contains(step)))
    )
}

fn step(step: Step) -> String {
    let packages: Vec<&str> = FIX7
        .packages
        .iter()
        .filter(|package| package.steps.contains(&step))
        .map(|package| package.id)
        .collect();
    format!(
        "{}: a step of {}\n  guards: {}",
        step.label(),
        if packages.is_empty() {
            "no package".to_owned()
        } else {
            packages.join(", ")
        },
        guards_of(|guard| guard.steps.contains(&step) || guard.packages.iter().any(|(_, at)| *at == step))
    )
}

fn guards_of(due: impl Fn(&GuardEntry) -> bool) -> String {
    let due: Vec<&str> = FIX7
        .guards
        .iter()
        .filter(|guard| due(guard))
        .map(|guard| guard.id)
        .collect();
    if due.is_empty() {
        "none".to_owned()
    } else {
        due.join(", ")
    }
}

fn surface(surface: &Surface) -> String {
    let columns: Vec<&str> = surface.columns.iter().map(|column| column.name).collect();
    format!(
        "#{:02} {}: {}\n  columns: {}\n  {}",
        surface.number,
        surface.table,
        surface.doc,
        columns.join(", "),
        surface.source
    )
}

fn steps() -> impl Iterator<Item = Step> {
    (0..=19).map(Step::new)
}

fn unknown(what: &str) -> String {
    let mut names: Vec<String> = findings().map(|row| row[0].to_owned()).collect();
    names.extend(FIX7.reason_codes.iter().map(|one| one.code.to_owned()));
    names.extend(AuthorizationCode::ALL.iter().map(|code| code.name().to_owned()));
    names.extend(EvidenceCode::ALL.iter().map(ToString::to_string));
    names.extend(FIX7.guards.iter().map(|one| one.id.to_owned()));
    names.extend(FIX7.surfaces.iter().map(|one| one.table.to_owned()));
    let wanted = what.to_ascii_lowercase();
    let words: Vec<&str> = wanted
        .split(['_', '-', ' '])
        .filter(|word| word.len() > 2)
        .collect();
    let mut near: Vec<String> = names
        .into_iter()
        .filter(|name| words.iter().any(|word| name.to_ascii_lowercase().contains(word)))
        .collect();
    near.truncate(PROPOSED);
    let near = if near.is_empty() {
        "a code, a guard like `G-AUTH-27`, a step like `S15`, a package like `PKG-F`, or a surface like `#09`"
            .to_owned()
    } else {
        near.iter()
            .map(|name| format!("`{name}`"))
            .collect::<Vec<_>>()
            .join(", ")
    };
    format!("nothing is called `{what}`, expected {near}")
}

#[cfg(test)]
mod tests {
    use super::{explain, findings, unknown};

    #[test]
    fn each_kind_of_name_is_explained_in_the_words_of_its_source() {
        for (what, words) in [
            ("ACT_FAILED", "sealing, signing or activating was refused"),
            ("q7001", "OBJECT_AUTHORITY_IMMUTABLE"),
            ("G-AUTH-27", "rehearsal/guards/g_auth_27.sql"),
            ("s15", "G-NOMIXED-AUTHORITY"),
            (
                "PKG-F",
                "waits for PKG-E passed, a fresh re-audit, an operator's authorization",
            ),
            ("#9", "readiness_gate_manifest"),
            ("readiness_gate_manifest", "#09"),
            ("NOT_CANONICAL", "docs/authorization.md"),
            ("DELEGATION_MISSING", "the lane's gate stays shut"),
            ("FIX7-P0-PROD-OPT4-1", "owner may resolve it"),
            (
                "FIX7-P0-PLAN-EXEC-AUTH-1",
                "AUTHORIZE_IMPLEMENTATION_EXECUTION_NO_PRODUCTION alone",
            ),
            ("real_run", "forbidden to every command here"),
        ] {
            let said = explain(what).join("\n");
            assert!(said.contains(words), "{what}: {said}");
        }
    }

    #[test]
    fn every_code_of_a_packet_stands_on_the_page_of_evidence() {
        for code in evidence::Code::ALL {
            assert!(
                super::of_packet(*code).is_some_and(|says| !says.is_empty()),
                "{code}"
            );
        }
    }

    #[test]
    fn an_unknown_name_is_answered_with_near_ones() {
        assert!(explain("SEALED_ROW").is_empty());
        assert!(unknown("SEALED_ROW").contains("`SEALED_ROW_IMMUTABLE`"));
        assert!(unknown("x").contains("a guard like `G-AUTH-27`"));
    }

    #[test]
    fn the_page_of_findings_is_read_whole() {
        let rows = super::FINDINGS
            .lines()
            .filter(|line| line.starts_with("| `"))
            .count();
        assert_eq!(findings().count(), rows);
    }
}
