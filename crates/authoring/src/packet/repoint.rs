//! PKG-F: close the sealed legacy set, then open the gateway, and the way back in the other order.
//!
//! Not for: ownership, which is PKG-G. The one fact to know: the old path is closed before the new one is opened, and
//! the new one is closed before the old is opened again, so that at no statement both can be executed [doc 07].

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use canonical::{AclItem, ObjectClass, h06_routine};
use manifest_model::{AccessGrant, Privilege, Repoint, Routine, RoutineKind};
use sql_render::{estate::stored_source, routine};

use super::codes;
use super::declared::{Declared, line, privileges};
use super::sql::{ACT_AS_ONESELF, act_as, block, checkpoint, grantee, ident, literal, quoted, refuse_if_any};
use crate::Sources;
use crate::error::AuthorError;
use crate::live::{LiveFacts, LiveRoutine, identity};
use crate::moments::{self, Definition, Moment};
use crate::surface_rows;

/// A routine of the database that is changed.
struct Changed<'a> {
    identity: String,
    live: &'a LiveRoutine,
    /// Its source afterwards, where that is another one.
    becomes: Option<canonical::Routine>,
    /// Items that go, in order.
    revoked: Vec<AclItem>,
    /// Items that stay.
    kept: Vec<AclItem>,
    /// A caller of the path, and no member of it.
    is_caller: bool,
}

/// What PKG-F does, object by object.
pub(crate) struct Plan<'a> {
    sources: &'a Sources<'a>,
    repoint: &'a Repoint,
    changed: Vec<Changed<'a>>,
    gateway: &'a Routine,
}

impl<'a> Plan<'a> {
    pub(crate) fn new(
        sources: &'a Sources<'a>,
        live: &'a LiveFacts,
        repoint: &'a Repoint,
    ) -> Result<Self, AuthorError> {
        let not_there = |kind: &'static str, name: &str| AuthorError::NotInCapture {
            kind,
            identity: name.to_owned(),
            wanted_by: "PKG-F".to_owned(),
            hint: "capture the database that the manifests are for".to_owned(),
        };
        let find = |written: &str| {
            let name = identity(written);
            match live.routines.get(&name) {
                Some(found) => Ok((name, found)),
                None => Err(not_there("routine", &name)),
            }
        };
        let mut changed = Vec::new();
        for member in moments::members(sources, live)? {
            let (before, after) = (member.at(Moment::AsCaptured), member.at(Moment::AfterS15));
            let (Definition::Routine(was), Definition::Routine(is)) = (&before.definition, &after.definition)
            else {
                continue;
            };
            let (identity, live) = find(&member.identity)?;
            changed.push(Changed {
                identity,
                live,
                becomes: (is != was).then(|| (**is).clone()),
                revoked: before.acl.difference(&after.acl).cloned().collect(),
                kept: after.acl.iter().cloned().collect(),
                is_caller: false,
            });
        }
        for caller in sources.repointed {
            let (identity, live) = find(caller.identity)?;
            let becomes = Some(canonical::Routine {
                body: stored_source(caller),
                ..live.source.clone()
            });
            changed.push(Changed {
                identity,
                live,
                becomes,
                revoked: Vec::new(),
                kept: live.acl.clone(),
                is_caller: true,
            });
        }
        changed.sort_by(|a, b| a.identity.cmp(&b.identity));
        let is_gateway = |routine: &&&Routine| routine.kind == RoutineKind::Gateway;
        let gateway = sources.plane.routines.iter().find(is_gateway);
        let gateway = gateway.ok_or_else(|| not_there("routine", "gateway"))?;
        Ok(Self {
            sources,
            repoint,
            changed,
            gateway,
        })
    }

    fn schema(&self) -> &'static str {
        self.sources.plane.schema
    }

    fn gateway(&self) -> String {
        routine::identity(self.sources.plane, self.gateway)
    }

    /// Every object with both of its states, in the order of their bytes.
    pub(crate) fn declared(&self) -> Result<Vec<Declared>, AuthorError> {
        let plane = self.sources.plane;
        let source = |of: &canonical::Routine, name: &str| {
            h06_routine(of).map_err(|source| AuthorError::Encode {
                surface: "packet".to_owned(),
                item: name.to_owned(),
                source,
            })
        };
        let mut all = Vec::new();
        for changed in &self.changed {
            let (name, live) = (&changed.identity, changed.live);
            let before = source(&live.source, name)?;
            let after = match &changed.becomes {
                Some(becomes) => source(becomes, name)?,
                None => before,
            };
            let left = privileges(ObjectClass::Routine, &live.owner, &changed.kept, name)?;
            all.push(Declared {
                kind: "routine",
                identity: name.clone(),
                before: line(&live.owner, Some(before), live.privileges),
                after: line(&live.owner, Some(after), left),
            });
        }
        let gateway = self.gateway();
        let body = surface_rows::routine_digest(plane, self.gateway)?;
        let item = |to: &str, privilege: &str| AclItem {
            grantee: to.to_owned(),
            grantor: plane.owner.to_owned(),
            privilege: privilege.to_owned(),
            column: None,
            grantable: false,
        };
        let (mut on_gateway, mut on_schema) = (
            vec![item(plane.owner, "EXECUTE")],
            vec![item(plane.owner, "CREATE"), item(plane.owner, "USAGE")],
        );
        for AccessGrant { role, privilege } in plane.grants {
            match privilege {
                Privilege::SchemaUsage => on_schema.push(item(role, "USAGE")),
                Privilege::Execute(name) if *name == self.gateway.name => {
                    on_gateway.push(item(role, "EXECUTE"));
                }
                _ => {}
            }
        }
        let state = |class, items: &[AclItem], body, name: &str| {
            privileges(class, plane.owner, items, name).map(|digest| line(plane.owner, body, digest))
        };
        let writer = self.repoint.writer_role;
        let before = state(ObjectClass::Routine, &on_gateway, Some(body), &gateway)?;
        on_gateway.push(item(writer, "EXECUTE"));
        let after = state(ObjectClass::Routine, &on_gateway, Some(body), &gateway)?;
        all.push(Declared {
            kind: "routine",
            identity: gateway,
            before,
            after,
        });
        let before = state(ObjectClass::Schema, &on_schema, None, plane.schema)?;
        on_schema.push(item(writer, "USAGE"));
        let after = state(ObjectClass::Schema, &on_schema, None, plane.schema)?;
        all.push(Declared {
            kind: "schema",
            identity: plane.schema.to_owned(),
            before,
            after,
        });
        all.sort_by(|a, b| a.identity.cmp(&b.identity));
        Ok(all)
    }

    /// Roles that it acts as: owners, grantors, and whoever may supersede.
    pub(crate) fn roles(&self) -> Vec<String> {
        let mut roles: BTreeSet<String> = BTreeSet::from([
            self.sources.plane.owner.to_owned(),
            self.repoint.operator_role.to_owned(),
        ]);
        for changed in &self.changed {
            roles.insert(changed.live.owner.clone());
            roles.extend(changed.live.acl.iter().map(|item| item.grantor.clone()));
        }
        roles.into_iter().collect()
    }

    /// Properties that `create or replace` sets to their default, since no capture holds them.
    pub(crate) fn restorable(&self) -> String {
        let replaced: Vec<&str> = self
            .changed
            .iter()
            .filter(|changed| changed.becomes.is_some())
            .map(|changed| changed.identity.as_str())
            .collect();
        refuse_if_any(
            "restorable",
            codes::NOT_RESTORABLE,
            &format!(
                "    select d.identity || ' has a cost, a number of rows or a support function of its own'
    from pg_catalog.unnest({}) as d (identity)
    join pg_catalog.pg_proc as p on p.oid = pg_catalog.to_regprocedure(d.identity)
    where p.procost <> 100 or p.prorows <> case when p.proretset then 1000 else 0 end or p.prosupport::pg_catalog.oid <> 0",
                super::sql::array(&replaced)
            ),
        )
    }

    /// Nobody but the sealed writers is let in.
    pub(crate) fn members(&self) -> String {
        let schema = self.schema();
        refuse_if_any(
            "members",
            codes::WRITER_MEMBER_UNKNOWN,
            &format!(
                "    select m.rolname from pg_catalog.pg_auth_members as a
    join pg_catalog.pg_roles as m on m.oid = a.member
    join pg_catalog.pg_roles as r on r.oid = a.roleid and r.rolname = {writer}
    where not exists (
      select from {schema}.principal_manifest as p
      join {schema}.latest_sealed as l on l.manifest_id = p.manifest_id and l.surface_no = p.surface_no
      join {schema}.slot_binding_manifest as b on b.principal_id = p.principal_id and b.slot::text = {slot}
      join {schema}.latest_sealed as s on s.manifest_id = b.manifest_id and s.surface_no = b.surface_no
      where p.login_role::text = m.rolname)",
                writer = literal(self.repoint.writer_role),
                slot = literal(self.repoint.writer_slot)
            ),
        )
    }

    /// One statement an ACL item, by its grantor; who was given it to give on goes first [ruling B4]. The owner's own
    /// goes last: replacing a body takes EXECUTE on the routine, of its owner too.
    pub(crate) fn close(&self) -> String {
        let mut sql =
            String::from("-- The old path is closed: one statement an item, by whoever granted it.\n");
        let (own, mut items): (Vec<Grant<'_>>, Vec<Grant<'_>>) =
            self.items().into_iter().partition(Grant::is_owners_own);
        items.sort_by_key(|grant| (std::cmp::Reverse(grant.depth), grant.order()));
        sql.push_str(&revokes(&items));
        sql.push_str("\n-- Entry points of the old path fail closed; every other body stays as it is.\n");
        sql.push_str(&self.bodies(
            |changed| !changed.is_caller,
            |changed| changed.becomes.as_ref(),
            "stub",
        ));
        sql.push_str("\n-- The owner's own EXECUTE.\n");
        sql.push_str(&revokes(&own));
        sql
    }

    /// The callers, then the way in.
    pub(crate) fn open(&self) -> String {
        let mut sql = String::from("-- The callers go through the gateway.\n");
        sql.push_str(&self.bodies(
            |changed| changed.is_caller,
            |changed| changed.becomes.as_ref(),
            "body",
        ));
        let _ = write!(
            sql,
            "\n-- The new path is opened, to the writers alone.\n{owner}grant usage on schema {schema} to {writer};\ngrant execute on function {gateway} to {writer};\n{ACT_AS_ONESELF}",
            owner = act_as(self.sources.plane.owner),
            schema = self.schema(),
            gateway = self.gateway(),
            writer = ident(self.repoint.writer_role),
        );
        sql
    }

    /// The way back: supersede, show that nothing is routed, close the new path, and only then restore.
    pub(crate) fn back(&self, reader: &str) -> String {
        let schema = self.schema();
        let (writer, writer_type) = (ident(self.repoint.writer_role), literal(self.repoint.writer_type));
        let owner = act_as(self.sources.plane.owner);
        let gateway = self.gateway();
        let name = gateway.split('(').next().unwrap_or_default().to_owned();
        let mut sql = format!(
            "-- The new path is superseded at the epoch that is found.
{read}select pg_catalog.set_config('packet.epoch', (select e.epoch::text from {schema}.control_epoch as e), true) as epoch,
  pg_catalog.set_config('packet.active', (select pg_catalog.count(*)::text from {schema}.active_set as s where s.writer_type::text = {writer_type}), true) as active;
{operator}select {schema}.cp_supersede({writer_type}, pg_catalog.current_setting('packet.epoch')::bigint) as superseded
where pg_catalog.current_setting('packet.active') <> '0';
{ACT_AS_ONESELF}
-- Readiness is BLOCKED, and the gateway takes no write.
{owner}",
            read = act_as(reader),
            operator = act_as(self.repoint.operator_role),
        );
        sql.push_str(&refuse_if_any(
            "blocked",
            codes::READINESS_NOT_BLOCKED,
            &format!(
                "    select 'active: ' || s.writer_type from {schema}.active_set as s where s.writer_type::text = {writer_type}
    union all
    select 'verdict: ' || a.verdict from {schema}.v_fix7_acceptance as a where a.writer_type::text = {writer_type} and a.verdict is distinct from 'BLOCKED'"
            ),
        ));
        sql.push_str(&block(
            "routes",
            &format!(
                "declare
  v_state text := 'none';
begin
  begin
    perform from {name}({writer_type}, '{{}}'::jsonb, true);
  exception when others then
    v_state := sqlstate;
  end;
  if v_state not like 'Q70__' then
    raise exception using errcode = '{state}', message = {message}, detail = 'a write through the gateway ended in ' || v_state, hint = {hint};
  end if;
end",
                state = codes::READINESS_NOT_BLOCKED.sqlstate,
                message = literal(&format!(
                    "{}: {}",
                    codes::READINESS_NOT_BLOCKED.code,
                    codes::READINESS_NOT_BLOCKED.says
                )),
                hint = literal(codes::READINESS_NOT_BLOCKED.remedy)
            ),
        ));
        let _ = write!(
            sql,
            "{}\n-- The new path is closed.\nrevoke execute on function {gateway} from {writer};\nrevoke usage on schema {schema} from {writer};\n{ACT_AS_ONESELF}\n-- The owner's own EXECUTE, without which no body can be replaced.\n",
            checkpoint("superseded")
        );
        let (own, mut items): (Vec<Grant<'_>>, Vec<Grant<'_>>) =
            self.items().into_iter().partition(Grant::is_owners_own);
        sql.push_str(&grants(&own));
        sql.push_str("\n-- Bodies as they were captured: callers, then entry points of the old path.\n");
        sql.push_str(&self.bodies(
            |changed| changed.is_caller,
            |changed| Some(&changed.live.source),
            "body",
        ));
        sql.push_str(&self.bodies(
            |changed| !changed.is_caller && changed.becomes.is_some(),
            |changed| Some(&changed.live.source),
            "body",
        ));
        sql.push_str("\n-- Every other item of every member, the owner's first.\n");
        items.sort_by_key(|grant| (grant.depth, grant.order()));
        sql.push_str(&grants(&items));
        sql
    }

    /// Every item of every member, in the order of their identities.
    fn items(&self) -> Vec<Grant<'_>> {
        let mut items = Vec::new();
        for changed in &self.changed {
            let depths = depths(&changed.live.owner, &changed.live.acl);
            for item in &changed.revoked {
                let depth = depths.get(item.grantor.as_str()).copied().unwrap_or(u32::MAX);
                items.push(Grant {
                    depth,
                    identity: &changed.identity,
                    live: changed.live,
                    item,
                });
            }
        }
        items
    }

    /// `create or replace` of each routine that `of` picks, as its owner.
    fn bodies<'b>(
        &'b self,
        of: impl Fn(&Changed<'a>) -> bool,
        body: impl Fn(&'b Changed<'a>) -> Option<&'b canonical::Routine>,
        word: &str,
    ) -> String {
        let mut sql = String::new();
        let mut acting = "";
        for changed in self.changed.iter().filter(|changed| of(changed)) {
            let Some(source) = body(changed) else { continue };
            if acting != changed.live.owner {
                acting = &changed.live.owner;
                sql.push_str(&act_as(acting));
            }
            sql.push_str(&replace(&changed.identity, changed.live, source, word));
        }
        sql.push_str(ACT_AS_ONESELF);
        sql
    }
}

/// An ACL item of a routine.
struct Grant<'b> {
    /// Distance of its grantor from the owner.
    depth: u32,
    identity: &'b str,
    live: &'b LiveRoutine,
    item: &'b AclItem,
}

impl<'b> Grant<'b> {
    fn is_owners_own(&self) -> bool {
        self.item.grantee == self.live.owner && self.item.grantor == self.live.owner
    }

    fn order(&self) -> (&'b str, &'b str, &'b str) {
        (
            self.item.grantor.as_str(),
            self.identity,
            self.item.grantee.as_str(),
        )
    }
}

/// One statement an item, each by its grantor.
fn by_grantor(items: &[Grant<'_>], statement: impl Fn(&Grant<'_>) -> String) -> String {
    let (mut sql, mut acting) = (String::new(), "");
    for grant in items {
        if grant.item.grantor != acting {
            acting = &grant.item.grantor;
            sql.push_str(&act_as(acting));
        }
        sql.push_str(&statement(grant));
    }
    sql.push_str(ACT_AS_ONESELF);
    sql
}

fn revokes(items: &[Grant<'_>]) -> String {
    by_grantor(items, |grant| {
        let (kind, to) = (kind(grant.live), grantee(&grant.item.grantee));
        format!("revoke execute on {kind} {} from {to};\n", grant.identity)
    })
}

fn grants(items: &[Grant<'_>]) -> String {
    by_grantor(items, |grant| {
        let (kind, to) = (kind(grant.live), grantee(&grant.item.grantee));
        let option = if grant.item.grantable && !grant.is_owners_own() {
            " with grant option"
        } else {
            ""
        };
        format!("grant execute on {kind} {} to {to}{option};\n", grant.identity)
    })
}

/// Distance of each grantor from the owner, over grant options.
fn depths<'b>(owner: &'b str, items: &'b [AclItem]) -> BTreeMap<&'b str, u32> {
    let mut depths = BTreeMap::from([(owner, 0)]);
    loop {
        let mut more = Vec::new();
        for item in items.iter().filter(|item| item.grantable) {
            if let (Some(depth), false) = (
                depths.get(item.grantor.as_str()),
                depths.contains_key(item.grantee.as_str()),
            ) {
                more.push((item.grantee.as_str(), depth + 1));
            }
        }
        if more.is_empty() {
            return depths;
        }
        depths.extend(more);
    }
}

fn kind(live: &LiveRoutine) -> &'static str {
    if live.source.kind == 'p' {
        "procedure"
    } else {
        "function"
    }
}

/// Settings whose value is a list, which SQL takes unquoted.
const LISTS: [&str; 5] = [
    "search_path",
    "temp_tablespaces",
    "session_preload_libraries",
    "shared_preload_libraries",
    "local_preload_libraries",
];

/// `create or replace`, with every property that H06 covers.
fn replace(identity: &str, live: &LiveRoutine, source: &canonical::Routine, word: &str) -> String {
    let name = identity.split('(').next().unwrap_or(identity);
    let mut sql = format!("create or replace {} {name}({})\n", kind(live), source.arguments);
    if let Some(result) = &source.result {
        let _ = writeln!(sql, "    returns {result}");
    }
    let _ = write!(sql, "    language {}", ident(&source.language));
    if source.kind != 'p' {
        sql.push_str(match source.volatility {
            'i' => " immutable",
            's' => " stable",
            _ => " volatile",
        });
        if source.strict {
            sql.push_str(" strict");
        }
        if source.leakproof {
            sql.push_str(" leakproof");
        }
        sql.push_str(match source.parallel {
            's' => " parallel safe",
            'r' => " parallel restricted",
            _ => " parallel unsafe",
        });
    }
    sql.push_str(if source.security_definer {
        " security definer\n"
    } else {
        " security invoker\n"
    });
    for setting in source.config.iter().flatten() {
        let (name, value) = setting.split_once('=').unwrap_or((setting, ""));
        let value = if LISTS.contains(&name) {
            value.to_owned()
        } else {
            literal(value)
        };
        let _ = writeln!(sql, "    set {name} = {value}");
    }
    let is_own = source.body == live.source.body;
    if live.atomic && is_own {
        let _ = writeln!(sql, "{};", source.body.trim_end().trim_end_matches(';'));
    } else {
        let _ = writeln!(sql, "as {};", quoted(&source.body, word));
    }
    sql
}
