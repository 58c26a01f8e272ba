//! What is committed, as it is on the server that the tests run on.
//!
//! Not for: rehearsals, which author for themselves. The one fact to know: on a major other than the captured one the
//! rows of #20, and packets with them, are authored in memory from the estate there, as a rehearsal does.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use authoring::{Decisions, LiveFacts, author};
use capture::{Capture, DeclaredRows, Origin};
use fix7_manifest::FIX7;
use sqlx::Connection as _;
use throwaway_postgres::{Client, Disposable};
use tokio::sync::OnceCell;

use crate::definitions::sources;
use crate::plane::{Plane, Stage, read, root};

/// Files that are other ones on this major, by path; none on the captured one.
#[derive(Debug, Default)]
pub(crate) struct Here(BTreeMap<String, String>);

/// What is committed, byte for byte.
pub(crate) static COMMITTED: Here = Here(BTreeMap::new());

impl Here {
    /// Those of this server, authored once for all tests.
    pub(crate) async fn of_this_server() -> &'static Self {
        static HERE: OnceCell<Here> = OnceCell::const_new();
        HERE.get_or_init(authored).await
    }

    /// A file.
    pub(crate) fn read(&self, path: &str) -> String {
        self.0.get(path).cloned().unwrap_or_else(|| read(path))
    }

    /// Names and texts of a packet.
    pub(crate) fn packet(&self, package: &str) -> BTreeMap<String, String> {
        let folder = format!("rehearsal/packages/{package}");
        let names = std::fs::read_dir(root().join(&folder)).unwrap();
        let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names
            .map(|name| (name.clone(), self.read(&format!("{folder}/{name}"))))
            .collect()
    }
}

async fn authored() -> Here {
    let reference = Capture::load(&root().join("rehearsal/captures/reference")).unwrap();
    let estate = Plane::at(Stage::Estate).await;
    let mut connection = estate.login("harness").await;
    let major = connection.server_version_num().unwrap() / 10_000;
    if major == reference.server_major() {
        connection.close().await.unwrap();
        estate.stop().await;
        return Here::default();
    }
    let options = capture::Options {
        declared: vec![DeclaredRows {
            relation: "public.dot_tools".to_owned(),
            key_column: "code".to_owned(),
            keys: ["DOT-118", "DOT-119"].map(str::to_owned).to_vec(),
            columns: ["status", "tier", "paired", "paired_dot", "frozen"]
                .map(str::to_owned)
                .to_vec(),
        }],
        origin: Origin::Content,
        ..capture::Options::new(&reference.facts().select_set.reader)
    };
    let here = capture::capture(&mut connection, &options).await.unwrap();
    connection.close().await.unwrap();
    estate.stop().await;
    let differ = reference.differences_beyond_major(&here);
    assert!(differ.is_empty(), "{differ:#?}");
    let decisions = Decisions::load(&root(), &["p_owner"]).unwrap();
    let live = LiveFacts::from_capture(&here).unwrap().decided(&decisions);
    let files = author(&sources(&FIX7, Some(&live)), &root()).unwrap();
    let of_another_major = files.iter().filter(|(path, text)| {
        let committed = std::fs::read_to_string(root().join(path));
        committed.is_ok_and(|committed| committed != **text)
    });
    Here(
        of_another_major
            .map(|(path, text)| (path.to_owned(), text.to_owned()))
            .collect(),
    )
}

/// psql of the server's major, else any: an older one speaks with a newer server as well.
pub(crate) fn psql(cluster: Disposable<'_>) -> Client {
    cluster.client("psql").unwrap_or_else(|why| {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let mut programs = std::env::split_paths(&path).map(|folder: PathBuf| folder.join("psql"));
        let program = programs.find(|program| Path::is_file(program)).expect(&why);
        Client {
            program,
            version: String::new(),
        }
    })
}
