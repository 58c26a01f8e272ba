-- Prints the definitions of the tuples in the lists below: class and oid, then the text's digest.
select pg_catalog.concat('index.', i, chr(31), pg_catalog.md5(pg_catalog.pg_get_indexdef(i))) from pg_catalog.unnest('{index}'::oid[]) i
union all
select pg_catalog.concat('default.', f.oid, chr(31), pg_catalog.md5(pg_catalog.pg_get_expr(f.adbin, f.adrelid)))
  from pg_catalog.pg_attrdef f where f.oid = any ('{default}'::oid[])
union all
select pg_catalog.concat('constraint.', c, chr(31), pg_catalog.md5(pg_catalog.pg_get_constraintdef(c))) from pg_catalog.unnest('{constraint}'::oid[]) c
union all
select pg_catalog.concat('rule.', w, chr(31), pg_catalog.md5(pg_catalog.pg_get_ruledef(w))) from pg_catalog.unnest('{rule}'::oid[]) w
union all
select pg_catalog.concat('trigger.', t, chr(31), pg_catalog.md5(pg_catalog.pg_get_triggerdef(t))) from pg_catalog.unnest('{trigger}'::oid[]) t
union all
select pg_catalog.concat('routine.', p.oid, chr(31), pg_catalog.md5(pg_catalog.concat_ws('|', pg_catalog.pg_get_function_arguments(p.oid),
           pg_catalog.pg_get_function_sqlbody(p.oid),
           (select pg_catalog.to_jsonb(a)::text from pg_catalog.pg_aggregate a where a.aggfnoid = p.oid))))
  from pg_catalog.pg_proc p where p.oid = any ('{routine}'::oid[])
union all
select pg_catalog.concat('columns.', a.attrelid, chr(31), pg_catalog.md5(pg_catalog.string_agg(
           pg_catalog.concat_ws(' ', a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod),
               case when a.attnotnull then 'nn' end, nullif(a.attidentity, ''), nullif(a.attgenerated, ''),
               case when not a.attislocal then 'inherited' end, nullif(a.attcompression, ''),
               case when a.attcollation <> 0 and a.attcollation <> t.typcollation then a.attcollation::regcollation::text end,
               case when a.attstorage <> t.typstorage then a.attstorage::text end,
               a.attoptions::text, a.attfdwoptions::text,
               case when a.attacl is not null
                    then (select pg_catalog.string_agg(x::text, ' ' order by x::text) from pg_catalog.unnest(a.attacl) x) end),
           ',' order by a.attnum)))
  from pg_catalog.pg_attribute a join pg_catalog.pg_type t on t.oid = a.atttypid
 where a.attrelid = any ('{columns}'::oid[]) and a.attnum > 0 and not a.attisdropped
 group by a.attrelid
