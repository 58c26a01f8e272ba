//! The negative suite: each test a minimal pair in three runs, a round trip each.
//!
//! The twin must be accepted and touch a row, else nothing is proven by the rejection that
//! follows: ARRANGE_FAILED, which is red and never counts as a rejection. The one fact to know: third
//! runs come last in their group, because what they take away makes the server plan everything anew.

use crate::engine::Run;
use crate::error::RehearseError;
use crate::minimal_pair::not_minimal;
use crate::outcome::{SpecOutcome, TestOutcome};
use crate::plan::{NegativeGroup, NegativeSpec, NegativeTest};
use crate::rejection::Rejection;
use crate::session::joined;
use crate::trip::{Attempt, Trip, idle};

impl Run<'_> {
    /// Runs every spec.
    pub(crate) async fn negative_suite(&mut self) -> Result<(), RehearseError> {
        if !self.share.has_suite() || (self.committed.negatives.is_empty() && !self.committed.is_whole()) {
            return Ok(());
        }
        let committed = self.committed;
        let label = "the base of the negative suite";
        let before = self.session.savepoint().await?;
        for statement in &committed.plan.negative_base {
            self.session.harness(label, statement).await?;
        }
        for spec in &committed.negatives {
            self.progress.step(&format!("negative suite: {}", spec.object));
            let outcome = self.negative_spec(spec).await?;
            self.record_spec(outcome);
        }
        self.session.undo(before, label).await?;
        self.judge_mutants();
        // Without every test, what none of them covers says nothing.
        if committed.is_whole() {
            self.cover().await?;
        }
        Ok(())
    }

    fn record_spec(&mut self, spec: SpecOutcome) {
        let counts = &mut self.outcome.negatives;
        for test in &spec.tests {
            counts.tests += 1;
            counts.accepted_twins += usize::from(test.twin_accepted);
            counts.rejected += usize::from(test.rejected);
            counts.sole_cause += usize::from(test.sole_cause);
            counts.arrange_failed += usize::from(test.rejection.is_none());
        }
        for test in spec.tests.iter().filter(|test| !test.reasons.is_empty()) {
            let code = test.reasons[0].split(':').next().unwrap_or_default().to_owned();
            let message = format!("negative test `{}` is red", test.id);
            let package = self.proving_package();
            self.finding(&code, package, message, test.reasons.clone());
        }
        self.record_accepted(&spec.accepted);
        self.outcome.specs.push(spec);
    }

    async fn negative_spec(&mut self, spec: &NegativeSpec) -> Result<SpecOutcome, RehearseError> {
        let mut outcome = SpecOutcome {
            table: spec.table().to_owned(),
            tests: Vec::new(),
            accepted: Vec::new(),
        };
        for group in &spec.group {
            let label = format!("the base of `{}`, group `{}`", spec.object, group.name);
            let base = self.session.savepoint().await?;
            self.negative_group(group, &label, &mut outcome).await?;
            self.session.undo(base, &label).await?;
            self.session.demand_same_transaction(&label).await?;
        }
        self.weakened_in_catalog(spec).await?;
        Ok(outcome)
    }

    async fn negative_group(
        &mut self,
        group: &NegativeGroup,
        label: &str,
        of_spec: &mut SpecOutcome,
    ) -> Result<(), RehearseError> {
        let based = self.session.batch(label, joined(&group.base)).await?;
        based.demand_transaction(label)?;
        let refused = match based.error {
            Some(error) => Some(error),
            None => self.session.flush_constraints(label).await?,
        };
        if let Some(error) = refused {
            let why = format!(
                "ARRANGE_FAILED: the base failed with {} {}",
                error.code(),
                error.message()
            );
            of_spec.tests.extend(
                group
                    .test
                    .iter()
                    .map(|test| outcome(test, false, None, vec![why.clone()])),
            );
            return Ok(());
        }
        let savepoint = format!("negative_{}", self.session.xid());
        self.session
            .harness(label, &format!("savepoint {savepoint}"))
            .await?;
        let mut trip = Trip {
            savepoint,
            last: label.to_owned(),
        };
        let mut outcomes = Vec::with_capacity(group.test.len());
        let mut accepted: Option<&NegativeTest> = None;
        for test in &group.test {
            // The state is the same before every test, so a twin that was just accepted is accepted again.
            let known = accepted.is_some_and(|last| same_twin(last, test));
            let outcome = self.negative_test(test, known, &mut trip).await?;
            accepted = outcome.twin_accepted.then_some(test);
            outcomes.push(outcome);
        }
        of_spec
            .accepted
            .extend(self.accepted_rows(group, &mut trip).await?);
        // Taking a cause away alters what every test of the group uses, and after it the server reads its
        // catalogs and plans anew: so that comes last, for all of them.
        let (tests, rejected): (Vec<_>, Vec<_>) = group
            .test
            .iter()
            .zip(&mut outcomes)
            .filter(|(_, outcome)| outcome.rejected)
            .unzip();
        let reasons = self.not_sole_causes(&tests, &mut trip).await?;
        for (outcome, why) in rejected.into_iter().zip(reasons) {
            outcome.sole_cause = why.is_none();
            outcome.reasons.extend(why);
        }
        of_spec.tests.append(&mut outcomes);
        self.weakened_in_group(group, &mut trip).await?;
        let end = format!("rollback to savepoint {0}; release savepoint {0}", trip.savepoint);
        self.session.harness(&trip.last, &end).await
    }

    async fn negative_test(
        &mut self,
        test: &NegativeTest,
        known_twin: bool,
        trip: &mut Trip,
    ) -> Result<TestOutcome, RehearseError> {
        if let Some(why) = not_minimal(test) {
            return Ok(outcome(test, false, None, vec![why]));
        }
        if !known_twin && let Some(why) = self.refused_twin(test, trip).await? {
            return Ok(outcome(test, false, None, vec![why]));
        }
        let rejected = self
            .act(
                trip,
                test,
                &Attempt {
                    before: &changed(test),
                    persona: &test.persona,
                    statement: &test.rejected,
                    after: None,
                },
            )
            .await?;
        let Some(error) = &rejected.error else {
            let why = "NEGATIVE_ACCEPTED: the statement must be refused, and was accepted".to_owned();
            return Ok(outcome(test, true, Some(Rejection::default()), vec![why]));
        };
        if rejected.marked("act").is_none() {
            let why = format!(
                "ARRANGE_FAILED: the change failed with {} {}",
                error.code(),
                error.message()
            );
            return Ok(outcome(test, true, None, vec![why]));
        }
        let at_flush = rejected.marked("flush").is_some();
        let rejection = Rejection::read(error, at_flush, &self.committed.plan.reason);
        let mut reasons = rejection.differences(&test.expect, self.outcome.postgres.major);
        if !reasons.is_empty() {
            reasons.insert(0, format!("NEGATIVE_CAUSE_DIFFERS: {}", rejection.message));
        }
        let mut outcome = outcome(test, true, Some(rejection), reasons);
        outcome.rejected = outcome.reasons.is_empty();
        Ok(outcome)
    }

    /// Runs the twin; why it does not count, if it does not.
    async fn refused_twin(
        &mut self,
        test: &NegativeTest,
        trip: &mut Trip,
    ) -> Result<Option<String>, RehearseError> {
        let twin = self
            .act(
                trip,
                test,
                &Attempt {
                    before: &test.arrange,
                    persona: &test.twin_persona,
                    statement: &test.twin,
                    after: None,
                },
            )
            .await?;
        if let Some(error) = &twin.error {
            let why = format!(
                "ARRANGE_FAILED: the twin was refused with {} {}",
                error.code(),
                error.message()
            );
            return Ok(Some(why));
        }
        Ok(idle(&twin, test, &test.twin).map(|why| format!("ARRANGE_FAILED: the twin: {why}")))
    }
}

/// What comes before the rejected statement.
pub(crate) fn changed(test: &NegativeTest) -> Vec<String> {
    [&test.arrange, &test.change, &test.derived]
        .into_iter()
        .flatten()
        .cloned()
        .collect()
}

/// Whether two tests have the same twin in the same state.
pub(crate) fn same_twin(a: &NegativeTest, b: &NegativeTest) -> bool {
    (&a.arrange, &a.twin_persona, &a.twin, a.flush, &a.observe)
        == (&b.arrange, &b.twin_persona, &b.twin, b.flush, &b.observe)
}

fn outcome(
    test: &NegativeTest,
    twin_accepted: bool,
    rejection: Option<Rejection>,
    reasons: Vec<String>,
) -> TestOutcome {
    TestOutcome {
        id: test.id.clone(),
        mutation: test.mutation.clone(),
        cause: test.cause.clone(),
        twin_accepted,
        rejected: false,
        sole_cause: false,
        removal: test.removal.clone(),
        sqlstate: test.expect.sqlstate_words(),
        rejection,
        reasons,
    }
}
