//! The one connection that commits.
//!
//! A piece of work is one transaction: begun here, checked to be still the same one, and kept here. The one
//! fact to know: what the work's own text says about transactions is never trusted; if it ended ours, that
//! is found before anything is kept under its name.

use crate::error::CommitError;
use rehearsal::{Committed, Finding, quote_ident, quote_literal};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgRow};
use sqlx::{AssertSqlSafe, Connection as _, Row as _};
use throwaway_postgres::Disposable;

/// A disposable cluster with the estate, and what was committed to it.
pub struct CommittedClone<'a> {
    pub(crate) cluster: Disposable<'a>,
    pub(crate) committed: &'a Committed,
    pub(crate) findings: Vec<Finding>,
    /// Transactions that were kept, of files alone.
    pub(crate) xids: Vec<String>,
    connection: PgConnection,
}

/// How a piece of work ended that the server may refuse.
pub(crate) enum Ended {
    /// Kept, by this transaction.
    Kept(String),
    /// Refused: where, and with what words.
    Refused(String),
}

impl<'a> CommittedClone<'a> {
    /// Connects to the plan's database on `cluster`.
    pub async fn open(cluster: Disposable<'a>, committed: &'a Committed) -> Result<Self, CommitError> {
        let options = cluster.server().connect_options(&committed.plan.database);
        Ok(Self {
            cluster,
            committed,
            findings: Vec::new(),
            xids: Vec::new(),
            connection: connect(&options, "connecting").await?,
        })
    }

    /// What is wrong so far.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Drops the plan's database with all that is in it, whoever is still connected; roles stay.
    pub async fn drop_database(self) -> Result<(), CommitError> {
        let server = self.cluster.server();
        let database = self.committed.plan.database.clone();
        self.close().await;
        let during = format!("dropping database `{database}`");
        let mut connection = connect(&server.connect_options("postgres"), &during).await?;
        fetch(
            &mut connection,
            format!("drop database {} with (force)", quote_ident(&database)),
        )
        .await
        .map_err(CommitError::harness(&during))?;
        let _ = connection.close().await;
        Ok(())
    }

    /// Has the server count what was made, as it does by itself where nobody drops it.
    pub async fn analyze(&mut self) -> Result<(), CommitError> {
        self.bare("analyzing what was committed", "analyze")
            .await
            .map(drop)
    }

    /// Connections to the plan's database as the harness.
    pub(crate) fn options(&self) -> PgConnectOptions {
        self.cluster
            .server()
            .connect_options(&self.committed.plan.database)
    }

    /// Keeps work of the harness, which must succeed; the rows that it answers.
    pub(crate) async fn keep(&mut self, during: &str, sql: &str) -> Result<Vec<PgRow>, CommitError> {
        let sql = format!("begin;\n{sql}\n;commit");
        fetch(&mut self.connection, sql)
            .await
            .map_err(CommitError::harness(during))
    }

    /// Runs work of the harness that no transaction may hold.
    pub(crate) async fn bare(&mut self, during: &str, sql: &str) -> Result<Vec<PgRow>, CommitError> {
        fetch(&mut self.connection, sql.to_owned())
            .await
            .map_err(CommitError::harness(during))
    }

    /// Keeps the text of a package as one transaction of its own, or nothing of it.
    pub(crate) async fn try_keep(&mut self, what: &str, sql: &str) -> Result<Ended, CommitError> {
        // Whoever waits for a lock waits in view of others: a real run has a limit, and so has this.
        let begin = "begin; set local lock_timeout = '10s'; select pg_catalog.pg_current_xact_id()::text";
        let xid = first_text(&self.bare(what, begin).await?).unwrap_or_default();
        if let Err(error) = fetch(&mut self.connection, sql.to_owned()).await {
            return self.refused(what, error, "").await;
        }
        let same = "select coalesce(pg_catalog.pg_current_xact_id_if_assigned()::text, 'none')";
        let found = match fetch(&mut self.connection, same.to_owned()).await {
            Ok(rows) => first_text(&rows).unwrap_or_default(),
            Err(error) => return self.refused(what, error, "").await,
        };
        if found != xid {
            self.bare(what, "rollback").await?;
            let words = format!("it ended the transaction that it was given: xid was {xid}, found {found}");
            return Ok(Ended::Refused(words));
        }
        match fetch(&mut self.connection, "commit".to_owned()).await {
            Ok(_) => Ok(Ended::Kept(xid)),
            Err(error) => self.refused(what, error, " at the end of its transaction").await,
        }
    }

    async fn refused(&mut self, what: &str, error: sqlx::Error, place: &str) -> Result<Ended, CommitError> {
        let sqlx::Error::Database(refusal) = &error else {
            return Err(CommitError::harness(what)(error));
        };
        let code = refusal.code().unwrap_or_default().into_owned();
        let words = format!("refused{place}: {code} {}", refusal.message());
        self.bare(what, "rollback").await?;
        Ok(Ended::Refused(words))
    }

    /// What the server says of all transactions that were kept: `committed`, or the first other word.
    pub(crate) async fn xid_status(&mut self) -> Result<String, CommitError> {
        let list: Vec<String> = self.xids.iter().map(|xid| quote_literal(xid)).collect();
        if list.is_empty() {
            return Ok("none".to_owned());
        }
        let sql = format!(
            "select coalesce(pg_catalog.pg_xact_status(x.xid::xid8), 'unknown') from pg_catalog.unnest(array[{}]) x (xid)",
            list.join(", ")
        );
        let rows = self.bare("reading what became of each transaction", &sql).await?;
        let words: Vec<String> = rows
            .iter()
            .filter_map(|row| row.try_get_unchecked(0).ok())
            .collect();
        let odd = words.iter().find(|word| *word != "committed");
        Ok(match odd {
            Some(odd) => odd.clone(),
            None if words.len() == self.xids.len() => "committed".to_owned(),
            None => "unknown".to_owned(),
        })
    }

    pub(crate) fn finding(
        &mut self,
        code: &str,
        package: Option<&str>,
        message: String,
        details: Vec<String>,
    ) {
        self.findings.push(Finding {
            code: code.to_owned(),
            package: package.map(str::to_owned),
            message,
            details,
        });
    }

    /// Closes the connection politely; nothing depends on it.
    pub(crate) async fn close(self) -> Vec<Finding> {
        let _ = self.connection.close().await;
        self.findings
    }
}

pub(crate) async fn connect(options: &PgConnectOptions, during: &str) -> Result<PgConnection, CommitError> {
    throwaway_postgres::open(options)
        .await
        .map_err(CommitError::harness(during))
}

pub(crate) async fn fetch(connection: &mut PgConnection, sql: String) -> Result<Vec<PgRow>, sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(sql)).fetch_all(connection).await
}

/// First column of the first row, as text.
pub(crate) fn first_text(rows: &[PgRow]) -> Option<String> {
    rows.first()?.try_get_unchecked(0).ok()
}
