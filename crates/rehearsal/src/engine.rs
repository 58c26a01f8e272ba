//! The rehearsal from begin to rollback: which stage follows which, and what ends it early.
//!
//! A stage that is red records findings and, where nothing sound can follow, says so by `false`;
//! the rollback gate runs in any case. The one fact to know: whatever happens, the transaction is
//! rolled back, because nothing in this crate can commit.

use crate::beside::Ended;
use crate::blank::{empty_outcome, initial_inputs};
use crate::creation::Reached;
use crate::error::RehearseError;
use crate::fingerprint::{Fingerprint, Fingerprinter};
use crate::guard_clock::Clock;
use crate::keeper::Keeper;
use crate::outcome::{Applied, AppliedAs, Finding, Outcome, PostgresInfo};
use crate::packet::Underway;
use crate::plan::{Cause, Committed, Ground, Landmark, LoadedPackage, Stage};
use crate::session::Session;
use crate::share::Share;
use crate::static_guards::StaticGuards;
use crate::target::Target;
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
    /// What of the rehearsal this run does.
    pub(crate) share: Share,
    pub(crate) fingerprinter: Fingerprinter,
    pub(crate) inputs: Inputs,
    pub(crate) outcome: Outcome,
    pub(crate) measured: Vec<String>,
    /// Causes that were taken away, and whether the catalog noticed.
    pub(crate) mutants: BTreeMap<Cause, bool>,
    /// What noticed each weakened object, by id.
    pub(crate) weakened: BTreeMap<String, crate::weakened::Noticed>,
    /// Faults of guards that were seen.
    pub(crate) guard_mutants_killed: usize,
    /// Near misses that left their guard green.
    pub(crate) near_misses: usize,
    /// Rows that acts remembered, by name.
    pub(crate) remembered: BTreeMap<String, String>,
    /// States that packets must come to as well.
    pub(crate) landmarks: BTreeMap<Landmark, Reached>,
    /// Packets between their parts, by package.
    pub(crate) underway: BTreeMap<String, Underway>,
    /// Stages whose guards the server has analysed.
    pub(crate) analysed: std::collections::BTreeSet<guards::Stage>,
    /// Whether it has analysed the bodies.
    pub(crate) bodies_analysed: bool,
    /// Times guards, where that is what the run is for.
    pub(crate) clock: Option<Clock>,
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
    let how = How {
        share: Share::Whole,
        keeper,
    };
    let ended = Box::pin(rehearse_share(target, committed, fixtures, only, progress, how)).await?;
    let mut outcome = ended.judged(committed);
    outcome.elapsed_ms.total = millis(begun);
    Ok(outcome)
}

/// What a run does of a rehearsal, and who keeps it.
pub(crate) struct How<'a> {
    pub(crate) share: Share,
    pub(crate) keeper: Option<&'a mut dyn Keeper>,
}

/// A run from its beginning to its rollback gate, not judged yet.
pub(crate) async fn rehearse_share<'a>(
    target: &Target,
    committed: &'a Committed,
    fixtures: &'a [Fixture],
    only: &[String],
    progress: &'a mut dyn Progress,
    how: How<'a>,
) -> Result<Ended, RehearseError> {
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
    let build = run
        .session
        .texts("asking the server for its build", "select pg_catalog.version()")
        .await?;
    run.outcome.postgres.build = build.into_iter().flatten().next().unwrap_or_default();
    if how.keeper.is_some() {
        run.outcome.shape = "committed";
    }
    run.keeper = how.keeper;
    run.share = how.share;
    run.demand_free_target().await?;
    run.progress.step("fingerprint before");
    let before = run.fingerprint().await?;
    run.outcome.rollback.before = before.digest();
    run.outcome.rollback.facts = before.facts();
    run.create_personas().await?;
    run.keep("creating personas").await?;
    run.walk(only).await?;
    run.finish(target, &before).await
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
            share: Share::Whole,
            fingerprinter: Fingerprinter::new(&plan.schema, &plan.protected_rows),
            inputs: initial_inputs(committed),
            outcome: empty_outcome(postgres, committed),
            measured: Vec::new(),
            mutants: BTreeMap::new(),
            weakened: BTreeMap::new(),
            guard_mutants_killed: 0,
            near_misses: 0,
            remembered: BTreeMap::new(),
            landmarks: BTreeMap::new(),
            underway: BTreeMap::new(),
            analysed: std::collections::BTreeSet::new(),
            bodies_analysed: false,
            clock: None,
        }
    }
}

impl Run<'_> {
    /// The stages. `Ok` whether green or red.
    async fn walk(&mut self, only: &[String]) -> Result<(), RehearseError> {
        let committed = self.committed;
        let last = committed.last_of(only);
        let packages = &committed.packages[..last.map_or(committed.packages.len(), |at| at + 1)];
        let floor = self.fingerprint().await?;
        let (files, acts): (Vec<_>, Vec<_>) = packages
            .iter()
            .partition(|package| package.package.source.is_some());
        self.exhibits(Ground::Estate).await?;
        let begun = Instant::now();
        self.states(Ground::Estate).await?;
        self.part("states", begun);
        let begun = Instant::now();
        let Some(states) = self.apply_all(&files, &floor).await? else {
            return Ok(());
        };
        self.part("apply", begun);
        self.note_applied(&files, &floor, states.last().unwrap_or(&floor))
            .await?;
        // Counted is what all files together make; short of that nothing is counted.
        let has_no_files = |package: &LoadedPackage| package.package.source.is_none();
        if committed.packages[files.len()..].iter().all(has_no_files) && self.share.has_steps() {
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
            self.landmark(Landmark::Sealed).await?;
            self.on_the_sealed_plane(packages, &files, &floor).await?;
            let begun = Instant::now();
            self.creation(&files, &floor).await?;
            self.part("creation", begun);
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

    /// What is tried on what was sealed, and undone.
    async fn on_the_sealed_plane(
        &mut self,
        packages: &[LoadedPackage],
        files: &[&LoadedPackage],
        floor: &Fingerprint,
    ) -> Result<(), RehearseError> {
        let committed = self.committed;
        let begun = Instant::now();
        self.negative_suite().await?;
        self.part("negatives", begun);
        let begun = Instant::now();
        self.access().await?;
        self.part("access", begun);
        let begun = Instant::now();
        self.attacks(Stage::Sealed).await?;
        self.part("attacks", begun);
        self.exhibits(Ground::Sealed).await?;
        let begun = Instant::now();
        self.states(Ground::Sealed).await?;
        self.part("states", begun);
        let begun = Instant::now();
        if let Some(refusal) = committed.plan.sealed.as_ref().filter(|_| !self.keeps()) {
            self.sealed_way_back(files, floor, refusal).await?;
        }
        self.activated_way_back(packages).await?;
        self.demand_every_attack();
        self.demand_every_bypass();
        self.judge_guard_mutants();
        self.part("later_ways_back", begun);
        Ok(())
    }

    /// Notes who applied the packages, and what that changed.
    async fn note_applied(
        &mut self,
        files: &[&LoadedPackage],
        floor: &Fingerprint,
        applied: &Fingerprint,
    ) -> Result<(), RehearseError> {
        self.note_who_applied(files).await?;
        self.outcome.rollback.after_apply = applied.digest();
        self.outcome.applied = Some(Applied {
            before: floor.clone(),
            after: applied.clone(),
        });
        if applied == floor {
            self.finding(
                "ROLLBACK_APPLY_DID_NOT_MUTATE",
                None,
                "the packages changed nothing, expected a change".to_owned(),
                vec![],
            );
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

pub(crate) fn millis(begun: Instant) -> u64 {
    u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX)
}
