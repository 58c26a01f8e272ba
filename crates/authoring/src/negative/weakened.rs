//! Weakened objects: one part of a constraint, domain, trigger or index changed, with the one test that tells it.
//!
//! Not for: objects that are gone altogether, which the third runs are. The one fact to know: each is told by a
//! test that names the object as its cause, or says that no statement can tell it; then the catalog alone does.

use manifest_model::check_proof::{CheckProof, DomainWitness, Witness, prove_domain};
use manifest_model::{Constraint, Deferral, Rule, Trigger};
use sql_render::table::{constraint_definition, create_trigger};

use super::accepted::{accept_id, key_id};
use super::privilege::unreferenced;
use super::referenced;
use super::row::rival;
use super::spec::{Accept, Cause, Ends, Group, Test, Weakened};
use super::table::{Context, HARNESS};

/// Fills in the weakened objects of a table's groups, each in the group whose test tells it.
pub fn fill(context: &Context<'_>, proof: &CheckProof, groups: &mut [Group]) {
    let mut all = checks(context, proof);
    all.extend(domains(context));
    for constraint in &context.table.constraints {
        match constraint.rule {
            Rule::PrimaryKey(columns) | Rule::Unique(columns) => key(context, constraint, columns, &mut all),
            Rule::ForeignKey { deferral, .. } => reference(context, constraint, deferral, &mut all),
            Rule::Check { .. } => {}
        }
    }
    for trigger in &context.table.triggers {
        triggers(context, trigger, groups, &mut all);
    }
    indexes(context, &mut all);
    for mut weakened in all {
        let tells = |group: &&mut Group| {
            let by = weakened.by.as_deref();
            let has_test = |test: &Test| Some(test.id.as_str()) == by;
            let has_row = |row: &Accept| Some(row.id.as_str()) == by;
            group.test.iter().any(has_test) || group.accept.iter().any(has_row)
        };
        if let Some(group) = groups.iter_mut().find(tells) {
            // What is stricter would refuse the tests of others.
            weakened.alone |= weakened.ends != Ends::Accepted;
            // Where every trigger is off, the test's own change switches one on: the weakened one instead.
            if weakened.cause.kind == "trigger" && group.name == "verbs" {
                weakened.change.clone_from(&weakened.delta);
            }
            group.weakened.push(weakened);
        } else if let Some(group) = groups.first_mut() {
            // No statement of this table is refused by that part of it.
            weakened.by = None;
            weakened.ends = Ends::AsBefore;
            group.weakened.push(weakened);
        }
    }
}

fn weakened(context: &Context<'_>, kind: &'static str, name: &str, change: &str) -> Weakened {
    Weakened {
        id: format!("{}/weakened/{name}.{change}", context.table.name),
        words: String::new(),
        cause: Cause {
            kind,
            object: context.qualified(),
            name: name.to_owned(),
        },
        delta: Vec::new(),
        change: Vec::new(),
        by: None,
        ends: Ends::Accepted,
        alone: false,
    }
}

/// Another definition under the same name, in one statement.
fn redefined(context: &Context<'_>, name: &str, definition: &str) -> String {
    format!(
        "alter table {} drop constraint {name}, add constraint {name} {definition}",
        context.qualified()
    )
}

fn checks(context: &Context<'_>, proof: &CheckProof) -> Vec<Weakened> {
    let of = |told: &manifest_model::check_proof::Told| {
        let mut one = weakened(context, "check", told.constraint, &told.change);
        one.words = format!("CHECK {}: {}", told.constraint, told.words);
        // Where rows that stand may be refused, they are not asked.
        let unasked = if told.is_stricter { " not valid" } else { "" };
        let definition = format!("check ({}){unasked}", told.expression);
        one.delta = vec![redefined(context, told.constraint, &definition)];
        match told.by {
            Witness::Rejected(number) => {
                one.by = Some(format!(
                    "{}/check/{}.{}",
                    context.table.name,
                    told.constraint,
                    number + 1
                ));
                one.alone = told.is_stricter;
            }
            Witness::Accepted(number) => {
                one.by = Some(accept_id(context, proof, number));
                one.ends = Ends::Refused;
            }
        }
        one
    };
    proof.told.iter().map(of).collect()
}

/// The CHECK of each domain, with the table that has its first column.
fn domains(context: &Context<'_>) -> Vec<Weakened> {
    let (plane, table) = (context.plane, context.table);
    let mut found = Vec::new();
    for domain in plane.domains {
        let mut all = context
            .tables
            .iter()
            .flat_map(|table| table.written_columns().map(move |column| (table.name, column)));
        let Some((first, column)) = all.find(|(_, column)| column.ty == domain.ty) else {
            continue;
        };
        let (true, Some(name)) = (first == table.name, domain.ty.domain()) else {
            continue;
        };
        for (change, by) in prove_domain(context.tables, domain).told {
            let mut one = weakened(context, "domain", name, &change.id);
            one.words = format!("domain {name}: {}", change.words);
            one.cause.object = format!("{}.{name}", plane.schema);
            domain.check_name.clone_into(&mut one.cause.name);
            let (by, valid) = match by {
                DomainWitness::Rejected(number) => (super::table::domain_id(context, column, number + 1), ""),
                DomainWitness::Accepted(_) => {
                    one.ends = Ends::Refused;
                    (
                        format!("{}/accepted/{name}.{}", table.name, change.id),
                        " not valid",
                    )
                }
            };
            one.by = Some(by);
            one.delta = vec![
                format!(
                    "alter domain {}.{name} drop constraint {}",
                    plane.schema, domain.check_name
                ),
                format!(
                    "alter domain {}.{name} add constraint {} check ({}){valid}",
                    plane.schema, domain.check_name, change.condition
                ),
            ];
            found.push(one);
        }
    }
    found
}

fn key(
    context: &Context<'_>,
    constraint: &Constraint,
    columns: &'static [&'static str],
    found: &mut Vec<Weakened>,
) {
    let name = constraint.name;
    let (kind, word) = match constraint.rule {
        Rule::PrimaryKey(_) => ("primary_key", "primary key"),
        _ => ("unique", "unique"),
    };
    let over = |columns: &[&str]| {
        let mut delta = unreferenced(context, Some(constraint_columns(constraint)));
        delta.push(redefined(
            context,
            name,
            &format!("{word} ({})", columns.join(", ")),
        ));
        delta
    };
    let other = rival(context.table, &context.row, constraint);
    let differs = |column: &&str| {
        context
            .table
            .column(column)
            .is_some_and(|it| !it.nullable && it.generated.is_none())
            && !columns.contains(column)
            && other.literal(column) != context.row.literal(column)
    };
    let names: Vec<&str> = context.table.columns.iter().map(|column| column.name).collect();
    if let Some(more) = names.into_iter().find(differs) {
        let mut one = weakened(context, kind, name, &format!("column_added.{more}"));
        one.words = format!("key {name} is over {more}, too");
        let wider: Vec<&str> = columns.iter().copied().chain([more]).collect();
        one.delta = over(&wider);
        one.by = Some(format!("{}/duplicate_key/{name}", context.table.name));
        found.push(one);
    }
    for column in columns.iter().filter(|_| columns.len() > 1) {
        let mut one = weakened(context, kind, name, &format!("column_left_out.{column}"));
        one.words = format!("key {name} is no longer over {column}");
        let rest: Vec<&str> = columns.iter().copied().filter(|other| other != column).collect();
        one.delta = over(&rest);
        one.by = Some(key_id(context, name, column));
        one.ends = Ends::Refused;
        found.push(one);
    }
}

fn constraint_columns(constraint: &Constraint) -> &'static [&'static str] {
    match constraint.rule {
        Rule::PrimaryKey(columns) | Rule::Unique(columns) => columns,
        _ => &[],
    }
}

fn reference(context: &Context<'_>, constraint: &Constraint, deferral: Deferral, found: &mut Vec<Weakened>) {
    let name = constraint.name;
    let class = match deferral {
        Deferral::Deferred => "orphan",
        Deferral::Restrict => "unknown_fk",
    };
    let by = format!("{}/{class}/{name}", context.table.name);
    let (other, word, ends) = match deferral {
        Deferral::Restrict => (Deferral::Deferred, "deferred", Ends::Accepted),
        Deferral::Deferred => (Deferral::Restrict, "checked at once", Ends::Otherwise),
    };
    let definition = |deferral| {
        let mut rule = constraint.rule;
        if let Rule::ForeignKey { deferral: one, .. } = &mut rule {
            *one = deferral;
        }
        constraint_definition(context.plane.schema, &rule)
    };
    let mut swapped = weakened(context, "foreign_key", name, "deferral_swapped");
    swapped.words = format!("foreign key {name} is {word}");
    swapped.delta = vec![redefined(context, name, &definition(other))];
    swapped.by = Some(by);
    swapped.ends = ends;
    found.push(swapped);

    // New rows are refused as before; rows that stand are not looked at, and no statement shows that.
    let mut unchecked = weakened(context, "foreign_key", name, "not_valid");
    unchecked.words = format!("foreign key {name} is NOT VALID");
    unchecked.delta = vec![redefined(
        context,
        name,
        &format!("{} not valid", definition(deferral)),
    )];
    unchecked.ends = Ends::AsBefore;
    found.push(unchecked);

    // The row goes and takes along what refers to it, or what refers to it refuses that in its own way.
    for (change, words, verb, kind) in [
        ("cascades", "deletes along", "DELETE", "on_delete"),
        ("updates_along", "updates along", "UPDATE", "on_update"),
    ] {
        // The server has no such key: a generated column can't be written along.
        if kind == "on_update" && has_generated_column(context, constraint) {
            continue;
        }
        let cascade = match deferral {
            Deferral::Restrict => {
                definition(deferral).replace(&format!("ON {verb} RESTRICT"), &format!("ON {verb} CASCADE"))
            }
            Deferral::Deferred => {
                definition(deferral).replace(" DEFERRABLE", &format!(" ON {verb} CASCADE DEFERRABLE"))
            }
        };
        let mut one = weakened(context, kind, name, change);
        one.words = format!("foreign key {name} {words}");
        one.delta = vec![redefined(context, name, &cascade)];
        one.by = Some(referenced::id(context, name, kind));
        one.ends = Ends::Otherwise;
        found.push(one);
    }
}

fn has_generated_column(context: &Context<'_>, constraint: &Constraint) -> bool {
    let Rule::ForeignKey { columns, .. } = constraint.rule else {
        return false;
    };
    let mut found = columns.iter().filter_map(|name| context.table.column(name));
    found.any(|column| column.generated.is_some())
}

fn triggers(context: &Context<'_>, trigger: &Trigger, groups: &[Group], found: &mut Vec<Weakened>) {
    let (name, table) = (trigger.name, context.qualified());
    let tests: Vec<&Test> = groups
        .iter()
        .flat_map(|group| &group.test)
        .filter(|test| test.cause.kind == "trigger" && test.cause.name == name)
        .collect();
    // The superuser acts as a replica, where only what is ALWAYS fires.
    let mut origin = weakened(context, "trigger", name, "not_always");
    origin.words = format!("trigger {name} fires in no replica");
    origin.delta = vec![format!("alter table {table} enable trigger {name}")];
    let as_replica = tests.iter().find(|test| test.persona == HARNESS);
    origin.by = as_replica.map(|test| test.id.clone());
    found.push(origin);

    let Some((timing, events)) = trigger.events.split_once(' ') else {
        return;
    };
    let events: Vec<&str> = events.split(" OR ").collect();
    for event in events.iter().filter(|_| events.len() > 1) {
        let rest: Vec<&str> = events.iter().copied().filter(|other| other != event).collect();
        let narrowed = Trigger {
            events: Box::leak(format!("{timing} {}", rest.join(" OR ")).into_boxed_str()),
            ..*trigger
        };
        let verb = event.to_lowercase();
        let mut one = weakened(context, "trigger", name, &format!("event_left_out.{verb}"));
        one.words = format!("trigger {name} no longer fires on {event}");
        one.delta = vec![format!("drop trigger {name} on {table}")];
        one.delta.extend(create_trigger(
            context.plane.schema,
            context.table.name,
            &narrowed,
        ));
        let of_verb = |test: &&&Test| test.rejected.starts_with(&verb);
        one.by = tests.iter().find(of_verb).map(|test| test.id.clone());
        found.push(one);
    }
}

/// An index that is no key refuses nothing: the catalog alone tells that it has become a partial one.
fn indexes(context: &Context<'_>, found: &mut Vec<Weakened>) {
    for index in &context.table.indexes {
        let mut one = weakened(context, "index", index.name, "partial");
        one.words = format!("index {} holds no row", index.name);
        one.delta = vec![
            format!("drop index {}.{}", context.plane.schema, index.name),
            format!(
                "create index {} on {} ({}) where false",
                index.name,
                context.qualified(),
                index.columns.join(", ")
            ),
        ];
        one.ends = Ends::AsBefore;
        found.push(one);
    }
}

/// Values of domains that must be accepted: one for each part of its CHECK that no reject shows.
pub fn accepted_of_domains(context: &Context<'_>) -> Vec<Accept> {
    let shown = domains(context)
        .into_iter()
        .filter(|one| one.ends == Ends::Refused);
    let mut found = Vec::new();
    for one in shown {
        let domain = context
            .plane
            .domains
            .iter()
            .find(|domain| domain.check_name == one.cause.name);
        let Some(domain) = domain else { continue };
        let literal =
            prove_domain(context.tables, domain)
                .told
                .into_iter()
                .find_map(|(change, by)| match by {
                    DomainWitness::Accepted(sql) if one.id.ends_with(&change.id) => Some(sql),
                    _ => None,
                });
        if let (Some(literal), Some(by)) = (literal, one.by) {
            found.push(Accept {
                id: by,
                row: format!("{literal} as {}", one.cause.object),
                shows: vec![one.words],
                arrange: Vec::new(),
                statement: format!("select {literal}::{}", one.cause.object),
            });
        }
    }
    found
}
