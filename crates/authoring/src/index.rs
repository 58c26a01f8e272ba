//! Scripts to files in sqlx's reversible format, and the index that lists them in order.

use std::borrow::Borrow;

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

/// Adds the up and down file of each script, and `index.toml`. A script that is handed over is gone once it has its
/// files, which say the same.
pub fn add_scripts(
    files: &mut Files,
    folder: &str,
    plane: &ControlPlane,
    scripts: impl IntoIterator<Item = impl Borrow<Script>>,
) {
    let mut entries = Vec::new();
    for script in scripts {
        let script = script.borrow();
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
    // Objects are born owner-isolated; sqlx writes its own row after the file, hence the reset.
    let (set, reset) = if script.as_owner {
        (format!("set local role {};\n\n", plane.owner), "\nreset role;\n")
    } else {
        (String::new(), "")
    };
    let mut pieces = vec![head, &set];
    for (at, part) in parts.enumerate() {
        if at > 0 {
            pieces.push("\n");
        }
        pieces.push(part);
    }
    pieces.push(reset);
    // At once and of its length: some are a megabyte.
    pieces.concat()
}
