//! The database, and what hangs on no other object of it.

use super::Grant;
use serde::{Deserialize, Serialize};

record! {
    /// The database.
    Database {
        /// Name, unquoted.
        name: String,
        /// Owner.
        owner: String,
        /// Encoding, as `UTF8`.
        encoding: String,
        /// `datcollate`.
        collate: String,
        /// `datctype`.
        ctype: String,
        /// Whether it takes connections.
        allow_connections: bool,
        /// Limit of connections; -1 is none.
        connection_limit: i32,
        /// Whether `datacl` is NULL; `acl` is then the built-in default.
        acl_is_null: bool,
        /// Expanded privileges.
        acl: Vec<Grant>,
        /// H07.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        privilege_sha256: Option<String>,
    }
}

record! {
    /// A schema.
    Schema {
        /// Name, quoted where needed.
        name: String,
        /// Owner; `pg_database_owner` means whoever owns the database [ruling A1].
        owner: String,
        /// Extension that it belongs to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        extension: Option<String>,
        /// Whether `nspacl` is NULL.
        acl_is_null: bool,
        /// Expanded privileges.
        acl: Vec<Grant>,
        /// H07.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        privilege_sha256: Option<String>,
    }
}

record! {
    /// Privileges that future objects of a role get.
    DefaultAcl {
        /// Role that will create them.
        owner: String,
        /// Schema; none is everywhere, and replaces the built-in default.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        schema: Option<String>,
        /// `table`, `sequence`, `routine`, `type` or `schema`.
        class: String,
        /// The privileges.
        acl: Vec<Grant>,
    }
}

record! {
    /// An extension.
    Extension {
        /// Name.
        name: String,
        /// Version.
        version: String,
        /// Owner.
        owner: String,
        /// Schema of its objects.
        schema: String,
    }
}

record! {
    /// An event trigger.
    EventTrigger {
        /// Name.
        name: String,
        /// Event, as `ddl_command_end`.
        event: String,
        /// Owner.
        owner: String,
        /// Function, as `regprocedure` prints it.
        function: String,
        /// `O`, `D`, `R` or `A`.
        enabled: String,
        /// Command tags; empty is all.
        tags: Vec<String>,
        /// Extension that it belongs to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        extension: Option<String>,
    }
}

record! {
    /// Privileges on a language, foreign data wrapper, foreign server, large object or parameter.
    OtherAcl {
        /// Class, in words.
        class: String,
        /// Name.
        name: String,
        /// Owner; a parameter has none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        owner: Option<String>,
        /// Whether the ACL is NULL.
        acl_is_null: bool,
        /// Expanded privileges.
        acl: Vec<Grant>,
    }
}
