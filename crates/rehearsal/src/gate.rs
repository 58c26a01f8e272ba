//! The rollback gate: before = after the rollback, and the packages did change something.
//!
//! The last two states are read by connections of their own with a fresh memory, so that nothing
//! that the rehearsal printed or remembered can make them look equal.

use crate::beside::Ended;
use crate::engine::Run;
use crate::error::RehearseError;
use crate::fingerprint::{Fingerprint, Fingerprinter};
use crate::outcome::{Finding, RollbackOutcome};
use crate::packages::residue_lines;
use crate::session::Session;
use crate::target::Target;
use sqlx::Connection as _;
use std::time::Instant;

impl Run<'_> {
    /// Rolls back and compares.
    pub(crate) async fn finish(self, target: &Target, before: &Fingerprint) -> Result<Ended, RehearseError> {
        self.progress.step("rollback gate");
        let begun = Instant::now();
        let plan = &self.committed.plan;
        let kept = self.session.kept().to_vec();
        let expected = if kept.is_empty() { "aborted" } else { "committed" };
        let xids = if kept.is_empty() {
            vec![self.session.xid().to_owned()]
        } else {
            kept
        };
        let connection = self.session.rollback().await?;
        // The transaction is over; how the connection closes changes nothing.
        let _ = connection.close().await;
        let mut outcome = self.outcome;

        let mut second = Session::begin(&target.options).await?;
        let status = second
            .texts(
                "reading the transaction's status",
                &format!(
                    "select coalesce(pg_catalog.pg_xact_status(x.xid), 'unknown') from pg_catalog.unnest('{{{}}}'::xid8[]) x (xid)",
                    xids.join(",")
                ),
            )
            .await?;
        let after = Fingerprinter::new(&plan.schema, &plan.protected_rows)
            .take(&mut second)
            .await?;
        let connection = second.rollback().await?;
        let _ = connection.close().await;

        let gate = &mut outcome.rollback;
        // All must be alike: the first that is not says what went wrong.
        let all = status
            .into_iter()
            .map(Option::unwrap_or_default)
            .collect::<Vec<_>>();
        let odd = all.iter().find(|status| *status != expected);
        gate.xid_status = match odd {
            None if all.len() == xids.len() => expected.to_owned(),
            None => "unknown".to_owned(),
            Some(odd) => odd.clone(),
        };
        gate.after_rollback = after.digest();
        gate.residue = before.residue(&after);
        let red = judge(gate, expected, &xids);
        outcome.findings.extend(red);
        outcome
            .elapsed_ms
            .parts
            .insert("rollback_gate".to_owned(), crate::engine::millis(begun));
        Ok(Ended {
            share: self.share,
            outcome,
            measured: self.measured,
        })
    }
}

/// What speaks against the gate: something that was left behind, or a transaction that ended otherwise than `expected`.
fn judge(gate: &RollbackOutcome, expected: &str, xids: &[String]) -> Vec<Finding> {
    let is_kept = expected != "aborted";
    let found = |code: &str, message: String, details: Vec<String>| Finding {
        code: code.to_owned(),
        package: None,
        message,
        details,
    };
    let mut red = Vec::new();
    if !gate.residue.is_empty() {
        let (code, what) = if is_kept {
            ("COMMITTED_WAY_BACK_DID_NOT_RESTORE", "the way back")
        } else {
            ("ROLLBACK_DID_NOT_RESTORE", "the rollback")
        };
        let message = format!("{what} left something behind");
        red.push(found(code, message, residue_lines(&gate.residue)));
    }
    if gate.xid_status != expected {
        let code = if is_kept {
            "XID_NOT_COMMITTED"
        } else {
            "XID_NOT_ABORTED"
        };
        let message = format!(
            "transaction {}: expected `{expected}`, found `{}`",
            xids.join(", "),
            gate.xid_status
        );
        red.push(found(code, message, vec![]));
    }
    red
}

#[cfg(test)]
mod tests {
    use super::judge;
    use crate::outcome::RollbackOutcome;

    /// A transaction that ended so, where `expected` was expected; the codes.
    fn codes(ended: &str, expected: &str) -> Vec<String> {
        let gate = RollbackOutcome {
            xid_status: ended.to_owned(),
            ..RollbackOutcome::default()
        };
        let red = judge(&gate, expected, &["7".to_owned()]);
        red.into_iter().map(|finding| finding.code).collect()
    }

    #[test]
    fn a_transaction_that_ended_otherwise_is_named_by_what_was_expected() {
        assert!(codes("aborted", "aborted").is_empty());
        assert!(codes("committed", "committed").is_empty());
        for ended in ["committed", "in progress", "unknown"] {
            assert_eq!(codes(ended, "aborted"), ["XID_NOT_ABORTED"]);
        }
        assert_eq!(codes("aborted", "committed"), ["XID_NOT_COMMITTED"]);
    }
}
