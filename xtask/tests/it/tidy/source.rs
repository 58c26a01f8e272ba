//! What no text of the repository holds.
//!
//! Not for: style that clippy and rustfmt know. The one fact to know: words that are searched for are put
//! together from parts here, or this file would be the first offender.

use super::{File, demand_none, files};

const TOP: &[&str] = &[
    ".cargo",
    ".ci",
    ".gitattributes",
    ".github",
    ".gitignore",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "Cargo.toml",
    "Justfile",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "clippy.toml",
    "crates",
    "deny.toml",
    "docs",
    "governance",
    "migrations",
    "rehearsal",
    "rustfmt.toml",
    "scripts",
    "seeds",
    "snapshots",
    "xtask",
];

fn rust() -> Vec<File> {
    let sources: Vec<File> = files(&["crates", "snapshots", "xtask"])
        .into_iter()
        .filter(|file| file.has_extension("rs"))
        .collect();
    assert!(sources.len() > 150, "only {} files were looked at", sources.len());
    sources
}

#[test]
fn every_rust_file_opens_with_what_it_is_for() {
    let slips: Vec<String> = rust()
        .into_iter()
        .filter(|file| !file.text.starts_with("//! "))
        .map(|file| file.path)
        .collect();
    demand_none("files that do not open with `//!`", &slips);
}

#[test]
fn no_test_is_ignored_and_nothing_is_left_to_do() {
    let words = [
        concat!("#[ign", "ore"),
        concat!("to", "do!("),
        concat!("unimple", "mented!("),
        concat!("db", "g!("),
        concat!("#[al", "low("),
        concat!("#![al", "low("),
    ];
    let mut slips = Vec::new();
    for file in rust() {
        for (at, line) in file.text.lines().enumerate() {
            for word in words.iter().filter(|word| line.contains(**word)) {
                slips.push(format!("{}:{}: `{word}`", file.path, at + 1));
            }
        }
    }
    demand_none("words that do not belong here", &slips);
}

/// Lines that send the word, by the files of `folder`.
fn commits(folder: &str) -> (usize, Vec<String>) {
    let sources = files(&[folder]);
    let mut slips = Vec::new();
    for file in sources.iter().filter(|file| !file.path.contains("/tests/")) {
        for (at, line) in file.text.lines().enumerate() {
            let lower = line.to_lowercase();
            let sends = ["\"commit\"", "commit;", ";commit", "; commit", ".commit()"]
                .iter()
                .any(|form| lower.contains(form));
            // The name of the phase in which deferred constraints refuse.
            if sends && !line.contains("at_flush =>") {
                slips.push(format!("{}:{}: {}", file.path, at + 1, line.trim()));
            }
        }
    }
    (sources.len(), slips)
}

#[test]
fn nothing_that_rehearses_or_reads_commits() {
    // `throwaway-postgres` is not among them: on an approved server it notes whose leftovers are whose.
    let folders = ["crates/capture/src", "crates/guards/src", "crates/rehearsal/src"];
    let found: Vec<(usize, Vec<String>)> = folders.iter().map(|folder| commits(folder)).collect();
    let slips: Vec<String> = found.iter().flat_map(|(_, slips)| slips.clone()).collect();
    demand_none("lines that commit", &slips);
    let looked_at: usize = found.iter().map(|(files, _)| files).sum();
    assert!(looked_at > 50, "only {looked_at} files were looked at");
}

#[test]
fn one_crate_commits_and_only_to_a_cluster_of_our_own_making() {
    let (_, lines) = commits("crates/committed-clone/src");
    // Were there none, the search above would find nothing either.
    assert!(!lines.is_empty());
    let sources = files(&["crates/committed-clone/src"]);
    let mut slips = Vec::new();
    for file in &sources {
        for word in [
            "PgConnectOptions::",
            "::start(",
            "Provider",
            "\"postgres:",
            "\"postgresql:",
        ] {
            if file.text.contains(word) {
                slips.push(format!("`{}` has `{word}`", file.path));
            }
        }
    }
    demand_none("ways to a server that is not a `Disposable`", &slips);
    assert!(sources.len() > 5, "only {} files were looked at", sources.len());
}

#[test]
fn text_files_are_clean_and_name_no_machine() {
    // Places where programs look for others' software are not paths of a machine.
    let homes = ["/root/", "/Users/", "/home/"];
    let mut slips = Vec::new();
    let all = files(TOP);
    for file in &all {
        if file.text.contains('\r') {
            slips.push(format!("{}: CR", file.path));
        }
        if !file.text.is_empty() && !file.text.ends_with('\n') {
            slips.push(format!("{}: no line feed at the end", file.path));
        }
        for (at, line) in file.text.lines().enumerate() {
            let place = format!("{}:{}", file.path, at + 1);
            if line.ends_with([' ', '\t']) {
                slips.push(format!("{place}: blanks at the end"));
            }
            let is_search_path = file.path == "crates/throwaway-postgres/src/binaries.rs";
            let is_this = file.path.starts_with("xtask/tests/it/tidy/");
            if !is_search_path && !is_this && homes.iter().any(|home| line.contains(home)) {
                slips.push(format!("{place}: a path of somebody's machine"));
            }
        }
    }
    demand_none("unclean text", &slips);
    assert!(all.len() > 400, "only {} files were looked at", all.len());
}

#[test]
fn every_dependency_comes_from_the_public_registry() {
    let lock = super::file("Cargo.lock");
    let sources: Vec<&str> = lock
        .lines()
        .filter(|line| line.starts_with("source = "))
        .collect();
    assert!(sources.len() > 100);
    for source in sources {
        assert_eq!(
            source,
            "source = \"registry+https://github.com/rust-lang/crates.io-index\""
        );
    }
    assert!(!super::file(".cargo/config.toml").contains("[source"));
}
