//! Declared, predicted, attempted: three answers to every role, object and privilege, which must agree.
//!
//! The plan declares, `has_…_privilege` predicts, and a statement sent as that role shows. It knows no
//! control plane. The one fact to know: USAGE on the schema is tried first and then given to everybody
//! for the rest, because a role that lacks two rights would not show which one refused it.

mod cell;
mod login;
mod matrix;
mod refusal;

pub use login::{LoginCells, LoginProbes, Tried};
pub use matrix::render_matrix;

use crate::engine::Run;
use crate::error::RehearseError;
use crate::plan::{AccessSpec, OWN_KINDS};
use crate::session::{classify, quote_ident, quote_literal, text_at, trimmed};
use cell::{Answer, Cell};
use refusal::Refusal;
use serde::Serialize;
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use std::collections::{BTreeMap, BTreeSet};

/// What the three answers came to.
#[derive(Clone, Debug, Default, Serialize)]
pub struct AccessOutcome {
    /// Roles × objects × privileges.
    pub cells: usize,
    /// Cells whose answers agree.
    pub agree: usize,
    /// Cells that a statement tried; the others have two answers, for no statement uses the privilege.
    pub attempted: usize,
    /// Who tried, in the plan's order.
    #[serde(skip)]
    pub roles: Vec<String>,
    /// What the server realizes: kind, object, role number, privileges.
    #[serde(skip)]
    pub realized: BTreeMap<(String, String, usize), Vec<String>>,
    /// Every object that was asked about, by kind.
    #[serde(skip)]
    pub objects: BTreeSet<(String, String)>,
}

/// What can be tried, and what the server says of it: a character each actor.
struct Probe {
    kind: String,
    object: String,
    privilege: String,
    predicted: Vec<char>,
    explained: Vec<char>,
    attempted: Vec<char>,
}

impl Run<'_> {
    /// Asks, tries and compares, under a savepoint.
    pub(crate) async fn access(&mut self) -> Result<(), RehearseError> {
        if !self.share.has_proofs() {
            return Ok(());
        }
        let Some(spec) = &self.committed.access else {
            return Ok(());
        };
        self.progress.step("access");
        let savepoint = self.session.savepoint().await?;
        self.compare_access(spec).await?;
        self.session.undo(savepoint, "trying every privilege").await
    }

    async fn compare_access(&mut self, spec: &AccessSpec) -> Result<(), RehearseError> {
        let schema = self.committed.plan.schema.clone();
        self.session
            .harness("making what is tried", &probes_sql(&schema, spec))
            .await?;
        let mut probes = self.predictions().await?;
        let odd = self.attempts(&schema, &mut probes).await?;
        self.demand_exact_objects(spec, &probes);
        let allowed = spec.allowed();
        let mut outcome = AccessOutcome {
            roles: spec.roles.clone(),
            ..AccessOutcome::default()
        };
        let mut red = Vec::new();
        for (at, probe) in probes.iter().enumerate() {
            outcome.objects.insert((probe.kind.clone(), probe.object.clone()));
            for (actor, role) in spec.roles.iter().enumerate() {
                let Some(cell) = probe.cell(role, actor, &allowed) else {
                    continue;
                };
                let refusal = odd.get(&(actor, at)).map(|refusal| {
                    let reasons = &self.committed.plan.reason;
                    refusal.clone().judged(&probe.kind, &probe.privilege, reasons)
                });
                let cell = cell.tried(refusal);
                outcome.cells += 1;
                outcome.agree += usize::from(cell.agrees());
                outcome.attempted += usize::from(cell.attempted != Answer::Untried);
                if cell.is_realized() {
                    let key = (probe.kind.clone(), probe.object.clone(), actor);
                    let held = outcome.realized.entry(key).or_default();
                    held.push(probe.privilege.clone());
                }
                if !cell.agrees() || !cell.is_explained {
                    red.push((actor, at, cell));
                }
            }
        }
        self.report(&red).await?;
        self.outcome.access = outcome;
        self.grant_options().await
    }

    async fn predictions(&mut self) -> Result<Vec<Probe>, RehearseError> {
        let during = "asking the server who may do what";
        let rows = self
            .session
            .rows(during, include_str!("access/predict.sql"))
            .await?;
        read_predictions(&rows, during)
    }

    /// Tries everything; refusals that are neither a denial nor an acceptance by actor and probe.
    async fn attempts(
        &mut self,
        schema: &str,
        probes: &mut [Probe],
    ) -> Result<BTreeMap<(usize, usize), Refusal>, RehearseError> {
        let during = "trying every privilege";
        let sql = format!(
            "{}; select * from rehearsal_access.attempt(true); grant usage on schema {} to public; \
             select * from rehearsal_access.attempt(false)",
            trimmed(include_str!("access/attempt.sql")),
            quote_ident(schema)
        );
        let mut odd = BTreeMap::new();
        let rows = self.session.rows(during, &sql).await?;
        // Each actor answers twice: bare privileges, then those inside the schema.
        let mut seen = BTreeSet::new();
        note_attempts(&rows, probes, &mut odd, |actor| seen.insert(actor))?;
        Ok(odd)
    }

    /// The schema holds exactly the objects that are declared.
    fn demand_exact_objects(&mut self, spec: &AccessSpec, probes: &[Probe]) {
        for kind in OWN_KINDS {
            let declared: BTreeSet<&str> = spec.names(kind).collect();
            let found: BTreeSet<&str> = probes
                .iter()
                .filter(|probe| probe.kind == kind)
                .map(|probe| probe.object.as_str())
                .collect();
            let lists = [
                (
                    "ACCESS_OBJECT_UNDECLARED",
                    found.difference(&declared),
                    "it is there, and who may use it is not declared",
                ),
                (
                    "ACCESS_OBJECT_MISSING",
                    declared.difference(&found),
                    "its access is declared, and it is not there",
                ),
            ];
            for (code, names, why) in lists {
                for name in names {
                    let package = self.proving_package();
                    self.finding(code, package, format!("{kind} `{name}`: {why}"), vec![]);
                }
            }
        }
    }

    /// A finding for each cell that is red, with what the server holds it through.
    async fn report(&mut self, red: &[(usize, usize, Cell)]) -> Result<(), RehearseError> {
        if red.is_empty() {
            return Ok(());
        }
        let pairs: Vec<String> = red
            .iter()
            .map(|(actor, at, _)| format!("({}, {})", actor + 1, at + 1))
            .collect();
        let sql = include_str!("access/explain.sql").replace("{cells}", &pairs.join(", "));
        let during = "explaining who may do what";
        let mut why: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for row in &self.session.rows(during, &sql).await? {
            let text = |at| text_at(row, at, during);
            why.entry(text(0)?).or_default().push(text(1)?);
        }
        for (actor, at, cell) in red {
            let mut details = why
                .remove(&format!("{} {}", actor + 1, at + 1))
                .unwrap_or_default();
            details.extend(cell.refusal.as_ref().map(Refusal::line));
            let package = self.proving_package();
            self.finding(cell.code(), package, cell.message(), details);
        }
        Ok(())
    }

    /// Nobody but an owner may hand a privilege on.
    async fn grant_options(&mut self) -> Result<(), RehearseError> {
        let sql = "select distinct concat(p.kind, ' `', p.identity, '`: ', i.privilege, ' is held with grant option by ', \
                     case when i.grantee = 0 then 'PUBLIC' else pg_catalog.pg_get_userbyid(i.grantee) end, ', granted by ', \
                     pg_catalog.pg_get_userbyid(i.grantor)) \
                     from rehearsal_access.item i join rehearsal_access.probe p on p.oid = i.oid and p.kind = case i.kind when 'column' then 'relation' else i.kind end \
                    where i.is_grantable and p.kind <> 'database' order by 1";
        for message in self
            .session
            .texts("reading grant options", sql)
            .await?
            .into_iter()
            .flatten()
        {
            let package = self.proving_package();
            self.finding("ACCESS_GRANTABLE", package, message, vec![]);
        }
        Ok(())
    }
}

impl Probe {
    fn cell(&self, role: &str, actor: usize, allowed: &BTreeSet<(&str, &str, &str, &str)>) -> Option<Cell> {
        // A role is itself: nothing to declare.
        if self.kind == "role" && self.object == role {
            return None;
        }
        let declared = allowed.contains(&(&self.kind, &self.object, &self.privilege, role));
        Some(Cell {
            role: role.to_owned(),
            kind: self.kind.clone(),
            object: self.object.clone(),
            privilege: self.privilege.clone(),
            declared: if declared { Answer::Allowed } else { Answer::Denied },
            predicted: Answer::predicted(self.predicted.get(actor).copied()),
            attempted: Answer::attempted(self.attempted.get(actor).copied()),
            is_explained: self.explained.get(actor) == Some(&'y'),
            refusal: None,
        })
    }
}

/// What can be tried and what the server predicts, from the rows of `predict.sql`.
fn read_predictions(rows: &[PgRow], during: &str) -> Result<Vec<Probe>, RehearseError> {
    rows.iter()
        .map(|row| {
            let text = |at| text_at(row, at, during);
            let predicted: Vec<char> = text(3)?.chars().collect();
            Ok(Probe {
                kind: text(0)?,
                object: text(1)?,
                privilege: text(2)?,
                explained: text(4)?.chars().collect(),
                attempted: vec!['-'; predicted.len()],
                predicted,
            })
        })
        .collect()
}

/// Notes the rows of an attempt; `is_bare` says of an actor which half it answers now.
fn note_attempts(
    rows: &[PgRow],
    probes: &mut [Probe],
    odd: &mut BTreeMap<(usize, usize), Refusal>,
    mut is_bare: impl FnMut(usize) -> bool,
) -> Result<(), RehearseError> {
    let own = |probe: &Probe| OWN_KINDS[1..].contains(&probe.kind.as_str());
    let (bare, rest): (Vec<usize>, Vec<usize>) = (0..probes.len()).partition(|at| !own(&probes[*at]));
    for row in rows {
        let text = |at: usize| {
            row.try_get_unchecked::<Option<String>, _>(at)
                .map(Option::unwrap_or_default)
                .map_err(|error| classify("trying every privilege", error))
        };
        let number = |text: String| text.parse::<usize>().map_or(0, |n| n.saturating_sub(1));
        let (actor, answer) = (number(text(1)?), text(3)?);
        if text(0)? == "odd" {
            let refusal = Refusal::new(answer, text(4)?, text(5)?);
            odd.insert((actor, number(text(2)?)), refusal);
            continue;
        }
        let tried = if is_bare(actor) { &bare } else { &rest };
        // What no statement tries may have been shown otherwise.
        for (at, answer) in tried
            .iter()
            .zip(answer.chars())
            .filter(|(_, answer)| *answer != '-')
        {
            probes[*at].attempted[actor] = answer;
        }
    }
    Ok(())
}

fn probes_sql(schema: &str, spec: &AccessSpec) -> String {
    let array = |names: &mut dyn Iterator<Item = &str>| {
        let quoted: Vec<String> = names.map(quote_literal).collect();
        format!("array[{}]", quoted.join(", "))
    };
    let sql = include_str!("access/probes.sql")
        .replace("{schema}", &quote_literal(schema))
        .replace("{actors}", &array(&mut spec.roles.iter().map(String::as_str)))
        .replace("{roles}", &array(&mut spec.names("role")));
    format!("set local search_path = '';\n{sql}")
}
