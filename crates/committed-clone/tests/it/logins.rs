//! Real logins: what only they show, and each way in which a cell can be wrong.

use crate::toy::Toy;
use crate::{commit, found};
use rehearsal::Status;

const TABLES: &str = "migrations/02001_tables.up.sql";
const ROLES: &str = "migrations/01001_roles.up.sql";
const MADE: &str = "create role tiny_operator nologin;";

fn with(path: &str, after: &str, sql: &str) -> Toy {
    Toy::new().edit(path, after, &format!("{after}\n{sql}"))
}

#[tokio::test]
async fn a_grant_to_public_is_named_for_every_login_that_gains_by_it() {
    let toy = Toy::new().edit(
        TABLES,
        "reset role;",
        "grant select on tiny_cp.page to public;\nreset role;",
    );
    let (run, findings) = commit(toy, None).await.unwrap();
    for role in [
        "public",
        "tiny_operator",
        "rehearsal_operator",
        "rehearsal_outsider",
    ] {
        let what = format!(
            "over a login, `{role}`, SELECT on relation `tiny_cp.page`: declared denied, predicted allowed, attempted: allowed"
        );
        found(&findings, "LOGIN_DISAGREES", &what);
    }
    assert_eq!((run.logins.verdict, run.logins.differences), (Status::Fail, 4));
    assert_eq!(findings.len(), 4, "{findings:#?}");
}

#[tokio::test]
async fn a_contract_role_that_can_log_in_is_shown_by_a_login() {
    let (_, findings) = commit(
        Toy::new().edit(ROLES, MADE, "create role tiny_operator login;"),
        None,
    )
    .await
    .unwrap();
    let what = "`tiny_operator`, LOGIN on attribute `cluster`: declared denied, predicted allowed, attempted: allowed";
    found(&findings, "LOGIN_DISAGREES", what);
    assert_eq!(findings.len(), 1, "{findings:#?}");
}

#[tokio::test]
async fn a_declared_connect_that_is_refused_is_shown_by_a_login_and_the_rest_is_tried_all_the_same() {
    let here = "do $do$ begin execute pg_catalog.format('{} connect on database %I {} public', current_database()); end $do$;";
    let statement = |verb: &str, word: &str| here.replacen("{}", verb, 1).replacen("{}", word, 1);
    let toy = with(ROLES, MADE, &statement("revoke", "from")).edit(
        "migrations/01001_roles.down.sql",
        "drop role tiny_operator;",
        &format!("{}\ndrop role tiny_operator;", statement("grant", "to")),
    );
    let (run, findings) = commit(toy, None).await.unwrap();
    for role in [
        "tiny_owner",
        "tiny_operator",
        "public",
        "rehearsal_operator",
        "rehearsal_outsider",
    ] {
        let what = format!(
            "`{role}`, CONNECT on database `database`: declared allowed, predicted denied, attempted: denied"
        );
        found(&findings, "LOGIN_DISAGREES", &what);
    }
    assert_eq!(run.logins.differences, 5);
    // What was given for the rest was taken away again: both observers see the cluster as it was.
    assert_eq!(findings.len(), 5, "{findings:#?}");
    assert_eq!(run.before, run.after_way_back);
}

#[tokio::test]
async fn a_role_that_may_create_databases_is_shown_by_one_that_is_dropped_again() {
    let (run, findings) = commit(
        Toy::new().edit(ROLES, MADE, "create role tiny_operator nologin createdb;"),
        None,
    )
    .await
    .unwrap();
    let what = "`tiny_operator`, CREATEDB on attribute `cluster`: declared denied, predicted allowed, attempted: allowed";
    found(&findings, "LOGIN_DISAGREES", what);
    assert_eq!(run.before, run.after_way_back);
}

#[tokio::test]
async fn a_setting_that_makes_a_login_somebody_else_is_seen_by_a_login_alone() {
    let setting = "alter role rehearsal_operator set role = tiny_operator;";
    let toy = || with(TABLES, "reset role;", setting);
    let findings = commit(toy(), None).await.unwrap().1;
    let finding = found(&findings, "LOGIN_BECOMES_ANOTHER", "`rehearsal_operator`");
    assert!(
        finding
            .message
            .ends_with("found rehearsal_operator acting as tiny_operator"),
        "{finding:?}"
    );
    // In one transaction nobody logs in, and the same matrix is green.
    let outcome = toy().rehearse().await.unwrap();
    assert_eq!(outcome.access.agree, outcome.access.cells);
}

#[tokio::test]
async fn what_a_login_may_by_a_predefined_role_alone_is_unexplained() {
    let toy = with(ROLES, MADE, "grant pg_read_all_data to tiny_operator;").edit(
        "access.toml",
        "[[allow]]\nkind = \"role\"",
        "[[allow]]\nkind = \"relation\"\nnames = [\"*\"]\nprivileges = [\"SELECT\"]\n\
         roles = [\"tiny_operator\", \"rehearsal_operator\"]\n[[allow]]\nkind = \"role\"",
    );
    let (_, findings) = commit(toy, None).await.unwrap();
    let what = "`tiny_operator`, SELECT on relation `tiny_cp.book`";
    found(&findings, "LOGIN_UNEXPLAINED", what);
}

#[tokio::test]
async fn a_view_that_is_refused_by_what_it_calls_is_unclear_over_a_login() {
    let made = "create function tiny_cp.own() returns integer language plpgsql as 'begin return 1; end';\n\
                create view tiny_cp.refused as select tiny_cp.own() as own;\ngrant select on tiny_cp.refused to tiny_operator;\nreset role;";
    let toy = Toy::new().edit(TABLES, "reset role;", made).edit(
        "migrations/02001_tables.down.sql",
        "drop function tiny_cp.seal(integer);",
        "drop view tiny_cp.refused;\ndrop function tiny_cp.own();\ndrop function tiny_cp.seal(integer);",
    );
    let (_, findings) = commit(toy, None).await.unwrap();
    let what = "`tiny_operator`, SELECT on relation `tiny_cp.refused`: declared denied, predicted allowed, attempted: unclear";
    found(&findings, "LOGIN_ATTEMPT_UNCLEAR", what);
}
