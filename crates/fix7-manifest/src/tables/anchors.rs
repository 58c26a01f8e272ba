//! Anchors (S03, S04): envelope, control epoch, principals, expected sets.

use manifest_model::ColumnType::{
    Bigint, Boolean, Integer, ItemKey, NonemptyText, Sha256, Text, Timestamp, Uuid,
};
use manifest_model::{
    Constraint, Deferral, Rule, Step, Table, TableClass, Trigger, TriggerLevel, check, column, primary_key,
    reject, unique,
};

const ROW_EVENTS: &str = "BEFORE INSERT OR DELETE OR UPDATE";
const PROBE_UUID: &str = "'00000000-0000-8000-8000-000000000001'";
const PROBE_SHA: &str = "'\\x0303030303030303030303030303030303030303030303030303030303030303'";

/// One row a version of a surface; its trigger is the seal.
pub const MANIFEST_ENVELOPE: Table = Table {
    name: "manifest_envelope",
    class: TableClass::Anchor,
    step: Step::new(3),
    doc: "One row a version of a surface. draft becomes sealed once, and the transition itself runs every seal check.",
    columns: &[
        column(
            "manifest_id",
            Uuid,
            PROBE_UUID,
            "derived from H03, so that equal content has one identity",
        ),
        column("surface_no", Integer, "1", "which surface this version is of"),
        column("version", Integer, "9001", "version of the surface, from 1"),
        column("item_count", Integer, "1", "how many items it has, exactly"),
        column("payload_sha256", Sha256, PROBE_SHA, "H02 over its items"),
        column(
            "envelope_sha256",
            Sha256,
            PROBE_SHA,
            "H03: number, version, count, H02 and the digest of its expected keys",
        ),
        column(
            "state",
            Text,
            "'draft'",
            "draft or sealed; active is a fact of manifest_activation",
        )
        .default("'draft'::text"),
        column("sealed_at", Timestamp, "null", "set by the transition").nullable(),
        column(
            "sealed_by",
            NonemptyText,
            "null",
            "session_user that sealed it, set by the transition",
        )
        .nullable(),
    ],
    constraints: &[
        primary_key("manifest_envelope_pk", &["manifest_id", "surface_no"]),
        unique("manifest_envelope_version_key", &["surface_no", "version"]),
        check(
            "manifest_envelope_surface_no_check",
            "((surface_no >= 1) AND (surface_no <= 27))",
            &[
                reject("surface_no is 0", "surface_no", "0"),
                reject("surface_no is 28", "surface_no", "28"),
            ],
        ),
        check(
            "manifest_envelope_version_check",
            "(version >= 1)",
            &[reject("version is 0", "version", "0")],
        ),
        check(
            "manifest_envelope_item_count_check",
            "(item_count > 0)",
            &[reject("item_count is 0", "item_count", "0")],
        ),
    ],
    indexes: &[],
    triggers: &[
        Trigger {
            name: "manifest_envelope_transition",
            events: ROW_EVENTS,
            level: TriggerLevel::Row,
            routine: "envelope_transition",
        },
        Trigger {
            name: "manifest_envelope_no_truncate",
            events: "BEFORE TRUNCATE",
            level: TriggerLevel::Statement,
            routine: "truncate_refused",
        },
    ],
    fixtures: &[],
    source: file!(),
};

/// One row, moved by one at each activation or supersession.
pub const CONTROL_EPOCH: Table = Table {
    name: "control_epoch",
    class: TableClass::Anchor,
    step: Step::new(3),
    doc: "The control epoch: one row, moved up by one at each activation or supersession, read FOR UPDATE by both.",
    columns: &[
        column("singleton", Boolean, "true", "there is one row"),
        column("epoch", Bigint, "1", "the epoch in force"),
    ],
    constraints: &[
        primary_key("control_epoch_pk", &["singleton"]),
        check(
            "control_epoch_singleton_check",
            "singleton",
            &[reject("a second row", "singleton", "false")],
        ),
        check(
            "control_epoch_epoch_check",
            "(epoch >= 1)",
            &[reject("epoch is 0", "epoch", "0")],
        ),
    ],
    indexes: &[],
    triggers: &[
        Trigger {
            name: "control_epoch_monotonic",
            events: "BEFORE DELETE OR UPDATE",
            level: TriggerLevel::Row,
            routine: "epoch_moves_by_one",
        },
        Trigger {
            name: "control_epoch_no_truncate",
            events: "BEFORE TRUNCATE",
            level: TriggerLevel::Statement,
            routine: "truncate_refused",
        },
    ],
    fixtures: &["delete from {cp}.control_epoch"],
    source: file!(),
};

/// Ids only: the human behind a principal is a sealed column of #02 [ruling B6].
pub const PRINCIPAL: Table = Table {
    name: "principal",
    class: TableClass::Anchor,
    step: Step::new(4),
    doc: "Ids of principals, for foreign keys. The human behind one is a sealed column of principal_manifest (#02).",
    columns: &[column("principal_id", ItemKey, "'probe_principal'", "identity")],
    constraints: &[primary_key("principal_pk", &["principal_id"])],
    indexes: &[],
    triggers: &[
        Trigger {
            name: "principal_referenced_rows",
            events: "BEFORE UPDATE",
            level: TriggerLevel::Row,
            routine: "registry_append_only",
        },
        Trigger {
            name: "principal_no_truncate",
            events: "BEFORE TRUNCATE",
            level: TriggerLevel::Statement,
            routine: "truncate_refused",
        },
    ],
    fixtures: &[],
    source: file!(),
};

/// The exact set of item keys of each version, from a lock file, bound by H03 [ruling B12].
pub const EXPECTED_ITEM: Table = Table {
    name: "expected_item",
    class: TableClass::Anchor,
    step: Step::new(4),
    doc: "The exact set of item keys that a version of a surface must have. Comes from a lock file, not from the rows; bound by H03.",
    columns: &[
        column("manifest_id", Uuid, PROBE_UUID, "envelope"),
        column("surface_no", Integer, "1", "surface of the envelope"),
        column(
            "item_key",
            ItemKey,
            "'negative-probe'",
            "a key that must be there",
        ),
    ],
    constraints: &[
        primary_key("expected_item_pk", &["manifest_id", "surface_no", "item_key"]),
        Constraint {
            name: "expected_item_envelope_fk",
            rule: Rule::ForeignKey {
                columns: &["manifest_id", "surface_no"],
                table: "manifest_envelope",
                references: &["manifest_id", "surface_no"],
                deferral: Deferral::Deferred,
            },
        },
    ],
    indexes: &[],
    triggers: &[
        Trigger {
            name: "expected_item_sealed_rows",
            events: ROW_EVENTS,
            level: TriggerLevel::Row,
            routine: "sealed_rows_immutable",
        },
        Trigger {
            name: "expected_item_no_truncate",
            events: "BEFORE TRUNCATE",
            level: TriggerLevel::Statement,
            routine: "truncate_refused",
        },
    ],
    fixtures: &[
        "alter table {cp}.manifest_envelope disable trigger manifest_envelope_transition",
        "insert into {cp}.manifest_envelope (manifest_id, surface_no, version, item_count, payload_sha256, envelope_sha256, state) values ('00000000-0000-8000-8000-000000000001', 1, 9002, 1, sha256('negative'), sha256('negative'), 'sealed')",
    ],
    source: file!(),
};

/// Part of #20: every constraint, index, trigger, domain, default and routine property, as text.
pub const EXPECTED_CONSTRAINT: Table = Table {
    name: "expected_constraint",
    class: TableClass::Anchor,
    step: Step::new(4),
    doc: "The exact set of constraints, indexes, triggers, domains, defaults and routine properties of this schema, in the form in which the server prints them. Part of authority_scope_manifest (#20), which holds a digest of each relation's set.",
    columns: &[
        column("manifest_id", Uuid, PROBE_UUID, "envelope of #20"),
        column("surface_no", Integer, "20", "always 20"),
        column("object_kind", Text, "'check'", "kind of object"),
        column(
            "relation_name",
            NonemptyText,
            "'probe_relation'",
            "table, domain or routine that it belongs to",
        ),
        column("object_name", NonemptyText, "'probe_object'", "its name"),
        column(
            "definition",
            NonemptyText,
            "'probe'",
            "its definition as the server prints it under an empty search path",
        ),
    ],
    constraints: &[
        primary_key(
            "expected_constraint_pk",
            &[
                "manifest_id",
                "surface_no",
                "object_kind",
                "relation_name",
                "object_name",
            ],
        ),
        check(
            "expected_constraint_surface_no_check",
            "(surface_no = 20)",
            &[reject("hangs under another surface", "surface_no", "19")],
        ),
        check(
            "expected_constraint_object_kind_check",
            "(object_kind = ANY (ARRAY['column'::text, 'constraint'::text, 'check'::text, 'index'::text, 'trigger'::text, 'not_null'::text, 'default'::text, 'domain'::text, 'routine'::text]))",
            &[reject("object_kind is unknown", "object_kind", "'view'")],
        ),
        Constraint {
            name: "expected_constraint_envelope_fk",
            rule: Rule::ForeignKey {
                columns: &["manifest_id", "surface_no"],
                table: "manifest_envelope",
                references: &["manifest_id", "surface_no"],
                deferral: Deferral::Deferred,
            },
        },
    ],
    indexes: &[],
    triggers: &[
        Trigger {
            name: "expected_constraint_sealed_rows",
            events: ROW_EVENTS,
            level: TriggerLevel::Row,
            routine: "sealed_rows_immutable",
        },
        Trigger {
            name: "expected_constraint_no_truncate",
            events: "BEFORE TRUNCATE",
            level: TriggerLevel::Statement,
            routine: "truncate_refused",
        },
    ],
    fixtures: &[
        "alter table {cp}.manifest_envelope disable trigger manifest_envelope_transition",
        "insert into {cp}.manifest_envelope (manifest_id, surface_no, version, item_count, payload_sha256, envelope_sha256, state) values ('00000000-0000-8000-8000-000000000001', 20, 9002, 1, sha256('negative'), sha256('negative'), 'sealed')",
    ],
    source: file!(),
};
