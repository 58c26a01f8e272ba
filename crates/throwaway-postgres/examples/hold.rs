//! Starts a server, prints one line about it, and holds it until standard input ends.
//!
//! Not a tool: the leak tests start it and kill it.
#![expect(
    clippy::print_stdout,
    reason = "the line is how a test knows that the server is up"
)]

use std::io::{Read as _, Write as _};

use throwaway_postgres::{Options, default_cache_dir, start};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let options = Options {
        cache_dir: default_cache_dir(),
        ..Options::default()
    };
    let server = start(&options).await?;
    println!(
        "{} {} ms {:?}: {}",
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
