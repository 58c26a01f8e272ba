//! An operator's path through PKG-F, by the lines of its README.txt, on a cluster that commits; and everything that must
//! be refused there, each leaving the database as it was.
//!
//! Not for: what a rolled-back rehearsal shows. The one fact to know: psql, ssh-keygen and sha256sum do all of it; this
//! file only makes keys, arranges, and reads what they print.

mod around;
mod chain;
mod desk;
mod orders;
mod refused;
mod refused_later;

use crate::plane::run;
use desk::{Desk, OPERATOR, told};
use guards::Verdict;
use sqlx::Connection as _;
use std::process::Stdio;

/// A read of the old path that no session holds any longer.
const PREPARED: &str = "begin; select from public.qt001_run; prepare transaction 'held'";

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_follows_the_readme_there_and_back_while_births_go_on() {
    let desk = Desk::new().await;
    desk.dba("dba_before.sql");
    let before = desk.state().await;
    for line in desk
        .readme("sha256sum", "-c")
        .iter()
        .chain(&desk.readme("ssh-keygen", "-Y verify"))
    {
        let checked = desk.shell(line, OPERATOR, "");
        assert!(checked.status.success(), "{line}: {}", told(&checked));
    }
    let ready = desk.follow("preflight.sql", OPERATOR);
    assert!(
        ready.status.success() && told(&ready).contains("GO"),
        "{}",
        told(&ready)
    );
    desk.verify("BEFORE");

    let births = "for n in 1 2 3 4 5 6 7 8 9 10; do psql -X -q -v ON_ERROR_STOP=1 -c \"insert into public.workflows (process_code, name) values ('WALK-'||gen_random_uuid(), 'walk'); select count(*) from public.birth_registry\" || exit 1; done";
    let mut second = desk
        .command(births, "directus", "")
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let watch = desk.watch().await;
    let ran = desk.follow("run.psql", OPERATOR);
    assert!(ran.status.success(), "{}", told(&ran));
    assert!(
        second.wait().unwrap().success(),
        "births and reads of a second client"
    );
    desk.verify("AFTER");
    watch.saw(&["legacy", "new"]).await;
    desk.dba("dba_after.sql");
    for (login, sql, expected) in [
        (
            "directus",
            "select public.qt001_count_rows('none')",
            "permission denied",
        ),
        (
            "directus",
            "select public.fn_writer_dispatch('birth_writer', 'a', 'b')",
            "permission denied",
        ),
        (OPERATOR, "set role directus", "permission denied"),
    ] {
        let tried = desk.shell(&format!("psql -X -v ON_ERROR_STOP=1 -c \"{sql}\""), login, "");
        assert!(
            !tried.status.success() && told(&tried).contains(expected),
            "{sql}: {}",
            told(&tried)
        );
    }

    desk.dba("dba_before.sql");
    let watch = desk.watch().await;
    let back = desk.shell(&desk.readme("psql", "run-rollback.psql")[0], OPERATOR, "");
    assert!(back.status.success(), "{}", told(&back));
    desk.verify("BEFORE");
    watch.saw(&["new", "legacy"]).await;
    let again = desk.follow("run.psql", OPERATOR);
    assert_eq!(again.status.code(), Some(3), "{}", told(&again));
    assert!(told(&again).contains("NONCE_REPLAYED"), "{}", told(&again));
    desk.dba("dba_after.sql");
    let legacy = desk.shell(
        "psql -X -v ON_ERROR_STOP=1 -c \"select public.qt001_count_rows('none')\"",
        "directus",
        "",
    );
    assert!(legacy.status.success(), "{}", told(&legacy));
    assert_ne!(desk.state().await, before, "runs, births and the epoch stay");
    desk.plane.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_legacy_call_across_the_cutover_is_waited_for_and_named() {
    let desk = Desk::new().await;
    desk.dba("dba_before.sql");
    // Begun a moment ago: what preflight could not know of.
    let mut caller = desk.plane.login("directus").await;
    run(
        &mut caller,
        "set application_name = 'the old path'; begin; select public.qt001_count_rows('none')",
    )
    .await;
    // And one that has not come to a sealed table yet.
    let mut sleeper = desk.plane.login("directus").await;
    run(&mut sleeper, "set application_name = 'asleep'").await;
    let asleep = tokio::spawn(async move {
        let slept = sqlx::raw_sql("select pg_catalog.pg_sleep(600)").execute(&mut sleeper);
        slept.await.expect_err("it is ended from outside");
    });
    // A procedure that commits on its way: its transaction is always young, and it holds nothing.
    let mut looping = desk.plane.login("directus").await;
    run(&mut looping, "set application_name = 'commits'").await;
    let looping = tokio::spawn(async move {
        let commits = "do $$ begin loop commit; perform pg_catalog.pg_sleep(0.01); end loop; end $$";
        let looped = sqlx::raw_sql(commits).execute(&mut looping);
        looped.await.expect_err("it is ended from outside");
    });
    desk.arrange("create role watcher login; grant qt001_cp_auditor to watcher")
        .await;
    let ran = desk.follow("run.psql", OPERATOR);
    assert!(ran.status.success(), "{}", told(&ran));
    run(&mut caller, "select from public.qt001_plan").await;
    // Who may not see the others does not know, and who sees them does not know yet.
    let unseen = desk.mixed_authority(None).await;
    assert_eq!(unseen.word(), "not_measured");
    assert!(
        unseen.reasons()[0].contains("SESSION_NOT_SEEN directus commits"),
        "{unseen:?}"
    );
    desk.arrange("grant pg_read_all_stats to watcher").await;
    let open = "probe `drained`: offenders LEGACY_IN_FLIGHT directus asleep, LEGACY_IN_FLIGHT directus commits, \
                LEGACY_IN_FLIGHT directus the old path";
    let now = desk.clock().await;
    let looked = desk.mixed_authority(Some((&now, false))).await;
    assert_eq!(looked, Verdict::NotMeasured(open.to_owned()));
    // One that did not end within the drain is red.
    let waited = desk.mixed_authority(Some((&now, true))).await;
    assert_eq!(
        (waited.word(), waited.reasons().contains(&open.to_owned())),
        ("fail", true),
        "{waited:?}"
    );
    desk.arrange("select pg_catalog.pg_terminate_backend(s.pid, 10000) from pg_catalog.pg_stat_activity s where s.application_name in ('asleep', 'commits')")
        .await;
    asleep.await.unwrap();
    looping.await.unwrap();
    let line = &desk.readme("psql", "-f verify.sql")[0];
    let looked = desk.shell(line, OPERATOR, "-c packet.drain_seconds=1");
    assert!(!looked.status.success(), "{}", told(&looked));
    assert!(
        told(&looked).contains("NOT_DRAINED") && told(&looked).contains("the old path"),
        "{}",
        told(&looked)
    );
    run(&mut caller, "update public.qt001_plan set id = id; commit").await;
    caller.close().await.unwrap();
    desk.verify("AFTER");
    desk.verify("LEGACY_WRITE_AFTER_CUTOVER | public.qt001_plan");
    // What was prepared has no session and no beginning: it is named, and red once nobody waits any longer.
    let mut preparing = desk.plane.login("harness").await;
    run(&mut preparing, PREPARED).await;
    let drained = desk.clock().await;
    let open = "probe `drained`: offenders LEGACY_IN_FLIGHT postgres prepared held";
    assert_eq!(
        desk.mixed_authority(Some((&drained, false))).await,
        Verdict::NotMeasured(open.to_owned())
    );
    let waited = desk.mixed_authority(Some((&drained, true))).await;
    assert_eq!(
        (waited.word(), waited.reasons().contains(&open.to_owned())),
        ("fail", true),
        "{waited:?}"
    );
    let looked = desk.shell(line, OPERATOR, "-c packet.drain_seconds=1");
    assert!(
        told(&looked).contains("NOT_DRAINED")
            && told(&looked).contains("prepared transaction held, postgres"),
        "{}",
        told(&looked)
    );
    run(&mut preparing, "rollback prepared 'held'").await;
    preparing.close().await.unwrap();
    // A session that began after it works on, whatever it reads.
    let drained = desk.clock().await;
    let mut later = desk.plane.login("directus").await;
    run(
        &mut later,
        "begin isolation level repeatable read; select from public.tasks",
    )
    .await;
    let green = desk.mixed_authority(Some((&drained, true))).await;
    assert_eq!(green.word(), "pass", "{green:?}");
    later.close().await.unwrap();
    desk.plane.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bare_run_changes_nothing() {
    let desk = Desk::new().await;
    desk.dba("dba_before.sql");
    for file in ["apply.sql", "rollback.sql"] {
        let before = desk.state().await;
        for login in [OPERATOR, desk.environment["PGUSER"].as_str()] {
            let bare = desk.shell(&format!("psql -X -f {file}"), login, "");
            assert!(told(&bare).contains("OUTSIDE_TRANSACTION"), "{}", told(&bare));
            assert!(told(&bare).contains("read-only transaction"), "{}", told(&bare));
        }
        assert_eq!(desk.state().await, before, "{file}, run bare");
    }
    let before = desk.state().await;
    for line in [
        "psql -X -f run.psql",
        "psql -X -v packet_sha256=00 -f run.psql",
        "psql -X -v packet_sha256=00 -v authorization=none -f run.psql",
    ] {
        let refused = desk.shell(line, OPERATOR, "");
        assert_eq!(refused.status.code(), Some(3), "{line}: {}", told(&refused));
    }
    assert_eq!(desk.state().await, before);
    desk.plane.stop().await;
}
