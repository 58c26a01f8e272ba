//! Mutants of who may do what: a grant more, a grant less, another owner.
//!
//! Not for: grants that no manifest can express; those are the access matrix's and the attacks'. The one
//! fact to know: each is noticed where its role and object cross, and nowhere else is looked.

use manifest_model::{AccessGrant, ControlPlane, Privilege};
use sql_render::migrations::relations;
use sql_render::routine::{generated, identity};

use crate::change::{Change, Mutant, Red};

/// Grants added and left out.
pub(super) fn grants(plane: &ControlPlane, out: &mut Vec<Mutant>) {
    for routine in plane.routines {
        let privilege = Privilege::Execute(routine.name);
        add("public", privilege, identity(plane, routine), out);
    }
    for routine in generated(plane) {
        let privilege = Privilege::Execute(routine.name);
        add("public", privilege, routine.identity(plane), out);
    }
    let contract = || plane.roles.iter().filter(|role| role.name != plane.owner);
    for (role, privilege, object) in contract()
        .map(|role| role.name)
        .chain([plane.application_role, "public"])
        .flat_map(|role| {
            [
                (role, Privilege::SchemaUsage, plane.schema.to_owned()),
                (role, Privilege::SelectAll, first_relation(plane)),
            ]
        })
    {
        let held = plane
            .grants
            .iter()
            .any(|grant| grant.role == role && same(grant.privilege, privilege));
        if !held {
            add(role, privilege, object, out);
        }
    }
    for grant in plane.grants {
        let object = match grant.privilege {
            Privilege::SchemaUsage => plane.schema.to_owned(),
            Privilege::SelectAll => first_relation(plane),
            Privilege::Execute(name) => routine_identity(plane, name),
        };
        push(
            "grant_left_out",
            "left out",
            Change::GrantLeftOut(*grant),
            *grant,
            object,
            out,
        );
    }
}

fn add(role: &'static str, privilege: Privilege, object: String, out: &mut Vec<Mutant>) {
    let grant = AccessGrant { role, privilege };
    push(
        "grant_added",
        "added",
        Change::GrantAdded(grant),
        grant,
        object,
        out,
    );
}

fn push(
    operator: &str,
    verb: &str,
    change: Change,
    AccessGrant { role, privilege }: AccessGrant,
    object: String,
    out: &mut Vec<Mutant>,
) {
    let (kind, verb_of, what) = match privilege {
        Privilege::SchemaUsage => ("schema", "USAGE", "usage on the schema".to_owned()),
        Privilege::SelectAll => ("relation", "SELECT", "select on every relation".to_owned()),
        Privilege::Execute(name) => ("routine", "EXECUTE", format!("execute on {name}")),
    };
    out.push(Mutant {
        file: "roles",
        subject: format!("role {role}"),
        id: format!("roles/{operator}/{role}.{}", what.replace(' ', "_")),
        words: format!("grant of {what} {verb}"),
        change,
        red: Red::Access {
            kind,
            object,
            answer: format!("{verb_of} to {role}"),
        },
        or_refused: &[],
    });
}

/// Every other role as the owner of every object.
pub(super) fn owners(plane: &ControlPlane, out: &mut Vec<Mutant>) {
    for role in plane.roles.iter().filter(|role| role.name != plane.owner) {
        out.push(Mutant {
            file: "roles",
            subject: format!("role {}", plane.owner),
            id: format!("roles/owner_swapped/{}", role.name),
            words: format!("owner of every object swapped for {}", role.name),
            change: Change::Owner(role.name),
            red: Red::Access {
                kind: "relation",
                object: first_relation(plane),
                answer: format!("INSERT to {}", role.name),
            },
            or_refused: &[],
        });
    }
}

fn first_relation(plane: &ControlPlane) -> String {
    relations(plane).into_iter().next().unwrap_or_default()
}

fn routine_identity(plane: &ControlPlane, name: &str) -> String {
    let written = plane.routines.iter().find(|routine| routine.name == name);
    match written {
        Some(routine) => identity(plane, routine),
        None => generated(plane)
            .into_iter()
            .find(|routine| routine.name == name)
            .map_or_else(String::new, |routine| routine.identity(plane)),
    }
}

fn same(a: Privilege, b: Privilege) -> bool {
    match (a, b) {
        (Privilege::SchemaUsage, Privilege::SchemaUsage) | (Privilege::SelectAll, Privilege::SelectAll) => {
            true
        }
        (Privilege::Execute(one), Privilege::Execute(other)) => one == other,
        _ => false,
    }
}
