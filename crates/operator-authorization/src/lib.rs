//! Leave to run a package: the artifact, its signatures, re-audits, and the order of packages.
//!
//! It is for deciding, from bytes and a given instant, whether an operator may run a package. It is not for
//! reading a disk, a clock or a database: whoever calls it brings all of that. The one fact to know: an
//! artifact that was verified is a type of its own (`Authorized`, `Reaudited`, `Startable`), which
//! nothing but verification makes; and each reason to refuse is a [`Code`].
//!
//! What an authorization opens is the running of one package. It has no field for anything else, and
//! an unknown field is refused.

mod approval;
mod artifact;
mod code;
mod document;
mod evidence;
mod moment;
pub mod packet;
mod parts;
mod people;
mod reaudit;
pub mod rehearsal;
mod sequence;
mod signature;
mod signers;
mod verify;

pub use artifact::{Authorization, is_nonce};
pub use code::{Code, Refusal, Refused};
pub use evidence::Evidence;
pub use moment::Moment;
pub use packet::Packet;
pub use parts::{Person, Proof, Scope, Target};
pub use people::People;
pub use reaudit::{Audited, Reaudit, Reaudited, judge_unsigned_reaudit, verify_reaudit};
pub use sequence::{Found, Line, PackageRule, PackageState, Runner, Standing, Startable, standing};
pub use signature::{Namespaces, Purpose, SignatureFile, Trust};
pub use signers::{AllowedSigners, RevokedKeys};
pub use verify::{Authorized, Expected, judge_unsigned, verify};
