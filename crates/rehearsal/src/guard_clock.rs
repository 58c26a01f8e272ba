//! Times guards: every cell of the plan, each beside a probe that asks nothing, by the same road.
//!
//! Not for: verdicts alone, faults, ways back, which a rehearsal has. The one fact to know: the cost is that of
//! the server's own process in CPU time where this machine shows it, for others may be busy here too; and
//! where a keeper is given each state is kept, since a transaction that holds a large estate pays for
//! its locks with every statement.

use crate::engine::{Progress, Run};
use crate::error::RehearseError;
use crate::keeper::Keeper;
use crate::outcome::{Finding, Status};
use crate::plan::Committed;
use crate::scale::{is_postgres, own_process};
use crate::share::Share;
use crate::target::Target;
use crate::validation::Cell;
use guards::{Answered, Fixture, Guard, Inputs};
use std::time::{Duration, Instant};

/// A guard that looks at nothing: what every other one costs at least.
const NOTHING: &str = "\
-- guard: NOTHING
-- invariant: A probe that asks nothing is answered.
-- why: What a question costs that is asked by the same road.
-- probe: nothing it is answered
-- stage: no-control-plane
select 'nothing' as probe, 1::bigint as expected, 1::bigint as realized, 1::bigint as population, array[]::text[] as offenders
-- stage: control-plane
select 'nothing' as probe, 1::bigint as expected, 1::bigint as realized, 1::bigint as population, array[]::text[] as offenders
";

/// One cell.
#[derive(Clone, Debug)]
pub struct TimedRun {
    /// The guard.
    pub guard: String,
    /// The step.
    pub step: String,
    /// `before`, `between`, `after`, `rollback`.
    pub moment: String,
    /// Its verdict.
    pub verdict: Status,
    /// Why it is not green.
    pub reasons: Vec<String>,
    /// What it cost the server.
    pub spent: Duration,
    /// What a probe that asks nothing cost right after it.
    pub floor: Duration,
    /// Rows that its plan handed on or threw away, where it is asked last; nothing for one that asks no server.
    pub rows: Option<f64>,
}

/// Every cell of a plan.
#[derive(Clone, Debug, Default)]
pub struct GuardTimes {
    /// Cells in the order in which they came due.
    pub runs: Vec<TimedRun>,
    /// What went wrong on the way; a cell that stood on it is not among the runs.
    pub findings: Vec<Finding>,
    /// Whether the times are of the server's process, and not of the wall.
    pub of_process: bool,
}

/// Walks `committed` on `target` for its guards alone, and times each cell.
pub async fn time_guards<'a>(
    target: &Target,
    committed: &'a Committed,
    fixtures: &'a [Fixture],
    progress: &'a mut dyn Progress,
    keeper: Option<&'a mut dyn Keeper>,
) -> Result<GuardTimes, RehearseError> {
    let mut run = Run::begin(
        &target.options,
        target.postgres.clone(),
        committed,
        fixtures,
        progress,
    )
    .await?;
    run.share = Share::Guards;
    run.keeper = keeper;
    run.demand_free_target().await?;
    run.clock = Some(Clock::of(own_process(&mut run.session).await?));
    run.create_personas().await?;
    run.keep("creating personas").await?;
    run.walk_plainly().await?;
    let times = GuardTimes {
        of_process: run.clock.as_ref().is_some_and(|clock| clock.process.is_some()),
        runs: run.clock.take().map(|clock| clock.runs).unwrap_or_default(),
        findings: std::mem::take(&mut run.outcome.findings),
    };
    run.session.rollback().await?;
    Ok(times)
}

/// Reads what the server's process has used, and keeps what it read.
#[derive(Debug)]
pub(crate) struct Clock {
    process: Option<String>,
    runs: Vec<TimedRun>,
}

impl Clock {
    fn of(process: Option<String>) -> Self {
        let process = process.filter(|pid| is_postgres(pid) && on_processor(pid).is_some());
        Self {
            process,
            runs: Vec::new(),
        }
    }
}

/// Time of a process on a processor so far, to the nanosecond.
fn on_processor(pid: &str) -> Option<Duration> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/schedstat")).ok()?;
    let spent = text.split_whitespace().next()?.parse().ok()?;
    Some(Duration::from_nanos(spent))
}

impl Run<'_> {
    /// Asks the guard of a cell, then a probe that asks nothing, and notes what each cost.
    pub(crate) async fn measure_timed(&mut self, cell: &Cell<'_>) -> Result<Answered, RehearseError> {
        let inputs = self.inputs.clone();
        let nothing = Guard::parse(NOTHING).map_err(|error| RehearseError::Stop(error.to_string()))?;
        let savepoint = self.session.savepoint().await?;
        let begun = self.reading();
        let answered = self.ask_guard(cell, &inputs).await;
        let asked = self.reading();
        let label = format!("guard `{}`", cell.guard);
        self.session.undo_and_look(savepoint, &label).await?;
        let savepoint = self.session.savepoint().await?;
        let again = self.reading();
        let floor = guards::run(self.session.connection(), &nothing, cell.stage, &Inputs::new()).await;
        let ended = self.reading();
        self.session.undo_and_look(savepoint, "the floor").await?;
        let rows = self.rows_of(cell, &inputs).await?;
        if !matches!(floor, guards::Verdict::Pass { .. }) {
            return Err(RehearseError::Stop(format!(
                "a probe that asks nothing was not answered: {}",
                floor.reasons().join("; ")
            )));
        }
        if let Some(clock) = &mut self.clock {
            clock.runs.push(TimedRun {
                guard: cell.guard.to_owned(),
                step: cell.step.to_owned(),
                moment: cell.moment.to_owned(),
                verdict: crate::validation::status(&answered.verdict),
                reasons: answered.verdict.reasons(),
                spent: asked.since(begun),
                floor: ended.since(again),
                rows,
            });
        }
        Ok(answered)
    }

    /// Counts what the guard makes the server do, in the last state: the one in which every guard is asked.
    async fn rows_of(&mut self, cell: &Cell<'_>, inputs: &Inputs) -> Result<Option<f64>, RehearseError> {
        let last = self.committed.states.last().map(|last| &last.state);
        if last.is_none_or(|last| (last.step.as_str(), last.moment.as_str()) != (cell.step, cell.moment)) {
            return Ok(None);
        }
        let savepoint = self.session.savepoint().await?;
        let counted = self.work_of_guard(cell, inputs).await;
        let label = format!("rows of guard `{}`", cell.guard);
        self.session.undo_and_look(savepoint, &label).await?;
        match counted {
            Ok(rows) => Ok(Some(rows)),
            Err(why) => Err(RehearseError::Stop(format!("{label} can't be counted: {why}"))),
        }
    }

    fn reading(&self) -> Reading {
        let process = self.clock.as_ref().and_then(|clock| clock.process.as_deref());
        Reading {
            wall: Instant::now(),
            process: process.and_then(on_processor),
        }
    }
}

/// Both clocks at one moment.
#[derive(Clone, Copy)]
struct Reading {
    wall: Instant,
    process: Option<Duration>,
}

impl Reading {
    fn since(self, then: Self) -> Duration {
        match (self.process, then.process) {
            (Some(now), Some(then)) => now.saturating_sub(then),
            _ => self.wall.duration_since(then.wall),
        }
    }
}
