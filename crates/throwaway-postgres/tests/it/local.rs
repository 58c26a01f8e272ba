//! The local provider: what it serves, and what it says when it can't.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use sqlx::{ConnectOptions as _, Connection as _};
use tempfile::TempDir;
use throwaway_postgres::{Options, Script, StartError, Template, start};

use crate::victim::{assert_no_segment_left, orphaned_segments};

/// The local provider without a cache, with this machine's programs or installed ones.
pub(crate) fn local() -> Options {
    Options {
        cache_dir: None,
        ..Options::for_local_tests().unwrap()
    }
}

pub(crate) async fn ask(options: sqlx::postgres::PgConnectOptions, sql: &'static str) -> String {
    let mut connection = options.connect().await.unwrap();
    let answer = sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    answer
}

#[tokio::test]
async fn a_server_serves_its_superuser_and_the_roles_of_its_template() {
    let template = Template {
        database: "estate".to_owned(),
        scripts: vec![
            Script::cluster("roles", "create role plain_login login"),
            Script::database(
                "tables",
                "create table public.t as select 7 as n; grant select on public.t to plain_login",
            ),
        ],
    };
    let server = start(&Options {
        template: Some(template),
        max_locks_per_transaction: 333,
        max_prepared_transactions: 3,
        ..local()
    })
    .await
    .unwrap();
    assert_eq!(server.provider(), "local");
    assert!(server.reason().starts_with("asked for; `postgres (PostgreSQL) "));
    assert!((150_000..190_000).contains(&server.version_num()));
    assert!(
        server
            .version()
            .starts_with(&(server.version_num() / 10_000).to_string())
    );
    let locks = ask(
        server.connect_options("postgres"),
        "show max_locks_per_transaction",
    )
    .await;
    assert_eq!(locks, "333");
    let prepared = ask(
        server.connect_options("postgres"),
        "show max_prepared_transactions",
    )
    .await;
    assert_eq!(prepared, "3");
    let own = server.connect_options_as("estate", "plain_login");
    assert_eq!(
        ask(own, "select session_user || ' ' || n from public.t").await,
        "plain_login 7"
    );
    assert!(server.bin_dir().unwrap().join("postgres").is_file());
    let socket = server.socket_dir().unwrap().to_path_buf();
    server.stop().await.unwrap();
    assert!(!socket.exists());
}

#[tokio::test]
async fn the_major_that_is_asked_for_is_served_and_no_other() {
    let server = start(&local()).await.unwrap();
    let (own, bin) = (
        server.version_num() / 10_000,
        server.bin_dir().unwrap().to_path_buf(),
    );
    server.stop().await.unwrap();
    let here = |major| {
        Options {
            pg_bin: Some(bin.clone()),
            ..local()
        }
        .of_major(major)
    };
    let again = start(&here(own)).await.unwrap();
    assert_eq!(again.version_num() / 10_000, own);
    again.stop().await.unwrap();
    let other = if own == 18 { 17 } else { own + 1 };
    let refused = start(&here(other)).await.unwrap_err();
    assert!(
        matches!(&refused, StartError::OtherMajor { asked, found } if *asked == other && found.contains(&format!("(PostgreSQL) {own}"))),
        "{refused}"
    );
    let said = refused.to_string();
    assert!(said.contains(&format!("fetch-postgres {other}")), "{said}");
}

#[tokio::test]
async fn two_servers_live_side_by_side() {
    let (options, other) = (local(), local());
    let (one, two) = tokio::join!(start(&options), start(&other));
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_ne!(one.socket_dir(), two.socket_dir());
    one.stop().await.unwrap();
    assert_eq!(ask(two.connect_options("postgres"), "select 'up'").await, "up");
    two.stop().await.unwrap();
}

#[tokio::test]
async fn a_dropped_server_is_gone() {
    let server = start(&local()).await.unwrap();
    let socket = server.socket_dir().unwrap().to_path_buf();
    drop(server);
    assert!(!socket.exists());
}

#[tokio::test]
async fn a_role_that_is_there_already_is_named() {
    let template = Template {
        database: String::new(),
        scripts: vec![Script::cluster("roles.sql", "create role postgres")],
    };
    let error = start(&Options {
        template: Some(template),
        ..local()
    })
    .await
    .unwrap_err();
    assert!(matches!(&error, StartError::RoleExists { script, .. } if script == "roles.sql"));
    assert!(
        error
            .to_string()
            .contains("role \"postgres\" already exists in the cluster")
    );
}

/// A folder with an `initdb` and a `postgres` that says it is of `version`.
fn fake_binaries(version: &str) -> TempDir {
    let dir = tempfile::Builder::new()
        .permissions(fs::Permissions::from_mode(0o755))
        .tempdir_in("/tmp")
        .unwrap();
    for name in ["initdb", "postgres"] {
        let path = dir.path().join(name);
        let mut file = File::create(&path).unwrap();
        writeln!(
            file,
            "#!/bin/sh\necho 'postgres (PostgreSQL) {version}'\necho \"share_path=${{0%/*}}\""
        )
        .unwrap();
        drop(file);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    File::create(dir.path().join("postgresql.conf.sample")).unwrap();
    dir
}

async fn start_with(bin: &Path) -> StartError {
    let options = Options {
        pg_bin: Some(bin.to_path_buf()),
        ..local()
    };
    start(&options).await.unwrap_err()
}

#[tokio::test]
async fn an_unsupported_major_is_named_with_the_supported_ones() {
    for version in ["14.9", "19devel"] {
        let bin = fake_binaries(version);
        let error = start_with(bin.path()).await;
        assert!(matches!(error, StartError::UnsupportedMajor { .. }), "{error}");
        let text = error.to_string();
        assert!(
            text.contains(version) && text.contains("15, 16, 17 and 18"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn a_folder_without_programs_is_named() {
    let empty = tempfile::tempdir().unwrap();
    let error = start_with(empty.path()).await;
    assert!(matches!(error, StartError::NoBinaries { .. }), "{error}");
    assert!(error.to_string().contains(empty.path().to_str().unwrap()));
}

#[tokio::test]
async fn a_server_that_ends_while_starting_tells_its_last_lines() {
    // It prints its version and its folder, whatever it is asked for, and ends without a server.
    let bin = fake_binaries("15.18");
    let error = start_with(bin.path()).await;
    assert!(matches!(error, StartError::ServerEnded { .. }), "{error}");
    assert!(
        error.to_string().contains("postgres (PostgreSQL) 15.18"),
        "{error}"
    );
}

#[tokio::test]
async fn a_socket_path_that_is_too_long_is_found_before_a_server_is() {
    let parent = tempfile::tempdir().unwrap();
    let long = parent.path().join("x".repeat(80));
    fs::create_dir(&long).unwrap();
    let error = start(&Options {
        temp_dir: Some(long),
        ..local()
    })
    .await
    .unwrap_err();
    assert!(matches!(error, StartError::NoPlace { .. }), "{error}");
    assert!(error.to_string().contains("socket path"), "{error}");
}

/// Root mounts a disk of 8 MB; a plain user can't, and shows an unwritable place instead.
#[tokio::test]
async fn a_full_disk_is_one_clear_error_and_leaves_nothing() {
    let place = tempfile::tempdir_in("/tmp").unwrap();
    if !rustix::process::geteuid().is_root() {
        fs::set_permissions(place.path(), fs::Permissions::from_mode(0o555)).unwrap();
        let error = start(&Options {
            temp_dir: Some(place.path().to_path_buf()),
            ..local()
        })
        .await
        .unwrap_err();
        assert!(matches!(error, StartError::NoPlace { .. }), "{error}");
        return;
    }
    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let segments = orphaned_segments();
    let mounted = std::process::Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=8m,mode=1777", "tmpfs"])
        .arg(place.path())
        .status()
        .unwrap();
    assert!(mounted.success());
    let error = start(&Options {
        temp_dir: Some(place.path().to_path_buf()),
        ..local()
    })
    .await
    .unwrap_err();
    let left = fs::read_dir(place.path()).unwrap().count();
    let unmounted = std::process::Command::new("umount")
        .arg(place.path())
        .status()
        .unwrap();
    assert!(unmounted.success());
    assert!(
        matches!(&error, StartError::NoRoom { parent, .. } if parent == place.path()),
        "{error}"
    );
    assert!(error.to_string().contains("No space left on device"), "{error}");
    assert_eq!(left, 0);
    assert_no_segment_left(&segments);
}
