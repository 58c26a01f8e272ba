//! Files of PKG-E whose turn it is not, at a row of the table of orders (`docs/packets.md`); and windows out of order.
//!
//! Not for: the legal road, which `chain` takes. The one fact to know: all of a row are tried between two looks at the
//! database, which must be one and the same.

use super::desk::{Desk, OPERATOR, told};
use crate::creation_walk::People;
use crate::plane::texts;
use sqlx::Connection as _;

/// Each file of PKG-E, and who runs it.
const FILES: [(&str, &str); 7] = [
    ("10", OPERATOR),
    ("15", "fix7_verifier"),
    ("20", "fix7_reviewer"),
    ("30", OPERATOR),
    ("40", OPERATOR),
    ("50", OPERATOR),
    ("rollback", OPERATOR),
];

/// What is said while these packages are applied.
pub(super) fn applied(packages: &[&str]) -> Vec<String> {
    let lines = packages
        .iter()
        .map(|package| format!("applied and not taken back: {package}"));
    std::iter::once("OUT_OF_ORDER: another package".to_owned())
        .chain(lines)
        .collect()
}

/// What is said at a stage that the file does not lead on from.
pub(super) fn out_of_turn(stage: &str) -> Vec<String> {
    vec![
        "PART_OUT_OF_ORDER: it is another part's turn".to_owned(),
        format!(", found {stage}\n"),
    ]
}

/// Every file of PKG-E but `legal` ones must be refused, saying all of these, and change nothing. The first part is not
/// asked for its turn: its leave was used.
pub(super) async fn no_part(desk: &Desk, origin: &People, legal: &[&str], says: &[String]) {
    origin.dba("dba_before.sql");
    let before = desk.state().await;
    let used = ["AUTHORIZATION_REFUSED", "NONCE_REPLAYED", "was used by"].map(str::to_owned);
    for (file, login) in FILES.iter().filter(|(file, _)| !legal.contains(file)) {
        let line = match *file {
            "20" => origin.signing("reviewer", "approve"),
            _ => origin.line(&format!("run-{file}.psql")),
        };
        let refused = origin.shell(&line, login);
        assert_eq!(refused.status.code(), Some(3), "{file}: {}", told(&refused));
        for word in if *file == "10" { &used } else { says } {
            assert!(
                told(&refused).contains(word),
                "{file}: expected `{word}`: {}",
                told(&refused)
            );
        }
    }
    assert_eq!(desk.state().await, before);
    origin.dba("dba_after.sql");
}

/// PKG-F's window, which PKG-G's files may neither open nor close, and which is closed whole or not at all.
pub(super) async fn a_window_is_of_one_packet(desk: &Desk) {
    let dba = desk.environment["PGUSER"].as_str();
    let looked = desk.follow("verify.sql", OPERATOR);
    assert_eq!(looked.status.code(), Some(3), "{}", told(&looked));
    let says = "OPERATOR_NOT_PREPARED: the login lacks";
    assert!(told(&looked).contains(says), "before a window: {}", told(&looked));
    desk.dba("dba_before.sql");
    for file in [
        "dba_before.sql",
        "../PKG-G/dba_before.sql",
        "../PKG-G/dba_after.sql",
    ] {
        let before = members(desk).await;
        assert!(before.len() > 2, "{before:?}");
        let refused = desk.shell(
            &format!("psql -X -v ON_ERROR_STOP=1 -1 -d directus -f {file}"),
            dba,
            "",
        );
        assert_eq!(refused.status.code(), Some(3), "{file}: {}", told(&refused));
        for word in ["WINDOW_OPEN: ", "DETAIL:  the window of PKG-F is open"] {
            assert!(told(&refused).contains(word), "{file}: {}", told(&refused));
        }
        assert_eq!(members(desk).await, before, "{file}");
    }
    // A reader that somebody has dropped does not keep the operator what the window made it.
    desk.arrange("drop role fix7_packet_reader").await;
    for _ in 0..2 {
        desk.dba("dba_after.sql");
        assert_eq!(members(desk).await, ["qt001_cp_operator"]);
    }
}

/// A role of the window that another DBA gave as well. Since PostgreSQL 16 a membership is of whoever gave it, so the file
/// that closes the window can't take that one away: it names it, and changes nothing. Before, there is one membership.
pub(super) async fn a_membership_of_another_dba_is_named(desk: &Desk) {
    desk.dba("dba_before.sql");
    desk.arrange(
        "create role other_dba superuser; grant directus to other_dba with admin option; \
         grant directus to fix7_operator granted by other_dba",
    )
    .await;
    if desk.plane.server.version_num() >= 160_000 {
        let before = members(desk).await;
        let given = before.iter().filter(|role| *role == "directus").count();
        assert_eq!(given, 2, "{before:?}");
        let line = &desk.readme("psql", "-f dba_after.sql")[0];
        let refused = desk.shell(line, &desk.environment["PGUSER"], "");
        assert_eq!(refused.status.code(), Some(3), "{}", told(&refused));
        let says = "DETAIL:  fix7_operator is still a member of directus, given by other_dba";
        for word in ["WINDOW_OPEN: ", says] {
            assert!(told(&refused).contains(word), "{}", told(&refused));
        }
        assert_eq!(members(desk).await, before);
        desk.arrange("revoke directus from fix7_operator granted by other_dba")
            .await;
    }
    desk.dba("dba_after.sql");
    assert_eq!(members(desk).await, ["qt001_cp_operator"]);
    desk.arrange("revoke directus from other_dba; drop role other_dba")
        .await;
}

/// What the operator's login may become.
async fn members(desk: &Desk) -> Vec<String> {
    let mut harness = desk.plane.login("harness").await;
    let roles = "select m.roleid::regrole::text from pg_auth_members m where m.member = 'fix7_operator'::regrole order by 1";
    let roles = texts(&mut harness, roles).await;
    harness.close().await.unwrap();
    roles
}
