//! An operator's packet, run by the operator's login: the very bytes, statement by statement, there and back.
//!
//! Not for: leave (`leave`), or what only a commit shows. The one fact to know: after every statement both paths are
//! asked of the server and tried, and never may both be executable; two statements that change places must show it.

use crate::engine::Run;
use crate::error::RehearseError;
use crate::fingerprint::Fingerprint;
use crate::leave::Signed;
use crate::outcome::{PacketOutcome, PacketRefusal};
use crate::plan::{LeaveRef, LoadedPacket, PacketPart};
use crate::session::{quote_ident, quote_literal};
use crate::statements::{bare, halves, split};
use operator_authorization::Code;
use sqlx::postgres::PgDatabaseError;
use std::collections::BTreeMap;

const DEFAULT: &str = "set local session authorization default; ";
const INSUFFICIENT_PRIVILEGE: &str = "42501";
const APPLY: &str = "apply.sql";
const ROLLBACK: &str = "rollback.sql";
const VERIFY: &str = "verify.sql";

/// What is remembered of a packet between its parts.
#[derive(Debug, Default)]
pub(crate) struct Underway {
    /// The state before.
    floor: Option<Fingerprint>,
    /// The settings that hand leave in.
    given: String,
    /// Settings of the session before.
    settings: String,
}

/// How one run of statements ended.
enum Ended {
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
struct Seen {
    statements: usize,
    legacy_alone: usize,
    new_alone: usize,
    neither: usize,
}

impl Run<'_> {
    /// Runs a part; `false`, and a finding, if it did not end as it must.
    pub(crate) async fn packet_part(
        &mut self,
        packet: &LoadedPacket,
        part: PacketPart,
        label: &str,
    ) -> Result<bool, RehearseError> {
        let committed = self.committed;
        let Some(leave) = &committed.plan.leave else {
            return Err(RehearseError::Stop(
                "the plan has packets and no `[leave]`".to_owned(),
            ));
        };
        match part {
            PacketPart::ApplyToCheckpoint => self.begin_apply(packet, leave, label).await,
            PacketPart::ApplyRest => self.end_apply(packet, label).await,
            PacketPart::Rollback => self.packet_rollback(packet, label).await,
        }
    }

    async fn begin_apply(
        &mut self,
        packet: &LoadedPacket,
        leave: &LeaveRef,
        label: &str,
    ) -> Result<bool, RehearseError> {
        let id = packet.packet_ref.package.clone();
        let mut outcome = PacketOutcome::new(&id, &packet.packet.digest.to_string());
        let desk = self.desk(packet, leave).await?;
        let (signed, wrong) = self.give_leave(&desk, leave)?;
        outcome.worlds = self.refused_in_worlds(packet, &signed, label).await?;
        self.demand_state(packet, "BEFORE", label).await?;
        let floor = self.fingerprint().await?;
        let settings = self.settings().await?;
        if !self.run_as_dba(packet, "dba_before.sql", label).await? {
            return Ok(false);
        }
        for one in &wrong {
            let Some(code) = one.seen else { continue };
            let sql = packet.sql(APPLY)?;
            let found = self
                .refusal_of(packet, &given(packet, &one.signed), sql, label)
                .await?;
            let as_expected = found.is(&packet.packet_ref.leave) && found.names(code.name());
            outcome.refused.push(PacketRefusal {
                what: one.what.to_owned(),
                code: code.to_string(),
                as_expected,
            });
            if !as_expected {
                let message = format!(
                    "`{id}` under an authorization {}: expected {code}, found {}",
                    one.what,
                    found.said()
                );
                self.finding("PACKET_DID_NOT_REFUSE", Some(id.clone()), message, vec![]);
            }
        }
        let given = given(packet, &signed);
        outcome.swaps = self.swaps(packet, APPLY, &given, label).await?;
        self.underway.insert(
            id.clone(),
            Underway {
                floor: Some(floor),
                given: given.clone(),
                settings,
            },
        );
        self.outcome.packets.push(outcome);
        let apply = packet.sql(APPLY)?;
        let (first, _) = halves(label, apply, &packet.packet_ref.checkpoint)?;
        self.become_operator(packet, &given, label).await?;
        self.traced(packet, first, label).await
    }

    async fn end_apply(&mut self, packet: &LoadedPacket, label: &str) -> Result<bool, RehearseError> {
        let apply = packet.sql(APPLY)?;
        let (_, second) = halves(label, apply, &packet.packet_ref.checkpoint)?;
        self.session.harness(label, &as_operator(packet)).await?;
        if !self.traced(packet, second, label).await? {
            return Ok(false);
        }
        let ended = self.end_window(packet, label).await?;
        self.demand_state(packet, "AFTER", label).await?;
        if let Some(outcome) = self.outcome.packets.last_mut() {
            outcome.applied = ended;
        }
        Ok(ended)
    }

    async fn packet_rollback(&mut self, packet: &LoadedPacket, label: &str) -> Result<bool, RehearseError> {
        let id = packet.packet_ref.package.clone();
        let Some(Underway {
            floor: Some(floor),
            given,
            ..
        }) = self.underway.get(&id)
        else {
            return Err(RehearseError::Stop(format!(
                "{label}: `{id}` was not applied before"
            )));
        };
        let (floor, given) = (floor.clone(), given.clone());
        if !self.run_as_dba(packet, "dba_before.sql", label).await? {
            return Ok(false);
        }
        let swaps = self.swaps(packet, ROLLBACK, &given, label).await?;
        self.become_operator(packet, &given, label).await?;
        if !self.traced(packet, packet.sql(ROLLBACK)?, label).await? {
            return Ok(false);
        }
        self.session.harness(label, DEFAULT).await?;
        // The same leave once more: its nonce is used up.
        let found = self.refusal_of(packet, &given, packet.sql(APPLY)?, label).await?;
        if !found.is(&packet.packet_ref.leave) || !found.names(Code::NonceReplayed.name()) {
            let message = format!(
                "`{id}` under an authorization that was used: expected {}, found {}",
                Code::NonceReplayed,
                found.said()
            );
            self.finding("PACKET_DID_NOT_REFUSE", Some(id.clone()), message, vec![]);
        }
        if !self.end_window(packet, label).await? {
            return Ok(false);
        }
        self.demand_state(packet, "BEFORE", label).await?;
        let found = self.fingerprint().await?;
        // Evidence, the epoch and what was superseded only grow [ruling A8].
        let own = format!("{}.", self.committed.plan.schema);
        let mut residue = floor.residue(&found);
        residue.retain(|one| !(one.kind == "rows" && one.identity.starts_with(&own)));
        let restored = residue.is_empty();
        if !restored {
            let message = format!(
                "{label}: expected the state before `{id}`, found {} differences",
                residue.len()
            );
            self.finding(
                "PACKET_DID_NOT_RESTORE",
                Some(id.clone()),
                message,
                crate::packages::residue_lines(&residue),
            );
        }
        if let Some(outcome) = self
            .outcome
            .packets
            .iter_mut()
            .find(|outcome| outcome.package == id)
        {
            outcome.restored = restored;
            outcome.swaps += swaps;
        }
        Ok(true)
    }

    /// In each world that is no good the packet must refuse, for the world's reasons, before it changes anything.
    async fn refused_in_worlds(
        &mut self,
        packet: &LoadedPacket,
        signed: &Signed,
        label: &str,
    ) -> Result<BTreeMap<String, Vec<String>>, RehearseError> {
        let committed = self.committed;
        let mut ends = BTreeMap::new();
        for world in committed
            .worlds
            .world
            .iter()
            .filter(|world| !world.expected.is_empty())
        {
            let savepoint = self.session.savepoint().await?;
            let label = format!("{label} in world `{}`", world.id);
            self.session.harness(&label, &world.delta).await?;
            if self.run_as_dba(packet, "dba_before.sql", &label).await? {
                let found = self
                    .refusal_of(packet, &given(packet, signed), packet.sql(APPLY)?, &label)
                    .await?;
                let named: Vec<String> = world
                    .expected
                    .iter()
                    .filter(|code| found.names(code))
                    .cloned()
                    .collect();
                if !found.is(&packet.packet_ref.isolation) || named != world.expected {
                    let message = format!("{label}: expected {:?}, found {}", world.expected, found.said());
                    self.finding(
                        "PACKET_DID_NOT_REFUSE",
                        Some(packet.packet_ref.package.clone()),
                        message,
                        vec![],
                    );
                }
                ends.insert(world.id.clone(), named);
            }
            self.session.undo(savepoint, &label).await?;
        }
        Ok(ends)
    }

    /// Statements that change places must open both paths at once; how many were seen to.
    async fn swaps(
        &mut self,
        packet: &LoadedPacket,
        file: &str,
        given: &str,
        label: &str,
    ) -> Result<usize, RehearseError> {
        let mut seen = 0;
        let pieces = split(label, packet.sql(file)?)?;
        for swap in packet.packet_ref.swap.iter().filter(|swap| swap.file == file) {
            let at = |wanted: &str| {
                let mut found = pieces
                    .iter()
                    .enumerate()
                    .filter(|(_, piece)| bare(piece) == wanted);
                match (found.next(), found.next()) {
                    (Some((at, _)), None) => Ok(at),
                    _ => Err(RehearseError::Stop(format!(
                        "{label}: `{wanted}` must stand in `{file}` once"
                    ))),
                }
            };
            let (first, then) = (at(&swap.first)?, at(&swap.then)?);
            // Each statement keeps the role that it needs, and leaves the one that it found.
            let moved = |from: usize, to: usize| {
                format!(
                    "{};\n{};\n{};\n",
                    role_at(&pieces, from),
                    bare(&pieces[from]),
                    role_at(&pieces, to)
                )
            };
            let mut changed = pieces.clone();
            changed[first] = moved(then, first);
            changed[then] = moved(first, then);
            let savepoint = self.session.savepoint().await?;
            self.become_operator(packet, given, label).await?;
            let (ended, _) = self.statements(packet, &changed, true).await?;
            self.session.undo(savepoint, label).await?;
            match ended {
                Ended::Mixed { .. } => seen += 1,
                Ended::Through | Ended::Disagree { .. } => {
                    self.swap_survived(packet, &swap.then, "nothing noticed");
                }
                Ended::Refused { at, error } => {
                    self.swap_survived(
                        packet,
                        &swap.then,
                        &format!("{} {} at `{at}`", error.code(), error.message()),
                    );
                }
            }
        }
        Ok(seen)
    }

    fn swap_survived(&mut self, packet: &LoadedPacket, then: &str, found: &str) {
        let id = packet.packet_ref.package.clone();
        let message =
            format!("`{id}` with `{then}` too early: expected both paths open at once, found {found}");
        self.finding("PACKET_MUTANT_SURVIVED", Some(id), message, vec![]);
    }

    /// Runs a piece of a file as the operator, and looks at both paths after each statement.
    async fn traced(&mut self, packet: &LoadedPacket, sql: &str, label: &str) -> Result<bool, RehearseError> {
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
    async fn statements(
        &mut self,
        packet: &LoadedPacket,
        pieces: &[String],
        until_mixed: bool,
    ) -> Result<(Ended, Seen), RehearseError> {
        let mut seen = Seen::default();
        let mut role = "reset role".to_owned();
        for piece in pieces {
            let during = shortened(piece);
            let batch = self.session.batch(&during, piece.clone()).await?;
            batch.demand_transaction(&during)?;
            if let Some(error) = batch.error {
                return Ok((Ended::Refused { at: during, error }, seen));
            }
            seen.statements += 1;
            if is_role(bare(piece)) {
                bare(piece).clone_into(&mut role);
            }
            if !changes(piece) {
                continue;
            }
            let paths = self.paths(packet).await?;
            let open = |path: &str| {
                paths
                    .iter()
                    .any(|line| line.starts_with(path) && !line.starts_with(&format!("{path} 0")))
            };
            match (open("legacy"), open("new")) {
                (true, true) => {
                    return Ok((
                        Ended::Mixed {
                            after: during,
                            found: paths.join("; "),
                        },
                        seen,
                    ));
                }
                (true, false) => seen.legacy_alone += 1,
                (false, true) => seen.new_alone += 1,
                (false, false) => seen.neither += 1,
            }
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

    /// How `sql` is refused under `given`; undone.
    async fn refusal_of(
        &mut self,
        packet: &LoadedPacket,
        given: &str,
        sql: &str,
        label: &str,
    ) -> Result<Refused, RehearseError> {
        let savepoint = self.session.savepoint().await?;
        self.become_operator(packet, given, label).await?;
        let batch = self.session.batch(label, sql.to_owned()).await?;
        batch.demand_transaction(label)?;
        self.session.undo(savepoint, label).await?;
        Ok(Refused(batch.error))
    }

    async fn run_as_dba(
        &mut self,
        packet: &LoadedPacket,
        file: &str,
        label: &str,
    ) -> Result<bool, RehearseError> {
        let what = format!("`{file}` for {label}");
        self.refused_nothing(&packet.packet_ref.package, &what, packet.sql(file)?.to_owned())
            .await
    }

    async fn end_window(&mut self, packet: &LoadedPacket, label: &str) -> Result<bool, RehearseError> {
        let id = packet.packet_ref.package.clone();
        let settings = self
            .underway
            .get(&id)
            .map(|one| one.settings.clone())
            .unwrap_or_default();
        if !self.flush(&id, label).await? || !self.run_as_dba(packet, "dba_after.sql", label).await? {
            return Ok(false);
        }
        self.session.harness(label, &settings).await?;
        Ok(true)
    }

    /// Settings that a packet sets for its transaction, as statements that set them as they are now.
    async fn settings(&mut self) -> Result<String, RehearseError> {
        let sql = "select pg_catalog.format('select pg_catalog.set_config(%L, %L, true);', s.name, pg_catalog.current_setting(s.name)) \
            from (values ('search_path'), ('lock_timeout'), ('statement_timeout'), ('default_transaction_read_only')) as s (name)";
        let lines = self.session.texts("remembering settings", sql).await?;
        Ok(lines.into_iter().flatten().collect::<Vec<_>>().concat())
    }

    async fn become_operator(
        &mut self,
        packet: &LoadedPacket,
        given: &str,
        label: &str,
    ) -> Result<(), RehearseError> {
        let sql = format!("{}{given}", as_operator(packet));
        self.session.harness(label, &sql).await?;
        self.session.harness(label, packet.sql("inputs.sql")?).await
    }

    /// What `verify.sql` answers, asked by the auditor's road: without the window it is the harness that looks.
    async fn demand_state(
        &mut self,
        packet: &LoadedPacket,
        expected: &str,
        label: &str,
    ) -> Result<(), RehearseError> {
        let during = format!("`verify.sql` for {label}");
        let savepoint = self.session.savepoint().await?;
        let batch = self
            .session
            .batch(&during, packet.sql(VERIFY)?.to_owned())
            .await?;
        batch.demand_transaction(&during)?;
        self.session.undo(savepoint, &during).await?;
        let wanted = format!("{expected} ");
        let answered = batch.answers.iter().any(|answer| answer.starts_with(&wanted));
        if !answered || batch.error.is_some() {
            let error = batch.error.map(|error| {
                format!(
                    "{} {} {}",
                    error.code(),
                    error.message(),
                    error.detail().unwrap_or_default()
                )
            });
            let message = format!("{during}: expected {expected}");
            let details = batch.answers.into_iter().chain(error).collect();
            self.finding(
                "PACKET_STATE_DIFFERS",
                Some(packet.packet_ref.package.clone()),
                message,
                details,
            );
        }
        Ok(())
    }
}

/// A refusal, or none.
struct Refused(Option<Box<PgDatabaseError>>);

impl Refused {
    fn is(&self, sqlstate: &str) -> bool {
        self.0.as_ref().is_some_and(|error| error.code() == sqlstate)
    }

    /// Whether a line of its detail begins with `code`.
    fn names(&self, code: &str) -> bool {
        let detail = self
            .0
            .as_ref()
            .and_then(|error| error.detail())
            .unwrap_or_default();
        detail
            .lines()
            .any(|line| line.split([' ', ':']).next() == Some(code))
    }

    fn said(&self) -> String {
        self.0.as_ref().map_or_else(
            || "no refusal".to_owned(),
            |error| {
                format!(
                    "{} {} {}",
                    error.code(),
                    error.message(),
                    error.detail().unwrap_or_default()
                )
            },
        )
    }
}

/// The settings in which leave is handed in.
fn given(packet: &LoadedPacket, signed: &Signed) -> String {
    format!(
        "select pg_catalog.set_config('packet.sha256', {}, true), pg_catalog.set_config('packet.authorization', {}, true);",
        quote_literal(&packet.packet.digest.to_string()),
        quote_literal(&signed.text)
    )
}

fn as_operator(packet: &LoadedPacket) -> String {
    format!(
        "set local session authorization {};",
        quote_ident(&packet.packet_ref.operator)
    )
}

/// The statement that put the role of this place into effect.
fn role_at(pieces: &[String], at: usize) -> &str {
    let before = pieces[..at].iter().rev().map(|piece| bare(piece));
    before
        .into_iter()
        .find(|text| is_role(text))
        .unwrap_or("reset role")
}

fn is_role(statement: &str) -> bool {
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
            "revoke" | "grant" | "create" | "alter" | "drop" | "do" | "select"
        )
    };
    changing(first) || (matches!(first, "set" | "reset") && changing(second))
}

fn shortened(piece: &str) -> String {
    let text = bare(piece);
    let line = text.lines().next().unwrap_or_default();
    line.chars().take(120).collect()
}

impl LoadedPacket {
    /// The text of one of its files.
    pub(crate) fn sql(&self, name: &str) -> Result<&str, RehearseError> {
        self.files.get(name).map(String::as_str).ok_or_else(|| {
            RehearseError::Stop(format!("packet `{}` has no `{name}`", self.packet_ref.package))
        })
    }
}
