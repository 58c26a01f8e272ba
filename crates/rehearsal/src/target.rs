//! Where a rehearsal takes place, and what would make two of them meet there.

use crate::engine::Run;
use crate::error::RehearseError;
use crate::outcome::PostgresInfo;
use crate::session::quote_literal;
use sqlx::postgres::PgConnectOptions;
use throwaway_postgres::Server;

/// Where the rehearsal takes place.
#[derive(Clone, Debug)]
pub struct Target {
    /// Connects to the plan's database as the harness superuser.
    pub options: PgConnectOptions,
    /// What the outcome says of the server.
    pub postgres: PostgresInfo,
}

impl Target {
    /// `database` of a server that was started for the rehearsal.
    pub fn of(server: &Server, database: &str) -> Self {
        Self {
            options: server.connect_options(database),
            postgres: PostgresInfo {
                provider: server.provider().to_owned(),
                version: server.version().to_owned(),
                major: server.version_num() / 10_000,
                reason: server.reason().to_owned(),
                build: String::new(),
            },
        }
    }
}

impl Run<'_> {
    /// Refuses a target where a role is taken, or somebody else rehearses.
    pub(crate) async fn demand_free_target(&mut self) -> Result<(), RehearseError> {
        let plan = &self.committed.plan;
        let lock =
            "select pg_catalog.pg_try_advisory_xact_lock(pg_catalog.hashtextextended('rehearsal', 0))::text";
        if self
            .session
            .texts("taking the rehearsal's lock", lock)
            .await?
            .pop()
            .flatten()
            .as_deref()
            != Some("true")
        {
            return Err(RehearseError::AnotherRehearsal {
                database: plan.database.clone(),
            });
        }
        let logins = plan.persona.iter().map(|persona| &persona.login);
        let wanted = plan
            .creates_roles
            .iter()
            .chain(logins)
            .map(|role| quote_literal(role))
            .collect::<Vec<_>>();
        if wanted.is_empty() {
            return Ok(());
        }
        let sql = format!(
            "select rolname::text from pg_catalog.pg_roles where rolname in ({}) order by 1",
            wanted.join(", ")
        );
        match self
            .session
            .texts("looking for roles", &sql)
            .await?
            .into_iter()
            .flatten()
            .next()
        {
            Some(role) => Err(RehearseError::RoleExists { role }),
            None => Ok(()),
        }
    }
}
