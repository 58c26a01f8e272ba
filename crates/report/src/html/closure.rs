//! The sealed dependency closure as a drawing: what the entry points reach, step by step.
//!
//! The one fact to know: hundreds of edges drawn one by one show nothing, so things of one class at one depth
//! share a box; below the drawing stands every edge.

use super::{absent, say};
use evidence::{Contents, EdgeLine};
use maud::{Markup, html};
use std::collections::{BTreeMap, BTreeSet};

const WIDTH: u64 = 126;
const GAP: u64 = 42;
const HEIGHT: u64 = 40;
const SPACE: u64 = 14;
const TOP: u64 = 34;

pub(super) fn section(contents: &Contents) -> Markup {
    html! {
        h2 id="closure" { "Dependency closure" }
        @match &contents.exhibits {
            None => (absent()),
            Some(exhibits) if exhibits.closure.is_empty() => p.soft { "The packet lists no edge." },
            Some(exhibits) => (drawn(&exhibits.closure)),
        }
    }
}

/// A box: depth, and class of the things in it.
type Group<'a> = (u64, &'a str);

struct Drawing<'a> {
    /// Things in each box.
    groups: BTreeMap<Group<'a>, BTreeSet<&'a str>>,
    /// How many edges lead from one box to another.
    edges: BTreeMap<(Group<'a>, Group<'a>), u64>,
}

impl<'a> Drawing<'a> {
    fn of(lines: &'a [EdgeLine]) -> Self {
        let mut place: BTreeMap<&str, Group<'a>> = BTreeMap::new();
        for line in lines {
            let found = (line.depth, line.class.as_str());
            let known = place.entry(&line.to).or_insert(found);
            // A thing stands at the depth at which it is first reached.
            if line.depth < known.0 {
                *known = found;
            }
        }
        for line in lines.iter().filter(|line| line.depth == 1) {
            place.insert(&line.from, (0, "entry points"));
        }
        let mut groups: BTreeMap<Group<'a>, BTreeSet<&str>> = BTreeMap::new();
        for (thing, group) in &place {
            groups.entry(*group).or_default().insert(thing);
        }
        let mut edges = BTreeMap::new();
        for line in lines {
            if let (Some(from), Some(to)) = (place.get(line.from.as_str()), place.get(line.to.as_str())) {
                *edges.entry((*from, *to)).or_default() += 1;
            }
        }
        Self { groups, edges }
    }

    fn columns(&self) -> u64 {
        self.groups.keys().map(|(depth, _)| depth + 1).max().unwrap_or(1)
    }

    /// Left upper corner of a box.
    fn corner(&self, group: Group<'_>) -> (u64, u64) {
        let above = self
            .groups
            .keys()
            .filter(|one| one.0 == group.0 && **one < group)
            .count();
        let row = u64::try_from(above).unwrap_or(0);
        (10 + group.0 * (WIDTH + GAP), TOP + row * (HEIGHT + SPACE))
    }

    fn height(&self) -> u64 {
        let bottoms = self.groups.keys().map(|group| self.corner(*group).1 + HEIGHT);
        bottoms.max().unwrap_or(TOP) + 12
    }
}

fn drawn(lines: &[EdgeLine]) -> Markup {
    let drawing = Drawing::of(lines);
    let things: usize = drawing.groups.values().map(BTreeSet::len).sum();
    let (width, height) = (drawing.columns() * (WIDTH + GAP) - GAP + 20, drawing.height());
    let most = drawing.edges.values().copied().max().unwrap_or(1).max(1);
    html! {
        p {
            (lines.len()) " sealed edges between " (things) " things that the new entry points reach. "
            span.soft { "Each box holds the things of one class, at the depth at which they are first reached; a thicker line is more edges." }
        }
        div.scroll {
            svg role="img" aria-label="Dependency closure by depth and class" width=(width) height=(height)
                viewBox={ "0 0 " (width) " " (height) } {
                @for depth in 0..drawing.columns() {
                    text.soft x=(10 + depth * (WIDTH + GAP)) y="20" {
                        @if depth == 0 { "entry points" } @else { "depth " (depth) }
                    }
                }
                @for ((from, to), count) in &drawing.edges {
                    path.edge d=(path(drawing.corner(*from), drawing.corner(*to)))
                        stroke-width=(format!("{}.{}", 1 + count * 5 / most, count * 50 / most % 10)) {
                        title { (count) " edges from " (say(from.1)) " to " (say(to.1)) }
                    }
                }
                @for (group, things) in &drawing.groups {
                    @let (x, y) = drawing.corner(*group);
                    g {
                        rect class=(if group.0 == 0 { "hub" } else { "box" }) x=(x) y=(y) width=(WIDTH) height=(HEIGHT) rx="6" {
                            title { (say(&things.iter().copied().collect::<Vec<_>>().join("\u{20}· "))) }
                        }
                        text x=(x + 10) y=(y + 17) font-weight="600" { (things.len()) }
                        text.soft x=(x + 10) y=(y + 32) { (say(&group.1.replace('_', " "))) }
                    }
                }
            }
        }
        details {
            summary { "Every edge " span.soft { (lines.len()) } }
            div.in { div.scroll.tall { table.stack.edges {
                thead { tr { th.n { "depth" } th { "from" } th { "to" } th { "class" } th { "known by" } } }
                tbody { @for line in lines { tr {
                    td.n { (line.depth) }
                    td { code { (say(&line.from)) } } td { code { (say(&line.to)) } }
                    td { (say(&line.class.replace('_', " "))) } td { (say(&line.kind)) }
                } } }
            } } }
        }
    }
}

/// From the right side of one box to the left of another; back over the top where it leads backwards.
fn path(from: (u64, u64), to: (u64, u64)) -> String {
    let (x1, y1, y2) = (from.0 + WIDTH, from.1 + HEIGHT / 2, to.1 + HEIGHT / 2);
    if to.0 > from.0 {
        let (x2, middle) = (to.0, GAP / 2);
        return format!("M{x1} {y1} C{} {y1} {} {y2} {x2} {y2}", x1 + middle, x2 - middle);
    }
    let x2 = to.0 + WIDTH;
    let out = x1.max(x2) + GAP / 2;
    format!("M{x1} {y1} C{out} {y1} {out} {y2} {x2} {y2}")
}
