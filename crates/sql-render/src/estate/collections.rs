//! Collections: table, birth trigger, registry row, first entities.
//!
//! For: what every collection shares. Not for: what makes one special, which its definition says. The
//! fact to know: a copy of a collection is a governed collection of its own.

use std::fmt::Write as _;

use manifest_model::estate::{Collection, Estate, EstateSize, Key};

use super::suffix;

pub(super) fn render_collections(out: &mut String, estate: &Estate, size: &EstateSize) {
    for n in 1..=size.collection_scale {
        for collection in estate.collections {
            render_collection(out, estate, collection, &suffix(n));
        }
    }
    registry_rows(
        out,
        "\n-- Every governed collection is registered, and knows its species.\ninsert into public.collection_registry (collection_name, code, name, governance_role) values\n",
        estate,
        size,
        |c, s| format!("('{0}{s}', '{1}{s}', '{0}{s}', 'governed')", c.name, c.code),
    );
    registry_rows(
        out,
        "insert into public.species_collection_map (species_code, collection_name) values\n",
        estate,
        size,
        |c, s| format!("('{}', '{}{s}')", c.species, c.name),
    );
}

fn registry_rows(
    out: &mut String,
    head: &str,
    estate: &Estate,
    size: &EstateSize,
    row: impl Fn(&Collection, &str) -> String,
) {
    out.push_str(head);
    let rows: Vec<String> = (1..=size.collection_scale)
        .flat_map(|n| {
            estate
                .collections
                .iter()
                .map(move |collection| (collection, suffix(n)))
        })
        .map(|(collection, suffix)| format!("    {}", row(collection, &suffix)))
        .collect();
    let _ = writeln!(out, "{};", rows.join(",\n"));
}

fn render_collection(out: &mut String, estate: &Estate, collection: &Collection, suffix: &str) {
    let name = format!("{}{suffix}", collection.name);
    let id = match collection.key {
        Key::Serial => "id serial not null",
        Key::Uuid => "id uuid default gen_random_uuid() not null",
    };
    let own = format!("constraint {}_", collection.name);
    let mut lines = vec![
        id.to_owned(),
        format!("{} character varying(255)", collection.code_column),
    ];
    lines.extend(estate.collection_columns.iter().map(|&line| line.to_owned()));
    lines.extend(
        collection
            .extra
            .iter()
            .map(|line| line.replacen(&own, &format!("constraint {name}_"), 1)),
    );
    lines.push(format!("constraint {name}_pkey primary key (id)"));
    // Columns first, constraints after them, as a dump prints a table.
    lines.sort_by_key(|line| line.starts_with("constraint "));
    let _ = writeln!(
        out,
        "\ncreate table public.{name} (\n    {}\n);",
        lines.join(",\n    ")
    );
    let _ = writeln!(
        out,
        "create trigger trg_birth_{name} after insert on public.{name}\n    for each row execute function public.fn_birth_registry_auto('{}');",
        collection.code_column
    );
}

pub(super) fn render_collection_rows(out: &mut String, estate: &Estate, size: &EstateSize) {
    out.push_str("\n-- First entities of each collection: the gateway registers their births.\n");
    for n in 1..=size.collection_scale {
        let suffix = suffix(n);
        for Collection {
            name,
            code,
            code_column,
            ..
        } in estate.collections
        {
            let _ = writeln!(
                out,
                "insert into public.{name}{suffix} ({code_column}, name) select '{code}{suffix}-' || n, '{name} ' || n from pg_catalog.generate_series(1, {}) as n;",
                size.rows_per_collection
            );
        }
    }
}
