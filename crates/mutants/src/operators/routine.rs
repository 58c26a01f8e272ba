//! Mutants of domains, and of what a routine may do and promises: security, volatility, strictness.
//!
//! Not for: bodies, which are no typed value; faults in them are tried by hand-made ones. The one fact to
//! know: #20 holds each of these properties of a routine as one fact, so any of them names the routine.

use manifest_model::{ControlPlane, Domain, Routine, Security, Volatility};
use sql_render::routine::identity;

use crate::change::{Change, Mutant, Red};
use crate::expression;

/// The CHECK of each domain loosened.
pub(super) fn domains(plane: &ControlPlane, out: &mut Vec<Mutant>) {
    for domain in plane.domains {
        let Some(name) = domain.ty.domain() else { continue };
        let mut add = |operator: &str, words: String, expression: String| {
            out.push(Mutant {
                file: "domains",
                subject: format!("domain {name}"),
                id: format!("domains/{operator}/{name}"),
                words,
                change: Change::Domain(Domain {
                    expression: Box::leak(expression.into_boxed_str()),
                    ..*domain
                }),
                red: Red::ExactSet {
                    relation: name.to_owned(),
                    name: domain.check_name.to_owned(),
                },
                or_refused: &[],
            });
        };
        let check = domain.check_name;
        for (bound, text) in expression::loosened(domain.expression) {
            add(
                "bound_loosened",
                format!("CHECK {check}: bound {bound} loosened"),
                text,
            );
        }
        add(
            "alternative_added",
            format!("CHECK {check}: an alternative that always holds added"),
            format!("({} OR true)", domain.expression),
        );
    }
}

/// Security, volatility and strictness of each routine.
pub(super) fn routines(plane: &ControlPlane, out: &mut Vec<Mutant>) {
    for routine in plane.routines {
        let mut add = |operator: &str, words: &str, mutated: Routine| {
            out.push(Mutant {
                file: "routines",
                subject: format!("routine {}", routine.name),
                id: format!("routines/{operator}/{}", routine.name),
                words: words.to_owned(),
                change: Change::Routine(mutated),
                red: Red::ExactSet {
                    relation: routine.name.to_owned(),
                    name: identity(plane, routine),
                },
                or_refused: &[],
            });
        };
        let (security, words) = match routine.security {
            Security::Definer => (Security::Invoker, "runs with its caller's rights"),
            Security::Invoker => (Security::Definer, "runs with its owner's rights"),
        };
        add(
            "security_swapped",
            words,
            Routine {
                security,
                ..**routine
            },
        );
        let (volatility, words) = match routine.volatility {
            Volatility::Volatile => (Volatility::Stable, "volatile made stable"),
            Volatility::Stable => (Volatility::Volatile, "stable made volatile"),
            Volatility::Immutable => (Volatility::Volatile, "immutable made volatile"),
        };
        add(
            "volatility_swapped",
            words,
            Routine {
                volatility,
                ..**routine
            },
        );
        let strict = !routine.strict;
        let words = if strict { "made strict" } else { "strict left out" };
        add("strict_flipped", words, Routine { strict, ..**routine });
    }
}
