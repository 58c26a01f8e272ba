//! Steps S00..S19 and the packages that group them [doc 07].
//!
//! Not for: what a step contains. The one fact to know: no package mixes layers.

/// One step of the cutover, `S00`..`S19`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Step(u8);

impl Step {
    /// The step with this number.
    ///
    /// # Panics
    /// At compile time in a constant, if `number` is above 19.
    pub const fn new(number: u8) -> Self {
        assert!(number <= 19, "steps are S00..S19");
        Self(number)
    }

    /// 0..=19.
    pub const fn number(self) -> u8 {
        self.0
    }

    /// `S09`.
    pub fn label(self) -> String {
        format!("S{:02}", self.0)
    }
}

/// What a step changes; a package holds steps of one layer family only [doc 07].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layer {
    /// Reads a live database and writes nothing to it.
    ReadOnly,
    /// Creates objects.
    Ddl,
    /// Inserts rows.
    Data,
    /// Measures, then rolls back.
    Proof,
    /// Repoints, moves ownership.
    Cutover,
    /// Freezes and deprecates.
    Freeze,
}

/// Who may run a package; exactly one class a package [doc 07].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunnerClass {
    /// The author.
    T1,
    /// A person with authority over the target.
    Operator,
}

/// Namespaces of people's signatures, one a purpose.
#[derive(Debug, Clone, Copy)]
pub struct SigningNamespaces {
    /// Authorizations of a package on a real target.
    pub authorization: &'static str,
    /// Records of re-audits.
    pub reaudit: &'static str,
    /// Either of them, for a throwaway database alone.
    pub rehearsal: &'static str,
}

/// Something besides guards that the verdict of a package rests on, where a rehearsal does not apply it by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Its packet was applied to its end and taken back.
    Packet,
    /// What is there, read before any package, is what was rehearsed.
    Repoint,
    /// The application's reads were tried, and none is lost.
    Reads,
    /// Every guard was asked at its steps.
    EveryGuard,
    /// Every gate was looked at by its verifier at its steps, and readiness was blocked in every state.
    Pairs,
    /// Every way around the cutover is shut, and seen while it is open.
    Bypass,
    /// The guards were green on larger estates.
    ScaleRuns,
}

impl Need {
    /// The word for it in the plan.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Packet => "packet",
            Self::Repoint => "repoint",
            Self::Reads => "reads",
            Self::EveryGuard => "every_guard",
            Self::Pairs => "pairs",
            Self::Bypass => "bypass",
            Self::ScaleRuns => "scale_runs",
        }
    }
}

/// One of the nine packages.
#[derive(Debug, Clone, Copy)]
pub struct Package {
    /// `PKG-A`.
    pub id: &'static str,
    /// One line for people.
    pub title: &'static str,
    /// Steps in order.
    pub steps: &'static [Step],
    /// Layer of its steps.
    pub layer: Layer,
    /// Who runs it.
    pub runner: RunnerClass,
    /// Folder that holds its files, relative to the repository, if it has files of its own.
    pub source: Option<&'static str>,
    /// The package that must have passed before this one starts.
    pub predecessor: Option<&'static str>,
    /// Files and folders, relative to the repository, that its bytes consist of: what is audited and
    /// approved, and what its evidence must have been made over.
    pub bytes: &'static [&'static str],
    /// Whether a fresh, independent re-audit must stand before it starts.
    pub needs_reaudit: bool,
    /// Whether an operator needs a signed authorization to run it.
    pub needs_authorization: bool,
    /// What its verdict in a rehearsal rests on besides its guards, where no rehearsal applies it by itself.
    pub rests_on: &'static [Need],
}
