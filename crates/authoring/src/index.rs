//! Scripts to files in sqlx's reversible format, and the index that lists them in order.

use manifest_model::ControlPlane;
use serde::Serialize;
use sql_render::Script;

use crate::files::Files;
use crate::header::{GENERATED, sha256_hex, sql_head};

#[derive(Serialize)]
struct Index {
    format_version: u32,
    file: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    version: u32,
    step: String,
    name: String,
    up_sha256: String,
    down_sha256: String,
}

/// Adds the up and down file of each script, and `index.toml`.
pub fn add_scripts(files: &mut Files, folder: &str, plane: &ControlPlane, scripts: &[Script]) {
    let mut entries = Vec::new();
    for script in scripts {
        let head = sql_head(&script.units);
        let up = body(
            plane,
            script,
            &head,
            script.units.iter().map(|unit| unit.up.as_str()),
        );
        let down = body(
            plane,
            script,
            &head,
            script.units.iter().rev().map(|unit| unit.down.as_str()),
        );
        entries.push(Entry {
            version: script.version(),
            step: script.step.label(),
            name: script.name(),
            up_sha256: sha256_hex(up.as_bytes()),
            down_sha256: sha256_hex(down.as_bytes()),
        });
        files.add(format!("{folder}/{}.up.sql", script.name()), up);
        files.add(format!("{folder}/{}.down.sql", script.name()), down);
    }
    let index = Index {
        format_version: 1,
        file: entries,
    };
    files.add(format!("{folder}/index.toml"), toml_text(&index));
}

/// A generated TOML file. Its values are plain tables and strings, which always serialise.
pub fn toml_text<T: Serialize>(value: &T) -> String {
    let text =
        toml::to_string_pretty(value).unwrap_or_else(|error| unreachable!("plain data serialises: {error}"));
    format!("# {GENERATED}\n{text}")
}

fn body<'a>(
    plane: &ControlPlane,
    script: &Script,
    head: &str,
    parts: impl Iterator<Item = &'a str>,
) -> String {
    let mut text = head.to_owned();
    if script.as_owner {
        // Objects are born owner-isolated; sqlx writes its own row after the file, hence the reset.
        text.push_str(&format!("set local role {};\n\n", plane.owner));
    }
    text.push_str(&parts.collect::<Vec<_>>().join("\n"));
    if script.as_owner {
        text.push_str("\nreset role;\n");
    }
    text
}
