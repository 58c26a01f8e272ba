//! Findings: each code that a command prints has its line on `docs/findings.md`, and a test that provokes it.
//!
//! Not for: what a code means. The one fact to know: a code counts as provoked where a test names it; that the test is
//! red without the fault is for the test itself to show.

use super::{File, demand_none, file, files};
use std::collections::BTreeSet;

/// Words in capitals with an underscore, alone in a string or before its colon: what findings are called.
fn codes(text: &str) -> impl Iterator<Item = &str> {
    text.split('"').skip(1).step_by(2).filter_map(|literal| {
        let word = literal.split(':').next()?;
        let whole = word.len() == literal.len() || literal.as_bytes().get(word.len()) == Some(&b':');
        let is_code = word.contains('_')
            && word.split('_').all(|part| part.len() > 1 || part == "A")
            && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
        (whole && is_code).then_some(word)
    })
}

#[test]
fn every_finding_has_a_line_on_its_page_and_the_reverse() {
    const NO_FINDINGS: [&str; 4] = [
        "CARGO_MANIFEST_DIR",
        "CARGO_PKG_VERSION",
        "RUST_BACKTRACE",
        "XTASK_FOOTPRINT",
    ];
    // What probes are sent with and must be answered with; `cargo xtask probes` shows that they are.
    const PROBES: [&str; 2] = ["xtask/src/lane/catalog.rs", "xtask/src/lane/desk.rs"];
    let sources = files(&[
        "crates/rehearsal/src",
        "crates/committed-clone/src",
        "crates/lane/src/code.rs",
        "xtask/src",
    ]);
    let printed: BTreeSet<String> = sources
        .iter()
        .filter(|file| file.has_extension("rs") && !file.path.contains("/tests"))
        .filter(|file| !file.path.ends_with("xtask/src/explain.rs") && !PROBES.contains(&file.path.as_str()))
        .flat_map(|file| codes(file.text.split("#[cfg(test)]").next().unwrap_or_default()).map(str::to_owned))
        .filter(|code| !NO_FINDINGS.contains(&code.as_str()))
        .collect();
    let listed = listed();
    assert!(printed.len() > 50, "only {} codes were found", printed.len());
    let only = |one: &BTreeSet<String>, other: &BTreeSet<String>| -> Vec<String> {
        one.difference(other).cloned().collect()
    };
    assert_eq!(
        only(&printed, &listed),
        Vec::<String>::new(),
        "`docs/findings.md` lacks them"
    );
    assert_eq!(
        only(&listed, &printed),
        Vec::<String>::new(),
        "nothing prints them"
    );
}

/// The codes of the page.
fn listed() -> BTreeSet<String> {
    let page = file("docs/findings.md");
    let codes = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    codes.map(str::to_owned).collect()
}

/// What of a file is a test; the probes are one, since `cargo xtask probes` sends each and demands its code.
fn tested(file: &File) -> Option<&str> {
    if file.path.contains("/tests/") || file.path == "xtask/src/lane/catalog.rs" {
        return Some(&file.text);
    }
    file.text.split_once("#[cfg(test)]").map(|(_, tests)| tests)
}

#[test]
fn every_finding_is_provoked_by_a_test() {
    // What only lists codes, or looks for one that must not be there.
    const LISTS: [&str; 1] = ["xtask/tests/it/tidy/findings.rs"];
    let sources = files(&["crates", "xtask"]);
    let rust = sources
        .iter()
        .filter(|file| file.has_extension("rs") && !LISTS.contains(&file.path.as_str()));
    let tests: Vec<&str> = rust.filter_map(tested).collect();
    assert!(
        tests.len() > 100,
        "only {} files of tests were found",
        tests.len()
    );
    let named = |code: &str| {
        let is_word = |text: &str, at: usize| {
            let around = [
                text[..at].chars().next_back(),
                text[at + code.len()..].chars().next(),
            ];
            around
                .iter()
                .all(|one| one.is_none_or(|one| !one.is_ascii_alphanumeric() && one != '_'))
        };
        tests
            .iter()
            .any(|text| text.match_indices(code).any(|(at, _)| is_word(text, at)))
    };
    let unseen: Vec<String> = listed().into_iter().filter(|code| !named(code)).collect();
    demand_none("findings that no test provokes", &unseen);
}
