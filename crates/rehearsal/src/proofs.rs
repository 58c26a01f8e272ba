//! Acts, performed and judged in their order.

use crate::act::{Act, ActFile};
use crate::engine::Run;
use crate::error::RehearseError;
use crate::session::classify;
use guards::{ProbeRow, judge};

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
