//! The negative suite on the committed plan: every test rejected for its cause, one snapshot a
//! table for reviewers.
//!
//! The class is asserted here, in code; the snapshot only shows it. So accepting a snapshot can
//! never bless a rejection for another cause.

use crate::majors::committed_for;
use crate::sources::{REFERENCE_CAPTURE, load_capture};
use rehearsal::{Outcome, Status};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use throwaway_postgres::Options;

/// The rows of #20, and what holds their digests; beside them only the operators' packets
/// differ, and everything else is what is committed.
const ROWS_OF_A_MAJOR: [&str; 12] = [
    "migrations/negative/authority_scope_manifest.toml",
    "rehearsal/inputs/classification.json",
    "rehearsal/inputs/legacy_set.json",
    "rehearsal/inputs/select_set.json",
    "rehearsal/inputs/writer_path.json",
    "rehearsal/mutants/authority_scope_manifest.toml",
    "rehearsal/plan.toml",
    "rehearsal/steps/12_seal.toml",
    "rehearsal/steps/14_activate.toml",
    "seeds/09120_authority_scope_manifest.down.sql",
    "seeds/09120_authority_scope_manifest.up.sql",
    "seeds/index.toml",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .map(Path::to_owned)
        .expect("the workspace's root")
}

async fn rehearse() -> Outcome {
    let committed = rehearsal::load(&root()).expect("the committed plan loads");
    let started = rehearsal::start(&Options::for_tests(), &committed, &mut ())
        .await
        .expect("a server");
    let committed = committed_for(started.server(), &root(), committed)
        .await
        .expect("rows for the server's major");
    started
        .rehearse_on_two(&Options::for_tests(), &Arc::new(committed), &[], &mut ())
        .await
        .expect("the rehearsal ends with an outcome")
}

/// A packet holds the set's digests: each one is made anew for another major, none for this one.
fn demand_rows_of_a_major(authored: &[String], another_major: bool) {
    let (packets, rows): (Vec<&str>, Vec<&str>) = authored
        .iter()
        .map(String::as_str)
        .partition(|path| path.starts_with("rehearsal/packages/"));
    let packages: BTreeSet<&str> = packets.iter().filter_map(|path| path.split('/').nth(2)).collect();
    let (expected_rows, expected_packages): (&[&str], BTreeSet<&str>) = if another_major {
        let operators = ["PKG-E", "PKG-F", "PKG-G", "PKG-H"];
        (&ROWS_OF_A_MAJOR, operators.into())
    } else {
        (&[], BTreeSet::new())
    };
    assert_eq!(rows, expected_rows);
    assert_eq!(packages, expected_packages);
}

#[tokio::test]
async fn every_negative_test_is_rejected_for_its_cause() {
    let outcome = Box::pin(rehearse()).await;
    let red: Vec<_> = outcome
        .findings
        .iter()
        .map(|finding| (&finding.code, &finding.message, &finding.details))
        .collect();
    assert!(red.is_empty(), "{} findings, the first: {:#?}", red.len(), red[0]);
    let captured = load_capture(&root(), REFERENCE_CAPTURE).unwrap().unwrap();
    demand_rows_of_a_major(
        &outcome.authored_for_server,
        outcome.postgres.major != captured.server_major(),
    );
    let counts = &outcome.negatives;
    assert!(counts.tests > 0);
    assert_eq!(
        (
            counts.accepted_twins,
            counts.rejected,
            counts.sole_cause,
            counts.arrange_failed
        ),
        (counts.tests, counts.tests, counts.tests, 0)
    );
    assert_eq!(counts.uncovered, Some(0));
    let mutants = outcome
        .mutants
        .schema
        .as_ref()
        .expect("schema mutants are measured");
    assert!(mutants.total > 1000, "{mutants:?}");
    let weakened = &mutants.weakened;
    assert!(
        weakened.killed > 800 && weakened.catalog_alone > 0,
        "{weakened:?}"
    );
    assert_eq!(
        (
            weakened.killed + weakened.catalog_alone,
            weakened.by_accident,
            weakened.survivors
        ),
        (weakened.total, 0, 0)
    );
    assert!(counts.accepted_rows > 300, "{counts:?}");
    assert_eq!(counts.accepted, counts.accepted_rows);
    let faults = outcome
        .mutants
        .guards
        .as_ref()
        .expect("guard mutants are measured");
    assert!(faults.total >= 105 && faults.near_misses > 0, "{faults:?}");
    assert_eq!((faults.killed, faults.survivors), (faults.total, 0));
    let guards = &outcome.guards;
    assert_eq!((guards.total, guards.red), (35, 0));
    assert_eq!(guards.runs.len(), fix7_manifest::FIX7.guard_cells().len());
    let waiting: BTreeSet<&str> = fix7_manifest::FIX7
        .rehearsal
        .waits
        .iter()
        .map(|wait| wait.0)
        .collect();
    // The fixtures over files are not handed to this rehearsal.
    let fixtures = fix7_manifest::FIX7
        .rehearsal
        .fixtures
        .iter()
        .map(|fixture| fixture.1);
    let unmeasured: BTreeSet<&str> = waiting.into_iter().chain(fixtures).collect();
    assert_eq!(
        guards.not_measured,
        unmeasured.len(),
        "only what waits is not measured"
    );
    assert_eq!((mutants.killed, mutants.survivors), (mutants.total, 0));
    let manifest = outcome.mutants.manifest.as_ref();
    let manifest = manifest.expect("manifest mutants are measured");
    assert!(manifest.total > 1000, "{manifest:?}");
    assert_eq!(
        (manifest.killed + manifest.equivalent, manifest.survivors),
        (manifest.total, 0)
    );
    assert!(outcome.ways_back.iter().all(|way| way.verdict == Status::Pass));
    let kinds: Vec<&str> = outcome.ways_back.iter().map(|way| way.kind).collect();
    assert_eq!(kinds, ["draft", "sealed", "activated"]);
    let different: Vec<_> = outcome
        .worlds
        .iter()
        .filter(|world| world.expected != world.realized)
        .collect();
    assert!(
        !outcome.worlds.is_empty() && different.is_empty(),
        "{different:?}"
    );
    crate::access::demand_reviewed_matrix(&outcome);

    crate::attacks::every_attack_is_repelled_by_its_shield(&outcome);
    crate::bypass::every_way_is_shut_and_seen_when_it_is_open(&outcome);
    let folder = root().join("snapshots/negative");
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(&folder);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let mut expected = BTreeSet::new();
    for spec in &outcome.specs {
        let table = rehearsal::render_table(spec);
        settings.bind(|| insta::assert_snapshot!(spec.table.as_str(), table));
        expected.insert(format!("{}.snap", spec.table));
    }
    let found: BTreeSet<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| Path::new(name).extension().is_some_and(|kind| kind == "snap"))
        .collect();
    assert_eq!(found, expected, "a snapshot without a spec, or the reverse");
}
