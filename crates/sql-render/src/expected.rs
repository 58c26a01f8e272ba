//! What the catalog must hold of a control plane: the expected set of #20, in the server's own words.
//!
//! Not for: comparing. The one fact to know: it mirrors `realized_constraint` in the database, kind by
//! kind, and a test on each major reads both and compares bytes [ruling B2].

use manifest_model::{ControlPlane, Rule, Security, TriggerLevel, Volatility};

use crate::table::constraint_definition;
use crate::{ROUTINE_SEARCH_PATH, routine};

/// One fact that must be in the catalog.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ExpectedFact {
    /// Table, domain or routine name.
    pub relation: String,
    /// `column`, `constraint`, `check`, `index`, `trigger`, `not_null`, `default`, `domain`, `routine`.
    pub kind: &'static str,
    /// Name of the object.
    pub name: String,
    /// Definition as the server prints it under an empty search path.
    pub definition: String,
}

/// Every expected fact, sorted.
pub fn expected_facts(plane: &ControlPlane) -> Vec<ExpectedFact> {
    let mut facts = Vec::new();
    for table in plane.table_definitions() {
        table_facts(plane.schema, &table, &mut facts);
    }
    for domain in plane.domains {
        let Some(name) = domain.ty.domain() else { continue };
        facts.push(ExpectedFact {
            relation: name.to_owned(),
            kind: "domain",
            name: domain.check_name.to_owned(),
            definition: format!("CHECK ({})", domain.expression),
        });
    }
    routine_facts(plane, &mut facts);
    facts.sort();
    facts
}

fn table_facts(schema: &str, table: &manifest_model::TableDef, facts: &mut Vec<ExpectedFact>) {
    let mut add = |kind, name: &str, definition: String| {
        facts.push(ExpectedFact {
            relation: table.name.to_owned(),
            kind,
            name: name.to_owned(),
            definition,
        });
    };
    for constraint in &table.constraints {
        let kind = if matches!(constraint.rule, Rule::Check { .. }) {
            "check"
        } else {
            "constraint"
        };
        add(
            kind,
            constraint.name,
            constraint_definition(schema, &constraint.rule),
        );
    }
    for (constraint, columns) in table.keys() {
        let definition = format!(
            "CREATE UNIQUE INDEX {} ON {schema}.{} USING btree ({})",
            constraint.name,
            table.name,
            columns.join(", ")
        );
        add("index", constraint.name, definition);
    }
    for index in &table.indexes {
        let definition = format!(
            "CREATE INDEX {} ON {schema}.{} USING btree ({})",
            index.name,
            table.name,
            index.columns.join(", ")
        );
        add("index", index.name, definition);
    }
    for trigger in &table.triggers {
        let level = match trigger.level {
            TriggerLevel::Row => "ROW",
            TriggerLevel::Statement => "STATEMENT",
        };
        let definition = format!(
            "A CREATE TRIGGER {} {} ON {schema}.{} FOR EACH {level} EXECUTE FUNCTION {schema}.{}()",
            trigger.name, trigger.events, table.name, trigger.routine
        );
        add("trigger", trigger.name, definition);
    }
    for column in &table.columns {
        let ty = match column.ty.domain() {
            Some(domain) => format!("{schema}.{domain}"),
            None => column.ty.base().to_owned(),
        };
        let generated = if column.generated.is_some() {
            " generated"
        } else {
            ""
        };
        add("column", column.name, format!("{ty}{generated}"));
        if !column.nullable {
            add("not_null", column.name, "NOT NULL".to_owned());
        }
        if let Some(expression) = column.default.or(column.generated) {
            add("default", column.name, expression.to_owned());
        }
    }
}

fn routine_facts(plane: &ControlPlane, facts: &mut Vec<ExpectedFact>) {
    let mut add = |name: &str,
                   identity: String,
                   language: &str,
                   definer: bool,
                   volatility: char,
                   strict: bool,
                   parallel: char| {
        facts.push(ExpectedFact {
            relation: name.to_owned(),
            kind: "routine",
            name: identity,
            definition: format!(
                "{language} kind=f definer={definer} volatility={volatility} strict={strict} parallel={parallel} config=search_path={ROUTINE_SEARCH_PATH}"
            ),
        });
    };
    for routine in plane.routines {
        add(
            routine.name,
            routine::identity(plane, routine),
            language_name(routine),
            routine.security == Security::Definer,
            volatility_code(routine.volatility),
            routine.strict,
            if routine::parallel_safe(routine) { 's' } else { 'u' },
        );
    }
    for generated in routine::generated(plane) {
        add(
            generated.name,
            generated.identity(plane),
            "plpgsql",
            generated.definer,
            's',
            false,
            'u',
        );
    }
}

/// `pg_language.lanname` of a routine.
pub fn language_name(routine: &manifest_model::Routine) -> &'static str {
    match routine.language {
        manifest_model::Language::Plpgsql => "plpgsql",
        manifest_model::Language::Sql | manifest_model::Language::SqlAtomic => "sql",
    }
}

/// `provolatile`.
pub fn volatility_code(volatility: Volatility) -> char {
    match volatility {
        Volatility::Immutable => 'i',
        Volatility::Stable => 's',
        Volatility::Volatile => 'v',
    }
}
