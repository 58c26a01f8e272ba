//! The figures of the estate, each read from the catalogs.

use std::collections::BTreeMap;

use fix7_manifest::estate::directus;
use fix7_manifest::estate::figures::FIGURES;
use manifest_model::estate::EstateSize;
use sqlx::{AssertSqlSafe, Row as _};

use super::check_same_set;
use super::server::{loaded, number, run, texts};

#[tokio::test]
async fn every_figure_is_the_one_written_down() {
    let mut estate = loaded(&EstateSize::ONE).await;
    let mut realized = BTreeMap::new();
    for figure in FIGURES {
        realized.insert(figure.name, number(&mut estate, figure.query).await);
    }
    let expected: BTreeMap<_, _> = FIGURES.iter().map(|figure| (figure.name, figure.count)).collect();
    assert_eq!(expected, realized);
    assert_eq!(expected.len(), FIGURES.len(), "each figure has a name of its own");
    estate.stop().await;
}

#[tokio::test]
async fn directus_tables_are_its_27_and_belong_to_it() {
    let mut estate = loaded(&EstateSize::ONE).await;
    let realized = texts(
        &mut estate,
        "select format('%I.%I', n.nspname, c.relname)
           from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
          where c.relkind = 'r' and starts_with(c.relname, 'directus_') and c.relowner = 'directus'::regrole",
    )
    .await;
    check_same_set(
        directus::TABLES.iter().map(|table| table.identity.to_owned()),
        realized,
    );
    let kinds = texts(
        &mut estate,
        "select distinct a.atttypid::regtype::text
           from pg_catalog.pg_attribute a join pg_catalog.pg_class c on c.oid = a.attrelid
          where starts_with(c.relname, 'directus_') and c.relkind = 'r' and a.attnum > 0
            and a.atttypid in ('json'::regtype, 'uuid'::regtype)",
    )
    .await;
    check_same_set(["json".to_owned(), "uuid".to_owned()], kinds);
    let owned_sequences = texts(
        &mut estate,
        "select pg_get_serial_sequence('public.' || c.relname, 'id')
           from pg_catalog.pg_class c
          where c.relkind = 'r' and starts_with(c.relname, 'directus_')
            and exists (select from pg_catalog.pg_attribute a where a.attrelid = c.oid and a.attname = 'id' and a.atttypid = 'integer'::regtype)",
    )
    .await;
    assert_eq!(
        owned_sequences.len(),
        9,
        "serial ids own their sequences: {owned_sequences:?}"
    );
    let foreign_keys = number(
        &mut estate,
        "select count(*) from pg_catalog.pg_constraint c
          where c.contype = 'f' and starts_with(c.conrelid::regclass::text, 'public.directus_') and starts_with(c.confrelid::regclass::text, 'public.directus_')",
    )
    .await;
    assert_eq!(foreign_keys, 42, "foreign keys among Directus' own tables");
    estate.stop().await;
}

#[tokio::test]
async fn checks_over_varchar_change_their_text_once_and_are_stable_then() {
    let mut estate = loaded(&EstateSize::ONE).await;
    run(&mut estate, "begin").await;
    let checks = sqlx::query(AssertSqlSafe(
        "select c.conrelid::regclass::text as tab, pg_get_constraintdef(c.oid) as def from pg_catalog.pg_constraint c
          where c.contype = 'c' and c.connamespace = 'public'::regnamespace and strpos(pg_get_constraintdef(c.oid), '::character varying])::text[]') > 0
          order by 1",
    ))
    .fetch_all(&mut *estate)
    .await
    .unwrap();
    assert_eq!(checks.len(), 8);
    for (n, row) in checks.iter().enumerate() {
        let (table, first): (String, String) = (row.get("tab"), row.get("def"));
        let mut definition = first.clone();
        let mut seen = Vec::new();
        for round in 0..2 {
            let copy = format!("copy_{n}_{round}");
            run(&mut estate, &format!("create table public.{copy} (like {table}); alter table public.{copy} add constraint {copy}_check {definition}")).await;
            definition = texts(&mut estate, &format!("select pg_get_constraintdef(oid) from pg_catalog.pg_constraint where conname = '{copy}_check'")).await.remove(0);
            seen.push(definition.clone());
        }
        assert_ne!(first, seen[0], "{table}: the first restore changes the text");
        assert_eq!(seen[0], seen[1], "{table}: the second does not");
    }
    estate.stop().await;
}

#[tokio::test]
async fn kinds_that_tools_forget_are_all_there() {
    let mut estate = loaded(&EstateSize::ONE).await;
    let realized = texts(
        &mut estate,
        "select 'partitioned table ' || c.oid::regclass from pg_catalog.pg_class c where c.relkind = 'p'
         union all select 'partition ' || c.oid::regclass from pg_catalog.pg_class c where c.relispartition and c.relkind = 'r'
         union all select 'materialized view ' || c.oid::regclass from pg_catalog.pg_class c where c.relkind = 'm' and c.relnamespace = 'public'::regnamespace
         union all select 'identity ' || a.attrelid::regclass || ' ' || a.attname from pg_catalog.pg_attribute a where a.attidentity <> ''
         union all select 'generated ' || a.attrelid::regclass || ' ' || a.attname from pg_catalog.pg_attribute a where a.attgenerated <> ''
         union all select 'rule ' || r.rulename from pg_catalog.pg_rewrite r join pg_catalog.pg_class c on c.oid = r.ev_class where c.relnamespace = 'public'::regnamespace and r.rulename <> '_RETURN'
         union all select 'event trigger ' || e.evtname from pg_catalog.pg_event_trigger e
         union all select 'policy ' || p.polname from pg_catalog.pg_policy p
         union all select 'domain ' || t.oid::regtype from pg_catalog.pg_type t where t.typnamespace = 'public'::regnamespace and t.typtype = 'd'
         union all select 'enum ' || t.oid::regtype from pg_catalog.pg_type t where t.typnamespace = 'public'::regnamespace and t.typtype = 'e'
         union all select 'composite ' || c.oid::regclass from pg_catalog.pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'c'
         union all select 'table named like a view ' || c.oid::regclass from pg_catalog.pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and starts_with(c.relname, 'v_')
         union all select 'extension ' || x.extname from pg_catalog.pg_extension x
         union all select 'index over an expression ' || i.indexrelid::regclass from pg_catalog.pg_index i join pg_catalog.pg_class c on c.oid = i.indexrelid where c.relnamespace = 'public'::regnamespace and i.indexprs is not null",
    )
    .await;
    let expected = [
        "partitioned table public.event_stream",
        "partition public.event_stream_2025",
        "partition public.event_stream_2026",
        "partition public.event_stream_rest",
        "materialized view public.mv_births_by_collection",
        "identity public.\"Customer Notes\" Note Id",
        "generated public.invoice_lines line_total",
        "rule page_views_keep",
        "event trigger note_cast",
        "policy import_rows_own_batches",
        "domain public.email_address",
        "enum public.issue_level",
        "composite public.money_amount",
        "table named like a view public.v_collection_counts",
        "table named like a view public.v_readiness_cache",
        "extension plpgsql",
        "index over an expression public.idx_people_code_normal",
    ];
    check_same_set(expected.map(str::to_owned), realized);
    let foreign_text = number(
        &mut estate,
        "select count(*) from pg_catalog.pg_description d where d.description ~ '[^[:ascii:]]' and d.objoid >= 16384",
    )
    .await;
    assert!(foreign_text >= 5, "comments in another script: {foreign_text}");
    estate.stop().await;
}
