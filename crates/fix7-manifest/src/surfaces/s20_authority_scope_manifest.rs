//! #20 authority_scope_manifest.

use manifest_model::ColumnType::{NonemptyText, Sha256, Text};
use manifest_model::{RowSource, Step, Surface, check, column, reject, unique};

/// Every object's class. For the sealed legacy set: one disposition a member and its full identity, one row a moment of the cutover (ruling A14). Operational sets come from these rows, never from a name.
pub const SURFACE: Surface = Surface {
    number: 20,
    table: "authority_scope_manifest",
    doc: "Every object's class. For the sealed legacy set: one disposition a member and its full identity, one row a moment of the cutover (ruling A14). Operational sets come from these rows, never from a name.",
    rows_step: Step::new(9),
    columns: &[
        column(
            "object_class",
            Text,
            "'legacy'",
            "what the object is to the cutover",
        ),
        column(
            "object_identity",
            NonemptyText,
            "'public.probe()'",
            "regprocedure, regclass or name, under an empty search path",
        ),
        column("object_kind", Text, "'function'", "kind of object"),
        column(
            "moment",
            Text,
            "'as_captured'",
            "at which moment of the cutover this row is compared",
        ),
        column(
            "disposition",
            Text,
            "'REVOKE_ONLY'",
            "what S15 does with a legacy member",
        )
        .nullable(),
        column(
            "owner_role",
            NonemptyText,
            "'directus'",
            "its owner at that moment",
        )
        .nullable(),
        column(
            "source_sha256",
            Sha256,
            "'\\x0606060606060606060606060606060606060606060606060606060606060606'",
            "H06 of its source, or H05 of its expected constraints",
        )
        .nullable(),
        column(
            "privilege_acl_hash",
            Sha256,
            "'\\x0606060606060606060606060606060606060606060606060606060606060606'",
            "H07 of its privileges",
        )
        .nullable(),
    ],
    constraints: &[
        unique(
            "authority_scope_manifest_object_key",
            &["manifest_id", "object_class", "object_identity", "moment"],
        ),
        check(
            "authority_scope_manifest_object_class_check",
            "(object_class = ANY (ARRAY['authority'::text, 'runtime_evidence'::text, 'anchor'::text, 'registry'::text, 'catalog'::text, 'routine'::text, 'view'::text, 'constraint_set'::text, 'legacy'::text, 'do_not_touch'::text, 'do_not_open'::text, 'bookkeeping'::text]))",
            &[reject("object_class is unknown", "object_class", "'other'")
                .given(&[("object_class", "'routine'"), ("disposition", "null")])],
        ),
        check(
            "authority_scope_manifest_object_kind_check",
            "(object_kind = ANY (ARRAY['table'::text, 'view'::text, 'function'::text, 'procedure'::text, 'set'::text]))",
            &[reject("object_kind is unknown", "object_kind", "'sequence'")],
        ),
        check(
            "authority_scope_manifest_moment_check",
            "(moment = ANY (ARRAY['always'::text, 'as_captured'::text, 'after_S15'::text, 'after_S16'::text, 'after_S17'::text]))",
            &[reject("moment is unknown", "moment", "'later'")
                .given(&[("moment", "'after_S15'"), ("disposition", "null")])],
        ),
        check(
            "authority_scope_manifest_disposition_check",
            "(disposition = ANY (ARRAY['STUB_FAIL_CLOSED'::text, 'REVOKE_ONLY'::text]))",
            &[reject("disposition is unknown", "disposition", "'DROP'")],
        ),
        check(
            "authority_scope_manifest_disposition_present_check",
            "((disposition IS NOT NULL) = ((object_class = 'legacy'::text) AND (moment = 'as_captured'::text)))",
            &[
                reject("a legacy member without a disposition", "disposition", "null"),
                reject(
                    "a disposition on an object that is not legacy",
                    "object_class",
                    "'routine'",
                ),
            ],
        ),
        check(
            "authority_scope_manifest_legacy_identity_check",
            "((object_class <> 'legacy'::text) OR (num_nonnulls(owner_role, source_sha256, privilege_acl_hash) = 3))",
            &[
                reject("a legacy member without an owner", "owner_role", "null"),
                reject("a legacy member without a source digest", "source_sha256", "null"),
                reject(
                    "a legacy member without a privilege digest",
                    "privilege_acl_hash",
                    "null",
                ),
            ],
        ),
    ],
    indexes: &[],
    fixtures: &[],
    rows: RowSource::AuthorityScope,
    source: file!(),
};
