//! Roles of another cluster as scripts for a throwaway one: what no dump of a database carries [ruling B14].
//!
//! Not for: the database's own objects, which its dump holds. The one fact to know: nothing that could
//! log in elsewhere is carried over: a capture holds no password, and one in a globals file is dropped.

use crate::packet::sql::{ident, literal};
use capture::{Capture, Setting};
use squawk_syntax::ast::AstNode as _;
use squawk_syntax::{SourceFile, SyntaxKind};

/// The superuser that every throwaway cluster has already.
const HARNESS: &str = "postgres";
/// Names that the server keeps for itself start so.
const PREDEFINED: &str = "pg_";
/// Settings whose value is a list of names, printed as it is to be written [`pg_dumpall`].
const LISTS: [&str; 5] = [
    "local_preload_libraries",
    "search_path",
    "session_preload_libraries",
    "temp_tablespaces",
    "unix_socket_directories",
];

/// What runs before a dump is restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterScripts {
    /// Roles and memberships, for the maintenance database.
    pub cluster: String,
    /// Owner and settings of the database, for the database itself.
    pub database: String,
    /// Statements of a globals file that were left out, such as tablespaces.
    pub left_out: Vec<String>,
}

/// Roles, memberships, settings and the database's owner, as `capture` has them.
pub fn from_capture(capture: &Capture) -> ClusterScripts {
    let facts = capture.facts();
    let mut cluster = String::new();
    let ours = |name: &str| name != HARNESS && !name.starts_with(PREDEFINED);
    for role in facts.roles.role.iter().filter(|role| ours(&role.name)) {
        let flag = |on: bool, word: &str| if on { word.to_owned() } else { format!("no{word}") };
        let mut options = vec![
            flag(role.superuser, "superuser"),
            flag(role.inherit, "inherit"),
            flag(role.create_role, "createrole"),
            flag(role.create_db, "createdb"),
            flag(role.login, "login"),
            flag(role.replication, "replication"),
            flag(role.bypass_rls, "bypassrls"),
            format!("connection limit {}", role.connection_limit),
        ];
        if let Some(until) = &role.valid_until {
            options.push(format!("valid until {}", literal(until)));
        }
        cluster += &format!("create role {} {};\n", ident(&role.name), options.join(" "));
    }
    for tie in &facts.roles.membership {
        // As the harness: who granted matters to that grantor's own REVOKE alone.
        let mut options: Vec<String> = Vec::new();
        if tie.admin {
            options.push("admin option".to_owned());
        }
        if let (Some(inherit), Some(set)) = (tie.inherit, tie.set) {
            options = vec![
                format!("admin {}", tie.admin),
                format!("inherit {inherit}"),
                format!("set {set}"),
            ];
        }
        let with = if options.is_empty() {
            String::new()
        } else {
            format!(" with {}", options.join(", "))
        };
        cluster += &format!("grant {} to {}{with};\n", ident(&tie.role), ident(&tie.member));
    }
    let own_database = &facts.database.database;
    let mut database = String::new();
    for setting in &facts.roles.setting {
        match &setting.database {
            None => cluster += &settings(setting, false),
            Some(name) if *name == own_database.name => database += &settings(setting, true),
            // Of a database that is not restored.
            Some(_) => {}
        }
    }
    database += &owned_by(&own_database.owner);
    let comments = facts.comments.comment.iter();
    for comment in comments.filter(|comment| comment.class == "database") {
        let comment = format!("comment on database %I is {}", literal(&comment.text));
        database += &in_database_of(&comment);
    }
    ClusterScripts {
        cluster,
        database,
        left_out: Vec::new(),
    }
}

fn owned_by(owner: &str) -> String {
    in_this_database("owner to", &ident(owner))
}

/// `pg_dumpall --globals-only`, without passwords and without what a throwaway cluster can't have.
///
/// Who owns the database stands in no such file; `owner` says it.
pub fn from_globals(text: &str, owner: &str) -> ClusterScripts {
    // psql's own commands stand on lines of their own.
    let sql: String = text
        .lines()
        .filter(|line| !line.starts_with('\\'))
        .flat_map(|line| [line, "\n"])
        .collect();
    let mut cluster = String::new();
    let mut left_out = Vec::new();
    let mut statement: Vec<(SyntaxKind, String)> = Vec::new();
    let tokens = SourceFile::parse(&sql).tree();
    let tokens = tokens
        .syntax()
        .descendants_with_tokens()
        .filter_map(squawk_syntax::SyntaxElement::into_token);
    for token in tokens {
        match token.kind() {
            SyntaxKind::WHITESPACE | SyntaxKind::COMMENT => {}
            SyntaxKind::SEMICOLON => {
                let words: Vec<String> = statement.iter().map(|(_, text)| text.clone()).collect();
                if is_a_roles(&words) {
                    cluster += &format!("{};\n", without_password(&statement));
                } else if !words.is_empty() && !is_settings(&words) && !is_the_harness(&words) {
                    left_out.push(words.join(" "));
                }
                statement.clear();
            }
            kind => statement.push((kind, token.text().to_owned())),
        }
    }
    ClusterScripts {
        cluster,
        database: owned_by(owner),
        left_out,
    }
}

fn starts(words: &[String], with: &[&str]) -> bool {
    words.len() > with.len()
        && words
            .iter()
            .zip(with)
            .all(|(word, with)| word.eq_ignore_ascii_case(with))
}

fn is_settings(words: &[String]) -> bool {
    starts(words, &["set"])
}

/// `CREATE ROLE postgres` and `ALTER ROLE postgres WITH …`: the cluster has that one.
fn is_the_harness(words: &[String]) -> bool {
    (starts(words, &["create", "role"]) || starts(words, &["alter", "role"])) && words[2] == HARNESS
}

fn is_a_roles(words: &[String]) -> bool {
    let about = [
        &["create", "role"][..],
        &["alter", "role"],
        &["grant"],
        &["comment", "on", "role"],
    ];
    about.iter().any(|with| starts(words, with)) && !is_the_harness(words)
}

fn without_password(statement: &[(SyntaxKind, String)]) -> String {
    let mut words: Vec<&str> = Vec::new();
    let mut after_password = false;
    for (kind, text) in statement {
        if text.eq_ignore_ascii_case("password") {
            after_password = true;
        } else if !(after_password && *kind == SyntaxKind::STRING) {
            after_password = false;
            words.push(text);
        }
    }
    words.join(" ")
}

/// One statement a setting; in the database whose name nobody knows, or in the whole cluster.
fn settings(setting: &Setting, in_this: bool) -> String {
    let mut sql = String::new();
    for (name, value) in setting.settings.iter().filter_map(|pair| pair.split_once('=')) {
        let value = if LISTS.contains(&name) {
            value.to_owned()
        } else {
            literal(value)
        };
        let set = format!("set {} to {value}", ident(name));
        sql += &match (&setting.role, in_this) {
            (Some(role), false) => format!("alter role {} {set};\n", ident(role)),
            (None, false) => format!("alter role all {set};\n"),
            (Some(role), true) => in_database_of(&format!("alter role {} in database %I {set}", ident(role))),
            (None, true) => in_this_database("", &set),
        };
    }
    sql
}

fn in_this_database(verb: &str, what: &str) -> String {
    in_database_of(&format!("alter database %I {verb} {what}"))
}

/// A statement about the database that it runs in, whose name stands as `%I`.
fn in_database_of(format: &str) -> String {
    format!(
        "do $do$ begin execute pg_catalog.format({}, pg_catalog.current_database()); end $do$;\n",
        literal(&format.replace('%', "%%").replace("%%I", "%I"))
    )
}

#[cfg(test)]
mod tests {
    use super::from_globals;

    #[test]
    fn passwords_tablespaces_and_the_harness_are_not_carried_over() {
        let scripts = from_globals(
            "\\restrict abc\nset client_encoding = 'UTF8';\n-- roles\nCREATE ROLE postgres;\n\
             ALTER ROLE postgres WITH SUPERUSER PASSWORD 'SCRAM-SHA-256$hunter2';\nCREATE ROLE cms;\n\
             ALTER ROLE cms WITH NOSUPERUSER LOGIN PASSWORD 'SCRAM-SHA-256$hunter2' VALID UNTIL 'infinity';\n\
             ALTER ROLE cms SET search_path TO 'a; b', public;\nGRANT reader TO cms GRANTED BY postgres;\n\
             COMMENT ON ROLE cms IS 'a ''password''';\n\
             CREATE TABLESPACE fast OWNER cms LOCATION '/disk';\n\\unrestrict abc\n",
            "cms",
        );
        assert_eq!(
            scripts.cluster,
            "CREATE ROLE cms;\nALTER ROLE cms WITH NOSUPERUSER LOGIN VALID UNTIL 'infinity';\n\
             ALTER ROLE cms SET search_path TO 'a; b' , public;\nGRANT reader TO cms GRANTED BY postgres;\n\
             COMMENT ON ROLE cms IS 'a ''password''';\n"
        );
        assert_eq!(
            scripts.left_out,
            ["CREATE TABLESPACE fast OWNER cms LOCATION '/disk'"]
        );
    }
}
