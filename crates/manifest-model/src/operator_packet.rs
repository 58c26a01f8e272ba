//! What a packet for operators is made from: its package, its people, its limits, and what it does.
//!
//! Not for: SQL, which is authored from this and the capture. The one fact to know: a packet names no object by
//! itself; objects come from the sealed set and the capture alone.

use crate::step::Step;

/// A packet: what one operator runs in one go.
#[derive(Debug, Clone, Copy)]
pub struct OperatorPacket {
    /// `PKG-F`.
    pub package: &'static str,
    /// The step that it is, or its first one.
    pub step: Step,
    /// Its last step, the same if it has one.
    pub last_step: Step,
    /// What it does, in one sentence.
    pub title: &'static str,
    /// Principal of #02 who answers for its text.
    pub author: &'static str,
    /// What it changes.
    pub work: PacketWork,
    /// Guards that must be green before it acts, as they are due at a step.
    pub also_before: &'static [(&'static str, Step)],
    /// Guards that must be green afterwards, beside those of its step.
    pub also_after: &'static [&'static str],
    /// Its limits.
    pub limits: PacketLimits,
}

/// What a packet changes.
#[derive(Debug, Clone, Copy)]
pub enum PacketWork {
    /// The callers of a writer go through the gateway, and the sealed set is closed.
    Repoint(Repoint),
    /// The sealed set goes to the owner of the control plane, and the application keeps its sealed reads.
    OwnerCutover(OwnerCutover),
    /// The sealed set refuses every write, and says that it is deprecated.
    Freeze,
}

impl PacketWork {
    /// What closes one path and opens the other, if that is what it does.
    pub fn repoint(&self) -> Option<&Repoint> {
        match self {
            Self::Repoint(repoint) => Some(repoint),
            Self::OwnerCutover(_) | Self::Freeze => None,
        }
    }
}

/// How owners move.
#[derive(Debug, Clone, Copy)]
pub struct OwnerCutover {
    /// The moment of the verifier's snapshot that must be on record before anything moves.
    pub snapshot: &'static str,
}

/// Who opens and closes the new path.
#[derive(Debug, Clone, Copy)]
pub struct Repoint {
    /// The writer type that is superseded on the way back.
    pub writer_type: &'static str,
    /// The role that may call the gateway afterwards.
    pub writer_role: &'static str,
    /// The role that may supersede.
    pub operator_role: &'static str,
    /// Slot of #03 whose principals may be members of the writer's role.
    pub writer_slot: &'static str,
    /// A member that anybody may call without an effect, by role, before and after.
    pub legacy_call: PathCall,
    /// A call of the gateway that asks and writes nothing.
    pub gateway_call: PathCall,
}

/// A call that shows whether a path is executable: refused with 42501, or not.
#[derive(Debug, Clone, Copy)]
pub struct PathCall {
    /// Who calls.
    pub role: &'static str,
    /// The routine by identity.
    pub routine: &'static str,
    /// The statement.
    pub sql: &'static str,
}

/// The packet that makes a control plane and activates it: in parts, each run by one person under their own login
/// [ruling A7].
#[derive(Debug, Clone, Copy)]
pub struct CreationPacket {
    /// `PKG-E`.
    pub package: &'static str,
    /// What it does, in one sentence.
    pub title: &'static str,
    /// Principal of #02 who answers for its text.
    pub author: &'static str,
    /// Guards of the estate's own step, asserted before anything is made.
    pub before: Step,
    /// The step at whose end everything is sealed.
    pub sealed: Step,
    /// The step that activates.
    pub activated: Step,
    /// Who creates, seals and activates: slot of #03, and the role that may.
    pub operator: PartRunner,
    /// Who records what the signers read.
    pub verifier: PartRunner,
    /// The role that may sign; in which slots is said by #16.
    pub signer_role: &'static str,
    /// What the recorded artifact is called.
    pub artifact_uri: &'static str,
    /// Its limits.
    pub limits: PacketLimits,
}

/// Who runs a part.
#[derive(Debug, Clone, Copy)]
pub struct PartRunner {
    /// Slot of #03.
    pub slot: &'static str,
    /// The role that may do what the part does.
    pub role: &'static str,
}

/// What a packet waits for, and what it refuses to wait for.
#[derive(Debug, Clone, Copy)]
pub struct PacketLimits {
    /// How long it waits for a lock.
    pub lock_timeout_ms: u32,
    /// How long one of its statements may take.
    pub statement_timeout_ms: u32,
    /// Age from which another open transaction may be a legacy call in flight.
    pub open_transaction_seconds: u32,
    /// How long its verification waits for transactions that began before its end.
    pub drain_seconds: u32,
}

/// A login for the window of a packet: who reads what its assertions ask, and the key that keeps two operators
/// apart.
#[derive(Debug, Clone, Copy)]
pub struct PacketWindow {
    /// The role that a DBA makes before and drops after.
    pub reader: &'static str,
    /// What it is a member of.
    pub reads_by: &'static [&'static str],
    /// The role that moves owners: it holds what both owners hold, for as long as the window is open.
    pub mover: &'static str,
    /// Advisory lock.
    pub lock_key: i64,
}
