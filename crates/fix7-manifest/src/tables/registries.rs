//! Registries (S06): which sealed set is active, for which writer type, since which epoch; which packets operators
//! ran; and what is frozen.

use manifest_model::ColumnType::{Bigint, Integer, ItemKey, NonemptyText, Sha256, Text, Timestamp, Uuid};
use manifest_model::{
    Index, Step, Table, TableClass, Trigger, TriggerLevel, check, column, foreign_key, primary_key, reject,
};

/// One row an activation or supersession; the newest of a writer type is in force.
pub const MANIFEST_ACTIVATION: Table = Table {
    name: "manifest_activation",
    class: TableClass::Registry,
    step: Step::new(6),
    doc: "One row an activation or supersession of a writer type; the newest is in force. Its insert trigger runs every activation check.",
    columns: &[
        column(
            "writer_type",
            ItemKey,
            "'birth_writer'",
            "row of writer_type_manifest (#04)",
        ),
        column("control_epoch", Bigint, "9001", "the epoch that this row began"),
        column("action", Text, "'supersede'", "activate or supersede"),
        column(
            "set_sha256",
            Sha256,
            "null",
            "digest of the set of sealed envelopes; none for a supersession",
        )
        .nullable(),
        column("actor", NonemptyText, "session_user", "session_user that did it"),
        column("recorded_at", Timestamp, "'2026-01-01 00:00:00+00'", "when").default("now()"),
    ],
    constraints: &[
        primary_key("manifest_activation_pk", &["writer_type", "control_epoch"]),
        check(
            "manifest_activation_action_check",
            "(action = ANY (ARRAY['activate'::text, 'supersede'::text]))",
            &[reject("action is unknown", "action", "'pause'")],
        ),
        check(
            "manifest_activation_set_check",
            "((action = 'activate'::text) = (set_sha256 IS NOT NULL))",
            &[
                reject(
                    "a supersession that names a set",
                    "set_sha256",
                    "'\\x0404040404040404040404040404040404040404040404040404040404040404'",
                ),
                reject("an activation that names no set", "action", "'activate'"),
            ],
        ),
    ],
    indexes: &[],
    triggers: &[
        Trigger {
            name: "manifest_activation_transition",
            events: "BEFORE INSERT",
            level: TriggerLevel::Row,
            routine: "activation_transition",
        },
        Trigger {
            name: "manifest_activation_append_only",
            events: "BEFORE DELETE OR UPDATE",
            level: TriggerLevel::Row,
            routine: "registry_append_only",
        },
        Trigger {
            name: "manifest_activation_no_truncate",
            events: "BEFORE TRUNCATE",
            level: TriggerLevel::Statement,
            routine: "truncate_refused",
        },
    ],
    fixtures: &[],
    source: file!(),
};

/// The sealed envelope of each surface in an activated set.
pub const MANIFEST_ACTIVATION_LINE: Table = Table {
    name: "manifest_activation_line",
    class: TableClass::Registry,
    step: Step::new(6),
    doc: "The sealed envelope of each surface in an activated set: one line a surface.",
    columns: &[
        column("writer_type", ItemKey, "'birth_writer'", "activation"),
        column("control_epoch", Bigint, "9000", "activation"),
        column("surface_no", Integer, "1", "surface"),
        column(
            "manifest_id",
            Uuid,
            "(select manifest_id from {cp}.manifest_envelope where surface_no = 1 and version = 1)",
            "the sealed envelope",
        ),
    ],
    constraints: &[
        primary_key(
            "manifest_activation_line_pk",
            &["writer_type", "control_epoch", "surface_no"],
        ),
        foreign_key(
            "manifest_activation_line_activation_fk",
            &["writer_type", "control_epoch"],
            "manifest_activation",
            &["writer_type", "control_epoch"],
        ),
        foreign_key(
            "manifest_activation_line_envelope_fk",
            &["manifest_id", "surface_no"],
            "manifest_envelope",
            &["manifest_id", "surface_no"],
        ),
    ],
    indexes: &[Index {
        name: "manifest_activation_line_envelope_idx",
        columns: &["manifest_id", "surface_no"],
    }],
    triggers: &[
        Trigger {
            name: "manifest_activation_line_append_only",
            events: "BEFORE DELETE OR UPDATE",
            level: TriggerLevel::Row,
            routine: "registry_append_only",
        },
        Trigger {
            name: "manifest_activation_line_no_truncate",
            events: "BEFORE TRUNCATE",
            level: TriggerLevel::Statement,
            routine: "truncate_refused",
        },
    ],
    fixtures: &[
        "alter table {cp}.manifest_activation disable trigger manifest_activation_transition",
        "insert into {cp}.manifest_activation (writer_type, control_epoch, action, actor) values ('birth_writer', 9000, 'supersede', session_user)",
    ],
    source: file!(),
};

/// One row an operator's packet that was run or taken back, written in the packet's own transaction.
pub const OPERATOR_PACKET_RUN: Table = Table {
    name: "operator_packet_run",
    class: TableClass::Registry,
    step: Step::new(6),
    doc: "One row an operator's packet that was run or taken back, written in the packet's own transaction. A nonce is used up by it, once a direction.",
    columns: &[
        column(
            "nonce",
            Text,
            "'0123456789abcdef0123456789abcdef'",
            "the nonce of the authorization that was handed in",
        ),
        column("action", Text, "'apply'", "apply or rollback"),
        column("package_id", NonemptyText, "'PKG-X'", "the package"),
        column(
            "packet_sha256",
            Sha256,
            "'\\x0707070707070707070707070707070707070707070707070707070707070707'",
            "digest of the packet that was approved, and run",
        ),
        column(
            "authorization_sha256",
            Sha256,
            "'\\x0808080808080808080808080808080808080808080808080808080808080808'",
            "digest of the authorization's file",
        ),
        column("actor", NonemptyText, "session_user", "session_user that ran it"),
        column(
            "snapshot",
            NonemptyText,
            "'10:20:'",
            "what the run saw, so that later writes can be told apart",
        ),
        column("recorded_at", Timestamp, "'2026-01-01 00:00:00+00'", "when").default("now()"),
    ],
    constraints: &[
        primary_key("operator_packet_run_pk", &["nonce", "action"]),
        check(
            "operator_packet_run_nonce_check",
            "(nonce ~ '^[0-9a-f]{32}$'::text)",
            &[
                reject("nonce is shorter", "nonce", "'0123456789abcdef0123456789abcde'"),
                reject("nonce is longer", "nonce", "'0123456789abcdef0123456789abcdef0'"),
                reject("nonce is no hex", "nonce", "'0123456789abcdef0123456789abcdeG'"),
            ],
        ),
        check(
            "operator_packet_run_action_check",
            "(action = ANY (ARRAY['apply'::text, 'rollback'::text]))",
            &[reject("action is unknown", "action", "'again'")],
        ),
    ],
    indexes: &[],
    triggers: &[
        Trigger {
            name: "operator_packet_run_append_only",
            events: "BEFORE DELETE OR UPDATE",
            level: TriggerLevel::Row,
            routine: "registry_append_only",
        },
        Trigger {
            name: "operator_packet_run_no_truncate",
            events: "BEFORE TRUNCATE",
            level: TriggerLevel::Statement,
            routine: "truncate_refused",
        },
    ],
    fixtures: &[],
    source: file!(),
};

/// One row an object that is frozen, written and taken away by the packet that freezes.
pub const LEGACY_SENTINEL: Table = Table {
    name: "legacy_sentinel",
    class: TableClass::Registry,
    step: Step::new(6),
    doc: "The sentinel of each object that is frozen: one row for as long as it is, with the digest of its sealed identity, which its comment carries too. The packet that freezes writes them, its way back takes them away.",
    columns: &[
        column(
            "object_identity",
            NonemptyText,
            "'public.legacy_probe'",
            "as regclass or regprocedure prints it",
        ),
        column(
            "object_kind",
            Text,
            "'table'",
            "table, view, function or procedure",
        ),
        column(
            "identity_sha256",
            Sha256,
            "'\\x0909090909090909090909090909090909090909090909090909090909090909'",
            "digest of kind, identity, source and privileges as #20 sealed them",
        ),
    ],
    constraints: &[
        primary_key("legacy_sentinel_pk", &["object_identity"]),
        check(
            "legacy_sentinel_kind_check",
            "(object_kind = ANY (ARRAY['table'::text, 'view'::text, 'function'::text, 'procedure'::text]))",
            &[reject("object_kind is unknown", "object_kind", "'sequence'")],
        ),
    ],
    indexes: &[],
    triggers: &[
        Trigger {
            name: "legacy_sentinel_unchanged",
            events: "BEFORE UPDATE",
            level: TriggerLevel::Row,
            routine: "registry_append_only",
        },
        Trigger {
            name: "legacy_sentinel_no_truncate",
            events: "BEFORE TRUNCATE",
            level: TriggerLevel::Statement,
            routine: "truncate_refused",
        },
    ],
    fixtures: &[],
    source: file!(),
};
