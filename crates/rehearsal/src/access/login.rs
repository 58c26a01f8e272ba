//! The same cells, tried by roles that really log in, one connection each [ruling B16].
//!
//! Here is what is tried and how answers are judged. Who connects, and makes what is tried where it can be
//! seen from another connection, is the crate that commits. The one fact to know: SET ROLE applies no role
//! settings and asks for no LOGIN and no CONNECT, so these three show here alone.

use super::cell::{Answer, Cell};
use super::refusal::Refusal;
use super::{Probe, note_attempts, probes_sql, read_predictions};
use crate::error::RehearseError;
use crate::outcome::Finding;
use crate::plan::{AccessSpec, Committed};
use crate::session::quote_ident;
use sqlx::postgres::PgRow;
use std::collections::BTreeMap;

/// The role that `public` stands for: it has no membership at all.
const PUBLIC: &str = "rehearsal_public";

/// What is tried over logins, and what came of it.
pub struct LoginProbes<'a> {
    committed: &'a Committed,
    spec: &'a AccessSpec,
    probes: Vec<Probe>,
    odd: BTreeMap<(usize, usize), Refusal>,
}

/// What the logins came to.
#[derive(Clone, Debug, Default)]
pub struct LoginCells {
    /// Roles × objects × privileges.
    pub cells: usize,
    /// Cells that a login tried.
    pub tried: usize,
    /// Cells that are not as declared, or that nothing explains.
    pub differences: Vec<Finding>,
}

/// How one thing ended that a login tried.
#[derive(Clone, Debug)]
pub enum Tried {
    /// It was accepted.
    Allowed,
    /// It was refused for want of the privilege.
    Denied,
    /// It was refused otherwise.
    Refused {
        /// The SQLSTATE.
        sqlstate: String,
        /// What the server said.
        message: String,
    },
}

impl<'a> LoginProbes<'a> {
    /// SQL that makes what is tried; its one answer is for [`LoginProbes::read`]. Nothing if the plan
    /// declares no access.
    pub fn make_sql(committed: &Committed) -> Option<String> {
        let spec = committed.access.as_ref()?;
        Some(format!(
            "{}\n{}\n{}",
            probes_sql(&committed.plan.schema, spec),
            include_str!("login.sql"),
            include_str!("predict.sql")
        ))
    }

    /// SQL that takes it away again.
    pub fn drop_sql() -> String {
        format!("drop schema rehearsal_access cascade; drop role {PUBLIC};")
    }

    /// What is tried, from the answer of [`LoginProbes::make_sql`].
    pub fn read(committed: &'a Committed, rows: &[PgRow]) -> Result<Option<Self>, RehearseError> {
        let Some(spec) = &committed.access else {
            return Ok(None);
        };
        Ok(Some(Self {
            committed,
            spec,
            probes: read_predictions(rows, "asking the server who may do what")?,
            odd: BTreeMap::new(),
        }))
    }

    /// Who tries, in the plan's order: the role that logs in.
    pub fn actors(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let name = |role: &'a String| if role == "public" { PUBLIC } else { role.as_str() };
        self.spec.roles.iter().map(name)
    }

    /// SQL with which the actor tries everything but what lies in the schema, or the latter.
    pub fn attempt_sql(actor: usize, is_bare: bool) -> String {
        let number = actor + 1;
        format!("begin; select * from rehearsal_access.attempt_as_login({number}, {is_bare}); rollback")
    }

    /// SQL by which an actor comes to own what a foreign key is added to.
    pub fn own_sql(role: &str) -> String {
        format!(
            "alter table rehearsal_access.referencing owner to {};",
            quote_ident(role)
        )
    }

    /// Notes the rows of [`LoginProbes::attempt_sql`].
    pub fn note(&mut self, is_bare: bool, rows: &[PgRow]) -> Result<(), RehearseError> {
        note_attempts(rows, &mut self.probes, &mut self.odd, |_| is_bare)
    }

    /// Notes what no statement inside a transaction shows: LOGIN, CONNECT, CREATEDB.
    pub fn note_one(&mut self, actor: usize, privilege: &str, tried: &Tried) {
        let at = |probe: &Probe| {
            probe.privilege == privilege && matches!(probe.kind.as_str(), "attribute" | "database")
        };
        let Some(at) = self.probes.iter().position(at) else {
            return;
        };
        self.probes[at].attempted[actor] = match tried {
            Tried::Allowed => 'a',
            Tried::Denied => 'd',
            Tried::Refused { sqlstate, message } => {
                let refusal = Refusal::new(sqlstate.clone(), message.clone(), String::new());
                self.odd.insert((actor, at), refusal);
                'o'
            }
        };
    }

    /// Compares what was shown with what is declared and predicted.
    pub fn judge(&self, package: Option<&str>) -> LoginCells {
        let allowed = self.spec.allowed();
        let mut found = LoginCells::default();
        for (at, probe) in self.probes.iter().enumerate() {
            for (actor, role) in self.spec.roles.iter().enumerate() {
                let Some(cell) = probe.cell(role, actor, &allowed) else {
                    continue;
                };
                let judged = |refusal: &Refusal| {
                    refusal
                        .clone()
                        .judged(&probe.kind, &probe.privilege, &self.committed.plan.reason)
                };
                let cell = cell.tried(self.odd.get(&(actor, at)).map(judged));
                found.cells += 1;
                found.tried += usize::from(cell.attempted != Answer::Untried);
                if !cell.agrees() || !cell.is_explained {
                    found.differences.push(finding(&cell, package));
                }
            }
        }
        found
    }
}

fn finding(cell: &Cell, package: Option<&str>) -> Finding {
    let code = match cell.code() {
        "ACCESS_ATTEMPT_UNCLEAR" => "LOGIN_ATTEMPT_UNCLEAR",
        "ACCESS_UNEXPLAINED" => "LOGIN_UNEXPLAINED",
        _ => "LOGIN_DISAGREES",
    };
    Finding {
        code: code.to_owned(),
        package: package.map(str::to_owned),
        message: format!("over a login, {}", cell.message()),
        details: cell.refusal.iter().map(Refusal::line).collect(),
    }
}
