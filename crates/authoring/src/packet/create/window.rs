//! What a DBA runs around the creation: roles once, and the window in which its people may do their parts.
//!
//! Not for: who those people's logins are; they are made elsewhere. The one fact to know: contract roles and what the
//! people of #02 are to them stay; what lets the operator become the owner is there for the window alone [ruling A17].

use std::collections::BTreeSet;

use sql_render::Script;

use super::Frame;
use super::spent::SETTING;
use crate::header::GENERATED;
use crate::operator;
use crate::packet::codes::DBA_MAY_NOT_GIVE;
use crate::packet::common;
use crate::packet::sql::{array, block, ident, literal, refuse_if_any};

impl Frame<'_> {
    /// The file of PKG-A whose roles a DBA makes.
    pub(crate) fn roles_file(&self) -> String {
        operator::roles_file(self.scripts)
    }

    /// Logins of #02 with the contract roles that they are members of for good.
    pub(crate) fn members(&self) -> Vec<(&'static str, &'static str)> {
        let personas = self.plane.personas.iter();
        let known = personas.filter(|persona| self.people.iter().any(|one| one.login == persona.login));
        known
            .flat_map(|persona| persona.member_of.iter().map(|role| (*role, persona.login)))
            .collect()
    }

    /// Those logins, each once.
    pub(crate) fn logins(&self) -> Vec<&'static str> {
        let logins: BTreeSet<&str> = self.members().into_iter().map(|(_, login)| login).collect();
        logins.into_iter().collect()
    }

    /// Logins of the window, each with what it may become.
    fn windowed(&self) -> Vec<(&str, &str)> {
        let mut all = vec![(self.plane.owner, self.operator())];
        let mut readers = vec![self.operator(), self.verifier()];
        readers.extend(self.signers());
        readers.sort_unstable();
        readers.dedup();
        all.extend(readers.into_iter().map(|login| (self.window.reader, login)));
        all
    }

    /// What a DBA runs once, before everything.
    pub(crate) fn dba_roles(&self) -> String {
        let roles: String = role_units(self.scripts, |unit| &unit.up).join("\n");
        let grants = grant_each(&self.members(), "grant %I to %I", "grant %I to %I");
        format!(
            "-- {GENERATED}
-- Run once by a DBA, before {package}: the contract roles, in place of {file}, and what the logins of #02 are to them.
-- The logins are there already; those that are not are named.

{may}
{roles}
{grants}",
            may = self.logins_there(),
            package = self.packet.package,
            file = self.roles_file(),
        )
    }

    fn logins_there(&self) -> String {
        refuse_if_any(
            "logins",
            DBA_MAY_NOT_GIVE,
            &format!(
                "    select 'no role ' || l.login from pg_catalog.unnest({}) as l (login) where pg_catalog.to_regrole(pg_catalog.quote_ident(l.login)) is null",
                array(&self.logins())
            ),
        )
    }

    /// What a DBA runs after the way back: the roles go, and memberships in them.
    pub(crate) fn dba_roles_gone(&self) -> String {
        let mut roles = role_units(self.scripts, |unit| &unit.down);
        roles.reverse();
        format!(
            "-- {GENERATED}\n-- Run by a DBA when {} was taken back before its activation, and is not to be run again: the contract roles.\n-- The owner's remembers which leave was used, so it stays until that has expired.\n\n{}\n{}",
            self.packet.package,
            self.demand_expired(),
            roles.join("\n")
        )
    }

    /// What a DBA runs before the window.
    pub(crate) fn dba_before(&self) -> String {
        let reader = ident(self.window.reader);
        let reads: Vec<String> = self.window.reads_by.iter().map(|role| ident(role)).collect();
        format!(
            "-- {GENERATED}
-- Run by a DBA before a part of {package}, and undone by dba_after.sql: {operator} may become the owner and create a
-- schema, and the people of its parts may read what their assertions ask. Nobody holds any of it without becoming it;
-- until PostgreSQL 15 that takes an operator's login that is NOINHERIT.

{may}
{alone}
create role {reader} nologin;
{signed}grant {reads} to {reader};

-- What the way back remembers the nonce by; only within a window may it be written.
grant set on parameter {SETTING} to {owner};

{noinherit}
{grants}
{database}",
            may = self.dba_may(),
            alone = common::demand_no_window(self.window),
            signed = common::sign_window(self.window, self.packet.package),
            owner = ident(self.plane.owner),
            package = self.packet.package,
            operator = self.operator(),
            reads = reads.join(", "),
            noinherit = self.demand_noinherit(),
            grants = grant_each(
                &self.windowed(),
                "grant %I to %I",
                "grant %I to %I with inherit false, set true"
            ),
            database = on_database(&format!("grant create on database %I to {}", ident(self.operator()))),
        )
    }

    /// Whoever runs it may give all of it: SET on a parameter is a superuser's to give, or of whom one has given it.
    fn dba_may(&self) -> String {
        let roles: BTreeSet<String> = std::iter::once(self.plane.owner)
            .chain(self.window.reads_by.iter().copied())
            .map(str::to_owned)
            .collect();
        let more = format!(
            "
      union all
      select me.rolname || ' may not give SET on parameter {SETTING}' where not pg_catalog.has_parameter_privilege(me.oid, '{SETTING}', 'SET WITH GRANT OPTION')
      union all
      select me.rolname || ' may not give CREATE on database ' || pg_catalog.current_database()
      where not pg_catalog.has_database_privilege(me.oid, pg_catalog.current_database(), 'CREATE WITH GRANT OPTION')"
        );
        common::demand_dba(&Vec::from_iter(roles), &more)
    }

    fn demand_noinherit(&self) -> String {
        block(
            "inherit",
            &format!(
                "begin
{noinherit}
end",
                noinherit = common::demand_noinherit(self.operator()),
            ),
        )
    }

    /// What a DBA runs after the window; once more it finds nothing to do.
    pub(crate) fn dba_after(&self) -> String {
        format!(
            "-- {GENERATED}
-- Run by a DBA when a part has ended, or all of them: nobody may become the owner any more, nor read by this.

{own}
revoke {owner} from {operator};
revoke set on parameter {SETTING} from {owner};

{reader}
{database}
{closed}",
            own = common::demand_own_window(self.window, self.packet.package),
            reader = common::drop_role("reader", self.window.reader, ""),
            database = on_database(&format!(
                "revoke create on database %I from {}",
                ident(self.operator())
            )),
            closed = common::demand_closed(self.operator(), &[self.plane.owner.to_owned()]),
            operator = ident(self.operator()),
            owner = ident(self.plane.owner),
        )
    }
}

/// What makes or drops the contract roles, a text each.
fn role_units(scripts: &[Script], of: impl Fn(&sql_render::Unit) -> &String) -> Vec<String> {
    let units = scripts.first().into_iter().flat_map(|script| &script.units);
    units.map(|unit| of(unit).clone()).collect()
}

/// Grants a role to a login for each pair that does not have it; by majors, since only from 16 on a membership says
/// whether it is inherited.
fn grant_each(pairs: &[(&str, &str)], before: &str, since: &str) -> String {
    let rows: Vec<String> = pairs
        .iter()
        .zip(1..)
        .map(|((role, login), n)| format!("    ({}, {}, {n})", literal(role), literal(login)))
        .collect();
    let how = if before == since {
        literal(before)
    } else {
        format!(
            "case when pg_catalog.current_setting('server_version_num')::integer < 160000 then {} else {} end",
            literal(before),
            literal(since)
        )
    };
    block(
        "members",
        &format!(
            "declare
  v_pair record;
begin
  for v_pair in select p.role, p.login from (values
{rows}
    ) as p (role, login, n)
    where not exists (select from pg_catalog.pg_auth_members as a
      where a.roleid = pg_catalog.to_regrole(pg_catalog.quote_ident(p.role)) and a.member = pg_catalog.to_regrole(pg_catalog.quote_ident(p.login)))
    order by p.n
  loop
    execute pg_catalog.format({how}, v_pair.role, v_pair.login);
  end loop;
end",
            rows = rows.join(",\n"),
        ),
    )
}

/// The database is not named: on a server that somebody lends, it carries another name.
fn on_database(statement: &str) -> String {
    block(
        "database",
        &format!(
            "begin\n  execute pg_catalog.format({}, pg_catalog.current_database());\nend",
            literal(statement)
        ),
    )
}
