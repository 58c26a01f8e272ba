//! What each legacy member is at each moment of the cutover, from the capture and the dispositions alone [ruling A14].
//!
//! For: the rows of #20, one a member and moment, and whoever writes what brings a member from one moment
//! to the next: EXECUTE that S15 revokes is what [`MemberState::acl`] loses between two of them. Not for:
//! running it (`rehearsal/states/`, packets). The one fact to know: nothing here asks a database, so a
//! guard that finds these states there has found two computations that agree.

use std::collections::BTreeSet;

use canonical::{
    AclItem, ObjectClass, PUBLIC, PrivilegeDigest, Routine, SourceDigest, h05, h06_routine, h07,
};
use manifest_model::estate::{Disposition, LegacyMember};

use crate::Sources;
use crate::error::AuthorError;
use crate::live::{LiveFacts, LiveRelation, LiveRoutine, identity};
use crate::owner_moves::OwnerMoves;

/// A moment at which #20 says what a legacy member is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Moment {
    /// Before anything of the cutover.
    AsCaptured,
    /// Entrypoints stubbed, EXECUTE gone.
    AfterS15,
    /// With the control plane's owner; the application holds its sealed reads.
    AfterS16,
    /// Frozen: nobody but the owner may write.
    AfterS17,
}

impl Moment {
    /// In order.
    pub const ALL: [Self; 4] = [Self::AsCaptured, Self::AfterS15, Self::AfterS16, Self::AfterS17];

    /// The word in #20.
    pub const fn word(self) -> &'static str {
        match self {
            Self::AsCaptured => "as_captured",
            Self::AfterS15 => "after_S15",
            Self::AfterS16 => "after_S16",
            Self::AfterS17 => "after_S17",
        }
    }
}

/// The definition of a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Definition {
    /// A routine, everything that H06 covers.
    Routine(Box<Routine>),
    /// A table: a line a column, `name|type|not null`, and one a trigger, `trigger|name|definition|enabled`.
    Table(Vec<String>),
    /// A view, whose text no step of the cutover changes.
    View(SourceDigest),
}

/// One member at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberState {
    /// Owner.
    pub owner: String,
    /// Expanded privileges, those on columns among them; sorted, each once.
    pub acl: BTreeSet<AclItem>,
    /// What it is and does.
    pub definition: Definition,
}

/// One member at every moment.
#[derive(Debug, Clone)]
pub struct MemberMoments {
    /// As `regprocedure` or `regclass` prints it.
    pub identity: String,
    /// `table`, `view`, `function` or `procedure`.
    pub kind: &'static str,
    /// What S15 does with it.
    pub disposition: Disposition,
    /// Its states, in the order of [`Moment::ALL`].
    pub states: [MemberState; 4],
}

impl MemberMoments {
    /// The member at `moment`.
    pub fn at(&self, moment: Moment) -> &MemberState {
        &self.states[moment as usize]
    }
}

/// Every member of the sealed legacy set, in the order in which it is declared.
///
/// # Errors
/// A member that the capture does not hold.
pub fn members(sources: &Sources<'_>, live: &LiveFacts) -> Result<Vec<MemberMoments>, AuthorError> {
    let moves = OwnerMoves::of(sources, live);
    let of = |member| member_moments(sources, live, &moves, member);
    sources.estate.legacy.iter().map(of).collect()
}

fn member_moments(
    sources: &Sources<'_>,
    live: &LiveFacts,
    moves: &OwnerMoves,
    member: &LegacyMember,
) -> Result<MemberMoments, AuthorError> {
    let name = identity(member.identity);
    let (kind, captured) = captured(live, &name)?;
    let closed = closed(&captured, member.disposition, sources.stub_body);
    // What no package opens, and what reads it, is left alone from here on.
    let [given, frozen] = if moves.stay.contains(&name) {
        [closed.clone(), closed.clone()]
    } else {
        let given = moved(&closed, &name, sources.plane.owner, live);
        let frozen = frozen(&given, &name, sources.plane.schema);
        [given, frozen]
    };
    Ok(MemberMoments {
        identity: name,
        kind,
        disposition: member.disposition,
        states: [captured, closed, given, frozen],
    })
}

fn captured(live: &LiveFacts, name: &str) -> Result<(&'static str, MemberState), AuthorError> {
    match (live.routines.get(name), live.relations.get(name)) {
        (Some(routine), _) => Ok(captured_routine(routine)),
        (None, Some(relation)) => Ok(captured_relation(relation)),
        (None, None) => Err(AuthorError::NotInCapture {
            kind: if name.ends_with(')') {
                "routine"
            } else {
                "relation"
            },
            identity: name.to_owned(),
            wanted_by: "the legacy set".to_owned(),
            hint: "capture the database that the manifests are for, or correct the manifest".to_owned(),
        }),
    }
}

fn captured_routine(routine: &LiveRoutine) -> (&'static str, MemberState) {
    let kind = if routine.source.kind == 'p' {
        "procedure"
    } else {
        "function"
    };
    let state = MemberState {
        owner: routine.owner.clone(),
        acl: routine.acl.iter().cloned().collect(),
        definition: Definition::Routine(Box::new(routine.source.clone())),
    };
    (kind, state)
}

fn captured_relation(relation: &LiveRelation) -> (&'static str, MemberState) {
    let is_table = relation.kind == "table";
    let definition = if is_table {
        let triggers = relation.triggers.iter();
        let triggers = triggers.map(|t| format!("trigger|{}|{}|{}", t.name, t.definition, t.enabled));
        Definition::Table(relation.columns.iter().cloned().chain(triggers).collect())
    } else {
        Definition::View(relation.source)
    };
    let state = MemberState {
        owner: relation.owner.clone(),
        acl: relation.acl.iter().cloned().collect(),
        definition,
    };
    (if is_table { "table" } else { "view" }, state)
}

/// S15: nobody executes a routine any more, its owner neither; an entrypoint refuses besides.
fn closed(before: &MemberState, disposition: Disposition, stub_body: &str) -> MemberState {
    let mut after = before.clone();
    if let Definition::Routine(routine) = &mut after.definition {
        after.acl.clear();
        if disposition == Disposition::StubFailClosed {
            stub(routine, stub_body);
        }
    }
    after
}

/// Makes `routine` the one that refuses: signature and properties stay. `body` is as it is written, the
/// server keeps a line break around it.
pub fn stub(routine: &mut Routine, body: &str) {
    routine.body = format!("\n{body}\n");
    "plpgsql".clone_into(&mut routine.language);
}

/// S16: the owner of the control plane takes the place of the old one wherever it stands in the ACL, the
/// application and everybody hold nothing, and then the application exactly its sealed reads.
pub(crate) fn moved(before: &MemberState, name: &str, owner: &str, live: &LiveFacts) -> MemberState {
    let in_place = |role: &str| if role == before.owner { owner } else { role }.to_owned();
    let items = before.acl.iter().map(|item| AclItem {
        grantee: in_place(&item.grantee),
        grantor: in_place(&item.grantor),
        ..item.clone()
    });
    let mut acl: BTreeSet<AclItem> = items
        .filter(|item| item.grantee != live.reader && item.grantee != PUBLIC)
        .collect();
    acl.extend(live.reads_of(name).iter().map(|read| AclItem {
        grantee: live.reader.clone(),
        grantor: owner.to_owned(),
        privilege: SELECT.to_owned(),
        column: (!read.column.is_empty()).then(|| read.column.clone()),
        grantable: false,
    }));
    MemberState {
        owner: owner.to_owned(),
        acl,
        definition: before.definition.clone(),
    }
}

/// S17: of what others hold on tables and views only SELECT is left, and a table refuses every write.
fn frozen(before: &MemberState, name: &str, schema: &str) -> MemberState {
    let mut after = before.clone();
    if let Definition::Table(lines) = &mut after.definition {
        let definition = freeze(name, schema);
        lines.push(format!("trigger|{FREEZE}|{definition}|A"));
    }
    if !matches!(after.definition, Definition::Routine(_)) {
        let owner = &before.owner;
        after
            .acl
            .retain(|item| item.grantee == *owner || item.privilege == SELECT);
    }
    after
}

/// The trigger of a frozen table, and the routine of the control plane that it fires.
pub(crate) const FREEZE: &str = "legacy_frozen";

/// The statement that makes it, as the server prints it.
pub(crate) fn freeze(table: &str, schema: &str) -> String {
    format!(
        "CREATE TRIGGER {FREEZE} BEFORE INSERT OR DELETE OR UPDATE OR TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {schema}.{FREEZE}()"
    )
}

const SELECT: &str = "SELECT";

impl MemberState {
    /// What #20 seals as its source.
    ///
    /// # Errors
    /// A text that no digest takes.
    pub fn source(&self) -> Result<SourceDigest, canonical::EncodeError> {
        match &self.definition {
            Definition::Routine(routine) => h06_routine(routine),
            Definition::Table(lines) => h05(lines).map(|set| SourceDigest::from_bytes(*set.as_bytes())),
            Definition::View(source) => Ok(*source),
        }
    }

    /// What #20 seals as its privileges.
    ///
    /// # Errors
    /// A name that no digest takes.
    pub fn privileges(&self) -> Result<PrivilegeDigest, canonical::EncodeError> {
        let class = match self.definition {
            Definition::Routine(_) => ObjectClass::Routine,
            Definition::Table(_) | Definition::View(_) => ObjectClass::Relation,
        };
        let items: Vec<AclItem> = self.acl.iter().cloned().collect();
        h07(class, &self.owner, &items)
    }
}
