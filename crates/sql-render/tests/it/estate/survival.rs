//! What breaks a birth without any read failing, and what survives the legacy path.

use fix7_manifest::estate::{DO_NOT_TOUCH, SURVIVORS};
use manifest_model::estate::EstateSize;

use super::server::{loaded, number, run, texts, tried};

const INSERT: &str = "insert into public.tasks (code) values ('TRY-LIVE')";

#[tokio::test]
async fn registry_moved_alone_breaks_every_birth_while_reads_stay_green() {
    let mut estate = loaded(&EstateSize::ONE).await;
    run(&mut estate, "begin; set local role directus").await;
    assert_eq!(tried(&mut estate, INSERT).await, Ok(()));
    run(
        &mut estate,
        "reset role; alter table public.birth_registry owner to object_keeper;
         grant select on public.birth_registry to directus; set local role directus",
    )
    .await;
    assert_eq!(
        tried(&mut estate, "select * from public.v_birth_uncertified").await,
        Ok(())
    );
    assert_eq!(
        tried(&mut estate, INSERT).await,
        Err("42501".to_owned()),
        "the gateway is SECURITY INVOKER"
    );
    estate.stop().await;
}

#[tokio::test]
async fn helper_of_the_gateway_needs_execute_though_the_gateway_does_not() {
    let mut estate = loaded(&EstateSize::ONE).await;
    run(
        &mut estate,
        "begin; grant insert on public.news_items, public.birth_registry to importer;
         grant select on public.birth_registry, public.entity_species, public.collection_registry, public.species_collection_map to importer;
         grant usage on sequence public.birth_registry_id_seq to importer;
         set local role importer",
    )
    .await;
    let insert = "insert into public.news_items (code) values ('TRY-HELPER')";
    assert_eq!(tried(&mut estate, insert).await, Ok(()));
    run(&mut estate, "reset role; revoke execute on function public.fn_birth_registry_auto() from public; set local role importer").await;
    assert_eq!(
        tried(&mut estate, insert).await,
        Ok(()),
        "EXECUTE is not checked when a trigger fires"
    );
    run(&mut estate, "reset role; revoke execute on function public.fn_species_of_collection(text) from public; set local role importer").await;
    assert_eq!(
        tried(&mut estate, insert).await,
        Err("42501".to_owned()),
        "but it is for what the trigger calls"
    );
    estate.stop().await;
}

#[tokio::test]
async fn jobs_stored_sql_and_qt002_run() {
    let mut estate = loaded(&EstateSize::ONE).await;
    let jobs = texts(
        &mut estate,
        "select code || ' ' || extract(epoch from run_every)::integer || ' ' || run_as || ' ' || statement from public.scheduled_jobs where run_every = '10 minutes' order by code",
    )
    .await;
    assert_eq!(
        jobs,
        [
            "JOB-BIRTH 600 job_scheduler select public.fn_job_birth_backfill()",
            "JOB-REFRESH 600 directus select public.fn_job_refresh_counts()",
        ]
    );
    run(&mut estate, "begin; set local role job_scheduler").await;
    let handled = number(&mut estate, "select public.fn_job_birth_backfill()::bigint").await;
    assert_eq!(
        handled, 1,
        "one entity got its code after its insert, and has no birth yet"
    );
    run(&mut estate, "reset role; set local role directus").await;
    for statement in [
        "select public.fn_job_refresh_counts()",
        "select public.fn_monthly_rollup()",
        "select public.fn_run_saved_query(code) from public.saved_queries",
        "select public.qt002_apply(public.qt002_plan_build('tasks'))",
        "select public.qt001_count_rows('plan'), public.qt001_dispatch_step('fn_plan_next_batch', 1), public.fn_refresh_readiness_cache('all')",
        "select public.qt001_run_statement(id) from public.qt001_statement",
        "delete from public.tac_documents where code = 'DOC-700'",
    ] {
        assert_eq!(tried(&mut estate, statement).await, Ok(()), "{statement}");
    }
    let staged = texts(
        &mut estate,
        "select public.fn_writer_dispatch('birth_writer', 'TRY-NEW', 'tasks')",
    )
    .await;
    assert_eq!(staged, ["STAGED"], "the live writer stages what it may not apply");
    estate.stop().await;
}

#[tokio::test]
async fn sequences_named_in_bodies_stay_behind_when_their_table_moves() {
    let mut estate = loaded(&EstateSize::ONE).await;
    run(
        &mut estate,
        "begin; alter table public.qt001_candidate owner to object_keeper",
    )
    .await;
    let owners = texts(
        &mut estate,
        "select c.relname || ' ' || c.relowner::regrole from pg_catalog.pg_class c where c.relname in ('qt001_candidate_id_seq', 'qt001_seq_candidate_no') order by 1",
    )
    .await;
    assert_eq!(
        owners,
        [
            "qt001_candidate_id_seq object_keeper",
            "qt001_seq_candidate_no directus"
        ]
    );
    let dependencies = number(
        &mut estate,
        "select count(*) from pg_catalog.pg_depend d join pg_catalog.pg_class c on c.oid = d.refobjid
          where d.refclassid = 'pg_class'::regclass and d.classid = 'pg_proc'::regclass and c.relkind = 'S'",
    )
    .await;
    assert_eq!(dependencies, 0, "no dependency row ties a sequence to a body");
    estate.stop().await;
}

#[tokio::test]
async fn weaker_role_sees_less_in_information_schema_and_no_error() {
    let mut estate = loaded(&EstateSize::ONE).await;
    let report = "select public.fn_schema_report()";
    run(&mut estate, "begin; set local role directus").await;
    let owner = number(&mut estate, report).await;
    run(&mut estate, "set local role importer").await;
    let weaker = number(&mut estate, report).await;
    assert!(
        0 < weaker && weaker < owner,
        "{weaker} columns, and {owner} for the owner"
    );
    estate.stop().await;
}

#[tokio::test]
async fn untouchables_and_survivors_exist() {
    let mut estate = loaded(&EstateSize::ONE).await;
    for identity in DO_NOT_TOUCH.iter().chain(SURVIVORS) {
        let lookup = if identity.contains('(') {
            "to_regprocedure"
        } else {
            "to_regclass"
        };
        let found = number(
            &mut estate,
            &format!("select ({lookup}('{identity}') is not null)::integer::bigint"),
        )
        .await;
        assert_eq!(found, 1, "{identity}");
    }
    estate.stop().await;
}
