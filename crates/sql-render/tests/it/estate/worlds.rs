//! The worlds: each ends as it is said to, by what succeeds in it.

use std::collections::BTreeSet;

use fix7_manifest::estate::ESTATE;
use fix7_manifest::estate::worlds::{SCHEMA_OWNER_CAN_REPLACE, SUPERUSER_TRAP};
use manifest_model::estate::EstateSize;

use super::check_same_set;
use super::server::{loaded, number, run, tried};

#[tokio::test]
async fn each_world_realizes_its_codes_and_no_other() {
    let mut estate = loaded(&EstateSize::ONE).await;
    for world in ESTATE.worlds {
        run(&mut estate, "begin").await;
        run(&mut estate, world.delta).await;
        let mut realized = BTreeSet::new();
        for attempt in ESTATE.attempts {
            run(&mut estate, "savepoint attempt").await;
            run(&mut estate, attempt.setup).await;
            run(&mut estate, &format!("set local role {}", attempt.persona)).await;
            match tried(&mut estate, attempt.sql).await {
                Ok(()) => {
                    realized.insert(attempt.code);
                }
                Err(state) => assert_eq!(state, attempt.refused_with, "{} in {}", attempt.id, world.id),
            }
            run(&mut estate, "rollback to savepoint attempt").await;
        }
        assert_eq!(
            realized.into_iter().collect::<Vec<_>>(),
            world.expected,
            "{}",
            world.id
        );
        run(&mut estate, "rollback").await;
    }
    check_same_set(
        [SCHEMA_OWNER_CAN_REPLACE, SUPERUSER_TRAP],
        ESTATE.attempts.iter().map(|attempt| attempt.code),
    );
    check_same_set(
        [
            "directus_superuser",
            "public_of_database_owner",
            "public_of_neutral_role",
        ],
        ESTATE.worlds.iter().map(|world| world.id),
    );
    estate.stop().await;
}

#[tokio::test]
async fn create_on_public_comes_from_owning_the_database_alone_where_nobody_mended_it() {
    let mut estate = loaded(&EstateSize::ONE).await;
    let world = ESTATE
        .worlds
        .iter()
        .find(|world| world.id == "public_of_database_owner")
        .unwrap();
    run(&mut estate, "begin").await;
    run(&mut estate, world.delta).await;
    let may_create = "select has_schema_privilege('directus', 'public', 'CREATE')::integer::bigint";
    assert_eq!(number(&mut estate, may_create).await, 1);
    run(&mut estate, "alter database directus owner to object_keeper").await;
    assert_eq!(
        number(&mut estate, may_create).await,
        0,
        "moving the database moves the right"
    );
    estate.stop().await;
}

#[tokio::test]
async fn directus_still_makes_tables_where_a_neutral_role_owns_public() {
    let mut estate = loaded(&EstateSize::ONE).await;
    run(&mut estate, "begin; set local role directus").await;
    assert_eq!(
        tried(
            &mut estate,
            "create table public.made (id integer); drop table public.made"
        )
        .await,
        Ok(())
    );
    estate.stop().await;
}
