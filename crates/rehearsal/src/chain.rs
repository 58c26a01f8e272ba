//! The packets of the cutover, committed one after the other and taken back in the opposite order, while a second
//! client works between their statements.
//!
//! Not for: the packet that makes the control plane (`origin`), or what a packet refuses, which a rehearsal shows in one
//! transaction. The one fact to know: each part is run by the login that runs it on a live database, in one transaction
//! of its own, and ended by the keeper.

mod origin;

use crate::client::{Client, ClientCounts, Open};
use crate::creation::{AFTER, BEFORE, INPUTS};
use crate::engine::{Progress, Run};
use crate::error::RehearseError;
use crate::fingerprint::Fingerprint;
use crate::keeper::Keeper;
use crate::leave::Asks;
use crate::outcome::{Finding, Status};
use crate::packages::residue_lines;
use crate::packet::given;
use crate::plan::{Committed, Ground, LoadedPacket, LoadedState, PacketPart};
use crate::reads::ReadCounts;
use crate::session::{classify, lost_or_database};
use crate::share::Share;
use crate::state::ROLLBACK;
use crate::statements::split;
use crate::target::Target;
use serde::Serialize;
use sqlx::{AssertSqlSafe, Connection as _};

/// How many statements of a packet that changes no path pass between two acts of the second client.
const SELDOM: usize = 16;

/// The packets, committed.
#[derive(Clone, Debug, Serialize)]
pub struct ChainOutcome {
    /// Its verdict.
    pub verdict: Status,
    /// Why it is not measured.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// Transactions in which a part was committed, in order.
    pub links: Vec<ChainLink>,
    /// What a second client did meanwhile.
    pub client: ClientCounts,
}

/// A part, committed.
#[derive(Clone, Debug, Serialize)]
pub struct ChainLink {
    /// The package.
    pub package: String,
    /// The file.
    pub file: String,
    /// Who ran it.
    pub login: String,
    /// Its statements.
    pub statements: usize,
    /// Which paths a second connection may execute afterwards.
    pub open: Open,
    /// Whether the state before the package is back, but for what only grows; null where nothing was taken back.
    pub restored: Option<bool>,
}

impl ChainOutcome {
    /// None, and why.
    pub fn not_measured(why: &str) -> Self {
        Self {
            verdict: Status::NotMeasured,
            why: why.to_owned(),
            links: Vec::new(),
            client: ClientCounts::default(),
        }
    }
}

impl Default for ChainOutcome {
    fn default() -> Self {
        Self::not_measured("not asked for")
    }
}

/// A part that somebody runs.
struct Part<'a> {
    package: &'a str,
    file: &'a str,
    login: &'a str,
    /// What is handed in.
    settings: String,
    inputs: &'a str,
    sql: &'a str,
    /// Whether the client acts after every statement.
    closely: bool,
}

/// A packet that was applied, and how it is taken back.
struct Applied<'a> {
    packet: &'a LoadedPacket,
    before: Fingerprint,
    settings: String,
}

/// Commits the packets of `committed` on `target` with `keeper`, there and back, with a second client at work.
pub async fn commit_chain<'a>(
    target: &Target,
    committed: &'a Committed,
    progress: &'a mut dyn Progress,
    keeper: &'a mut dyn Keeper,
) -> Result<(ChainOutcome, ReadCounts, Vec<Finding>), RehearseError> {
    let postgres = target.postgres.clone();
    let mut run = Run::begin(&target.options, postgres, committed, &[], progress).await?;
    run.share = Share::Reads;
    run.keeper = Some(keeper);
    run.demand_free_target().await?;
    run.create_personas().await?;
    run.keep("creating personas").await?;
    let mut outcome = ChainOutcome::not_measured("");
    let Some(spec) = &committed.plan.client else {
        return Err(RehearseError::Stop("the plan names no second client".to_owned()));
    };
    let mut client = Client::log_in(&run.session, spec).await?;
    let whole = Box::pin(run.chain(&mut client, &mut outcome)).await?;
    if whole {
        client.demand_registered().await?;
    }
    outcome.client = client.counts;
    let mut findings = std::mem::take(&mut run.outcome.findings);
    findings.append(&mut client.findings);
    client.log_out().await;
    let is_kept = |state: &LoadedState| state.state.part != Some(PacketPart::ApplyToCheckpoint);
    let wanted = committed.states.iter();
    let wanted = wanted
        .filter(|state| state.reads.is_some() && is_kept(state))
        .count();
    let reads = run.outcome.reads;
    if reads.states != wanted {
        findings.push(Finding {
            code: "READ_LOST".to_owned(),
            package: None,
            message: format!(
                "reads over a login: expected {wanted} states, came to {}",
                reads.states
            ),
            details: vec![],
        });
    }
    run.session.rollback().await?;
    outcome.verdict = if findings.is_empty() && whole {
        Status::Pass
    } else {
        Status::Fail
    };
    Ok((outcome, reads, findings))
}

impl<'a> Run<'a> {
    async fn chain(
        &mut self,
        client: &mut Client<'a>,
        outcome: &mut ChainOutcome,
    ) -> Result<bool, RehearseError> {
        let committed = self.committed;
        let calls = committed
            .packets
            .values()
            .next()
            .map(|packet| packet.packet_ref.call.as_slice());
        let (old, new): (Vec<_>, Vec<_>) = calls
            .unwrap_or_default()
            .iter()
            .partition(|call| call.path == "legacy");
        for call in old {
            client.call(&self.session, std::slice::from_ref(call)).await?;
        }
        if !self.create_and_drop(client, outcome).await? {
            return Ok(false);
        }
        let Some(origin) = self.commit_creation(client, outcome).await? else {
            return Ok(false);
        };
        self.grant_memberships().await?;
        self.keep("granting personas their roles").await?;
        for call in new {
            client.call(&self.session, std::slice::from_ref(call)).await?;
        }
        let mut applied: Vec<Applied<'a>> = Vec::new();
        let states = committed.states.iter();
        for state in states
            .filter(|state| state.state.stands_on == Ground::Activated && state.state.moment != ROLLBACK)
        {
            let label = format!("state {} {}", state.state.step, state.state.moment);
            self.progress.step(&label);
            match (&state.state.packet, state.state.part) {
                (Some(_), Some(PacketPart::ApplyToCheckpoint)) => continue,
                (Some(id), Some(_)) => match self.commit_packet(id, client, outcome).await? {
                    Some(one) => applied.push(one),
                    None => return Ok(false),
                },
                _ => {
                    let during = label.clone();
                    if !self.refused_nothing("", &during, state.script()).await? {
                        return Ok(false);
                    }
                    self.keep(&label).await?;
                }
            }
            if client.reads.is_empty()
                && let Some((_, query)) = &state.reads
            {
                client.reads = self.reads_of(query, &label).await?;
            }
            self.read_over_login(state, &label).await?;
        }
        while let Some(one) = applied.pop() {
            if !self.commit_way_back(&one, client, outcome).await? {
                return Ok(false);
            }
        }
        self.commit_return(&origin, client, outcome).await
    }

    async fn commit_packet(
        &mut self,
        id: &str,
        client: &mut Client<'a>,
        outcome: &mut ChainOutcome,
    ) -> Result<Option<Applied<'a>>, RehearseError> {
        let committed = self.committed;
        let (Some(packet), Some(leave)) = (committed.packets.get(id), &committed.plan.leave) else {
            return Err(RehearseError::Stop(format!("`{id}` has no packet")));
        };
        let before = self.fingerprint().await?;
        let desk = self.desk(&packet.packet, Asks::of(leave), leave).await?;
        let (signed, _) = self.give_leave(&desk, leave)?;
        let settings = given(&packet.packet.digest.to_string(), &signed);
        let one = Applied {
            packet,
            before,
            settings,
        };
        let kept = self.in_window(&one, "apply.sql", client, outcome).await?;
        Ok(kept.then_some(one))
    }

    async fn commit_way_back(
        &mut self,
        one: &Applied<'a>,
        client: &mut Client<'a>,
        outcome: &mut ChainOutcome,
    ) -> Result<bool, RehearseError> {
        if !self.in_window(one, "rollback.sql", client, outcome).await? {
            return Ok(false);
        }
        let id = &one.packet.packet_ref.package;
        self.demand_restored(id, &one.before, outcome).await
    }

    /// Demands the state before a package, but for what only grows, and notes it with the last link.
    async fn demand_restored(
        &mut self,
        package: &str,
        before: &Fingerprint,
        outcome: &mut ChainOutcome,
    ) -> Result<bool, RehearseError> {
        let found = self.fingerprint().await?;
        let own = format!("{}.", self.committed.plan.schema);
        let grows = self
            .committed
            .plan
            .client
            .as_ref()
            .map(|client| client.grows.as_slice())
            .unwrap_or_default();
        let mut residue = before.residue(&found);
        residue.retain(|line| {
            line.kind != "rows" || !(line.identity.starts_with(&own) || grows.contains(&line.identity))
        });
        if let Some(link) = outcome.links.last_mut() {
            link.restored = Some(residue.is_empty());
        }
        if !residue.is_empty() {
            let message = format!(
                "`{package}`, committed and taken back: expected the state before, found {} differences",
                residue.len()
            );
            let package = Some(package.to_owned());
            self.finding(
                "PACKET_DID_NOT_RESTORE",
                package,
                message,
                residue_lines(&residue),
            );
        }
        Ok(residue.is_empty())
    }

    async fn in_window(
        &mut self,
        one: &Applied<'a>,
        file: &str,
        client: &mut Client<'a>,
        outcome: &mut ChainOutcome,
    ) -> Result<bool, RehearseError> {
        let packet = one.packet;
        let id = packet.packet_ref.package.as_str();
        self.progress.step(&format!("`{file}` of {id}, committed"));
        let dba = async |run: &mut Self, script: &str| {
            let done = run
                .refused_nothing(id, script, packet.sql(script)?.into_owned())
                .await?;
            run.keep(script).await?;
            Ok::<bool, RehearseError>(done)
        };
        if !dba(self, BEFORE).await? {
            return Ok(false);
        }
        let (inputs, sql) = (packet.sql(INPUTS)?, packet.sql(file)?);
        let part = Part {
            package: id,
            file,
            login: &packet.packet_ref.operator,
            settings: one.settings.clone(),
            inputs: &inputs,
            sql: &sql,
            closely: !packet.packet_ref.swap.is_empty(),
        };
        let kept = self.commit_part(&part, client, outcome).await?;
        Ok(dba(self, AFTER).await? && kept)
    }

    /// One transaction of a login, statement by statement, with the second client between them; `false`, and a finding,
    /// if the server refused one.
    async fn commit_part(
        &mut self,
        part: &Part<'_>,
        client: &mut Client<'a>,
        outcome: &mut ChainOutcome,
    ) -> Result<bool, RehearseError> {
        let Part {
            package, file, login, ..
        } = part;
        let during = format!("`{file}` of {package}, committed as `{login}`");
        // Nothing of the harness is open meanwhile.
        self.pause(&during).await?;
        let mut connection = match self.session.login(login).await? {
            Ok(connection) => connection,
            Err(why) => return Err(RehearseError::Stop(format!("{during}: it can't log in: {why}"))),
        };
        client.act(package, &format!("before {during}")).await?;
        let begin = format!(
            "begin isolation level repeatable read; {}{}",
            part.settings, part.inputs
        );
        let pieces = split(&during, part.sql)?;
        let all = pieces.len();
        let texts = std::iter::once(begin.as_str()).chain(pieces.iter().map(String::as_str));
        let mut refused = None;
        for (at, text) in texts.enumerate() {
            let ran = sqlx::raw_sql(AssertSqlSafe(text.to_owned()))
                .execute(&mut connection)
                .await;
            if let Err(error) = ran {
                refused = Some((at, lost_or_database(&during, error)?));
                break;
            }
            if part.closely || at % SELDOM == 0 || at == all {
                client
                    .act(package, &format!("{during}, statement {at} of {all}"))
                    .await?;
            }
        }
        if refused.is_none()
            && let Some(keeper) = &mut self.keeper
        {
            keeper
                .keep(&mut connection)
                .await
                .map_err(|error| classify(&during, error))?;
        }
        let _ = connection.close().await;
        self.session.again().await?;
        if let Some((at, error)) = refused {
            let details = [error.detail(), error.hint(), error.r#where()]
                .into_iter()
                .flatten();
            let details = details.flat_map(str::lines).map(str::to_owned).collect();
            let message = format!(
                "{during} was refused at statement {at} of {all}: {} {}",
                error.code(),
                error.message()
            );
            self.finding("PACKET_REFUSED", Some((*package).to_owned()), message, details);
            return Ok(false);
        }
        let open = client.act(package, &format!("after {during}")).await?;
        outcome.links.push(ChainLink {
            package: (*package).to_owned(),
            file: (*file).to_owned(),
            login: (*login).to_owned(),
            statements: all,
            open,
            restored: None,
        });
        Ok(true)
    }

    /// Keeps what was done and has no transaction until the session goes on.
    async fn pause(&mut self, during: &str) -> Result<(), RehearseError> {
        match &mut self.keeper {
            Some(keeper) => self.session.rest(during, &mut **keeper).await,
            None => Err(RehearseError::Stop(format!("{during}: nobody keeps anything"))),
        }
    }
}
