//! Roles of the cluster, who is a member of whom, and settings.

use serde::{Deserialize, Serialize};

record! {
    /// A role of the cluster. Never its password.
    Role {
        /// Name, unquoted.
        name: String,
        /// SUPERUSER.
        superuser: bool,
        /// INHERIT.
        inherit: bool,
        /// CREATEROLE.
        create_role: bool,
        /// CREATEDB.
        create_db: bool,
        /// LOGIN.
        login: bool,
        /// REPLICATION.
        replication: bool,
        /// BYPASSRLS.
        bypass_rls: bool,
        /// CONNECTION LIMIT; -1 is none.
        connection_limit: i32,
        /// VALID UNTIL, in UTC.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        valid_until: Option<String>,
    }
}

record! {
    /// A membership.
    Membership {
        /// Role that is joined.
        role: String,
        /// Role that joins.
        member: String,
        /// Who granted it.
        grantor: String,
        /// ADMIN OPTION.
        admin: bool,
        /// INHERIT option, from 16 on; before, the member's attribute decides.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        inherit: Option<bool>,
        /// SET option, from 16 on; before, always.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        set: Option<bool>,
    }
}

record! {
    /// Settings of a role, of this database, or of a role in this database.
    Setting {
        /// This database; none is every database.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        database: Option<String>,
        /// Role; none is every role.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        role: Option<String>,
        /// `name=value`, in the server's order.
        settings: Vec<String>,
    }
}
