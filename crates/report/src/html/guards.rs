//! Guards × steps: every cell that is due, and below it what each probe said.

use super::{absent, say, tone, word};
use evidence::{Contents, GuardLine};
use maud::{Markup, html};
use std::collections::BTreeMap;

pub(super) fn section(contents: &Contents) -> Markup {
    html! {
        h2 id="guards" { "Guards" }
        @match &contents.exhibits {
            None => (absent()),
            Some(exhibits) => (matrix(&exhibits.guards)),
        }
    }
}

fn matrix(lines: &[GuardLine]) -> Markup {
    let mut by_guard: BTreeMap<&str, Vec<&GuardLine>> = BTreeMap::new();
    let mut places: Vec<(String, String)> = Vec::new();
    for line in lines {
        by_guard.entry(&line.guard).or_default().push(line);
        let place = (line.step.clone(), line.moment.clone());
        if !places.contains(&place) {
            places.push(place);
        }
    }
    places.sort_by_key(|(step, moment)| (step.clone(), order(moment)));
    for cells in by_guard.values_mut() {
        cells.sort_by_key(|cell| (&cell.step, order(&cell.moment)));
    }
    html! {
        p {
            "Each guard is asked wherever it is due, and is green only if it is green in all of these cells. "
            span.soft { "A dot is a cell that was not measured; an empty cell is not due. B, M, A, R: before, between, after, at a rollback." }
        }
        div.scroll { table.matrix {
            thead { tr {
                th { "guard" }
                @for (step, moment) in &places { th { (say(step)) br; span.small { (letter(moment)) } } }
            } }
            tbody { @for (guard, cells) in &by_guard { tr {
                th scope="row" { a href={ "#" (anchor(guard)) } { (say(guard)) } }
                @for (step, moment) in &places { td {
                    @if let Some(cell) = cells.iter().find(|cell| &cell.step == step && &cell.moment == moment) {
                        span class={ "cell " (tone(&cell.verdict)) } title=(title(cell)) { (sign(&cell.verdict)) }
                    }
                } }
            } } }
        } }
        h3 { "What each probe said" }
        div.list { @for (guard, cells) in &by_guard { (details(guard, cells)) } }
    }
}

fn details(guard: &str, cells: &[&GuardLine]) -> Markup {
    let green = cells.iter().filter(|cell| cell.verdict == "pass").count();
    let verdict = if cells.iter().any(|cell| cell.verdict == "fail") {
        "fail"
    } else if green == cells.len() {
        "pass"
    } else {
        "not_measured"
    };
    html! {
        details id=(anchor(guard)) open[verdict == "fail"] {
            summary {
                b class=(tone(verdict)) { (sign(verdict)) } " " (say(guard)) " "
                span.soft { (green) " of " (cells.len()) " cells green" }
            }
            div.in {
                @for cell in cells {
                    h3 { (say(&cell.step)) " " (say(&cell.moment)) ": " span class=(tone(&cell.verdict)) { (word(&cell.verdict)) } }
                    @for reason in &cell.reasons { p.small { (say(reason)) } }
                    @if !cell.probes.is_empty() { (probes(cell)) }
                }
            }
        }
    }
}

fn probes(cell: &GuardLine) -> Markup {
    let number = |value: Option<i64>| value.map_or("NULL".to_owned(), |value| value.to_string());
    html! {
        div.scroll { table.stack.probed {
            thead { tr { th { "probe" } th.n { "expected" } th.n { "realized" } th.n { "looked at" } th { "offenders" } } }
            tbody { @for probe in &cell.probes { tr {
                td { code { (say(probe.probe.as_deref().unwrap_or("NULL"))) } }
                td.n { (number(probe.expected)) } td.n { (number(probe.realized)) } td.n { (number(probe.population)) }
                td {
                    @if probe.offenders.is_none() { "NULL" }
                    @for offender in probe.offenders.iter().flatten().take(20) {
                        code { (say(offender.as_deref().unwrap_or("NULL"))) } " "
                    }
                }
            } } }
        } }
    }
}

fn order(moment: &str) -> usize {
    ["before", "between", "after", "rollback"]
        .iter()
        .position(|one| *one == moment)
        .unwrap_or(9)
}

fn letter(moment: &str) -> String {
    match moment {
        "before" => "B".to_owned(),
        "between" => "M".to_owned(),
        "after" => "A".to_owned(),
        "rollback" => "R".to_owned(),
        other => say(other),
    }
}

/// A sign, so that no verdict is told by its colour alone.
fn sign(verdict: &str) -> &'static str {
    match verdict {
        "pass" => "✓",
        "fail" => "✗",
        "not_applicable" => "–",
        _ => "·",
    }
}

fn title(cell: &GuardLine) -> String {
    let why = cell
        .reasons
        .first()
        .map(|why| format!(": {why}"))
        .unwrap_or_default();
    say(&format!(
        "{} {} {}, {}{why}",
        cell.guard,
        cell.step,
        cell.moment,
        word(&cell.verdict)
    ))
}

/// An id that holds nothing but letters and digits.
fn anchor(guard: &str) -> String {
    let kept: String = guard
        .chars()
        .map(|character| {
            if character.is_ascii_alphanumeric() {
                character
            } else {
                '-'
            }
        })
        .collect();
    format!("guard-{kept}")
}
