//! The packages, where the chain stops, and what holds each that waits.

use super::{say, tone, word};
use crate::summary::{chain, stop};
use crate::text::short;
use evidence::Contents;
use maud::{Markup, html};
use serde_json::Value;

pub(super) fn section(contents: &Contents) -> Markup {
    let links = chain(contents);
    let stops_at = stop(&links).map(|link| link.id.clone());
    let worlds = contents.outcome["worlds"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let blockers = contents
        .exhibits
        .as_ref()
        .map_or(&[][..], |exhibits| &exhibits.blockers);
    html! {
        h2 id="chain" { "Chain and blockers" }
        p { "A package starts after its predecessor has passed. What no rehearsal runs is on hold, whatever is green before it." }
        ol.chain {
            @for link in &links {
                @let is_stop = stops_at.as_ref() == Some(&link.id);
                li class=(if is_stop { "stop" } else { tone(&link.standing) }) {
                    span class={ "mark " (tone(&link.standing)) } {
                        @if link.standing == "hold" { "HOLD" } @else { (word(&link.standing)) }
                    }
                    b { (say(&link.id)) }
                    @if !link.title.is_empty() { div { (say(&link.title)) } }
                    div {
                        @for step in &link.steps { span.chip { (say(step)) } }
                        @if !link.runner.is_empty() { span.chip { (say(&link.runner)) } }
                    }
                    @if is_stop { div.small { b { "The chain stops here." } } }
                    @if link.standing != "pass" && !link.waits_for.is_empty() {
                        div.small { "waits for " (say(&link.waits_for.join(", "))) }
                    }
                }
            }
        }
        (packets(contents))
        @if !blockers.is_empty() {
            h3 { "What stands before production" }
            p { "None of these is resolved by anything that a rehearsal shows." }
            div.scroll { table.stack.blocked {
                thead { tr { th { "blocker" } th { "what is missing" } th { "who may resolve it" } th { "what would show it" } } }
                tbody { @for blocker in blockers { tr {
                    td { code { (say(&blocker.id)) } }
                    td { (say(&blocker.title)) }
                    td { (say(&blocker.resolver)) }
                    td { (say(&blocker.evidence)) }
                } } }
            } }
        }
        @if !worlds.is_empty() {
            h3 { "Worlds: who owns the database, and what is then possible" }
            div.scroll { table.stack.worlds {
                thead { tr { th { "world" } th { "must end in" } th { "ended in" } th { } } }
                tbody { @for world in worlds {
                    @let as_expected = world["expected"] == world["realized"];
                    tr {
                        td { code { (say(world["id"].as_str().unwrap_or_default())) } }
                        td { (codes(&world["expected"])) }
                        td { (codes(&world["realized"])) }
                        td class=(tone(if as_expected { "pass" } else { "fail" })) {
                            (if as_expected { "as expected" } else { "not as expected" })
                        }
                    }
                } }
            } }
        }
    }
}

/// Packets that only operators apply, and what came of each on the throwaway server.
fn packets(contents: &Contents) -> Markup {
    let packets = contents.outcome["packets"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let yes = |value: &Value| value.as_bool() == Some(true);
    html! {
        @if !packets.is_empty() {
            h3 { "Packets of operators, rehearsed by their very bytes" }
            div.scroll { table.stack.operators {
                thead { tr { th { "package" } th { "bytes" } th.n { "statements" } th { "leave refused" } th { "applied" } th { "restored" } } }
                tbody { @for packet in packets {
                    @let refused = packet["refused"].as_array().map(Vec::as_slice).unwrap_or_default();
                    @let expected = refused.iter().filter(|one| yes(&one["as_expected"])).count();
                    tr {
                        td { (say(packet["package"].as_str().unwrap_or_default())) }
                        td { code { (short(packet["sha256"].as_str().unwrap_or_default())) } }
                        td.n { (say(&packet["statements"].to_string())) }
                        td class=(tone(if expected == refused.len() && expected > 0 { "pass" } else { "fail" })) {
                            (expected) " of " (refused.len()) " as expected"
                        }
                        @for key in ["applied", "restored"] {
                            td class=(tone(if yes(&packet[key]) { "pass" } else { "fail" })) { (if yes(&packet[key]) { "✓" } else { "✗" }) }
                        }
                    }
                } }
            } }
        }
    }
}

fn codes(list: &Value) -> Markup {
    let codes: Vec<&str> = list
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    html! {
        @if codes.is_empty() { span.soft { "nothing found" } }
        @for code in codes { code { (say(code)) } br; }
    }
}
