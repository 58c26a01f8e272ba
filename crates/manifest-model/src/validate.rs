//! What makes a definition unfit to be authored.
//!
//! Not for: comparing with an approved design (`authoring`). The one fact to know: all problems are
//! collected, each names the file and the item, and an empty list is the only way on.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::attack;
use crate::check_proof;
use crate::column::{Column, ColumnType};
use crate::constraint::Rule;
use crate::control_plane::ControlPlane;
use crate::row::{Item, RowSource, V};
use crate::table::{Surface, TableDef};

/// PostgreSQL cuts names beyond this, with only a NOTICE.
pub const NAME_BYTES_MAX: usize = 63;

/// One reason why a definition can't be authored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// File that holds the definition.
    pub source: String,
    /// The item: `quorum_manifest.quorum_manifest_pk`.
    pub item: String,
    /// What is wrong: expected, found, and what to do.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: `{}`: {}", self.source, self.item, self.what)
    }
}

struct Problems(Vec<Problem>);

impl Problems {
    fn add(&mut self, source: &str, item: impl Into<String>, what: impl Into<String>) {
        self.0.push(Problem {
            source: source.to_owned(),
            item: item.into(),
            what: what.into(),
        });
    }

    fn demand_decided(&mut self, source: &str, item: &str, text: &str) {
        if let Some(question) = undecided(text) {
            self.add(source, item, waits(question));
        }
    }
}

fn waits(question: &str) -> String {
    format!("{UNDECIDED}: {question}; decide it before authoring")
}

/// What a text says that waits for a person: `UNKNOWN_REQUIRES_REVIEW: which rows?` [doc 07, PKG-A].
pub const UNDECIDED: &str = "UNKNOWN_REQUIRES_REVIEW";

/// The question in a text that waits for a person's decision.
pub fn undecided(text: &str) -> Option<&str> {
    let rest = text.strip_prefix(UNDECIDED)?;
    match rest.strip_prefix(':') {
        Some(question) => Some(question.trim_start()),
        None => rest.is_empty().then_some("what is it?"),
    }
}

/// Every problem of the control plane; empty when it may be authored.
pub fn problems(plane: &ControlPlane) -> Vec<Problem> {
    let mut found = Problems(Vec::new());
    let tables = plane.table_definitions();
    undecided_texts(plane, &tables, &mut found);
    guards(plane, &mut found);
    surface_numbers(plane, &mut found);
    names(&tables, &mut found);
    for table in &tables {
        columns(table, &mut found);
        constraints(table, &tables, &mut found);
        implied(table, &mut found);
        checks(table, &mut found);
        indexes(table, &mut found);
        triggers(table, plane, &mut found);
    }
    for surface in plane.surfaces {
        if let RowSource::Listed(items) = surface.rows {
            rows(surface, items, plane, &mut found);
        }
    }
    domains(plane, &tables, &mut found);
    routines(plane, &mut found);
    let attacks = attack::unfit(plane);
    attacks.for_each(|(source, item, what)| found.add(source, item, what));
    found.0
}

/// Texts that become SQL comments, and keys of rows, whose decision nobody has taken.
fn undecided_texts(plane: &ControlPlane, tables: &[TableDef], found: &mut Problems) {
    for table in tables {
        found.demand_decided(table.source, table.name, table.doc);
        for column in &table.columns {
            found.demand_decided(
                table.source,
                &format!("{}.{}", table.name, column.name),
                column.doc,
            );
        }
    }
    for surface in plane.surfaces {
        if let RowSource::Listed(items) = surface.rows {
            for item in items {
                found.demand_decided(
                    surface.source,
                    &format!("{}[{}]", surface.table, item.key),
                    item.key,
                );
            }
        }
    }
}

/// A guard says what holds and why, and is due somewhere: one that never runs is never red.
fn guards(plane: &ControlPlane, found: &mut Problems) {
    for guard in plane.guards {
        found.demand_decided("guards", guard.id, guard.invariant);
        found.demand_decided("guards", guard.id, guard.why);
        if guard.steps.is_empty() && guard.packages.is_empty() {
            found.add(
                "guards",
                guard.id,
                "expected a step or a package at which it is due, found none; it would never be asked",
            );
        }
    }
}

fn surface_numbers(plane: &ControlPlane, found: &mut Problems) {
    for (index, surface) in plane.surfaces.iter().enumerate() {
        if usize::from(surface.number) != index + 1 {
            found.add(
                surface.source,
                surface.table,
                format!(
                    "expected surface number {}, found {}; surfaces are numbered from 1 without a gap",
                    index + 1,
                    surface.number
                ),
            );
        }
    }
    let numbers: BTreeSet<u8> = plane.surfaces.iter().map(|surface| surface.number).collect();
    let sealed: BTreeSet<u8> = plane.seal.order.iter().copied().collect();
    if numbers != sealed || plane.seal.order.len() != sealed.len() {
        found.add(
            "",
            "seal order",
            format!(
                "expected each of the surfaces {numbers:?} once, found {:?}",
                plane.seal.order
            ),
        );
    }
}

/// Whether `name` is a plain lower-case SQL identifier of legal length; says what is wrong if not.
pub fn name_problem(name: &str) -> Option<String> {
    if name.is_empty() {
        return Some("expected a name, found none; every object and constraint is named".to_owned());
    }
    if name.len() > NAME_BYTES_MAX {
        return Some(format!(
            "expected at most {NAME_BYTES_MAX} bytes, found {}; the server would cut it to `{}` with only a notice",
            name.len(),
            &name[..NAME_BYTES_MAX]
        ));
    }
    let mut bytes = name.bytes();
    let head = bytes.next().is_some_and(|b| b.is_ascii_lowercase() || b == b'_');
    if !head || !bytes.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_') {
        return Some(format!(
            "expected lower-case ASCII letters, digits and `_`, found `{name}`"
        ));
    }
    None
}

fn names(tables: &[TableDef], found: &mut Problems) {
    let mut relations: BTreeMap<&str, String> = BTreeMap::new();
    for table in tables {
        if let Some(what) = name_problem(table.name) {
            found.add(table.source, table.name, what);
        }
        // Keys and indexes are relations too and share the schema's name space.
        let owned = std::iter::once(table.name)
            .chain(table.keys().map(|(constraint, _)| constraint.name))
            .chain(table.indexes.iter().map(|index| index.name));
        for name in owned {
            if let Some(first) = relations.insert(name, table.name.to_owned()) {
                found.add(
                    table.source,
                    format!("{}.{name}", table.name),
                    format!("the name is taken by `{first}`; relation names are unique in a schema"),
                );
            }
        }
        let mut seen = BTreeSet::new();
        for name in table
            .constraints
            .iter()
            .map(|c| c.name)
            .chain(table.triggers.iter().map(|t| t.name))
            .chain(table.indexes.iter().map(|i| i.name))
        {
            if let Some(what) = name_problem(name) {
                found.add(table.source, format!("{}.{name}", table.name), what);
            }
            if !seen.insert(name) {
                found.add(
                    table.source,
                    format!("{}.{name}", table.name),
                    "the name is used twice on this table",
                );
            }
        }
    }
}

fn columns(table: &TableDef, found: &mut Problems) {
    let mut seen = BTreeSet::new();
    for column in &table.columns {
        let item = format!("{}.{}", table.name, column.name);
        if let Some(what) = name_problem(column.name) {
            found.add(table.source, &item, what);
        }
        if !seen.insert(column.name) {
            found.add(table.source, &item, "the column is defined twice");
        }
        let harness_fills = matches!(column.name, "manifest_id" | "ordinal");
        if column.generated.is_none() && column.probe.is_empty() && !harness_fills {
            found.add(
                table.source,
                &item,
                "expected a probe literal, found none; its negative tests can't be made without one",
            );
        }
        if column.doc.is_empty() {
            found.add(
                table.source,
                &item,
                "expected a sentence that says why the column exists, found none",
            );
        }
    }
    if table.primary_key().is_none() {
        found.add(table.source, table.name, "expected a primary key, found none");
    }
}

fn unknown_columns(table: &TableDef, item: &str, columns: &[&str], found: &mut Problems) {
    for name in columns {
        if table.column(name).is_none() {
            let what = format!("names the column `{name}`, which `{}` does not have", table.name);
            found.add(table.source, item, what);
        }
    }
}

fn constraints(table: &TableDef, tables: &[TableDef], found: &mut Problems) {
    for constraint in &table.constraints {
        let item = format!("{}.{}", table.name, constraint.name);
        match constraint.rule {
            Rule::PrimaryKey(columns) | Rule::Unique(columns) => {
                unknown_columns(table, &item, columns, found);
            }
            Rule::ForeignKey {
                columns,
                table: target,
                references,
                ..
            } => {
                unknown_columns(table, &item, columns, found);
                match tables.iter().find(|other| other.name == target) {
                    None => found.add(
                        table.source,
                        &item,
                        format!("refers to `{target}`, which this control plane does not define"),
                    ),
                    Some(other) if !other.keys().any(|(_, key)| key == references) => found.add(
                        table.source,
                        &item,
                        format!(
                            "refers to `{target}` ({}), which is no key of it",
                            references.join(", ")
                        ),
                    ),
                    Some(_) => {}
                }
            }
            Rule::Check { rejects, .. } => {
                if rejects.is_empty() {
                    found.add(
                        table.source,
                        &item,
                        "expected at least one value that it must reject, found none; a constraint without a negative test can't be authored",
                    );
                }
                for reject in rejects {
                    let mut columns = vec![reject.column];
                    columns.extend(reject.given.iter().map(|(column, _)| *column));
                    unknown_columns(table, &item, &columns, found);
                }
            }
        }
    }
}

/// A part of a CHECK that no value shows could be changed and nobody would notice.
fn checks(table: &TableDef, found: &mut Problems) {
    for (constraint, what) in check_proof::prove(table).missing {
        let item = format!("{}.{constraint}", table.name);
        // A CHECK that is unfit as it stands is mended first.
        if !found.0.iter().any(|problem| problem.item == item) {
            found.add(table.source, item, what);
        }
    }
}

fn domains(plane: &ControlPlane, tables: &[TableDef], found: &mut Problems) {
    for domain in plane.domains {
        let proof = check_proof::prove_domain(tables, domain);
        proof
            .missing
            .into_iter()
            .for_each(|what| found.add("", domain.check_name, what));
    }
}

/// A rule is stated once: what another constraint implies could never be the sole cause [ruling A9].
fn implied(table: &TableDef, found: &mut Problems) {
    let keys: Vec<_> = table.keys().collect();
    for (constraint, columns) in &keys {
        for (other, inner) in &keys {
            if constraint.name != other.name && inner.iter().all(|column| columns.contains(column)) {
                found.add(
                    table.source,
                    format!("{}.{}", table.name, constraint.name),
                    format!("is implied by `{}`: its columns contain that key, so nothing could ever be rejected by it alone; drop one of the two", other.name),
                );
            }
        }
    }
    for constraint in &table.constraints {
        let Rule::Check { expression, .. } = constraint.rule else {
            continue;
        };
        let item = format!("{}.{}", table.name, constraint.name);
        for Column { name, nullable, .. } in &table.columns {
            if !nullable && expression == format!("({name} IS NOT NULL)") {
                found.add(
                    table.source,
                    &item,
                    format!("is implied by NOT NULL of `{name}`; drop one of the two"),
                );
            }
            // The server prints a column of a domain type with a cast.
            let is_list = expression.starts_with(&format!("({name} = ANY (ARRAY["))
                || expression.starts_with(&format!("(({name})::text = ANY (ARRAY["));
            let has_fk = table.constraints.iter().any(
                |other| matches!(other.rule, Rule::ForeignKey { columns, .. } if columns.contains(name)),
            );
            if is_list && has_fk {
                found.add(table.source, &item, format!("lists the values of `{name}`, which a foreign key already bounds; drop one of the two"));
            }
        }
        for other in &table.constraints {
            if other.name != constraint.name && other.rule == constraint.rule {
                found.add(
                    table.source,
                    &item,
                    format!("is the same as `{}`; drop one of the two", other.name),
                );
            }
        }
    }
}

fn indexes(table: &TableDef, found: &mut Problems) {
    for index in &table.indexes {
        for name in index.columns {
            if table.column(name).is_none() {
                found.add(
                    table.source,
                    format!("{}.{}", table.name, index.name),
                    format!("names the column `{name}`, which `{}` does not have", table.name),
                );
            }
        }
    }
    for constraint in &table.constraints {
        let Rule::ForeignKey { columns, .. } = constraint.rule else {
            continue;
        };
        let covers = |index: &[&str]| {
            index.len() >= columns.len()
                && columns
                    .iter()
                    .all(|column| index[..columns.len()].contains(column))
        };
        // The envelope key of a child is narrowed enough by manifest_id, which leads its primary key.
        let by_manifest = columns.first() == Some(&"manifest_id")
            && table.primary_key().and_then(<[_]>::first) == Some(&"manifest_id");
        if !by_manifest
            && !table.keys().any(|(_, key)| covers(key))
            && !table.indexes.iter().any(|index| covers(index.columns))
        {
            found.add(
                table.source,
                format!("{}.{}", table.name, constraint.name),
                format!(
                    "expected an index that leads with ({}), found none",
                    columns.join(", ")
                ),
            );
        }
    }
}

fn triggers(table: &TableDef, plane: &ControlPlane, found: &mut Problems) {
    for trigger in &table.triggers {
        if !plane
            .routines
            .iter()
            .any(|routine| routine.name == trigger.routine)
        {
            found.add(
                table.source,
                format!("{}.{}", table.name, trigger.name),
                format!(
                    "calls `{}`, which this control plane does not define",
                    trigger.routine
                ),
            );
        }
    }
}

fn rows(surface: &Surface, items: &[Item], plane: &ControlPlane, found: &mut Problems) {
    let mut keys = BTreeSet::new();
    let typed: Vec<&Column> = surface
        .columns
        .iter()
        .filter(|column| column.generated.is_none())
        .collect();
    if items.is_empty() {
        found.add(
            surface.source,
            surface.table,
            "expected at least one item, found none",
        );
    }
    for item in items {
        let name = format!("{}[{}]", surface.table, item.key);
        if !keys.insert(item.key) {
            found.add(surface.source, &name, "the item key is used twice");
        }
        if plane.reason(item.refusal).is_none() {
            found.add(
                surface.source,
                &name,
                format!(
                    "names the reason code `{}`, which #22 does not define",
                    item.refusal
                ),
            );
        }
        if item.values.len() != typed.len() {
            found.add(
                surface.source,
                &name,
                format!("expected {} values, found {}", typed.len(), item.values.len()),
            );
            continue;
        }
        for (column, value) in typed.iter().zip(item.values) {
            if let Some(what) = value_problem(column, *value) {
                found.add(surface.source, format!("{name}.{}", column.name), what);
            }
        }
    }
}

/// What is wrong with a value for its column, if anything.
pub fn value_problem(column: &Column, value: V) -> Option<String> {
    let fits = match value {
        V::UnknownRequiresReview(question) => {
            return Some(waits(question));
        }
        V::Null => return (!column.nullable).then(|| "expected a value, found NULL".to_owned()),
        V::T(text) => {
            matches!(
                column.ty,
                ColumnType::Text | ColumnType::ItemKey | ColumnType::Uuid
            ) || (column.ty == ColumnType::NonemptyText && !text.is_empty())
        }
        V::I(number) => {
            matches!(column.ty, ColumnType::Integer | ColumnType::Bigint)
                || (column.ty == ColumnType::Ordinal && number >= 1)
        }
        V::N(_) => column.ty == ColumnType::Numeric,
        V::B(_) => column.ty == ColumnType::Boolean,
        V::X(hex) => {
            column.ty == ColumnType::Sha256
                && hex.len() == 64
                && hex
                    .bytes()
                    .all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase())
        }
    };
    (!fits).then(|| format!("expected a value of type {:?}, found {value:?}", column.ty))
}

fn routines(plane: &ControlPlane, found: &mut Problems) {
    for routine in plane.routines {
        if let Some(what) = name_problem(routine.name) {
            found.add(routine.source, routine.name, what);
        }
        for (position, mark) in routine.body.match_indices("{surface:") {
            let table: String = routine.body[position + mark.len()..]
                .chars()
                .take_while(|letter| *letter != '}')
                .collect();
            if plane.surface_of_table(&table).is_none() {
                let what = format!("names the surface `{table}`, which this control plane does not define");
                found.add(routine.source, routine.name, what);
            }
        }
        for (position, _) in routine.body.match_indices("errcode = '") {
            let code = routine.body[position + 11..].chars().take(5).collect::<String>();
            if code.starts_with("Q7") && !plane.reason_codes.iter().any(|reason| reason.sqlstate == code) {
                found.add(
                    routine.source,
                    routine.name,
                    format!("raises SQLSTATE `{code}`, which #22 does not define"),
                );
            }
        }
    }
    let mut states = BTreeMap::new();
    for reason in plane.reason_codes {
        if let Some(first) = states.insert(reason.sqlstate, reason.code) {
            found.add(
                "",
                reason.code,
                format!(
                    "has the SQLSTATE `{}` of `{first}`; each reason code has its own",
                    reason.sqlstate
                ),
            );
        }
    }
}
