-- Settings of roles and of this database.
select case when s.setdatabase <> 0 then current_database() end as database,
       case when s.setrole <> 0 then pg_get_userbyid(s.setrole) end as role,
       s.setconfig as settings
  from pg_catalog.pg_db_role_setting as s
 where s.setdatabase = 0
    or s.setdatabase = (select d.oid from pg_catalog.pg_database as d where d.datname = current_database())
