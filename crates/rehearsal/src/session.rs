//! The one connection and its one transaction.
//!
//! There is no way to commit from here, and none is needed: a session that is dropped is rolled
//! back by the server. The one fact to know: savepoints are named after the transaction's xid, so
//! a script that commits and begins anew can't leave one behind that looks like ours.

use crate::error::RehearseError;
use crate::keeper::Keeper;
use sqlx::postgres::{PgConnectOptions, PgDatabaseError, PgRow};
use sqlx::{AssertSqlSafe, Either, Executor, PgConnection, Row};

mod errors;
mod text;

use errors::is_escape;
pub(crate) use errors::{classify, harness_error, lost_or_database};
pub(crate) use text::{joined, renewed, trimmed};
pub use text::{quote_ident, quote_literal};

/// A connection inside the rehearsal's transaction.
pub(crate) struct Session {
    conn: PgConnection,
    options: PgConnectOptions,
    xid: String,
    savepoints: u32,
    /// Transactions that somebody else kept.
    kept: Vec<String>,
}

/// Plans outlive their arguments: without the last setting the server plans each statement of a routine
/// five times before it keeps one, and what the harness undoes makes it begin anew.
const BEGIN: &str = "begin; set local lock_timeout = '30s'; set local client_min_messages = 'error'; \
    set local plan_cache_mode = 'force_generic_plan'; select pg_catalog.pg_current_xact_id()::text";

/// What other sessions of ours are called.
const BESIDE: &str = "guard_case";

/// The transaction's id, as one text.
const XID: &str = "select coalesce(pg_catalog.pg_current_xact_id_if_assigned()::text, 'none')";

/// How a batch of statements ended.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    /// Rows touched or returned by each statement that completed.
    pub(crate) completed: Vec<u64>,
    /// How many statements had completed when each mark came by.
    pub(crate) marks: Vec<(String, usize)>,
    /// Rows of one column of text that are no marks.
    pub(crate) answers: Vec<String>,
    /// The error that ended it.
    pub(crate) error: Option<Box<PgDatabaseError>>,
}

impl Batch {
    /// Fails if the transaction or our savepoint was gone: `during` names what ended it.
    pub(crate) fn demand_transaction(&self, during: &str) -> Result<(), RehearseError> {
        match &self.error {
            Some(error) if is_escape(error) => Err(RehearseError::TransactionEscaped {
                during: during.to_owned(),
                message: format!("{} {}", error.code(), error.message()),
            }),
            _ => Ok(()),
        }
    }

    /// How many statements had completed when the mark came by.
    pub(crate) fn marked(&self, name: &str) -> Option<usize> {
        self.marks
            .iter()
            .find(|(mark, _)| mark == name)
            .map(|(_, at)| *at)
    }
}

/// A savepoint that is rolled back, never released into the transaction.
pub(crate) struct Savepoint(String);

impl Session {
    /// Connects and begins. The transaction has its xid from the start, so that every later
    /// change of it is seen.
    pub(crate) async fn begin(options: &PgConnectOptions) -> Result<Self, RehearseError> {
        let mut conn = throwaway_postgres::open(options)
            .await
            .map_err(|error| classify("connecting", error))?;
        let xid = begin_on(&mut conn).await?;
        Ok(Self {
            conn,
            options: options.clone(),
            xid,
            savepoints: 0,
            kept: Vec::new(),
        })
    }

    /// Has the transaction ended by somebody who may keep it, and begins another on the same connection.
    pub(crate) async fn renew(&mut self, during: &str, keeper: &mut dyn Keeper) -> Result<(), RehearseError> {
        self.demand_same_transaction(during).await?;
        keeper
            .keep(&mut self.conn)
            .await
            .map_err(|error| classify(during, error))?;
        let next = begin_on(&mut self.conn).await?;
        self.kept.push(std::mem::replace(&mut self.xid, next));
        Ok(())
    }

    /// Has the transaction ended by somebody who may keep it, and begins none.
    pub(crate) async fn rest(&mut self, during: &str, keeper: &mut dyn Keeper) -> Result<(), RehearseError> {
        self.demand_same_transaction(during).await?;
        keeper
            .keep(&mut self.conn)
            .await
            .map_err(|error| classify(during, error))?;
        self.kept.push(std::mem::take(&mut self.xid));
        Ok(())
    }

    /// Begins a transaction after a rest.
    pub(crate) async fn again(&mut self) -> Result<(), RehearseError> {
        self.xid = begin_on(&mut self.conn).await?;
        Ok(())
    }

    /// Another session as whoever this one is.
    pub(crate) async fn another(&self) -> Result<PgConnection, RehearseError> {
        let options = self.options.clone().application_name(BESIDE);
        let opened = throwaway_postgres::open(&options).await;
        opened.map_err(|error| classify("another session", error))
    }

    /// Transactions that were kept.
    pub(crate) fn kept(&self) -> &[String] {
        &self.kept
    }

    /// Another session of `login`, with no transaction; or the server's refusal.
    pub(crate) async fn login(&self, login: &str) -> Result<Result<PgConnection, String>, RehearseError> {
        let during = format!("another session, as `{login}`");
        let options = self.options.clone().username(login).application_name(BESIDE);
        match throwaway_postgres::open(&options).await {
            Ok(other) => Ok(Ok(other)),
            Err(error) => lost_or_database(&during, error)
                .map(|error| Err(format!("{} {}", error.code(), error.message()))),
        }
    }

    /// Another session of `login`, in a transaction in which `sql` was done; or the server's refusal.
    pub(crate) async fn beside(
        &self,
        login: &str,
        sql: &str,
    ) -> Result<Result<PgConnection, String>, RehearseError> {
        let mut other = match self.login(login).await? {
            Ok(other) => other,
            Err(why) => return Ok(Err(why)),
        };
        // What it waits for is held by the rehearsal, which waits for it.
        let sql = format!("begin; set local lock_timeout = '2s'; set local statement_timeout = '10s'; {sql}");
        match sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut other).await {
            Ok(_) => Ok(Ok(other)),
            Err(error) => {
                let during = format!("another session, as `{login}`");
                lost_or_database(&during, error)
                    .map(|error| Err(format!("{} {}", error.code(), error.message())))
            }
        }
    }

    /// Waits until the server has let other sessions of ours go: a closed connection is not gone at once.
    pub(crate) async fn until_alone(&mut self) -> Result<(), RehearseError> {
        let gone = format!(
            "do $$ begin for attempt in 1..2000 loop              perform pg_catalog.pg_stat_clear_snapshot();              exit when not exists (select from pg_catalog.pg_stat_activity as s where s.application_name = '{BESIDE}' and s.datname = pg_catalog.current_database());              perform pg_catalog.pg_sleep(0.005); end loop; end $$"
        );
        self.harness("waiting for another session to end", &gone).await
    }

    /// The transaction's id.
    pub(crate) fn xid(&self) -> &str {
        &self.xid
    }

    /// The connection, for guards.
    pub(crate) fn connection(&mut self) -> &mut PgConnection {
        &mut self.conn
    }

    /// Runs a statement of the harness: an error ends the rehearsal.
    pub(crate) async fn harness(&mut self, during: &str, sql: &str) -> Result<(), RehearseError> {
        let batch = self.batch(during, sql.to_owned()).await?;
        batch.demand_transaction(during)?;
        match batch.error {
            None => Ok(()),
            Some(error) => Err(harness_error(during, &error)),
        }
    }

    /// Rows of a query of the harness, each column as text.
    pub(crate) async fn rows(&mut self, during: &str, sql: &str) -> Result<Vec<PgRow>, RehearseError> {
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
            .fetch_all(&mut self.conn)
            .await
            .map_err(|error| classify(during, error))
    }

    /// Like `rows`, with the server's refusal handed back.
    pub(crate) async fn try_rows(
        &mut self,
        during: &str,
        sql: &str,
    ) -> Result<Result<Vec<PgRow>, Box<PgDatabaseError>>, RehearseError> {
        match sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
            .fetch_all(&mut self.conn)
            .await
        {
            Ok(rows) => Ok(Ok(rows)),
            Err(error) => lost_or_database(during, error).map(Err),
        }
    }

    /// First column of each row, NULL as `None`.
    pub(crate) async fn texts(
        &mut self,
        during: &str,
        sql: &str,
    ) -> Result<Vec<Option<String>>, RehearseError> {
        let rows = self.rows(during, sql).await?;
        rows.iter()
            .map(|row| row.try_get_unchecked(0).map_err(|error| classify(during, error)))
            .collect()
    }

    /// Sends a batch in one round trip and tells how far it came. A one-column row that reads
    /// [`Session::mark`] is a mark, not an answer.
    pub(crate) async fn batch(&mut self, during: &str, sql: String) -> Result<Batch, RehearseError> {
        use futures_util::TryStreamExt as _;
        let prefix = format!("mark {} ", self.xid);
        let mut batch = Batch::default();
        let mut stream = self.conn.fetch_many(sqlx::raw_sql(AssertSqlSafe(sql)));
        loop {
            match stream.try_next().await {
                Ok(Some(Either::Left(done))) => batch.completed.push(done.rows_affected()),
                Ok(Some(Either::Right(row))) => {
                    if row.len() == 1
                        && let Ok(text) = row.try_get_unchecked::<String, _>(0)
                    {
                        match text.strip_prefix(&prefix) {
                            Some(mark) => batch.marks.push((mark.to_owned(), batch.completed.len() + 1)),
                            None => batch.answers.push(text),
                        }
                    }
                }
                Ok(None) => return Ok(batch),
                Err(error) => {
                    batch.error = Some(lost_or_database(during, error)?);
                    return Ok(batch);
                }
            }
        }
    }

    /// Sends a batch that begins by undoing the last one, which `last` names; then names this one.
    pub(crate) async fn next_trip(
        &mut self,
        last: &mut String,
        label: String,
        sql: String,
    ) -> Result<Batch, RehearseError> {
        let batch = self.batch(&label, sql).await?;
        if batch.completed.is_empty() {
            // The trip's own rollback failed, so what ran before it ended the transaction; a
            // statement that can't be parsed stops the whole trip and is its own fault.
            batch.demand_transaction(last)?;
        }
        *last = label;
        Ok(batch)
    }

    /// A statement whose row is the mark `name`.
    pub(crate) fn mark(&self, name: &str) -> String {
        format!("select 'mark {} {name}'", self.xid)
    }

    /// Takes a savepoint.
    pub(crate) async fn savepoint(&mut self) -> Result<Savepoint, RehearseError> {
        self.savepoints += 1;
        let name = format!("rehearsal_{}_{}", self.xid, self.savepoints);
        self.harness("taking a savepoint", &format!("savepoint {name}"))
            .await?;
        Ok(Savepoint(name))
    }

    /// Undoes everything since `savepoint` and lets it go. `during` names what ran under it: if
    /// the savepoint is gone, that is what ended the transaction.
    pub(crate) async fn undo(&mut self, savepoint: Savepoint, during: &str) -> Result<(), RehearseError> {
        let Savepoint(name) = savepoint;
        self.harness(
            during,
            &format!("rollback to savepoint {name}; release savepoint {name}"),
        )
        .await
    }

    /// As [`Session::undo`], and fails if the transaction is no longer the one that was begun.
    pub(crate) async fn undo_and_look(
        &mut self,
        savepoint: Savepoint,
        during: &str,
    ) -> Result<(), RehearseError> {
        let Savepoint(name) = savepoint;
        let sql = format!("rollback to savepoint {name}; release savepoint {name}; {XID}");
        let batch = self.batch(during, sql).await?;
        batch.demand_transaction(during)?;
        match (batch.error, batch.answers.first()) {
            (Some(error), _) => Err(harness_error(during, &error)),
            (None, Some(xid)) if *xid == self.xid => Ok(()),
            (None, found) => Err(self.escaped(during, found.map_or("none", String::as_str))),
        }
    }

    /// Lets `savepoint` go and keeps what was done since.
    pub(crate) async fn keep(&mut self, savepoint: Savepoint, during: &str) -> Result<(), RehearseError> {
        let Savepoint(name) = savepoint;
        self.harness(during, &format!("release savepoint {name}")).await
    }

    /// Fails if the transaction is no longer the one that was begun.
    pub(crate) async fn demand_same_transaction(&mut self, during: &str) -> Result<(), RehearseError> {
        let found = self.texts(during, XID).await?.pop().flatten().unwrap_or_default();
        if found == self.xid {
            return Ok(());
        }
        Err(self.escaped(during, &found))
    }

    fn escaped(&self, during: &str, found: &str) -> RehearseError {
        RehearseError::TransactionEscaped {
            during: during.to_owned(),
            message: format!("xid was {}, found {found}", self.xid),
        }
    }

    /// Fires every deferred constraint, then lets each be as it was declared. Without it a
    /// rollback would hide what a commit shows.
    pub(crate) async fn flush_constraints(
        &mut self,
        during: &str,
    ) -> Result<Option<Box<PgDatabaseError>>, RehearseError> {
        let restore = "set constraints all immediate; set constraints all deferred; \
            do $flush$ declare names text; begin \
              select pg_catalog.string_agg(pg_catalog.format('%I.%I', n.nspname, c.conname), ', ') into names \
                from pg_catalog.pg_constraint c join pg_catalog.pg_namespace n on n.oid = c.connamespace \
               where c.condeferrable and not c.condeferred; \
              if names is not null then execute 'set constraints ' || names || ' immediate'; end if; \
            end $flush$";
        Ok(self.batch(during, restore.to_owned()).await?.error)
    }

    /// Rolls back and hands the connection on; the session is over.
    pub(crate) async fn rollback(mut self) -> Result<PgConnection, RehearseError> {
        self.harness("rolling back", "rollback").await?;
        Ok(self.conn)
    }
}

/// Begins a transaction; its xid.
async fn begin_on(conn: &mut PgConnection) -> Result<String, RehearseError> {
    sqlx::raw_sql(BEGIN)
        .fetch_one(conn)
        .await
        .and_then(|row| row.try_get_unchecked::<String, _>(0))
        .map_err(|error| classify("beginning the transaction", error))
}

/// A column of a row as text. `during` names the query.
pub(crate) fn text_at(row: &PgRow, at: usize, during: &str) -> Result<String, RehearseError> {
    row.try_get_unchecked(at).map_err(|error| classify(during, error))
}
