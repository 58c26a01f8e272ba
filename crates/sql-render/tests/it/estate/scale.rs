//! The same estate at another size.

use fix7_manifest::estate::{ESTATE, LEGACY};
use manifest_model::estate::EstateSize;
use sql_render::estate::{members, render};

use super::server::{loaded, number};

#[test]
fn rendering_is_deterministic_and_the_knobs_only_add() {
    let one = render(&ESTATE, &EstateSize::ONE);
    assert_eq!(one, render(&ESTATE, &EstateSize::ONE));
    let three = render(&ESTATE, &EstateSize::times(3));
    assert_eq!(one.len(), three.len());
    for (small, large) in one.iter().zip(&three) {
        assert_eq!(small.path, large.path);
        assert!(small.text.len() <= large.text.len(), "{}", small.path);
    }
    let is_toml = |path: &str| {
        std::path::Path::new(path)
            .extension()
            .is_some_and(|extension| extension == "toml")
    };
    for file in three.iter().filter(|file| !is_toml(&file.path)) {
        for word in file
            .text
            .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        {
            assert!(word.len() <= 63, "`{word}` in {} is cut by the server", file.path);
        }
    }
}

#[tokio::test]
async fn twice_the_size_has_every_member_and_collection_twice() {
    let size = EstateSize {
        legacy_scale: 2,
        collection_scale: 2,
        rows_per_collection: 3,
    };
    let mut estate = loaded(&size).await;
    let triggers = number(&mut estate, "select count(*) from pg_catalog.pg_trigger t where t.tgfoid = 'public.fn_birth_registry_auto()'::regprocedure").await;
    assert_eq!(triggers, 2 * 166);
    let births = number(
        &mut estate,
        "select count(*) from public.birth_registry b where b.entity_code ~ '^COL-'",
    )
    .await;
    assert_eq!(births, 2 * 166 * 3);
    let listed = members(&ESTATE, &size);
    assert_eq!(listed.len(), 2 * LEGACY.len());
    for member in &listed {
        let lookup = if member.identity.contains('(') {
            "to_regprocedure"
        } else {
            "to_regclass"
        };
        let found = format!(
            "select ({lookup}('{}') is not null)::integer::bigint",
            member.identity
        );
        assert_eq!(number(&mut estate, &found).await, 1, "{}", member.identity);
    }
    let mixed = number(
        &mut estate,
        "select count(*) from pg_catalog.pg_rewrite r join pg_catalog.pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid and d.refclassid = 'pg_class'::regclass
          where r.ev_class::regclass::text ~ '_x2$' and (d.refobjid::regclass::text ~ '^public\\.(qt001_|v_)') and d.refobjid::regclass::text !~ '_x2$'",
    )
    .await;
    assert_eq!(mixed, 0, "a copy stands on its own views");
    estate.stop().await;
}
