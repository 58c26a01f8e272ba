//! A cluster before S15, a copy of the packet, keys, leave, and a second connection that watches.
//!
//! The one fact to know: an operator's lines are those of README.txt, filled in and given to a shell.

use crate::majors::{Here, psql};
use crate::plane::{Plane, Stage, root, run, texts};
use guards::Verdict;
use operator_authorization::{Authorization, Moment, Packet, Person, Proof, Scope, Target};
use sqlx::Connection as _;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

pub(super) const DATABASE: &str = "directus";
pub(super) const OPERATOR: &str = "fix7_operator";

/// A cluster before S15, and a desk with keys, leave and a copy of the packet.
pub(super) struct Desk {
    pub(super) plane: Plane,
    folder: TempDir,
    /// The package whose packet lies on it.
    package: &'static str,
    /// The file of who may sign what.
    signers: String,
    psql: PathBuf,
    here: &'static Here,
    pub(super) environment: BTreeMap<String, String>,
}

impl Desk {
    pub(super) async fn new() -> Self {
        let mut plane = Plane::of_this_major(Stage::Activated).await;
        // Nobody else has a transaction open.
        run(&mut plane.connection, "rollback").await;
        Self::over(plane).await
    }

    /// The same over a cluster that somebody else brought so far.
    pub(super) async fn over(plane: Plane) -> Self {
        let cluster = plane.server.disposable().expect("a cluster of our own");
        let client = psql(cluster);
        let command = cluster.command(&client, DATABASE);
        let environment = command
            .get_envs()
            .filter_map(|(name, value)| Some((name.to_str()?.to_owned(), value?.to_str()?.to_owned())))
            .collect();
        let mut desk = Self {
            package: "PKG-F",
            signers: String::new(),
            psql: client.program.clone(),
            environment,
            here: Here::of_this_server().await,
            folder: tempfile::tempdir().unwrap(),
            plane,
        };
        for file in ["15_mends.sql", "15_before.sql"] {
            let made = std::fs::read_to_string(root().join("rehearsal/states").join(file)).unwrap();
            desk.arrange(&format!("begin; {made}; commit")).await;
        }
        desk.keys();
        desk.turn_to("PKG-F", "0123456789abcdef0123456789abcdef").await;
        desk
    }

    /// Lays a packet on the desk, with leave for it under this nonce.
    pub(super) async fn turn_to(&mut self, package: &'static str, nonce: &str) {
        self.package = package;
        if !self.packet().join("apply.sql").exists() {
            std::fs::create_dir_all(self.packet()).unwrap();
            for (name, text) in self.here.packet(package) {
                put(&self.packet().join(name), text);
            }
        }
        put(&self.packet().join("allowed_signers"), &self.signers);
        self.leave(nonce).await;
    }

    /// Turns to a packet that lay here before, with the leave that it had.
    pub(super) fn back_to(&mut self, package: &'static str) {
        self.package = package;
        assert!(self.packet().join("authorization.json").exists(), "{package}");
    }

    pub(super) fn packet(&self) -> PathBuf {
        self.folder.path().join(self.package)
    }

    /// Keys of reviewer and owner, and who may sign what.
    fn keys(&mut self) {
        std::fs::create_dir_all(self.packet()).unwrap();
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
        self.signers = lines;
    }

    /// Leave for the packet as it lies there, signed by both.
    pub(super) async fn leave(&self, nonce: &str) {
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
            package: self.package.to_owned(),
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
                package: self.package.to_owned(),
                objects: packet.objects.clone(),
            },
            proof: Proof::over(&packet.objects, packet.digest).unwrap(),
        };
        put(
            &self.packet().join("authorization.json"),
            artifact.to_file().unwrap(),
        );
        for who in ["p_reviewer", "p_owner"] {
            let line = format!(
                "rm -f authorization.json.{who}.sig; ssh-keygen -q -Y sign -n fix7-operator-authorization -f ../{who} < authorization.json > authorization.json.{who}.sig"
            );
            let signed = self.shell(&line, OPERATOR, "");
            assert!(signed.status.success(), "{}", told(&signed));
        }
    }

    pub(super) fn read_packet(&self) -> Packet {
        let mut files = BTreeMap::new();
        for name in self.here.packet(self.package).into_keys() {
            files.insert(name.clone(), std::fs::read(self.packet().join(name)).unwrap());
        }
        Packet::read(&files).unwrap()
    }

    /// A line of the README in the packet's folder, as this login.
    pub(super) fn shell(&self, line: &str, login: &str, options: &str) -> Output {
        self.command(line, login, options).output().unwrap()
    }

    pub(super) fn command(&self, line: &str, login: &str, options: &str) -> Command {
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
    pub(super) fn readme(&self, word: &str, with: &str) -> Vec<String> {
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
    pub(super) fn follow(&self, file: &str, login: &str) -> Output {
        let lines = self.readme("psql", &format!("-f {file}"));
        self.shell(&lines[0], login, "")
    }

    pub(super) fn dba(&self, file: &str) {
        let done = self.shell(
            &self.readme("psql", &format!("-f {file}"))[0],
            &self.environment["PGUSER"],
            "",
        );
        assert!(done.status.success(), "{file}: {}", told(&done));
    }

    pub(super) async fn arrange(&self, sql: &str) {
        let mut harness = self.plane.login("harness").await;
        run(&mut harness, sql).await;
        harness.close().await.unwrap();
    }

    /// Everything that a packet could change, as one line of text.
    pub(super) async fn state(&self) -> String {
        let mut harness = self.plane.login("harness").await;
        let sql = "set search_path = ''; select pg_catalog.md5((select pg_catalog.string_agg(pg_catalog.format('%s %s %s %s', p.oid::pg_catalog.regprocedure, p.proowner, p.proacl, pg_catalog.md5(p.prosrc)), ',' order by p.oid) from pg_catalog.pg_proc p)
            || (select pg_catalog.string_agg(pg_catalog.format('%s %s %s %s', c.oid::pg_catalog.regclass, c.relowner, c.relacl, c.reloptions), ',' order by c.oid) from pg_catalog.pg_class c)
            || (select pg_catalog.string_agg(pg_catalog.format('%s %s', t.tgname, t.tgenabled), ',' order by t.oid) from pg_catalog.pg_trigger t)
            || (select pg_catalog.string_agg(d.description, ',' order by d.classoid, d.objoid, d.objsubid) from pg_catalog.pg_description d where d.objoid >= 16384)
            || (select pg_catalog.string_agg(pg_catalog.format('%s %s', n.nspname, n.nspacl), ',' order by n.oid) from pg_catalog.pg_namespace n)
            || (select pg_catalog.count(*) from qt001_cp.operator_packet_run) || (select pg_catalog.count(*) from qt001_cp.signoff_binding) || (select pg_catalog.count(*) from qt001_cp.evidence_registry)
            || (select pg_catalog.count(*) from qt001_cp.manifest_envelope) || (select epoch from qt001_cp.control_epoch) || (select pg_catalog.count(*) from public.birth_registry))";
        let rows = sqlx::raw_sql(sql).fetch_all(&mut harness).await.unwrap();
        let state: String = sqlx::Row::try_get_unchecked(rows.last().unwrap(), 0).unwrap();
        harness.close().await.unwrap();
        state
    }

    /// What G-NOMIXED-AUTHORITY says after S15, asked by an auditor who waited since then, and whether long enough.
    pub(super) async fn mixed_authority(&self, wait: Option<(&str, bool)>) -> Verdict {
        let text = std::fs::read_to_string(root().join("rehearsal/guards/g_nomixed_authority.sql")).unwrap();
        let guard = guards::Guard::parse(&text).unwrap();
        let mut inputs = guards::Inputs::new();
        inputs.insert("phase", &"S15".into());
        inputs.insert("moment", &"after".into());
        if let Some((since, over)) = wait {
            inputs.insert("drain", &serde_json::json!({ "since": since, "over": over }));
        }
        let mut watcher = self.plane.login("watcher").await;
        let limits = guards::Limits::default();
        let asked = guards::run_read_only(&mut watcher, &guard, guards::Stage::ControlPlane, &inputs, limits);
        let verdict = asked.await.unwrap();
        watcher.close().await.unwrap();
        verdict
    }

    /// The server's clock.
    pub(super) async fn clock(&self) -> String {
        let mut harness = self.plane.login("harness").await;
        let now = "select pg_catalog.clock_timestamp()::text";
        let now = sqlx::raw_sql(now).fetch_one(&mut harness).await.unwrap();
        harness.close().await.unwrap();
        sqlx::Row::try_get(&now, 0).unwrap()
    }

    /// Owners, privileges, sources, options, triggers and comments: what a way back must restore. Items of relations and of
    /// columns stand as the server keeps them, byte for byte; what it never wrote down reads as its default.
    pub(super) async fn catalog(&self) -> Vec<String> {
        self.catalog_by("i.item::text").await
    }

    /// The same, with these items in the order in which the server keeps them.
    pub(super) async fn catalog_in_order(&self) -> Vec<String> {
        self.catalog_by("i.n").await
    }

    async fn catalog_by(&self, by: &str) -> Vec<String> {
        let mut harness = self.plane.login("harness").await;
        let sql = format!("set search_path = ''; select pg_catalog.format('%s %s %s %s', p.oid::pg_catalog.regprocedure, p.proowner, pg_catalog.md5(p.prosrc), (
              select pg_catalog.string_agg(i::text, ' ' order by i::text) from pg_catalog.aclexplode(coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner))) as i))
            from pg_catalog.pg_proc as p where p.oid >= 16384
            union all
            select pg_catalog.format('%s %s %s %s', c.oid::pg_catalog.regclass, c.relowner, c.reloptions, (
              select pg_catalog.string_agg(i.item::text, ' ' order by {by})
              from pg_catalog.unnest(coalesce(c.relacl, pg_catalog.acldefault(case c.relkind when 'S' then 's' else 'r' end::pg_catalog.\"char\", c.relowner))) with ordinality as i (item, n)))
            from pg_catalog.pg_class as c where c.oid >= 16384
            union all
            select pg_catalog.format('column %s.%s %s', a.attrelid::pg_catalog.regclass, a.attname, (
              select pg_catalog.string_agg(i.item::text, ' ' order by {by}) from pg_catalog.unnest(a.attacl) with ordinality as i (item, n)))
            from pg_catalog.pg_attribute as a where a.attacl is not null
            union all
            select pg_catalog.format('%s %s', n.nspname, (
              select pg_catalog.string_agg(i::text, ' ' order by i::text) from pg_catalog.aclexplode(coalesce(n.nspacl, pg_catalog.acldefault('n', n.nspowner))) as i))
            from pg_catalog.pg_namespace as n where n.nspname not like 'pg_toast%' and n.nspname not like 'pg_temp%'
            union all
            select pg_catalog.format('%s %s %s', t.tgrelid::pg_catalog.regclass, t.tgname, t.tgenabled) from pg_catalog.pg_trigger as t where not t.tgisinternal
            union all
            select pg_catalog.format('comment %s', d.description) from pg_catalog.pg_description as d where d.objoid >= 16384
            union all
            select pg_catalog.format('member %s %s', m.roleid::pg_catalog.regrole, m.member::pg_catalog.regrole) from pg_catalog.pg_auth_members as m
            order by 1");
        let rows = sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
            .fetch_all(&mut harness)
            .await
            .unwrap();
        let lines = rows
            .iter()
            .map(|row| sqlx::Row::try_get_unchecked(row, 0).unwrap());
        let lines = lines.collect();
        harness.close().await.unwrap();
        lines
    }

    /// Runs the packet, and ends its session while one of its statements waits for what `other` holds.
    pub(super) async fn lose_the_connection(&self, other: &mut sqlx::PgConnection) {
        let hold = "begin; grant execute on function public.qt001_count_rows(text) to analyst";
        run(other, hold).await;
        let line = self.readme("psql", "-f run.psql")[0].clone();
        let child = self
            .command(&line, OPERATOR, "")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let waiting = "select pid::text from pg_stat_activity where usename = 'fix7_operator' and wait_event_type = 'Lock'";
        let deadline = Instant::now() + Duration::from_mins(1);
        let mut watcher = self.plane.login("harness").await;
        let pid = loop {
            if let Some(pid) = texts(&mut watcher, waiting).await.pop() {
                break pid;
            }
            assert!(Instant::now() < deadline, "nobody waits for the lock");
            tokio::task::yield_now().await;
        };
        run(&mut watcher, &format!("select pg_terminate_backend({pid})")).await;
        watcher.close().await.unwrap();
        let ended = child.wait_with_output().unwrap();
        assert!(!ended.status.success(), "{}", told(&ended));
        run(other, "rollback").await;
    }

    pub(super) fn verify(&self, expected: &str) {
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
pub(super) struct Watch {
    stop: tokio::sync::oneshot::Sender<()>,
    task: tokio::task::JoinHandle<Vec<String>>,
}

impl Desk {
    pub(super) async fn watch(&self) -> Watch {
        let plan: toml::Table = toml::from_str(&self.here.read("rehearsal/plan.toml")).unwrap();
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
pub(super) async fn open(connection: &mut sqlx::PgConnection, paths: &str) -> String {
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
    pub(super) async fn saw(self, expected: &[&str]) {
        self.stop.send(()).unwrap();
        assert_eq!(self.task.await.unwrap(), expected);
    }
}

pub(super) fn told(output: &Output) -> String {
    format!(
        "{}\n{}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// Writes a file of the desk.
pub(super) fn put(path: &Path, text: impl AsRef<[u8]>) {
    let text = String::from_utf8(text.as_ref().to_vec()).unwrap();
    authoring::atomic_write(path, &text).unwrap();
}
