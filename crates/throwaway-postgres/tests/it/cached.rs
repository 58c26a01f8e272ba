//! Ready clusters: a second start copies, a damaged entry is made again.

use std::fs::{self, OpenOptions};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use throwaway_postgres::{Cluster, Options, Script, Template, start};

use crate::local::{ask, local};
use crate::victim::{As, Victim};

fn options(cache: &Path) -> Options {
    Options {
        cache_dir: Some(cache.to_path_buf()),
        template: Some(Template {
            database: "estate".to_owned(),
            scripts: vec![
                Script::cluster("roles", "create role cached_login login"),
                Script::database(
                    "tables",
                    "create table public.t as select 'kept' as n; grant select on public.t to public",
                ),
            ],
        }),
        ..local()
    }
}

/// Starts, checks that the template is there, stops; where the cluster came from.
async fn cluster(options: &Options) -> Cluster {
    let server = start(options).await.unwrap();
    let login = server.connect_options_as("estate", "cached_login");
    assert_eq!(ask(login, "select n from public.t").await, "kept");
    let cluster = server.cluster();
    server.stop().await.unwrap();
    cluster
}

fn entries(cache: &Path) -> Vec<PathBuf> {
    fs::read_dir(cache)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect()
}

#[tokio::test]
async fn the_second_start_copies_what_the_first_made() {
    let cache = tempfile::tempdir().unwrap();
    let mut options = options(cache.path());
    assert_eq!(cluster(&options).await, Cluster::Kept);
    assert_eq!(cluster(&options).await, Cluster::Cached);
    assert_eq!(cluster(&options).await, Cluster::Cached);
    if let Some(template) = &mut options.template {
        template
            .scripts
            .push(Script::database("more", "create table public.more ()"));
    }
    assert_eq!(cluster(&options).await, Cluster::Kept);
    assert_eq!(entries(cache.path()).len(), 2);
}

#[tokio::test]
async fn a_damaged_entry_is_made_again() {
    let cache = tempfile::tempdir().unwrap();
    let options = options(cache.path());
    assert_eq!(cluster(&options).await, Cluster::Kept);
    let entry = entries(cache.path()).remove(0);
    let length = fs::metadata(&entry).unwrap().len();
    for damage in ["flip", "cut", "empty"] {
        let mut file = OpenOptions::new().write(true).open(&entry).unwrap();
        match damage {
            "flip" => {
                file.seek(SeekFrom::Start(length / 2)).unwrap();
                file.write_all(b"damage").unwrap();
            }
            "cut" => file.set_len(length / 3).unwrap(),
            _ => file.set_len(0).unwrap(),
        }
        drop(file);
        assert_eq!(cluster(&options).await, Cluster::Rebuilt, "{damage}");
        assert_eq!(cluster(&options).await, Cluster::Cached, "{damage}");
    }
}

#[tokio::test]
async fn two_first_starts_at_once_both_work() {
    let cache = tempfile::tempdir().unwrap();
    let options = options(cache.path());
    let (one, two) = tokio::join!(cluster(&options), cluster(&options));
    assert_eq!((one, two), (Cluster::Kept, Cluster::Kept));
    assert_eq!(entries(cache.path()).len(), 1);
    let (one, two) = tokio::join!(cluster(&options), cluster(&options));
    assert_eq!((one, two), (Cluster::Cached, Cluster::Cached));
}

#[tokio::test]
async fn a_cache_that_cannot_be_written_is_said_and_not_fatal() {
    let parent = tempfile::tempdir().unwrap();
    let file = parent.path().join("file");
    fs::File::create(&file).unwrap();
    let found = cluster(&options(&file.join("cache"))).await;
    assert!(matches!(found, Cluster::NotKept(_)), "{found:?}");
}

#[test]
fn a_plain_user_keeps_clusters_too() {
    for who in As::all() {
        let cache = tempfile::tempdir_in("/tmp").unwrap();
        if let As::Nobody = who {
            std::os::unix::fs::chown(cache.path(), Some(65534), Some(65534)).unwrap();
        }
        for expected in ["Kept", "Cached"] {
            let mut victim = Victim::start(*who, &["local", "--cache", cache.path().to_str().unwrap()]);
            let line = victim.up();
            assert!(line.contains(expected), "{who:?}: {line}");
            assert!(victim.finish().success());
        }
    }
}
