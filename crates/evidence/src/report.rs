//! What a verification says: three columns, and what is refused.
//!
//! Not for: deciding. The one fact to know: each part of a packet stands in exactly one column. *Recomputed*
//! was computed here from bytes; *rerun* is what only another rehearsal shows; *believed* nobody can show any
//! more, and no verdict may rest on it.

use crate::code::{Refusal, escaped};
use crate::outcome::OUTCOME_KEYS;
use crate::tree::{ENVIRONMENT, OUTCOME, PLAN, REHEARSAL_STATEMENT, RERUN, ROLLBACK, TEST_STATEMENT};
use crate::verify::Contents;
use serde::Serialize;
use std::fmt::Write as _;

/// The result of a verification.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// 1.
    pub format_version: u32,
    /// `pass` if nothing is refused; it says that the packet is what it says, whatever it says.
    pub verification: &'static str,
    /// The packet's own verdict; none where it can't be read.
    pub packet_verdict: Option<String>,
    /// Its tree's digest.
    pub tree_sha256: Option<String>,
    /// The columns.
    pub columns: Columns,
    /// What is refused.
    pub refusals: Vec<Refusal>,
}

/// The columns; empty where a packet's bytes are not what it says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Columns {
    /// Computed by this verifier.
    pub recomputed: Vec<String>,
    /// Shown by `RERUN.sh`.
    pub rerun: Vec<String>,
    /// Not shown by anything.
    pub believed: Vec<String>,
}

impl Report {
    pub(crate) fn refused(refusals: Vec<Refusal>) -> Self {
        Self {
            format_version: 1,
            verification: "fail",
            packet_verdict: None,
            tree_sha256: None,
            columns: Columns::default(),
            refusals,
        }
    }

    pub(crate) fn of(read: &Contents, with_checkout: bool, refusals: Vec<Refusal>) -> Self {
        Self {
            format_version: 1,
            verification: if refusals.is_empty() { "pass" } else { "fail" },
            packet_verdict: Some(escaped(&read.packet.verdict.value)),
            tree_sha256: Some(escaped(&read.packet.tree_sha256)),
            columns: if refusals.is_empty() {
                columns(read, with_checkout)
            } else {
                Columns::default()
            },
            refusals,
        }
    }

    /// For people.
    pub fn render(&self) -> String {
        let mut text = String::new();
        if let (Some(verdict), Some(tree)) = (&self.packet_verdict, &self.tree_sha256) {
            let _ = writeln!(text, "tree {tree}, verdict {verdict}");
        }
        for (name, lines) in [
            ("recomputed", &self.columns.recomputed),
            ("rerun", &self.columns.rerun),
            ("believed", &self.columns.believed),
        ] {
            for line in lines {
                let _ = writeln!(text, "  {name:<10}  {line}");
            }
        }
        for refusal in &self.refusals {
            let _ = writeln!(text, "  {refusal}");
        }
        text.push_str(if self.refusals.is_empty() {
            "VERIFIED: the packet is what it says\n"
        } else {
            "REFUSED\n"
        });
        text
    }
}

fn columns(read: &Contents, with_checkout: bool) -> Columns {
    let names: Vec<&str> = read.packet.files.iter().map(|file| file.path.as_str()).collect();
    let mut recomputed = vec![
        format!("sizes and digests of {}, and of {ENVIRONMENT}", names.join(", ")),
        "the tree's digest, over canonical bytes".to_owned(),
        format!("{RERUN}, from {PLAN}"),
        format!("{ROLLBACK}, from {OUTCOME}"),
    ];
    if let Some(exhibits) = &read.exhibits {
        recomputed.push(format!(
            "{REHEARSAL_STATEMENT} and {TEST_STATEMENT}, from the tree"
        ));
        recomputed.push(format!(
            "{} digests of H01 to H07, each from what it was made of; payloads from items, envelopes from payloads",
            exhibits.hashes.len()
        ));
        recomputed.push(format!(
            "counts of {OUTCOME}, from {} tests, {} accepted rows, {} attacks and {} mutants, and from its own pairs and ways around; green cells, from their probes; that each cause was taken away, and each weakened object told by a test or row that is listed",
            exhibits.rejections.len(),
            exhibits.accepted.len(),
            exhibits.attacks.len(),
            exhibits.mutants.len()
        ));
    }
    if read.packet.verdict.value == "pass" {
        let ids: Vec<String> = read
            .rollback
            .proofs
            .iter()
            .map(|proof| escaped(&proof.id))
            .collect();
        recomputed.push(format!("the rollback gate over {}", ids.join(", ")));
        recomputed.push(format!(
            "the verdict, from {} parts of the tree",
            read.packet.verdict.rests_on.len()
        ));
    }
    let planned = format!("{} committed files, by digest, in {PLAN}", read.plan.files.len());
    let mut rerun = Vec::new();
    if with_checkout {
        recomputed.push(format!("{planned}: those of this checkout"));
    } else {
        rerun.push(format!("{planned}; `--this-checkout` compares them"));
    }
    let found = OUTCOME_KEYS
        .iter()
        .filter(|key| !["format_version", "verdict"].contains(key) && read.outcome.get(**key).is_some());
    rerun.push(format!(
        "{OUTCOME}: {}",
        found.copied().collect::<Vec<_>>().join(", ")
    ));
    if let Some(exhibits) = &read.exhibits {
        let sizes = exhibits.sizes();
        let lists: Vec<String> = sizes
            .iter()
            .map(|(name, lines)| format!("{name} {lines}"))
            .collect();
        rerun.push(format!("lists, by their lines: {}", lists.join(", ")));
    }
    let environment = &read.environment;
    let mut believed = vec![format!("{ENVIRONMENT}: {}", environment.postgres.line())];
    if !environment.postgres.build.is_empty() {
        believed.push(format!("{ENVIRONMENT}: {}", escaped(&environment.postgres.build)));
    }
    if !environment.dump_observer.is_empty() {
        believed.push(format!("{ENVIRONMENT}: {}", escaped(&environment.dump_observer)));
    }
    let times = environment.elapsed_ms.len();
    believed.push(format!("{ENVIRONMENT}: {times} times"));
    Columns {
        recomputed,
        rerun,
        believed,
    }
}
