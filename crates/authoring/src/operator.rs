//! The DBA's two scripts around PKG-A and PKG-B, so that an operator who is no superuser can apply them
//! [ruling A17].
//!
//! Not for: who the operator is; the login is a person's and made elsewhere. The one fact to know: a NOINHERIT
//! login that is granted a role may SET ROLE to it and has none of its rights, on every major alike.

use manifest_model::ControlPlane;
use sql_render::Script;

use crate::files::Files;
use crate::header::GENERATED;

/// Roles, and what the operator needs.
pub const BEFORE: &str = "rehearsal/operator/00_roles.sql";
/// What takes it away again.
pub const AFTER: &str = "rehearsal/operator/99_roles_done.sql";

/// Adds both.
pub fn add(files: &mut Files, plane: &ControlPlane, scripts: &[Script]) {
    let (login, owner) = (plane.rehearsal.operator_login, plane.owner);
    let roles: Vec<&str> = roles(scripts)
        .into_iter()
        .flat_map(|script| &script.units)
        .map(|unit| unit.up.as_str())
        .collect();
    let on_database = |statement: &str| {
        format!(
            "-- The database is not named: on a server that somebody lends, it carries another name.\n\
             do $do$\nbegin\n    execute format('{statement}', current_database());\nend\n$do$;\n"
        )
    };
    files.add(
        BEFORE.to_owned(),
        format!(
            "-- {GENERATED}\n\
             -- Run once by a DBA, before PKG-A: the contract roles, in place of {roles_file}, and what the operator\n\
             -- needs to apply the rest. {login} is a login without any attribute, NOINHERIT: it may become the\n\
             -- owner, and has none of its rights before. 99_roles_done.sql takes it away.\n\n\
             {roles}\n\
             grant {owner} to {login};\n\n{database}",
            roles_file = roles_file(scripts),
            roles = roles.join("\n"),
            database = on_database(&format!("grant connect, create on database %I to {login}")),
        ),
    );
    files.add(
        AFTER.to_owned(),
        format!(
            "-- {GENERATED}\n\
             -- Run by a DBA when the package is applied: nobody may become the owner any more.\n\n\
             revoke {owner} from {login};\n\n{database}",
            database = on_database(&format!("revoke connect, create on database %I from {login}")),
        ),
    );
}

/// Name of the file whose roles the first script makes.
pub fn roles_file(scripts: &[Script]) -> String {
    roles(scripts).map(Script::name).unwrap_or_default()
}

/// The roles are the first thing that is made.
fn roles(scripts: &[Script]) -> Option<&Script> {
    scripts.first()
}
