//! Bad input: one clear error of the right kind, and nothing left.

use crate::toy::{FIXTURES, Toy, codes, options};
use rehearsal::{PostgresInfo, RehearseError, Target, rehearse_on, server_options};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use throwaway_postgres::Server;

async fn server(toy: &Toy) -> Server {
    let committed = toy.load().expect("the toy's server answers");
    throwaway_postgres::start(&server_options(&options(), &committed))
        .await
        .expect("the toy's server answers")
}

fn target(server: &Server) -> Target {
    let postgres = PostgresInfo {
        provider: "local".into(),
        version: server.version().into(),
        major: server.version_num() / 10_000,
        reason: server.reason().into(),
        build: String::new(),
    };
    Target {
        options: server.connect_options("toy"),
        postgres,
    }
}

async fn execute(server: &Server, sql: &str) {
    let mut conn = PgConnection::connect_with(&server.connect_options("toy"))
        .await
        .expect("the toy's server answers");
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(&mut conn)
        .await
        .expect("the toy's server answers");
}

#[test]
fn a_tampered_migration_is_named_with_both_digests() {
    let toy = Toy::new().seal();
    toy.write("migrations/02001_tables.up.sql", "select 1;");
    let error = toy.load().unwrap_err();
    assert!(!error.is_environment());
    let text = error.to_string();
    assert!(text.contains("migrations/02001_tables.up.sql"), "{text}");
    assert_eq!(
        text.split(|c: char| !c.is_ascii_hexdigit())
            .filter(|word| word.len() == 64)
            .count(),
        2,
        "{text}"
    );
}

#[test]
fn a_missing_file_is_named() {
    let toy = Toy::new().seal();
    std::fs::remove_file(toy.path("seeds/04001_book.down.sql")).unwrap();
    assert!(
        toy.load()
            .unwrap_err()
            .to_string()
            .contains("seeds/04001_book.down.sql")
    );
}

#[test]
fn a_plan_with_an_unknown_key_is_refused() {
    let toy = Toy::new()
        .edit("plan.toml", "owner =", "owmer = \"x\"\nowner =")
        .seal();
    assert!(toy.load().unwrap_err().to_string().contains("owmer"));
}

#[test]
fn a_world_whose_delta_has_no_digest_is_refused() {
    let toy = Toy::new()
        .edit(
            "estate/worlds/worlds.toml",
            "delta_sha256 = \"@estate/worlds/open.sql\"",
            "",
        )
        .seal();
    let text = toy.load().unwrap_err().to_string();
    assert!(text.contains("`open`") && text.contains("delta_sha256"), "{text}");
}

#[test]
fn a_tampered_delta_of_a_world_is_named() {
    let toy = Toy::new().seal();
    toy.write("estate/worlds/open.sql", "select 1;");
    let text = toy.load().unwrap_err().to_string();
    assert!(text.contains("estate/worlds/open.sql"), "{text}");
}

#[test]
fn an_act_of_probes_without_their_names_is_refused() {
    let toy = Toy::new()
        .edit("steps/05_exact_set.toml", "expects = [\"pages\"]\n", "")
        .seal();
    let text = toy.load().unwrap_err().to_string();
    assert!(text.contains("`expects`") && text.contains("S05"), "{text}");
}

#[tokio::test]
async fn a_role_that_exists_already_is_refused_before_anything_runs() {
    let toy = Toy::new().seal();
    let server = server(&toy).await;
    execute(&server, "create role tiny_owner").await;
    let error = rehearse_on(&target(&server), &toy.load().unwrap(), FIXTURES, &[], &mut ())
        .await
        .unwrap_err();
    assert!(
        matches!(&error, RehearseError::RoleExists { role } if role == "tiny_owner"),
        "{error}"
    );
    assert!(error.is_environment());
    server.stop().await.unwrap();
}

#[tokio::test]
async fn an_unsupported_major_is_refused() {
    let toy = Toy::new().seal();
    let server = server(&toy).await;
    for (major, refused) in [(14, true), (15, false), (18, false), (19, true)] {
        let mut target = target(&server);
        target.postgres.major = major;
        let result = rehearse_on(&target, &toy.load().unwrap(), FIXTURES, &[], &mut ()).await;
        assert_eq!(
            matches!(result, Err(RehearseError::UnsupportedMajor { found }) if found == major),
            refused,
            "{major}"
        );
    }
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_second_rehearsal_in_the_same_database_is_refused_and_the_first_goes_on() {
    let toy = Toy::new().seal();
    let server = server(&toy).await;
    let mut first = PgConnection::connect_with(&server.connect_options("toy"))
        .await
        .unwrap();
    sqlx::raw_sql("begin; select pg_advisory_xact_lock(hashtextextended('rehearsal', 0))")
        .execute(&mut first)
        .await
        .unwrap();
    let error = rehearse_on(&target(&server), &toy.load().unwrap(), FIXTURES, &[], &mut ())
        .await
        .unwrap_err();
    assert!(matches!(error, RehearseError::AnotherRehearsal { .. }), "{error}");
    first.close().await.unwrap();
    server.stop().await.unwrap();
}

#[tokio::test]
async fn two_rehearsals_at_once_on_servers_of_their_own_both_pass() {
    let (one, two) = tokio::join!(Toy::new().rehearse(), Toy::new().rehearse());
    assert_eq!(codes(&one.unwrap()), [""; 0]);
    assert_eq!(codes(&two.unwrap()), [""; 0]);
}

#[tokio::test]
async fn a_connection_lost_in_the_middle_is_said_and_leaves_nothing() {
    let kill = "create or replace function pg_temp.nothing() returns void language sql as ''; \
                select pg_terminate_backend(pg_backend_pid())";
    let toy = Toy::new()
        .edit(
            "seeds/04001_book.up.sql",
            "insert into tiny_cp.book (id) values (1);",
            &format!("{kill};"),
        )
        .edit("seeds/04001_book.up.sql", "set local role tiny_owner;", "")
        .seal();
    let server = server(&toy).await;
    let error = rehearse_on(&target(&server), &toy.load().unwrap(), FIXTURES, &[], &mut ())
        .await
        .unwrap_err();
    assert!(
        matches!(&error, RehearseError::ConnectionLost { during, .. } if during.contains("04001_book")),
        "{error}"
    );
    assert!(error.is_environment());
    let mut conn = PgConnection::connect_with(&server.connect_options("toy"))
        .await
        .unwrap();
    let left = sqlx::raw_sql("select from pg_roles where rolname like 'tiny%' or rolname like 'rehearsal%'")
        .fetch_all(&mut conn)
        .await
        .unwrap();
    assert!(left.is_empty());
    server.stop().await.unwrap();
}
