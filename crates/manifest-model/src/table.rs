//! Tables: surfaces, runtime-evidence tables, anchors, registries, catalog.
//!
//! Not for: rows. The one fact to know: a [`Surface`] states only what is its own; the columns,
//! keys and triggers that all surfaces share are added by [`Surface::definition`], once.

use crate::column::{Column, ColumnType, column};
use crate::constraint::{Constraint, Deferral, Index, Rule};
use crate::row::RowSource;
use crate::step::Step;

/// What a table is to the control plane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableClass {
    /// One of the numbered authority surfaces.
    Surface(u8),
    /// Append-only evidence; never authority.
    RuntimeEvidence,
    /// Envelope, epoch, principals, expected sets.
    Anchor,
    /// Which sealed set is active.
    Registry,
    /// Root, families, items.
    Catalog,
}

/// Row or statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TriggerLevel {
    /// `FOR EACH ROW`.
    Row,
    /// `FOR EACH STATEMENT`.
    Statement,
}

/// A trigger, always ENABLE ALWAYS [ruling A10].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trigger {
    /// Name, at most 63 bytes.
    pub name: &'static str,
    /// Timing and events as the server prints them: `BEFORE INSERT OR DELETE OR UPDATE`.
    pub events: &'static str,
    /// Level.
    pub level: TriggerLevel,
    /// Trigger function, in the control plane's schema.
    pub routine: &'static str,
}

/// A table that is not a surface.
#[derive(Debug, Clone, Copy)]
pub struct Table {
    /// Name.
    pub name: &'static str,
    /// What it is.
    pub class: TableClass,
    /// Step that creates it.
    pub step: Step,
    /// Why it exists; becomes a SQL comment and COMMENT ON.
    pub doc: &'static str,
    /// Columns in order.
    pub columns: &'static [Column],
    /// Constraints in order.
    pub constraints: &'static [Constraint],
    /// Further indexes.
    pub indexes: &'static [Index],
    /// Triggers.
    pub triggers: &'static [Trigger],
    /// SQL (with `{cp}`) that a negative test needs first: rows that the probe row refers to.
    pub fixtures: &'static [&'static str],
    /// The file that defines it (`file!()`).
    pub source: &'static str,
}

/// One of the numbered authority surfaces: an envelope row plus typed child rows.
#[derive(Debug, Clone, Copy)]
pub struct Surface {
    /// From 1.
    pub number: u8,
    /// Table name.
    pub table: &'static str,
    /// What its rows say; becomes a SQL comment and COMMENT ON.
    pub doc: &'static str,
    /// Step of its rows: S09 or S10.
    pub rows_step: Step,
    /// Typed columns beyond the common ones.
    pub columns: &'static [Column],
    /// Constraints beyond the common ones.
    pub constraints: &'static [Constraint],
    /// Further indexes.
    pub indexes: &'static [Index],
    /// SQL (with `{cp}`) that a negative test needs first: rows that the probe row refers to.
    pub fixtures: &'static [&'static str],
    /// Its rows.
    pub rows: RowSource,
    /// The file that defines it (`file!()`).
    pub source: &'static str,
}

/// A table with everything that it will have in the database.
#[derive(Debug, Clone)]
pub struct TableDef {
    /// Name.
    pub name: &'static str,
    /// What it is.
    pub class: TableClass,
    /// Step that creates it.
    pub step: Step,
    /// Why it exists.
    pub doc: &'static str,
    /// Columns in order.
    pub columns: Vec<Column>,
    /// Constraints in order.
    pub constraints: Vec<Constraint>,
    /// Further indexes.
    pub indexes: Vec<Index>,
    /// Triggers.
    pub triggers: Vec<Trigger>,
    /// SQL that a negative test needs first.
    pub fixtures: &'static [&'static str],
    /// The file that defines it.
    pub source: &'static str,
}

/// Keeps a derived name for the life of the process, so that definitions stay `Copy`.
fn intern(name: String) -> &'static str {
    Box::leak(name.into_boxed_str())
}

impl Surface {
    /// Whether its rows class objects, and expected constraints therefore hang under its envelope.
    pub const fn rows_are_scope(&self) -> bool {
        matches!(self.rows, RowSource::AuthorityScope)
    }

    /// Child tables are created in S05.
    pub const STEP: Step = Step::new(5);

    /// The common columns, keys, foreign keys and triggers around the surface's own.
    pub fn definition(&self) -> TableDef {
        let name = |suffix: &str| intern(format!("{}_{suffix}", self.table));
        let number = intern(self.number.to_string());
        let mut columns = vec![
            column("manifest_id", ColumnType::Uuid, "", "envelope of this row"),
            column(
                "surface_no",
                ColumnType::Integer,
                number,
                "always this surface's own number",
            ),
            column(
                "ordinal",
                ColumnType::Ordinal,
                "",
                "position in the payload, contiguous from 1",
            ),
            column(
                "item_key",
                ColumnType::ItemKey,
                "'negative-probe'",
                "identity of the item",
            ),
            column(
                "refusal_family",
                ColumnType::Text,
                "",
                "constant half of the key into the catalog",
            )
            .generated("'REASON_CODE'::text"),
            column(
                "refusal_code",
                ColumnType::ItemKey,
                "'ITEM_RULE_BROKEN'",
                "reason code raised when this item's rule is not met",
            ),
        ];
        columns.extend_from_slice(self.columns);
        columns.push(column(
            "item_sha256",
            ColumnType::Sha256,
            "'\\x0101010101010101010101010101010101010101010101010101010101010101'",
            "H01 over the typed columns; recomputed at the seal",
        ));
        let mut constraints = vec![
            Constraint {
                name: name("pk"),
                rule: Rule::PrimaryKey(&["manifest_id", "ordinal"]),
            },
            Constraint {
                name: name("item_key_key"),
                rule: Rule::Unique(&["manifest_id", "item_key"]),
            },
            Constraint {
                name: name("surface_no_check"),
                rule: Rule::Check {
                    expression: intern(format!("(surface_no = {})", self.number)),
                    rejects: Box::leak(Box::new([crate::constraint::reject(
                        "surface_no of no surface",
                        "surface_no",
                        "99",
                    )])),
                },
            },
            Constraint {
                name: name("refusal_code_fk"),
                rule: Rule::ForeignKey {
                    columns: &["refusal_family", "refusal_code"],
                    table: "code_catalog_item",
                    references: &["family_code", "item_code"],
                    deferral: Deferral::Restrict,
                },
            },
        ];
        constraints.extend_from_slice(self.constraints);
        constraints.push(Constraint {
            name: name("envelope_fk"),
            rule: Rule::ForeignKey {
                columns: &["manifest_id", "surface_no"],
                table: "manifest_envelope",
                references: &["manifest_id", "surface_no"],
                deferral: Deferral::Deferred,
            },
        });
        let mut indexes = vec![Index {
            name: name("refusal_code_idx"),
            columns: &["refusal_code", "refusal_family"],
        }];
        indexes.extend_from_slice(self.indexes);
        TableDef {
            name: self.table,
            class: TableClass::Surface(self.number),
            step: Self::STEP,
            doc: self.doc,
            columns,
            constraints,
            indexes,
            triggers: vec![
                Trigger {
                    name: name("sealed_rows"),
                    events: "BEFORE INSERT OR DELETE OR UPDATE",
                    level: TriggerLevel::Row,
                    routine: "sealed_rows_immutable",
                },
                Trigger {
                    name: name("no_truncate"),
                    events: "BEFORE TRUNCATE",
                    level: TriggerLevel::Statement,
                    routine: "truncate_refused",
                },
            ],
            fixtures: self.fixtures,
            source: self.source,
        }
    }
}

impl Table {
    /// The same, owned.
    pub fn definition(&self) -> TableDef {
        TableDef {
            name: self.name,
            class: self.class,
            step: self.step,
            doc: self.doc,
            columns: self.columns.to_vec(),
            constraints: self.constraints.to_vec(),
            indexes: self.indexes.to_vec(),
            triggers: self.triggers.to_vec(),
            fixtures: self.fixtures,
            source: self.source,
        }
    }
}

impl TableDef {
    /// The column of this name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// Columns that a statement may write: all but the generated ones.
    pub fn written_columns(&self) -> impl Iterator<Item = &Column> {
        self.columns.iter().filter(|column| column.generated.is_none())
    }

    /// Columns that H01 covers, in column position order: all typed columns but `item_sha256`,
    /// `manifest_id`, `surface_no` (stands once in front), `ordinal` and generated ones [ruling B11].
    pub fn hashed_columns(&self) -> impl Iterator<Item = &Column> {
        self.written_columns().filter(|column| {
            !matches!(
                column.name,
                "item_sha256" | "manifest_id" | "surface_no" | "ordinal"
            )
        })
    }

    /// Column lists of the primary and unique keys.
    pub fn keys(&self) -> impl Iterator<Item = (&Constraint, &'static [&'static str])> {
        self.constraints
            .iter()
            .filter_map(|constraint| match constraint.rule {
                Rule::PrimaryKey(columns) | Rule::Unique(columns) => Some((constraint, columns)),
                _ => None,
            })
    }

    /// The primary key's columns, if there is one.
    pub fn primary_key(&self) -> Option<&'static [&'static str]> {
        self.constraints
            .iter()
            .find_map(|constraint| match constraint.rule {
                Rule::PrimaryKey(columns) => Some(columns),
                _ => None,
            })
    }
}
