//! The legacy path: which objects are members, how they hang together, what they touch.

use std::collections::{BTreeMap, BTreeSet};

use fix7_manifest::estate::legacy::hazards::{
    HAZARDS, VIEW_DEPTH, VIEWS_CALLING_LIVE_HELPERS, VIEWS_CALLING_MEMBERS, VIEWS_OVER_LIVE_TABLES,
};
use fix7_manifest::estate::{LEGACY, business, repoint};
use manifest_model::estate::{Disposition, DynamicSql, EstateSize, LegacyMember, MemberKind};
use sqlx::PgConnection;

use super::check_same_set;
use super::server::{loaded, number, run, texts, tried};

fn members(kind: MemberKind) -> impl Iterator<Item = &'static LegacyMember> {
    LEGACY.iter().filter(move |member| member.kind == kind)
}

/// The members as a table of the session: identity and oid, for joins with the catalogs.
async fn declare_members(connection: &mut PgConnection) {
    let relations: Vec<String> = LEGACY
        .iter()
        .filter(|member| matches!(member.kind, MemberKind::Table | MemberKind::View))
        .map(|member| format!("('{0}', '{0}'::regclass::oid)", member.identity))
        .collect();
    let routines: Vec<String> = LEGACY
        .iter()
        .filter(|member| matches!(member.kind, MemberKind::Function | MemberKind::Procedure))
        .map(|member| format!("('{0}', '{0}'::regprocedure::oid)", member.identity))
        .collect();
    run(
        connection,
        &format!(
            "create temp table member_relation (identity text, oid oid);
             create temp table member_routine (identity text, oid oid);
             insert into pg_temp.member_relation values {};
             insert into pg_temp.member_routine values {}",
            relations.join(", "),
            routines.join(", ")
        ),
    )
    .await;
}

#[tokio::test]
async fn sealed_set_is_20_tables_46_routines_196_views_of_directus() {
    let mut estate = loaded(&EstateSize::ONE).await;
    declare_members(&mut estate).await;
    let realized = texts(
        &mut estate,
        "select c.relkind::text || ' ' || c.oid::regclass from pg_temp.member_relation m join pg_catalog.pg_class c on c.oid = m.oid where c.relowner = 'directus'::regrole
         union all
         select p.prokind::text || ' ' || p.oid::regprocedure from pg_temp.member_routine m join pg_catalog.pg_proc p on p.oid = m.oid where p.proowner = 'directus'::regrole",
    )
    .await;
    // What the server prints is compared with the identity as declared: blanks after commas are not printed.
    let expected = LEGACY.iter().map(|member| {
        let kind = match member.kind {
            MemberKind::Table => 'r',
            MemberKind::View => 'v',
            MemberKind::Function => 'f',
            MemberKind::Procedure => 'p',
        };
        format!("{kind} {}", member.identity)
    });
    check_same_set(expected, realized);
    let count = |kind| members(kind).count();
    assert_eq!((count(MemberKind::Table), count(MemberKind::View)), (20, 196));
    assert_eq!(count(MemberKind::Function) + count(MemberKind::Procedure), 46);
    assert_eq!(
        LEGACY
            .iter()
            .map(|member| member.identity)
            .collect::<BTreeSet<_>>()
            .len(),
        262
    );
    check_same_set(
        ["public.sp_dot_birth_qt001_apply(text)"],
        members(MemberKind::Procedure).map(|member| member.identity),
    );
    let executable = number(
        &mut estate,
        "select count(*) from pg_temp.member_routine m where has_function_privilege('public', m.oid, 'EXECUTE')",
    )
    .await;
    assert_eq!(executable, 46, "every legacy routine is executable by PUBLIC");
    estate.stop().await;
}

#[tokio::test]
async fn names_do_not_tell_members_from_decoys() {
    let mut estate = loaded(&EstateSize::ONE).await;
    declare_members(&mut estate).await;
    let decoys = texts(
        &mut estate,
        "select c.oid::regclass::text from pg_catalog.pg_class c
          where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'v') and starts_with(c.relname, 'qt001_')
            and c.oid not in (select m.oid from pg_temp.member_relation m)
         union all
         select p.oid::regprocedure::text from pg_catalog.pg_proc p
          where p.pronamespace = 'public'::regnamespace and starts_with(p.proname, 'qt001_')
            and p.oid not in (select m.oid from pg_temp.member_routine m)",
    )
    .await;
    check_same_set(business::DECOYS.map(str::to_owned), decoys);
    let mut without_prefix: BTreeMap<MemberKind, usize> = BTreeMap::new();
    for member in LEGACY
        .iter()
        .filter(|member| !member.identity.starts_with("public.qt001_"))
    {
        *without_prefix.entry(member.kind).or_default() += 1;
    }
    assert_eq!(
        without_prefix,
        BTreeMap::from([
            (MemberKind::Table, 4),
            (MemberKind::Function, 12),
            (MemberKind::Procedure, 1),
            (MemberKind::View, 41),
        ])
    );
    estate.stop().await;
}

#[tokio::test]
async fn dispositions_follow_what_a_routine_is() {
    let stubs: Vec<&str> = LEGACY
        .iter()
        .filter(|member| member.disposition == Disposition::StubFailClosed)
        .map(|member| member.identity)
        .collect();
    check_same_set(
        [
            "public.qt001_run_statement(integer)",
            "public.qt001_adhoc_probe(text)",
            "public.qt001_plan_build(text)",
            "public.qt001_plan_expand(integer)",
            "public.fn_plan_next_batch(integer)",
            "public.qt001_plan_close(integer)",
            "public.fn_stage_candidate(text,text)",
            "public.qt001_write_candidate(text,text)",
            "public.qt001_write_evidence(integer,text)",
            repoint::LIVE_WRITER,
            "public.fn_dot_birth_qt001_apply(text,integer)",
            "public.qt001_apply_candidate(integer)",
            "public.qt001_apply_batch(integer)",
            "public.fn_apply_backfill_batch(integer,text)",
            "public.sp_dot_birth_qt001_apply(text)",
        ],
        stubs,
    );
    let mut estate = loaded(&EstateSize::ONE).await;
    let hard_coded = texts(
        &mut estate,
        "select p.proname::text from pg_catalog.pg_proc p
          where p.pronamespace = 'public'::regnamespace and p.prosrc ~ '0\\.9[0-9]' and starts_with(p.proname, 'qt001_')",
    )
    .await;
    check_same_set(
        [
            "qt001_gate_passed",
            "qt001_is_ready",
            "qt001_readiness_score",
            "qt001_threshold_value",
        ]
        .map(str::to_owned),
        hard_coded,
    );
    estate.stop().await;
}

#[tokio::test]
async fn five_bodies_have_dynamic_sql_and_a_review_closed_three() {
    let mut estate = loaded(&EstateSize::ONE).await;
    declare_members(&mut estate).await;
    let dynamic = texts(
        &mut estate,
        "select p.oid::regprocedure::text from pg_temp.member_routine m join pg_catalog.pg_proc p on p.oid = m.oid where p.prosrc ~ '\\mexecute\\M'",
    )
    .await;
    let declared = LEGACY.iter().filter(|member| member.dynamic != DynamicSql::None);
    check_same_set(declared.map(|member| member.identity.to_owned()), dynamic);
    let mut reached = Vec::new();
    for member in LEGACY {
        if let DynamicSql::Resolved { reaches, because } = member.dynamic {
            assert!(!because.is_empty());
            reached.push(reaches.to_vec());
        }
    }
    assert_eq!(reached.len(), 3);
    assert_eq!(
        LEGACY
            .iter()
            .filter(|member| matches!(member.dynamic, DynamicSql::Unbounded { .. }))
            .count(),
        2
    );
    for identity in reached.concat() {
        assert!(
            LEGACY.iter().any(|member| member.identity == identity),
            "`{identity}` is a member"
        );
    }
    let no_edges = number(
        &mut estate,
        "select count(*) from pg_temp.member_routine m join pg_catalog.pg_proc p on p.oid = m.oid
           join pg_catalog.pg_depend d on d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.refclassid = 'pg_class'::regclass
          where p.prosrc ~ '\\mexecute\\M'",
    )
    .await;
    assert_eq!(no_edges, 0, "pg_depend does not see what these bodies reach");
    estate.stop().await;
}

#[tokio::test]
async fn views_stand_on_views_on_live_tables_and_on_sealed_routines() {
    let mut estate = loaded(&EstateSize::ONE).await;
    declare_members(&mut estate).await;
    run(
        &mut estate,
        "create temp view edge as
            select r.ev_class as from_oid, d.refclassid as to_class, d.refobjid as to_oid
              from pg_catalog.pg_rewrite r
              join pg_catalog.pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid and d.refobjid <> r.ev_class
              join pg_temp.member_relation m on m.oid = r.ev_class
             group by 1, 2, 3",
    )
    .await;
    let depth = number(
        &mut estate,
        "with recursive standing (oid, depth) as (
            select m.oid, 1::bigint from pg_temp.member_relation m join pg_catalog.pg_class c on c.oid = m.oid where c.relkind = 'v'
            union
            select e.from_oid, s.depth + 1 from standing s join pg_temp.edge e on e.to_oid = s.oid and e.to_class = 'pg_class'::regclass)
         select max(depth) from standing",
    )
    .await;
    assert_eq!(depth, VIEW_DEPTH);
    let calling = |members: bool| {
        format!(
            "select e.from_oid::regclass::text from pg_temp.edge e
              where e.to_class = 'pg_proc'::regclass and {} (select from pg_temp.member_routine m where m.oid = e.to_oid)",
            if members { "exists" } else { "not exists" }
        )
    };
    check_same_set(
        VIEWS_CALLING_MEMBERS.map(str::to_owned),
        texts(&mut estate, &calling(true)).await,
    );
    check_same_set(
        VIEWS_CALLING_LIVE_HELPERS.map(str::to_owned),
        texts(&mut estate, &calling(false)).await,
    );
    let over_live = texts(
        &mut estate,
        "select e.from_oid::regclass::text from pg_temp.edge e
          where e.to_class = 'pg_class'::regclass and not exists (select from pg_temp.member_relation m where m.oid = e.to_oid)",
    )
    .await;
    check_same_set(VIEWS_OVER_LIVE_TABLES.map(str::to_owned), over_live);
    run(&mut estate, "begin; set local role directus").await;
    for view in members(MemberKind::View) {
        assert_eq!(
            tried(&mut estate, &format!("select * from {}", view.identity)).await,
            Ok(()),
            "{}",
            view.identity
        );
    }
    estate.stop().await;
}

#[tokio::test]
async fn hazards_are_exactly_the_edges_that_privileges_do_not_show() {
    let mut estate = loaded(&EstateSize::ONE).await;
    declare_members(&mut estate).await;
    let fired = "select 'FIRES_WITHOUT_EXECUTE ' || t.tgfoid::regprocedure || ' ' || t.tgrelid::regclass
           from pg_catalog.pg_trigger t join pg_temp.member_routine f on f.oid = t.tgfoid
          where not t.tgisinternal and t.tgrelid not in (select m.oid from pg_temp.member_relation m)
         union all
         select 'FK_ACTION_INTO_LIVE ' || c.conrelid::regclass || ' ' || c.confrelid::regclass
           from pg_catalog.pg_constraint c join pg_temp.member_relation m on m.oid = c.conrelid
          where c.contype = 'f' and c.confdeltype in ('c', 'n', 'd') and c.confrelid not in (select m.oid from pg_temp.member_relation m)";
    let expected = HAZARDS
        .iter()
        .map(|hazard| format!("{} {} {}", hazard.code, hazard.member, hazard.live));
    check_same_set(expected, texts(&mut estate, fired).await);
    run(&mut estate, "begin").await;
    for hazard in HAZARDS {
        run(&mut estate, hazard.remedy).await;
    }
    assert_eq!(
        texts(&mut estate, fired).await,
        Vec::<String>::new(),
        "the remedies leave none"
    );
    estate.stop().await;
}

#[tokio::test]
async fn only_the_dispatcher_and_the_job_reach_the_legacy_path_from_outside() {
    let mut estate = loaded(&EstateSize::ONE).await;
    declare_members(&mut estate).await;
    let callers = texts(
        &mut estate,
        "select distinct p.oid::regprocedure::text from pg_catalog.pg_proc p
           join (select split_part(split_part(m.identity, '.', 2), '(', 1) as name from pg_temp.member_routine m
                 union select split_part(m.identity, '.', 2) from pg_temp.member_relation m) named on p.prosrc ~ ('\\m' || named.name || '\\M')
          where p.pronamespace = 'public'::regnamespace and p.oid not in (select m.oid from pg_temp.member_routine m)",
    )
    .await;
    check_same_set(
        repoint::CALLERS.iter().map(|routine| routine.identity.to_owned()),
        callers,
    );
    let dependants = texts(
        &mut estate,
        "select r.ev_class::regclass::text from pg_catalog.pg_rewrite r
           join pg_catalog.pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid and d.refobjid <> r.ev_class
          where r.ev_class not in (select m.oid from pg_temp.member_relation m)
            and (d.refobjid in (select m.oid from pg_temp.member_relation m) or d.refobjid in (select m.oid from pg_temp.member_routine m))",
    )
    .await;
    assert_eq!(
        dependants,
        Vec::<String>::new(),
        "no live view stands on a legacy object"
    );
    estate.stop().await;
}

#[tokio::test]
async fn permits_have_rows_in_every_state_but_open() {
    let mut estate = loaded(&EstateSize::ONE).await;
    let (table, open) = repoint::PERMIT;
    let states = texts(&mut estate, &format!("select state from {table}")).await;
    check_same_set(
        ["DO_NOT_OPEN", "DRAFT", "EXPIRED", "REFUSED"].map(str::to_owned),
        states,
    );
    run(&mut estate, "begin; set local role directus").await;
    let opening = format!("update {table} set state = '{open}' where code = 'PERMIT-001'");
    assert_eq!(tried(&mut estate, &opening).await, Err("23514".to_owned()));
    assert_eq!(
        tried(
            &mut estate,
            &format!("update {table} set state = 'REFUSED' where code = 'PERMIT-001'")
        )
        .await,
        Ok(())
    );
    let apply = "call public.sp_dot_birth_qt001_apply('tac_documents')";
    assert_eq!(
        tried(&mut estate, apply).await,
        Err("42501".to_owned()),
        "apply is blocked without a permit"
    );
    estate.stop().await;
}
