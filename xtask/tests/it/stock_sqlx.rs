//! The words that README gives to users of stock sqlx: up from both folders, and all the way back.
//!
//! Not for: what the files do (a rehearsal shows that). The one fact to know: here they are committed, one
//! transaction a file with sqlx's own row after it, on a server that dies with the test.

use crate::tidy::root;
use sqlx::migrate::Migrator;
use sqlx::{Connection as _, PgConnection};
use throwaway_postgres::{Options, default_cache_dir, start};

/// Everything of the control plane that a catalog knows: its roles and schema, and sqlx's own list.
async fn traces(connection: &mut PgConnection) -> (i64, i64, i64) {
    let plane = "select (select count(*) from pg_catalog.pg_roles where rolname like 'qt001\\_cp\\_%'),
        (select count(*) from pg_catalog.pg_class where relnamespace = pg_catalog.to_regnamespace('qt001_cp'))";
    let (roles, relations) = sqlx::query_as(plane)
        .fetch_one(&mut *connection)
        .await
        .expect("the catalog answers");
    let applied = sqlx::query_scalar("select count(*) from public._sqlx_migrations")
        .fetch_one(&mut *connection)
        .await
        .expect("the catalog answers");
    (roles, relations, applied)
}

#[tokio::test]
async fn stock_sqlx_runs_and_reverts_both_folders() {
    let committed = rehearsal::load(&root()).unwrap();
    let options = Options {
        cache_dir: default_cache_dir(),
        ..Options::default()
    };
    let server = start(&rehearsal::server_options(&options, &committed))
        .await
        .unwrap();
    let connect = server.connect_options(&committed.plan.database);
    let mut connection = PgConnection::connect_with(&connect).await.unwrap();

    // sqlx migrate run; sqlx migrate run --source seeds --ignore-missing
    let migrations = Migrator::new(root().join("migrations")).await.unwrap();
    let mut seeds = Migrator::new(root().join("seeds")).await.unwrap();
    seeds.set_ignore_missing(true);
    migrations.run(&mut connection).await.unwrap();
    seeds.run(&mut connection).await.unwrap();
    let ups = |migrator: &Migrator| {
        migrator
            .iter()
            .filter(|m| m.migration_type.is_up_migration())
            .count()
    };
    let files = i64::try_from(ups(&migrations) + ups(&seeds)).unwrap();
    let (roles, relations, applied) = traces(&mut connection).await;
    assert_eq!((roles, applied), (6, files));
    assert!(relations > 100, "only {relations} relations");

    // sqlx migrate revert --source seeds --ignore-missing --target-version 0
    seeds.undo(&mut connection, 0).await.unwrap();
    let (_, _, applied) = traces(&mut connection).await;
    assert_eq!(applied, i64::try_from(ups(&migrations)).unwrap());

    // sqlx migrate revert --target-version 0
    migrations.undo(&mut connection, 0).await.unwrap();
    assert_eq!(traces(&mut connection).await, (0, 0, 0));

    connection.close().await.unwrap();
    server.stop().await.unwrap();
}

#[tokio::test]
async fn the_second_folder_is_refused_without_ignore_missing() {
    let committed = rehearsal::load(&root()).unwrap();
    let options = Options {
        cache_dir: default_cache_dir(),
        ..Options::default()
    };
    let server = start(&rehearsal::server_options(&options, &committed))
        .await
        .unwrap();
    let mut connection = PgConnection::connect_with(&server.connect_options(&committed.plan.database))
        .await
        .unwrap();
    let migrations = Migrator::new(root().join("migrations")).await.unwrap();
    migrations.run(&mut connection).await.unwrap();
    let seeds = Migrator::new(root().join("seeds")).await.unwrap();
    let refused = seeds.run(&mut connection).await.unwrap_err();
    assert!(
        matches!(refused, sqlx::migrate::MigrateError::VersionMissing(1001)),
        "{refused}"
    );
    connection.close().await.unwrap();
    server.stop().await.unwrap();
}
