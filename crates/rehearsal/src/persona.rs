//! Personas: login roles that the harness creates in its transaction, and how a session becomes one.
//!
//! The one fact to know: contract roles come with the packages, so memberships are granted again
//! after each step.

use crate::engine::Run;
use crate::error::RehearseError;
use crate::plan::Plan;
use crate::session::{quote_ident, quote_literal};

impl Run<'_> {
    pub(crate) async fn create_personas(&mut self) -> Result<(), RehearseError> {
        let sql = create_personas_sql(&self.committed.plan);
        self.session.harness("creating personas", &sql).await?;
        self.grant_memberships().await
    }

    /// Makes each persona a member of the roles that exist by now.
    pub(crate) async fn grant_memberships(&mut self) -> Result<(), RehearseError> {
        let sql = memberships_sql(&self.committed.plan);
        self.session.harness("granting personas their roles", &sql).await
    }

    /// SQL that turns the session into `persona` until its savepoint is rolled back.
    pub(crate) fn become_persona(&self, persona: &str) -> String {
        become_persona(&self.committed.plan, persona)
    }
}

/// SQL that creates the personas' login roles.
pub fn create_personas_sql(plan: &Plan) -> String {
    let logins = plan.persona.iter().map(|p| quote_ident(&p.login));
    logins
        .map(|login| format!("create role {login} login;\n"))
        .collect::<Vec<_>>()
        .concat()
}

/// SQL that makes each persona a member of the roles that exist by now; again does no harm.
pub fn memberships_sql(plan: &Plan) -> String {
    let mut pairs = Vec::new();
    for persona in &plan.persona {
        for role in &persona.member_of {
            pairs.push(format!(
                "({}, {})",
                quote_literal(role),
                quote_literal(&persona.login)
            ));
        }
    }
    if pairs.is_empty() {
        return String::new();
    }
    format!(
        "do $grant$ declare pair record; begin \
           for pair in select r.rolname as role, m.rolname as login from (values {}) as wanted (role, login) \
             join pg_catalog.pg_roles r on r.rolname = wanted.role join pg_catalog.pg_roles m on m.rolname = wanted.login \
            where not exists (select from pg_catalog.pg_auth_members a where a.roleid = r.oid and a.member = m.oid) \
           loop execute pg_catalog.format('grant %I to %I', pair.role, pair.login); end loop; \
         end $grant$;\n",
        pairs.join(", ")
    )
}

/// SQL that drops the personas' login roles, which must own nothing.
pub fn drop_personas_sql(plan: &Plan) -> String {
    let logins = plan.persona.iter().map(|p| quote_ident(&p.login));
    logins.map(|login| format!("drop role {login};\n")).collect()
}

/// SQL that turns a session of the harness into `persona`.
pub fn become_persona(plan: &Plan, persona: &str) -> String {
    match persona {
        "harness" => String::new(),
        "owner" => format!("set local role {};\n", quote_ident(&plan.owner)),
        name => match plan.persona.iter().find(|known| known.name == name) {
            Some(known) => format!("set local session authorization {};\n", quote_ident(&known.login)),
            None => format!("set local role {};\n", quote_ident(name)),
        },
    }
}
