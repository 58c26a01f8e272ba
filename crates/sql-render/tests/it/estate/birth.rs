//! The birth system: it is what it is said to be, and births really happen.

use fix7_manifest::estate::collections::COLLECTIONS;
use manifest_model::estate::EstateSize;

use super::check_same_set;
use super::server::{loaded, number, run, texts, tried};

#[tokio::test]
async fn registry_has_its_columns_keys_and_indexes() {
    let mut estate = loaded(&EstateSize::ONE).await;
    let columns = texts(
        &mut estate,
        "select a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || case when a.attnotnull then ' not null' else '' end
                || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')
           from pg_catalog.pg_attribute a left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
          where a.attrelid = 'public.birth_registry'::regclass and a.attnum > 0 and not a.attisdropped",
    )
    .await;
    check_same_set(
        [
            "id integer not null default nextval('public.birth_registry_id_seq'::regclass)",
            "status character varying(255) not null default 'published'::character varying",
            "sort integer",
            "user_created uuid",
            "date_created timestamp with time zone default CURRENT_TIMESTAMP",
            "user_updated uuid",
            "date_updated timestamp with time zone",
            "entity_code character varying(255) not null",
            "collection_name character varying(255) not null",
            "species_code character varying(255)",
            "composition_level character varying(255)",
            "dot_origin character varying(255)",
            "born_at timestamp with time zone default now()",
            "governance_role character varying(255)",
            "inspect_pen timestamp with time zone",
            "inspect_stamp timestamp with time zone",
            "inspect_gate timestamp with time zone",
            "certified boolean not null default false",
            "certified_at timestamp with time zone",
        ]
        .map(str::to_owned),
        columns,
    );
    let indexes = texts(
        &mut estate,
        "select pg_get_indexdef(i.indexrelid) from pg_catalog.pg_index i where i.indrelid = 'public.birth_registry'::regclass",
    )
    .await;
    check_same_set(
        [
            "CREATE UNIQUE INDEX birth_registry_pkey ON public.birth_registry USING btree (id)",
            "CREATE UNIQUE INDEX birth_registry_entity_code_key ON public.birth_registry USING btree (entity_code)",
            "CREATE INDEX idx_birth_registry_uncertified ON public.birth_registry USING btree (born_at) WHERE (certified = false)",
            "CREATE INDEX idx_birth_registry_species_governed ON public.birth_registry USING btree (species_code) WHERE ((governance_role)::text = 'governed'::text)",
            "CREATE INDEX idx_birth_registry_collection ON public.birth_registry USING btree (collection_name)",
        ]
        .map(str::to_owned),
        indexes,
    );
    estate.stop().await;
}

#[tokio::test]
async fn each_governed_collection_has_its_trigger_with_its_code_column() {
    let mut estate = loaded(&EstateSize::ONE).await;
    let triggers = texts(
        &mut estate,
        "select pg_get_triggerdef(t.oid) || ' ' || t.tgenabled::text from pg_catalog.pg_trigger t where t.tgfoid = 'public.fn_birth_registry_auto()'::regprocedure",
    )
    .await;
    check_same_set(
        COLLECTIONS.iter().map(|collection| {
            format!(
                "CREATE TRIGGER trg_birth_{0} AFTER INSERT ON public.{0} FOR EACH ROW EXECUTE FUNCTION public.fn_birth_registry_auto('{1}') O",
                collection.name, collection.code_column
            )
        }),
        triggers,
    );
    let other_code_columns: Vec<_> = COLLECTIONS
        .iter()
        .filter(|collection| collection.code_column != "code")
        .map(|collection| (collection.name, collection.code_column))
        .collect();
    check_same_set(
        [("table_registry", "table_id"), ("workflows", "process_code")],
        other_code_columns,
    );
    let governed = texts(
        &mut estate,
        "select collection_name::text from public.collection_registry where governance_role = 'governed'",
    )
    .await;
    check_same_set(
        COLLECTIONS.iter().map(|collection| collection.name.to_owned()),
        governed,
    );
    let roles = texts(
        &mut estate,
        "select distinct governance_role::text from public.collection_registry",
    )
    .await;
    check_same_set(["excluded", "governed", "observed"].map(str::to_owned), roles);
    let properties = texts(
        &mut estate,
        "select p.proname || ' ' || p.proowner::regrole || ' ' || p.prosecdef from pg_catalog.pg_proc p where p.proname in ('fn_birth_registry_auto', 'fn_birth_auto_certify')",
    )
    .await;
    check_same_set(
        [
            "fn_birth_auto_certify directus false",
            "fn_birth_registry_auto directus false",
        ]
        .map(str::to_owned),
        properties,
    );
    estate.stop().await;
}

#[tokio::test]
async fn insert_into_each_governed_collection_yields_its_birth_row() {
    let mut estate = loaded(&EstateSize::ONE).await;
    run(&mut estate, "begin; set local role directus").await;
    for collection in &COLLECTIONS {
        run(
            &mut estate,
            &format!(
                "insert into public.{0} ({1}) values ('TRY-{0}')",
                collection.name, collection.code_column
            ),
        )
        .await;
    }
    let born = texts(
        &mut estate,
        "select b.entity_code || ' ' || b.collection_name || ' ' || b.species_code || ' ' || b.governance_role || ' ' || b.dot_origin || ' ' || b.certified
           from public.birth_registry b join public.entity_species s on s.code = b.species_code and s.composition_level = b.composition_level
          where starts_with(b.entity_code, 'TRY-')",
    )
    .await;
    check_same_set(
        COLLECTIONS.iter().map(|collection| {
            format!(
                "TRY-{0} {0} {1} governed TRIGGER false",
                collection.name, collection.species
            )
        }),
        born,
    );
    estate.stop().await;
}

#[tokio::test]
async fn drafts_and_known_entities_are_not_born_again() {
    let mut estate = loaded(&EstateSize::ONE).await;
    run(&mut estate, "begin; set local role directus").await;
    let births = "select count(*) from public.birth_registry";
    let before = number(&mut estate, births).await;
    run(
        &mut estate,
        "insert into public.tasks (code, name) values (null, 'bản nháp')",
    )
    .await;
    assert_eq!(
        number(&mut estate, births).await,
        before,
        "an entity without a code is not born"
    );
    run(&mut estate, "insert into public.tasks (code) values ('TRY-ONCE'); insert into public.people (code) values ('TRY-ONCE')").await;
    assert_eq!(
        number(&mut estate, births).await,
        before + 1,
        "the second entity of one code finds the first one's birth"
    );
    run(
        &mut estate,
        "insert into public.chat_messages (code) values ('TRY-CHAT')",
    )
    .await;
    assert_eq!(
        number(&mut estate, births).await,
        before + 1,
        "an observed collection has no gateway"
    );
    estate.stop().await;
}

#[tokio::test]
async fn third_inspection_certifies() {
    let mut estate = loaded(&EstateSize::ONE).await;
    run(
        &mut estate,
        "begin; set local role directus; insert into public.tasks (code) values ('TRY-CERT')",
    )
    .await;
    let certified = "select count(*) from public.birth_registry where entity_code = 'TRY-CERT' and certified and certified_at is not null";
    for (inspection, expected) in [("inspect_pen", 0), ("inspect_gate", 0), ("inspect_stamp", 1)] {
        run(
            &mut estate,
            &format!("update public.birth_registry set {inspection} = now() where entity_code = 'TRY-CERT'"),
        )
        .await;
        assert_eq!(
            number(&mut estate, certified).await,
            expected,
            "after {inspection}"
        );
    }
    estate.stop().await;
}

#[tokio::test]
async fn collection_registered_later_is_governed_at_once() {
    let mut estate = loaded(&EstateSize::ONE).await;
    run(
        &mut estate,
        "begin; set local role directus;
         create table public.later (id integer, code text);
         insert into public.collection_registry (collection_name, governance_role) values ('later', 'governed');
         insert into public.later values (1, 'TRY-LATER')",
    )
    .await;
    assert_eq!(
        number(
            &mut estate,
            "select count(*) from public.birth_registry where entity_code = 'TRY-LATER'"
        )
        .await,
        1
    );
    estate.stop().await;
}

#[tokio::test]
async fn dot_118_and_dot_119_alone_are_frozen() {
    let mut estate = loaded(&EstateSize::ONE).await;
    let frozen = texts(&mut estate, "select code::text || ' ' || tier || ' ' || status || ' ' || paired_dot from public.dot_tools where frozen").await;
    check_same_set(
        ["DOT-118 A retired DOT-119", "DOT-119 B retired DOT-118"].map(str::to_owned),
        frozen,
    );
    let others = number(
        &mut estate,
        "select count(*) from public.dot_tools where not frozen and starts_with(code, 'DOT-')",
    )
    .await;
    assert_eq!(others, 5);
    run(&mut estate, "begin; set local role directus").await;
    let unfreeze = "update public.dot_tools set status = 'active' where code = 'DOT-118'";
    assert_eq!(
        tried(&mut estate, unfreeze).await,
        Err("23514".to_owned()),
        "a frozen tool can't be active"
    );
    estate.stop().await;
}
