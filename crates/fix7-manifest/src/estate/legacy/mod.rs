//! The legacy path: exactly 20 tables, 46 routines, 196 views, and which objects they are.
//!
//! For: the sealed set by identity, its dispositions, its hazards. Not for: deriving membership from
//! names. The fact to know: [`MEMBERS`] is joined from the definitions at compile time, so a member
//! cannot be defined and left out, and a drifted count does not compile.

pub mod hazards;
pub mod routines;
pub mod tables;
pub mod views;

use manifest_model::estate::{Disposition, DynamicSql, LegacyMember, MemberKind, RoutineKind};

/// Every member of the sealed legacy set: tables, routines, views, in creation order.
pub static MEMBERS: [LegacyMember; 262] = members();

#[expect(clippy::large_stack_arrays, reason = "evaluated at compile time only")]
const fn members() -> [LegacyMember; 262] {
    let mut all = [LegacyMember {
        identity: "",
        kind: MemberKind::Table,
        disposition: Disposition::RevokeOnly,
        dynamic: DynamicSql::None,
    }; 262];
    let mut next = 0;
    let mut i = 0;
    while i < tables::TABLES.len() {
        all[next].identity = tables::TABLES[i].identity;
        next += 1;
        i += 1;
    }
    let mut group = 0;
    while group < routines::GROUPS.len() {
        let entries = routines::GROUPS[group];
        i = 0;
        while i < entries.len() {
            all[next] = LegacyMember {
                identity: entries[i].routine.identity,
                kind: match entries[i].routine.kind {
                    RoutineKind::Procedure => MemberKind::Procedure,
                    RoutineKind::Function(_) | RoutineKind::Trigger | RoutineKind::EventTrigger => {
                        MemberKind::Function
                    }
                },
                disposition: entries[i].disposition,
                dynamic: entries[i].dynamic,
            };
            next += 1;
            i += 1;
        }
        group += 1;
    }
    i = 0;
    while i < views::VIEWS.len() {
        all[next].identity = views::VIEWS[i].identity;
        all[next].kind = MemberKind::View;
        next += 1;
        i += 1;
    }
    assert!(
        next == all.len(),
        "the members are 20 tables, 46 routines and 196 views"
    );
    all
}
