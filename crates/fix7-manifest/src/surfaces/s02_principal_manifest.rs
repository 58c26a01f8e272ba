//! #02 principal_manifest.

use manifest_model::ColumnType::{ItemKey, NonemptyText, Text};
use manifest_model::V::T;
use manifest_model::{Index, Item, RowSource, Step, Surface, check, column, foreign_key, reject, unique};

/// Who may act. The human behind a principal stands here, hashed and sealed, and nowhere else (ruling B6); who is acting is session_user, mapped through login_role.
pub const SURFACE: Surface = Surface {
    number: 2,
    table: "principal_manifest",
    doc: "Who may act. The human behind a principal stands here, hashed and sealed, and nowhere else (ruling B6); who is acting is session_user, mapped through login_role.",
    rows_step: Step::new(9),
    columns: &[
        column(
            "principal_id",
            ItemKey,
            "'probe_principal'",
            "anchor of the principal",
        )
        .other("'negative-other'"),
        column(
            "human",
            NonemptyText,
            "'a probe human'",
            "the human who answers for it",
        ),
        column("principal_kind", Text, "'person'", "person or service"),
        column(
            "login_role",
            NonemptyText,
            "'probe_login'",
            "the database login that acts as it",
        ),
    ],
    constraints: &[
        foreign_key(
            "principal_manifest_principal_fk",
            &["principal_id"],
            "principal",
            &["principal_id"],
        ),
        unique(
            "principal_manifest_principal_key",
            &["manifest_id", "principal_id"],
        ),
        unique(
            "principal_manifest_login_role_key",
            &["manifest_id", "login_role"],
        ),
        check(
            "principal_manifest_principal_kind_check",
            "(principal_kind = ANY (ARRAY['person'::text, 'service'::text]))",
            &[reject("principal_kind is unknown", "principal_kind", "'group'")],
        ),
    ],
    indexes: &[Index {
        name: "principal_manifest_principal_idx",
        columns: &["principal_id"],
    }],
    fixtures: &["insert into {cp}.principal (principal_id) values ('probe_principal'), ('negative-other')"],
    rows: RowSource::Listed(ROWS),
    source: file!(),
};

const ROWS: &[Item] = &[
    Item {
        key: "p_author",
        refusal: "PRINCIPAL_UNKNOWN",
        values: &[T("p_author"), T("human.author"), T("person"), T("fix7_author")],
    },
    Item {
        key: "p_reviewer",
        refusal: "PRINCIPAL_UNKNOWN",
        values: &[
            T("p_reviewer"),
            T("human.reviewer"),
            T("person"),
            T("fix7_reviewer"),
        ],
    },
    Item {
        key: "p_binder",
        refusal: "PRINCIPAL_UNKNOWN",
        values: &[T("p_binder"), T("human.binder"), T("person"), T("fix7_binder")],
    },
    Item {
        key: "p_verifier",
        refusal: "PRINCIPAL_UNKNOWN",
        values: &[
            T("p_verifier"),
            T("human.verifier"),
            T("service"),
            T("fix7_verifier"),
        ],
    },
    Item {
        key: "p_operator",
        refusal: "PRINCIPAL_UNKNOWN",
        values: &[
            T("p_operator"),
            T("human.operator"),
            T("person"),
            T("fix7_operator"),
        ],
    },
    Item {
        key: "p_owner",
        refusal: "PRINCIPAL_UNKNOWN",
        values: &[T("p_owner"), T("human.owner"), T("person"), T("fix7_owner")],
    },
    Item {
        key: "p_reviewer_second",
        refusal: "PRINCIPAL_UNKNOWN",
        values: &[
            T("p_reviewer_second"),
            T("human.reviewer"),
            T("person"),
            T("fix7_reviewer_second"),
        ],
    },
    Item {
        key: "p_writer_service",
        refusal: "PRINCIPAL_UNKNOWN",
        values: &[
            T("p_writer_service"),
            T("human.owner"),
            T("service"),
            T("fix7_writer_service"),
        ],
    },
    Item {
        key: "p_auditor",
        refusal: "PRINCIPAL_UNKNOWN",
        values: &[T("p_auditor"), T("human.auditor"), T("person"), T("fix7_auditor")],
    },
];
