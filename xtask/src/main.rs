//! The one binary: arguments, exit codes, printing. Each command's body is in a file of its own.
//!
//! The one fact to know: data goes to stdout, everything else to stderr, and every exit code
//! stands in `exit.rs`.

mod author;
mod bench;
mod capture;
mod capture_diff;
mod cli;
mod committed;
mod dot_folder;
mod estate;
mod evidence;
mod exhibits;
mod exit;
mod explain;
mod fixtures;
mod guard_bench;
mod guards;
mod keep;
mod lane;
mod leave;
mod majors;
mod mutants;
mod new;
mod packet;
mod progress;
mod rehearse;
mod repoint;
mod repoint_edges;
mod repoint_proof;
mod report;
mod request;
mod restored;
mod scale;
mod scale_runs;
mod shell;
mod sources;
mod sweep;
mod test;
mod verify_live;
mod whole_bench;

use cli::{Cli, Command};
use std::process::ExitCode;

fn main() -> ExitCode {
    let footprint = request::listen();
    let ended = match request::parse() {
        Ok(cli) => run(&cli),
        Err(code) => code.into(),
    };
    if let Some(path) = footprint {
        request::leave(&path);
    }
    ended
}

fn run(cli: &Cli) -> ExitCode {
    let mut out = std::io::stdout().lock();
    let ended = match &cli.command {
        Command::Author(args) => run_author(args, &mut out),
        Command::New(verb) => new::run(verb, &mut out),
        Command::Capture(args) => capture::run(args, &mut out),
        Command::Guards(args) => guards::run(args, &mut out),
        Command::RepointProof(args) => repoint_proof::run(args, &mut out),
        Command::VerifyLive(args) => verify_live::run(args, &mut out),
        Command::Packet(args) => packet::run(args, &mut out),
        Command::Status(args) => leave::status::run(args, &mut out),
        Command::Authorization(verb) => leave::authorization::run(verb, &mut out),
        Command::Reaudit(verb) => leave::reaudit::run(verb, &mut out),
        Command::Record(args) => leave::operated::run(args, &mut out),
        Command::Rehearse(args) => rehearse::run(args, &mut out),
        Command::Mutants(args) => mutants::run(args, &mut out),
        Command::Bench(args) => bench::run(args, &mut out),
        Command::Test(args) => test::run(args),
        Command::Explain(args) => explain::run(args, &mut out),
        Command::Evidence(args) => evidence::run(args, &mut out),
        Command::Report(args) => report::run(args, &mut out),
        Command::RollbackGate(args) => evidence::run_gate(args, &mut out),
        Command::Lane(args) => lane::run(args, &mut out),
        Command::Probes(args) => lane::probes::run(args, &mut out),
        Command::Completions(args) => shell::completions(args, &mut out),
        Command::Man(args) => shell::man(args, &mut out),
        Command::Sweep(args) => sweep::run(args, &mut out),
    };
    match ended {
        Ok(code) => code.into(),
        Err(error) => {
            match error.reject_code() {
                Some(code) => eprintln!("error: {code}: {error}"),
                None => eprintln!("error: {error}"),
            }
            error.exit_code()
        }
    }
}

fn run_author(
    args: &author::Arguments,
    out: &mut dyn std::io::Write,
) -> Result<exit::Code, exit::CommandError> {
    match author::run(out, &rehearse::root(), args) {
        Ok(true) => Ok(exit::Code::Pass),
        Ok(false) => Ok(exit::Code::Finding),
        Err(error) => Err(exit::CommandError::Author(error)),
    }
}
