//! What the server says when it refuses, and in which phase it refused.
//!
//! The phase comes from SQLSTATE and the C routine that raised, which hold over majors; the
//! message, whose words do not, is read for one thing only: the leading reason code of an error
//! that a body raised and the plan does not list.

use crate::plan::{Expectation, Reason};
use serde::Serialize;
use sqlx::postgres::PgDatabaseError;

/// A refusal, reduced to what does not change from run to run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Rejection {
    /// SQLSTATE.
    pub sqlstate: String,
    /// Schema.
    pub schema: Option<String>,
    /// Table.
    pub table: Option<String>,
    /// Column.
    pub column: Option<String>,
    /// Constraint.
    pub constraint: Option<String>,
    /// Data type.
    pub data_type: Option<String>,
    /// Reason code.
    pub reason: Option<String>,
    /// Phase.
    pub phase: String,
    /// The C routine that raised; it explains the phase, and is no part of the comparison.
    pub routine: Option<String>,
    /// The server's words, for people.
    pub message: String,
}

impl Rejection {
    /// Reads the server's error. `at_flush`: it came from `set constraints all immediate`.
    pub(crate) fn read(error: &PgDatabaseError, at_flush: bool, reasons: &[Reason]) -> Self {
        let owned = |field: Option<&str>| field.filter(|text| !text.is_empty()).map(str::to_owned);
        let sqlstate = error.code().to_owned();
        let raised = error.routine() == Some("exec_stmt_raise");
        let listed = reasons.iter().find(|reason| reason.sqlstate == sqlstate);
        let reason = match listed {
            Some(reason) => Some(reason.code.clone()),
            None if raised => leading_code(error.message()),
            None => None,
        };
        // A body that has no constraint to name puts its reason code there: the code is then the
        // reason, and no constraint refused.
        let constraint = owned(error.constraint()).filter(|name| !raised || reason.as_ref() != Some(name));
        let phase = match listed.and_then(|reason| reason.phase.as_deref()) {
            _ if at_flush => "commit",
            Some(phase) => phase,
            None if raised => "trigger",
            // A domain refuses when a value becomes one, before the row is formed.
            None if error.data_type().is_some() => "type",
            None => phase_of(&sqlstate),
        };
        Self {
            schema: owned(error.schema()),
            table: owned(error.table()),
            column: owned(error.column()),
            constraint,
            data_type: owned(error.data_type()),
            reason,
            phase: phase.to_owned(),
            routine: owned(error.routine()),
            message: error.message().to_owned(),
            sqlstate,
        }
    }

    /// Where it differs from what was expected of a server of this major, a line each.
    pub fn differences(&self, expected: &Expectation, major: u32) -> Vec<String> {
        let sqlstate = expected.sqlstate_on(major);
        let mut lines = Vec::new();
        let mut compare = |field: &str, expected: Option<&str>, found: Option<&str>| {
            if expected != found {
                let show = |value: Option<&str>| value.unwrap_or("(absent)").to_owned();
                lines.push(format!(
                    "{field}: expected {}, found {}",
                    show(expected),
                    show(found)
                ));
            }
        };
        compare("sqlstate", Some(sqlstate), Some(&self.sqlstate));
        compare("schema", expected.schema.as_deref(), self.schema.as_deref());
        compare("table", expected.table.as_deref(), self.table.as_deref());
        compare("column", expected.column.as_deref(), self.column.as_deref());
        compare(
            "constraint",
            expected.constraint.as_deref(),
            self.constraint.as_deref(),
        );
        compare(
            "data_type",
            expected.data_type.as_deref(),
            self.data_type.as_deref(),
        );
        compare("reason", expected.reason.as_deref(), self.reason.as_deref());
        compare("phase", Some(&expected.phase), Some(&self.phase));
        lines
    }
}

/// The phase of an error that the server itself raised.
fn phase_of(sqlstate: &str) -> &'static str {
    match sqlstate {
        "42501" => "acl",
        "23502" => "not_null",
        "23514" => "check",
        "23505" | "23P01" => "unique",
        "23503" | "23001" => "fk",
        "428C9" | "42804" | "42846" => "type",
        code if code.starts_with("22") => "type",
        code if code.starts_with("42") => "parse",
        _ => "other",
    }
}

/// `ITEM_MISSING: …` → `ITEM_MISSING`.
fn leading_code(message: &str) -> Option<String> {
    let word: &str = message.split([' ', ':']).next().unwrap_or_default();
    let is_code = word.len() > 2
        && word.starts_with(|c: char| c.is_ascii_uppercase())
        && word
            .chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    is_code.then(|| word.to_owned())
}
