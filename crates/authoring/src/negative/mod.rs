//! Negative specs: what each table must reject, derived from its definition [doc 06, negative-test
//! requirement; proof of the sole cause: ruling A9].
//!
//! Not for: running them (`rehearsal`). The one fact to know: nothing here is a list of tests; a column,
//! constraint, trigger or privilege yields its tests, so a new one without a test can't be authored.

pub mod accepted;
pub mod activation;
pub mod privilege;
pub mod referenced;
pub mod row;
pub mod seal;
pub mod spec;
pub mod surface;
pub mod table;
pub mod trigger;
pub mod weakened;

use manifest_model::{ControlPlane, TableClass};

use crate::error::AuthorError;
use crate::exact_set;
use crate::files::Files;
use crate::index::toml_text;
use crate::item::Version;

pub use spec::{Cause, Expect, Group, Spec, Test};

/// Statements that hold for the whole suite: USAGE on the schema, so that a table's privilege is the only
/// thing that a role lacks (once, because every change to a schema's privileges makes the server plan
/// everything anew), and the exact set to compare with.
pub fn suite_base(plane: &ControlPlane) -> Vec<String> {
    let schema = plane.schema;
    let mut base = vec![format!("grant usage on schema {schema} to public")];
    base.extend(exact_set::base(
        plane,
        &format!(
            "join {schema}.latest_sealed l on l.manifest_id = x.manifest_id and l.surface_no = x.surface_no"
        ),
    ));
    base
}

/// Adds one spec file a table.
pub fn add_specs(files: &mut Files, plane: &ControlPlane, versions: &[Version]) -> Result<(), AuthorError> {
    let tables = plane.table_definitions();
    for table in &tables {
        // One at a time: each is many times as large as its text.
        let spec = match table.class {
            TableClass::Surface(number) => {
                let Some(version) = versions.iter().find(|version| version.surface.number == number) else {
                    continue;
                };
                surface::spec(plane, &tables, table, version, versions)?
            }
            _ => table::spec(plane, &tables, table),
        };
        files.add(
            format!("migrations/negative/{}.toml", table.name),
            toml_text(&spec),
        );
    }
    Ok(())
}
