//! The words in which an estate is described: the live-like database that packages are rehearsed on.
//!
//! For: roles, tables, routines, views, governed collections, the members of a legacy path, the
//! worlds that differ in who owns what. Not for: any name of a particular estate, nor SQL beyond the
//! fragments that a definition quotes. The fact to know: an identity is written once, in the form in
//! which `regclass` and `regprocedure` print it, and everything else is derived from it.

/// A whole estate, in the order in which its files are loaded.
#[derive(Clone, Copy, Debug)]
pub struct Estate {
    /// The database that the estate is loaded into.
    pub database: &'static str,
    /// The files, in load order; the first ones run in the maintenance database.
    pub scripts: &'static [Script],
    /// Small deltas on the loaded estate, each with the outcome that is expected in it.
    pub worlds: &'static [World],
    /// What is tried in every world; only the outcomes differ.
    pub attempts: &'static [Attempt],
    /// Deployment files that stand beside the database, outside any catalog.
    pub deployed_files: &'static [DeployedFile],
    /// The members of the legacy path, which the size knob multiplies.
    pub legacy: &'static [LegacyMember],
    /// The collections, which the size knob multiplies.
    pub collections: &'static [Collection],
    /// The columns that each collection has besides its key and its code.
    pub collection_columns: &'static [&'static str],
    /// What is said to a stranger who opens the folder.
    pub readme: &'static str,
}

/// Where a script runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunsIn {
    /// The maintenance database `postgres`: roles are the cluster's.
    Cluster,
    /// The estate's own database.
    Estate,
}

/// One generated file: a title, who runs it, and its parts in order.
#[derive(Clone, Copy, Debug)]
pub struct Script {
    /// File name below the estate's folder, such as `03_birth.sql`.
    pub file: &'static str,
    /// The database that it runs in.
    pub runs_in: RunsIn,
    /// The role that creates the objects, so that it owns them; `None`: the superuser who loads.
    pub as_role: Option<&'static str>,
    /// What the file is for, printed at its top.
    pub title: &'static str,
    /// Its parts.
    pub parts: &'static [Part],
}

/// A piece of a script.
#[derive(Clone, Copy, Debug)]
pub enum Part {
    /// Roles, memberships left out.
    Roles(&'static [Role]),
    /// Memberships, after all roles exist.
    Memberships(&'static [Membership]),
    /// Tables in order.
    Tables(&'static [Table]),
    /// Sequences that no column owns.
    Sequences(&'static [&'static str]),
    /// Routines in order.
    Routines(&'static [Routine]),
    /// Views in order.
    Views(&'static [View]),
    /// Every collection of the estate: table, birth trigger, registry row.
    Collections,
    /// The rows that give each collection its first births.
    CollectionRows,
    /// The legacy tables, once for each step of the legacy scale.
    LegacyTables(&'static [Table]),
    /// The legacy routines, once for each step of the legacy scale.
    LegacyRoutines(&'static [LegacyRoutine]),
    /// The legacy views, once for each step of the legacy scale.
    LegacyViews(&'static [View]),
    /// Statements, with the reason why they stand here.
    Sql {
        /// Why: becomes the comment above the statements.
        why: &'static str,
        /// Complete statements, each ended by a semicolon.
        text: &'static str,
    },
}

/// A role of the cluster.
#[derive(Clone, Copy, Debug)]
pub struct Role {
    /// Name, lower case.
    pub name: &'static str,
    /// May it log in.
    pub login: bool,
    /// Does it use the rights of the roles that it is a member of without SET ROLE.
    pub inherit: bool,
    /// Why the estate has it.
    pub why: &'static str,
}

/// `member` is a member of `role`.
#[derive(Clone, Copy, Debug)]
pub struct Membership {
    /// The role that is granted.
    pub role: &'static str,
    /// The role that it is granted to.
    pub member: &'static str,
}

/// A table with its constraints.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// As `regclass` prints it under an empty `search_path`.
    pub identity: &'static str,
    /// Columns and named constraints, one a line, as SQL.
    pub lines: &'static [&'static str],
    /// `comment on table`; empty: none.
    pub comment: &'static str,
}

/// What a routine is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoutineKind {
    /// `create function … returns <type>`; the type is quoted from here.
    Function(&'static str),
    /// `create function … returns trigger`.
    Trigger,
    /// `create function … returns event_trigger`.
    EventTrigger,
    /// `create procedure …`.
    Procedure,
}

/// A function or procedure.
#[derive(Clone, Copy, Debug)]
pub struct Routine {
    /// As `regprocedure` prints it under an empty `search_path`: `public.f(text,integer)`.
    pub identity: &'static str,
    /// The argument list with names, as SQL: `entity text, batch integer`.
    pub arguments: &'static str,
    /// What it is.
    pub kind: RoutineKind,
    /// `sql` or `plpgsql`.
    pub language: &'static str,
    /// Properties between language and body, such as `stable security definer`.
    pub properties: &'static str,
    /// The body, without quoting; it must not contain `$body$`.
    pub body: &'static str,
}

/// A view.
#[derive(Clone, Copy, Debug)]
pub struct View {
    /// As `regclass` prints it under an empty `search_path`.
    pub identity: &'static str,
    /// The query, without a closing semicolon.
    pub query: &'static str,
}

/// How a collection is keyed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// `integer` with a sequence owned by the column.
    Serial,
    /// `uuid` made by the server.
    Uuid,
}

/// A table of the CMS whose rows are registered at birth.
#[derive(Clone, Copy, Debug)]
pub struct Collection {
    /// Table name in `public`.
    pub name: &'static str,
    /// The collection's own code in the collection registry.
    pub code: &'static str,
    /// The column that carries the entity's code: the argument of its birth trigger.
    pub code_column: &'static str,
    /// Its species, looked up at birth.
    pub species: &'static str,
    /// Its key.
    pub key: Key,
    /// Columns and constraints beside the common ones, as SQL.
    pub extra: &'static [&'static str],
}

/// What a package does with a legacy member; exactly one applies to each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Disposition {
    /// EXECUTE is revoked and the body is replaced by one that refuses: apply, writer, planner entrypoints.
    StubFailClosed,
    /// Rights are revoked, the definition stays as it is.
    RevokeOnly,
}

impl Disposition {
    /// The code under which it is sealed.
    pub const fn code(self) -> &'static str {
        match self {
            Self::StubFailClosed => "STUB_FAIL_CLOSED",
            Self::RevokeOnly => "REVOKE_ONLY",
        }
    }
}

/// What a legacy member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MemberKind {
    /// Ordinary table.
    Table,
    /// Function, trigger functions among them.
    Function,
    /// Procedure.
    Procedure,
    /// View.
    View,
}

/// What a review made of a body that builds its statements at run time, which no dependency row shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DynamicSql {
    /// The body has no dynamic statement.
    None,
    /// The review found the whole set of objects that the statements can name.
    Resolved {
        /// Every object that the statements can reach: relations and routines by identity.
        reaches: &'static [&'static str],
        /// How the review knows that the set is closed.
        because: &'static str,
    },
    /// The statements come from data or from the caller: nothing bounds them.
    Unbounded {
        /// Where the text comes from.
        because: &'static str,
    },
}

/// A routine of the legacy path, with the decisions that a review made about it.
#[derive(Clone, Copy, Debug)]
pub struct LegacyRoutine {
    /// The routine itself.
    pub routine: Routine,
    /// What becomes of it.
    pub disposition: Disposition,
    /// Its dynamic SQL, if any.
    pub dynamic: DynamicSql,
}

/// One member of the sealed legacy set. Membership is declared here, never derived from a name.
#[derive(Clone, Copy, Debug)]
pub struct LegacyMember {
    /// `regclass` or `regprocedure` text under an empty `search_path`.
    pub identity: &'static str,
    /// What it is.
    pub kind: MemberKind,
    /// What becomes of it.
    pub disposition: Disposition,
    /// Its dynamic SQL, if any.
    pub dynamic: DynamicSql,
}

/// An edge that breaks a cutover and that a privilege check does not show.
#[derive(Clone, Copy, Debug)]
pub struct Hazard {
    /// The kind of edge, as a reason code.
    pub code: &'static str,
    /// The legacy member at one end.
    pub member: &'static str,
    /// The live object at the other end.
    pub live: &'static str,
    /// What happens if nobody looks.
    pub why: &'static str,
    /// What a DBA runs to be rid of it.
    pub remedy: &'static str,
}

/// A variation of the estate, as a delta.
#[derive(Clone, Copy, Debug)]
pub struct World {
    /// Name, also of its file.
    pub id: &'static str,
    /// What it stands for.
    pub title: &'static str,
    /// The delta, run by a superuser over the loaded estate.
    pub delta: &'static str,
    /// The reason codes that the attempts must realize in it: sorted, each once.
    pub expected: &'static [&'static str],
}

/// One try at breaking isolation. It is a trap where it succeeds.
#[derive(Clone, Copy, Debug)]
pub struct Attempt {
    /// Name of the try.
    pub id: &'static str,
    /// The reason code that holds where the try succeeds.
    pub code: &'static str,
    /// Run by the superuser first.
    pub setup: &'static str,
    /// The role that tries.
    pub persona: &'static str,
    /// What it tries, as one simple query.
    pub sql: &'static str,
    /// The SQLSTATE of a refusal; any other error means that the try was not made.
    pub refused_with: &'static str,
}

/// A deployment file outside the database.
#[derive(Clone, Copy, Debug)]
pub struct DeployedFile {
    /// Path below the estate's folder.
    pub path: &'static str,
    /// Its bytes.
    pub text: &'static str,
}

/// The knobs. Each is a count at least 1; the committed estate is [`EstateSize::ONE`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EstateSize {
    /// How many times the legacy path exists; copies after the first carry a suffix.
    pub legacy_scale: u32,
    /// How many times the collections exist; copies after the first carry a suffix.
    pub collection_scale: u32,
    /// Rows inserted into each collection, each of which is born through the gateway.
    pub rows_per_collection: u32,
}

impl EstateSize {
    /// The committed estate.
    pub const ONE: Self = Self {
        legacy_scale: 1,
        collection_scale: 1,
        rows_per_collection: 2,
    };

    /// The estate `n` times as large in objects, with the same rows in each collection.
    pub const fn times(n: u32) -> Self {
        Self {
            legacy_scale: n,
            collection_scale: n,
            rows_per_collection: 2,
        }
    }
}
