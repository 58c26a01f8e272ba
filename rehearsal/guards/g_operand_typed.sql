-- guard: G-OPERAND-TYPED
-- invariant: Every operand of #06, #07 and #14 is of a type that #12 allows for its operator, and of its threshold's type.
-- why: A comparison of unlike things always answers something.
-- probe: pairs_known both halves of every compatible pair are codes of the catalog
-- probe: rules_typed every operand of policy_rule_manifest is compatible with its operator
-- probe: requirements_typed every operand of capability_measurement_requirement is compatible with its operator
-- probe: thresholds_typed every operand of threshold_manifest is compatible with its operator
-- probe: references_typed no incompatible operand through a reference: rule and requirement have operator and type of the
--   threshold that they name
-- probe: incompatible_never_seals no incompatible operand seals: keys into the catalog are validated, and the seal's check
--   runs over #12
-- stage: control-plane
with newest as (
  select distinct on (e.surface_no) e.surface_no, e.manifest_id
  from qt001_cp.manifest_envelope as e
  order by e.surface_no, (e.state = 'sealed') desc, e.version desc
), pair as (
  select k.item_key::text as item_key, k.operator::text as operator, k.operand_type::text as operand_type
  from qt001_cp.operator_operand_compatibility as k
  join newest as n on n.manifest_id = k.manifest_id and n.surface_no = k.surface_no
), known as (
  select p.item_key, exists (
      select from qt001_cp.code_catalog_item as c where c.family_code = 'OPERATOR' and c.item_code::text = p.operator)
    and exists (
      select from qt001_cp.code_catalog_item as c where c.family_code = 'OPERAND_TYPE' and c.item_code::text = p.operand_type) as sound
  from pair as p
), threshold as (
  select t.threshold::text as threshold, t.operator::text as operator, t.operand_type::text as operand_type
  from qt001_cp.threshold_manifest as t
  join newest as n on n.manifest_id = t.manifest_id and n.surface_no = t.surface_no
), operand as (
  select 'rule' as kind, r.rule::text as name, r.operator::text as operator, r.operand_type::text as operand_type, r.threshold::text as threshold
  from qt001_cp.policy_rule_manifest as r
  join newest as n on n.manifest_id = r.manifest_id and n.surface_no = r.surface_no
  union all
  select 'requirement', q.item_key::text, q.operator::text, q.operand_type::text, q.threshold::text
  from qt001_cp.capability_measurement_requirement as q
  join newest as n on n.manifest_id = q.manifest_id and n.surface_no = q.surface_no
  union all
  select 'threshold', t.threshold, t.operator, t.operand_type, t.threshold from threshold as t
), judged as (
  select o.kind, o.name,
    exists (select from pair as p where p.operator = o.operator and p.operand_type = o.operand_type) as compatible,
    exists (
      select from threshold as t
      where t.threshold = o.threshold and t.operand_type = o.operand_type and t.operator = o.operator) as resolved
  from operand as o
), typed_column as (
  select c.relname::text || '.' || a.attname::text as name, exists (
    select from pg_catalog.pg_constraint as k
    where k.contype = 'f' and k.conrelid = c.oid and k.confrelid = 'qt001_cp.code_catalog_item'::pg_catalog.regclass
      and a.attnum = any (k.conkey) and k.convalidated and not k.condeferrable) as keyed
  from pg_catalog.pg_class as c
  join pg_catalog.pg_namespace as s on s.oid = c.relnamespace and s.nspname = 'qt001_cp'
  join pg_catalog.pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  where c.relkind = 'r' and a.attname in ('operator', 'operand_type')
)
select 'pairs_known' as probe,
  (select pg_catalog.count(*) from pair) as expected, (select pg_catalog.count(*) from known as k where k.sound) as realized,
  (select pg_catalog.count(*) from pair) as population,
  array(select k.item_key collate "C" from known as k where k.sound is not true order by 1) as offenders
union all
select 'rules_typed',
  (select pg_catalog.count(*) from judged as j where j.kind = 'rule'),
  (select pg_catalog.count(*) from judged as j where j.kind = 'rule' and j.compatible),
  (select pg_catalog.count(*) from judged as j where j.kind = 'rule'),
  array(select j.name collate "C" from judged as j where j.kind = 'rule' and j.compatible is not true order by 1)
union all
select 'requirements_typed',
  (select pg_catalog.count(*) from judged as j where j.kind = 'requirement'),
  (select pg_catalog.count(*) from judged as j where j.kind = 'requirement' and j.compatible),
  (select pg_catalog.count(*) from judged as j where j.kind = 'requirement'),
  array(select j.name collate "C" from judged as j where j.kind = 'requirement' and j.compatible is not true order by 1)
union all
select 'thresholds_typed',
  (select pg_catalog.count(*) from judged as j where j.kind = 'threshold'),
  (select pg_catalog.count(*) from judged as j where j.kind = 'threshold' and j.compatible),
  (select pg_catalog.count(*) from judged as j where j.kind = 'threshold'),
  array(select j.name collate "C" from judged as j where j.kind = 'threshold' and j.compatible is not true order by 1)
union all
select 'references_typed',
  (select pg_catalog.count(*) from judged as j where j.kind <> 'threshold'),
  (select pg_catalog.count(*) from judged as j where j.kind <> 'threshold' and j.resolved),
  (select pg_catalog.count(*) from judged as j where j.kind <> 'threshold'),
  array(select (j.kind || ' ' || j.name) collate "C" from judged as j where j.kind <> 'threshold' and j.resolved is not true order by 1)
union all
select 'incompatible_never_seals',
  (select pg_catalog.count(*) from typed_column), (select pg_catalog.count(*) from typed_column as c where c.keyed),
  (select pg_catalog.count(*) from typed_column),
  array(select c.name collate "C" from typed_column as c where c.keyed is not true order by 1)
