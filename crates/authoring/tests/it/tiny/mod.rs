//! The tiny control plane goes the whole way: authored, applied, sealed, signed, activated, READY.
//!
//! The fact to know: view and gateway code are FIX7's own, so that a READY here shows that they can say
//! it, and that what keeps FIX7 blocked is its facts.

mod plane;

use std::path::Path;

use authoring::{Approvals, Files, LiveFacts, Sources, approve, author, locks, surface_rows};
use manifest_model::ControlPlane;
use sqlx::{AssertSqlSafe, Row as _};
use tempfile::TempDir;
use throwaway_postgres::{Script, Template};

use crate::plane::{Plane, read};
use plane::{ESTATE, GATES, tiny};

fn sources<'a>(plane: &'a ControlPlane, live: &'a LiveFacts) -> Sources<'a> {
    Sources {
        plane,
        estate: &ESTATE,
        do_not_touch: &[],
        do_not_open: &[],
        live_writer: "",
        repointed: &[],
        stub_body: "",
        creation: None,
        packets: &[],
        window: manifest_model::PacketWindow {
            reader: "",
            reads_by: &[],
            mover: "mover",
            lock_key: 0,
        },
        namespaces: manifest_model::SigningNamespaces {
            authorization: "",
            reaudit: "",
            rehearsal: "",
        },
        reserved: None,
        live: Some(live),
    }
}

fn put(root: &Path, path: &str, text: &str) {
    authoring::atomic_write(&root.join(path), text).unwrap();
}

/// Authored in a repository of its own, where everything was approved.
fn authored() -> Files {
    let root = TempDir::new().unwrap();
    let live = LiveFacts::default();
    let sources = sources(tiny(), &live);
    let (_, vectors) = authoring::inputs::VECTORS;
    put(root.path(), vectors, &read(vectors));
    let scripts = sql_render::migrations(sources.plane);
    let surfaces = surface_rows::all(&sources, &live).unwrap();
    let approvals = Approvals {
        designs: locks::unapproved(&scripts, root.path()).unwrap(),
        sets: locks::unaccepted(&surfaces, root.path()).unwrap(),
    };
    assert_eq!(approvals.sets.len(), tiny().surfaces.len());
    for (path, text) in approve(&sources, root.path(), &approvals).unwrap().iter() {
        put(root.path(), path, text);
    }
    author(&sources, root.path()).unwrap_or_else(|error| panic!("{error}"))
}

/// The up files of a folder in the order of their index, as one transaction.
fn scripts_of(files: &Files, folder: &str) -> String {
    let index: toml::Table = toml::from_str(files.get(&format!("{folder}/index.toml")).unwrap()).unwrap();
    let texts: Vec<&str> = index["file"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| {
            files
                .get(&format!("{folder}/{}.up.sql", file["name"].as_str().unwrap()))
                .unwrap()
        })
        .collect();
    assert!(texts.len() > 5);
    format!("begin;\n{}\ncommit;", texts.join("\n"))
}

async fn applied(files: &Files) -> Plane {
    let logins: String = tiny()
        .personas
        .iter()
        .map(|persona| {
            let grants: String = persona
                .member_of
                .iter()
                .map(|role| format!("grant {role} to {};", persona.login))
                .collect();
            format!("create role {} login;{grants}", persona.login)
        })
        .collect();
    Plane::with(Template {
        database: ESTATE.database.to_owned(),
        scripts: vec![
            Script::database("migrations", scripts_of(files, "migrations")),
            Script::database("seeds", scripts_of(files, "seeds")),
            Script::database("personas", logins),
        ],
    })
    .await
}

fn as_persona(who: &str, sql: &str) -> String {
    match tiny().personas.iter().find(|persona| persona.name == who) {
        Some(persona) => format!(
            "set session authorization {}; {sql}; reset session authorization",
            persona.login
        ),
        None => sql.to_owned(),
    }
}

/// Runs an authored act file; a probe act must find what it expects, over something, without offenders.
async fn perform(plane: &mut Plane, files: &Files, path: &str) {
    let file: toml::Table = toml::from_str(files.get(path).unwrap()).unwrap();
    let mut probes = 0;
    for act in file["act"].as_array().unwrap() {
        let sql = act["sql"].as_str().unwrap();
        if act.get("probes").and_then(toml::Value::as_bool) != Some(true) {
            plane
                .act("harness", &as_persona(act["persona"].as_str().unwrap(), sql))
                .await;
            continue;
        }
        let rows = sqlx::query(AssertSqlSafe(sql.to_owned()))
            .fetch_all(&mut plane.connection)
            .await
            .unwrap_or_else(|error| panic!("{error}\n{sql}"));
        for row in rows {
            let name: String = row.get("probe");
            let (expected, realized, population): (i64, i64, i64) = (row.get(1), row.get(2), row.get(3));
            let offenders: Vec<String> = row.get(4);
            assert_eq!((expected, offenders), (realized, vec![]), "{name}");
            assert!(population > 0, "{name}");
            probes += 1;
        }
    }
    assert!(probes > 0 || path == authoring::acts::SEAL, "{path}");
}

#[test]
fn tiny_control_plane_is_authored_without_a_name_of_the_other() {
    let files = authored();
    let mut looked_at = 0;
    for (path, text) in files.iter() {
        if path.starts_with("migrations/")
            || path.starts_with("seeds/")
            || path.starts_with("rehearsal/steps/")
        {
            assert!(!text.contains("qt001"), "`{path}` names qt001");
            // The kernel's tables bring their probe values along: data of negative tests, which name it.
            let is_spec = path.starts_with("migrations/negative/");
            assert!(
                is_spec || !text.contains("birth_writer"),
                "`{path}` names birth_writer"
            );
            looked_at += 1;
        }
    }
    assert!(looked_at > 100, "looked at {looked_at} files");
    let surfaces = tiny().surfaces.iter().map(|surface| surface.table);
    for table in surfaces {
        assert!(
            files.get(&format!("migrations/negative/{table}.toml")).is_some(),
            "{table}"
        );
    }
}

async fn blocking(plane: &mut Plane) -> Vec<String> {
    let answer = plane
        .text("select decision || ' ' || array_to_string(blocking_gates, ',') from tiny_cp.tiny_writer_gateway('tiny_writer', '{}', false)")
        .await;
    let (decision, gates) = answer.split_once(' ').unwrap();
    let gates: Vec<String> = gates
        .split(',')
        .filter(|gate| !gate.is_empty())
        .map(str::to_owned)
        .collect();
    assert_eq!(decision, if gates.is_empty() { "READY" } else { "BLOCKED" });
    gates
}

#[tokio::test]
async fn tiny_control_plane_is_ready_when_its_facts_are_sound_and_blocked_by_exactly_those_that_are_not() {
    let files = authored();
    let mut plane = applied(&files).await;
    perform(&mut plane, &files, authoring::acts::EXACT_SET).await;
    perform(&mut plane, &files, authoring::acts::SEAL).await;
    perform(&mut plane, &files, authoring::acts::ACTIVATE).await;
    let every: Vec<&str> = GATES.iter().map(|gate| gate.key).collect();
    assert_eq!(blocking(&mut plane).await, every);

    // Evidence alone is not enough, nor are facts without it.
    let verify = as_persona("verifier", "select tiny_cp.cp_verify_readiness('tiny_writer')");
    plane.act("harness", &verify).await;
    assert_eq!(blocking(&mut plane).await, every);
    for (kind, left) in [
        ("verification_log", vec!["SET_SIGNED"]),
        ("signoff_artifact", vec![]),
    ] {
        let record = format!("select tiny_cp.cp_record_evidence('{kind}', sha256('{kind}'), 'urn:{kind}')");
        plane.act("harness", &as_persona("verifier", &record)).await;
        assert_eq!(blocking(&mut plane).await, left);
    }
    plane
        .refused(
            "harness",
            "select * from tiny_cp.tiny_writer_gateway('tiny_writer', '{}', true)",
            "WRITER_NOT_IMPLEMENTED",
        )
        .await;

    plane
        .act("harness", "alter table tiny_cp.verification_run disable trigger user; alter table tiny_cp.readiness_gate_fact disable trigger user; alter table tiny_cp.evidence_registry disable trigger user; set local session_replication_role = replica")
        .await;
    let mut tried = 0;
    for gate in GATES {
        let fact = format!("where gate_key = '{}'", gate.key);
        for fault in [
            format!("delete from tiny_cp.readiness_gate_fact {fact}"),
            format!("update tiny_cp.readiness_gate_fact set is_met = false {fact}"),
            format!("update tiny_cp.readiness_gate_fact set is_met = null {fact}"),
            format!("update tiny_cp.readiness_gate_fact set population = 0 {fact}"),
            format!(
                "delete from tiny_cp.evidence_registry where control_epoch = 2 and evidence_kind = (select evidence_kind from tiny_cp.evidence_requirement_manifest where subject = '{}')",
                gate.key
            ),
        ] {
            plane.mark().await;
            plane.act("harness", &fault).await;
            assert_eq!(blocking(&mut plane).await, [gate.key], "{fault}");
            plane.back().await;
            tried += 1;
        }
    }
    assert_eq!(tried, 10);
    // One run wrote both facts: what makes the run unsound takes both.
    for fault in [
        "finished_at = clock_timestamp() - make_interval(secs => 86401)",
        "control_epoch = 1",
        "verifier_sha256 = sha256('')",
        "set_sha256 = sha256('')",
    ] {
        plane.mark().await;
        plane
            .act("harness", &format!("update tiny_cp.verification_run set {fault}"))
            .await;
        assert_eq!(blocking(&mut plane).await, every, "{fault}");
        plane.back().await;
    }
    assert_eq!(blocking(&mut plane).await, Vec::<String>::new());
    plane.stop().await;
}
