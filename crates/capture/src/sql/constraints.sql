-- Constraints of tables and domains; NOT NULL stands at the column. A foreign key carries its actions,
-- which reach a table that no privilege check shows [ruling A12].
select coalesce(nullif(k.conrelid, 0)::regclass::text, nullif(k.contypid, 0)::regtype::text) as "on",
       k.conname as name,
       case k.contype when 'c' then 'check' when 'f' then 'foreign key' when 'p' then 'primary key'
            when 'u' then 'unique' when 'x' then 'exclude' else k.contype::text end as kind,
       pg_get_constraintdef(k.oid) as definition,
       k.convalidated as validated, k.condeferrable as "deferrable", k.condeferred as deferred,
       nullif(k.confrelid, 0)::regclass::text as "references",
       case k.confdeltype when 'a' then 'no action' when 'r' then 'restrict' when 'c' then 'cascade'
            when 'n' then 'set null' when 'd' then 'set default' end as on_delete,
       case k.confupdtype when 'a' then 'no action' when 'r' then 'restrict' when 'c' then 'cascade'
            when 'n' then 'set null' when 'd' then 'set default' end as on_update
  from pg_catalog.pg_constraint as k
  join pg_catalog.pg_namespace as n on n.oid = k.connamespace
 where k.contype in ('c', 'f', 'p', 'u', 'x') and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'
