//! What a capture says of a database, by type.
//!
//! Not for: reading or writing it. The one fact to know: every name is the server's own text under an
//! empty `search_path` (`regclass`, `regprocedure`, `regtype`), quoted where needed and qualified unless
//! in `pg_catalog`; no oid is kept, for a restore changes them.

use canonical::{AclItem, PUBLIC, PrivilegeDigest, SourceDigest};
use serde::{Deserialize, Serialize};

macro_rules! record {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $ty:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name { $($(#[$field_doc])* pub $field: $ty,)* }
    };
}

record! {
    /// What one grantor gave one grantee.
    Grant {
        /// Role, or [`PUBLIC`].
        grantee: String,
        /// Role; a REVOKE by another one leaves the grant [ruling B4].
        grantor: String,
        /// Privileges in upper case, sorted.
        privileges: Vec<String>,
        /// Those of them that the grantee may give on.
        grantable: Vec<String>,
    }
}

impl Grant {
    /// Whether it is to everybody.
    pub fn is_public(&self) -> bool {
        self.grantee == PUBLIC
    }

    /// The grant as items, one a privilege.
    pub fn items(&self, column: Option<&str>) -> impl Iterator<Item = AclItem> {
        self.privileges.iter().map(move |privilege| AclItem {
            grantee: self.grantee.clone(),
            grantor: self.grantor.clone(),
            privilege: privilege.clone(),
            column: column.map(str::to_owned),
            grantable: self.grantable.contains(privilege),
        })
    }
}

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
    /// A type that somebody made.
    Type {
        /// As `regtype` prints it.
        identity: String,
        /// `domain`, `enum`, `range`, `multirange`, `composite`, `base`.
        kind: String,
        /// Schema.
        schema: String,
        /// Owner.
        owner: String,
        /// Extension that it belongs to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        extension: Option<String>,
        /// Type below a domain.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        base: Option<String>,
        /// NOT NULL of a domain.
        not_null: bool,
        /// Default of a domain.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        default: Option<String>,
        /// Labels of an enum, in order.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        labels: Option<Vec<String>>,
        /// `name type` of a composite's attributes, in order.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        attributes: Option<Vec<String>>,
        /// Whether `typacl` is NULL.
        acl_is_null: bool,
        /// Expanded privileges.
        acl: Vec<Grant>,
        /// H07.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        privilege_sha256: Option<String>,
    }
}

record! {
    /// A function, procedure, aggregate or window function.
    Routine {
        /// As `regprocedure` prints it.
        identity: String,
        /// `function`, `procedure`, `aggregate`, `window function`.
        kind: String,
        /// Schema.
        schema: String,
        /// Owner.
        owner: String,
        /// Extension that it belongs to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        extension: Option<String>,
        /// Language.
        language: String,
        /// `pg_get_function_arguments`.
        arguments: String,
        /// `pg_get_function_result`; a procedure has none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        result: Option<String>,
        /// SECURITY DEFINER.
        security_definer: bool,
        /// `i`, `s` or `v`.
        volatility: String,
        /// STRICT.
        strict: bool,
        /// LEAKPROOF.
        leakproof: bool,
        /// `s`, `r` or `u`.
        parallel: String,
        /// SET clauses; none is NULL.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        config: Option<Vec<String>>,
        /// Library of a C routine.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        binary: Option<String>,
        /// Whether `proacl` is NULL: everybody may then execute it.
        acl_is_null: bool,
        /// Expanded privileges.
        acl: Vec<Grant>,
        /// H07.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        privilege_sha256: Option<String>,
        /// H06.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        source_sha256: Option<String>,
        /// Whether the body is BEGIN ATOMIC; `pg_depend` then knows what it reads.
        atomic: bool,
        /// The body, as H06 takes it but for CRLF; or a redaction mark.
        body: String,
    }
}

impl Routine {
    /// Everything that H06 covers; none if a part of it was redacted, for then it is not what runs.
    pub fn source(&self) -> Option<canonical::Routine> {
        let source = canonical::Routine {
            language: self.language.clone(),
            // The words begin with the server's own letters.
            kind: self.kind.chars().next()?,
            arguments: self.arguments.clone(),
            result: self.result.clone(),
            security_definer: self.security_definer,
            volatility: self.volatility.chars().next()?,
            strict: self.strict,
            leakproof: self.leakproof,
            parallel: self.parallel.chars().next()?,
            config: self.config.clone(),
            binary: self.binary.clone(),
            body: self.body.clone(),
        };
        let digest = canonical::h06_routine(&source).ok()?;
        (self.source_digest() == Some(digest)).then_some(source)
    }

    /// H06, if the capture holds it.
    pub fn source_digest(&self) -> Option<SourceDigest> {
        self.source_sha256.as_deref().and_then(|text| text.parse().ok())
    }

    /// H07, if the capture holds it.
    pub fn privilege_digest(&self) -> Option<PrivilegeDigest> {
        self.privilege_sha256
            .as_deref()
            .and_then(|text| text.parse().ok())
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

record! {
    /// An edge that `pg_depend` knows.
    Dependency {
        /// Relation, routine, type or operator that depends.
        from: String,
        /// `rule`, `default`, `constraint`, `trigger`, `policy`, `index`, `relation`, `routine`, `type`, `operator`.
        via: String,
        /// Name of the rule (none for a view's own), constraint, trigger or policy.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// What it depends on.
        to: String,
        /// `relation`, `routine`, `type` or `operator`.
        to_class: String,
        /// Columns of the relation, sorted.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        columns: Vec<String>,
    }
}

record! {
    /// A relation that the reader can read.
    Select {
        /// As `regclass` prints it.
        identity: String,
        /// As in [`Relation::kind`].
        kind: String,
        /// Whether the whole relation; else only `columns`.
        whole: bool,
        /// Columns that it can read, in order.
        columns: Vec<String>,
        /// Whether it has USAGE on the schema, without which no read works.
        schema_usage: bool,
        /// What gives the right: `superuser`, `owner R`, `grant to R`, `column grant to R`,
        /// `member of pg_read_all_data`. Empty: nothing in the catalogs explains it [ruling B3].
        because: Vec<String>,
    }
}

record! {
    /// One declared row, the only kind of table row that a capture reads.
    Flag {
        /// Table.
        relation: String,
        /// Key of the row.
        key: String,
        /// Whether it is there.
        found: bool,
        /// Declared columns with their values as text; NULL is left out.
        values: std::collections::BTreeMap<String, String>,
    }
}

record! {
    /// A comment.
    Comment {
        /// Class of the object, as `pg_identify_object` names it.
        class: String,
        /// Identity of the object.
        identity: String,
        /// The text.
        text: String,
    }
}

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
