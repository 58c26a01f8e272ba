//! Roles, tables, routines and views as statements.
//!
//! For: one object, one statement. Not for: which objects there are. The fact to know: a routine's text
//! between its quotes is what the server stores, so a digest can be computed before the server sees it.

use std::fmt::Write as _;

use manifest_model::estate::{Membership, Role, Routine, RoutineKind, Table, View};

pub(super) fn render_role(out: &mut String, role: &Role) {
    let login = if role.login { "login" } else { "nologin" };
    let inherit = if role.inherit { "inherit" } else { "noinherit" };
    let _ = writeln!(
        out,
        "\n-- {}\ncreate role {} {login} {inherit};",
        role.why, role.name
    );
}

pub(super) fn render_memberships(out: &mut String, memberships: &[Membership]) {
    out.push('\n');
    for membership in memberships {
        let _ = writeln!(out, "grant {} to {};", membership.role, membership.member);
    }
}

pub(super) fn render_table(out: &mut String, table: &Table) {
    let _ = writeln!(
        out,
        "\ncreate table {} (\n    {}\n);",
        table.identity,
        table.lines.join(",\n    ")
    );
    if !table.comment.is_empty() {
        let _ = writeln!(
            out,
            "comment on table {} is {};",
            table.identity,
            literal(table.comment)
        );
    }
}

pub(super) fn render_routine(out: &mut String, routine: &Routine) {
    let _ = writeln!(out, "\n{}", routine_statement("create", routine));
}

/// The statement that gives an existing routine this definition; owner and ACL stay as they are.
pub fn replace_routine(routine: &Routine) -> String {
    routine_statement("create or replace", routine)
}

/// `routine` with its body closed: `stub` in place of what it did, everything else as it was. The
/// routine is one in the stub's language.
pub fn stubbed(routine: &Routine, stub: &'static str) -> Routine {
    Routine {
        body: stub,
        ..*routine
    }
}

/// The text that `pg_proc.prosrc` holds once the routine is defined.
pub fn stored_source(routine: &Routine) -> String {
    format!("\n{}\n", routine.body)
}

fn routine_statement(verb: &str, routine: &Routine) -> String {
    let name = routine.identity.split('(').next().unwrap_or(routine.identity);
    let (kind, returns) = match routine.kind {
        RoutineKind::Function(result) => ("function", format!("    returns {result}\n")),
        RoutineKind::Trigger => ("function", "    returns trigger\n".to_owned()),
        RoutineKind::EventTrigger => ("function", "    returns event_trigger\n".to_owned()),
        RoutineKind::Procedure => ("procedure", String::new()),
    };
    let properties = if routine.properties.is_empty() {
        String::new()
    } else {
        format!("    {}\n", routine.properties)
    };
    format!(
        "{verb} {kind} {name}({})\n{returns}    language {}\n{properties}as $body${}$body$;",
        routine.arguments,
        routine.language,
        stored_source(routine)
    )
}

pub(super) fn render_view(out: &mut String, view: &View) {
    let _ = writeln!(out, "\ncreate view {} as\n{};", view.identity, view.query);
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
