-- S18: every frozen member says that it is deprecated; nothing else changes.
do $deprecate$
declare
  item record;
begin
  for item in
    select m.identity, m.object_kind,
      coalesce(pg_catalog.obj_description(m.relation, 'pg_class'), pg_catalog.obj_description(m.routine, 'pg_proc')) as comment
    from pg_temp.staged_member as m order by m.identity collate "C"
  loop
    execute pg_catalog.format('comment on %s %s is %L', item.object_kind, item.identity,
      item.comment || '; deprecated: kept as read-only history, nothing new may use it');
  end loop;
end
$deprecate$;
