//! How many there must be of what FIX7 counts, and the query that counts each on the server.

use std::collections::BTreeMap;

use manifest_model::{ControlPlane, RowSource, TableClass};

pub(super) fn counts(plane: &ControlPlane) -> BTreeMap<String, i64> {
    let runtime = plane
        .tables
        .iter()
        .filter(|table| table.class == TableClass::RuntimeEvidence)
        .count();
    [
        ("surfaces", plane.surfaces.len()),
        ("runtime_tables", runtime),
        ("gates", plane.gates.len()),
        ("hash_contracts", plane.hash_contracts.len()),
        ("catalog_families", plane.families.len()),
    ]
    .into_iter()
    .map(|(name, n)| (name.to_owned(), i64::try_from(n).unwrap_or(i64::MAX)))
    .collect()
}

pub(super) fn count_queries(plane: &ControlPlane) -> BTreeMap<String, String> {
    let schema = plane.schema;
    let table_of = |wanted: fn(&RowSource) -> bool| {
        plane
            .surfaces
            .iter()
            .find(|surface| wanted(&surface.rows))
            .map_or("", |surface| surface.table)
    };
    let surfaces = table_of(|rows| matches!(rows, RowSource::Surfaces));
    let gates = table_of(|rows| matches!(rows, RowSource::Gates));
    let components = table_of(|rows| matches!(rows, RowSource::HashComponents));
    let scope = table_of(|rows| matches!(rows, RowSource::AuthorityScope));
    [
        ("surfaces", format!("select count(*) from {schema}.{surfaces}")),
        (
            "runtime_tables",
            format!("select count(*) from {schema}.{scope} where object_class = 'runtime_evidence'"),
        ),
        ("gates", format!("select count(*) from {schema}.{gates}")),
        (
            "hash_contracts",
            format!("select count(distinct contract) from {schema}.{components}"),
        ),
        (
            "catalog_families",
            format!("select count(*) from {schema}.code_catalog_family"),
        ),
    ]
    .into_iter()
    .map(|(name, query)| (name.to_owned(), query))
    .collect()
}
