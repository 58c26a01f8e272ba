//! Governance: ids that are proposed, those that are taken, and files that must not change.
//!
//! Not for: applying anything. The one fact to know: an id is taken if it stands anywhere in the governance folder,
//! as a number or inside a range, so that proposing it twice is found whatever form the first one had; only the
//! proposal itself does not count, and only while it is what the design says.

use crate::code::{
    GOVERNANCE_CEILING, GOVERNANCE_ID_TAKEN, GOVERNANCE_MALFORMED, GOVERNANCE_RECORDS_DIFFER,
    GOVERNANCE_RECORDS_MISSING, PIN_CHANGED, PINS_MISSING, Refusal,
};
use crate::documents::{Addendum, CanonicalFile, Pin, Reserved};
use canonical::FileDigest;
use manifest_model::LaneDesign;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// Files that only owners change, below the governance folder.
pub(crate) const CANONICAL: &str = "canonical/";

/// What is proposed, below the governance folder: `cargo xtask author` writes it.
pub(crate) const RECORDS: &str = "proposed/records.toml";

/// A governance folder, by path below it.
#[derive(Clone, Copy, Debug)]
pub struct Governance<'a>(pub &'a BTreeMap<String, Vec<u8>>);

impl Governance<'_> {
    /// Numbers that are taken, in all files or in those of `below`.
    fn taken(self, prefix: &str, below: &str) -> BTreeSet<u32> {
        let files = self.0.iter();
        files
            .filter(|(path, _)| path.starts_with(below) && *path != RECORDS)
            .flat_map(|(_, bytes)| numbers(&String::from_utf8_lossy(bytes), prefix))
            .collect()
    }

    /// Digests of the canonical files.
    pub fn canonical(self) -> BTreeMap<String, String> {
        let files = self.0.iter().filter(|(path, _)| path.starts_with(CANONICAL));
        files
            .map(|(path, bytes)| (path.clone(), FileDigest::of_bytes(bytes).to_string()))
            .collect()
    }
}

/// Every number that follows `prefix`, and all of `PREFIXa..b`.
fn numbers(text: &str, prefix: &str) -> Vec<u32> {
    let digits = |text: &str| -> String { text.chars().take_while(char::is_ascii_digit).collect() };
    let mut found = Vec::new();
    for (at, _) in text.match_indices(prefix) {
        let rest = &text[at + prefix.len()..];
        let first = digits(rest);
        let Ok(number) = first.parse::<u32>() else {
            continue;
        };
        let after = &rest[first.len()..];
        let last = after
            .strip_prefix("..")
            .map(|rest| digits(rest.strip_prefix(prefix).unwrap_or(rest)));
        match last.and_then(|last| last.parse::<u32>().ok()) {
            // A range that somebody wrote by mistake is no reason to count for ever.
            Some(last) if last >= number && last - number < 100_000 => found.extend(number..=last),
            _ => found.push(number),
        }
    }
    found
}

/// The addendum: what is proposed, compared with all that is taken; `after` are the canonical digests after the lane.
pub fn addendum(
    design: &LaneDesign,
    governance: Governance<'_>,
    after: &BTreeMap<String, String>,
) -> Result<Addendum, Vec<Refusal>> {
    let reserved = design.reserved;
    let taken = governance.taken(reserved.prefix, "");
    let canonical = governance.taken(reserved.prefix, CANONICAL);
    let mut refusals = records(design, governance.0.get(RECORDS).map(Vec::as_slice));
    let ceiling = canonical.last().copied().unwrap_or_default();
    if ceiling != reserved.ceiling {
        let message = format!(
            "expected {} as the canonical ceiling, found {ceiling}",
            reserved.ceiling
        );
        refusals.push(Refusal::new(GOVERNANCE_CEILING, "governance/canonical", &message));
    }
    let collisions: Vec<String> = (reserved.first..)
        .zip(reserved.titles)
        .filter(|(number, _)| taken.contains(number))
        .map(|(number, _)| format!("{}{number}", reserved.prefix))
        .collect();
    for id in &collisions {
        refusals.push(Refusal::new(
            GOVERNANCE_ID_TAKEN,
            id,
            "expected it to be free, found it in the governance folder",
        ));
    }
    if !refusals.is_empty() {
        return Err(refusals);
    }
    let canonical = governance.canonical();
    Ok(Addendum {
        format_version: 1,
        status: "PROPOSED".to_owned(),
        apply_now: "NO".to_owned(),
        ceiling,
        objects: proposed(design),
        compared_with: taken.len() as u64,
        collisions,
        canonical: canonical
            .into_iter()
            .map(|(path, before)| CanonicalFile {
                after: after.get(&path).cloned().unwrap_or_default(),
                path,
                before,
            })
            .collect(),
    })
}

/// `proposed/records.toml`.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Records {
    format_version: u32,
    status: String,
    apply_now: String,
    above_ceiling: u32,
    object: Vec<Reserved>,
}

/// What speaks against the committed records.
fn records(design: &LaneDesign, found: Option<&[u8]>) -> Vec<Refusal> {
    let place = format!("governance/{RECORDS}");
    let differs = |message: &str| vec![Refusal::new(GOVERNANCE_RECORDS_DIFFER, &place, message)];
    let Some(bytes) = found else {
        let message =
            "expected the records that the design proposes, found no such file; run `cargo xtask author`";
        return vec![Refusal::new(GOVERNANCE_RECORDS_MISSING, &place, message)];
    };
    let found: Records = match toml::from_str(&String::from_utf8_lossy(bytes)) {
        Ok(found) => found,
        Err(error) => return differs(error.message()),
    };
    let expected = proposed(design);
    let head = (
        found.format_version,
        found.status.as_str(),
        found.apply_now.as_str(),
        found.above_ceiling,
    );
    let demanded = (1, "PROPOSED", "NO", design.reserved.ceiling);
    if head != demanded {
        return differs(&format!(
            "expected {demanded:?} as version, status, apply_now and above_ceiling, found {head:?}"
        ));
    }
    let count = found.object.len().max(expected.len());
    (0..count)
        .map(|at| (expected.get(at), found.object.get(at)))
        .find(|(expected, found)| expected != found)
        .map(|(expected, found)| differs(&format!("expected {expected:?}, found {found:?}")))
        .unwrap_or_default()
}

fn proposed(design: &LaneDesign) -> Vec<Reserved> {
    let objects = design.reserved.ids().map(|(id, title)| Reserved {
        id,
        title: title.to_owned(),
        status: "PROPOSED".to_owned(),
        apply_now: "NO".to_owned(),
    });
    objects.collect()
}

/// `pins.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pins {
    pin: Vec<PinLine>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct PinLine {
    path: String,
    sha256: String,
}

/// The pins with what their files are now; a file that is not there has no digest.
pub fn pins(text: &str, read: &dyn Fn(&str) -> Option<Vec<u8>>) -> Result<Vec<Pin>, Vec<Refusal>> {
    let malformed = |message: &str| {
        vec![Refusal::new(
            GOVERNANCE_MALFORMED,
            "governance/pins.toml",
            message,
        )]
    };
    let found: Pins = toml::from_str(text).map_err(|error| malformed(error.message()))?;
    if found.pin.is_empty() {
        return Err(vec![Refusal::new(
            PINS_MISSING,
            "governance/pins.toml",
            "expected pinned files, found none",
        )]);
    }
    let mut pins = Vec::new();
    for line in found.pin {
        if !evidence::is_safe(&line.path) || line.sha256.parse::<FileDigest>().is_err() {
            return Err(malformed(&format!(
                "expected a path below the root and 64 hex digits, found `{}` and `{}`",
                line.path, line.sha256
            )));
        }
        let now = read(&line.path).map_or_else(String::new, |bytes| FileDigest::of_bytes(&bytes).to_string());
        pins.push(Pin {
            path: line.path,
            pinned: line.sha256,
            before: now.clone(),
            after: now,
        });
    }
    let changed: Vec<Refusal> = pins.iter().filter_map(changed).collect();
    if changed.is_empty() {
        Ok(pins)
    } else {
        Err(changed)
    }
}

/// What speaks against a pin.
pub(crate) fn changed(pin: &Pin) -> Option<Refusal> {
    let found = [&pin.before, &pin.after]
        .into_iter()
        .find(|found| **found != pin.pinned)?;
    let found = if found.is_empty() { "no such file" } else { found };
    let message = format!("expected sha256 {}, found {found}", pin.pinned);
    Some(Refusal::new(PIN_CHANGED, &pin.path, &message))
}

#[cfg(test)]
mod tests {
    use super::numbers;

    #[test]
    fn an_id_is_found_as_a_number_and_inside_a_range() {
        assert_eq!(numbers("a TKT-OBJ-7, TKT-OBJ-9.", "TKT-OBJ-"), [7, 9]);
        assert_eq!(numbers("TKT-OBJ-7..9", "TKT-OBJ-"), [7, 8, 9]);
        assert_eq!(numbers("TKT-OBJ-7..TKT-OBJ-9", "TKT-OBJ-"), [7, 8, 9, 9]);
        assert_eq!(numbers("TKT-OBJ-9..7 TKT-OBJ-x", "TKT-OBJ-"), [9]);
        assert_eq!(numbers("TKT-OBJ-1..4000000000", "TKT-OBJ-"), [1]);
    }
}
