//! The loader: a sound file, and files that differ from it in one line.

use guards::{Guard, LoadError, Stage};

const SOUND: &str = "\
-- guard: G-TINY
-- invariant: every row is counted
-- why: a row that nobody counts
--   is a row that nobody misses
-- probe: rows_counted \"all rows\"
-- input: phase the step

-- stage: control-plane
select 1;
";

#[test]
fn a_sound_file_loads() {
    let guard = Guard::parse(SOUND).unwrap();
    assert_eq!(guard.id, "G-TINY");
    assert_eq!(guard.why, "a row that nobody counts is a row that nobody misses");
    assert_eq!(guard.probes[0].name, "rows_counted");
    assert_eq!(guard.probes[0].clause, "\"all rows\"");
    assert_eq!(guard.inputs[0].name, "phase");
    assert_eq!(guard.select(Stage::ControlPlane), Some("select 1"));
    assert_eq!(guard.select(Stage::NoControlPlane), None);
}

#[track_caller]
fn refused(from: &str, to: &str, error: &LoadError) {
    assert!(SOUND.contains(from));
    assert_eq!(Guard::parse(&SOUND.replace(from, to)).err().as_ref(), Some(error));
}

#[test]
fn a_file_that_differs_in_one_line_is_refused_by_name() {
    refused("-- guard: G-TINY\n", "", &LoadError::Missing("guard"));
    refused(
        "-- probe: rows_counted \"all rows\"\n",
        "",
        &LoadError::Missing("probe"),
    );
    refused(
        "-- probe:",
        "-- prob:",
        &LoadError::UnknownKey {
            line: 5,
            key: "prob".into(),
        },
    );
    refused(
        "control-plane",
        "later",
        &LoadError::UnknownStage {
            line: 8,
            stage: "later".into(),
        },
    );
    refused(
        "-- stage: control-plane\n",
        "",
        &LoadError::SqlBeforeStage { line: 8 },
    );
    refused(
        "select 1;",
        "-- select 1",
        &LoadError::EmptyStage("control-plane".into()),
    );
    refused(
        "-- input:",
        "-- probe: rows_counted\n-- input:",
        &LoadError::Twice {
            what: "probe",
            name: "rows_counted".into(),
        },
    );
}

#[test]
fn an_input_below_a_stage_is_asked_for_at_that_stage_alone() {
    let guard = Guard::parse(
        "-- guard: G-X\n-- invariant: i\n-- why: w\n-- probe: p clause\n-- input: both what\n\
         -- stage: no-control-plane\n-- input: early what\nselect 1\n-- stage: control-plane\nselect 2\n",
    )
    .unwrap();
    let keys = |stage| guard.inputs_at(stage).collect::<Vec<_>>();
    assert_eq!(keys(Stage::NoControlPlane), ["both", "early"]);
    assert_eq!(keys(Stage::ControlPlane), ["both"]);
}

#[test]
fn an_input_of_a_moment_is_needed_then_alone() {
    let guard = Guard::parse(&SOUND.replace(
        "-- input: phase the step",
        "-- input: phase the step\n-- input: views@rollback what",
    ));
    let guard = guard.unwrap();
    let due = |moment| guard.inputs_due(Stage::ControlPlane, moment).collect::<Vec<_>>();
    assert_eq!(due(Some("rollback")), ["phase", "views"]);
    assert_eq!(due(Some("after")), ["phase"]);
    assert_eq!(due(None), ["phase"]);
}

#[test]
fn a_probe_that_defers_is_declared_and_says_until_what() {
    let with = |line: &str| Guard::parse(&SOUND.replace("-- input:", &format!("{line}\n-- input:")));
    let until = with("-- unmeasured: rows_counted until wait").unwrap();
    assert_eq!(until.waits().collect::<Vec<_>>(), ["wait"]);
    let never = with("-- unmeasured: rows_counted").unwrap();
    assert_eq!(never.deferred[0].probe, "rows_counted");
    assert_eq!(never.waits().count(), 0);
    for wrong in ["rows", "rows_counted when wait", "rows_counted until", ""] {
        let refused = with(&format!("-- unmeasured: {wrong}"));
        assert_eq!(
            refused.err(),
            Some(LoadError::Unmeasured(wrong.to_owned())),
            "{wrong}"
        );
    }
    let twice = with("-- unmeasured: rows_counted\n-- unmeasured: rows_counted until wait");
    assert!(twice.is_err(), "{twice:?}");
}
