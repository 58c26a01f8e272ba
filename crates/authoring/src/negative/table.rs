//! Tests that follow from columns and constraints, for any table; and the spec of a table that is no
//! surface.

use manifest_model::check_proof::prove;
use manifest_model::{Column, ColumnType, ControlPlane, Deferral, Domain, Rule, TableClass, TableDef};

use sql_render::routine::fill;

use super::accepted::accepted;
use super::activation;
use super::row::{ProbeRow, mentions, other, rival, unknown};
use super::spec::{Cause, Expect, Group, Spec, Test, by_twin};
use super::{privilege, referenced};
use super::{trigger, weakened};

/// The owner role, by the name under which the rehearsal knows it.
pub const OWNER: &str = "owner";
/// The rehearsal's own superuser session.
pub const HARNESS: &str = "harness";

/// What the tests of one table share.
pub struct Context<'a> {
    /// The control plane.
    pub plane: &'a ControlPlane,
    /// Every table of it.
    pub tables: &'a [TableDef],
    /// The table.
    pub table: &'a TableDef,
    /// A valid row of it.
    pub row: ProbeRow<'a>,
}

impl Context<'_> {
    /// `qt001_cp.table`.
    pub fn qualified(&self) -> String {
        format!("{}.{}", self.plane.schema, self.table.name)
    }

    /// A test with the owner as both personas.
    pub fn test(
        &self,
        class: &'static str,
        what: &str,
        mutation: String,
        twin: String,
        rejected: String,
    ) -> Test {
        Test {
            id: format!("{}/{class}/{what}", self.table.name),
            class,
            mutation,
            arrange: Vec::new(),
            twin_persona: OWNER.to_owned(),
            twin,
            persona: OWNER.to_owned(),
            change: Vec::new(),
            derived: Vec::new(),
            rejected,
            flush: false,
            observe: None,
            cause: Cause {
                kind: "",
                object: self.qualified(),
                name: String::new(),
            },
            removal: Vec::new(),
            expect: Expect::default(),
        }
    }

    fn on(&self, sqlstate: &str, phase: &'static str) -> Expect {
        Expect::on(sqlstate, self.plane.schema, self.table.name, phase)
    }
}

/// NOT NULL, CHECK, keys, foreign keys, domains.
pub fn constraint_tests(context: &Context<'_>) -> Vec<Test> {
    let mut tests = Vec::new();
    null_required(context, &mut tests);
    checks(context, &mut tests);
    duplicate_keys(context, &mut tests);
    unknown_references(context, &mut tests);
    domain_values(context, &mut tests);
    tests
}

fn null_required(context: &Context<'_>, tests: &mut Vec<Test>) {
    let key = context.table.primary_key().unwrap_or_default();
    for column in context.table.written_columns().filter(|column| !column.nullable) {
        let mut test = context.test(
            "null_required",
            column.name,
            format!("{} is NULL", column.name),
            context.row.insert(),
            context.row.clone().with(column.name, "null").insert(),
        );
        test.cause = Cause {
            kind: "not_null",
            object: context.qualified(),
            name: column.name.to_owned(),
        };
        // A key column keeps its NOT NULL while it is one, so both go [ruling A9].
        if key.contains(&column.name)
            && let Some((constraint, _)) = context.table.keys().find(|(_, columns)| *columns == key)
        {
            test.arrange = privilege::unreferenced(context, Some(key));
            test.removal.push(format!(
                "alter table {} drop constraint {}",
                context.qualified(),
                constraint.name
            ));
        }
        test.removal.push(format!(
            "alter table {} alter column {} drop not null",
            context.qualified(),
            column.name
        ));
        test.expect = context.on("23502", "not_null").column(column.name);
        tests.push(test);
    }
}

fn checks(context: &Context<'_>, tests: &mut Vec<Test>) {
    for constraint in &context.table.constraints {
        let Rule::Check { rejects, .. } = constraint.rule else {
            continue;
        };
        for (reject, number) in rejects.iter().zip(1..) {
            let valid = reject
                .given
                .iter()
                .fold(context.row.clone(), |row, (column, literal)| {
                    row.with(column, literal)
                });
            let mut test = context.test(
                "check",
                &format!("{}.{number}", constraint.name),
                reject.what.to_owned(),
                valid.insert(),
                valid.with(reject.column, reject.literal).insert(),
            );
            test.cause = Cause {
                kind: "check",
                object: context.qualified(),
                name: constraint.name.to_owned(),
            };
            test.removal = vec![format!(
                "alter table {} drop constraint {}",
                context.qualified(),
                constraint.name
            )];
            test.expect = context.on("23514", "check").constraint(constraint.name);
            tests.push(test);
        }
    }
}

fn duplicate_keys(context: &Context<'_>, tests: &mut Vec<Test>) {
    for (constraint, columns) in context.table.keys() {
        let mut test = context.test(
            "duplicate_key",
            constraint.name,
            format!("({}) is taken", columns.join(", ")),
            context.row.insert(),
            context.row.insert(),
        );
        // A key that others refer to can't be dropped while they do [ruling A9].
        test.arrange = privilege::unreferenced(context, Some(columns));
        test.change = vec![rival(context.table, &context.row, constraint).insert()];
        let kind = if matches!(constraint.rule, Rule::PrimaryKey(_)) {
            "primary_key"
        } else {
            "unique"
        };
        test.cause = Cause {
            kind,
            object: context.qualified(),
            name: constraint.name.to_owned(),
        };
        test.removal = vec![format!(
            "alter table {} drop constraint {}",
            context.qualified(),
            constraint.name
        )];
        test.expect = context.on("23505", "unique").constraint(constraint.name);
        tests.push(test);
    }
}

fn unknown_references(context: &Context<'_>, tests: &mut Vec<Test>) {
    for constraint in &context.table.constraints {
        let Rule::ForeignKey {
            columns, deferral, ..
        } = constraint.rule
        else {
            continue;
        };
        let deferred = deferral == Deferral::Deferred;
        // The first column that is written: a generated one is constant.
        let written = |name: &&&str| {
            context
                .table
                .written_columns()
                .any(|column| column.name == **name)
        };
        let Some(name) = columns.iter().find(written) else {
            continue;
        };
        let Some(column) = context.table.column(name) else {
            continue;
        };
        let class = if deferred { "orphan" } else { "unknown_fk" };
        let mut test = context.test(
            class,
            constraint.name,
            format!("{name} refers to nothing"),
            context.row.insert(),
            context.row.clone().with(name, &unknown(column)).insert(),
        );
        test.flush = deferred;
        test.cause = Cause {
            kind: "foreign_key",
            object: context.qualified(),
            name: constraint.name.to_owned(),
        };
        test.removal = vec![format!(
            "alter table {} drop constraint {}",
            context.qualified(),
            constraint.name
        )];
        test.expect = context
            .on("23503", if deferred { "commit" } else { "fk" })
            .constraint(constraint.name);
        tests.push(test);
    }
}

/// Values that the domain of a column rejects: each for the first column of a domain, one for the others.
fn domain_values(context: &Context<'_>, tests: &mut Vec<Test>) {
    let mut seen = Vec::new();
    for column in context.table.written_columns() {
        let Some(domain) = context.plane.domains.iter().find(|domain| domain.ty == column.ty) else {
            continue;
        };
        let first = !seen.contains(&column.ty);
        seen.push(column.ty);
        let rejects = if first {
            domain.rejects
        } else {
            &domain.rejects[..1]
        };
        for ((what, literal), number) in rejects.iter().zip(1..) {
            tests.push(domain_test(context, column, domain, (what, literal, number)));
        }
    }
}

fn domain_test(
    context: &Context<'_>,
    column: &Column,
    domain: &Domain,
    (what, literal, number): (&str, &str, usize),
) -> Test {
    let valid = match context.row.literal(column.name) {
        "null" => context.row.clone().with(column.name, &other(column)),
        _ => context.row.clone(),
    };
    let class = domain_class(column);
    let mut test = context.test(
        class,
        &numbered(column, number),
        format!("{} is {what}", column.name),
        valid.insert(),
        valid.with(column.name, literal).insert(),
    );
    // Whatever else would refuse the value is out of the way in all three runs.
    test.arrange = constraints_on(context, column.name);
    test.cause = Cause {
        kind: "domain",
        object: context.qualified(),
        name: column.name.to_owned(),
    };
    let name = column.ty.domain().unwrap_or_default();
    test.removal = vec![format!(
        "alter domain {}.{name} drop constraint {}",
        context.plane.schema, domain.check_name
    )];
    test.expect = Expect {
        sqlstate: "23514".to_owned(),
        schema: Some(context.plane.schema.to_owned()),
        constraint: Some(domain.check_name.to_owned()),
        data_type: Some(name.to_owned()),
        phase: "type",
        ..Expect::default()
    };
    test
}

fn domain_class(column: &Column) -> &'static str {
    match column.ty {
        ColumnType::Sha256 => "invalid_hash_length",
        _ => "invalid_domain_value",
    }
}

fn numbered(column: &Column, number: usize) -> String {
    if number == 1 {
        return column.name.to_owned();
    }
    format!("{}.{number}", column.name)
}

/// The id of the test of a domain's reject, from 1, on this column.
pub fn domain_id(context: &Context<'_>, column: &Column, number: usize) -> String {
    let (class, what) = (domain_class(column), numbered(column, number));
    format!("{}/{class}/{what}", context.table.name)
}

/// Drops the CHECKs and foreign keys that speak of a column.
fn constraints_on(context: &Context<'_>, column: &str) -> Vec<String> {
    let table = context.qualified();
    let speaks = |rule: &Rule| match rule {
        Rule::ForeignKey { columns, .. } => columns.contains(&column),
        Rule::Check { expression, .. } => mentions(expression, column),
        _ => false,
    };
    let constraints = context.table.constraints.iter();
    constraints
        .filter(|constraint| speaks(&constraint.rule))
        .map(|constraint| format!("alter table {table} drop constraint {}", constraint.name))
        .collect()
}

/// What stands before the tests of a table.
pub fn fixtures(plane: &ControlPlane, table: &TableDef) -> Vec<String> {
    table.fixtures.iter().map(|sql| fill(plane, sql)).collect()
}

/// The spec of an anchor, registry, catalog or runtime-evidence table.
pub fn spec(plane: &ControlPlane, tables: &[TableDef], table: &TableDef) -> Spec {
    let row = ProbeRow::new(plane.schema, table);
    let context = Context {
        plane,
        tables,
        table,
        row,
    };
    let fixtures = fixtures(plane, table);
    let mut constraints = Group::of_tests(
        "constraints",
        fixtures.clone(),
        by_twin(constraint_tests(&context)),
    );
    // Triggers on INSERT would reject the probe row before its constraints are reached; their own
    // tests switch them on again.
    for guard in trigger::insert_triggers(table) {
        constraints.base.push(format!(
            "alter table {} disable trigger {}",
            context.qualified(),
            guard.name
        ));
    }
    let referenced = referenced::groups(&context, &constraints.base);
    let roles = privilege_roles(plane, table);
    let mut verbs = privilege::group(&context, &roles, trigger::tests(&context));
    verbs.base.splice(0..0, fixtures);
    let mut group: Vec<Group> = [constraints, verbs]
        .into_iter()
        .chain(activation::group(&context))
        .chain(referenced)
        .collect();
    accept_and_weaken(&context, &mut group);
    Spec {
        format_version: 1,
        object: context.qualified(),
        surface: None,
        group,
    }
}

/// Adds rows that must be accepted to the first group, and weakened objects to each.
pub fn accept_and_weaken(context: &Context<'_>, groups: &mut [Group]) {
    let proof = prove(context.table);
    if let Some(first) = groups.first_mut() {
        first.accept = accepted(context, &proof);
        first.accept.extend(weakened::accepted_of_domains(context));
    }
    weakened::fill(context, &proof, groups);
}

/// Roles whose DML must be refused: the application, a role without any membership, and for evidence
/// every contract role.
fn privilege_roles(plane: &ControlPlane, table: &TableDef) -> Vec<(&'static str, String)> {
    let mut roles = vec![
        ("directus_dml", plane.application_role.to_owned()),
        ("public_dml", "outsider".to_owned()),
    ];
    if table.class == TableClass::RuntimeEvidence {
        let contract = plane.roles.iter().filter(|role| role.name != plane.owner);
        roles.extend(contract.map(|role| ("role_dml", role.name.to_owned())));
    }
    roles
}
