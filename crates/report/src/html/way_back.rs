//! Every step up and down with its state, and the digests that were computed again.

use super::{absent, say, tone, word};
use crate::text::short;
use evidence::{Contents, HashLine, ReversalLine};
use maud::{Markup, html};
use std::collections::BTreeMap;

pub(super) fn section(contents: &Contents) -> Markup {
    let ways = contents.outcome["ways_back"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    html! {
        h2 id="way-back" { "Way back, and digests" }
        ul {
            @for way in ways {
                @let verdict = way["verdict"].as_str().unwrap_or_default();
                li {
                    b class=(tone(verdict)) { (word(verdict)) } " "
                    (say(way["kind"].as_str().unwrap_or_default())) span.soft { ", " (way["compared"]) " compared" }
                }
            }
        }
        @match &contents.exhibits {
            None => (absent()),
            Some(exhibits) => {
                (steps(&exhibits.reversal))
                (digests(&exhibits.hashes))
            }
        }
    }
}

fn steps(lines: &[ReversalLine]) -> Markup {
    html! {
        details {
            summary { "Every step up and down, in its order " span.soft { (lines.len()) } }
            div.in { div.scroll.tall { table {
                thead { tr { th { "way" } th { "step" } th { "does" } th.n { "files" } th { "came to" } th { "had to meet" } } }
                tbody { @for line in lines { tr {
                    td { (say(&line.way)) }
                    td { (say(&line.package)) " " (say(&line.step)) }
                    td { (say(&line.does)) }
                    td.n { (line.files) }
                    td { @if let Some(state) = &line.state { code { (short(state)) } } }
                    td {
                        @if let Some(expected) = &line.expected {
                            @let met = line.state.as_ref() == Some(expected);
                            code { (short(expected)) } " " b class=(if met { "pass" } else { "fail" }) { (if met { "✓" } else { "✗" }) }
                        }
                    }
                } } }
            } } }
        }
    }
}

fn digests(lines: &[HashLine]) -> Markup {
    let mut contracts: BTreeMap<&str, usize> = BTreeMap::new();
    for line in lines {
        *contracts.entry(&line.contract).or_default() += 1;
    }
    html! {
        h3 { "Digests computed again from what they were made of" }
        p.legend { @for (contract, count) in &contracts { span { b { (say(contract)) } " " (count) } } }
        p.small.soft { "Payloads are bound to the items that are listed, envelopes to payload and exact set." }
    }
}
