//! PKG-B: S09 and S10 as files: catalog, anchors, one file a surface.
//!
//! The one fact to know: a file inserts expected keys, rows, then the envelope, whose keys are deferred;
//! its way back deletes them in the other order and refuses once the version is sealed [ruling A8].

use std::collections::BTreeSet;

use canonical::{Value, h05};
use manifest_model::{ColumnType, ControlPlane, RowSource, Rule, Step, V};
use sql_render::rows::insert;
use sql_render::{Script, Unit, literal};

use crate::Sources;
use crate::error::AuthorError;
use crate::item::Version;
use crate::surface_rows::constraint_sets;

/// Checks that deferred keys hold, then defers them again for the next file.
const FLUSH: &str = "set constraints all immediate;\nset constraints all deferred;\n";

/// Every file of PKG-B, in order.
pub fn scripts(sources: &Sources<'_>, versions: &[Version]) -> Result<Vec<Script>, AuthorError> {
    let plane = sources.plane;
    let mut scripts = vec![
        script(Step::new(9), 1, "code_catalog", vec![catalog(plane)?]),
        script(Step::new(9), 2, "anchors", vec![anchors(plane)]),
    ];
    for version in versions {
        let surface = version.surface;
        let unit = surface_unit(plane, version);
        scripts.push(script(
            surface.rows_step,
            100 + u32::from(surface.number),
            surface.table,
            vec![unit],
        ));
    }
    scripts.sort_by_key(Script::version);
    Ok(scripts)
}

fn script(step: Step, part: u32, slug: &str, units: Vec<Unit>) -> Script {
    Script {
        step,
        part,
        slug: slug.to_owned(),
        units,
        as_owner: true,
    }
}

/// File that defines a table that is no surface.
fn source_of(plane: &ControlPlane, table: &str) -> String {
    plane
        .tables
        .iter()
        .find(|defined| defined.name == table)
        .map_or_else(String::new, |defined| defined.source.to_owned())
}

/// Family and code of every catalog item, with its title.
pub fn catalog_items(plane: &ControlPlane) -> Vec<(&'static str, &'static str, &'static str)> {
    let mut items = Vec::new();
    for family in plane.families {
        items.extend(
            family
                .items
                .iter()
                .map(|(code, title)| (family.code, *code, *title)),
        );
        if family.items.is_empty() {
            items.extend(
                plane
                    .reason_codes
                    .iter()
                    .map(|reason| (family.code, reason.code, reason.doc)),
            );
        }
    }
    items
}

/// H05 over the catalog's `FAMILY/CODE` pairs.
pub fn catalog_digest(plane: &ControlPlane) -> Result<canonical::ObjectSetDigest, AuthorError> {
    let pairs: Vec<String> = catalog_items(plane)
        .iter()
        .map(|(family, code, _)| format!("{family}/{code}"))
        .collect();
    h05(&pairs).map_err(|source| AuthorError::Encode {
        surface: "code_catalog_root".to_owned(),
        item: "CODE_CATALOG".to_owned(),
        source,
    })
}

fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}

fn count(n: usize) -> Value {
    Value::Integer(i64::try_from(n).unwrap_or(i64::MAX))
}

fn catalog(plane: &ControlPlane) -> Result<Unit, AuthorError> {
    let schema = plane.schema;
    let items = catalog_items(plane);
    let digest = catalog_digest(plane)?;
    let families: Vec<Vec<Value>> = plane
        .families
        .iter()
        .map(|family| {
            let size = items.iter().filter(|(of, _, _)| *of == family.code).count();
            vec![
                text(family.code),
                text("CODE_CATALOG"),
                text(family.title),
                count(size),
            ]
        })
        .collect();
    let rows: Vec<Vec<Value>> = items
        .iter()
        .map(|(family, code, title)| vec![text(family), text(code), text(title)])
        .collect();
    let mut up = String::from("-- The code catalog: its root, its families, their items.\n");
    up.push_str(&insert(
        &format!("{schema}.code_catalog_root"),
        &["root_code", "version", "family_count", "catalog_sha256"],
        &[vec![
            text("CODE_CATALOG"),
            Value::Integer(1),
            count(plane.families.len()),
            Value::Bytes(digest.as_bytes().to_vec()),
        ]],
    ));
    up.push_str(&insert(
        &format!("{schema}.code_catalog_family"),
        &["family_code", "root_code", "title", "item_count"],
        &families,
    ));
    up.push_str(&insert(
        &format!("{schema}.code_catalog_item"),
        &["family_code", "item_code", "title"],
        &rows,
    ));
    let down = format!(
        "select {schema}.assert_catalog_reversible();\n\
         delete from {schema}.code_catalog_item;\n\
         delete from {schema}.code_catalog_family;\n\
         delete from {schema}.code_catalog_root;\n"
    );
    Ok(Unit {
        name: "rows of the code catalog".to_owned(),
        source: source_of(plane, "code_catalog_root"),
        up,
        down,
    })
}

/// Principals that any listed row refers to.
fn principals(plane: &ControlPlane) -> BTreeSet<&'static str> {
    let mut found = BTreeSet::new();
    for surface in plane.surfaces {
        let RowSource::Listed(items) = surface.rows else {
            continue;
        };
        for constraint in surface.constraints {
            let Rule::ForeignKey {
                columns: &[column],
                table: "principal",
                ..
            } = constraint.rule
            else {
                continue;
            };
            let typed = surface.columns.iter().filter(|column| column.generated.is_none());
            let Some(position) = typed.clone().position(|typed| typed.name == column) else {
                continue;
            };
            found.extend(items.iter().filter_map(|item| match item.values.get(position) {
                Some(V::T(name)) => Some(*name),
                _ => None,
            }));
        }
    }
    found
}

fn anchors(plane: &ControlPlane) -> Unit {
    let schema = plane.schema;
    let mut up = String::from("-- The first control epoch, and the ids of principals.\n");
    up.push_str(&insert(
        &format!("{schema}.control_epoch"),
        &["singleton", "epoch"],
        &[vec![Value::Bool(true), Value::Integer(1)]],
    ));
    let rows: Vec<Vec<Value>> = principals(plane)
        .into_iter()
        .map(|name| vec![text(name)])
        .collect();
    if !rows.is_empty() {
        up.push_str(&insert(&format!("{schema}.principal"), &["principal_id"], &rows));
    }
    Unit {
        name: "rows of the anchors".to_owned(),
        source: source_of(plane, "principal"),
        up,
        down: format!(
            "select {schema}.assert_catalog_reversible();\ndelete from {schema}.principal;\ndelete from {schema}.control_epoch;\n"
        ),
    }
}

/// Columns of a surface that an insert writes, in order, ending with the digest.
pub fn insert_columns(version: &Version) -> Vec<&'static str> {
    let mut columns = vec!["manifest_id", "surface_no", "ordinal", "item_key", "refusal_code"];
    columns.extend(
        version
            .surface
            .columns
            .iter()
            .filter(|column| column.generated.is_none())
            .map(|column| column.name),
    );
    columns.push("item_sha256");
    columns
}

fn surface_unit(plane: &ControlPlane, version: &Version) -> Unit {
    let schema = plane.schema;
    let surface = version.surface;
    let id = version.manifest_id();
    let id_value = || version.envelope.manifest_id();
    let no = i64::from(surface.number);
    let mut up = String::new();
    sql_render::table::comment_lines(&mut up, surface.doc);
    let keys: Vec<Vec<Value>> = version
        .expected
        .iter()
        .map(|key| vec![Value::Uuid(id_value()), Value::Integer(no), text(key)])
        .collect();
    up.push_str(&insert(
        &format!("{schema}.expected_item"),
        &["manifest_id", "surface_no", "item_key"],
        &keys,
    ));
    let rows: Vec<Vec<Value>> = version
        .rows
        .iter()
        .zip(&version.digests)
        .zip(&version.ordinals)
        .map(|((row, digest), ordinal)| {
            let mut values = vec![
                Value::Uuid(id_value()),
                Value::Integer(no),
                Value::Integer(*ordinal),
                text(&row.key),
                text(&row.refusal),
            ];
            values.extend(row.values.iter().cloned());
            values.push(Value::Bytes(digest.as_bytes().to_vec()));
            values
        })
        .collect();
    up.push_str(&insert(
        &format!("{schema}.{}", surface.table),
        &insert_columns(version),
        &rows,
    ));
    if surface.rows_are_scope() {
        let facts: Vec<Vec<Value>> = constraint_sets(plane)
            .into_values()
            .flatten()
            .map(|fact| {
                vec![
                    Value::Uuid(id_value()),
                    Value::Integer(no),
                    text(fact.kind),
                    text(&fact.relation),
                    text(&fact.name),
                    text(&fact.definition),
                ]
            })
            .collect();
        up.push_str(&insert(
            &format!("{schema}.expected_constraint"),
            &[
                "manifest_id",
                "surface_no",
                "object_kind",
                "relation_name",
                "object_name",
                "definition",
            ],
            &facts,
        ));
    }
    up.push_str(&insert(
        &format!("{schema}.manifest_envelope"),
        &[
            "manifest_id",
            "surface_no",
            "version",
            "item_count",
            "payload_sha256",
            "envelope_sha256",
        ],
        &[vec![
            Value::Uuid(id_value()),
            Value::Integer(no),
            Value::Integer(i64::from(version.version)),
            count(version.rows.len()),
            Value::Bytes(version.payload.as_bytes().to_vec()),
            Value::Bytes(version.envelope.as_bytes().to_vec()),
        ]],
    ));
    up.push_str(FLUSH);
    let id = literal::text(&id);
    let scope = if surface.rows_are_scope() {
        format!("delete from {schema}.expected_constraint where manifest_id = {id};\n")
    } else {
        String::new()
    };
    let down = format!(
        "select {schema}.assert_reversible({id});\n\
         {scope}delete from {schema}.{} where manifest_id = {id};\n\
         delete from {schema}.expected_item where manifest_id = {id};\n\
         delete from {schema}.manifest_envelope where manifest_id = {id};\n{FLUSH}",
        surface.table
    );
    debug_assert!(
        surface
            .columns
            .iter()
            .all(|column| column.ty != ColumnType::Jsonb)
    );
    Unit {
        name: format!("rows of {}", surface.table),
        source: surface.source.to_owned(),
        up,
        down,
    }
}
