//! The stages of a creation, and the parts that lead from one to the next.
//!
//! Not for: SQL. The one fact to know: a part names the stage that it begins at and the one that it leaves, so that the
//! order of the parts is nothing but their states [ruling A7]; the stages stand in an order in which what a part has led
//! to, or anything after it, is never less.

/// Where a creation stands. Signing has no stage between: each slot is a fact of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    /// There is no control plane.
    Absent,
    /// Everything is made and sealed.
    Created,
    /// What the signers read is recorded.
    Evidenced,
    /// The quorum has signed.
    Signed,
    /// The set is active.
    Activated,
    /// The way back of the next package has superseded it: nothing is active.
    Withdrawn,
    /// The prior payload is sealed once more, as the next version.
    Candidate,
    /// The same, where nothing is active.
    WithdrawnCandidate,
    /// The quorum has signed that version.
    SignedAgain,
    /// The same, where nothing is active.
    WithdrawnSigned,
    /// It is active.
    Returned,
    /// The same, where nothing was.
    WithdrawnReturned,
}

impl Stage {
    /// In order.
    pub(crate) const ALL: [Self; 12] = [
        Self::Absent,
        Self::Created,
        Self::Evidenced,
        Self::Signed,
        Self::Activated,
        Self::Withdrawn,
        Self::Candidate,
        Self::WithdrawnCandidate,
        Self::SignedAgain,
        Self::WithdrawnSigned,
        Self::Returned,
        Self::WithdrawnReturned,
    ];

    /// The same stage where the next package was taken back before it, and nothing is active by then.
    pub(crate) const fn withdrawn(self) -> Option<Self> {
        match self {
            Self::Activated => Some(Self::Withdrawn),
            Self::Candidate => Some(Self::WithdrawnCandidate),
            Self::SignedAgain => Some(Self::WithdrawnSigned),
            Self::Returned => Some(Self::WithdrawnReturned),
            _ => None,
        }
    }

    /// The word that people read.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Created => "created",
            Self::Evidenced => "evidenced",
            Self::Signed => "signed",
            Self::Activated => "activated",
            Self::Withdrawn => "withdrawn",
            Self::Candidate => "candidate",
            Self::WithdrawnCandidate => "withdrawn_candidate",
            Self::SignedAgain => "signed_again",
            Self::WithdrawnSigned => "withdrawn_signed",
            Self::Returned => "returned",
            Self::WithdrawnReturned => "withdrawn_returned",
        }
    }

    /// Its place.
    pub(crate) const fn at(self) -> usize {
        self as usize
    }
}

/// Who runs a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Runner {
    /// The operator of the authorization.
    Operator,
    /// Whoever holds the verifier's slot.
    Verifier,
    /// Each signer.
    Signer,
}

impl Runner {
    /// The word that people read.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Operator => "the operator",
            Self::Verifier => "the verifier",
            Self::Signer => "each signer",
        }
    }
}

/// A part: one transaction by one person.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part {
    /// Its file without `.sql`.
    pub(crate) name: &'static str,
    /// What it does.
    pub(crate) says: &'static str,
    /// Who runs it.
    pub(crate) runner: Runner,
    /// Where it begins.
    pub(crate) from: Stage,
    /// What it leaves.
    pub(crate) to: Stage,
}

/// The first part.
pub(crate) const CREATE: Part = Part {
    name: "10_create_and_seal",
    says: "makes the control plane, loads its rows, proves them, seals them",
    runner: Runner::Operator,
    from: Stage::Absent,
    to: Stage::Created,
};
/// The verifier's.
pub(crate) const EVIDENCE: Part = Part {
    name: "15_evidence",
    says: "recomputes catalog and seals, and records this packet as what the signers read",
    runner: Runner::Verifier,
    from: Stage::Created,
    to: Stage::Evidenced,
};
/// The signers'.
pub(crate) const SIGNOFF: Part = Part {
    name: "20_signoff",
    says: "records the decision of one signer in one slot, on every surface",
    runner: Runner::Signer,
    from: Stage::Evidenced,
    to: Stage::Signed,
};
/// The activation.
pub(crate) const ACTIVATE: Part = Part {
    name: "30_activate",
    says: "binds the control epoch and makes the set the authority",
    runner: Runner::Operator,
    from: Stage::Signed,
    to: Stage::Activated,
};
/// The way back after it: first what is to be active again.
pub(crate) const CANDIDATE: Part = Part {
    name: "40_prior_payload",
    says: "seals the prior payload once more, as the next version of every surface",
    runner: Runner::Operator,
    from: Stage::Activated,
    to: Stage::Candidate,
};
/// The same file as [`SIGNOFF`], run again.
pub(crate) const SIGN_AGAIN: Part = Part {
    from: Stage::Candidate,
    to: Stage::SignedAgain,
    ..SIGNOFF
};
/// Then its activation.
pub(crate) const RETURN: Part = Part {
    name: "50_return",
    says: "activates the prior payload at the next epoch",
    runner: Runner::Operator,
    from: Stage::SignedAgain,
    to: Stage::Returned,
};

impl Part {
    /// Whether it is of a way back after the activation, which stands open after the leave's window has closed as well.
    pub(crate) fn is_way_back(&self) -> bool {
        self.from.withdrawn().is_some()
    }

    /// The stages from which it may lead on, with those that it leaves.
    pub(crate) fn ways(&self) -> Vec<(Stage, Stage)> {
        let withdrawn = self.from.withdrawn().zip(self.to.withdrawn());
        std::iter::once((self.from, self.to)).chain(withdrawn).collect()
    }
}

/// In the order in which they are run.
pub(crate) const PARTS: [Part; 7] = [CREATE, EVIDENCE, SIGNOFF, ACTIVATE, CANDIDATE, SIGN_AGAIN, RETURN];
