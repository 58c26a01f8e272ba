//! Every role of the authorization matrix, over a login of its own [ruling B16].
//!
//! A role first tries to log in as it was made. Contract roles are refused, and are then given LOGIN for as
//! long as they try the rest, for it is the role itself that is to be shown, not a member of it. The one
//! fact to know: whatever a role was given here is taken away again, and the comparison of the clusters
//! before and after would show it if not.

use crate::clone::{CommittedClone, fetch};
use crate::error::CommitError;
use rehearsal::{LoginProbes, LoginsOutcome, Status, Tried, quote_ident, quote_literal};
use sqlx::Connection as _;
use sqlx::postgres::PgConnection;

/// "Role … is not permitted to log in".
const NO_LOGIN: &str = "28000";
/// "Permission denied for database …".
const NO_PRIVILEGE: &str = "42501";
const CREATE_DATABASE: &str = "create database rehearsal_access_probe template template0";
const DROP_DATABASE: &str = "drop database rehearsal_access_probe";

/// A role that tried to log in: it may lack CONNECT.
struct Knocked<'a> {
    role: &'a str,
    connection: Option<PgConnection>,
    was_given: Vec<String>,
}

/// A role that logged in, and what it was given so that it could.
struct Login<'a> {
    role: &'a str,
    connection: PgConnection,
    was_given: Vec<String>,
}

impl CommittedClone<'_> {
    /// Tries every cell; the findings say what is not as declared.
    pub(crate) async fn log_in(&mut self) -> Result<LoginsOutcome, CommitError> {
        let committed = self.committed;
        let none = rehearsal::CommittedRun::default().logins;
        let Some(sql) = LoginProbes::make_sql(committed) else {
            return Ok(none);
        };
        let rows = self.keep("making what logins try", &sql).await?;
        let Some(mut probes) = LoginProbes::read(committed, &rows)? else {
            return Ok(none);
        };
        let roles: Vec<&str> = probes.actors().collect();
        let mut knocked = Vec::new();
        for (actor, role) in roles.into_iter().enumerate() {
            knocked.push(self.knock(&mut probes, actor, role).await?);
        }
        let mut logins = Vec::new();
        for one in knocked {
            logins.push(self.admit(one).await?);
        }
        for (actor, login) in logins.iter_mut().enumerate() {
            self.demand_itself(login).await?;
            self.attempt(&mut probes, actor, login, true).await?;
            let made = tried(fetch(&mut login.connection, CREATE_DATABASE.to_owned()).await);
            let made = made.map_err(CommitError::harness("trying to create a database"))?;
            if matches!(made, Tried::Allowed) {
                self.bare("dropping what a login created", DROP_DATABASE).await?;
            }
            probes.note_one(actor, "CREATEDB", &made);
        }
        // Who lacks USAGE on the schema would not show what else it lacks.
        let schema = quote_ident(&committed.plan.schema);
        self.keep(
            "opening the schema",
            &format!("grant usage on schema {schema} to public"),
        )
        .await?;
        for (actor, login) in logins.iter_mut().enumerate() {
            self.attempt(&mut probes, actor, login, false).await?;
        }
        self.keep(
            "closing the schema",
            &format!("revoke usage on schema {schema} from public"),
        )
        .await?;
        let roles = logins.len();
        for login in logins {
            let _ = login.connection.close().await;
            if !login.was_given.is_empty() {
                let during = format!("taking from `{}` what it was given", login.role);
                self.keep(&during, &login.was_given.join(";\n")).await?;
            }
        }
        self.keep("taking away what logins tried", &LoginProbes::drop_sql())
            .await?;
        let judged = probes.judge(None);
        let differences = judged.differences.len();
        self.findings.extend(judged.differences);
        Ok(LoginsOutcome {
            verdict: if differences == 0 {
                Status::Pass
            } else {
                Status::Fail
            },
            roles,
            cells: judged.cells,
            tried: judged.tried,
            differences,
        })
    }

    /// Tries to log `role` in as it was made, then with LOGIN; notes both.
    async fn knock<'a>(
        &mut self,
        probes: &mut LoginProbes<'_>,
        actor: usize,
        role: &'a str,
    ) -> Result<Knocked<'a>, CommitError> {
        let database = &self.committed.plan.database;
        let options = self.cluster.server().connect_options_as(database, role);
        let name = quote_ident(role);
        let mut was_given = Vec::new();
        let mut ended = throwaway_postgres::open(&options).await;
        let may_log_in = !is_refusal(&ended, NO_LOGIN);
        probes.note_one(actor, "LOGIN", &may(may_log_in));
        if !may_log_in {
            self.keep(
                &format!("giving LOGIN to `{role}`"),
                &format!("alter role {name} login"),
            )
            .await?;
            was_given.push(format!("alter role {name} nologin"));
            ended = throwaway_postgres::open(&options).await;
        }
        let may_connect = !is_refusal(&ended, NO_PRIVILEGE);
        probes.note_one(actor, "CONNECT", &may(may_connect));
        let connection = match ended {
            Ok(connection) => Some(connection),
            Err(_) if !may_connect => None,
            Err(error) => return Err(CommitError::harness(&format!("logging in as `{role}`"))(error)),
        };
        Ok(Knocked {
            role,
            connection,
            was_given,
        })
    }

    /// Lets in who lacks CONNECT. Only when all have knocked: members have what their roles are given.
    async fn admit<'a>(&mut self, knocked: Knocked<'a>) -> Result<Login<'a>, CommitError> {
        let Knocked {
            role,
            connection,
            mut was_given,
        } = knocked;
        let connection = if let Some(connection) = connection {
            connection
        } else {
            let connect = |verb: &str, preposition: &str| {
                format!(
                    "do $do$ begin execute pg_catalog.format('{verb} connect on database %I {preposition} %I', pg_catalog.current_database(), {}); end $do$",
                    quote_literal(role)
                )
            };
            self.keep(&format!("giving CONNECT to `{role}`"), &connect("grant", "to"))
                .await?;
            was_given.push(connect("revoke", "from"));
            let database = &self.committed.plan.database;
            let options = self.cluster.server().connect_options_as(database, role);
            crate::clone::connect(&options, &format!("logging in as `{role}`")).await?
        };
        Ok(Login {
            role,
            connection,
            was_given,
        })
    }

    /// A role whose settings make it somebody else at login is not what was granted to.
    async fn demand_itself(&mut self, login: &mut Login<'_>) -> Result<(), CommitError> {
        let sql = "select session_user || ' acting as ' || current_user".to_owned();
        let rows = fetch(&mut login.connection, sql)
            .await
            .map_err(CommitError::harness("asking a login who it is"))?;
        let found = crate::clone::first_text(&rows).unwrap_or_default();
        let expected = format!("{0} acting as {0}", login.role);
        if found != expected {
            let message = format!("a login of `{}`: expected {expected}, found {found}", login.role);
            self.finding("LOGIN_BECOMES_ANOTHER", None, message, vec![]);
        }
        Ok(())
    }

    async fn attempt(
        &mut self,
        probes: &mut LoginProbes<'_>,
        actor: usize,
        login: &mut Login<'_>,
        is_bare: bool,
    ) -> Result<(), CommitError> {
        // A foreign key is added by the owner of the table that refers.
        let during = format!("trying every privilege as `{}`", login.role);
        self.keep(&during, &LoginProbes::own_sql(login.role)).await?;
        let rows = fetch(&mut login.connection, LoginProbes::attempt_sql(actor, is_bare))
            .await
            .map_err(CommitError::harness(&during))?;
        Ok(probes.note(is_bare, &rows)?)
    }
}

/// Whether the server refused with `sqlstate`.
fn is_refusal<T>(ended: &Result<T, sqlx::Error>, sqlstate: &str) -> bool {
    matches!(ended, Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some(sqlstate))
}

fn may(it_may: bool) -> Tried {
    if it_may { Tried::Allowed } else { Tried::Denied }
}

/// What a statement outside any transaction came to; an error of the connection is none of it.
fn tried<T>(ended: Result<T, sqlx::Error>) -> Result<Tried, sqlx::Error> {
    match ended {
        Ok(_) => Ok(Tried::Allowed),
        Err(sqlx::Error::Database(error)) => {
            let sqlstate = error.code().unwrap_or_default().into_owned();
            Ok(match sqlstate.as_str() {
                NO_PRIVILEGE => Tried::Denied,
                _ => Tried::Refused {
                    sqlstate,
                    message: error.message().to_owned(),
                },
            })
        }
        Err(error) => Err(error),
    }
}
