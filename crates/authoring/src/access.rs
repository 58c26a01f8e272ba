//! `rehearsal/access.toml`: who may do what with each object, as the manifests declare it.
//!
//! Not for: asking a server. The one fact to know: it lists every object of the schema and what is allowed;
//! everything else is denied, so an object or a grant that no manifest has is a finding.

use manifest_model::{ControlPlane, Privilege};
use serde::Serialize;
use sql_render::migrations::relations;
use sql_render::routine;

use crate::files::Files;
use crate::index::toml_text;

/// Where it lies.
pub const ACCESS: &str = "rehearsal/access.toml";

/// Stands for everybody: a role without any membership.
const PUBLIC: &str = "public";
const EVERY: &str = "*";
const ON_RELATIONS: [&str; 8] = [
    "SELECT",
    "INSERT",
    "UPDATE",
    "DELETE",
    "TRUNCATE",
    "REFERENCES",
    "TRIGGER",
    "MAINTAIN",
];

#[derive(Serialize)]
struct Access {
    format_version: u32,
    roles: Vec<String>,
    objects: Vec<Objects>,
    allow: Vec<Allow>,
}

#[derive(Serialize)]
struct Objects {
    kind: &'static str,
    names: Vec<String>,
}

#[derive(Serialize)]
struct Allow {
    kind: &'static str,
    names: Vec<String>,
    privileges: Vec<&'static str>,
    roles: Vec<String>,
}

/// Adds it.
pub fn add(files: &mut Files, plane: &ControlPlane) {
    let access = Access {
        format_version: 1,
        roles: roles(plane),
        objects: objects(plane),
        allow: allowed(plane),
    };
    files.add(ACCESS, toml_text(&access));
}

/// Contract roles, the application, everybody, and the logins of the rehearsal.
fn roles(plane: &ControlPlane) -> Vec<String> {
    let contract = plane.roles.iter().map(|role| role.name);
    let personas = plane.personas.iter().map(|persona| persona.login);
    contract
        .chain([plane.application_role, PUBLIC])
        .chain(personas)
        .map(str::to_owned)
        .collect()
}

fn objects(plane: &ControlPlane) -> Vec<Objects> {
    let relations = relations(plane);
    let mut routines: Vec<String> = plane
        .routines
        .iter()
        .map(|routine| routine::identity(plane, routine))
        .chain(
            routine::generated(plane)
                .iter()
                .map(|generated| generated.identity(plane)),
        )
        .collect();
    let domains = plane.domains.iter().filter_map(|domain| domain.ty.domain());
    let mut types: Vec<String> = domains
        .chain(["violation"])
        .map(|name| format!("{}.{name}", plane.schema))
        .chain(relations.iter().cloned())
        .collect();
    let mut relations = relations;
    for names in [&mut relations, &mut routines, &mut types] {
        names.sort();
    }
    let contract = plane.roles.iter().map(|role| role.name.to_owned()).collect();
    [
        ("schema", vec![plane.schema.to_owned()]),
        ("relation", relations),
        ("routine", routines),
        ("type", types),
        ("role", contract),
    ]
    .into_iter()
    .map(|(kind, names)| Objects { kind, names })
    .collect()
}

fn allowed(plane: &ControlPlane) -> Vec<Allow> {
    let every = || vec![EVERY.to_owned()];
    let allow = |kind, names, privileges: &[&'static str], roles| Allow {
        kind,
        names,
        privileges: privileges.to_vec(),
        roles,
    };
    let owner = || vec![plane.owner.to_owned()];
    let mut allowed = vec![
        allow("schema", every(), &["USAGE", "CREATE"], owner()),
        allow("relation", every(), &ON_RELATIONS, owner()),
        allow("routine", every(), &["EXECUTE"], owner()),
        allow("type", every(), &["USAGE"], owner()),
    ];
    for grant in plane.grants {
        let roles = holders(plane, grant.role);
        allowed.push(match grant.privilege {
            Privilege::SchemaUsage => allow("schema", every(), &["USAGE"], roles),
            Privilege::SelectAll => allow("relation", every(), &["SELECT"], roles),
            Privilege::Execute(name) => allow("routine", vec![identity(plane, name)], &["EXECUTE"], roles),
        });
    }
    for persona in plane
        .personas
        .iter()
        .filter(|persona| !persona.member_of.is_empty())
    {
        let names = persona.member_of.iter().map(|role| (*role).to_owned()).collect();
        let login = vec![persona.login.to_owned()];
        allowed.push(allow("role", names, &["USAGE", "MEMBER", "SET"], login));
    }
    // What the estate gives: the application owns the database, and PUBLIC has what it has by default.
    let application = || vec![plane.application_role.to_owned()];
    let logins = plane.personas.iter().map(|persona| persona.login.to_owned());
    allowed.push(allow(
        "database",
        vec!["database".to_owned()],
        &["CONNECT", "TEMPORARY"],
        roles(plane),
    ));
    allowed.push(allow(
        "database",
        vec!["database".to_owned()],
        &["CREATE"],
        application(),
    ));
    let owns_database = vec!["pg_database_owner".to_owned()];
    allowed.push(allow(
        "role",
        owns_database,
        &["USAGE", "MEMBER", "SET"],
        application(),
    ));
    let logins = application().into_iter().chain(logins).collect();
    allowed.push(allow("attribute", vec!["cluster".to_owned()], &["LOGIN"], logins));
    allowed
}

/// A role, and the logins that have its rights.
fn holders(plane: &ControlPlane, role: &str) -> Vec<String> {
    let members = plane
        .personas
        .iter()
        .filter(|persona| persona.member_of.contains(&role));
    std::iter::once(role)
        .chain(members.map(|persona| persona.login))
        .map(str::to_owned)
        .collect()
}

fn identity(plane: &ControlPlane, name: &str) -> String {
    let written = plane.routines.iter().find(|routine| routine.name == name);
    let generated = || {
        let all = routine::generated(plane);
        all.iter()
            .find(|one| one.name == name)
            .map(|one| one.identity(plane))
    };
    written
        .map(|written| routine::identity(plane, written))
        .or_else(generated)
        .unwrap_or_default()
}
