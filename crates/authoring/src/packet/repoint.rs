//! PKG-F: close the sealed legacy set, then open the gateway, and the way back in the other order.
//!
//! Not for: ownership, which is PKG-G. The one fact to know: the old path is closed before the new one is opened, and
//! the new one is closed before the old is opened again, so that at no statement both can be executed [doc 07].

mod steps;

use std::collections::BTreeSet;

use canonical::{AclItem, ObjectClass, h06_routine};
use manifest_model::{AccessGrant, OperatorPacket, Privilege, Repoint, Routine, RoutineKind, Step};
use sql_render::{estate::stored_source, routine};

use super::declared::{Declared, line, privileges};
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
    step: Step,
    changed: Vec<Changed<'a>>,
    gateway: &'a Routine,
    declared: Vec<Declared>,
}

impl<'a> Plan<'a> {
    pub(crate) fn new(
        sources: &'a Sources<'a>,
        live: &'a LiveFacts,
        packet: &'a OperatorPacket,
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
        let mut plan = Self {
            sources,
            repoint,
            step: packet.step,
            changed,
            gateway,
            declared: Vec::new(),
        };
        plan.declared = plan.both_states()?;
        Ok(plan)
    }

    fn schema(&self) -> &'static str {
        self.sources.plane.schema
    }

    fn gateway(&self) -> String {
        routine::identity(self.sources.plane, self.gateway)
    }

    /// Every object with both of its states, in the order of their bytes.
    fn both_states(&self) -> Result<Vec<Declared>, AuthorError> {
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
    fn roles(&self) -> Vec<String> {
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
}
