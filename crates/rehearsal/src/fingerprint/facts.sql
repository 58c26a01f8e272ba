-- Facts of the catalog outside the system schemas, as lines of kind, identity and value: all of them
-- ($1), or those that a tuple of this transaction is part of. First column: the latter; second: the
-- others, NULL unless asked for; third: the names of what this transaction made, by object.
-- A value that ends in @class.oid.tuple stands for a definition that is expensive to print: the
-- tuple's identity says whether the caller has printed it before (see definitions.rs).
-- Kinds of few facts are always among the first. Each catalog that is read here stands in tuples.sql.
-- {acl:X:KIND:OWNER} is an ACL in sorted form, where NULL and the explicit default are equal.
with space as materialized (
    select n.oid, n.nspname from pg_catalog.pg_namespace n
     where n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
), comment as materialized (
    select d.classoid, d.objoid,
           pg_catalog.md5(pg_catalog.string_agg(d.objsubid || ':' || d.description, ',' order by d.objsubid)) as digest,
           pg_catalog.bool_or(pg_catalog.age(d.xmin) <= 0) as fresh
      from pg_catalog.pg_description d
     where d.objoid >= 16384 or d.objoid = 2200
     group by d.classoid, d.objoid
), columns as materialized (
    select a.attrelid,
           pg_catalog.bit_xor(pg_catalog.hashtidextended(a.ctid, pg_catalog.age(a.xmin))) as tuples,
           pg_catalog.bool_or(pg_catalog.age(a.xmin) <= 0) as fresh
      from pg_catalog.pg_attribute a
     where a.attrelid >= 16384 and a.attnum > 0
     group by a.attrelid
), relation as materialized (
    select c.oid, c.relkind, c.relpersistence, c.relowner, c.relacl, c.reloptions, c.relrowsecurity, c.relforcerowsecurity,
           c.relreplident, c.relispartition, c.relpartbound, c.reltablespace, pg_catalog.age(c.xmin) as tuple_age, c.ctid as tuple_place,
           space.nspname || '.' || c.relname as name
      from pg_catalog.pg_class c join space on space.oid = c.relnamespace
), internal as materialized (
    select t.tgrelid, pg_catalog.string_agg(t.tgenabled::text, '' order by t.tgenabled) as enabled,
           pg_catalog.bool_or(pg_catalog.age(t.xmin) <= 0) as fresh
      from pg_catalog.pg_trigger t where t.tgisinternal group by t.tgrelid
), fact (kind, identity, value, fresh) as (
    select 'schema', n.nspname::text,
           pg_catalog.concat_ws(' ', n.nspowner::regrole, {acl:n.nspacl:n:n.nspowner}, d.digest), true
      from pg_catalog.pg_namespace n join space using (oid)
      left join comment d on d.classoid = 'pg_catalog.pg_namespace'::regclass and d.objoid = n.oid
    union all
    select 'relation', r.name,
           pg_catalog.concat_ws(' ', r.relkind, r.relpersistence, r.relowner::regrole,
               case when r.relkind = 'S' then {acl:r.relacl:s:r.relowner} else {acl:r.relacl:r:r.relowner} end,
               r.reloptions::text, case when r.relrowsecurity then 'rls' end, case when r.relforcerowsecurity then 'force' end,
               case when r.relreplident <> 'd' then r.relreplident::text end, case when r.relispartition then pg_catalog.pg_get_expr(r.relpartbound, r.oid) end,
               nullif(r.reltablespace, 0), i.enabled, d.digest,
               case when r.relkind <> 'S' then pg_catalog.concat('@columns.', r.oid, '.', k.tuples) end),
           r.tuple_age <= 0 or k.fresh is true or i.fresh is true or d.fresh is true
      from relation r
      left join columns k on k.attrelid = r.oid
      left join internal i on i.tgrelid = r.oid
      left join comment d on d.classoid = 'pg_catalog.pg_class'::regclass and d.objoid = r.oid
     where r.relkind <> 'i' and r.relkind <> 'I'
    union all
    select 'index', r.name,
           pg_catalog.concat_ws(' ', i.indrelid::regclass, i.indisvalid, i.indisclustered, i.indisreplident, d.digest,
               pg_catalog.concat('@index.', i.indexrelid, '.', pg_catalog.age(i.xmin), '.', i.ctid, '.', r.tuple_age, '.', r.tuple_place)),
           pg_catalog.age(i.xmin) <= 0 or r.tuple_age <= 0 or d.fresh is true
      from pg_catalog.pg_index i join relation r on r.oid = i.indexrelid
      left join comment d on d.classoid = 'pg_catalog.pg_class'::regclass and d.objoid = r.oid
    union all
    select 'default',
           pg_catalog.concat(r.name, '.', (select a.attname from pg_catalog.pg_attribute a where a.attrelid = f.adrelid and a.attnum = f.adnum)),
           pg_catalog.concat('@default.', f.oid, '.', pg_catalog.age(f.xmin), '.', f.ctid), pg_catalog.age(f.xmin) <= 0
      from pg_catalog.pg_attrdef f join relation r on r.oid = f.adrelid
    union all
    select 'constraint', pg_catalog.concat(coalesce(r.name, c.contypid::regtype::text), '.', c.conname),
           pg_catalog.concat_ws(' ', c.contype, c.condeferrable, c.condeferred, c.convalidated, c.connoinherit, d.digest,
               pg_catalog.concat('@constraint.', c.oid, '.', pg_catalog.age(c.xmin), '.', c.ctid)),
           pg_catalog.age(c.xmin) <= 0 or d.fresh is true
      from pg_catalog.pg_constraint c join space on space.oid = c.connamespace
      left join relation r on r.oid = c.conrelid
      left join comment d on d.classoid = 'pg_catalog.pg_constraint'::regclass and d.objoid = c.oid
    union all
    select 'rule', pg_catalog.concat(r.name, '.', w.rulename),
           pg_catalog.concat_ws(' ', w.ev_type, w.ev_enabled, pg_catalog.concat('@rule.', w.oid, '.', pg_catalog.age(w.xmin), '.', w.ctid)),
           pg_catalog.age(w.xmin) <= 0
      from pg_catalog.pg_rewrite w join relation r on r.oid = w.ev_class
    union all
    select 'trigger', pg_catalog.concat(r.name, '.', t.tgname),
           pg_catalog.concat_ws(' ', t.tgenabled, d.digest, pg_catalog.concat('@trigger.', t.oid, '.', pg_catalog.age(t.xmin), '.', t.ctid)),
           pg_catalog.age(t.xmin) <= 0 or d.fresh is true
      from pg_catalog.pg_trigger t join relation r on r.oid = t.tgrelid
      left join comment d on d.classoid = 'pg_catalog.pg_trigger'::regclass and d.objoid = t.oid
     where not t.tgisinternal
    union all
    select 'policy', pg_catalog.concat(r.name, '.', p.polname),
           pg_catalog.concat_ws(' ', p.polcmd, p.polpermissive, p.polroles::regrole[]::text,
               pg_catalog.md5(pg_catalog.concat(pg_catalog.pg_get_expr(p.polqual, p.polrelid), '|', pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid)))), true
      from pg_catalog.pg_policy p join relation r on r.oid = p.polrelid
    union all
    select 'inheritance', pg_catalog.concat(i.inhrelid::regclass, ' ', i.inhseqno), i.inhparent::regclass::text, true
      from pg_catalog.pg_inherits i join relation r on r.oid = i.inhrelid
    union all
    select 'sequence', r.name,
           pg_catalog.concat_ws(' ', s.seqtypid::regtype, s.seqstart, s.seqincrement, s.seqmax, s.seqmin, s.seqcache, s.seqcycle,
               (select pg_catalog.concat(o.deptype, o.refobjid::regclass, '.', o.refobjsubid) from pg_catalog.pg_depend o
                 where o.classid = 'pg_catalog.pg_class'::regclass and o.objid = s.seqrelid and o.objsubid = 0 and o.deptype in ('a', 'i')
                   and o.refclassid = 'pg_catalog.pg_class'::regclass)), true
      from pg_catalog.pg_sequence s join relation r on r.oid = s.seqrelid
    union all
    select 'routine', p.oid::regprocedure::text,
           pg_catalog.concat_ws(' ', p.prokind, p.proowner::regrole, {acl:p.proacl:f:p.proowner}, p.prolang, p.prosecdef, p.proleakproof,
               p.proisstrict, p.proretset, p.provolatile, p.proparallel, p.procost, p.prorows, p.prorettype::regtype, p.prosupport::regproc,
               p.proconfig::text, p.proargnames::text, p.proargmodes::text, pg_catalog.md5(p.prosrc), pg_catalog.md5(p.probin), d.digest,
               case when p.proargdefaults is not null or p.prosqlbody is not null or p.prokind = 'a'
                    then pg_catalog.concat('@routine.', p.oid, '.', pg_catalog.age(p.xmin), '.', p.ctid) end),
           pg_catalog.age(p.xmin) <= 0 or d.fresh is true
      from pg_catalog.pg_proc p join space on space.oid = p.pronamespace
      left join comment d on d.classoid = 'pg_catalog.pg_proc'::regclass and d.objoid = p.oid
    union all
    select 'type', pg_catalog.concat(space.nspname, '.', t.typname),
           pg_catalog.concat_ws(' ', t.typtype, t.typowner::regrole, {acl:t.typacl:T:t.typowner}, t.typnotnull,
               case when t.typbasetype <> 0 then pg_catalog.format_type(t.typbasetype, t.typtypmod) end, t.typdefault,
               case when t.typtype = 'd' then t.typcollation::regcollation end, d.digest,
               (select pg_catalog.string_agg(e.enumlabel, ',' order by e.enumsortorder) from pg_catalog.pg_enum e where e.enumtypid = t.oid)),
           pg_catalog.age(t.xmin) <= 0 or d.fresh is true
           or exists (select from pg_catalog.pg_enum e where e.enumtypid = t.oid and pg_catalog.age(e.xmin) <= 0)
      from pg_catalog.pg_type t join space on space.oid = t.typnamespace
      left join comment d on d.classoid = 'pg_catalog.pg_type'::regclass and d.objoid = t.oid
     where t.typtype in ('d', 'e', 'r', 'm', 'b') and t.typcategory <> 'A' or t.typacl is not null
    union all
    select 'statistics', pg_catalog.concat(space.nspname, '.', s.stxname), pg_catalog.pg_get_statisticsobjdef(s.oid), true
      from pg_catalog.pg_statistic_ext s join space on space.oid = s.stxnamespace
    union all
    select 'operator', o.oid::regoperator::text, pg_catalog.concat_ws(' ', o.oprowner::regrole, o.oprcode), true
      from pg_catalog.pg_operator o join space on space.oid = o.oprnamespace
    union all
    select 'collation', pg_catalog.concat(space.nspname, '.', c.collname), pg_catalog.concat_ws(' ', c.collowner::regrole, c.collprovider, c.collcollate), true
      from pg_catalog.pg_collation c join space on space.oid = c.collnamespace
    union all
    select 'cast', pg_catalog.concat(c.castsource::regtype, ' as ', c.casttarget::regtype), pg_catalog.concat_ws(' ', c.castfunc::regproc, c.castcontext, c.castmethod), true
      from pg_catalog.pg_cast c where c.oid >= 16384
    union all
    select 'extension', e.extname::text, pg_catalog.concat_ws(' ', e.extversion, e.extowner::regrole, e.extnamespace::regnamespace), true
      from pg_catalog.pg_extension e
    union all
    select 'language', l.lanname::text, pg_catalog.concat_ws(' ', l.lanowner::regrole, l.lanpltrusted, {acl:l.lanacl:l:l.lanowner}), true
      from pg_catalog.pg_language l
    union all
    select 'publication', p.pubname::text, pg_catalog.concat_ws(' ', p.pubowner::regrole, p.puballtables), true from pg_catalog.pg_publication p
    union all
    select 'foreign_server', s.srvname::text, pg_catalog.concat_ws(' ', s.srvowner::regrole, s.srvoptions::text), true from pg_catalog.pg_foreign_server s
    union all
    select 'event_trigger', e.evtname::text, pg_catalog.concat_ws(' ', e.evtevent, e.evtenabled, e.evtowner::regrole, e.evtfoid::regprocedure, e.evttags::text), true
      from pg_catalog.pg_event_trigger e
    union all
    select 'default_acl', pg_catalog.concat_ws(' ', a.defaclrole::regrole, nullif(a.defaclnamespace, 0)::regnamespace, a.defaclobjtype),
           (select pg_catalog.string_agg(x::text, ' ' order by x::text) from pg_catalog.unnest(a.defaclacl) x), true
      from pg_catalog.pg_default_acl a
    union all
    select 'role', r.rolname::text,
           pg_catalog.concat_ws(' ', r.rolsuper, r.rolinherit, r.rolcreaterole, r.rolcreatedb, r.rolcanlogin, r.rolreplication, r.rolbypassrls,
               r.rolconnlimit, r.rolvaliduntil, pg_catalog.md5(pg_catalog.shobj_description(r.oid, 'pg_authid'))), true
      from pg_catalog.pg_roles r where r.rolname !~ '^pg_'
    union all
    select 'membership', pg_catalog.concat(m.member::regrole, ' in ', m.roleid::regrole, ' by ', m.grantor::regrole),
           (pg_catalog.to_jsonb(m) - '{oid,roleid,member,grantor}'::text[])::text, true
      from pg_catalog.pg_auth_members m
    union all
    select 'setting', pg_catalog.concat(coalesce(b.datname, '(all databases)'), ' ', nullif(s.setrole, 0)::regrole),
           pg_catalog.array_to_string(s.setconfig, ' '), true
      from pg_catalog.pg_db_role_setting s left join pg_catalog.pg_database b on b.oid = s.setdatabase
    union all
    select 'database', b.datname::text, pg_catalog.concat_ws(' ', b.datdba::regrole, {acl:b.datacl:d:b.datdba}, b.datconnlimit, b.datallowconn, b.datistemplate), true
      from pg_catalog.pg_database b
    union all
    select 'tablespace', t.spcname::text, pg_catalog.concat_ws(' ', t.spcowner::regrole, {acl:t.spcacl:t:t.spcowner}), true
      from pg_catalog.pg_tablespace t
    union all
    select 'large_object', l.oid::text, pg_catalog.concat_ws(' ', l.lomowner::regrole, {acl:l.lomacl:L:l.lomowner}), true
      from pg_catalog.pg_largeobject_metadata l
), name (object, name) as (
    select pg_catalog.concat('r', r.oid),
           pg_catalog.md5(pg_catalog.concat(r.name, '.', (select pg_catalog.string_agg(a.attname, '.' order by a.attnum)
               from pg_catalog.pg_attribute a where a.attrelid = r.oid and a.attnum > 0)))
      from relation r join columns k on k.attrelid = r.oid
     where (r.tuple_age <= 0 or k.fresh) and r.relkind <> 'i'
    union all
    select pg_catalog.concat('t', t.oid), pg_catalog.concat(t.typnamespace, '.', t.typname)
      from pg_catalog.pg_type t where pg_catalog.age(t.xmin) <= 0 and t.typcategory <> 'A'
    union all
    select pg_catalog.concat('p', p.oid), pg_catalog.concat(p.pronamespace, '.', p.proname)
      from pg_catalog.pg_proc p where p.oid >= 16384 and pg_catalog.age(p.xmin) <= 0
    union all
    select pg_catalog.concat('n', n.oid), n.nspname::text from pg_catalog.pg_namespace n where pg_catalog.age(n.xmin) <= 0
    union all
    select pg_catalog.concat('a', a.oid), a.rolname::text from pg_catalog.pg_authid a where pg_catalog.age(a.xmin) <= 0
    union all
    select pg_catalog.concat('e', e.oid), e.enumlabel::text from pg_catalog.pg_enum e where pg_catalog.age(e.xmin) <= 0
)
select pg_catalog.string_agg(pg_catalog.concat(kind, chr(31), identity, chr(31), value), chr(30)
           order by kind collate "C", identity collate "C") filter (where fresh),
       pg_catalog.string_agg(pg_catalog.concat(kind, chr(31), identity, chr(31), value), chr(30)
           order by kind collate "C", identity collate "C") filter (where not fresh),
       (select pg_catalog.string_agg(pg_catalog.concat(object, ' ', name), chr(30)) from name)
  from fact
 where $1 or fresh
