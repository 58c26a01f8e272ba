//! The typed vocabulary of a control plane: what a surface, column, constraint, routine, role,
//! step, package and row *are*.
//!
//! Not for: any definition of its own (that is `fix7-manifest`), SQL text (`sql-render`), I/O.
//! The one fact to know: everything is `Copy` data behind `&'static`, so that a manifest is a
//! constant, a drifted count fails to compile, and a mutated copy is a plain struct update.

pub mod attack;
mod bypass;
pub mod check_fault;
pub mod check_proof;
pub mod column;
pub mod condition;
pub mod constraint;
pub mod control_plane;
pub mod estate;
pub mod lane;
pub mod operator_packet;
pub mod routine;
pub mod row;
pub mod step;
pub mod table;
pub mod validate;

pub use attack::{Attack, AttackFamily, AttackStage, FieldAttacks, Repelled, Shield, shield};
pub use bypass::Bypass;
pub use check_fault::{ActivationProbe, CheckFault, Fault};
pub use column::{Column, ColumnType, column};
pub use constraint::{
    Constraint, Deferral, Index, Reject, Rule, check, foreign_key, primary_key, reject, unique,
};
pub use control_plane::{
    AccessGrant, Adapter, CatalogFamily, Client, ControlPlane, Domain, FirstActivation, Gate, GuardEntry,
    HashComponent, HashContract, Moment, PacketPart, Persona, Privilege, ReasonCode, RehearsalScope, Role,
    Severity, StandsOn, State, SurfaceSeal,
};
pub use lane::{Blocker, ForbiddenSurface, LaneDesign, LaneGate, ProbeClass, ReservedObjects, SeenBy};
pub use operator_packet::{
    CreationPacket, OperatorPacket, OwnerCutover, PacketLimits, PacketWindow, PacketWork, PartRunner,
    PathCall, Repoint,
};
pub use routine::{Language, Routine, RoutineKind, Security, View, Volatility};
pub use row::{Item, RowSource, V};
pub use step::{Layer, Need, Package, RunnerClass, SigningNamespaces, Step};
pub use table::{Surface, Table, TableClass, TableDef, Trigger, TriggerLevel};
