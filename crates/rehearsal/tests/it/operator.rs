//! The operator who is no superuser: what only a superuser may do in a package, and what a DBA forgets.

use crate::toy::{Toy, codes};
use rehearsal::{Finding, Outcome, Status};

const BEFORE: &str = "operator/00_roles.sql";
const AFTER: &str = "operator/99_roles_done.sql";
const GRANT: &str = "grant tiny_owner to rehearsal_applier;";
const REVOKE: &str = "revoke tiny_owner from rehearsal_applier;";

#[track_caller]
fn the_finding<'a>(outcome: &'a Outcome, code: &str) -> &'a Finding {
    assert_eq!(outcome.verdict, Status::Fail);
    let found = outcome.findings.iter().find(|finding| finding.code == code);
    found.unwrap_or_else(|| panic!("no {code}: {:#?}", outcome.findings))
}

#[tokio::test]
async fn both_come_to_the_same_state() {
    let outcome = Toy::new().rehearse().await.unwrap();
    assert_eq!(codes(&outcome), [""; 0], "{:#?}", outcome.findings);
    let applied: Vec<(&str, bool, usize)> = outcome
        .applied_as
        .iter()
        .map(|who| (who.login.as_str(), who.superuser, who.files))
        .collect();
    // The operator's DBA made what the first file makes.
    assert_eq!(applied, [("postgres", true, 4), ("rehearsal_applier", false, 3)]);
}

#[tokio::test]
async fn without_an_operator_the_harness_applies_everything_again() {
    let plan = include_str!("toy/plan.toml");
    let (_, rest) = plan.split_once("[operator]\n").unwrap();
    let (section, _) = rest.split_once("[access]\n").unwrap();
    let toy = Toy::new().edit("plan.toml", &format!("[operator]\n{section}"), "");
    let outcome = toy.rehearse().await.unwrap();
    assert_eq!(codes(&outcome), [""; 0], "{:#?}", outcome.findings);
    assert_eq!(outcome.applied_as.len(), 1);
    assert_eq!(outcome.ways_back[0].compared, 5);
}

#[tokio::test]
async fn a_statement_that_needs_a_superuser_is_refused_to_the_operator_alone() {
    let comment = |text: &str| format!("reset role;\ncomment on role tiny_operator is {text};");
    let toy = Toy::new()
        .edit(
            "migrations/02001_tables.up.sql",
            "reset role;",
            &comment("'may seal'"),
        )
        .edit(
            "migrations/02001_tables.down.sql",
            "reset role;",
            &comment("null"),
        );
    let outcome = toy.rehearse().await.unwrap();
    let finding = the_finding(&outcome, "PACKAGE_DID_NOT_APPLY");
    assert!(
        finding
            .message
            .starts_with("`migrations/02001_tables.up.sql` as `rehearsal_applier` was refused: 42501"),
        "{finding:?}"
    );
    assert_eq!(outcome.findings.len(), 1);
}

#[tokio::test]
async fn a_membership_that_nobody_took_away_is_named() {
    let outcome = Toy::new().edit(AFTER, REVOKE, "").rehearse().await.unwrap();
    let finding = the_finding(&outcome, "OPERATOR_KEEPS_RIGHTS");
    assert_eq!(finding.details, ["member of tiny_owner"]);
}

#[tokio::test]
async fn a_right_that_nobody_took_away_is_named() {
    let grant = format!("{GRANT}\ngrant create on schema public to rehearsal_applier;");
    let outcome = Toy::new().edit(BEFORE, GRANT, &grant).rehearse().await.unwrap();
    let finding = the_finding(&outcome, "OPERATOR_KEEPS_RIGHTS");
    assert_eq!(finding.details, ["privileges for schema public"]);
}

#[tokio::test]
async fn an_operator_who_is_more_than_a_login_proves_nothing() {
    for (more, named) in [
        ("alter role rehearsal_applier superuser;", "superuser"),
        ("alter role rehearsal_applier createrole;", "createrole"),
        ("alter role rehearsal_applier inherit;", "inherit"),
        (
            "grant pg_write_all_data to rehearsal_applier;",
            "member of pg_write_all_data",
        ),
    ] {
        let outcome = Toy::new()
            .edit(BEFORE, GRANT, &format!("{GRANT}\n{more}"))
            .rehearse()
            .await
            .unwrap();
        assert_eq!(the_finding(&outcome, "OPERATOR_IS_PRIVILEGED").details, [named]);
        assert_eq!(outcome.applied_as[1].superuser, named == "superuser");
    }
}

#[tokio::test]
async fn a_script_that_makes_something_else_than_the_package_is_named_by_object() {
    let toy = Toy::new().edit(
        BEFORE,
        "create role tiny_operator nologin;",
        "create role tiny_operator nologin createdb;",
    );
    let outcome = toy.rehearse().await.unwrap();
    let finding = the_finding(&outcome, "OPERATOR_APPLY_DIFFERS");
    assert_eq!(finding.details, ["changed role tiny_operator"]);
}

#[tokio::test]
async fn an_operator_who_may_not_become_the_owner_is_refused_at_the_first_file() {
    let outcome = Toy::new().edit(BEFORE, GRANT, "").rehearse().await.unwrap();
    let finding = the_finding(&outcome, "PACKAGE_DID_NOT_APPLY");
    assert!(
        finding
            .message
            .contains("permission denied to set role \"tiny_owner\""),
        "{finding:?}"
    );
}

#[test]
fn a_file_that_no_package_has_is_refused_before_a_server_starts() {
    let toy = Toy::new().edit(
        "plan.toml",
        "made_before = [\"01001_roles\"]",
        "made_before = [\"01001_role\"]",
    );
    let error = toy.seal().load().unwrap_err().to_string();
    assert!(error.contains("`01001_role`"), "{error}");
}
