//! The packets of E to H, committed one after the other and taken back, while a second client reads and gives birth.
//!
//! Not for: an operator's own path with psql (`authoring`), or orders that are refused. The one fact to know: what is
//! red here is made so on purpose, in one packet's text or one state, and everything before it is as committed.

use crate::committed::estate;
use committed_clone::commit_chain;
use rehearsal::{ChainOutcome, Committed, Finding, Open, ReadCounts, Status};

async fn chain(change: impl FnOnce(&mut Committed)) -> (ChainOutcome, ReadCounts, Vec<Finding>) {
    let (server, mut committed) = estate().await;
    change(&mut committed);
    let cluster = server.disposable().unwrap();
    let ended = commit_chain(cluster, &committed, &mut ()).await.unwrap();
    server.stop().await.unwrap();
    ended
}

const LEGACY: Open = Open {
    legacy: true,
    new: false,
};
const NEW: Open = Open {
    legacy: false,
    new: true,
};

#[tokio::test]
async fn e_to_h_are_committed_there_and_back_to_the_start_while_a_second_client_works() {
    let (chain, reads, findings) = Box::pin(chain(|_| ())).await;
    assert!(findings.is_empty(), "{findings:#?}");
    let links: Vec<_> = chain
        .links
        .iter()
        .map(|link| {
            (
                link.package.as_str(),
                link.file.as_str(),
                link.login.as_str(),
                link.open,
                link.restored,
            )
        })
        .collect();
    let operator = "fix7_operator";
    let created = [
        ("10_create_and_seal.sql", operator),
        ("15_evidence.sql", "fix7_verifier"),
        ("20_signoff.sql", "fix7_reviewer"),
        ("20_signoff.sql", "fix7_binder"),
        ("20_signoff.sql", "fix7_owner"),
        ("30_activate.sql", operator),
    ];
    let parts = |parts: &[(&'static str, &'static str)]| -> Vec<_> {
        let link = |(file, login): &(&'static str, &'static str)| ("PKG-E", *file, *login, LEGACY, None);
        parts.iter().map(link).collect()
    };
    // Made as far as its activation and dropped again, to the very cluster that it was.
    let mut expected = parts(&created[..5]);
    expected.push(("PKG-E", "rollback.sql", operator, LEGACY, Some(true)));
    expected.extend(parts(&created));
    for package in ["PKG-F", "PKG-G", "PKG-H"] {
        expected.push((package, "apply.sql", operator, NEW, None));
    }
    for (package, open) in [("PKG-H", NEW), ("PKG-G", NEW), ("PKG-F", LEGACY)] {
        expected.push((package, "rollback.sql", operator, open, Some(true)));
    }
    // And its way back after the activation, which PKG-F's has superseded by then.
    expected.extend(parts(&[("40_prior_payload.sql", operator)]));
    expected.extend(parts(&created[2..5]));
    expected.push(("PKG-E", "50_return.sql", operator, LEGACY, Some(true)));
    assert_eq!(links, expected);
    assert_eq!(chain.verdict, Status::Pass);
    assert_eq!((reads.states, reads.preserved), (4, reads.tried));
    assert!(reads.tried > 1_000, "{reads:?}");
    let statements: usize = chain.links.iter().map(|link| link.statements).sum();
    let client = chain.client;
    assert!(
        statements > 3_000 && client.births > 400,
        "{statements} statements, {client:?}"
    );
    assert_eq!(
        client.births,
        client.reads + client.waited,
        "one of each at a time"
    );
    assert_eq!(client.births, client.looked);
}

#[tokio::test]
async fn a_packet_that_opens_both_paths_and_stops_births_is_noticed_by_the_second_client() {
    let (chain, _, findings) = Box::pin(chain(|committed| {
        let packet = committed.packets.get_mut("PKG-F").unwrap();
        let mixed = "set local role directus;\nlock table public.birth_registry in exclusive mode;\nset local role qt001_cp_owner;\n\
            grant usage on schema qt001_cp to qt001_cp_writer;\n\
            grant execute on function qt001_cp.qt001_writer_gateway(text, jsonb, boolean) to qt001_cp_writer;\nreset role;\n";
        packet.files.insert("apply.sql".to_owned(), mixed.to_owned().into());
    }))
    .await;
    let of = |code: &str| -> Vec<&Finding> { findings.iter().filter(|one| one.code == code).collect() };
    let refused = of("BIRTH_REFUSED");
    assert!(
        refused.len() > 2 && refused[0].message.contains("`apply.sql` of PKG-F"),
        "{findings:#?}"
    );
    assert!(refused[0].details[0].starts_with("55P03"), "{refused:#?}");
    let mixed = of("MIXED_AUTHORITY");
    assert_eq!(mixed[0].package.as_deref(), Some("PKG-F"));
    assert!(
        mixed[0].message.contains("after `apply.sql` of PKG-F"),
        "not before its commit: {mixed:#?}"
    );
    assert_eq!(
        of("PACKET_REFUSED").len(),
        1,
        "what comes after it does not run: {findings:#?}"
    );
    assert_eq!(chain.verdict, Status::Fail);
}

#[tokio::test]
async fn a_read_that_a_login_alone_loses_is_found_in_each_state() {
    // A privilege that says a view may be read is no read: a setting of the role alone takes it away, which SET ROLE
    // would not show.
    let (chain, reads, findings) = Box::pin(chain(|committed| {
        for state in &mut committed.states {
            if state.state.step == "S16" && state.state.moment == "before" {
                state.sql += "\nalter role directus set row_security = off;\nalter table public.tasks enable row level security;\nalter table public.tasks force row level security;\ncreate policy all_rows on public.tasks using (true);\n";
            }
        }
    }))
    .await;
    assert!(reads.preserved < reads.tried, "{reads:?}");
    let lost: Vec<&Finding> = findings
        .iter()
        .filter(|one| one.code == "READ_LOST" && one.message.starts_with("reading over a login"))
        .collect();
    assert_eq!(lost.len(), 2, "after S16 and after S18: {findings:#?}");
    assert!(
        lost[0].message.contains("state S16 after")
            && lost[0]
                .details
                .iter()
                .any(|read| read.contains("from public.tasks ")),
        "{lost:#?}"
    );
    assert_eq!(chain.verdict, Status::Fail);
}
