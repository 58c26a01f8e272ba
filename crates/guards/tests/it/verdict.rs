//! Each condition of the table, with the nearest row that stays green.

use guards::{CommittedFiles, Condition, Fixture, Inputs, ProbeRow, Verdict, judge};

fn sound() -> ProbeRow {
    ProbeRow::new("exact_set", 27, 27, 27, vec![])
}

#[track_caller]
fn red(rows: &[ProbeRow], condition: Condition) {
    let Verdict::Fail(findings) = judge(["exact_set"], rows) else {
        panic!("expected {condition:?}, but the guard is green over {rows:?}");
    };
    let met: Vec<Condition> = findings.iter().map(|finding| finding.condition).collect();
    assert_eq!(met, [condition], "{findings:?}");
}

#[test]
fn a_sound_row_passes_and_says_how_many_it_examined() {
    assert_eq!(judge(["exact_set"], &[sound()]), Verdict::Pass { examined: 27 });
}

#[test]
fn no_rows_at_all_fail() {
    red(&[], Condition::ProbeMissing);
}

#[test]
fn a_guard_without_declared_probes_fails() {
    assert_eq!(judge([], &[]).word(), "fail");
}

#[test]
fn a_probe_that_nobody_declared_fails() {
    red(
        &[sound(), ProbeRow::new("extra", 1, 1, 1, vec![])],
        Condition::ProbeUndeclared,
    );
}

#[test]
fn a_probe_returned_twice_fails() {
    red(&[sound(), sound()], Condition::ProbeRepeated);
}

#[test]
fn a_null_in_any_column_fails() {
    red(
        &[ProbeRow {
            expected: None,
            ..sound()
        }],
        Condition::ColumnNull,
    );
    red(
        &[ProbeRow {
            realized: None,
            ..sound()
        }],
        Condition::ColumnNull,
    );
    red(
        &[ProbeRow {
            population: None,
            ..sound()
        }],
        Condition::ColumnNull,
    );
    red(
        &[ProbeRow {
            offenders: None,
            ..sound()
        }],
        Condition::ColumnNull,
    );
    red(
        &[
            sound(),
            ProbeRow {
                probe: None,
                ..sound()
            },
        ],
        Condition::ColumnNull,
    );
    red(
        &[ProbeRow {
            offenders: Some(vec![None]),
            ..sound()
        }],
        Condition::ColumnNull,
    );
}

#[test]
fn a_population_of_zero_fails() {
    red(
        &[ProbeRow {
            expected: Some(0),
            realized: Some(0),
            population: Some(0),
            ..sound()
        }],
        Condition::PopulationEmpty,
    );
    assert_eq!(
        judge(
            ["exact_set"],
            &[ProbeRow {
                population: Some(1),
                ..sound()
            }]
        )
        .word(),
        "pass"
    );
}

#[test]
fn a_count_off_by_one_fails() {
    red(
        &[ProbeRow {
            realized: Some(26),
            ..sound()
        }],
        Condition::CountDiffers,
    );
}

#[test]
fn an_offender_fails() {
    red(
        &[ProbeRow {
            offenders: Some(vec![Some("public.x".into())]),
            ..sound()
        }],
        Condition::OffendersPresent,
    );
}

#[test]
fn a_fixture_is_judged_by_the_same_table_and_an_unreadable_file_is_not_measured() {
    fn counts(files: &CommittedFiles) -> Result<Vec<ProbeRow>, String> {
        let bytes = files
            .get("gates.toml")
            .ok_or("`gates.toml` is not among the committed files")?;
        let lines = i64::try_from(bytes.split(|b| *b == b'\n').count()).map_err(|e| e.to_string())?;
        Ok(vec![ProbeRow::new("gates", 2, lines, lines, vec![])])
    }
    let fixture = Fixture {
        id: "G-X",
        probes: &["gates"],
        measure: counts,
    };
    let mut files = CommittedFiles::new();
    assert_eq!(fixture.run(&files).word(), "not_measured");
    files.insert("gates.toml".into(), b"one\ntwo".to_vec());
    assert_eq!(fixture.run(&files).word(), "pass");
    files.insert("gates.toml".into(), b"one".to_vec());
    assert_eq!(fixture.run(&files).word(), "fail");
}

#[test]
fn an_input_that_is_null_counts_as_missing() {
    let mut inputs = Inputs::new();
    inputs.insert("capture", &serde_json::json!({}));
    inputs.insert("packet", &serde_json::Value::Null);
    assert_eq!(
        inputs.missing(["capture", "packet", "absent"]),
        ["packet", "absent"]
    );
}

#[test]
fn a_guard_is_handed_the_inputs_that_it_declares_and_no_other() {
    let mut inputs = Inputs::new();
    inputs.insert("a \"b\"", &serde_json::json!({"c": [1, null]}));
    inputs.insert("secret", &serde_json::json!("not declared"));
    inputs.insert("gone", &serde_json::json!(1));
    let document = inputs
        .with("gone", &serde_json::Value::Null)
        .with("phase", &"S05".into())
        .document(["a \"b\"", "phase", "gone"]);
    let found: serde_json::Value = serde_json::from_str(&document).unwrap();
    assert_eq!(
        found,
        serde_json::json!({"a \"b\"": {"c": [1, null]}, "phase": "S05"})
    );
    assert_eq!(Inputs::new().document([]), "{}");
}

#[test]
fn a_literal_never_ends_early() {
    assert_eq!(guards::render_text_literal("a"), "$text$a$text$");
    assert_eq!(guards::render_text_literal("$text$"), "$text1$$text$$text1$");
}

#[test]
fn what_a_probe_finds_that_defers_is_not_measured_and_everything_else_is_red() {
    let deferred = |rows: &[ProbeRow]| judge(["seen", "exact_set"], rows).deferring(|probe| probe == "seen");
    let seen = |realized, population, offenders: &[&str]| {
        let offenders = offenders.iter().map(|name| (*name).to_owned()).collect();
        ProbeRow::new("seen", 2, realized, population, offenders)
    };
    assert_eq!(deferred(&[seen(2, 2, &[]), sound()]).word(), "pass");
    let open = deferred(&[seen(1, 2, &["a session"]), sound()]);
    assert_eq!(
        open,
        Verdict::NotMeasured("probe `seen`: offenders a session".to_owned())
    );
    // A count without a name, a population of zero, an absent probe, and another probe that is red.
    for red in [
        vec![seen(1, 2, &[]), sound()],
        vec![seen(1, 0, &["a session"]), sound()],
        vec![sound()],
        vec![
            seen(1, 2, &["a session"]),
            ProbeRow {
                realized: Some(26),
                ..sound()
            },
        ],
    ] {
        assert_eq!(deferred(&red).word(), "fail", "{red:?}");
    }
}
