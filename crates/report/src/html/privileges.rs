//! Who could do what before the packages, and after the seal.

use super::{absent, say};
use evidence::{Contents, PrivilegeLine};
use maud::{Markup, html};
use std::collections::{BTreeMap, BTreeSet};

/// Schema, kind of object, privilege.
type Place<'a> = (&'a str, &'a str, &'a str);
/// On how many objects before and after; none where there was no such role or object.
type Pair = (Option<(u64, u64)>, Option<(u64, u64)>);

pub(super) fn section(contents: &Contents) -> Markup {
    html! {
        h2 id="privileges" { "Privileges before and after" }
        @match &contents.exhibits {
            None => (absent()),
            Some(exhibits) => (matrix(&exhibits.privileges)),
        }
    }
}

fn matrix(lines: &[PrivilegeLine]) -> Markup {
    let mut cells: BTreeMap<Place<'_>, BTreeMap<&str, Pair>> = BTreeMap::new();
    for line in lines {
        let place = (line.schema.as_str(), line.kind.as_str(), line.privilege.as_str());
        let pair = cells.entry(place).or_default().entry(&line.role).or_default();
        let found = Some((line.held, line.of));
        match line.moment.as_str() {
            "before" => pair.0 = found,
            _ => pair.1 = found,
        }
    }
    let schemas: BTreeSet<&str> = lines.iter().map(|line| line.schema.as_str()).collect();
    html! {
        p {
            "What the server itself grants, counted: on how many objects of a kind a role holds a privilege, before the first package → after the seal. "
            span.soft { "Roles that hold the same share a column; those that hold nothing are named below. A dash: the role or the objects were not there yet." }
        }
        @for schema in schemas {
            h3 { "schema " code { (say(schema)) } }
            (of_schema(schema, &cells))
        }
    }
}

fn of_schema(schema: &str, cells: &BTreeMap<Place<'_>, BTreeMap<&str, Pair>>) -> Markup {
    let own: Vec<_> = cells.iter().filter(|((of, _, _), _)| *of == schema).collect();
    let all: BTreeSet<&str> = own.iter().flat_map(|(_, roles)| roles.keys().copied()).collect();
    // Roles that hold the same share a column, so that who parts company is seen at the top.
    let mut columns: BTreeMap<Vec<Pair>, Vec<&str>> = BTreeMap::new();
    for role in all {
        let column = own
            .iter()
            .map(|(_, roles)| roles.get(role).copied().unwrap_or_default());
        columns.entry(column.collect()).or_default().push(role);
    }
    let holds = |column: &&Vec<Pair>| {
        let held = |found: Option<(u64, u64)>| found.is_some_and(|(held, _)| held > 0);
        column.iter().any(|pair| held(pair.0) || held(pair.1))
    };
    let silent: Vec<&str> = columns
        .iter()
        .filter(|(column, _)| !holds(column))
        .flat_map(|(_, roles)| roles.iter().copied())
        .collect();
    let mut shown: Vec<(&Vec<Pair>, &Vec<&str>)> =
        columns.iter().filter(|(column, _)| holds(column)).collect();
    shown.sort_by_key(|(_, roles)| roles.first().copied());
    html! {
        div.scroll { table.matrix {
            thead { tr { th { "of" } @for (_, roles) in &shown { th { @for role in *roles { (say(role)) br; } } } } }
            tbody { @for (at, ((_, kind, privilege), by_role)) in own.iter().enumerate() {
                @let of = by_role.values().find_map(|pair| pair.1.or(pair.0)).map_or(0, |(_, of)| of);
                tr {
                    th scope="row" { (say(privilege)) span.soft { " on " (of) " " (say(kind)) (if of == 1 { "" } else { "s" }) } }
                    @for (column, _) in &shown { td { (change(column[at])) } }
                }
            } }
        } }
        @if !silent.is_empty() {
            p.small.soft { "Nothing: " (say(&silent.join(", "))) "." }
        }
    }
}

fn change((before, after): Pair) -> Markup {
    let show = |found: Option<(u64, u64)>| found.map_or("–".to_owned(), |(held, _)| held.to_string());
    let held = |found: Option<(u64, u64)>| found.map_or(0, |(held, _)| held);
    html! {
        @if held(before) == held(after) { span.soft { (show(after.or(before))) } }
        @else if held(after) > held(before) { b.up { (show(before)) " → " (show(after)) } }
        @else { b.down { (show(before)) " → " (show(after)) " ↓" } }
    }
}
