//! Mutants of domains, and of what a routine may do and promises: security, volatility, strictness.
//!
//! Not for: bodies, which are no typed value; faults in them are tried by hand-made ones. The one fact to
//! know: #20 holds each of these properties of a routine as one fact, so any of them names the routine.

use manifest_model::{ControlPlane, Domain, Language, Routine, Security, Volatility};
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
            let red = if mutated.body == routine.body {
                Red::ExactSet {
                    relation: routine.name.to_owned(),
                    name: identity(plane, routine),
                }
            } else {
                Red::Source {
                    routine: identity(plane, routine),
                }
            };
            out.push(Mutant {
                file: "routines",
                subject: format!("routine {}", routine.name),
                id: format!("routines/{operator}/{}", routine.name),
                words: words.to_owned(),
                change: Change::Routine(mutated),
                red,
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
        let (words, body) = another_body(routine);
        add(
            "body_changed",
            &words,
            Routine {
                body: Box::leak(body.into_boxed_str()),
                ..**routine
            },
        );
    }
}

/// Words whose opposite is a body that still runs, in the order in which they are sought.
const OPPOSITES: [(&str, &str); 9] = [
    (" is distinct from ", " is not distinct from "),
    (" <> ", " = "),
    ("not exists (", "exists ("),
    (" is not null", " is null"),
    (" is null", " is not null"),
    (" >= ", " > "),
    (" < ", " <= "),
    ("order by ", "order by 1, "),
    (" and ", " or "),
];

/// The body with one word of it changed into its opposite; one that has none says the same once more.
fn another_body(routine: &Routine) -> (String, String) {
    // A body that is stored parsed has no assignments that look like it, and no place for a comment.
    let parsed = (routine.language == Language::SqlAtomic).then_some((" = ", " <> "));
    for (from, to) in OPPOSITES.into_iter().chain(parsed) {
        if let Some(at) = routine.body.find(from) {
            let body = format!("{}{to}{}", &routine.body[..at], &routine.body[at + from.len()..]);
            return (format!("body: `{}` became `{}`", from.trim(), to.trim()), body);
        }
    }
    (
        "body: a comment more".to_owned(),
        format!("{}\n-- said once more", routine.body.trim_end()),
    )
}
