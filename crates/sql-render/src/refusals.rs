//! The query that lists what the live schema refuses with: one row a constraint, referential action, NOT NULL,
//! domain column, trigger, check routine and withheld privilege.
//!
//! Not for: saying what is expected. The one fact to know: rows are kind, object and name, the identity of
//! a cause in a negative spec, so that both sets can be compared in both directions.

use manifest_model::{ControlPlane, RoutineKind, TableClass};

/// `kind`, `object`, `name`, realized from the catalog. Which roles are refused which verb is asked of the
/// server: the application's role and PUBLIC on every table, each contract role on the evidence.
pub fn realized_refusals(plane: &ControlPlane) -> String {
    let schema = plane.schema;
    let roles = plane.roles.iter().filter(|role| role.name != plane.owner);
    let contract: Vec<String> = roles.map(|role| format!("'{}'", role.name)).collect();
    let definitions = plane.table_definitions();
    let evidence: Vec<String> = definitions
        .iter()
        .filter(|table| table.class == TableClass::RuntimeEvidence)
        .map(|table| format!("'{}'", table.name))
        .collect();
    // What returns violations is a check, but for the readers that collect or report them.
    let collectors: Vec<String> = plane
        .routines
        .iter()
        .filter(|routine| matches!(routine.kind, RoutineKind::Internal | RoutineKind::Reader))
        .map(|routine| format!("'{}'", routine.name))
        .chain(["seal_violations", "activation_violations"].map(|name| format!("'{name}'")))
        .collect();
    format!(
        "with relation as materialized (
  select c.oid, '{schema}.' || c.relname as object, c.relname
  from pg_catalog.pg_class c
  where c.relnamespace = '{schema}'::regnamespace and c.relkind in ('r', 'p')
), attribute as materialized (
  select r.object, a.attname, a.attnotnull, a.atttypid
  from relation r join pg_catalog.pg_attribute a on a.attrelid = r.oid
  where a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
)
select 'not_null' as kind, a.object, a.attname::text as name from attribute a where a.attnotnull
union all
select 'domain', a.object, a.attname from attribute a
where exists (select from pg_catalog.pg_constraint d where d.contypid = a.atttypid and d.contype = 'c')
union all
select case k.contype when 'c' then 'check' when 'p' then 'primary_key' when 'u' then 'unique' when 'f' then 'foreign_key' else k.contype::text end,
  r.object, k.conname
from relation r join pg_catalog.pg_constraint k on k.conrelid = r.oid where k.contype not in ('n', 't')
union all
select v.kind, r.object, k.conname
from relation r join pg_catalog.pg_constraint k on k.conrelid = r.oid
cross join lateral (values ('on_delete', k.confdeltype), ('on_update', k.confupdtype)) v (kind, action)
where k.contype = 'f' and v.action in ('a', 'r')
union all
select 'unique_index', r.object, i.indexrelid::regclass::text
from relation r join pg_catalog.pg_index i on i.indrelid = r.oid
where i.indisunique and not exists (select from pg_catalog.pg_constraint k where k.conindid = i.indexrelid and k.conrelid = r.oid)
union all
select 'trigger', r.object, t.tgname from relation r join pg_catalog.pg_trigger t on t.tgrelid = r.oid where not t.tgisinternal
union all
select case when p.proname = any (array[{activation}]::text[]) then 'activation_check' else 'seal_check' end, '{schema}.' || p.proname, ''
from pg_catalog.pg_proc p
where p.pronamespace = '{schema}'::regnamespace and p.prorettype = '{schema}.violation'::regtype and p.proretset
  and p.proname <> all (array[{collectors}]::text[])
union all
select 'privilege', r.object, v.verb || ' to ' || g.role
from relation r
cross join (values ('INSERT'), ('UPDATE'), ('DELETE'), ('TRUNCATE')) v (verb)
cross join (
  select x.role, null::text[] as only_on from (values ('{application}'), ('public')) x (role)
  union all
  select x.role, array[{evidence}] from pg_catalog.unnest(array[{contract}]::text[]) x (role)) g
where (g.only_on is null or r.relname = any (g.only_on)) and not pg_catalog.has_table_privilege(g.role, r.oid, v.verb)",
        activation = plane
            .routines
            .iter()
            .filter(|routine| matches!(routine.kind, RoutineKind::ActivationCheck { .. }))
            .map(|routine| format!("'{}'", routine.name))
            .collect::<Vec<_>>()
            .join(", "),
        collectors = collectors.join(", "),
        application = plane.application_role,
        evidence = evidence.join(", "),
        contract = contract.join(", "),
    )
}
