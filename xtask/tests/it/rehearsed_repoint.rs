//! PKG-D in a rehearsal: what the estate says of itself before the packages, one fault at a time.
//!
//! Not for: a live database (`repoint_proof`). The one fact to know: one server is measured again and again, each time
//! with one thing other than it was, in the database, in what is rehearsed, or in what people decided.

use crate::repoint::measure;
use crate::rig::Repository;
use crate::tidy::root;
use rehearsal::{Committed, Finding, RepointOutcome, Status};
use sqlx::{ConnectOptions as _, Executor as _, PgConnection};
use std::path::Path;
use throwaway_postgres::{Options, Server};

const DECISIONS: &str = "rehearsal/decisions.toml";

struct Estate {
    server: Server,
    committed: Committed,
    admin: PgConnection,
}

impl Estate {
    async fn start() -> Self {
        let committed = rehearsal::load(&root()).unwrap();
        let options = rehearsal::server_options(&Options::for_tests(), &committed);
        let server = throwaway_postgres::start(&options).await.unwrap();
        let committed = crate::majors::committed_for(&server, &root(), committed)
            .await
            .unwrap();
        Self {
            admin: server.connect_options("directus").connect().await.unwrap(),
            server,
            committed,
        }
    }

    async fn measured(&self, root: &Path) -> (RepointOutcome, Vec<Finding>) {
        measure(&self.server, &self.committed, root).await.unwrap()
    }

    /// What is found while `fault` is there.
    async fn under(&mut self, fault: &'static str, mended: &'static str) -> Vec<Finding> {
        self.admin.execute(fault).await.unwrap();
        let (outcome, findings) = self.measured(&root()).await;
        self.admin.execute(mended).await.unwrap();
        assert_eq!(outcome.verdict, Status::Fail, "{fault}");
        findings
    }
}

fn codes(findings: &[Finding]) -> Vec<&str> {
    assert!(
        findings
            .iter()
            .all(|finding| finding.package.as_deref() == Some("PKG-D"))
    );
    findings.iter().map(|finding| finding.code.as_str()).collect()
}

fn details<'a>(findings: &'a [Finding], code: &str) -> &'a [String] {
    &findings
        .iter()
        .find(|finding| finding.code == code)
        .unwrap()
        .details
}

#[tokio::test(flavor = "current_thread")]
async fn each_thing_that_is_other_than_rehearsed_is_found_and_named() {
    let mut estate = Box::pin(Estate::start()).await;
    let (sound, findings) = estate.measured(&root()).await;
    assert_eq!(
        (sound.verdict, codes(&findings)),
        (Status::Pass, vec![]),
        "{findings:#?}"
    );
    assert_eq!(sound.rehearsed_sha256, sound.live_sha256);
    let files: usize = estate
        .committed
        .packages
        .iter()
        .map(|package| 2 * package.files.len())
        .sum();
    assert_eq!(sound.files, files);
    assert!(
        sound.reads > 500 && sound.views["OWNER_MOVES"] == 187,
        "{sound:?}"
    );

    let found = estate
        .under(
            "comment on table public.tasks is 'somebody was here'",
            "comment on table public.tasks is null",
        )
        .await;
    assert_eq!(codes(&found), ["REHEARSAL_OF_ANOTHER_CAPTURE", "CAPTURE_STALE"]);
    assert!(
        details(&found, "CAPTURE_STALE")
            .concat()
            .contains("somebody was here")
    );

    let found = estate
        .under(
            "create table public.born_later (n integer); grant select on public.born_later to directus",
            "drop table public.born_later",
        )
        .await;
    assert_eq!(
        codes(&found),
        [
            "REHEARSAL_OF_ANOTHER_CAPTURE",
            "SELECT_SET_MOVED",
            "CAPTURE_STALE",
            "NOT_A_FIXPOINT"
        ]
    );
    assert_eq!(
        details(&found, "SELECT_SET_MOVED"),
        ["new: public.born_later (n)"]
    );

    // Other bytes are rehearsed than would be authored from what is there.
    let file = &mut estate.committed.packages[1].files[0];
    let (path, authored) = (file.up_path.clone(), file.up.clone());
    file.up.push_str("-- by hand\n");
    let (_, found) = estate.measured(&root()).await;
    assert_eq!(codes(&found), ["NOT_A_FIXPOINT"]);
    assert_eq!(details(&found, "NOT_A_FIXPOINT"), [path]);
    estate.committed.packages[1].files[0].up = authored;

    // What is rehearsed is authored from another database, or from two.
    let other = "0".repeat(64);
    let at = estate
        .committed
        .inputs
        .iter()
        .position(|(_, document)| document.get("capture_sha256").is_some());
    estate.committed.inputs[at.unwrap()].1["capture_sha256"] = other.into();
    let (outcome, found) = estate.measured(&root()).await;
    assert_eq!(
        (outcome.verdict, codes(&found)),
        (Status::Fail, vec!["REHEARSAL_OF_ANOTHER_CAPTURE"])
    );
    estate.server.stop().await.unwrap();
}

#[tokio::test(flavor = "current_thread")]
async fn a_read_that_nobody_decided_about_is_no_go_and_so_is_a_needless_decision() {
    let estate = Box::pin(Estate::start()).await;
    let repository = Repository::copy();
    let decided = repository.read(DECISIONS);
    let from = decided.find("[[read_conflict]]").unwrap();
    let to = decided.find("[[as_invoker]]").unwrap();
    repository.edit(DECISIONS, &decided[from..to], "");
    let (outcome, found) = estate.measured(repository.path()).await;
    assert_eq!(
        (outcome.verdict, codes(&found)),
        (Status::Fail, vec!["READ_CONFLICT", "NOT_A_FIXPOINT"])
    );
    assert_eq!(outcome.views["READ_CONFLICT"], 7);

    let repository = Repository::copy();
    let drop_of = |view: &str| format!("relation = \"{view}\"\nway = \"drop_read\"");
    let needless = drop_of("public.qt001_v_candidate_latest");
    repository.edit(DECISIONS, &drop_of("public.qt001_v_gate_board"), &needless);
    let (_, found) = estate.measured(repository.path()).await;
    assert_eq!(
        codes(&found),
        ["DECISION_STALE", "READ_CONFLICT", "NOT_A_FIXPOINT"]
    );

    std::fs::remove_file(
        repository
            .path()
            .join("rehearsal/captures/reference/capture.toml"),
    )
    .unwrap();
    let (outcome, found) = estate.measured(repository.path()).await;
    assert_eq!((outcome.verdict, codes(&found)), (Status::NotMeasured, vec![]));
    estate.server.stop().await.unwrap();
}
