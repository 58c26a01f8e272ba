//! Authored SQL: what no statement holds, and what every file has.
//!
//! Not for: whether it works, which a rehearsal shows. The one fact to know: statements are looked at with
//! comments, literals and dollar-quoted bodies taken out, so that a word in a sentence is no offence; bodies
//! are looked at by themselves.

use super::{File, demand_none, file, files};

const OWNER: &str = "qt001_cp_owner";

/// A statement in lower case, blanks collapsed, literals as `''`, and the bodies that it quoted.
struct Statement {
    text: String,
    bodies: Vec<String>,
}

/// Splits SQL at the semicolons that end statements; those inside `begin atomic … end` do not.
fn statements(sql: &str) -> Vec<Statement> {
    let mut found = Vec::new();
    let mut text = String::new();
    let mut bodies = Vec::new();
    let mut rest = sql;
    while let Some(next) = rest.chars().next() {
        if rest.starts_with("--") {
            rest = rest.find('\n').map_or("", |at| &rest[at..]);
        } else if next == '\'' {
            rest = after_literal(rest);
            text.push_str("''");
        } else if let Some((body, after)) = dollar_quoted(rest) {
            bodies.push(body.to_lowercase());
            rest = after;
            text.push_str("$$");
        } else if next == ';' && !is_inside_atomic(&text) {
            push(&mut found, &mut text, &mut bodies);
            rest = &rest[1..];
        } else {
            text.push(next.to_ascii_lowercase());
            rest = &rest[next.len_utf8()..];
        }
    }
    push(&mut found, &mut text, &mut bodies);
    found
}

fn push(found: &mut Vec<Statement>, text: &mut String, bodies: &mut Vec<String>) {
    let collapsed = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if !collapsed.is_empty() {
        found.push(Statement {
            text: collapsed,
            bodies: std::mem::take(bodies),
        });
    }
    text.clear();
}

fn after_literal(text: &str) -> &str {
    let mut rest = &text[1..];
    loop {
        let at = rest.find('\'').expect("a literal ends");
        rest = &rest[at + 1..];
        match rest.strip_prefix('\'') {
            Some(more) => rest = more,
            None => return rest,
        }
    }
}

fn dollar_quoted(text: &str) -> Option<(&str, &str)> {
    let tag_end = text.strip_prefix('$')?.find('$')? + 2;
    let tag = &text[..tag_end];
    let is_tag = tag[1..tag_end - 1]
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || c == '_');
    let end = text[tag_end..].find(tag).filter(|_| is_tag)?;
    Some((&text[tag_end..tag_end + end], &text[tag_end + end + tag.len()..]))
}

fn is_inside_atomic(text: &str) -> bool {
    let Some(at) = text.find("begin atomic") else {
        return false;
    };
    let opened = words(&text[at..])
        .filter(|word| *word == "begin" || *word == "case")
        .count();
    opened > words(&text[at..]).filter(|word| *word == "end").count()
}

/// Names and key words.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty())
}

fn authored() -> Vec<File> {
    let found: Vec<File> = files(&["migrations", "seeds"])
        .into_iter()
        .filter(|file| file.has_extension("sql"))
        .collect();
    assert!(found.len() > 180, "only {} files were looked at", found.len());
    found
}

/// What is wrong with a statement.
fn slip(statement: &Statement) -> Option<String> {
    let text = &statement.text;
    let first = words(text).next().unwrap_or_default();
    let kinds = [
        "alter", "comment", "create", "delete", "drop", "grant", "insert", "reset", "revoke", "select", "set",
    ];
    if !kinds.contains(&first) {
        return Some(format!("begins with `{first}`, expected one of {kinds:?}"));
    }
    let settings = [
        format!("set local role {OWNER}"),
        "set constraints all immediate".to_owned(),
        "set constraints all deferred".to_owned(),
        "reset role".to_owned(),
    ];
    if (first == "set" || first == "reset") && !settings.contains(text) {
        return Some(format!("sets something for the session: `{text}`"));
    }
    for form in [
        "if not exists",
        "if exists",
        "or replace",
        "disable trigger",
        "no inherit",
        "security label",
    ] {
        if text.contains(form) {
            return Some(format!("has `{form}`"));
        }
    }
    for word in [
        "cascade",
        "commit",
        "rollback",
        "savepoint",
        "random",
        "inet_server_addr",
        "pg_sleep",
    ] {
        if words(text).any(|found| found == word) {
            return Some(format!("has `{word}`"));
        }
    }
    // Two clocks, both the server's when it runs: when a row was written, and how old a gate's fact is.
    let is_fact_age = text.starts_with("create view qt001_cp.v_readiness_gate ");
    let without_defaults = text
        .replace("default now()", "")
        .replace("default clock_timestamp()", "");
    for clock in [
        "now",
        "current_timestamp",
        "clock_timestamp",
        "statement_timestamp",
        "localtimestamp",
    ] {
        if !is_fact_age && words(&without_defaults).any(|found| found == clock) {
            return Some(format!("has the clock `{clock}`"));
        }
    }
    let is_routine = text.starts_with("create function ") || text.starts_with("create procedure ");
    if is_routine && !text.contains("set search_path = pg_catalog, pg_temp") {
        return Some("is a routine without the pinned search_path".to_owned());
    }
    for body in &statement.bodies {
        for word in [
            "execute",
            "commit",
            "rollback",
            "current_user",
            "cascade",
            "set_config",
        ] {
            if words(body).any(|found| found == word) {
                return Some(format!("its body has `{word}`"));
            }
        }
    }
    None
}

#[test]
fn authored_statements_hold_nothing_that_is_the_rehearsals_business() {
    let mut slips = Vec::new();
    let mut routines = 0;
    let mut looked_at = 0;
    for file in authored() {
        for statement in statements(&file.text) {
            looked_at += 1;
            routines += usize::from(statement.text.starts_with("create function "));
            if let Some(slip) = slip(&statement) {
                let head: String = statement.text.chars().take(60).collect();
                slips.push(format!("{}: `{head}` {slip}", file.path));
            }
        }
    }
    demand_none("statements", &slips);
    assert!(looked_at > 1000, "only {looked_at} statements were looked at");
    assert!(routines > 70, "only {routines} routines were looked at");
}

#[test]
fn every_file_takes_the_owners_role_and_gives_it_back() {
    let mut slips = Vec::new();
    for file in authored() {
        let statements = statements(&file.text);
        let takes = statements
            .first()
            .is_some_and(|s| s.text == format!("set local role {OWNER}"));
        let gives = statements.last().is_some_and(|s| s.text == "reset role");
        let roles = statements
            .iter()
            .filter(|s| s.text.contains("role") && s.text.starts_with(['s', 'r']));
        let changes = roles
            .filter(|s| s.text.starts_with("set ") || s.text.starts_with("reset "))
            .count();
        // S01 makes that role and the schema that it owns: as itself, the owner speaks when both are there.
        let is_sound = match file.path.as_str() {
            path if path.starts_with("migrations/01001_") => changes == 0,
            "migrations/01002_schema.up.sql" => !takes && gives && changes == 2,
            _ => takes && gives && changes == 2,
        };
        if !is_sound {
            slips.push(file.path);
        }
    }
    demand_none("files with another frame", &slips);
}

#[test]
fn every_way_up_has_a_way_down_and_a_line_in_the_index() {
    for folder in ["migrations", "seeds"] {
        let index: toml::Table = file(&format!("{folder}/index.toml")).parse().unwrap();
        let listed = index["file"].as_array().unwrap();
        let mut before = 0;
        let mut expected = Vec::new();
        for entry in listed {
            let version = entry["version"].as_integer().unwrap();
            assert!(version > before, "`{folder}`: {version} after {before}");
            before = version;
            let step = entry["step"].as_str().unwrap();
            assert_eq!(step, format!("S{:02}", version / 1000), "{version}");
            let name = entry["name"].as_str().unwrap();
            for (way, digest) in [("down", "down_sha256"), ("up", "up_sha256")] {
                let path = format!("{folder}/{name}.{way}.sql");
                assert_eq!(
                    entry[digest].as_str(),
                    Some(rehearsal::sha256_hex(file(&path).as_bytes()).as_str()),
                    "`{path}` is not the file of the index"
                );
                expected.push(path);
            }
        }
        expected.sort();
        let mut found: Vec<String> = authored().into_iter().map(|file| file.path).collect();
        found.retain(|path| path.starts_with(folder));
        assert_eq!(found, expected, "files of `{folder}` beside its index");
    }
}

#[test]
fn bodies_name_the_schema_by_its_placeholder() {
    let bodies: Vec<File> = files(&[
        "crates/fix7-manifest/src/routines",
        "crates/fix7-manifest/src/views",
    ])
    .into_iter()
    .filter(|file| file.has_extension("sql"))
    .collect();
    for body in &bodies {
        assert!(
            !body.text.contains("qt001_cp"),
            "`{}` spells the schema",
            body.path
        );
    }
    assert!(bodies.len() > 60, "only {} bodies were looked at", bodies.len());
}

#[track_caller]
fn check(sql: &str, expect: &[&str]) {
    let found: Vec<String> = statements(sql).into_iter().map(|s| s.text).collect();
    assert_eq!(found, expect);
}

#[test]
fn a_semicolon_in_a_literal_a_comment_or_a_body_ends_nothing() {
    check("select 'a;''b';\n-- c;\nselect 1;", &["select ''", "select 1"]);
    check(
        "create function f() as $b$ begin; end; $b$;",
        &["create function f() as $$"],
    );
    check(
        "create function f() begin atomic select case when a then b end; select 2; end; reset role;",
        &[
            "create function f() begin atomic select case when a then b end; select 2; end",
            "reset role",
        ],
    );
}

#[test]
fn each_slip_is_seen() {
    let sound = "create function f() set search_path = pg_catalog, pg_temp as $$ begin end $$";
    assert_eq!(statements(sound).first().and_then(slip), None);
    for slips in [
        "begin",
        "commit",
        "set role x",
        "set session authorization x",
        "set search_path = x",
        "reset all",
        "drop table a cascade",
        "create table if not exists a ()",
        "create or replace view v as select 1",
        "insert into a values (now())",
        "create function f() as $$ begin end $$",
        "create function f() set search_path = pg_catalog, pg_temp as $$ begin execute x; end $$",
    ] {
        let found = statements(slips);
        assert!(slip(&found[0]).is_some(), "`{slips}` passes");
    }
}
