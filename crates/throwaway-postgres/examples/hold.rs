//! Starts a server, prints one line about it, and holds it until standard input ends.
//!
//! Not a tool: the leak tests start it and kill it. Arguments: the provider, then
//! optionally `--approve-target ID`, `--cache DIR`, `--fail` (a template that is refused).
#![expect(
    clippy::print_stdout,
    reason = "the line is how a test knows that the server is up"
)]

use std::io::{Read as _, Write as _};

use throwaway_postgres::{Options, Provider, Script, Template, start};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
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
    let _ = std::io::stdin().read(&mut [0])?;
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
                "create schema hold authorization hold_owner; create table hold.t (id int)",
            ),
        ],
    };
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let mut value = || args.next().ok_or(format!("`{arg}` needs a value"));
        match &*arg {
            "--approve-target" => options.approve_target = Some(value()?),
            "--cache" => options.cache_dir = Some(value()?.into()),
            "--fail" => template.scripts.push(Script::database("fault", "select 1/0")),
            provider => options.provider = Provider::parse(provider)?,
        }
    }
    options.template = Some(template);
    Ok(options)
}
