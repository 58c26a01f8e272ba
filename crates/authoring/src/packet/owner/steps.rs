//! The statements of PKG-G, there and back, and the way back tried before anything stays.
//!
//! Not for: which objects these are (`owner`). The one fact to know: the packet first goes there and back under a
//! savepoint and compares the complete snapshot of privileges, so that nothing is revoked whose return was not seen.

use super::super::acl::{Grant, grants, revokes};
use super::super::assertions::{MEASURES, Measure};
use super::super::codes;
use super::super::declared::Declared;
use super::super::sql::{ACT_AS_ONESELF, act_as, array, ident, refuse_if_any};
use super::super::work::{Mover, Piece, Told, Work};
use super::{Moved, Plan};
use std::collections::BTreeSet;

/// The savepoint before the way back is tried.
const TRIED: &str = "way_back_tried";

impl Work for Plan<'_> {
    fn declared(&self) -> &[Declared] {
        &self.declared
    }

    fn acts_as(&self) -> Vec<String> {
        let mut roles = BTreeSet::from([self.owner().to_owned(), self.mover()]);
        for moved in &self.moved {
            roles.insert(moved.owner.clone());
            roles.extend(moved.revoked.iter().map(|item| item.grantor.clone()));
        }
        roles.into_iter().collect()
    }

    fn window(&self) -> Option<Mover> {
        let owners: BTreeSet<String> = self.moved.iter().map(|moved| moved.owner.clone()).collect();
        Some(Mover {
            role: self.mover(),
            member_of: owners.into_iter().chain([self.owner().to_owned()]).collect(),
            creates_in: self.homes.iter().cloned().collect(),
        })
    }

    fn told(&self) -> Told {
        Told {
            before: format!(
                "  The verifier records the privileges as they are, before the preflight and once more if anything moved since, under their own login:
    psql -X -v ON_ERROR_STOP=1 -d DATABASE -c \"select {}.cp_verify_privileges('{}')\"
",
                self.sources.plane.schema, self.cutover.snapshot
            ),
            duration: "Until
  its end whoever reads a table or view of the old path waits; tables of the application and births do not.",
            back: "reads, owners, options and grants as they were",
            back_guards: &["G-NOMIXED-AUTHORITY", "G-BIRTH-NEUTRAL", "G-DIRECTUS-APP-INTACT"],
        }
    }

    fn measures(&self) -> Vec<Measure> {
        let mut measures = MEASURES.to_vec();
        measures.extend([
            ("cutover_snapshot", "member_state.sql"),
            ("app_authority", "app_authority.sql"),
        ]);
        measures
    }

    fn asks(&self) -> String {
        [self.paths_are_safe(), self.returnable(), self.bound()].concat()
    }

    fn apply(&self) -> Vec<Piece> {
        let reader = self.sources.window.reader;
        let mut tried = format!(
            "-- The way back is tried before anything stays: there, back, and the complete snapshot compared.\n{}{}{ACT_AS_ONESELF}savepoint {TRIED};\n",
            act_as(reader),
            self.take_snapshot()
        );
        tried.push_str(&self.forward());
        tried.push_str(&self.backward());
        tried.push_str(
            "\n-- The same privileges, owners, memberships and effective rights as before, both EXCEPTs.\n",
        );
        tried.push_str(&act_as(reader));
        tried.push_str(&self.same_as_taken());
        tried.push_str(ACT_AS_ONESELF);
        tried.push_str(&format!(
            "rollback to savepoint {TRIED};\nrelease savepoint {TRIED};\n\n-- And now for good.\n"
        ));
        vec![Piece::Sql(tried), Piece::Sql(self.forward())]
    }

    fn back(&self, reader: &str) -> String {
        let mut sql = self.backward();
        sql.push_str(
            "\n-- What the verifier recorded before the cutover is what is found now, object by object.\n",
        );
        sql.push_str(&act_as(reader));
        sql.push_str(&self.as_recorded());
        sql.push_str(ACT_AS_ONESELF);
        sql
    }
}

impl Plan<'_> {
    pub(super) fn mover(&self) -> String {
        self.sources.window.mover.to_owned()
    }

    fn routines(&self) -> Vec<&str> {
        let routines = self.moved.iter().filter(|moved| moved.identity.ends_with(')'));
        routines.map(|moved| moved.identity.as_str()).collect()
    }

    /// A routine that changes its owner runs with other rights if it is SECURITY DEFINER, and with names that its
    /// caller chooses if its path is not pinned [doc 09, FIX7b].
    fn paths_are_safe(&self) -> String {
        refuse_if_any(
            "paths",
            codes::SEARCH_PATH_UNSAFE,
            &format!(
                "    select m.identity || ': ' || a.rolname || ' may execute it' || m.what from (
      select d.identity, p.oid, p.prosecdef, p.proowner, case when p.prosecdef then ', and it is SECURITY DEFINER' else '' end
          || case when exists (select from pg_catalog.unnest(p.proconfig) as s (setting) where s.setting like 'search\\_path=%') then '' else ', and its search_path is not pinned' end as what
      from pg_catalog.unnest({routines}) as d (identity)
      join pg_catalog.pg_proc as p on p.oid = pg_catalog.to_regprocedure(d.identity)) as m
    join pg_catalog.pg_roles as a on a.oid >= 16384 and not a.rolsuper and pg_catalog.has_function_privilege(a.oid, m.oid, 'EXECUTE')
    union all
    select d.identity || ': SECURITY DEFINER, and fired by ' || t.tgname || ' of ' || t.tgrelid::pg_catalog.regclass::text
    from pg_catalog.unnest({routines}) as d (identity)
    join pg_catalog.pg_proc as p on p.oid = pg_catalog.to_regprocedure(d.identity) and p.prosecdef
    join pg_catalog.pg_trigger as t on t.tgfoid = p.oid",
                routines = array(&self.routines())
            ),
        )
    }

    /// Every owner before could be given back what it had, and views take the option that the way back resets.
    fn returnable(&self) -> String {
        let owners: BTreeSet<&str> = self.moved.iter().map(|moved| moved.owner.as_str()).collect();
        let owners: Vec<&str> = owners.into_iter().collect();
        let homes: Vec<&String> = self.homes.iter().collect();
        refuse_if_any(
            "returnable",
            codes::NOT_RESTORABLE,
            &format!(
                "    select o.name || ' may not CREATE in schema ' || h.name || ', so nothing there could be given back'
    from pg_catalog.unnest({owners}) as o (name) cross join pg_catalog.unnest({homes}) as h (name)
    where not pg_catalog.has_schema_privilege(o.name, h.name, 'CREATE')",
                owners = array(&owners),
                homes = array(&homes)
            ),
        )
    }

    /// Items that go, options, owners, reads: one statement each.
    fn forward(&self) -> String {
        let (owner, mover) = (ident(self.owner()), act_as(&self.mover()));
        let mut sql =
            String::from("\n-- What the application and everybody hold, each by whoever granted it.\n");
        sql.push_str(&revokes(&mut self.items(|moved| &moved.revoked)));
        sql.push_str("\n-- A view over live tables reads as its reader: nobody grants the new owner anything on them.\n");
        sql.push_str(&self.options("set (security_invoker = true)"));
        sql.push_str(
            "\n-- The owner may create where the set lies for as long as this takes, or nothing there could be its own.\n",
        );
        sql.push_str(&mover);
        for home in &self.homes {
            sql.push_str(&format!("grant create on schema {} to {owner};\n", ident(home)));
        }
        sql.push_str(&self.owners(|_| owner.clone()));
        for home in &self.homes {
            sql.push_str(&format!(
                "revoke create on schema {} from {owner};\n",
                ident(home)
            ));
        }
        sql.push_str(ACT_AS_ONESELF);
        sql.push_str("\n-- Exactly the sealed reads.\n");
        sql.push_str(&grants(&mut self.reads()));
        sql
    }

    /// The same the other way round.
    fn backward(&self) -> String {
        let mut sql =
            String::from("\n-- The sealed reads go; what they were held by comes back with the owner.\n");
        sql.push_str(&revokes(&mut self.reads()));
        sql.push_str("\n-- Owners as they were captured.\n");
        sql.push_str(&act_as(&self.mover()));
        sql.push_str(&self.owners(|moved| ident(&moved.owner)));
        sql.push_str(ACT_AS_ONESELF);
        sql.push_str("\n-- Options as they were captured.\n");
        sql.push_str(&self.options("reset (security_invoker)"));
        sql.push_str("\n-- Every item as it was captured.\n");
        sql.push_str(&grants(&mut self.items(|moved| &moved.revoked)));
        sql
    }

    fn items<'b>(&'b self, of: impl Fn(&'b Moved) -> &'b Vec<canonical::AclItem>) -> Vec<Grant<'b>> {
        let items = self
            .moved
            .iter()
            .flat_map(|moved| Grant::of(word(moved), &moved.identity, &moved.owner, &moved.acl, of(moved)));
        items.collect()
    }

    fn reads(&self) -> Vec<Grant<'_>> {
        let items = self.moved.iter().flat_map(|moved| {
            Grant::of(
                word(moved),
                &moved.identity,
                self.owner(),
                &moved.granted,
                &moved.granted,
            )
        });
        items.collect()
    }

    /// One ALTER an object; a sequence that a column owns goes with its table.
    fn owners(&self, to: impl Fn(&Moved) -> String) -> String {
        let moving = self.moved.iter().filter(|moved| moved.kind != "sequence");
        moving
            .map(|moved| {
                format!(
                    "alter {} {} owner to {};\n",
                    moved.kind,
                    moved.identity,
                    to(moved)
                )
            })
            .collect()
    }

    fn options(&self, change: &str) -> String {
        let (mut sql, mut acting) = (String::new(), "");
        for moved in self.moved.iter().filter(|moved| moved.as_invoker) {
            if acting != moved.owner {
                acting = &moved.owner;
                sql.push_str(&act_as(acting));
            }
            sql.push_str(&format!("alter view {} {change};\n", moved.identity));
        }
        sql.push_str(ACT_AS_ONESELF);
        sql
    }
}

/// What GRANT calls it.
fn word(moved: &Moved) -> &'static str {
    match moved.kind {
        "view" => "table",
        kind => kind,
    }
}
