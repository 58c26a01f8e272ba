-- Row policies.
select p.polrelid::regclass::text as "on", p.polname as name, p.polpermissive as permissive,
       case p.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete'
            else 'all' end as command,
       (select json_agg(case member when 0 then 'public' else pg_get_userbyid(member)::text end
                        order by case member when 0 then 'public' else pg_get_userbyid(member)::text end collate pg_catalog."C")
          from unnest(p.polroles) as u (member)) as roles,
       pg_get_expr(p.polqual, p.polrelid) as "using", pg_get_expr(p.polwithcheck, p.polrelid) as "check"
  from pg_catalog.pg_policy as p
  join pg_catalog.pg_class as c on c.oid = p.polrelid
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
 where n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'
