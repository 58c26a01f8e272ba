//! Wrong acts of the packet that makes the control plane: each is a finding of the rehearsal, and PKG-E is no pass.
//!
//! Not for: what the parts refuse on a cluster that commits (`authoring`). The one fact to know: everything else of a
//! rehearsal is left out, so that two runs are a few seconds.

use crate::majors::committed_for;
use crate::tidy::root;
use rehearsal::{Committed, CreationAct, Landmark, Outcome, Status, Target, rehearse_on, server_options};
use throwaway_postgres::Options;

/// Rehearses with one or more of PKG-E's acts changed; the codes that count against it, in order.
async fn with(change: impl FnOnce(&mut Committed)) -> (Vec<String>, Outcome) {
    let mut committed = rehearsal::load(&root()).unwrap();
    let options = server_options(&Options::for_tests(), &committed);
    let server = throwaway_postgres::start(&options).await.unwrap();
    committed = committed_for(&server, &root(), committed).await.unwrap();
    committed.negatives.clear();
    committed.attacks.clear();
    committed.mutants.clear();
    committed.guard_cases.clear();
    committed.states.clear();
    committed.bypass = None;
    committed.operator = None;
    change(&mut committed);
    let target = Target::of(&server, &committed.plan.database);
    let outcome = rehearse_on(&target, &committed, &[], &[], &mut ()).await.unwrap();
    server.stop().await.unwrap();
    let own = outcome
        .findings
        .iter()
        .filter(|one| one.package.as_deref() == Some("PKG-E"));
    (own.map(|finding| finding.code.clone()).collect(), outcome)
}

fn act<'a>(committed: &'a mut Committed, what: &str) -> &'a mut CreationAct {
    let acts = &mut committed.creation.as_mut().unwrap().creation.act;
    acts.iter_mut().find(|act| act.what == what).unwrap()
}

fn of_packet(outcome: &Outcome) -> (Status, bool, bool) {
    let package = outcome
        .packages
        .iter()
        .find(|package| package.id == "PKG-E")
        .unwrap();
    let packet = outcome
        .packets
        .iter()
        .find(|packet| packet.package == "PKG-E")
        .unwrap();
    (package.verdict, packet.applied, packet.restored)
}

#[tokio::test(flavor = "current_thread")]
async fn an_act_that_is_refused_otherwise_answers_otherwise_or_comes_elsewhere_is_found() {
    let (codes, outcome) = with(|committed| {
        let undecided = act(committed, "a signer who decides nothing");
        undecided.refused.as_mut().unwrap().says = "found a decision".to_owned();
        act(committed, "what the signers read").answers = vec!["15_evidence NEVER".to_owned()];
        let creation = &mut committed.creation.as_mut().unwrap().creation;
        // Rows of the run that were not declared to be: the activation comes to another state.
        creation
            .grows
            .retain(|relation| !relation.ends_with(".signoff_binding"));
        let reached = creation
            .act
            .iter()
            .filter(|act| act.reaches == Some(Landmark::Activated));
        assert_eq!(reached.count(), 1);
    })
    .await;
    assert_eq!(
        codes,
        [
            "PACKET_STATE_DIFFERS",
            "PACKET_DID_NOT_REFUSE",
            "PACKET_CAME_TO_ANOTHER_STATE"
        ],
        "{:#?}",
        outcome.findings
    );
    let residue = &outcome.findings.last().unwrap().details;
    assert!(
        residue.iter().any(|line| line.contains("signoff_binding")),
        "{residue:?}"
    );
    assert_eq!(of_packet(&outcome), (Status::Fail, false, false));
    assert_eq!(outcome.verdict, Status::Fail);
}

#[tokio::test(flavor = "current_thread")]
async fn an_act_by_somebody_else_and_leave_that_is_not_looked_at_are_found() {
    let (codes, outcome) = with(|committed| {
        // Each wrong authorization must be refused with another code than the one that there is.
        let creation = committed.creation.as_mut().unwrap();
        "Q7999".clone_into(&mut creation.creation.leave);
        act(committed, "the first signer").login = "fix7_outsider".to_owned();
    })
    .await;
    let (last, before) = codes.split_last().unwrap();
    assert_eq!(last, "PACKET_REFUSED", "{codes:?}");
    assert!(
        before.len() > 10 && before.iter().all(|code| code == "PACKET_DID_NOT_REFUSE"),
        "{codes:?}"
    );
    let refused = outcome
        .findings
        .iter()
        .find(|one| one.code == "PACKET_REFUSED")
        .unwrap();
    assert!(
        refused.message.contains("`20_signoff.sql` as `fix7_outsider`"),
        "{refused:?}"
    );
    assert_eq!(of_packet(&outcome), (Status::Fail, false, false));
}
