//! Reads that a cutover must preserve, tried in its states as the role that reads [ruling A2].
//!
//! Not for: what privileges say of them, which is a guard's answer. The one fact to know: a view is read with
//! its owner's rights and calls its functions with the reader's, so `has_table_privilege` stays true where
//! the read fails; only the attempt tells.

use crate::engine::Run;
use crate::error::RehearseError;
use crate::plan::LoadedState;
use crate::session::{harness_error, quote_ident, trimmed};
use crate::share::Share;
use serde::Serialize;
use sqlx::{AssertSqlSafe, Connection as _};
use std::time::Instant;

/// What came of the reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ReadCounts {
    /// States in which all of them were tried.
    pub states: usize,
    /// Attempts.
    pub tried: usize,
    /// Those that the server answered.
    pub preserved: usize,
}

/// Statements of a trip before its first read.
const BEFORE: usize = 3;

impl Run<'_> {
    /// Tries the reads of a state that was kept, each on its own over one login.
    pub(crate) async fn read_over_login(
        &mut self,
        state: &LoadedState,
        label: &str,
    ) -> Result<(), RehearseError> {
        let Some((role, query)) = state.reads.as_ref().filter(|_| self.share == Share::Reads) else {
            return Ok(());
        };
        let during = format!("reading over a login of `{role}` in {label}");
        let statements = self.reads_of(query, &during).await?;
        let lost = match self.session.login(role).await? {
            Err(why) => vec![format!("it can't log in: {why}")],
            Ok(mut login) => {
                let mut lost = Vec::new();
                for statement in &statements {
                    let read = sqlx::raw_sql(AssertSqlSafe(statement.clone()));
                    if let Err(error) = read.execute(&mut login).await {
                        lost.push(format!("{statement}: {error}"));
                    }
                }
                let _ = login.close().await;
                lost
            }
        };
        self.note_reads(&during, &statements, lost);
        Ok(())
    }

    /// The reads that `query` lists, as statements.
    pub(crate) async fn reads_of(&mut self, query: &str, during: &str) -> Result<Vec<String>, RehearseError> {
        let listed = format!("set local search_path = ''; {query}");
        let statements = self.session.texts(during, &listed).await?;
        Ok(statements.into_iter().flatten().collect())
    }

    fn note_reads(&mut self, during: &str, statements: &[String], lost: Vec<String>) {
        let reads = &mut self.outcome.reads;
        reads.states += 1;
        reads.tried += statements.len();
        reads.preserved += statements.len() - lost.len().min(statements.len());
        if statements.is_empty() {
            let message = format!("{during}: no read is listed, so nothing was shown");
            self.finding("READ_LOST", None, message, vec![]);
        }
        if !lost.is_empty() {
            let message = format!("{during}: {} of {} reads are lost", lost.len(), statements.len());
            self.finding("READ_LOST", None, message, lost);
        }
    }

    /// Tries each statement that `query` lists as `role`; nothing of it stays.
    pub(crate) async fn try_reads(
        &mut self,
        role: &str,
        query: &str,
        label: &str,
    ) -> Result<(), RehearseError> {
        let begun = Instant::now();
        let during = format!("reading as `{role}` in {label}");
        let savepoint = self.session.savepoint().await?;
        let statements = self.reads_of(query, &during).await?;
        let lost = self.lost_reads(role, &statements, &during).await?;
        self.session.undo(savepoint, &during).await?;
        self.note_reads(&during, &statements, lost);
        self.part("reads", begun);
        Ok(())
    }

    /// The statements that the server refused, each with its answer. One trip carries all of them up to the next
    /// refusal.
    async fn lost_reads(
        &mut self,
        role: &str,
        statements: &[String],
        during: &str,
    ) -> Result<Vec<String>, RehearseError> {
        let mut lost = Vec::new();
        let mut from = 0;
        while from < statements.len() {
            let savepoint = self.session.savepoint().await?;
            let mut sql = format!(
                "set local role {};\nset local search_path = '';\nset local statement_timeout = '30s';\n",
                quote_ident(role)
            );
            for statement in &statements[from..] {
                sql += trimmed(statement);
                sql += ";\n";
            }
            let batch = self.session.batch(during, sql).await?;
            batch.demand_transaction(during)?;
            match batch.error {
                None => from = statements.len(),
                Some(error) => {
                    let Some(read) = batch.completed.len().checked_sub(BEFORE) else {
                        return Err(harness_error(during, &error));
                    };
                    let statement = statements.get(from + read).map_or("", String::as_str);
                    lost.push(format!("{statement}: {} {}", error.code(), error.message()));
                    from += read + 1;
                }
            }
            self.session.undo(savepoint, during).await?;
        }
        Ok(lost)
    }
}
