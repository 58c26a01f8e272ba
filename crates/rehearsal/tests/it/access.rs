//! Three answers to who may do what: each way in which they can part, red and named.

use crate::toy::{Toy, codes};
use rehearsal::{Finding, Outcome, RehearseError, Status, render_matrix};

const TABLES: &str = "migrations/02001_tables.up.sql";
const TABLES_DOWN: &str = "migrations/02001_tables.down.sql";
const ROLES: &str = "migrations/01001_roles.up.sql";

/// The toy with `sql` at the end of the file that makes its tables.
fn with(sql: &str) -> Toy {
    Toy::new().edit(TABLES, "reset role;", &format!("{sql}\nreset role;"))
}

#[track_caller]
fn found<'a>(outcome: &'a Outcome, code: &str, words: &str) -> &'a Finding {
    assert_eq!(outcome.verdict, Status::Fail);
    outcome
        .findings
        .iter()
        .find(|finding| finding.code == code && finding.message.contains(words))
        .unwrap_or_else(|| panic!("no {code} with `{words}`: {:#?}", outcome.findings))
}

#[tokio::test]
async fn a_sound_plane_agrees_in_every_cell() {
    let outcome = Toy::new().rehearse().await.unwrap();
    assert_eq!(codes(&outcome), [""; 0], "{:#?}", outcome.findings);
    let access = &outcome.access;
    assert!(access.cells > 200, "{access:?}");
    assert_eq!(access.agree, access.cells);
    assert!(access.attempted > access.cells / 2 && access.attempted < access.cells);
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(concat!(env!("CARGO_MANIFEST_DIR"), "/../../snapshots/toy"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("authorization_matrix", render_matrix(access)));
}

#[tokio::test]
async fn a_grant_to_public_is_named_for_everybody_who_gains_by_it() {
    let outcome = with("grant select on tiny_cp.page to public;")
        .rehearse()
        .await
        .unwrap();
    for role in ["public", "tiny_operator", "rehearsal_outsider"] {
        let finding = found(
            &outcome,
            "ACCESS_DISAGREES",
            &format!("`{role}`, SELECT on relation `tiny_cp.page`"),
        );
        assert!(
            finding
                .message
                .ends_with("declared denied, predicted allowed, attempted: allowed"),
            "{finding:?}"
        );
        assert_eq!(finding.details, ["SELECT granted to PUBLIC by tiny_owner"]);
    }
    assert_eq!(outcome.access.cells - outcome.access.agree, 4);
}

#[tokio::test]
async fn a_revoke_that_is_missing_is_named_by_routine() {
    let revoke = "alter default privileges for role tiny_owner revoke execute on functions from public;";
    let grant = "alter default privileges for role tiny_owner grant execute on functions to public;";
    let toy = Toy::new()
        .edit(ROLES, revoke, "")
        .edit("migrations/01001_roles.down.sql", grant, "");
    let outcome = toy.rehearse().await.unwrap();
    found(
        &outcome,
        "ACCESS_DISAGREES",
        "`public`, EXECUTE on routine `tiny_cp.seal(integer)`",
    );
}

#[tokio::test]
async fn a_membership_in_a_predefined_role_is_named_though_no_acl_shows_it() {
    let made = "create role tiny_operator nologin;";
    let toy = Toy::new().edit(
        ROLES,
        made,
        &format!("{made}\ngrant pg_write_all_data to tiny_operator;"),
    );
    let outcome = toy.rehearse().await.unwrap();
    for role in ["tiny_operator", "rehearsal_operator"] {
        let what = format!(
            "`{role}`, INSERT on relation `tiny_cp.page`: declared denied, predicted allowed, attempted: allowed"
        );
        let finding = found(&outcome, "ACCESS_DISAGREES", &what);
        assert!(
            finding.message.contains("no membership explains it"),
            "{finding:?}"
        );
        assert_eq!(finding.details, ["member of pg_write_all_data"]);
    }
    found(
        &outcome,
        "ACCESS_DISAGREES",
        "`tiny_operator`, SET on role `pg_write_all_data`",
    );
}

#[tokio::test]
async fn attributes_that_no_acl_knows_are_named() {
    for (attribute, privilege) in [
        ("bypassrls", "BYPASSRLS"),
        ("createrole", "CREATEROLE"),
        ("replication", "REPLICATION"),
        ("superuser", "SUPERUSER"),
    ] {
        let made = "create role tiny_operator nologin";
        let toy = Toy::new().edit(ROLES, made, &format!("{made} {attribute}"));
        let outcome = toy.rehearse().await.unwrap();
        let what = format!(
            "`tiny_operator`, {privilege} on attribute `cluster`: declared denied, predicted allowed, attempted: allowed"
        );
        found(&outcome, "ACCESS_DISAGREES", &what);
    }
}

#[tokio::test]
async fn a_grant_on_one_column_is_named_with_the_column() {
    let outcome = with("grant update (body) on tiny_cp.page to tiny_operator;")
        .rehearse()
        .await
        .unwrap();
    let what = "`tiny_operator`, UPDATE on relation `tiny_cp.page`: declared denied, predicted allowed for some columns";
    let finding = found(&outcome, "ACCESS_DISAGREES", what);
    assert!(finding.details.contains(&"column body".to_owned()), "{finding:?}");
}

#[tokio::test]
async fn a_declared_privilege_that_nobody_granted_is_red() {
    let toy = Toy::new().edit(
        "access.toml",
        "names = [\"tiny_cp.seal(integer)\"]\nprivileges = [\"EXECUTE\"]\nroles = [\"tiny_operator\"",
        "names = [\"tiny_cp.seal(integer)\"]\nprivileges = [\"EXECUTE\"]\nroles = [\"public\", \"tiny_operator\"",
    );
    let outcome = toy.rehearse().await.unwrap();
    let what = "`public`, EXECUTE on routine `tiny_cp.seal(integer)`: declared allowed, predicted denied, attempted: denied";
    found(&outcome, "ACCESS_DISAGREES", what);
    assert_eq!(outcome.findings.len(), 1);
}

#[tokio::test]
async fn an_answer_that_all_three_give_is_red_when_nothing_granted_explains_it() {
    let made = "create role tiny_operator nologin;";
    let toy = Toy::new()
        .edit(
            ROLES,
            made,
            &format!("{made}\ngrant pg_read_all_data to tiny_operator;"),
        )
        .edit(
            "access.toml",
            "[[allow]]\nkind = \"role\"",
            "[[allow]]\nkind = \"relation\"\nnames = [\"*\"]\nprivileges = [\"SELECT\"]\n\
             roles = [\"tiny_operator\", \"rehearsal_operator\"]\n[[allow]]\nkind = \"role\"",
        );
    let outcome = toy.rehearse().await.unwrap();
    let finding = found(
        &outcome,
        "ACCESS_UNEXPLAINED",
        "`tiny_operator`, SELECT on relation `tiny_cp.book`",
    );
    assert_eq!(finding.details, ["member of pg_read_all_data"]);
}

#[tokio::test]
async fn a_view_that_its_reader_is_refused_by_what_it_calls_is_unclear() {
    let grant = "create view tiny_cp.shown as select body from tiny_cp.page;\ngrant select on tiny_cp.shown to tiny_operator;\n\
                 create function tiny_cp.own() returns integer language plpgsql as 'begin return 1; end';\n\
                 create view tiny_cp.refused as select tiny_cp.own() as own;\ngrant select on tiny_cp.refused to tiny_operator;";
    let toy = with(grant).edit(
        TABLES_DOWN,
        "drop function tiny_cp.seal(integer);",
        "drop view tiny_cp.refused;\ndrop view tiny_cp.shown;\ndrop function tiny_cp.own();\ndrop function tiny_cp.seal(integer);",
    );
    let outcome = toy.rehearse().await.unwrap();
    let what = "`tiny_operator`, SELECT on relation `tiny_cp.refused`: declared denied, predicted allowed, attempted: unclear";
    let finding = found(&outcome, "ACCESS_ATTEMPT_UNCLEAR", what);
    let refused = "refused: 42501 permission denied for function own".to_owned();
    assert!(finding.details.contains(&refused), "{finding:?}");
    let shown = "`tiny_operator`, SELECT on relation `tiny_cp.shown`: declared denied, predicted allowed, attempted: allowed";
    found(&outcome, "ACCESS_DISAGREES", shown);
}

#[tokio::test]
async fn an_object_that_nobody_declared_is_red_and_so_is_one_that_is_not_there() {
    let toy = with("create sequence tiny_cp.numbers;")
        .edit(
            TABLES_DOWN,
            "drop table tiny_cp.page;",
            "drop table tiny_cp.page;\ndrop sequence tiny_cp.numbers;",
        )
        .edit(
            "access.toml",
            "names = [\"tiny_cp.refuse_sealed()\", ",
            "names = [\"tiny_cp.refuse_sealed(text)\", ",
        );
    let outcome = toy.rehearse().await.unwrap();
    found(&outcome, "ACCESS_OBJECT_UNDECLARED", "sequence `tiny_cp.numbers`");
    found(
        &outcome,
        "ACCESS_OBJECT_UNDECLARED",
        "routine `tiny_cp.refuse_sealed()`",
    );
    found(
        &outcome,
        "ACCESS_OBJECT_MISSING",
        "routine `tiny_cp.refuse_sealed(text)`",
    );
    for privilege in ["USAGE", "SELECT", "UPDATE"] {
        let what = format!(
            "`tiny_owner`, {privilege} on sequence `tiny_cp.numbers`: declared denied, predicted allowed, attempted: allowed"
        );
        found(&outcome, "ACCESS_DISAGREES", &what);
    }
}

#[tokio::test]
async fn a_privilege_that_may_be_handed_on_is_red() {
    let toy = Toy::new().edit(
        TABLES,
        "grant execute on function tiny_cp.seal(integer) to tiny_operator;",
        "grant execute on function tiny_cp.seal(integer) to tiny_operator with grant option;",
    );
    let outcome = toy.rehearse().await.unwrap();
    found(
        &outcome,
        "ACCESS_GRANTABLE",
        "EXECUTE is held with grant option by tiny_operator",
    );
}

#[test]
fn a_rule_that_could_allow_nothing_is_refused_before_a_server_starts() {
    for (from, to, named) in [
        (
            "roles = [\"tiny_operator\", \"rehearsal_operator\"]",
            "roles = [\"tiny_operater\"]",
            "tiny_operater",
        ),
        (
            "names = [\"tiny_cp.seal(integer)\"]\nprivileges",
            "names = [\"tiny_cp.seal(int)\"]\nprivileges",
            "tiny_cp.seal(int)",
        ),
        (
            "privileges = [\"EXECUTE\"]",
            "privileges = [\"execute\"]",
            "execute",
        ),
        ("kind = \"database\"", "kind = \"databse\"", "databse"),
    ] {
        let error = Toy::new()
            .edit("access.toml", from, to)
            .seal()
            .load()
            .unwrap_err();
        assert!(
            matches!(&error, RehearseError::Plan(_)) && error.to_string().contains(named),
            "{error}"
        );
    }
}
