//! What is proven beside the files: acts, guards at the steps where they are due, worlds.

use crate::act::{Act, ActFile};
use crate::engine::Run;
use crate::error::RehearseError;
use crate::outcome::{Status, Validation, WorldOutcome};
use crate::plan::GuardRef;
use crate::rejection::Rejection;
use crate::session::classify;
use crate::world::{Attempt, World};
use guards::{ProbeRow, Stage, Verdict, judge};
use std::collections::{BTreeMap, BTreeSet};

impl Run<'_> {
    /// Performs the acts of `step`, then the guards due after it. `false` if an act that others
    /// build on was refused.
    pub(crate) async fn act_step(&mut self, package: &str, step: &str) -> Result<bool, RehearseError> {
        let committed = self.committed;
        self.progress.step(&format!("{package} {step}"));
        for (_, file) in committed.acts.iter().filter(|(act_step, _)| act_step == step) {
            if !self.run_acts(Some(package), step, file).await? {
                return Ok(false);
            }
        }
        self.guards_due(step).await?;
        Ok(true)
    }

    pub(crate) async fn run_acts(
        &mut self,
        package: Option<&str>,
        step: &str,
        file: &ActFile,
    ) -> Result<bool, RehearseError> {
        for act in &file.act {
            let label = format!("act `{}` of {step}", act.title());
            let savepoint = self.session.savepoint().await?;
            let (reasons, undo) = self.judge_act(act, &label).await?;
            if undo {
                self.session.undo(savepoint, &label).await?;
            } else {
                self.session
                    .harness(&label, "set local session authorization default; reset role")
                    .await?;
                self.session.keep(savepoint, &label).await?;
            }
            self.session.demand_same_transaction(&label).await?;
            if reasons.is_empty() {
                continue;
            }
            let builds_on = !act.probes && act.expect_sqlstate.is_none() && undo;
            self.finding(
                "ACT_FAILED",
                package.map(str::to_owned),
                format!("{label} is not as expected"),
                reasons,
            );
            if builds_on {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Why the act is red, and whether what it did must be undone.
    async fn judge_act(&mut self, act: &Act, label: &str) -> Result<(Vec<String>, bool), RehearseError> {
        let sql = self.become_persona(&act.persona);
        if !sql.is_empty() {
            self.session.harness(label, &sql).await?;
        }
        if act.probes || act.remember.is_some() || act.same_as.is_some() || act.differs_from.is_some() {
            return self.judge_rows(act, label).await;
        }
        let batch = self.session.batch(label, act.sql.clone()).await?;
        batch.demand_transaction(label)?;
        let reasons = match (&act.expect_sqlstate, &batch.error) {
            (None, None) => vec![],
            (None, Some(error)) => vec![format!(
                "expected it to be accepted, found {} {}",
                error.code(),
                error.message()
            )],
            (Some(code), None) => vec![format!("expected {code}, found that it was accepted")],
            (Some(code), Some(error)) if error.code() == code => vec![],
            (Some(code), Some(error)) => vec![format!(
                "expected {code}, found {} {}",
                error.code(),
                error.message()
            )],
        };
        Ok((reasons, act.undo || batch.error.is_some()))
    }

    async fn judge_rows(&mut self, act: &Act, label: &str) -> Result<(Vec<String>, bool), RehearseError> {
        let sql = format!(
            "select to_jsonb(answer)::text from ({}) as answer",
            act.sql.trim().trim_end_matches(';')
        );
        let rows = match self.session.try_texts(label, &sql).await? {
            Ok(rows) => rows.into_iter().flatten().collect::<Vec<_>>(),
            Err(error) => {
                return Ok((
                    vec![format!("SQL error: {} {}", error.code(), error.message())],
                    true,
                ));
            }
        };
        let mut reasons = Vec::new();
        if act.probes {
            let probes: Result<Vec<ProbeRow>, _> =
                rows.iter().map(|json| serde_json::from_str(json)).collect();
            match probes {
                Ok(probes) => {
                    let declared = act.expects.iter().map(String::as_str);
                    reasons.extend(judge(declared, &probes).reasons());
                }
                Err(error) => reasons.push(format!("answer is outside the probe contract: {error}")),
            }
        }
        let answer = rows.join("\n");
        if answer.is_empty() {
            reasons.push("expected rows, found none".to_owned());
        }
        for (name, equal) in [(&act.same_as, true), (&act.differs_from, false)] {
            let Some(name) = name else { continue };
            match self.remembered.get(name) {
                None => reasons.push(format!("nothing was remembered as `{name}`")),
                Some(kept) if (kept == &answer) != equal => {
                    reasons.push(format!(
                        "expected rows {} those of `{name}`",
                        if equal { "equal to" } else { "other than" }
                    ));
                }
                Some(_) => {}
            }
        }
        if let Some(name) = &act.remember {
            self.remembered.insert(name.clone(), answer);
        }
        Ok((reasons, act.undo))
    }

    /// Runs every guard that is due after `step`.
    pub(crate) async fn guards_due(&mut self, step: &str) -> Result<(), RehearseError> {
        let committed = self.committed;
        let due: Vec<&GuardRef> = committed
            .plan
            .guard
            .iter()
            .filter(|guard| guard.step == step)
            .collect();
        let rows_of: BTreeMap<Option<&str>, &str> = due
            .iter()
            .map(|guard| (guard.rows_of.as_deref(), guard.package.as_str()))
            .collect();
        for (source, package) in rows_of {
            let savepoint = self.session.savepoint().await?;
            if let Some(rows) = source {
                self.load_rows_of(rows, package, step).await?;
            }
            for guard in due.iter().filter(|guard| guard.rows_of.as_deref() == source) {
                let verdict = self.guard(guard).await?;
                self.record_guard(guard, &verdict);
            }
            self.session
                .undo(savepoint, &format!("guards after {step}"))
                .await?;
        }
        Ok(())
    }

    async fn guard(&mut self, entry: &GuardRef) -> Result<Verdict, RehearseError> {
        let Some(path) = &entry.path else {
            return Ok(
                match self.fixtures.iter().find(|fixture| fixture.id == entry.id) {
                    Some(fixture) => fixture.run(&self.committed.files),
                    None => Verdict::NotMeasured("no fixture of this name is built in".to_owned()),
                },
            );
        };
        let Some(guard) = self.committed.guards.get(path) else {
            return Ok(Verdict::NotMeasured(format!("`{path}` was not loaded")));
        };
        let label = format!("guard `{}`", entry.id);
        let savepoint = self.session.savepoint().await?;
        let inputs = self.inputs.with("phase", entry.step.clone().into());
        let verdict = guards::run(self.session.connection(), guard, Stage::ControlPlane, &inputs).await;
        self.session.undo(savepoint, &label).await?;
        self.session.demand_same_transaction(&label).await?;
        Ok(verdict)
    }

    fn record_guard(&mut self, entry: &GuardRef, verdict: &Verdict) {
        let (status, examined) = match verdict {
            Verdict::Pass { examined } => (Status::Pass, *examined),
            Verdict::Fail(_) => (Status::Fail, 0),
            Verdict::NotMeasured(_) => (Status::NotMeasured, 0),
        };
        let cell = Validation {
            guard: entry.id.clone(),
            step: entry.step.clone(),
            verdict: status,
            examined,
            reasons: verdict.reasons(),
        };
        if status == Status::Fail {
            let message = format!("guard `{}` failed at {}", entry.id, entry.step);
            self.finding(
                "GUARD_FAILED",
                Some(entry.package.clone()),
                message,
                verdict.reasons(),
            );
        }
        if let Some(package) = self
            .outcome
            .packages
            .iter_mut()
            .find(|package| package.id == entry.package)
        {
            if let Some(planned) = package
                .validation
                .iter_mut()
                .find(|known| known.guard == cell.guard && known.step == cell.step)
            {
                *planned = cell;
            } else {
                package.validation.push(cell);
            }
        }
    }

    /// Ends each world and compares its codes.
    pub(crate) async fn worlds(&mut self) -> Result<(), RehearseError> {
        let committed = self.committed;
        for world in &committed.worlds.world {
            self.progress.step(&format!("world {}", world.id));
            let savepoint = self.session.savepoint().await?;
            let label = format!("world `{}`", world.id);
            let (realized, reasons) = self.world(world, &label).await?;
            self.session.undo(savepoint, &label).await?;
            let realized: Vec<String> = realized.into_iter().collect();
            let expected: Vec<String> = world
                .expected
                .iter()
                .cloned()
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect();
            if realized != expected || !reasons.is_empty() {
                let message = format!("{label}: expected {expected:?}, realized {realized:?}");
                self.finding("WORLD_DIFFERS", None, message, reasons);
            }
            self.outcome.worlds.push(WorldOutcome {
                id: world.id.clone(),
                expected,
                realized,
            });
        }
        Ok(())
    }

    async fn world(
        &mut self,
        world: &World,
        label: &str,
    ) -> Result<(BTreeSet<String>, Vec<String>), RehearseError> {
        let mut reasons = Vec::new();
        let mut codes = BTreeSet::new();
        if world.attempt.is_empty() {
            reasons.push("no attempt is listed, so nothing could be found".to_owned());
        }
        let batch = self.session.batch(label, world.delta.clone()).await?;
        batch.demand_transaction(label)?;
        if let Some(error) = batch.error {
            reasons.push(format!(
                "its delta was refused: {} {}",
                error.code(),
                error.message()
            ));
            return Ok((codes, reasons));
        }
        for attempt in &world.attempt {
            let savepoint = self.session.savepoint().await?;
            let label = format!("{label}, attempt `{}`", attempt.id);
            match self.attempt(attempt, &label).await? {
                Ok(true) => {
                    codes.insert(attempt.code.clone());
                }
                Ok(false) => {}
                Err(why) => reasons.push(format!("attempt `{}` was not made: {why}", attempt.id)),
            }
            self.session.undo(savepoint, &label).await?;
        }
        Ok((codes, reasons))
    }

    /// Whether the attempt shows its trap; an error if it was not made at all.
    async fn attempt(
        &mut self,
        attempt: &Attempt,
        label: &str,
    ) -> Result<Result<bool, String>, RehearseError> {
        let sql = format!(
            "{}\n;{}{};\n{}",
            attempt.setup,
            self.become_persona(&attempt.persona),
            self.session.mark("act"),
            attempt.sql
        );
        let batch = self.session.batch(label, sql).await?;
        batch.demand_transaction(label)?;
        let acted = batch.marked("act").is_some();
        Ok(match &batch.error {
            None => Ok(attempt.succeeds_means_trap),
            Some(error) if acted && error.code() == attempt.refused_with => Ok(!attempt.succeeds_means_trap),
            Some(error) => Err(format!(
                "{} {}",
                error.code(),
                Rejection::read(error, false, &[]).message
            )),
        })
    }
}

impl crate::session::Session {
    /// Like `texts`, with the server's refusal handed back.
    pub(crate) async fn try_texts(
        &mut self,
        during: &str,
        sql: &str,
    ) -> Result<Result<Vec<Option<String>>, Box<sqlx::postgres::PgDatabaseError>>, RehearseError> {
        use sqlx::Row as _;
        match self.try_rows(during, sql).await? {
            Err(error) => Ok(Err(error)),
            Ok(rows) => rows
                .iter()
                .map(|row| row.try_get_unchecked(0).map_err(|error| classify(during, error)))
                .collect::<Result<Vec<_>, _>>()
                .map(Ok),
        }
    }
}
