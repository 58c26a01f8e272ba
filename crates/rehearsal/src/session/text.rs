//! SQL as text: statements put together, names and literals quoted.

/// Statements, each ended.
pub(crate) fn joined(statements: &[String]) -> String {
    let mut sql = String::new();
    for statement in statements {
        sql += trimmed(statement);
        sql += ";\n";
    }
    sql
}

/// A statement without what ends it.
pub(crate) fn trimmed(statement: &str) -> &str {
    statement.trim().trim_end_matches(';')
}

/// Undoes what was done since `savepoint`, and takes it again.
pub(crate) fn renewed(savepoint: &str) -> String {
    format!("rollback to savepoint {savepoint};\nrelease savepoint {savepoint};\nsavepoint {savepoint};\n")
}

/// `name` as an SQL identifier.
pub fn quote_ident(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// `text` as an SQL literal.
pub fn quote_literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
