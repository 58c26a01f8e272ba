//! What shows the CHECK of a domain: values instead of rows.
//!
//! The one fact to know: a domain has no probe of its own, so its valid values are those of its columns.

use super::seek::named;
use super::unshown;
use crate::condition::{self, Condition, Row, changes, literal, truth};
use crate::control_plane::Domain;
use crate::table::TableDef;

/// What shows the CHECK of a domain, and what nothing shows. Valid values are the probes of its columns, and
/// what its CHECK names.
pub fn prove_domain(tables: &[TableDef], domain: &Domain) -> DomainProof {
    let mut proof = DomainProof::default();
    let Some(condition) = condition::parse(domain.expression) else {
        // `isfinite(VALUE)` and its like have no part: their rejects are all there is.
        return proof;
    };
    let columns = tables.iter().flat_map(TableDef::written_columns);
    let of_domain = columns.filter(|column| column.ty == domain.ty);
    let mut valid: Vec<String> = of_domain.map(|column| column.probe.to_owned()).collect();
    named(&condition, "VALUE", None, &mut valid);
    let row = |sql: &str| Row::from([("VALUE".to_owned(), literal(sql))]);
    let holds = |condition: &Condition, sql: &str| truth(condition, &row(sql));
    for change in changes(&condition, &|_| Vec::new()) {
        let passes =
            |(_, sql): &(&str, &str)| holds(&change.condition, sql).is_ok_and(|it| it != Some(false));
        let refuses = |sql: &&String| {
            holds(&condition, sql) == Ok(Some(true)) && holds(&change.condition, sql) == Ok(Some(false))
        };
        let by = match domain.rejects.iter().position(passes) {
            Some(number) => Some(DomainWitness::Rejected(number)),
            None => valid
                .iter()
                .find(refuses)
                .map(|sql| DomainWitness::Accepted(sql.clone())),
        };
        match by {
            Some(by) => proof.told.push((change, by)),
            None => proof.missing.push(unshown(&change)),
        }
    }
    proof
}

/// What shows the CHECK of a domain.
#[derive(Debug, Clone, Default)]
pub struct DomainProof {
    /// Each change, and the value that tells it.
    pub told: Vec<(condition::Change, DomainWitness)>,
    /// What nothing shows.
    pub missing: Vec<String>,
}

/// The value that tells a change of a domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DomainWitness {
    /// This reject, from 0.
    Rejected(usize),
    /// This valid literal.
    Accepted(String),
}
