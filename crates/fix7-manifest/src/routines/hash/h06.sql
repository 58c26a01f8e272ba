-- H06 of a routine: what it is and does; owner and privileges are H07's. A begin atomic body is taken as
-- the server prints it, since prosqlbody holds oids; an aggregate has no body, its parts stand for it.
-- NULL if there is no such routine.
select pg_catalog.sha256(pg_catalog.convert_to(
         '["H06","v1","routine",[["language",' || pg_catalog.to_json(l.lanname::pg_catalog.text)::pg_catalog.text
         || '],["kind","' || p.prokind::pg_catalog.text
         || '"],["arguments",' || pg_catalog.to_json(pg_catalog.pg_get_function_arguments(p.oid))::pg_catalog.text
         || '],["result",' || coalesce(pg_catalog.to_json(pg_catalog.pg_get_function_result(p.oid))::pg_catalog.text, 'null')
         || '],["security_definer",' || p.prosecdef::pg_catalog.text
         || '],["volatility","' || p.provolatile::pg_catalog.text
         || '"],["strict",' || p.proisstrict::pg_catalog.text
         || '],["leakproof",' || p.proleakproof::pg_catalog.text
         || '],["parallel","' || p.proparallel::pg_catalog.text
         || '"],["config",' || coalesce(pg_catalog.array_to_json(p.proconfig)::pg_catalog.text, 'null')
         || '],["binary",' || coalesce(pg_catalog.to_json(p.probin)::pg_catalog.text, 'null')
         || '],["body",' || pg_catalog.to_json(pg_catalog.replace(
              coalesce(pg_catalog.pg_get_function_sqlbody(p.oid),
                       (select pg_catalog.json_build_array(
                                 a.aggkind, a.aggnumdirectargs, a.aggtransfn::pg_catalog.text,
                                 a.aggfinalfn::pg_catalog.text, a.aggcombinefn::pg_catalog.text,
                                 a.aggserialfn::pg_catalog.text, a.aggdeserialfn::pg_catalog.text,
                                 a.aggmtransfn::pg_catalog.text, a.aggminvtransfn::pg_catalog.text,
                                 a.aggmfinalfn::pg_catalog.text, a.aggfinalextra, a.aggmfinalextra,
                                 a.aggfinalmodify, a.aggmfinalmodify,
                                 a.aggsortop::pg_catalog.regoperator::pg_catalog.text,
                                 pg_catalog.format_type(a.aggtranstype, null),
                                 pg_catalog.format_type(nullif(a.aggmtranstype, 0), null),
                                 a.agginitval, a.aggminitval)::pg_catalog.text
                          from pg_catalog.pg_aggregate as a
                         where a.aggfnoid = p.oid),
                       p.prosrc),
              pg_catalog.chr(13) || pg_catalog.chr(10), pg_catalog.chr(10)))::pg_catalog.text
         || ']]]', 'UTF8'))
  from pg_catalog.pg_proc as p
  join pg_catalog.pg_language as l on l.oid = p.prolang
 where p.oid = p_routine
