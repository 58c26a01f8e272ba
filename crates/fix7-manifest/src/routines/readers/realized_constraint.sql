declare
  v_schema constant oid := (select n.oid from pg_namespace n where n.nspname = '{cp}');
  v_names text[] := array[p_relation];
  v_name text;
  v_relation oid;
begin
  if p_relation is null then
    v_names := array(
      select c.relname::text from pg_class c where c.relnamespace = v_schema and c.relkind in ('r', 'p')
      union
      select t.typname::text from pg_type t where t.typnamespace = v_schema and t.typtype = 'd'
      union
      select p.proname::text from pg_proc p where p.pronamespace = v_schema);
  end if;
  -- A name at a time, so that what belongs to it is found by index and one plan serves them all.
  foreach v_name in array v_names loop
    v_relation := (
      select c.oid from pg_class c where c.relname = v_name and c.relnamespace = v_schema and c.relkind in ('r', 'p'));
    if v_relation is not null then
      return query
      select case c.contype when 'c' then 'check' else 'constraint' end, v_name, c.conname::text, pg_get_constraintdef(c.oid)
      from pg_constraint c
      where c.conrelid = v_relation and c.contype in ('p', 'u', 'f', 'c', 'x')
      union all
      select 'index', v_name, i.relname::text, pg_get_indexdef(x.indexrelid)
      from pg_index x
      join pg_class i on i.oid = x.indexrelid
      where x.indrelid = v_relation
      union all
      select 'trigger', v_name, t.tgname::text, t.tgenabled::text || ' ' || pg_get_triggerdef(t.oid)
      from pg_trigger t
      where t.tgrelid = v_relation and not t.tgisinternal
      union all
      select 'column', v_name, a.attname::text,
        format_type(a.atttypid, a.atttypmod) || case a.attgenerated when '' then '' else ' generated' end
        || case when a.attcollation = t.typcollation then '' else ' collate ' || a.attcollation::regcollation::text end
      from pg_attribute a
      join pg_type t on t.oid = a.atttypid
      where a.attrelid = v_relation and a.attnum > 0 and not a.attisdropped
      union all
      select 'not_null', v_name, a.attname::text, 'NOT NULL'
      from pg_attribute a
      where a.attrelid = v_relation and a.attnum > 0 and not a.attisdropped and a.attnotnull
      union all
      select 'default', v_name, a.attname::text, pg_get_expr(d.adbin, d.adrelid)
      from pg_attrdef d
      join pg_attribute a on a.attrelid = v_relation and a.attnum = d.adnum
      where d.adrelid = v_relation;
    end if;
    return query
    select 'domain', v_name, c.conname::text, pg_get_constraintdef(c.oid)
    from pg_type t
    join pg_constraint c on c.contypid = t.oid
    where t.typname = v_name and t.typnamespace = v_schema and t.typtype = 'd' and c.contype = 'c'
    union all
    select 'routine', v_name, p.oid::regprocedure::text,
      l.lanname || ' kind=' || p.prokind::text || ' definer=' || p.prosecdef::text || ' volatility=' || p.provolatile::text
      || ' strict=' || p.proisstrict::text || ' parallel=' || p.proparallel::text
      || ' config=' || coalesce(array_to_string(p.proconfig, ';'), '')
    from pg_proc p
    join pg_language l on l.oid = p.prolang
    where p.proname = v_name and p.pronamespace = v_schema;
  end loop;
end;
