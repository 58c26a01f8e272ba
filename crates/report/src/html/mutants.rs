//! What was made wrong on purpose, what was tried against the plane, and what noticed.

use super::{absent, say};
use evidence::{AttackLine, Contents, MutantLine};
use maud::{Markup, html};
use std::collections::BTreeMap;

pub(super) fn section(contents: &Contents) -> Markup {
    html! {
        h2 id="mutants" { "Mutants and attacks" }
        @match &contents.exhibits {
            None => (absent()),
            Some(exhibits) => {
                (mutants(&exhibits.mutants))
                (attacks(&exhibits.attacks))
            }
        }
    }
}

const KINDS: [(&str, &str); 4] = [
    (
        "schema",
        "a constraint, trigger, privilege or check is taken away",
    ),
    (
        "weakened",
        "one part of a constraint, key, trigger or domain is changed",
    ),
    ("guards", "a fault is made that a guard must see"),
    ("manifest", "one value of the manifests is changed"),
];

fn mutants(lines: &[MutantLine]) -> Markup {
    let survivors: Vec<&MutantLine> = lines.iter().filter(|line| line.is_missed()).collect();
    html! {
        p { "A check counts for as much as it has been seen to fail. Each of these is made, must be noticed by name, and is undone." }
        @if survivors.is_empty() && !lines.is_empty() {
            p.pass { b { "✓ None survived." } }
        } @else if !survivors.is_empty() {
            p.fail { b { (survivors.len()) " survived:" } }
            (rows(&survivors))
        }
        @for (kind, what) in KINDS {
            @let of: Vec<&MutantLine> = lines.iter().filter(|line| line.of == kind).collect();
            @let noticed = of.iter().filter(|line| line.is_noticed()).count();
            details {
                summary { b { (kind) } ": " (what) " " span.soft { (noticed) " of " (of.len()) " noticed"
                    @let equal = of.iter().filter(|line| line.end == "equivalent").count();
                    @if equal > 0 { ", " (equal) " equivalent, shown by the catalog's fingerprint" }
                } }
                div.in {
                    @if kind == "guards" { (rows(&of)) } @else { (by_object(kind, &of)) }
                }
            }
        }
    }
}

/// Thousands of lines say less than how many each object had, and what noticed them.
fn by_object(kind: &str, lines: &[&MutantLine]) -> Markup {
    let mut groups: BTreeMap<String, BTreeMap<&str, usize>> = BTreeMap::new();
    for line in lines {
        let group = if kind == "schema" {
            line.id.split(' ').next().unwrap_or_default().to_owned()
        } else {
            line.id.split('/').next().unwrap_or_default().to_owned()
        };
        // A weakened object is told by a test of its own, so naming them would count to one each time.
        let by = match (kind, line.end.as_str()) {
            ("weakened", "killed") => "its own test or row, and the catalog",
            ("weakened", "catalog_alone") => "the catalog; no statement can tell it",
            _ => &line.by,
        };
        *groups.entry(group).or_default().entry(by).or_default() += 1;
    }
    html! {
        div.scroll.tall { table.fit {
            thead { tr { th { (if kind == "schema" { "cause" } else { "of" }) } th.n { "made" } th { "noticed by" } } }
            tbody { @for (group, by) in &groups { tr {
                td { code { (say(group)) } }
                td.n { (by.values().sum::<usize>()) }
                td { @for (what, count) in by { (say(what)) span.soft { " (" (count) ") " } } }
            } } }
        } }
    }
}

fn rows(lines: &[&MutantLine]) -> Markup {
    html! {
        div.scroll.tall { table.stack.made {
            thead { tr { th { "where" } th { "what was done" } th { "ended" } th { "by" } } }
            tbody { @for line in lines { tr {
                td { code { (say(&line.id)) } }
                td { code { (say(&line.change)) } }
                td { (say(&line.end)) }
                td { (say(&line.by)) }
            } } }
        } }
    }
}

fn attacks(lines: &[AttackLine]) -> Markup {
    let mut families: BTreeMap<&str, Vec<&AttackLine>> = BTreeMap::new();
    for line in lines {
        families.entry(&line.family).or_default().push(line);
    }
    html! {
        h3 { "Attacks on the sealed plane" }
        p { "Each is repelled by the shield that it names, and reaches its gain once that shield is lowered." }
        div.list { @for (family, lines) in &families {
            details {
                summary { (say(&family.replace('_', " "))) " " span.soft { (lines.len()) " attempts" } }
                div.in { div.scroll { table.stack.attacked {
                    thead { tr { th { "attempt" } th { "by" } th { "ended" } th { "shield" } } }
                    tbody { @for line in lines { tr {
                        td { code { (say(&line.id)) } }
                        td { (say(&line.personas)) }
                        td { (say(&line.ended)) }
                        td { code { (say(&line.shield)) } }
                    } } }
                } } }
            }
        } }
    }
}
