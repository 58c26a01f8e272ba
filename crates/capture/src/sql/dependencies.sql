-- What pg_depend knows, object to object: the object that a rule, default, constraint, trigger, index or
-- policy belongs to stands for it. PL/pgSQL and quoted SQL bodies leave nothing here [ruling B10].
with edge as materialized (
  select d.classid, d.objid, d.refclassid, d.refobjid, d.refobjsubid,
         case d.classid
           when 'pg_catalog.pg_rewrite'::regclass then (select r.ev_class from pg_catalog.pg_rewrite as r where r.oid = d.objid)
           when 'pg_catalog.pg_attrdef'::regclass then (select f.adrelid from pg_catalog.pg_attrdef as f where f.oid = d.objid)
           when 'pg_catalog.pg_constraint'::regclass then (select nullif(k.conrelid, 0) from pg_catalog.pg_constraint as k where k.oid = d.objid)
           when 'pg_catalog.pg_trigger'::regclass then (select t.tgrelid from pg_catalog.pg_trigger as t where t.oid = d.objid and not t.tgisinternal)
           when 'pg_catalog.pg_policy'::regclass then (select p.polrelid from pg_catalog.pg_policy as p where p.oid = d.objid)
           when 'pg_catalog.pg_class'::regclass then coalesce((select i.indrelid from pg_catalog.pg_index as i where i.indexrelid = d.objid), d.objid)
         end as relation
    from pg_catalog.pg_depend as d
   where d.deptype in ('n', 'a', 'i')
     and d.refclassid in ('pg_catalog.pg_class'::regclass, 'pg_catalog.pg_proc'::regclass,
                          'pg_catalog.pg_type'::regclass, 'pg_catalog.pg_operator'::regclass)
     and d.classid in ('pg_catalog.pg_rewrite'::regclass, 'pg_catalog.pg_attrdef'::regclass,
                       'pg_catalog.pg_constraint'::regclass, 'pg_catalog.pg_trigger'::regclass,
                       'pg_catalog.pg_policy'::regclass, 'pg_catalog.pg_class'::regclass,
                       'pg_catalog.pg_proc'::regclass, 'pg_catalog.pg_type'::regclass,
                       'pg_catalog.pg_operator'::regclass)
), named as materialized (
  select case when e.relation is not null then e.relation::regclass::text
              else (pg_identify_object(e.classid, e.objid, 0)).identity end as "from",
         case e.classid
           when 'pg_catalog.pg_rewrite'::regclass then 'rule'
           when 'pg_catalog.pg_attrdef'::regclass then 'default'
           when 'pg_catalog.pg_constraint'::regclass then 'constraint'
           when 'pg_catalog.pg_trigger'::regclass then 'trigger'
           when 'pg_catalog.pg_policy'::regclass then 'policy'
           when 'pg_catalog.pg_class'::regclass then case when e.relation = e.objid then 'relation' else 'index' end
           when 'pg_catalog.pg_proc'::regclass then 'routine'
           when 'pg_catalog.pg_type'::regclass then 'type'
           else 'operator' end as via,
         case e.classid
           when 'pg_catalog.pg_rewrite'::regclass then (select nullif(r.rulename, '_RETURN') from pg_catalog.pg_rewrite as r where r.oid = e.objid)
           when 'pg_catalog.pg_constraint'::regclass then (select k.conname from pg_catalog.pg_constraint as k where k.oid = e.objid)
           when 'pg_catalog.pg_trigger'::regclass then (select t.tgname from pg_catalog.pg_trigger as t where t.oid = e.objid)
           when 'pg_catalog.pg_policy'::regclass then (select p.polname from pg_catalog.pg_policy as p where p.oid = e.objid)
         end as name,
         case e.refclassid
           when 'pg_catalog.pg_class'::regclass then e.refobjid::regclass::text
           when 'pg_catalog.pg_proc'::regclass then e.refobjid::regprocedure::text
           when 'pg_catalog.pg_type'::regclass then e.refobjid::regtype::text
           else e.refobjid::regoperator::text end as "to",
         case e.refclassid
           when 'pg_catalog.pg_class'::regclass then 'relation'
           when 'pg_catalog.pg_proc'::regclass then 'routine'
           when 'pg_catalog.pg_type'::regclass then 'type'
           else 'operator' end as to_class,
         (select a.attname from pg_catalog.pg_attribute as a
           where e.refclassid = 'pg_catalog.pg_class'::regclass and a.attrelid = e.refobjid
             and a.attnum = e.refobjsubid and e.refobjsubid > 0) as column_name,
         (select n.nspname from pg_catalog.pg_namespace as n
           where n.oid = coalesce((select c.relnamespace from pg_catalog.pg_class as c where c.oid = e.relation),
                                  (select p.pronamespace from pg_catalog.pg_proc as p where e.classid = 'pg_catalog.pg_proc'::regclass and p.oid = e.objid),
                                  (select t.typnamespace from pg_catalog.pg_type as t where e.classid = 'pg_catalog.pg_type'::regclass and t.oid = e.objid),
                                  (select o.oprnamespace from pg_catalog.pg_operator as o where e.classid = 'pg_catalog.pg_operator'::regclass and o.oid = e.objid),
                                  (select k.connamespace from pg_catalog.pg_constraint as k where e.classid = 'pg_catalog.pg_constraint'::regclass and k.oid = e.objid))) as nspname
    from edge as e
   where not (e.classid = 'pg_catalog.pg_trigger'::regclass and e.relation is null)
     and not (e.refclassid = 'pg_catalog.pg_class'::regclass
              and (e.relation is not distinct from e.refobjid
                   or exists (select from pg_catalog.pg_index as i where i.indexrelid = e.refobjid)))
     and not (e.classid = 'pg_catalog.pg_type'::regclass
              and exists (select from pg_catalog.pg_type as t where t.oid = e.objid and (t.typrelid <> 0 or t.typelem <> 0)))
     and not (e.classid = 'pg_catalog.pg_constraint'::regclass and e.refclassid = 'pg_catalog.pg_type'::regclass
              and exists (select from pg_catalog.pg_constraint as k where k.oid = e.objid and k.contypid = e.refobjid))
     and not (e.classid = 'pg_catalog.pg_class'::regclass
              and exists (select from pg_catalog.pg_class as c where c.oid = e.objid and c.relkind in ('t', 'S', 'c')))
)
select n."from", n.via, n.name, n."to", n.to_class,
       coalesce(array_agg(distinct n.column_name order by n.column_name) filter (where n.column_name is not null), '{}') as columns
  from named as n
 where n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'
 group by n."from", n.via, n.name, n."to", n.to_class
