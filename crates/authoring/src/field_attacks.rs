//! Attempts on H01 that follow from the columns: each field of each surface, NULL, and the fields' boundaries.
//!
//! Not for: H02 to H07, whose attempts people wrote (`fix7_manifest::attacks`). The one fact to know: an attempt
//! writes into a sealed row past everything that would refuse it and asks for its digest what the view over all
//! items says of the surface; its twin asks the same where that one column, or that one part of the encoding, is
//! forgotten. The surface's part of the view is taken from the catalog as it stands: all 27 are planned in vain.

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
    let texts: Vec<&Column> = columns.iter().copied().filter(|column| is_text(column)).collect();
    let mut entries: Vec<Entry> = columns.iter().map(|column| field(site, column)).collect();
    entries.push(nulls(site, &texts));
    entries.extend(
        texts
            .windows(2)
            .next()
            .map(|pair| boundary(site, pair[0], pair[1], &columns)),
    );
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
        act,
        shield: format!("#{:02} {name}", site.surface.number),
        instead: forgotten,
    })
}

/// NULL and the texts that are written as it, in every text column.
fn nulls(site: &Site<'_>, texts: &[&Column]) -> Entry {
    let mut steps = Vec::new();
    for column in texts {
        let name = column.name;
        steps.push(site.update(&format!("{name} = null")));
        steps.push(Site::digest("before"));
        let mut others = vec!["'null'", "'\"null\"'"];
        if column.ty == ColumnType::Text {
            others.push("''");
        }
        for text in others {
            steps.push(site.update(&format!("{name} = {text}")));
            steps.push(Site::digest("after"));
            steps.push(format!(
                "if after is not distinct from before then found := concat_ws(', ', found, '{name}'); end if;"
            ));
        }
    }
    steps.push("perform set_config('attack.collision', coalesce(found, ''), true);".to_owned());
    site.entry(Attempt {
        id: format!("null.{}", site.surface.table),
        what: format!("A text of #{:02} that is not there has the digest of one that reads null, or of none at all: H01", site.surface.number),
        loose: texts,
        act: block(&steps),
        shield: format!("#{:02} NULL is no text", site.surface.number),
        instead: "replace(tail, '''null''::text', '''\"null\"''::text')".to_owned(),
    })
}

/// A text takes along the mark that ends it, so that the next field seems to begin earlier.
fn boundary(site: &Site<'_>, one: &Column, next: &Column, columns: &[&Column]) -> Entry {
    let at = |wanted: &Column| columns.iter().position(|column| column.name == wanted.name);
    // What stands between the two as it is written: the fields in the middle keep their values.
    let (from, to) = (at(one).unwrap_or_default(), at(next).unwrap_or_default());
    debug_assert!(from + 1 == to, "item_key and refusal_code come first");
    let (one, next) = (one.name, next.name);
    let steps = [
        site.update(&format!("{one} = 'a\"],[\"{next}\",\"b', {next} = 'c'")),
        Site::digest("before"),
        site.update(&format!("{one} = 'a', {next} = 'b\"],[\"{next}\",\"c'")),
        Site::digest("after"),
        format!(
            "perform set_config('attack.collision', case when after is not distinct from before then '{one} and {next}' else '' end, true);"
        ),
    ];
    site.entry(Attempt {
        id: format!("boundary.{}", site.surface.table),
        what: format!("Letters move from {one} of #{:02} into {next}, with the marks between them: H01", site.surface.number),
        loose: &[],
        act: block(&steps),
        shield: format!("#{:02} texts are JSON strings", site.surface.number),
        instead: "regexp_replace(tail, 'to_json\\((\\(r\\.\\w+\\)::text|r\\.\\w+)\\)', 'concat(''\"'', \\1, ''\"'')', 'g')".to_owned(),
    })
}

/// What an attempt is made of.
struct Attempt<'a> {
    id: String,
    what: String,
    /// Columns that may hold NULL for its time.
    loose: &'a [&'a Column],
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
        "do $act$ declare before bytea; after bytea; touched bigint; found text; begin {} end $act$",
        steps.join(" ")
    )
}

fn is_text(column: &Column) -> bool {
    column.ty.base() == "text"
}
