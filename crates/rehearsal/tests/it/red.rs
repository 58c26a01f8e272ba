//! One fault at a time, each red by its own code.

use crate::toy::{Toy, codes};
use rehearsal::{Outcome, RehearseError, Status};

#[track_caller]
fn red(outcome: &Outcome, code: &str) {
    assert_eq!(outcome.verdict, Status::Fail);
    assert!(
        codes(outcome).contains(&code),
        "expected {code}, found {:#?}",
        outcome.findings
    );
    assert_eq!(outcome.rollback.before, outcome.rollback.after_rollback);
    assert_eq!(outcome.rollback.xid_status, "aborted");
}

#[tokio::test]
async fn a_down_that_leaves_a_table_is_named_by_object() {
    let toy = Toy::new().edit(
        "migrations/03001_deferred.down.sql",
        "alter table tiny_cp.page drop constraint page_book_fk;",
        "",
    );
    let outcome = toy.rehearse().await.unwrap();
    red(&outcome, "DOWN_DID_NOT_RESTORE");
    let finding = &outcome.findings[0];
    assert!(
        finding
            .details
            .contains(&"extra constraint tiny_cp.page.page_book_fk".to_owned()),
        "{finding:?}"
    );
}

#[tokio::test]
async fn a_grant_that_the_down_forgets_is_seen() {
    let toy = Toy::new().edit(
        "migrations/03001_deferred.up.sql",
        "reset role;",
        "grant select on tiny_cp.page to tiny_operator;\nreset role;",
    );
    red(&toy.rehearse().await.unwrap(), "DOWN_DID_NOT_RESTORE");
}

#[tokio::test]
async fn a_file_that_the_server_refuses_ends_in_one_finding() {
    let toy = Toy::new().edit(
        "migrations/02001_tables.up.sql",
        "create table tiny_cp.page",
        "create table nowhere.page",
    );
    let outcome = toy.rehearse().await.unwrap();
    red(&outcome, "PACKAGE_DID_NOT_APPLY");
    assert_eq!(outcome.findings.len(), 1);
}

#[tokio::test]
async fn a_deferred_constraint_that_does_not_hold_is_fired() {
    let toy = Toy::new().edit(
        "seeds/04001_book.up.sql",
        "insert into tiny_cp.book (id) values (1);",
        "insert into tiny_cp.book (id) values (3);",
    );
    red(&toy.rehearse().await.unwrap(), "CONSTRAINT_FAILED_AT_FLUSH");
}

#[tokio::test]
async fn a_count_off_by_one_is_red() {
    let toy = Toy::new().edit("plan.toml", "books = 1", "books = 2");
    red(&toy.rehearse().await.unwrap(), "COUNT_DIFFERS");
}

#[tokio::test]
async fn a_twin_that_is_refused_is_never_a_rejection() {
    let toy = Toy::new().edit(
        "migrations/negative/page.toml",
        "insert into tiny_cp.book (id) values (7)",
        "insert into tiny_cp.book (id) values (6)",
    );
    let outcome = toy.rehearse().await.unwrap();
    red(&outcome, "ARRANGE_FAILED");
    assert_eq!(
        (outcome.negatives.arrange_failed, outcome.negatives.rejected),
        (1, 3),
        "{:#?}",
        outcome.findings
    );
}

#[tokio::test]
async fn a_twin_that_touches_no_row_is_never_a_rejection() {
    let toy = Toy::new().edit(
        "migrations/negative/page.toml",
        "arrange = [\"insert into tiny_cp.page values (7, 1, 'text')\"]",
        "",
    );
    let outcome = toy.rehearse().await.unwrap();
    red(&outcome, "ARRANGE_FAILED");
    assert_eq!(outcome.negatives.arrange_failed, 1);
}

#[tokio::test]
async fn a_rejected_statement_that_is_accepted_is_red() {
    let toy = Toy::new().edit(
        "migrations/02001_tables.up.sql",
        "check ((no > 0))",
        "check ((no > -1))",
    );
    red(&toy.rehearse().await.unwrap(), "NEGATIVE_ACCEPTED");
}

#[tokio::test]
async fn a_rejection_for_another_cause_is_red() {
    let toy = Toy::new().edit(
        "migrations/02001_tables.up.sql",
        "page_no_positive",
        "page_no_other",
    );
    red(&toy.rehearse().await.unwrap(), "NEGATIVE_CAUSE_DIFFERS");
}

#[tokio::test]
async fn a_world_that_ends_otherwise_is_red() {
    let toy = Toy::new().edit("estate/worlds/open.sql", "grant truncate", "grant select");
    red(&toy.rehearse().await.unwrap(), "WORLD_DIFFERS");
}

#[tokio::test]
async fn an_attempt_that_fails_for_another_reason_is_red() {
    let toy = Toy::new().edit(
        "estate/worlds/worlds.toml",
        "truncate public.article",
        "truncate public.articel",
    );
    red(&toy.rehearse().await.unwrap(), "WORLD_DIFFERS");
}

#[tokio::test]
async fn a_guard_that_is_red_fails_its_package() {
    let toy = Toy::new().edit(
        "guards/g_pages.sql",
        "where $1 ->> 'phase' is not null",
        "where $1 ->> 'phase' is null",
    );
    red(&toy.rehearse().await.unwrap(), "GUARD_FAILED");
}

/// What a guard's SELECT may answer wrongly, and what it is then: red by a condition, or not measured.
const ANSWERS: &[(&str, &str, &str, Status, &str)] = &[
    (
        "a NULL",
        "count(*) as population",
        "null::bigint as population",
        Status::Fail,
        "column population is null",
    ),
    (
        "an offender that is NULL",
        "filter (where b.id is null), '{}')",
        "filter (where b.id is null), array[null::text])",
        Status::Fail,
        "column offenders is null",
    ),
    (
        "a column by another name",
        "as realized",
        "as realised",
        Status::NotMeasured,
        "column `realized` is absent",
    ),
    (
        "a column too many",
        "count(*) as population,",
        "count(*) as population, 1 as more,",
        Status::NotMeasured,
        "unknown field `more`",
    ),
    (
        "a column of another type",
        "count(*) as population",
        "'many'::text as population",
        Status::NotMeasured,
        "outside the probe contract",
    ),
    (
        "too few probes",
        "-- input: phase",
        "-- probe: second\n-- input: phase",
        Status::Fail,
        "declared, but not returned",
    ),
    (
        "no row",
        "is not null;",
        "is not null limit 0;",
        Status::Fail,
        "declared, but not returned",
    ),
    (
        "a probe that nobody declared",
        "'pages_have_books'::text as probe",
        "'books'::text as probe",
        Status::Fail,
        "returned, but not declared",
    ),
    (
        "an error",
        "count(*) as population",
        "1 / (count(*) - count(*)) as population",
        Status::NotMeasured,
        "22012",
    ),
    (
        "an object that is not there",
        "tiny_cp.page p",
        "tiny_cp.nowhere p",
        Status::NotMeasured,
        "42P01",
    ),
    (
        "two statements",
        "is not null;",
        "is not null; select 1",
        Status::NotMeasured,
        "42601",
    ),
];

#[tokio::test]
async fn a_guard_that_answers_wrongly_is_red_or_not_measured_and_named_and_never_skipped() {
    for (what, from, to, verdict, why) in ANSWERS {
        let outcome = Toy::new()
            .edit("guards/g_pages.sql", from, to)
            .rehearse()
            .await
            .unwrap();
        let runs: Vec<_> = outcome
            .guards
            .runs
            .iter()
            .filter(|run| run.guard == "G-PAGES")
            .collect();
        assert_eq!(runs.len(), 2, "{what}");
        for run in runs {
            assert_eq!(run.verdict, *verdict, "{what}: {:?}", run.reasons);
            assert!(run.reasons.join("; ").contains(why), "{what}: {:?}", run.reasons);
        }
        assert_ne!(outcome.verdict, Status::Pass, "{what}");
        assert_eq!(
            outcome.guards.total,
            outcome.guards.green + outcome.guards.red + outcome.guards.not_measured,
            "{what}"
        );
        assert_eq!(outcome.guards.green, 1, "{what}: the other guard alone");
    }
}

/// The toy with a guard that is told what its own server makes of it.
fn told_of_its_tree(condition: &str) -> Toy {
    let toy = Toy::new();
    toy.write("forms.json", r#"{"guards": {"G-PAGES": {"forms": []}}}"#);
    toy.edit(
            "plan.toml",
            "format_version = 1\n",
            "format_version = 1\ntree_input = \"forms\"\n",
        )
        .edit(
            "plan.toml",
            "[[guard]]\nid = \"G-FILES\"",
            "[[input]]\nkey = \"forms\"\npath = \"forms.json\"\nsha256 = \"@forms.json\"\n\n[[guard]]\nid = \"G-FILES\"",
        )
        .edit("guards/g_pages.sql", "-- input: phase", "-- input: forms what was parsed\n-- input: phase")
        .edit(
            "guards/g_pages.sql",
            "coalesce(array_agg(p.no::text order by p.no) filter (where b.id is null), '{}')",
            "array(select f.value::text from jsonb_array_elements($1 -> 'forms' -> 'guards' -> 'G-PAGES' -> 'forms') as f)",
        )
        .edit("guards/g_pages.sql", "is not null;", &format!("is not null{condition};"))
}

#[tokio::test]
async fn a_form_that_only_the_server_sees_reaches_the_guard() {
    let sound = told_of_its_tree("").rehearse().await.unwrap();
    assert_eq!(sound.packages[0].validation[0].verdict, Status::Pass);
    let evaded = told_of_its_tree(" and pg_catalog.textlike('page', 'p%')");
    let outcome = evaded.rehearse().await.unwrap();
    red(&outcome, "GUARD_FAILED");
    assert!(
        outcome.packages[0].validation[0]
            .reasons
            .join(" ")
            .contains("name_pattern")
    );
}

/// The toy with a body, of which the guard is told what the server makes of it.
fn told_of_a_body(statement: &str) -> Toy {
    let toy = Toy::new();
    toy.write(
        "bodies.json",
        r#"{"routines": {"tiny_cp.looks()": {"forms": []}}, "views": {}}"#,
    );
    toy.edit(
        "plan.toml",
        "format_version = 1\n",
        "format_version = 1\nbody_input = \"bodies\"\n",
    )
    .edit(
        "plan.toml",
        "[[guard]]\nid = \"G-FILES\"",
        "[[input]]\nkey = \"bodies\"\npath = \"bodies.json\"\nsha256 = \"@bodies.json\"\n\n[[guard]]\nid = \"G-FILES\"",
    )
    .edit(
        "guards/g_pages.sql",
        "-- input: phase",
        "-- input: bodies what was parsed\n-- input: phase",
    )
    .edit(
        "guards/g_pages.sql",
        "coalesce(array_agg(p.no::text order by p.no) filter (where b.id is null), '{}')",
        "array(select f.value::text from jsonb_array_elements($1 -> 'bodies' -> 'routines' -> 'tiny_cp.looks()' -> 'forms') as f)",
    )
    .edit(
        "migrations/02001_tables.up.sql",
        "reset role;",
        &format!(
            "create function tiny_cp.looks() returns boolean language plpgsql as $$begin {statement}; return true; end$$;\nreset role;"
        ),
    )
}

#[tokio::test]
async fn a_form_that_only_the_server_sees_in_a_body_reaches_the_guard() {
    let reasons = |outcome: &Outcome| outcome.packages[0].validation[0].reasons.join(" ");
    let sound = told_of_a_body("perform 'page' = 'page'")
        .rehearse()
        .await
        .unwrap();
    assert_eq!(
        sound.packages[0].validation[0].verdict,
        Status::Pass,
        "{}",
        reasons(&sound)
    );
    let evaded = told_of_a_body("perform pg_catalog.textlike('page', 'p%')")
        .rehearse()
        .await
        .unwrap();
    red(&evaded, "GUARD_FAILED");
    assert!(reasons(&evaded).contains("name_pattern"), "{}", reasons(&evaded));
}

#[tokio::test]
async fn a_statement_of_a_body_that_the_server_does_not_analyse_is_a_finding() {
    let outcome = told_of_a_body("execute 'select 1'").rehearse().await.unwrap();
    red(&outcome, "BODY_NOT_ANALYSED");
}

#[tokio::test]
async fn a_guard_that_the_server_does_not_analyse_is_a_finding() {
    // A probe's count is a bigint, and this one is a text.
    let toy = told_of_its_tree("").edit(
        "guards/g_pages.sql",
        "count(*) as expected",
        "count(*)::text as expected",
    );
    red(&toy.rehearse().await.unwrap(), "GUARD_NOT_ANALYSED");
}

#[tokio::test]
async fn a_guard_that_could_not_be_asked_is_not_measured_and_never_pass() {
    let toy = Toy::new().edit("guards/g_pages.sql", "-- input: phase", "-- input: capture");
    let outcome = toy.rehearse().await.unwrap();
    assert_eq!(outcome.verdict, Status::NotMeasured);
    assert_eq!(outcome.packages[1].verdict, Status::Pass);
    assert!(outcome.packages[0].validation[0].reasons[0].contains("capture"));
}

#[tokio::test]
async fn a_way_back_that_runs_after_the_seal_is_red() {
    let toy = Toy::new().edit("seeds/04001_book.down.sql", "delete from tiny_cp.page where book_id = 1;\ndelete from tiny_cp.book where id = 1;", "delete from tiny_cp.page where book_id = 1 and not (select sealed from tiny_cp.book where id = 1);\ndelete from tiny_cp.book where id = 1 and not sealed;");
    red(&toy.rehearse().await.unwrap(), "SEALED_WAY_BACK_NOT_REFUSED");
}

#[tokio::test]
async fn an_act_that_should_be_refused_and_is_not_is_red() {
    let toy = Toy::new().edit(
        "steps/06_seal.toml",
        "persona = \"outsider\"",
        "persona = \"operator\"",
    );
    red(&toy.rehearse().await.unwrap(), "ACT_FAILED");
}

/// The act of the operator that the others build on.
const SEAL: &str = "persona = \"operator\"\nsql = \"select tiny_cp.seal(1)\"";

#[tokio::test]
async fn an_act_that_cannot_be_parsed_is_red_and_undone() {
    let unreadable = SEAL.replace("select tiny", "selec tiny");
    let toy = Toy::new().edit("steps/06_seal.toml", SEAL, &unreadable);
    red(&toy.rehearse().await.unwrap(), "ACT_FAILED");
}

#[tokio::test]
async fn a_commit_inside_an_act_is_fatal_and_named() {
    for escape in ["commit", "commit; begin", "commit; begin; savepoint other"] {
        let escaping = SEAL.replace("select tiny_cp.seal(1)", escape);
        let toy = Toy::new().edit("steps/06_seal.toml", SEAL, &escaping);
        let error = toy.rehearse().await.unwrap_err();
        assert!(
            matches!(&error, RehearseError::TransactionEscaped { during, .. } if during.contains(escape)),
            "{escape}: {error}"
        );
    }
}

#[tokio::test]
async fn a_commit_inside_a_migration_is_fatal_and_named() {
    let toy = Toy::new().edit(
        "migrations/03001_deferred.up.sql",
        "reset role;",
        "reset role;\ncommit;\nbegin;",
    );
    let error = toy.rehearse().await.unwrap_err();
    assert!(
        matches!(&error, RehearseError::TransactionEscaped { during, .. } if during.contains("03001_deferred")),
        "{error}"
    );
}

#[tokio::test]
async fn a_commit_inside_a_negative_test_is_fatal_and_named() {
    let toy = Toy::new().edit(
        "migrations/negative/page.toml",
        "rejected = \"insert into tiny_cp.page values (7, 0, 'text')\"",
        "rejected = \"commit\"",
    );
    let error = toy.rehearse().await.unwrap_err();
    assert!(
        matches!(&error, RehearseError::TransactionEscaped { during, .. } if during.contains("page/check/no")),
        "{error}"
    );
}

const ROWS: &str = "insert into tiny_cp.book (id) values (1);";
const DUE_AT_S03: &str = "step = \"S03\"\nrows_of";

#[tokio::test]
async fn rows_that_do_not_load_for_a_guard_are_named_with_the_servers_words() {
    let toy = Toy::new().edit(
        "seeds/04001_book.up.sql",
        ROWS,
        &format!("{ROWS}\ninsert into tiny_cp.book (id) values (1);"),
    );
    let outcome = toy.rehearse().await.unwrap();
    red(&outcome, "ROWS_DID_NOT_LOAD");
    let finding = &outcome.findings[0];
    assert_eq!(finding.package.as_deref(), Some("TINY-A"));
    for word in ["04001_book.up.sql", "S03", "23505", "book_pk"] {
        assert!(finding.message.contains(word), "{finding:?}");
    }
}

#[tokio::test]
async fn rows_that_need_a_later_steps_column_are_left_out_until_then() {
    let toy = Toy::new()
        .edit("plan.toml", DUE_AT_S03, "step = \"S02\"\nrows_of")
        .edit(
            "migrations/03001_deferred.up.sql",
            "reset role;",
            "alter table tiny_cp.page add column note text;\nreset role;",
        )
        .edit(
            "migrations/03001_deferred.down.sql",
            "reset role;",
            "alter table tiny_cp.page drop column note;\nreset role;",
        );
    let role = "set local role tiny_owner;\n";
    toy.write(
        "seeds/04002_note.up.sql",
        &format!("{role}update tiny_cp.page set note = 'n';\nreset role;\n"),
    );
    toy.write(
        "seeds/04002_note.down.sql",
        &format!("{role}update tiny_cp.page set note = null;\nreset role;\n"),
    );
    let outcome = toy.rehearse().await.unwrap();
    assert!(!codes(&outcome).contains(&"ROWS_DID_NOT_LOAD"), "{outcome:#?}");
    assert_eq!(outcome.packages[0].validation[0].verdict, Status::Pass);
}

#[tokio::test]
async fn a_name_that_no_later_step_can_make_is_red() {
    let toy = Toy::new().edit(
        "seeds/04001_book.up.sql",
        ROWS,
        &format!("{ROWS}\nselect from tiny_cp.shelf;"),
    );
    red(&toy.rehearse().await.unwrap(), "ROWS_DID_NOT_LOAD");
}

#[tokio::test]
async fn a_declared_probe_that_does_not_come_back_is_red() {
    let toy = Toy::new().edit(
        "steps/05_exact_set.toml",
        "expects = [\"pages\"]",
        "expects = [\"pages\", \"books\"]",
    );
    let outcome = toy.rehearse().await.unwrap();
    red(&outcome, "ACT_FAILED");
    assert!(
        outcome.findings[0].details[0].contains("books"),
        "{:?}",
        outcome.findings
    );
}

#[tokio::test]
async fn a_statement_that_something_else_refuses_too_has_no_sole_cause() {
    let toy = Toy::new().edit(
        "migrations/02001_tables.up.sql",
        "constraint page_no_positive check ((no > 0))",
        "constraint page_no_positive check ((no > 0)), constraint page_no_too check ((no > -1 and no <> 0))",
    );
    red(&toy.rehearse().await.unwrap(), "NOT_SOLE_CAUSE");
}

#[tokio::test]
async fn a_removal_that_takes_away_something_else_is_red() {
    let toy = Toy::new().edit(
        "migrations/negative/page.toml",
        "alter table tiny_cp.page disable trigger page_immutable",
        "alter table tiny_cp.page alter column body drop not null",
    );
    red(&toy.rehearse().await.unwrap(), "NOT_SOLE_CAUSE");
}

#[tokio::test]
async fn a_removal_that_fails_is_red() {
    let toy = Toy::new().edit(
        "migrations/negative/page.toml",
        "drop constraint page_no_positive",
        "drop constraint page_no_nothing",
    );
    red(&toy.rehearse().await.unwrap(), "REMOVAL_FAILED");
}

#[tokio::test]
async fn a_test_without_a_removal_is_red() {
    let toy = Toy::new().edit(
        "migrations/negative/page.toml",
        "removal = [\"alter table tiny_cp.page drop constraint page_book_fk\"]",
        "",
    );
    red(&toy.rehearse().await.unwrap(), "SOLE_CAUSE_UNPROVEN");
}

#[tokio::test]
async fn a_pair_that_differs_in_two_places_is_red() {
    let toy = Toy::new().edit(
        "migrations/negative/page.toml",
        "rejected = \"insert into tiny_cp.page values (7, 0, 'text')\"",
        "rejected = \"insert into tiny_cp.page values (7, 0, 'other')\"",
    );
    red(&toy.rehearse().await.unwrap(), "NOT_MINIMAL");
}

#[tokio::test]
async fn a_constraint_that_no_test_has_as_its_cause_is_named() {
    let toy = Toy::new().edit(
        "migrations/02001_tables.up.sql",
        "constraint page_no_positive check ((no > 0))",
        "constraint page_no_positive check ((no > 0)), constraint page_body_said check (body <> '')",
    );
    let outcome = toy.rehearse().await.unwrap();
    red(&outcome, "REFUSAL_UNCOVERED");
    assert_eq!(outcome.negatives.uncovered, Some(1));
    assert_eq!(outcome.findings[0].details, ["check tiny_cp.page page_body_said"]);
}

#[tokio::test]
async fn a_cause_that_the_catalog_does_not_have_is_named() {
    let toy = Toy::new().edit(
        "migrations/negative/page.toml",
        "name = \"page_immutable\"",
        "name = \"page_eternal\"",
    );
    let outcome = toy.rehearse().await.unwrap();
    red(&outcome, "CAUSE_UNREALIZED");
    red(&outcome, "REFUSAL_UNCOVERED");
}

#[tokio::test]
async fn a_coverage_query_that_lists_nothing_is_red() {
    let toy = Toy::new().edit(
        "plan.toml",
        "where c.connamespace = 'tiny_cp'::regnamespace",
        "where false",
    );
    red(&toy.rehearse().await.unwrap(), "CAUSE_UNREALIZED");
}

#[tokio::test]
async fn a_mutant_that_the_catalog_does_not_notice_survives_and_is_named() {
    let toy = Toy::new().edit("plan.toml", "and t.tgenabled <> 'A'", "and t.tgenabled = 'R'");
    let outcome = toy.rehearse().await.unwrap();
    red(&outcome, "MUTANT_SURVIVED");
    let schema = outcome.mutants.schema.unwrap();
    assert_eq!((schema.total, schema.killed, schema.survivors), (5, 4, 1));
    assert_eq!(
        outcome.findings[0].details,
        ["trigger tiny_cp.page page_immutable: its test noticed, the catalog's exact set did not"]
    );
}

#[tokio::test]
async fn a_mutant_that_no_check_is_for_survives() {
    let toy = Toy::new().edit("plan.toml", "kinds = [\"not_null\"]", "kinds = [\"not_void\"]");
    red(&toy.rehearse().await.unwrap(), "MUTANT_SURVIVED");
}

#[tokio::test]
async fn a_read_that_fails_is_lost_though_its_privilege_is_held() {
    let calls = "create function public.shout(t text) returns text language plpgsql as 'begin return upper(t); end';\n\
        revoke execute on function public.shout(text) from public;\n\
        create or replace view public.article_title as select public.shout(title) as title from public.article;\n";
    let granted = "grant select on public.article_title";
    let toy = Toy::new().edit("states/06_after.sql", granted, &format!("{calls}{granted}"));
    let outcome = toy.rehearse().await.unwrap();
    red(&outcome, "READ_LOST");
    let mut findings = outcome.findings.iter();
    let lost = findings.find(|finding| finding.code == "READ_LOST").unwrap();
    assert_eq!(
        lost.details.len(),
        1,
        "the other read is tried after it: {lost:?}"
    );
    assert!(
        lost.details[0].contains("public.article_title") && lost.details[0].contains("42501"),
        "{lost:?}"
    );
    assert_eq!((outcome.reads.tried, outcome.reads.preserved), (2, 1));
}

#[tokio::test]
async fn an_empty_list_of_reads_shows_nothing() {
    let toy = Toy::new().edit(
        "states/reads.sql",
        "values ('select * from public.article_title limit 0'), ('select id from public.article limit 0');",
        "select null::text where false",
    );
    red(&toy.rehearse().await.unwrap(), "READ_LOST");
}
