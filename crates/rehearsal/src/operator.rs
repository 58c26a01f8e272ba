//! The packages once more, applied by an operator who is no superuser [ruling A17].
//!
//! A DBA's script makes roles and memberships before, another takes the memberships away after; files
//! whose objects the first one makes are not run again. Not for: real logins, which only a committed run
//! has. The one fact to know: the state must be the superuser's, once the operator's login is dropped.

use crate::engine::Run;
use crate::error::RehearseError;
use crate::outcome::AppliedAs;
use crate::plan::{LoadedOperator, LoadedPackage};
use crate::session::{quote_ident, quote_literal};

const BACK: &str = "set local session authorization default";

impl Run<'_> {
    /// Applies `packages` as the operator; `false` if something was refused.
    pub(crate) async fn apply_as_operator(
        &mut self,
        operator: &LoadedOperator,
        packages: &[&LoadedPackage],
    ) -> Result<bool, RehearseError> {
        let login = operator.operator.login.as_str();
        self.session
            .harness(
                "making the operator's login",
                &format!("create role {} login noinherit", quote_ident(login)),
            )
            .await?;
        if !self
            .script(&operator.operator.before.path, &operator.before)
            .await?
        {
            return Ok(false);
        }
        let superuser = self.demand_plain_login(login).await?;
        self.keep("the operator's roles").await?;
        let mut files = 0;
        for package in packages {
            for step in &package.package.steps {
                let made = |name: &String| operator.operator.made_before.contains(name);
                let later = package
                    .files
                    .iter()
                    .filter(|file| &file.step == step && !made(&file.name));
                for file in later {
                    let what = format!("`{}` as `{login}`", file.up_path);
                    let sql = format!(
                        "set local session authorization {};\n{}\n;{BACK}",
                        quote_ident(login),
                        file.up
                    );
                    if !self.refused_nothing(&package.package.id, &what, sql).await? {
                        return Ok(false);
                    }
                    files += 1;
                }
                if !self.flush(&package.package.id, step).await? {
                    return Ok(false);
                }
                self.grant_memberships().await?;
                self.keep(step).await?;
            }
        }
        if !self
            .script(&operator.operator.after.path, &operator.after)
            .await?
        {
            return Ok(false);
        }
        self.outcome.applied_as.push(AppliedAs {
            login: login.to_owned(),
            superuser,
            files,
        });
        let dropped = self.drop_login(login).await?;
        self.keep("dropping the operator's login").await?;
        Ok(dropped)
    }

    /// A script of the DBA, as the harness.
    async fn script(&mut self, path: &str, sql: &str) -> Result<bool, RehearseError> {
        let package = self
            .committed
            .packages
            .first()
            .map(|package| package.package.id.clone());
        self.refused_nothing(&package.unwrap_or_default(), &format!("`{path}`"), sql.to_owned())
            .await
    }

    /// An operator who may do more than the DBA's script gives would prove nothing; whether it is a superuser.
    async fn demand_plain_login(&mut self, login: &str) -> Result<bool, RehearseError> {
        let sql = format!(
            "select a.name from pg_catalog.pg_roles r cross join lateral (values ('superuser', r.rolsuper), ('createrole', r.rolcreaterole), \
             ('createdb', r.rolcreatedb), ('replication', r.rolreplication), ('bypassrls', r.rolbypassrls), ('inherit', r.rolinherit)) a (name, has) \
             where r.rolname = {0} and a.has union all \
             select 'member of ' || g.rolname from pg_catalog.pg_auth_members m join pg_catalog.pg_roles g on g.oid = m.roleid \
               join pg_catalog.pg_roles r on r.oid = m.member where r.rolname = {0} and g.rolname <> {1}",
            quote_literal(login),
            quote_literal(&self.committed.plan.owner)
        );
        let answers = self
            .session
            .texts("reading what the operator may do", &sql)
            .await?;
        let more: Vec<String> = answers.into_iter().flatten().collect();
        let superuser = more.iter().any(|attribute| attribute == "superuser");
        if !more.is_empty() {
            let message =
                format!("`{login}` must be a plain login while it applies the packages, and is more");
            self.finding("OPERATOR_IS_PRIVILEGED", None, message, more);
        }
        Ok(superuser)
    }

    /// What the last script forgot would stay with the operator: the server says so when the login goes.
    async fn drop_login(&mut self, login: &str) -> Result<bool, RehearseError> {
        let during = "dropping the operator's login";
        let sql = format!(
            "select 'member of ' || g.rolname from pg_catalog.pg_auth_members m join pg_catalog.pg_roles g on g.oid = m.roleid \
             where m.member = (select r.oid from pg_catalog.pg_roles r where r.rolname = {})",
            quote_literal(login)
        );
        let mut kept: Vec<String> = self
            .session
            .texts(during, &sql)
            .await?
            .into_iter()
            .flatten()
            .collect();
        let savepoint = self.session.savepoint().await?;
        let batch = self
            .session
            .batch(during, format!("drop role {}", quote_ident(login)))
            .await?;
        batch.demand_transaction(during)?;
        let Some(error) = batch.error else {
            self.session.keep(savepoint, during).await?;
            if !kept.is_empty() {
                self.keeps_rights(login, kept);
            }
            return Ok(true);
        };
        self.session.undo(savepoint, during).await?;
        kept.extend(
            error
                .detail()
                .unwrap_or(error.message())
                .lines()
                .map(str::to_owned),
        );
        self.keeps_rights(login, kept);
        Ok(false)
    }

    fn keeps_rights(&mut self, login: &str, kept: Vec<String>) {
        let message =
            format!("`{login}` must hold nothing once the packages are applied, and keeps something");
        self.finding("OPERATOR_KEEPS_RIGHTS", None, message, kept);
    }
}
