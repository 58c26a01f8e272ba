//! The probes: requests that must be refused, by class and by door, and one permitted request a door.
//!
//! Not for: sending them. The one fact to know: words in braces are places that the desk fills in, so what is
//! written of a probe is the same on every machine.

/// A request that must be refused, and by which code.
pub(crate) struct Probe {
    pub(crate) class: &'static str,
    pub(crate) door: &'static str,
    pub(crate) words: &'static [&'static str],
    pub(crate) expects: &'static str,
}

/// A permitted request.
pub(crate) struct Permitted {
    pub(crate) door: &'static str,
    pub(crate) words: &'static [&'static str],
}

const COMMAND_LINE: &str = "command line";
const LANE_CHECK: &str = "lane check";
const LANE: &str = "lane";
const LANE_VERIFY: &str = "lane verify";
const REHEARSE: &str = "rehearse";
const EVIDENCE: &str = "evidence verify";
const GATE: &str = "rollback-gate";
const NEW: &str = "authorization new";
const VERIFY: &str = "authorization verify";
const STATUS: &str = "status";

macro_rules! new {
    ($packet:literal, $package:literal, $out:literal) => {
        &[
            "authorization",
            "new",
            "--package",
            $package,
            "--packet",
            $packet,
            "--reviewer",
            "p_reviewer",
            "--owner",
            "p_owner",
            "--operator",
            "p_operator",
            "--target",
            "{target}",
            "--epoch",
            "0",
            "--not-before",
            "2020-03-01T00:00:00Z",
            "--expiry",
            "9000-01-01T00:00:00Z",
            "--nonce",
            "00000000000000000000000000000001",
            "--out",
            $out,
        ]
    };
}

macro_rules! verify {
    ($file:literal, $target:literal) => {
        &[
            "authorization",
            "verify",
            concat!("{", $file, "}"),
            "--packet",
            "{packets/good}",
            "--target",
            $target,
            "--epoch",
            "0",
            "--ledger",
            "{ledger}",
            "--allowed-signers",
            "{allowed_signers}",
            "--signature",
            concat!("{", $file, ".p_reviewer.sig}"),
            "--signature",
            concat!("{", $file, ".p_owner.sig}"),
        ]
    };
}

/// One a door; the authorization that the first of them writes is what others verify.
pub(crate) const PERMITTED: &[Permitted] = &[
    permitted(NEW, new!("{packets/good}", "PKG-E", "{authorization.json}")),
    permitted(VERIFY, verify!("authorization.json", "{target}")),
    permitted(COMMAND_LINE, &["explain", "PKG-A"]),
    permitted(
        STATUS,
        &[
            "status",
            "--state",
            "{no_state}",
            "--package",
            "PKG-A",
            "--runner",
            "T1",
        ],
    ),
    permitted(
        LANE_CHECK,
        &["lane", "check", "--delegation", "{delegation/good.toml}"],
    ),
    // What the lane does beyond its preflight is what this is part of.
    permitted(LANE, &["lane", "check"]),
    permitted(LANE_VERIFY, &["lane", "verify", "{lane/sound}"]),
    permitted(
        REHEARSE,
        &[
            "rehearse",
            "--postgres",
            "{url}",
            "--approve-target",
            "{identifier}",
            "--format",
            "json",
            "PKG-A",
        ],
    ),
    permitted(EVIDENCE, &["evidence", "verify", "{evidence/frozen}"]),
    permitted(GATE, &["rollback-gate", "{evidence/frozen}"]),
];

const fn permitted(door: &'static str, words: &'static [&'static str]) -> Permitted {
    Permitted { door, words }
}

macro_rules! probes {
    ($($class:literal => { $($door:ident: $words:expr => $expects:literal,)* })*) => {
        &[$($(Probe { class: $class, door: $door, words: $words, expects: $expects },)*)*]
    };
}

/// All of them, in the order of the classes.
pub(crate) const PROBES: &[Probe] = probes! {
    "PRODUCTION_TARGET" => {
        LANE_CHECK: &["lane", "check", "--delegation", "{delegation/production.toml}"] => "DELEGATION_ASKS_FORBIDDEN:PRODUCTION_POSTGRESQL",
        LANE_CHECK: &["lane", "check", "--delegation", "{delegation/other_target.toml}"] => "DELEGATION_TARGET",
        COMMAND_LINE: &["rehearse", "--target=production"] => "FORBIDDEN_SURFACE:PRODUCTION_POSTGRESQL",
        REHEARSE: &["rehearse", "--postgres", "{url}", "PKG-A"] => "TARGET_NOT_APPROVED",
        LANE: &["lane", "--packet", "{new_lane}", "--postgres", "{url}", "--approve-target", "{identifier}"] => "LANE_TARGET_LENT",
        VERIFY: verify!("authorization.json", "7300000000000000002/directus") => "OTHER_TARGET",
        LANE_VERIFY: &["lane", "verify", "{lane/production}"] => "REVIEW_FAILED:PER-6",
    }
    "REAL_RUN" => {
        COMMAND_LINE: &["real-run"] => "FORBIDDEN_SURFACE:REAL_RUN",
        COMMAND_LINE: &["REAL_RUN", "PKG-E"] => "FORBIDDEN_SURFACE:REAL_RUN",
        COMMAND_LINE: &["rehearse", "--real-run"] => "FORBIDDEN_SURFACE:REAL_RUN",
        LANE_CHECK: &["lane", "check", "--delegation", "{delegation/asks_REAL_RUN.toml}"] => "DELEGATION_ASKS_FORBIDDEN:REAL_RUN",
        LANE_CHECK: &["lane", "check", "--delegation", "{delegation/key_REAL_RUN.toml}"] => "DELEGATION_ASKS_FORBIDDEN:REAL_RUN",
        VERIFY: verify!("real_run.json", "{target}") => "FIELD_UNKNOWN",
    }
    "QT001_APPLY" => {
        COMMAND_LINE: &["apply", "PKG-E"] => "FORBIDDEN_SURFACE:QT001_APPLY",
        COMMAND_LINE: &["qt001-apply"] => "FORBIDDEN_SURFACE:QT001_APPLY",
        COMMAND_LINE: &["rehearse", "--QT001"] => "FORBIDDEN_SURFACE:QT001_APPLY",
        LANE_CHECK: &["lane", "check", "--delegation", "{delegation/asks_QT001_APPLY.toml}"] => "DELEGATION_ASKS_FORBIDDEN:QT001_APPLY",
        LANE_CHECK: &["lane", "check", "--delegation", "{delegation/key_QT001_APPLY.toml}"] => "DELEGATION_ASKS_FORBIDDEN:QT001_APPLY",
        VERIFY: verify!("apply.json", "{target}") => "FIELD_UNKNOWN",
    }
    "PERMIT_ACTIVATION_REPOINT_CUTOVER" => {
        COMMAND_LINE: &["permit", "open"] => "FORBIDDEN_SURFACE:PERMIT",
        COMMAND_LINE: &["activate", "--epoch", "1"] => "FORBIDDEN_SURFACE:ACTIVATION",
        COMMAND_LINE: &["repoint"] => "FORBIDDEN_SURFACE:REPOINT",
        COMMAND_LINE: &["rehearse", "--cut-over"] => "FORBIDDEN_SURFACE:CUTOVER",
        LANE_CHECK: &["lane", "check", "--delegation", "{delegation/asks_PERMIT.toml}"] => "DELEGATION_ASKS_FORBIDDEN:PERMIT",
        LANE_CHECK: &["lane", "check", "--delegation", "{delegation/asks_ACTIVATION.toml}"] => "DELEGATION_ASKS_FORBIDDEN:ACTIVATION",
        LANE_CHECK: &["lane", "check", "--delegation", "{delegation/key_REPOINT.toml}"] => "DELEGATION_ASKS_FORBIDDEN:REPOINT",
        LANE_CHECK: &["lane", "check", "--delegation", "{delegation/key_CUTOVER.toml}"] => "DELEGATION_ASKS_FORBIDDEN:CUTOVER",
        NEW: new!("{packets/permit}", "PKG-E", "{permit.json}") => "SCOPE_FORBIDDEN_OBJECT",
        VERIFY: verify!("cutover.json", "{target}") => "OTHER_PACKAGE",
        STATUS: &["status", "--state", "{no_state}", "--package", "PKG-F", "--runner", "OPERATOR"] => "AUTHORIZATION_MISSING",
        STATUS: &["status", "--state", "{no_state}", "--package", "PKG-G", "--runner", "T1"] => "RUNNER_CLASS_WRONG",
    }
    "PRODUCTION_POSTGRESQL" => {
        REHEARSE: &["rehearse", "--postgres", "{url:postgresql}", "PKG-A"] => "TARGET_NOT_APPROVED",
        REHEARSE: &["rehearse", "--postgres", "{url}", "--approve-target", "1", "PKG-A"] => "TARGET_NOT_APPROVED",
        COMMAND_LINE: &["psql", "-f", "apply.sql"] => "FORBIDDEN_SURFACE:PRODUCTION_POSTGRESQL",
        LANE_CHECK: &["lane", "check", "--delegation", "{delegation/asks_PRODUCTION_POSTGRESQL.toml}"] => "DELEGATION_ASKS_FORBIDDEN:PRODUCTION_POSTGRESQL",
        NEW: new!("{packets/births}", "PKG-E", "{births.json}") => "SCOPE_FORBIDDEN_OBJECT",
    }
    "PRODUCTION_DIRECTUS" => {
        COMMAND_LINE: &["directus", "items"] => "FORBIDDEN_SURFACE:PRODUCTION_DIRECTUS",
        COMMAND_LINE: &["rehearse", "--directus=https://cms.example.invalid"] => "FORBIDDEN_SURFACE:PRODUCTION_DIRECTUS",
        LANE_CHECK: &["lane", "check", "--delegation", "{delegation/asks_PRODUCTION_DIRECTUS.toml}"] => "DELEGATION_ASKS_FORBIDDEN:PRODUCTION_DIRECTUS",
        LANE_CHECK: &["lane", "check", "--delegation", "{delegation/key_PRODUCTION_DIRECTUS.toml}"] => "DELEGATION_ASKS_FORBIDDEN:PRODUCTION_DIRECTUS",
        NEW: new!("{packets/cms}", "PKG-E", "{cms.json}") => "SCOPE_UNKNOWN_OBJECT",
    }
    "PRODUCTION_SYSTEM_ISSUES" => {
        COMMAND_LINE: &["system-issues", "close"] => "FORBIDDEN_SURFACE:PRODUCTION_SYSTEM_ISSUES",
        LANE_CHECK: &["lane", "check", "--delegation", "{delegation/asks_PRODUCTION_SYSTEM_ISSUES.toml}"] => "DELEGATION_ASKS_FORBIDDEN:PRODUCTION_SYSTEM_ISSUES",
        NEW: new!("{packets/issues}", "PKG-E", "{issues.json}") => "SCOPE_UNKNOWN_OBJECT",
        LANE_VERIFY: &["lane", "verify", "{lane/issues}"] => "PASS_WHILE_FORBIDDEN_SURFACE:PRODUCTION_SYSTEM_ISSUES",
    }
    "PRODUCTION_CI_DEPLOY" => {
        COMMAND_LINE: &["deploy", "main"] => "FORBIDDEN_SURFACE:PRODUCTION_CI_AND_DEPLOY",
        COMMAND_LINE: &["rehearse", "--publish"] => "FORBIDDEN_SURFACE:PRODUCTION_CI_AND_DEPLOY",
        LANE_CHECK: &["lane", "check", "--delegation", "{delegation/asks_PRODUCTION_CI_AND_DEPLOY.toml}"] => "DELEGATION_ASKS_FORBIDDEN:PRODUCTION_CI_AND_DEPLOY",
        LANE_VERIFY: &["lane", "verify", "{lane/wrote_ci}"] => "PASS_WHILE_FORBIDDEN_SURFACE:PRODUCTION_CI_AND_DEPLOY",
    }
    "SECRETS" => {
        COMMAND_LINE: &["secrets", "list"] => "FORBIDDEN_SURFACE:SECRETS_AND_CREDENTIALS",
        COMMAND_LINE: &["rotate-keys", "--password={secret}"] => "FORBIDDEN_SURFACE:SECRETS_AND_CREDENTIALS",
        COMMAND_LINE: &["deploy", "--token={token}"] => "FORBIDDEN_SURFACE:PRODUCTION_CI_AND_DEPLOY",
        REHEARSE: &["rehearse", "--postgres", "{url}", "--approve-target", "{secret}", "PKG-A"] => "TARGET_NOT_APPROVED",
        LANE_CHECK: &["lane", "check", "--delegation", "{delegation/password.toml}"] => "DELEGATION_HOLDS_CREDENTIAL",
        LANE_CHECK: &["lane", "check", "--delegation", "{delegation/token.toml}"] => "DELEGATION_HOLDS_CREDENTIAL",
        LANE_CHECK: &["lane", "check", "--delegation", "{delegation/asks_SECRETS_AND_CREDENTIALS.toml}"] => "DELEGATION_ASKS_FORBIDDEN:SECRETS_AND_CREDENTIALS",
        LANE_VERIFY: &["lane", "verify", "{lane/credential}"] => "PASS_WHILE_FORBIDDEN_SURFACE:SECRETS_AND_CREDENTIALS",
    }
    "EVIDENCE_DELETION" => {
        COMMAND_LINE: &["evidence", "delete", "{evidence/frozen}"] => "FORBIDDEN_SURFACE:EVIDENCE_DELETION",
        COMMAND_LINE: &["purge"] => "FORBIDDEN_SURFACE:EVIDENCE_DELETION",
        REHEARSE: &["rehearse", "--postgres", "local", "--evidence", "{taken}"] => "EVIDENCE_EXISTS",
        LANE: &["lane", "--packet", "{taken}"] => "EVIDENCE_EXISTS",
        NEW: new!("{packets/good}", "PKG-E", "{authorization.json}") => "ARTIFACT_EXISTS",
        EVIDENCE: &["evidence", "verify", "{evidence/outcome_deleted}"] => "FILE_MISSING",
        LANE_CHECK: &["lane", "check", "--delegation", "{delegation/asks_EVIDENCE_DELETION.toml}"] => "DELEGATION_ASKS_FORBIDDEN:EVIDENCE_DELETION",
        LANE_VERIFY: &["lane", "verify", "{lane/deleted}"] => "PASS_WHILE_FORBIDDEN_SURFACE:EVIDENCE_DELETION",
    }
    "MISSING_DELEGATION" => {
        LANE: &["lane", "--packet", "{new_lane}", "--delegation", "{delegation/nowhere.toml}"] => "DELEGATION_MISSING",
        LANE_CHECK: &["lane", "check", "--delegation", "{delegation/nowhere.toml}"] => "DELEGATION_MISSING",
        LANE_CHECK: &["lane", "check", "--delegation", "{delegation/empty.toml}"] => "DELEGATION_MISSING",
        LANE_CHECK: &["lane", "check", "--delegation", "{delegation/other.toml}"] => "DELEGATION_OTHER",
        LANE_CHECK: &["lane", "check", "--delegation", "{delegation/other_gate.toml}"] => "DELEGATION_OTHER",
        LANE_VERIFY: &["lane", "verify", "{lane/no_delegation}"] => "REVIEW_FAILED:PER-10",
    }
    "ROLLBACK_NO_MUTATION" => {
        GATE: &["rollback-gate", "{evidence/apply_is_before}"] => "ROLLBACK_APPLY_DID_NOT_MUTATE:rehearsal",
        EVIDENCE: &["evidence", "verify", "{evidence/apply_is_before}"] => "ROLLBACK_APPLY_DID_NOT_MUTATE:rehearsal",
        GATE: &["rollback-gate", "{evidence/three_times_the_same}"] => "ROLLBACK_APPLY_DID_NOT_MUTATE:rehearsal",
    }
    "APPLY_EQUALS_BEFORE" => {
        LANE_VERIFY: &["lane", "verify", "{lane/apply_is_before}"] => "ROLLBACK_APPLY_DID_NOT_MUTATE:M-1",
        GATE: &["rollback-gate", "{evidence/one_story}"] => "ROLLBACK_DIFFERS_FROM_OUTCOME",
        EVIDENCE: &["evidence", "verify", "{evidence/three_times_the_same}"] => "ROLLBACK_APPLY_DID_NOT_MUTATE:rehearsal",
    }
    "MISSING_ROLLBACK_PROOF" => {
        GATE: &["rollback-gate", "{evidence/no_proofs}"] => "ROLLBACK_PROOF_MISSING",
        GATE: &["rollback-gate", "{evidence/blank_proof}"] => "ROLLBACK_PROOF_MISSING",
        GATE: &["rollback-gate", "{evidence/not_restored}"] => "ROLLBACK_DID_NOT_RESTORE",
        EVIDENCE: &["evidence", "verify", "{evidence/rollback_deleted}"] => "FILE_MISSING",
        LANE_VERIFY: &["lane", "verify", "{lane/no_reversal}"] => "REVIEW_FAILED:PER-5",
    }
    "PASS_WHILE_FORBIDDEN_SURFACE" => {
        LANE_VERIFY: &["lane", "verify", "{lane/connected}"] => "PASS_WHILE_FORBIDDEN_SURFACE:PRODUCTION_POSTGRESQL",
        LANE_VERIFY: &["lane", "verify", "{lane/uncounted}"] => "PASS_WHILE_FORBIDDEN_SURFACE:PRODUCTION_POSTGRESQL",
        LANE_VERIFY: &["lane", "verify", "{lane/touched}"] => "PASS_WHILE_FORBIDDEN_SURFACE:PRODUCTION_POSTGRESQL",
        LANE_VERIFY: &["lane", "verify", "{lane/unnamed}"] => "PASS_WHILE_FORBIDDEN_SURFACE:CANONICAL_REGISTRY_OR_INDEX_FOLD",
        EVIDENCE: &["evidence", "verify", "{evidence/pass_with_finding}"] => "VERDICT_DIFFERS",
        EVIDENCE: &["evidence", "verify", "{evidence/pass_with_survivor}"] => "VERDICT_DIFFERS",
    }
};

#[cfg(test)]
mod tests {
    use super::{PERMITTED, PROBES};
    use fix7_manifest::lane::LANE;

    #[test]
    fn every_class_has_probes_in_order_and_every_door_a_permitted_request() {
        let mut classes: Vec<&str> = PROBES.iter().map(|probe| probe.class).collect();
        classes.dedup();
        let expected: Vec<&str> = LANE.probe_classes.iter().map(|class| class.id).collect();
        assert_eq!(classes, expected);
        for probe in PROBES {
            assert!(
                PERMITTED.iter().any(|one| one.door == probe.door),
                "{}",
                probe.door
            );
        }
        for door in PERMITTED.iter().map(|one| one.door) {
            assert!(
                PROBES.iter().any(|probe| probe.door == door),
                "nothing is probed at `{door}`"
            );
        }
        for class in expected {
            assert!(
                PROBES.iter().filter(|probe| probe.class == class).count() >= 3,
                "{class}"
            );
        }
    }

    #[test]
    fn no_two_probes_are_one() {
        let mut requests: Vec<&[&str]> = PROBES.iter().map(|probe| probe.words).collect();
        requests.sort_unstable();
        let all = requests.len();
        requests.dedup();
        assert_eq!(requests.len(), all);
        assert!(all > 60, "{all}");
    }
}
