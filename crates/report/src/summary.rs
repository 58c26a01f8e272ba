//! What every form says first: the verdict, where the chain stops, and the numbers.
//!
//! The one fact to know: a package stands where its verdict is; what was not rehearsed waits, and the first that
//! waits is where the chain stops.

use crate::ways::{pairs, ways};
use evidence::{ChainLine, Contents};
use serde::Serialize;
use serde_json::Value;

/// A package as the packet has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Link {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) runner: String,
    pub(crate) steps: Vec<String>,
    /// `pass`, `fail`, `not_measured`, `not_applicable`; for one that only operators apply `hold`, or `rehearsed`
    /// where its packet was, which resolves nothing that it waits for.
    pub(crate) standing: String,
    pub(crate) waits_for: Vec<String>,
}

/// The packages in order; where the packet has no chain, those of its plan.
pub(crate) fn chain(contents: &Contents) -> Vec<Link> {
    let verdict = |id: &str| {
        let packages = contents.outcome["packages"].as_array();
        let found = packages.into_iter().flatten().find(|package| package["id"] == id);
        found
            .and_then(|package| package["verdict"].as_str())
            .map(str::to_owned)
    };
    let of_plan = || {
        let ids = contents.plan.packages.iter();
        ids.map(|id| ChainLine {
            id: id.clone(),
            ..ChainLine::default()
        })
        .collect()
    };
    let exhibits = contents.exhibits.as_ref();
    let lines = exhibits.map_or_else(of_plan, |exhibits| exhibits.chain.clone());
    lines
        .into_iter()
        .map(|line| Link {
            standing: match verdict(&line.id) {
                Some(found) if contents.plan.packages.contains(&line.id) => found,
                Some(found) if found == "fail" => found,
                Some(found) if found == "pass" => "rehearsed".to_owned(),
                _ => "hold".to_owned(),
            },
            id: line.id,
            title: line.title,
            runner: line.runner,
            steps: line.steps,
            waits_for: line.waits_for,
        })
        .collect()
}

/// The first package that did not pass.
pub(crate) fn stop(chain: &[Link]) -> Option<&Link> {
    chain.iter().find(|link| link.standing != "pass")
}

/// A number of the outcome with what it is out of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Number {
    pub(crate) what: &'static str,
    pub(crate) good: u64,
    pub(crate) of: u64,
    /// Whether nothing is left over.
    pub(crate) is_whole: bool,
    /// What else there is to say.
    pub(crate) note: String,
}

/// The numbers that a verdict rests on.
pub(crate) fn numbers(contents: &Contents) -> Vec<Number> {
    let outcome = &contents.outcome;
    let n = |pointer: &str| outcome.pointer(pointer).and_then(Value::as_u64).unwrap_or(0);
    let number = |what, good: &str, of: &str, note: String| Number {
        what,
        good: n(good),
        of: n(of),
        is_whole: n(of) > 0 && n(good) == n(of),
        note,
    };
    let equivalent = n("/mutants/manifest/equivalent");
    let mut manifest = number(
        "manifest mutants killed",
        "/mutants/manifest/killed",
        "/mutants/manifest/total",
        String::new(),
    );
    if equivalent > 0 {
        manifest.note = format!("{equivalent} equivalent: the catalog is the same with them");
        manifest.is_whole = manifest.good + equivalent == manifest.of;
    }
    let alone = n("/mutants/schema/weakened/catalog_alone");
    let mut weakened = number(
        "weakened objects noticed",
        "/mutants/schema/weakened/killed",
        "/mutants/schema/weakened/total",
        String::new(),
    );
    if alone > 0 {
        weakened.note = format!("and {alone} by the catalog, since no statement can");
        weakened.is_whole = weakened.good + alone == weakened.of;
    }
    let unmeasured = n("/guards/not_measured");
    let guards = if unmeasured == 0 {
        String::new()
    } else {
        format!("{unmeasured} not measured everywhere")
    };
    let mut numbers = vec![
        number("guards green", "/guards/green", "/guards/total", guards),
        number(
            "rejections by their sole cause",
            "/negatives/sole_cause",
            "/negatives/tests",
            String::new(),
        ),
        number(
            "schema mutants killed",
            "/mutants/schema/killed",
            "/mutants/schema/total",
            String::new(),
        ),
        number(
            "guard mutants killed",
            "/mutants/guards/killed",
            "/mutants/guards/total",
            String::new(),
        ),
        manifest,
        number(
            "access cells that agree",
            "/access/agree",
            "/access/cells",
            String::new(),
        ),
        number(
            "attacks repelled",
            "/attacks/repelled",
            "/attacks/attempts",
            String::new(),
        ),
    ];
    // An older packet has neither.
    if let Some(ways) = ways(contents) {
        let kinds: std::collections::BTreeSet<&str> = ways.iter().map(|way| way.vector.as_str()).collect();
        let (good, of) = (
            ways.iter().filter(|way| way.is_shut() && way.seen).count(),
            ways.len(),
        );
        numbers.push(Number {
            what: "ways around shut and seen",
            good: good as u64,
            of: of as u64,
            is_whole: of > 0 && good == of,
            note: crate::text::count(kinds.len(), "kind"),
        });
    }
    if pairs(contents).is_some() {
        numbers.push(number(
            "executions verified by their pair",
            "/pairs/verified",
            "/pairs/executed",
            String::new(),
        ));
    }
    // A packet of the first version has neither.
    if outcome.pointer("/mutants/schema/weakened").is_some() {
        numbers.insert(3, weakened);
        let rows = number(
            "valid rows accepted",
            "/negatives/accepted",
            "/negatives/accepted_rows",
            String::new(),
        );
        numbers.insert(2, rows);
    }
    numbers
}

/// A finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct FindingShown {
    pub(crate) code: String,
    pub(crate) package: String,
    pub(crate) message: String,
    pub(crate) details: Vec<String>,
}

/// What is wrong.
pub(crate) fn findings(contents: &Contents) -> Vec<FindingShown> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let findings = contents.outcome["findings"].as_array();
    findings
        .into_iter()
        .flatten()
        .map(|finding| FindingShown {
            code: text(&finding["code"]),
            package: text(&finding["package"]),
            message: text(&finding["message"]),
            details: finding["details"]
                .as_array()
                .into_iter()
                .flatten()
                .map(text)
                .collect(),
        })
        .collect()
}
