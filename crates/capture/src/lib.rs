//! S00 and MX-1: what a live database is, read without a trace [doc 07, PKG-B, PKG-D].
//!
//! It is for databases that nobody here wrote: it reads catalogs, and of tables only the rows that the
//! caller declares. It is not for judging what it finds (`guards`), nor for turning it into rows of the
//! control plane (`authoring`). The one fact to know: a capture is an input of authoring and is reviewed
//! like code, so it holds no clock, no host, no oid and no password, and the same database gives the
//! same bytes.
//!
//! # How it reads
//! - Every transaction is READ ONLY and REPEATABLE READ with a statement and a lock timeout, and proves
//!   at its end that no transaction id was assigned to it.
//! - Printing a view locks what the view reads, so definitions are printed in batches of at most 500,
//!   each in a transaction of its own; then everything is read again, and a difference is an error
//!   [ruling B15].
//! - `search_path` is empty, so that every name outside `pg_catalog` is qualified.
//!
//! # Which database a capture is of
//! Two databases may share a name, and a cluster that is made anew for each rehearsal has another system
//! identifier each time. So a capture of a database that lives on holds the cluster's system identifier
//! ([`Origin::Cluster`]), and another cluster is another database. A capture of the reference estate
//! holds none ([`Origin::Content`]): its identity is the database's name and the digest over everything
//! captured, which the estate's definitions determine on one server major.
//! [`Capture::expect_same_database`] compares accordingly.

mod across;
mod differences;
mod digest;
mod error;
mod files;
mod model;
mod read;
mod run;
mod secrets;
mod toml_text;
mod url;

pub use differences::{Change, Difference, FieldChange};
pub use digest::{Capture, CaptureDigest};
pub use error::{CaptureError, ForeignCapture, LoadError, RunError, WriteError};
pub use model::{
    Column, Comment, CommentsFile, Constraint, ConstraintsFile, Database, DatabaseFile, DefaultAcl,
    DependenciesFile, Dependency, EventTrigger, Extension, Facts, Flag, FlagsFile, Grant, Index, Membership,
    OtherAcl, Policy, Relation, RelationsFile, Role, RolesFile, Routine, RoutinesFile, Rule, Schema, Select,
    SelectSetFile, Sequence, SequencesFile, Setting, Trigger, TriggersFile, Type, TypesFile, View, ViewsFile,
};
pub use read::{DeclaredRows, Options, Origin, capture};
pub use run::{Arguments, connect, demand_a_name, keep, run};
pub use secrets::{Finding, SecretKind, credential_in, redacted};
pub use url::without_password;
