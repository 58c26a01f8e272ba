//! The rollback gate: before = after the rollback, and the packages did change something.
//!
//! The last two states are read by connections of their own with a fresh memory, so that nothing
//! that the rehearsal printed or remembered can make them look equal.

use crate::engine::Run;
use crate::error::RehearseError;
use crate::fingerprint::{Fingerprint, Fingerprinter};
use crate::outcome::Outcome;
use crate::packages::residue_lines;
use crate::session::Session;
use crate::target::Target;
use sqlx::Connection as _;
use std::time::Instant;

impl Run<'_> {
    /// Rolls back, compares, judges.
    pub(crate) async fn finish(
        self,
        target: &Target,
        before: &Fingerprint,
    ) -> Result<Outcome, RehearseError> {
        self.progress.step("rollback gate");
        let begun = Instant::now();
        let plan = &self.committed.plan;
        let xid = self.session.xid().to_owned();
        let connection = self.session.rollback().await?;
        // The transaction is over; how the connection closes changes nothing.
        let _ = connection.close().await;
        let mut outcome = self.outcome;

        let mut second = Session::begin(&target.options).await?;
        let status = second
            .texts(
                "reading the transaction's status",
                &format!("select pg_catalog.pg_xact_status('{xid}'::xid8)"),
            )
            .await?;
        let after = Fingerprinter::new(&plan.schema, &plan.protected_rows)
            .take(&mut second)
            .await?;
        let connection = second.rollback().await?;
        let _ = connection.close().await;

        let gate = &mut outcome.rollback;
        gate.xid_status = status
            .into_iter()
            .next()
            .flatten()
            .unwrap_or_else(|| "unknown".to_owned());
        gate.after_rollback = after.digest();
        gate.residue = before.residue(&after);
        let mut red = Vec::new();
        if !gate.residue.is_empty() {
            red.push((
                "ROLLBACK_DID_NOT_RESTORE",
                "the rollback left something behind".to_owned(),
                residue_lines(&gate.residue),
            ));
        }
        if gate.xid_status != "aborted" {
            red.push((
                "XID_NOT_ABORTED",
                format!(
                    "transaction {xid}: expected `aborted`, found `{}`",
                    gate.xid_status
                ),
                vec![],
            ));
        }
        for (code, message, details) in red {
            outcome.findings.push(crate::outcome::Finding {
                code: code.to_owned(),
                package: None,
                message,
                details,
            });
        }
        outcome
            .elapsed_ms
            .parts
            .insert("rollback_gate".to_owned(), crate::engine::millis(begun));
        outcome.judge(&self.measured, &self.committed.inapplicable);
        Ok(outcome)
    }
}
