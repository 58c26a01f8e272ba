//! Licences in use, against `deny.toml`, with cargo alone.
//!
//! Not for: advisories, which need the network. The one fact to know: only packages that are built on this
//! host are looked at, because cargo has the manifests of no others at hand.

use super::file;
use super::metadata::packages;
use std::collections::BTreeSet;
use std::process::Command;

/// Whether `expression` can be met with the licences `allowed`: SPDX, and the old `MIT/Apache-2.0`.
fn is_met(expression: &str, allowed: &BTreeSet<&str>) -> bool {
    let spaced = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    let met = any(&words, &mut at, allowed);
    assert_eq!(at, words.len(), "can't read `{expression}`");
    met
}

fn any(words: &[&str], at: &mut usize, allowed: &BTreeSet<&str>) -> bool {
    let mut met = all(words, at, allowed);
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        met |= all(words, at, allowed);
    }
    met
}

fn all(words: &[&str], at: &mut usize, allowed: &BTreeSet<&str>) -> bool {
    let mut met = one(words, at, allowed);
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        met &= one(words, at, allowed);
    }
    met
}

fn one(words: &[&str], at: &mut usize, allowed: &BTreeSet<&str>) -> bool {
    let word = words[*at];
    *at += 1;
    if word == "(" {
        let met = any(words, at, allowed);
        *at += 1;
        return met;
    }
    if words.get(*at) == Some(&"WITH") {
        let with = format!("{word} WITH {}", words[*at + 1]);
        *at += 2;
        return allowed.contains(with.as_str());
    }
    allowed.contains(word)
}

#[test]
fn an_expression_is_met_as_spdx_says() {
    let allowed = BTreeSet::from(["MIT", "ISC"]);
    for met in [
        "MIT",
        "MIT OR GPL-3.0",
        "GPL-3.0/MIT",
        "MIT AND ISC",
        "(GPL-3.0 OR MIT) AND ISC",
    ] {
        assert!(is_met(met, &allowed), "{met}");
    }
    for unmet in [
        "GPL-3.0",
        "MIT AND GPL-3.0",
        "MIT WITH X-exception",
        "(MIT OR ISC) AND Zlib",
    ] {
        assert!(!is_met(unmet, &allowed), "{unmet}");
    }
}

#[test]
fn deny_toml_allows_exactly_the_licences_in_use() {
    let deny: toml::Table = file("deny.toml").parse().unwrap();
    let allowed: BTreeSet<&str> = deny["licenses"]["allow"]
        .as_array()
        .unwrap()
        .iter()
        .map(|licence| licence.as_str().unwrap())
        .collect();
    let rustc = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
        .arg("-vV")
        .output()
        .unwrap();
    let host = String::from_utf8(rustc.stdout).unwrap();
    let host = host.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let packages = packages(&["--locked", &format!("--filter-platform={host}")]);

    let mut expressions = BTreeSet::new();
    for package in &packages {
        let licence = package
            .license
            .as_deref()
            .unwrap_or_else(|| panic!("`{}` names no licence", package.name));
        assert!(
            is_met(licence, &allowed),
            "`{}` is under `{licence}`, which `deny.toml` does not allow",
            package.name
        );
        expressions.insert(licence);
    }
    assert!(packages.len() > 100);
    for licence in &allowed {
        let mut fewer = allowed.clone();
        fewer.remove(licence);
        assert!(
            expressions.iter().any(|expression| !is_met(expression, &fewer)),
            "`{licence}` is allowed, and nothing needs it"
        );
    }
}
