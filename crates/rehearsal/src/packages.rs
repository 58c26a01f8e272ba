//! Packages of files: up, the guards due after each step, and the three ways back [ruling A8].
//!
//! Each file goes to the server as it was committed, in one simple query. After each the xid is
//! read again, and every deferred constraint is fired: a rollback would hide both.

use crate::engine::Run;
use crate::error::RehearseError;
use crate::fingerprint::{Fingerprint, Residue};
use crate::outcome::{Status, WayBack};
use crate::plan::{Ground, Landmark, LoadedPackage, SealedRefusal, Stage, StepFile};
use crate::rejection::Rejection;
use crate::session::Savepoint;
use std::time::Instant;

/// Most lines of a residue that a finding prints; the JSON holds the rest for the rollback gate.
const RESIDUE_LINES: usize = 20;

impl Run<'_> {
    /// Applies `packages` and runs the guards due on the way; the states before the first step and
    /// after each (where steps are not this run's, after the last), or nothing if a file was refused.
    pub(crate) async fn apply_all(
        &mut self,
        packages: &[&LoadedPackage],
        floor: &Fingerprint,
    ) -> Result<Option<Vec<Fingerprint>>, RehearseError> {
        let mut states = vec![floor.clone()];
        if !self.share.has_steps() {
            if !self.apply_unobserved(packages).await? {
                return Ok(None);
            }
            states.push(self.fingerprint().await?);
            return Ok(Some(states));
        }
        for package in packages {
            for step in &package.package.steps {
                if !self.step_up(package, step).await? {
                    return Ok(None);
                }
                self.keep(step).await?;
                let state = self.fingerprint().await?;
                self.reversed("apply", package, step, "up", Some((&state, None)));
                states.push(state);
                self.guards_due(step).await?;
            }
        }
        Ok(Some(states))
    }

    /// Applies `packages` and takes no state on the way; `false` if a file was refused.
    pub(crate) async fn apply_unobserved(
        &mut self,
        packages: &[&LoadedPackage],
    ) -> Result<bool, RehearseError> {
        for package in packages {
            for step in &package.package.steps {
                if !self.step_up(package, step).await? {
                    return Ok(false);
                }
                self.keep(step).await?;
            }
        }
        Ok(true)
    }

    pub(crate) async fn step_up(
        &mut self,
        package: &LoadedPackage,
        step: &str,
    ) -> Result<bool, RehearseError> {
        let id = &package.package.id;
        self.progress.step(&format!("{id} {step}"));
        for file in package.files.iter().filter(|file| file.step == step) {
            let what = format!("`{}`", file.up_path);
            if !self.run_file(package, &what, &file.up).await? {
                return Ok(false);
            }
        }
        if !self.flush(id, step).await? {
            return Ok(false);
        }
        self.grant_memberships().await?;
        Ok(true)
    }

    pub(crate) async fn flush(&mut self, package: &str, step: &str) -> Result<bool, RehearseError> {
        let during = format!("`set constraints all immediate` after {step}");
        let Some(error) = self.session.flush_constraints(&during).await? else {
            return Ok(true);
        };
        let message = format!(
            "{step}: a deferred constraint does not hold: {} {}",
            error.code(),
            error.message()
        );
        self.finding(
            "CONSTRAINT_FAILED_AT_FLUSH",
            Some(package.to_owned()),
            message,
            vec![],
        );
        Ok(false)
    }

    /// Runs one file as the package's persona; `false` if the server refused it.
    async fn run_file(
        &mut self,
        package: &LoadedPackage,
        what: &str,
        sql: &str,
    ) -> Result<bool, RehearseError> {
        let sql = match &package.package.apply_as {
            None => sql.to_owned(),
            Some(persona) => format!("{}{sql}", self.become_persona(persona)),
        };
        if !self.refused_nothing(&package.package.id, what, sql).await? {
            return Ok(false);
        }
        if package.package.apply_as.is_some() {
            self.session
                .harness(what, "set local session authorization default")
                .await?;
        }
        Ok(true)
    }

    /// Runs `sql`; `false`, and a finding against the package, if the server refused it.
    pub(crate) async fn refused_nothing(
        &mut self,
        package: &str,
        what: &str,
        sql: String,
    ) -> Result<bool, RehearseError> {
        let batch = self.session.batch(what, sql).await?;
        batch.demand_transaction(what)?;
        if let Some(error) = batch.error {
            let message = format!("{what} was refused: {} {}", error.code(), error.message());
            let details = [error.r#where(), error.detail(), error.hint()]
                .into_iter()
                .flatten()
                .map(str::to_owned)
                .collect();
            self.finding(
                "PACKAGE_DID_NOT_APPLY",
                Some(package.to_owned()),
                message,
                details,
            );
            return Ok(false);
        }
        self.session.demand_same_transaction(what).await?;
        Ok(true)
    }

    /// Draft: every step down in reverse, each state equal to the one before that step; then up
    /// again, equal to the first time, and applied by the operator if the plan has one.
    pub(crate) async fn draft_way_back(
        &mut self,
        packages: &[&LoadedPackage],
        states: &[Fingerprint],
    ) -> Result<bool, RehearseError> {
        if !self.share.has_steps() || !self.committed.is_whole() {
            return Ok(true);
        }
        let findings_before = self.outcome.findings.len();
        let steps: Vec<(&LoadedPackage, &String)> = packages
            .iter()
            .flat_map(|package| package.package.steps.iter().map(move |step| (*package, step)))
            .collect();
        // Under a savepoint: what was dropped and made again would burden every later statement of
        // this transaction.
        let savepoint = self.undoable().await?;
        let mut compared = 0;
        for (at, (package, step)) in steps.iter().enumerate().rev() {
            self.progress.step(&format!("way back of {step}"));
            if !self.step_down(package, step).await? {
                return Ok(false);
            }
            self.keep(step).await?;
            let found = self.fingerprint().await?;
            compared += 1;
            self.reversed("draft", package, step, "down", Some((&found, Some(&states[at]))));
            self.compare(
                "DOWN_DID_NOT_RESTORE",
                Some(&package.package.id),
                &format!("{step} down"),
                &states[at],
                &found,
            );
        }
        self.progress.step("up again");
        let (applied, code, what) = match &self.committed.operator {
            Some(operator) => {
                let applied = self.apply_as_operator(operator, packages).await?;
                (applied, "OPERATOR_APPLY_DIFFERS", "applied by the operator")
            }
            None => (
                self.apply_unobserved(packages).await?,
                "UP_AGAIN_DIFFERS",
                "up again",
            ),
        };
        if !applied {
            return Ok(false);
        }
        if let Some(top) = states.last() {
            let found = self.fingerprint().await?;
            compared += 1;
            if let Some((package, step)) = steps.last() {
                self.reversed("draft", package, step, "up again", Some((&found, Some(top))));
            }
            self.compare(code, None, what, top, &found);
        }
        if let Some(savepoint) = savepoint {
            self.session.undo(savepoint, "the way back as a draft").await?;
        }
        self.way_back("draft", findings_before, compared);
        Ok(true)
    }

    pub(crate) async fn step_down(
        &mut self,
        package: &LoadedPackage,
        step: &str,
    ) -> Result<bool, RehearseError> {
        for file in package.files.iter().rev().filter(|file| file.step == step) {
            let what = format!("`{}`", down_path(file));
            if !self.run_file(package, &what, &file.down).await? {
                return Ok(false);
            }
        }
        self.flush(&package.package.id, step).await
    }

    /// Every step down, for a rehearsal that keeps what it applied and has no other way back.
    pub(crate) async fn take_back(&mut self, packages: &[&LoadedPackage]) -> Result<(), RehearseError> {
        for package in packages.iter().rev() {
            for step in package.package.steps.iter().rev() {
                if !self.step_down(package, step).await? {
                    return Ok(());
                }
                self.keep(step).await?;
            }
        }
        Ok(())
    }

    /// Sealed: data refuses to go, the schema goes with it, and nothing is left.
    pub(crate) async fn sealed_way_back(
        &mut self,
        packages: &[&LoadedPackage],
        floor: &Fingerprint,
        refusal: &SealedRefusal,
    ) -> Result<(), RehearseError> {
        if !self.share.has_steps() || !self.committed.is_whole() {
            return Ok(());
        }
        self.progress.step("way back after the seal");
        let findings_before = self.outcome.findings.len();
        let savepoint = self.undoable().await?;
        let is_data = |package: &&&LoadedPackage| holds_data(refusal, packages, package);
        let mut compared = 0;
        for package in packages.iter().rev().filter(is_data) {
            for file in package.files.iter().rev() {
                compared += 1;
                self.demand_sealed_refusal(package, file, refusal).await?;
            }
            for step in package.package.steps.iter().rev() {
                self.reversed("sealed", package, step, "refused", None);
            }
        }
        let mut arrived = true;
        'packages: for package in packages.iter().rev().filter(|package| !is_data(package)) {
            for step in package.package.steps.iter().rev() {
                arrived = self.step_down(package, step).await?;
                if !arrived {
                    break 'packages;
                }
                self.reversed("sealed", package, step, "down", None);
                self.keep(step).await?;
            }
        }
        if arrived {
            let found = self.fingerprint().await?;
            compared += 1;
            if let Some(last) = self.outcome.reversal.last_mut() {
                last.state = Some(found.digest());
                last.expected = Some(floor.digest());
            }
            self.compare(
                "SEALED_WAY_BACK_DID_NOT_RESTORE",
                None,
                "way back after the seal",
                floor,
                &found,
            );
        }
        if let Some(savepoint) = savepoint {
            self.session
                .undo(savepoint, "the way back after the seal")
                .await?;
        }
        self.way_back("sealed", findings_before, compared);
        Ok(())
    }

    async fn demand_sealed_refusal(
        &mut self,
        package: &LoadedPackage,
        file: &StepFile,
        refusal: &SealedRefusal,
    ) -> Result<(), RehearseError> {
        let what = format!("`{}`", down_path(file));
        let savepoint = self.session.savepoint().await?;
        let batch = self.session.batch(&what, file.down.clone()).await?;
        batch.demand_transaction(&what)?;
        let found = match &batch.error {
            None => "it ran".to_owned(),
            Some(error) => {
                let found = Rejection::read(error, false, &self.committed.plan.reason);
                if refusal.sqlstate == found.sqlstate
                    && found
                        .reason
                        .as_ref()
                        .is_none_or(|reason| reason == &refusal.reason)
                {
                    String::new()
                } else {
                    format!("{} {}", found.sqlstate, found.message)
                }
            }
        };
        self.session.undo(savepoint, &what).await?;
        if !found.is_empty() {
            let message = format!(
                "{what} after the seal: expected {} ({}), found: {found}",
                refusal.reason, refusal.sqlstate
            );
            self.finding(
                "SEALED_WAY_BACK_NOT_REFUSED",
                Some(package.package.id.clone()),
                message,
                vec![],
            );
        }
        Ok(())
    }

    /// Activated: acts of steps that no package lists, under a savepoint. They sign, activate, and
    /// come back to the payload that was active before.
    pub(crate) async fn activated_way_back(
        &mut self,
        packages: &[LoadedPackage],
    ) -> Result<(), RehearseError> {
        let committed = self.committed;
        let listed = |step: &String| {
            packages
                .iter()
                .any(|package| package.package.steps.contains(step))
        };
        for (step, file) in committed.acts.iter().filter(|(step, _)| !listed(step)) {
            self.progress.step(&format!("way back after activation ({step})"));
            let findings_before = self.outcome.findings.len();
            let savepoint = self.session.savepoint().await?;
            let package = self.proving_package();
            self.run_acts(package.as_deref(), step, file).await?;
            self.landmark(Landmark::Activated).await?;
            let begun = Instant::now();
            self.attacks(Stage::Activated).await?;
            self.part("attacks", begun);
            self.exhibits(Ground::Activated).await?;
            let begun = Instant::now();
            self.states(Ground::Activated).await?;
            self.part("states", begun);
            self.session.undo(savepoint, &format!("acts of {step}")).await?;
            if self.share.has_steps() && self.committed.is_whole() {
                self.way_back("activated", findings_before, file.act.len());
            }
        }
        Ok(())
    }

    /// A savepoint to come back to; none where each step is kept.
    async fn undoable(&mut self) -> Result<Option<Savepoint>, RehearseError> {
        if self.keeps() {
            return Ok(None);
        }
        self.session.savepoint().await.map(Some)
    }

    fn way_back(&mut self, kind: &'static str, findings_before: usize, compared: usize) {
        let green = self.outcome.findings.len() == findings_before && compared > 0;
        let verdict = if green { Status::Pass } else { Status::Fail };
        self.outcome.ways_back.push(WayBack {
            kind,
            verdict,
            compared,
        });
    }

    pub(crate) fn compare(
        &mut self,
        code: &str,
        package: Option<&str>,
        what: &str,
        expected: &Fingerprint,
        found: &Fingerprint,
    ) {
        let residue = expected.residue(found);
        if residue.is_empty() {
            return;
        }
        let message = format!(
            "{what}: expected the state before it, found {} differences",
            residue.len()
        );
        self.finding(code, package.map(str::to_owned), message, residue_lines(&residue));
    }
}

/// Whether a package's files answer that they can't be taken back once their rows are sealed.
pub(crate) fn holds_data(
    refusal: &SealedRefusal,
    packages: &[&LoadedPackage],
    package: &LoadedPackage,
) -> bool {
    match refusal.packages.as_slice() {
        [] => packages[0].package.id != package.package.id,
        named => named.contains(&package.package.id),
    }
}

/// The first lines of a residue.
pub fn residue_lines(residue: &[Residue]) -> Vec<String> {
    let mut lines: Vec<String> = residue
        .iter()
        .take(RESIDUE_LINES)
        .map(|one| format!("{} {} {}", one.difference, one.kind, one.identity))
        .collect();
    if residue.len() > RESIDUE_LINES {
        lines.push(format!("and {} more", residue.len() - RESIDUE_LINES));
    }
    lines
}

fn down_path(file: &StepFile) -> String {
    file.up_path.replace(".up.sql", ".down.sql")
}
