select case c.contype when 'c' then 'check' else 'constraint' end, r.relname::text, c.conname::text, pg_get_constraintdef(c.oid)
from pg_constraint c
join pg_class r on r.oid = c.conrelid
join pg_namespace n on n.oid = r.relnamespace and n.nspname = '{cp}'
where c.contype in ('p', 'u', 'f', 'c', 'x') and (p_relation is null or r.relname = p_relation)
union all
select 'index', r.relname::text, i.relname::text, pg_get_indexdef(x.indexrelid)
from pg_index x
join pg_class i on i.oid = x.indexrelid
join pg_class r on r.oid = x.indrelid
join pg_namespace n on n.oid = r.relnamespace and n.nspname = '{cp}'
where p_relation is null or r.relname = p_relation
union all
select 'trigger', r.relname::text, t.tgname::text, t.tgenabled::text || ' ' || pg_get_triggerdef(t.oid)
from pg_trigger t
join pg_class r on r.oid = t.tgrelid
join pg_namespace n on n.oid = r.relnamespace and n.nspname = '{cp}'
where not t.tgisinternal and (p_relation is null or r.relname = p_relation)
union all
select 'not_null', r.relname::text, a.attname::text, 'NOT NULL'
from pg_attribute a
join pg_class r on r.oid = a.attrelid and r.relkind = 'r'
join pg_namespace n on n.oid = r.relnamespace and n.nspname = '{cp}'
where a.attnum > 0 and not a.attisdropped and a.attnotnull and (p_relation is null or r.relname = p_relation)
union all
select 'default', r.relname::text, a.attname::text, pg_get_expr(d.adbin, d.adrelid)
from pg_attrdef d
join pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum
join pg_class r on r.oid = d.adrelid
join pg_namespace n on n.oid = r.relnamespace and n.nspname = '{cp}'
where p_relation is null or r.relname = p_relation
union all
select 'domain', t.typname::text, c.conname::text, pg_get_constraintdef(c.oid)
from pg_constraint c
join pg_type t on t.oid = c.contypid
join pg_namespace n on n.oid = t.typnamespace and n.nspname = '{cp}'
where c.contype = 'c' and (p_relation is null or t.typname = p_relation)
union all
select 'routine', p.proname::text, p.oid::regprocedure::text,
  l.lanname || ' kind=' || p.prokind::text || ' definer=' || p.prosecdef::text || ' volatility=' || p.provolatile::text
  || ' strict=' || p.proisstrict::text || ' parallel=' || p.proparallel::text
  || ' config=' || coalesce(array_to_string(p.proconfig, ';'), '')
from pg_proc p
join pg_language l on l.oid = p.prolang
join pg_namespace n on n.oid = p.pronamespace and n.nspname = '{cp}'
where p_relation is null or p.proname = p_relation
