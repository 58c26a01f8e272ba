//! Has the server analyse the bodies of routines and views, and reads what each came to.
//!
//! Not for: a live database, since a tree is had by making a function, which is undone by the caller's savepoint. The one
//! fact to know: of PL/pgSQL the server analyses what the language hands to it, statement by statement, with its variables
//! as arguments; what it does not analyse is named.

use crate::analysed::{fetch, resolve};
use crate::plpgsql::{self, Statements};
use crate::run::render_text_literal;
use crate::tree::{Resolved, forms, parse};
use sqlx::{PgConnection, Row as _};
use std::collections::BTreeSet;

/// What the server makes of a body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AnalysedBody {
    /// Forms, and what each is.
    pub forms: BTreeSet<(&'static str, String)>,
    /// What it did not analyse, with its words.
    pub unread: Vec<String>,
}

/// The body of routine `identity`; nothing if there is none of the name.
///
/// It makes functions in `pg_temp`, so the caller takes a savepoint before and goes back to it.
///
/// # Errors
/// What the server answered that can't be read.
pub async fn analysed_routine(
    conn: &mut PgConnection,
    identity: &str,
) -> Result<Option<AnalysedBody>, String> {
    let asked = format!(
        "set local search_path = pg_catalog, pg_temp;
         select l.lanname::text, p.prosqlbody::text, p.prosrc, (
           select pg_catalog.string_agg(coalesce(pg_catalog.quote_ident(nullif(a.name, '')), '') || ' ' || pg_catalog.format_type(a.type, null), E'\\x01' order by a.place)
           from unnest(p.proargnames, coalesce(p.proallargtypes, p.proargtypes::oid[])) with ordinality as a (name, type, place)), (
           select t.tgrelid::pg_catalog.regclass::text from pg_catalog.pg_trigger as t where t.tgfoid = p.oid order by t.oid limit 1),
           (p.prorettype = any (array['trigger', 'event_trigger']::pg_catalog.regtype[]))::text
         from pg_catalog.pg_proc as p join pg_catalog.pg_language as l on l.oid = p.prolang
         where p.oid = pg_catalog.to_regprocedure({})",
        render_text_literal(identity)
    );
    let rows = fetch(conn, asked).await?;
    let Some(row) = rows.last() else {
        return Ok(None);
    };
    let text = |at: usize| row.try_get_unchecked::<Option<String>, _>(at).ok().flatten();
    let (language, tree, source) = (text(0).unwrap_or_default(), text(1), text(2).unwrap_or_default());
    let resolved = resolve(conn).await?;
    let mut found = AnalysedBody::default();
    if let Some(tree) = tree {
        found.read(&tree, &resolved)?;
        return Ok(Some(found));
    }
    let mut arguments: Vec<String> = text(3)
        .map(|all| all.split('\u{1}').map(str::to_owned).collect())
        .unwrap_or_default();
    let cut = match language.as_str() {
        "sql" => Statements {
            sql: vec![source.trim().trim_end_matches(';').to_owned()],
            ..Statements::default()
        },
        "plpgsql" => {
            let cut = plpgsql::statements(&source);
            let fires = text(5).as_deref() == Some("true");
            arguments.extend(variables(&cut, &arguments, fires, text(4).as_deref()));
            cut
        }
        other => Statements {
            unread: vec![format!("a body in {other}")],
            ..Statements::default()
        },
    };
    found.unread.extend(cut.unread);
    let arguments = arguments.join(", ");
    // All at once, and where that is refused one by one, so that what is refused is named.
    if let Err(whole) = found.ask(conn, &arguments, &cut.sql.join(";\n"), &resolved).await {
        if cut.sql.len() < 2 {
            found.unread.push(whole);
        } else {
            for sql in &cut.sql {
                if let Err(why) = found.ask(conn, &arguments, sql, &resolved).await {
                    found.unread.push(format!("{why}: {sql}"));
                }
            }
        }
    }
    Ok(Some(found))
}

/// What stands in the rule of view `identity`; nothing if there is none of the name.
///
/// # Errors
/// What the server answered that can't be read.
pub async fn analysed_view(conn: &mut PgConnection, identity: &str) -> Result<Option<AnalysedBody>, String> {
    let asked = format!(
        "select r.ev_action::text from pg_catalog.pg_rewrite as r where r.ev_class = pg_catalog.to_regclass({}) and r.rulename = '_RETURN'",
        render_text_literal(identity)
    );
    let rows = fetch(conn, asked).await?;
    let Some(row) = rows.last() else {
        return Ok(None);
    };
    let tree: String = row.try_get_unchecked(0).map_err(|error| error.to_string())?;
    let resolved = resolve(conn).await?;
    let mut found = AnalysedBody::default();
    found.read(&tree, &resolved)?;
    Ok(Some(found))
}

/// Declared variables as arguments, each name once, and those that every body or every trigger has.
fn variables(cut: &Statements, arguments: &[String], fires: bool, on: Option<&str>) -> Vec<String> {
    let name_of = |argument: &str| {
        argument
            .split_whitespace()
            .next()
            .unwrap_or_default()
            .to_lowercase()
    };
    let mut known: BTreeSet<String> = arguments.iter().map(|argument| name_of(argument)).collect();
    let own = cut.variables.iter().map(|(name, kind)| format!("{name} {kind}"));
    let mut all: Vec<String> = own.collect();
    all.extend(["found boolean", "sqlstate text", "sqlerrm text"].map(str::to_owned));
    if let Some(relation) = on {
        all.extend(["new", "old"].map(|row| format!("{row} {relation}")));
    }
    if fires {
        let facts = [
            "tg_op text",
            "tg_name name",
            "tg_when text",
            "tg_level text",
            "tg_relid oid",
        ];
        all.extend(facts.map(str::to_owned));
        let facts = [
            "tg_table_name name",
            "tg_table_schema name",
            "tg_nargs integer",
            "tg_argv text[]",
        ];
        all.extend(facts.map(str::to_owned));
    }
    all.retain(|argument| known.insert(name_of(argument)));
    all
}

impl AnalysedBody {
    fn read(&mut self, tree: &str, resolved: &Resolved) -> Result<(), String> {
        let tree = parse(tree).ok_or("the tree that the server printed can't be read")?;
        self.forms.extend(forms(&tree, resolved));
        Ok(())
    }

    async fn ask(
        &mut self,
        conn: &mut PgConnection,
        arguments: &str,
        sql: &str,
        resolved: &Resolved,
    ) -> Result<(), String> {
        if sql.is_empty() {
            return Ok(());
        }
        fetch(conn, "savepoint analysed_body".to_owned()).await?;
        let made = format!(
            "set local search_path = pg_catalog, pg_temp;\n\
             create function pg_temp.analysed({arguments}) returns void language sql begin atomic\n{sql};\nend;\n\
             select p.prosqlbody::text from pg_catalog.pg_proc as p where p.proname = 'analysed' and p.pronamespace = pg_catalog.pg_my_temp_schema()"
        );
        let answer = fetch(conn, made).await;
        fetch(
            conn,
            "rollback to savepoint analysed_body; release savepoint analysed_body".to_owned(),
        )
        .await?;
        let rows = answer?;
        let tree: Option<String> = rows.last().and_then(|row| row.try_get_unchecked(0).ok());
        self.read(&tree.ok_or("the server printed no tree")?, resolved)
    }
}
