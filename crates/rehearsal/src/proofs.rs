//! Acts, performed and judged in their order.

use crate::act::{Act, ActFile};
use crate::engine::Run;
use crate::error::RehearseError;
use crate::session::{Batch, classify, harness_error, trimmed};
use guards::{ProbeRow, judge};

/// A statement that can't be parsed.
const SYNTAX_ERROR: &str = "42601";

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
        let savepoint = format!("acts_{}", self.session.xid());
        let mut last = format!("acts of {step}");
        self.session
            .harness(&last, &format!("savepoint {savepoint}"))
            .await?;
        for act in &file.act {
            let label = format!("act `{}` of {step}", act.title());
            let (reasons, undo) = if act.asks_for_rows() {
                self.ask(act, &label, &savepoint).await?
            } else {
                self.perform(act, &label, &savepoint).await?
            };
            last.clone_from(&label);
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
        self.session
            .harness(&last, &format!("release savepoint {savepoint}"))
            .await?;
        Ok(true)
    }

    /// SQL that ends an act: what it did is undone or kept, and the next one has a savepoint again. The
    /// mark comes only from the transaction that was begun.
    fn ending(savepoint: &str, undo: bool) -> String {
        let end = if undo {
            format!("rollback to savepoint {savepoint};\n")
        } else {
            format!(
                "set local session authorization default;\nreset role;\n\
                 release savepoint {savepoint};\nsavepoint {savepoint};\n"
            )
        };
        format!(
            "{end}select 'mark ' || coalesce(pg_catalog.pg_current_xact_id_if_assigned()::text, 'none') || ' ended'"
        )
    }

    /// Ends an act in a trip of its own.
    async fn end_act(&mut self, label: &str, savepoint: &str, undo: bool) -> Result<(), RehearseError> {
        let batch = self.session.batch(label, Self::ending(savepoint, undo)).await?;
        batch.demand_transaction(label)?;
        match &batch.error {
            Some(error) => Err(harness_error(label, error)),
            None => demand_ended(&batch, label),
        }
    }

    /// Becomes the persona, asks, judges the rows; why the act is red, and whether it was undone.
    async fn ask(
        &mut self,
        act: &Act,
        label: &str,
        savepoint: &str,
    ) -> Result<(Vec<String>, bool), RehearseError> {
        let sql = self.become_persona(&act.persona);
        if !sql.is_empty() {
            self.session.harness(label, &sql).await?;
        }
        let (reasons, undo) = self.judge_rows(act, label).await?;
        self.end_act(label, savepoint, undo).await?;
        Ok((reasons, undo))
    }

    /// Becomes the persona, acts and ends, in one trip; another one undoes what was refused. Why the act
    /// is red, and whether it was undone.
    async fn perform(
        &mut self,
        act: &Act,
        label: &str,
        savepoint: &str,
    ) -> Result<(Vec<String>, bool), RehearseError> {
        let sql = format!(
            "{}{};\n{}\n;\n{};\n{}",
            self.become_persona(&act.persona),
            self.session.mark("act"),
            trimmed(&act.sql),
            self.session.mark("acted"),
            Self::ending(savepoint, act.undo),
        );
        let batch = self.session.batch(label, sql).await?;
        batch.demand_transaction(label)?;
        match &batch.error {
            None => demand_ended(&batch, label)?,
            // What can't be parsed stops the whole trip, and is the act's own fault.
            Some(error) if batch.marked("act").is_none() && error.code() != SYNTAX_ERROR => {
                return Err(harness_error(label, error));
            }
            Some(error) if batch.marked("acted").is_some() => return Err(harness_error(label, error)),
            Some(_) => self.end_act(label, savepoint, true).await?,
        }
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
            trimmed(&act.sql)
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

/// Fails if the act ended in another transaction than the one that was begun.
fn demand_ended(batch: &Batch, label: &str) -> Result<(), RehearseError> {
    if batch.marked("ended").is_some() {
        return Ok(());
    }
    Err(RehearseError::TransactionEscaped {
        during: label.to_owned(),
        message: "another transaction goes on".to_owned(),
    })
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
