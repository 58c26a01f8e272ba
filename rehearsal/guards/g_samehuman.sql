-- guard: G-SAMEHUMAN
-- invariant: Slots that #08 separates are signed by different humans, per scope, and a signoff's scope is unique.
-- why: One human with two names is one signature.
-- probe: scope_unique signoff_binding UNIQUE: one UNIQUE over exactly the keys that #10 seals for H04
-- probe: human_sealed the human of a principal is a NOT NULL column of #02, and every slot of #03 resolves to one
-- probe: pairs_scoped slot-scoped, not blanket: both slots of each #08 pair are bound in that pair's own scope
-- probe: pairs_fillable reviewer and binder must differ: two different humans can fill each separated pair
-- probe: not_blanket slot-scoped, not blanket: every scope with signers leaves at least one pair of slots or one principal
--   free, so that the rule can tell signers apart
-- probe: signoffs_separated no human has signed both slots of a separated pair for one payload at one epoch
-- probe: refusal_enforced a same-human signoff is refused: the trigger that judges each signoff is enabled always
-- stage: control-plane
with newest as (
  select distinct on (e.surface_no) e.surface_no, e.manifest_id
  from qt001_cp.manifest_envelope as e
  order by e.surface_no, (e.state = 'sealed') desc, e.version desc
), pair as (
  select s.item_key::text as item_key, s.slot_scope::text as slot_scope, s.slot_a::text as slot_a, s.slot_b::text as slot_b
  from qt001_cp.signoff_separation_manifest as s
  join newest as n on n.manifest_id = s.manifest_id and n.surface_no = s.surface_no
), human as (
  select p.principal_id::text as principal_id, p.human::text as human
  from qt001_cp.principal_manifest as p
  join newest as n on n.manifest_id = p.manifest_id and n.surface_no = p.surface_no
), holder as (
  select b.item_key::text as item_key, b.slot_scope::text as slot_scope, b.slot::text as slot, b.principal_id::text as principal_id, h.human
  from qt001_cp.slot_binding_manifest as b
  join newest as n on n.manifest_id = b.manifest_id and n.surface_no = b.surface_no
  left join human as h on h.principal_id = b.principal_id::text
), unique_key as (
  select k.oid, array(
    select a.attname::text
    from pg_catalog.unnest(k.conkey) with ordinality as c (attnum, position)
    join pg_catalog.pg_attribute as a on a.attrelid = k.conrelid and a.attnum = c.attnum
    order by c.position) as columns
  from pg_catalog.pg_constraint as k
  where k.conrelid = 'qt001_cp.signoff_binding'::pg_catalog.regclass and k.contype = 'u'
), scope_key as (
  select array(
    select h.component::text
    from qt001_cp.hash_component_manifest as h
    join newest as n on n.manifest_id = h.manifest_id and n.surface_no = h.surface_no
    where h.contract = 'H04'
    order by h.component_no) as columns
), judged as (
  select p.item_key, p.slot_scope, p.slot_a, p.slot_b,
    exists (select from holder as a where a.slot_scope = p.slot_scope and a.slot = p.slot_a)
      and exists (select from holder as b where b.slot_scope = p.slot_scope and b.slot = p.slot_b) as scoped,
    exists (
      select from holder as a
      join holder as b on b.slot_scope = a.slot_scope and b.human is distinct from a.human
      where a.slot_scope = p.slot_scope and a.slot = p.slot_a and b.slot = p.slot_b
        and a.human is not null and b.human is not null) as fillable
  from pair as p
), scope as (
  select p.slot_scope, pg_catalog.count(*) as pairs,
    (select pg_catalog.count(distinct h.slot) from holder as h where h.slot_scope = p.slot_scope) as slots,
    (select pg_catalog.count(*) from pair as o where o.slot_scope is distinct from p.slot_scope) as elsewhere
  from pair as p group by p.slot_scope
), clash as (
  select distinct h.human || ' signed ' || a.slot || ' and ' || b.slot || ' of surface ' || a.surface_no as offender
  from qt001_cp.signoff_binding as a
  join qt001_cp.signoff_binding as b
    on b.manifest_id = a.manifest_id and b.surface_no = a.surface_no and b.control_epoch = a.control_epoch
  join pair as p on p.slot_a = a.slot::text and p.slot_b = b.slot::text
  join human as h on h.principal_id = a.principal_id::text
  join human as i on i.principal_id = b.principal_id::text and i.human = h.human
), enforcing as (
  select t.tgname::text as name, t.tgenabled = 'A' as always
  from pg_catalog.pg_trigger as t
  where t.tgrelid = 'qt001_cp.signoff_binding'::pg_catalog.regclass and not t.tgisinternal
    and t.tgfoid = 'qt001_cp.signoff_writer()'::pg_catalog.regprocedure
)
select 'scope_unique' as probe, 1::bigint as expected,
  (select pg_catalog.count(*) from unique_key as u, scope_key as s where u.columns = s.columns) as realized,
  (select pg_catalog.cardinality(s.columns)::bigint from scope_key as s) as population,
  array(select pg_catalog.array_to_string(u.columns, ',') collate "C" from unique_key as u, scope_key as s
    where u.columns is distinct from s.columns order by 1) as offenders
union all
select 'human_sealed',
  (select pg_catalog.count(*) from holder), (select pg_catalog.count(h.human) from holder as h
    where exists (
      select from pg_catalog.pg_attribute as a
      where a.attrelid = 'qt001_cp.principal_manifest'::pg_catalog.regclass and a.attname = 'human' and a.attnotnull)),
  (select pg_catalog.count(*) from holder),
  array(select h.item_key collate "C" from holder as h where h.human is null order by 1)
union all
select 'pairs_scoped',
  (select pg_catalog.count(*) from judged), (select pg_catalog.count(*) from judged as j where j.scoped), (select pg_catalog.count(*) from pair),
  array(select j.item_key collate "C" from judged as j where j.scoped is not true order by 1)
union all
select 'pairs_fillable',
  (select pg_catalog.count(*) from judged), (select pg_catalog.count(*) from judged as j where j.fillable), (select pg_catalog.count(*) from pair),
  array(select j.item_key collate "C" from judged as j where j.fillable is not true order by 1)
union all
select 'not_blanket',
  (select pg_catalog.count(*) from scope),
  (select pg_catalog.count(*) from scope as s where 2 * s.pairs < s.slots * (s.slots - 1) or s.elsewhere > 0),
  (select pg_catalog.count(*) from scope),
  array(select s.slot_scope collate "C" from scope as s
    where (2 * s.pairs < s.slots * (s.slots - 1) or s.elsewhere > 0) is not true order by 1)
union all
-- Ranges over the pairs, so that a plane that nobody has signed yet is still judged by its rules.
select 'signoffs_separated', 0, (select pg_catalog.count(*) from clash),
  (select pg_catalog.count(*) from pair) + (select pg_catalog.count(*) from qt001_cp.signoff_binding),
  array(select c.offender collate "C" from clash as c order by 1)
union all
select 'refusal_enforced', 1, (select pg_catalog.count(*) from enforcing as e where e.always),
  (select pg_catalog.count(*) from pair),
  array(select e.name collate "C" from enforcing as e where e.always is not true order by 1)
