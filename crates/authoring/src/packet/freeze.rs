//! PKG-H: the sealed set refuses every write, carries its sentinel, and is marked as deprecated.
//!
//! Not for: dropping anything, or touching what no package may open, which stays as it is with the views that read it.
//! The one fact to know: a comment names the object by the digest of its sealed identity, and the way back puts the
//! captured comment in its place, byte for byte.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use canonical::{AclItem, ObjectClass};
use manifest_model::{Moment as Due, Step};

use super::acl::{Grant, grants, revokes};
use super::declared::{Declared, comment_digest, line, privileges};
use super::sql::{ACT_AS_ONESELF, act_as, checkpoint, literal};
use super::work::{Piece, Told, Work};
use super::{FROZEN, SENTINELS};
use crate::Sources;
use crate::error::AuthorError;
use crate::header::sha256_hex;
use crate::live::LiveFacts;
use crate::moments::{self, Definition, FREEZE, MemberMoments, MemberState, Moment};
use crate::owner_moves::OwnerMoves;

/// An object that is frozen.
struct Frozen {
    identity: String,
    /// `function`, `procedure`, `table`, `view`, or `sequence`, which carries no sentinel.
    kind: &'static str,
    acl: Vec<AclItem>,
    /// Items that go.
    revoked: Vec<AclItem>,
    /// The captured comment.
    comment: Option<String>,
    /// The digest that the sentinel names it by.
    digest: String,
    /// The comment from S17 on.
    sentinel: String,
}

/// What PKG-H does, object by object.
pub(crate) struct Plan<'a> {
    sources: &'a Sources<'a>,
    step: Step,
    frozen: Vec<Frozen>,
    declared: Vec<Declared>,
}

impl<'a> Plan<'a> {
    pub(crate) fn new(sources: &'a Sources<'a>, live: &LiveFacts, step: Step) -> Result<Self, AuthorError> {
        let moves = OwnerMoves::of(sources, live);
        let mut plan = Self {
            sources,
            step,
            frozen: Vec::new(),
            declared: Vec::new(),
        };
        for member in moments::members(sources, live)? {
            if moves.stay.contains(&member.identity) {
                continue;
            }
            let as_invoker = moves.as_invoker.contains(&member.identity);
            plan.member(&member, live, as_invoker)?;
            for sequence in live.own_sequences.get(&member.identity).into_iter().flatten() {
                plan.sequence(sequence, live)?;
            }
        }
        plan.declared.sort_by(|a, b| a.identity.cmp(&b.identity));
        plan.frozen.sort_by(|a, b| a.identity.cmp(&b.identity));
        Ok(plan)
    }

    fn owner(&self) -> &'static str {
        self.sources.plane.owner
    }

    fn member(
        &mut self,
        member: &MemberMoments,
        live: &LiveFacts,
        as_invoker: bool,
    ) -> Result<(), AuthorError> {
        let name = &member.identity;
        let encode = |source| AuthorError::Encode {
            surface: "packet".to_owned(),
            item: name.clone(),
            source,
        };
        let captured = member.at(Moment::AsCaptured);
        let digest = sha256_hex(
            format!(
                "{} {name} {} {}",
                member.kind,
                captured.source().map_err(encode)?,
                captured.privileges().map_err(encode)?
            )
            .as_bytes(),
        );
        let scope = &self.sources.plane.rehearsal;
        let sentinel = format!("{} {digest}", scope.sentinel);
        let comment = live.comments.get(name).cloned();
        let options = match live.relations.get(name) {
            Some(relation) if member.kind == "view" => {
                let invoker = as_invoker.then(|| "security_invoker=true".to_owned());
                let all: Vec<String> = relation.options.iter().cloned().chain(invoker).collect();
                let all = if all.is_empty() {
                    "-".to_owned()
                } else {
                    all.join(",")
                };
                format!(" {all}")
            }
            _ => String::new(),
        };
        let [before, after] = [Moment::AfterS16, Moment::AfterS17].map(|moment| member.at(moment));
        let state = |state: &MemberState, comment: Option<&str>, sentinel: &str| {
            let (source, held) = (
                state.source().map_err(encode)?,
                state.privileges().map_err(encode)?,
            );
            Ok::<String, AuthorError>(format!(
                "{}{options} {} {sentinel}",
                line(&state.owner, Some(source), held),
                comment_digest(comment)
            ))
        };
        self.declared.push(Declared {
            kind: match member.kind {
                "table" => "commented table",
                "view" => "commented view",
                _ => "commented routine",
            },
            identity: name.clone(),
            before: state(before, comment.as_deref(), "-")?,
            after: state(after, Some(&format!("{sentinel}{}", scope.deprecated)), &digest)?,
        });
        self.frozen.push(Frozen {
            identity: name.clone(),
            kind: member.kind,
            acl: before.acl.iter().cloned().collect(),
            revoked: before.acl.difference(&after.acl).cloned().collect(),
            comment,
            digest,
            sentinel,
        });
        Ok(())
    }

    /// A sequence that a column owns: nobody but the owner may advance it.
    fn sequence(&mut self, name: &str, live: &LiveFacts) -> Result<(), AuthorError> {
        let Some(relation) = live.relations.get(name) else {
            return Ok(());
        };
        let captured = MemberState {
            owner: relation.owner.clone(),
            acl: relation.acl.iter().cloned().collect(),
            definition: Definition::View(relation.source),
        };
        let before = moments::moved(&captured, name, self.owner(), live);
        let owner = self.owner();
        let keeps = |item: &&AclItem| item.grantee == owner || item.privilege == "SELECT";
        let after: BTreeSet<AclItem> = before.acl.iter().filter(keeps).cloned().collect();
        let state = |acl: &BTreeSet<AclItem>| {
            let items: Vec<AclItem> = acl.iter().cloned().collect();
            privileges(ObjectClass::Relation, owner, &items, name).map(|digest| line(owner, None, digest))
        };
        self.declared.push(Declared {
            kind: "sequence",
            identity: name.to_owned(),
            before: state(&before.acl)?,
            after: state(&after)?,
        });
        self.frozen.push(Frozen {
            identity: name.to_owned(),
            kind: "sequence",
            acl: before.acl.iter().cloned().collect(),
            revoked: before.acl.difference(&after).cloned().collect(),
            comment: None,
            digest: String::new(),
            sentinel: String::new(),
        });
        Ok(())
    }

    fn items(&self) -> Vec<Grant<'_>> {
        let items = self.frozen.iter().flat_map(|frozen| {
            let kind = match frozen.kind {
                "view" => "table",
                kind => kind,
            };
            Grant::of(kind, &frozen.identity, self.owner(), &frozen.acl, &frozen.revoked)
        });
        items.collect()
    }

    fn tables(&self) -> impl Iterator<Item = &str> {
        let tables = self.frozen.iter().filter(|frozen| frozen.kind == "table");
        tables.map(|frozen| frozen.identity.as_str())
    }

    /// Everything that carries a sentinel.
    fn carriers(&self) -> impl Iterator<Item = &Frozen> {
        self.frozen.iter().filter(|frozen| frozen.kind != "sequence")
    }

    /// A row an object in the control plane, where no comment of somebody else can hide it.
    fn sentinels(&self) -> String {
        let row = |frozen: &Frozen| {
            format!(
                "  ({}, {}, '\\x{}')",
                literal(&frozen.identity),
                literal(frozen.kind),
                frozen.digest
            )
        };
        let rows: Vec<String> = self.carriers().map(row).collect();
        format!(
            "{}insert into {} (object_identity, object_kind, identity_sha256) values\n{};\n{ACT_AS_ONESELF}",
            act_as(self.owner()),
            self.sentinel_table(),
            rows.join(",\n")
        )
    }

    fn sentinel_table(&self) -> String {
        format!("{}.{SENTINELS}", self.sources.plane.schema)
    }

    fn comments(&self, of: impl Fn(&Frozen) -> Option<String>) -> String {
        let mut sql = act_as(self.owner());
        for frozen in self.carriers() {
            let text = of(frozen).map_or_else(|| "null".to_owned(), |text| literal(&text));
            let _ = writeln!(sql, "comment on {} {} is {text};", frozen.kind, frozen.identity);
        }
        sql.push_str(ACT_AS_ONESELF);
        sql
    }

    fn freeze(&self) -> String {
        let mut sql = String::from(
            "-- Of what others hold only SELECT is left, each item taken by whoever granted it.\n",
        );
        sql.push_str(&revokes(&mut self.items()));
        sql.push_str("\n-- Every table refuses INSERT, UPDATE, DELETE and TRUNCATE, of its owner too, and in a replica.\n");
        sql.push_str(&act_as(self.owner()));
        for table in self.tables() {
            let _ = writeln!(
                sql,
                "create trigger {FREEZE} before insert or delete or update or truncate on {table} for each statement execute function {}.{FREEZE}();\nalter table {table} enable always trigger {FREEZE};",
                self.sources.plane.schema
            );
        }
        sql.push_str(ACT_AS_ONESELF);
        sql.push_str("\n-- Each carries its sentinel, a row and a comment: the digest is of kind, identity, source and privileges as sealed.\n");
        sql.push_str(&self.sentinels());
        sql.push_str(&self.comments(|frozen| Some(frozen.sentinel.clone())));
        sql
    }
}

impl Work for Plan<'_> {
    fn declared(&self) -> &[Declared] {
        &self.declared
    }

    fn acts_as(&self) -> Vec<String> {
        let items = self.frozen.iter().flat_map(|frozen| &frozen.revoked);
        let roles: BTreeSet<String> = items
            .map(|item| item.grantor.clone())
            .chain([self.owner().to_owned()])
            .collect();
        roles.into_iter().collect()
    }

    fn foreseen(&self) -> &'static [(&'static str, &'static str)] {
        &[
            ("G-LEGACY-FROZEN", "no_live_action"),
            ("G-LEGACY-FROZEN", "no_live_dependency"),
            ("G-LEGACY-FROZEN", "no_live_body"),
        ]
    }

    fn told(&self) -> Told {
        Told {
            before: "  Nothing that is live depends on a member, and no key of a sealed table acts on deletes or updates of a live one;
  preflight.sql names each.
"
            .to_owned(),
            duration: "Until
  its end whoever writes a table of the old path waits, and is refused afterwards; reads, tables of the application and births do not wait.",
            back: "comments, sentinels, triggers and grants as they were",
            back_guards: &["G-NOMIXED-AUTHORITY", "G-BIRTH-NEUTRAL"],
        }
    }

    fn apply(&self) -> Vec<Piece> {
        let deprecated = self.sources.plane.rehearsal.deprecated;
        let note = self.comments(|frozen| Some(format!("{}{deprecated}", frozen.sentinel)));
        vec![
            Piece::Sql(self.freeze()),
            Piece::Guards(self.step, Due::After),
            Piece::Sql(format!(
                "{}-- S18: a note, and nothing else. Nothing is dropped.\n{note}",
                checkpoint(FROZEN)
            )),
        ]
    }

    fn back(&self, _reader: &str) -> String {
        let mut sql = String::from("-- Comments as they were captured.\n");
        sql.push_str(&self.comments(|frozen| frozen.comment.clone()));
        sql.push_str("\n-- No sentinel stays.\n");
        let _ = write!(
            sql,
            "{}delete from {};\n{ACT_AS_ONESELF}",
            act_as(self.owner()),
            self.sentinel_table()
        );
        sql.push_str("\n-- Tables take writes again, of whoever may write.\n");
        sql.push_str(&act_as(self.owner()));
        for table in self.tables() {
            let _ = writeln!(sql, "drop trigger {FREEZE} on {table};");
        }
        sql.push_str(ACT_AS_ONESELF);
        sql.push_str("\n-- Every item as it was.\n");
        sql.push_str(&grants(&mut self.items()));
        sql
    }
}
