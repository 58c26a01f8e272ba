//! The arguments. A command stands here when it has a body, not before.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::ffi::OsString;
use std::path::PathBuf;
use throwaway_postgres::{Options, Provider};

/// Authors, rehearses and measures the control plane's migrations.
#[derive(Debug, Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    disable_help_subcommand = true
)]
#[command(
    after_help = "exit codes: 0 pass, 1 a finding or no-go, 2 usage, 3 the environment, 130 Ctrl-C, 143 SIGTERM"
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write SQL, specs and plan from the typed manifests and a capture
    Author(crate::author::Arguments),
    /// Begin a guard or a surface: files that `author` refuses until they are decided, and the lines to enter
    #[command(subcommand)]
    New(crate::new::Verb),
    /// Read what a live database is, without a trace, into `rehearsal/captures/NAME/`
    Capture(crate::capture::Arguments),
    /// Run the guards on a live database, read-only; no transaction id is assigned
    Guards(crate::guards::Arguments),
    /// PKG-D: prove on the live database, read-only, that what was rehearsed is what is there
    RepointProof(crate::repoint_proof::Arguments),
    /// Look whether every mutation of a live control plane was verified by its paired verifier, and when; or run them first
    VerifyLive(crate::verify_live::Arguments),
    /// Write the packet that operators run with psql alone, and its digest
    Packet(crate::packet::Arguments),
    /// Show where the nine packages stand, what each waits for, and why
    Status(crate::leave::status::Arguments),
    /// Write or verify the leave for an operator to run one package
    #[command(subcommand)]
    Authorization(crate::leave::authorization::Verb),
    /// Write or verify the record that somebody independent audited a package
    #[command(subcommand)]
    Reaudit(crate::leave::reaudit::Verb),
    /// Record that an operator's package is done, from what its verify.sql printed
    Record(crate::leave::operated::Arguments),
    /// Rehearse the packages on a throwaway Postgres, in one transaction that is rolled back
    Rehearse(RehearseArgs),
    /// Run mutants of the manifests by themselves, in shards, or each built from nothing
    Mutants(MutantsArgs),
    /// Look at evidence packets of rehearsals
    Evidence(crate::evidence::Arguments),
    /// Make a page, a pull request's summary, or what machines read, of a packet alone
    Report(crate::report::Arguments),
    /// Demand of a packet that what was applied was there and is gone, and that a twin without it fails
    RollbackGate(crate::evidence::GateArguments),
    /// Run the no-production lane: preflight, seals, reversal, gate, probes, documents, review; it stops at the first that fails
    Lane(crate::lane::Arguments),
    /// Send what must be refused through every door, and demand that each is, by name
    Probes(crate::lane::probes::Arguments),
    /// Time a rehearsal's parts, each beside the same statements sent by psql
    Bench(BenchArgs),
    /// Run the tests; arguments go to `cargo test`
    Test(TestArgs),
    /// Say what a code, guard, step, package or surface is, and what to do about it
    Explain(crate::explain::Arguments),
    /// Write a shell's completions of these commands to stdout
    Completions(crate::shell::CompletionsArguments),
    /// Write a manual page of each command into a folder
    Man(crate::shell::ManArguments),
    /// Clear away what killed runs left on this machine
    Sweep(crate::sweep::Arguments),
}

#[derive(Clone, Debug, Args)]
pub(crate) struct ServerArgs {
    /// auto, testcontainers, local, embedded, or the URL of an approved server
    #[arg(long, value_name = "PROVIDER", default_value = "auto", value_parser = Provider::parse)]
    pub(crate) postgres: Provider,
    /// Folder with `initdb` and `postgres`
    #[arg(long, value_name = "DIR")]
    pub(crate) pg_bin: Option<PathBuf>,
    /// The only major that will do: 15, 16, 17 or 18
    #[arg(long, value_name = "MAJOR", value_parser = clap::value_parser!(u32).range(15..=18))]
    pub(crate) postgres_version: Option<u32>,
    /// Image for containers
    #[arg(long, value_name = "NAME:TAG")]
    pub(crate) image: Option<String>,
    /// System identifier of the server that a URL may name
    #[arg(long, value_name = "IDENTIFIER")]
    pub(crate) approve_target: Option<String>,
    /// Parent of the throwaway server's folder: memory if there is room, else TMPDIR
    #[arg(long, value_name = "DIR")]
    pub(crate) temp_dir: Option<PathBuf>,
    /// Make the start-up cluster anew instead of taking a cached one
    #[arg(long)]
    pub(crate) no_cache: bool,
}

impl ServerArgs {
    pub(crate) fn options(&self) -> Options {
        let defaults = match self.postgres_version {
            Some(major) => Options {
                pg_bin: fetched(major),
                ..Options::default()
            }
            .of_major(major),
            None => Options::default(),
        };
        Options {
            provider: self.postgres.clone(),
            pg_bin: self.pg_bin.clone().or(defaults.pg_bin.clone()),
            image: self.image.clone().unwrap_or(defaults.image.clone()),
            approve_target: self.approve_target.clone(),
            temp_dir: self.temp_dir.clone(),
            cache_dir: (!self.no_cache)
                .then(throwaway_postgres::default_cache_dir)
                .flatten(),
            ..defaults
        }
    }
}

/// A packet that is to be recomputed.
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// The packet
    #[arg(value_name = "DIR")]
    pub(crate) packet: PathBuf,
    /// Also demand that the packet is of the committed files of this checkout
    #[arg(long)]
    pub(crate) this_checkout: bool,
    /// How to print the result
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(crate) format: Format,
}

/// Where `scripts/fetch-postgres` puts a major; else the folder that the environment names.
fn fetched(major: u32) -> Option<PathBuf> {
    let folder = crate::rehearse::root().join(format!("target/postgres/{major}/bin"));
    if folder.join("postgres").is_file() {
        Some(folder)
    } else {
        Options::default().pg_bin
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Human,
    /// One object on stdout
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shape {
    /// One transaction, unless the plane has too many objects for one
    Auto,
    /// One transaction that is rolled back
    OneTransaction,
    /// Committed step by step on a throwaway server, taken back, and dropped
    Committed,
}

#[derive(Debug, Args)]
pub(crate) struct RehearseArgs {
    /// Packages to rehearse, with those before them; all if none is named
    #[arg(value_name = "PKG")]
    pub(crate) packages: Vec<String>,
    #[command(flatten)]
    pub(crate) estate: crate::estate::EstateArgs,
    #[command(flatten)]
    pub(crate) server: ServerArgs,
    /// Then commit the packages on a second throwaway server, log every role in, and take them back
    #[arg(long, conflicts_with = "packages")]
    pub(crate) committed: bool,
    /// Then keep a server with the packages committed on it, for psql, until Ctrl-C
    #[arg(long, conflicts_with_all = ["packages", "estate"])]
    pub(crate) keep: bool,
    /// How what is applied is undone
    #[arg(long, value_enum, default_value_t = Shape::Auto, conflicts_with = "estate")]
    pub(crate) shape: Shape,
    /// A table, a guard or a negative test (or the beginning of its id): nothing else is measured
    #[arg(long, value_name = "WHAT", num_args = 1.., conflicts_with_all = ["packages", "estate", "committed", "shape", "evidence", "record"])]
    pub(crate) only: Vec<String>,
    /// How many throwaway servers share the work: 2 unless the machine has one core or a server is lent
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=2))]
    pub(crate) servers: Option<u8>,
    #[command(flatten)]
    pub(crate) record: crate::leave::record::RecordArgs,
    /// What `bench --guards 10,100 --record FILE` wrote: PKG-I's verdict rests on it
    #[arg(long, value_name = "FILE", conflicts_with_all = ["packages", "estate", "only"])]
    pub(crate) scale_runs: Option<PathBuf>,
    /// Write an evidence packet; the folder must be new or empty
    #[arg(long, value_name = "DIR")]
    pub(crate) evidence: Option<PathBuf>,
    /// How to print the outcome
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct MutantsArgs {
    /// The Kth of N disjoint parts, `2/8`; all of them if none is named
    #[arg(long, value_name = "K/N", default_value = "1/1", value_parser = shard)]
    pub(crate) shard: (usize, usize),
    /// Only mutants of these ids, as `--format json` prints them
    #[arg(long, value_name = "ID", num_args = 1.., conflicts_with_all = ["shard", "merge"])]
    pub(crate) only: Vec<String>,
    /// Build each mutant from nothing too, and demand the verdict of its delta
    #[arg(long)]
    pub(crate) full: bool,
    /// JSON of every shard: makes one report of them, and fails on an overlap or a gap
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with_all = ["full", "shard"])]
    pub(crate) merge: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) server: ServerArgs,
    /// How to print the report
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(crate) format: Format,
}

fn shard(text: &str) -> Result<(usize, usize), String> {
    let parts = text.split_once('/');
    match parts.and_then(|(number, of)| Some((number.parse().ok()?, of.parse().ok()?))) {
        Some((number, of)) if 1 <= number && number <= of => Ok((number, of)),
        _ => Err(format!("expected K/N with K from 1 to N, found `{text}`")),
    }
}

#[derive(Debug, Args)]
pub(crate) struct BenchArgs {
    #[command(flatten)]
    pub(crate) server: ServerArgs,
    /// Runs of each measurement; the median is printed
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=99))]
    pub(crate) runs: u32,
    /// Time the guards instead, on estates so many times as large; the floor is a probe that asks nothing
    #[arg(long, value_name = "TIMES", num_args = 0.., value_delimiter = ',', default_missing_values = ["1", "10", "100"], conflicts_with = "scale", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) guards: Option<Vec<u32>>,
    /// Write what the guards answered there, for `rehearse --scale-runs`; no time stands in it
    #[arg(long, value_name = "FILE", requires = "guards")]
    pub(crate) record: Option<PathBuf>,
    /// Time rehearsals of these numbers of surfaces instead, in one transaction and committed
    #[arg(long, value_name = "SURFACES", num_args = 0.., value_delimiter = ',', default_missing_values = ["27", "270", "2700"])]
    pub(crate) scale: Option<Vec<usize>>,
}

#[derive(Debug, Args)]
pub(crate) struct TestArgs {
    /// Passed to `cargo test`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARG")]
    pub(crate) args: Vec<OsString>,
}
