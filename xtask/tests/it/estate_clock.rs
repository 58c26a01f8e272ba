//! The reference estate is the same rows whoever loads it and when, or no two packets were ever equal.
//!
//! Not for: what the estate holds. The one fact to know: both clusters are made from nothing here, since a
//! cached one would be compared with itself.

use crate::tidy::root;
use rehearsal::Fingerprint;
use throwaway_postgres::Options;

async fn loaded() -> Fingerprint {
    let committed = rehearsal::load(&root()).unwrap();
    let options = Options {
        cache_dir: None,
        ..Options::for_tests()
    };
    let server = throwaway_postgres::start(&rehearsal::server_options(&options, &committed))
        .await
        .unwrap();
    let connect = server.connect_options(&committed.plan.database);
    let state = rehearsal::observe(&connect, &committed.plan).await.unwrap();
    server.stop().await.unwrap();
    state
}

#[tokio::test]
async fn estates_loaded_at_two_moments_have_one_fingerprint() {
    let (one, other) = (loaded().await, loaded().await);
    assert_eq!(one.residue(&other), []);
    assert_eq!(one.digest(), other.digest());
}
