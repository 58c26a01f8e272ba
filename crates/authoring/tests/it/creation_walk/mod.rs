//! PKG-E by the lines of its README.txt, on a cluster that commits: each part under its own person's login, there and
//! both ways back; and everything that must be refused there.
//!
//! Not for: what a rolled-back rehearsal shows. The one fact to know: psql, ssh-keygen and sha256sum do all of it; this
//! file only makes keys and logins, arranges, and reads what they print.

mod changed;
mod desk;
mod refused;

use crate::plane::{run, texts};
pub(crate) use desk::People;
use desk::{Desk, OPERATOR, SIGNERS, VERIFIER, told};
use sqlx::Connection as _;
use std::process::Stdio;

/// A cluster on which PKG-E was run by its README, as far as its activation, and the people who did.
pub(crate) async fn activated() -> (crate::plane::Plane, People) {
    Desk::activated().await
}

/// Packages that come after this one.
const LATER: [&str; 3] = ["PKG-F", "PKG-G", "PKG-H"];

/// A client of the application that reads and gives birth until it is told to stop.
const BIRTHS: &str = "while [ ! -e stop ]; do psql -X -q -v ON_ERROR_STOP=1 -c \"insert into public.workflows (process_code, name) values ('WALK-'||gen_random_uuid(), 'walk'); select count(*) from public.birth_registry\" || exit 1; echo x >> born; done";

#[tokio::test(flavor = "multi_thread")]
async fn people_follow_the_readme_part_by_part_while_births_go_on() {
    let desk = Desk::new().await;
    let early = desk.shell(&desk.line("preflight.sql"), OPERATOR);
    assert!(told(&early).contains("OPERATOR_NOT_PREPARED"), "{}", told(&early));
    desk.dba("dba_roles.sql");
    opened_by_a_small_dba(&desk).await;
    desk.dba("dba_before.sql");
    for line in desk
        .readme("sha256sum", "-c")
        .iter()
        .chain(&desk.readme("ssh-keygen", "-Y verify"))
    {
        desk.succeed(line, OPERATOR);
    }
    let ready = desk.succeed(&desk.line("preflight.sql"), OPERATOR);
    assert!(ready.contains("GO"), "{ready}");
    desk.verify(&[
        "10_create_and_seal BEFORE",
        "30_activate BEFORE",
        &desk.declared("absent"),
    ]);

    let mut second = desk
        .command(BIRTHS, "directus")
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    desk.part("10", OPERATOR);
    desk.verify(&[
        "10_create_and_seal AFTER",
        "15_evidence BEFORE",
        &desk.declared("created"),
    ]);
    desk.part("15", VERIFIER);
    desk.verify(&[
        "15_evidence AFTER",
        "20_signoff reviewer BEFORE",
        &desk.declared("evidenced"),
    ]);
    for (login, slot) in SIGNERS {
        desk.succeed(&desk.signing(slot, "approve"), login);
        desk.verify(&[&format!("20_signoff {slot} AFTER")]);
    }
    desk.verify(&["30_activate BEFORE", &desk.declared("signed")]);
    desk.part("30", OPERATOR);
    desk.verify(&[
        "30_activate AFTER",
        "40_prior_payload BEFORE",
        &desk.declared("activated"),
    ]);
    desk::put(&desk.packet().join("stop"), "");
    assert!(
        second.wait().unwrap().success(),
        "births and reads of a second client"
    );
    let born = std::fs::read_to_string(desk.packet().join("born")).unwrap();
    assert!(born.lines().count() > 3, "births went on: {born}");

    // The window is closed: nobody may become the owner, and everybody is what #02 makes them.
    desk.dba("dba_after.sql");
    for (login, sql) in [
        (OPERATOR, "set role qt001_cp_owner"),
        (OPERATOR, "create schema another"),
        ("fix7_reviewer", "select count(*) from qt001_cp.signoff_binding"),
        ("directus", "select count(*) from qt001_cp.control_epoch"),
    ] {
        let tried = desk.shell(&format!("psql -X -v ON_ERROR_STOP=1 -c \"{sql}\""), login);
        assert!(
            told(&tried).contains("permission denied"),
            "{login}: {sql}: {}",
            told(&tried)
        );
    }
    let mut harness = desk.plane.login("harness").await;
    let acted = "select string_agg(distinct entrypoint || ' by ' || actor, ', ' order by entrypoint || ' by ' || actor) from qt001_cp.level_b_packet_execution";
    assert_eq!(
        texts(&mut harness, acted).await,
        [
            "cp_activate by fix7_operator, cp_record_evidence by fix7_verifier, cp_record_signoff by fix7_binder, cp_record_signoff by fix7_owner, cp_record_signoff by fix7_reviewer, cp_seal by fix7_operator, cp_seal_catalog by fix7_operator"
        ]
    );
    let active = "select string_agg(e.payload_sha256::text, ',' order by e.surface_no) from qt001_cp.active_manifest a join qt001_cp.manifest_envelope e using (manifest_id, surface_no)";
    let evidence = "select count(*)::text from qt001_cp.evidence_registry";
    let (payloads, kept) = (
        texts(&mut harness, active).await,
        texts(&mut harness, evidence).await,
    );

    // The way back after the activation: the prior payload, signed again, at the next epoch.
    desk.dba("dba_before.sql");
    desk.part("40", OPERATOR);
    desk.verify(&["40_prior_payload AFTER", &desk.declared("candidate")]);
    assert_eq!(
        texts(&mut harness, active).await,
        payloads,
        "the candidate is not active"
    );
    desk.sign_all();
    desk.verify(&[&desk.declared("signed_again")]);
    desk.part("50", OPERATOR);
    desk.verify(&["50_return AFTER", &desk.declared("returned")]);
    desk.dba("dba_after.sql");
    assert_eq!(texts(&mut harness, active).await, payloads);
    assert_eq!(texts(&mut harness, evidence).await, kept);
    let epoch = "select epoch::text from qt001_cp.control_epoch";
    assert_eq!(texts(&mut harness, epoch).await, ["3"]);
    harness.close().await.unwrap();
    // Under another authorization the first part finds that everything is there.
    desk.leave("fedcba9876543210fedcba9876543210").await;
    desk.dba("dba_before.sql");
    let says = [
        "STATE_MOVED",
        "qt001_cp: expected absent, found a schema of qt001_cp_owner",
    ];
    desk.refused("once more", &desk.line("run-10.psql"), OPERATOR, &says)
        .await;
    desk.dba("dba_after.sql");
    desk.succeed(
        "psql -X -v ON_ERROR_STOP=1 -c \"insert into public.workflows (process_code, name) values ('WALK-after', 'walk')\"",
        "directus",
    );
    desk.plane.stop().await;
}

/// Whoever opens the window is told what they may not give; once they may, no superuser is needed.
async fn opened_by_a_small_dba(desk: &Desk) {
    let small = "small_dba";
    let before = desk.state().await;
    desk.arrange("create role small_dba login createrole").await;
    let open = desk.line("dba_before.sql");
    let says = [
        "DBA_MAY_NOT_GIVE",
        "small_dba may not give SET on parameter packet.spent",
        "small_dba may not give CREATE on database directus",
    ];
    desk.refused("a small DBA", &open, small, &says).await;
    desk.arrange(
        "grant set on parameter packet.spent to small_dba with grant option; grant create on database directus to small_dba with grant option;
         do $$ begin
           if current_setting('server_version_num')::integer >= 160000 then
             execute 'grant qt001_cp_owner, qt001_cp_auditor, pg_read_all_data, pg_read_all_stats to small_dba with admin option';
           end if;
         end $$",
    )
    .await;
    desk.succeed(&open, small);
    desk.succeed(&desk.line("dba_after.sql"), small);
    desk.arrange("drop owned by small_dba; drop role small_dba").await;
    assert_eq!(desk.state().await, before, "what was given is gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn before_the_activation_everything_goes_again() {
    let desk = Desk::new().await;
    let floor = desk.state().await;
    for package in LATER {
        desk.beside(package).await;
        let window = desk.later(package, "dba_before.sql");
        let says = ["DBA_MAY_NOT_GIVE", "no role qt001_cp_owner"];
        desk.refused(package, &window, desk.superuser(), &says).await;
        let says = ["OPERATOR_NOT_PREPARED", "no role qt001_cp_owner"];
        desk.refused(package, &desk.later(package, "run.psql"), OPERATOR, &says)
            .await;
    }
    desk.dba("dba_roles.sql");
    desk.dba("dba_before.sql");
    for part in ["rollback", "30", "40"] {
        let line = desk.line(&format!("run-{part}.psql"));
        let says = ["PART_OUT_OF_ORDER", "10_create_and_seal.sql has not run"];
        desk.refused(part, &line, OPERATOR, &says).await;
    }
    desk.part("10", OPERATOR);
    desk.dba("dba_after.sql");
    for (package, says) in LATER.into_iter().zip([
        "nothing is active for birth_writer: PKG-E",
        "not applied: PKG-F",
        "not applied: PKG-G",
    ]) {
        desk.succeed(&desk.later(package, "dba_before.sql"), desk.superuser());
        let says = ["OUT_OF_ORDER", says];
        desk.refused(package, &desk.later(package, "run.psql"), OPERATOR, &says)
            .await;
        let says = ["NOT_APPLIED", &format!("no run of {package}")];
        desk.refused(
            package,
            &desk.later(package, "run-rollback.psql"),
            OPERATOR,
            &says,
        )
        .await;
        desk.succeed(&desk.later(package, "dba_after.sql"), desk.superuser());
    }
    desk.dba("dba_before.sql");
    desk.part("rollback", OPERATOR);
    desk.verify(&["10_create_and_seal BEFORE", &desk.declared("absent")]);
    // The registry is gone with everything else, and the nonce is not forgotten: the same leave opens nothing again.
    let replayed = [
        "AUTHORIZATION_REFUSED",
        "NONCE_REPLAYED",
        "was used by fix7_operator",
    ];
    desk.refused("the same leave", &desk.line("run-10.psql"), OPERATOR, &replayed)
        .await;
    desk.dba("dba_after.sql");
    let tampered = "psql -X -v ON_ERROR_STOP=1 -c \"set role qt001_cp_owner; alter role qt001_cp_owner reset packet.spent\"";
    assert!(
        !desk.shell(tampered, OPERATOR).status.success(),
        "outside of a window"
    );
    desk.dba("dba_before.sql");
    desk.leave("fedcba9876543210fedcba9876543210").await;
    desk.part("10", OPERATOR);
    desk.part("15", VERIFIER);
    desk.succeed(&desk.signing("owner", "approve"), "fix7_owner");
    desk.part("rollback", OPERATOR);
    desk.verify(&["10_create_and_seal BEFORE", &desk.declared("absent")]);
    desk.refused("the second", &desk.line("run-10.psql"), OPERATOR, &replayed)
        .await;
    desk.leave("e123456789abcdef0123456789abcdef").await;
    desk.refused("the first", &desk.line("run-10.psql"), OPERATOR, &replayed)
        .await;
    desk.dba("dba_after.sql");
    // Until both have expired the role that remembers them stays.
    desk.refused(
        "the roles",
        &desk.line("dba_roles_gone.sql"),
        desk.superuser(),
        &[
            "LEAVE_NOT_EXPIRED",
            "e123456789abcdef0123456789abcdef was used by",
            "fedcba9876543210",
        ],
    )
    .await;
    desk.arrange(&desk.expire()).await;
    desk.dba("dba_roles_gone.sql");
    assert_eq!(desk.state().await, floor);
    desk.plane.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operators_connection_is_lost_in_the_first_part() {
    let desk = Desk::opened().await;
    let before = desk.state().await;
    let mut other = desk.plane.login("harness").await;
    run(
        &mut other,
        "begin; lock table public.birth_registry in access exclusive mode",
    )
    .await;
    let child = desk
        .command(&desk.line("run-10.psql"), OPERATOR)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    desk.end_waiting(OPERATOR).await;
    let ended = child.wait_with_output().unwrap();
    assert!(!ended.status.success(), "{}", told(&ended));
    run(&mut other, "rollback").await;
    other.close().await.unwrap();
    desk.verify(&["10_create_and_seal BEFORE"]);
    assert_eq!(desk.state().await, before);
    desk.part("10", OPERATOR);
    desk.plane.stop().await;
}
