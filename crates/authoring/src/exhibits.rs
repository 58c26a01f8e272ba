//! What a rehearsal shows to whoever was not there: inputs of every digest, the surfaces, the closure.
//!
//! Not for: computing a digest. The one fact to know: each query gives one JSON text a row, ordered by bytes and
//! without clock or oid; a digest stands beside what it was made of, so that anybody computes it again.

use canonical::ValueKind;
use manifest_model::{ControlPlane, RowSource, Surface, TableDef};
use serde::Serialize;
use sql_render::value_kind;

/// A query of the plan.
#[derive(Serialize)]
pub(crate) struct Exhibit {
    name: &'static str,
    ground: &'static str,
    sql: String,
}

const SEALED: &str = "sealed";
const ACTIVATED: &str = "activated";

/// All of them, in the order in which they are asked.
pub(crate) fn exhibits(plane: &ControlPlane) -> Vec<Exhibit> {
    let hashes = |ground, sql| Exhibit {
        name: "hashes",
        ground,
        sql,
    };
    let mut all: Vec<Exhibit> = plane
        .surfaces
        .iter()
        .map(|surface| hashes(SEALED, items(plane.schema, surface)))
        .collect();
    for (sql, routine) in CONTRACTS {
        if plane.routines.iter().any(|one| one.name == *routine) {
            let ground = if *routine == "h04" { ACTIVATED } else { SEALED };
            all.push(hashes(ground, sql.trim().replace("{cp}", plane.schema)));
        }
    }
    all.push(Exhibit {
        name: "tables",
        ground: SEALED,
        sql: tables(plane),
    });
    if let Some(sql) = closure(plane) {
        all.push(Exhibit {
            name: "closure",
            ground: SEALED,
            sql,
        });
    }
    all
}

/// A contract's query, and the routine of the plane that must be there for it.
const CONTRACTS: &[(&str, &str)] = &[
    (H05, "h05"),
    (H02, "h02"),
    (H03, "h03"),
    (H06, "h06"),
    (H06_VIEW, "h06_view"),
    (H07_RELATION, "h07_relation"),
    (H07_ROUTINE, "h07_routine"),
    (H04, "h04"),
];

/// H01 of each item, from its typed columns.
fn items(schema: &str, surface: &Surface) -> String {
    let number = surface.number;
    let table: TableDef = surface.definition();
    let columns: Vec<String> = table
        .hashed_columns()
        .filter_map(|column| value_kind(column.ty).map(|kind| (column.name, kind)))
        .map(|(name, kind)| {
            format!(
                "json_build_array('{name}', '{}', {})",
                word(kind),
                shown(kind, name)
            )
        })
        .collect();
    format!(
        "select json_build_object('contract', 'H01', 'subject', '{number:02} ' || r.item_key, \
         'input', json_build_array({number}, json_build_array({})), 'sha256', encode(r.item_sha256, 'hex'))::text\n\
         from {schema}.{} r join {schema}.manifest_envelope e on e.manifest_id = r.manifest_id and e.surface_no = {number}\n\
         where e.state = 'sealed' order by e.version, r.ordinal",
        columns.join(", "),
        table.name
    )
}

/// A kind as the vectors of `canonical` name it.
fn word(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Bool => "boolean",
        ValueKind::Integer => "integer",
        ValueKind::Numeric => "numeric",
        ValueKind::Text => "text",
        ValueKind::Bytes => "bytea",
        ValueKind::Uuid => "uuid",
        ValueKind::Timestamp => "timestamptz",
        ValueKind::TextArray => "text[]",
    }
}

/// A column as the vectors of `canonical` write its kind.
fn shown(kind: ValueKind, column: &str) -> String {
    match kind {
        ValueKind::Bool => format!("r.{column}::boolean"),
        ValueKind::Integer => format!("r.{column}::bigint"),
        ValueKind::Numeric | ValueKind::Text | ValueKind::Uuid => format!("r.{column}::text"),
        ValueKind::Bytes => format!("encode(r.{column}, 'hex')"),
        ValueKind::Timestamp => {
            format!(
                "(extract(epoch from r.{column} - timestamptz '2000-01-01 00:00:00+00') * 1000000)::bigint"
            )
        }
        ValueKind::TextArray => format!("array_to_json(r.{column}::text[])"),
    }
}

/// The exact set of each version.
const H05: &str = "
select json_build_object('contract', 'H05', 'subject', lpad(x.surface_no::text, 2, '0') || ' expected items',
  'input', json_build_array(json_agg(x.item_key::text order by x.item_key::text collate \"C\")),
  'sha256', encode({cp}.h05(array_agg(x.item_key::text)), 'hex'))::text
from {cp}.expected_item x join {cp}.manifest_envelope e on e.manifest_id = x.manifest_id and e.surface_no = x.surface_no
where e.state = 'sealed' group by x.surface_no, x.manifest_id order by x.surface_no";

const H02: &str = "
select json_build_object('contract', 'H02', 'subject', lpad(e.surface_no::text, 2, '0') || ' payload',
  'input', json_build_array(json_agg(json_build_array(i.ordinal::integer, i.item_key::text, encode(i.item_sha256, 'hex')) order by i.ordinal)),
  'sha256', encode(e.payload_sha256, 'hex'))::text
from {cp}.manifest_envelope e join {cp}.surface_item i on i.manifest_id = e.manifest_id and i.surface_no = e.surface_no
where e.state = 'sealed' group by e.surface_no, e.manifest_id, e.payload_sha256 order by e.surface_no";

const H03: &str = "
select json_build_object('contract', 'H03', 'subject', lpad(e.surface_no::text, 2, '0') || ' envelope',
  'input', json_build_array(e.surface_no, e.version, e.item_count, encode(e.payload_sha256, 'hex'), encode(x.sha256, 'hex')),
  'sha256', encode(e.envelope_sha256, 'hex'))::text
from {cp}.manifest_envelope e
cross join lateral (select {cp}.h05(array_agg(x.item_key::text)) as sha256 from {cp}.expected_item x
  where x.manifest_id = e.manifest_id and x.surface_no = e.surface_no) x
where e.state = 'sealed' order by e.surface_no";

const H04: &str = "
select json_build_object('contract', 'H04', 'subject', lpad(b.surface_no::text, 2, '0') || ' ' || b.decision || ' by ' || b.principal_id || ' as ' || b.slot,
  'input', json_build_array(json_build_array(
    json_build_array('manifest_id', 'uuid', b.manifest_id::text), json_build_array('surface_no', 'integer', b.surface_no),
    json_build_array('payload_sha256', 'bytea', encode(b.payload_sha256, 'hex')), json_build_array('slot', 'text', b.slot::text),
    json_build_array('principal_id', 'text', b.principal_id::text), json_build_array('evidence_id', 'bytea', encode(r.artifact_sha256, 'hex')),
    json_build_array('control_epoch', 'integer', b.control_epoch), json_build_array('decision', 'text', b.decision))),
  'sha256', encode(b.scope_sha256, 'hex'))::text
from {cp}.signoff_binding b join {cp}.evidence_registry r on r.evidence_id = b.evidence_id
order by b.surface_no, b.slot::text collate \"C\", b.principal_id::text collate \"C\", b.decision, b.control_epoch";

const H06: &str = "
select json_build_object('contract', 'H06', 'subject', 'routine ' || p.oid::regprocedure,
  'input', json_build_array('routine', json_build_array(
    json_build_array('language', l.lanname), json_build_array('kind', p.prokind::text),
    json_build_array('arguments', pg_get_function_arguments(p.oid)), json_build_array('result', pg_get_function_result(p.oid)),
    json_build_array('security_definer', p.prosecdef), json_build_array('volatility', p.provolatile::text),
    json_build_array('strict', p.proisstrict), json_build_array('leakproof', p.proleakproof),
    json_build_array('parallel', p.proparallel::text), json_build_array('config', array_to_json(p.proconfig)),
    json_build_array('binary', p.probin), json_build_array('body', coalesce(pg_get_function_sqlbody(p.oid), p.prosrc)))),
  'sha256', encode({cp}.h06(p.oid::regprocedure), 'hex'))::text
from pg_proc p join pg_language l on l.oid = p.prolang
where p.pronamespace = '{cp}'::regnamespace order by p.oid::regprocedure::text collate \"C\"";

const H06_VIEW: &str = "
select json_build_object('contract', 'H06', 'subject', 'view ' || c.oid::regclass,
  'input', json_build_array('view', current_setting('server_version_num')::integer / 10000, pg_get_viewdef(c.oid)),
  'sha256', encode({cp}.h06_view(c.oid::regclass), 'hex'))::text
from pg_class c where c.relnamespace = '{cp}'::regnamespace and c.relkind in ('v', 'm') order by c.relname collate \"C\"";

const H07_RELATION: &str = "
select json_build_object('contract', 'H07', 'subject', 'relation ' || c.oid::regclass,
  'input', json_build_array('relation', pg_get_userbyid(c.relowner), (
    select coalesce(json_agg(json_build_array(case a.grantee when 0 then 'public' else pg_get_userbyid(a.grantee) end,
      pg_get_userbyid(a.grantor), a.privilege_type, a.is_grantable, a.of_column)
      order by a.grantee, a.privilege_type, a.of_column), '[]')
    from (select w.grantee, w.grantor, w.privilege_type, w.is_grantable, null::text as of_column
      from aclexplode(coalesce(c.relacl, acldefault(case c.relkind when 'S' then 's' else 'r' end::\"char\", c.relowner))) w
      union all
      select w.grantee, w.grantor, w.privilege_type, w.is_grantable, t.attname::text
      from pg_attribute t cross join lateral aclexplode(t.attacl) w where t.attrelid = c.oid and not t.attisdropped) a)),
  'sha256', encode({cp}.h07_relation(c.oid::regclass), 'hex'))::text
from pg_class c where c.relnamespace = '{cp}'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'S') order by c.relname collate \"C\"";

const H07_ROUTINE: &str = "
select json_build_object('contract', 'H07', 'subject', 'routine ' || p.oid::regprocedure,
  'input', json_build_array('routine', pg_get_userbyid(p.proowner), (
    select coalesce(json_agg(json_build_array(case a.grantee when 0 then 'public' else pg_get_userbyid(a.grantee) end,
      pg_get_userbyid(a.grantor), a.privilege_type, a.is_grantable, null::text) order by a.grantee), '[]')
    from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a)),
  'sha256', encode({cp}.h07_routine(p.oid::regprocedure), 'hex'))::text
from pg_proc p where p.pronamespace = '{cp}'::regnamespace order by p.oid::regprocedure::text collate \"C\"";

/// Every table of the control plane: number, columns, rows, and what it refers to.
fn tables(plane: &ControlPlane) -> String {
    let schema = plane.schema;
    let counted: Vec<String> = plane
        .surfaces
        .iter()
        .map(|surface| (Some(surface.number), surface.table))
        .chain(plane.tables.iter().map(|table| (None, table.name)))
        .map(|(number, name)| {
            let number = number.map_or("null::integer".to_owned(), |number| number.to_string());
            format!("select {number} as surface_no, '{name}' as name, count(*) as rows from {schema}.{name}")
        })
        .collect();
    format!(
        "select json_build_object('name', t.name, 'surface_no', t.surface_no, 'about', obj_description(c.oid, 'pg_class'),\n\
         \x20 'columns', (select count(*) from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped),\n\
         \x20 'rows', t.rows, 'refers_to', (select coalesce(json_agg(distinct f.relname), '[]') from pg_constraint k join pg_class f on f.oid = k.confrelid\n\
         \x20   where k.conrelid = c.oid and k.contype = 'f' and f.oid <> c.oid))::text\n\
         from (\n{}) t join pg_class c on c.oid = ('{schema}.' || t.name)::regclass\n\
         order by t.surface_no nulls last, t.name collate \"C\"",
        counted.join("\nunion all\n")
    )
}

/// Edges of the sealed closure, with what the authority scope says of what they lead to.
fn closure(plane: &ControlPlane) -> Option<String> {
    let table_of = |wanted: fn(&RowSource) -> bool| {
        let found = plane.surfaces.iter().find(|surface| wanted(&surface.rows));
        found.map(|surface| surface.table)
    };
    let schema = plane.schema;
    let edges = table_of(|rows| matches!(rows, RowSource::Dependencies))?;
    let scope = table_of(|rows| matches!(rows, RowSource::AuthorityScope))?;
    Some(format!(
        "select json_build_object('from', d.from_object, 'to', d.to_object, 'kind', d.edge_kind, 'depth', d.depth,\n\
         \x20 'class', coalesce((select min(s.object_class collate \"C\") from {schema}.{scope} s where s.object_identity::text = d.to_object::text), 'unclassified'))::text\n\
         from {schema}.{edges} d order by d.depth, d.from_object::text collate \"C\", d.to_object::text collate \"C\""
    ))
}

#[cfg(test)]
mod tests {
    use super::CONTRACTS;

    #[test]
    fn every_query_names_its_contract_and_says_in_which_order_rows_come() {
        for (sql, routine) in CONTRACTS {
            let contract = format!("'{}'", &routine[..3].to_uppercase());
            assert!(sql.contains(&contract) && sql.contains("order by"), "{sql}");
            assert!(
                sql.contains(&format!("{{cp}}.{routine}(")) || *routine < "h05",
                "{sql}"
            );
        }
        assert_eq!(CONTRACTS.len(), 8);
    }
}
