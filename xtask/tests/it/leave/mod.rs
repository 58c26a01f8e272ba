//! `status`, `authorization` and `reaudit` as people run them.
//!
//! Not for: each reason to refuse, of which `operator-authorization` shows every one. The one fact to know: every
//! instant lies in 2020 or 9000, so no clock decides what is shown here.

mod desk;

use crate::rig::{Running, put};
use crate::tidy::root;
pub(crate) use desk::passed;
use desk::{Desk, TARGET, at, codes};
use operator_authorization::{Authorization, Runner, Target, packet, rehearsal};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

#[test]
fn hold_is_the_default_for_all_nine_packages_but_the_first() {
    let desk = Desk::new();
    let ended = desk.run(&["status", "--format", "json"], &[]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let json = ended.json();
    let standings: Vec<&str> = json["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["standing"].as_str().unwrap())
        .collect();
    assert_eq!(standings, [&["ready"], &["hold"; 8][..]].concat());
    let ask = |package, runner| desk.run(&["status"], &[("--package", package), ("--runner", runner)]);
    assert_eq!(ask("PKG-A", "T1").code, Some(0));
    let held = ask("PKG-E", "OPERATOR");
    assert_eq!(held.code, Some(1));
    for word in [
        "PRODUCTION: HOLD",
        "HOLD: `PKG-E` may not start",
        "AUTHORIZATION_MISSING",
    ] {
        assert!(held.stdout.contains(word), "no `{word}`: {}", held.stdout);
    }
    assert!(ask("PKG-A", "OPERATOR").stdout.contains("RUNNER_CLASS_WRONG"));
    ask("PKG-A", "ANYBODY").failed(2, &["T1 or OPERATOR"]);
    desk.run(&["status"], &[("--state", "nowhere")])
        .failed(2, &["`nowhere`"]);
}

#[test]
fn the_digest_that_status_shows_is_what_coreutils_come_to() {
    let state = tempfile::tempdir().unwrap();
    for (package, runner) in [
        ("PKG-A", "T1"),
        ("PKG-C", "T1"),
        ("PKG-D", "T1"),
        ("PKG-E", "OPERATOR"),
    ] {
        let place = state.path().to_str().unwrap();
        let args = [
            "status",
            "--state",
            place,
            "--package",
            package,
            "--runner",
            runner,
        ];
        let said = Running::start(&args).end().stdout;
        let said = format!("\n{said}");
        let after = said.split(&format!("\n{package}  ")).nth(1).unwrap();
        let line = |begins: &str| {
            let found = after
                .lines()
                .find_map(|line| line.trim_start().strip_prefix(begins));
            found.unwrap_or_else(|| panic!("no `{begins}` of {package}: {said}"))
        };
        let shown = line("bytes: ");
        let command = line("bytes, without this tool: ").trim_matches('`');
        let came = Command::new("sh")
            .args(["-ec", command])
            .current_dir(root())
            .output()
            .unwrap();
        let came_to = String::from_utf8(came.stdout).unwrap();
        let came_to = came_to.lines().last().unwrap_or_default();
        assert!(came.status.success(), "{command}");
        assert_eq!(came_to.split(' ').next().unwrap(), shown, "{command}");
    }
}

#[test]
fn an_operators_package_is_ready_once_every_file_verifies_and_is_done_once() {
    let desk = Desk::new();
    desk.up_to_d();
    assert_eq!(desk.standing("PKG-D"), ("done".to_owned(), vec![]));
    let hold = |codes: &[&str]| {
        let codes = codes.iter().map(|code| (*code).to_owned()).collect();
        ("hold".to_owned(), codes)
    };
    assert_eq!(
        desk.standing("PKG-E"),
        hold(&["REAUDIT_MISSING", "AUTHORIZATION_MISSING"])
    );
    desk.audited("PKG-E", "PKG-D", "p_operator", "2020-02-01T00:00:00Z");
    assert_eq!(desk.standing("PKG-E"), hold(&["AUTHORIZATION_MISSING"]));

    let written = desk.authorize(("", ""));
    assert_eq!(written.code, Some(0), "{}", written.stderr);
    for word in [
        "approved_package_sha256 = ",
        "ssh-keygen -Y sign -n fix7-operator-authorization",
    ] {
        assert!(written.stdout.contains(word), "no `{word}`: {}", written.stdout);
    }
    desk.authorize(("", "")).failed(2, &["is there already"]);
    let file = "PKG-E/authorization.json";
    desk.sign(file, "p_reviewer", "fix7-operator-authorization");
    assert_eq!(desk.standing("PKG-E"), hold(&["SIGNATURE_MISSING"]));
    desk.sign(file, "p_owner", "fix7-operator-authorization");
    assert_eq!(desk.standing("PKG-E"), ("ready".to_owned(), vec![]));

    let both = ["p_reviewer", "p_owner"];
    assert_eq!(codes(&desk.verify(&[], &["p_owner"])), ["SIGNATURE_MISSING"]);
    assert_eq!(desk.verify(&[], &both).code, Some(0));
    // README.txt has the operator lay these beside the packet's files; whatever else lies there nobody approved.
    let beside = [
        "authorization.json",
        "authorization.json.p_owner.sig",
        "allowed_signers",
        "revoked",
    ];
    for name in beside {
        put(&desk.packet().join(name), b"beside");
    }
    assert_eq!(desk.verify(&[], &both).code, Some(0));
    for name in ["more.sql", "authorization.json.sql", "deeper/authorization.json"] {
        let path = desk.packet().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        put(&path, b"select 1;\n");
        assert_eq!(codes(&desk.verify(&[], &both)), ["PACKET_NOT_WHOLE"], "{name}");
        fs::remove_file(path).unwrap();
    }
    for name in beside {
        fs::remove_file(desk.packet().join(name)).unwrap();
    }
    assert_eq!(
        codes(&desk.verify(&["--at", "9000-01-01T00:00:00Z"], &both)),
        ["EXPIRED"]
    );
    let used = desk.verify(&["--consume"], &both);
    assert_eq!(
        (used.code, &used.json()["consumed"]),
        (Some(0), &Value::Bool(true))
    );
    let again = desk.verify(&["--consume"], &both);
    assert_eq!(
        (again.code, codes(&again)),
        (Some(1), vec!["NONCE_REPLAYED".to_owned()])
    );
    assert_eq!(desk.standing("PKG-E"), hold(&["NONCE_REPLAYED"]));

    let authorization = Sha256::digest(fs::read(desk.path(file)).unwrap());
    let digest: String = authorization.iter().map(|byte| format!("{byte:02x}")).collect();
    desk.done("PKG-E", Some("PKG-D"), |evidence| {
        evidence.authorization_sha256 = Some(digest.parse().unwrap());
        evidence.target = Target::parse(TARGET);
        evidence.runner = Runner::Operator;
        evidence.ran_by.principal = "p_operator".to_owned();
        evidence.ran_by.human = "human.operator".to_owned();
        evidence.ended_at = at("2020-03-02T00:00:00Z");
    });
    assert_eq!(desk.standing("PKG-E"), ("done".to_owned(), vec![]));
    assert_eq!(
        desk.standing("PKG-F"),
        hold(&["REAUDIT_MISSING", "AUTHORIZATION_MISSING"])
    );

    put(&desk.packet().join("apply.sql"), b"select 2;\n");
    let (standing, codes) = desk.standing("PKG-E");
    assert_eq!(standing, "hold");
    assert!(codes.contains(&"PACKET_NOT_WHOLE".to_owned()), "{codes:?}");
    assert_eq!(desk.standing("PKG-F").1[0], "PREDECESSOR_NOT_DONE");
}

#[test]
fn what_would_be_refused_is_not_written() {
    let desk = Desk::new();
    for (change, code) in [
        (("--owner", "p_reviewer_second"), "SAME_HUMAN"),
        (("--operator", "p_author"), "RUNNER_CLASS_WRONG"),
        (("--reviewer", "p_nobody"), "PRINCIPAL_UNKNOWN"),
        (("--package", "PKG-F"), "OTHER_PACKAGE"),
        (("--package", "PKG-A"), "PACKAGE_NEEDS_NO_AUTHORIZATION"),
        (("--expiry", "2020-03-01T00:00:00Z"), "WINDOW_EMPTY"),
        (("--expiry", "2020-03-02T00:00:00Z"), "EXPIRED"),
    ] {
        let ended = desk.authorize(change);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""), "{change:?}");
        assert!(ended.stderr.contains(code), "{change:?}: {}", ended.stderr);
        assert!(!desk.path("PKG-E/authorization.json").exists());
    }
    desk.authorize(("--target", "nowhere"))
        .failed(2, &["SYSTEM_IDENTIFIER/DATABASE"]);
    desk.authorize(("--packet", "nowhere"))
        .failed(2, &["neither a folder nor a digest"]);
}

#[test]
fn no_packet_may_hold_what_no_package_opens() {
    let desk = Desk::new();
    let declaration = fs::read_to_string(desk.packet().join("packet.toml")).unwrap();
    let opened = declaration.replace("qt001_cp.quorum_manifest", "public.qt001_backfill_permit");
    let unsealed = declaration.replace("qt001_cp.quorum_manifest", "public.anything");
    for (declaration, code) in [
        (opened, "SCOPE_FORBIDDEN_OBJECT"),
        (unsealed, "SCOPE_UNKNOWN_OBJECT"),
    ] {
        let mut files = BTreeMap::from([
            ("apply.sql".to_owned(), b"select 1;\n".to_vec()),
            ("packet.toml".to_owned(), declaration.into_bytes()),
        ]);
        files.insert("SHA256SUMS".to_owned(), packet::list(&files).into_bytes());
        for (name, bytes) in &files {
            put(&desk.packet().join(name), bytes);
        }
        let ended = desk.authorize(("", ""));
        assert_eq!(ended.code, Some(1), "{}", ended.stdout);
        assert!(ended.stderr.contains(code), "{}", ended.stderr);
    }
}

#[test]
fn keys_of_rehearsals_open_nothing_real() {
    let desk = Desk::new();
    assert_eq!(desk.authorize(("", "")).code, Some(0));
    let file = "PKG-E/authorization.json";
    let bytes = fs::read(desk.path(file)).unwrap();
    let namespaces = operator_authorization::Namespaces {
        authorization: "fix7-operator-authorization",
        reaudit: "fix7-reaudit",
        rehearsal: "fix7-rehearsal",
    };
    let both = ["p_reviewer", "p_owner"];
    let mut lines = String::new();
    for principal in both {
        let signature = rehearsal::sign(principal, namespaces, &bytes).unwrap();
        put(
            &desk.path(&format!("{file}.{principal}.sig")),
            signature.as_bytes(),
        );
        let fixed = rehearsal::public_key(principal).unwrap();
        lines += &format!("{principal} namespaces=\"fix7-operator-authorization,fix7-rehearsal\" {fixed}\n");
    }
    assert_eq!(codes(&desk.verify(&[], &both)), ["WRONG_NAMESPACE"; 2]);
    put(&desk.path("allowed_signers"), lines.as_bytes());
    assert_eq!(codes(&desk.verify(&[], &both)), ["WRONG_NAMESPACE"; 2]);
}

#[test]
fn a_missing_ledger_is_no_empty_one() {
    let desk = Desk::new();
    assert_eq!(desk.authorize(("", "")).code, Some(0));
    fs::remove_dir(desk.path("nonces")).unwrap();
    desk.verify(&[], &[]).failed(2, &["ledger"]);
}

#[test]
fn a_rehearsal_leaves_evidence_of_its_packages_until_their_bytes_change() {
    let desk = Desk::of_committed();
    let record = [("--record", &*desk.text("")), ("--ran-by", "p_author")];
    let rehearse = ["rehearse", "--postgres", "local", "--format", "json"];
    desk.run(&rehearse, &[record[0], ("--ran-by", "p_nobody")])
        .failed(2, &["`p_nobody`"]);
    let ended = desk.run(&rehearse, &record);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    for package in ["PKG-A", "PKG-B", "PKG-C"] {
        assert_eq!(desk.standing(package), ("done".to_owned(), vec![]), "{package}");
    }
    assert_eq!(
        desk.standing("PKG-D"),
        ("hold".to_owned(), vec!["REAUDIT_MISSING".to_owned()])
    );
    let seed = "seeds/09102_principal_manifest.up.sql";
    desk.repository.edit(seed, "human.owner", "human.somebody");
    // An author's package may be done again; what follows it waits.
    assert_eq!(desk.standing("PKG-A").0, "done");
    assert_eq!(
        desk.standing("PKG-B"),
        ("ready".to_owned(), vec!["OTHER_BYTES".to_owned()])
    );
    assert_eq!(desk.standing("PKG-C").1[0], "PREDECESSOR_NOT_DONE");
    ended.left_nothing();
}

#[test]
fn what_verify_sql_printed_records_an_operators_package() {
    let desk = Desk::of_committed();
    desk.up_to_d();
    desk.audited("PKG-E", "PKG-D", "p_operator", "2020-02-01T00:00:00Z");
    assert_eq!(desk.authorize(("", "")).code, Some(0));
    let file = "PKG-E/authorization.json";
    desk.sign(file, "p_reviewer", "fix7-operator-authorization");
    let declared: toml::Table = fs::read_to_string(desk.packet().join("packet.toml"))
        .unwrap()
        .parse()
        .unwrap();
    let parts = declared["part"].as_array().unwrap();
    let last = parts.iter().find(|part| part["to"].as_str() == Some("activated"));
    let state = last.unwrap()["state_after_sha256"].as_str().unwrap();
    let authorization = Authorization::read(&fs::read(desk.path(file)).unwrap()).unwrap();
    let nonce = authorization.nonce;
    let lines = desk.status();
    let line = lines.iter().find(|line| line["id"] == "PKG-E").unwrap();
    let digest = line["package_sha256"].as_str().unwrap();
    let printed = format!(
        " state \n-------\n activated {state}\n(1 row)\n\n\
         action | nonce | packet_sha256 | actor | recorded_at\n--------+-------+-------+-------+-------\n\
         apply | {nonce} | {digest} | fix7_operator | 2020-03-02T10:00:00.5+00:00\n(1 row)\n"
    );
    let record = |text: &str, ended: &str| {
        let verified = desk.path("verified.txt");
        put(&verified, text.as_bytes());
        let (state, verified) = (desk.text(""), verified.to_str().unwrap().to_owned());
        let mut more = vec![("--state", state.as_str()), ("--verified", verified.as_str())];
        if !ended.is_empty() {
            more.push(("--ended-at", ended));
        }
        desk.run(&["record", "PKG-E"], &more)
    };
    let ended = "2020-03-02T11:00:00Z";
    for (text, code) in [
        (printed.replace("activated ", "signed "), "EVIDENCE_NOT_PASS"),
        (printed.replace(state, &"0".repeat(64)), "EVIDENCE_NOT_PASS"),
        (printed.replace(&nonce, "another"), "EVIDENCE_OTHER_AUTHORIZATION"),
        (printed.replace(digest, &"0".repeat(64)), "OTHER_BYTES"),
        (
            printed.replace("apply |", "rollback |"),
            "EVIDENCE_OTHER_AUTHORIZATION",
        ),
        (
            printed.replace(
                "00.5+00:00\n",
                &format!(
                    "00.5+00:00\n rollback | {nonce} | {digest} | fix7_operator | 2020-03-02T12:00:00+00:00\n"
                ),
            ),
            "EVIDENCE_NOT_PASS",
        ),
        ("nothing\n".to_owned(), "MALFORMED"),
        ([printed.as_str(), &printed].concat(), "MALFORMED"),
        (printed.replace("apply | ", "apply "), "MALFORMED"),
        // One of two has not signed yet.
        (printed.clone(), "SIGNATURE_MISSING"),
    ] {
        let refused = record(&text, ended);
        assert_eq!(refused.code, Some(1), "{code}: {}", refused.stderr);
        assert!(refused.stderr.contains(code), "{code}: {}", refused.stderr);
        assert!(!desk.path("PKG-E/evidence.json").exists(), "{code}");
    }
    desk.sign(file, "p_owner", "fix7-operator-authorization");
    record(&printed, "").failed(2, &["--ended-at"]);
    record(&printed, "2020-03-02T09:00:00Z").failed(2, &["is before"]);
    record(&printed.replace("+00:00", "+07:00"), ended).failed(2, &["PGTZ=UTC"]);
    let done = record(&printed, ended);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    assert_eq!(desk.standing("PKG-E"), ("done".to_owned(), vec![]));
    assert_eq!(
        desk.standing("PKG-F").1,
        ["REAUDIT_MISSING", "AUTHORIZATION_MISSING"]
    );
    record(&printed, ended).failed(2, &["is there already"]);
    let state = desk.text("");
    let args = [("--state", state.as_str()), ("--verified", "nowhere")];
    desk.run(&["record", "PKG-A"], &args).failed(2, &["no operator"]);
}
