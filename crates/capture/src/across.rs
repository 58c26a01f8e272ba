//! Two captures of one estate on two majors: what differs beyond what the majors themselves say differently.
//!
//! Not for: two states of one database (`expect_same_database`). The one fact to know: nothing is left out
//! that can be foretold. The older capture is lifted to what the newer major says of the same estate, and
//! only the printed query of a view, with its digest, and digests over lifted privileges are not compared.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::digest::Capture;
use crate::model::{Facts, RolesFile};

/// From here on a membership has INHERIT and SET options of its own.
const MEMBERSHIP_OPTIONS: u32 = 16;
/// From here on an owner's full privileges hold MAINTAIN.
const MAINTAIN: u32 = 17;
/// An owner's full privileges on a table or view before that.
const FULL: [&str; 7] = [
    "DELETE",
    "INSERT",
    "REFERENCES",
    "SELECT",
    "TRIGGER",
    "TRUNCATE",
    "UPDATE",
];

impl Capture {
    /// Each fact that only one of the two holds, one a line; empty if they are of one estate.
    ///
    /// On one major nothing is lifted, yet views are compared by their names alone: compare captures of
    /// one major by their digests.
    pub fn differences_beyond_major(&self, found: &Self) -> Vec<String> {
        let newer = self.server_major().max(found.server_major());
        let mut there = lifted(found, newer);
        without_strangers(&mut there, &self.facts().roles);
        let (own, other) = (lines(lifted(self, newer)), lines(there));
        let only = |which: &str, lines: &BTreeSet<String>, other: &BTreeSet<String>| -> Vec<String> {
            lines
                .difference(other)
                .map(|line| format!("only {which}: {line}"))
                .collect()
        };
        let mut differences = only("captured", &own, &other);
        differences.extend(only("here", &other, &own));
        differences
    }
}

/// The facts as `major` would say them, without what can't be foretold.
pub(crate) fn lifted(capture: &Capture, major: u32) -> Facts {
    let mut facts = capture.facts().clone();
    for view in &mut facts.views.view {
        view.definition = String::new();
        view.source_sha256 = String::new();
    }
    for relation in &mut facts.relations.relation {
        relation.privilege_sha256 = None;
    }
    without_the_servers_own(&mut facts);
    let passed = |change: u32| capture.server_major() < change && change <= major;
    if passed(MEMBERSHIP_OPTIONS) {
        lift_memberships(&mut facts);
    }
    if passed(MAINTAIN) {
        lift_privileges(&mut facts);
    }
    facts
}

/// Without what a server gives to each of its databases: an approved one gives the estate's another
/// name and marks its roles by a comment, a container has another locale.
fn without_the_servers_own(facts: &mut Facts) {
    let database = &mut facts.database.database;
    let settings = facts.roles.setting.iter_mut();
    for setting in settings.filter(|setting| setting.database.as_ref() == Some(&database.name)) {
        setting.database = Some(String::new());
    }
    let comments = &mut facts.comments.comment;
    comments.retain(|comment| comment.class != "role");
    for comment in comments.iter_mut().filter(|comment| comment.class == "database") {
        comment.identity.clear();
    }
    for text in [
        &mut database.name,
        &mut database.encoding,
        &mut database.collate,
        &mut database.ctype,
    ] {
        text.clear();
    }
}

/// Without roles of a cluster that the estate does not know, but with every tie of theirs to one of its own.
fn without_strangers(facts: &mut Facts, own: &RolesFile) {
    let known: BTreeSet<&str> = own.role.iter().map(|role| role.name.as_str()).collect();
    let is_known = |name: &str| known.contains(name);
    let roles = &mut facts.roles;
    roles.role.retain(|role| is_known(&role.name));
    roles
        .membership
        .retain(|tie| is_known(&tie.role) || is_known(&tie.member));
    roles
        .setting
        .retain(|setting| setting.role.as_deref().is_none_or(is_known));
}

/// The member's attribute decides whether it inherits, and everybody may SET ROLE.
fn lift_memberships(facts: &mut Facts) {
    let roles = &facts.roles.role;
    for membership in &mut facts.roles.membership {
        let member = roles.iter().find(|role| role.name == membership.member);
        membership.inherit = member.map(|member| member.inherit);
        membership.set = Some(true);
    }
}

fn lift_privileges(facts: &mut Facts) {
    let lifted = facts
        .relations
        .relation
        .iter_mut()
        .filter(|relation| relation.kind != "sequence");
    for relation in lifted {
        for grant in &mut relation.acl {
            let own = grant.grantee == relation.owner && grant.grantor == relation.owner;
            if own && grant.privileges == FULL {
                grant.privileges.push("MAINTAIN".to_owned());
                grant.privileges.sort();
            }
        }
    }
}

/// One line a fact, with the file and section that it stands in.
fn lines(facts: Facts) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    let files = serde_json::to_value(facts).unwrap_or_default();
    for (file, sections) in files.as_object().into_iter().flatten() {
        for (section, facts) in sections.as_object().into_iter().flatten() {
            let facts = match facts {
                Value::Array(facts) => facts.as_slice(),
                fact => std::slice::from_ref(fact),
            };
            lines.extend(facts.iter().map(|fact| format!("{file} {section} {fact}")));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::lifted;
    use crate::digest::Capture;
    use crate::model::{Facts, Grant};
    use std::path::Path;

    type Change = fn(&mut Facts);

    fn reference() -> Capture {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rehearsal/captures/reference");
        Capture::load(&folder).unwrap()
    }

    /// The reference estate as a server of `major` says it, with `change`.
    fn on(major: u32, change: impl FnOnce(&mut Facts)) -> Capture {
        let mut facts = lifted(&reference(), major);
        change(&mut facts);
        Capture::new(major, None, facts)
    }

    #[test]
    fn one_estate_is_one_on_every_major_and_in_both_directions() {
        for major in 15..=18 {
            let there = on(major, |_| {});
            assert_eq!(reference().differences_beyond_major(&there), Vec::<String>::new());
            assert_eq!(there.differences_beyond_major(&reference()), Vec::<String>::new());
        }
    }

    #[test]
    fn a_lifted_capture_says_what_the_newer_major_knows() {
        let facts = lifted(&reference(), 18);
        let maintained = |relation: &crate::Relation| {
            relation
                .acl
                .iter()
                .any(|grant| grant.privileges.iter().any(|p| p == "MAINTAIN"))
        };
        let relations = &facts.relations.relation;
        assert!(
            relations
                .iter()
                .filter(|relation| relation.kind != "sequence")
                .all(maintained)
        );
        assert!(
            !relations
                .iter()
                .filter(|relation| relation.kind == "sequence")
                .any(maintained)
        );
        assert!(
            facts
                .roles
                .membership
                .iter()
                .all(|membership| membership.set == Some(true))
        );
        assert_eq!(
            lifted(&reference(), 15).roles.membership,
            reference().facts().roles.membership
        );
    }

    #[test]
    fn what_is_the_servers_own_is_no_difference_and_a_strangers_tie_is_one() {
        let stranger = |facts: &mut Facts| {
            let mut role = facts.roles.role[0].clone();
            role.name = "stranger".to_owned();
            facts.roles.role.push(role);
            facts.database.database.name = "directus_4711".to_owned();
            facts.database.database.collate = "en_US.utf8".to_owned();
        };
        assert_eq!(
            reference().differences_beyond_major(&on(17, stranger)),
            Vec::<String>::new()
        );
        let tied = on(17, |facts| {
            stranger(facts);
            let mut tie = facts.roles.membership[1].clone();
            tie.member = "stranger".to_owned();
            facts.roles.membership.push(tie);
        });
        let found = reference().differences_beyond_major(&tied);
        assert!(found.len() == 1 && found[0].contains("stranger"), "{found:#?}");
    }

    #[test]
    fn every_other_difference_is_found_on_both_sides() {
        let changes: [(&str, Change); 9] = [
            ("relations relation", |facts| {
                facts.relations.relation[0].owner = "mallory".to_owned();
            }),
            ("relations relation", |facts| {
                facts.relations.relation[0].acl.push(Grant {
                    grantee: "PUBLIC".to_owned(),
                    grantor: "directus".to_owned(),
                    privileges: vec!["MAINTAIN".to_owned()],
                    grantable: vec![],
                });
            }),
            ("relations relation", |facts| {
                facts.relations.relation[0].columns[0].not_null ^= true;
            }),
            ("routines routine", |facts| {
                facts.routines.routine[0].body.push(' ');
            }),
            ("triggers trigger", |facts| {
                facts.triggers.trigger[0].enabled = "D".to_owned();
            }),
            ("views view", |facts| drop(facts.views.view.pop())),
            ("roles membership", |facts| {
                facts.roles.membership[0].set = Some(false);
            }),
            ("roles membership", |facts| {
                facts.roles.membership[0].inherit = Some(false);
            }),
            ("database database", |facts| {
                facts.database.database.owner = "mallory".to_owned();
            }),
        ];
        for (section, change) in changes {
            let found = reference().differences_beyond_major(&on(18, change));
            assert!(!found.is_empty(), "{section}");
            assert!(
                found.iter().all(|line| line.contains(section)),
                "{section}: {found:#?}"
            );
        }
    }
}
