//! What each step of the cutover changes of a member, and what it leaves.
//!
//! Not for: that a database comes to these states, which each rehearsal measures (G-LEGACY-TARGET-SEALED at
//! S15, S17, S18 and S19). The fact to know: each test looks at every member, and says how many it found.

use authoring::moments::{Definition, MemberMoments, Moment, members};
use fix7_manifest::{FIX7, estate};
use manifest_model::estate::Disposition;

use crate::definitions::{LIVE, sources};

fn all() -> Vec<MemberMoments> {
    members(&sources(&FIX7, Some(&LIVE)), &LIVE).unwrap()
}

fn is_routine(member: &MemberMoments) -> bool {
    matches!(member.at(Moment::AsCaptured).definition, Definition::Routine(_))
}

#[test]
fn the_captured_moment_is_what_the_capture_says() {
    let members = all();
    assert_eq!(members.len(), estate::LEGACY.len());
    for member in &members {
        let captured = member.at(Moment::AsCaptured);
        let (owner, privileges) = if let Some(routine) = LIVE.routines.get(&member.identity) {
            (&routine.owner, routine.privileges)
        } else {
            let relation = &LIVE.relations[&member.identity];
            (&relation.owner, relation.privileges)
        };
        assert_eq!(&captured.owner, owner, "{}", member.identity);
        assert_eq!(
            captured.privileges().unwrap(),
            privileges,
            "{}: the items are those of the digest",
            member.identity
        );
    }
}

#[test]
fn s15_takes_execute_from_everybody_and_stubs_only_entrypoints() {
    let (mut stubbed, mut kept) = (0, 0);
    for member in all() {
        let [before, after] = [Moment::AsCaptured, Moment::AfterS15].map(|moment| member.at(moment));
        assert_eq!(before.owner, after.owner);
        if !is_routine(&member) {
            assert_eq!(before, after, "{}", member.identity);
            continue;
        }
        assert!(
            after.acl.is_empty(),
            "{}: its owner could still run it",
            member.identity
        );
        let changed = before.source().unwrap() != after.source().unwrap();
        assert_eq!(changed, member.disposition == Disposition::StubFailClosed);
        if changed {
            stubbed += 1;
        } else {
            kept += 1;
        }
    }
    assert!(stubbed > 0 && kept > 0, "{stubbed} and {kept}");
    assert_eq!(stubbed + kept, 46);
}

#[test]
fn a_stub_keeps_signature_and_properties() {
    let stubs = all()
        .into_iter()
        .filter(|member| member.disposition == Disposition::StubFailClosed);
    for member in stubs {
        let Definition::Routine(before) = &member.at(Moment::AsCaptured).definition else {
            panic!("{} has nothing to stub", member.identity);
        };
        let Definition::Routine(after) = &member.at(Moment::AfterS15).definition else {
            panic!("{} is no routine any more", member.identity);
        };
        let mut restored = after.clone();
        restored.body.clone_from(&before.body);
        restored.language.clone_from(&before.language);
        assert_eq!(&restored, before, "{}", member.identity);
        assert_eq!(after.body, format!("\n{}\n", estate::repoint::STUB_BODY));
    }
}

#[test]
fn s16_leaves_the_application_exactly_its_sealed_reads() {
    let (members, mut reads, mut stayed) = (all(), 0, 0);
    let members: Vec<MemberMoments> = members
        .into_iter()
        .filter(|member| {
            let moments = [Moment::AfterS15, Moment::AfterS16, Moment::AfterS17].map(|at| member.at(at));
            let stays = moments[0] == moments[1] && moments[1] == moments[2];
            stayed += usize::from(stays);
            !stays
        })
        .collect();
    assert_eq!(stayed, 14, "the permit, and the views that read it");
    for member in &members {
        let after = member.at(Moment::AfterS16);
        assert_eq!(after.owner, FIX7.owner);
        let held = after.acl.iter().filter(|item| {
            item.grantee == "directus" || item.grantor == "directus" || item.grantee == "public"
        });
        for item in held {
            assert_eq!(
                (&*item.grantee, &*item.grantor, &*item.privilege, item.grantable),
                ("directus", FIX7.owner, "SELECT", false),
                "{}",
                member.identity
            );
            let column = item.column.clone().unwrap_or_default();
            assert!(
                LIVE.reads
                    .iter()
                    .any(|read| read.relation == member.identity && read.column == column)
            );
            reads += 1;
        }
        assert_eq!(
            after.source().unwrap(),
            member.at(Moment::AfterS15).source().unwrap()
        );
    }
    let sealed = LIVE.reads.iter().filter(|read| {
        let names = |member: &MemberMoments| member.identity == read.relation;
        members.iter().any(names)
    });
    assert_eq!(reads, sealed.count());
    assert!(reads > 0);
}

#[test]
fn s17_leaves_others_nothing_but_select() {
    let mut taken = 0;
    let moved = |member: &MemberMoments| member.at(Moment::AfterS16).owner == FIX7.owner;
    for member in all().into_iter().filter(moved) {
        let [before, after] = [Moment::AfterS16, Moment::AfterS17].map(|moment| member.at(moment));
        let others = |item: &&canonical::AclItem| item.grantee != after.owner;
        for item in after.acl.iter().filter(others) {
            assert_eq!(item.privilege, "SELECT", "{}", member.identity);
        }
        taken += before.acl.len() - after.acl.len();
        assert!(after.acl.is_subset(&before.acl));
    }
    assert!(
        taken > 0,
        "the freeze took nothing, so the estate could not show it"
    );
}

#[test]
fn a_trigger_that_sleeps_makes_another_table() {
    let mut live = LIVE.clone();
    let relation = live.relations.get_mut("public.qt001_run").unwrap();
    relation.triggers[0].enabled = "D".to_owned();
    let of = |members: Vec<MemberMoments>| {
        let run = members
            .into_iter()
            .find(|member| member.identity == "public.qt001_run")
            .unwrap();
        run.at(Moment::AfterS17).source().unwrap()
    };
    assert_ne!(
        of(members(&sources(&FIX7, Some(&live)), &live).unwrap()),
        of(all())
    );
}

#[test]
fn s17_puts_one_trigger_on_every_table_that_moved() {
    let (mut frozen, mut others) = (0, 0);
    for member in all() {
        let [before, after] = [Moment::AfterS16, Moment::AfterS17].map(|moment| member.at(moment));
        match (&before.definition, &after.definition) {
            (Definition::Table(before), Definition::Table(after)) if after.len() > before.len() => {
                assert_eq!(after[..before.len()], before[..]);
                let line = &after[before.len()];
                assert!(
                    line.starts_with("trigger|legacy_frozen|CREATE TRIGGER "),
                    "{line}"
                );
                assert!(line.ends_with("|A"), "{line}");
                frozen += 1;
            }
            (before, after) => {
                assert_eq!(before, after, "{}", member.identity);
                others += 1;
            }
        }
    }
    assert_eq!((frozen, others), (19, 243));
}
