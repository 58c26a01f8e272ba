//! Reads the plan and every file it names, and verifies each digest before anything else happens.
//!
//! What is not digested is not run: the engine sees only the bytes that came through here.

use super::error::PlanError;
use super::reader::{Reader, VerifiedFile, demand_format};
use super::{
    AccessSpec, Attack, AttackFile, BypassFile, CaseFile, CreationRef, FileRef, ManifestMutant, MutantFile,
    NegativeSpec, OperatorRef, Package, PacketFile, PacketRef, Plan, ScanRef, StateRef,
};
use crate::act::{Act, ActFile};
use crate::world::WorldsFile;
use guards::{CommittedFiles, Guard};
use operator_authorization::Packet;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use throwaway_postgres::Script;

/// The plan's path below the repository's root.
pub const PLAN_PATH: &str = "rehearsal/plan.toml";

/// One migration: a file up and a file down.
#[derive(Clone, Debug)]
pub struct StepFile {
    /// Its step.
    pub step: String,
    /// Its name without `.up.sql`.
    pub name: String,
    /// Path of the file up, below the root.
    pub up_path: String,
    /// SQL that applies it.
    pub up: String,
    /// SQL that takes it back.
    pub down: String,
}

/// A package with its files in order.
#[derive(Clone, Debug)]
pub struct LoadedPackage {
    /// As the plan has it.
    pub package: Package,
    /// Its migrations; empty for a package of acts.
    pub files: Vec<StepFile>,
}

/// The operator with the DBA's scripts.
#[derive(Clone, Debug)]
pub struct LoadedOperator {
    /// As the plan has it.
    pub operator: OperatorRef,
    /// Text of the script before.
    pub before: String,
    /// Text of the script after.
    pub after: String,
}

/// A state with its SQL.
#[derive(Clone, Debug)]
pub struct LoadedState {
    /// As the plan has it.
    pub state: StateRef,
    /// What is mended of the committed estate before it; on another one it is nobody's to mend.
    pub mends: String,
    /// What makes it then; empty where the ground is the state.
    pub sql: String,
    /// Key and query of what is measured in it.
    pub remember: Vec<(String, String)>,
    /// Who reads, and the query that lists the reads as statements.
    pub reads: Option<(String, String)>,
}

impl LoadedState {
    /// All that is run to come to it.
    pub(crate) fn script(&self) -> String {
        [self.mends.as_str(), &self.sql].concat()
    }
}

/// A packet with its files.
#[derive(Clone, Debug)]
pub struct LoadedPacket {
    /// As the plan has it.
    pub packet_ref: PacketRef,
    /// As it declares itself, its list read back.
    pub packet: Packet,
    /// Its files, by name.
    pub files: BTreeMap<String, PacketFile>,
}

/// The packet that makes the control plane, with its files.
#[derive(Clone, Debug)]
pub struct LoadedCreation {
    /// As the plan has it.
    pub creation: CreationRef,
    /// As it declares itself, its list read back.
    pub packet: Packet,
    /// Its files, by name.
    pub files: BTreeMap<String, PacketFile>,
}

/// The plan and all that it names, every digest verified.
#[derive(Debug)]
pub struct Committed {
    /// The plan.
    pub plan: Plan,
    /// The packages.
    pub packages: Vec<LoadedPackage>,
    /// Packages that have no subject in the database at hand, each with the fact that shows it.
    pub inapplicable: BTreeMap<String, String>,
    /// The estate's scripts, in order.
    pub estate: Vec<Script>,
    /// Acts by step, in the plan's order.
    pub acts: Vec<(String, ActFile)>,
    /// Negative specs, in the plan's order.
    pub negatives: Vec<NegativeSpec>,
    /// Attack files, in the plan's order.
    pub attacks: Vec<AttackFile>,
    /// Mutants of the manifests, in the plan's order.
    pub mutants: Vec<ManifestMutant>,
    /// Guards by path.
    pub guards: BTreeMap<String, Guard>,
    /// The states with their SQL, in the plan's order.
    pub states: Vec<LoadedState>,
    /// The packet that makes the control plane.
    pub creation: Option<Box<LoadedCreation>>,
    /// Packets by package.
    pub packets: BTreeMap<String, LoadedPacket>,
    /// Ways around the cutover.
    pub bypass: Option<BypassFile>,
    /// What a verifier runs on schedule: path and text of each file.
    pub scan: Option<(ScanRef, Vec<(String, String)>)>,
    /// Faults of the guards, by id.
    pub guard_cases: BTreeMap<String, CaseFile>,
    /// Input documents by key.
    pub inputs: Vec<(String, serde_json::Value)>,
    /// The operator.
    pub operator: Option<LoadedOperator>,
    /// Declared access.
    pub access: Option<AccessSpec>,
    /// The worlds with their deltas.
    pub worlds: WorldsFile,
    /// Every file that was verified, by its path.
    pub verified: BTreeMap<String, VerifiedFile>,
    /// Bytes of what the plan declares for fixtures, verified among the rest.
    pub files: Arc<CommittedFiles>,
    /// Paths of files in whose place another text was loaded ([`load_instead`]).
    pub instead: Vec<String>,
    /// What it was narrowed to ([`Committed::narrowed`]); empty for the whole plan.
    pub only: Vec<String>,
    /// Packages behind the last that was asked for ([`Committed::up_to`]); empty for the whole plan.
    pub unasked: Vec<String>,
}

/// Loads `rehearsal/plan.toml` below `root` and verifies everything it names.
pub fn load(root: &Path) -> Result<Committed, PlanError> {
    load_instead(root, BTreeMap::new())
}

/// As [`load`], with these texts in place of the files of their paths.
///
/// For rows that describe the server at hand, where the committed ones describe another major's; the
/// outcome names the paths.
pub fn load_instead(root: &Path, instead: BTreeMap<String, String>) -> Result<Committed, PlanError> {
    let mut reader = Reader {
        root: root.into(),
        instead,
        verified: BTreeMap::new(),
        files: CommittedFiles::new(),
    };
    let plan: Plan = reader.parse(PLAN_PATH, None, "plan")?;
    demand_format(PLAN_PATH, plan.format_version)?;

    let mut packages = Vec::new();
    for package in &plan.package {
        let files = match &package.source {
            Some(source) => reader.package_files(source, package)?,
            None => Vec::new(),
        };
        packages.push(LoadedPackage {
            package: package.clone(),
            files,
        });
    }
    let mut estate = Vec::new();
    for script in &plan.estate_script {
        let sql = reader.text(&script.path, Some(&script.sha256))?;
        estate.push(match script.database.as_str() {
            "postgres" => Script::cluster(&script.path, sql),
            _ => Script::database(&script.path, sql),
        });
    }
    let mut acts = Vec::new();
    for file in &plan.act_file {
        acts.push((
            file.step.clone(),
            reader.parse(&file.path, Some(&file.sha256), "act file")?,
        ));
    }
    let mut negatives = Vec::new();
    for file in &plan.negative {
        let spec: NegativeSpec = reader.parse(&file.path, Some(&file.sha256), "negative spec")?;
        demand_format(&file.path, spec.format_version)?;
        negatives.push(spec);
    }
    let mut attacks = Vec::new();
    for file in &plan.attack {
        let attack: AttackFile = reader.parse(&file.path, Some(&file.sha256), "attack file")?;
        demand_format(&file.path, attack.format_version)?;
        attacks.push(attack);
    }
    let mut mutants = Vec::new();
    for file in &plan.mutant {
        let read: MutantFile = reader.parse(&file.path, Some(&file.sha256), "mutant file")?;
        demand_format(&file.path, read.format_version)?;
        mutants.extend(read.mutant);
    }
    let mut guards = BTreeMap::new();
    let cells = plan.guard.iter().map(|cell| (&cell.id, &cell.path, &cell.sha256));
    let in_states = plan.state.iter().flat_map(|state| &state.guard);
    for (id, path, sha256) in cells.chain(in_states.map(|cell| (&cell.id, &cell.path, &cell.sha256))) {
        let Some(path) = path else { continue };
        if !guards.contains_key(path) {
            guards.insert(path.clone(), reader.guard(id, path, sha256.as_deref())?);
        }
    }
    let mut states = Vec::new();
    for state in &plan.state {
        let mut text_of = |file: &Option<FileRef>| match file {
            Some(file) => reader.text(&file.path, Some(&file.sha256)),
            None => Ok(String::new()),
        };
        let (mends, sql) = (text_of(&state.mends)?, text_of(&state.file)?);
        let mut remember = Vec::new();
        for query in &state.remember {
            remember.push((query.key.clone(), reader.text(&query.path, Some(&query.sha256))?));
        }
        let mut reads = None;
        if let Some(tried) = &state.reads {
            reads = Some((tried.role.clone(), reader.text(&tried.path, Some(&tried.sha256))?));
        }
        states.push(LoadedState {
            state: state.clone(),
            mends,
            sql,
            remember,
            reads,
        });
    }
    let mut packets = BTreeMap::new();
    for packet in &plan.packet {
        let (read, files) = packet_files(&mut reader, &packet.folder, &packet.file)?;
        let loaded = LoadedPacket {
            packet_ref: packet.clone(),
            packet: read,
            files,
        };
        packets.insert(packet.package.clone(), loaded);
    }
    let mut creation = None;
    if let Some(named) = &plan.creation {
        let (packet, files) = packet_files(&mut reader, &named.folder, &named.file)?;
        creation = Some(Box::new(LoadedCreation {
            creation: named.clone(),
            packet,
            files,
        }));
    }
    let mut bypass = None;
    if let Some(named) = &plan.bypass {
        let file: BypassFile = reader.parse(&named.path, Some(&named.sha256), "bypass file")?;
        demand_format(&named.path, file.format_version)?;
        bypass = Some(file);
    }
    let mut scan = None;
    if let Some(named) = &plan.scan {
        let mut files = Vec::new();
        for file in &named.file {
            files.push((file.path.clone(), reader.text(&file.path, Some(&file.sha256))?));
        }
        scan = Some((named.clone(), files));
    }
    let mut guard_cases = BTreeMap::new();
    for file in &plan.guard_case {
        let cases: CaseFile = reader.parse(&file.path, Some(&file.sha256), "guard case file")?;
        demand_format(&file.path, cases.format_version)?;
        guard_cases.insert(cases.guard.clone(), cases);
    }
    let mut inputs = Vec::new();
    for input in &plan.input {
        let text = reader.text(&input.path, Some(&input.sha256))?;
        let value = serde_json::from_str(&text).map_err(|error| PlanError::Malformed {
            path: input.path.clone(),
            what: "JSON document",
            message: error.to_string(),
        })?;
        inputs.push((input.key.clone(), value));
    }
    for file in &plan.fixture_file {
        reader.keep(&file.path, &file.sha256)?;
    }
    let mut operator: Option<LoadedOperator> = None;
    if let Some(named) = &plan.operator {
        operator = Some(LoadedOperator {
            before: reader.text(&named.before.path, Some(&named.before.sha256))?,
            after: reader.text(&named.after.path, Some(&named.after.sha256))?,
            operator: named.clone(),
        });
    }
    let mut access: Option<AccessSpec> = None;
    if let Some(file) = &plan.access {
        let spec: AccessSpec = reader.parse(&file.path, Some(&file.sha256), "declared access")?;
        demand_format(&file.path, spec.format_version)?;
        spec.demand_known_names(&file.path)?;
        access = Some(spec);
    }
    let worlds = match &plan.worlds {
        Some(file) => reader.worlds(&file.path, &file.sha256)?,
        None => WorldsFile::default(),
    };
    let committed = Committed {
        plan,
        packages,
        estate,
        acts,
        negatives,
        attacks,
        mutants,
        guards,
        states,
        creation,
        packets,
        bypass,
        scan,
        guard_cases,
        inputs,
        operator,
        access,
        worlds,
        inapplicable: BTreeMap::new(),
        verified: reader.verified,
        files: Arc::new(reader.files),
        instead: reader.instead.into_keys().collect(),
        only: Vec::new(),
        unasked: Vec::new(),
    };
    committed.demand_known_names()?;
    Ok(committed)
}

/// A packet as it declares itself, and its files by name; its own list must be that of its bytes.
fn packet_files(
    reader: &mut Reader,
    folder: &str,
    refs: &[FileRef],
) -> Result<(Packet, BTreeMap<String, PacketFile>), PlanError> {
    let prefix = format!("{folder}/");
    let (mut texts, mut files) = (BTreeMap::new(), BTreeMap::new());
    for file in refs {
        let name = file.path.strip_prefix(&prefix).unwrap_or(&file.path).to_owned();
        texts.insert(name.clone(), reader.text(&file.path, Some(&file.sha256))?);
        files.insert(name, reader.packet_file(&file.path, &file.sha256));
    }
    let read = Packet::read(&texts)
        .map_err(|refused| PlanError::Inconsistent(format!("`{folder}` is no packet: {refused}")))?;
    Ok((read, files))
}

impl Committed {
    /// Each guard and act belongs to a package and a step that the plan has.
    fn demand_known_names(&self) -> Result<(), PlanError> {
        let inconsistent = |text: String| Err(PlanError::Inconsistent(text));
        for guard in &self.plan.guard {
            if !self
                .plan
                .package
                .iter()
                .any(|package| package.id == guard.package)
            {
                return inconsistent(format!(
                    "guard `{}` belongs to package `{}`, which the plan lacks",
                    guard.id, guard.package
                ));
            }
            if !self
                .plan
                .package
                .iter()
                .any(|package| package.steps.contains(&guard.step))
            {
                return inconsistent(format!(
                    "guard `{}` is due at step `{}`, which no package has",
                    guard.id, guard.step
                ));
            }
        }
        let files = || self.packages.iter().flat_map(|package| &package.files);
        let unknown = |name: &&String| !files().any(|file| &file.name == *name);
        let made_before = self
            .plan
            .operator
            .iter()
            .flat_map(|operator| &operator.made_before);
        if let Some(name) = made_before.into_iter().find(unknown) {
            return inconsistent(format!(
                "the operator's `made_before` names `{name}`, which no package has"
            ));
        }
        let has_query = |name: &&String| self.plan.count_queries.contains_key(*name);
        if let Some(name) = self.plan.counts.keys().find(|name| !has_query(name)) {
            return inconsistent(format!(
                "count `{name}` has no query in `[count_queries]` that would realize it"
            ));
        }
        for (step, file) in &self.acts {
            let wrong = |act: &&Act| act.probes == act.expects.is_empty();
            if let Some(act) = file.act.iter().find(wrong) {
                return inconsistent(format!(
                    "act `{}` of {step}: `expects` names the probes of an act with `probes = true`, and of no other",
                    act.title()
                ));
            }
        }
        for file in &self.attacks {
            let wrong = |attack: &&Attack| {
                attack.act.is_empty() || (attack.refused.is_some() && attack.detect.is_some())
            };
            if let Some(attack) = file.attack.iter().find(wrong) {
                return inconsistent(format!(
                    "attack `{}` of {} has an act, and `refused` or `detect` or neither, never both",
                    attack.id, file.family
                ));
            }
        }
        self.demand_known_mutants()?;
        for package in &self.packages {
            for step in &package.package.steps {
                let has_file = package.files.iter().any(|file| &file.step == step);
                let has_act = self.acts.iter().any(|(act_step, _)| act_step == step);
                if !has_file && !has_act {
                    return inconsistent(format!(
                        "step `{step}` of `{}` has neither a file nor an act",
                        package.package.id
                    ));
                }
            }
        }
        Ok(())
    }
}
