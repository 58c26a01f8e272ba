//! Faults that somebody makes by hand in the generated SQL, with digests put right: each is found and named.
//!
//! Not for: a digest that does not fit, which no server ever sees. The one fact to know: a grant to PUBLIC
//! and its kin stand in `access`, beside the matrix that they change.

use crate::rig::Repository;

/// Rehearses with one fault in a migration; the outcome must be red and name `object` under `code`.
#[track_caller]
fn found(name: &str, sound: &str, faulty: &str, code: &str, object: &str) {
    let repository = Repository::copy();
    repository.edit_migration(name, "up", sound, faulty);
    let ended = repository.run(&["rehearse", "--postgres", "local", "--format", "json"]);
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    let json = ended.json();
    assert_eq!(json["verdict"], "fail");
    let findings = json["findings"].as_array().unwrap();
    let names = |finding: &serde_json::Value| {
        finding["code"] == code
            && (finding["message"].to_string() + &finding["details"].to_string()).contains(object)
    };
    assert!(findings.iter().any(names), "{findings:#?}");
    assert_eq!(json["rollback"]["xid_status"], "aborted");
}

#[test]
fn a_check_that_was_widened_is_named() {
    found(
        "05009_readiness_gate_manifest",
        "check ((gate_no >= 1))",
        "check ((gate_no >= 0))",
        "GUARD_FAILED",
        "readiness_gate_manifest_gate_no_check",
    );
}

#[test]
fn a_trigger_that_was_disabled_is_named() {
    found(
        "05009_readiness_gate_manifest",
        "enable always trigger readiness_gate_manifest_sealed_rows",
        "disable trigger readiness_gate_manifest_sealed_rows",
        "GUARD_FAILED",
        "readiness_gate_manifest_sealed_rows",
    );
}

#[test]
fn a_domain_that_was_loosened_is_named() {
    found(
        "02001_domains",
        "check ((octet_length(VALUE) = 32))",
        "check ((octet_length(VALUE) >= 31))",
        "GUARD_FAILED",
        "sha256_digest_check",
    );
}

const KEY: &str = "add constraint readiness_gate_manifest_envelope_fk foreign key (manifest_id, surface_no) references qt001_cp.manifest_envelope(manifest_id, surface_no)";

#[test]
fn a_deferrable_key_that_was_made_plain_is_named() {
    found(
        "08001_deferred_foreign_keys",
        &format!("{KEY} deferrable initially deferred;"),
        &format!("{KEY};"),
        "PACKAGE_DID_NOT_APPLY",
        "readiness_gate_manifest_envelope_fk",
    );
}
