//! PKG-D's second measurement: what a database says of itself before any package, against what was rehearsed.
//!
//! Not for: a live database's guards and its capture by a person (`repoint_proof`). The one fact to know: it writes
//! nothing and authors nothing; what has moved is captured, authored and rehearsed again, and PKG-D passes only
//! where that changes nothing [rulings A3, A14].

use std::collections::BTreeMap;
use std::path::Path;

use authoring::files::Files;
use authoring::view_moves::{self, ViewMove};
use authoring::{AuthorError, Decisions, author_applied};
use capture::Capture;
use fix7_manifest::estate::{ESTATE, legacy::hazards};
use rehearsal::{Committed, Finding, RepointOutcome, Status};
use throwaway_postgres::Server;

use crate::majors::{self, Error};
use crate::sources;

/// The package whose verdict this is.
pub(crate) const PACKAGE: &str = "PKG-D";
const NOTHING_CAPTURED: &str = "no capture is committed, so there is nothing to compare with";
/// Folders whose bytes the packages apply; other authored files hold the capture's digest.
const APPLIED: [&str; 2] = ["migrations/", "seeds/"];

/// A finding of PKG-D.
pub(crate) fn finding(code: &str, message: String, details: Vec<String>) -> Finding {
    Finding {
        code: code.to_owned(),
        package: Some(PACKAGE.to_owned()),
        message,
        details,
    }
}

/// Reads the database that is about to be rehearsed on, where none of the packages is, and compares.
pub(crate) async fn measure(
    server: &Server,
    committed: &Committed,
    root: &Path,
) -> Result<(RepointOutcome, Vec<Finding>), Error> {
    let nothing = || Ok((RepointOutcome::not_measured(NOTHING_CAPTURED), Vec::new()));
    let Some(reader) = sources::captured_reader(root)? else {
        return nothing();
    };
    let here = majors::captured_here(server, &committed.plan.database, &reader).await?;
    // Nothing is read of a capture that is here already, byte by byte: parsing it takes ten times its size.
    let other = if sources::is_captured(root, &here) {
        None
    } else {
        let Some(captured) = sources::load_capture(root, sources::REFERENCE_CAPTURE)? else {
            return nothing();
        };
        Some(captured)
    };
    let mut findings = Vec::new();
    let rehearsed = rehearsed_capture(committed);
    if rehearsed.as_deref() != Some(here.digest().to_string().as_str()) {
        let message = format!(
            "what is rehearsed is authored from capture {}, expected {}, what is there: both measurements must be of one database at one moment",
            rehearsed.as_deref().unwrap_or("none, or several"),
            here.digest()
        );
        findings.push(finding("REHEARSAL_OF_ANOTHER_CAPTURE", message, Vec::new()));
    }
    let stale = other.as_ref().and_then(|captured| stale(captured, &here));
    let views = compare(
        other.as_ref().unwrap_or(&here),
        sources::REFERENCE_CAPTURE,
        &here,
        stale,
        root,
        &mut findings,
    )?;
    let (files, differing) = fixpoint(&here, committed, root);
    if !differing.is_empty() {
        findings.push(not_a_fixpoint(differing));
    }
    let outcome = RepointOutcome {
        verdict: if findings.is_empty() && files > 0 {
            Status::Pass
        } else if findings.is_empty() {
            Status::NotMeasured
        } else {
            Status::Fail
        },
        why: if findings.is_empty() && files == 0 {
            "no file was authored from what is there".to_owned()
        } else {
            String::new()
        },
        rehearsed_sha256: rehearsed.unwrap_or_default(),
        live_sha256: here.digest().to_string(),
        reads: here.facts().select_set.select.len(),
        files,
        views: views.into_iter().map(|(word, n)| (word.to_owned(), n)).collect(),
    };
    Ok((outcome, findings))
}

/// The facts that differ, where `here` is no longer what was captured.
fn stale(captured: &Capture, here: &Capture) -> Option<Vec<String>> {
    // Across majors only what can be foretold is compared; on one major every byte.
    let differences = captured.differences_beyond_major(here);
    let same_major = captured.server_major() == here.server_major();
    let is_stale = !differences.is_empty() || (same_major && captured.digest() != here.digest());
    is_stale.then_some(differences)
}

/// Digest of the capture that every document of the plan names; none if they differ.
fn rehearsed_capture(committed: &Committed) -> Option<String> {
    let mut named = committed
        .inputs
        .iter()
        .filter_map(|(_, document)| document.get("capture_sha256")?.as_str());
    let first = named.next()?;
    named.all(|other| other == first).then(|| first.to_owned())
}

/// What has moved since `captured`, and what of `here` nobody has decided; legacy views by what becomes of them.
/// `stale` are the facts that differ, where it is no longer what the capture says.
pub(crate) fn compare(
    captured: &Capture,
    name: &str,
    here: &Capture,
    stale: Option<Vec<String>>,
    root: &Path,
    findings: &mut Vec<Finding>,
) -> Result<BTreeMap<&'static str, usize>, Error> {
    let reads = select_set_moved(captured, here);
    if !reads.is_empty() {
        let message = format!(
            "the reads of `{}` have moved since capture `{name}`: PKG-B's #21 is of another set; capture, author and rehearse again",
            captured.facts().select_set.reader
        );
        findings.push(finding("SELECT_SET_MOVED", message, reads));
    }
    if let Some(stale) = stale {
        let message = format!(
            "the live database is no longer what capture `{name}` says; capture, author and rehearse again"
        );
        findings.push(finding("CAPTURE_STALE", message, stale));
    }
    let decisions = sources::decisions(root)?;
    let moves = view_moves::classify(here, &ESTATE, fix7_manifest::FIX7.schema, &decisions);
    let needless = needless(here, &decisions);
    if !needless.is_empty() {
        let message = format!(
            "`{}` drops reads that would not break, which the application would lose for nothing; take the decisions out",
            authoring::decisions::PATH
        );
        findings.push(finding("DECISION_STALE", message, needless));
    }
    let (conflicts, unreviewed) = open_questions(&moves, &decisions);
    if !conflicts.is_empty() {
        let message = format!(
            "{} legacy views can't move without breaking a read, and nobody has decided: {}; the decision stands in `{}`",
            conflicts.len(),
            view_moves::WAYS_OUT,
            authoring::decisions::PATH
        );
        findings.push(finding("READ_CONFLICT", message, conflicts));
    }
    if !unreviewed.is_empty() {
        let message = format!(
            "{} legacy views over live tables would have to run as their invoker, which nobody has reviewed; a decision stands in `hazards::RUN_AS_INVOKER`",
            unreviewed.len()
        );
        findings.push(finding("UNKNOWN_REQUIRES_REVIEW", message, unreviewed));
    }
    let mut views: BTreeMap<&'static str, usize> = BTreeMap::new();
    for becomes in moves.values() {
        *views.entry(becomes.word()).or_default() += 1;
    }
    Ok(views)
}

/// That authoring again would change what the packages apply.
pub(crate) fn not_a_fixpoint(differing: Vec<String>) -> Finding {
    let message = "what would be authored from the live database differs from what is committed: PKG-B and PKG-C are stale";
    finding("NOT_A_FIXPOINT", message.to_owned(), differing)
}

/// Whether a package applies the file.
pub(crate) fn is_applied(path: &str) -> bool {
    APPLIED.iter().any(|folder| path.starts_with(folder))
}

/// Authors from `here`, and compares with the very texts that are rehearsed: how many, and those that differ.
fn fixpoint(here: &Capture, committed: &Committed, root: &Path) -> (usize, Vec<String>) {
    let live = sources::live_facts(root, here);
    let authored = live.and_then(|live| author_applied(&sources::fix7(Some(&live)), root));
    let authored = match authored {
        Ok(authored) => authored,
        // Sets or objects that nobody has accepted are no fixpoint either.
        Err(refused) => return (0, lines(&refused)),
    };
    let mut rehearsed: BTreeMap<String, &str> = BTreeMap::new();
    for file in committed.packages.iter().flat_map(|package| &package.files) {
        rehearsed.insert(file.up_path.replace(".up.sql", ".down.sql"), &file.down);
        rehearsed.insert(file.up_path.clone(), &file.up);
    }
    let scripts: BTreeMap<&str, &str> = scripts(&authored).collect();
    let differs = |path: &&str| rehearsed.get(*path).copied() != scripts.get(path).copied();
    let mut differing: Vec<String> = scripts
        .keys()
        .filter(|path| differs(path))
        .map(|path| (*path).to_owned())
        .collect();
    let unauthored = rehearsed
        .keys()
        .filter(|path| !scripts.contains_key(path.as_str()));
    differing.extend(unauthored.cloned());
    (scripts.len(), differing)
}

fn scripts(authored: &Files) -> impl Iterator<Item = (&str, &str)> {
    authored
        .iter()
        .filter(|(path, _)| is_applied(path) && (path.ends_with(".up.sql") || path.ends_with(".down.sql")))
}

/// An author's refusal, line by line.
pub(crate) fn lines(refused: &AuthorError) -> Vec<String> {
    refused.to_string().lines().map(str::to_owned).collect()
}

/// Reads that only one of the two has.
fn select_set_moved(captured: &Capture, here: &Capture) -> Vec<String> {
    let reads = |capture: &Capture| -> Vec<String> {
        let select = capture.facts().select_set.select.iter();
        select
            .map(|read| format!("{} ({})", read.identity, read.columns.join(", ")))
            .collect()
    };
    let (own, other) = (reads(captured), reads(here));
    let gone = own.iter().filter(|read| !other.contains(read));
    let new = other.iter().filter(|read| !own.contains(read));
    gone.map(|read| format!("gone: {read}"))
        .chain(new.map(|read| format!("new: {read}")))
        .collect()
}

/// Dropped reads that would not break.
fn needless(here: &Capture, decisions: &Decisions) -> Vec<String> {
    let undecided = view_moves::classify(here, &ESTATE, fix7_manifest::FIX7.schema, &Decisions::default());
    let conflicts = |view: &&str| matches!(undecided.get(*view), Some(ViewMove::ReadConflict { .. }));
    let dropped = decisions.dropped().into_iter();
    dropped
        .filter(|view| !conflicts(view))
        .map(str::to_owned)
        .collect()
}

/// Views whose reads conflict, and those that wait for a review.
fn open_questions(moves: &BTreeMap<String, ViewMove>, decisions: &Decisions) -> (Vec<String>, Vec<String>) {
    let (mut conflicts, mut unreviewed) = (Vec::new(), Vec::new());
    for (view, becomes) in moves {
        match becomes {
            ViewMove::OwnerMoves => {}
            ViewMove::ReadConflict { because } => {
                // What is decided and not done is still a conflict; `drop_read` is done by being decided.
                let decided = decisions.about(view).map_or(String::new(), |decision| {
                    format!(" (`{}` was decided, and is not done)", decision.way)
                });
                conflicts.push(format!("{view}: {}{decided}", because.join("; ")));
            }
            ViewMove::AsInvoker { live } => {
                if !hazards::RUN_AS_INVOKER.contains(&view.as_str()) {
                    unreviewed.push(format!("{view}: reads {}", live.join(", ")));
                }
            }
        }
    }
    (conflicts, unreviewed)
}

#[cfg(test)]
mod tests {
    use super::{BTreeMap, Decisions, ViewMove, open_questions};

    #[test]
    fn a_view_that_nobody_reviewed_is_an_open_question() {
        let live = vec!["public.orders".to_owned()];
        let moves = BTreeMap::from([
            ("public.v_new".to_owned(), ViewMove::AsInvoker { live }),
            ("public.v_plain".to_owned(), ViewMove::OwnerMoves),
        ]);
        let (conflicts, unreviewed) = open_questions(&moves, &Decisions::default());
        assert!(conflicts.is_empty());
        assert_eq!(unreviewed, ["public.v_new: reads public.orders"]);
    }
}
