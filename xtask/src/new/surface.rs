//! What an authority surface begins with: its manifest, its lines in the lists, its place in the order of sealing.
//!
//! The one fact to know: a file that no list names is not compiled, so `author` looks for such files; once it is
//! listed, each open question of it is a problem of its own.

use super::{Count, Edit, Skeleton};
use crate::exit::CommandError;
use fix7_manifest::FIX7;
use manifest_model::validate::{NAME_BYTES_MAX, UNDECIDED, name_problem};
use std::collections::BTreeSet;

const LIST: &str = "crates/fix7-manifest/src/surfaces/mod.rs";
const ENVELOPE: &str = "crates/fix7-manifest/src/tables/anchors.rs";

pub(super) fn skeleton(table: &str) -> Result<Skeleton, CommandError> {
    demand_a_name(table)?;
    let number = FIX7.surfaces.len() + 1;
    let module = format!("s{number:02}_{table}");
    let path = format!("crates/fix7-manifest/src/surfaces/{module}.rs");
    Ok(Skeleton {
        edits: entered(number, &module),
        counts: vec![count()],
        next: next(table, &path),
        files: vec![(path, manifest(number, table))],
    })
}

/// A name that no object has, and that leaves room for the names that are made of it.
fn demand_a_name(table: &str) -> Result<(), CommandError> {
    let refused = |why: &str| {
        let table = evidence::escaped(table);
        Err(CommandError::Usage(format!(
            "`{table}` can't be the name of a surface: {why}"
        )))
    };
    if let Some(why) = name_problem(table) {
        return refused(&evidence::escaped(&why));
    }
    let mut names: Vec<&str> = FIX7
        .surfaces
        .iter()
        .flat_map(|surface| made_of(surface))
        .collect();
    names.sort_by_key(|name| name.len());
    let longest = names.last().map_or(0, |name| name.len());
    if table.len() + longest > NAME_BYTES_MAX {
        return refused(&format!(
            "its constraints and indexes are named after it, so it has at most {} bytes; found {}",
            NAME_BYTES_MAX - longest,
            table.len()
        ));
    }
    let tables = FIX7.table_definitions().into_iter().map(|table| table.name);
    let views = FIX7.views.iter().map(|view| view.name);
    let domains = FIX7.domains.iter().filter_map(|domain| domain.ty.domain());
    let taken: BTreeSet<&str> = tables.chain(views).chain(domains).collect();
    if taken.contains(table) {
        return refused("the control plane has a relation or type of this name");
    }
    Ok(())
}

/// What is put behind a surface's name to name what every surface has.
fn made_of(surface: &'static manifest_model::Surface) -> Vec<&'static str> {
    let definition = surface.definition();
    let own: BTreeSet<&str> = surface.constraints.iter().map(|one| one.name).collect();
    let constraints = definition.constraints.iter().map(|one| one.name);
    let indexes = definition.indexes.iter().map(|one| one.name);
    let triggers = definition.triggers.iter().map(|one| one.name);
    let common = constraints.chain(indexes).chain(triggers);
    common
        .filter(|name| !own.contains(name))
        .filter_map(|name| name.strip_prefix(surface.table))
        .collect()
}

fn manifest(number: usize, table: &str) -> String {
    format!(
        "//! #{number:02} {table}.

use manifest_model::ColumnType::NonemptyText;
use manifest_model::V::UnknownRequiresReview;
use manifest_model::{{Item, RowSource, Step, Surface, column}};

/// {UNDECIDED}: what do its rows say, and who reads them?
pub const SURFACE: Surface = Surface {{
    number: {number},
    table: \"{table}\",
    doc: \"{UNDECIDED}: what do its rows say, and who reads them?\",
    // S09 for what is captured or derived, S10 for what people list.
    rows_step: Step::new(10),
    columns: &[column(
        \"unknown_requires_review\",
        NonemptyText,
        \"'{UNDECIDED}: which value may a negative test insert?'\",
        \"{UNDECIDED}: which columns, of which types, and what does each say?\",
    )],
    // Keys beyond the common ones, and a CHECK for each value that must be refused.
    constraints: &[],
    indexes: &[],
    fixtures: &[],
    rows: RowSource::Listed(ROWS),
    source: file!(),
}};

const ROWS: &[Item] = &[Item {{
    key: \"{UNDECIDED}\",
    refusal: \"{UNDECIDED}\",
    values: &[UnknownRequiresReview(
        \"which rows, and which reason code does each raise?\",
    )],
}}];
"
    )
}

/// The lines of lists, counts and order.
fn entered(number: usize, module: &str) -> Vec<Edit> {
    let last = number - 1;
    let source = FIX7.surfaces.last().map_or("", |surface| surface.source);
    let before = source
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .trim_end_matches(".rs");
    let after = |line: &dyn Fn(&str) -> String| Edit {
        path: LIST,
        from: line(before),
        to: format!("{}{}", line(before), line(module)),
    };
    let count = |count: usize| {
        format!("assert!(SURFACES.len() == {count}, \"FIX7 has exactly {count} authority surfaces\")")
    };
    // The one that describes all others stays the last.
    let end = FIX7.seal.order.iter().rev().take(2).rev().map(u8::to_string);
    let end: Vec<String> = end.collect();
    let numbers = format!("((surface_no >= 1) AND (surface_no <= {last}))");
    vec![
        after(&|module| format!("pub mod {module};\n")),
        after(&|module| format!("    &{module}::SURFACE,\n")),
        Edit {
            path: LIST,
            from: count(last),
            to: count(number),
        },
        Edit {
            path: LIST,
            from: format!("{},\n    ],", end.join(", ")),
            to: format!("{},\n    ],", end.join(&format!(", {number}, "))),
        },
        Edit {
            path: ENVELOPE,
            to: numbers.replace(&last.to_string(), &number.to_string()),
            from: numbers,
        },
        Edit {
            path: ENVELOPE,
            from: format!("reject(\"surface_no is {number}\", \"surface_no\", \"{number}\")"),
            to: format!(
                "reject(\"surface_no is {0}\", \"surface_no\", \"{0}\")",
                number + 1
            ),
        },
    ]
}

fn count() -> Count {
    let is = FIX7.surfaces.len();
    Count {
        what: "authority surfaces",
        is,
        becomes: is + 1,
        path: LIST,
        compile_error: format!("FIX7 has exactly {is} authority surfaces"),
        tests: &[
            "xtask/tests/it/tidy/counts.rs",
            "xtask/tests/it/attacks.rs",
            "xtask/tests/it/bad_input.rs",
            "xtask/tests/it/exit_codes.rs",
            "crates/authoring/tests/it/activation.rs",
            "crates/authoring/tests/it/evidence.rs",
            "crates/authoring/tests/it/seal.rs",
            "crates/authoring/tests/it/sealed_rows.rs",
            "crates/authoring/tests/it/stock_sqlx.rs",
        ],
    }
}

fn next(table: &str, path: &str) -> Vec<String> {
    vec![
        "an ADR says why there is one more surface than the blueprint has (docs/adr/); then the patch, and the counts of the tests".to_owned(),
        format!("decide what says {UNDECIDED} in `{path}`; `cargo xtask author` refuses each by name until then"),
        format!("approve, each in a commit of its own: `cargo xtask author --approve-design 'table {table}'` and the envelope's, `--accept-set {table}`, `--accept-set surface_manifest`; `author` names whatever else moves"),
        format!("`cargo xtask author`, then `cargo xtask rehearse --only {table}`"),
        "`REGENERATE=1 cargo test -p xtask --test it tidy` writes its line into docs/control-plane.md".to_owned(),
    ]
}
