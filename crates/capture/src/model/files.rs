//! The files of a capture, a type each.

use super::{
    Comment, Constraint, Database, DefaultAcl, Dependency, EventTrigger, Extension, Flag, Index, Membership,
    OtherAcl, Policy, Relation, Role, Routine, Rule, Schema, Select, Sequence, Setting, Trigger, Type, View,
};
use serde::{Deserialize, Serialize};

macro_rules! section {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $ty:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name { $($(#[$field_doc])* #[serde(default)] pub $field: Vec<$ty>,)* }
    };
}

/// `database.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseFile {
    /// The database.
    pub database: Database,
    /// Schemas.
    #[serde(default)]
    pub schema: Vec<Schema>,
    /// Default privileges.
    #[serde(default)]
    pub default_acl: Vec<DefaultAcl>,
    /// Extensions.
    #[serde(default)]
    pub extension: Vec<Extension>,
    /// Event triggers.
    #[serde(default)]
    pub event_trigger: Vec<EventTrigger>,
    /// Privileges on everything else.
    #[serde(default)]
    pub other_acl: Vec<OtherAcl>,
}

section! {
    /// `roles.toml`.
    RolesFile {
        /// Roles.
        role: Role,
        /// Memberships.
        membership: Membership,
        /// Settings.
        setting: Setting,
    }
}
section! {
    /// `relations.toml`.
    RelationsFile {
        /// Relations.
        relation: Relation,
    }
}
section! {
    /// `constraints.toml`.
    ConstraintsFile {
        /// Constraints.
        constraint: Constraint,
        /// Indexes.
        index: Index,
    }
}
section! {
    /// `sequences.toml`.
    SequencesFile {
        /// Sequences.
        sequence: Sequence,
    }
}
section! {
    /// `types.toml`.
    TypesFile {
        /// Types.
        r#type: Type,
    }
}
section! {
    /// `routines.toml`.
    RoutinesFile {
        /// Routines.
        routine: Routine,
    }
}
section! {
    /// `views.toml`.
    ViewsFile {
        /// Views.
        view: View,
        /// Rules.
        rule: Rule,
    }
}
section! {
    /// `triggers.toml`.
    TriggersFile {
        /// Triggers.
        trigger: Trigger,
        /// Row policies.
        policy: Policy,
    }
}
section! {
    /// `dependencies.toml`.
    DependenciesFile {
        /// Edges.
        dependency: Dependency,
    }
}

/// `select_set.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SelectSetFile {
    /// Role whose reads these are.
    pub reader: String,
    /// What it can read.
    #[serde(default)]
    pub select: Vec<Select>,
}

section! {
    /// `flags.toml`.
    FlagsFile {
        /// Declared rows.
        flag: Flag,
    }
}
section! {
    /// `comments.toml`.
    CommentsFile {
        /// Comments.
        comment: Comment,
    }
}
