//! The committed capture of the reference estate is what a capture of it gives.
//!
//! `REGENERATE=1 cargo test -p capture-tests` writes it anew; the difference is reviewed like code.

use std::path::{Path, PathBuf};

use capture::{Capture, DeclaredRows, Options, Origin, capture};
use sqlx::{AssertSqlSafe, Connection as _};

use crate::cluster::Cluster;
use crate::foreign::digests_agree;

/// The major that the reference estate is captured on, whatever a machine has: another one would change
/// every row that holds a view's digest.
const MAJOR: u32 = 15;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..")
}

/// What the estate declares: DOT-118 and DOT-119 are frozen.
fn options() -> Options {
    Options {
        declared: vec![DeclaredRows {
            relation: "public.dot_tools".to_owned(),
            key_column: "code".to_owned(),
            keys: vec!["DOT-118".to_owned(), "DOT-119".to_owned()],
            columns: ["status", "tier", "paired", "paired_dot", "frozen"]
                .map(str::to_owned)
                .to_vec(),
        }],
        origin: Origin::Content,
        ..Options::new("directus")
    }
}

/// Loads the estate's files in their order.
async fn load(cluster: &Cluster) {
    let text = std::fs::read_to_string(root().join("rehearsal/estate/estate_index.toml"))
        .expect("the estate's index");
    let index: toml::Table = toml::from_str(&text).unwrap();
    let mut connection = cluster.connect("postgres").await;
    sqlx::raw_sql("create database directus template template0")
        .execute(&mut connection)
        .await
        .unwrap();
    let files = index["file"].as_array().unwrap();
    assert!(files.len() >= 10, "the estate's files");
    for file in files {
        let path = file["path"].as_str().unwrap();
        let script = std::fs::read_to_string(root().join(path)).unwrap();
        let mut connection = cluster.connect(file["database"].as_str().unwrap()).await;
        sqlx::raw_sql(AssertSqlSafe(script))
            .execute(&mut connection)
            .await
            .unwrap_or_else(|error| panic!("{path}: {error}"));
        connection.close().await.unwrap();
    }
}

#[tokio::test(flavor = "current_thread")]
async fn committed_capture_is_what_the_estate_gives() {
    let cluster = Cluster::start().await;
    load(&cluster).await;
    let folder = root().join("rehearsal/captures/reference");
    let mut connection = cluster.connect("directus").await;
    let captured = capture(&mut connection, &options())
        .await
        .unwrap_or_else(|error| panic!("{error}: {error:?}"));
    if std::env::var_os("REGENERATE").is_some() {
        assert_eq!(
            captured.server_major(),
            MAJOR,
            "authoring takes its rows from a capture of this major; `THROWAWAY_POSTGRES_BIN` names its programs"
        );
        captured.write(&folder).unwrap();
    }
    let committed = Capture::load(&folder)
        .unwrap_or_else(|error| panic!("{error}; REGENERATE=1 cargo test -p capture-tests"));
    if committed.server_major() == captured.server_major() {
        for (name, text) in captured.files() {
            assert_eq!(
                committed.files().get(name),
                Some(text),
                "{name} is stale: REGENERATE=1 cargo test -p capture-tests"
            );
        }
        assert_eq!(committed, captured);
        committed.expect_same_database(&captured).unwrap();
    } else {
        // Majors print views and know privileges of their own; all else is foretold.
        let differences = committed.differences_beyond_major(&captured);
        assert!(
            differences.is_empty(),
            "{differences:#?}: REGENERATE=1 cargo test -p capture-tests on {}",
            committed.server_major()
        );
    }
    digests_agree(&cluster, "directus").await;
}
