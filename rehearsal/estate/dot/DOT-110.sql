-- DOT-110: counts collections.
select r.governance_role, count(*) from public.collection_registry r group by r.governance_role;
