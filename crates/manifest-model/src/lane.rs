//! The vocabulary of a lane that touches nothing of production: what is forbidden, what blocks, what is reserved.
//!
//! Not for: what was observed, which the `lane` crate judges. The one fact to know: a surface says by which door
//! it would be touched, so that its being untouched is looked up in the record and never declared.

/// All that a lane is held to.
#[derive(Clone, Copy, Debug)]
pub struct LaneDesign {
    /// Its name, as it stands in every document.
    pub id: &'static str,
    /// What the final status is called when every stage has passed.
    pub applied: &'static str,
    /// The gate in front of it.
    pub gate: LaneGate,
    /// What it may not touch.
    pub forbidden: &'static [ForbiddenSurface],
    /// Classes of requests that must be refused.
    pub probe_classes: &'static [ProbeClass],
    /// What stands between it and production.
    pub blockers: &'static [Blocker],
    /// Identities that it proposes and does not apply.
    pub reserved: ReservedObjects,
}

/// What lets a lane run, and what that is no leave for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LaneGate {
    /// Its id.
    pub id: &'static str,
    /// The only delegation that opens it.
    pub satisfied_by: &'static str,
    /// The authority that comes with it.
    pub authority: &'static str,
}

/// Something that a lane may not touch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ForbiddenSurface {
    /// Its name, in capitals.
    pub id: &'static str,
    /// What it is.
    pub title: &'static str,
    /// How its being untouched is seen.
    pub seen_by: SeenBy,
    /// Words by which somebody would ask for it, lower case, `-` between.
    pub asked_by: &'static [&'static str],
}

/// The observation that shows a surface untouched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeenBy {
    /// No connection was opened, and no statement sent, to a server that the tool did not make.
    NoForeignConnection,
    /// The only ways out of the machine were a container engine and the download of a server.
    NoForeignNetwork,
    /// No statement with one of these words was sent to a server that the tool did not make.
    NoForeignStatementNaming(&'static [&'static str]),
    /// Nothing was written or taken away below these paths of the repository.
    NoWriteBelow(&'static [&'static str]),
    /// Nothing was taken away outside the tool's own folders.
    NoRemoval,
    /// No document of the lane holds what looks like a credential.
    NoCredential,
    /// Every pinned file has its digest, before and after.
    PinsIntact,
    /// The delegation asks for it nowhere, and no statement with these words went to a foreign server.
    NotRequested(&'static [&'static str]),
}

/// A class of requests that must be refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProbeClass {
    /// Its name, in capitals.
    pub id: &'static str,
    /// What is asked for.
    pub title: &'static str,
}

/// Something that has to be resolved before production is touched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blocker {
    /// Its id.
    pub id: &'static str,
    /// What is missing.
    pub title: &'static str,
    /// Who may resolve it.
    pub resolver: &'static str,
    /// What would show that it is resolved.
    pub evidence: &'static str,
}

/// Identities of governance that are reserved and not applied.
#[derive(Clone, Copy, Debug)]
pub struct ReservedObjects {
    /// What comes before the number.
    pub prefix: &'static str,
    /// The highest number that the canonical register holds.
    pub ceiling: u32,
    /// The first that is reserved; the others follow it.
    pub first: u32,
    /// What each is for, in order.
    pub titles: &'static [&'static str],
}

impl ReservedObjects {
    /// Their ids with titles.
    pub fn ids(&self) -> impl Iterator<Item = (String, &'static str)> {
        let numbered = (self.first..).zip(self.titles.iter().copied());
        numbered.map(|(number, title)| (format!("{}{number}", self.prefix), title))
    }
}

impl LaneDesign {
    /// Every word that is looked for in statements.
    pub fn watched(&self) -> Vec<&'static str> {
        let mut words: Vec<&str> = self
            .forbidden
            .iter()
            .flat_map(|surface| match surface.seen_by {
                SeenBy::NoForeignStatementNaming(words) | SeenBy::NotRequested(words) => words,
                _ => &[],
            })
            .copied()
            .collect();
        words.sort_unstable();
        words.dedup();
        words
    }
}
