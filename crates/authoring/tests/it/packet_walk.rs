//! An operator's path through PKG-F, by the lines of its README.txt, on a cluster that commits; and everything that must
//! be refused there, each leaving the database as it was.
//!
//! Not for: what a rolled-back rehearsal shows. The one fact to know: psql, ssh-keygen and sha256sum do all of it; this
//! file only makes keys, arranges, and reads what they print.

use crate::plane::{Plane, Stage, root, run, texts};
use operator_authorization::{Authorization, Moment, Packet, Person, Proof, Scope, Target};
use sqlx::Connection as _;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const DATABASE: &str = "directus";
const OPERATOR: &str = "fix7_operator";

/// A cluster before S15, and a desk with keys, leave and a copy of the packet.
struct Desk {
    plane: Plane,
    folder: TempDir,
    psql: PathBuf,
    environment: BTreeMap<String, String>,
}

impl Desk {
    async fn new() -> Self {
        let mut plane = Plane::at(Stage::Activated).await;
        // Nobody else has a transaction open.
        run(&mut plane.connection, "rollback").await;
        let cluster = plane.server.disposable().expect("a cluster of our own");
        let client = cluster.client("psql").expect("psql of the server's major");
        let command = cluster.command(&client, DATABASE);
        let environment = command
            .get_envs()
            .filter_map(|(name, value)| Some((name.to_str()?.to_owned(), value?.to_str()?.to_owned())))
            .collect();
        let desk = Self {
            psql: client.program.clone(),
            environment,
            folder: tempfile::tempdir().unwrap(),
            plane,
        };
        std::fs::create_dir(desk.packet()).unwrap();
        for entry in std::fs::read_dir(root().join("rehearsal/packages/PKG-F")).unwrap() {
            let entry = entry.unwrap();
            std::fs::copy(entry.path(), desk.packet().join(entry.file_name())).unwrap();
        }
        let mend = std::fs::read_to_string(root().join("rehearsal/states/15_before.sql")).unwrap();
        desk.arrange(&format!("begin; {mend}; commit")).await;
        desk.keys();
        desk.leave("0123456789abcdef0123456789abcdef").await;
        desk
    }

    fn packet(&self) -> PathBuf {
        self.folder.path().join("packet")
    }

    /// Keys of reviewer and owner, and who may sign what.
    fn keys(&self) {
        let mut lines = String::new();
        for who in ["p_reviewer", "p_owner"] {
            let made = self.shell(
                &format!("ssh-keygen -q -t ed25519 -N '' -C {who} -f ../{who}"),
                OPERATOR,
                "",
            );
            assert!(made.status.success(), "{}", told(&made));
            let key = std::fs::read_to_string(self.folder.path().join(format!("{who}.pub"))).unwrap();
            lines.push_str(&format!("{who} namespaces=\"fix7-operator-authorization\" {key}"));
        }
        std::fs::write(self.packet().join("allowed_signers"), lines).unwrap();
    }

    /// Leave for the packet as it lies there, signed by both.
    async fn leave(&self, nonce: &str) {
        let packet = self.read_packet();
        let mut harness = self.plane.login("harness").await;
        let target = texts(
            &mut harness,
            "select system_identifier || '/directus' from pg_control_system()",
        )
        .await;
        let epoch = texts(&mut harness, "select epoch::text from qt001_cp.control_epoch").await;
        harness.close().await.unwrap();
        let person = |principal: &str, human: &str| Person {
            principal: principal.to_owned(),
            human: human.to_owned(),
        };
        let artifact = Authorization {
            package: "PKG-F".to_owned(),
            approved_package_sha256: packet.digest,
            tool_version: packet.tool_version.clone(),
            epoch: epoch[0].parse().unwrap(),
            not_before: Moment::parse_lenient("2020-01-01T00:00:00Z").unwrap(),
            expiry: Moment::parse_lenient("9000-01-01T00:00:00Z").unwrap(),
            nonce: nonce.to_owned(),
            author: person("p_author", "human.author"),
            reviewer: person("p_reviewer", "human.reviewer"),
            owner: person("p_owner", "human.owner"),
            operator: person("p_operator", "human.operator"),
            target: Target::parse(&target[0]).unwrap(),
            scope: Scope {
                package: "PKG-F".to_owned(),
                objects: packet.objects.clone(),
            },
            proof: Proof::over(&packet.objects, packet.digest).unwrap(),
        };
        std::fs::write(
            self.packet().join("authorization.json"),
            artifact.to_file().unwrap(),
        )
        .unwrap();
        for who in ["p_reviewer", "p_owner"] {
            let line = format!(
                "rm -f authorization.json.{who}.sig; ssh-keygen -q -Y sign -n fix7-operator-authorization -f ../{who} < authorization.json > authorization.json.{who}.sig"
            );
            let signed = self.shell(&line, OPERATOR, "");
            assert!(signed.status.success(), "{}", told(&signed));
        }
    }

    fn read_packet(&self) -> Packet {
        let mut files = BTreeMap::new();
        for entry in std::fs::read_dir(root().join("rehearsal/packages/PKG-F")).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            files.insert(name.clone(), std::fs::read(self.packet().join(name)).unwrap());
        }
        Packet::read(&files).unwrap()
    }

    /// A line of the README in the packet's folder, as this login.
    fn shell(&self, line: &str, login: &str, options: &str) -> Output {
        self.command(line, login, options).output().unwrap()
    }

    fn command(&self, line: &str, login: &str, options: &str) -> Command {
        let mut command = Command::new("sh");
        let path = std::env::var("PATH").unwrap_or_default();
        let beside = self.psql.parent().unwrap_or(Path::new("/")).display();
        command
            .args(["-c", line])
            .current_dir(self.packet())
            .envs(&self.environment)
            .env("PATH", format!("{beside}:{path}"))
            .env("PGUSER", login)
            .env("PGOPTIONS", options)
            .stdin(Stdio::null());
        command
    }

    /// Lines of README.txt that begin with `word` and hold `with`, with what is to be filled in filled in.
    fn readme(&self, word: &str, with: &str) -> Vec<String> {
        let text = std::fs::read_to_string(self.packet().join("README.txt")).unwrap();
        let lines: Vec<String> = text
            .lines()
            .map(str::trim)
            .filter(|line| line.starts_with(word) && line.contains(with))
            .map(|line| {
                line.replace("DATABASE", DATABASE)
                    .replace("REVIEWER", "p_reviewer")
                    .replace("OWNER", "p_owner")
            })
            .collect();
        assert!(!lines.is_empty(), "README.txt has no line `{word} … {with}`");
        lines
    }

    /// The one line that runs this file.
    fn follow(&self, file: &str, login: &str) -> Output {
        let lines = self.readme("psql", &format!("-f {file}"));
        self.shell(&lines[0], login, "")
    }

    fn dba(&self, file: &str) {
        let done = self.shell(
            &self.readme("psql", &format!("-f {file}"))[0],
            &self.environment["PGUSER"],
            "",
        );
        assert!(done.status.success(), "{file}: {}", told(&done));
    }

    async fn arrange(&self, sql: &str) {
        let mut harness = self.plane.login("harness").await;
        run(&mut harness, sql).await;
        harness.close().await.unwrap();
    }

    /// Everything that a packet could change, as one line of text.
    async fn state(&self) -> String {
        let mut harness = self.plane.login("harness").await;
        let sql = "set search_path = ''; select pg_catalog.md5((select pg_catalog.string_agg(pg_catalog.format('%s %s %s %s', p.oid::pg_catalog.regprocedure, p.proowner, p.proacl, pg_catalog.md5(p.prosrc)), ',' order by p.oid) from pg_catalog.pg_proc p)
            || (select pg_catalog.string_agg(pg_catalog.format('%s %s %s', c.oid::pg_catalog.regclass, c.relowner, c.relacl), ',' order by c.oid) from pg_catalog.pg_class c)
            || (select pg_catalog.string_agg(pg_catalog.format('%s %s', n.nspname, n.nspacl), ',' order by n.oid) from pg_catalog.pg_namespace n)
            || (select pg_catalog.count(*) from qt001_cp.operator_packet_run) || (select pg_catalog.count(*) from public.birth_registry))";
        let rows = sqlx::raw_sql(sql).fetch_all(&mut harness).await.unwrap();
        let state: String = sqlx::Row::try_get_unchecked(rows.last().unwrap(), 0).unwrap();
        harness.close().await.unwrap();
        state
    }

    fn verify(&self, expected: &str) {
        let looked = self.follow("verify.sql", OPERATOR);
        assert!(looked.status.success(), "{}", told(&looked));
        assert!(
            String::from_utf8_lossy(&looked.stdout).contains(expected),
            "expected {expected}: {}",
            told(&looked)
        );
    }
}

/// A second connection that asks, over and over, who may execute which path.
struct Watch {
    stop: tokio::sync::oneshot::Sender<()>,
    task: tokio::task::JoinHandle<Vec<String>>,
}

impl Desk {
    async fn watch(&self) -> Watch {
        let plan: toml::Table =
            toml::from_str(&std::fs::read_to_string(root().join("rehearsal/plan.toml")).unwrap()).unwrap();
        let paths = plan["packet"][0]["paths"].as_str().unwrap().to_owned();
        let mut connection = self.plane.login("harness").await;
        let first = open(&mut connection, &paths).await;
        let (stop, mut stopped) = tokio::sync::oneshot::channel();
        let task = tokio::spawn(async move {
            let mut seen = vec![first];
            loop {
                let last = stopped.try_recv().is_ok();
                let now = open(&mut connection, &paths).await;
                if seen.last() != Some(&now) {
                    seen.push(now);
                }
                if last {
                    connection.close().await.unwrap();
                    return seen;
                }
            }
        });
        Watch { stop, task }
    }
}

/// Names of the paths that somebody may execute.
async fn open(connection: &mut sqlx::PgConnection, paths: &str) -> String {
    let lines = texts(connection, paths).await;
    assert_eq!(lines.len(), 2, "{lines:?}");
    let words = lines.iter().filter(|line| !line.contains(" 0"));
    words
        .filter_map(|line| line.split(' ').next())
        .collect::<Vec<_>>()
        .join(" and ")
}

impl Watch {
    /// Exactly these states came by, in this order.
    async fn saw(self, expected: &[&str]) {
        self.stop.send(()).unwrap();
        assert_eq!(self.task.await.unwrap(), expected);
    }
}

fn told(output: &Output) -> String {
    format!(
        "{}\n{}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_follows_the_readme_there_and_back_while_births_go_on() {
    let desk = Desk::new().await;
    desk.dba("dba_before.sql");
    let before = desk.state().await;
    for line in desk
        .readme("sha256sum", "-c")
        .iter()
        .chain(&desk.readme("ssh-keygen", "-Y verify"))
    {
        let checked = desk.shell(line, OPERATOR, "");
        assert!(checked.status.success(), "{line}: {}", told(&checked));
    }
    let ready = desk.follow("preflight.sql", OPERATOR);
    assert!(
        ready.status.success() && told(&ready).contains("GO"),
        "{}",
        told(&ready)
    );
    desk.verify("BEFORE");

    let births = "for n in 1 2 3 4 5 6 7 8 9 10; do psql -X -q -v ON_ERROR_STOP=1 -c \"insert into public.workflows (process_code, name) values ('WALK-'||gen_random_uuid(), 'walk'); select count(*) from public.birth_registry\" || exit 1; done";
    let mut second = desk
        .command(births, "directus", "")
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let watch = desk.watch().await;
    let ran = desk.follow("run.psql", OPERATOR);
    assert!(ran.status.success(), "{}", told(&ran));
    assert!(
        second.wait().unwrap().success(),
        "births and reads of a second client"
    );
    desk.verify("AFTER");
    watch.saw(&["legacy", "new"]).await;
    desk.dba("dba_after.sql");
    for (login, sql, expected) in [
        (
            "directus",
            "select public.qt001_count_rows('none')",
            "permission denied",
        ),
        (
            "directus",
            "select public.fn_writer_dispatch('birth_writer', 'a', 'b')",
            "permission denied",
        ),
        (OPERATOR, "set role directus", "permission denied"),
    ] {
        let tried = desk.shell(&format!("psql -X -v ON_ERROR_STOP=1 -c \"{sql}\""), login, "");
        assert!(
            !tried.status.success() && told(&tried).contains(expected),
            "{sql}: {}",
            told(&tried)
        );
    }

    desk.dba("dba_before.sql");
    let watch = desk.watch().await;
    let back = desk.shell(&desk.readme("psql", "run-rollback.psql")[0], OPERATOR, "");
    assert!(back.status.success(), "{}", told(&back));
    desk.verify("BEFORE");
    watch.saw(&["new", "legacy"]).await;
    let again = desk.follow("run.psql", OPERATOR);
    assert_eq!(again.status.code(), Some(3), "{}", told(&again));
    assert!(told(&again).contains("NONCE_REPLAYED"), "{}", told(&again));
    desk.dba("dba_after.sql");
    let legacy = desk.shell(
        "psql -X -v ON_ERROR_STOP=1 -c \"select public.qt001_count_rows('none')\"",
        "directus",
        "",
    );
    assert!(legacy.status.success(), "{}", told(&legacy));
    assert_ne!(desk.state().await, before, "runs, births and the epoch stay");
    desk.plane.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_legacy_call_across_the_cutover_is_waited_for_and_named() {
    let desk = Desk::new().await;
    desk.dba("dba_before.sql");
    // Begun a moment ago: what preflight could not know of.
    let mut caller = desk.plane.login("directus").await;
    run(
        &mut caller,
        "set application_name = 'the old path'; begin; select public.qt001_count_rows('none')",
    )
    .await;
    let ran = desk.follow("run.psql", OPERATOR);
    assert!(ran.status.success(), "{}", told(&ran));
    let line = &desk.readme("psql", "-f verify.sql")[0];
    let looked = desk.shell(line, OPERATOR, "-c packet.drain_seconds=1");
    assert!(!looked.status.success(), "{}", told(&looked));
    assert!(
        told(&looked).contains("NOT_DRAINED") && told(&looked).contains("the old path"),
        "{}",
        told(&looked)
    );
    run(&mut caller, "update public.qt001_plan set id = id; commit").await;
    caller.close().await.unwrap();
    desk.verify("AFTER");
    desk.verify("LEGACY_WRITE_AFTER_CUTOVER | public.qt001_plan");
    desk.plane.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bare_run_changes_nothing() {
    let desk = Desk::new().await;
    desk.dba("dba_before.sql");
    for file in ["apply.sql", "rollback.sql"] {
        let before = desk.state().await;
        for login in [OPERATOR, desk.environment["PGUSER"].as_str()] {
            let bare = desk.shell(&format!("psql -X -f {file}"), login, "");
            assert!(told(&bare).contains("OUTSIDE_TRANSACTION"), "{}", told(&bare));
            assert!(told(&bare).contains("read-only transaction"), "{}", told(&bare));
        }
        assert_eq!(desk.state().await, before, "{file}, run bare");
    }
    let before = desk.state().await;
    for line in [
        "psql -X -f run.psql",
        "psql -X -v packet_sha256=00 -f run.psql",
        "psql -X -v packet_sha256=00 -v authorization=none -f run.psql",
    ] {
        let refused = desk.shell(line, OPERATOR, "");
        assert_eq!(refused.status.code(), Some(3), "{line}: {}", told(&refused));
    }
    assert_eq!(desk.state().await, before);
    desk.plane.stop().await;
}

/// What is arranged, how it is undone, the login, and what must be said.
const REFUSED: &[(&str, &str, &str, &str, &[&str])] = &[
    (
        "a live ACL moved",
        "grant execute on function public.qt001_count_rows(text) to analyst",
        "revoke execute on function public.qt001_count_rows(text) from analyst",
        OPERATOR,
        &["STATE_MOVED", "public.qt001_count_rows(text)"],
    ),
    (
        "a legacy function came after the seal",
        "set role directus; create function public.qt001_late() returns integer language sql as 'select 1'; reset role",
        "drop function public.qt001_late()",
        OPERATOR,
        &["GUARD_NOT_GREEN", "G-UNKNOWN-ZERO"],
    ),
    (
        "a body moved",
        "set role directus; create or replace function public.qt001_has_quorum(plan integer) returns boolean language sql stable as 'select false'; reset role",
        "",
        OPERATOR,
        &["STATE_MOVED", "public.qt001_has_quorum(integer)"],
    ),
    (
        "the application is a superuser",
        "alter role directus superuser",
        "alter role directus nosuperuser",
        OPERATOR,
        &["ISOLATION_MEANS_NOTHING", "SUPERUSER_TRAP directus"],
    ),
    (
        "the schema is the database owner's",
        "alter schema public owner to pg_database_owner",
        "alter schema public owner to public_schema_owner",
        OPERATOR,
        &[
            "ISOLATION_MEANS_NOTHING",
            "SCHEMA_OWNER_CAN_REPLACE directus in public",
        ],
    ),
    (
        "a cost of its own",
        "alter function public.qt001_apply_batch(integer) cost 7",
        "alter function public.qt001_apply_batch(integer) cost 100",
        OPERATOR,
        &["NOT_RESTORABLE", "public.qt001_apply_batch(integer)"],
    ),
    (
        "a stranger among the writers",
        "grant qt001_cp_writer to fix7_outsider",
        "revoke qt001_cp_writer from fix7_outsider",
        OPERATOR,
        &["WRITER_MEMBER_UNKNOWN", "fix7_outsider"],
    ),
    (
        "another login",
        "",
        "",
        "fix7_reviewer",
        &["OPERATOR_NOT_PREPARED", "fix7_reviewer may not become directus"],
    ),
    (
        "a superuser in the operator's place",
        "",
        "",
        "",
        &["AUTHORIZATION_REFUSED", "SESSION_NOT_OPERATOR"],
    ),
    (
        "a membership that inherits",
        "grant directus to fix7_outsider; grant fix7_outsider to fix7_operator",
        "revoke fix7_outsider from fix7_operator; revoke directus from fix7_outsider",
        "",
        &["AUTHORIZATION_REFUSED"],
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_not_as_approved_is_refused_and_leaves_the_database_as_it_was() {
    let desk = Desk::new().await;
    let early = desk.follow("run.psql", OPERATOR);
    assert!(
        told(&early).contains("OPERATOR_NOT_PREPARED"),
        "before the window: {}",
        told(&early)
    );
    desk.dba("dba_before.sql");
    for (what, arrange, undo, login, expected) in REFUSED {
        desk.arrange(&format!("begin; {arrange}; commit")).await;
        let before = desk.state().await;
        let login = if login.is_empty() {
            desk.environment["PGUSER"].as_str()
        } else {
            login
        };
        let refused = desk.follow("run.psql", login);
        assert_eq!(refused.status.code(), Some(3), "{what}: {}", told(&refused));
        for word in *expected {
            assert!(
                told(&refused).contains(word),
                "{what}: expected `{word}`: {}",
                told(&refused)
            );
        }
        assert_eq!(desk.state().await, before, "{what}");
        if undo.is_empty() && !arrange.is_empty() {
            // A body goes back as it was captured by the packet's own text.
            let sql =
                std::fs::read_to_string(root().join("rehearsal/estate/07_legacy_routines.sql")).unwrap();
            let body = sql
                .split("create function public.qt001_has_quorum")
                .nth(1)
                .unwrap();
            let body = body.split("$body$;").next().unwrap();
            desk.arrange(&format!(
                "create or replace function public.qt001_has_quorum{body}$body$"
            ))
            .await;
        } else {
            desk.arrange(&format!("begin; {undo}; commit")).await;
        }
    }
    desk.verify("BEFORE");

    // Somebody else is at it, or holds what it needs.
    let mut other = desk.plane.login("harness").await;
    for (what, hold, expected) in [
        (
            "another operator",
            "begin; select pg_advisory_xact_lock(7000701519)",
            "OTHER_OPERATOR_AT_WORK",
        ),
        (
            "a lock on a sealed table",
            "begin; lock table public.qt001_run in access exclusive mode",
            "LEGACY_IN_FLIGHT",
        ),
    ] {
        run(&mut other, hold).await;
        let refused = desk.follow("run.psql", OPERATOR);
        assert!(told(&refused).contains(expected), "{what}: {}", told(&refused));
        run(&mut other, "rollback").await;
    }
    let before = desk.state().await;

    // One byte of the packet: the list does not hold, and what it would be run as was not approved.
    let apply = desk.packet().join("apply.sql");
    let text = std::fs::read_to_string(&apply).unwrap();
    std::fs::write(
        &apply,
        text.replacen("One transaction's content", "One transaction's Content", 1),
    )
    .unwrap();
    let listed = desk.shell(&desk.readme("sha256sum", "-c")[0], OPERATOR, "");
    assert!(!listed.status.success(), "{}", told(&listed));
    let list = desk.packet().join("SHA256SUMS");
    let kept = std::fs::read(&list).unwrap();
    let relisted = desk.shell(
        "sha256sum $(cut -c67- SHA256SUMS) > new && mv new SHA256SUMS",
        OPERATOR,
        "",
    );
    assert!(relisted.status.success(), "{}", told(&relisted));
    let refused = desk.follow("run.psql", OPERATOR);
    assert!(told(&refused).contains("OTHER_BYTES"), "{}", told(&refused));
    std::fs::write(&apply, text).unwrap();
    std::fs::write(&list, kept).unwrap();

    // An artifact that was edited after it was signed: no database can tell, ssh-keygen can.
    let artifact = desk.packet().join("authorization.json");
    let signed = std::fs::read_to_string(&artifact).unwrap();
    std::fs::write(&artifact, signed.replace("9000-01-01", "9001-01-01")).unwrap();
    for line in desk.readme("ssh-keygen", "-Y verify") {
        let checked = desk.shell(&line, OPERATOR, "");
        assert!(!checked.status.success(), "{line}: {}", told(&checked));
    }
    std::fs::write(&artifact, signed).unwrap();
    assert_eq!(desk.state().await, before);

    // The connection is lost in the middle, while a statement waits for somebody.
    run(
        &mut other,
        "begin; grant execute on function public.qt001_count_rows(text) to analyst",
    )
    .await;
    let line = desk.readme("psql", "-f run.psql")[0].clone();
    let child = desk
        .command(&line, OPERATOR, "")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let waiting =
        "select pid::text from pg_stat_activity where usename = 'fix7_operator' and wait_event_type = 'Lock'";
    let deadline = Instant::now() + Duration::from_secs(60);
    let mut watcher = desk.plane.login("harness").await;
    let pid = loop {
        if let Some(pid) = texts(&mut watcher, waiting).await.pop() {
            break pid;
        }
        assert!(Instant::now() < deadline, "nobody waits for the lock");
        tokio::task::yield_now().await;
    };
    run(&mut watcher, &format!("select pg_terminate_backend({pid})")).await;
    let lost = child.wait_with_output().unwrap();
    assert!(!lost.status.success(), "{}", told(&lost));
    run(&mut other, "rollback").await;
    desk.verify("BEFORE");
    assert_eq!(desk.state().await, before, "after a lost connection");

    // And with nothing in the way the same packet under the same leave runs.
    let ran = desk.follow("run.psql", OPERATOR);
    assert!(ran.status.success(), "{}", told(&ran));
    // Half of it undone by hand is neither.
    desk.arrange("grant execute on function public.qt001_count_rows(text) to analyst")
        .await;
    let neither = desk.follow("verify.sql", OPERATOR);
    assert!(!neither.status.success(), "{}", told(&neither));
    for word in ["NEITHER", "public.qt001_count_rows(text)"] {
        assert!(told(&neither).contains(word), "{}", told(&neither));
    }
    for connection in [other, watcher] {
        connection.close().await.unwrap();
    }
    desk.plane.stop().await;
}
