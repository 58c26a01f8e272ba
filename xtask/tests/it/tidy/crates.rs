//! Which crate may depend on which, over `cargo metadata` [ruling B1].
//!
//! Not for: licences. The one fact to know: a crate or an edge that is missing here fails, so
//! `ARCHITECTURE.md` and this table change together.

use super::metadata::{Kind, Package, cargo, packages};
use super::{demand_none, file, files};
use std::collections::{BTreeMap, BTreeSet};

/// A crate, and the crates of ours that its library may use.
const EDGES: &[(&str, &[&str])] = &[
    (
        "authoring",
        &[
            "manifest-model",
            "canonical",
            "sql-render",
            "mutants",
            "capture",
            "guards",
            "operator-authorization",
            "footprint",
        ],
    ),
    ("canonical", &["manifest-model"]),
    ("capture", &["canonical", "footprint"]),
    ("committed-clone", &["rehearsal", "throwaway-postgres"]),
    ("evidence", &["canonical", "footprint"]),
    ("report", &["evidence"]),
    ("fix7-manifest", &["manifest-model"]),
    ("footprint", &[]),
    ("guards", &["canonical"]),
    ("lane", &["manifest-model", "canonical", "evidence", "footprint"]),
    ("manifest-model", &[]),
    ("mutants", &["manifest-model", "sql-render"]),
    ("operator-authorization", &["canonical"]),
    (
        "rehearsal",
        &[
            "manifest-model",
            "canonical",
            "throwaway-postgres",
            "capture",
            "guards",
            "operator-authorization",
        ],
    ),
    ("snapshots", &[]),
    ("sql-render", &["manifest-model", "canonical"]),
    ("throwaway-postgres", &["footprint"]),
];

/// Crates that may have a database client of their own.
const TALK_TO_A_DATABASE: &[&str] = &[
    "capture",
    "committed-clone",
    "guards",
    "rehearsal",
    "throwaway-postgres",
    "xtask",
];

/// Crates below which there is no client and no runtime at all.
const PURE: &[&str] = &[
    "manifest-model",
    "fix7-manifest",
    "canonical",
    "sql-render",
    "mutants",
];

/// The tests of a crate that is optimised, as a package of their own that is not.
const TESTS_APART: &[&str] = &[
    "authoring-tests",
    "canonical-tests",
    "capture-tests",
    "guards-tests",
    "sql-render-tests",
];

/// Crates that serve any control plane, and so do not know FIX7, in their tests neither.
const KNOW_NO_PLANE: &[&str] = &[
    "committed-clone",
    "footprint",
    "lane",
    "guards",
    "guards-tests",
    "rehearsal",
    "throwaway-postgres",
    "capture",
    "capture-tests",
    "manifest-model",
    "operator-authorization",
    "evidence",
    "report",
];

fn members() -> Vec<Package> {
    packages(&["--no-deps"])
}

fn names(package: &Package, kinds: &[Option<Kind>]) -> BTreeSet<String> {
    package
        .dependencies
        .iter()
        .filter(|dependency| kinds.contains(&dependency.kind))
        .map(|dependency| dependency.name.clone())
        .collect()
}

const LIBRARY: &[Option<Kind>] = &[None, Some(Kind::Build)];
const ANY: &[Option<Kind>] = &[None, Some(Kind::Build), Some(Kind::Dev)];

#[test]
fn edges_between_our_crates_are_those_of_the_table() {
    let members = members();
    let allowed: BTreeMap<&str, &[&str]> = EDGES.iter().copied().collect();
    let ours: BTreeSet<String> = members.iter().map(|p| p.name.clone()).collect();
    let mut slips = Vec::new();
    let mut looked_at = 0;
    for package in &members {
        let name = package.name.clone();
        if name == "xtask" || TESTS_APART.contains(&name.as_str()) {
            continue;
        }
        let Some(allowed) = allowed.get(name.as_str()) else {
            slips.push(format!("`{name}` is not in the table"));
            continue;
        };
        looked_at += 1;
        for used in names(package, LIBRARY).intersection(&ours) {
            if !allowed.contains(&used.as_str()) {
                slips.push(format!("`{name}` uses `{used}`, expected at most {allowed:?}"));
            }
        }
    }
    demand_none("edges that the architecture does not have", &slips);
    assert_eq!(looked_at, EDGES.len());
}

#[test]
fn crates_that_are_optimised_have_their_tests_apart() {
    let members = members();
    let profiles: toml::Table = file("Cargo.toml").parse().unwrap();
    let overridden = profiles["profile"]["dev"]["package"].as_table().unwrap();
    let mut apart = BTreeSet::new();
    for package in &members {
        let name = package.name.as_str();
        let tests: Vec<_> = package.targets.iter().filter(|target| target.is_test()).collect();
        if TESTS_APART.contains(&name) {
            apart.insert(name);
            assert_eq!(tests.len(), package.targets.len(), "`{name}` is more than tests");
            assert!(!overridden.contains_key(name), "`{name}` is optimised");
        }
        let level = overridden.get(name).and_then(|profile| profile.get("opt-level"));
        if level
            .and_then(toml::Value::as_integer)
            .is_some_and(|level| level >= 2)
        {
            assert!(tests.is_empty(), "`{name}` is optimised with its tests");
        }
    }
    assert_eq!(apart, TESTS_APART.iter().copied().collect());
}

/// What the tests alone ask of a third-party crate makes them build a second one, and all that stands on it.
#[test]
fn the_tool_and_the_tests_are_built_of_the_same_crates() {
    // Each crate with its version, and every set of features that it is built with.
    let crates = |scope: &[&str]| {
        let asked = [&["--locked", "--prefix", "none", "--format", "{p}|{f}"], scope].concat();
        let mut crates: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for line in cargo("tree", &asked).lines().filter(|line| !line.is_empty()) {
            let (name, features) = line.trim_end_matches(" (*)").split_once('|').unwrap();
            crates
                .entry(name.to_owned())
                .or_default()
                .insert(features.to_owned());
        }
        crates
    };
    let tool = crates(&["--package", "xtask", "--edges", "normal,build"]);
    let tests = crates(&["--workspace", "--edges", "normal,build,dev"]);
    let otherwise = tool
        .iter()
        .filter(|(name, features)| tests.get(*name) != Some(features));
    let slips: Vec<String> = otherwise
        .map(|(name, features)| format!("{name}: the tool {features:?}, the tests {:?}", tests.get(name)))
        .collect();
    demand_none("crates that the tests build otherwise", &slips);
    assert!(tool.len() > 200, "only {} crates were looked at", tool.len());
}

#[test]
fn nothing_depends_on_xtask() {
    for package in &members() {
        assert!(!names(package, ANY).contains("xtask"), "`{}`", package.name);
    }
}

#[test]
fn engine_crates_know_no_control_plane_not_even_in_tests() {
    let mut looked_at = 0;
    for package in &members() {
        if KNOW_NO_PLANE.contains(&package.name.as_str()) {
            looked_at += 1;
            assert!(
                !names(package, ANY).contains("fix7-manifest"),
                "`{}`",
                package.name
            );
        }
    }
    assert_eq!(looked_at, KNOW_NO_PLANE.len());
    let mut slips = Vec::new();
    let sources = files(&[
        "crates/committed-clone/src",
        "crates/evidence/src",
        "crates/footprint/src",
        "crates/guards/src",
        "crates/lane/src",
        "crates/operator-authorization/src",
        "crates/rehearsal/src",
        "crates/report/src",
        "crates/throwaway-postgres/src",
    ]);
    for source in &sources {
        let text = source.text.to_lowercase();
        for word in ["fix7", "qt001", "directus"] {
            if text.contains(word) {
                slips.push(format!("`{}` names `{word}`", source.path));
            }
        }
    }
    demand_none("engine crates that name a control plane", &slips);
    assert!(sources.len() > 30, "only {} files were looked at", sources.len());
}

#[test]
fn only_six_crates_have_a_database_client() {
    for package in &members() {
        let used = names(package, LIBRARY);
        for client in ["sqlx", "tokio", "testcontainers", "postgresql_embedded"] {
            assert!(
                !used.contains(client) || TALK_TO_A_DATABASE.contains(&package.name.as_str()),
                "`{}` uses `{client}`",
                package.name
            );
        }
    }
}

#[test]
fn pure_crates_have_no_client_or_runtime_below_them() {
    let members = members();
    let ours: BTreeMap<String, &Package> = members
        .iter()
        .map(|package| (package.name.clone(), package))
        .collect();
    for name in PURE {
        let mut below = BTreeSet::new();
        let mut open = vec![(*name).to_owned()];
        while let Some(next) = open.pop() {
            let Some(package) = ours.get(&next) else { continue };
            for used in names(package, LIBRARY) {
                if below.insert(used.clone()) {
                    open.push(used);
                }
            }
        }
        // Third-party crates that these use are leaves: digests, ids, errors.
        let third_party: Vec<&String> = below.iter().filter(|used| !ours.contains_key(*used)).collect();
        for used in &third_party {
            assert!(
                ["sha2", "thiserror", "uuid"].contains(&used.as_str()),
                "`{name}` reaches `{used}`; expected digests, ids and errors alone"
            );
        }
    }
}

#[test]
fn whoever_judges_an_authorization_is_given_all_that_it_is_judged_by() {
    let sources = files(&["crates/operator-authorization/src"]);
    for source in &sources {
        for call in [
            "std::fs",
            "std::env",
            "std::net",
            "std::time",
            "SystemTime",
            "std::process",
        ] {
            assert!(!source.text.contains(call), "`{}` has `{call}`", source.path);
        }
    }
    assert!(sources.len() > 10, "only {} files were looked at", sources.len());
}

#[test]
fn evidence_has_no_connection_clock_or_program_of_its_own() {
    let sources = files(&["crates/evidence/src"]);
    for source in &sources {
        for call in [
            "std::net",
            "std::os::unix::net",
            "std::env",
            "std::process",
            "SystemTime",
            "Instant",
        ] {
            assert!(!source.text.contains(call), "`{}` has `{call}`", source.path);
        }
    }
    assert!(sources.len() > 10, "only {} files were looked at", sources.len());
}

#[test]
fn a_report_sees_nothing_but_the_packet_it_is_handed() {
    let sources = files(&["crates/report/src"]);
    for source in &sources {
        for call in [
            "std::fs",
            "std::net",
            "std::env",
            "std::process",
            "SystemTime",
            "Instant",
            "Folder",
        ] {
            assert!(!source.text.contains(call), "`{}` has `{call}`", source.path);
        }
    }
    assert!(sources.len() > 10, "only {} files were looked at", sources.len());
}

#[test]
fn authoring_takes_files_and_types_from_capture_and_never_captures() {
    let sources = files(&["crates/authoring/src"]);
    for source in &sources {
        for call in ["capture::capture", "capture::run", "sqlx::", "tokio::"] {
            assert!(!source.text.contains(call), "`{}` has `{call}`", source.path);
        }
    }
    assert!(sources.len() > 10, "only {} files were looked at", sources.len());
}

#[test]
fn members_take_everything_from_the_workspace() {
    let members = members();
    for package in &members {
        let name = &package.name;
        assert_eq!(package.publish, Some(vec![]), "`{name}` could be published");
        assert_eq!(package.license.as_deref(), Some("MIT OR Apache-2.0"), "`{name}`");
        let manifest = std::fs::read_to_string(&package.manifest_path).unwrap();
        let table: toml::Table = manifest.parse().unwrap();
        assert_eq!(
            table["lints"]["workspace"].as_bool(),
            Some(true),
            "`{name}` has lints of its own"
        );
        for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let Some(section) = table.get(section).and_then(toml::Value::as_table) else {
                continue;
            };
            for (dependency, value) in section {
                assert_eq!(
                    value.get("workspace").and_then(toml::Value::as_bool),
                    Some(true),
                    "`{name}` declares `{dependency}` itself; versions stand in the root manifest"
                );
            }
        }
    }
    assert!(members.len() > 10);
}

#[test]
fn every_crate_stands_in_the_architecture() {
    let text = file("ARCHITECTURE.md");
    for (name, allowed) in EDGES.iter().filter(|(name, _)| *name != "snapshots") {
        let line = text
            .lines()
            .find(|line| line.starts_with(&format!("| `{name}` |")))
            .unwrap_or_else(|| panic!("`{name}` has no line in the code map"));
        for used in *allowed {
            let written = line.contains(&format!("`{used}`"));
            // `canonical` may use the model and does not; the map says what is.
            assert!(
                written || *name == "canonical",
                "`{name}`: the map lacks `{used}`"
            );
        }
    }
}
