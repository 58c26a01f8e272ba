//! Parts that do something else than was authored, each approved and signed as it is: its own assertions refuse it.
//!
//! The one fact to know: leave is given for the changed bytes, so that nothing but the part itself can notice.

use super::desk::{Desk, OPERATOR, VERIFIER, put};

/// What is changed, in which file, what stands there, what stands there instead, and who refuses.
const CHANGED: &[(&str, &str, &str, &str, &[&str])] = &[
    (
        "a grant is left out",
        "10_create_and_seal.sql",
        "grant execute on function qt001_cp.cp_record_signoff(uuid, text, uuid, text) to qt001_cp_signer;",
        "",
        &[
            "STATE_NOT_REACHED",
            "qt001_cp.cp_record_signoff(uuid,text,uuid,text)",
        ],
    ),
    (
        "the application gets in",
        "10_create_and_seal.sql",
        "grant usage on schema qt001_cp to qt001_cp_auditor;",
        "grant usage on schema qt001_cp to qt001_cp_auditor;\ngrant usage on schema qt001_cp to directus;",
        &["STATE_NOT_REACHED", "qt001_cp: expected"],
    ),
    (
        "a row says something else",
        "10_create_and_seal.sql",
        "'PRINCIPAL_UNKNOWN', 'p_binder', 'human.binder'",
        "'PRINCIPAL_UNKNOWN', 'p_binder', 'human.somebody'",
        &["GUARD_NOT_GREEN: exact sets", "digests.principal_manifest"],
    ),
    (
        "a trigger sleeps",
        "10_create_and_seal.sql",
        "alter table qt001_cp.control_epoch enable always trigger control_epoch_monotonic;",
        "alter table qt001_cp.control_epoch disable trigger control_epoch_monotonic;",
        &["GUARD_NOT_GREEN: exact sets", "constraint_set"],
    ),
    (
        "the catalog is not sealed",
        "10_create_and_seal.sql",
        "select qt001_cp.cp_seal_catalog(",
        "select pg_catalog.length(",
        &["STATE_NOT_REACHED", "catalog: expected sealed"],
    ),
    (
        "a body is another one",
        "10_create_and_seal.sql",
        "  where p.login_role::text = session_user::text);",
        "  where p.login_role::text = current_user::text);",
        &["STATE_NOT_REACHED", "qt001_cp.session_principal(): expected"],
    ),
    (
        "the run is not recorded",
        "10_create_and_seal.sql",
        "insert into qt001_cp.operator_packet_run",
        "explain insert into qt001_cp.operator_packet_run",
        &["STATE_NOT_REACHED", "run: expected recorded"],
    ),
    (
        "an object more",
        "10_create_and_seal.sql",
        "\n-- S12: the catalog, then surface by surface.\n",
        "set local role qt001_cp_owner; create view qt001_cp.one_more as select 1 as one; reset role;\n",
        &[
            "STATE_NOT_REACHED",
            "undeclared: expected none, found qt001_cp.one_more",
        ],
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_first_part_that_does_something_else_refuses_itself() {
    let desk = Desk::opened().await;
    let list = std::fs::read_to_string(desk.packet().join("SHA256SUMS")).unwrap();
    for (n, (what, file, find, instead, says)) in CHANGED.iter().enumerate() {
        let path = desk.packet().join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(find), "{what}: `{find}`");
        put(&path, &text.replacen(find, instead, 1));
        desk.relist();
        desk.leave(&format!("{n:032x}")).await;
        desk.refused(what, &desk.line("run-10.psql"), OPERATOR, says)
            .await;
        put(&path, &text);
    }
    put(&desk.packet().join("SHA256SUMS"), &list);
    desk.leave("e123456789abcdef0123456789abcdef").await;
    desk.part("10", OPERATOR);
    desk.plane.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn later_parts_that_do_something_else_refuse_themselves() {
    let desk = Desk::opened().await;
    let change = |file: &str, find: &str, instead: &str| {
        let path = desk.packet().join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(find), "{file}: `{find}`");
        put(&path, &text.replace(find, instead));
    };
    // All of it was approved as it is from the beginning: leave is one for all parts.
    change(
        "15_evidence.sql",
        "select qt001_cp.cp_record_evidence(",
        "select pg_catalog.concat(",
    );
    change(
        "30_activate.sql",
        "cp_activate('birth_writer', 1, ",
        "cp_activate('readback', 1, ",
    );
    desk.relist();
    desk.leave("00000000000000000000000000000001").await;
    desk.part("10", OPERATOR);
    desk.refused(
        "nothing is recorded",
        &desk.line("run-15.psql"),
        VERIFIER,
        &["STATE_NOT_REACHED", "evidence: expected recorded, found none"],
    )
    .await;
    desk.part("rollback", OPERATOR);
    change(
        "15_evidence.sql",
        "select pg_catalog.concat(",
        "select qt001_cp.cp_record_evidence(",
    );
    desk.relist();
    desk.leave("00000000000000000000000000000002").await;
    desk.part("10", OPERATOR);
    desk.part("15", VERIFIER);
    desk.sign_all();
    desk.refused(
        "another writer type",
        &desk.line("run-30.psql"),
        OPERATOR,
        &["STATE_NOT_REACHED", "activations: expected birth_writer"],
    )
    .await;
    desk.plane.stop().await;
}
