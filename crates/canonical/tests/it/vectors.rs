//! The committed vectors are what the crate computes, and a script in another language agrees.
//!
//! `REGENERATE=1 cargo test -p canonical-tests` writes them anew; a change is a new encoding version.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use canonical::{AclItem, ItemDigest, ItemLine, ObjectClass, Routine, Scope, Timestamp, Uuid, Value};
use serde_json::{Value as Json, json};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..")
}

fn committed() -> PathBuf {
    root().join("crates/canonical/vectors/vectors.json")
}

fn recompute(mode: &str, file: &Path) -> Output {
    Command::new("python3")
        .arg(root().join("scripts/recompute_hashes.py"))
        .args([mode.as_ref(), file.as_os_str()])
        .output()
        .expect("python3 runs")
}

/// Whether there is a `python3` to recompute digests in another language. Where there is none, that is
/// said past the harness, which swallows what a passing test prints; CI must have one.
fn has_python() -> bool {
    let found = Command::new("python3").arg("--version").output();
    if let Err(error) = &found {
        assert!(std::env::var_os("CI").is_none(), "no `python3`: {error}");
        let _ = writeln!(
            std::io::stderr(),
            "not recomputed in Python: no `python3`: {error}"
        );
    }
    found.is_ok()
}

/// A value as the script reads it, beside the value itself.
fn samples() -> Vec<(&'static str, Json, Value)> {
    let text = |text: &str| ("text", json!(text), Value::Text(text.to_owned()));
    let numeric = |text: &'static str| ("numeric", json!(text), Value::Numeric(text.parse().unwrap()));
    let time = |micros: i64| {
        (
            "timestamptz",
            json!(micros),
            Value::Timestamp(Timestamp::from_postgres_micros(micros).unwrap()),
        )
    };
    let uuid = "0f1e2d3c-4b5a-8978-8695-a4b3c2d1e0ff";
    vec![
        ("text", Json::Null, Value::Null),
        ("boolean", json!(true), Value::Bool(true)),
        ("boolean", json!(false), Value::Bool(false)),
        ("integer", json!(0), Value::Integer(0)),
        ("integer", json!(-12), Value::Integer(-12)),
        ("integer", json!(i64::MIN), Value::Integer(i64::MIN)),
        ("integer", json!(i64::MAX), Value::Integer(i64::MAX)),
        numeric("-0"),
        numeric("1.500"),
        numeric("100"),
        numeric("-0.000100"),
        numeric("123456789012345678901234567890.123456789012345678901234567890"),
        numeric("NaN"),
        numeric("Infinity"),
        numeric("-Infinity"),
        text(""),
        text("null"),
        text("quote \" backslash \\ solidus /"),
        text("\u{1}\u{8}\t\n\u{b}\u{c}\r\u{1f}"),
        text("\u{7f}\u{80}\u{2028}\u{2029}\u{feff}\u{ffff}"),
        text("thẻ sinh \u{65}\u{301} \u{e9} 😀 \u{10ffff}"),
        ("bytea", json!(""), Value::Bytes(vec![])),
        ("bytea", json!("00FFab"), Value::Bytes(vec![0, 0xff, 0xab])),
        (
            "uuid",
            json!(uuid.to_uppercase()),
            Value::Uuid(uuid.parse().unwrap()),
        ),
        (
            "timestamptz",
            json!("infinity"),
            Value::Timestamp(Timestamp::Infinity),
        ),
        (
            "timestamptz",
            json!("-infinity"),
            Value::Timestamp(Timestamp::NegativeInfinity),
        ),
        time(0),
        time(-1),
        time(834_148_799_000_001),
        time(5_097_600_000_000),
        time(-63_082_281_600_000_000),
        time(-63_082_281_600_000_001),
        time(-211_813_488_000_000_000),
        time(9_223_371_331_199_999_999),
        ("text[]", json!([]), Value::TextArray(vec![])),
        (
            "text[]",
            json!(["a", null, "", "b,c"]),
            Value::TextArray(vec![
                Some("a".into()),
                None,
                Some(String::new()),
                Some("b,c".into()),
            ]),
        ),
    ]
}

fn routine() -> Routine {
    Routine {
        language: "plpgsql".to_owned(),
        kind: 'f',
        arguments: "a integer, b text DEFAULT 'x'::text".to_owned(),
        result: Some("SETOF integer".to_owned()),
        security_definer: true,
        volatility: 'v',
        strict: false,
        leakproof: false,
        parallel: 'u',
        config: Some(vec!["search_path=pg_catalog, pg_temp".to_owned()]),
        binary: None,
        body: "\r\nbegin\r\n  return 1;\rend\n".to_owned(),
    }
}

fn acl() -> Vec<AclItem> {
    let item = |grantee: &str, grantor: &str, privilege: &str, column: Option<&str>, grantable| AclItem {
        grantee: grantee.to_owned(),
        grantor: grantor.to_owned(),
        privilege: privilege.to_owned(),
        column: column.map(str::to_owned),
        grantable,
    };
    vec![
        item("public", "owner", "SELECT", Some("ệ"), false),
        item("owner", "owner", "SELECT", None, true),
        item("Reporting", "owner", "SELECT", None, false),
        item("Reporting", "owner", "SELECT", Some("b"), false),
        item("Reporting", "other", "INSERT", None, false),
    ]
}

fn contract(contract: &str, name: &str, input: &Json, text: &str) -> Json {
    let sha256 = ItemDigest::of(text).to_string();
    json!({ "contract": contract, "name": name, "input": input, "text": text, "sha256": sha256 })
}

fn document() -> Json {
    let samples = samples();
    let values: Vec<Json> = samples
        .iter()
        .enumerate()
        .map(|(n, (kind, input, value))| {
            json!({ "name": format!("value {n}, {kind}"), "kind": kind, "input": input, "encoded": value.encode().unwrap() })
        })
        .collect();

    let names: Vec<String> = (0..samples.len()).map(|n| format!("c{n}")).collect();
    let columns: Vec<(&str, Value)> = names
        .iter()
        .zip(&samples)
        .map(|(name, (_, _, value))| (name.as_str(), value.clone()))
        .collect();
    let given: Vec<Json> = names
        .iter()
        .zip(&samples)
        .map(|(name, (kind, input, _))| json!([name, kind, input]))
        .collect();

    let keys = ["Zebra", "a-key", "ệ"];
    let lines: Vec<ItemLine<'_>> = [2, 1, 3]
        .into_iter()
        .zip(keys)
        .map(|(ordinal, item_key)| ItemLine {
            ordinal,
            item_key,
            digest: ItemDigest::of(item_key),
        })
        .collect();
    let payload = canonical::h02(&lines).unwrap();
    let expected = canonical::h05(&keys).unwrap();
    let envelope = canonical::h03(9, 1, 3, payload, expected).unwrap();
    let line_input: Vec<Json> = lines
        .iter()
        .map(|line| json!([line.ordinal, line.item_key, line.digest.to_string()]))
        .collect();
    let scope = Scope {
        manifest_id: Uuid::from_bytes([7; 16]),
        surface_no: 9,
        payload: *payload.as_bytes(),
        slot: "reviewer",
        principal_id: "p_reviewer",
        evidence: [9; 32],
        control_epoch: 4_294_967_296,
        decision: "approve",
    };
    let scope_input = json!([
        ["manifest_id", "uuid", scope.manifest_id.to_string()],
        ["surface_no", "integer", 9],
        ["payload_sha256", "bytea", payload.to_string()],
        ["slot", "text", "reviewer"],
        ["principal_id", "text", "p_reviewer"],
        ["evidence_id", "bytea", "09".repeat(32)],
        ["control_epoch", "integer", 4_294_967_296_i64],
        ["decision", "text", "approve"]
    ]);
    let routine = routine();
    let routine_input = json!([
        ["language", routine.language],
        ["kind", "f"],
        ["arguments", routine.arguments],
        ["result", routine.result],
        ["security_definer", true],
        ["volatility", "v"],
        ["strict", false],
        ["leakproof", false],
        ["parallel", "u"],
        ["config", routine.config],
        ["binary", null],
        ["body", routine.body]
    ]);
    let definition = " SELECT t.a\n   FROM public.t;";
    let items: Vec<Json> = acl()
        .iter()
        .map(|item| {
            json!([
                item.grantee,
                item.grantor,
                item.privilege,
                item.grantable,
                item.column
            ])
        })
        .collect();

    let mut h03 = contract(
        "H03",
        "H03 of an envelope",
        &json!([9, 1, 3, payload.to_string(), expected.to_string()]),
        &canonical::h03_preimage(9, 1, 3, payload, expected).unwrap(),
    );
    h03["manifest_id"] = json!(envelope.manifest_id().to_string());
    json!({
        "format_version": 1,
        "encoding": "v1",
        "values": values,
        "contracts": [
            contract("H01", "H01 over every value", &json!([9, given]), &canonical::h01_preimage(9, &columns).unwrap()),
            contract("H02", "H02 in ordinal order", &json!([line_input]), &canonical::h02_preimage(&lines).unwrap()),
            contract("H02", "H02 of nothing", &json!([[]]), &canonical::h02_preimage(&[]).unwrap()),
            h03,
            contract("H04", "H04 of a signoff", &json!([scope_input]), &canonical::h04_preimage(&scope).unwrap()),
            contract("H05", "H05 sorted by bytes", &json!([keys]), &canonical::h05_preimage(&keys).unwrap()),
            contract("H05", "H05 of nothing", &json!([[]]), &canonical::h05_preimage::<&str>(&[]).unwrap()),
            contract("H06 routine", "H06 of a routine", &json!([routine_input]), &canonical::h06_routine_preimage(&routine).unwrap()),
            contract("H06 view", "H06 of a view", &json!([15, definition]), &canonical::h06_view_preimage(15, definition).unwrap()),
            contract("H07", "H07 of a relation", &json!(["relation", "owner", items]),
                &canonical::h07_preimage(ObjectClass::Relation, "owner", &acl()).unwrap()),
        ],
    })
}

fn write(path: &Path, text: &str) {
    std::fs::File::create(path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .expect("a written file");
}

#[test]
fn committed_vectors_are_what_the_crate_computes() {
    let text = serde_json::to_string_pretty(&document()).unwrap() + "\n";
    if std::env::var_os("REGENERATE").is_some() {
        write(&committed(), &text);
    }
    let committed = std::fs::read_to_string(committed()).expect("the committed vectors");
    assert_eq!(
        committed, text,
        "a digest changed: that is a new encoding version, not an edit"
    );
}

#[test]
fn script_recomputes_every_vector() {
    if !has_python() {
        return;
    }
    let output = recompute("vectors", &committed());
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    // 36 values; 10 contracts, each with text and digest; one manifest id.
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "57 recomputed, 0 differ\n"
    );
}

#[test]
fn script_recomputes_a_surface_and_rejects_a_changed_one() {
    if !has_python() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("surface.json");
    let rows = [("b", 2), ("a", 1)];
    let mut items = vec![];
    let mut lines = vec![];
    for (item_key, ordinal) in rows {
        let columns = [
            ("item_key", item_key.into()),
            ("value", Value::Numeric("1.50".parse().unwrap())),
            ("none", Value::Null),
        ];
        let digest = canonical::h01(6, &columns).unwrap();
        lines.push(ItemLine {
            ordinal,
            item_key,
            digest,
        });
        items.push(json!({ "ordinal": ordinal, "item_key": item_key, "item_sha256": digest.to_string(),
            "columns": [["item_key", "text", item_key], ["value", "numeric", "1.50"], ["none", "text", null]] }));
    }
    let payload = canonical::h02(&lines).unwrap();
    let envelope = canonical::h03(6, 1, 2, payload, canonical::h05(&["a", "b"]).unwrap()).unwrap();
    let mut surface = json!({ "surface_no": 6, "version": 1, "expected_items": ["b", "a"], "items": items,
        "h02": payload.to_string(), "h03": envelope.to_string(), "manifest_id": envelope.manifest_id().to_string() });
    write(&file, &surface.to_string());
    let output = recompute("surface", &file);
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "5 recomputed, 0 differ\n",
        "{output:?}"
    );

    surface["items"][0]["columns"][1][2] = json!("1.51");
    write(&file, &surface.to_string());
    let output = recompute("surface", &file);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "5 recomputed, 4 differ\n",
        "{output:?}"
    );
}
