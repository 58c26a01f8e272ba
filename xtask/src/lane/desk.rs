//! What probes are sent with: a stand-in for somebody's server, packets, delegations, a signed authorization.
//!
//! Not for: which requests are sent (`catalog`). The one fact to know: everything lies in one scratch folder, keys
//! are made from public sentences, and the server is a throwaway that plays a foreign one to each child.

use crate::cli::ServerArgs;
use crate::exit::CommandError;
use crate::leave::plane::NAMESPACES;
use canonical::FileDigest;
use evidence::Folder;
use fix7_manifest::lane::LANE;
use lane::{Answer, Documents};
use operator_authorization::packet;
use ssh_key::private::{Ed25519Keypair, KeypairData};
use ssh_key::{HashAlg, LineEnding, PrivateKey};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;
use throwaway_postgres::{Provider, Server};

/// What no answer may repeat.
pub(crate) const SECRETS: &[&str] = &["s3cr3t-hunter2-Zq81", "ghp_Zq81hunter2Zq81hunter2Zq81hunter2Zq8"];

/// The target of the signed authorization.
pub(crate) const TARGET: &str = "7300000000000000001/directus";

pub(crate) struct Desk {
    scratch: TempDir,
    server: Server,
}

impl Desk {
    /// Starts the stand-in and lays everything out.
    pub(crate) async fn new(server: &ServerArgs) -> Result<Self, CommandError> {
        let mut options = server.options();
        if matches!(options.provider, Provider::Url(_)) {
            options.provider = Provider::Auto;
        }
        let server = throwaway_postgres::start(&options)
            .await
            .map_err(rehearsal::RehearseError::from)?;
        let scratch = footprint::files::scratch()?;
        let desk = Self { scratch, server };
        desk.lay_out()?;
        Ok(desk)
    }

    pub(crate) async fn clear(self) -> Result<(), CommandError> {
        self.server
            .stop()
            .await
            .map_err(|error| CommandError::Environment(error.to_string()))
    }

    /// A place in the scratch folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.scratch.path().join(name)
    }

    /// Writes a file there.
    pub(crate) fn put(&self, name: &str, bytes: &[u8]) -> Result<(), CommandError> {
        Ok(footprint::files::write(&self.path(name), bytes)?)
    }

    /// The stand-in's address, with a password in it that it never asks for.
    fn url(&self, scheme: &str) -> String {
        let options = self.server.connect_options("postgres");
        let login = format!("{scheme}://postgres:{}@", SECRETS[0]);
        match self.server.socket_dir() {
            Some(folder) => format!(
                "{login}localhost:{}/postgres?host={}",
                options.get_port(),
                folder.display()
            ),
            None => format!("{login}{}:{}/postgres", options.get_host(), options.get_port()),
        }
    }

    /// A word of a request with its places filled in: `{url}`, `{identifier}`, `{NAME}` in the scratch folder.
    pub(crate) fn filled(&self, word: &str) -> String {
        let mut word = word
            .replace("{url}", &self.url("postgres"))
            .replace("{url:postgresql}", &self.url("postgresql"))
            .replace("{identifier}", self.server.system_identifier())
            .replace("{target}", TARGET)
            .replace("{secret}", SECRETS[0])
            .replace("{token}", SECRETS[1]);
        while let Some((before, rest)) = word.split_once('{') {
            let Some((name, after)) = rest.split_once('}') else {
                break;
            };
            word = format!("{before}{}{after}", self.path(name).display());
        }
        word
    }

    /// Sends a request as people do, and reads what that run opened, sent and wrote.
    pub(crate) fn send(
        &self,
        words: &[&str],
        number: usize,
    ) -> Result<(Answer, Option<footprint::Footprint>), CommandError> {
        let program = std::env::current_exe()
            .map_err(|error| CommandError::Environment(format!("can't find this program: {error}")))?;
        let trace = self.path(&format!("footprints/{number}.json"));
        footprint::files::create_dir_all(&self.path("footprints"))?;
        footprint::program(&program);
        let mut command = Command::new(&program);
        command
            .args(words.iter().map(|word| self.filled(word)))
            .env(crate::request::FOOTPRINT, &trace)
            .env_remove("RUST_BACKTRACE")
            .stdin(Stdio::null());
        let output = command
            .output()
            .map_err(|error| CommandError::Environment(format!("can't run this program: {error}")))?;
        let said = [output.stdout, output.stderr].concat();
        let answer = Answer {
            exit_code: output.status.code(),
            said: String::from_utf8_lossy(&said).into_owned(),
        };
        let trace = std::fs::read(&trace).ok();
        let trace = trace.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        Ok((answer, trace))
    }

    fn lay_out(&self) -> Result<(), CommandError> {
        footprint::files::create_dir_all(&self.path("no_state"))?;
        footprint::files::create_dir_all(&self.path("ledger"))?;
        self.put("taken/evidence.json", b"{}\n")?;
        self.put("objects_taken.json", b"{}\n")?;
        self.evidence()?;
        self.lanes()?;
        self.packets()?;
        self.signers()
    }

    /// The frozen packet and its twins.
    fn evidence(&self) -> Result<(), CommandError> {
        let frozen = evidence::frozen();
        self.put_folder("evidence/frozen", &frozen)?;
        let refused = |refusal: evidence::Refusal| CommandError::Finding(refusal.to_string());
        let twin = evidence::with_apply_as_before(&frozen).map_err(refused)?;
        self.put_folder("evidence/apply_is_before", &twin)?;
        let changed = |name: &str, file: &str, change: &dyn Fn(&mut serde_json::Value)| {
            self.put_folder(&format!("evidence/{name}"), &edited(&frozen, &[file], change)?)
        };
        let both = |name: &str, change: &dyn Fn(&mut serde_json::Value)| {
            let files = ["rollback.json", "outcome.json"];
            self.put_folder(&format!("evidence/{name}"), &edited(&frozen, &files, change)?)
        };
        // `rollback.json` alone, so that the two tell two stories.
        changed("one_story", "rollback.json", &|found| {
            let before = found.pointer("/proofs/0/before").cloned().unwrap_or_default();
            set(found, "/proofs/0/after_apply", before);
        })?;
        // Every state the applied one: nothing was applied, or nothing taken back.
        both("three_times_the_same", &|found| {
            for (from, to) in [
                (
                    "/proofs/0/after_apply",
                    ["/proofs/0/before", "/proofs/0/after_rollback"],
                ),
                (
                    "/rollback/after_apply",
                    ["/rollback/before", "/rollback/after_rollback"],
                ),
            ] {
                if let Some(state) = found.pointer(from).cloned() {
                    for to in to {
                        set(found, to, state.clone());
                    }
                }
            }
        })?;
        changed("no_proofs", "rollback.json", &|found| {
            set(found, "/proofs", serde_json::json!([]));
        })?;
        both("blank_proof", &|found| {
            for place in ["/proofs/0/after_rollback", "/rollback/after_rollback"] {
                set(found, place, serde_json::json!(""));
            }
        })?;
        both("not_restored", &|found| {
            for (from, to) in [
                ("/proofs/0/after_apply", "/proofs/0/after_rollback"),
                ("/rollback/after_apply", "/rollback/after_rollback"),
            ] {
                if let Some(state) = found.pointer(from).cloned() {
                    set(found, to, state);
                }
            }
        })?;
        changed("pass_with_finding", "outcome.json", &|found| {
            set(
                found,
                "/findings",
                serde_json::json!([{"code": "GUARD_FAILED", "message": "red"}]),
            );
        })?;
        changed("pass_with_survivor", "outcome.json", &|found| {
            set(found, "/mutants/schema/survivors", serde_json::json!(1));
        })?;
        let mut without = frozen.clone();
        without.files.remove("outcome.json");
        self.put_folder("evidence/outcome_deleted", &without)?;
        let mut without = frozen;
        without.files.remove("rollback.json");
        self.put_folder("evidence/rollback_deleted", &without)
    }

    fn put_folder(&self, name: &str, folder: &Folder) -> Result<(), CommandError> {
        for (file, bytes) in &folder.files {
            self.put(&format!("{name}/{file}"), bytes)?;
        }
        Ok(())
    }

    /// A sound lane packet, and forged ones; delegations.
    fn lanes(&self) -> Result<(), CommandError> {
        let (sound, rehearsal) = lane::specimen(&LANE);
        let changed = |name: &str, change: &dyn Fn(&mut Documents)| {
            let mut documents = sound.clone();
            change(&mut documents);
            let packet = lane::packet_of(&LANE, &documents, &rehearsal);
            lane::write(&packet, &self.path(&format!("lane/{name}"))).map_err(super::failed)
        };
        changed("sound", &|_| ())?;
        changed("connected", &|documents| {
            documents.proof.observed.foreign_connections = 1;
        })?;
        changed("uncounted", &|documents| {
            documents.proof.observed.statements_counted = false;
        })?;
        changed("touched", &|documents| {
            documents.proof.surfaces[0].status = "TOUCHED".to_owned();
        })?;
        changed("unnamed", &|documents| documents.proof.surfaces.truncate(15))?;
        changed("deleted", &|documents| {
            documents
                .proof
                .observed
                .removed
                .push("rehearsal/state/PKG-A/evidence.json".to_owned());
        })?;
        changed("credential", &|documents| {
            documents
                .proof
                .observed
                .credentials
                .push("probes.json".to_owned());
        })?;
        changed("wrote_ci", &|documents| {
            documents
                .proof
                .observed
                .written
                .push(".github/workflows/ci.yml".to_owned());
        })?;
        changed("issues", &|documents| {
            documents
                .proof
                .observed
                .foreign_statements_naming
                .insert("system_issues".to_owned(), 1);
        })?;
        changed("apply_is_before", &|documents| {
            let before = documents.gate.mutations[0].before.clone();
            documents.gate.mutations[0].after_apply = before;
        })?;
        changed("no_reversal", &|documents| documents.gate.mutations.clear())?;
        changed("production", &|documents| {
            documents.plan.mutations[1].target = "production".to_owned();
        })?;
        changed("no_delegation", &|documents| documents.lock.delegation.clear())?;
        let good = std::fs::read_to_string(crate::rehearse::root().join(super::DELEGATION))?;
        self.put("delegation/good.toml", good.as_bytes())?;
        self.put("delegation/empty.toml", b"")?;
        for (name, from, to) in [
            ("production", "\"throwaway\"", "\"production\""),
            (
                "other_target",
                "\"throwaway\"",
                "\"7300000000000000001/directus\"",
            ),
            (
                "other",
                "AUTHORIZE_IMPLEMENTATION_EXECUTION_NO_PRODUCTION",
                "AUTHORIZE_EVERYTHING",
            ),
            ("other_gate", "FIX7-P0-PLAN-EXEC-AUTH-1", "FIX7-P0-PROD-OPT4-1"),
        ] {
            self.put(
                &format!("delegation/{name}.toml"),
                good.replace(from, to).as_bytes(),
            )?;
        }
        for surface in LANE.forbidden {
            let asks = good.replace("asks = []", &format!("asks = [\"{}\"]", surface.id));
            self.put(&format!("delegation/asks_{}.toml", surface.id), asks.as_bytes())?;
            let key = surface.asked_by.first().map_or("", |word| word).replace('-', "_");
            self.put(
                &format!("delegation/key_{}.toml", surface.id),
                format!("{good}{key} = true\n").as_bytes(),
            )?;
        }
        let with = |line: &str| format!("{good}{line}\n");
        self.put(
            "delegation/password.toml",
            with(&format!("password = \"{}\"", SECRETS[0])).as_bytes(),
        )?;
        self.put(
            "delegation/token.toml",
            with(&format!("# {}", SECRETS[1])).as_bytes(),
        )
    }

    /// Packets of PKG-E: a good one, and ones that reach for more.
    fn packets(&self) -> Result<(), CommandError> {
        for (name, object) in [
            ("good", "qt001_cp.quorum_manifest"),
            ("permit", "public.qt001_backfill_permit"),
            ("births", "public.birth_registry"),
            ("issues", "public.production_system_issues"),
            ("cms", "public.directus_users"),
        ] {
            let declaration = format!(
                "package = \"PKG-E\"\nauthor = \"p_author\"\ntool_version = \"{}\"\nobjects = [\"{object}\"]\n",
                crate::leave::TOOL_VERSION
            );
            let mut files = BTreeMap::from([
                ("apply.sql".to_owned(), b"select 1;\n".to_vec()),
                ("packet.toml".to_owned(), declaration.into_bytes()),
            ]);
            files.insert("SHA256SUMS".to_owned(), packet::list(&files).into_bytes());
            for (file, bytes) in &files {
                self.put(&format!("packets/{name}/{file}"), bytes)?;
            }
        }
        Ok(())
    }

    /// Keys of the probes' own, allowed to sign, so that what is refused is not refused for its keys.
    fn signers(&self) -> Result<(), CommandError> {
        let mut lines = String::new();
        for principal in ["p_reviewer", "p_owner"] {
            let public = key(principal)?
                .public_key()
                .to_openssh()
                .map_err(|error| unsigned(&error))?;
            lines.push_str(&format!(
                "{principal} namespaces=\"{}\" {public}\n",
                NAMESPACES.authorization
            ));
        }
        self.put("allowed_signers", lines.as_bytes())
    }

    /// Signs the authorization that a permitted request has written, and forged copies of it.
    pub(crate) fn sign(&self) -> Result<(), CommandError> {
        let written = std::fs::read_to_string(self.path("authorization.json"))?;
        let with = |field: &str| written.replacen("[[\"package\"", &format!("[{field},[\"package\""), 1);
        for (name, text) in [
            ("authorization.json", written.clone()),
            ("real_run.json", with("[\"REAL_RUN_authority\",\"granted\"]")),
            ("apply.json", with("[\"qt001_apply\",\"granted\"]")),
            ("cutover.json", written.replace("\"PKG-E\"", "\"PKG-F\"")),
        ] {
            self.put(name, text.as_bytes())?;
            for principal in ["p_reviewer", "p_owner"] {
                let signature = key(principal)?
                    .sign(NAMESPACES.authorization, HashAlg::Sha512, text.as_bytes())
                    .and_then(|signature| signature.to_pem(LineEnding::LF))
                    .map_err(|error| unsigned(&error))?;
                self.put(&format!("{name}.{principal}.sig"), signature.as_bytes())?;
            }
        }
        Ok(())
    }
}

fn key(principal: &str) -> Result<PrivateKey, CommandError> {
    let sentence = format!("the probe key of {principal}, which everybody has");
    let seed = FileDigest::of_bytes(sentence.as_bytes());
    PrivateKey::new(
        KeypairData::Ed25519(Ed25519Keypair::from_seed(seed.as_bytes())),
        principal,
    )
    .map_err(|error| unsigned(&error))
}

fn unsigned(error: &ssh_key::Error) -> CommandError {
    CommandError::Environment(format!("can't sign for a probe: {error}"))
}

/// A packet with files changed and sealed anew, as whoever forges one would.
fn edited(
    folder: &Folder,
    files: &[&str],
    change: &dyn Fn(&mut serde_json::Value),
) -> Result<Folder, CommandError> {
    let mut folder = folder.clone();
    for file in files {
        let bytes = folder.files.get(*file).map(Vec::as_slice).unwrap_or_default();
        let mut found: serde_json::Value = serde_json::from_slice(bytes)
            .map_err(|error| CommandError::Finding(format!("`{file}`: {error}")))?;
        change(&mut found);
        folder.files.insert((*file).to_owned(), evidence::printed(&found));
    }
    evidence::resealed(folder).map_err(|refusal| CommandError::Finding(refusal.to_string()))
}

fn set(found: &mut serde_json::Value, place: &str, value: serde_json::Value) {
    if let Some(at) = found.pointer_mut(place) {
        *at = value;
    }
}

/// What is shown of a request: its words with their places, never what they were filled with.
pub(crate) fn shown(words: &[&str]) -> String {
    words.join(" ")
}

/// The scratch folder of a desk, for messages.
pub(crate) fn without_paths(text: &str, desk: &Path) -> String {
    text.replace(&*desk.to_string_lossy(), "…")
}
