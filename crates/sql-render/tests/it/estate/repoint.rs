//! The repoint's texts: what callers and stubs become, tried on the estate.

use fix7_manifest::estate::legacy::routines::GROUPS;
use fix7_manifest::estate::repoint::{CALLERS, PERMIT, REPOINTED, STUB_BODY, WRITER_TYPE};
use manifest_model::estate::{Disposition, EstateSize};
use sql_render::estate::{replace_routine, stored_source, stubbed};

use super::check_same_set;
use super::server::{loaded, run, texts, tried};

/// A gateway that answers like the real one where it would be ready.
const GATEWAY: &str = "create schema qt001_cp;
create function qt001_cp.qt001_writer_gateway(p_writer_type text, p_request jsonb, p_write boolean)
    returns table (decision text, blocking_gates text[]) language sql
    as $$ select 'VIA_GATEWAY ' || p_writer_type || ' ' || p_write, array[]::text[] $$;
grant usage on schema qt001_cp to directus;";

#[tokio::test]
async fn repointed_callers_go_through_the_gateway_and_come_back() {
    check_same_set(
        CALLERS.iter().map(|routine| routine.identity),
        REPOINTED.iter().map(|routine| routine.identity),
    );
    let mut estate = loaded(&EstateSize::ONE).await;
    run(&mut estate, "begin").await;
    run(&mut estate, GATEWAY).await;
    run(&mut estate, "set local role directus").await;
    let dispatch = format!("select public.fn_writer_dispatch('{WRITER_TYPE}', 'TRY-1', 'tasks')");
    for (definitions, answer) in [(REPOINTED, "VIA_GATEWAY birth_writer true"), (CALLERS, "STAGED")] {
        for routine in definitions {
            run(&mut estate, &replace_routine(routine)).await;
            let stored = texts(
                &mut estate,
                &format!(
                    "select prosrc from pg_catalog.pg_proc where oid = '{}'::regprocedure",
                    routine.identity
                ),
            )
            .await;
            assert_eq!(stored, [stored_source(routine)]);
        }
        assert_eq!(texts(&mut estate, &dispatch).await, [answer]);
        assert_eq!(
            tried(&mut estate, "select public.fn_job_birth_backfill()").await,
            Ok(())
        );
    }
    estate.stop().await;
}

#[tokio::test]
async fn stubs_refuse_every_call_and_change_nothing_but_the_body() {
    let mut estate = loaded(&EstateSize::ONE).await;
    let shape = "select p.oid::regprocedure || ' ' || p.prokind::text || ' ' || l.lanname || ' ' || p.provolatile::text || ' ' || p.prosecdef || ' ' || p.proisstrict || ' ' || p.proowner::regrole || ' ' || p.prorettype::regtype
        from pg_catalog.pg_proc p join pg_catalog.pg_language l on l.oid = p.prolang where p.pronamespace = 'public'::regnamespace order by 1";
    run(&mut estate, "begin; set local role directus").await;
    let before = texts(&mut estate, shape).await;
    let stubs: Vec<_> = GROUPS
        .concat()
        .iter()
        .filter(|entry| entry.disposition == Disposition::StubFailClosed)
        .map(|entry| stubbed(&entry.routine, STUB_BODY))
        .collect();
    assert_eq!(stubs.len(), 15);
    for stub in &stubs {
        run(&mut estate, &replace_routine(stub)).await;
    }
    assert_eq!(texts(&mut estate, shape).await, before);
    // An open permit does not open what is stubbed.
    run(
        &mut estate,
        &format!(
            "alter table {0} disable trigger trg_qt001_permit_guard; update {0} set state = '{1}'",
            PERMIT.0, PERMIT.1
        ),
    )
    .await;
    for stub in &stubs {
        let (name, types) = stub.identity.trim_end_matches(')').split_once('(').unwrap();
        let arguments: Vec<String> = types
            .split(',')
            .map(|of| format!("null::{}", of.trim()))
            .collect();
        let verb = if name.contains(".sp_") { "call" } else { "select" };
        let call = format!("{verb} {name}({})", arguments.join(", "));
        assert_eq!(tried(&mut estate, &call).await, Err("42501".to_owned()), "{call}");
    }
    estate.stop().await;
}
