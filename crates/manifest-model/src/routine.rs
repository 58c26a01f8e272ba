//! Routines and views of the control plane.
//!
//! Not for: their bodies' meaning. The one fact to know: `{cp}` in a body is the schema's name, so one
//! body serves every control plane; every routine gets `set search_path = pg_catalog, pg_temp`
//! [ruling B20].

use crate::step::Step;

/// Language of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// A quoted SQL body.
    Sql,
    /// `begin atomic … end`, whose column reads `pg_depend` records [ruling B10].
    SqlAtomic,
    /// PL/pgSQL; without dynamic SQL.
    Plpgsql,
}

/// Volatility, as in `provolatile`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Volatility {
    /// `immutable`.
    Immutable,
    /// `stable`.
    Stable,
    /// `volatile`.
    Volatile,
}

/// Whose rights a routine runs with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// The caller's.
    Invoker,
    /// The owner's.
    Definer,
}

/// What a routine is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoutineKind {
    /// Pure hash or encoding function.
    Hash,
    /// Trigger function.
    Trigger,
    /// `check_…`: one seal check, looped over by the seal in `order` [ruling A9].
    SealCheck {
        /// Position in #22's order.
        order: u16,
    },
    /// `check_…`: one activation check.
    ActivationCheck {
        /// Position in #22's order.
        order: u16,
    },
    /// `check_…`: what one entry point asks of what its caller names.
    EntryCheck,
    /// Mutates authority data; paired with the Level-A verifier named here [doc 09].
    LevelB {
        /// Routine name of the verifier.
        verifier: &'static str,
    },
    /// Recomputes a Level-B effect by another road.
    LevelA,
    /// The writer gateway, pinned by #26.
    Gateway,
    /// Reads only.
    Reader,
    /// Called by the others, by nobody else.
    Internal,
}

/// One routine.
#[derive(Debug, Clone, Copy)]
pub struct Routine {
    /// Name.
    pub name: &'static str,
    /// Arguments as `CREATE FUNCTION` takes them: `p_manifest_id uuid, p_surface_no integer`.
    pub arguments: &'static str,
    /// Argument types only, as `regprocedure` prints them under an empty search path.
    pub argument_types: &'static str,
    /// Result type as `pg_get_function_result` prints it.
    pub returns: &'static str,
    /// Language.
    pub language: Language,
    /// Volatility.
    pub volatility: Volatility,
    /// `strict`.
    pub strict: bool,
    /// Whose rights.
    pub security: Security,
    /// What it is for.
    pub kind: RoutineKind,
    /// Step that creates it.
    pub step: Step,
    /// Body text with `{cp}` placeholders.
    pub body: &'static str,
    /// Why it exists; becomes a SQL comment.
    pub doc: &'static str,
    /// File that holds the body, relative to the repository.
    pub source: &'static str,
}

/// One view.
#[derive(Debug, Clone, Copy)]
pub struct View {
    /// Name.
    pub name: &'static str,
    /// Step that creates it.
    pub step: Step,
    /// Query with `{cp}` placeholders.
    pub query: &'static str,
    /// Why it exists.
    pub doc: &'static str,
    /// File that holds the query, relative to the repository.
    pub source: &'static str,
}
