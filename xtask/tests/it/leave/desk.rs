//! A copy of the repository with a packet in it, a folder of evidence, and what people do with both.
//!
//! The one fact to know: the keys are of this test, the people are FIX7's.

use crate::rig::{Ended, Repository, put};
use operator_authorization::{Evidence, Moment, Person, Runner, packet};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use ssh_key::private::{Ed25519Keypair, KeypairData};
use ssh_key::{HashAlg, LineEnding, PrivateKey};
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;

pub(super) const TARGET: &str = "7300000000000000001/directus";
const WINDOW: [&str; 4] = [
    "--not-before",
    "2020-03-01T00:00:00Z",
    "--expiry",
    "9000-01-01T00:00:00Z",
];

/// A repository, and a folder of evidence.
pub(super) struct Desk {
    pub(super) repository: Repository,
    state: TempDir,
}

fn key(principal: &str) -> PrivateKey {
    let seed = Sha256::digest(format!("the key of {principal} in this test")).into();
    PrivateKey::new(KeypairData::Ed25519(Ed25519Keypair::from_seed(&seed)), principal).unwrap()
}

pub(super) fn at(text: &str) -> Moment {
    Moment::parse_lenient(text).unwrap()
}

impl Desk {
    /// A small packet in place of PKG-E's, signers, a target, and nothing done.
    pub(super) fn new() -> Self {
        let desk = Self::of_committed();
        let declaration = format!(
            "package = \"PKG-E\"\nauthor = \"p_author\"\ntool_version = \"{}\"\n\
             objects = [\"qt001_cp.principal_manifest\", \"qt001_cp.quorum_manifest\"]\n",
            env!("CARGO_PKG_VERSION")
        );
        let mut files = BTreeMap::from([
            ("apply.sql".to_owned(), b"select 1;\n".to_vec()),
            ("packet.toml".to_owned(), declaration.into_bytes()),
        ]);
        files.insert("SHA256SUMS".to_owned(), packet::list(&files).into_bytes());
        fs::remove_dir_all(desk.packet()).unwrap();
        for (name, bytes) in &files {
            put(&desk.packet().join(name), bytes);
        }
        desk
    }

    /// The committed packets, signers, a target, and nothing done.
    pub(super) fn of_committed() -> Self {
        let desk = Self {
            repository: Repository::copy(),
            state: tempfile::tempdir().unwrap(),
        };
        let lines: Vec<String> = [
            ("p_reviewer", "fix7-operator-authorization"),
            ("p_owner", "fix7-operator-authorization"),
            ("p_auditor", "fix7-reaudit"),
        ]
        .iter()
        .map(|(principal, namespace)| {
            let key = key(principal).public_key().to_openssh().unwrap();
            format!("{principal} namespaces=\"{namespace}\" {key}\n")
        })
        .collect();
        put(&desk.path("allowed_signers"), lines.concat().as_bytes());
        put(
            &desk.path("target.toml"),
            b"system_identifier = \"7300000000000000001\"\ndatabase = \"directus\"\nepoch = 0\n",
        );
        fs::create_dir(desk.path("nonces")).unwrap();
        desk
    }

    pub(super) fn packet(&self) -> PathBuf {
        self.repository.path().join("rehearsal/packages/PKG-E")
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.state.path().join(name)
    }

    pub(super) fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    pub(super) fn run(&self, args: &[&str], more: &[(&str, &str)]) -> Ended {
        let mut args = args.to_vec();
        for (name, value) in more {
            args.extend([*name, *value]);
        }
        self.repository.run(&args)
    }

    /// `status`, with the lines of all packages.
    pub(super) fn status(&self) -> Vec<Value> {
        let ended = self.run(&["status", "--format", "json"], &[("--state", &self.text(""))]);
        assert!(matches!(ended.code, Some(0 | 1)), "{}", ended.stderr);
        ended.json()["packages"].as_array().unwrap().clone()
    }

    /// Where a package stands, and the codes of why.
    pub(super) fn standing(&self, package: &str) -> (String, Vec<String>) {
        let lines = self.status();
        let line = lines.iter().find(|line| line["id"] == package).unwrap();
        let codes = ["waits_for", "refused"]
            .iter()
            .flat_map(|part| line[*part].as_array().unwrap())
            .map(|refusal| refusal["code"].as_str().unwrap().to_owned())
            .collect();
        (line["standing"].as_str().unwrap().to_owned(), codes)
    }

    /// Records that a package is done, after the one before it.
    pub(super) fn done(&self, package: &str, before: Option<&str>, how: impl FnOnce(&mut Evidence)) {
        let lines = self.status();
        let line = lines.iter().find(|line| line["id"] == package).unwrap();
        let read = |name: &str| Evidence::read(&fs::read(self.path(name)).unwrap()).unwrap();
        let mut evidence = passed(package, line["package_sha256"].as_str().unwrap());
        evidence.predecessor_evidence_sha256 =
            before.map(|before| read(&format!("{before}/evidence.json")).digest().unwrap());
        how(&mut evidence);
        put(
            &self.path(&format!("{package}/evidence.json")),
            evidence.to_file().unwrap().as_bytes(),
        );
    }

    pub(super) fn sign(&self, file: &str, principal: &str, namespace: &str) {
        let bytes = fs::read(self.path(file)).unwrap();
        let signature = key(principal).sign(namespace, HashAlg::Sha512, &bytes).unwrap();
        put(
            &self.path(&format!("{file}.{principal}.sig")),
            signature.to_pem(LineEnding::LF).unwrap().as_bytes(),
        );
    }

    /// A re-audit of a package, written by the tool and signed.
    pub(super) fn audited(&self, package: &str, before: &str, operator: &str, when: &str) {
        let lines = self.status();
        let line = lines.iter().find(|line| line["id"] == package).unwrap();
        let file = format!("{package}/reaudit.json");
        let evidence = self.text(&format!("{before}/evidence.json"));
        fs::create_dir_all(self.path(package)).unwrap();
        let subject = [
            ("--package", package),
            ("--package-sha256", line["package_sha256"].as_str().unwrap()),
            ("--predecessor-evidence", &evidence),
            ("--author", "p_author"),
        ];
        let more = [
            ("--auditor", "p_auditor"),
            ("--operator", operator),
            ("--verdict", "pass"),
            ("--audited-at", when),
            ("--out", &self.text(&file)),
        ];
        let ended = self.run(&["reaudit", "new"], &[&subject[..], &more[..]].concat());
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        assert!(
            ended.stdout.contains("ssh-keygen -Y sign -n fix7-reaudit"),
            "{}",
            ended.stdout
        );
        self.sign(&file, "p_auditor", "fix7-reaudit");
        let signature = self.text(&format!("{file}.p_auditor.sig"));
        let files = [
            ("--signature", signature.as_str()),
            ("--allowed-signers", &self.text("allowed_signers")),
        ];
        let ended = self.run(
            &["reaudit", "verify", &self.text(&file)],
            &[&subject[..], &files[..]].concat(),
        );
        assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
    }

    /// `authorization new`, with one argument of its own.
    pub(super) fn authorize(&self, change: (&str, &str)) -> Ended {
        fs::create_dir_all(self.path("PKG-E")).unwrap();
        let packet = self.packet();
        let out = self.text("PKG-E/authorization.json");
        let mut args = vec![
            ("--package", "PKG-E"),
            ("--packet", packet.to_str().unwrap()),
            ("--reviewer", "p_reviewer"),
            ("--owner", "p_owner"),
            ("--operator", "p_operator"),
            ("--target", TARGET),
            ("--epoch", "0"),
            (WINDOW[0], WINDOW[1]),
            (WINDOW[2], WINDOW[3]),
            ("--out", &out),
        ];
        for (name, value) in &mut args {
            if *name == change.0 {
                *value = change.1;
            }
        }
        self.run(&["authorization", "new"], &args)
    }

    pub(super) fn verify(&self, flags: &[&str], signers: &[&str]) -> Ended {
        let file = self.text("PKG-E/authorization.json");
        let packet = self.packet();
        let signatures: Vec<String> = signers
            .iter()
            .map(|signer| format!("{file}.{signer}.sig"))
            .collect();
        let mut args = vec![
            ("--packet", packet.to_str().unwrap().to_owned()),
            ("--target", TARGET.to_owned()),
            ("--epoch", "0".to_owned()),
            ("--ledger", self.text("nonces")),
            ("--allowed-signers", self.text("allowed_signers")),
            ("--format", "json".to_owned()),
        ];
        args.extend(signatures.into_iter().map(|signature| ("--signature", signature)));
        let args: Vec<(&str, &str)> = args.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let verb = [&["authorization", "verify", file.as_str()], flags].concat();
        self.run(&verb, &args)
    }

    /// All that PKG-E needs but its re-audit and authorization.
    pub(super) fn up_to_d(&self) {
        self.done("PKG-A", None, |_| ());
        self.done("PKG-B", Some("PKG-A"), |_| ());
        self.done("PKG-C", Some("PKG-B"), |_| ());
        self.audited("PKG-D", "PKG-C", "p_author", "2020-01-02T00:00:00Z");
        self.done("PKG-D", Some("PKG-C"), |evidence| {
            evidence.ended_at = at("2020-01-03T00:00:00Z");
        });
    }
}

/// The record of a package of these bytes that passed, the first of all.
pub(crate) fn passed(package: &str, package_sha256: &str) -> Evidence {
    Evidence {
        package: package.to_owned(),
        verdict: "pass".to_owned(),
        package_sha256: package_sha256.parse().unwrap(),
        predecessor_evidence_sha256: None,
        authorization_sha256: None,
        target: None,
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        runner: Runner::T1,
        ran_by: Person {
            principal: "p_author".to_owned(),
            human: "human.author".to_owned(),
        },
        ended_at: at("2020-01-01T00:00:00Z"),
    }
}

pub(super) fn codes(ended: &Ended) -> Vec<String> {
    ended.json()["refused"]
        .as_array()
        .unwrap()
        .iter()
        .map(|refusal| refusal["code"].as_str().unwrap().to_owned())
        .collect()
}
