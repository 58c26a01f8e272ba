//! Listed rows: their keys, their reason codes, and whether each value fits its column.

use std::collections::BTreeSet;

use super::{Problems, waits};
use crate::column::{Column, ColumnType};
use crate::control_plane::ControlPlane;
use crate::row::{Item, V};
use crate::table::Surface;

pub(super) fn listed(surface: &Surface, items: &[Item], plane: &ControlPlane, found: &mut Problems) {
    let mut keys = BTreeSet::new();
    let typed: Vec<&Column> = surface
        .columns
        .iter()
        .filter(|column| column.generated.is_none())
        .collect();
    if items.is_empty() {
        found.add(
            surface.source,
            surface.table,
            "expected at least one item, found none",
        );
    }
    for item in items {
        let name = format!("{}[{}]", surface.table, item.key);
        if !keys.insert(item.key) {
            found.add(surface.source, &name, "the item key is used twice");
        }
        if plane.reason(item.refusal).is_none() {
            found.add(
                surface.source,
                &name,
                format!(
                    "names the reason code `{}`, which #22 does not define",
                    item.refusal
                ),
            );
        }
        if item.values.len() != typed.len() {
            found.add(
                surface.source,
                &name,
                format!("expected {} values, found {}", typed.len(), item.values.len()),
            );
            continue;
        }
        for (column, value) in typed.iter().zip(item.values) {
            if let Some(what) = value_problem(column, *value) {
                found.add(surface.source, format!("{name}.{}", column.name), what);
            }
        }
    }
}

/// What is wrong with a value for its column, if anything.
pub fn value_problem(column: &Column, value: V) -> Option<String> {
    let fits = match value {
        V::UnknownRequiresReview(question) => {
            return Some(waits(question));
        }
        V::Null => return (!column.nullable).then(|| "expected a value, found NULL".to_owned()),
        V::T(text) => {
            matches!(
                column.ty,
                ColumnType::Text | ColumnType::ItemKey | ColumnType::Uuid
            ) || (column.ty == ColumnType::NonemptyText && !text.is_empty())
        }
        V::I(number) => {
            matches!(column.ty, ColumnType::Integer | ColumnType::Bigint)
                || (column.ty == ColumnType::Ordinal && number >= 1)
        }
        V::N(_) => column.ty == ColumnType::Numeric,
        V::B(_) => column.ty == ColumnType::Boolean,
        V::X(hex) => {
            column.ty == ColumnType::Sha256
                && hex.len() == 64
                && hex
                    .bytes()
                    .all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase())
        }
    };
    (!fits).then(|| format!("expected a value of type {:?}, found {value:?}", column.ty))
}
