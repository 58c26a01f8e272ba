//! The rehearsal from begin to rollback: which stage follows which, and what ends it early.
//!
//! A stage that is red records findings and, where nothing sound can follow, says so by `false`;
//! the rollback gate runs in any case. The one fact to know: whatever happens, the transaction is
//! rolled back, because nothing in this crate can commit.

use crate::access::AccessOutcome;
use crate::committed_run::CommittedRun;
use crate::error::RehearseError;
use crate::fingerprint::{Fingerprint, Fingerprinter};
use crate::keeper::Keeper;
use crate::outcome::{
    Applied, AppliedAs, AttackCounts, ElapsedMs, Finding, GuardRun, GuardsOutcome, MutantsOutcome,
    NegativeCounts, Outcome, PackageOutcome, PostgresInfo, RollbackOutcome, Status, Validation,
};
use crate::plan::{Cause, Committed, Ground, LoadedPackage, Stage};
use crate::session::Session;
use crate::static_guards::StaticGuards;
use crate::target::Target;
use crate::validation::AFTER;
use guards::{Fixture, Inputs};
use sqlx::postgres::PgConnectOptions;
use std::collections::BTreeMap;
use std::time::Instant;

/// Hears which stage runs; the terminal's spinner, or nobody.
pub trait Progress {
    /// A stage begins.
    fn step(&mut self, what: &str);
}

/// Hears nothing.
impl Progress for () {
    fn step(&mut self, _what: &str) {}
}

/// State of one run.
pub(crate) struct Run<'a> {
    pub(crate) committed: &'a Committed,
    pub(crate) static_guards: StaticGuards,
    pub(crate) progress: &'a mut dyn Progress,
    pub(crate) session: Session,
    /// Who keeps what is applied; nobody where all of it is one transaction.
    pub(crate) keeper: Option<&'a mut dyn Keeper>,
    pub(crate) fingerprinter: Fingerprinter,
    pub(crate) inputs: Inputs,
    pub(crate) outcome: Outcome,
    pub(crate) measured: Vec<String>,
    /// Causes that were taken away, and whether the catalog noticed.
    pub(crate) mutants: BTreeMap<Cause, bool>,
    /// Faults of guards that were seen.
    pub(crate) guard_mutants_killed: usize,
    /// Near misses that left their guard green.
    pub(crate) near_misses: usize,
    /// Rows that acts remembered, by name.
    pub(crate) remembered: BTreeMap<String, String>,
}

/// Rehearses `committed` on `target`: every package up to the last of `only` (all, if empty).
pub async fn rehearse_on(
    target: &Target,
    committed: &Committed,
    fixtures: &[Fixture],
    only: &[String],
    progress: &mut dyn Progress,
) -> Result<Outcome, RehearseError> {
    rehearse_with(target, committed, fixtures, only, progress, None).await
}

/// As [`rehearse_on`], every package, but `keeper` keeps what is applied: for planes that one transaction
/// could not hold. The way back after the seal comes last then, and is kept as well.
pub async fn rehearse_kept_on(
    target: &Target,
    committed: &Committed,
    fixtures: &[Fixture],
    progress: &mut dyn Progress,
    keeper: &mut dyn Keeper,
) -> Result<Outcome, RehearseError> {
    rehearse_with(target, committed, fixtures, &[], progress, Some(keeper)).await
}

async fn rehearse_with<'a>(
    target: &Target,
    committed: &'a Committed,
    fixtures: &'a [Fixture],
    only: &[String],
    progress: &'a mut dyn Progress,
    keeper: Option<&'a mut dyn Keeper>,
) -> Result<Outcome, RehearseError> {
    let begun = Instant::now();
    if !throwaway_postgres::SUPPORTED_MAJORS.contains(&target.postgres.major) {
        return Err(RehearseError::UnsupportedMajor {
            found: target.postgres.major,
        });
    }
    let mut run = Run::begin(
        &target.options,
        target.postgres.clone(),
        committed,
        fixtures,
        progress,
    )
    .await?;
    if keeper.is_some() {
        run.outcome.shape = "committed";
    }
    run.keeper = keeper;
    run.demand_free_target().await?;
    run.progress.step("fingerprint before");
    let before = run.fingerprint().await?;
    run.outcome.rollback.before = before.digest();
    run.outcome.rollback.facts = before.facts();
    run.create_personas().await?;
    run.keep("creating personas").await?;
    run.walk(only).await?;
    run.finish(target, &before).await.map(|mut outcome| {
        outcome.elapsed_ms.total = millis(begun);
        outcome
    })
}

impl<'a> Run<'a> {
    /// Connects and begins the transaction; nothing has run in it.
    pub(crate) async fn begin(
        options: &PgConnectOptions,
        postgres: PostgresInfo,
        committed: &'a Committed,
        fixtures: &'a [Fixture],
        progress: &'a mut dyn Progress,
    ) -> Result<Self, RehearseError> {
        let session = Session::begin(options).await?;
        Ok(Self::within(session, postgres, committed, fixtures, progress))
    }

    /// Goes on in a transaction that was begun.
    pub(crate) fn within(
        session: Session,
        postgres: PostgresInfo,
        committed: &'a Committed,
        fixtures: &'a [Fixture],
        progress: &'a mut dyn Progress,
    ) -> Self {
        let plan = &committed.plan;
        Self {
            committed,
            static_guards: StaticGuards::begin(committed, fixtures),
            progress,
            session,
            keeper: None,
            fingerprinter: Fingerprinter::new(&plan.schema, &plan.protected_rows),
            inputs: initial_inputs(committed),
            outcome: empty_outcome(postgres, committed),
            measured: Vec::new(),
            mutants: BTreeMap::new(),
            guard_mutants_killed: 0,
            near_misses: 0,
            remembered: BTreeMap::new(),
        }
    }
}

impl Run<'_> {
    /// The stages. `Ok` whether green or red.
    async fn walk(&mut self, only: &[String]) -> Result<(), RehearseError> {
        let committed = self.committed;
        let last = committed
            .packages
            .iter()
            .rposition(|p| only.contains(&p.package.id));
        let packages = &committed.packages[..last.map_or(committed.packages.len(), |at| at + 1)];
        let floor = self.fingerprint().await?;
        let (files, acts): (Vec<_>, Vec<_>) = packages
            .iter()
            .partition(|package| package.package.source.is_some());
        let begun = Instant::now();
        self.states(Ground::Estate).await?;
        self.part("states", begun);
        let begun = Instant::now();
        let Some(states) = self.apply_all(&files, &floor).await? else {
            return Ok(());
        };
        self.part("apply", begun);
        self.note_who_applied(&files).await?;
        let applied = states.last().unwrap_or(&floor);
        self.outcome.rollback.after_apply = applied.digest();
        self.outcome.applied = Some(Applied {
            before: floor.clone(),
            after: applied.clone(),
        });
        if applied == &floor {
            self.finding(
                "ROLLBACK_APPLY_DID_NOT_MUTATE",
                None,
                "the packages changed nothing, expected a change".to_owned(),
                vec![],
            );
        }
        // Counted is what all files together make; short of that nothing is counted.
        let has_no_files = |package: &LoadedPackage| package.package.source.is_none();
        if committed.packages[files.len()..].iter().all(has_no_files) {
            self.count().await?;
        }
        let begun = Instant::now();
        if !self.draft_way_back(&files, &states).await? {
            return Ok(());
        }
        self.part("draft_way_back", begun);
        self.measured
            .extend(files.iter().map(|package| package.package.id.clone()));
        if !acts.is_empty() {
            let begun = Instant::now();
            self.manifest_mutants().await?;
            self.part("manifest_mutants", begun);
        }
        let begun = Instant::now();
        for package in &acts {
            for step in &package.package.steps {
                if !self.act_step(&package.package.id, step).await? {
                    return Ok(());
                }
            }
        }
        self.keep("the acts").await?;
        self.part("acts", begun);
        if !acts.is_empty() {
            let begun = Instant::now();
            self.negative_suite().await?;
            self.part("negatives", begun);
            let begun = Instant::now();
            self.access().await?;
            self.part("access", begun);
            let begun = Instant::now();
            self.attacks(Stage::Sealed).await?;
            self.part("attacks", begun);
            let begun = Instant::now();
            self.states(Ground::Sealed).await?;
            self.part("states", begun);
            let begun = Instant::now();
            if let Some(refusal) = committed.plan.sealed.as_ref().filter(|_| !self.keeps()) {
                self.sealed_way_back(&files, &floor, refusal).await?;
            }
            self.activated_way_back(packages).await?;
            self.demand_every_attack();
            self.judge_guard_mutants();
            self.part("later_ways_back", begun);
            self.measured
                .extend(acts.iter().map(|package| package.package.id.clone()));
        }
        let begun = Instant::now();
        self.worlds().await?;
        self.part("worlds", begun);
        if self.keeps() {
            let begun = Instant::now();
            match &committed.plan.sealed {
                Some(refusal) if !acts.is_empty() => self.sealed_way_back(&files, &floor, refusal).await?,
                _ => self.take_back(&files).await?,
            }
            self.keep_no_persona().await?;
            self.part("later_ways_back", begun);
        }
        Ok(())
    }

    async fn note_who_applied(&mut self, packages: &[&LoadedPackage]) -> Result<(), RehearseError> {
        let sql = "select session_user union all select pg_catalog.current_setting('is_superuser')";
        let answers = self.session.texts("asking who applies", sql).await?;
        let mut answers = answers.into_iter().flatten();
        self.outcome.applied_as.push(AppliedAs {
            login: answers.next().unwrap_or_default(),
            superuser: answers.next().as_deref() == Some("on"),
            files: packages.iter().map(|package| package.files.len()).sum(),
        });
        Ok(())
    }

    /// Compares each count of the plan with what its query realizes.
    async fn count(&mut self) -> Result<(), RehearseError> {
        let plan = &self.committed.plan;
        for (name, expected) in &plan.counts {
            let Some(query) = plan.count_queries.get(name) else {
                continue;
            };
            let during = format!("counting `{name}`");
            let realized = self
                .session
                .texts(&during, query)
                .await?
                .pop()
                .flatten()
                .and_then(|text| text.parse().ok());
            self.outcome.counts.insert(name.clone(), realized);
            if realized != Some(*expected) {
                let found = realized.map_or("nothing".to_owned(), |n| n.to_string());
                self.finding(
                    "COUNT_DIFFERS",
                    None,
                    format!("`{name}`: expected {expected}, realized {found}"),
                    vec![],
                );
            }
        }
        Ok(())
    }

    pub(crate) async fn fingerprint(&mut self) -> Result<Fingerprint, RehearseError> {
        let begun = Instant::now();
        let taken = self.fingerprinter.take(&mut self.session).await;
        self.part("fingerprints", begun);
        taken
    }

    pub(crate) fn finding(
        &mut self,
        code: &str,
        package: Option<String>,
        message: String,
        details: Vec<String>,
    ) {
        self.outcome.findings.push(Finding {
            code: code.to_owned(),
            package,
            message,
            details,
        });
    }

    /// The package whose acts prove the others: findings of the suite count against it.
    pub(crate) fn proving_package(&self) -> Option<String> {
        self.committed
            .packages
            .iter()
            .rev()
            .find(|p| p.package.source.is_none())
            .map(|p| p.package.id.clone())
    }

    pub(crate) fn part(&mut self, name: &str, begun: Instant) {
        *self.outcome.elapsed_ms.parts.entry(name.to_owned()).or_default() += millis(begun);
    }
}

fn initial_inputs(committed: &Committed) -> Inputs {
    let mut inputs = Inputs::new();
    for (key, value) in &committed.inputs {
        inputs.insert(key, value);
    }
    inputs
}

fn empty_outcome(postgres: PostgresInfo, committed: &Committed) -> Outcome {
    // Every cell of the plan has an outcome from the start: a guard that never came to run is not
    // measured, and not absent.
    let inapplicable = |id: Option<&String>| id.and_then(|id| committed.inapplicable.get(id));
    let cells = |id: &String| {
        committed
            .plan
            .guard
            .iter()
            .filter(|guard| &guard.package == id)
            .map(|guard| {
                let without = inapplicable(Some(id)).or(inapplicable(guard.rows_of.as_ref()));
                Validation {
                    guard: guard.id.clone(),
                    step: guard.step.clone(),
                    verdict: without.map_or(Status::NotMeasured, |_| Status::NotApplicable),
                    examined: 0,
                    reasons: vec![
                        without
                            .map_or("its step was not reached", String::as_str)
                            .to_owned(),
                    ],
                }
            })
            .collect()
    };
    let package = |id: &String| PackageOutcome {
        id: id.clone(),
        verdict: Status::NotMeasured,
        validation: cells(id),
    };
    Outcome {
        format_version: 1,
        verdict: Status::NotMeasured,
        shape: "one_transaction",
        postgres,
        estate: None,
        authored_for_server: committed.instead.clone(),
        counts: committed
            .plan
            .counts
            .keys()
            .map(|name| (name.clone(), None))
            .collect(),
        packages: committed.plan.package.iter().map(|p| package(&p.id)).collect(),
        guards: GuardsOutcome {
            runs: guard_runs(committed),
            ..GuardsOutcome::default()
        },
        rollback: RollbackOutcome::default(),
        negatives: NegativeCounts::default(),
        mutants: MutantsOutcome::default(),
        applied_as: Vec::new(),
        access: AccessOutcome::default(),
        attacks: AttackCounts {
            families: committed.attacks.len(),
            ..AttackCounts::default()
        },
        committed: CommittedRun::default(),
        ways_back: Vec::new(),
        worlds: Vec::new(),
        findings: Vec::new(),
        elapsed_ms: ElapsedMs::default(),
        specs: Vec::new(),
        applied: None,
        manifest_mutants: Vec::new(),
        attack_outcomes: Vec::new(),
    }
}

/// Every cell of the plan, before any has run.
fn guard_runs(committed: &Committed) -> Vec<GuardRun> {
    let run = |guard: &String, step: &String, moment: &str, without: Option<&String>| GuardRun {
        guard: guard.clone(),
        step: step.clone(),
        moment: moment.to_owned(),
        verdict: without.map_or(Status::NotMeasured, |_| Status::NotApplicable),
        reasons: vec![
            without
                .map_or("its step was not reached", String::as_str)
                .to_owned(),
        ],
    };
    let plan = &committed.plan;
    let mut runs: Vec<GuardRun> = Vec::new();
    for cell in &plan.guard {
        let without = committed.inapplicable.get(&cell.package);
        runs.push(run(&cell.id, &cell.step, AFTER, without));
    }
    // States need the rows of every package, so they have no subject where one of them has none.
    let without = committed.inapplicable.values().next();
    for state in &plan.state {
        let cells = state.guard.iter();
        runs.extend(cells.map(|cell| run(&cell.id, &state.step, &state.moment, without)));
    }
    runs
}

pub(crate) fn millis(begun: Instant) -> u64 {
    u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX)
}
