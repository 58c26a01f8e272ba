//! PKG-G: the sealed set goes to the owner of the control plane, and the application keeps exactly its sealed reads.
//!
//! Not for: what nobody may execute any more, which is PKG-F's. The one fact to know: objects, items and reads follow
//! from the sealed set alone, one statement each; what no package may open is in none of them, nor is a view that
//! reads it.

mod snapshot;
mod steps;

use std::collections::{BTreeMap, BTreeSet};

use canonical::{AclItem, ObjectClass, PUBLIC};
use manifest_model::OwnerCutover;

use super::declared::{Declared, line, privileges};
use crate::Sources;
use crate::error::AuthorError;
use crate::live::LiveFacts;
use crate::moments::{self, Definition, MemberState, Moment};
use crate::owner_moves::OwnerMoves;

/// An object that changes its owner, or whose table does.
pub(super) struct Moved {
    pub(super) identity: String,
    /// `function`, `procedure`, `table`, `view`, or `sequence`, which goes with its table.
    pub(super) kind: &'static str,
    pub(super) owner: String,
    /// Every item before.
    pub(super) acl: Vec<AclItem>,
    /// Items that go, in their words of before.
    pub(super) revoked: Vec<AclItem>,
    /// Items that come: the sealed reads.
    pub(super) granted: Vec<AclItem>,
    /// Whether it reads as its reader from then on.
    pub(super) as_invoker: bool,
}

/// What PKG-G does, object by object.
pub(crate) struct Plan<'a> {
    sources: &'a Sources<'a>,
    cutover: &'a OwnerCutover,
    reader: &'a str,
    operator: String,
    moved: Vec<Moved>,
    /// Schemas that the objects lie in.
    homes: BTreeSet<String>,
    declared: Vec<Declared>,
}

impl<'a> Plan<'a> {
    pub(crate) fn new(
        sources: &'a Sources<'a>,
        live: &'a LiveFacts,

        cutover: &'a OwnerCutover,
        operator: &str,
    ) -> Result<Self, AuthorError> {
        let moves = OwnerMoves::of(sources, live);
        let mut plan = Self {
            sources,
            cutover,
            reader: &live.reader,
            operator: operator.to_owned(),
            moved: Vec::new(),
            homes: BTreeSet::new(),
            declared: Vec::new(),
        };
        let mut readers = readers_of_what_stays(live);
        for member in moments::members(sources, live)? {
            let (before, after) = (member.at(Moment::AfterS15), member.at(Moment::AfterS16));
            readers.insert(member.identity.clone(), holders(&after.acl, &after.owner));
            if moves.stay.contains(&member.identity) {
                continue;
            }
            let as_invoker = moves.as_invoker.contains(&member.identity);
            plan.declare(&member.identity, member.kind, live, [before, after], as_invoker)?;
            let home = member.identity.split('.').next().unwrap_or_default();
            plan.homes.insert(home.to_owned());
            plan.push(&member.identity, member.kind, before, after, as_invoker)?;
            for sequence in live.own_sequences.get(&member.identity).into_iter().flatten() {
                plan.sequence(sequence, live)?;
            }
        }
        moves.demand_sound(live, &readers, plan.owner())?;
        for home in &plan.homes {
            plan.declared.push(Declared {
                kind: "home",
                identity: home.clone(),
                before: "closed".to_owned(),
                after: "closed".to_owned(),
            });
        }
        plan.declared.sort_by(|a, b| a.identity.cmp(&b.identity));
        plan.moved.sort_by(|a, b| a.identity.cmp(&b.identity));
        Ok(plan)
    }

    fn owner(&self) -> &'static str {
        self.sources.plane.owner
    }

    /// A sequence that a column owns goes with its table; its items are its own.
    fn sequence(&mut self, name: &str, live: &LiveFacts) -> Result<(), AuthorError> {
        let Some(relation) = live.relations.get(name) else {
            return Err(AuthorError::NotInCapture {
                kind: "sequence",
                identity: name.to_owned(),
                wanted_by: "PKG-G".to_owned(),
                hint: "capture the database that the manifests are for".to_owned(),
            });
        };
        let before = MemberState {
            owner: relation.owner.clone(),
            acl: relation.acl.iter().cloned().collect(),
            definition: Definition::View(relation.source),
        };
        let after = moments::moved(&before, name, self.owner(), live);
        let state = |state: &MemberState| {
            let items: Vec<AclItem> = state.acl.iter().cloned().collect();
            privileges(ObjectClass::Relation, &state.owner, &items, name)
                .map(|digest| line(&state.owner, None, digest))
        };
        self.declared.push(Declared {
            kind: "sequence",
            identity: name.to_owned(),
            before: state(&before)?,
            after: state(&after)?,
        });
        self.push(name, "sequence", &before, &after, false)
    }

    fn declare(
        &mut self,
        name: &str,
        kind: &'static str,
        live: &LiveFacts,
        states: [&MemberState; 2],
        as_invoker: bool,
    ) -> Result<(), AuthorError> {
        let encode = |source| AuthorError::Encode {
            surface: "packet".to_owned(),
            item: name.to_owned(),
            source,
        };
        let kind = if ["function", "procedure"].contains(&kind) {
            "routine"
        } else {
            kind
        };
        let mut options = live
            .relations
            .get(name)
            .map(|relation| relation.options.clone())
            .unwrap_or_default();
        let mut lines = Vec::new();
        for (at, state) in states.into_iter().enumerate() {
            let (source, held) = (
                state.source().map_err(encode)?,
                state.privileges().map_err(encode)?,
            );
            let mut text = line(&state.owner, Some(source), held);
            if kind == "view" {
                if as_invoker && at == 1 {
                    options.push("security_invoker=true".to_owned());
                }
                text.push(' ');
                text.push_str(&if options.is_empty() {
                    "-".to_owned()
                } else {
                    options.join(",")
                });
            }
            lines.push(text);
        }
        let after = lines.pop().unwrap_or_default();
        self.declared.push(Declared {
            kind,
            identity: name.to_owned(),
            before: lines.pop().unwrap_or_default(),
            after,
        });
        Ok(())
    }

    /// The items between two states, in the words of each side.
    fn push(
        &mut self,
        name: &str,
        kind: &'static str,
        before: &MemberState,
        after: &MemberState,
        as_invoker: bool,
    ) -> Result<(), AuthorError> {
        let owner = self.owner();
        let goes = |item: &&AclItem| {
            item.grantee == PUBLIC || (item.grantee == self.reader && item.grantee != before.owner)
        };
        let revoked: Vec<AclItem> = before.acl.iter().filter(goes).cloned().collect();
        let granted = after.acl.iter().filter(|item| item.grantee == self.reader);
        let granted: Vec<AclItem> = granted.cloned().collect();
        // A right that goes, and that others were given by, can't go before theirs.
        let given_on = before
            .acl
            .iter()
            .find(|item| revoked.iter().any(|gone| gone.grantee == item.grantor));
        if let Some(item) = given_on {
            return Err(AuthorError::NotInCapture {
                kind: "grant",
                identity: format!("{name}: {} by {}", item.privilege, item.grantor),
                wanted_by: "PKG-G, which takes that from its grantor,".to_owned(),
                hint: "have it granted by the owner, then capture again".to_owned(),
            });
        }
        debug_assert_eq!(after.owner, owner);
        self.moved.push(Moved {
            identity: name.to_owned(),
            kind,
            owner: before.owner.clone(),
            acl: before.acl.iter().cloned().collect(),
            revoked,
            granted,
            as_invoker,
        });
        Ok(())
    }
}

/// Who holds SELECT on a relation as a whole, its owner among them.
fn holders<'b>(items: impl IntoIterator<Item = &'b AclItem>, owner: &str) -> BTreeSet<String> {
    let reads = items
        .into_iter()
        .filter(|item| item.privilege == "SELECT" && item.column.is_none());
    reads
        .map(|item| item.grantee.clone())
        .chain([owner.to_owned()])
        .collect()
}

/// Readers of every captured relation; those of members are put in their place afterwards.
fn readers_of_what_stays(live: &LiveFacts) -> BTreeMap<String, BTreeSet<String>> {
    let relations = live.relations.iter();
    relations
        .map(|(name, relation)| (name.clone(), holders(&relation.acl, &relation.owner)))
        .collect()
}
