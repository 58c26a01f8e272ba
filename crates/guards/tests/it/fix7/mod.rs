//! The committed guards on a throwaway server: sound is green, each fault is red with exactly its offenders,
//! mended is green again.
//!
//! Not for: the verdict rule or the file format (`verdict.rs`, `guard_file.rs`). The one fact to know: every
//! fault is made under a savepoint of one transaction that is never committed.

#![expect(
    clippy::unwrap_used,
    reason = "a committed file that can't be read fails the test, and that is all there is to say"
)]

mod cases;

use cases::{CASES, Case};
use guards::{Condition, Guard, Inputs, Stage, Verdict, run};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use throwaway_postgres::{Options, Script, Template};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn text(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn toml_table(path: &str) -> toml::Table {
    text(path).parse().unwrap()
}

fn entries<'a>(table: &'a toml::Table, key: &str) -> Vec<&'a toml::Table> {
    table[key]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry.as_table().unwrap())
        .collect()
}

fn field<'a>(entry: &'a toml::Table, key: &str) -> &'a str {
    entry[key].as_str().unwrap()
}

/// The committed files whose guard is measured at a step, by their stem.
fn committed() -> BTreeMap<String, Guard> {
    std::fs::read_dir(root().join("rehearsal/guards"))
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let stem = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let guard = Guard::parse(&std::fs::read_to_string(&path).unwrap()).unwrap();
            assert_eq!(guard.id.to_lowercase().replace('-', "_"), stem);
            (stem, guard)
        })
        .collect()
}

fn template(plan: &toml::Table) -> Template {
    let database = field(plan, "database").to_owned();
    let scripts = entries(plan, "estate_script")
        .into_iter()
        .map(|entry| {
            let (path, sql) = (field(entry, "path"), text(field(entry, "path")));
            if field(entry, "database") == database {
                Script::database(path, sql)
            } else {
                Script::cluster(path, sql)
            }
        })
        .collect();
    Template { database, scripts }
}

fn inputs(plan: &toml::Table) -> Inputs {
    let mut inputs = Inputs::new();
    for entry in entries(plan, "input") {
        inputs.insert(
            field(entry, "key"),
            &serde_json::from_str(&text(field(entry, "path"))).unwrap(),
        );
    }
    inputs
}

async fn batch(conn: &mut PgConnection, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(conn)
        .await
        .unwrap_or_else(|error| panic!("{error}: {}", sql.chars().take(200).collect::<String>()));
}

/// Why a case is not as it should be; nothing if it is.
fn judge(case: &Case, verdict: &Verdict) -> Option<String> {
    let (file, _, fault, probe, offenders) = case;
    let Verdict::Fail(findings) = verdict else {
        return Some(format!(
            "{file} is {} under `{fault}`: {:?}",
            verdict.word(),
            verdict.reasons()
        ));
    };
    let own: Vec<_> = findings
        .iter()
        .filter(|finding| finding.probe == *probe)
        .collect();
    if own.is_empty() {
        return Some(format!(
            "{file}: probe `{probe}` is green under `{fault}`: {:?}",
            verdict.reasons()
        ));
    }
    let named = own
        .iter()
        .find(|finding| finding.condition == Condition::OffendersPresent);
    let named = named.map(|finding| finding.detail.trim_start_matches("offenders ").to_owned());
    match offenders {
        Some(expected) if named.as_deref() != Some(expected.join(", ").as_str()) => Some(format!(
            "{file}: `{probe}` names {named:?} under `{fault}`, expected {expected:?}"
        )),
        _ => None,
    }
}

#[tokio::test(flavor = "current_thread")]
async fn each_fault_is_red_with_its_offenders_and_mended_is_green() {
    let plan = toml_table("rehearsal/plan.toml");
    let options = Options {
        template: Some(template(&plan)),
        ..Options::for_tests()
    };
    let server = throwaway_postgres::start(&options).await.unwrap();
    let mut conn = PgConnection::connect_with(&server.connect_options(field(&plan, "database")))
        .await
        .unwrap();
    batch(&mut conn, "begin").await;
    for folder in ["migrations", "seeds"] {
        for file in entries(&toml_table(&format!("{folder}/index.toml")), "file") {
            batch(
                &mut conn,
                &text(&format!("{folder}/{}.up.sql", field(file, "name"))),
            )
            .await;
        }
    }
    let (guards, inputs) = (committed(), inputs(&plan));
    let mut wrong: Vec<String> = Vec::new();
    let mut sound: BTreeSet<(&str, &str)> = BTreeSet::new();
    let captured: serde_json::Value =
        serde_json::from_str(&text("rehearsal/inputs/select_set.json")).unwrap();
    let foreign = captured["server_major"] != server.version_num() / 10_000;
    for case in CASES {
        let (file, step, fault, _, _) = case;
        // Committed rows of another major can't be compared here, and the guard says just that; on
        // the captured major each of its faults is shown.
        let foreign = foreign && *file == "g_legacy_target_sealed";
        let as_foreign = (*file, *step, *fault, "major_as_captured", None);
        let case = if foreign { &as_foreign } else { case };
        let guard = &guards[*file];
        let document = inputs.with("phase", &(*step).into());
        batch(&mut conn, "savepoint fault").await;
        batch(&mut conn, fault).await;
        let verdict = run(&mut conn, guard, Stage::ControlPlane, &document).await;
        batch(&mut conn, "rollback to savepoint fault").await;
        wrong.extend(judge(case, &verdict));
        // `select 1` is the fault of a step that comes too early: there is nothing to mend.
        if !foreign && *fault != "select 1" && sound.insert((file, step)) {
            let verdict = run(&mut conn, guard, Stage::ControlPlane, &document).await;
            batch(&mut conn, "rollback to savepoint fault").await;
            if verdict.word() != "pass" {
                wrong.push(format!(
                    "{file} at {step} is {} when sound: {:?}",
                    verdict.word(),
                    verdict.reasons()
                ));
            }
        }
    }
    // Parsed forms come through the document alone, so their faults are made there.
    for (file, key, pointer, value, probe) in document_faults() {
        let mut document: serde_json::Value = serde_json::from_str(&inputs.document([key])).unwrap();
        *document
            .pointer_mut(&format!("/{key}{pointer}"))
            .unwrap_or_else(|| panic!("{key}{pointer}")) = value;
        let faulty = inputs.with(key, &document[key]).with("phase", &"S11".into());
        let verdict = run(&mut conn, &guards[file], Stage::ControlPlane, &faulty).await;
        batch(&mut conn, "rollback to savepoint fault").await;
        wrong.extend(judge(&(file, "S11", key, probe, None), &verdict));
    }
    batch(&mut conn, "rollback").await;
    conn.close().await.unwrap();
    server.stop().await.unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Guard, key of the document, pointer in it, what stands there instead, probe that must be red.
fn document_faults() -> Vec<(
    &'static str,
    &'static str,
    &'static str,
    serde_json::Value,
    &'static str,
)> {
    let form = |form: &str| serde_json::json!([[form, "planted"]]);
    let lead = |used_in: &str, kind: &str, literal: &str, against: &str| {
        serde_json::json!([[used_in, kind, literal, against]])
    };
    let (forms, leads) = (
        "/guards/G-AUTH-27/forms",
        "/routines/qt001_cp.human_of(text)/leads",
    );
    vec![
        (
            "g_pgnative",
            "guard_forms",
            forms,
            form("name_pattern"),
            "no_name_pattern",
        ),
        (
            "g_pgnative",
            "guard_forms",
            forms,
            form("owner_filter"),
            "no_owner_filter",
        ),
        (
            "g_pgnative",
            "guard_forms",
            forms,
            form("count_literal"),
            "no_count_literal",
        ),
        (
            "g_pgnative",
            "guard_forms",
            forms,
            form("literal_verdict"),
            "no_literal_verdict",
        ),
        (
            "g_pgnative",
            "guard_forms",
            forms,
            form("null_skipping"),
            "no_null_skipping",
        ),
        (
            "g_pgnative",
            "guard_forms",
            "/guards/G-AUTH-27",
            serde_json::Value::Null,
            "guards_read",
        ),
        (
            "g_pgnative",
            "bodies",
            "/routines/qt001_cp.human_of(text)/body_sha256",
            "".into(),
            "bodies_as_parsed",
        ),
        (
            "g_nohardcode",
            "bodies",
            leads,
            lead("compare", "number", "5", "value"),
            "numbers_sealed",
        ),
        (
            "g_nohardcode",
            "bodies",
            leads,
            lead("compare", "number", "0", "retain_days"),
            "numbers_sealed",
        ),
        (
            "g_nohardcode",
            "bodies",
            leads,
            lead("compare", "number", "27", "count()"),
            "numbers_sealed",
        ),
        (
            "g_nohardcode",
            "bodies",
            leads,
            lead("compare", "text", "directus", "rolname"),
            "texts_sealed",
        ),
        (
            "g_nodisguise",
            "bodies",
            leads,
            lead("case", "number", "5", ""),
            "no_case_literal",
        ),
        (
            "g_nodisguise",
            "bodies",
            leads,
            lead("interval", "text", "5 minutes", ""),
            "no_interval_literal",
        ),
        (
            "g_nodisguise",
            "bodies",
            "/routines/qt001_cp.human_of(text)/body_sha256",
            "".into(),
            "bodies_read",
        ),
        (
            "g_hashdet",
            "hash_vectors",
            "/values/0/encoded",
            "x".into(),
            "encoding_fixtures",
        ),
        (
            "g_hashdet",
            "hash_vectors",
            "/contracts/0/sha256",
            "x".into(),
            "h01_fixture",
        ),
        (
            "g_hashdet",
            "hash_vectors",
            "/contracts/1/sha256",
            "x".into(),
            "h02_fixture",
        ),
        (
            "g_hashdet",
            "hash_vectors",
            "/contracts/3/sha256",
            "x".into(),
            "h03_fixture",
        ),
        (
            "g_hashdet",
            "hash_vectors",
            "/contracts/4/sha256",
            "x".into(),
            "h04_fixture",
        ),
        (
            "g_directus_read",
            "select_set",
            "/reads/0/2",
            "view".into(),
            "kinds_unchanged",
        ),
        (
            "g_legacy_target_sealed",
            "select_set",
            "/server_major",
            9.into(),
            "major_as_captured",
        ),
    ]
}

#[test]
fn every_committed_guard_has_a_case() {
    let with_case: BTreeSet<String> = CASES.iter().map(|case| case.0.to_owned()).collect();
    let files: BTreeSet<String> = committed().into_keys().collect();
    assert_eq!(with_case, files);
}

#[test]
fn every_committed_guard_is_named_by_the_plan() {
    let plan = toml_table("rehearsal/plan.toml");
    let named: BTreeSet<String> = entries(&plan, "guard")
        .into_iter()
        .filter_map(|entry| entry.get("path")?.as_str())
        .map(str::to_owned)
        .collect();
    let files: BTreeSet<String> = committed()
        .into_keys()
        .map(|stem| format!("rehearsal/guards/{stem}.sql"))
        .collect();
    assert_eq!(named, files);
}

#[test]
fn every_clause_of_the_source_is_a_probe_of_its_guard() {
    let guards = committed();
    let mut listed: BTreeSet<(String, String)> = BTreeSet::new();
    for line in text("docs/guards-source.md")
        .lines()
        .filter(|line| line.starts_with("| G-"))
    {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [guard, _clause, probe] = cells.as_slice() else {
            panic!("expected guard, clause and probe: {line}");
        };
        listed.insert(((*guard).to_owned(), probe.trim_matches('`').to_owned()));
    }
    let declared: BTreeSet<(String, String)> = guards
        .values()
        .flat_map(|guard| {
            guard
                .probes
                .iter()
                .map(|probe| (guard.id.clone(), probe.name.clone()))
        })
        .collect();
    let missing: Vec<_> = listed.symmetric_difference(&declared).collect();
    assert!(missing.is_empty(), "listed or declared, not both: {missing:?}");
}
