//! Folders of captures: whole, verified, and of one database.

use std::fs;
use std::path::Path;

use capture::{Arguments, Capture, ForeignCapture, LoadError, Options, Origin, RunError, run};
use sqlx::ConnectOptions as _;

use crate::cluster::Cluster;
use crate::{database, execute, take};

fn listing(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn edit(path: &Path, from: &str, to: &str) {
    use std::io::Write as _;
    let text = fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "`{from}` in {}", path.display());
    fs::File::create(path)
        .unwrap()
        .write_all(text.replace(from, to).as_bytes())
        .unwrap();
}

#[tokio::test(flavor = "current_thread")]
async fn a_changed_capture_is_not_loaded() {
    let cluster = Cluster::start().await;
    database(&cluster, "store", "create table public.t (a integer)").await;
    let capture = take(&cluster, "store").await;
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("c");
    let fresh = || {
        let _ = fs::remove_dir_all(&folder);
        capture.write(&folder).unwrap();
    };
    fresh();
    assert_eq!(listing(parent.path()), ["c"], "nothing is left beside it");
    assert_eq!(listing(&folder).len(), 14);
    assert_eq!(Capture::load(&folder).unwrap(), capture);

    for name in listing(&folder).iter().filter(|name| *name != "capture.toml") {
        edit(&folder.join(name), "never edited", "never Edited");
        assert!(
            matches!(Capture::load(&folder), Err(LoadError::Tampered { .. })),
            "{name}"
        );
        fresh();
        fs::remove_file(folder.join(name)).unwrap();
        assert!(
            matches!(
                Capture::load(&folder),
                Err(LoadError::Files { what: "no file", .. })
            ),
            "{name}"
        );
        fresh();
    }
    for (from, to) in [
        ("server_major = 1", "server_major = 2"),
        ("reader = \"postgres\"", "reader = \"directus\""),
        ("database = \"store\"", "database = \"other\""),
        ("system_identifier = \"", "system_identifier = \"9"),
        ("capture_sha256 = \"", "capture_sha256 = \"0"),
        ("never edited", "edited"),
    ] {
        edit(&folder.join("capture.toml"), from, to);
        assert!(
            matches!(Capture::load(&folder), Err(LoadError::Tampered { .. })),
            "{to}"
        );
        fresh();
    }
    edit(
        &folder.join("capture.toml"),
        "format_version = 1",
        "format_version = 2",
    );
    assert!(matches!(
        Capture::load(&folder),
        Err(LoadError::Version { found: 2, .. })
    ));
    fresh();
    fs::File::create(folder.join("notes.toml")).unwrap();
    assert!(matches!(
        Capture::load(&folder),
        Err(LoadError::Files {
            what: "an unlisted file",
            ..
        })
    ));
    assert!(matches!(
        Capture::load(parent.path()),
        Err(LoadError::Read { .. })
    ));
}

#[tokio::test(flavor = "current_thread")]
async fn a_capture_is_replaced_whole_or_not_at_all() {
    let cluster = Cluster::start().await;
    database(&cluster, "store", "create table public.t (a integer)").await;
    let old = take(&cluster, "store").await;
    execute(&cluster, "store", "create table public.u (a integer)").await;
    let new = take(&cluster, "store").await;
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("c");
    assert!(old.write(&folder).unwrap());
    assert!(!old.write(&folder).unwrap(), "unchanged");
    assert!(new.write(&folder).unwrap());
    assert_eq!(Capture::load(&folder).unwrap(), new);
    assert_eq!(listing(parent.path()), ["c"]);

    let file = parent.path().join("file");
    fs::File::create(&file).unwrap();
    assert!(new.write(&file.join("c")).is_err(), "the parent is a file");
    assert_eq!(listing(parent.path()), ["c", "file"]);
}

async fn run_into(
    cluster: &Cluster,
    name: &str,
    folder: &Path,
    origin: Origin,
) -> (Result<(), RunError>, String) {
    let options = cluster.server.connect_options(name).password("hunter2");
    let arguments = Arguments {
        url: options.to_url_lossy().to_string(),
        name: "live".to_owned(),
        captures: folder.to_owned(),
        options: Options {
            origin,
            ..Options::new("postgres")
        },
    };
    let mut out = Vec::new();
    let result = run(&mut out, &arguments).await;
    (result, String::from_utf8(out).unwrap())
}

#[tokio::test(flavor = "current_thread")]
async fn a_capture_of_another_database_is_not_overwritten() {
    let cluster = Cluster::start().await;
    database(&cluster, "one", "create table public.t (a integer)").await;
    database(&cluster, "two", "create table public.t (a integer)").await;
    let parent = tempfile::tempdir().unwrap();
    let (result, out) = run_into(&cluster, "one", parent.path(), Origin::Cluster).await;
    result.unwrap();
    assert!(
        out.starts_with("captured postgres") && out.contains("\nwrote "),
        "{out}"
    );
    assert!(!out.contains("hunter2"), "{out}");
    let first = Capture::load(&parent.path().join("live")).unwrap();
    assert_eq!(
        first.system_identifier(),
        Some(cluster.server.system_identifier())
    );

    let (result, _) = run_into(&cluster, "two", parent.path(), Origin::Cluster).await;
    assert!(
        matches!(
            result,
            Err(RunError::Foreign {
                source: ForeignCapture { what: "database", .. },
                ..
            })
        ),
        "{result:?}"
    );
    let (result, _) = run_into(&cluster, "one", parent.path(), Origin::Content).await;
    assert!(
        matches!(
            result,
            Err(RunError::Foreign {
                source: ForeignCapture { what: "origin", .. },
                ..
            })
        ),
        "{result:?}"
    );
    // A cluster of its own: copies of a cached one share the system identifier.
    let fresh = throwaway_postgres::Options {
        cache_dir: None,
        ..throwaway_postgres::Options::for_tests()
    };
    let other = Cluster::start_with(&fresh).await;
    database(&other, "one", "create table public.t (a integer)").await;
    let (result, _) = run_into(&other, "one", parent.path(), Origin::Cluster).await;
    assert!(
        matches!(
            result,
            Err(RunError::Foreign {
                source: ForeignCapture {
                    what: "system identifier",
                    ..
                },
                ..
            })
        ),
        "{result:?}"
    );
    assert_eq!(Capture::load(&parent.path().join("live")).unwrap(), first);

    execute(&cluster, "one", "create table public.u (a integer)").await;
    let (result, out) = run_into(&cluster, "one", parent.path(), Origin::Cluster).await;
    result.unwrap();
    assert!(out.contains("2 relations,"), "{out}");
    let (result, out) = run_into(&cluster, "one", parent.path(), Origin::Cluster).await;
    result.unwrap();
    assert!(out.contains("\nunchanged: "), "{out}");
}

#[tokio::test(flavor = "current_thread")]
async fn without_a_system_identifier_the_content_says_which_database_it_is() {
    let cluster = Cluster::start().await;
    database(&cluster, "one", "create table public.t (a integer)").await;
    let take_content = async || {
        let options = Options {
            origin: Origin::Content,
            ..Options::new("postgres")
        };
        crate::try_take(&cluster, "one", &options).await.unwrap()
    };
    let committed = take_content().await;
    assert_eq!(committed.expect_same_database(&take_content().await), Ok(()));
    assert_eq!(
        committed.expect_same_database(&take(&cluster, "one").await),
        Ok(())
    );
    execute(&cluster, "one", "grant select on public.t to public").await;
    let error = committed.expect_same_database(&take_content().await).unwrap_err();
    assert_eq!(error.what, "capture digest");
}

#[tokio::test(flavor = "current_thread")]
async fn a_wrong_url_or_name_is_an_error_that_shows_no_password() {
    let parent = tempfile::tempdir().unwrap();
    let arguments = |url: &str, name: &str| Arguments {
        url: url.to_owned(),
        name: name.to_owned(),
        captures: parent.path().to_owned(),
        options: Options::new("postgres"),
    };
    let mut out = Vec::new();
    let shown = |error: RunError| format!("{error}: {error:?}");
    for url in [
        "hunter2",
        "postgres://u:hunter2@[bad/d",
        "postgres://u:hunter2@127.0.0.1:1/d",
    ] {
        let error = run(&mut out, &arguments(url, "x")).await.unwrap_err();
        assert!(
            matches!(error, RunError::Url { .. } | RunError::Connect { .. }),
            "{error:?}"
        );
        assert!(!shown(error).contains("hunter2"), "{url}");
    }
    let error = run(&mut out, &arguments("postgres://u@127.0.0.1:1/d", "../x"))
        .await
        .unwrap_err();
    assert!(matches!(error, RunError::Name { .. }));
    assert!(out.is_empty() && listing(parent.path()).is_empty());
}
