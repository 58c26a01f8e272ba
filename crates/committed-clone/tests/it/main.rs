//! The toy control plane, really committed: green when all is sound, red for one fault at a time.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod disposable;
mod faults;
mod logins;
mod shapes;
mod sound;
// The engine's own, with its files.
#[path = "../../../rehearsal/tests/it/toy.rs"]
mod toy;

use committed_clone::CommitError;
use rehearsal::{Applied, CommittedRun, Finding};
use toy::Toy;

/// What a committed run of `toy` on a cluster of its own comes to.
pub(crate) async fn commit(
    toy: Toy,
    rehearsed: Option<&Applied>,
) -> Result<(CommittedRun, Vec<Finding>), CommitError> {
    let committed = toy.seal().load().expect("the toy loads");
    let options = rehearsal::server_options(&toy::options(), &committed);
    let server = throwaway_postgres::start(&options).await.expect("a server");
    let cluster = server.disposable().expect("a cluster of our own");
    let ran = committed_clone::run(cluster, &committed, rehearsed, &mut ()).await;
    server.stop().await.expect("it stops");
    ran
}

/// The one finding with this code.
#[track_caller]
pub(crate) fn found<'a>(findings: &'a [Finding], code: &str, words: &str) -> &'a Finding {
    let is_it = |finding: &&Finding| finding.code == code && finding.message.contains(words);
    let found = findings.iter().find(is_it);
    found.unwrap_or_else(|| panic!("no {code} with `{words}`: {findings:#?}"))
}
