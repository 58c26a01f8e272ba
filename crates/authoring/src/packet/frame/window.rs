//! What a DBA runs before and after the window in which an operator may become other roles.
//!
//! Not for: what the login may do by itself. The one fact to know: whatever the first script gives the second takes,
//! and a login that would hold any of it without becoming the role is refused [ruling A17].

use super::super::common;
use super::super::sql::{array, block, ident, literal};
use super::Frame;
use std::collections::BTreeSet;

impl Frame<'_> {
    /// What a DBA runs before the window.
    pub(crate) fn dba_before(&self, head: &str) -> String {
        let reader = ident(self.window.reader);
        format!(
            "-- {head}
-- Run by a DBA before {package}, and undone by dba_after.sql: what lets {operator} become the roles that own what the
-- packet changes, and hold none of their rights before. Until PostgreSQL 15 that takes a login that is NOINHERIT.

{may}
{alone}
create role {reader} nologin;
{signed}grant {reads} to {reader};
{mover}
{grants}",
            package = self.packet.package,
            operator = self.operator,
            may = self.dba_may(),
            alone = common::demand_no_window(self.window),
            signed = common::sign_window(self.window, self.packet.package),
            mover = self.mover_comes(),
            reads = self.window.reads_by.iter().map(|role| ident(role)).collect::<Vec<_>>().join(", "),
            grants = block(
                "window",
                &format!(
                    "declare
  v_role text;
begin
{noinherit}
  foreach v_role in array {roles} loop
    if not exists (select from pg_catalog.pg_auth_members as a
      where a.roleid = pg_catalog.to_regrole(pg_catalog.quote_ident(v_role)) and a.member = pg_catalog.to_regrole(pg_catalog.quote_ident({operator}))) then
      execute pg_catalog.format(case when pg_catalog.current_setting('server_version_num')::integer < 160000
        then 'grant %I to %I' else 'grant %I to %I with inherit false, set true' end, v_role, {operator});
    end if;
  end loop;
end",
                    operator = literal(&self.operator),
                    noinherit = common::demand_noinherit(&self.operator),
                    roles = array(&self.window_roles()),
                ),
            ),
        )
    }

    /// Whoever runs it may give all of it.
    fn dba_may(&self) -> String {
        let made: Vec<&str> = std::iter::once(self.window.reader)
            .chain(self.mover.as_ref().map(|mover| mover.role.as_str()))
            .collect();
        let given = self.window_roles().into_iter();
        let given = given.chain(self.window.reads_by.iter().map(|role| (*role).to_owned()));
        let members = self.mover.iter().flat_map(|mover| mover.member_of.clone());
        let roles: BTreeSet<String> = given
            .chain(members)
            .filter(|role| !made.contains(&role.as_str()))
            .collect();
        let schemas = self.mover.iter().flat_map(|mover| &mover.creates_in);
        let more: String = schemas
            .map(|schema| {
                format!(
                    "
      union all
      select me.rolname || ' may not give CREATE on schema ' || {name} where not pg_catalog.has_schema_privilege(me.oid, {name}, 'CREATE WITH GRANT OPTION')",
                    name = literal(schema)
                )
            })
            .collect();
        common::demand_dba(&Vec::from_iter(roles), &more)
    }

    /// The role that holds what others hold: an owner moves only by somebody who is both.
    fn mover_comes(&self) -> String {
        let Some(mover) = &self.mover else {
            return String::new();
        };
        let role = ident(&mover.role);
        let of: Vec<String> = mover.member_of.iter().map(|role| ident(role)).collect();
        let mut sql = format!(
            "\n-- An owner is changed by somebody who holds what both owners hold.\ncreate role {role} nologin inherit;\ngrant {} to {role};\n",
            of.join(", ")
        );
        for schema in &mover.creates_in {
            sql.push_str(&format!(
                "grant create on schema {} to {role} with grant option;\n",
                ident(schema)
            ));
        }
        sql
    }

    fn mover_goes(&self) -> String {
        let Some(mover) = &self.mover else {
            return String::new();
        };
        let schemas = mover.creates_in.iter();
        let revokes: Vec<String> = schemas
            .map(|schema| {
                format!(
                    "    revoke create on schema {} from {};\n",
                    ident(schema),
                    ident(&mover.role)
                )
            })
            .collect();
        common::drop_role("mover", &mover.role, &revokes.concat())
    }

    /// Roles that the window alone gives; the one that may supersede is the operator's own.
    fn window_roles(&self) -> Vec<String> {
        let mut roles = self.acted();
        roles.push(self.window.reader.to_owned());
        roles
    }

    /// What a DBA runs after the window; once more it finds nothing to do.
    pub(crate) fn dba_after(&self, head: &str) -> String {
        let moved = self.mover.as_ref().map(|mover| mover.role.as_str());
        let mut acted = self.acted();
        acted.retain(|role| Some(role.as_str()) != moved);
        let roles: Vec<String> = acted.iter().map(|role| ident(role)).collect();
        format!(
            "-- {head}
-- Run by a DBA when verify.sql has said that nothing is open: nobody may become these roles any more.

{own}
revoke {roles} from {operator};

{reader}
{mover}
{closed}",
            own = common::demand_own_window(self.window, self.packet.package),
            roles = roles.join(", "),
            operator = ident(&self.operator),
            reader = common::drop_role("reader", self.window.reader, ""),
            mover = self.mover_goes(),
            closed = common::demand_closed(&self.operator, &acted),
        )
    }
}
