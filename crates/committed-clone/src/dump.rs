//! The second observer: `pg_dump` and `pg_dumpall`, which others wrote.
//!
//! Not for: rows. The one fact to know: only the keys of `\restrict` are taken out, which are random in each
//! dump; everything else must be the same text.

use crate::error::CommitError;
use std::collections::BTreeSet;
use throwaway_postgres::{Client, Disposable};

/// Lines of a difference that a finding prints.
const SHOWN: usize = 20;

/// The programs, both of the server's own major.
pub(crate) struct Observer<'a> {
    cluster: Disposable<'a>,
    database: &'a str,
    schema: Client,
    /// It lies beside the other, where there is one.
    globals: Option<Client>,
}

impl<'a> Observer<'a> {
    /// Finds them; why there are none.
    pub(crate) fn find(cluster: Disposable<'a>, database: &'a str) -> Result<Self, String> {
        Ok(Self {
            cluster,
            database,
            schema: cluster.client("pg_dump")?,
            globals: cluster.client("pg_dumpall").ok(),
        })
    }

    /// Its name, as it says itself.
    pub(crate) fn name(&self) -> &str {
        &self.schema.version
    }

    /// Schema of the database, then roles and other things of the cluster.
    pub(crate) async fn dump(&self) -> Result<String, CommitError> {
        let mut text = self.run(&self.schema, "--schema-only").await?;
        if let Some(globals) = &self.globals {
            text += &self.run(globals, "--globals-only").await?;
        }
        Ok(text)
    }

    async fn run(&self, client: &Client, what: &str) -> Result<String, CommitError> {
        let failed = |said: String| CommitError::Dump {
            program: client.program.clone(),
            said,
        };
        let mut command = self.cluster.command(client, self.database);
        command.args([what, "--no-password"]);
        let output = tokio::process::Command::from(command)
            .kill_on_drop(true)
            .output()
            .await
            .map_err(|error| failed(error.to_string()))?;
        if !output.status.success() {
            return Err(failed(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
        }
        Ok(without_keys(&String::from_utf8_lossy(&output.stdout)))
    }
}

/// The dump without the lines that hold a random key.
fn without_keys(dump: &str) -> String {
    let is_key = |line: &&str| line.starts_with("\\restrict ") || line.starts_with("\\unrestrict ");
    dump.lines()
        .filter(|line| !is_key(line))
        .flat_map(|line| [line, "\n"])
        .collect()
}

/// Lines that only one of the dumps has, `-` for the expected one; the place, if they differ in order alone.
pub(crate) fn difference(expected: &str, found: &str) -> Vec<String> {
    let (expected_lines, found_lines): (BTreeSet<&str>, BTreeSet<&str>) =
        (expected.lines().collect(), found.lines().collect());
    let gone = expected_lines
        .difference(&found_lines)
        .map(|line| format!("- {line}"));
    let new = found_lines
        .difference(&expected_lines)
        .map(|line| format!("+ {line}"));
    let mut lines: Vec<String> = gone.chain(new).take(SHOWN).collect();
    if lines.is_empty() && expected != found {
        let at = expected
            .lines()
            .zip(found.lines())
            .position(|(one, other)| one != other);
        lines.push(format!(
            "the same lines in another order, from line {}",
            at.map_or(0, |at| at + 1)
        ));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::{difference, without_keys};

    #[test]
    fn only_the_random_keys_are_taken_out() {
        let dump =
            "\\restrict abc\n-- Dumped by pg_dump version 15.18\ncreate table a ();\n\\unrestrict abc\n";
        assert_eq!(
            without_keys(dump),
            "-- Dumped by pg_dump version 15.18\ncreate table a ();\n"
        );
        assert_eq!(without_keys("\\connect x\n"), "\\connect x\n");
    }

    #[test]
    fn what_differs_is_shown_and_so_is_another_order() {
        assert_eq!(difference("a\nb\n", "a\nc\n"), ["- b", "+ c"]);
        assert_eq!(
            difference("a\nb\n", "b\na\n"),
            ["the same lines in another order, from line 1"]
        );
        assert!(difference("a\n", "a\n").is_empty());
    }
}
