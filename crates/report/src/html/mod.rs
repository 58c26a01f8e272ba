//! One page, with everything in it: no script, no font, no image, nothing that is fetched.
//!
//! Not for: what a section says, which its own file does. The one fact to know: names come from a packet, so
//! `maud` escapes them, control and direction characters are shown as `\u{…}`, and a policy in the page forbids
//! whatever might get through.

mod chain;
mod closure;
mod guards;
mod mutants;
mod privileges;
mod rejections;
mod tables;
mod way_back;
mod ways;

use crate::summary::{self, chain as links, numbers};
use crate::text::short;
use evidence::{Contents, escaped};
use maud::{DOCTYPE, Markup, PreEscaped, html as markup};

const STYLE: &str = include_str!("style.css");
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

/// The page.
pub fn html(contents: &Contents) -> String {
    let verdict = say(&contents.packet.verdict.value);
    let page = markup! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                title { "Rehearsal " (short(&contents.packet.tree_sha256)) ": " (verdict) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header { (head(contents)) (index()) }
                main {
                    (findings(contents))
                    (chain::section(contents))
                    (guards::section(contents))
                    (rejections::section(contents))
                    (mutants::section(contents))
                    (ways::section(contents))
                    (privileges::section(contents))
                    (closure::section(contents))
                    (tables::section(contents))
                    (way_back::section(contents))
                    (timings(contents))
                    (columns(contents))
                }
                footer {
                    "Made of one packet by " code { "cargo xtask report" } ". Its tree is "
                    code { (say(&contents.packet.tree_sha256)) } "."
                }
            }
        }
    };
    page.into_string()
}

/// Text out of a packet: `maud` escapes markup, this what a browser would obey without showing.
pub(crate) fn say(text: &str) -> String {
    escaped(text)
}

/// Name of the colour that a verdict has; its word or sign always stands beside it.
pub(crate) fn tone(verdict: &str) -> &'static str {
    match verdict {
        "pass" => "pass",
        "fail" => "fail",
        _ => "wait",
    }
}

/// A verdict as people say it.
pub(crate) fn word(verdict: &str) -> String {
    match verdict {
        "not_measured" => "not measured".to_owned(),
        "not_applicable" => "not applicable".to_owned(),
        "rehearsed" => "HOLD, rehearsed".to_owned(),
        other => say(other),
    }
}

/// What a packet of an older version does not hold.
pub(crate) fn absent() -> Markup {
    markup! { p.soft { "This packet does not hold it." } }
}

fn head(contents: &Contents) -> Markup {
    let verdict = &contents.packet.verdict.value;
    let links = links(contents);
    let rollback = &contents.rollback.proofs;
    let postgres = &contents.environment.postgres;
    markup! {
        h1 { "Migration rehearsal" }
        p.soft {
            "What was applied, sealed, attacked and taken back on a throwaway PostgreSQL, and what that shows. "
            "Nothing here was applied anywhere else."
        }
        div class={ "verdict " (tone(verdict)) } {
            strong { (word(verdict).to_uppercase()) }
            span {
                @match summary::stop(&links) {
                    Some(stop) if stop.standing == "hold" => {
                        "The chain stops before " b { (say(&stop.id)) } "."
                    }
                    Some(stop) => { "The chain stops at " b { (say(&stop.id)) } ": " (word(&stop.standing)) "." }
                    None => "Every package passed.",
                }
            }
        }
        dl {
            dt { "packet" } dd.mono { (say(&contents.packet.tree_sha256)) }
            dt { "bytes" } dd { (contents.plan.files.len()) " committed files, by digest, in " code { "plan.json" } }
            dt { "server" } dd { "PostgreSQL " (say(&postgres.version)) ", " (say(&postgres.provider)) " (believed)" }
            @for proof in rollback {
                dt { (say(&proof.id)) }
                dd {
                    "before " code { (short(&proof.before)) } ", applied " code { (short(&proof.after_apply)) }
                    ", after " code { (short(&proof.after_rollback)) } ", transaction " (say(&proof.xid_status))
                }
            }
        }
        div.cards {
            @for number in numbers(contents) {
                div.card {
                    b class=(tone(if number.is_whole { "pass" } else { "not_measured" })) {
                        (number.good) span.of { " of " (number.of) }
                    }
                    (number.what)
                    @if !number.note.is_empty() { br; span.small.soft { (number.note) } }
                }
            }
        }
    }
}

fn index() -> Markup {
    let sections = [
        ("chain", "Chain and blockers"),
        ("guards", "Guards"),
        ("rejections", "Rejections"),
        ("mutants", "Mutants and attacks"),
        ("pairs", "Pairs"),
        ("ways", "Ways around"),
        ("privileges", "Privileges"),
        ("closure", "Closure"),
        ("tables", "Surfaces"),
        ("way-back", "Way back"),
        ("timings", "Timings"),
        ("columns", "How it is known"),
    ];
    markup! {
        nav aria-label="Sections" {
            @for (id, title) in sections { a href={ "#" (id) } { (title) } }
        }
    }
}

fn findings(contents: &Contents) -> Markup {
    let findings = summary::findings(contents);
    markup! {
        @if !findings.is_empty() {
            h2 id="findings" { (findings.len()) " findings" }
            @for finding in &findings {
                details open[findings.len() < 6] {
                    summary {
                        b.fail { (say(&finding.code)) } " "
                        @if !finding.package.is_empty() { code { (say(&finding.package)) } " " }
                        (say(&finding.message))
                    }
                    @if !finding.details.is_empty() {
                        div.in { @for line in &finding.details { p.mono { (say(line)) } } }
                    }
                }
            }
        }
    }
}

fn timings(contents: &Contents) -> Markup {
    let elapsed = &contents.environment.elapsed_ms;
    let total = elapsed.get("total").copied().unwrap_or(0);
    let mut parts: Vec<(&String, u64)> = elapsed
        .iter()
        .filter(|(name, _)| *name != "total")
        .map(|(name, ms)| (name, *ms))
        .collect();
    parts.sort_by(|one, other| other.1.cmp(&one.1).then(one.0.cmp(other.0)));
    let longest = parts.first().map_or(1, |(_, ms)| (*ms).max(1));
    markup! {
        h2 id="timings" { "Timings" }
        p {
            b { (seconds(total)) } " from the start to the end. Parts overlap where two servers share the work, and some hold others. "
            span.soft { "Times are believed: nobody can show them any more, and no verdict rests on them." }
        }
        div.meter {
            @for (name, ms) in parts {
                div { (say(&name.replace('_', " "))) }
                i { b style={ "width:" (ms * 100 / longest) "%" } {} }
                span.mono { (seconds(ms)) }
            }
        }
    }
}

fn seconds(ms: u64) -> String {
    format!("{}.{:01} s", ms / 1000, ms % 1000 / 100)
}

fn columns(contents: &Contents) -> Markup {
    let columns = &contents.columns;
    let lists = [
        (
            "recomputed",
            "computed from the packet's bytes when this page was made",
            &columns.recomputed,
        ),
        (
            "rerun",
            "the packet says so; RERUN.sh shows whether it is so",
            &columns.rerun,
        ),
        (
            "believed",
            "nobody can show it any more, and no verdict rests on it",
            &columns.believed,
        ),
    ];
    markup! {
        h2 id="columns" { "How it is known" }
        @for (name, means, lines) in lines_of(&lists) {
            h3 { (name) span.soft { ": " (means) } }
            ul.small { @for line in lines { li { (say(line)) } } }
        }
        h3 { "the verdict rests on" }
        p.small { @for place in &contents.packet.verdict.rests_on { code { (say(place)) } " " } }
    }
}

fn lines_of<'a>(
    lists: &'a [(&'static str, &'static str, &'a Vec<String>); 3],
) -> impl Iterator<Item = (&'static str, &'static str, &'a Vec<String>)> {
    lists.iter().map(|(name, means, lines)| (*name, *means, *lines))
}
