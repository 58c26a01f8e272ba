//! A cluster with the estate alone, the people's logins, a copy of the packet, keys and leave.
//!
//! The one fact to know: everybody's lines are those of README.txt, filled in and given to a shell.

use crate::majors::{Here, psql};
use crate::plane::{Plane, Stage, run, texts};
use fix7_manifest::FIX7;
use operator_authorization::{Authorization, Moment, Packet, Person, Proof, Scope, Target};
use sqlx::Connection as _;
use std::collections::BTreeMap;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

const PACKAGE: &str = "PKG-E";
pub(super) const OPERATOR: &str = "fix7_operator";
pub(super) const VERIFIER: &str = "fix7_verifier";
/// Login and slot of each signer.
pub(super) const SIGNERS: [(&str, &str); 3] = [
    ("fix7_reviewer", "reviewer"),
    ("fix7_binder", "binder"),
    ("fix7_owner", "owner"),
];

pub(super) struct Desk {
    pub(super) plane: Plane,
    here: &'static Here,
    people: People,
}

impl Deref for Desk {
    type Target = People;

    fn deref(&self) -> &People {
        &self.people
    }
}

impl Desk {
    /// The estate, with nothing of a control plane; the logins are there, as they must be.
    pub(super) async fn new() -> Self {
        let mut plane = Plane::at(Stage::Estate).await;
        run(&mut plane.connection, "rollback").await;
        let cluster = plane.server.disposable().expect("a cluster of our own");
        let client = psql(cluster);
        let command = cluster.command(&client, "directus");
        let environment = command
            .get_envs()
            .filter_map(|(name, value)| Some((name.to_str()?.to_owned(), value?.to_str()?.to_owned())))
            .collect();
        let people = People {
            folder: tempfile::tempdir().unwrap(),
            psql: client.program.clone(),
            environment,
        };
        let desk = Self {
            here: Here::of_this_server().await,
            people,
            plane,
        };
        let logins: String = FIX7
            .personas
            .iter()
            .map(|persona| {
                // The operator must be so until PostgreSQL 15; whether others are makes no difference.
                let inherit = ["operator", "binder"].contains(&persona.name);
                let inherit = if inherit { "noinherit" } else { "inherit" };
                format!("create role {} login {inherit};", persona.login)
            })
            .collect();
        desk.arrange(&logins).await;
        std::fs::create_dir(desk.packet()).unwrap();
        for (name, text) in desk.here.packet(PACKAGE) {
            put(&desk.packet().join(name), &text);
        }
        desk.keys();
        desk.leave("e123456789abcdef0123456789abcdef").await;
        desk
    }

    /// The control plane as this packet leaves it after its activation, the window closed: what the next one begins at;
    /// and its people, who may have to take it back.
    pub(super) async fn activated() -> (Plane, People) {
        let desk = Self::opened().await;
        desk.part("10", OPERATOR);
        desk.part("15", VERIFIER);
        desk.sign_all();
        desk.part("30", OPERATOR);
        desk.dba("dba_after.sql");
        (desk.plane, desk.people)
    }

    /// The window is open, and the roles are there.
    pub(super) async fn opened() -> Self {
        let desk = Self::new().await;
        desk.dba("dba_roles.sql");
        desk.dba("dba_before.sql");
        desk
    }

    fn keys(&self) {
        let mut lines = String::new();
        for who in ["p_reviewer", "p_owner"] {
            self.succeed(
                &format!("ssh-keygen -q -t ed25519 -N '' -C {who} -f ../{who}"),
                OPERATOR,
            );
            let key = std::fs::read_to_string(self.folder.path().join(format!("{who}.pub"))).unwrap();
            lines.push_str(&format!("{who} namespaces=\"fix7-operator-authorization\" {key}"));
        }
        put(&self.packet().join("allowed_signers"), &lines);
    }

    /// Leave for the packet as it lies there, at the epoch that nobody has begun, signed by both.
    pub(super) async fn leave(&self, nonce: &str) {
        self.leave_for(PACKAGE, &self.packet(), 0, nonce).await;
    }

    /// Another packet in a folder beside this one, with leave that would hold at the first epoch.
    pub(super) async fn beside(&self, package: &str) {
        let folder = self.packet().join("..").join(package);
        std::fs::create_dir(&folder).unwrap();
        for (name, text) in self.here.packet(package) {
            put(&folder.join(name), &text);
        }
        self.leave_for(package, &folder, 1, "0123456789abcdef0123456789abcdef")
            .await;
    }

    /// The line that runs a file of a packet that lies beside this one.
    pub(super) fn later(&self, package: &str, file: &str) -> String {
        let text =
            std::fs::read_to_string(self.packet().join("..").join(package).join("README.txt")).unwrap();
        let with = format!("-f {file}");
        let line = text
            .lines()
            .map(str::trim)
            .find(|line| line.starts_with("psql") && line.ends_with(&with));
        let line = line.unwrap_or_else(|| panic!("README.txt of {package} has no line `psql … {with}`"));
        format!("cd ../{package} && {}", line.replace("DATABASE", "directus"))
    }

    async fn leave_for(&self, package: &str, folder: &Path, epoch: u64, nonce: &str) {
        let mut files = BTreeMap::new();
        for name in self.here.packet(package).into_keys() {
            files.insert(name.clone(), std::fs::read(folder.join(name)).unwrap());
        }
        let packet = Packet::read(&files).unwrap();
        let mut harness = self.plane.login("harness").await;
        let target = texts(
            &mut harness,
            "select system_identifier || '/directus' from pg_control_system()",
        )
        .await;
        harness.close().await.unwrap();
        let person = |principal: &str, human: &str| Person {
            principal: principal.to_owned(),
            human: human.to_owned(),
        };
        let artifact = Authorization {
            package: package.to_owned(),
            approved_package_sha256: packet.digest,
            tool_version: packet.tool_version.clone(),
            epoch,
            not_before: Moment::parse_lenient("2020-01-01T00:00:00Z").unwrap(),
            expiry: Moment::parse_lenient("9000-01-01T00:00:00Z").unwrap(),
            nonce: nonce.to_owned(),
            author: person("p_author", "human.author"),
            reviewer: person("p_reviewer", "human.reviewer"),
            owner: person("p_owner", "human.owner"),
            operator: person("p_operator", "human.operator"),
            target: Target::parse(&target[0]).unwrap(),
            scope: Scope {
                package: package.to_owned(),
                objects: packet.objects.clone(),
            },
            proof: Proof::over(&packet.objects, packet.digest).unwrap(),
        };
        put(&folder.join("authorization.json"), &artifact.to_file().unwrap());
        for who in ["p_reviewer", "p_owner"] {
            self.succeed(&format!(
                "cd {}; rm -f authorization.json.{who}.sig; ssh-keygen -q -Y sign -n fix7-operator-authorization -f ../{who} < authorization.json > authorization.json.{who}.sig",
                folder.display()
            ), OPERATOR);
        }
    }

    /// What time does to a leave that was used and taken back, as a rehearsal has it.
    pub(super) fn expire(&self) -> String {
        let plan: toml::Table = toml::from_str(&self.here.read("rehearsal/plan.toml")).unwrap();
        plan["creation"]["expire"].as_str().unwrap().to_owned()
    }

    /// The line must be refused with exit code 3, saying all of these, and change nothing.
    pub(super) async fn refused(&self, what: &str, line: &str, login: &str, says: &[&str]) {
        let before = self.state().await;
        let refused = self.shell(line, login);
        assert_eq!(refused.status.code(), Some(3), "{what}: {}", told(&refused));
        for word in says {
            assert!(
                told(&refused).contains(word),
                "{what}: expected `{word}`: {}",
                told(&refused)
            );
        }
        assert_eq!(self.state().await, before, "{what}");
    }

    pub(super) async fn arrange(&self, sql: &str) {
        let mut harness = self.plane.login("harness").await;
        run(&mut harness, sql).await;
        harness.close().await.unwrap();
    }

    /// The catalog, roles and memberships, rows of the birth system, and rows of the control plane, as one digest.
    pub(super) async fn state(&self) -> String {
        let mut harness = self.plane.login("harness").await;
        let sql = "set search_path = ''; select pg_catalog.md5(pg_catalog.concat(
            (select pg_catalog.string_agg(pg_catalog.format('%s %s %s %s', p.oid::pg_catalog.regprocedure, p.proowner::pg_catalog.regrole, p.proacl, pg_catalog.md5(p.prosrc)), ',' order by p.oid::pg_catalog.regprocedure::text) from pg_catalog.pg_proc p where p.oid >= 16384),
            (select pg_catalog.string_agg(pg_catalog.format('%s %s %s', c.oid::pg_catalog.regclass, c.relowner::pg_catalog.regrole, c.relacl), ',' order by c.oid::pg_catalog.regclass::text) from pg_catalog.pg_class c where c.oid >= 16384 and c.relkind in ('r', 'v', 'm', 'S', 'p')),
            (select pg_catalog.string_agg(pg_catalog.format('%s %s %s', n.nspname, n.nspowner::pg_catalog.regrole, n.nspacl), ',' order by n.nspname) from pg_catalog.pg_namespace n where n.nspname not like 'pg\\_%'),
            (select pg_catalog.string_agg(pg_catalog.format('%s %s', r.rolname, r.rolinherit), ',' order by r.rolname) from pg_catalog.pg_roles r),
            (select pg_catalog.string_agg(pg_catalog.format('%s %s', m.roleid::pg_catalog.regrole, m.member::pg_catalog.regrole), ',' order by 1) from pg_catalog.pg_auth_members m),
            (select pg_catalog.string_agg(pg_catalog.format('%s %s', d.defaclrole::pg_catalog.regrole, d.defaclacl), ',' order by 1) from pg_catalog.pg_default_acl d),
            (select pg_catalog.count(*) from public.birth_registry),
            case when pg_catalog.to_regnamespace('qt001_cp') is not null then (
              select pg_catalog.xpath('//row/n/text()', pg_catalog.query_to_xml('select (select count(*) from qt001_cp.signoff_binding) + (select count(*) from qt001_cp.evidence_registry) * 1000 + (select count(*) from qt001_cp.manifest_envelope) * 1000000 + (select epoch from qt001_cp.control_epoch) * 1000000000 as n', false, false, ''))::text) end))";
        let rows = sqlx::raw_sql(sql).fetch_all(&mut harness).await.unwrap();
        let state: String = sqlx::Row::try_get_unchecked(rows.last().unwrap(), 0).unwrap();
        harness.close().await.unwrap();
        state
    }
}

/// A copy of the packet with leave in it, and whoever runs its lines.
pub(crate) struct People {
    folder: TempDir,
    psql: PathBuf,
    environment: BTreeMap<String, String>,
}

impl People {
    pub(super) fn packet(&self) -> PathBuf {
        self.folder.path().join("packet")
    }

    /// The login of the DBA.
    pub(super) fn superuser(&self) -> &str {
        &self.environment["PGUSER"]
    }

    pub(crate) fn shell(&self, line: &str, login: &str) -> Output {
        self.command(line, login).output().unwrap()
    }

    pub(super) fn command(&self, line: &str, login: &str) -> Command {
        let mut command = Command::new("sh");
        let path = std::env::var("PATH").unwrap_or_default();
        let beside = self.psql.parent().unwrap_or(Path::new("/")).display();
        command
            .args(["-c", line])
            .current_dir(self.packet())
            .envs(&self.environment)
            .env("PATH", format!("{beside}:{path}"))
            .env("PGUSER", login)
            .stdin(Stdio::null());
        command
    }

    /// Runs a line that must succeed; what it told.
    #[track_caller]
    pub(crate) fn succeed(&self, line: &str, login: &str) -> String {
        let done = self.shell(line, login);
        assert!(done.status.success(), "{login}: {line}: {}", told(&done));
        told(&done)
    }

    /// Lines of README.txt that begin with `word` and hold `with`, with what is to be filled in filled in.
    pub(super) fn readme(&self, word: &str, with: &str) -> Vec<String> {
        let text = std::fs::read_to_string(self.packet().join("README.txt")).unwrap();
        let lines: Vec<String> = text
            .lines()
            .map(str::trim)
            .filter(|line| line.starts_with(word) && line.contains(with))
            .map(|line| {
                line.replace("DATABASE", "directus")
                    .replace("REVIEWER", "p_reviewer")
                    .replace("OWNER", "p_owner")
            })
            .collect();
        assert!(!lines.is_empty(), "README.txt has no line `{word} … {with}`");
        lines
    }

    /// The line that runs this file.
    pub(crate) fn line(&self, file: &str) -> String {
        self.readme("psql", &format!("-f {file}")).remove(0)
    }

    #[track_caller]
    pub(crate) fn dba(&self, file: &str) {
        self.succeed(&self.line(file), self.superuser());
    }

    /// A part, by its number; it must commit.
    #[track_caller]
    pub(crate) fn part(&self, number: &str, login: &str) {
        self.succeed(&self.line(&format!("run-{number}.psql")), login);
    }

    /// The line of a signer's part.
    pub(crate) fn signing(&self, slot: &str, decision: &str) -> String {
        let line = self.line("run-20.psql");
        line.replace("SLOT", slot).replace("DECISION", decision)
    }

    /// Every signer of the quorum approves.
    #[track_caller]
    pub(crate) fn sign_all(&self) {
        for (login, slot) in SIGNERS {
            self.succeed(&self.signing(slot, "approve"), login);
        }
    }

    /// `verify.sql` says all of these.
    #[track_caller]
    pub(crate) fn verify(&self, expected: &[&str]) {
        let told = self.succeed(&self.line("verify.sql"), OPERATOR);
        for word in expected {
            assert!(told.contains(word), "expected `{word}`: {told}");
        }
    }

    /// What packet.toml declares for the state after a part, by the stage's name.
    pub(crate) fn declared(&self, stage: &str) -> String {
        let text = std::fs::read_to_string(self.packet().join("packet.toml")).unwrap();
        let declared: toml::Table = toml::from_str(&text).unwrap();
        let parts = declared["part"].as_array().unwrap();
        let of = |key: &str, digest: &str| {
            let part = parts.iter().find(|part| part[key].as_str() == Some(stage))?;
            Some(format!("{stage} {}", part[digest].as_str()?))
        };
        of("to", "state_after_sha256")
            .or_else(|| of("from", "state_before_sha256"))
            .unwrap()
    }

    /// Lists the files as they lie there now.
    #[track_caller]
    pub(super) fn relist(&self) {
        self.succeed(
            "sha256sum $(cut -c67- SHA256SUMS) > new && mv new SHA256SUMS",
            OPERATOR,
        );
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
pub(super) fn put(path: &Path, text: &str) {
    authoring::atomic_write(path, text).unwrap();
}
