//! What a rehearsal shows to whoever was not there: what the plan asks for, privileges, and the order of steps.
//!
//! Not for: judging. The one fact to know: nothing here is read from a clock or an oid, so two rehearsals of
//! one commit show the same.

use crate::engine::Run;
use crate::error::RehearseError;
use crate::fingerprint::Fingerprint;
use crate::plan::{Ground, LoadedPackage};
use crate::session::{quote_literal, text_at};

/// A step up or down, and the state that it came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reversed {
    /// `apply`, `draft` or `sealed`.
    pub way: &'static str,
    /// Its package.
    pub package: String,
    /// The step.
    pub step: String,
    /// `up`, `down`, `up again`, or `refused`.
    pub does: &'static str,
    /// How many files that took.
    pub files: usize,
    /// Digest of the state afterwards, where it was taken.
    pub state: Option<String>,
    /// Digest that it must have, where another state is to be met.
    pub expected: Option<String>,
}

/// How many objects of a kind in a schema a role holds a privilege on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrivilegeCount {
    /// `before` the packages, or `after` the seal.
    pub moment: &'static str,
    /// The role; `public` for everybody.
    pub role: String,
    /// The schema.
    pub schema: String,
    /// `schema`, `relation`, `sequence` or `routine`.
    pub kind: String,
    /// The privilege.
    pub privilege: String,
    /// On how many.
    pub held: u64,
    /// Of how many.
    pub of: u64,
}

impl Run<'_> {
    /// Shows what the plan asks for on `ground`, and who may do what there.
    pub(crate) async fn exhibits(&mut self, ground: Ground) -> Result<(), RehearseError> {
        if !self.share.has_steps() {
            return Ok(());
        }
        let committed = self.committed;
        if let Some(moment) = moment_of(ground) {
            self.count_privileges(moment).await?;
        }
        for exhibit in committed.plan.exhibit.iter().filter(|one| one.ground == ground) {
            let during = format!("showing `{}`", exhibit.name);
            let savepoint = self.session.savepoint().await?;
            let sql = format!("set local search_path = ''; {}", exhibit.sql);
            let rows = self.session.texts(&during, &sql).await?;
            self.session.undo(savepoint, &during).await?;
            let shown = self.outcome.exhibits.entry(exhibit.name.clone()).or_default();
            shown.extend(rows.into_iter().flatten());
        }
        Ok(())
    }

    /// Asks the server, role by role, for what it grants on every schema that is not its own.
    async fn count_privileges(&mut self, moment: &'static str) -> Result<(), RehearseError> {
        let Some(spec) = &self.committed.access else {
            return Ok(());
        };
        let roles: Vec<String> = spec.roles.iter().map(|role| quote_literal(role)).collect();
        let during = "asking the server who may do what";
        let sql =
            include_str!("exhibit.sql").replace("{roles}", &format!("array[{}]::text[]", roles.join(", ")));
        for row in &self.session.rows(during, &sql).await? {
            let text = |at| text_at(row, at, during);
            let number = |at| text(at).map(|found| found.parse().unwrap_or_default());
            self.outcome.privileges.push(PrivilegeCount {
                moment,
                role: text(0)?,
                schema: text(1)?,
                kind: text(2)?,
                privilege: text(3)?,
                held: number(4)?,
                of: number(5)?,
            });
        }
        Ok(())
    }

    /// Notes a step; `states` are the one found and the one to be met.
    pub(crate) fn reversed(
        &mut self,
        way: &'static str,
        package: &LoadedPackage,
        step: &str,
        does: &'static str,
        states: Option<(&Fingerprint, Option<&Fingerprint>)>,
    ) {
        self.outcome.reversal.push(Reversed {
            way,
            package: package.package.id.clone(),
            step: step.to_owned(),
            does,
            files: package.files.iter().filter(|file| file.step == step).count(),
            state: states.map(|(found, _)| found.digest()),
            expected: states.and_then(|(_, expected)| expected).map(Fingerprint::digest),
        });
    }
}

fn moment_of(ground: Ground) -> Option<&'static str> {
    match ground {
        Ground::Estate => Some("before"),
        Ground::Sealed => Some("after"),
        Ground::Activated => None,
    }
}
