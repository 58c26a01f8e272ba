//! What a capture says of a database, by type.
//!
//! Not for: reading or writing it. The one fact to know: every name is the server's own text under an
//! empty `search_path` (`regclass`, `regprocedure`, `regtype`), quoted where needed and qualified unless
//! in `pg_catalog`; no oid is kept, for a restore changes them.

macro_rules! record {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $ty:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name { $($(#[$field_doc])* pub $field: $ty,)* }
    };
}

mod database;
mod files;
mod grant;
mod observed;
mod relation;
mod role;
mod routine;

pub use database::{Database, DefaultAcl, EventTrigger, Extension, OtherAcl, Schema};
pub use files::{
    CommentsFile, ConstraintsFile, DatabaseFile, DependenciesFile, FlagsFile, RelationsFile, RolesFile,
    RoutinesFile, SelectSetFile, SequencesFile, TriggersFile, TypesFile, ViewsFile,
};
pub use grant::Grant;
pub use observed::{Comment, Dependency, Flag, Select};
pub use relation::{Column, Constraint, Index, Policy, Relation, Rule, Sequence, Trigger, View};
pub use role::{Membership, Role, Setting};
pub use routine::{Routine, Type};

use serde::{Deserialize, Serialize};

/// Everything that a capture says, a field a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// The database, its schemas and what hangs on no other object.
    pub database: DatabaseFile,
    /// Roles, memberships, settings.
    pub roles: RolesFile,
    /// Relations with columns and privileges.
    pub relations: RelationsFile,
    /// Constraints and indexes.
    pub constraints: ConstraintsFile,
    /// Sequences.
    pub sequences: SequencesFile,
    /// Types.
    pub types: TypesFile,
    /// Routines with bodies.
    pub routines: RoutinesFile,
    /// Views and rules.
    pub views: ViewsFile,
    /// Triggers and policies.
    pub triggers: TriggersFile,
    /// Dependencies.
    pub dependencies: DependenciesFile,
    /// The reader's SELECT set.
    pub select_set: SelectSetFile,
    /// Declared rows.
    pub flags: FlagsFile,
    /// Comments.
    pub comments: CommentsFile,
}
