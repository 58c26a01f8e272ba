//! The second client: it gives birth, reads and calls both paths over logins of its own while packets are committed.
//!
//! Not for: running packets (`chain`). The one fact to know: it works between two statements of a transaction that
//! nobody has ended, so it must find the state before; what it waits for is a lock that a packet holds. A birth may
//! not wait, a read of what is being moved may, and never may both paths be open to it.

use crate::error::RehearseError;
use crate::outcome::Finding;
use crate::plan::{ClientRef, PathCall};
use crate::session::{Session, quote_ident};
use serde::Serialize;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

const INSUFFICIENT_PRIVILEGE: &str = "42501";
const LOCK_NOT_AVAILABLE: &str = "55P03";
/// Of whoever must not wait: a busy machine is no lock.
const MUST_NOT_WAIT: &str = "set lock_timeout = '2s'";
/// Of whoever may: waiting is told and not waited for.
const MAY_WAIT: &str = "set lock_timeout = '5ms'";

/// What the second client did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ClientCounts {
    /// Births that were accepted.
    pub births: usize,
    /// Reads that were answered.
    pub reads: usize,
    /// Reads that waited for a packet's lock.
    pub waited: usize,
    /// How often both paths were called.
    pub looked: usize,
}

/// It, logged in.
pub(crate) struct Client<'a> {
    spec: &'a ClientRef,
    writer: PgConnection,
    reader: PgConnection,
    callers: Vec<(&'a PathCall, PgConnection)>,
    /// The application's reads, once there is a list of them; tried in turn.
    pub(crate) reads: Vec<String>,
    next: usize,
    pub(crate) counts: ClientCounts,
    pub(crate) findings: Vec<Finding>,
}

impl<'a> Client<'a> {
    /// Logs in as the application.
    pub(crate) async fn log_in(session: &Session, spec: &'a ClientRef) -> Result<Self, RehearseError> {
        let mut connections = Vec::new();
        for limit in [MUST_NOT_WAIT, MAY_WAIT] {
            connections.push(logged_in(session, &spec.role, limit).await?);
        }
        let (Some(reader), Some(writer)) = (connections.pop(), connections.pop()) else {
            return Err(RehearseError::Stop(
                "the second client has no connection".to_owned(),
            ));
        };
        Ok(Self {
            spec,
            writer,
            reader,
            callers: Vec::new(),
            reads: Vec::new(),
            next: 0,
            counts: ClientCounts::default(),
            findings: Vec::new(),
        })
    }

    /// From now on it calls these paths. A role that can't log in is taken on by a session of the harness.
    pub(crate) async fn call(
        &mut self,
        session: &Session,
        calls: &'a [PathCall],
    ) -> Result<(), RehearseError> {
        for call in calls {
            let caller = if let Ok(mut caller) = session.login(&call.role).await? {
                set(&mut caller, MUST_NOT_WAIT).await?;
                caller
            } else {
                let mut caller = session.another().await?;
                let role = quote_ident(&call.role);
                set(
                    &mut caller,
                    &format!("{MUST_NOT_WAIT}; set session authorization {role}"),
                )
                .await?;
                caller
            };
            self.callers.push((call, caller));
        }
        Ok(())
    }

    /// A birth, a read, and a call of each path; which of the paths are open.
    pub(crate) async fn act(&mut self, package: &str, at: &str) -> Result<Open, RehearseError> {
        match refusal(&mut self.writer, &self.spec.birth).await? {
            None => self.counts.births += 1,
            Some(why) => self.find(
                "BIRTH_REFUSED",
                package,
                format!("{at}: a birth of `{}` was refused", self.spec.role),
                why,
            ),
        }
        let read = match self.reads.get(self.next % self.reads.len().max(1)) {
            Some(read) => read.clone(),
            None => self.spec.read.clone(),
        };
        self.next += 1;
        match refusal(&mut self.reader, &read).await? {
            None => self.counts.reads += 1,
            Some(why) if why.starts_with(LOCK_NOT_AVAILABLE) => self.counts.waited += 1,
            Some(why) => self.find("READ_LOST", package, format!("{at}: {read}"), why),
        }
        self.look(package, at).await
    }

    /// Calls each path; never may both be open.
    pub(crate) async fn look(&mut self, package: &str, at: &str) -> Result<Open, RehearseError> {
        let mut open = Open::default();
        for (call, caller) in &mut self.callers {
            let refused = refusal(caller, &call.sql).await?;
            let refused = refused.is_some_and(|why| why.starts_with(INSUFFICIENT_PRIVILEGE));
            open.note(&call.path, !refused);
        }
        if !self.callers.is_empty() {
            self.counts.looked += 1;
        }
        if open.legacy && open.new {
            let message = format!("{at}: a second connection may execute both paths");
            self.find("MIXED_AUTHORITY", package, message, String::new());
        }
        Ok(open)
    }

    /// Demands that each birth was registered.
    pub(crate) async fn demand_registered(&mut self) -> Result<(), RehearseError> {
        let rows = sqlx::raw_sql(AssertSqlSafe(self.spec.registered.clone()))
            .fetch_all(&mut self.writer)
            .await
            .map_err(|error| crate::session::classify("counting births", error))?;
        let found = match rows.first() {
            Some(row) => crate::session::text_at(row, 0, "counting births")?,
            None => "nothing".to_owned(),
        };
        if found != self.counts.births.to_string() || self.counts.births == 0 {
            let message = format!(
                "{} births were accepted, and {found} are registered",
                self.counts.births
            );
            self.find("BIRTH_REFUSED", "", message, String::new());
        }
        Ok(())
    }

    fn find(&mut self, code: &str, package: &str, message: String, why: String) {
        self.findings.push(Finding {
            code: code.to_owned(),
            package: (!package.is_empty()).then(|| package.to_owned()),
            message,
            details: if why.is_empty() { vec![] } else { vec![why] },
        });
    }

    /// Logs out; nothing depends on it.
    pub(crate) async fn log_out(self) {
        for connection in [self.writer, self.reader]
            .into_iter()
            .chain(self.callers.into_iter().map(|(_, caller)| caller))
        {
            let _ = connection.close().await;
        }
    }
}

/// Which paths are open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Open {
    /// The old one.
    pub legacy: bool,
    /// The new one.
    pub new: bool,
}

impl Open {
    fn note(&mut self, path: &str, open: bool) {
        match path {
            "legacy" => self.legacy |= open,
            _ => self.new |= open,
        }
    }
}

async fn logged_in(session: &Session, role: &str, limit: &str) -> Result<PgConnection, RehearseError> {
    let mut connection = session
        .login(role)
        .await?
        .map_err(|why| RehearseError::Stop(format!("the second client, `{role}`, can't log in: {why}")))?;
    set(&mut connection, limit).await?;
    Ok(connection)
}

async fn set(connection: &mut PgConnection, sql: &str) -> Result<(), RehearseError> {
    match refusal(connection, sql).await? {
        None => Ok(()),
        Some(why) => Err(RehearseError::Stop(format!("the second client: {why}"))),
    }
}

/// The server's refusal, its SQLSTATE first.
async fn refusal(connection: &mut PgConnection, sql: &str) -> Result<Option<String>, RehearseError> {
    let ran = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(connection)
        .await;
    match ran {
        Ok(_) => Ok(None),
        Err(error) => crate::session::lost_or_database("the second client", error)
            .map(|error| Some(format!("{} {}", error.code(), error.message()))),
    }
}
