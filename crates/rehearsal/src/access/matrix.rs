//! The authorization matrix that a reviewer reads: what the server realizes, nothing volatile.
//!
//! Roles that hold the same on every object share a column, so that who parts company is seen at the
//! top. MAINTAIN is left out, for 15 and 16 lack it; the cells themselves are compared on every major.

use super::AccessOutcome;
use crate::plan::OWN_KINDS;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Letters as the server's own ACLs have them, in its order.
const LETTERS: [(&str, char); 11] = [
    ("INSERT", 'a'),
    ("SELECT", 'r'),
    ("UPDATE", 'w'),
    ("DELETE", 'd'),
    ("TRUNCATE", 'D'),
    ("REFERENCES", 'x'),
    ("TRIGGER", 't'),
    ("EXECUTE", 'X'),
    ("USAGE", 'U'),
    ("CREATE", 'C'),
    ("CONNECT", 'c'),
];

/// Renders the matrix; ends with a line feed.
pub fn render_matrix(access: &AccessOutcome) -> String {
    let mut classes: BTreeMap<Vec<String>, Vec<usize>> = BTreeMap::new();
    for role in 0..access.roles.len() {
        classes.entry(column(access, role)).or_default().push(role);
    }
    let mut classes: Vec<(Vec<String>, Vec<usize>)> = classes.into_iter().collect();
    classes.sort_by_key(|(_, roles)| roles.first().copied());
    let (holding, nothing): (Vec<_>, Vec<_>) = classes
        .into_iter()
        .partition(|(column, _)| column.iter().any(|held| !held.is_empty()));
    let name = |role: &usize| access.roles[*role].as_str();
    let names = |roles: &[usize]| roles.iter().map(name).collect::<Vec<_>>().join(", ");

    let mut text = String::from(
        "a INSERT, r SELECT, w UPDATE, d DELETE, D TRUNCATE, x REFERENCES, t TRIGGER, X EXECUTE, U USAGE, C CREATE\n\nhold the same\n",
    );
    for (_, roles) in &holding {
        let _ = writeln!(text, "  {}", names(roles));
    }
    for (_, roles) in &nothing {
        let _ = writeln!(text, "  nothing: {}", names(roles));
    }
    let heads: Vec<&str> = holding
        .iter()
        .filter_map(|(_, roles)| roles.first().map(name))
        .collect();
    let mut at = 0;
    for kind in OWN_KINDS {
        let objects: Vec<&str> = of_kind(access, kind).collect();
        if objects.is_empty() {
            continue;
        }
        let width = objects.iter().map(|object| object.len()).max().unwrap_or(0);
        let _ = write!(text, "\n{:<width$}", format!("{kind} ({})", objects.len()));
        for head in &heads {
            let _ = write!(text, "  {head}");
        }
        text.push('\n');
        for object in objects {
            let mut line = format!("{object:<width$}");
            for ((column, _), head) in holding.iter().zip(&heads) {
                let held = if column[at].is_empty() { "-" } else { &column[at] };
                let _ = write!(line, "  {held:<0$}", head.len());
            }
            let _ = writeln!(text, "{}", line.trim_end());
            at += 1;
        }
    }
    for (kind, title) in [
        ("database", "database"),
        ("role", "memberships"),
        ("attribute", "attributes"),
    ] {
        let _ = writeln!(text, "\n{title}");
        for (role, role_name) in access.roles.iter().enumerate() {
            let mut held: Vec<String> = Vec::new();
            for object in of_kind(access, kind) {
                let Some(privileges) = access.realized.get(&(kind.to_owned(), object.to_owned(), role))
                else {
                    continue;
                };
                let privileges = privileges.join(" ");
                held.push(if kind == "role" {
                    format!("{object} ({privileges})")
                } else {
                    privileges
                });
            }
            let held = if held.is_empty() {
                "-".to_owned()
            } else {
                held.join(", ")
            };
            let _ = writeln!(text, "  {role_name}: {held}");
        }
    }
    text
}

fn of_kind<'a>(access: &'a AccessOutcome, kind: &'a str) -> impl Iterator<Item = &'a str> {
    access
        .objects
        .iter()
        .filter(move |(of, _)| of == kind)
        .map(|(_, object)| object.as_str())
}

/// What a role holds on each object of the control plane, in letters.
fn column(access: &AccessOutcome, role: usize) -> Vec<String> {
    let mut column = Vec::new();
    for kind in OWN_KINDS {
        for object in of_kind(access, kind) {
            let held = access.realized.get(&(kind.to_owned(), object.to_owned(), role));
            let held = held.map_or(&[][..], Vec::as_slice);
            let has = |(privilege, _): &&(&str, char)| held.iter().any(|one| one == privilege);
            column.push(LETTERS.iter().filter(has).map(|(_, letter)| letter).collect());
        }
    }
    column
}
