//! Sealed rows stay as they are, for the owner and the superuser too; what no trigger can stop is found.
//!
//! The fact to know: triggers are ENABLE ALWAYS, so `session_replication_role` changes nothing; an owner
//! who alters the objects themselves is found by the next seal and by the activation [ruling A10].

use crate::plane::{Plane, Stage};

#[tokio::test]
async fn sealed_surface_takes_no_change_from_anybody() {
    let mut plane = Plane::at(Stage::Sealed).await;
    let tables = plane
        .texts(
            "select t.table_name || ' ' || string_agg(quote_ident(a.attname), ', ')
             from qt001_cp.surface_table t
             join pg_catalog.pg_attribute a on a.attrelid = ('qt001_cp.' || t.table_name)::regclass
             where a.attnum > 0 and a.attgenerated = ''
             group by t.table_name",
        )
        .await;
    assert_eq!(tables.len(), 27);
    for line in &tables {
        let (table, columns) = line.split_once(' ').unwrap();
        for who in ["owner", "harness"] {
            for act in [
                format!("update qt001_cp.{table} set item_key = 'moved' where ordinal = 1"),
                format!("delete from qt001_cp.{table} where ordinal = 1"),
                format!(
                    "insert into qt001_cp.{table} ({columns}) select {columns} from qt001_cp.{table} where ordinal = 1"
                ),
            ] {
                plane.refused(who, &act, "SEALED_ROW_IMMUTABLE").await;
            }
            plane
                .refused(who, &format!("truncate qt001_cp.{table}"), "TRUNCATE_REFUSED")
                .await;
        }
    }
    plane.stop().await;
}

#[tokio::test]
async fn replica_role_does_not_switch_the_triggers_off() {
    let mut plane = Plane::at(Stage::Activated).await;
    for (act, code) in [
        (
            "delete from qt001_cp.readiness_gate_manifest",
            "SEALED_ROW_IMMUTABLE",
        ),
        ("delete from qt001_cp.expected_item", "SEALED_ROW_IMMUTABLE"),
        ("delete from qt001_cp.expected_constraint", "SEALED_ROW_IMMUTABLE"),
        ("delete from qt001_cp.manifest_envelope", "SEALED_ROW_IMMUTABLE"),
        ("delete from qt001_cp.code_catalog_item", "CATALOG_IMMUTABLE"),
        ("delete from qt001_cp.code_catalog_root", "CATALOG_IMMUTABLE"),
        (
            "delete from qt001_cp.manifest_activation_line",
            "REGISTRY_APPEND_ONLY",
        ),
        ("delete from qt001_cp.signoff_binding", "EVIDENCE_APPEND_ONLY"),
        (
            "update qt001_cp.control_epoch set epoch = 1",
            "EPOCH_NOT_MONOTONIC",
        ),
        ("truncate qt001_cp.manifest_envelope cascade", "TRUNCATE_REFUSED"),
    ] {
        let replica = format!("set local session_replication_role = replica; {act}");
        plane.refused("harness", &replica, code).await;
    }
    plane.stop().await;
}

#[tokio::test]
async fn sealed_envelopes_catalog_and_exact_sets_take_no_change() {
    let mut plane = Plane::at(Stage::Sealed).await;
    for who in ["owner", "harness"] {
        for (act, code) in [
            (
                "update qt001_cp.manifest_envelope set state = 'draft' where surface_no = 9",
                "SEALED_ROW_IMMUTABLE",
            ),
            (
                "update qt001_cp.manifest_envelope set item_count = 1 where surface_no = 9",
                "SEALED_ROW_IMMUTABLE",
            ),
            (
                "delete from qt001_cp.manifest_envelope where surface_no = 9",
                "SEALED_ROW_IMMUTABLE",
            ),
            (
                "update qt001_cp.code_catalog_root set state = 'draft', sealed_at = null",
                "CATALOG_IMMUTABLE",
            ),
            (
                "update qt001_cp.code_catalog_item set title = 'x'",
                "CATALOG_IMMUTABLE",
            ),
            ("delete from qt001_cp.code_catalog_family", "CATALOG_IMMUTABLE"),
            (
                "insert into qt001_cp.code_catalog_item (family_code, item_code, title) values ('OPERATOR', 'EXTRA', 'x')",
                "CATALOG_IMMUTABLE",
            ),
            (
                "delete from qt001_cp.expected_item where surface_no = 9",
                "SEALED_ROW_IMMUTABLE",
            ),
            (
                "update qt001_cp.expected_constraint set definition = definition || ' '",
                "SEALED_ROW_IMMUTABLE",
            ),
            (
                "insert into qt001_cp.expected_item select manifest_id, 9, 'EXTRA' from qt001_cp.manifest_envelope where surface_no = 9",
                "SEALED_ROW_IMMUTABLE",
            ),
            ("truncate qt001_cp.expected_item", "TRUNCATE_REFUSED"),
            ("truncate qt001_cp.expected_constraint", "TRUNCATE_REFUSED"),
            ("truncate qt001_cp.code_catalog_item cascade", "TRUNCATE_REFUSED"),
            ("truncate qt001_cp.control_epoch", "TRUNCATE_REFUSED"),
            ("truncate qt001_cp.principal cascade", "TRUNCATE_REFUSED"),
        ] {
            plane.refused(who, act, code).await;
        }
    }
    plane.stop().await;
}

/// Rows of a draft move to a sealed version, and back: neither road is open.
#[tokio::test]
async fn row_of_a_draft_does_not_move_into_a_sealed_version() {
    let mut plane = Plane::at(Stage::Sealed).await;
    let sealed = plane
        .text("select manifest_id::text from qt001_cp.manifest_envelope where surface_no = 9")
        .await;
    let draft = plane.next_version(9).await;
    plane
        .accepted("owner", &format!("delete from qt001_cp.readiness_gate_manifest where manifest_id = '{draft}' and ordinal = 1; delete from qt001_cp.expected_item where manifest_id = '{draft}'"))
        .await;
    for sql in [
        format!(
            "update qt001_cp.readiness_gate_manifest set manifest_id = '{sealed}', ordinal = 99, item_key = 'x' where manifest_id = '{draft}' and ordinal = 1"
        ),
        format!(
            "update qt001_cp.readiness_gate_manifest set manifest_id = '{draft}', ordinal = 99, item_key = 'x' where manifest_id = '{sealed}' and ordinal = 1"
        ),
    ] {
        plane.refused("owner", &sql, "SEALED_ROW_IMMUTABLE").await;
    }
    plane.stop().await;
}

/// What the owner can do to objects, and the name under which it is found.
const ALTERATIONS: &[(&str, &str)] = &[
    (
        "alter table qt001_cp.readiness_gate_manifest disable trigger readiness_gate_manifest_sealed_rows",
        "readiness_gate_manifest_sealed_rows",
    ),
    (
        "alter table qt001_cp.readiness_gate_manifest enable trigger readiness_gate_manifest_sealed_rows",
        "readiness_gate_manifest_sealed_rows",
    ),
    (
        "alter table qt001_cp.readiness_gate_manifest enable replica trigger readiness_gate_manifest_no_truncate",
        "readiness_gate_manifest_no_truncate",
    ),
    (
        "alter table qt001_cp.readiness_gate_manifest drop constraint readiness_gate_manifest_envelope_fk",
        "readiness_gate_manifest_envelope_fk",
    ),
    (
        "alter table qt001_cp.readiness_gate_manifest alter constraint readiness_gate_manifest_envelope_fk not deferrable",
        "readiness_gate_manifest_envelope_fk",
    ),
    (
        "alter table qt001_cp.readiness_gate_manifest drop constraint readiness_gate_manifest_item_key_key",
        "readiness_gate_manifest_item_key_key",
    ),
    (
        "create unique index planted on qt001_cp.readiness_gate_manifest (title)",
        "planted",
    ),
    (
        "alter table qt001_cp.readiness_gate_manifest alter column title drop not null",
        "title",
    ),
    (
        "alter table qt001_cp.readiness_gate_manifest alter column title set default 'x'",
        "title",
    ),
    (
        "alter table qt001_cp.readiness_gate_manifest add constraint planted check (true)",
        "planted",
    ),
    (
        "create trigger planted before insert on qt001_cp.readiness_gate_manifest for each row execute function qt001_cp.sealed_rows_immutable()",
        "planted",
    ),
];

/// What reaches beyond one table: found by #20 and by the activation.
const WIDER: &[(&str, &str)] = &[
    (
        "alter domain qt001_cp.sha256_digest drop constraint sha256_digest_check",
        "sha256_digest_check",
    ),
    (
        "alter domain qt001_cp.nonempty_text add constraint planted check (value <> 'x')",
        "planted",
    ),
    (
        "alter function qt001_cp.cp_seal(uuid, bytea) set search_path = public",
        "cp_seal",
    ),
    (
        "alter function qt001_cp.cp_supersede(text, bigint) security invoker",
        "cp_supersede",
    ),
    (
        "alter function qt001_cp.h02(integer[], text[], bytea[]) volatile",
        "h02",
    ),
    (
        "create function qt001_cp.planted() returns integer language sql as 'select 1'",
        "planted",
    ),
    (
        "create table qt001_cp.planted (id integer primary key)",
        "planted",
    ),
    (
        "alter table qt001_cp.manifest_activation disable trigger manifest_activation_append_only",
        "manifest_activation_append_only",
    ),
    (
        "alter table qt001_cp.evidence_registry disable trigger user",
        "evidence_registry_append_only",
    ),
];

#[tokio::test]
async fn altered_object_stops_the_seal_of_its_surface() {
    let mut plane = Plane::at(Stage::Draft).await;
    let seal = plane.seal_call(9).await;
    for (alteration, object) in ALTERATIONS {
        plane.mark().await;
        plane.act("owner", alteration).await;
        let refusal = plane
            .refused("operator", &seal, "OBJECT_AUTHORITY_IMMUTABLE")
            .await;
        assert_eq!(refusal.table, "readiness_gate_manifest", "{alteration}");
        refusal.names(object);
        plane.back().await;
    }
    plane.accepted("operator", &seal).await;
    plane.stop().await;
}

#[tokio::test]
async fn altered_object_stops_the_authority_scope_and_the_activation() {
    let mut plane = Plane::at(Stage::Activated).await;
    plane.next_version(20).await;
    let seal = plane.seal_call(20).await;
    plane.accepted("operator", &seal).await;
    for (alteration, object) in ALTERATIONS.iter().chain(WIDER) {
        plane.mark().await;
        plane.act("owner", alteration).await;
        plane
            .refused("operator", &seal, "OBJECT_AUTHORITY_IMMUTABLE")
            .await
            .names(object);
        plane.back().await;
    }
    plane.stop().await;
}

#[tokio::test]
async fn dropped_deferred_foreign_key_stops_the_activation() {
    let mut plane = Plane::at(Stage::Sealed).await;
    crate::activation::sign_all(&mut plane).await;
    let activate = plane.activate_call("birth_writer", 1).await;
    plane.accepted("operator", &activate).await;
    for (alteration, object) in ALTERATIONS.iter().chain(WIDER) {
        plane.mark().await;
        plane.act("owner", alteration).await;
        let code = "OBJECT_AUTHORITY_IMMUTABLE";
        plane.refused("operator", &activate, code).await.names(object);
        plane.back().await;
    }
    plane.stop().await;
}
