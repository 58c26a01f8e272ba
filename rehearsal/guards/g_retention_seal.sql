-- guard: G-RETENTION-SEAL
-- invariant: Every kind of evidence that a gate or capability demands is kept by a sealed row, and each archive that is
--   required is present, immutable and versioned.
-- why: Evidence that expires proves nothing later.
-- probe: kinds_retained #05 retention rows: every evidence kind of #15 has one
-- probe: target_present archive target present: its address and the digest of its policy document
-- probe: target_immutable archive target immutable: a lock mode of the closed list, held at least as long as the evidence
-- probe: target_versioned archive target versioned: the version is named
-- probe: archives_required something is archived: at least one kind of #15 demands it
-- probe: data_driven data-driven, not a CHECK literal: no CHECK bounds an interval but by one day or by another column
-- probe: sealed from the seal on, the rows are sealed; before it, their digests recompute
-- input: phase the step that is being measured, such as S10
-- stage: control-plane
with newest as (
  select distinct on (e.surface_no) e.surface_no, e.manifest_id, e.state, e.payload_sha256::bytea as payload_sha256
  from qt001_cp.manifest_envelope as e
  order by e.surface_no, (e.state = 'sealed') desc, e.version desc
), policy as (
  select p.*, n.state
  from qt001_cp.retention_policy_manifest as p
  join newest as n on n.manifest_id = p.manifest_id and n.surface_no = p.surface_no
), demanded as (
  select distinct r.evidence_kind::text as evidence_kind
  from qt001_cp.evidence_requirement_manifest as r
  join newest as n on n.manifest_id = r.manifest_id and n.surface_no = r.surface_no
), required as (
  select p.item_key::text as item_key, p.evidence_kind::text as evidence_kind,
    p.archive_uri is not null and p.archive_sha256 is not null as present,
    p.archive_lock_mode in ('COMPLIANCE', 'GOVERNANCE') and p.archive_lock_days >= p.retain_days as immutable,
    p.archive_version_id is not null as versioned
  from policy as p
  where p.archive_required
), interval_column as (
  select a.attnum, a.attname::text as name
  from pg_catalog.pg_attribute as a
  where a.attrelid = 'qt001_cp.retention_policy_manifest'::pg_catalog.regclass
    and a.attname in ('retain_days', 'archive_lock_days')
), bound as (
  select k.conname::text as name, k.conkey, pg_catalog.pg_get_constraintdef(k.oid) as definition
  from pg_catalog.pg_constraint as k
  where k.conrelid = 'qt001_cp.retention_policy_manifest'::pg_catalog.regclass and k.contype = 'c'
    and k.conkey <@ array(select c.attnum from interval_column as c)
), judged_bound as (
  select b.name, exists (
      select from interval_column as c
      where b.conkey = array[c.attnum] and b.definition = pg_catalog.format('CHECK ((%I >= 1))', c.name))
    or exists (
      select from interval_column as c, interval_column as d
      where c.attnum <> d.attnum and b.definition = pg_catalog.format('CHECK ((%I >= %I))', c.name, d.name)) as sound
  from bound as b
), own as (
  select n.surface_no, n.state, n.payload_sha256, (
    select qt001_cp.h02(
      pg_catalog.array_agg(i.ordinal::integer order by i.ordinal),
      pg_catalog.array_agg(i.item_key::text order by i.ordinal),
      pg_catalog.array_agg(i.recomputed_sha256 order by i.ordinal))
    from qt001_cp.surface_item as i
    where i.manifest_id = n.manifest_id and i.surface_no = n.surface_no) as recomputed
  from newest as n
  where n.surface_no in (select p.surface_no from policy as p)
)
select 'kinds_retained' as probe,
  (select pg_catalog.count(*) from demanded) as expected,
  (select pg_catalog.count(*) from demanded as d where d.evidence_kind in (select p.evidence_kind::text from policy as p)) as realized,
  (select pg_catalog.count(*) from demanded) as population,
  array(select d.evidence_kind collate "C" from demanded as d
    where not exists (select from policy as p where p.evidence_kind::text = d.evidence_kind) order by 1) as offenders
union all
select 'target_present',
  (select pg_catalog.count(*) from required), (select pg_catalog.count(*) from required as r where r.present), (select pg_catalog.count(*) from required),
  array(select r.item_key collate "C" from required as r where r.present is not true order by 1)
union all
select 'target_immutable',
  (select pg_catalog.count(*) from required), (select pg_catalog.count(*) from required as r where r.immutable), (select pg_catalog.count(*) from required),
  array(select r.item_key collate "C" from required as r where r.immutable is not true order by 1)
union all
select 'target_versioned',
  (select pg_catalog.count(*) from required), (select pg_catalog.count(*) from required as r where r.versioned), (select pg_catalog.count(*) from required),
  array(select r.item_key collate "C" from required as r where r.versioned is not true order by 1)
union all
select 'archives_required', (select pg_catalog.count(*) from demanded),
  (select pg_catalog.count(*) from demanded as d where exists (select from required as r where r.evidence_kind = d.evidence_kind)),
  (select pg_catalog.count(*) from demanded),
  array(select d.evidence_kind collate "C" from demanded as d
    where not exists (select from required as r where r.evidence_kind = d.evidence_kind) order by 1)
union all
select 'data_driven',
  (select pg_catalog.count(*) from judged_bound), (select pg_catalog.count(*) from judged_bound as b where b.sound),
  (select pg_catalog.count(*) from interval_column),
  array(select b.name collate "C" from judged_bound as b where b.sound is not true order by 1)
union all
select 'sealed', (select pg_catalog.count(*) from own),
  (select pg_catalog.count(*) from own as o
    where case when ($1 ->> 'phase') = 'S10' then o.recomputed = o.payload_sha256
      else o.recomputed = o.payload_sha256 and o.state = 'sealed' end),
  (select pg_catalog.count(*) from policy),
  array(select ('#' || o.surface_no || ' is ' || o.state) collate "C" from own as o
    where case when ($1 ->> 'phase') = 'S10' then o.recomputed = o.payload_sha256
      else o.recomputed = o.payload_sha256 and o.state = 'sealed' end is not true order by 1)
