//! The surfaces and what they refer to, drawn; and every other table of the control plane.

use super::{absent, say};
use evidence::{Contents, TableLine};
use maud::{Markup, html};
use std::collections::{BTreeMap, BTreeSet};

const ROW: usize = 24;
const LEFT: usize = 10;
const RIGHT: usize = 560;
const TOP: usize = 30;
const BOX: usize = 210;

pub(super) fn section(contents: &Contents) -> Markup {
    html! {
        h2 id="tables" { "Surfaces" }
        @match &contents.exhibits {
            None => (absent()),
            Some(exhibits) => {
                @let tests = tests(contents);
                (drawn(&exhibits.tables, &tests))
                (others(&exhibits.tables))
            }
        }
    }
}

/// How many rejections each table has.
fn tests(contents: &Contents) -> BTreeMap<String, usize> {
    let mut counted: BTreeMap<String, usize> = BTreeMap::new();
    for line in contents.exhibits.iter().flat_map(|exhibits| &exhibits.rejections) {
        *counted.entry(line.table.clone()).or_default() += 1;
    }
    counted
}

fn drawn(lines: &[TableLine], tests: &BTreeMap<String, usize>) -> Markup {
    let surfaces: Vec<&TableLine> = lines.iter().filter(|line| line.surface_no.is_some()).collect();
    let targets: BTreeSet<&str> = surfaces
        .iter()
        .flat_map(|line| line.refers_to.iter().map(String::as_str))
        .collect();
    let targets: Vec<&str> = targets.into_iter().collect();
    let height = TOP + surfaces.len().max(targets.len()) * ROW + 10;
    let width = RIGHT + BOX + 10;
    // Targets are spread over the height, so that lines do not all run to one corner.
    let room = surfaces.len().max(1) * ROW / targets.len().max(1);
    let target_y = |at: usize| TOP + at * room.max(ROW) + room.max(ROW) / 2 - ROW / 2;
    let most = surfaces.iter().map(|line| line.rows).max().unwrap_or(1).max(1);
    html! {
        p {
            (surfaces.len()) " authority surfaces, sealed. "
            span.soft { "Bars are rows, on a scale of powers; numbers are rows and rejections; lines are foreign keys." }
        }
        div.scroll {
            svg role="img" aria-label="Surfaces and what they refer to" width=(width) height=(height) viewBox={ "0 0 " (width) " " (height) } {
                text.soft x=(LEFT) y="18" { "surface" }
                text.soft x="278" y="18" { "rows" }
                text.soft x="398" y="18" { "rejections" }
                text.soft x=(RIGHT) y="18" { "refers to" }
                @for (at, line) in surfaces.iter().enumerate() {
                    @for target in &line.refers_to {
                        @let to = targets.iter().position(|one| one == target).unwrap_or(0);
                        @let (y1, y2) = (TOP + at * ROW + ROW / 2, target_y(to) + ROW / 2);
                        path.edge d=(format!("M465 {y1} C515 {y1} 510 {y2} {RIGHT} {y2}")) stroke-width="1" {
                            title { (say(&line.name)) " → " (say(target)) }
                        }
                    }
                }
                @for (at, line) in surfaces.iter().enumerate() {
                    @let y = TOP + at * ROW;
                    g {
                        title { (say(line.about.as_deref().unwrap_or_default())) }
                        text.soft x=(LEFT) y=(y + 16) { (format!("#{:02}", line.surface_no.unwrap_or(0))) }
                        text x=(LEFT + 30) y=(y + 16) { (say(&line.name)) }
                        rect.fill x="278" y=(y + 6) width=(scaled(line.rows, most)) height="12" rx="2" {}
                        text x=(283 + scaled(line.rows, most)) y=(y + 16) { (line.rows) }
                        text x="398" y=(y + 16) { (tests.get(&line.name).copied().unwrap_or(0)) }
                    }
                }
                @for (at, target) in targets.iter().enumerate() {
                    g {
                        rect.hub x=(RIGHT) y=(target_y(at) + 1) width=(BOX) height=(ROW - 4) rx="4" {}
                        text x=(RIGHT + 8) y=(target_y(at) + 15) { (say(target)) }
                    }
                }
            }
        }
    }
}

/// Width of a bar, from 2 to 72: a surface of 1,300 rows must not hide one of 3.
fn scaled(rows: u64, most: u64) -> u64 {
    let bits = |number: u64| u64::from(u64::BITS - number.leading_zeros());
    2 + bits(rows) * 70 / bits(most).max(1)
}

fn others(lines: &[TableLine]) -> Markup {
    let all: Vec<&TableLine> = lines.iter().collect();
    html! {
        details {
            summary { "Every table of the control plane " span.soft { (all.len()) } }
            div.in { div.scroll.tall { table {
                thead { tr { th { "table" } th.n { "columns" } th.n { "rows" } th { "what it is" } } }
                tbody { @for line in all { tr {
                    td { @if let Some(number) = line.surface_no { (format!("#{number:02} ")) } code { (say(&line.name)) } }
                    td.n { (line.columns) } td.n { (line.rows) }
                    td { (say(line.about.as_deref().unwrap_or_default())) }
                } } }
            } } }
        }
    }
}
