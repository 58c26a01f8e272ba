//! One row of a guard's answer: the probe contract.
//!
//! Every column is optional here although every NULL is red: only a row that can carry a NULL
//! can show it to the judge.

use serde::{Deserialize, Serialize};

/// What one probe returned: `probe text, expected bigint, realized bigint, population bigint,
/// offenders text[]`. A column too many is refused when the row is read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProbeRow {
    /// Name of the probe, as the guard file declares it.
    pub probe: Option<String>,
    /// How many the rule demands.
    pub expected: Option<i64>,
    /// How many there are.
    pub realized: Option<i64>,
    /// How many things the rule ranged over; 0 means that nothing was looked at.
    pub population: Option<i64>,
    /// Names of what breaks the rule, stable over runs, in COLLATE "C" order.
    pub offenders: Option<Vec<Option<String>>>,
}

impl ProbeRow {
    /// A complete row; fixtures over files build their answers with it.
    #[must_use]
    pub fn new(
        probe: &str,
        expected: i64,
        realized: i64,
        population: i64,
        mut offenders: Vec<String>,
    ) -> Self {
        offenders.sort_unstable();
        Self {
            probe: Some(probe.to_owned()),
            expected: Some(expected),
            realized: Some(realized),
            population: Some(population),
            offenders: Some(offenders.into_iter().map(Some).collect()),
        }
    }

    /// Names of the columns that are NULL, an element of `offenders` included.
    pub(crate) fn null_columns(&self) -> Vec<&'static str> {
        let mut columns = Vec::new();
        if self.probe.is_none() {
            columns.push("probe");
        }
        if self.expected.is_none() {
            columns.push("expected");
        }
        if self.realized.is_none() {
            columns.push("realized");
        }
        if self.population.is_none() {
            columns.push("population");
        }
        match &self.offenders {
            Some(names) if names.iter().all(Option::is_some) => {}
            _ => columns.push("offenders"),
        }
        columns
    }
}
