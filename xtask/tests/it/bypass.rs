//! The ways around the cutover: a page for reviewers, and what a rehearsal says of one that is open.
//!
//! That each is repelled, works once opened and is seen is asserted in code; the snapshot only shows it.

use crate::rig::Repository;
use crate::tidy::root;
use fix7_manifest::bypasses::{BYPASSES, VECTORS};
use rehearsal::Outcome;
use serde_json::Value;
use std::collections::BTreeSet;

const FILE: &str = "rehearsal/bypass/vectors.toml";

/// Of the rehearsal that the negative suite is judged by, too.
pub(crate) fn every_way_is_shut_and_seen_when_it_is_open(outcome: &Outcome) {
    let bypass = outcome.bypass.as_ref().unwrap();
    let noticed = BYPASSES.iter().filter(|one| one.noticed).count();
    assert_eq!(
        (bypass.vectors, bypass.attempts, bypass.red_on_fault),
        (VECTORS.len(), BYPASSES.len(), BYPASSES.len())
    );
    assert_eq!(
        (bypass.noticed, bypass.repelled),
        (noticed, BYPASSES.len() - noticed)
    );
    let pairs = outcome.pairs.as_ref().unwrap();
    assert_eq!(pairs.at, "S19 after");
    assert_eq!(pairs.unmet, ["CAPABILITY_EVIDENCE_PRESENT"]);
    assert_eq!((pairs.gates, pairs.readiness.as_str()), (14, "BLOCKED"));
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(root().join("snapshots/bypass"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("vectors", rehearsal::render_bypasses(bypass)));
}

#[test]
fn each_way_has_a_guard_of_the_last_step_and_a_line_on_its_page() {
    let page = std::fs::read_to_string(root().join("docs/bypass.md")).unwrap();
    for vector in VECTORS {
        assert!(
            page.contains(&format!("| `{vector}` |")),
            "`docs/bypass.md` lacks `{vector}`"
        );
    }
    let ids: BTreeSet<&str> = BYPASSES.iter().map(|one| one.attempt.id).collect();
    assert_eq!(ids.len(), BYPASSES.len(), "an id stands twice");
    let committed = rehearsal::load(&root()).unwrap();
    for bypass in BYPASSES {
        let guard = committed.guards.values().find(|guard| guard.id == bypass.guard);
        let probes: Vec<&str> = guard
            .unwrap()
            .probes
            .iter()
            .map(|probe| probe.name.as_str())
            .collect();
        assert!(
            probes.contains(&bypass.probe),
            "{}: {probes:?}",
            bypass.attempt.id
        );
    }
}

/// Codes of the findings of a rehearsal of these ways alone, with the file edited.
fn found(edits: &[(&str, &str)]) -> Vec<String> {
    let repository = Repository::copy();
    let before = rehearsal::sha256_hex(repository.read(FILE).as_bytes());
    for (from, to) in edits {
        repository.edit(FILE, from, to);
    }
    let after = rehearsal::sha256_hex(repository.read(FILE).as_bytes());
    repository.edit("rehearsal/plan.toml", &before, &after);
    let ended = repository.run(&[
        "rehearse",
        "--postgres",
        "local",
        "--only",
        "G-UNKNOWN-ZERO",
        "--format",
        "json",
    ]);
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    let json = ended.json();
    let codes = json["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["code"]);
    codes.filter_map(Value::as_str).map(str::to_owned).collect()
}

#[test]
fn a_way_that_is_open_unseen_or_none_is_told() {
    assert_eq!(found(&[("", "")]), Vec::<String>::new());
    assert_eq!(
        found(&[
            // Open from the start.
            (
                "with (security_invoker = true)",
                "with (security_invoker = false)"
            ),
            // Nothing that the server lets pass has an effect.
            (
                "select set_config('attack.loot', public.qt001_is_ready(1)::text, true)",
                "select public.qt001_is_ready(1)"
            ),
        ]),
        ["BYPASS_SUCCEEDED", "ARRANGE_FAILED"]
    );
    assert_eq!(
        found(&[
            // Opened, it is still shut.
            ("set (security_invoker = false)", "set (security_invoker = true)"),
            // No probe of this name turns red.
            ("probe = \"objects_classified\"", "probe = \"classes_single\""),
        ]),
        ["BYPASS_UNSEEN", "ATTACK_TWIN_REPELLED"]
    );
    assert_eq!(
        found(&[("step = \"S19\"", "step = \"S20\"")]),
        ["BYPASS_NOT_MADE"]
    );
}
