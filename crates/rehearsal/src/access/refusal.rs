//! A refusal that is no plain denial: by what comes after the privilege, or by something unforeseen.

use crate::plan::Reason;

/// What the server said.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    sqlstate: String,
    message: String,
    constraint: String,
    by: Option<String>,
}

impl Refusal {
    pub(super) fn new(sqlstate: String, message: String, constraint: String) -> Self {
        Self {
            sqlstate,
            message,
            constraint,
            by: None,
        }
    }

    /// Knows what refused it, if that is asked only of somebody who holds the privilege.
    pub(super) fn judged(mut self, kind: &str, privilege: &str, reasons: &[Reason]) -> Self {
        let named = |name: &str| Some(format!("{name} {}", self.constraint).trim_end().to_owned());
        let reason = reasons.iter().find(|reason| reason.sqlstate == self.sqlstate);
        self.by = match (reason, self.sqlstate.as_str(), kind, privilege) {
            (Some(reason), ..) => named(&reason.code),
            (_, sqlstate, ..) if sqlstate.starts_with("23") => named("constraint"),
            (_, "0A000", "relation", "TRUNCATE") => named("a foreign key that refers to it"),
            (_, "55006", "relation", "MAINTAIN" | "TRUNCATE" | "TRIGGER" | "REFERENCES") => {
                named("rows that wait for a trigger")
            }
            (_, "42704" | "55000", "attribute", "REPLICATION") => named("the slot, which is not there"),
            _ => None,
        };
        self
    }

    /// Whether the privilege was held.
    pub(super) fn comes_later(&self) -> bool {
        self.by.is_some()
    }

    pub(super) fn line(&self) -> String {
        let by = self
            .by
            .as_ref()
            .map_or("refused".to_owned(), |by| format!("refused later, by {by}"));
        format!("{by}: {} {}", self.sqlstate, self.message)
    }
}
