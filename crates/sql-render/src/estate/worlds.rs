//! Worlds: their deltas, and what is tried in them.
//!
//! For: `worlds/`. Not for: trying. The fact to know: every world lists the same attempts.

use std::fmt::Write as _;

use manifest_model::estate::{Attempt, World};

use super::{FOLDER, GENERATED_SQL, GENERATED_TOML, RenderedFile, sha256_hex};

pub(super) fn render_delta(world: &World) -> RenderedFile {
    RenderedFile {
        path: format!("worlds/{}.sql", world.id),
        text: format!("{GENERATED_SQL}-- World: {}.\n\n{}\n", world.title, world.delta),
    }
}

pub(super) fn render_worlds(worlds: &[World], attempts: &[Attempt]) -> String {
    let mut out = String::from(GENERATED_TOML);
    out.push_str("# In each world every attempt is made: `setup` as the superuser, then `sql` as `persona`, under a\n# savepoint. The codes of the attempts that succeed are the world's outcome; it must be `expected`. An\n# attempt that fails otherwise than with `refused_with` was not made at all.\nformat_version = 1\n");
    for world in worlds {
        let delta = render_delta(world);
        let expected: Vec<String> = world.expected.iter().map(|code| format!("\"{code}\"")).collect();
        let _ = writeln!(
            out,
            "\n[[world]]\nid = \"{0}\"\ntitle = \"{1}\"\ndelta_path = \"{FOLDER}/{2}\"\ndelta_sha256 = \"{3}\"\nexpected = [{4}]",
            world.id,
            world.title,
            delta.path,
            sha256_hex(&delta.text),
            expected.join(", ")
        );
        for attempt in attempts {
            let _ = writeln!(
                out,
                "\n[[world.attempt]]\nid = \"{}\"\ncode = \"{}\"\nsetup = {}\npersona = \"{}\"\nsql = {}\nsucceeds_means_trap = true\nrefused_with = \"{}\"",
                attempt.id,
                attempt.code,
                toml_text(attempt.setup),
                attempt.persona,
                toml_text(attempt.sql),
                attempt.refused_with
            );
        }
    }
    out
}

/// A TOML string over more than one line, so that SQL stays readable in it.
fn toml_text(sql: &str) -> String {
    format!("\"\"\"\n{}\"\"\"", sql.replace('\\', "\\\\").replace('"', "\\\""))
}
