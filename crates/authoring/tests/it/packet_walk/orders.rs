//! Files of PKG-E whose turn it is not, at a row of the table of orders (`docs/packets.md`).
//!
//! Not for: the legal road, which `chain` takes. The one fact to know: all of a row are tried between two looks at the
//! database, which must be one and the same.

use super::desk::{Desk, OPERATOR, told};
use crate::creation_walk::People;

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
