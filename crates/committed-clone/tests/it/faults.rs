//! What a ROLLBACK hides, and what two observers see of it.

use crate::toy::Toy;
use crate::{commit, found};
use rehearsal::Status;

const TABLES: &str = "migrations/02001_tables.up.sql";
const SEEDS: &str = "seeds/04001_book.up.sql";

#[tokio::test]
async fn a_deferred_constraint_is_refused_at_the_end_of_the_transaction() {
    let toy = Toy::new().edit(SEEDS, "insert into tiny_cp.book (id) values (1);", "");
    let (run, findings) = commit(toy, None).await.unwrap();
    let finding = found(&findings, "COMMITTED_FILE_REFUSED", "`seeds/04001_book.up.sql`");
    assert!(
        finding
            .message
            .contains("refused at the end of its transaction: 23503"),
        "{finding:?}"
    );
    assert_eq!(finding.package.as_deref(), Some("TINY-B"));
    assert_eq!(run.verdict, Status::Fail);
    // What was kept before it stays kept, and nobody says that it came back.
    assert_eq!((run.files, run.xid_status.as_str()), (3, "committed"));
    assert_eq!((run.applied.as_str(), run.after_way_back.as_str()), ("", ""));
    assert_eq!(run.logins.verdict, Status::NotMeasured);
    assert_eq!(run.dump.verdict, Status::NotMeasured);
}

#[tokio::test]
async fn a_file_that_ends_its_transaction_is_named() {
    for ending in ["commit;", "commit; begin;", "rollback; begin;"] {
        let toy = Toy::new().edit(TABLES, "reset role;", &format!("reset role;\n{ending}"));
        let (_, findings) = commit(toy, None).await.unwrap();
        let finding = found(&findings, "COMMITTED_FILE_REFUSED", TABLES);
        assert!(
            finding
                .message
                .contains("it ended the transaction that it was given"),
            "{finding:?}"
        );
    }
}

#[tokio::test]
async fn a_role_that_the_way_back_forgets_is_seen_by_both_observers() {
    let toy = Toy::new().edit(
        "migrations/01001_roles.up.sql",
        "create role tiny_operator nologin;",
        "create role tiny_operator nologin;\ncreate role tiny_leftover nologin;",
    );
    let (run, findings) = commit(toy, None).await.unwrap();
    let finding = found(&findings, "COMMITTED_WAY_BACK_DID_NOT_RESTORE", "1 differences");
    assert_eq!(finding.details, ["extra role tiny_leftover"]);
    assert_ne!(run.before, run.after_way_back);
    if run.dump.verdict != Status::NotMeasured {
        let finding = found(&findings, "DUMP_DID_NOT_RETURN", "");
        assert!(
            finding
                .details
                .contains(&"+ CREATE ROLE tiny_leftover;".to_owned()),
            "{finding:?}"
        );
    }
}

#[tokio::test]
async fn a_comment_that_the_way_back_forgets_is_seen_by_both_observers() {
    let toy = Toy::new().edit(
        TABLES,
        "reset role;",
        "reset role;\ncomment on table public.article is 'seen by pages';",
    );
    let (run, findings) = commit(toy, None).await.unwrap();
    let finding = found(&findings, "COMMITTED_WAY_BACK_DID_NOT_RESTORE", "");
    assert_eq!(finding.details, ["changed relation public.article"]);
    if run.dump.verdict != Status::NotMeasured {
        assert_eq!(run.dump.verdict, Status::Fail);
        found(&findings, "DUMP_DID_NOT_RETURN", "");
    }
}

#[tokio::test]
async fn rows_that_differ_each_time_are_not_what_was_rehearsed() {
    let volatile = |toy: Toy| toy.edit(SEEDS, "'once'", "pg_catalog.txid_current()::text");
    let rehearsed = volatile(Toy::new()).rehearse().await.unwrap().applied.unwrap();
    let (run, findings) = commit(volatile(Toy::new()), Some(&rehearsed)).await.unwrap();
    let finding = found(&findings, "COMMITTED_DIFFERS_FROM_REHEARSED", "1 differences");
    assert_eq!(finding.details, ["changed rows tiny_cp.page"]);
    assert_eq!(run.same_as_rehearsed, Some(false));
}

#[tokio::test]
async fn packages_that_change_nothing_are_named_by_both_observers() {
    let toy = Toy::new();
    for file in [
        "migrations/01001_roles",
        "migrations/02001_tables",
        "migrations/03001_deferred",
        "seeds/04001_book",
    ] {
        for way in ["up", "down"] {
            toy.write(&format!("{file}.{way}.sql"), "select 1;\n");
        }
    }
    // Nor does anybody log in, whom the packages would have made.
    let mut plan = std::fs::read_to_string(toy.path("plan.toml")).unwrap();
    for (from, to) in [
        ("[access]", "[sealed]"),
        ("[[persona]]", "[[package]]"),
        ("[[mutant]]", "[[mutant_check]]"),
    ] {
        let (at, end) = (plan.find(from).unwrap(), plan.find(to).unwrap());
        plan.replace_range(at..end, "");
    }
    toy.write("plan.toml", &plan);
    let (run, findings) = commit(toy, None).await.unwrap();
    found(&findings, "COMMITTED_APPLY_DID_NOT_MUTATE", "changed nothing");
    if run.dump.verdict != Status::NotMeasured {
        found(&findings, "DUMP_DID_NOT_CHANGE", "sees no change");
    }
}
