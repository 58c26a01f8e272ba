//! The format of a negative spec, as the rehearsal reads it.

use serde::Serialize;

/// The tests of one table.
#[derive(Debug, Clone, Serialize)]
pub struct Spec {
    /// 1.
    pub format_version: u32,
    /// `qt001_cp.readiness_gate_manifest`.
    pub object: String,
    /// Surface number, for a surface.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub surface: Option<u8>,
    /// Its tests, in groups that share a base.
    pub group: Vec<Group>,
}

/// Tests on one base.
#[derive(Debug, Clone, Serialize)]
pub struct Group {
    /// `draft` of a surface, `constraints` of another table, `verbs` of both, and a foreign key of what refers by it.
    pub name: &'static str,
    /// Statements before all tests of the group, undone after them; run as the harness.
    pub base: Vec<String>,
    /// The tests.
    pub test: Vec<Test>,
    /// Before all accepted rows, as the harness.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub accept_base: Vec<String>,
    /// Rows that must be accepted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub accept: Vec<Accept>,
    /// Weakened objects, each with what tells it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub weakened: Vec<Weakened>,
}

/// A statement that must be accepted, as the owner.
#[derive(Debug, Clone, Serialize)]
pub struct Accept {
    /// `TABLE/accepted/WHAT`.
    pub id: String,
    /// In what the row differs from the probe row.
    pub row: String,
    /// The parts of constraints that rest on it.
    pub shows: Vec<String>,
    /// Before it, as the owner.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub arrange: Vec<String>,
    /// The statement.
    pub statement: String,
}

/// An object of the schema with one part of it changed.
#[derive(Debug, Clone, Serialize)]
pub struct Weakened {
    /// `TABLE/weakened/OBJECT.CHANGE`.
    pub id: String,
    /// As a reviewer would say it.
    pub words: String,
    /// What is changed.
    pub cause: Cause,
    /// Statements that change it.
    pub delta: Vec<String>,
    /// In place of the test's own `change`, where that would undo the delta.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub change: Vec<String>,
    /// The test or accepted row that tells it; none where no statement can.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// How that ends then.
    pub ends: Ends,
    /// Whether it could disturb the tests of other weakened objects.
    #[serde(skip_serializing_if = "is_false")]
    pub alone: bool,
}

/// How a test ends once its cause is weakened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ends {
    /// The rejected statement is accepted.
    Accepted,
    /// The accepted row is refused by what was changed.
    Refused,
    /// The rejected statement is accepted, or refused otherwise than before.
    Otherwise,
    /// As before: no statement tells, the catalog alone does.
    AsBefore,
}

/// One minimal pair.
#[derive(Debug, Clone, Serialize)]
pub struct Test {
    /// `TABLE/CLASS/WHAT`.
    pub id: String,
    /// One of the classes of doc 06, or a family-specific one.
    pub class: &'static str,
    /// The one thing that differs, in a reviewer's words.
    pub mutation: String,
    /// Before both runs, as the harness.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub arrange: Vec<String>,
    /// Who runs the twin.
    pub twin_persona: String,
    /// The accepted statement.
    pub twin: String,
    /// Who runs the rejected statement.
    pub persona: String,
    /// The one independent change before the rejected statement, where both are the same statement.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub change: Vec<String>,
    /// Fields derived from the change, recomputed so that exactly one check can fail.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub derived: Vec<String>,
    /// The rejected statement.
    pub rejected: String,
    /// Whether `set constraints all immediate` is part of both acts.
    #[serde(skip_serializing_if = "is_false")]
    pub flush: bool,
    /// A query that returns one row once the statement has had its effect, for one that counts no rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observe: Option<String>,
    /// What rejects it.
    pub cause: Cause,
    /// Statements that remove exactly the cause.
    pub removal: Vec<String>,
    /// The rejection.
    pub expect: Expect,
}

impl Group {
    /// A group of tests alone.
    pub fn of_tests(name: &'static str, base: Vec<String>, test: Vec<Test>) -> Self {
        Self {
            name,
            base,
            test,
            accept_base: Vec::new(),
            accept: Vec::new(),
            weakened: Vec::new(),
        }
    }
}

impl Test {
    fn twin_in_its_state(&self) -> (&[String], &str, &str, bool, Option<&str>) {
        (
            &self.arrange,
            &self.twin_persona,
            &self.twin,
            self.flush,
            self.observe.as_deref(),
        )
    }
}

/// The tests in their order, but those with the same twin one after the other: a twin that was just
/// accepted is not run again.
pub fn by_twin(tests: Vec<Test>) -> Vec<Test> {
    let mut ordered: Vec<Test> = Vec::with_capacity(tests.len());
    for test in tests {
        let same = |other: &Test| other.twin_in_its_state() == test.twin_in_its_state();
        let at = ordered
            .iter()
            .rposition(same)
            .map_or(ordered.len(), |last| last + 1);
        ordered.insert(at, test);
    }
    ordered
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}

/// The named thing that rejects.
#[derive(Debug, Clone, Serialize)]
pub struct Cause {
    /// `not_null`, `check`, `domain`, `primary_key`, `unique`, `foreign_key`, `on_delete`, `on_update`, `trigger`, `privilege`, `seal_check`.
    pub kind: &'static str,
    /// Table or routine.
    pub object: String,
    /// Column, constraint, trigger, privilege or check.
    pub name: String,
}

/// The rejection fingerprint; what is absent must be absent.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Expect {
    /// SQLSTATE.
    pub sqlstate: String,
    /// SQLSTATE on PostgreSQL 18 and later, where that is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sqlstate_from_18: Option<String>,
    /// Schema of the object.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// Table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// Column.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// Constraint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub constraint: Option<String>,
    /// Data type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_type: Option<String>,
    /// Reason code of #22.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// `type`, `acl`, `not_null`, `check`, `unique`, `fk`, `trigger`, `seal`, `activation`, `commit`.
    pub phase: &'static str,
}

impl Expect {
    /// A rejection that names schema and table.
    pub fn on(sqlstate: &str, schema: &str, table: &str, phase: &'static str) -> Self {
        Self {
            sqlstate: sqlstate.to_owned(),
            schema: Some(schema.to_owned()),
            table: Some(table.to_owned()),
            phase,
            ..Self::default()
        }
    }

    /// With a constraint.
    #[must_use]
    pub fn constraint(mut self, name: &str) -> Self {
        self.constraint = Some(name.to_owned());
        self
    }

    /// With a column.
    #[must_use]
    pub fn column(mut self, name: &str) -> Self {
        self.column = Some(name.to_owned());
        self
    }

    /// With a reason code.
    #[must_use]
    pub fn reason(mut self, code: &str) -> Self {
        self.reason = Some(code.to_owned());
        self
    }
}
