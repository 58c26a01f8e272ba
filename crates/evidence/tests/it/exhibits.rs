//! Lists: made to fit an outcome, and refused for each single thing that is changed in them.
//!
//! The one fact to know: a changed list is sealed anew, so what refuses it is what it says.

use crate::{built, document, expect, outcome};
use canonical::{ItemLine, Value as Typed, h01, h02, h03, h05};
use evidence::{
    AcceptedLine, AttackLine, ChainLine, Code, Exhibits, FingerprintLine, Folder, GuardLine, HashLine,
    MutantLine, ProbeLine, RejectionLine, ReversalLine, resealed, verify,
};
use serde_json::{Value, json};

/// Lists with as many lines as the outcome counts.
pub(crate) fn exhibits(outcome: &Value) -> Exhibits {
    let number = |pointer: &str| {
        let found = outcome.pointer(pointer).and_then(Value::as_u64).unwrap_or(0);
        usize::try_from(found).unwrap()
    };
    let mutants = |of: &str, total: usize, end: &str| -> Vec<MutantLine> {
        let line = |number| MutantLine {
            of: of.to_owned(),
            id: format!("{of} {number}"),
            end: end.to_owned(),
            // Told by a test, and the last by a row.
            by: match (of, number) {
                ("weakened", 2) => "row 1".to_owned(),
                ("weakened", _) => format!("test {number}"),
                _ => String::new(),
            },
            ..MutantLine::default()
        };
        (0..total).map(line).collect()
    };
    let causes = number("/mutants/schema/total");
    let rejection = |number: usize| RejectionLine {
        id: format!("test {number}"),
        cause: format!("schema {}", number % causes),
        twin_accepted: true,
        rejected: true,
        sole_cause: true,
        fingerprint: Some(FingerprintLine::default()),
        ..RejectionLine::default()
    };
    let accepted = number("/negatives/accepted");
    let row = |number: usize| AcceptedLine {
        id: format!("row {number}"),
        accepted: number < accepted,
        ..AcceptedLine::default()
    };
    let rows = (0..number("/negatives/accepted_rows")).map(row).collect();
    let attack = AttackLine::default();
    Exhibits {
        accepted: rows,
        attacks: vec![attack; number("/attacks/attempts")],
        chain: outcome["packages"]
            .as_array()
            .unwrap()
            .iter()
            .map(package)
            .collect(),
        guards: outcome["guards"]["runs"]
            .as_array()
            .unwrap()
            .iter()
            .map(guard)
            .collect(),
        hashes: hashes(),
        mutants: [
            mutants("guards", number("/mutants/guards/killed"), "killed"),
            mutants("manifest", number("/mutants/manifest/killed"), "killed"),
            mutants("schema", number("/mutants/schema/killed"), "killed"),
            mutants("weakened", number("/mutants/schema/weakened/killed"), "killed"),
            ended("catalog_alone", number("/mutants/schema/weakened/catalog_alone")),
            ended("by_accident", number("/mutants/schema/weakened/by_accident")),
            ended("survived", number("/mutants/schema/weakened/survivors")),
        ]
        .concat(),
        rejections: (0..number("/negatives/tests")).map(rejection).collect(),
        reversal: reversal(outcome),
        ..Exhibits::default()
    }
}

/// Weakened objects that no test tells.
fn ended(end: &str, total: usize) -> Vec<MutantLine> {
    let line = |number| MutantLine {
        of: "weakened".to_owned(),
        id: format!("{end} {number}"),
        end: end.to_owned(),
        ..MutantLine::default()
    };
    (0..total).map(line).collect()
}

fn package(package: &Value) -> ChainLine {
    ChainLine {
        id: package["id"].as_str().unwrap().to_owned(),
        ..ChainLine::default()
    }
}

fn guard(run: &Value) -> GuardLine {
    let text = |key: &str| run[key].as_str().unwrap().to_owned();
    GuardLine {
        guard: text("guard"),
        step: text("step"),
        moment: text("moment"),
        verdict: text("verdict"),
        probes: vec![ProbeLine {
            probe: Some("p".to_owned()),
            expected: Some(1),
            realized: Some(1),
            population: Some(1),
            offenders: Some(vec![]),
        }],
        reasons: vec![],
    }
}

fn line(contract: &str, subject: &str, input: Value, sha256: &impl ToString) -> HashLine {
    HashLine {
        contract: contract.to_owned(),
        subject: subject.to_owned(),
        input,
        sha256: sha256.to_string(),
    }
}

/// One surface of one item from H01 to H03, and a committed vector of each other contract.
fn hashes() -> Vec<HashLine> {
    let item = h01(9, &[("item_key", Typed::Text("k".to_owned()))]).unwrap();
    let payload = h02(&[ItemLine {
        ordinal: 1,
        item_key: "k",
        digest: item,
    }])
    .unwrap();
    let expected = h05(&["k"]).unwrap();
    let envelope = h03(9, 1, 1, payload, expected).unwrap();
    let mut lines = vec![
        line("H01", "09 k", json!([9, [["item_key", "text", "k"]]]), &item),
        line(
            "H02",
            "09 payload",
            json!([[[1, "k", item.to_string()]]]),
            &payload,
        ),
        line(
            "H03",
            "09 envelope",
            json!([9, 1, 1, payload.to_string(), expected.to_string()]),
            &envelope,
        ),
        line("H05", "09 expected items", json!([["k"]]), &expected),
    ];
    let vectors: Value =
        serde_json::from_str(include_str!("../../../canonical/vectors/vectors.json")).unwrap();
    for contract in ["H04", "H06 view", "H07"] {
        let vectors = vectors["contracts"].as_array().unwrap();
        let vector = vectors.iter().find(|one| one["contract"] == contract).unwrap();
        let mut input = vector["input"].clone();
        if let Some(kind) = contract.strip_prefix("H06 ") {
            input.as_array_mut().unwrap().insert(0, json!(kind));
        }
        let sha256 = vector["sha256"].as_str().unwrap();
        lines.push(line(&contract[..3], contract, input, &sha256));
    }
    lines
}

fn reversal(outcome: &Value) -> Vec<ReversalLine> {
    let applied = outcome.pointer("/rollback/after_apply").and_then(Value::as_str);
    let line = |way: &str, step: &str, does: &str, state: Option<&str>| ReversalLine {
        way: way.to_owned(),
        package: "PKG-A".to_owned(),
        step: step.to_owned(),
        does: does.to_owned(),
        files: 1,
        state: state.map(str::to_owned),
        expected: None,
    };
    vec![
        line("apply", "S01", "up", Some("one")),
        line("apply", "S02", "up", applied),
        ReversalLine {
            expected: Some("one".to_owned()),
            ..line("draft", "S02", "down", Some("one"))
        },
        line("draft", "S01", "down", None),
        line("sealed", "S02", "down", None),
        line("sealed", "S01", "down", None),
    ]
}

fn sound() -> Folder {
    built(outcome(1)).unwrap()
}

/// A sound packet with `from` replaced once in a file, sealed anew.
#[track_caller]
fn with(name: &str, from: &str, to: &str) -> Folder {
    let mut folder = sound();
    let text = String::from_utf8(folder.files[name].clone()).unwrap();
    assert!(text.contains(from), "`{name}` holds no `{from}`");
    folder
        .files
        .insert(name.to_owned(), text.replacen(from, to, 1).into_bytes());
    resealed(folder).unwrap()
}

#[test]
fn a_packet_with_lists_that_fit_verifies_and_says_what_was_recomputed() {
    let folder = sound();
    expect(&folder, &[]);
    let columns = verify(&folder).columns;
    let recomputed = columns.recomputed.join("\n");
    for what in [
        "7 digests of H01 to H07",
        "migration-rehearsal.intoto.json",
        "counts of outcome.json",
    ] {
        assert!(recomputed.contains(what), "no `{what}`: {recomputed}");
    }
    assert!(
        columns
            .believed
            .iter()
            .all(|line| line.starts_with("environment.json"))
    );
}

#[test]
fn each_changed_list_is_refused_with_its_code() {
    for (name, from, to, code) in [
        (
            "rejections.jsonl",
            "\"rejected\":true",
            "\"rejected\":false",
            Code::ExhibitDiffers,
        ),
        (
            "rejections.jsonl",
            "\"sole_cause\":true",
            "\"sole_cause\":false",
            Code::ExhibitDiffers,
        ),
        (
            "mutants.jsonl",
            "\"killed\"",
            "\"survived\"",
            Code::ExhibitDiffers,
        ),
        (
            "accepted.jsonl",
            "\"accepted\":true",
            "\"accepted\":false",
            Code::ExhibitDiffers,
        ),
        ("accepted.jsonl", "row 1", "row 2", Code::ExhibitDiffers),
        ("accepted.jsonl", "null", "\"refused\"", Code::ExhibitDiffers),
        (
            "mutants.jsonl",
            "\"catalog_alone\"",
            "\"killed\"",
            Code::ExhibitDiffers,
        ),
        (
            "mutants.jsonl",
            "\"catalog_alone\"",
            "\"by_accident\"",
            Code::ExhibitDiffers,
        ),
        (
            "mutants.jsonl",
            "\"catalog_alone 0\"",
            "\"catalog_alone 1\"",
            Code::ExhibitDiffers,
        ),
        (
            "mutants.jsonl",
            "\"by\":\"row 1\"",
            "\"by\":\"row 9\"",
            Code::ExhibitDiffers,
        ),
        (
            "mutants.jsonl",
            "\"id\":\"schema 7\"",
            "\"id\":\"schema 8\"",
            Code::ExhibitDiffers,
        ),
        (
            "guards.jsonl",
            "\"realized\":1",
            "\"realized\":2",
            Code::ExhibitDiffers,
        ),
        (
            "guards.jsonl",
            "\"population\":1",
            "\"population\":0",
            Code::ExhibitDiffers,
        ),
        (
            "guards.jsonl",
            "\"offenders\":[]",
            "\"offenders\":[\"x\"]",
            Code::ExhibitDiffers,
        ),
        (
            "guards.jsonl",
            "\"expected\":1",
            "\"expected\":null",
            Code::ExhibitDiffers,
        ),
        (
            "guards.jsonl",
            "\"verdict\":\"pass\"",
            "\"verdict\":\"fail\"",
            Code::ExhibitDiffers,
        ),
        ("chain.jsonl", "PKG-A", "PKG-Z", Code::ExhibitDiffers),
        (
            "reversal.jsonl",
            "\"expected\":\"one\"",
            "\"expected\":\"two\"",
            Code::ExhibitDiffers,
        ),
        (
            "reversal.jsonl",
            "\"way\":\"sealed\",\"package\":\"PKG-A\",\"step\":\"S02\"",
            "\"way\":\"sealed\",\"package\":\"PKG-A\",\"step\":\"S03\"",
            Code::ExhibitDiffers,
        ),
        (
            "hashes.jsonl",
            "\"text\",\"k\"",
            "\"text\",\"l\"",
            Code::HashDiffers,
        ),
        (
            "hashes.jsonl",
            "\"subject\":\"09 k\"",
            "\"subject\":\"09 l\"",
            Code::HashDiffers,
        ),
        ("hashes.jsonl", "[[\"k\"]]", "[[\"k\",\"m\"]]", Code::HashDiffers),
        ("guards.jsonl", "{\"guard\"", "{ \"guard\"", Code::NotCanonical),
        (
            "guards.jsonl",
            "{\"guard\"",
            "{\"new\":1,\"guard\"",
            Code::DocumentMalformed,
        ),
        (
            "guards.jsonl",
            "{\"guard\":",
            "{\"guard\":\"twice\",\"guard\":",
            Code::DocumentMalformed,
        ),
    ] {
        let report = verify(&with(name, from, to));
        let first = report.refusals.first().map(|refusal| refusal.code);
        assert_eq!(first, Some(code), "{name}, {from}: {:#?}", report.refusals);
    }
}

#[test]
fn a_list_without_its_last_line_end_is_refused() {
    let mut folder = sound();
    folder.files.get_mut("chain.jsonl").unwrap().pop();
    expect(&resealed(folder).unwrap(), &[Code::NotCanonical]);
}

#[test]
fn a_swapped_order_is_noticed() {
    let swapped = |text: &str| {
        let mut lines: Vec<&str> = text.lines().collect();
        lines.swap(2, 3);
        format!("{}\n", lines.join("\n"))
    };
    let mut folder = sound();
    let text = String::from_utf8(folder.files["reversal.jsonl"].clone()).unwrap();
    let changed = swapped(&text);
    assert_ne!(text, changed);
    folder
        .files
        .insert("reversal.jsonl".to_owned(), changed.into_bytes());
    expect(&resealed(folder).unwrap(), &[Code::ExhibitDiffers]);
}

#[test]
fn a_list_that_is_not_there_is_missing_in_this_version() {
    let mut folder = sound();
    folder.files.remove("hashes.jsonl");
    expect(&resealed(folder).unwrap(), &[Code::FileNotListed]);
    let mut folder = sound();
    folder.files.remove("test-result.intoto.json");
    expect(&folder, &[Code::FileMissing]);
}

#[test]
fn statements_follow_from_the_tree_and_any_other_is_refused() {
    let folder = sound();
    let statement = document(&folder, "test-result.intoto.json");
    assert_eq!(statement["_type"], "https://in-toto.io/Statement/v1");
    assert_eq!(
        statement["predicateType"],
        "https://in-toto.io/attestation/test-result/v0.1"
    );
    assert_eq!(statement["predicate"]["result"], "PASSED");
    let tree = document(&folder, "packet.json")["tree_sha256"].clone();
    let own = document(&folder, "migration-rehearsal.intoto.json");
    assert_eq!(own["predicateType"], evidence::MIGRATION_REHEARSAL);
    assert_eq!(own["predicate"]["packet"]["tree_sha256"], tree);
    assert!(own["subject"].as_array().unwrap().len() >= 3, "{own:#}");
    for (name, from, to) in [
        ("test-result.intoto.json", "PASSED", "FAILED"),
        (
            "migration-rehearsal.intoto.json",
            "\"findings\": 0",
            "\"findings\": 1",
        ),
    ] {
        let mut changed = sound();
        let text = String::from_utf8(changed.files[name].clone()).unwrap();
        assert!(text.contains(from), "{text}");
        changed
            .files
            .insert(name.to_owned(), text.replace(from, to).into_bytes());
        expect(&changed, &[Code::StatementDiffers]);
    }
}

#[test]
fn what_was_not_measured_has_not_passed_in_a_statement_either() {
    let mut found = outcome(1);
    found["verdict"] = json!("not_measured");
    let statement = document(&built(found).unwrap(), "test-result.intoto.json");
    assert_eq!(statement["predicate"]["result"], "FAILED");
}
