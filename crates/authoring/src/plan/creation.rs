//! The packet that makes the control plane, in the plan: its files, by what leave is judged, and what is compared.
//!
//! Not for: the parts' text (`packet::create`), or who runs them (`acts`). The one fact to know: before the packet there
//! is no control plane to ask, so what a scope may hold is listed here from the accepted set.

mod acts;

use manifest_model::{ColumnType, ControlPlane, TableClass};
use serde::Serialize;

use super::FileRef;
use crate::Sources;
use crate::error::AuthorError;
use crate::files::Files;
use crate::header::sha256_hex;
use crate::locks;
use crate::packet::create;
use crate::packet::sql::literal;
use crate::packet::{self, codes};

#[derive(Serialize)]
pub(super) struct CreationRef {
    package: String,
    folder: String,
    operator: String,
    first: String,
    leave: &'static str,
    not_expired: &'static str,
    expire: String,
    epoch: String,
    known_objects: String,
    forbidden_objects: String,
    arrange: String,
    restore: String,
    grows: Vec<String>,
    clocked: Vec<Clocked>,
    act: Vec<acts::Act>,
    file: Vec<FileRef>,
}

#[derive(Serialize)]
struct Clocked {
    relation: String,
    sql: String,
}

/// The packet, if there is one; its files were added before.
pub(super) fn reference(
    sources: &Sources<'_>,
    files: &Files,
    root: &std::path::Path,
) -> Result<Option<CreationRef>, AuthorError> {
    let Some(creation) = &sources.creation else {
        return Ok(None);
    };
    let plane = sources.plane;
    let folder = format!("{}/{}", packet::FOLDER, creation.package);
    let cast = create::cast(sources);
    let file = files
        .iter()
        .filter(|(path, _)| path.starts_with(&format!("{folder}/")))
        .map(|(path, text)| FileRef {
            path: path.to_owned(),
            sha256: sha256_hex(text.as_bytes()),
        })
        .collect();
    let inherit = |word: &str| {
        format!(
            "do $inherit$ begin if pg_catalog.current_setting('server_version_num')::integer < 160000 then alter role {} {word}; end if; end $inherit$",
            cast.operator
        )
    };
    let scope = locks::accepted_scope(plane, root)?;
    let listed = |forbidden: bool| {
        let identities = scope
            .iter()
            .filter(|(class, _)| !forbidden || ["do_not_open", "do_not_touch"].contains(&class.as_str()));
        let identities: Vec<String> = identities.map(|(_, identity)| literal(identity)).collect();
        format!(
            "select distinct i.identity from pg_catalog.unnest(array[{}, {}]::text[]) as i (identity) where i.identity <> ''",
            if forbidden {
                "''".to_owned()
            } else {
                literal(plane.schema)
            },
            identities.join(", ")
        )
    };
    let grows: Vec<&str> = plane
        .tables
        .iter()
        .filter(|table| table.class == TableClass::RuntimeEvidence || table.name == "operator_packet_run")
        .map(|table| table.name)
        .collect();
    Ok(Some(CreationRef {
        package: creation.package.to_owned(),
        operator: cast.operator.clone(),
        first: cast.create.clone(),
        leave: codes::AUTHORIZATION_REFUSED.sqlstate,
        not_expired: codes::LEAVE_NOT_EXPIRED.sqlstate,
        expire: create::spent::expire(plane.owner),
        epoch: create::EPOCH_BEFORE_ANY.to_string(),
        known_objects: listed(false),
        forbidden_objects: listed(true),
        arrange: inherit("noinherit"),
        restore: inherit("inherit"),
        clocked: clocked(plane, &grows),
        grows: grows
            .into_iter()
            .map(|table| format!("{}.{table}", plane.schema))
            .collect(),
        act: acts::acts(sources, &cast),
        folder,
        file,
    }))
}

/// Tables with an instant in their rows, those of the run itself apart.
fn clocked(plane: &ControlPlane, grows: &[&str]) -> Vec<Clocked> {
    let of_plane = plane.tables.iter().filter(|table| !grows.contains(&table.name));
    of_plane
        .filter_map(|table| {
            let instants = table.columns.iter().filter(|column| column.ty == ColumnType::Timestamp);
            let without: Vec<String> = instants.map(|column| format!(" - '{}'", column.name)).collect();
            (!without.is_empty()).then(|| Clocked {
                relation: format!("{}.{}", plane.schema, table.name),
                sql: format!(
                    "select pg_catalog.count(*) || ' ' || pg_catalog.md5(pg_catalog.string_agg(r.line, ',' order by r.line)) from (select (pg_catalog.to_jsonb(t){})::text as line from {}.{} as t) as r",
                    without.concat(),
                    plane.schema,
                    table.name
                ),
            })
        })
        .collect()
}
