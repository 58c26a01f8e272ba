//! `cargo xtask bench --guards`: what the guards cost, on estates so many times as large as the reference.
//!
//! Each cell of the plan is timed beside a probe that asks nothing, by the same road; everything that the
//! cells stand on is committed to a cluster that is thrown away. The one fact to know: nothing here
//! asserts a time; a guard that is not green is red here too.

mod large;

use crate::cli::BenchArgs;
use crate::exit::{Code, CommandError};
use crate::progress::Spinner;
use crate::{fixtures, rehearse, scale_runs};
use fix7_manifest::FIX7;
use large::Walked;
use rehearsal::{GuardTimes, Status, TimedRun};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

/// Every guard in one pass takes less than this on the reference estate …
const REFERENCE: Duration = Duration::from_secs(1);
/// … and less than this on one that is a hundred times as large.
const HUNDREDFOLD: Duration = Duration::from_secs(20);
/// An object may cost this much more on a larger estate, and still count as flat.
const FLAT: f64 = 1.5;
/// Rows of a guard's plan by object may grow this much, and still count as linear; they are counted, so nobody else's work
/// is in them.
const LINEAR: f64 = 1.2;

/// One size, measured.
struct Size {
    times: u32,
    objects: usize,
    major: u32,
    found: GuardTimes,
    made: Duration,
}

pub(crate) fn run(args: &BenchArgs, sizes: &[u32], out: &mut dyn Write) -> Result<Code, CommandError> {
    let root = rehearse::root();
    let runtime = rehearse::runtime()?;
    let mut spinner = Spinner::new();
    let mut measured = Vec::new();
    heading(out)?;
    for times in sizes {
        let begun = Instant::now();
        let work = large::measure(args, &root, *times, fixtures::FIXTURES, &mut spinner);
        let Walked {
            objects,
            major,
            found,
        } = runtime.block_on(rehearse::interruptible(work))??;
        let size = Size {
            times: *times,
            objects,
            major,
            found,
            made: begun.elapsed(),
        };
        line(&size, out)?;
        measured.push(size);
    }
    spinner.finish();
    by_guard(&measured, out)?;
    if let Some(path) = &args.record {
        write_record(path, &measured)?;
    }
    conclude(&measured, out)
}

/// What the guards answered, bound to this checkout's bytes.
fn write_record(path: &Path, measured: &[Size]) -> Result<(), CommandError> {
    let committed = rehearsal::load(&rehearse::root())?;
    let estates = measured
        .iter()
        .map(|size| (size.times, size.objects, &size.found));
    // One command has one server's programs.
    let major = measured.last().map_or(0, |size| size.major);
    let record = scale_runs::record(&committed, major, estates);
    let text = serde_json::to_string_pretty(&record)
        .map_err(|error| CommandError::Environment(error.to_string()))?;
    authoring::atomic_write(path, &(text + "\n"))
        .map_err(|error| CommandError::Environment(format!("can't write `{}`: {error}", path.display())))
}

/// The last cell of each guard: where it is due when everything else is done.
fn last_pass(found: &GuardTimes) -> BTreeMap<&str, &TimedRun> {
    found.runs.iter().map(|run| (run.guard.as_str(), run)).collect()
}

fn sum<'a>(runs: impl IntoIterator<Item = &'a TimedRun>) -> (Duration, Duration) {
    runs.into_iter().fold(<_>::default(), |(spent, floor), run| {
        (spent + run.spent, floor + run.floor)
    })
}

fn heading(out: &mut dyn Write) -> Result<(), CommandError> {
    writeln!(
        out,
        "{:<8}{:>9}{:>8}{:>8}{:>12}{:>10}{:>8}{:>8}{:>12}{:>14}{:>10}",
        "estate",
        "objects",
        "guards",
        "green",
        "one pass ms",
        "floor ms",
        "ratio",
        "cells",
        "all ms",
        "an object µs",
        "made s"
    )?;
    Ok(())
}

fn line(size: &Size, out: &mut dyn Write) -> Result<(), CommandError> {
    let pass = last_pass(&size.found);
    let green = pass.values().filter(|run| run.verdict == Status::Pass).count();
    let (spent, floor) = sum(pass.values().copied());
    let (all, _) = sum(&size.found.runs);
    writeln!(
        out,
        "{:<8}{:>9}{:>8}{green:>8}{:>12.1}{:>10.1}{:>8.1}{:>8}{:>12.1}{:>14.1}{:>10.0}",
        format!("{}x", size.times),
        size.objects,
        pass.len(),
        millis(spent),
        millis(floor),
        spent.as_secs_f64() / floor.as_secs_f64(),
        size.found.runs.len(),
        millis(all),
        an_object(size),
        size.made.as_secs_f64(),
    )?;
    Ok(())
}

/// Microseconds that one pass costs by legacy object.
fn an_object(size: &Size) -> f64 {
    let (spent, _) = sum(last_pass(&size.found).into_values());
    let objects = u32::try_from(size.objects).unwrap_or(u32::MAX);
    spent.as_secs_f64() * 1e6 / f64::from(objects)
}

/// Guards by what they cost on the largest estate.
fn by_guard(sizes: &[Size], out: &mut dyn Write) -> Result<(), CommandError> {
    let Some(largest) = sizes.last() else {
        return Ok(());
    };
    let of_process = largest.found.of_process;
    write!(
        out,
        "\nmilliseconds of {}, each guard at its last cell\n{:<32}",
        if of_process {
            "the server's process"
        } else {
            "the wall"
        },
        ""
    )?;
    for size in sizes {
        write!(out, "{:>10}", format!("{}x", size.times))?;
    }
    writeln!(out, "  times the floor, and rows of its plan by object")?;
    let passes: Vec<_> = sizes.iter().map(|size| last_pass(&size.found)).collect();
    let mut guards: Vec<&TimedRun> = last_pass(&largest.found).into_values().collect();
    guards.sort_by_key(|run| std::cmp::Reverse(run.spent));
    for guard in guards {
        write!(out, "{:<32}", guard.guard)?;
        for pass in &passes {
            match pass.get(guard.guard.as_str()) {
                Some(run) => write!(out, "{:>10.1}", millis(run.spent))?,
                None => write!(out, "{:>10}", "-")?,
            }
        }
        write!(
            out,
            "{:>7.0}  ",
            guard.spent.as_secs_f64() / guard.floor.as_secs_f64()
        )?;
        for (pass, size) in passes.iter().zip(sizes) {
            let rows = pass.get(guard.guard.as_str()).and_then(|run| run.rows);
            let objects = u32::try_from(size.objects).unwrap_or(u32::MAX);
            write!(out, "{:>9.1}", rows.unwrap_or_default() / f64::from(objects))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// Red if a guard is not green, or was not asked.
fn conclude(sizes: &[Size], out: &mut dyn Write) -> Result<Code, CommandError> {
    let mut red = Vec::new();
    writeln!(out)?;
    for size in sizes {
        let pass = last_pass(&size.found);
        let missing = FIX7.guards.iter().filter(|guard| !pass.contains_key(guard.id));
        red.extend(missing.map(|guard| format!("{}x: {} was not asked", size.times, guard.id)));
        let not_green = size.found.runs.iter().filter(|run| run.verdict != Status::Pass);
        red.extend(not_green.map(|run| {
            let TimedRun {
                guard,
                step,
                moment,
                reasons,
                ..
            } = run;
            format!(
                "{}x: {guard} at {step} ({moment}) is not green: {}",
                size.times,
                reasons.join("; ")
            )
        }));
        red.extend(size.found.findings.iter().map(|finding| {
            format!(
                "{}x: {}: {} {}",
                size.times,
                finding.code,
                finding.message,
                finding.details.join("; ")
            )
        }));
        let limit = match size.times {
            1 => REFERENCE,
            100 => HUNDREDFOLD,
            _ => continue,
        };
        let (spent, _) = sum(pass.into_values());
        writeln!(
            out,
            "{}x: one pass takes {:.2} s, {} {} s",
            size.times,
            spent.as_secs_f64(),
            if spent < limit { "under" } else { "NOT under" },
            limit.as_secs()
        )?;
    }
    // The smallest one pays what every question costs for few objects.
    if let [.., before, last] = sizes {
        let growth = an_object(last) / an_object(before);
        writeln!(
            out,
            "an object costs {growth:.2} times as much at {}x as at {}x: {} (within {FLAT})",
            last.times,
            before.times,
            if growth <= FLAT { "flat" } else { "NOT flat" }
        )?;
    }
    growth_of_rows(sizes, out)?;
    for line in &red {
        writeln!(out, "{line}")?;
    }
    Ok(if red.is_empty() { Code::Pass } else { Code::Finding })
}

/// Whether the plans of the guards touch more rows by object on the larger of the last two estates. It is told and not
/// red: a planner may take another order there, which costs each object the same once more.
fn growth_of_rows(sizes: &[Size], out: &mut dyn Write) -> Result<(), CommandError> {
    let [.., before, last] = sizes else {
        return Ok(());
    };
    let (small, large) = (last_pass(&before.found), last_pass(&last.found));
    let objects = f64::from(last.times) / f64::from(before.times);
    let grown: Vec<(f64, &str)> = large
        .iter()
        .filter_map(|(guard, run)| Some((run.rows? / small.get(guard)?.rows? / objects, *guard)))
        .collect();
    let Some((worst, guard)) = grown.iter().max_by(|a, b| a.0.total_cmp(&b.0)) else {
        return Ok(());
    };
    writeln!(
        out,
        "rows that the plans of {} guards touch by object grow {worst:.2} times at most ({guard}): {} (within {LINEAR})",
        grown.len(),
        if *worst <= LINEAR { "linear" } else { "NOT linear" }
    )?;
    Ok(())
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
