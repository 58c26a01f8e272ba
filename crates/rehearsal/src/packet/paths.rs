//! Both paths, looked at after every statement of a packet: the old one and the new one, never both.
//!
//! Not for: what a packet must be. The one fact to know: what the server predicts and what a call shows must
//! agree after each statement; the calls travel with it, and looking leaves neither session nor role behind.

use super::DEFAULT;
use crate::engine::Run;
use crate::error::RehearseError;
use crate::plan::{LoadedPacket, PathCall};
use crate::session::{harness_error, quote_ident, quote_literal, trimmed};
use crate::statements::{bare, split};
use sqlx::postgres::PgDatabaseError;
use std::sync::atomic::{AtomicU64, Ordering};

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

/// Prepared statements are the session's, and outlive what is rolled back.
static QUESTIONS: AtomicU64 = AtomicU64::new(0);

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
        let (to_the_end, begun) = (calls(packet, false), calls(packet, true));
        let question = self.prepare_paths(packet).await?;
        for piece in pieces {
            let during = shortened(piece);
            let asked = changes(piece);
            let is_quiet = is_quiet(piece);
            let calls = if is_quiet && !(seen.statements + 1).is_multiple_of(QUIET) {
                &begun
            } else {
                &to_the_end
            };
            let sql = match (asked, until_mixed) {
                (false, _) => piece.clone(),
                (true, true) => format!("{};\n{RESTS_ON}", trimmed(piece)),
                // Looking takes another session's rights, and what gives back the session does not give back its role.
                (true, false) => format!("{};\n{RESTS_ON};\n{calls};\n{role}", trimmed(piece)),
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
            let mut answers = batch.answers.into_iter().rev();
            let disagree = if until_mixed { None } else { answers.next() };
            if let Some(found) = disagree.filter(|found| !found.is_empty()) {
                return Ok((Ended::Disagree { after: during, found }, seen));
            }
            let rests_on = answers.next().unwrap_or_default();
            if is_quiet
                && let Some((before, open)) = &last
                && *before == rests_on
            {
                seen.count(*open);
                continue;
            }
            let paths = self.paths(&question, &role).await?;
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
        }
        Ok((Ended::Through, seen))
    }

    /// Has the server plan who may execute each path, once for a file: the question is long, and asked after every other
    /// statement.
    async fn prepare_paths(&mut self, packet: &LoadedPacket) -> Result<String, RehearseError> {
        let number = QUESTIONS.fetch_add(1, Ordering::Relaxed);
        let name = format!("paths_{}_{number}", self.session.xid());
        let sql = format!("prepare {name} as {}", packet.packet_ref.paths);
        self.session
            .harness("preparing who may execute each path", &sql)
            .await?;
        Ok(name)
    }

    /// Asks it as the harness; `role` is in effect again after it.
    async fn paths(&mut self, question: &str, role: &str) -> Result<Vec<String>, RehearseError> {
        let during = "asking who may execute each path";
        let sql = format!(
            "savepoint {question};\n{DEFAULT}\nexecute {question};\n\
             rollback to savepoint {question};\nrelease savepoint {question};\n{role}"
        );
        let batch = self.session.batch(during, sql).await?;
        batch.demand_transaction(during)?;
        match batch.error {
            None => Ok(batch.answers),
            Some(error) => Err(harness_error(during, &error)),
        }
    }
}

/// Makes each call as its role, undoes it, and answers with what ended otherwise than the server predicts; one statement,
/// so that it can be sent with every other.
///
/// With `begun` the server plans the call, checks who makes it, and runs none of it.
fn calls(packet: &LoadedPacket, begun: bool) -> String {
    let one = |call: &PathCall| {
        let sql = if begun {
            format!("select * from ({}) as c limit 0", call.sql)
        } else {
            call.sql.clone()
        };
        format!(
            "  begin
    set local session authorization default;
    execute {predicted} into v_predicted;
    execute {role};
    execute {call};
    raise exception using errcode = 'F7RAN';
  exception
    when sqlstate 'F7RAN' then
      if v_predicted is not true then v_found := pg_catalog.concat(v_found, {of}, v_predicted, ', the call was accepted; '); end if;
    when insufficient_privilege then
      if v_predicted is not false then v_found := pg_catalog.concat(v_found, {of}, v_predicted, ', the call ended in ', sqlstate, ' ', sqlerrm, '; '); end if;
    when others then
      if v_predicted is not true then v_found := pg_catalog.concat(v_found, {of}, v_predicted, ', the call ended in ', sqlstate, ' ', sqlerrm, '; '); end if;
  end;
",
            predicted = quote_literal(&call.predicted),
            role = quote_literal(&format!("set local role {}", quote_ident(&call.role))),
            call = quote_literal(&sql),
            of = quote_literal(&format!(
                "calling the {} path as `{}`: predicted ",
                call.path, call.role
            )),
        )
    };
    let each: String = packet.packet_ref.call.iter().map(one).collect();
    format!(
        "do $calls$
declare
  v_predicted boolean;
  v_found text := '';
begin
{each}  perform pg_catalog.set_config('rehearsal.disagree', v_found, true);
end
$calls$;
select pg_catalog.current_setting('rehearsal.disagree')"
    )
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

/// How many statements about relations alone pass between two calls that run to their end.
const QUIET: usize = 25;

/// A statement that names a table, view or sequence and nothing else. Calls are begun after each, as far as the check of
/// who makes them; where it wrote no row on which the paths rest, the question about every role is not asked again.
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
