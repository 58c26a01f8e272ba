//! What a guard begins with: its file in the probe contract, its cases, its line in the registry, its clause.
//!
//! The one fact to know: the SELECT that is written is red in each column, so the guard is red wherever somebody asks
//! it before it is written, and `author` takes neither file while it holds an open question.

use super::{Count, Edit, Skeleton};
use crate::exit::CommandError;
use authoring::plan::{case_path, guard_path};
use fix7_manifest::FIX7;
use manifest_model::validate::UNDECIDED;
use std::path::Path;

const REGISTRY: &str = "crates/fix7-manifest/src/guards.rs";
const CLAUSES: &str = "docs/guards-source.md";
const PROBE: &str = "unknown_requires_review";
const CLAUSE: &str = "which clause of the rule does this probe measure?";
/// As long as a name of the catalog may be, whose rules its files follow.
const ID_BYTES_MAX: usize = manifest_model::validate::NAME_BYTES_MAX;

pub(super) fn skeleton(id: &str, root: &Path) -> Result<Skeleton, CommandError> {
    demand_an_id(id)?;
    let is_registered = FIX7.guards.iter().any(|guard| guard.id == id);
    let mut files = vec![(guard_path(id), file(id)), (case_path(id), cases(id))];
    if is_registered {
        // The registry has it, so only what is gone of it is begun again.
        let all: Vec<String> = files.iter().map(|(path, _)| format!("`{path}`")).collect();
        files.retain(|(path, _)| root.join(path).symlink_metadata().is_err());
        if files.is_empty() {
            return Err(CommandError::Usage(format!(
                "guard `{id}` is there already, in {}, and is left as it is",
                all.join(" and ")
            )));
        }
    }
    let (mut edits, mut counts) = (Vec::new(), Vec::new());
    if !is_registered {
        edits = entered(id, root)?;
        counts.push(count());
    }
    Ok(Skeleton {
        next: next(id, is_registered, &files),
        files,
        edits,
        counts,
    })
}

fn demand_an_id(id: &str) -> Result<(), CommandError> {
    let words = id.strip_prefix("G-").map(|rest| rest.split('-'));
    let is_word = |word: &str| {
        !word.is_empty()
            && word
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    };
    if id.len() <= ID_BYTES_MAX && words.is_some_and(|mut words| words.all(is_word)) {
        return Ok(());
    }
    Err(CommandError::Usage(format!(
        "expected the id of a guard, `G-` and words of capital letters and digits with `-` between them, at most {ID_BYTES_MAX} bytes; found `{}`",
        evidence::escaped(id)
    )))
}

fn file(id: &str) -> String {
    format!(
        "-- guard: {id}
-- invariant: {UNDECIDED}: what always holds, in one sentence?
-- why: {UNDECIDED}: what would be lost without it?
-- probe: {PROBE} {UNDECIDED}: {CLAUSE}
-- stage: control-plane
-- Red until it is written: nothing is as expected, nothing was looked at, and the offender says why.
select '{PROBE}' as probe, 1::bigint as expected, 0::bigint as realized, 0::bigint as population,
  array['{UNDECIDED}'] as offenders;
"
    )
}

fn cases(id: &str) -> String {
    let at = format!("step = \"{UNDECIDED}: at which step is it due?\"");
    let fault = |sql: &str, rest: &str| {
        format!("\n[[fault]]\nprobe = \"{PROBE}\"\n{at}\nsql = \"{UNDECIDED}: {sql}\"\n{rest}\n")
    };
    let names = format!("names = [\"{UNDECIDED}: which offender, and no other?\"]");
    [
        format!("# What {id} must see, and what it must pass.\nformat_version = 1\nguard = \"{id}\"\n"),
        fault("which statement breaks the rule?", &names),
        fault("which statement breaks it in another way?", &names),
        fault("which statement leaves it nothing to look at?", "vacuity = true"),
        format!(
            "\n[[near_miss]]\n{at}\nsql = \"{UNDECIDED}: which statement comes near, and breaks nothing?\"\n"
        ),
    ]
    .concat()
}

/// The lines of registry and clauses.
fn entered(id: &str, root: &Path) -> Result<Vec<Edit>, CommandError> {
    let is = FIX7.guards.len();
    let end = |count: usize| {
        format!("];\n\nconst _: () = assert!(GUARDS.len() == {count}, \"FIX7 has exactly {count} guards\");")
    };
    let entry = format!(
        "    GuardEntry {{
        id: \"{id}\",
        invariant: \"{UNDECIDED}: what always holds, in one sentence?\",
        why: \"{UNDECIDED}: what would be lost without it?\",
        // At which steps is it due, and which packages ask it there? One that is due nowhere is not authored.
        steps: steps![],
        packages: &[],
    }},
"
    );
    let row = format!("| {id} | {UNDECIDED}: {CLAUSE} | `{PROBE}` |");
    let before = row_before(id, root)?;
    let clause = Edit {
        path: CLAUSES,
        to: format!("{before}\n{row}\n"),
        from: format!("{before}\n"),
    };
    Ok(vec![
        Edit {
            path: REGISTRY,
            from: end(is),
            to: format!("{entry}{}", end(is + 1)),
        },
        clause,
        Edit {
            path: CLAUSES,
            from: format!("All {is} guards are listed"),
            to: format!("All {} guards are listed", is + 1),
        },
    ])
}

/// Clauses are sorted by guard: the line after which a guard's own belong.
fn row_before(id: &str, root: &Path) -> Result<String, CommandError> {
    let page = std::fs::read_to_string(root.join(CLAUSES))
        .map_err(|error| CommandError::Environment(format!("`{CLAUSES}`: {error}")))?;
    let guard = |line: &str| Some(line.strip_prefix("| ")?.split_once(" |")?.0.to_owned());
    let mut clauses = page.lines().filter(|line| line.starts_with("| G-"));
    let before = clauses.rfind(|line| guard(line).is_some_and(|other| *other < *id));
    Ok(before.unwrap_or("| --- | --- | --- |").to_owned())
}

fn count() -> Count {
    let is = FIX7.guards.len();
    Count {
        what: "guards",
        is,
        becomes: is + 1,
        path: REGISTRY,
        compile_error: format!("FIX7 has exactly {is} guards"),
        tests: &[
            "xtask/tests/it/tidy/counts.rs",
            "xtask/tests/it/negatives.rs",
            "xtask/tests/it/guard_bench.rs",
        ],
    }
}

fn next(id: &str, is_registered: bool, files: &[(String, String)]) -> Vec<String> {
    let paths: Vec<String> = files.iter().map(|(path, _)| format!("`{path}`")).collect();
    let mut next = vec![format!(
        "decide what says {UNDECIDED} in {}; `cargo xtask author` refuses each by name until then",
        paths.join(" and ")
    )];
    if !is_registered {
        next.insert(
            0,
            "an ADR says why there is one more guard than the blueprint has (docs/adr/); then the patch, and the counts of the tests".to_owned(),
        );
        next.push("one clause in docs/guards-source.md for each probe, in the same words".to_owned());
        next.push(
            "a cell whose package a rehearsal can't run needs a state: crates/fix7-manifest/src/states.rs"
                .to_owned(),
        );
    }
    next.push(format!(
        "`cargo xtask author`, then `cargo xtask rehearse --only {id}`: each fault must turn it red"
    ));
    next
}
