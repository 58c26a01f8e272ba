//! What becomes of each legacy view when its owner changes, from the capture alone [ruling A2].
//!
//! A view reads its tables with its owner's rights, and calls its functions with the reader's. So a view
//! that reads a live table breaks when the control plane's owner gets it, and one that calls a member
//! breaks for every reader when EXECUTE is revoked; `has_table_privilege` stays true in both cases. The one
//! fact to know: nobody grants the new owner rights on a live table, so such a view runs as its invoker
//! or is a conflict that a person resolves.

use std::collections::{BTreeMap, BTreeSet};

use capture::Capture;
use manifest_model::estate::{Estate, MemberKind};

use crate::decisions::Decisions;
use crate::live::identity;

/// What a legacy view can become.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum ViewMove {
    /// It reads members and the control plane only: its owner moves.
    OwnerMoves,
    /// It reads these live relations, on which every reader holds SELECT itself: its owner moves and it
    /// gets `security_invoker`, once a person has reviewed that.
    AsInvoker {
        /// The live relations.
        live: Vec<String>,
    },
    /// A read of #21 would break.
    ReadConflict {
        /// Each reason: the reader, and what it would need.
        because: Vec<String>,
    },
}

impl ViewMove {
    /// The word of ruling A2.
    pub fn word(&self) -> &'static str {
        match self {
            Self::OwnerMoves => "OWNER_MOVES",
            Self::AsInvoker { .. } => "OWNER_MOVES_AS_INVOKER",
            Self::ReadConflict { .. } => "READ_CONFLICT",
        }
    }
}

/// What a person may do about a conflict.
pub const WAYS_OUT: &str = "drop the read from #21 by a reviewed change of the contract, rewrite the view, or take the member out of the sealed set";

/// Every view of the sealed set that the capture holds, by identity.
///
/// `schema` is the control plane's own, which the new owner may read. A read that `decisions` drop is not the
/// reader's any more, so nothing of it can break.
pub fn classify(
    capture: &Capture,
    estate: &Estate,
    schema: &str,
    decisions: &Decisions,
) -> BTreeMap<String, ViewMove> {
    let dropped = decisions.dropped();
    let facts = capture.facts();
    let members: BTreeSet<String> = estate
        .legacy
        .iter()
        .map(|member| identity(member.identity))
        .collect();
    let mut relations: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut routines: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for edge in facts
        .dependencies
        .dependency
        .iter()
        .filter(|edge| edge.via == "rule")
    {
        let to = match edge.to_class.as_str() {
            "relation" => &mut relations,
            "routine" => &mut routines,
            _ => continue,
        };
        to.entry(&edge.from).or_default().insert(&edge.to);
    }
    let reads: BTreeSet<&str> = facts
        .select_set
        .select
        .iter()
        .map(|read| read.identity.as_str())
        .collect();
    let own_schema = format!("{schema}.");
    let held = Held::of(capture);
    estate
        .legacy
        .iter()
        .filter(|member| matches!(member.kind, MemberKind::View))
        .map(|member| identity(member.identity))
        .filter(|view| held.acl.contains_key(view.as_str()))
        .map(|view| {
            let mut because: Vec<String> = Vec::new();
            let reader = &facts.select_set.reader;
            if reads.contains(view.as_str()) && !dropped.contains(view.as_str()) {
                let called = reached(&view, &relations, &routines);
                let called = called.iter().filter(|routine| members.contains(**routine));
                because.extend(
                    called.map(|routine| format!("`{reader}` would need EXECUTE on member {routine}")),
                );
            }
            let live: Vec<String> = relations
                .get(view.as_str())
                .into_iter()
                .flatten()
                .filter(|relation| !members.contains(**relation) && !relation.starts_with(&own_schema))
                .map(|relation| (*relation).to_owned())
                .collect();
            for relation in &live {
                let without = held
                    .readers(&view)
                    .into_iter()
                    .filter(|role| !held.may_read(role, relation))
                    .filter(|role| role != reader || !dropped.contains(view.as_str()));
                because.extend(without.map(|role| {
                    format!(
                        "`{role}` reads it and has no SELECT on {relation}, which the view's owner would need"
                    )
                }));
            }
            let becomes = match (because.is_empty(), live.is_empty()) {
                (false, _) => ViewMove::ReadConflict { because },
                (true, false) => ViewMove::AsInvoker { live },
                (true, true) => ViewMove::OwnerMoves,
            };
            (view, becomes)
        })
        .collect()
}

/// Routines that a read of `view` calls, through views of any depth.
fn reached<'a>(
    view: &'a str,
    relations: &BTreeMap<&'a str, BTreeSet<&'a str>>,
    routines: &BTreeMap<&'a str, BTreeSet<&'a str>>,
) -> BTreeSet<&'a str> {
    let (mut seen, mut next) = (BTreeSet::new(), vec![view]);
    let mut called = BTreeSet::new();
    while let Some(relation) = next.pop() {
        if seen.insert(relation) {
            called.extend(routines.get(relation).into_iter().flatten());
            next.extend(relations.get(relation).into_iter().flatten());
        }
    }
    called
}

/// Who may read what, as ACL rows and memberships say.
struct Held<'a> {
    acl: BTreeMap<&'a str, &'a capture::Relation>,
    superusers: BTreeSet<&'a str>,
    memberships: Vec<(&'a str, &'a str)>,
}

/// Members of it read every relation [predefined role].
const READS_ALL: &str = "pg_read_all_data";

impl<'a> Held<'a> {
    fn of(capture: &'a Capture) -> Self {
        let facts = capture.facts();
        let relations = facts.relations.relation.iter();
        let roles = &facts.roles;
        Self {
            acl: relations
                .map(|relation| (relation.identity.as_str(), relation))
                .collect(),
            superusers: roles
                .role
                .iter()
                .filter(|role| role.superuser)
                .map(|role| role.name.as_str())
                .collect(),
            memberships: roles
                .membership
                .iter()
                .map(|tie| (tie.role.as_str(), tie.member.as_str()))
                .collect(),
        }
    }

    /// Owner and grantees of SELECT on `view`.
    fn readers(&self, view: &str) -> BTreeSet<&'a str> {
        let Some(relation) = self.acl.get(view) else {
            return BTreeSet::new();
        };
        let columns = relation.columns.iter().flat_map(|column| &column.acl);
        relation
            .acl
            .iter()
            .chain(columns)
            .filter(|grant| grant.privileges.iter().any(|privilege| privilege == "SELECT"))
            .map(|grant| grant.grantee.as_str())
            .collect()
    }

    fn may_read(&self, role: &str, relation: &str) -> bool {
        let roles = self.with_memberships(role);
        let by_role = |name: &str| self.superusers.contains(name) || name == READS_ALL;
        roles.iter().any(|name| by_role(name))
            || self.acl.get(relation).is_some_and(|relation| {
                relation.acl.iter().any(|grant| {
                    let reads = grant.privileges.iter().any(|privilege| privilege == "SELECT");
                    reads && (grant.is_public() || roles.contains(grant.grantee.as_str()))
                })
            })
    }

    fn with_memberships<'b>(&'b self, role: &'b str) -> BTreeSet<&'b str> {
        let (mut all, mut next) = (BTreeSet::new(), vec![role]);
        while let Some(role) = next.pop() {
            if all.insert(role) {
                let joined = self.memberships.iter().filter(|(_, member)| *member == role);
                next.extend(joined.map(|(role, _)| *role));
            }
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::{ViewMove, classify};
    use crate::decisions::Decisions;
    use capture::Capture;
    use fix7_manifest::estate::{ESTATE, legacy::hazards};
    use std::collections::BTreeSet;
    use std::path::Path;

    fn reference() -> Capture {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        Capture::load(&root.join("rehearsal/captures/reference")).expect("the committed capture")
    }

    #[test]
    fn each_view_of_the_reference_estate_is_classed_as_its_definition_says() {
        let classed = classify(&reference(), &ESTATE, "qt001_cp", &Decisions::default());
        assert_eq!(classed.len(), 196);
        let of = |word: &str| -> BTreeSet<&str> {
            let chosen = classed.iter().filter(|(_, becomes)| becomes.word() == word);
            chosen.map(|(view, _)| view.as_str()).collect()
        };
        let calling: BTreeSet<&str> = hazards::VIEWS_CALLING_MEMBERS.into();
        assert!(of("READ_CONFLICT").is_superset(&calling));
        for view in hazards::VIEWS_OVER_LIVE_TABLES {
            assert_ne!(classed[view], ViewMove::OwnerMoves, "{view} reads a live table");
        }
        let ViewMove::ReadConflict { because } = &classed["public.qt001_v_gate_board"] else {
            panic!("{:?}", classed["public.qt001_v_gate_board"]);
        };
        assert!(
            because[0].starts_with("`directus` would need EXECUTE on member public."),
            "{because:?}"
        );
    }

    #[test]
    fn a_view_over_a_view_that_calls_a_member_conflicts_too() {
        let classed = classify(&reference(), &ESTATE, "qt001_cp", &Decisions::default());
        let conflicts = classed
            .values()
            .filter(|becomes| becomes.word() == "READ_CONFLICT");
        assert!(conflicts.count() > hazards::VIEWS_CALLING_MEMBERS.len());
    }

    #[test]
    fn a_dropped_read_conflicts_no_more_and_no_other_does_less() {
        let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let decisions = Decisions::load(&committed, &["p_owner"]).unwrap();
        let before = classify(&reference(), &ESTATE, "qt001_cp", &Decisions::default());
        let after = classify(&reference(), &ESTATE, "qt001_cp", &decisions);
        let conflicts = |moves: &std::collections::BTreeMap<String, ViewMove>| -> BTreeSet<String> {
            let all = moves
                .iter()
                .filter(|(_, becomes)| becomes.word() == "READ_CONFLICT");
            all.map(|(view, _)| view.clone()).collect()
        };
        let dropped: BTreeSet<String> = decisions.dropped().into_iter().map(str::to_owned).collect();
        assert_eq!(
            conflicts(&before),
            dropped,
            "each conflict is decided, and nothing else"
        );
        assert!(conflicts(&after).is_empty());
    }
}
