//! Why a guard could not be measured here: no subject, a document that nobody handed in, a stage that is not reached.

use guards::{Inputs, Stage, Verdict};
use rehearsal::Committed;

use super::{Arguments, Asked, rehearsed, remembered};
use crate::exit::CommandError;
use crate::rehearse::root;

/// Puts in place of a verdict that nobody could give what it is not applicable to, what a rehearsal on the same capture
/// says, or what must be handed over.
pub(super) fn say_what_was_missing(
    asked: &mut Asked,
    arguments: &Arguments,
    committed: &Committed,
    inputs: &Inputs,
    stage: Stage,
    no_subject: Option<&str>,
) -> Result<(), CommandError> {
    let rehearsed = match (&arguments.rehearsed, &arguments.capture) {
        (Some(path), Some(name)) => {
            let captured = crate::capture::named_capture(&root(), name)?;
            Some(rehearsed::Rehearsed::read(path, &captured)?)
        }
        _ => None,
    };
    let of_capture = |key: &str| {
        let mut documents = committed.inputs.iter();
        documents.any(|(known, value)| known == key && value.get("capture_sha256").is_some())
    };
    for one in &mut asked.measured {
        let guards = committed.guards.values();
        let Some(guard) = guards.into_iter().find(|guard| guard.id == one.id) else {
            continue;
        };
        let missing: Vec<&str> = inputs
            .missing(guard.inputs_due(stage, Some(&arguments.moment)))
            .into_iter()
            // Told by whoever asks: the step, and what the views say.
            .filter(|key| !["phase", guards::VIEWS].contains(key))
            .collect();
        let lacks_stage = guard.select(stage).is_none();
        // What was true after a way back is known to who walked it.
        let of_rollback = |key: &&str| {
            let mut at = remembered::measured_at(committed, key).peekable();
            at.peek().is_some() && at.all(|(_, moment)| moment == "rollback")
        };
        let subject_is_lacking =
            lacks_stage || missing.iter().any(|key| of_capture(key)) || ranged_over_nothing(&one.verdict);
        if let Some(fact) = no_subject.filter(|_| subject_is_lacking) {
            one.verdict = Verdict::NotMeasured(format!("not applicable: {fact}"));
        } else if lacks_stage || (!missing.is_empty() && missing.iter().all(of_rollback)) {
            one.verdict = match &rehearsed {
                Some(rehearsed) => {
                    asked.rehearsed.insert((one.id.clone(), one.step.clone()));
                    rehearsed.verdict(one, &arguments.moment)
                }
                None => Verdict::NotMeasured(format!(
                    "it ranges over {}: give --capture NAME and --rehearsed FILE, the outcome of `cargo xtask rehearse \
                     --estate DUMP --capture NAME --format json` on a dump of this database",
                    if lacks_stage {
                        "rows of the control plane, which is not here yet"
                    } else {
                        "what was true after a way back, which this database did not go"
                    }
                )),
            };
        } else if !missing.is_empty() {
            let lines = missing.iter().map(|key| {
                let how = how_to_give(key, committed, of_capture(key), &one.step);
                format!("it must be told `{key}`: {how}")
            });
            one.verdict = Verdict::NotMeasured(lines.collect::<Vec<_>>().join("; "));
        }
    }
    Ok(())
}

/// Whether all that it found is that there was nothing to look at, or a relation to look at is not there.
fn ranged_over_nothing(verdict: &Verdict) -> bool {
    match verdict {
        Verdict::Pass { .. } => false,
        Verdict::Fail(findings) => findings
            .iter()
            .all(|finding| finding.condition == guards::Condition::PopulationEmpty),
        Verdict::NotMeasured(why) => why.starts_with("SQL error: 42P01"),
    }
}

/// What gives an input that is missing.
fn how_to_give(key: &str, committed: &Committed, of_capture: bool, step: &str) -> String {
    if of_capture {
        return "--capture NAME, which `cargo xtask capture URL --name NAME` took of this database"
            .to_owned();
    }
    if key == "dot" {
        return "--dot DIR, the folder of the scripts".to_owned();
    }
    // The last moment up to the step that is asked, else the first at all.
    let at: Vec<(&str, &str)> = remembered::measured_at(committed, key).collect();
    let until = at.iter().rev().find(|(of, _)| *of <= step).or(at.first());
    match until {
        Some((of, moment)) => format!(
            "--remembered FILE, which `cargo xtask guards URL --phase {of} --moment {moment} --remember FILE` wrote at that moment"
        ),
        None => "nothing on this machine has it".to_owned(),
    }
}
