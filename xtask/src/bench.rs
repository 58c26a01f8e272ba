//! `cargo xtask bench`: each part of a rehearsal beside its floor, measured in the same run.
//!
//! The floor is the real `psql` beside the server's binaries (Debian's own on PATH is a Perl wrapper)
//! with the same statements; without any, exit code 3. Figures are medians; quote the ratios, for the milliseconds are this
//! machine's. Nothing here asserts a time.

use crate::cli::BenchArgs;
use crate::exit::{Code, CommandError};
use rehearsal::{Committed, server_options};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;
use throwaway_postgres::{Options, Server};

const PARTS: [&str; 3] = [
    "empty transaction",
    "apply and roll back",
    "apply, negatives, roll back",
];

pub(crate) fn run(args: &BenchArgs, out: &mut dyn Write) -> Result<Code, CommandError> {
    if let Some(sizes) = &args.guards {
        return crate::guard_bench::run(args, sizes, out);
    }
    if let Some(sizes) = &args.scale {
        return crate::scale::run(args, sizes, out);
    }
    let committed = rehearsal::load(&crate::rehearse::root())?;
    let options = server_options(&args.server.options(), &committed);
    let work = measure(&options, &committed, args.runs);
    let times = crate::rehearse::runtime()?.block_on(crate::rehearse::interruptible(work))??;
    writeln!(
        out,
        "medians of {} runs; floor: the same statements by psql\n",
        args.runs
    )?;
    writeln!(out, "{:<34}{:>10}{:>10}{:>8}", "", "ours ms", "floor ms", "ratio")?;
    let mut line = |name: &str, ours: f64, floor: Option<f64>| match floor {
        Some(floor) => writeln!(out, "{name:<34}{ours:>10.1}{floor:>10.1}{:>8.2}", ours / floor),
        None => writeln!(out, "{name:<34}{ours:>10.1}{:>10}{:>8}", "-", "-"),
    };
    line("server, cold (initdb and estate)", times.cold, None)?;
    line("server, cached cluster", times.cached, None)?;
    for ((name, ours), floor) in PARTS.into_iter().zip(times.ours).zip(times.floors) {
        line(name, ours, floor)?;
    }
    let alone = |of: [Option<f64>; 3]| Some(of[2]? - of[1]?);
    if let Some(ours) = alone(times.ours.map(Some)) {
        line("negatives alone (difference)", ours, alone(times.floors))?;
        let tests = committed
            .negatives
            .iter()
            .flat_map(rehearsal::NegativeSpec::tests)
            .count();
        writeln!(out, "\n{tests} negative tests, three runs each")?;
    }
    crate::whole_bench::run(out)?;
    Ok(Code::Pass)
}

/// Medians, in milliseconds.
struct Times {
    cold: f64,
    cached: f64,
    ours: [f64; 3],
    floors: [Option<f64>; 3],
}

async fn measure(options: &Options, committed: &Committed, runs: u32) -> Result<Times, CommandError> {
    let scripts = rehearsal::psql_scripts(committed);
    let (mut cold, mut cached) = (Vec::new(), Vec::new());
    let mut ours: [Vec<f64>; 3] = Default::default();
    let mut floors: [Vec<f64>; 3] = Default::default();
    let fresh = Options {
        cache_dir: None,
        ..options.clone()
    };
    for _ in 0..runs {
        let begun = Instant::now();
        let server = throwaway_postgres::start(&fresh).await.map_err(environment)?;
        cold.push(millis(begun));
        server.stop().await.map_err(environment)?;
    }
    // The first start fills the cache.
    throwaway_postgres::start(options)
        .await
        .map_err(environment)?
        .stop()
        .await
        .map_err(environment)?;
    for _ in 0..runs {
        let begun = Instant::now();
        let server = throwaway_postgres::start(options).await.map_err(environment)?;
        cached.push(millis(begun));
        for (script, times) in scripts.iter().zip(&mut floors) {
            times.extend(psql(&server, &committed.plan.database, script)?);
        }
        let target = server.connect_options(&committed.plan.database);
        let timed = rehearsal::time_parts(&target, committed).await?;
        for (times, ms) in ours.iter_mut().zip(timed) {
            times.push(ms);
        }
        server.stop().await.map_err(environment)?;
    }
    Ok(Times {
        cold: median(cold).unwrap_or_default(),
        cached: median(cached).unwrap_or_default(),
        ours: ours.map(|times| median(times).unwrap_or_default()),
        floors: floors.map(median),
    })
}

/// The psql beside the server, else the one on PATH: some packages of servers have none.
fn find_psql(server: &Server) -> Result<PathBuf, CommandError> {
    let beside = server.bin_dir().map(|bin| bin.join("psql"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).map(|dir| dir.join("psql"));
    beside
        .into_iter()
        .chain(on_path)
        .find(|program| program.is_file())
        .ok_or_else(|| {
            CommandError::Environment(format!(
                "the floor of each figure is `psql`, which is neither beside the server's programs{} nor on PATH; install PostgreSQL's client programs (`apt-get install postgresql-client`, `brew install libpq`), or name a server that has them by `--pg-bin DIR`",
                server.bin_dir().map(|bin| format!(" in `{}`", bin.display())).unwrap_or_default()
            ))
        })
}

/// Runs `script` through psql; nothing for a server without a socket here, such as a container's.
fn psql(server: &Server, database: &str, script: &str) -> Result<Option<f64>, CommandError> {
    let Some(socket) = server.socket_dir() else {
        return Ok(None);
    };
    let program = find_psql(server)?;
    let options = server.connect_options(database);
    let begun = Instant::now();
    footprint::program(&program);
    let mut child = Command::new(program)
        .args(["-X", "-q", "-h"])
        .arg::<&Path>(socket)
        .args([
            "-p",
            &options.get_port().to_string(),
            "-U",
            options.get_username(),
            "-d",
            database,
            "-f",
            "-",
        ])
        .env_remove("PGOPTIONS")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(environment)?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(script.as_bytes()).map_err(environment)?;
    }
    child.wait().map_err(environment)?;
    Ok(Some(millis(begun)))
}

fn environment(error: impl std::fmt::Display) -> CommandError {
    CommandError::Environment(error.to_string())
}

fn millis(begun: Instant) -> f64 {
    begun.elapsed().as_secs_f64() * 1000.0
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}
