//! Up and back again, each file a transaction of its own, as whoever applies it on a live database does.
//!
//! Not for: judging the states; that is `run.rs`. The one fact to know: a package that is refused half-way
//! leaves what it had kept, here as on a live database, so the first refusal ends the run.

use crate::clone::{CommittedClone, Ended};
use crate::error::CommitError;
use rehearsal::{LoadedPackage, become_persona, create_personas_sql, drop_personas_sql, memberships_sql};

/// Which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Up,
    Down,
}

impl CommittedClone<'_> {
    /// Makes the personas, and applies every package of files; `false` if one was refused.
    pub async fn apply(&mut self) -> Result<bool, CommitError> {
        let committed = self.committed;
        self.keep("creating personas", &create_personas_sql(&committed.plan))
            .await?;
        self.memberships().await?;
        self.apply_files().await
    }

    /// Applies every package of files, where personas are already; `false` if one was refused.
    pub async fn apply_files(&mut self) -> Result<bool, CommitError> {
        let committed = self.committed;
        for package in committed
            .packages
            .iter()
            .filter(|one| one.package.source.is_some())
        {
            for step in &package.package.steps {
                if !self.step(package, step, Way::Up).await? {
                    return Ok(false);
                }
                self.memberships().await?;
            }
        }
        Ok(true)
    }

    /// Takes every package back, the last file first, then the personas; `false` if one was refused.
    pub async fn take_back(&mut self) -> Result<bool, CommitError> {
        let committed = self.committed;
        let packages = committed.packages.iter().rev();
        for package in packages.filter(|one| one.package.source.is_some()) {
            for step in package.package.steps.iter().rev() {
                if !self.step(package, step, Way::Down).await? {
                    return Ok(false);
                }
            }
        }
        self.keep("dropping personas", &drop_personas_sql(&committed.plan))
            .await?;
        Ok(true)
    }

    async fn memberships(&mut self) -> Result<(), CommitError> {
        let sql = memberships_sql(&self.committed.plan);
        self.keep("granting personas their roles", &sql).await.map(drop)
    }

    async fn step(&mut self, package: &LoadedPackage, step: &str, way: Way) -> Result<bool, CommitError> {
        let mut files: Vec<_> = package.files.iter().filter(|file| file.step == step).collect();
        if way == Way::Down {
            files.reverse();
        }
        for file in files {
            let (path, sql) = match way {
                Way::Up => (file.up_path.clone(), &file.up),
                Way::Down => (file.up_path.replace(".up.sql", ".down.sql"), &file.down),
            };
            let persona = package.package.apply_as.as_deref();
            let role = persona.map(|name| become_persona(&self.committed.plan, name));
            let text = format!("{}{sql}", role.unwrap_or_default());
            match self.try_keep(&path, &text).await? {
                Ended::Kept(xid) => self.xids.push(xid),
                Ended::Refused(words) => {
                    let message = format!("`{path}`, committed, was {words}");
                    self.finding(
                        "COMMITTED_FILE_REFUSED",
                        Some(&package.package.id),
                        message,
                        vec![],
                    );
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }
}
