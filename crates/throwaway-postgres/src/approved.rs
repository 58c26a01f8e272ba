//! A server that somebody else runs, and that a person approved as a target.
//!
//! Not here: durability or settings of that server; they are its owner's. The fact
//! to know: all that we make there carries a comment that names an advisory lock,
//! held by one idle session of ours; whoever finds the lock free finds leftovers.

use std::str::FromStr as _;

use footprint::Whose;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Row as _};

use crate::connect::{close, quote_identifier, refused};
use crate::{Options, StartError, StopError, Template, connect, door};

/// Comments on our databases and roles are this and the number of the lock.
const MARK: &str = "throwaway-postgres, owner holds advisory lock ";

/// What we made on an approved server. Dropping it takes it away, as
/// [`Approved::stop`] does, which can also tell what went wrong.
pub(crate) struct Approved {
    connect: PgConnectOptions,
    // Gone once everything is dropped.
    owner: Option<PgConnection>,
    lock: i64,
    /// Logical and actual name of the database that we made.
    database: Option<(String, String)>,
}

impl std::fmt::Debug for Approved {
    /// Not the connection: sqlx prints its password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Approved")
            .field("lock", &self.lock)
            .finish_non_exhaustive()
    }
}

impl Approved {
    /// Checks the approval, sweeps, and runs the template in databases of its own.
    pub(crate) async fn start(url: &str, options: &Options) -> Result<Self, StartError> {
        connect::check_environment(&["PGSSLROOTCERT", "PGSSLCERT", "PGSSLKEY"])?;
        let connect = parse(url)?;
        let mut owner = door::open(&connect)
            .await
            .map_err(StartError::query("connect to the approved server"))?;
        check(&mut owner, options.approve_target.as_deref()).await?;
        demand_alone(&mut owner).await?;
        sweep(&mut owner)
            .await
            .map_err(StartError::query("sweep the approved server"))?;
        let lock = take_lock(&mut owner)
            .await
            .map_err(StartError::query("take the owner's lock"))?;
        let mut this = Self {
            connect,
            owner: Some(owner),
            lock,
            database: None,
        };
        let made = match &options.template {
            Some(template) => this.run_template(template).await,
            None => Ok(()),
        };
        match made {
            Ok(()) => Ok(this),
            Err(error) => {
                // The failure is the answer; what can't be dropped now, the next start sweeps.
                let _ = this.stop().await;
                Err(error)
            }
        }
    }

    /// Connections to `database`; the template's own goes by another name here.
    pub(crate) fn superuser(&self, database: &str) -> PgConnectOptions {
        let actual = match &self.database {
            Some((logical, actual)) if logical == database => actual,
            _ => database,
        };
        self.connect.clone().database(actual)
    }

    pub(crate) async fn stop(mut self) -> Result<(), StopError> {
        let Some(owner) = &mut self.owner else {
            return Ok(());
        };
        let dropped = drop_marked(owner, self.lock).await;
        // Taken only now: if a signal cancels us before, the drop finds it and cleans up.
        if let Some(owner) = self.owner.take() {
            close(owner).await;
        }
        dropped.map_err(|source| StopError::Approved { source })
    }

    async fn run_template(&mut self, template: &Template) -> Result<(), StartError> {
        if let Some(database) = template.own_database() {
            self.create_database(database)
                .await
                .map_err(StartError::query("create the template's database"))?;
        }
        for script in &template.scripts {
            let options = self.superuser(template.database_of(script));
            let mut connection = door::open(&options)
                .await
                .map_err(StartError::query("connect to the approved server"))?;
            let ran = run_marked(&mut connection, &script.sql, &self.mark()).await;
            close(connection).await;
            ran.map_err(|error| refused(&script.name, &error))?;
        }
        Ok(())
    }

    /// `create database` runs in no transaction, so it can't be marked in one step: it
    /// gets an owner that is marked already.
    async fn create_database(&mut self, logical: &str) -> Result<(), sqlx::Error> {
        let mut stem = logical.to_owned();
        while stem.len() > 40 {
            stem.pop();
        }
        let actual = format!("{stem}_throwaway_{}", self.lock);
        let (name, mark) = (quote_identifier(&actual), self.mark());
        let role = format!("throwaway_{}", self.lock);
        let Some(owner) = &mut self.owner else {
            return Ok(());
        };
        run_marked(owner, &format!("create role {role}"), &mark).await?;
        for sql in [
            format!("create database {name} owner {role} template template0"),
            format!("comment on database {name} is '{mark}'"),
        ] {
            execute(owner, sql).await?;
        }
        self.database = Some((logical.to_owned(), actual));
        Ok(())
    }

    fn mark(&self) -> String {
        format!("{MARK}{}", self.lock)
    }
}

/// How often a clean-up is tried.
const CLEAN_ATTEMPTS_MAX: u32 = 3;

impl Drop for Approved {
    /// Cancelled, by a signal perhaps: a drop can't wait for our runtime, so another does it.
    fn drop(&mut self) {
        let Some(owner) = self.owner.take() else {
            return;
        };
        let (connect, lock) = (self.connect.clone(), self.lock);
        let cleaner = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            runtime.block_on(async {
                let clean = async || {
                    let mut connection = door::open(&connect).await?;
                    drop_marked(&mut connection, lock).await?;
                    close(connection).await;
                    Ok::<_, sqlx::Error>(())
                };
                // A busy server may still be ending the sessions that we left behind.
                let mut left = clean().await;
                for _ in 1..CLEAN_ATTEMPTS_MAX {
                    if left.is_ok() {
                        break;
                    }
                    left = clean().await;
                }
                left
            })
        });
        // A drop has no other way to say it; what it can't drop, the next start sweeps.
        match cleaner.join() {
            Ok(Ok(())) => {}
            Ok(Err(error)) => eprintln!(
                "warning: not everything made on the approved server was dropped: {error}; the next start there sweeps it"
            ),
            Err(_) => eprintln!(
                "warning: nothing made on the approved server was dropped; the next start there sweeps it"
            ),
        }
        drop(owner);
    }
}

fn parse(url: &str) -> Result<PgConnectOptions, StartError> {
    // sqlx starts from the environment: everything that a URL may leave out is set first.
    let given = PgConnectOptions::from_str(url).map_err(|error| StartError::Url {
        why: error.to_string(),
    })?;
    let parsed = url::Parts::new(url);
    // Advisory locks are of one database: all owners meet in the same.
    let mut options = given.application_name("throwaway-postgres").database("postgres");
    if !parsed.has_host {
        return Err(StartError::Url {
            why: "it names no host".to_owned(),
        });
    }
    if !parsed.has_user {
        return Err(StartError::Url {
            why: "it names no user".to_owned(),
        });
    }
    if !parsed.has_port {
        options = options.port(5432);
    }
    if !parsed.has_password {
        options = options.password("");
    }
    if !parsed.has_ssl_mode {
        options = options.ssl_mode(sqlx::postgres::PgSslMode::Prefer);
    }
    Ok(door::claim(options.disable_statement_logging(), Whose::Approved))
}

/// Which parts a URL spells out; sqlx does not say where a value came from.
mod url {
    #[expect(clippy::struct_excessive_bools, reason = "independent facts")]
    pub(super) struct Parts {
        pub(super) has_host: bool,
        pub(super) has_user: bool,
        pub(super) has_port: bool,
        pub(super) has_password: bool,
        pub(super) has_ssl_mode: bool,
    }

    impl Parts {
        pub(super) fn new(url: &str) -> Self {
            let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
            let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
            let authority = rest.split('/').next().unwrap_or(rest);
            let (login, address) = authority.rsplit_once('@').unwrap_or(("", authority));
            let port = address.rsplit_once(':').map_or("", |(_, port)| port);
            let in_query = |names: &[&str]| {
                query
                    .split('&')
                    .any(|pair| names.contains(&pair.split('=').next().unwrap_or("")))
            };
            let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
            let (user, password) = login.split_once(':').unwrap_or((login, ""));
            Self {
                has_host: !address.is_empty() && !address.starts_with(':') || in_query(&["host", "hostaddr"]),
                has_user: !user.is_empty() || in_query(&["user"]),
                has_port: is_number(port) || in_query(&["port"]),
                has_password: !password.is_empty() || in_query(&["password"]),
                has_ssl_mode: in_query(&["sslmode", "ssl-mode"]),
            }
        }
    }
}

async fn check(connection: &mut PgConnection, approved: Option<&str>) -> Result<(), StartError> {
    let found: String =
        sqlx::query_scalar("select c.system_identifier::text from pg_catalog.pg_control_system() c")
            .fetch_one(connection)
            .await
            .map_err(StartError::query("read the server's system identifier"))?;
    if approved == Some(&*found) {
        return Ok(());
    }
    Err(StartError::NotApproved {
        found,
        approved: match approved {
            None => "nothing".to_owned(),
            // Whatever else it is, it may be a password in the wrong place.
            Some(approved) if !approved.bytes().all(|byte| byte.is_ascii_digit()) => {
                "what is no system identifier".to_owned()
            }
            Some(approved) => format!("`{approved}`"),
        },
    })
}

/// One owner at a time: roles and databases are the cluster's, so another's would be seen by every
/// comparison of it. The wait is for the session of one that has just ended.
async fn demand_alone(owner: &mut PgConnection) -> Result<(), StartError> {
    let sql = "set lock_timeout = '2s'; \
               select pg_catalog.pg_advisory_lock(pg_catalog.hashtextextended('throwaway-postgres', 0)); \
               reset lock_timeout";
    execute(owner, sql.to_owned()).await.map_err(|error| {
        let code = error
            .as_database_error()
            .and_then(sqlx::error::DatabaseError::code);
        if code.as_deref() == Some("55P03") {
            StartError::Busy
        } else {
            StartError::query("take the server's lock")(error)
        }
    })
}

/// A random number that no living owner uses, locked for as long as the session lives.
async fn take_lock(owner: &mut PgConnection) -> Result<i64, sqlx::Error> {
    loop {
        let row = sqlx::query(
            "select r.lock, pg_catalog.pg_try_advisory_lock(r.lock) \
             from (select (pg_catalog.random() * 1e15)::bigint as lock) r",
        )
        .fetch_one(&mut *owner)
        .await?;
        if row.get(1) {
            return Ok(row.get(0));
        }
    }
}

/// Runs a script and marks the roles that it creates, both or neither.
async fn run_marked(connection: &mut PgConnection, sql: &str, mark: &str) -> Result<(), sqlx::Error> {
    execute(connection, "begin".to_owned()).await?;
    let before: Vec<String> = roles(connection).await?;
    execute(connection, sql.to_owned()).await?;
    for role in roles(connection).await? {
        if !before.contains(&role) {
            let role = quote_identifier(&role);
            execute(connection, format!("comment on role {role} is '{mark}'")).await?;
        }
    }
    execute(connection, "commit".to_owned()).await
}

async fn roles(connection: &mut PgConnection) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar("select r.rolname::text from pg_catalog.pg_roles r order by 1")
        .fetch_all(connection)
        .await
}

/// Drops what owners left whose session is gone.
async fn sweep(owner: &mut PgConnection) -> Result<(), sqlx::Error> {
    let locks: Vec<i64> = sqlx::query_scalar(
        "select distinct pg_catalog.substr(s.description, pg_catalog.length($1) + 1)::bigint \
         from pg_catalog.pg_shdescription s \
         where pg_catalog.starts_with(s.description, $1) order by 1",
    )
    .bind(MARK)
    .fetch_all(&mut *owner)
    .await?;
    for lock in locks {
        let free: bool = sqlx::query_scalar("select pg_catalog.pg_try_advisory_lock($1)")
            .bind(lock)
            .fetch_one(&mut *owner)
            .await?;
        if free {
            drop_marked(owner, lock).await?;
            sqlx::query("select pg_catalog.pg_advisory_unlock($1)")
                .bind(lock)
                .execute(&mut *owner)
                .await?;
        }
    }
    Ok(())
}

/// Drops the databases, then the roles, that carry the mark of `lock`.
async fn drop_marked(owner: &mut PgConnection, lock: i64) -> Result<(), sqlx::Error> {
    let databases: Vec<String> = sqlx::query_scalar(
        "select d.datname::text from pg_catalog.pg_database d \
         where $1 in (pg_catalog.shobj_description(d.oid, 'pg_database'), \
                      pg_catalog.shobj_description(d.datdba, 'pg_authid')) order by 1",
    )
    .bind(format!("{MARK}{lock}"))
    .fetch_all(&mut *owner)
    .await?;
    for database in databases {
        let database = quote_identifier(&database);
        execute(owner, format!("drop database if exists {database} with (force)")).await?;
    }
    let roles: Vec<String> = sqlx::query_scalar(
        "select r.rolname::text from pg_catalog.pg_roles r \
         where pg_catalog.shobj_description(r.oid, 'pg_authid') = $1 order by 1",
    )
    .bind(format!("{MARK}{lock}"))
    .fetch_all(&mut *owner)
    .await?;
    if roles.is_empty() {
        return Ok(());
    }
    let list: Vec<String> = roles.iter().map(|role| quote_identifier(role)).collect();
    let list = list.join(", ");
    // Cluster scripts run in `postgres`: what the roles own or were granted there goes first.
    execute(owner, format!("drop owned by {list}")).await?;
    execute(owner, format!("drop role if exists {list}")).await
}

async fn execute(connection: &mut PgConnection, sql: String) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await?;
    Ok(())
}
