//! Lines about packages and the operators' packets.

use super::word;
use crate::outcome::{Outcome, PackageOutcome, Status};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Each package with its guards, and what it rests on that is not green.
pub(super) fn packages(text: &mut String, outcome: &Outcome) {
    let is_asked = |package: &&PackageOutcome| !outcome.unasked.contains(&package.id);
    for package in outcome.packages.iter().filter(is_asked) {
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
    if !outcome.unasked.is_empty() {
        let _ = writeln!(text, "  not asked for: {}", outcome.unasked.join(", "));
    }
}

/// Packets that were run, and leave to run them.
pub(super) fn packets(text: &mut String, outcome: &Outcome) {
    for packet in &outcome.packets {
        let back = if packet.restored {
            "taken back"
        } else {
            "not taken back"
        };
        if packet.parts > 0 {
            let _ = writeln!(
                text,
                "  packet     {}: {} parts in {} statements, each by its own login; {} refusals seen; {}",
                packet.package,
                packet.parts,
                packet.statements,
                packet.refused.iter().filter(|one| one.as_expected).count(),
                back
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
            back
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
