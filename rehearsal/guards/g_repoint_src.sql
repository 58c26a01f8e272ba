-- guard: G-REPOINT-SRC
-- invariant: What the repoint changes is the pinned old source before it and the pinned new one after it, and the body that a
--   rollback restores is pinned, too.
-- why: An unpinned repoint can't be undone.
-- probe: sources_bound bound source matches live before/after: live source of each routine of #27 is the old one before S15's end,
--   the new one after
-- probe: gateway_bound live gateway source_sha256: each gateway of #26 is the bound source
-- probe: rollback_pinned rollback stub source pinned: the body that a rollback restores is the captured one, and as long as
--   nothing is repointed it is the live one
-- probe: stubs_pinned rollback stub source pinned: every stub's new source is its sealed fail-closed body
-- probe: repoint_complete unpinned repoint: every member that #20 stubs is in #27, both EXCEPTs
-- input: phase the step that is being measured
-- input: moment before or after it
-- input: legacy_set the captured members with the digests of their bodies
-- input: classification every captured object with its class
-- stage: control-plane
with newest as (
  select distinct on (e.surface_no) e.surface_no, e.manifest_id, e.state
  from qt001_cp.manifest_envelope as e
  order by e.surface_no, (e.state = 'sealed') desc, e.version desc
), repoint as (
  select r.object_identity::text as identity, r.repoint_kind, r.old_source_sha256::bytea as old_source, r.new_source_sha256::bytea as new_source,
    r.rollback_body::text as rollback_body, r.stub_body_sha256::bytea as stub_source, p.oid, p.prosrc,
    case when p.oid is not null then qt001_cp.h06(p.oid::pg_catalog.regprocedure) end as live_source
  from qt001_cp.writer_repoint_manifest as r
  join newest as n on n.manifest_id = r.manifest_id and n.surface_no = r.surface_no
  left join pg_catalog.pg_proc as p on p.oid = pg_catalog.to_regprocedure(r.object_identity)
), moment as (
  select case when ($1 ->> 'phase') in ('S13') or (($1 ->> 'phase') = 'S15' and ($1 ->> 'moment') = 'before') then false
    when ($1 ->> 'phase') in ('S15', 'S19') then true end as repointed
), captured_body as materialized (
  select pg_catalog.jsonb_object_agg(l.value ->> 0, l.value -> 5) as of_member from pg_catalog.jsonb_array_elements($1 -> 'legacy_set' -> 'members') as l (value)
), caller as (
  select c.value ->> 0 as identity from pg_catalog.jsonb_array_elements($1 -> 'classification' -> 'objects') as c (value) where c.value ->> 1 = 'caller'
), judged as (
  select r.*, case when m.repointed then r.live_source = r.new_source else r.live_source = r.old_source end as bound,
    case when m.repointed then true else r.prosrc = r.rollback_body end as live_body,
    coalesce(b.of_member ->> r.identity, case when r.identity in (select c.identity from caller as c)
      then pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(r.rollback_body, 'UTF8')), 'hex') end) as captured_body
  from repoint as r
  cross join moment as m
  cross join captured_body as b
  where m.repointed is not null
), gateway as (
  select g.writer_type::text as writer_type, g.source_sha256::bytea as source_sha256,
    qt001_cp.h06(pg_catalog.to_regprocedure(g.gateway)) as live_source
  from qt001_cp.gateway_manifest as g
  join newest as n on n.manifest_id = g.manifest_id and n.surface_no = g.surface_no
), stubbed as (
  select a.object_identity::text as identity
  from qt001_cp.authority_scope_manifest as a
  join newest as n on n.manifest_id = a.manifest_id and n.surface_no = a.surface_no
  where a.object_class = 'legacy' and a.disposition = 'STUB_FAIL_CLOSED'
), drift as (
  (select 'not in #27 ' || d.identity as offender
    from (select identity from stubbed except select identity from repoint where repoint_kind in ('stub', 'live_writer')) as d)
  union all
  (select 'not stubbed by #20 ' || d.identity
    from (select identity from repoint where repoint_kind in ('stub', 'live_writer') except select identity from stubbed) as d)
)
select 'sources_bound' as probe, (select pg_catalog.count(*) from repoint) as expected, (select pg_catalog.count(*) from judged as j where j.bound) as realized,
  (select pg_catalog.count(*) from repoint) as population,
  array(select j.identity collate "C" from judged as j where j.bound is not true order by 1) as offenders
union all
select 'gateway_bound', (select pg_catalog.count(*) from gateway), (select pg_catalog.count(*) from gateway as g where g.live_source = g.source_sha256),
  (select pg_catalog.count(*) from gateway),
  array(select g.writer_type collate "C" from gateway as g where g.live_source is distinct from g.source_sha256 order by 1)
union all
select 'rollback_pinned', (select pg_catalog.count(*) from repoint), (select pg_catalog.count(*) from judged as j
    where j.live_body and j.captured_body = pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(j.rollback_body, 'UTF8')), 'hex')),
  (select pg_catalog.count(*) from repoint),
  array(select j.identity collate "C" from judged as j where (j.live_body
    and j.captured_body = pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(j.rollback_body, 'UTF8')), 'hex')) is not true order by 1)
union all
select 'stubs_pinned', (select pg_catalog.count(*) from stubbed),
  (select pg_catalog.count(*) from repoint as r where r.repoint_kind in ('stub', 'live_writer') and r.stub_source = r.new_source
    and r.new_source is distinct from r.old_source),
  (select pg_catalog.count(*) from stubbed),
  array(select r.identity collate "C" from repoint as r where r.repoint_kind in ('stub', 'live_writer')
    and (r.stub_source = r.new_source and r.new_source is distinct from r.old_source) is not true order by 1)
union all
select 'repoint_complete', (select pg_catalog.count(*) from stubbed),
  (select pg_catalog.count(*) from repoint as r where r.repoint_kind in ('stub', 'live_writer')), (select pg_catalog.count(*) from stubbed),
  array(select d.offender collate "C" from drift as d order by 1)
