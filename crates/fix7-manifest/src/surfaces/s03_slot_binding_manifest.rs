//! #03 slot_binding_manifest.

use manifest_model::ColumnType::ItemKey;
use manifest_model::V::T;
use manifest_model::{Index, Item, RowSource, Step, Surface, check, column, foreign_key, reject, unique};

/// Which principal holds which slot, in which scope. A role grants EXECUTE; only a slot makes an act count.
pub const SURFACE: Surface = Surface {
    number: 3,
    table: "slot_binding_manifest",
    doc: "Which principal holds which slot, in which scope. A role grants EXECUTE; only a slot makes an act count.",
    rows_step: Step::new(9),
    columns: &[
        column("principal_id", ItemKey, "'p_author'", "who").other("'p_reviewer'"),
        column("slot", ItemKey, "'auditor'", "slot held"),
        column("slot_scope", ItemKey, "'probe'", "scope in which it is held"),
    ],
    constraints: &[
        foreign_key(
            "slot_binding_manifest_principal_fk",
            &["principal_id"],
            "principal",
            &["principal_id"],
        ),
        unique(
            "slot_binding_manifest_binding_key",
            &["manifest_id", "principal_id", "slot", "slot_scope"],
        ),
        check(
            "slot_binding_manifest_slot_check",
            "((slot)::text = ANY (ARRAY['author'::text, 'reviewer'::text, 'binder'::text, 'verifier'::text, 'operator'::text, 'owner'::text, 'writer'::text, 'auditor'::text]))",
            &[reject("slot is unknown", "slot", "'visitor'")],
        ),
    ],
    indexes: &[Index {
        name: "slot_binding_manifest_principal_idx",
        columns: &["principal_id"],
    }],
    fixtures: &[],
    rows: RowSource::Listed(ROWS),
    source: file!(),
};

const ROWS: &[Item] = &[
    Item {
        key: "p_author.author.activation",
        refusal: "SLOT_NOT_HELD",
        values: &[T("p_author"), T("author"), T("activation")],
    },
    Item {
        key: "p_reviewer.reviewer.activation",
        refusal: "SLOT_NOT_HELD",
        values: &[T("p_reviewer"), T("reviewer"), T("activation")],
    },
    Item {
        key: "p_reviewer_second.reviewer.activation",
        refusal: "SLOT_NOT_HELD",
        values: &[T("p_reviewer_second"), T("reviewer"), T("activation")],
    },
    Item {
        key: "p_reviewer_second.binder.activation",
        refusal: "SLOT_NOT_HELD",
        values: &[T("p_reviewer_second"), T("binder"), T("activation")],
    },
    Item {
        key: "p_binder.binder.activation",
        refusal: "SLOT_NOT_HELD",
        values: &[T("p_binder"), T("binder"), T("activation")],
    },
    Item {
        key: "p_owner.owner.activation",
        refusal: "SLOT_NOT_HELD",
        values: &[T("p_owner"), T("owner"), T("activation")],
    },
    Item {
        key: "p_reviewer.reviewer.seal",
        refusal: "SLOT_NOT_HELD",
        values: &[T("p_reviewer"), T("reviewer"), T("seal")],
    },
    Item {
        key: "p_binder.binder.seal",
        refusal: "SLOT_NOT_HELD",
        values: &[T("p_binder"), T("binder"), T("seal")],
    },
    Item {
        key: "p_verifier.verifier.evidence",
        refusal: "SLOT_NOT_HELD",
        values: &[T("p_verifier"), T("verifier"), T("evidence")],
    },
    Item {
        key: "p_operator.operator.activation",
        refusal: "SLOT_NOT_HELD",
        values: &[T("p_operator"), T("operator"), T("activation")],
    },
    Item {
        key: "p_writer_service.writer.birth_writer",
        refusal: "SLOT_NOT_HELD",
        values: &[T("p_writer_service"), T("writer"), T("birth_writer")],
    },
    Item {
        key: "p_auditor.auditor.reaudit",
        refusal: "SLOT_NOT_HELD",
        values: &[T("p_auditor"), T("auditor"), T("reaudit")],
    },
];
