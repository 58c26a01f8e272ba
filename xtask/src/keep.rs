//! `cargo xtask rehearse --keep`: the packages committed on a server that stays until Ctrl-C, to be looked at.
//!
//! Not for: measuring anything; the rehearsal has ended before. The one fact to know: the line that it prints is on
//! stderr, so that stdout holds the outcome alone, and the server goes like any other when this process does.

use crate::cli::ServerArgs;
use crate::exit::CommandError;
use crate::progress::Spinner;
use crate::rehearse::root;
use committed_clone::CommittedClone;
use rehearsal::{Progress as _, RehearseError, server_options};
use std::convert::Infallible;
use throwaway_postgres::{Interrupted, Provider};

const LENT: &str =
    "`--keep` takes a server that this tool made: nothing is committed on one that somebody lends";

/// Fails for a server that is somebody's, before anything is rehearsed on it.
pub(crate) fn demand_own_server(args: &ServerArgs) -> Result<(), CommandError> {
    match args.postgres {
        Provider::Url(_) => Err(CommandError::Usage(LENT.to_owned())),
        _ => Ok(()),
    }
}

/// Holds a server with every package of files on it until somebody presses Ctrl-C or sends a signal.
pub(crate) async fn hold(args: &ServerArgs, spinner: &mut Spinner) -> Result<(), CommandError> {
    match Box::pin(throwaway_postgres::unless_interrupted(until_interrupted(
        args, spinner,
    )))
    .await
    {
        Ok(Ok(never)) => match never {},
        Ok(Err(error)) => Err(error),
        Err(Interrupted { .. }) => Ok(()),
    }
}

async fn until_interrupted(args: &ServerArgs, spinner: &mut Spinner) -> Result<Infallible, CommandError> {
    let committed = rehearsal::load(&root())?;
    spinner.step("a server to keep");
    let server = throwaway_postgres::start(&server_options(&args.options(), &committed))
        .await
        .map_err(RehearseError::from)?;
    let committed = crate::majors::committed_for(&server, &root(), committed).await?;
    let cluster = server
        .disposable()
        .ok_or_else(|| CommandError::Usage(LENT.to_owned()))?;
    let mut clone = CommittedClone::open(cluster, &committed).await?;
    if !clone.apply().await? {
        let said = clone.findings().iter().map(|finding| finding.message.clone());
        return Err(CommandError::Finding(said.collect::<Vec<_>>().join("; ")));
    }
    spinner.finish();
    let of_files = committed
        .packages
        .iter()
        .filter(|one| one.package.source.is_some());
    let packages: Vec<&str> = of_files.map(|one| one.package.id.as_str()).collect();
    eprintln!(
        "kept: {} are committed, nothing is sealed; look with\n  {}\nCtrl-C takes the server down",
        packages.join(" and "),
        server.psql_line(&committed.plan.database)
    );
    std::future::pending().await
}
