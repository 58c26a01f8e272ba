//! The 11 runtime-evidence tables (S07): append-only, written by pinned verifiers, never authority.
//!
//! Their foreign keys are RESTRICT/RESTRICT, not deferrable, and added in S08 [doc 06, G-EVIDENCE-FK].

use manifest_model::ColumnType::{
    Bigint, Boolean, Integer, ItemKey, NonemptyText, Numeric, Sha256, Text, Timestamp, Uuid,
};
use manifest_model::{
    Index, Step, Table, TableClass, Trigger, TriggerLevel, check, column, foreign_key, primary_key, reject,
    unique,
};

/// Artifacts that prove something, by digest. Everything else refers to a row of this table, never to a file name.
pub const EVIDENCE_REGISTRY: Table = Table {
    name: "evidence_registry",
    class: TableClass::RuntimeEvidence,
    step: Step::new(7),
    doc: "Artifacts that prove something, by digest. Everything else refers to a row of this table, never to a file name.",
    columns: &[
        column(
            "evidence_id",
            Uuid,
            "'00000000-0000-8000-8000-0000000000f1'",
            "identity",
        )
        .default("gen_random_uuid()"),
        column(
            "evidence_kind",
            ItemKey,
            "'negative_probe'",
            "kind of evidence, as in evidence_requirement_manifest (#15)",
        ),
        column(
            "artifact_sha256",
            Sha256,
            "'\\x0505050505050505050505050505050505050505050505050505050505050505'",
            "digest of the artifact",
        ),
        column(
            "artifact_uri",
            NonemptyText,
            "'urn:probe'",
            "where the artifact is kept",
        ),
        column("control_epoch", Bigint, "1", "epoch at which it was recorded"),
        column("principal_id", ItemKey, "'p_verifier'", "who recorded it"),
        column("recorded_at", Timestamp, "'2026-01-01 00:00:00+00'", "when").default("now()"),
    ],
    constraints: &[
        primary_key("evidence_registry_pk", &["evidence_id"]),
        unique(
            "evidence_registry_artifact_key",
            &["evidence_kind", "artifact_sha256", "control_epoch"],
        ),
        foreign_key(
            "evidence_registry_principal_fk",
            &["principal_id"],
            "principal",
            &["principal_id"],
        ),
        check(
            "evidence_registry_epoch_check",
            "(control_epoch >= 1)",
            &[reject("epoch is 0", "control_epoch", "0")],
        ),
    ],
    indexes: &[Index {
        name: "evidence_registry_principal_idx",
        columns: &["principal_id"],
    }],
    triggers: &[
        Trigger {
            name: "evidence_registry_writer",
            events: "BEFORE INSERT",
            level: TriggerLevel::Row,
            routine: "evidence_writer",
        },
        Trigger {
            name: "evidence_registry_append_only",
            events: "BEFORE DELETE OR UPDATE",
            level: TriggerLevel::Row,
            routine: "evidence_append_only",
        },
        Trigger {
            name: "evidence_registry_no_truncate",
            events: "BEFORE TRUNCATE",
            level: TriggerLevel::Statement,
            routine: "truncate_refused",
        },
    ],
    fixtures: &[],
    source: file!(),
};

/// A person's decision on one sealed payload at one epoch. The 8 columns of H04_SCOPE_V1 are NOT NULL and unique together; a human may still sign under one principal only (ruling B6).
pub const SIGNOFF_BINDING: Table = Table {
    name: "signoff_binding",
    class: TableClass::RuntimeEvidence,
    step: Step::new(7),
    doc: "A person's decision on one sealed payload at one epoch. The 8 columns of H04_SCOPE_V1 are NOT NULL and unique together; a human may still sign under one principal only (ruling B6).",
    columns: &[
        column(
            "signoff_id",
            Uuid,
            "'00000000-0000-8000-8000-0000000000f1'",
            "identity",
        )
        .default("gen_random_uuid()"),
        column(
            "manifest_id",
            Uuid,
            "(select manifest_id from {cp}.manifest_envelope where surface_no = 1 and version = 1)",
            "scope key 1: envelope",
        ),
        column("surface_no", Integer, "1", "scope key 2: surface"),
        column(
            "payload_sha256",
            Sha256,
            "(select payload_sha256 from {cp}.manifest_envelope where surface_no = 1 and version = 1)",
            "scope key 3: the payload that was read",
        ),
        column("slot", ItemKey, "'reviewer'", "scope key 4: in which slot"),
        column("principal_id", ItemKey, "'p_reviewer'", "scope key 5: by whom").other("'p_binder'"),
        column(
            "evidence_id",
            Uuid,
            "(select evidence_id from {cp}.evidence_registry limit 1)",
            "scope key 6: what was read; dereferenced to evidence_registry.artifact_sha256",
        ),
        column("control_epoch", Bigint, "1", "scope key 7: at which epoch"),
        column("decision", Text, "'approve'", "scope key 8: approve or reject"),
        column(
            "scope_sha256",
            Sha256,
            "'\\x0505050505050505050505050505050505050505050505050505050505050505'",
            "H04 over the scope",
        ),
        column("recorded_at", Timestamp, "'2026-01-01 00:00:00+00'", "when").default("now()"),
    ],
    constraints: &[
        primary_key("signoff_binding_pk", &["signoff_id"]),
        unique(
            "signoff_binding_scope_key",
            &[
                "manifest_id",
                "surface_no",
                "payload_sha256",
                "slot",
                "principal_id",
                "evidence_id",
                "control_epoch",
                "decision",
            ],
        ),
        foreign_key(
            "signoff_binding_envelope_fk",
            &["manifest_id", "surface_no"],
            "manifest_envelope",
            &["manifest_id", "surface_no"],
        ),
        foreign_key(
            "signoff_binding_principal_fk",
            &["principal_id"],
            "principal",
            &["principal_id"],
        ),
        foreign_key(
            "signoff_binding_evidence_fk",
            &["evidence_id"],
            "evidence_registry",
            &["evidence_id"],
        ),
        check(
            "signoff_binding_decision_check",
            "(decision = ANY (ARRAY['approve'::text, 'reject'::text]))",
            &[reject("decision is unknown", "decision", "'abstain'")],
        ),
    ],
    indexes: &[
        Index {
            name: "signoff_binding_principal_idx",
            columns: &["principal_id"],
        },
        Index {
            name: "signoff_binding_evidence_idx",
            columns: &["evidence_id"],
        },
    ],
    triggers: &[
        Trigger {
            name: "signoff_binding_writer",
            events: "BEFORE INSERT",
            level: TriggerLevel::Row,
            routine: "signoff_writer",
        },
        Trigger {
            name: "signoff_binding_append_only",
            events: "BEFORE DELETE OR UPDATE",
            level: TriggerLevel::Row,
            routine: "evidence_append_only",
        },
        Trigger {
            name: "signoff_binding_no_truncate",
            events: "BEFORE TRUNCATE",
            level: TriggerLevel::Statement,
            routine: "truncate_refused",
        },
    ],
    fixtures: &[
        "alter table {cp}.evidence_registry disable trigger evidence_registry_writer",
        "insert into {cp}.evidence_registry (evidence_kind, artifact_sha256, artifact_uri, control_epoch, principal_id) values ('negative_base', sha256('negative_base'), 'urn:negative', 1, 'p_verifier')",
    ],
    source: file!(),
};

/// One row a Level-B mutation, written by the entry point in the same call.
pub const LEVEL_B_PACKET_EXECUTION: Table = Table {
    name: "level_b_packet_execution",
    class: TableClass::RuntimeEvidence,
    step: Step::new(7),
    doc: "One row a Level-B mutation, written by the entry point in the same call.",
    columns: &[
        column(
            "execution_id",
            Uuid,
            "'00000000-0000-8000-8000-0000000000f1'",
            "identity",
        )
        .default("gen_random_uuid()"),
        column("entrypoint", NonemptyText, "'probe'", "routine that mutated"),
        column("subject", NonemptyText, "'probe'", "what it mutated"),
        column(
            "subject_sha256",
            Sha256,
            "'\\x0505050505050505050505050505050505050505050505050505050505050505'",
            "digest of what it left",
        ),
        column(
            "actor",
            NonemptyText,
            "session_user",
            "session_user that called it",
        ),
        column("control_epoch", Bigint, "1", "epoch at which it ran"),
        column("recorded_at", Timestamp, "'2026-01-01 00:00:00+00'", "when").default("now()"),
    ],
    constraints: &[
        primary_key("level_b_packet_execution_pk", &["execution_id"]),
        check(
            "level_b_packet_execution_epoch_check",
            "(control_epoch >= 1)",
            &[reject("epoch is 0", "control_epoch", "0")],
        ),
    ],
    indexes: &[],
    triggers: &[
        Trigger {
            name: "level_b_packet_execution_writer",
            events: "BEFORE INSERT",
            level: TriggerLevel::Row,
            routine: "level_b_writer",
        },
        Trigger {
            name: "level_b_packet_execution_append_only",
            events: "BEFORE DELETE OR UPDATE",
            level: TriggerLevel::Row,
            routine: "evidence_append_only",
        },
        Trigger {
            name: "level_b_packet_execution_no_truncate",
            events: "BEFORE TRUNCATE",
            level: TriggerLevel::Statement,
            routine: "truncate_refused",
        },
    ],
    fixtures: &[],
    source: file!(),
};

/// One row a run of a Level-A verifier: which routine with which source, at which epoch, over which active set.
pub const VERIFICATION_RUN: Table = Table {
    name: "verification_run",
    class: TableClass::RuntimeEvidence,
    step: Step::new(7),
    doc: "One row a run of a Level-A verifier: which routine with which source, at which epoch, over which active set.",
    columns: &[
        column(
            "run_id",
            Uuid,
            "'00000000-0000-8000-8000-0000000000f1'",
            "identity",
        )
        .default("gen_random_uuid()"),
        column(
            "verifier",
            NonemptyText,
            "'probe'",
            "routine that ran, as regprocedure",
        ),
        column(
            "verifier_sha256",
            Sha256,
            "'\\x0505050505050505050505050505050505050505050505050505050505050505'",
            "H06 of that routine as it ran",
        ),
        column("subject", NonemptyText, "'probe'", "what it recomputed"),
        column("verdict", Text, "'pass'", "pass or fail"),
        column("control_epoch", Bigint, "1", "epoch at which it ran"),
        column(
            "set_sha256",
            Sha256,
            "null",
            "digest of the active set at that moment, if one is active",
        )
        .nullable(),
        column("principal_id", ItemKey, "'p_verifier'", "who ran it"),
        column(
            "finished_at",
            Timestamp,
            "'2026-01-01 00:00:00+00'",
            "when it ended",
        )
        .default("clock_timestamp()"),
    ],
    constraints: &[
        primary_key("verification_run_pk", &["run_id"]),
        foreign_key(
            "verification_run_principal_fk",
            &["principal_id"],
            "principal",
            &["principal_id"],
        ),
        check(
            "verification_run_verdict_check",
            "(verdict = ANY (ARRAY['pass'::text, 'fail'::text]))",
            &[reject("verdict is unknown", "verdict", "'skipped'")],
        ),
        check(
            "verification_run_epoch_check",
            "(control_epoch >= 1)",
            &[reject("epoch is 0", "control_epoch", "0")],
        ),
    ],
    indexes: &[Index {
        name: "verification_run_principal_idx",
        columns: &["principal_id"],
    }],
    triggers: &[
        Trigger {
            name: "verification_run_writer",
            events: "BEFORE INSERT",
            level: TriggerLevel::Row,
            routine: "evidence_writer",
        },
        Trigger {
            name: "verification_run_append_only",
            events: "BEFORE DELETE OR UPDATE",
            level: TriggerLevel::Row,
            routine: "evidence_append_only",
        },
        Trigger {
            name: "verification_run_no_truncate",
            events: "BEFORE TRUNCATE",
            level: TriggerLevel::Statement,
            routine: "truncate_refused",
        },
    ],
    fixtures: &[],
    source: file!(),
};

/// What a verification run found wrong, or a static analysis in a sealed source.
pub const VERIFICATION_FINDING: Table = Table {
    name: "verification_finding",
    class: TableClass::RuntimeEvidence,
    step: Step::new(7),
    doc: "What a verification run found wrong, or a static analysis in a sealed source.",
    columns: &[
        column(
            "finding_id",
            Uuid,
            "'00000000-0000-8000-8000-0000000000f1'",
            "identity",
        )
        .default("gen_random_uuid()"),
        column(
            "run_id",
            Uuid,
            "(select run_id from {cp}.verification_run limit 1)",
            "the verification run that wrote it",
        ),
        column("reason_code", ItemKey, "'ITEM_MISSING'", "reason code of #22"),
        column("object_name", NonemptyText, "'probe'", "the object"),
        column("detail", NonemptyText, "'probe'", "expected and found"),
        column("recorded_at", Timestamp, "'2026-01-01 00:00:00+00'", "when").default("now()"),
        column(
            "tool",
            NonemptyText,
            "null",
            "the static analysis that found it, if one did",
        )
        .nullable(),
        column(
            "source_sha256",
            Sha256,
            "null",
            "H06 of the source in which it did",
        )
        .nullable(),
    ],
    constraints: &[
        primary_key("verification_finding_pk", &["finding_id"]),
        foreign_key(
            "verification_finding_run_fk",
            &["run_id"],
            "verification_run",
            &["run_id"],
        ),
        check(
            "verification_finding_tool_check",
            "((tool IS NULL) = (source_sha256 IS NULL))",
            &[
                reject("a tool without the source that it read", "tool", "'probe'"),
                reject(
                    "a source that no tool read",
                    "source_sha256",
                    "'\\x0909090909090909090909090909090909090909090909090909090909090909'",
                ),
            ],
        ),
    ],
    indexes: &[Index {
        name: "verification_finding_run_idx",
        columns: &["run_id"],
    }],
    triggers: &[
        Trigger {
            name: "verification_finding_writer",
            events: "BEFORE INSERT",
            level: TriggerLevel::Row,
            routine: "evidence_writer",
        },
        Trigger {
            name: "verification_finding_append_only",
            events: "BEFORE DELETE OR UPDATE",
            level: TriggerLevel::Row,
            routine: "evidence_append_only",
        },
        Trigger {
            name: "verification_finding_no_truncate",
            events: "BEFORE TRUNCATE",
            level: TriggerLevel::Statement,
            routine: "truncate_refused",
        },
    ],
    fixtures: &[
        "alter table {cp}.verification_run disable trigger verification_run_writer",
        "insert into {cp}.verification_run (verifier, verifier_sha256, subject, verdict, control_epoch, principal_id) values ('negative_base', sha256('negative_base'), 'negative_base', 'pass', 1, 'p_verifier')",
    ],
    source: file!(),
};

/// A measured value for a capability, with the artifact that holds the samples.
pub const CAPABILITY_MEASUREMENT: Table = Table {
    name: "capability_measurement",
    class: TableClass::RuntimeEvidence,
    step: Step::new(7),
    doc: "A measured value for a capability, with the artifact that holds the samples.",
    columns: &[
        column(
            "measurement_id",
            Uuid,
            "'00000000-0000-8000-8000-0000000000f1'",
            "identity",
        )
        .default("gen_random_uuid()"),
        column(
            "run_id",
            Uuid,
            "(select run_id from {cp}.verification_run limit 1)",
            "the verification run that wrote it",
        ),
        column(
            "capability",
            ItemKey,
            "'probe'",
            "row of capability_manifest (#13)",
        ),
        column(
            "metric",
            ItemKey,
            "'probe'",
            "metric of capability_measurement_requirement (#14)",
        ),
        column("value", Numeric, "1", "the measured value, in the metric's unit"),
        column("samples", Integer, "1", "how many samples it rests on"),
        column(
            "evidence_id",
            Uuid,
            "(select evidence_id from {cp}.evidence_registry limit 1)",
            "artifact that holds the samples",
        ),
        column("recorded_at", Timestamp, "'2026-01-01 00:00:00+00'", "when").default("now()"),
    ],
    constraints: &[
        primary_key("capability_measurement_pk", &["measurement_id"]),
        foreign_key(
            "capability_measurement_run_fk",
            &["run_id"],
            "verification_run",
            &["run_id"],
        ),
        foreign_key(
            "capability_measurement_evidence_fk",
            &["evidence_id"],
            "evidence_registry",
            &["evidence_id"],
        ),
        check(
            "capability_measurement_samples_check",
            "(samples >= 1)",
            &[reject("no sample", "samples", "0")],
        ),
    ],
    indexes: &[
        Index {
            name: "capability_measurement_run_idx",
            columns: &["run_id"],
        },
        Index {
            name: "capability_measurement_evidence_idx",
            columns: &["evidence_id"],
        },
    ],
    triggers: &[
        Trigger {
            name: "capability_measurement_writer",
            events: "BEFORE INSERT",
            level: TriggerLevel::Row,
            routine: "evidence_writer",
        },
        Trigger {
            name: "capability_measurement_append_only",
            events: "BEFORE DELETE OR UPDATE",
            level: TriggerLevel::Row,
            routine: "evidence_append_only",
        },
        Trigger {
            name: "capability_measurement_no_truncate",
            events: "BEFORE TRUNCATE",
            level: TriggerLevel::Statement,
            routine: "truncate_refused",
        },
    ],
    fixtures: &[
        "alter table {cp}.evidence_registry disable trigger evidence_registry_writer",
        "insert into {cp}.evidence_registry (evidence_kind, artifact_sha256, artifact_uri, control_epoch, principal_id) values ('negative_base', sha256('negative_base'), 'urn:negative', 1, 'p_verifier')",
        "alter table {cp}.verification_run disable trigger verification_run_writer",
        "insert into {cp}.verification_run (verifier, verifier_sha256, subject, verdict, control_epoch, principal_id) values ('negative_base', sha256('negative_base'), 'negative_base', 'pass', 1, 'p_verifier')",
    ],
    source: file!(),
};

/// What a verifier saw of one gate. Not believed: v_fix7_acceptance counts it only if its run is pinned, current and fresh.
pub const READINESS_GATE_FACT: Table = Table {
    name: "readiness_gate_fact",
    class: TableClass::RuntimeEvidence,
    step: Step::new(7),
    doc: "What a verifier saw of one gate. Not believed: v_fix7_acceptance counts it only if its run is pinned, current and fresh.",
    columns: &[
        column(
            "fact_id",
            Uuid,
            "'00000000-0000-8000-8000-0000000000f1'",
            "identity",
        )
        .default("gen_random_uuid()"),
        column(
            "run_id",
            Uuid,
            "(select run_id from {cp}.verification_run limit 1)",
            "the verification run that wrote it",
        )
        .other("(select run_id from {cp}.verification_run where verifier = 'negative_other')"),
        column(
            "gate_key",
            ItemKey,
            "'probe'",
            "row of readiness_gate_manifest (#09)",
        ),
        column(
            "is_met",
            Boolean,
            "true",
            "true, false, or NULL where it could not be measured; NULL never counts",
        )
        .nullable(),
        column(
            "population",
            Bigint,
            "1",
            "how many objects the answer ranges over",
        ),
        column("recorded_at", Timestamp, "'2026-01-01 00:00:00+00'", "when").default("now()"),
    ],
    constraints: &[
        primary_key("readiness_gate_fact_pk", &["fact_id"]),
        unique("readiness_gate_fact_run_gate_key", &["run_id", "gate_key"]),
        foreign_key(
            "readiness_gate_fact_run_fk",
            &["run_id"],
            "verification_run",
            &["run_id"],
        ),
        check(
            "readiness_gate_fact_population_check",
            "(population >= 0)",
            &[reject("negative population", "population", "-1")],
        ),
    ],
    indexes: &[],
    triggers: &[
        Trigger {
            name: "readiness_gate_fact_writer",
            events: "BEFORE INSERT",
            level: TriggerLevel::Row,
            routine: "evidence_writer",
        },
        Trigger {
            name: "readiness_gate_fact_append_only",
            events: "BEFORE DELETE OR UPDATE",
            level: TriggerLevel::Row,
            routine: "evidence_append_only",
        },
        Trigger {
            name: "readiness_gate_fact_no_truncate",
            events: "BEFORE TRUNCATE",
            level: TriggerLevel::Statement,
            routine: "truncate_refused",
        },
    ],
    fixtures: &[
        "alter table {cp}.verification_run disable trigger verification_run_writer",
        "insert into {cp}.verification_run (verifier, verifier_sha256, subject, verdict, control_epoch, principal_id) values ('negative_base', sha256('negative_base'), 'negative_base', 'pass', 1, 'p_verifier'), ('negative_other', sha256('negative_base'), 'negative_base', 'pass', 1, 'p_verifier')",
    ],
    source: file!(),
};

/// A digest recomputed from rows beside the one that was sealed.
pub const HASH_RECOMPUTE: Table = Table {
    name: "hash_recompute",
    class: TableClass::RuntimeEvidence,
    step: Step::new(7),
    doc: "A digest recomputed from rows beside the one that was sealed.",
    columns: &[
        column(
            "recompute_id",
            Uuid,
            "'00000000-0000-8000-8000-0000000000f1'",
            "identity",
        )
        .default("gen_random_uuid()"),
        column(
            "run_id",
            Uuid,
            "(select run_id from {cp}.verification_run limit 1)",
            "the verification run that wrote it",
        ),
        column("contract", ItemKey, "'H02'", "hash contract"),
        column("subject", NonemptyText, "'probe'", "over what"),
        column(
            "sealed_sha256",
            Sha256,
            "'\\x0505050505050505050505050505050505050505050505050505050505050505'",
            "the sealed digest",
        ),
        column(
            "recomputed_sha256",
            Sha256,
            "'\\x0505050505050505050505050505050505050505050505050505050505050505'",
            "the recomputed digest",
        ),
        column("recorded_at", Timestamp, "'2026-01-01 00:00:00+00'", "when").default("now()"),
    ],
    constraints: &[
        primary_key("hash_recompute_pk", &["recompute_id"]),
        foreign_key(
            "hash_recompute_run_fk",
            &["run_id"],
            "verification_run",
            &["run_id"],
        ),
    ],
    indexes: &[Index {
        name: "hash_recompute_run_idx",
        columns: &["run_id"],
    }],
    triggers: &[
        Trigger {
            name: "hash_recompute_writer",
            events: "BEFORE INSERT",
            level: TriggerLevel::Row,
            routine: "evidence_writer",
        },
        Trigger {
            name: "hash_recompute_append_only",
            events: "BEFORE DELETE OR UPDATE",
            level: TriggerLevel::Row,
            routine: "evidence_append_only",
        },
        Trigger {
            name: "hash_recompute_no_truncate",
            events: "BEFORE TRUNCATE",
            level: TriggerLevel::Statement,
            routine: "truncate_refused",
        },
    ],
    fixtures: &[
        "alter table {cp}.verification_run disable trigger verification_run_writer",
        "insert into {cp}.verification_run (verifier, verifier_sha256, subject, verdict, control_epoch, principal_id) values ('negative_base', sha256('negative_base'), 'negative_base', 'pass', 1, 'p_verifier')",
    ],
    source: file!(),
};

/// A refusal that was tried, recorded by a verifier afterwards, after it checked the claim against the catalog (ruling B5).
pub const ACCESS_DENIAL_EVENT: Table = Table {
    name: "access_denial_event",
    class: TableClass::RuntimeEvidence,
    step: Step::new(7),
    doc: "A refusal that was tried, recorded by a verifier afterwards, after it checked the claim against the catalog (ruling B5).",
    columns: &[
        column(
            "denial_id",
            Uuid,
            "'00000000-0000-8000-8000-0000000000f1'",
            "identity",
        )
        .default("gen_random_uuid()"),
        column(
            "run_id",
            Uuid,
            "(select run_id from {cp}.verification_run limit 1)",
            "the verification run that wrote it",
        ),
        column("persona", NonemptyText, "'directus'", "role that tried"),
        column("object_name", NonemptyText, "'probe'", "on what"),
        column("privilege", ItemKey, "'INSERT'", "which privilege was missing"),
        column("refused_with", ItemKey, "'42501'", "SQLSTATE that it got"),
        column("recorded_at", Timestamp, "'2026-01-01 00:00:00+00'", "when").default("now()"),
    ],
    constraints: &[
        primary_key("access_denial_event_pk", &["denial_id"]),
        foreign_key(
            "access_denial_event_run_fk",
            &["run_id"],
            "verification_run",
            &["run_id"],
        ),
    ],
    indexes: &[Index {
        name: "access_denial_event_run_idx",
        columns: &["run_id"],
    }],
    triggers: &[
        Trigger {
            name: "access_denial_event_writer",
            events: "BEFORE INSERT",
            level: TriggerLevel::Row,
            routine: "evidence_writer",
        },
        Trigger {
            name: "access_denial_event_append_only",
            events: "BEFORE DELETE OR UPDATE",
            level: TriggerLevel::Row,
            routine: "evidence_append_only",
        },
        Trigger {
            name: "access_denial_event_no_truncate",
            events: "BEFORE TRUNCATE",
            level: TriggerLevel::Statement,
            routine: "truncate_refused",
        },
    ],
    fixtures: &[
        "alter table {cp}.verification_run disable trigger verification_run_writer",
        "insert into {cp}.verification_run (verifier, verifier_sha256, subject, verdict, control_epoch, principal_id) values ('negative_base', sha256('negative_base'), 'negative_base', 'pass', 1, 'p_verifier')",
    ],
    source: file!(),
};

/// The privilege digest of one object at one moment.
pub const ACL_SNAPSHOT: Table = Table {
    name: "acl_snapshot",
    class: TableClass::RuntimeEvidence,
    step: Step::new(7),
    doc: "The privilege digest of one object at one moment.",
    columns: &[
        column(
            "snapshot_id",
            Uuid,
            "'00000000-0000-8000-8000-0000000000f1'",
            "identity",
        )
        .default("gen_random_uuid()"),
        column(
            "run_id",
            Uuid,
            "(select run_id from {cp}.verification_run limit 1)",
            "the verification run that wrote it",
        )
        .other("(select run_id from {cp}.verification_run where verifier = 'negative_other')"),
        column("object_name", NonemptyText, "'probe'", "the object"),
        column(
            "moment",
            ItemKey,
            "'as_captured'",
            "at which moment of the cutover",
        ),
        column(
            "privilege_acl_hash",
            Sha256,
            "'\\x0505050505050505050505050505050505050505050505050505050505050505'",
            "H07 of the object",
        ),
        column("recorded_at", Timestamp, "'2026-01-01 00:00:00+00'", "when").default("now()"),
    ],
    constraints: &[
        primary_key("acl_snapshot_pk", &["snapshot_id"]),
        unique("acl_snapshot_object_key", &["run_id", "object_name", "moment"]),
        foreign_key(
            "acl_snapshot_run_fk",
            &["run_id"],
            "verification_run",
            &["run_id"],
        ),
    ],
    indexes: &[],
    triggers: &[
        Trigger {
            name: "acl_snapshot_writer",
            events: "BEFORE INSERT",
            level: TriggerLevel::Row,
            routine: "evidence_writer",
        },
        Trigger {
            name: "acl_snapshot_append_only",
            events: "BEFORE DELETE OR UPDATE",
            level: TriggerLevel::Row,
            routine: "evidence_append_only",
        },
        Trigger {
            name: "acl_snapshot_no_truncate",
            events: "BEFORE TRUNCATE",
            level: TriggerLevel::Statement,
            routine: "truncate_refused",
        },
    ],
    fixtures: &[
        "alter table {cp}.verification_run disable trigger verification_run_writer",
        "insert into {cp}.verification_run (verifier, verifier_sha256, subject, verdict, control_epoch, principal_id) values ('negative_base', sha256('negative_base'), 'negative_base', 'pass', 1, 'p_verifier'), ('negative_other', sha256('negative_base'), 'negative_base', 'pass', 1, 'p_verifier')",
    ],
    source: file!(),
};

/// The state of an object that must not change, at one moment.
pub const PROTECTED_STATE_OBSERVATION: Table = Table {
    name: "protected_state_observation",
    class: TableClass::RuntimeEvidence,
    step: Step::new(7),
    doc: "The state of an object that must not change, at one moment.",
    columns: &[
        column(
            "observation_id",
            Uuid,
            "'00000000-0000-8000-8000-0000000000f1'",
            "identity",
        )
        .default("gen_random_uuid()"),
        column(
            "run_id",
            Uuid,
            "(select run_id from {cp}.verification_run limit 1)",
            "the verification run that wrote it",
        ),
        column("object_name", NonemptyText, "'probe'", "the object"),
        column(
            "state_sha256",
            Sha256,
            "'\\x0505050505050505050505050505050505050505050505050505050505050505'",
            "digest of its definition",
        ),
        column(
            "row_count",
            Bigint,
            "0",
            "rows at that moment, under the run's snapshot",
        ),
        column("recorded_at", Timestamp, "'2026-01-01 00:00:00+00'", "when").default("now()"),
    ],
    constraints: &[
        primary_key("protected_state_observation_pk", &["observation_id"]),
        foreign_key(
            "protected_state_observation_run_fk",
            &["run_id"],
            "verification_run",
            &["run_id"],
        ),
        check(
            "protected_state_observation_row_count_check",
            "(row_count >= 0)",
            &[reject("negative count", "row_count", "-1")],
        ),
    ],
    indexes: &[Index {
        name: "protected_state_observation_run_idx",
        columns: &["run_id"],
    }],
    triggers: &[
        Trigger {
            name: "protected_state_observation_writer",
            events: "BEFORE INSERT",
            level: TriggerLevel::Row,
            routine: "evidence_writer",
        },
        Trigger {
            name: "protected_state_observation_append_only",
            events: "BEFORE DELETE OR UPDATE",
            level: TriggerLevel::Row,
            routine: "evidence_append_only",
        },
        Trigger {
            name: "protected_state_observation_no_truncate",
            events: "BEFORE TRUNCATE",
            level: TriggerLevel::Statement,
            routine: "truncate_refused",
        },
    ],
    fixtures: &[
        "alter table {cp}.verification_run disable trigger verification_run_writer",
        "insert into {cp}.verification_run (verifier, verifier_sha256, subject, verdict, control_epoch, principal_id) values ('negative_base', sha256('negative_base'), 'negative_base', 'pass', 1, 'p_verifier')",
    ],
    source: file!(),
};
