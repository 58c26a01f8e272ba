//! What people decided about reads that the cutover would break: `rehearsal/decisions.toml` [ruling A2].
//!
//! For: the record that PKG-D demands for each READ_CONFLICT. Not for: finding conflicts (`view_moves`). The one
//! fact to know: only `drop_read` resolves a conflict by itself, since it changes #21; the other two ways are
//! done elsewhere, and until they are the conflict is still found.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

use serde::Deserialize;

use crate::error::AuthorError;

/// The record, edited by people and reviewed alone.
pub const PATH: &str = "rehearsal/decisions.toml";

/// One of the three ways out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WayOut {
    /// The read leaves #21: the application loses it at S15, by decision.
    DropRead,
    /// The view is rewritten in the live database, captured and authored again.
    RewriteView,
    /// The member that it calls leaves the sealed set.
    LeaveMember,
}

impl fmt::Display for WayOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DropRead => "drop_read",
            Self::RewriteView => "rewrite_view",
            Self::LeaveMember => "leave_member",
        })
    }
}

/// A decision about one view.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadDecision {
    /// The view, as `regclass` prints it under an empty search path.
    pub relation: String,
    /// What is done.
    pub way: WayOut,
    /// Who decided: a principal of #02.
    pub decided_by: String,
    /// Why the application can do without, in a sentence.
    pub because: String,
}

/// A decision that views run with their reader's rights once the control plane's owner has them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InvokerDecision {
    /// The views, as `regclass` prints them under an empty search path.
    pub relations: Vec<String>,
    /// Who decided: a principal of #02.
    pub decided_by: String,
    /// Why that is no migration of a view, in a sentence.
    pub because: String,
}

/// All decisions.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decisions {
    format_version: u32,
    /// About conflicts of reads.
    #[serde(default)]
    pub read_conflict: Vec<ReadDecision>,
    /// About views that get `security_invoker`.
    #[serde(default)]
    pub as_invoker: Vec<InvokerDecision>,
}

impl Decisions {
    /// Reads the record below `root`; none is no decision.
    ///
    /// # Errors
    /// A file that does not read, two decisions about one view, one by nobody of `people`, or one without a reason.
    pub fn load(root: &Path, people: &[&str]) -> Result<Self, AuthorError> {
        let path = root.join(PATH);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(source) => return Err(AuthorError::Io { path, source }),
        };
        Self::parse(&text, people).map_err(|why| AuthorError::BadDecision { path, why })
    }

    fn parse(text: &str, people: &[&str]) -> Result<Self, String> {
        let decisions: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        if decisions.format_version != 1 {
            return Err(format!(
                "expected format_version 1, found {}",
                decisions.format_version
            ));
        }
        let mut seen = BTreeSet::new();
        let conflicts = decisions
            .read_conflict
            .iter()
            .map(|one| ("read", &one.relation, &one.decided_by, &one.because));
        let invokers = decisions.as_invoker.iter().flat_map(|one| {
            let relations = one.relations.iter();
            relations.map(|relation| ("rights", relation, &one.decided_by, &one.because))
        });
        for (kind, relation, decided_by, because) in conflicts.chain(invokers) {
            if !seen.insert((kind, relation)) {
                return Err(format!("`{relation}` is decided twice"));
            }
            if !people.contains(&&**decided_by) {
                return Err(format!(
                    "`{relation}` is decided by `{decided_by}`, expected a principal of #02: {}",
                    people.join(", ")
                ));
            }
            if because.trim().is_empty() {
                return Err(format!(
                    "the decision about `{relation}` gives no reason in `because`"
                ));
            }
        }
        Ok(decisions)
    }

    /// Views whose read leaves #21.
    pub fn dropped(&self) -> BTreeSet<&str> {
        let drops = |decision: &&ReadDecision| decision.way == WayOut::DropRead;
        let dropped = self.read_conflict.iter().filter(drops);
        dropped.map(|decision| decision.relation.as_str()).collect()
    }

    /// Views that may run with their reader's rights.
    pub fn invoker_views(&self) -> BTreeSet<&str> {
        let relations = self.as_invoker.iter().flat_map(|decision| &decision.relations);
        relations.map(String::as_str).collect()
    }

    /// The decision about a view.
    pub fn about(&self, relation: &str) -> Option<&ReadDecision> {
        let mut all = self.read_conflict.iter();
        all.find(|decision| decision.relation == relation)
    }
}

#[cfg(test)]
mod tests {
    use super::{Decisions, WayOut};

    const SOUND: &str = "format_version = 1\n[[read_conflict]]\nrelation = \"public.v\"\nway = \"drop_read\"\ndecided_by = \"p_owner\"\nbecause = \"nobody reads it\"\n";

    #[track_caller]
    fn refused(text: &str, expected: &str) {
        let why = Decisions::parse(text, &["p_owner"]).unwrap_err();
        assert!(why.contains(expected), "{why}");
    }

    #[test]
    fn a_decision_is_read() {
        let decisions = Decisions::parse(SOUND, &["p_owner"]).unwrap();
        assert_eq!(decisions.about("public.v").unwrap().way, WayOut::DropRead);
        assert_eq!(decisions.dropped().len(), 1);
    }

    #[test]
    fn only_a_dropped_read_leaves_the_contract() {
        let decisions = Decisions::parse(&SOUND.replace("drop_read", "rewrite_view"), &["p_owner"]).unwrap();
        assert!(decisions.dropped().is_empty());
    }

    #[test]
    fn a_decision_of_nobody_in_02_is_refused() {
        refused(
            &SOUND.replace("p_owner", "somebody"),
            "expected a principal of #02: p_owner",
        );
    }

    #[test]
    fn a_decision_without_a_reason_is_refused() {
        refused(&SOUND.replace("nobody reads it", " "), "gives no reason");
    }

    #[test]
    fn two_decisions_about_one_view_are_refused() {
        let twice = format!("{SOUND}{}", SOUND.trim_start_matches("format_version = 1\n"));
        refused(&twice, "decided twice");
    }

    #[test]
    fn a_fourth_way_out_is_refused() {
        refused(
            &SOUND.replace("drop_read", "grant_execute"),
            "unknown variant `grant_execute`",
        );
    }
}
