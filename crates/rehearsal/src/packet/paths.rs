//! Both paths, looked at after every statement of a packet: the old one and the new one, never both.
//!
//! Not for: what a packet must be. The one fact to know: what the server predicts and what a call shows must
//! agree, and looking leaves neither session nor role behind.

use super::DEFAULT;
use crate::engine::Run;
use crate::error::RehearseError;
use crate::plan::LoadedPacket;
use crate::session::{quote_ident, trimmed};
use crate::statements::{bare, split};
use sqlx::postgres::PgDatabaseError;

const INSUFFICIENT_PRIVILEGE: &str = "42501";

/// How one run of statements ended.
pub(super) enum Ended {
    /// All of them ran.
    Through,
    /// The server refused one.
    Refused { at: String, error: Box<PgDatabaseError> },
    /// Both paths were open after this one.
    Mixed { after: String, found: String },
    /// What the server predicts and what a call shows are not the same.
    Disagree { after: String, found: String },
}

/// What the paths were over a run.
#[derive(Debug, Default)]
pub(super) struct Seen {
    statements: usize,
    legacy_alone: usize,
    new_alone: usize,
    neither: usize,
}

/// Which paths somebody may execute; never both, or it is told at once.
#[derive(Clone, Copy, Debug)]
struct Open {
    legacy: bool,
    new: bool,
}

impl Open {
    /// Of lines that name a path and how many may execute it.
    fn read(paths: &[String]) -> Self {
        let open = |path: &str| {
            let closed = format!("{path} 0");
            paths
                .iter()
                .any(|line| line.starts_with(path) && !line.starts_with(&closed))
        };
        Self {
            legacy: open("legacy"),
            new: open("new"),
        }
    }
}

impl Seen {
    fn count(&mut self, open: Open) {
        match (open.legacy, open.new) {
            (true, _) => self.legacy_alone += 1,
            (false, true) => self.new_alone += 1,
            (false, false) => self.neither += 1,
        }
    }
}

/// How often this transaction wrote a row on which it rests who may execute what: routines, schemas, roles and
/// memberships. Where none was written, the answer is the one before; a server that does not count is always asked.
const RESTS_ON: &str = "select case when pg_catalog.current_setting('track_counts')::boolean then (
  select pg_catalog.sum(pg_catalog.pg_stat_get_xact_tuples_inserted(c.oid) + pg_catalog.pg_stat_get_xact_tuples_updated(c.oid)
    + pg_catalog.pg_stat_get_xact_tuples_deleted(c.oid))::text
  from (values ('pg_catalog.pg_proc'::regclass), ('pg_catalog.pg_namespace'), ('pg_catalog.pg_authid'), ('pg_catalog.pg_auth_members')) as c (oid))
  else pg_catalog.clock_timestamp()::text end";

impl Run<'_> {
    /// Runs a piece of a file as the operator, and looks at both paths after each statement.
    pub(super) async fn traced(
        &mut self,
        packet: &LoadedPacket,
        sql: &str,
        label: &str,
    ) -> Result<bool, RehearseError> {
        let pieces = split(label, sql)?;
        let id = packet.packet_ref.package.clone();
        let (ended, seen) = self.statements(packet, &pieces, false).await?;
        if let Some(outcome) = self
            .outcome
            .packets
            .iter_mut()
            .find(|outcome| outcome.package == id)
        {
            outcome.statements += seen.statements;
            outcome.legacy_alone += seen.legacy_alone;
            outcome.new_alone += seen.new_alone;
            outcome.neither += seen.neither;
        }
        match ended {
            Ended::Through => {
                self.session.harness(label, DEFAULT).await?;
                return Ok(true);
            }
            Ended::Refused { at, error } => {
                let details = [error.r#where(), error.detail(), error.hint()]
                    .into_iter()
                    .flatten();
                let details = details.flat_map(str::lines).map(str::to_owned).collect();
                let message = format!(
                    "{label} was refused at `{at}`: {} {}",
                    error.code(),
                    error.message()
                );
                self.finding("PACKET_REFUSED", Some(id), message, details);
            }
            Ended::Mixed { after, found } => {
                self.finding(
                    "MIXED_AUTHORITY",
                    Some(id),
                    format!("{label}: both paths are executable after `{after}`"),
                    vec![found],
                );
            }
            Ended::Disagree { after, found } => {
                self.finding(
                    "PATHS_DISAGREE",
                    Some(id),
                    format!("{label}: what the server predicts and what a call shows differ after `{after}`"),
                    vec![found],
                );
            }
        }
        Ok(false)
    }

    /// Statement by statement. With `until_mixed` only the paths as predicted are asked, which is enough for a mutant.
    pub(super) async fn statements(
        &mut self,
        packet: &LoadedPacket,
        pieces: &[String],
        until_mixed: bool,
    ) -> Result<(Ended, Seen), RehearseError> {
        let mut seen = Seen::default();
        let mut role = "reset role".to_owned();
        let mut last: Option<(String, Open)> = None;
        for piece in pieces {
            let during = shortened(piece);
            let asked = changes(piece);
            let sql = if asked {
                format!("{};\n{RESTS_ON}", trimmed(piece))
            } else {
                piece.clone()
            };
            let batch = self.session.batch(&during, sql).await?;
            batch.demand_transaction(&during)?;
            if let Some(error) = batch.error {
                return Ok((Ended::Refused { at: during, error }, seen));
            }
            seen.statements += 1;
            if is_role(bare(piece)) {
                bare(piece).clone_into(&mut role);
            }
            if !asked {
                continue;
            }
            let rests_on = batch.answers.last().cloned().unwrap_or_default();
            if is_quiet(piece)
                && !seen.statements.is_multiple_of(QUIET)
                && let Some((before, open)) = &last
                && *before == rests_on
            {
                seen.count(*open);
                continue;
            }
            let paths = self.paths(packet).await?;
            let open = Open::read(&paths);
            if open.legacy && open.new {
                return Ok((
                    Ended::Mixed {
                        after: during,
                        found: paths.join("; "),
                    },
                    seen,
                ));
            }
            seen.count(open);
            last = Some((rests_on, open));
            if !until_mixed && let Some(found) = self.disagreement(packet).await? {
                return Ok((Ended::Disagree { after: during, found }, seen));
            }
            // Looking took another session's rights, and a savepoint gives back the session but not its role.
            self.session.harness(&during, &role).await?;
        }
        Ok((Ended::Through, seen))
    }

    async fn paths(&mut self, packet: &LoadedPacket) -> Result<Vec<String>, RehearseError> {
        let during = "asking who may execute each path";
        let savepoint = self.session.savepoint().await?;
        let sql = format!("{DEFAULT}{}", packet.packet_ref.paths);
        let answers = self.session.texts(during, &sql).await?;
        self.session.undo(savepoint, during).await?;
        Ok(answers.into_iter().flatten().collect())
    }

    /// A call that ends otherwise than the server predicts.
    async fn disagreement(&mut self, packet: &LoadedPacket) -> Result<Option<String>, RehearseError> {
        for call in &packet.packet_ref.call {
            let during = format!("calling the {} path as `{}`", call.path, call.role);
            let savepoint = self.session.savepoint().await?;
            let sql = format!("{DEFAULT}{}", call.predicted);
            let predicted = self.session.texts(&during, &sql).await?.pop().flatten();
            let sql = format!("set local role {}; {}", quote_ident(&call.role), call.sql);
            let tried = self.session.try_rows(&during, &sql).await?;
            self.session.undo(savepoint, &during).await?;
            let refused = matches!(&tried, Err(error) if error.code() == INSUFFICIENT_PRIVILEGE);
            if predicted.as_deref() != Some(if refused { "f" } else { "t" }) {
                let ended = match tried {
                    Ok(_) => "was accepted".to_owned(),
                    Err(error) => format!("ended in {} {}", error.code(), error.message()),
                };
                return Ok(Some(format!(
                    "{during}: predicted {predicted:?}, the call {ended}"
                )));
            }
        }
        Ok(None)
    }
}

pub(super) fn is_role(statement: &str) -> bool {
    statement.starts_with("set local role ") && !statement.contains('\n') || statement == "reset role"
}

/// Statements after which a path may have changed.
fn changes(piece: &str) -> bool {
    // A piece that changed places begins with its role.
    let mut statements = bare(piece)
        .lines()
        .map(|line| line.split_whitespace().next().unwrap_or_default());
    let first = statements.next().unwrap_or_default();
    let second = statements.next().unwrap_or_default();
    let changing = |word: &str| {
        matches!(
            word,
            "revoke" | "grant" | "create" | "alter" | "drop" | "comment" | "do" | "select"
        )
    };
    changing(first) || (matches!(first, "set" | "reset") && changing(second))
}

/// How many statements about tables, views and sequences alone pass between two calls.
const QUIET: usize = 25;

/// A statement that names a table, view or sequence and nothing else. That it wrote no row on which the paths rest is
/// seen after each; the calls themselves are made again now and then.
fn is_quiet(piece: &str) -> bool {
    let statement = bare(piece);
    let acts_on = [
        "alter view ",
        "alter table ",
        "comment on ",
        "create trigger ",
        "drop trigger ",
    ];
    acts_on.iter().any(|start| statement.starts_with(start))
        || ((statement.starts_with("grant ") || statement.starts_with("revoke "))
            && (statement.contains(" on table ") || statement.contains(" on sequence ")))
}

fn shortened(piece: &str) -> String {
    let text = bare(piece);
    let line = text.lines().next().unwrap_or_default();
    line.chars().take(120).collect()
}
