//! Wrong packets of the cutover, wrong leave and wrong pairs: each is a finding of the rehearsal, by its own code.
//!
//! Not for: what a packet refuses by itself on a cluster that commits (`authoring`). The one fact to know: everything else
//! of a rehearsal is left out, and faults that stand beside each other share one.

use crate::majors::committed_for;
use crate::tidy::root;
use rehearsal::{Committed, Finding, Outcome, Target, rehearse_on, server_options};
use throwaway_postgres::Options;

/// Rehearses packets and pairs with something changed.
async fn with(change: impl FnOnce(&mut Committed)) -> Outcome {
    let mut committed = rehearsal::load(&root()).unwrap();
    let options = server_options(&Options::for_tests(), &committed);
    let server = throwaway_postgres::start(&options).await.unwrap();
    committed = committed_for(&server, &root(), committed).await.unwrap();
    committed.negatives.clear();
    committed.attacks.clear();
    committed.mutants.clear();
    committed.guard_cases.clear();
    committed.bypass = None;
    committed.operator = None;
    committed.creation = None;
    for state in &mut committed.states {
        state.state.guard.clear();
        state.reads = None;
    }
    change(&mut committed);
    let target = Target::of(&server, &committed.plan.database);
    let outcome = rehearse_on(&target, &committed, &[], &[], &mut ()).await.unwrap();
    server.stop().await.unwrap();
    outcome
}

/// Has a file of a packet say something else in this one place.
#[track_caller]
fn edit(committed: &mut Committed, package: &str, file: &str, from: &str, to: &str) {
    let packet = committed.packets.get_mut(package).unwrap();
    let text = packet.files[file].text().unwrap().into_owned();
    assert_eq!(text.matches(from).count(), 1, "`{from}` in `{file}` of {package}");
    packet
        .files
        .insert(file.to_owned(), text.replace(from, to).into());
}

/// Appends to a file of a packet.
fn append(committed: &mut Committed, package: &str, file: &str, more: &str) {
    let packet = committed.packets.get_mut(package).unwrap();
    let longer = format!("{}{more}", packet.files[file].text().unwrap()).into();
    packet.files.insert(file.to_owned(), longer);
}

/// The one finding of this code and package.
#[track_caller]
fn found<'a>(outcome: &'a Outcome, code: &str, package: Option<&str>) -> &'a Finding {
    let is_it = |one: &&Finding| one.code == code && one.package.as_deref() == package;
    let mut all = outcome.findings.iter().filter(is_it);
    let first = all
        .next()
        .unwrap_or_else(|| panic!("no {code}: {:#?}", outcome.findings));
    assert!(all.next().is_none(), "{code} twice: {:#?}", outcome.findings);
    first
}

#[tokio::test(flavor = "current_thread")]
async fn a_call_that_is_refused_where_it_is_predicted_wrong_leave_and_wrong_pairs_are_found() {
    let outcome = with(|committed| {
        // EXECUTE is still there, and what the member does takes a privilege that its caller never had.
        edit(
            committed,
            "PKG-F",
            "apply.sql",
            "-- The old path is closed: one statement an item, by whoever granted it.\n",
            "set local role directus;\ncreate or replace function public.qt001_count_rows(kind text) returns bigint language plpgsql stable as \
             $body$ begin return (select e.epoch from qt001_cp.control_epoch as e); end $body$;\nreset role;\n",
        );
        let leave = committed.plan.leave.as_mut().unwrap();
        // A scope with a permit in it is no wider than one without.
        leave.forbidden_objects = "select 'nothing' where false".to_owned();
        let rule = leave.package.iter_mut().find(|rule| rule.id == "PKG-F").unwrap();
        rule.needs_authorization = false;
        let (scan, files) = committed.scan.as_mut().unwrap();
        scan.readiness = "select 'READY'".to_owned();
        let first = &mut files[0].1;
        *first = format!("{first}\nselect qt001_cp.nobody_knows_this();");
        // A fault that is none: its guard stays green.
        let mut case = rehearsal::load(&root()).unwrap().guard_cases.remove("G-AUTH-27").unwrap();
        for fault in &mut case.fault {
            fault.sql = "select 1".to_owned();
        }
        committed.guard_cases.insert("G-AUTH-27".to_owned(), case);
    })
    .await;
    let disagree = found(&outcome, "PATHS_DISAGREE", Some("PKG-F"));
    assert!(
        disagree
            .message
            .contains("create or replace function public.qt001_count_rows"),
        "not before it, and at once: {disagree:?}"
    );
    assert!(
        disagree.details[0]
            .contains("calling the legacy path as `directus`: predicted t, the call ended in 42501"),
        "{disagree:?}"
    );
    let accepted = found(&outcome, "LEAVE_ACCEPTED", Some("PKG-F"));
    assert!(
        accepted.message.contains("with a permit in its scope"),
        "{accepted:?}"
    );
    let refused = found(&outcome, "LEAVE_REFUSED", Some("PKG-F"));
    assert!(
        refused
            .details
            .iter()
            .any(|line| line.starts_with("PACKAGE_NEEDS_NO_AUTHORIZATION")),
        "{refused:?}"
    );
    let survived = outcome
        .findings
        .iter()
        .find(|one| one.code == "GUARD_MUTANT_SURVIVED");
    assert!(
        survived.is_some_and(|one| one.message.contains("G-AUTH-27") && one.details == ["select 1"]),
        "{:#?}",
        outcome.findings
    );
    assert!(
        found(&outcome, "PAIR_UNSOUND", None)
            .message
            .contains("nobody_knows_this")
    );
    let ready = outcome
        .findings
        .iter()
        .find(|one| one.code == "READINESS_NOT_BLOCKED");
    assert!(
        ready.is_some_and(|one| one.message.contains("expected BLOCKED, found [\"READY\"]")),
        "{:#?}",
        outcome.findings
    );
}

#[tokio::test(flavor = "current_thread")]
async fn a_swap_that_nobody_sees_a_way_back_that_forgets_and_a_call_past_its_prediction_are_found() {
    let outcome = with(|committed| {
        append(
            committed,
            "PKG-F",
            "rollback.sql",
            "set local role qt001_cp_owner;\ncreate table qt001_cp.left_behind (n integer);\nreset role;\n",
        );
        // Both close the old path, so their order tells nothing.
        let swap = &mut committed.packets.get_mut("PKG-F").unwrap().packet_ref.swap[0];
        swap.first = "revoke execute on function public.fn_backfill_blocked_reason() from public".to_owned();
        swap.then = "revoke execute on function public.fn_backfill_ticket() from public".to_owned();
        // The member is closed by now, and the call does not call it.
        let calls = &mut committed.packets.get_mut("PKG-G").unwrap().packet_ref.call;
        calls[0].sql = "select 1".to_owned();
    })
    .await;
    let survived = found(&outcome, "PACKET_MUTANT_SURVIVED", Some("PKG-F"));
    assert!(survived.message.contains("nothing noticed"), "{survived:?}");
    let forgot = found(&outcome, "PACKET_DID_NOT_RESTORE", Some("PKG-F"));
    assert!(
        forgot
            .details
            .iter()
            .any(|line| line.contains("qt001_cp.left_behind")),
        "{forgot:?}"
    );
    let disagree = found(&outcome, "PATHS_DISAGREE", Some("PKG-G"));
    assert!(
        disagree.details[0]
            .contains("calling the legacy path as `directus`: predicted f, the call was accepted"),
        "{disagree:?}"
    );
}
