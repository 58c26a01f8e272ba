//! The attacks on the committed plan: a snapshot a family, for reviewers.
//!
//! That each is repelled, and by its shield alone, is asserted in code; the snapshot only shows it.

use crate::tidy::root;
use fix7_manifest::FIX7;
use fix7_manifest::attacks::{ATTEMPTS_MIN, FAMILIES};
use manifest_model::Surface;
use rehearsal::Outcome;
use std::collections::BTreeSet;
use std::path::Path;

/// Of the rehearsal that the negative suite is judged by, too.
pub(crate) fn every_attack_is_repelled_by_its_shield(outcome: &Outcome) {
    let attacks = &outcome.attacks;
    let written: usize = FAMILIES.iter().map(|family| family.attacks.len()).sum();
    let fields: usize = derived().iter().map(|(_, ids)| ids.len()).sum();
    let defined = written + fields;
    assert_eq!(
        (attacks.families, attacks.attempts, attacks.repelled),
        (FAMILIES.len(), defined, defined),
        "{:#?}",
        attacks.red
    );
    let folder = root().join("snapshots/attacks");
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(&folder);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let mut expected = BTreeSet::new();
    for family in FAMILIES {
        let attempts = outcome.attack_outcomes.iter();
        let table = rehearsal::render_attacks(attempts.filter(|one| one.family == family.id));
        settings.bind(|| insta::assert_snapshot!(family.id, table));
        expected.insert(format!("{}.snap", family.id));
    }
    let found: BTreeSet<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| Path::new(name).extension().is_some_and(|kind| kind == "snap"))
        .collect();
    assert_eq!(found, expected, "a snapshot without a family, or the reverse");
}

/// The attempts that follow from the columns: one for each field that H01 covers, and two for each surface.
fn derived() -> Vec<(u8, Vec<String>)> {
    let of = |surface: &&Surface| {
        let definition = surface.definition();
        let fields = definition.hashed_columns();
        let fields = fields.map(|column| format!("field.{}.{}", surface.table, column.name));
        let whole = ["null", "boundary"].map(|kind| format!("{kind}.{}", surface.table));
        (surface.number, fields.chain(whole).collect())
    };
    FIX7.surfaces.iter().map(of).collect()
}

#[test]
fn every_field_of_every_surface_has_an_attempt_on_its_digest() {
    let committed = rehearsal::load(&root()).unwrap();
    let file = committed
        .attacks
        .iter()
        .find(|file| file.family == "canonical_hash")
        .unwrap();
    let ids: Vec<&str> = file.attack.iter().map(|attack| attack.id.as_str()).collect();
    let written = FAMILIES
        .iter()
        .find(|family| family.id == "canonical_hash")
        .unwrap()
        .attacks
        .len();
    let derived = derived();
    assert_eq!(derived.len(), 27);
    let expected: Vec<&String> = derived.iter().flat_map(|(_, ids)| ids).collect();
    assert!(expected.len() > 27 * 4, "{}", expected.len());
    assert_eq!(&ids[written..], expected);
}

#[test]
fn the_committed_files_hold_seven_families_of_eight_attempts_at_least() {
    let committed = rehearsal::load(&root()).unwrap();
    let families: Vec<&str> = committed
        .attacks
        .iter()
        .map(|file| file.family.as_str())
        .collect();
    let defined: BTreeSet<&str> = FAMILIES.iter().map(|family| family.id).collect();
    assert_eq!(families, defined.into_iter().collect::<Vec<_>>());
    assert_eq!(families.len(), 7);
    for file in &committed.attacks {
        assert!(file.attack.len() >= ATTEMPTS_MIN, "{}", file.family);
        let ids: BTreeSet<&str> = file.attack.iter().map(|attack| attack.id.as_str()).collect();
        assert_eq!(
            ids.len(),
            file.attack.len(),
            "{}: an id stands twice",
            file.family
        );
    }
}
