//! Attempts on H01 that follow from the columns: each field of each surface, NULL in each, and each boundary of two.
//!
//! Not for: H02 to H07, whose attempts people wrote (`fix7_manifest::attacks`). The one fact to know: an attempt
//! writes into a sealed row past everything that would refuse it and asks for its digest what the view over all
//! items says of the surface; its twin asks the same where that one column, or that one part of the encoding, is
//! forgotten. The surface's part of the view is taken from the catalog as it stands: all 27 are planned in vain.

use std::collections::BTreeSet;

use manifest_model::{Column, ColumnType, ControlPlane, FieldAttacks, Rule, Surface};

use crate::attacks::{Act, Entry, Shield};
use crate::negative::row::other;

/// What the view over all items says of one surface.
const PART: &str = "attacked_item";

const GAIN: &str =
    "select current_setting('attack.collision', true) where current_setting('attack.collision', true) <> ''";

/// An attempt for each field of each surface, and two for each surface.
pub(crate) fn entries(plane: &ControlPlane, views: &FieldAttacks) -> Vec<Entry> {
    let surfaces = plane.surfaces.iter();
    surfaces
        .flat_map(|surface| {
            of_surface(&Site {
                plane,
                views,
                surface,
            })
        })
        .collect()
}

/// A surface, and where its digests are seen.
struct Site<'a> {
    plane: &'a ControlPlane,
    views: &'a FieldAttacks,
    surface: &'a Surface,
}

fn of_surface(site: &Site<'_>) -> Vec<Entry> {
    let table = site.surface.definition();
    let columns: Vec<&Column> = table.hashed_columns().collect();
    let mut entries: Vec<Entry> = columns.iter().map(|column| field(site, column)).collect();
    entries.push(nulls(site, &columns));
    entries.extend(boundaries(site, &columns));
    entries
}

/// One field changes, and the digest must.
fn field(site: &Site<'_>, column: &Column) -> Entry {
    let (cp, name) = (site.plane.schema, column.name);
    let probe = column.probe.replace("{cp}", cp);
    let value = if column.ty == ColumnType::Boolean {
        format!("not coalesce(r.{name}, false)")
    } else {
        let (ty, second) = (column.ty.base(), other(column));
        format!(
            "case when r.{name} is distinct from ({probe})::{ty} then ({probe})::{ty} else ({second})::{ty} end"
        )
    };
    let act = block(&[
        Site::digest("before"),
        site.update(&format!("{name} = {value}")),
        Site::digest("after"),
        format!(
            "perform set_config('attack.collision', case when after is not distinct from before then '{name}' else '' end, true);"
        ),
    ]);
    let forgotten = format!(
        "regexp_replace(tail, '\\mr\\.{name}\\M', '(null::{})', 'g')",
        column.ty.base()
    );
    site.entry(Attempt {
        id: format!("field.{}.{name}", site.surface.table),
        what: format!(
            "Only {name} of an item of #{:02} changes, and its digest does not: H01",
            site.surface.number
        ),
        loose: &[],
        free: false,
        act,
        shield: format!("#{:02} {name}", site.surface.number),
        instead: forgotten,
    })
}

/// NULL against what stands for nothing in each column, and against the texts that are written as it.
fn nulls(site: &Site<'_>, columns: &[&Column]) -> Entry {
    let mut steps = Vec::new();
    let mut told = 0;
    for column in columns {
        let name = column.name;
        steps.push(site.update(&format!("{name} = null")));
        steps.push(Site::digest("before"));
        if is_written_empty(column) {
            told += 1;
            steps.push(site.update(&format!("{name} = ''")));
            steps.push(Site::digest("after"));
            steps.push(collides(&format!("{name} empty"), "told := told + 1;"));
        }
        let others: &[&str] = match column.ty.base() {
            "text" => &["'null'", "'\"null\"'"],
            "boolean" => &["false"],
            "uuid" => &["'00000000-0000-0000-0000-000000000000'"],
            "integer" | "bigint" | "numeric" => &["0"],
            _ => &[],
        };
        for other in others {
            steps.push(site.update(&format!("{name} = {other}")));
            steps.push(Site::digest("after"));
            steps.push(collides(&format!("{name} as {}", other.replace('\'', "")), ""));
        }
    }
    steps.push(all_or_none(told));
    site.entry(Attempt {
        id: format!("null.{}", site.surface.table),
        what: format!("A field of #{:02} that is not there has the digest of one that is empty, of one that reads null, or of none at all: H01", site.surface.number),
        loose: columns,
        free: true,
        act: block(&steps),
        shield: format!("#{:02} NULL is no text", site.surface.number),
        instead: "replace(tail, '''null''::text', '''\"\"''::text')".to_owned(),
    })
}

/// Letters move into the next field; and a text takes along the mark that ends it, so that the next one, whatever
/// stands between them, seems to begin earlier.
fn boundaries(site: &Site<'_>, columns: &[&Column]) -> Option<Entry> {
    let at: Vec<usize> = (0..columns.len()).filter(|at| is_text(columns[*at])).collect();
    let (mut steps, mut told, mut between) = (Vec::new(), 0, Vec::new());
    for pair in at.windows(2) {
        let (one, next) = (columns[pair[0]].name, columns[pair[1]].name);
        let middle = &columns[pair[0] + 1..pair[1]];
        between.extend_from_slice(middle);
        let nothing = middle.iter().map(|column| format!(", {} = null", column.name));
        let nothing: String = nothing.collect();
        let marks = middle.iter().map(|column| format!("[\"{}\",null],", column.name));
        let marks = format!("\"],{}[\"{next}\",\"", marks.collect::<String>());
        told += 1;
        steps.extend([
            site.update(&format!("{one} = 'a{marks}b', {next} = 'c'{nothing}")),
            Site::digest("before"),
            site.update(&format!("{one} = 'a', {next} = 'b{marks}c'")),
            Site::digest("after"),
            collides(&format!("{one} and {next}"), "told := told + 1;"),
        ]);
    }
    for pair in columns.windows(2) {
        let (one, next) = (pair[0], pair[1]);
        let [from, to] = match (is_text(one), is_text(next), is_integer(one), is_integer(next)) {
            (true, true, ..) => [("'a'", "'bc'"), ("'ab'", "'c'")],
            (true, _, _, true) => [("'a1'", "2"), ("'a'", "12")],
            (_, true, true, _) => [("1", "'2a'"), ("12", "'a'")],
            (.., true, true) => [("1", "12"), ("11", "2")],
            _ => continue,
        };
        let set = |values: (&str, &str)| format!("{} = {}, {} = {}", one.name, values.0, next.name, values.1);
        steps.extend([
            site.update(&set(from)),
            Site::digest("before"),
            site.update(&set(to)),
            Site::digest("after"),
            collides(&format!("letters of {} and {}", one.name, next.name), ""),
        ]);
    }
    steps.push(all_or_none(told));
    (told > 0).then(|| site.entry(Attempt {
        id: format!("boundary.{}", site.surface.table),
        what: format!("Letters of #{:02} move from each field into the next, and from each text into the next one with the marks between them: H01", site.surface.number),
        loose: &between,
        free: false,
        act: block(&steps),
        shield: format!("#{:02} texts are JSON strings", site.surface.number),
        instead: "regexp_replace(tail, 'to_json\\((\\(r\\.\\w+\\)::text|r\\.\\w+)\\)', 'concat(''\"'', \\1, ''\"'')', 'g')".to_owned(),
    }))
}

/// Notes that two digests are one.
fn collides(what: &str, then: &str) -> String {
    format!(
        "if after is not distinct from before then found := concat_ws(', ', found, '{what}'); {then} end if;"
    )
}

/// A collision is a gain. Where there is one, each field that the twin's encoding can't tell has it, or the twin
/// would stand for fields that it does not reach.
fn all_or_none(told: usize) -> String {
    format!(
        "if found is not null and told <> {told} then raise exception 'of {told} fields only these collide: %', found; end if; perform set_config('attack.collision', coalesce(found, ''), true);"
    )
}

/// What an attempt is made of.
struct Attempt<'a> {
    id: String,
    what: String,
    /// Columns that may hold NULL for its time.
    loose: &'a [&'a Column],
    /// Whether they may hold what their domains refuse, too.
    free: bool,
    act: String,
    shield: String,
    /// The surface's digest with one thing missing, over `tail`.
    instead: String,
}

impl Site<'_> {
    fn entry(&self, attempt: Attempt<'_>) -> Entry {
        let (cp, surface, view) = (self.plane.schema, self.surface, self.views.items);
        let mut arrange = vec![
            format!(
                "select set_config('attack.manifest', l.manifest_id::text, true) from {cp}.{} l where l.surface_no = {}",
                self.views.sealed, surface.number
            ),
            format!("alter table {cp}.{} disable trigger all", surface.table),
        ];
        // Whatever would refuse the value: what is asked is what the digest says of it.
        let table = surface.definition();
        let refusals = table
            .constraints
            .iter()
            .filter(|one| matches!(one.rule, Rule::Check { .. } | Rule::Unique(_)));
        let dropped = refusals.map(|one| format!("drop constraint {}", one.name));
        let nullable = attempt.loose.iter().filter(|column| !column.nullable);
        let loosened = nullable.map(|column| format!("alter column {} drop not null", column.name));
        let domains = attempt.loose.iter().filter_map(|column| column.ty.domain());
        let domains: BTreeSet<&str> = domains.filter(|_| attempt.free).collect();
        for domain in self.plane.domains {
            if domain.ty.domain().is_some_and(|name| domains.contains(name)) {
                arrange.push(format!(
                    "alter domain {cp}.{} drop constraint {}",
                    domain.ty.domain().unwrap_or_default(),
                    domain.check_name
                ));
            }
        }
        let changes: Vec<String> = dropped.chain(loosened).collect();
        if !changes.is_empty() {
            arrange.push(format!(
                "alter table {cp}.{} {}",
                surface.table,
                changes.join(", ")
            ));
        }
        arrange.push(format!(
            "do $part$ declare parts text[] := string_to_array(rtrim(pg_get_viewdef('{cp}.{view}'::regclass), ';'), 'UNION ALL'); names text := (select string_agg(quote_ident(a.attname), ', ' order by a.attnum) from pg_attribute a where a.attrelid = '{cp}.{view}'::regclass and a.attnum > 0); part text := parts[{}]; begin perform set_config('attack.part', part, true), set_config('attack.names', names, true); execute concat('create temporary view {PART} (', names, ') as ', part); grant select on pg_temp.{PART} to {}; end $part$",
            self.position(),
            self.plane.owner
        ));
        Entry {
            id: attempt.id,
            what: attempt.what,
            stage: "sealed".to_owned(),
            arrange,
            lower: vec![format!(
                "do $lower$ declare part text := current_setting('attack.part'); head text := split_part(part, 'sha256(', 1); tail text := substr(part, length(head) + 1); begin execute concat('create or replace temporary view {PART} (', current_setting('attack.names'), ') as ', head, {}); end $lower$",
                attempt.instead,
            )],
            gain: GAIN.to_owned(),
            detect: None,
            refused: None,
            shield: Shield {
                kind: "encoding".to_owned(),
                object: format!("{cp}.{view}"),
                name: attempt.shield,
            },
            act: vec![Act {
                persona: "owner".to_owned(),
                sql: attempt.act,
            }],
        }
    }

    /// The surface's place in the view, from 1.
    fn position(&self) -> usize {
        let mut surfaces = self.plane.surfaces.iter();
        surfaces
            .position(|surface| surface.number == self.surface.number)
            .map_or(0, |at| at + 1)
    }

    /// The first item's digest, as its columns are now.
    fn digest(into: &str) -> String {
        format!(
            "select i.recomputed_sha256 into strict {into} from pg_temp.{PART} i where i.manifest_id = current_setting('attack.manifest')::uuid and i.ordinal = 1;"
        )
    }

    /// Writes into the first item; that it is written is demanded.
    fn update(&self, set: &str) -> String {
        format!(
            "update {}.{} r set {set} where r.manifest_id = current_setting('attack.manifest')::uuid and r.ordinal = 1; get diagnostics touched = row_count; if touched <> 1 then raise exception 'no row was written'; end if;",
            self.plane.schema, self.surface.table
        )
    }
}

fn block(steps: &[String]) -> String {
    format!(
        "do $act$ declare before bytea; after bytea; touched bigint; found text; told integer := 0; begin {} end $act$",
        steps.join(" ")
    )
}

fn is_text(column: &Column) -> bool {
    column.ty.base() == "text"
}

fn is_integer(column: &Column) -> bool {
    matches!(column.ty.base(), "integer" | "bigint")
}

/// Whether the column has a value that is written as an empty string.
fn is_written_empty(column: &Column) -> bool {
    matches!(column.ty.base(), "text" | "bytea")
}
