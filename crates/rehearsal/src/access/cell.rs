//! One cell: a role, an object, a privilege, and the three answers.

use super::refusal::Refusal;

/// An answer to whether a role may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Allowed,
    Denied,
    /// For some column, and not for the relation.
    ForColumns,
    /// Refused, and neither for want of the privilege nor by something that comes after it.
    Unclear,
    /// No statement uses the privilege on such an object, or only a login does.
    Untried,
}

impl Answer {
    /// As `predict.sql` writes it.
    pub(super) fn predicted(letter: Option<char>) -> Self {
        match letter {
            Some('t') => Self::Allowed,
            Some('f') => Self::Denied,
            Some('c') => Self::ForColumns,
            _ => Self::Unclear,
        }
    }

    /// As `attempt.sql` writes it.
    pub(super) fn attempted(letter: Option<char>) -> Self {
        match letter {
            Some('a') => Self::Allowed,
            Some('d') => Self::Denied,
            Some('-') => Self::Untried,
            _ => Self::Unclear,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Denied => "denied",
            Self::ForColumns => "allowed for some columns",
            Self::Unclear => "unclear",
            Self::Untried => "not tried",
        }
    }
}

/// A role, an object, a privilege, and what is said of them.
#[derive(Clone, Debug)]
pub(super) struct Cell {
    pub(super) role: String,
    pub(super) kind: String,
    pub(super) object: String,
    pub(super) privilege: String,
    pub(super) declared: Answer,
    pub(super) predicted: Answer,
    pub(super) attempted: Answer,
    pub(super) is_explained: bool,
    pub(super) refusal: Option<Refusal>,
}

impl Cell {
    /// With what refused the attempt, if it was no plain denial.
    pub(super) fn tried(mut self, refusal: Option<Refusal>) -> Self {
        if refusal.as_ref().is_some_and(Refusal::comes_later) {
            self.attempted = Answer::Allowed;
        }
        self.refusal = refusal;
        self
    }

    pub(super) fn agrees(&self) -> bool {
        self.declared == self.predicted
            && (self.attempted == self.declared || self.attempted == Answer::Untried)
    }

    /// What the attempt showed; where there was none, what the server says.
    pub(super) fn is_realized(&self) -> bool {
        match self.attempted {
            Answer::Untried => self.predicted == Answer::Allowed,
            shown => shown == Answer::Allowed,
        }
    }

    pub(super) fn code(&self) -> &'static str {
        if self.attempted == Answer::Unclear {
            "ACCESS_ATTEMPT_UNCLEAR"
        } else if self.agrees() {
            "ACCESS_UNEXPLAINED"
        } else {
            "ACCESS_DISAGREES"
        }
    }

    pub(super) fn message(&self) -> String {
        let Self {
            role,
            kind,
            object,
            privilege,
            ..
        } = self;
        let answers = format!(
            "declared {}, predicted {}, attempted: {}",
            self.declared.word(),
            self.predicted.word(),
            self.attempted.word()
        );
        let unexplained = if self.is_explained {
            ""
        } else {
            "; no privilege that was granted and no membership explains it"
        };
        format!("`{role}`, {privilege} on {kind} `{object}`: {answers}{unexplained}")
    }
}
