//! `hold-postgres`: starts a server, prints one line about it, and holds it until
//! standard input ends or a signal comes.
//!
//! Not the product: it is what the leak tests start and kill. Arguments: the
//! provider, then `--approve-target ID`, `--cache DIR`, `--temp DIR`, `--releases URL`,
//! `--fail` (a template script that is refused).
#![forbid(unsafe_code)]
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the lines are how a test knows how far it is"
)]

use std::io::{Read as _, Write as _};
use std::process::ExitCode;

use throwaway_postgres::{Options, Provider, Script, Template, start, unless_interrupted};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match Box::pin(unless_interrupted(hold())).await {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(error)) => {
            eprintln!("error: {error}");
            ExitCode::from(3)
        }
        Err(interrupted) => {
            eprintln!("error: {interrupted}");
            // The reader of standard input can't be ended otherwise.
            std::process::exit(interrupted.exit_code.into())
        }
    }
}

async fn hold() -> Result<(), Box<dyn std::error::Error>> {
    let server = start(&options()?).await?;
    println!(
        "up {} {} in {} ms, {:?}: {}",
        server.provider(),
        server.version(),
        server.start_elapsed().as_millis(),
        server.cluster(),
        server.reason()
    );
    std::io::stdout().flush()?;
    tokio::task::spawn_blocking(|| std::io::stdin().read(&mut [0])).await??;
    server.stop().await?;
    Ok(())
}

fn options() -> Result<Options, String> {
    let mut options = Options::default();
    let mut template = Template {
        database: "estate".to_owned(),
        scripts: vec![
            Script::cluster("roles", "create role hold_owner; create role hold_login login"),
            Script::database(
                "tables",
                "create schema hold authorization hold_owner; create table hold.t (id integer)",
            ),
        ],
    };
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let mut value = || args.next().ok_or(format!("`{arg}` needs a value"));
        match &*arg {
            "--approve-target" => options.approve_target = Some(value()?),
            "--cache" => options.cache_dir = Some(value()?.into()),
            "--releases" => options.releases_url = Some(value()?),
            "--temp" => options.temp_dir = Some(value()?.into()),
            "--fail" => template.scripts.push(Script::database("fault", "select 1/0")),
            provider => options.provider = Provider::parse(provider)?,
        }
    }
    options.template = Some(template);
    Ok(options)
}
