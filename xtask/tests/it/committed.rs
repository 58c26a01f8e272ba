//! The committed plan, really committed: on the reference estate, with its rows and with others at work.
//!
//! Not for: what a fault looks like; that is tried on the toy, in `committed-clone`. The one fact to know:
//! whoever writes or reads here beside the packages has a time limit for locks, so that waiting shows.

use crate::majors::committed_for;
use crate::tidy::root;
use committed_clone::CommittedClone;
use rehearsal::{Committed, Status, server_options};
use sqlx::{AssertSqlSafe, ConnectOptions as _, PgConnection, Row as _};
use std::cell::Cell;
use std::collections::BTreeSet;
use throwaway_postgres::{Options, Server};

/// A server with the estate, and what is rehearsed on its major.
pub(crate) async fn estate() -> (Server, Committed) {
    let committed = rehearsal::load(&root()).unwrap();
    let options = server_options(&Options::for_tests(), &committed);
    let server = throwaway_postgres::start(&options).await.unwrap();
    let committed = committed_for(&server, &root(), committed).await.unwrap();
    (server, committed)
}

#[tokio::test]
async fn the_packages_are_committed_logged_in_to_and_taken_back() {
    let (server, committed) = estate().await;
    let (run, findings) = committed_clone::run(server.disposable().unwrap(), &committed, None, &mut ())
        .await
        .unwrap();
    server.stop().await.unwrap();
    assert!(findings.is_empty(), "{findings:#?}");
    let files: usize = committed.packages.iter().map(|package| package.files.len()).sum();
    assert_eq!((run.verdict, run.files), (Status::Pass, 2 * files));
    assert_eq!(run.xid_status, "committed");
    assert_eq!(run.before, run.after_way_back);
    assert_ne!(run.before, run.applied);
    let roles = committed.access.as_ref().unwrap().roles.len();
    assert_eq!((run.logins.roles, run.logins.differences), (roles, 0));
    assert!(run.logins.tried > run.logins.cells * 4 / 5, "{:?}", run.logins);
}

/// Somebody who brings entities into the world while the packages are applied.
struct Writer {
    connection: PgConnection,
    born: usize,
    /// SQLSTATEs of what did not go.
    refused: BTreeSet<String>,
}

impl Writer {
    async fn log_in(server: &Server, committed: &Committed) -> Self {
        let role = "directus";
        let options = server.connect_options_as(&committed.plan.database, role);
        let mut connection = options.connect().await.unwrap();
        execute(&mut connection, "set lock_timeout = '250ms'")
            .await
            .unwrap();
        Self {
            connection,
            born: 0,
            refused: BTreeSet::new(),
        }
    }

    async fn write(&mut self) {
        let sql = format!(
            "insert into public.tasks (code) values ('MEANWHILE-{}')",
            self.born
        );
        match execute(&mut self.connection, &sql).await {
            Ok(()) => self.born += 1,
            Err(sqlx::Error::Database(error)) => {
                self.refused.insert(error.code().unwrap_or_default().into_owned());
            }
            Err(error) => panic!("{error}"),
        }
    }
}

async fn execute(connection: &mut PgConnection, sql: &str) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(connection)
        .await
        .map(drop)
}

#[tokio::test]
async fn births_and_readers_go_on_while_the_packages_are_committed_and_taken_back() {
    let (server, committed) = estate().await;
    let mut writer = Writer::log_in(&server, &committed).await;
    // Somebody's report, which is not finished before the packages are gone again.
    let mut reader = server
        .connect_options(&committed.plan.database)
        .connect()
        .await
        .unwrap();
    let read = "begin; select count(*) from public.birth_registry; select count(*) from public.tasks";
    execute(&mut reader, read).await.unwrap();

    let mut clone = CommittedClone::open(server.disposable().unwrap(), &committed)
        .await
        .unwrap();
    let done = Cell::new(false);
    let packages = async {
        let up = clone.apply().await.unwrap();
        let back = clone.take_back().await.unwrap();
        done.set(true);
        (up, back)
    };
    let births = async {
        while !done.get() {
            writer.write().await;
        }
    };
    let (ways, ()) = tokio::join!(packages, births);
    assert_eq!(ways, (true, true), "{:#?}", clone.findings());
    assert_eq!(writer.refused, BTreeSet::new());
    let files: usize = committed.packages.iter().map(|package| package.files.len()).sum();
    assert!(writer.born > files, "{} births beside {files} files", writer.born);
    let registered =
        "select count(*) from public.birth_registry where starts_with(entity_code, 'MEANWHILE-')";
    let row = sqlx::raw_sql(registered)
        .fetch_one(&mut writer.connection)
        .await
        .unwrap();
    assert_eq!(
        usize::try_from(row.get_unchecked::<i64, _>(0)).unwrap(),
        writer.born
    );
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_package_that_locks_the_estate_is_noticed_by_whoever_writes_there() {
    let (server, mut committed) = estate().await;
    let mut writer = Writer::log_in(&server, &committed).await;
    // The package holds its lock until the writer has seen it: the writer has what the package waits for.
    execute(&mut writer.connection, "select pg_advisory_lock(7)")
        .await
        .unwrap();
    let file = &mut committed.packages[0].files[0];
    file.up = format!(
        "lock table public.birth_registry in exclusive mode; select pg_advisory_xact_lock(7);\n{}",
        file.up
    );
    let mut clone = CommittedClone::open(server.disposable().unwrap(), &committed)
        .await
        .unwrap();
    let births = async {
        while writer.refused.is_empty() {
            writer.write().await;
        }
        execute(&mut writer.connection, "select pg_advisory_unlock(7)")
            .await
            .unwrap();
    };
    let (up, ()) = tokio::join!(clone.apply(), births);
    assert!(up.unwrap(), "{:#?}", clone.findings());
    assert_eq!(writer.refused, BTreeSet::from(["55P03".to_owned()]));
    server.stop().await.unwrap();
}
