//! Routines and views, written and generated.
//!
//! Not for: the meaning of a body. The one fact to know: four objects are generated from the manifests
//! rather than written: the views `surface_table` and `surface_item`, and the two functions that loop
//! over the seal and activation checks.

use std::fmt::Write as _;

use manifest_model::{ControlPlane, Language, Routine, RoutineKind, Security, Step, View, Volatility};

use crate::table::comment_lines;
use crate::{ROUTINE_SEARCH_PATH, encoding, value_kind};

/// A body with its placeholders filled: `{cp}`, `{application_role}`, and `{surface:TABLE}`, a surface's number.
pub fn fill(plane: &ControlPlane, text: &str) -> String {
    let mut filled = text
        .replace("{cp}", plane.schema)
        .replace("{application_role}", plane.application_role);
    if filled.contains("{surface:") {
        for surface in plane.surfaces {
            filled = filled.replace(
                &format!("{{surface:{}}}", surface.table),
                &surface.number.to_string(),
            );
        }
    }
    filled
}

/// The body as `prosrc` will hold it; of a `begin atomic` routine, as `pg_get_function_sqlbody` prints it.
pub fn stored_body(plane: &ControlPlane, routine: &Routine) -> String {
    if routine.language == Language::SqlAtomic {
        return fill(plane, routine.body).trim_matches('\n').to_owned();
    }
    format!("\n{}\n", fill(plane, routine.body).trim_matches('\n'))
}

/// `create function`.
pub fn create(plane: &ControlPlane, routine: &Routine) -> String {
    let mut sql = String::new();
    comment_lines(&mut sql, routine.doc);
    let _ = writeln!(
        sql,
        "create function {}.{}({}) returns {}",
        plane.schema,
        routine.name,
        routine.arguments,
        fill(plane, routine.returns)
    );
    let language = match routine.language {
        Language::Sql | Language::SqlAtomic => "sql",
        Language::Plpgsql => "plpgsql",
    };
    let volatility = match routine.volatility {
        Volatility::Immutable => "immutable",
        Volatility::Stable => "stable",
        Volatility::Volatile => "volatile",
    };
    let _ = write!(sql, "    language {language} {volatility}");
    if routine.strict {
        sql.push_str(" strict");
    }
    if routine.security == Security::Definer {
        sql.push_str(" security definer");
    }
    if parallel_safe(routine) {
        sql.push_str(" parallel safe");
    }
    let _ = writeln!(sql, "\n    set search_path = {ROUTINE_SEARCH_PATH}");
    let body = stored_body(plane, routine);
    match routine.language {
        // The body is stored parsed; it stands here as the server prints it, `BEGIN ATOMIC` included.
        Language::SqlAtomic => {
            let _ = writeln!(sql, "{};", body.trim());
        }
        Language::Sql | Language::Plpgsql => {
            let _ = writeln!(sql, "as $body${body}$body$;");
        }
    }
    sql
}

/// Hash functions are parallel safe; nothing else claims to be.
pub fn parallel_safe(routine: &Routine) -> bool {
    routine.kind == RoutineKind::Hash
}

/// `drop function`.
pub fn drop(plane: &ControlPlane, routine: &Routine) -> String {
    format!(
        "drop function {}.{}({});\n",
        plane.schema,
        routine.name,
        routine.argument_types.replace(',', ", ")
    )
}

/// `qt001_cp.cp_seal(uuid,bytea)`, as `regprocedure` prints it under an empty search path.
pub fn identity(plane: &ControlPlane, routine: &Routine) -> String {
    format!("{}.{}({})", plane.schema, routine.name, routine.argument_types)
}

/// `create view`.
pub fn create_view(plane: &ControlPlane, view: &View) -> String {
    let mut sql = String::new();
    comment_lines(&mut sql, view.doc);
    let _ = writeln!(
        sql,
        "create view {}.{} as\n{};",
        plane.schema,
        view.name,
        fill(plane, view.query).trim_end_matches(['\n', ';'])
    );
    sql
}

/// `surface_table`: number and child table of each surface, as the DDL knows them.
pub fn surface_table_view(plane: &ControlPlane) -> String {
    let mut sql = String::new();
    comment_lines(
        &mut sql,
        "Number and child table of each surface, generated with the tables themselves",
    );
    let rows: Vec<String> = plane
        .surfaces
        .iter()
        .map(|surface| format!("    ({}, '{}'::text)", surface.number, surface.table))
        .collect();
    let _ = writeln!(
        sql,
        "create view {}.surface_table as\nselect v.surface_no, v.table_name\nfrom (values\n{}) v(surface_no, table_name);",
        plane.schema,
        rows.join(",\n")
    );
    sql
}

/// `surface_item`: every item of every surface with its stored and its recomputed H01.
pub fn surface_item_view(plane: &ControlPlane) -> String {
    let mut sql = String::new();
    comment_lines(
        &mut sql,
        "Every item of every surface, with its stored digest and the digest that its columns have now (H01)",
    );
    let _ = writeln!(sql, "create view {}.surface_item as", plane.schema);
    for (position, surface) in plane.surfaces.iter().enumerate() {
        let table = surface.definition();
        if position > 0 {
            sql.push_str("union all\n");
        }
        let _ = writeln!(
            sql,
            "select r.manifest_id, {} as surface_no, r.ordinal, r.item_key, r.refusal_code, r.item_sha256,\n  {} as recomputed_sha256\nfrom {}.{} r",
            surface.number,
            h01_of(&table, surface.number),
            plane.schema,
            table.name
        );
    }
    sql.truncate(sql.trim_end().len());
    sql.push_str(";\n");
    sql
}

/// A routine that is generated from the manifests rather than written.
#[derive(Debug, Clone)]
pub struct Generated {
    /// Name.
    pub name: &'static str,
    /// Step that creates it.
    pub step: Step,
    /// Arguments as `create function` takes them.
    pub arguments: &'static str,
    /// Argument types as `regprocedure` prints them.
    pub argument_types: &'static str,
    /// `security definer`.
    pub definer: bool,
    /// Result type as `pg_get_function_result` prints it.
    pub returns: String,
    /// `create function`, whole.
    pub up: String,
    /// Names of the routines, or of the tables, that the body names.
    pub names: Vec<String>,
}

impl Generated {
    /// `qt001_cp.items_of(uuid,integer)`.
    pub fn identity(&self, plane: &ControlPlane) -> String {
        format!("{}.{}({})", plane.schema, self.name, self.argument_types)
    }

    /// The body as `prosrc` will hold it.
    pub fn stored_body(&self) -> &str {
        self.up.split("$body$").nth(1).unwrap_or_default()
    }

    /// `drop function`.
    pub fn down(&self, plane: &ControlPlane) -> String {
        format!(
            "drop function {}.{}({});\n",
            plane.schema,
            self.name,
            self.argument_types.replace(',', ", ")
        )
    }
}

/// Every generated routine, in creation order.
pub fn generated(plane: &ControlPlane) -> Vec<Generated> {
    let mut all = vec![
        items_function(
            plane,
            "items_of",
            false,
            "Items of one version, read from its own table alone",
        ),
        items_function(
            plane,
            "recomputed_items_of",
            true,
            "Items of one version, with the digest that their columns have now (H01), read from its own table alone",
        ),
    ];
    all.extend(violations_function(plane, true));
    all.extend(violations_function(plane, false));
    all
}

fn head(plane: &ControlPlane, generated: &Generated, doc: &str) -> String {
    let mut sql = String::new();
    comment_lines(&mut sql, doc);
    let definer = if generated.definer {
        " security definer"
    } else {
        ""
    };
    let _ = writeln!(
        sql,
        "create function {}.{}({}) returns {}\n    language plpgsql stable{definer}\n    set search_path = {ROUTINE_SEARCH_PATH}\nas $body$\nbegin",
        plane.schema, generated.name, generated.arguments, generated.returns
    );
    sql
}

/// The plan of a union over every surface costs more than the rows of one, so the branch is chosen first.
fn items_function(plane: &ControlPlane, name: &'static str, recomputed: bool, doc: &str) -> Generated {
    let extra = if recomputed {
        ", recomputed_sha256 bytea"
    } else {
        ""
    };
    let mut generated = Generated {
        name,
        step: Step::new(6),
        arguments: "p_manifest_id uuid, p_surface_no integer",
        argument_types: "uuid,integer",
        definer: false,
        returns: format!("TABLE(ordinal integer, item_key text, item_sha256 bytea{extra})"),
        up: String::new(),
        names: plane
            .surfaces
            .iter()
            .map(|surface| surface.table.to_owned())
            .collect(),
    };
    let mut sql = head(plane, &generated, doc);
    sql.push_str("  case p_surface_no\n");
    for surface in plane.surfaces {
        let digest = if recomputed {
            format!(",\n      {}", h01_of(&surface.definition(), surface.number))
        } else {
            String::new()
        };
        let _ = writeln!(
            sql,
            "  when {} then\n    return query\n    select r.ordinal::integer, r.item_key::text, r.item_sha256::bytea{digest}\n    from {}.{} r where r.manifest_id = p_manifest_id;",
            surface.number, plane.schema, surface.table
        );
    }
    sql.push_str("  else\n    return;\n  end case;\nend;\n$body$;\n");
    generated.up = sql;
    generated
}

fn h01_of(table: &manifest_model::TableDef, number: u8) -> String {
    let columns: Vec<(String, canonical::ValueKind, String)> = table
        .hashed_columns()
        .filter_map(|column| {
            value_kind(column.ty).map(|kind| (column.name.to_owned(), kind, format!("r.{}", column.name)))
        })
        .collect();
    encoding::h01_expr(i32::from(number), &columns)
}

/// `seal_violations` or `activation_violations`: the checks in the order of #22, up to the first
/// that finds something.
fn violations_function(plane: &ControlPlane, seal: bool) -> Option<Generated> {
    let mut checks: Vec<(u16, &'static Routine)> = plane
        .routines
        .iter()
        .filter_map(|routine| match routine.kind {
            RoutineKind::SealCheck { order } if seal => Some((order, *routine)),
            RoutineKind::ActivationCheck { order } if !seal => Some((order, *routine)),
            _ => None,
        })
        .collect();
    checks.sort_by_key(|(order, _)| *order);
    let (_, first) = *checks.first()?;
    let (name, doc) = if seal {
        (
            "seal_violations",
            "What the first seal check that fails found, in the order of the reason codes; empty when the version may be sealed",
        )
    } else {
        (
            "activation_violations",
            "What the first activation check that fails found, in the order of the reason codes; empty when the row may be inserted",
        )
    };
    let mut generated = Generated {
        name,
        step: first.step,
        arguments: first.arguments,
        argument_types: first.argument_types,
        definer: true,
        returns: format!("SETOF {}.violation", plane.schema),
        up: String::new(),
        names: checks.iter().map(|(_, check)| check.name.to_owned()).collect(),
    };
    let arguments: Vec<&str> = first
        .arguments
        .split(", ")
        .filter_map(|argument| argument.split_once(' '))
        .map(|(name, _)| name)
        .collect();
    let mut sql = head(plane, &generated, doc);
    for (_, check) in &checks {
        let _ = writeln!(
            sql,
            "  return query select v.* from {}.{}({}) v;\n  if found then return; end if;",
            plane.schema,
            check.name,
            arguments.join(", ")
        );
    }
    sql.push_str("end;\n$body$;\n");
    generated.up = sql;
    Some(generated)
}
