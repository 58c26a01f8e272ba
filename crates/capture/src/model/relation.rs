//! Relations and what stands on them: columns, constraints, indexes, views, rules, triggers, policies.

use super::Grant;
use canonical::{PrivilegeDigest, SourceDigest};
use serde::{Deserialize, Serialize};

record! {
    /// A table, view, sequence or the like.
    Relation {
        /// As `regclass` prints it.
        identity: String,
        /// `table`, `partitioned table`, `view`, `materialized view`, `foreign table`, `sequence`.
        kind: String,
        /// Schema.
        schema: String,
        /// Owner.
        owner: String,
        /// Extension that it belongs to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        extension: Option<String>,
        /// UNLOGGED.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unlogged: Option<bool>,
        /// Row security enabled.
        row_security: bool,
        /// Row security forced on the owner.
        force_row_security: bool,
        /// `n`, `f` or `i`, if not the default.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        replica_identity: Option<String>,
        /// `reloptions`, `security_invoker` among them.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        options: Vec<String>,
        /// Parents.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        inherits: Option<Vec<String>>,
        /// Partition key.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        partition_key: Option<String>,
        /// Partition bound.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        partition_bound: Option<String>,
        /// Whether `relacl` is NULL; `acl` is then the built-in default.
        acl_is_null: bool,
        /// Expanded privileges on the whole.
        acl: Vec<Grant>,
        /// H07, with the columns' grants.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        privilege_sha256: Option<String>,
        /// Columns in order, without dropped ones.
        columns: Vec<Column>,
    }
}

impl Relation {
    /// H07, if the capture holds it.
    pub fn privilege_digest(&self) -> Option<PrivilegeDigest> {
        self.privilege_sha256
            .as_deref()
            .and_then(|text| text.parse().ok())
    }
}

record! {
    /// A column.
    Column {
        /// Name, unquoted.
        name: String,
        /// Type.
        r#type: String,
        /// NOT NULL.
        not_null: bool,
        /// Default expression.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        default: Option<String>,
        /// Generation expression.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        generated: Option<String>,
        /// `always` or `by default`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        identity: Option<String>,
        /// Collation, if not the type's own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        collation: Option<String>,
        /// Grants on this column alone.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        acl: Vec<Grant>,
    }
}

record! {
    /// A constraint of a table or domain.
    Constraint {
        /// Table or domain.
        on: String,
        /// Name.
        name: String,
        /// `check`, `foreign key`, `primary key`, `unique`, `exclude`.
        kind: String,
        /// `pg_get_constraintdef`.
        definition: String,
        /// `convalidated`.
        validated: bool,
        /// DEFERRABLE.
        deferrable: bool,
        /// INITIALLY DEFERRED.
        deferred: bool,
        /// Table that a foreign key references.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        references: Option<String>,
        /// ON DELETE action of a foreign key [ruling A12].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        on_delete: Option<String>,
        /// ON UPDATE action.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        on_update: Option<String>,
    }
}

record! {
    /// An index.
    Index {
        /// As `regclass` prints it.
        identity: String,
        /// Its table.
        on: String,
        /// `pg_get_indexdef`.
        definition: String,
        /// UNIQUE.
        unique: bool,
        /// `indisvalid`.
        valid: bool,
    }
}

record! {
    /// What a sequence counts; owner and privileges stand at its relation.
    Sequence {
        /// As `regclass` prints it.
        identity: String,
        /// Type.
        r#type: String,
        /// First value.
        start: String,
        /// Step.
        increment: String,
        /// Least value.
        minimum: String,
        /// Greatest value.
        maximum: String,
        /// CYCLE.
        cycle: bool,
        /// `schema.table.column` that owns it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        owned_by: Option<String>,
    }
}

record! {
    /// The query of a view; owner and privileges stand at its relation.
    View {
        /// As `regclass` prints it.
        identity: String,
        /// `view` or `materialized view`.
        kind: String,
        /// Extension that it belongs to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        extension: Option<String>,
        /// H06, with the server's major.
        source_sha256: String,
        /// `pg_get_viewdef`, or a redaction mark.
        definition: String,
    }
}

impl View {
    /// H06, if it is well formed.
    pub fn source_digest(&self) -> Option<SourceDigest> {
        self.source_sha256.parse().ok()
    }
}

record! {
    /// A rule other than a view's own.
    Rule {
        /// Relation.
        on: String,
        /// Name.
        name: String,
        /// `O`, `D`, `R` or `A`.
        enabled: String,
        /// `pg_get_ruledef`.
        definition: String,
    }
}

record! {
    /// A trigger. It fires without EXECUTE [ruling A12].
    Trigger {
        /// Relation.
        on: String,
        /// Name.
        name: String,
        /// Function, as `regprocedure` prints it.
        function: String,
        /// `tgenabled`: `O`, `D`, `R` or `A`.
        enabled: String,
        /// Arguments.
        arguments: Vec<String>,
        /// `pg_get_triggerdef`.
        definition: String,
        /// Whether it is a partition's copy of its parent's.
        inherited: bool,
        /// Extension that it belongs to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        extension: Option<String>,
    }
}

record! {
    /// A row policy.
    Policy {
        /// Relation.
        on: String,
        /// Name.
        name: String,
        /// PERMISSIVE.
        permissive: bool,
        /// `select`, `insert`, `update`, `delete` or `all`.
        command: String,
        /// Roles, [`PUBLIC`] among them.
        roles: Vec<String>,
        /// USING expression.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        using: Option<String>,
        /// WITH CHECK expression.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        check: Option<String>,
    }
}
