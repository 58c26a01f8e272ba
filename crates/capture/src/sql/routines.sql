-- Routines with what H06 covers. A begin atomic body is printed later, in batches, for printing locks
-- what it reads.
select p.oid::regprocedure::text as identity, p.oid::int8 as oid,
       case p.prokind when 'f' then 'function' when 'p' then 'procedure' when 'a' then 'aggregate'
            when 'w' then 'window function' end as kind,
       quote_ident(n.nspname) as schema, pg_get_userbyid(p.proowner) as owner,
       (select e.extname from pg_catalog.pg_depend as d join pg_catalog.pg_extension as e on e.oid = d.refobjid
          where d.classid = 'pg_catalog.pg_proc'::regclass and d.objid = p.oid and d.objsubid = 0
            and d.refclassid = 'pg_catalog.pg_extension'::regclass and d.deptype = 'e') as extension,
       l.lanname as language,
       pg_get_function_arguments(p.oid) as arguments, pg_get_function_result(p.oid) as result,
       p.prosecdef as security_definer, p.provolatile as volatility, p.proisstrict as "strict",
       p.proleakproof as leakproof, p.proparallel as parallel, p.proconfig as config, p.probin as binary,
       p.proacl is null as acl_is_null,
       acl_of{coalesce(p.proacl, acldefault('f', p.proowner))} as acl,
       p.prosqlbody is not null as atomic,
       coalesce((select json_build_array(
                 a.aggkind, a.aggnumdirectargs, a.aggtransfn::text, a.aggfinalfn::text, a.aggcombinefn::text,
                 a.aggserialfn::text, a.aggdeserialfn::text, a.aggmtransfn::text, a.aggminvtransfn::text,
                 a.aggmfinalfn::text, a.aggfinalextra, a.aggmfinalextra, a.aggfinalmodify, a.aggmfinalmodify,
                 a.aggsortop::regoperator::text, format_type(a.aggtranstype, null),
                 format_type(nullif(a.aggmtranstype, 0), null), a.agginitval, a.aggminitval)::text
          from pg_catalog.pg_aggregate as a where a.aggfnoid = p.oid), p.prosrc) as body
  from pg_catalog.pg_proc as p
  join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
  join pg_catalog.pg_language as l on l.oid = p.prolang
 where n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'
