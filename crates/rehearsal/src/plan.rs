//! The plan: everything that the engine must know, as `authoring` wrote it.
//!
//! It holds no rule and runs nothing. The one fact to know: the engine names no control plane of
//! its own, so every table, role, code and query that it uses stands here or in a file named here.

mod access_spec;
mod attack_file;
mod bypass_file;
mod creation_ref;
mod error;
mod guard_case;
mod load;
mod mutant_file;
mod narrow;
mod negative_spec;
mod packet_file;
mod packet_ref;
mod reader;
mod up_to;

pub(crate) use access_spec::OWN_KINDS;
pub use access_spec::{AccessObjects, AccessSpec, Allow};
pub use attack_file::{Attack, AttackAct, AttackFile, Refused, Shield, Stage};
pub use bypass_file::{Bypass, BypassFile};
pub use creation_ref::{Clocked, CreationAct, CreationRef, CreationRefusal, Landmark};
pub use error::PlanError;
pub use guard_case::{Beside, CaseFile, Fault, InputFault, NearMiss};
pub use load::{
    Committed, LoadedCreation, LoadedOperator, LoadedPackage, LoadedPacket, LoadedState, PLAN_PATH, StepFile,
    load, load_instead,
};
pub use mutant_file::{ManifestMutant, MutantFile};
pub use narrow::UnknownSubject;
pub use negative_spec::{
    Accept, Cause, Ends, Expectation, NegativeGroup, NegativeSpec, NegativeTest, Weakened,
};
pub use packet_file::PacketFile;
pub(crate) use packet_file::text_of;
pub use packet_ref::{LeavePackage, LeavePerson, LeaveRef, PacketPart, PacketRef, PathCall, Swap};
pub use reader::{VerifiedFile, sha256_hex};

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// `rehearsal/plan.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// 1.
    pub format_version: u32,
    /// The control plane's schema.
    pub schema: String,
    /// The role that owns it.
    pub owner: String,
    /// The estate's database.
    pub database: String,
    /// Roles that the packages create: if one exists in the cluster already, nothing is tried.
    #[serde(default)]
    pub creates_roles: Vec<String>,
    /// Relations outside the schema whose rows are part of the fingerprint.
    #[serde(default)]
    pub protected_rows: Vec<String>,
    /// Statements that hold for the whole negative suite, undone after it.
    #[serde(default)]
    pub negative_base: Vec<String>,
    /// Lists what the live schema refuses with: kind, object, name. Each must be the sole cause of a
    /// negative test, and the reverse.
    pub realized_refusals: String,
    /// Key of the document to which the forms are added that the server finds in the guards' own trees.
    #[serde(default)]
    pub tree_input: Option<String>,
    /// Key of the document to which the forms are added that the server finds in the bodies of routines and views.
    #[serde(default)]
    pub body_input: Option<String>,
    /// What the catalog must say of a cause that was taken away.
    #[serde(default)]
    pub catalog_check: Vec<CatalogCheck>,
    /// Statements before the first mutant of the manifests, undone after the last.
    #[serde(default)]
    pub mutant_base: Vec<String>,
    /// What names an object that is not as it was approved.
    #[serde(default)]
    pub mutant_check: Vec<MutantCheck>,
    /// SQL that makes the start-up cluster.
    #[serde(default)]
    pub estate_script: Vec<EstateScript>,
    /// Login roles that the harness creates in its transaction.
    #[serde(default)]
    pub persona: Vec<Persona>,
    /// The packages, in order.
    pub package: Vec<Package>,
    /// Acts of the steps that are no migration.
    #[serde(default)]
    pub act_file: Vec<ActFileRef>,
    /// Negative specs.
    #[serde(default)]
    pub negative: Vec<FileRef>,
    /// Attack files, one a family.
    #[serde(default)]
    pub attack: Vec<FileRef>,
    /// Mutants of the manifests, a file a table.
    #[serde(default)]
    pub mutant: Vec<FileRef>,
    /// Guards, with the step at which each is due.
    #[serde(default)]
    pub guard: Vec<GuardRef>,
    /// States that are made for guards whose packages the plan lacks.
    #[serde(default)]
    pub state: Vec<StateRef>,
    /// Packets of operators that make some of them.
    #[serde(default)]
    pub packet: Vec<PacketRef>,
    /// The packet that makes the control plane, in parts.
    #[serde(default)]
    pub creation: Option<CreationRef>,
    /// Who gives leave to run one.
    #[serde(default)]
    pub leave: Option<LeaveRef>,
    /// Who works beside packets that are committed.
    #[serde(default)]
    pub client: Option<ClientRef>,
    /// Packages that no rehearsal applies by itself, in order.
    #[serde(default)]
    pub later: Vec<LaterPackage>,
    /// Ways around the cutover.
    #[serde(default)]
    pub bypass: Option<FileRef>,
    /// What a verifier runs on schedule.
    #[serde(default)]
    pub scan: Option<ScanRef>,
    /// Faults that each guard must see.
    #[serde(default)]
    pub guard_case: Vec<FileRef>,
    /// Documents that become keys of the guards' inputs.
    #[serde(default)]
    pub input: Vec<InputRef>,
    /// Further committed files that static fixtures read.
    #[serde(default)]
    pub fixture_file: Vec<FileRef>,
    /// The index of the estate's worlds.
    #[serde(default)]
    pub worlds: Option<FileRef>,
    /// Who applies the packages besides the harness.
    #[serde(default)]
    pub operator: Option<OperatorRef>,
    /// Who may do what, declared.
    #[serde(default)]
    pub access: Option<FileRef>,
    /// What a way back after the seal must answer.
    #[serde(default)]
    pub sealed: Option<SealedRefusal>,
    /// What is to be shown to whoever was not there.
    #[serde(default)]
    pub exhibit: Vec<ExhibitRef>,
    /// Reason codes with their SQLSTATEs.
    #[serde(default)]
    pub reason: Vec<Reason>,
    /// Expected counts.
    #[serde(default)]
    pub counts: BTreeMap<String, i64>,
    /// The query that realizes each count.
    #[serde(default)]
    pub count_queries: BTreeMap<String, String>,
}

/// A query that returns rows if the catalog is not as it is expected to be.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CatalogCheck {
    /// Kinds of causes that it is for.
    pub kinds: Vec<String>,
    /// The query; `{object}`, `{relation}` and `{name}` are the cause's.
    pub sql: String,
}

/// A query that names what is not as it was approved; nothing where all is.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MutantCheck {
    /// As mutants name it.
    pub name: String,
    /// The query; `{object}` is the mutant's. Its first column is a name.
    pub sql: String,
}

/// One script of the start-up cluster.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EstateScript {
    /// Path below the repository's root.
    pub path: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// The database it runs in.
    pub database: String,
}

/// Somebody who acts: a login role and what it is a member of.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Persona {
    /// The name used in acts and negative specs.
    pub name: String,
    /// The login role.
    pub login: String,
    /// Contract roles that it is a member of, as soon as they exist.
    #[serde(default)]
    pub member_of: Vec<String>,
}

/// An operator who is no superuser, and the DBA's scripts around a package [ruling A17].
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OperatorRef {
    /// Its login, which no script makes.
    pub login: String,
    /// Roles, and what the operator needs.
    pub before: FileRef,
    /// What takes it away again.
    pub after: FileRef,
    /// Names of the files whose objects `before` makes.
    #[serde(default)]
    pub made_before: Vec<String>,
}

/// A package: steps whose files lie in `source`, or whose acts the plan lists.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Package {
    /// Like `PKG-A`.
    pub id: String,
    /// Its steps, in order.
    pub steps: Vec<String>,
    /// The folder with its `index.toml`; absent for a package of acts.
    #[serde(default)]
    pub source: Option<String>,
    /// The persona that applies it; absent: the harness.
    #[serde(default)]
    pub apply_as: Option<String>,
}

/// A committed file with its digest.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileRef {
    /// Path below the repository's root.
    pub path: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
}

/// An act file and the step that it performs.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActFileRef {
    /// The step; one that no package lists is tried on the way back after activation.
    pub step: String,
    /// Path below the repository's root.
    pub path: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
}

/// A guard and when it is due.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GuardRef {
    /// Its id.
    pub id: String,
    /// The package whose validation it is.
    pub package: String,
    /// The step after which it runs.
    pub step: String,
    /// Its `.sql` file; absent for a static fixture.
    #[serde(default)]
    pub path: Option<String>,
    /// SHA-256 of the file.
    #[serde(default)]
    pub sha256: Option<String>,
    /// A later package whose rows are loaded under a savepoint while it runs [ruling A16].
    #[serde(default)]
    pub rows_of: Option<String>,
}

/// A state made for guards whose packages the plan lacks.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StateRef {
    /// The step that it stands for.
    pub step: String,
    /// `before`, `between`, `after`; one of `rollback` is taken away before the next state.
    pub moment: String,
    /// What it is made from.
    pub stands_on: Ground,
    /// What is mended of the committed estate before it.
    #[serde(default)]
    pub mends: Option<FileRef>,
    /// SQL that makes it; absent where the ground itself is the state.
    #[serde(default)]
    pub file: Option<FileRef>,
    /// The packet a part of which makes it, after the file.
    #[serde(default)]
    pub packet: Option<String>,
    /// Which part.
    #[serde(default)]
    pub part: Option<PacketPart>,
    /// Keys of the guards' inputs that are measured in it: each file is a query with one JSON value.
    #[serde(default)]
    pub remember: Vec<InputRef>,
    /// Reads that must be preserved in it, tried one by one.
    #[serde(default)]
    pub reads: Option<ReadsRef>,
    /// Guards that run in it.
    #[serde(default)]
    pub guard: Vec<CellRef>,
}

/// What a verifier runs on schedule, and what must come of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScanRef {
    /// Who runs the files.
    pub persona: String,
    /// A query with one JSON object: `PairsOutcome`.
    pub came_of_it: String,
    /// A query with one text, `BLOCKED` or `READY`, asked in every state after an activation.
    pub readiness: String,
    /// The files, in order.
    pub file: Vec<FileRef>,
}

/// Reads that are tried, and who tries them.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadsRef {
    /// The role.
    pub role: String,
    /// A query with one statement a row.
    pub path: String,
    /// Its digest.
    pub sha256: String,
}

/// A second client, at work while packets are committed.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientRef {
    /// The application's login.
    pub role: String,
    /// A statement that brings something into the world.
    pub birth: String,
    /// How many of them are registered: one number, as text.
    pub registered: String,
    /// What is read before there is a list of reads.
    pub read: String,
    /// Relations whose rows grow by it.
    pub grows: Vec<String>,
}

/// A package that operators run, or that needs a live database.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LaterPackage {
    /// Its id.
    pub id: String,
    /// Its steps.
    pub steps: Vec<String>,
    /// Guards that are named for it, and the step at which each must be green.
    #[serde(default)]
    pub guard: Vec<LaterGuard>,
    /// What its verdict rests on besides.
    #[serde(default)]
    pub rests_on: Vec<Need>,
}

/// A guard that is named for a later package.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LaterGuard {
    /// Its id.
    pub id: String,
    /// The step.
    pub step: String,
}

/// Something besides guards that a later package's verdict rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// Its packet was applied to its end and taken back.
    Packet,
    /// What is there, read before any package, is what was rehearsed.
    Repoint,
    /// The application's reads were tried, and none is lost.
    Reads,
    /// Every guard of the plan was asked at its steps.
    EveryGuard,
    /// Every gate was looked at by its verifier at its steps, and readiness was blocked in every state.
    Pairs,
    /// Every way around is shut, and seen while it is open.
    Bypass,
    /// The guards were green on larger estates.
    ScaleRuns,
}

impl Need {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Packet => "packet",
            Self::Repoint => "repoint",
            Self::Reads => "reads",
            Self::EveryGuard => "every guard",
            Self::Pairs => "gates and pairs",
            Self::Bypass => "ways around",
            Self::ScaleRuns => "scale runs",
        }
    }
}

/// What states are made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ground {
    /// The estate before any package; no control plane is there.
    Estate,
    /// The packages' end.
    Sealed,
    /// After the acts of the way back after activation.
    Activated,
}

/// Something that is shown: a query with one JSON text a row.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExhibitRef {
    /// What it belongs to; rows of one name follow each other.
    pub name: String,
    /// Where it is asked.
    pub ground: Ground,
    /// The query.
    pub sql: String,
}

/// A guard in a state.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CellRef {
    /// Its id.
    pub id: String,
    /// What it waits for: it is not measured here.
    #[serde(default)]
    pub waits: Option<String>,
    /// Its `.sql` file; absent: not measured.
    #[serde(default)]
    pub path: Option<String>,
    /// SHA-256 of the file.
    #[serde(default)]
    pub sha256: Option<String>,
}

/// A JSON document that becomes a key of the guards' inputs.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputRef {
    /// The key.
    pub key: String,
    /// Path below the repository's root.
    pub path: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
}

/// How the way back of a data package answers once its rows are sealed [ruling A8].
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealedRefusal {
    /// Its SQLSTATE.
    pub sqlstate: String,
    /// Its reason code.
    pub reason: String,
    /// The packages whose every file answers so, like `PKG-B`; absent: every package of files but
    /// the first, which holds the schema.
    #[serde(default)]
    pub packages: Vec<String>,
}

/// A reason code, its SQLSTATE, and the phase in which it is raised.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// Like `SEALED_ROW_IMMUTABLE`.
    pub code: String,
    /// Like `Q7002`.
    pub sqlstate: String,
    /// Overrides the phase that the raising routine shows, like `seal`.
    #[serde(default)]
    pub phase: Option<String>,
}
