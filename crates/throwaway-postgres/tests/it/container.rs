//! The container provider, against a real engine where there is one.
//!
//! With `THROWAWAY_POSTGRES_REQUIRE_DOCKER=1`, as CI sets it, an engine without the
//! image is a failure; without it these tests assert the error that a user then gets.

use std::io::Write as _;
use std::process::Command;
use std::time::Duration;

use rustix::process::Signal;
use throwaway_postgres::{Options, Provider, Script, StartError, Template, start};

use crate::local::ask;
use crate::victim::{As, Victim, eventually};

fn options() -> Options {
    Options {
        provider: Provider::Testcontainers,
        template: Some(Template {
            database: "estate".to_owned(),
            scripts: vec![
                Script::cluster("roles", "create role c_login login"),
                Script::database(
                    "tables",
                    "create table public.t as select 7 as n; grant select on public.t to c_login",
                ),
            ],
        }),
        ..Options::default()
    }
}

/// Whether there is an engine with the image. Where there is none, what a user is told
/// is asserted instead, and said in the test's output.
async fn engine() -> bool {
    match start(&options()).await {
        Ok(server) => {
            server.stop().await.unwrap();
            true
        }
        Err(error) => {
            let required = std::env::var("THROWAWAY_POSTGRES_REQUIRE_DOCKER");
            assert_ne!(required.as_deref(), Ok("1"), "{error}");
            assert!(
                matches!(error, StartError::NoEngine { .. } | StartError::NoImage { .. }),
                "{error}"
            );
            // Past the harness, which swallows what a passing test prints.
            let _ = writeln!(std::io::stderr(), "not tried on a container: {error}");
            false
        }
    }
}

/// Containers of the owner `pid`, volumes, and networks.
fn docker(args: &[&str]) -> Vec<String> {
    let output = Command::new("docker").args(args).output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(str::to_owned).collect()
}

fn containers_of(pid: u32) -> Vec<String> {
    let format = "{{.ID}} {{.Label \"throwaway-postgres.owner\"}} {{.Ports}}";
    docker(&["ps", "--all", "--format", format])
        .into_iter()
        .filter(|line| line.split(' ').nth(3) == Some(&pid.to_string()))
        .collect()
}

fn volumes_and_networks() -> Vec<String> {
    let mut all = docker(&["volume", "ls", "--quiet"]);
    all.extend(docker(&["network", "ls", "--format", "{{.Name}}"]));
    all.sort();
    all
}

/// The tests of this file look at all volumes, so they take turns.
static TURN: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

#[tokio::test]
async fn a_container_serves_its_superuser_and_the_roles_of_its_template() {
    let _turn = TURN.lock().await;
    if !engine().await {
        return;
    }
    let server = start(&options()).await.unwrap();
    assert_eq!(server.provider(), "testcontainers");
    assert!(server.reason().contains("at hand") || server.reason().contains("pullable"));
    let own = server.connect_options_as("estate", "c_login");
    assert_eq!(
        ask(own, "select session_user || n from public.t").await,
        "c_login7"
    );
    let fsync = ask(server.connect_options("postgres"), "show fsync").await;
    assert_eq!(fsync, "off");
    let here = containers_of(std::process::id());
    assert!(
        here[0].contains("127.0.0.1:") && !here[0].contains("0.0.0.0"),
        "{here:?}"
    );
    server.stop().await.unwrap();
    assert_eq!(containers_of(std::process::id()), Vec::<String>::new());
}

#[tokio::test]
async fn nothing_is_left_of_a_container_after_success_failure_and_signals() {
    let _turn = TURN.lock().await;
    if !engine().await {
        return;
    }
    let before = volumes_and_networks();
    let mut well = Victim::start(As::Ourselves, &["testcontainers"]);
    well.up();
    assert_eq!(containers_of(well.pid()).len(), 1);
    assert!(well.finish().success());
    assert_eq!(containers_of(well.pid()), Vec::<String>::new());
    let mut ill = Victim::start(As::Ourselves, &["testcontainers", "--fail"]);
    assert_eq!(ill.wait().code(), Some(3));
    assert_eq!(containers_of(ill.pid()), Vec::<String>::new());
    for signal in [Signal::INT, Signal::TERM, Signal::KILL] {
        let mut victim = Victim::start(As::Ourselves, &["testcontainers"]);
        victim.up();
        victim.signal(signal);
        victim.wait();
        eventually("the container is gone", || containers_of(victim.pid()).is_empty());
    }
    eventually("volumes and networks are as before", || {
        volumes_and_networks() == before
    });
}

#[tokio::test]
async fn the_next_start_sweeps_containers_that_sigkill_left_at_ten_random_moments() {
    let _turn = TURN.lock().await;
    if !engine().await {
        return;
    }
    let before = volumes_and_networks();
    let mut pids = Vec::new();
    for round in 0..10_u32 {
        let mut victim = Victim::start(As::Ourselves, &["testcontainers"]);
        let moment = round * 80 + victim.pid() % 80;
        victim.run_for(Duration::from_millis(moment.into()));
        victim.signal(Signal::KILL);
        victim.wait();
        pids.push(victim.pid());
    }
    let mut next = Victim::start(As::Ourselves, &["testcontainers"]);
    next.up();
    assert!(next.finish().success());
    for pid in pids {
        eventually("the container is gone", || containers_of(pid).is_empty());
    }
    eventually("volumes and networks are as before", || {
        volumes_and_networks() == before
    });
}

#[tokio::test]
async fn an_image_that_nobody_has_is_named() {
    let _turn = TURN.lock().await;
    if !engine().await {
        return;
    }
    let error = start(&Options {
        image: "localhost:1/throwaway-postgres/absent:0".to_owned(),
        ..options()
    })
    .await
    .unwrap_err();
    assert!(matches!(error, StartError::NoImage { .. }), "{error}");
}
