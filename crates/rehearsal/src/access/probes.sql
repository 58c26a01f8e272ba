-- What can be asked for: a row for each object and privilege, with the statement that tries it.
-- {schema} is the schema's name, {actors} the roles that try, {roles} the roles that one may hold.
-- A statement touches no row: it is refused or begun, and what it makes is undone with its subtransaction.
-- A view is read twice: first so that a refusal costs no plan, then with all that it reads and calls.
-- Null where no statement uses the privilege (TRUNCATE on a view), or only a login does (CONNECT).
create role rehearsal_public;
create schema rehearsal_access;
grant usage, create on schema rehearsal_access to public;
create function rehearsal_access.fire() returns trigger language plpgsql as 'begin return null; end';
create table rehearsal_access.guarded ();
alter table rehearsal_access.guarded enable row level security;
grant select on rehearsal_access.guarded to public;

create table rehearsal_access.actor as
select a.no::integer as no, r.rolname, r.oid
  from pg_catalog.unnest({actors}::name[]) with ordinality a (name, no)
  join pg_catalog.pg_roles r on r.rolname = case a.name when 'public' then 'rehearsal_public' else a.name end;

create table rehearsal_access.key as
with chosen as (
    select distinct on (i.indrelid) i.indrelid, i.indkey
      from pg_catalog.pg_index i
      join pg_catalog.pg_class c on c.oid = i.indrelid
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where n.nspname = {schema} and i.indisunique and i.indimmediate and i.indpred is null and i.indexprs is null
     order by i.indrelid, i.indisprimary desc, i.indexrelid
)
select k.indrelid as relation, pg_catalog.string_agg(pg_catalog.format('%I', a.attname), ', ' order by u.no) as referenced,
       pg_catalog.string_agg(pg_catalog.format('%I', pg_catalog.concat(u.no, ' ', b.name)), ', ' order by u.no) as referencing,
       pg_catalog.array_agg(pg_catalog.format('%I %s', pg_catalog.concat(u.no, ' ', b.name), b.name)) as columns
  from chosen k
 cross join lateral pg_catalog.unnest(k.indkey::int2[]) with ordinality u (attnum, no)
  join pg_catalog.pg_attribute a on a.attrelid = k.indrelid and a.attnum = u.attnum
  join pg_catalog.pg_type t on t.oid = a.atttypid
 cross join lateral (select pg_catalog.format_type(case t.typtype when 'd' then t.typbasetype else t.oid end, null) as name) b
 group by k.indrelid;

do $make$
begin
    execute pg_catalog.concat('create table rehearsal_access.referencing (',
        (select pg_catalog.string_agg(distinct c, ', ') from rehearsal_access.key k, pg_catalog.unnest(k.columns) c), ')');
end
$make$;

create table rehearsal_access.probe as
with relation as (
    select c.oid, c.relkind, c.relname::text as name, pg_catalog.concat(n.nspname, '.', c.relname) as identity,
           pg_catalog.format('%I.%I', n.nspname, c.relname) as quoted, k.referenced, k.referencing,
           case when c.relkind = 'v' then pg_catalog.pg_relation_is_updatable(c.oid, true) else 28 end as writable,
           (select pg_catalog.quote_ident(a.attname) from pg_catalog.pg_attribute a
             where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' and a.attidentity = ''
             order by a.attnum limit 1) as written
      from pg_catalog.pg_class c
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      left join rehearsal_access.key k on k.relation = c.oid
     where n.nspname = {schema} and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
), probe (kind, oid, identity, named, privilege, statement) as (
    select 'database', d.oid, 'database'::text, d.datname::text, p.privilege, p.statement
      from pg_catalog.pg_database d
     cross join (values ('CONNECT', null), ('CREATE', 'create schema rehearsal_access_probe'),
                        ('TEMPORARY', 'create temporary view rehearsal_access_probe as select')) p (privilege, statement)
     where d.datname = pg_catalog.current_database()
    union all
    select 'schema', n.oid, n.nspname::text, n.nspname::text, p.privilege, p.statement
      from pg_catalog.pg_namespace n
     cross join lateral (values
            ('USAGE', pg_catalog.format('select %L::pg_catalog.regclass', (select r.quoted from relation r order by r.identity limit 1))),
            ('CREATE', pg_catalog.format('create type %I.rehearsal_access_probe as enum ()', n.nspname))) p (privilege, statement)
     where n.nspname = {schema}
    union all
    select 'relation', r.oid, r.identity, r.name, p.privilege, p.statement
      from relation r
     cross join lateral (values
            ('SELECT', pg_catalog.format(case when r.relkind = 'v' then 'select * from %1$s where false; select * from %1$s limit 0' else 'select * from %1$s where false' end, r.quoted)),
            ('INSERT', case when r.writable & 8 > 0 then pg_catalog.format('insert into %s select where false', r.quoted) end),
            ('UPDATE', case when r.writable & 4 > 0 then pg_catalog.format('update %s set %s = null where false', r.quoted, r.written) end),
            ('DELETE', case when r.writable & 16 > 0 then pg_catalog.format('delete from %s where false', r.quoted) end),
            ('TRUNCATE', case when r.relkind in ('r', 'p', 'f') then pg_catalog.format('truncate %s', r.quoted) end),
            ('REFERENCES', case when r.relkind in ('r', 'p') and r.referenced is not null then
                pg_catalog.format('alter table rehearsal_access.referencing add foreign key (%s) references %s (%s) not valid', r.referencing, r.quoted, r.referenced) end),
            ('TRIGGER', case when r.relkind <> 'm' then
                pg_catalog.format('create trigger rehearsal_access_probe %s insert on %s for each row execute function rehearsal_access.fire()',
                    case r.relkind when 'v' then 'instead of' else 'before' end, r.quoted) end),
            ('MAINTAIN', case when r.relkind in ('r', 'm') then pg_catalog.format('reindex table %s', r.quoted) end)) p (privilege, statement)
     where r.relkind <> 'S' and (p.privilege <> 'MAINTAIN' or pg_catalog.current_setting('server_version_num')::integer >= 170000)
    union all
    select 'sequence', r.oid, r.identity, r.name, p.privilege, p.statement
      from relation r
     cross join lateral (values
            ('USAGE', pg_catalog.format('select pg_catalog.nextval(%L)', r.quoted)),
            ('SELECT', pg_catalog.format('select * from %s limit 0', r.quoted)),
            ('UPDATE', pg_catalog.format('select pg_catalog.setval(%L, 1, false)', r.quoted))) p (privilege, statement)
     where r.relkind = 'S'
    union all
    -- Arguments are columns, for a call with constants may be folded away before anybody asks for the privilege.
    select 'routine', f.oid, f.oid::regprocedure::text, f.proname::text, 'EXECUTE',
           case when f.prokind = 'p' then pg_catalog.format('call %I.%I(%s)', n.nspname, f.proname, a.nulls)
                else pg_catalog.format('select %I.%I(%s) %s from (select %s offset 0) x where false', n.nspname, f.proname, a.names,
                    case f.prokind when 'w' then 'over ()' else '' end, a.columns) end
      from pg_catalog.pg_proc f
      join pg_catalog.pg_namespace n on n.oid = f.pronamespace
     cross join lateral (
           select pg_catalog.string_agg(pg_catalog.concat('null::', pg_catalog.format_type(t.type, null)), ', ' order by t.no) as nulls,
                  pg_catalog.string_agg(pg_catalog.concat(case when f.provariadic <> 0 and t.no = f.pronargs then 'variadic ' end, 'x.a', t.no), ', ' order by t.no) as names,
                  pg_catalog.string_agg(pg_catalog.format('null::%s as a%s', pg_catalog.format_type(t.type, null), t.no), ', ' order by t.no) as columns
             from pg_catalog.unnest(f.proargtypes::oid[]) with ordinality t (type, no)) a
     where n.nspname = {schema}
    union all
    select 'type', t.oid, pg_catalog.concat(n.nspname, '.', t.typname), t.typname::text, 'USAGE',
           pg_catalog.format('create domain rehearsal_access.probed as %I.%I', n.nspname, t.typname)
      from pg_catalog.pg_type t
      join pg_catalog.pg_namespace n on n.oid = t.typnamespace
     where n.nspname = {schema} and not exists (select from pg_catalog.pg_type e where e.typarray = t.oid)
    union all
    select 'role', r.oid, r.rolname::text, r.rolname::text, p.privilege, p.statement
      from pg_catalog.pg_roles r
     cross join lateral (values ('USAGE', null), ('MEMBER', null), ('SET', pg_catalog.format('set local role %I', r.rolname))) p (privilege, statement)
     where r.rolname = any ({roles}::name[]) or r.rolname like 'pg\_%'
    union all
    select 'attribute', 0, 'cluster', '', p.privilege, p.statement
      from (values
            ('SUPERUSER', 'alter role current_user superuser'),
            ('BYPASSRLS', 'set local row_security = off; select from rehearsal_access.guarded where false'),
            ('CREATEROLE', 'create role rehearsal_access_probe'),
            ('REPLICATION', 'select pg_catalog.pg_drop_replication_slot(''rehearsal_access_probe'')'),
            ('CREATEDB', null),
            ('LOGIN', null)) p (privilege, statement)
)
select pg_catalog.row_number() over ()::integer as id, p.*, p.kind not in ('relation', 'sequence', 'routine', 'type') as bare
  from probe p;
