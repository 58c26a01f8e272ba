//! A whole control plane: everything that is derived (SQL, expected sets, negative tests, docs)
//! is derived from one value of [`ControlPlane`].
//!
//! Not for: expanding anything but the table list. The one fact to know: nothing here knows how many
//! surfaces or gates there should be; `fix7-manifest` asserts its own counts at compile time.

use crate::attack::AttackFamily;
use crate::bypass::Bypass;
use crate::check_fault::{ActivationProbe, CheckFault};
use crate::column::ColumnType;
use crate::routine::{Routine, View};
use crate::step::{Package, Step};
use crate::table::{Surface, Table, TableDef};

/// A contract role.
#[derive(Debug, Clone, Copy)]
pub struct Role {
    /// Name.
    pub name: &'static str,
    /// What it may do, in one sentence.
    pub doc: &'static str,
}

/// A domain over a built-in type.
#[derive(Debug, Clone, Copy)]
pub struct Domain {
    /// The column type that it realizes; gives its name and base.
    pub ty: ColumnType,
    /// `COLLATE "C"` or nothing.
    pub collate_c: bool,
    /// Constraint name.
    pub check_name: &'static str,
    /// Expression as the server prints it, with outer parentheses.
    pub expression: &'static str,
    /// What must be rejected: what is wrong with it, and the SQL literal.
    pub rejects: &'static [(&'static str, &'static str)],
    /// Why.
    pub doc: &'static str,
}

/// One readiness gate: a DATA row, not a schema object [doc 06, G-GATES-14].
#[derive(Debug, Clone, Copy)]
pub struct Gate {
    /// From 1.
    pub number: u8,
    /// `CATALOG_SEALED`.
    pub key: &'static str,
    /// What it means, one sentence.
    pub title: &'static str,
    /// Reason code when it is not met.
    pub refusal: &'static str,
}

/// One component of a hash contract, in order.
#[derive(Debug, Clone, Copy)]
pub struct HashComponent {
    /// Name.
    pub name: &'static str,
    /// Operand type of the catalog: `TEXT`, `INTEGER`, `DIGEST`, …
    pub operand_type: &'static str,
    /// How CP-06 encodes it.
    pub encoding: &'static str,
}

/// One of the hash contracts.
#[derive(Debug, Clone, Copy)]
pub struct HashContract {
    /// `H01`.
    pub id: &'static str,
    /// Over what.
    pub title: &'static str,
    /// Its total order.
    pub total_order: &'static str,
    /// Components in order.
    pub components: &'static [HashComponent],
}

/// How bad a refusal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The statement is refused.
    Refusal,
    /// The step is a no-go.
    NoGo,
}

/// One reason code, with a SQLSTATE of its own in class `Q7`.
#[derive(Debug, Clone, Copy)]
pub struct ReasonCode {
    /// `OBJECT_AUTHORITY_IMMUTABLE`.
    pub code: &'static str,
    /// `Q7001`.
    pub sqlstate: &'static str,
    /// How bad.
    pub severity: Severity,
    /// What happened and what to do.
    pub doc: &'static str,
}

/// One catalog family.
#[derive(Debug, Clone, Copy)]
pub struct CatalogFamily {
    /// `OPERATOR`.
    pub code: &'static str,
    /// One sentence.
    pub title: &'static str,
    /// Code and title of each item.
    pub items: &'static [(&'static str, &'static str)],
}

/// A privilege that a contract role holds.
#[derive(Debug, Clone, Copy)]
pub enum Privilege {
    /// USAGE on the schema.
    SchemaUsage,
    /// EXECUTE on the routine of this name.
    Execute(&'static str),
    /// SELECT on every relation of the schema.
    SelectAll,
}

/// A grant.
#[derive(Debug, Clone, Copy)]
pub struct AccessGrant {
    /// To this role.
    pub role: &'static str,
    /// What.
    pub privilege: Privilege,
}

/// A login that the rehearsal makes for itself: never part of the control plane.
#[derive(Debug, Clone, Copy)]
pub struct Persona {
    /// Short name used by negative specs.
    pub name: &'static str,
    /// Login role.
    pub login: &'static str,
    /// Contract roles that it is a member of.
    pub member_of: &'static [&'static str],
}

/// A reader of sealed rows for code outside the schema.
#[derive(Debug, Clone, Copy)]
pub struct Adapter {
    /// Short name.
    pub key: &'static str,
    /// Its routine, `begin atomic`, so that `pg_depend` knows every column that it reads.
    pub routine: &'static str,
    /// Relation and column that it may read [doc 06, G-ITEMPAYLOAD].
    pub inputs: &'static [(&'static str, &'static str)],
}

/// Who does what in the rehearsal's first activation; persona names, slots, a writer type of #04.
#[derive(Debug, Clone, Copy)]
pub struct FirstActivation {
    /// Writer type that is activated.
    pub writer_type: &'static str,
    /// Persona that seals and activates.
    pub operator: &'static str,
    /// Persona that records what the signers read.
    pub verifier: &'static str,
    /// Kind of that evidence.
    pub evidence_kind: &'static str,
    /// Persona and the slot in which it signs; enough for the quorum.
    pub signers: &'static [(&'static str, &'static str)],
}

/// The order in which surfaces are sealed.
#[derive(Debug, Clone, Copy)]
pub struct SurfaceSeal {
    /// Surface numbers; a surface stands after those that its seal checks read.
    pub order: &'static [u8],
}

/// A guard: what it is and where it is due.
#[derive(Debug, Clone, Copy)]
pub struct GuardEntry {
    /// `G-AUTH-27`.
    pub id: &'static str,
    /// What always holds, one sentence.
    pub invariant: &'static str,
    /// What would be lost without it.
    pub why: &'static str,
    /// Steps at which it runs [doc 06].
    pub steps: &'static [Step],
    /// Packages whose validation names it, with the step at which they run it [doc 07].
    pub packages: &'static [(&'static str, Step)],
}

/// When, at its step, a guard runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Moment {
    /// Before the step's first statement.
    Before,
    /// Between two of its statements.
    Between,
    /// After its last statement; where nothing else is said.
    After,
    /// After it was taken back.
    Rollback,
}

impl Moment {
    /// `before`, `between`, `after`, `rollback`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::Between => "between",
            Self::After => "after",
            Self::Rollback => "rollback",
        }
    }
}

/// What a state is made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StandsOn {
    /// The estate, before any package.
    Estate,
    /// The sealed control plane.
    Sealed,
    /// The activated control plane.
    Activated,
}

impl StandsOn {
    /// `estate`, `sealed`, `activated`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Estate => "estate",
            Self::Sealed => "sealed",
            Self::Activated => "activated",
        }
    }
}

/// A state that a rehearsal makes for the guards of a step whose package it can't run.
///
/// States on the same ground follow each other, each on top of the one before; one of the moment
/// [`Moment::Rollback`] is taken away again before the next.
#[derive(Debug, Clone, Copy)]
pub struct State {
    /// The step that it stands for.
    pub step: Step,
    /// When in that step.
    pub moment: Moment,
    /// What it is made from.
    pub stands_on: StandsOn,
    /// What a DBA mends of the reference estate before it, below `rehearsal/states/`; a dump is taken as it is.
    pub mends: Option<&'static str>,
    /// SQL that makes it, below the same folder; none where the ground itself is the state.
    pub file: Option<&'static str>,
    /// The packet of a package, a part of which makes it.
    pub packet: Option<(&'static str, PacketPart)>,
    /// Keys of the guards' inputs that are measured in it, and the query of each, below the same folder.
    pub remembers: &'static [(&'static str, &'static str)],
    /// Whether every read of the application is tried in it.
    pub tries_reads: bool,
}

/// A part of a packet that makes a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PacketPart {
    /// As far as the place between the closing of one path and the opening of the other.
    ApplyToCheckpoint,
    /// From there to the end.
    ApplyRest,
    /// All of it.
    Apply,
    /// The way back.
    Rollback,
}

impl PacketPart {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::ApplyToCheckpoint => "apply_to_checkpoint",
            Self::ApplyRest => "apply_rest",
            Self::Apply => "apply",
            Self::Rollback => "rollback",
        }
    }
}

/// What a rehearsal of authored files can measure, and how.
#[derive(Debug, Clone, Copy)]
pub struct RehearsalScope {
    /// Packages that need no live database and no operator.
    pub packages: &'static [&'static str],
    /// Package and guard: doc 07 runs the guard there as a static fixture over the committed files.
    pub fixtures: &'static [(&'static str, &'static str)],
    /// Package whose guards need the rows of a later one to range over anything [ruling A16].
    pub population: &'static [(&'static str, &'static str)],
    /// A step, and the one whose guards it runs again.
    pub again: &'static [(Step, Step)],
    /// States made for guards whose packages it can't run.
    pub states: &'static [State],
    /// Guards that run at other moments of a step than after it.
    pub moments: &'static [(&'static str, Step, &'static [Moment])],
    /// Guards that run at each rollback.
    pub at_rollback: &'static [&'static str],
    /// Cells that nothing can be measured in yet, and what they wait for.
    pub waits: &'static [(&'static str, Step, Moment, &'static str)],
    /// Deployed scripts that stay frozen, by code.
    pub frozen_tools: &'static [&'static str],
    /// The permit that no package opens, and the state that would open it.
    pub permit: (&'static str, &'static str),
    /// Whose reads are tried, and the query that lists them as statements, below `rehearsal/states/`.
    pub tried_reads: Option<(&'static str, &'static str)>,
    /// Who works beside packets that are committed.
    pub client: Option<Client>,
    /// What a frozen object carries as its comment.
    pub sentinel: &'static str,
    /// What that comment ends in once the object is deprecated.
    pub deprecated: &'static str,
    /// Login that applies the packages besides a superuser; a person's, so no package makes it.
    pub operator_login: &'static str,
    /// Relations outside the schema whose rows no package may change.
    pub protected_rows: &'static [&'static str],
}

/// A second client of the application, at work while packets are committed.
#[derive(Debug, Clone, Copy)]
pub struct Client {
    /// Its login.
    pub role: &'static str,
    /// A statement that brings something into the world.
    pub birth: &'static str,
    /// How many of them are registered: one number, as text.
    pub registered: &'static str,
    /// What is read before there is a list of reads.
    pub read: &'static str,
    /// Relations whose rows grow by it.
    pub grows: &'static [&'static str],
}

impl RehearsalScope {
    /// Whether the guard is measured in this package without a server.
    pub fn is_fixture(&self, package: &str, guard: &str) -> bool {
        self.fixtures.contains(&(package, guard))
    }

    /// The moments of `step` at which the guard runs.
    pub fn moments_of(&self, guard: &str, step: Step) -> &'static [Moment] {
        self.moments
            .iter()
            .find(|(id, at, _)| *id == guard && *at == step)
            .map_or(&[Moment::After], |(_, _, moments)| *moments)
    }
}

/// A control plane.
#[derive(Debug, Clone, Copy)]
pub struct ControlPlane {
    /// Short name: `fix7`.
    pub id: &'static str,
    /// Schema that holds it.
    pub schema: &'static str,
    /// Role that owns every object of the schema.
    pub owner: &'static str,
    /// Contract roles, the owner first.
    pub roles: &'static [Role],
    /// Domains, in creation order.
    pub domains: &'static [Domain],
    /// Tables that are no surfaces, in creation order.
    pub tables: &'static [&'static Table],
    /// Surfaces, numbered from 1.
    pub surfaces: &'static [&'static Surface],
    /// Routines, in creation order within their steps.
    pub routines: &'static [&'static Routine],
    /// Views, in creation order.
    pub views: &'static [&'static View],
    /// Readiness gates.
    pub gates: &'static [Gate],
    /// Hash contracts.
    pub hash_contracts: &'static [HashContract],
    /// Catalog families other than `REASON_CODE`, whose items are the reason codes.
    pub families: &'static [CatalogFamily],
    /// Reason codes, in the order in which checks run.
    pub reason_codes: &'static [ReasonCode],
    /// Faults of seal and activation checks that follow from no definition.
    pub check_faults: &'static [CheckFault],
    /// An activation that every check accepts, from which their faults start.
    pub activation_probe: Option<ActivationProbe>,
    /// Grants to contract roles.
    pub grants: &'static [AccessGrant],
    /// Order of sealing.
    pub seal: SurfaceSeal,
    /// Packages in order.
    pub packages: &'static [Package],
    /// What a rehearsal measures.
    pub rehearsal: RehearsalScope,
    /// Guards.
    pub guards: &'static [GuardEntry],
    /// Logins of the rehearsal.
    pub personas: &'static [Persona],
    /// Who seals, signs and activates when it is rehearsed.
    pub first_activation: FirstActivation,
    /// The Level-A verifier whose facts count for the gates.
    pub readiness_verifier: &'static str,
    /// Adapters, none of which mutates.
    pub adapters: &'static [Adapter],
    /// What a rehearsal tries against it.
    pub attacks: &'static [AttackFamily],
    /// What is tried once everything is cut over.
    pub bypasses: &'static [Bypass],
    /// Role of the application whose reads #21 keeps.
    pub application_role: &'static str,
}

impl ControlPlane {
    /// Every cell of the guards' table: guard, step, moment; what its row lists, what packages add, what a
    /// step runs again, and each rollback that there is a state for. In the registry's order.
    pub fn guard_cells(&self) -> Vec<(&'static str, Step, Moment)> {
        let scope = &self.rehearsal;
        let mut cells = Vec::new();
        for guard in self.guards {
            let named = guard.packages.iter().map(|(_, step)| *step);
            let mut steps: Vec<Step> = guard.steps.iter().copied().chain(named).collect();
            for (again, first) in scope.again {
                if steps.contains(first) {
                    steps.push(*again);
                }
            }
            steps.sort_unstable();
            steps.dedup();
            for step in steps {
                let moments = scope.moments_of(guard.id, step);
                cells.extend(moments.iter().map(|moment| (guard.id, step, *moment)));
            }
            if scope.at_rollback.contains(&guard.id) {
                let rollbacks = scope
                    .states
                    .iter()
                    .filter(|state| state.moment == Moment::Rollback);
                cells.extend(rollbacks.map(|state| (guard.id, state.step, Moment::Rollback)));
            }
        }
        cells
    }

    /// Every table, expanded, in creation order: catalog and anchors, surfaces, registries, evidence.
    pub fn table_definitions(&self) -> Vec<TableDef> {
        let mut all: Vec<TableDef> = self
            .tables
            .iter()
            .map(|table| table.definition())
            .chain(self.surfaces.iter().map(|surface| surface.definition()))
            .collect();
        all.sort_by_key(|table| table.step);
        all
    }

    /// The surface with this number.
    pub fn surface(&self, number: u8) -> Option<&'static Surface> {
        self.surfaces
            .iter()
            .copied()
            .find(|surface| surface.number == number)
    }

    /// The surface with this table name.
    pub fn surface_of_table(&self, table: &str) -> Option<&'static Surface> {
        self.surfaces
            .iter()
            .copied()
            .find(|surface| surface.table == table)
    }

    /// The reason code of this name.
    pub fn reason(&self, code: &str) -> Option<&'static ReasonCode> {
        self.reason_codes.iter().find(|reason| reason.code == code)
    }
}
