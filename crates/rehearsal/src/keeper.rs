//! The other shape of a rehearsal: what is applied is kept as it goes, on a cluster that is dropped.
//!
//! Nothing in this crate keeps anything: somebody who may is handed in, and asked at the same places at
//! which a transaction's states are compared. The one fact to know: stages that undo what they did
//! (negatives, access, attacks) are the same in both shapes, so their verdicts must be, too.

use crate::engine::Run;
use crate::error::RehearseError;
use crate::fingerprint::Fingerprinter;
use crate::persona::drop_personas_sql;
use sqlx::PgConnection;
use std::pin::Pin;

/// A future that a keeper returns.
pub type Keeping<'a> = Pin<Box<dyn Future<Output = Result<(), sqlx::Error>> + 'a>>;

/// Ends a transaction so that what it did stays.
pub trait Keeper {
    /// Ends the transaction that `connection` is in.
    fn keep<'a>(&'a mut self, connection: &'a mut PgConnection) -> Keeping<'a>;
}

impl Run<'_> {
    /// Whether what is applied is kept.
    pub(crate) fn keeps(&self) -> bool {
        self.keeper.is_some()
    }

    /// Keeps what was done since the last time, and goes on in another transaction; nothing in a rehearsal
    /// that is one transaction.
    pub(crate) async fn keep(&mut self, during: &str) -> Result<(), RehearseError> {
        let Some(keeper) = &mut self.keeper else {
            return Ok(());
        };
        self.session.renew(during, &mut **keeper).await?;
        // It belongs to one transaction.
        let plan = &self.committed.plan;
        self.fingerprinter = Fingerprinter::new(&plan.schema, &plan.protected_rows);
        Ok(())
    }

    /// After a way back that was kept: nobody who acted stays.
    pub(crate) async fn keep_no_persona(&mut self) -> Result<(), RehearseError> {
        let sql = drop_personas_sql(&self.committed.plan);
        self.session.harness("dropping personas", &sql).await?;
        self.keep("dropping personas").await
    }
}
