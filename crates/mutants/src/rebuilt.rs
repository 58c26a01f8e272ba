//! The scripts that make the mutated control plane from nothing.
//!
//! Not for: rows, which stay as they were approved. The one fact to know: a table is mutated after its
//! common columns and keys were added, so its unit is rendered anew; everything else is a control plane
//! with one value changed.

use manifest_model::{AccessGrant, ControlPlane, Domain, Routine, TableDef};
use sql_render::migrations::{Script, migrations, table_unit};
use sql_render::table::foreign_keys_of_s08;

use crate::change::Change;

/// Every script of the mutated control plane.
pub fn rebuilt(plane: &ControlPlane, change: &Change) -> Vec<Script> {
    match change {
        Change::Table(_, mutated) => with_table(plane, mutated),
        Change::Domain(domain) => migrations(&with_domain(plane, *domain)),
        Change::Routine(routine) => migrations(&with_routine(plane, *routine)),
        Change::GrantAdded(grant) => {
            let grants = plane.grants.iter().copied().chain([*grant]).collect();
            migrations(&with_grants(plane, grants))
        }
        Change::GrantLeftOut(out) => {
            let is_out = |grant: &&AccessGrant| format!("{grant:?}") != format!("{out:?}");
            let grants = plane.grants.iter().filter(is_out).copied().collect();
            migrations(&with_grants(plane, grants))
        }
        Change::Owner(owner) => migrations(&ControlPlane { owner, ..*plane }),
    }
}

fn with_table(plane: &ControlPlane, mutated: &TableDef) -> Vec<Script> {
    let mut scripts = migrations(plane);
    let table = table_unit(plane, mutated);
    let keys = foreign_keys_of_s08(plane, mutated);
    let keys_of = format!("foreign keys of {}", mutated.name);
    for script in &mut scripts {
        script.units.retain_mut(|unit| {
            if unit.name == table.name {
                *unit = table.clone();
            } else if unit.name == keys_of {
                let Some((up, down)) = &keys else { return false };
                (unit.up, unit.down) = (up.clone(), down.clone());
            }
            true
        });
    }
    // A key that is now left to S08 where none was before.
    let has_unit = scripts
        .iter()
        .flat_map(|script| &script.units)
        .any(|unit| unit.name == keys_of);
    if let (Some((up, down)), false) = (keys, has_unit)
        && let Some(unit) = scripts
            .iter_mut()
            .find(|script| script.slug.ends_with("_foreign_keys"))
            .and_then(|script| script.units.last_mut())
    {
        unit.up.push_str(&up);
        unit.down.insert_str(0, &down);
    }
    scripts
}

fn with_domain(plane: &ControlPlane, domain: Domain) -> ControlPlane {
    let domains = plane
        .domains
        .iter()
        .map(|one| if one.ty == domain.ty { domain } else { *one });
    let domains: Vec<Domain> = domains.collect();
    ControlPlane {
        domains: domains.leak(),
        ..*plane
    }
}

fn with_routine(plane: &ControlPlane, routine: Routine) -> ControlPlane {
    let mutated: &'static Routine = Box::leak(Box::new(routine));
    let routines = plane
        .routines
        .iter()
        .map(|one| if one.name == mutated.name { mutated } else { *one });
    let routines: Vec<&'static Routine> = routines.collect();
    ControlPlane {
        routines: routines.leak(),
        ..*plane
    }
}

fn with_grants(plane: &ControlPlane, grants: Vec<AccessGrant>) -> ControlPlane {
    ControlPlane {
        grants: grants.leak(),
        ..*plane
    }
}
