//! The stages S0 to S7, each on what the one before has shown.
//!
//! Not for: what a document says (`crates/lane`). The one fact to know: the documents are staged in a copy of the
//! governance folder before they are written, so that taking them back is shown and not promised.

use super::checkout::{self, Given, Seen, Stop, credential};
use super::{RunArgs, failed, probes};
use crate::cli::{Cli, Command, ServerArgs};
use crate::exit::{Code, CommandError};
use crate::rehearse::root;
use clap::Parser as _;
use evidence::{Folder, PlannedFile, printed};
use fix7_manifest::lane::LANE;
use footprint::Footprint;
use lane::{
    Documents, Draft, Environment, GateParts, Given as Observable, NOT_APPLICABLE, Probes, Refusal, Reversal,
    RollbackGate, STAGES, blocker_map, execution_plan, observe, prove, review, scope_lock,
};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::Write;
use std::path::Path;
use std::time::Instant;

/// What the stages have come to so far.
struct Run<'a> {
    args: &'a RunArgs,
    draft: Draft,
    documents: Documents,
    footprint: Footprint,
    elapsed_ms: BTreeMap<String, u64>,
    given: Option<Given>,
    seen: Option<Seen>,
}

pub(crate) fn run(args: &RunArgs, out: &mut dyn Write) -> Result<Code, CommandError> {
    let Some(target) = &args.packet else {
        return Err(CommandError::Usage(
            "a lane leaves a packet: name a new or empty folder by `--packet DIR`".to_owned(),
        ));
    };
    if matches!(args.server.postgres, throwaway_postgres::Provider::Url(_)) {
        return Err(CommandError::Refused {
            code: "LANE_TARGET_LENT",
            how: Code::Finding,
            message: "a lane runs on a server that it makes itself, never on one that somebody lends"
                .to_owned(),
        });
    }
    footprint::listen(&LANE.watched());
    let mut run = Run {
        args,
        draft: Draft::begin(target).map_err(failed)?,
        documents: Documents {
            scope: scope_lock(&LANE),
            plan: execution_plan(&LANE),
            blockers: blocker_map(&LANE),
            ..Documents::default()
        },
        footprint: Footprint {
            counted: true,
            ..Footprint::default()
        },
        elapsed_ms: BTreeMap::new(),
        given: None,
        seen: None,
    };
    for (id, title) in STAGES {
        let begun = Instant::now();
        let ended = run.stage(id);
        let elapsed = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        run.elapsed_ms.insert(id.to_owned(), elapsed);
        match ended {
            Ok(()) => writeln!(out, "  {id}  pass  {title}")?,
            Err(Stop::Refused(refusals)) => {
                writeln!(out, "  {id}  FAIL  {title}")?;
                for refusal in refusals {
                    writeln!(out, "      {refusal}")?;
                }
                writeln!(out, "STOPPED at {id}: no packet was written")?;
                return Ok(Code::Finding);
            }
            Err(Stop::Command(error)) => return Err(error),
        }
    }
    let environment = environment(&run.footprint, run.elapsed_ms);
    let tree = run
        .draft
        .finish(&LANE, &run.documents, &environment)
        .map_err(failed)?;
    writeln!(out, "{}", LANE.applied)?;
    writeln!(out, "lane: tree {tree}, in `{}`", target.display())?;
    let map = &run.documents.blockers;
    writeln!(
        out,
        "PRODUCTION: {}, {}; {} blockers stand, see `owner-operator-note.md`",
        map.production,
        map.default,
        map.blockers.len()
    )?;
    Ok(Code::Pass)
}

impl Run<'_> {
    fn stage(&mut self, id: &str) -> Result<(), Stop> {
        match id {
            "S0" => self.preflight(),
            "S1" => seals(),
            "S2" => self.staging(),
            "S3" => self.gate(),
            "S4" => self.probes(),
            // What they say was computed when it was staged; here it must still follow.
            "S5" => self.operative(),
            "S6" => self.addendum(),
            _ => self.review(),
        }
    }

    fn preflight(&mut self) -> Result<(), Stop> {
        let given = checkout::delegated(&self.args.check.path())?;
        let seen = checkout::look(&root())?;
        self.documents.lock = given.lock.clone();
        self.documents.preflight = lane::Preflight {
            format_version: 1,
            inputs: checkout::inputs(&root(), &given)?,
            pins: seen.pins.clone(),
            prior_verdicts: seen.prior_verdicts.clone(),
        };
        self.given = Some(given);
        self.seen = Some(seen);
        Ok(())
    }

    fn staging(&mut self) -> Result<(), Stop> {
        rehearse(&self.args.server, &self.draft.rehearsal())?;
        let addendum = self
            .seen
            .as_ref()
            .map(|seen| seen.addendum.clone())
            .unwrap_or_default();
        self.documents.operative = lane::operative(&LANE, &self.documents.lock, &self.documents.preflight);
        self.documents.addendum = addendum;
        let files = self.seen.as_ref().map(|seen| &seen.governance);
        let staged = |name: &str, bytes: &[u8], id: &str| reversal(files, id, name, bytes);
        let mutations = vec![
            staged(
                "operative-document.md",
                self.documents.operative.as_bytes(),
                "M-1",
            )?,
            staged(
                "governance-addendum.json",
                &printed(&self.documents.addendum),
                "M-2",
            )?,
        ];
        self.documents.gate.mutations = mutations;
        Ok(())
    }

    fn gate(&mut self) -> Result<(), Stop> {
        let rehearsal = Folder::read(&self.draft.rehearsal()).map_err(|error| Stop::Command(error.into()))?;
        let gate = evidence::rollback_gate(&rehearsal);
        let mutations = std::mem::take(&mut self.documents.gate.mutations);
        let mut refusals: Vec<Refusal> = Vec::new();
        let mut fabricated = Vec::new();
        for one in &mutations {
            let against = evidence::judge_states(&one.id, &one.before, &one.after_apply, &one.after_rollback);
            refusals.extend(against.into_iter().map(Refusal::from));
            let twin = evidence::judge_states(&one.id, &one.before, &one.before, &one.after_rollback);
            fabricated.extend(
                twin.iter()
                    .map(|refusal| format!("{}:{}", refusal.code, refusal.subject)),
            );
        }
        if gate.verdict != "pass" {
            refusals.extend(gate.frozen.iter().chain(&gate.packet).cloned().map(Refusal::from));
        }
        self.documents.gate = RollbackGate {
            format_version: 1,
            gate: GateParts::from(&gate),
            mutations,
            mutations_fabricated: fabricated,
            production_rollback_status: NOT_APPLICABLE.to_owned(),
        };
        if gate.verdict == "pass" && refusals.is_empty() {
            Ok(())
        } else {
            Err(Stop::Refused(refusals))
        }
    }

    fn probes(&mut self) -> Result<(), Stop> {
        let sent = probes::send(&self.args.server).map_err(Stop::Command)?;
        self.footprint.add(&sent.footprint);
        let refusals = sent.refusals;
        self.documents.probes = sent.probes;
        if refusals.is_empty() {
            Ok(())
        } else {
            Err(Stop::Refused(refusals))
        }
    }

    fn operative(&mut self) -> Result<(), Stop> {
        let given = self
            .given
            .as_ref()
            .map(|given| checkout::inputs(&root(), given))
            .transpose()?;
        if let Some(inputs) = given {
            self.documents.preflight.inputs = inputs;
        }
        let again = lane::operative(&LANE, &self.documents.lock, &self.documents.preflight);
        demand_same("operative-document.md", &again, &self.documents.operative)
    }

    fn addendum(&mut self) -> Result<(), Stop> {
        let again = checkout::look(&root())?.addendum;
        demand_same("governance-addendum.json", &again, &self.documents.addendum)
    }

    fn review(&mut self) -> Result<(), Stop> {
        let after = checkout::look(&root())?;
        for (pin, now) in self.documents.preflight.pins.iter_mut().zip(&after.pins) {
            pin.after = now.after.clone();
        }
        for (prior, now) in self
            .documents
            .preflight
            .prior_verdicts
            .iter_mut()
            .zip(&after.prior_verdicts)
        {
            prior.after = now.after.clone();
        }
        let rehearsal = Folder::read(&self.draft.rehearsal()).map_err(|error| Stop::Command(error.into()))?;
        let mut recorded = footprint::taken();
        recorded.add(&self.footprint);
        self.footprint = recorded;
        let packet = std::path::absolute(self.args.packet.clone().unwrap_or_default())
            .map_err(|error| Stop::Command(error.into()))?;
        // Everything but what is about to be computed from it.
        let mut documents = lane::printed_documents(&LANE, &self.documents, &rehearsal);
        documents.extend(
            rehearsal
                .files
                .iter()
                .map(|(name, bytes)| (name.clone(), bytes.clone())),
        );
        let observed = observe(
            &LANE,
            &Observable {
                footprint: &self.footprint,
                root: &root(),
                packet: &packet,
                documents: &documents,
                credential: &credential,
                pins: &self.documents.preflight.pins,
                asks: &self.documents.lock.asks,
            },
        );
        self.documents.proof = prove(&LANE, observed);
        self.documents.review = review(&LANE, &self.documents, &rehearsal);
        let failed: Vec<Refusal> = lane::failed_checks(&self.documents.review);
        if failed.is_empty() {
            Ok(())
        } else {
            Err(Stop::Refused(failed))
        }
    }
}

/// Every committed file is what its index or plan says, and what the manifests render to.
fn seals() -> Result<(), Stop> {
    let unlike = |message: String| Stop::Refused(vec![lane::differing("S1", &message)]);
    rehearsal::load(&root()).map_err(|error| unlike(error.to_string()))?;
    let arguments = crate::author::Arguments {
        check: true,
        approve_design: Vec::new(),
        accept_set: Vec::new(),
        capture: crate::sources::REFERENCE_CAPTURE.to_owned(),
        format: crate::cli::Format::Human,
    };
    let mut said = Vec::new();
    let is_same =
        crate::author::run(&mut said, &root(), &arguments).map_err(|error| unlike(error.to_string()))?;
    if is_same {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&said).into_owned();
    Err(unlike(said.lines().next().unwrap_or_default().to_owned()))
}

/// Rehearses everything, committed as well, into a packet of its own.
fn rehearse(server: &ServerArgs, packet: &Path) -> Result<(), Stop> {
    let words = [
        "xtask",
        "rehearse",
        "--committed",
        "--format",
        "json",
        "--evidence",
    ];
    let words = words
        .iter()
        .map(OsString::from)
        .chain([packet.as_os_str().to_owned()]);
    let parsed =
        Cli::try_parse_from(words).map_err(|error| Stop::Command(CommandError::Usage(error.to_string())))?;
    let Command::Rehearse(mut args) = parsed.command else {
        return Err(Stop::Command(CommandError::Usage("no rehearsal".to_owned())));
    };
    args.server = server.clone();
    let ended = crate::rehearse::run(&args, &mut std::io::sink()).map_err(Stop::Command)?;
    if ended == Code::Pass {
        return Ok(());
    }
    // A rehearsal that failed leaves a packet that says so.
    let folder = Folder::read(packet).map_err(|error| Stop::Command(error.into()))?;
    let said = String::from_utf8_lossy(
        folder
            .files
            .get("outcome.json")
            .map(Vec::as_slice)
            .unwrap_or_default(),
    )
    .into_owned();
    let outcome: serde_json::Value = serde_json::from_str(&said).unwrap_or_default();
    let findings: Vec<String> = outcome["findings"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|finding| finding["code"].as_str().unwrap_or_default().to_owned())
        .collect();
    let message = format!(
        "the rehearsal says `{}`: {}",
        outcome["verdict"],
        findings.join(", ")
    );
    Err(Stop::Refused(vec![lane::differing("rehearsal", &message)]))
}

/// The governance folder, copied; with the document; and without it again.
fn reversal(
    files: Option<&BTreeMap<String, Vec<u8>>>,
    id: &str,
    name: &str,
    bytes: &[u8],
) -> Result<Reversal, Stop> {
    let io = |error: std::io::Error| Stop::Command(error.into());
    let scratch = footprint::files::scratch().map_err(io)?;
    for (path, bytes) in files.into_iter().flatten() {
        footprint::files::write(&scratch.path().join(path), bytes).map_err(io)?;
    }
    let before = digest_of(scratch.path()).map_err(io)?;
    footprint::files::write(&scratch.path().join(name), bytes).map_err(io)?;
    let after_apply = digest_of(scratch.path()).map_err(io)?;
    footprint::files::remove(&scratch.path().join(name)).map_err(io)?;
    let after_rollback = digest_of(scratch.path()).map_err(io)?;
    Ok(Reversal {
        id: id.to_owned(),
        before,
        after_apply,
        after_rollback,
    })
}

/// Digest over every file below a folder, read from the disk.
fn digest_of(folder: &Path) -> std::io::Result<String> {
    fn collect(top: &Path, at: &Path, lines: &mut Vec<String>) -> std::io::Result<()> {
        for entry in std::fs::read_dir(at)? {
            let path = entry?.path();
            if path.is_dir() {
                collect(top, &path, lines)?;
            } else {
                let name = path
                    .strip_prefix(top)
                    .unwrap_or(&path)
                    .to_string_lossy()
                    .into_owned();
                lines.push(format!(
                    "{name} {}",
                    PlannedFile::of(&name, &std::fs::read(&path)?).sha256
                ));
            }
        }
        Ok(())
    }
    let mut lines = Vec::new();
    collect(folder, folder, &mut lines)?;
    lines.sort();
    Ok(PlannedFile::of("folder", lines.join("\n").as_bytes()).sha256)
}

fn demand_same<T: PartialEq>(name: &str, again: &T, staged: &T) -> Result<(), Stop> {
    if again == staged {
        return Ok(());
    }
    let message = "what it follows from changed while the lane ran; run it again on files that stay";
    Err(Stop::Refused(vec![lane::differing(name, message)]))
}

fn environment(found: &Footprint, elapsed_ms: BTreeMap<String, u64>) -> Environment {
    let word = |whose: &footprint::Whose| format!("{whose:?}").to_lowercase();
    Environment {
        format_version: 1,
        connections: found
            .connections
            .iter()
            .map(|(whose, count)| (word(whose), *count))
            .collect(),
        statements: found
            .statements
            .iter()
            .map(|(whose, sent)| (word(whose), sent.statements))
            .collect(),
        programs: found.programs.clone(),
        network: found.network.clone(),
        elapsed_ms,
    }
}

/// What probes came to, for the lane and for the command.
pub(crate) struct Sent {
    pub(crate) probes: Probes,
    pub(crate) refusals: Vec<Refusal>,
    pub(crate) footprint: Footprint,
}
