-- DOT-119: FROZEN. Checks the backfill of DOT-118.
select public.fn_readiness_gate('coverage');
