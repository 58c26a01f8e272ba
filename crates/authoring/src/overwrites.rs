//! What a deployed script's text would create, replace, alter or drop, as far as its words tell.
//!
//! Not for: deciding; a text is a lead, and catalog and flags decide (G-DOT-NOOVERWRITE c). The one fact to know:
//! scripts are of any language with SQL inside, so words are read, not a tree; a name that a script puts
//! together at run time is a lead with no name, which may be any object.

use serde_json::{Value, json};

/// Kinds of objects that a statement can put in another's place.
const KINDS: [(&str, &str); 7] = [
    ("function", "routine"),
    ("procedure", "routine"),
    ("routine", "routine"),
    ("aggregate", "routine"),
    ("view", "relation"),
    ("table", "relation"),
    ("schema", "schema"),
];
/// Words between a verb and the kind, or between the kind and the name.
const BETWEEN: [&str; 13] = [
    "or",
    "replace",
    "global",
    "local",
    "temp",
    "temporary",
    "unlogged",
    "recursive",
    "materialized",
    "if",
    "not",
    "exists",
    "only",
];

/// One statement's target.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Overwrite {
    /// `create`, `alter` or `drop`.
    pub verb: String,
    /// `routine`, `relation` or `schema`.
    pub kind: &'static str,
    /// The schema, if it is written.
    pub schema: Option<String>,
    /// The name; none if it is put together at run time.
    pub name: Option<String>,
}

impl Overwrite {
    /// As the guards' inputs hold it.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!([self.verb, self.kind, self.schema, self.name])
    }
}

/// The targets in a script, each once; `-` and `#` comments say nothing.
#[must_use]
pub fn overwrites(script: &[u8]) -> Vec<Overwrite> {
    let text = String::from_utf8_lossy(script);
    let words = words(&text);
    let mut found: Vec<Overwrite> = (0..words.len()).filter_map(|at| target(&words[at..])).collect();
    found.sort();
    found.dedup();
    found
}

/// A word, or a mark of its own.
#[derive(Debug, PartialEq, Eq)]
enum Word {
    Plain(String),
    Quoted(String),
    Mark(char),
}

fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    for line in text.lines() {
        let line = line.split_once("--").map_or(line, |(before, _)| before);
        if line.trim_start().starts_with('#') {
            continue;
        }
        let mut rest = line.chars().peekable();
        while let Some(c) = rest.next() {
            if c.is_alphanumeric() || c == '_' {
                let mut word = c.to_string();
                while let Some(next) =
                    rest.next_if(|next| next.is_alphanumeric() || matches!(next, '_' | '$'))
                {
                    word.push(next);
                }
                words.push(Word::Plain(word.to_lowercase()));
            } else if c == '"' {
                // A shell's own quotes hold whole statements: what follows a dot is a name, else one without blanks is.
                let quoted: String = rest.clone().take_while(|next| *next != '"').collect();
                let after_dot = words.last() == Some(&Word::Mark('.'));
                let is_name = after_dot || !quoted.is_empty() && !quoted.contains([' ', ';', '(', '$']);
                if is_name && rest.clone().nth(quoted.chars().count()) == Some('"') {
                    for _ in 0..=quoted.chars().count() {
                        rest.next();
                    }
                    words.push(Word::Quoted(quoted));
                }
            } else if !c.is_whitespace() && c != '\\' {
                words.push(Word::Mark(c));
            }
        }
    }
    words
}

/// The target of a statement that begins with the first word.
fn target(words: &[Word]) -> Option<Overwrite> {
    let Word::Plain(verb) = words.first()? else {
        return None;
    };
    if !["create", "alter", "drop"].contains(&verb.as_str()) {
        return None;
    }
    let between = |word: &Word| matches!(word, Word::Plain(word) if BETWEEN.contains(&word.as_str()));
    let mut at = 1;
    while words.get(at).is_some_and(between) {
        at += 1;
    }
    let kind = match words.get(at)? {
        Word::Plain(word) => KINDS.iter().find(|(known, _)| known == word)?.1,
        _ => return None,
    };
    at += 1;
    while words.get(at).is_some_and(between) {
        at += 1;
    }
    let mut path = Vec::new();
    loop {
        let Some(Word::Plain(word) | Word::Quoted(word)) = words.get(at) else {
            // `$name`, `{name}`, `%I`, `' || name`: it is put together when the script runs.
            path.clear();
            break;
        };
        path.push(word.clone());
        match words.get(at + 1) {
            Some(Word::Mark('.')) => at += 2,
            Some(Word::Mark('$' | '{' | '%' | '\'' | '|')) => {
                path.clear();
                break;
            }
            _ => break,
        }
    }
    let name = path.pop();
    Some(Overwrite {
        verb: verb.clone(),
        kind,
        schema: path.pop(),
        name,
    })
}

#[cfg(test)]
mod tests {
    use super::overwrites;

    #[track_caller]
    fn found(script: &str) -> Vec<String> {
        let lead = |one: super::Overwrite| {
            format!(
                "{} {} {}.{}",
                one.verb,
                one.kind,
                one.schema.as_deref().unwrap_or("-"),
                one.name.as_deref().unwrap_or("?")
            )
        };
        overwrites(script.as_bytes()).into_iter().map(lead).collect()
    }

    #[test]
    fn a_replaced_function_is_found_in_sql_and_in_a_shell() {
        let sql = "CREATE OR REPLACE FUNCTION public.fn_birth_registry_auto() RETURNS trigger";
        assert_eq!(found(sql), ["create routine public.fn_birth_registry_auto"]);
        let shell = "psql -c \"drop function if exists Public.F(text)\"";
        assert_eq!(found(shell), ["drop routine public.f"]);
        let quoted = "alter table public.\"Customer Notes\" add x integer";
        assert_eq!(found(quoted), ["alter relation public.Customer Notes"]);
        let quoted = "alter view public.\"Notes\" rename to x";
        assert_eq!(found(quoted), ["alter relation public.Notes"]);
    }

    #[test]
    fn a_name_that_is_put_together_may_be_any() {
        for script in [
            "create or replace function $name() returns trigger",
            "create or replace function public.$name() returns trigger",
            "execute format('create or replace function %I.%I() returns trigger', s, n)",
            "execute 'drop function ' || name",
            "create or replace function public.fn_${part}() returns trigger",
        ] {
            assert!(
                found(script).iter().all(|lead| lead.ends_with('?')),
                "{script}: {:?}",
                found(script)
            );
            assert!(!found(script).is_empty(), "{script}");
        }
    }

    #[test]
    fn what_only_reads_and_what_a_comment_says_is_no_lead() {
        assert_eq!(found("select count(*) from public.birth_registry"), [""; 0]);
        assert_eq!(found("-- create or replace function public.f()"), [""; 0]);
        assert_eq!(found("# drop function public.f()\nselect 1"), [""; 0]);
        assert_eq!(found("create index on public.t (x)"), [""; 0]);
    }
}
