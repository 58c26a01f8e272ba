//! Through every package, act and state once, and nothing tried on the way but what the walk is for.
//!
//! Not for: a rehearsal's verdict. The one fact to know: where a keeper is given each state is kept, so that other
//! sessions see it, and an estate of any size is never held by one transaction.

use crate::engine::Run;
use crate::error::RehearseError;
use crate::plan::{Ground, LoadedPackage, LoadedState, PacketPart};
use crate::state::ROLLBACK;

impl Run<'_> {
    pub(crate) async fn walk_plainly(&mut self) -> Result<(), RehearseError> {
        let committed = self.committed;
        let (files, acts): (Vec<_>, Vec<_>) = committed
            .packages
            .iter()
            .partition(|package| package.package.source.is_some());
        self.states(Ground::Estate).await?;
        for package in files {
            for step in &package.package.steps {
                if !self.step_up(package, step).await? {
                    return Ok(());
                }
                self.keep(step).await?;
                self.guards_due(step).await?;
            }
        }
        for package in acts {
            for step in &package.package.steps {
                if !self.act_step(&package.package.id, step).await? {
                    return Ok(());
                }
                self.keep(step).await?;
            }
        }
        self.states(Ground::Sealed).await?;
        let listed = |step: &String| {
            let lists = |package: &LoadedPackage| package.package.steps.contains(step);
            committed.packages.iter().any(lists)
        };
        for (step, file) in committed.acts.iter().filter(|(step, _)| !listed(step)) {
            self.progress.step(&format!("acts of {step}"));
            if !self.run_acts(None, step, file).await? {
                return Ok(());
            }
            self.keep(step).await?;
            self.states_kept(Ground::Activated).await?;
        }
        Ok(())
    }

    /// As `states`, but what a state makes stays.
    async fn states_kept(&mut self, ground: Ground) -> Result<(), RehearseError> {
        let committed = self.committed;
        let on_ground = |state: &&LoadedState| state.state.stands_on == ground;
        for state in committed.states.iter().filter(on_ground) {
            let label = format!("state {} {}", state.state.step, state.state.moment);
            self.progress.step(&label);
            let branch = if state.state.moment == ROLLBACK {
                Some(self.session.savepoint().await?)
            } else {
                None
            };
            if !self.state(state, &label).await? {
                return Ok(());
            }
            match branch {
                Some(branch) => self.session.undo(branch, &label).await?,
                // A packet is one transaction, whose second part is still to come.
                None if state.state.part == Some(PacketPart::ApplyToCheckpoint) => {}
                None => {
                    self.keep(&label).await?;
                }
            }
        }
        Ok(())
    }
}
