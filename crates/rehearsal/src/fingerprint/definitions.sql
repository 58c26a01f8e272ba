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
