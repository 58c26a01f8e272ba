//! The exact set of #20 as a check that a rehearsal asks a thousand times.
//!
//! Not for: what the set holds (`surface_rows`). The one fact to know: the expected facts are set aside
//! before anything is taken away, since some tests empty the table that holds them.

use manifest_model::ControlPlane;

/// Statements that set the expected facts aside and make `pg_temp.not_as_expected`, which compares them
/// with the catalog for one relation, domain or routine. `narrowed` joins `x`, the rows of
/// `expected_constraint`, where not all of them count.
///
/// A function, so that it is planned once: what a rehearsal takes away makes the server plan whatever is
/// sent as text anew each time.
pub(crate) fn base(plane: &ControlPlane, narrowed: &str) -> Vec<String> {
    let schema = plane.schema;
    let facts = format!(
        "create temporary table expected_fact as select x.object_kind::text, x.relation_name::text, x.object_name::text, x.definition::text from {schema}.expected_constraint x {narrowed}"
    );
    vec![
        facts.trim_end().to_owned(),
        "create index on pg_temp.expected_fact (relation_name)".to_owned(),
        "analyze pg_temp.expected_fact".to_owned(),
        format!(
            "create function pg_temp.not_as_expected(p_object text) returns table (object_kind text, object_name text) language plpgsql stable set search_path = pg_catalog, pg_temp as $body$
#variable_conflict use_column
begin
  return query
  select coalesce(x.object_kind, r.object_kind), coalesce(x.object_name, r.object_name)
  from (select * from pg_temp.expected_fact f where f.relation_name = p_object) x
  full join {schema}.realized_constraint(p_object) r
    on (r.object_kind, r.relation_name, r.object_name, r.definition) = (x.object_kind, x.relation_name, x.object_name, x.definition)
  where x.object_name is null or r.object_name is null;
end;
$body$"
        ),
    ]
}
