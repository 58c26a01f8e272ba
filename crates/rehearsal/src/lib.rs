//! Plan in, outcome out, always rolled back.
//!
//! It reads committed bytes and rehearses them on a throwaway server, in one transaction. It
//! renders no SQL, commits nothing and names no control plane.
//! The one fact to know: everything it needs to know stands in `rehearsal/plan.toml` or in a file
//! named there, each verified by its digest before a server is started.

mod accepted;
mod access;
mod act;
mod attack;
mod bench;
mod beside;
mod blank;
mod bypass;
mod chain;
mod client;
mod committed_run;
mod coverage;
mod creation;
mod engine;
mod error;
mod exhibit;
mod fingerprint;
mod gate;
mod guard_clock;
mod guard_mutant;
mod guard_tree;
mod keeper;
mod later;
mod leave;
mod manifest_mutant;
mod minimal_pair;
mod negative;
mod observe;
mod operator;
mod outcome;
mod own_thread;
mod packages;
mod packet;
mod persona;
mod plain_walk;
mod plan;
mod proofs;
mod reads;
mod rejection;
mod scale;
mod scan;
mod schema_mutant;
mod session;
mod share;
mod snapshot;
mod sole_cause;
mod start;
mod state;
mod statements;
mod static_guards;
mod summary;
mod target;
mod trip;
mod validation;
mod weakened;
mod world;

pub use access::{AccessOutcome, LoginCells, LoginProbes, Tried, render_matrix};
pub use act::{Act, ActFile};
pub use bench::{Part, psql_scripts, time_parts};
pub use bypass::{BypassFact, BypassOutcome};
pub use chain::{ChainLink, ChainOutcome, commit_chain};
pub use client::{ClientCounts, Open};
pub use committed_run::{CommittedRun, DumpOutcome, LoginsOutcome};
pub use engine::{Progress, rehearse_kept_on, rehearse_on};
pub use error::RehearseError;
pub use exhibit::{PrivilegeCount, Reversed};
pub use fingerprint::{Fingerprint, Residue};
pub use guard_clock::{GuardTimes, TimedRun, time_guards};
pub use guard_mutant::{GuardFault, GuardMutants};
pub use guards::Fixture;
pub use keeper::{Keeper, Keeping};
pub use later::{RepointOutcome, Rest, ScaleRuns};
pub use manifest_mutant::{ManifestCounts, MutantEnd, MutantOutcome};
pub use observe::observe;
pub use outcome::{
    AcceptOutcome, Applied, AppliedAs, AttackCounts, AttackOutcome, AttackRed, AuthorizationCounts,
    ElapsedMs, EstateInfo, Finding, GuardRun, GuardsOutcome, MutantsOutcome, NegativeCounts, Outcome,
    PackageOutcome, PacketOutcome, PacketRefusal, PostgresInfo, RollbackOutcome, SpecOutcome, Status,
    TestOutcome, Validation, WayBack, WorldOutcome,
};
pub use packages::residue_lines;
pub use persona::{become_persona, create_personas_sql, drop_personas_sql, memberships_sql};
pub use plan::{
    Accept, AccessObjects, AccessSpec, ActFileRef, Allow, Attack, AttackAct, AttackFile, Beside, Bypass,
    BypassFile, CaseFile, Cause, CellRef, ClientRef, Clocked, Committed, CreationAct, CreationRef,
    CreationRefusal, Ends, EstateScript, ExhibitRef, Expectation, Fault, FileRef, Ground, GuardRef,
    InputFault, InputRef, Landmark, LaterGuard, LaterPackage, LeavePackage, LeavePerson, LeaveRef,
    LoadedCreation, LoadedOperator, LoadedPackage, LoadedPacket, LoadedState, ManifestMutant, MutantCheck,
    MutantFile, NearMiss, Need, NegativeGroup, NegativeSpec, NegativeTest, OperatorRef, PLAN_PATH, Package,
    PacketFile, PacketPart, PacketRef, PathCall, Persona, Plan, PlanError, Reason, Refused, ScanRef,
    SealedRefusal, Shield, Stage, StateRef, StepFile, Swap, UnknownSubject, VerifiedFile, Weakened, load,
    load_instead, sha256_hex,
};
pub use reads::ReadCounts;
pub use rejection::Rejection;
pub use scale::{
    COMMITTED_FROM, OneTransaction, Spent, Suite, in_one_transaction, is_committed_at, objects, suite_beside,
};
pub use scan::{PairOutcome, PairsOutcome, ScheduledOutcome};
pub use schema_mutant::MutantCounts;
pub use session::{quote_ident, quote_literal};
pub use snapshot::{render_attacks, render_bypasses, render_table};
pub use start::{Started, rehearse, server_options, start};
pub use summary::render_summary;
pub use target::Target;
pub use weakened::{WeakenedCounts, WeakenedEnd, WeakenedOutcome};
pub use world::{Attempt, World, WorldsFile};
