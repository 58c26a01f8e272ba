declare
  v_schema constant oid := (select n.oid from pg_namespace n where n.nspname = '{cp}');
  v_relations oid[];
  v_domains oid[];
  v_routines oid[];
begin
  -- Objects first, so that what belongs to them is found by index.
  if p_relation is null then
    v_relations := array(select c.oid from pg_class c where c.relnamespace = v_schema and c.relkind in ('r', 'p'));
    v_domains := array(select t.oid from pg_type t where t.typnamespace = v_schema and t.typtype = 'd');
    v_routines := array(select p.oid from pg_proc p where p.pronamespace = v_schema);
  else
    v_relations := array(select c.oid from pg_class c where c.relnamespace = v_schema and c.relname = p_relation);
    v_domains := array(select t.oid from pg_type t where t.typnamespace = v_schema and t.typname = p_relation and t.typtype = 'd');
    v_routines := array(select p.oid from pg_proc p where p.pronamespace = v_schema and p.proname = p_relation);
  end if;
  return query
  select case c.contype when 'c' then 'check' else 'constraint' end, r.relname::text, c.conname::text, pg_get_constraintdef(c.oid)
  from pg_constraint c
  join pg_class r on r.oid = c.conrelid
  where c.conrelid = any (v_relations) and c.contype in ('p', 'u', 'f', 'c', 'x')
  union all
  select 'index', r.relname::text, i.relname::text, pg_get_indexdef(x.indexrelid)
  from pg_index x
  join pg_class i on i.oid = x.indexrelid
  join pg_class r on r.oid = x.indrelid
  where x.indrelid = any (v_relations)
  union all
  select 'trigger', r.relname::text, t.tgname::text, t.tgenabled::text || ' ' || pg_get_triggerdef(t.oid)
  from pg_trigger t
  join pg_class r on r.oid = t.tgrelid
  where t.tgrelid = any (v_relations) and not t.tgisinternal
  union all
  select 'not_null', r.relname::text, a.attname::text, 'NOT NULL'
  from pg_attribute a
  join pg_class r on r.oid = a.attrelid
  where a.attrelid = any (v_relations) and a.attnum > 0 and not a.attisdropped and a.attnotnull
  union all
  select 'default', r.relname::text, a.attname::text, pg_get_expr(d.adbin, d.adrelid)
  from pg_attrdef d
  join pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum
  join pg_class r on r.oid = d.adrelid
  where d.adrelid = any (v_relations)
  union all
  select 'domain', t.typname::text, c.conname::text, pg_get_constraintdef(c.oid)
  from pg_constraint c
  join pg_type t on t.oid = c.contypid
  where c.contypid = any (v_domains) and c.contype = 'c'
  union all
  select 'routine', p.proname::text, p.oid::regprocedure::text,
    l.lanname || ' kind=' || p.prokind::text || ' definer=' || p.prosecdef::text || ' volatility=' || p.provolatile::text
    || ' strict=' || p.proisstrict::text || ' parallel=' || p.proparallel::text
    || ' config=' || coalesce(array_to_string(p.proconfig, ';'), '')
  from pg_proc p
  join pg_language l on l.oid = p.prolang
  where p.oid = any (v_routines);
end;
