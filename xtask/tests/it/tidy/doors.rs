//! The doors at which connections, files and programs are recorded, and that there is no other.
//!
//! Not for: what is recorded (`crates/footprint`). The one fact to know: a call that reaches a server, writes a
//! file or starts a program is looked for by its form in all code that is no test; a file that may hold one is
//! listed with the call that records it.

use super::{File, demand_none, files};

/// Calls by which something gets out, the files that may have them, and what each such file records by.
struct Door {
    what: &'static str,
    forms: &'static [&'static str],
    at: &'static [(&'static str, &'static str)],
}

const DOORS: &[Door] = &[
    Door {
        what: "opens a connection",
        forms: &[
            ".connect()",
            "connect_with(",
            "PgConnection::connect",
            "PgPool",
            "PgListener",
        ],
        at: &[
            ("crates/throwaway-postgres/src/door.rs", "footprint::opened("),
            ("crates/capture/src/run.rs", "footprint::opened("),
        ],
    },
    Door {
        what: "leaves the machine",
        forms: &[
            "TcpStream",
            "TcpSocket",
            "UnixStream",
            "UdpSocket",
            "reqwest::Client::",
            "docker_client_instance()",
            "server.setup()",
        ],
        at: &[
            ("crates/throwaway-postgres/src/embedded.rs", "footprint::network("),
            ("crates/throwaway-postgres/src/engine.rs", "footprint::network("),
        ],
    },
    Door {
        what: "writes a file",
        forms: &[
            "fs::write",
            "fs::create_dir",
            "fs::remove_",
            "fs::rename",
            "fs::copy",
            "fs::hard_link",
            "fs::symlink(",
            "fs::set_permissions",
            "File::create",
            "File::options",
            "OpenOptions::new",
            "DirBuilder::new",
            "renameat_with(",
            "tempfile::Builder",
            "tempfile::tempdir",
            "tempfile::tempfile",
            "NamedTempFile",
        ],
        at: &[
            ("crates/footprint/src/files.rs", "note("),
            // The throwaway server's own folder, and the cache that it starts from.
            (
                "crates/throwaway-postgres/src/folder.rs",
                "footprint::files::own(",
            ),
            ("crates/throwaway-postgres/src/cache.rs", "footprint::files::own("),
            (
                "crates/throwaway-postgres/src/embedded.rs",
                "footprint::files::own(",
            ),
            ("crates/throwaway-postgres/src/local.rs", "Folder::create("),
            ("crates/throwaway-postgres/src/pack.rs", "account.own("),
            ("crates/throwaway-postgres/src/share.rs", "account.own("),
            ("crates/throwaway-postgres/src/sweep.rs", "PREFIX"),
            // Two folders change places in one step.
            ("crates/capture/src/files.rs", "files::replaces("),
        ],
    },
];

/// Code that runs outside tests, with its lines' numbers.
fn code(file: &File) -> impl Iterator<Item = (usize, &str)> {
    let lines = file.text.lines().enumerate();
    lines
        .take_while(|(_, line)| !line.starts_with("#[cfg(test)]"))
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .map(|(at, line)| (at + 1, line))
}

fn sources() -> Vec<File> {
    let found: Vec<File> = files(&["crates", "xtask/src"])
        .into_iter()
        .filter(|file| file.has_extension("rs") && file.path.contains("/src/"))
        // Servers for tests: `for_tests.rs` opens nothing itself, `tests.rs` is a module of tests.
        .filter(|file| !file.path.ends_with("/tests.rs"))
        .collect();
    assert!(found.len() > 200, "only {} files were looked at", found.len());
    found
}

/// Calls of `door` in files that are not listed.
fn slips(door: &Door, file: &File) -> Vec<String> {
    if door.at.iter().any(|(path, _)| *path == file.path) {
        return Vec::new();
    }
    let hits = code(file).filter_map(|(at, line)| {
        let form = door.forms.iter().find(|form| line.contains(**form))?;
        Some(format!("{}:{at}: `{form}` {}", file.path, door.what))
    });
    hits.collect()
}

/// Programs that are started without a record in the lines before.
fn unrecorded_programs(file: &File) -> Vec<String> {
    let lines: Vec<(usize, &str)> = code(file).collect();
    let starts = lines
        .iter()
        .enumerate()
        .filter(|(_, (_, line))| line.contains("Command::new("));
    starts
        .filter(|(position, _)| {
            let before = &lines[position.saturating_sub(3)..*position];
            // A command made of one that was recorded is the same program.
            !before
                .iter()
                .any(|(_, line)| line.contains("footprint::program("))
        })
        .map(|(_, (at, _))| format!("{}:{at}: starts a program", file.path))
        .collect()
}

#[test]
fn there_is_no_way_out_but_the_doors() {
    let sources = sources();
    let mut found: Vec<String> = Vec::new();
    for file in &sources {
        found.extend(DOORS.iter().flat_map(|door| slips(door, file)));
        found.extend(unrecorded_programs(file));
    }
    demand_none("ways past the doors at which things are recorded", &found);
}

#[test]
fn every_door_is_there_is_used_and_records() {
    let sources = sources();
    for door in DOORS {
        for (path, record) in door.at {
            let file = sources.iter().find(|file| file.path == *path);
            let file = file.unwrap_or_else(|| panic!("`{path}` is listed and not there"));
            let has = |form: &str| code(file).any(|(_, line)| line.contains(form));
            assert!(
                has(record),
                "`{path}` {} and does not record it by `{record}`",
                door.what
            );
            assert!(
                door.forms.iter().any(|form| has(form)),
                "`{path}` is listed and {} nowhere",
                door.what
            );
        }
    }
}

#[test]
fn a_way_past_each_door_is_seen() {
    let planted = |text: &str| File {
        path: "crates/rehearsal/src/planted.rs".to_owned(),
        text: text.to_owned(),
    };
    for door in DOORS {
        for form in door.forms {
            let file = planted(&format!("fn f() {{\n    let _ = {form};\n}}\n"));
            assert_eq!(slips(door, &file).len(), 1, "`{form}`");
            let as_test = planted(&format!("#[cfg(test)]\nfn f() {{\n    let _ = {form};\n}}\n"));
            assert_eq!(slips(door, &as_test), Vec::<String>::new(), "`{form}`");
        }
    }
    let started = "let a = Command::new(program);\n";
    assert_eq!(unrecorded_programs(&planted(started)).len(), 1);
    let recorded = format!("footprint::program(program);\n{started}");
    assert_eq!(unrecorded_programs(&planted(&recorded)).len(), 0);
}
