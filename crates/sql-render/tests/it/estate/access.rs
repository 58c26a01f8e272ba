//! Roles, ownership and ACLs: nearly everything by ownership, and each exception named.

use fix7_manifest::estate::roles::{MEMBERSHIPS, ROLES};
use manifest_model::estate::EstateSize;

use super::check_same_set;
use super::server::{loaded, number, run, texts, tried};

#[tokio::test]
async fn roles_and_memberships_are_the_declared_ones() {
    let mut estate = loaded(&EstateSize::ONE).await;
    let roles = texts(
        &mut estate,
        "select r.rolname || ' ' || r.rolcanlogin || ' ' || r.rolinherit from pg_catalog.pg_roles r
          where not starts_with(r.rolname, 'pg_') and not r.rolsuper",
    )
    .await;
    check_same_set(
        ROLES
            .iter()
            .map(|role| format!("{} {} {}", role.name, role.login, role.inherit)),
        roles,
    );
    let members = texts(
        &mut estate,
        "select m.member::regrole || ' in ' || m.roleid::regrole from pg_catalog.pg_auth_members m where m.member::regrole::text !~ '^pg_'",
    )
    .await;
    check_same_set(
        MEMBERSHIPS
            .iter()
            .map(|membership| format!("{} in {}", membership.member, membership.role)),
        members,
    );
    assert!(ROLES.iter().all(|role| !role.name.starts_with("qt001_cp")));
    let owners = texts(
        &mut estate,
        "select 'database ' || d.datdba::regrole from pg_catalog.pg_database d where d.datname = 'directus'
         union all select 'public ' || n.nspowner::regrole from pg_catalog.pg_namespace n where n.nspname = 'public'
         union all select 'setting ' || coalesce(s.setrole::regrole::text, '') || ' ' || s.setconfig[1] from pg_catalog.pg_db_role_setting s",
    )
    .await;
    check_same_set(
        [
            "database directus",
            "public public_schema_owner",
            "setting reporting statement_timeout=60s",
            "setting analyst default_transaction_read_only=on",
        ]
        .map(str::to_owned),
        owners,
    );
    estate.stop().await;
}

#[tokio::test]
async fn explicit_acls_are_the_named_few() {
    let mut estate = loaded(&EstateSize::ONE).await;
    let acls = texts(
        &mut estate,
        "select c.relkind::text || ' ' || c.oid::regclass from pg_catalog.pg_class c where c.relnamespace = 'public'::regnamespace and c.relacl is not null
         union all select 'column ' || a.attrelid::regclass || '.' || a.attname || ' ' || a.attacl::text from pg_catalog.pg_attribute a join pg_catalog.pg_class c on c.oid = a.attrelid where a.attacl is not null and c.relnamespace = 'public'::regnamespace
         union all select 'routine ' || p.oid::regprocedure from pg_catalog.pg_proc p where p.pronamespace = 'public'::regnamespace and p.proacl is not null
         union all select 'type ' || t.oid::regtype from pg_catalog.pg_type t where t.typnamespace = 'public'::regnamespace and t.typacl is not null
         union all select 'default ' || d.defaclrole::regrole || ' ' || d.defaclobjtype::text || ' ' || d.defaclacl::text from pg_catalog.pg_default_acl d",
    )
    .await;
    check_same_set(
        [
            "S public.birth_candidate_stage_id_seq",
            "S public.qt001_error_queue_id_seq",
            "S public.qt001_run_id_seq",
            "S public.seq_report_no",
            "r public.birth_candidate_stage",
            "r public.birth_registry",
            "r public.import_batches",
            "r public.import_rows",
            "r public.qt001_backfill_permit",
            "r public.qt001_error_queue",
            "r public.qt001_plan",
            "r public.qt001_run",
            "r public.report_exports",
            "r public.report_subscriptions",
            "r public.scheduled_jobs",
            "r public.table_registry",
            "v public.qt001_v_dashboard",
            "v public.qt001_v_run_latest",
            "v public.qt001_v_run_open",
            "column public.system_issues.status {reporting=w/directus}",
            "column public.workflows.process_code {analyst=r/directus}",
            "column public.workflows.name {analyst=r/directus}",
            "column public.workflows.status {analyst=r/directus}",
            "column public.entity_species.code {=r/directus}",
            "column public.entity_species.name {=r/directus}",
            "column public.qt001_gate.code {=r/directus}",
            "column public.qt001_gate.state {=r/directus}",
            "column public.qt001_run_step.code {access_manager=r*/directus,=r/access_manager}",
            "column public.qt001_run_step.state {access_manager=w*/directus,job_scheduler=w/access_manager}",
            "routine public.qt001_readiness_score(text)",
            "type public.money_amount",
            "default importer r {reporting=r/importer}",
        ]
        .map(str::to_owned),
        acls,
    );
    let unreadable = number(
        &mut estate,
        "select count(*) from pg_catalog.pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm') and not has_table_privilege('reporting', c.oid, 'SELECT')",
    )
    .await;
    assert_eq!(unreadable, 0, "reporting reads every table");
    let written = texts(
        &mut estate,
        "select distinct c.oid::regclass::text from pg_catalog.pg_class c cross join (values ('INSERT'), ('UPDATE'), ('DELETE'), ('TRUNCATE')) wanted (privilege)
          where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and has_table_privilege('reporting', c.oid, wanted.privilege)
         union
         select c.oid::regclass::text from pg_catalog.pg_class c
          where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and has_any_column_privilege('reporting', c.oid, 'INSERT, UPDATE')",
    )
    .await;
    check_same_set(
        [
            "public.qt001_error_queue",
            "public.report_exports",
            "public.report_subscriptions",
            "public.system_issues",
        ]
        .map(str::to_owned),
        written,
    );
    let owned = texts(&mut estate, "select c.oid::regclass::text from pg_catalog.pg_class c where c.relowner = 'importer'::regrole and c.relkind = 'r'").await;
    check_same_set(
        ["public.import_batches", "public.import_rows"].map(str::to_owned),
        owned,
    );
    estate.stop().await;
}

#[tokio::test]
async fn grant_on_all_tables_skips_what_the_grantor_does_not_own() {
    let mut estate = loaded(&EstateSize::ONE).await;
    run(
        &mut estate,
        "begin; set local role directus; grant select on all tables in schema public to job_scheduler",
    )
    .await;
    let skipped = texts(
        &mut estate,
        "select c.oid::regclass::text from pg_catalog.pg_class c
          where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not has_table_privilege('job_scheduler', c.oid, 'SELECT')",
    )
    .await;
    check_same_set(
        ["public.import_batches", "public.import_rows"].map(str::to_owned),
        skipped,
    );
    estate.stop().await;
}

#[tokio::test]
async fn noinherit_member_has_nothing_until_it_sets_role() {
    let mut estate = loaded(&EstateSize::ONE).await;
    run(
        &mut estate,
        "begin; set session authorization analyst; set transaction read write",
    )
    .await;
    let write = "insert into public.report_subscriptions (subscriber) values ('analyst')";
    assert_eq!(tried(&mut estate, write).await, Err("42501".to_owned()));
    run(&mut estate, "set local role reporting").await;
    assert_eq!(tried(&mut estate, write).await, Ok(()));
    estate.stop().await;
}

#[tokio::test]
async fn owners_revoke_leaves_what_a_grantor_gave() {
    let mut estate = loaded(&EstateSize::ONE).await;
    run(&mut estate, "begin; set local role directus").await;
    let items = "select acl.grantor::regrole || ' ' || acl.grantee::regrole from pg_catalog.pg_proc p cross join lateral aclexplode(p.proacl) acl
          where p.oid = 'public.qt001_readiness_score(text)'::regprocedure and acl.grantee = 'job_scheduler'::regrole";
    run(
        &mut estate,
        "revoke execute on function public.qt001_readiness_score(text) from job_scheduler",
    )
    .await;
    assert_eq!(
        texts(&mut estate, items).await,
        ["access_manager job_scheduler"],
        "reported as done, and still there"
    );
    let without_cascade = "revoke execute on function public.qt001_readiness_score(text) from access_manager";
    assert_eq!(tried(&mut estate, without_cascade).await, Err("2BP01".to_owned()));
    estate.stop().await;
}
