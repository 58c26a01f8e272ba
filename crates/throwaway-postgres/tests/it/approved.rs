//! A URL: refused without approval; afterwards the server is as it was.

use rustix::process::Signal;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};
use throwaway_postgres::{Options, Provider, Script, Server, StartError, Template, start};

use crate::local::{ask, local};
use crate::victim::{As, Victim};

struct Target {
    server: Server,
    url: String,
    identifier: String,
}

impl Target {
    async fn start() -> Self {
        let server = start(&local()).await.unwrap();
        let socket = server.socket_dir().unwrap().display().to_string();
        Self {
            url: format!("postgres://postgres:geheim@localhost:5432/postgres?host={socket}"),
            identifier: server.system_identifier().to_owned(),
            server,
        }
    }

    fn options(&self, approved: Option<&str>, scripts: Vec<Script>) -> Options {
        Options {
            provider: Provider::Url(self.url.clone()),
            approve_target: approved.map(str::to_owned),
            template: Some(Template {
                database: "estate".to_owned(),
                scripts,
            }),
            ..Options::default()
        }
    }

    /// All roles and databases, and rights on databases.
    async fn state(&self) -> String {
        ask(
            self.server.connect_options("postgres"),
            "select string_agg(t, ', ' order by t) from ( \
               select rolname::text as t from pg_roles union all \
               select datname || ' ' || coalesce(datacl, acldefault('d', datdba))::text from pg_database) s",
        )
        .await
    }

    fn victim(&self, args: &[&str]) -> Victim {
        let mut all = vec![&*self.url, "--approve-target", &*self.identifier];
        all.extend(args);
        Victim::start(As::Ourselves, &all)
    }

    async fn settle(&self, before: &str) {
        let deadline = std::time::Instant::now() + crate::victim::DEADLINE;
        loop {
            let now = self.state().await;
            if now == before {
                return;
            }
            assert!(std::time::Instant::now() < deadline, "{now}\nbefore: {before}");
        }
    }
}

fn scripts() -> Vec<Script> {
    vec![
        Script::cluster(
            "roles",
            "create role url_owner; create role url_login login; \
             grant connect on database postgres to url_login; grant url_owner to url_login",
        ),
        Script::database(
            "tables",
            "create schema s authorization url_owner; create table s.t as select 7 as n; \
             grant usage on schema s to url_login; grant select on s.t to url_login",
        ),
    ]
}

#[tokio::test]
async fn a_url_without_the_right_approval_is_refused_and_never_printed() {
    let target = Target::start().await;
    for approved in [None, Some("1234")] {
        let error = start(&target.options(approved, scripts())).await.unwrap_err();
        assert!(
            matches!(&error, StartError::NotApproved { found, .. } if *found == target.identifier),
            "{error}"
        );
        let text = format!("{error} {error:?}");
        assert!(text.contains(&format!("--approve-target {}", target.identifier)));
        assert!(!text.contains("geheim"), "{text}");
    }
    target.server.stop().await.unwrap();
}

#[tokio::test]
async fn an_approved_server_serves_and_is_as_it_was_afterwards() {
    let target = Target::start().await;
    let before = target.state().await;
    let options = target.options(Some(&target.identifier), scripts());
    let server = start(&options).await.unwrap();
    assert_eq!(server.provider(), "url");
    assert_ne!(target.state().await, before);
    let own = server.connect_options_as("estate", "url_login");
    assert_eq!(ask(own, "select session_user || n from s.t").await, "url_login7");
    server.stop().await.unwrap();
    assert_eq!(target.state().await, before);
    target.server.stop().await.unwrap();
}

#[tokio::test]
async fn a_second_owner_is_refused_while_the_first_lives() {
    let target = Target::start().await;
    let options = target.options(Some(&target.identifier), scripts());
    let first = start(&options).await.unwrap();
    let during = target.state().await;
    let error = start(&options).await.unwrap_err();
    assert!(matches!(error, StartError::Busy), "{error}");
    assert_eq!(target.state().await, during);
    first.stop().await.unwrap();
    start(&options).await.unwrap().stop().await.unwrap();
    target.server.stop().await.unwrap();
}

#[tokio::test]
async fn an_approved_server_is_as_it_was_after_a_refused_script_and_a_drop() {
    let target = Target::start().await;
    let before = target.state().await;
    let mut with_fault = scripts();
    with_fault.push(Script::database("fault", "create role half_made; select 1/0"));
    let error = start(&target.options(Some(&target.identifier), with_fault))
        .await
        .unwrap_err();
    assert!(
        matches!(&error, StartError::Template { sqlstate, .. } if sqlstate == "22012"),
        "{error}"
    );
    assert_eq!(target.state().await, before);
    drop(
        start(&target.options(Some(&target.identifier), scripts()))
            .await
            .unwrap(),
    );
    assert_eq!(target.state().await, before);
    target.server.stop().await.unwrap();
}

#[tokio::test]
async fn a_role_of_the_approved_server_is_never_taken_over() {
    let target = Target::start().await;
    let mut connection = target.server.connect_options("postgres").connect().await.unwrap();
    sqlx::raw_sql(AssertSqlSafe("create role url_owner".to_owned()))
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    let before = target.state().await;
    let error = start(&target.options(Some(&target.identifier), scripts()))
        .await
        .unwrap_err();
    assert!(matches!(error, StartError::RoleExists { .. }), "{error}");
    assert_eq!(target.state().await, before);
    target.server.stop().await.unwrap();
}

#[tokio::test]
async fn an_approved_server_is_as_it_was_after_signals() {
    let target = Target::start().await;
    let before = target.state().await;
    for signal in [Signal::INT, Signal::TERM] {
        let mut victim = target.victim(&[]);
        victim.up();
        victim.signal(signal);
        let status = victim.wait();
        let stderr = victim.stderr();
        assert!(
            stderr.contains("interrupted by SIG"),
            "{signal:?}: {status}: {stderr}"
        );
        assert_eq!(target.state().await, before, "{signal:?}: {stderr}");
    }
    target.server.stop().await.unwrap();
}

#[tokio::test]
async fn the_next_start_sweeps_an_approved_server_after_sigkill_at_ten_moments() {
    let target = Target::start().await;
    let before = target.state().await;
    for round in 0..10_u32 {
        let mut victim = target.victim(&[]);
        let moment = round * 12 + victim.pid() % 12;
        victim.run_for(std::time::Duration::from_millis(moment.into()));
        victim.signal(Signal::KILL);
        victim.wait();
        // Our session ends when the server has noticed: then its lock is free.
        let socket = target.server.connect_options("postgres");
        let deadline = std::time::Instant::now() + crate::victim::DEADLINE;
        while ask(
            socket.clone(),
            "select count(*)::text from pg_locks where locktype = 'advisory'",
        )
        .await
            != "0"
        {
            assert!(std::time::Instant::now() < deadline);
        }
        let mut next = target.victim(&[]);
        next.up();
        assert!(next.finish().success());
        target.settle(&before).await;
    }
    target.server.stop().await.unwrap();
}

#[tokio::test]
async fn a_url_without_user_or_host_is_refused_instead_of_taken_from_the_environment() {
    for url in ["postgres://localhost/x", "postgres:///x"] {
        let error = start(&Options {
            provider: Provider::Url(url.to_owned()),
            ..Options::default()
        })
        .await
        .unwrap_err();
        assert!(matches!(error, StartError::Url { .. }), "{url}: {error}");
    }
}
