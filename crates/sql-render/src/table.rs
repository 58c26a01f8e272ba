//! Tables: columns, keys, checks, indexes, triggers, comments.
//!
//! Not for: rows, privileges. The one fact to know: deferrable keys, and the keys of evidence, are left
//! to S08, so [`create`] and [`foreign_keys_of_s08`] together make the whole table.

use std::fmt::Write as _;

use manifest_model::{
    Column, Constraint, ControlPlane, Deferral, Rule, TableClass, TableDef, Trigger, TriggerLevel,
};

use crate::literal;

/// Whether this key is added in S08 rather than with its table.
pub fn added_in_s08(table: &TableDef, constraint: &Constraint) -> bool {
    match constraint.rule {
        Rule::ForeignKey { deferral, .. } => {
            deferral == Deferral::Deferred || table.class == TableClass::RuntimeEvidence
        }
        _ => false,
    }
}

/// Type of a column, domains qualified.
pub fn column_type(schema: &str, column: &Column) -> String {
    match column.ty.domain() {
        Some(domain) => format!("{schema}.{domain}"),
        None => column.ty.base().to_owned(),
    }
}

/// What a constraint demands, as `pg_get_constraintdef` prints it under an empty search path.
pub fn constraint_definition(schema: &str, rule: &Rule) -> String {
    match rule {
        Rule::PrimaryKey(columns) => format!("PRIMARY KEY ({})", columns.join(", ")),
        Rule::Unique(columns) => format!("UNIQUE ({})", columns.join(", ")),
        Rule::ForeignKey {
            columns,
            table,
            references,
            deferral,
        } => {
            let tail = match deferral {
                Deferral::Restrict => " ON UPDATE RESTRICT ON DELETE RESTRICT",
                Deferral::Deferred => " DEFERRABLE INITIALLY DEFERRED",
            };
            format!(
                "FOREIGN KEY ({}) REFERENCES {schema}.{table}({}){tail}",
                columns.join(", "),
                references.join(", ")
            )
        }
        Rule::Check { expression, .. } => format!("CHECK ({expression})"),
    }
}

/// `create table` with everything that the table has before S08.
pub fn create(plane: &ControlPlane, table: &TableDef) -> String {
    let schema = plane.schema;
    let mut sql = String::new();
    comment_lines(&mut sql, table.doc);
    let _ = writeln!(sql, "create table {schema}.{} (", table.name);
    let mut parts: Vec<(String, Option<&str>)> = table
        .columns
        .iter()
        .map(|column| (column_line(schema, column), Some(column.doc)))
        .collect();
    for constraint in table
        .constraints
        .iter()
        .filter(|constraint| !added_in_s08(table, constraint))
    {
        let definition = lower_keywords(&constraint_definition(schema, &constraint.rule));
        parts.push((format!("constraint {} {definition}", constraint.name), None));
    }
    let last = parts.len() - 1;
    for (position, (part, doc)) in parts.iter().enumerate() {
        if let Some(doc) = doc {
            let _ = writeln!(sql, "    -- {doc}");
        }
        let _ = writeln!(sql, "    {part}{}", if position == last { "" } else { "," });
    }
    sql.push_str(");\n");
    for index in &table.indexes {
        let _ = writeln!(
            sql,
            "create index {} on {schema}.{} ({});",
            index.name,
            table.name,
            index.columns.join(", ")
        );
    }
    for trigger in &table.triggers {
        for statement in create_trigger(schema, table.name, trigger) {
            let _ = writeln!(sql, "{statement};");
        }
    }
    let _ = writeln!(
        sql,
        "comment on table {schema}.{} is {};",
        table.name,
        literal::text(table.doc)
    );
    sql
}

/// `create trigger`, and that it fires always.
pub fn create_trigger(schema: &str, table: &str, trigger: &Trigger) -> [String; 2] {
    let level = match trigger.level {
        TriggerLevel::Row => "row",
        TriggerLevel::Statement => "statement",
    };
    [
        format!(
            "create trigger {} {} on {schema}.{table} for each {level} execute function {schema}.{}()",
            trigger.name,
            trigger.events.to_lowercase(),
            trigger.routine
        ),
        format!(
            "alter table {schema}.{table} enable always trigger {}",
            trigger.name
        ),
    ]
}

/// `drop table`, without CASCADE.
pub fn drop(plane: &ControlPlane, table: &TableDef) -> String {
    format!("drop table {}.{};\n", plane.schema, table.name)
}

/// The keys that S08 adds, with their way back; none where there are none.
pub fn foreign_keys_of_s08(plane: &ControlPlane, table: &TableDef) -> Option<(String, String)> {
    let (mut up, mut down) = (String::new(), String::new());
    for constraint in table
        .constraints
        .iter()
        .filter(|constraint| added_in_s08(table, constraint))
    {
        let definition = lower_keywords(&constraint_definition(plane.schema, &constraint.rule));
        let _ = writeln!(
            up,
            "alter table {}.{}\n    add constraint {} {definition};",
            plane.schema, table.name, constraint.name
        );
        let _ = writeln!(
            down,
            "alter table {}.{} drop constraint {};",
            plane.schema, table.name, constraint.name
        );
    }
    (!up.is_empty()).then_some((up, down))
}

fn column_line(schema: &str, column: &Column) -> String {
    let mut line = format!("{} {}", column.name, column_type(schema, column));
    if let Some(expression) = column.generated {
        let _ = write!(line, " generated always as ({expression}) stored");
    } else if !column.nullable {
        line.push_str(" not null");
    }
    if let Some(default) = column.default {
        let _ = write!(line, " default {default}");
    }
    line
}

/// The words that `pg_get_constraintdef` prints in capitals, in lower case; expressions stay as printed.
fn lower_keywords(definition: &str) -> String {
    const WORDS: [&str; 7] = [
        "PRIMARY KEY",
        "UNIQUE",
        "FOREIGN KEY",
        "REFERENCES",
        "ON UPDATE RESTRICT ON DELETE RESTRICT",
        "DEFERRABLE INITIALLY DEFERRED",
        "CHECK",
    ];
    if let Some(expression) = definition.strip_prefix("CHECK ") {
        return format!("check {expression}");
    }
    WORDS.iter().fold(definition.to_owned(), |text, word| {
        text.replace(word, &word.to_lowercase())
    })
}

/// A doc sentence as SQL comment lines.
pub fn comment_lines(sql: &mut String, doc: &str) {
    let mut line = String::from("--");
    for word in doc.split_whitespace() {
        if line.len() + word.len() > 100 {
            sql.push_str(&line);
            sql.push('\n');
            line = String::from("--");
        }
        line.push(' ');
        line.push_str(word);
    }
    sql.push_str(&line);
    sql.push('\n');
}
