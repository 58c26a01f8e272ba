//! A negative spec: the statements that one table must refuse, each with its accepted twin.
//!
//! The one fact to know: a test is three runs; `removal` is what the third takes away.

use serde::Deserialize;

/// `migrations/negative/TABLE.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NegativeSpec {
    /// 1.
    pub format_version: u32,
    /// The relation that the file is about, schema-qualified.
    pub object: String,
    /// Number of the surface; absent for any other table.
    #[serde(default)]
    pub surface: Option<u32>,
    /// The tests, in groups that share a base.
    #[serde(default)]
    pub group: Vec<NegativeGroup>,
}

/// Tests that start from the same arrangement, so that it is made once.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NegativeGroup {
    /// Its name within the file.
    pub name: String,
    /// Statements run once before the group's tests as the harness, and undone after them.
    #[serde(default)]
    pub base: Vec<String>,
    /// The tests.
    #[serde(default)]
    pub test: Vec<NegativeTest>,
    /// Before all rows that must be accepted, as the harness.
    #[serde(default)]
    pub accept_base: Vec<String>,
    /// Rows that must be accepted, each by itself.
    #[serde(default)]
    pub accept: Vec<Accept>,
    /// Objects with one part changed, which a test or row of this group must tell.
    #[serde(default)]
    pub weakened: Vec<Weakened>,
}

/// A statement that must be accepted, as the owner.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accept {
    /// `TABLE/accepted/WHAT`.
    pub id: String,
    /// The row, for people.
    pub row: String,
    /// The parts of constraints that rest on it.
    #[serde(default)]
    pub shows: Vec<String>,
    /// Statements before it, as the owner.
    #[serde(default)]
    pub arrange: Vec<String>,
    /// The statement.
    pub statement: String,
}

/// An object of the schema with one part of it changed.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weakened {
    /// `TABLE/weakened/OBJECT.CHANGE`.
    pub id: String,
    /// The change, for people.
    pub words: String,
    /// What is changed.
    pub cause: Cause,
    /// Statements that change it, as the harness.
    pub delta: Vec<String>,
    /// In place of the test's own change.
    #[serde(default)]
    pub change: Vec<String>,
    /// The test or row that tells it; absent where no statement can, and the catalog alone does.
    #[serde(default)]
    pub by: Option<String>,
    /// How that must end then.
    pub ends: Ends,
    /// Whether it is weakened by itself, since it could disturb the tests of others.
    #[serde(default)]
    pub alone: bool,
}

/// How a test or row ends once its cause is weakened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ends {
    /// The rejected statement is accepted.
    Accepted,
    /// The row is refused, by what was changed.
    Refused,
    /// The rejected statement is accepted, or refused otherwise.
    Otherwise,
    /// As before: no statement tells.
    AsBefore,
}

impl Expectation {
    /// The SQLSTATE on a server of this major.
    pub fn sqlstate_on(&self, major: u32) -> &str {
        match &self.sqlstate_from_18 {
            Some(later) if major >= 18 => later,
            _ => &self.sqlstate,
        }
    }

    /// The SQLSTATE for people, on whatever major.
    pub fn sqlstate_words(&self) -> String {
        match &self.sqlstate_from_18 {
            Some(later) => format!("{}, from 18 {later}", self.sqlstate),
            None => self.sqlstate.clone(),
        }
    }
}

impl NegativeSpec {
    /// All tests, in order.
    pub fn tests(&self) -> impl Iterator<Item = &NegativeTest> {
        self.group.iter().flat_map(|group| &group.test)
    }

    /// The relation without its schema: the name of its snapshot.
    pub fn table(&self) -> &str {
        self.object.rsplit('.').next().unwrap_or(&self.object)
    }
}

/// One minimal pair.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NegativeTest {
    /// `TABLE/CLASS/WHAT`.
    pub id: String,
    /// The class of refusal.
    pub class: String,
    /// The one change, in a line.
    pub mutation: String,
    /// Statements before both runs, as the harness.
    #[serde(default)]
    pub arrange: Vec<String>,
    /// Who runs the twin: `owner`, `harness`, a persona, or a role.
    pub twin_persona: String,
    /// The statement that must be accepted and touch a row.
    pub twin: String,
    /// Who runs the rejected statement.
    pub persona: String,
    /// The independent change, before the rejected run only, as the harness.
    #[serde(default)]
    pub change: Vec<String>,
    /// Fields derived from the change, before the rejected run only, as the harness.
    #[serde(default)]
    pub derived: Vec<String>,
    /// The statement that must be refused.
    pub rejected: String,
    /// Whether `set constraints all immediate` is part of both acts.
    #[serde(default)]
    pub flush: bool,
    /// A query of the harness that returns one row once the statement has had its effect, for statements
    /// that count no rows.
    #[serde(default)]
    pub observe: Option<String>,
    /// What must refuse it.
    pub cause: Cause,
    /// What the sole-cause run removes.
    #[serde(default)]
    pub removal: Vec<String>,
    /// The rejection that must come back.
    pub expect: Expectation,
}

/// The thing in the catalog that refuses.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cause {
    /// Like `not_null`, `check`, `trigger`, `privilege`.
    pub kind: String,
    /// The object that carries it.
    #[serde(default)]
    pub object: String,
    /// Its name on that object.
    #[serde(default)]
    pub name: String,
}

impl std::fmt::Display for Cause {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let parts = [&self.kind, &self.object, &self.name];
        let named: Vec<&str> = parts
            .into_iter()
            .map(String::as_str)
            .filter(|part| !part.is_empty())
            .collect();
        f.write_str(&named.join(" "))
    }
}

/// The fields of a rejection that do not change from run to run. An absent key must be absent in
/// the server's answer, too.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    /// SQLSTATE.
    pub sqlstate: String,
    /// SQLSTATE on PostgreSQL 18 and later, where that is another.
    #[serde(default)]
    pub sqlstate_from_18: Option<String>,
    /// Schema.
    #[serde(default)]
    pub schema: Option<String>,
    /// Table.
    #[serde(default)]
    pub table: Option<String>,
    /// Column.
    #[serde(default)]
    pub column: Option<String>,
    /// Constraint.
    #[serde(default)]
    pub constraint: Option<String>,
    /// Data type, for domains.
    #[serde(default)]
    pub data_type: Option<String>,
    /// Reason code.
    #[serde(default)]
    pub reason: Option<String>,
    /// Phase.
    pub phase: String,
}
