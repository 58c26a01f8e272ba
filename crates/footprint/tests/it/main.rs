//! One process, one record: what the doors note, seen from outside.
//!
//! The one fact to know: this binary holds one test, since the record is the process's.

use footprint::{Act, Footprint, Whose, files};
use std::path::Path;

#[test]
fn each_door_notes_what_passes_it() {
    assert_eq!(footprint::taken(), Footprint::default());
    assert!(footprint::listen(&["System_Issues"]));
    assert!(!footprint::listen(&[]), "there is one listener a process");

    let scratch = files::scratch().unwrap();
    let folder = scratch.path().join("below");
    files::create_dir_all(&folder).unwrap();
    files::write(&folder.join("a"), b"1").unwrap();
    files::create_new(&folder.join("b")).unwrap();
    assert!(files::create_new(&folder.join("b")).is_err());
    files::copy(&folder.join("a"), &folder.join("c")).unwrap();
    files::remove(&folder.join("c")).unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    files::write(&elsewhere.path().join("d"), b"1").unwrap();
    footprint::program(Path::new("/usr/bin/initdb"));
    footprint::network("engine");
    footprint::claim("/run/ours", Whose::Made);
    for address in ["/run/ours", "db.example:5432"] {
        footprint::opened(address, footprint::whose(address));
    }
    tracing::event!(target: "sqlx::query", tracing::Level::TRACE, summary = "select 1");
    tracing::event!(target: "sqlx::query", tracing::Level::ERROR, summary = "select …", db.statement = "select * from SYSTEM_issues");
    tracing::event!(target: "something::else", tracing::Level::ERROR, summary = "select 2");

    let found = footprint::taken();
    assert!(found.counted);
    let outside: Vec<_> = found.outside().collect();
    assert_eq!(outside.len(), 1, "{outside:?}");
    assert_eq!(
        (outside[0].act, &outside[0].path),
        (Act::Written, &elsewhere.path().join("d"))
    );
    assert!(
        found
            .files
            .iter()
            .any(|touched| touched.act == Act::Removed && touched.path.ends_with("below/c"))
    );
    assert_eq!(found.programs["initdb"], 1);
    assert_eq!(found.network["engine"], 1);
    assert_eq!(found.connections[&Whose::Made], 1);
    assert_eq!(found.connections[&Whose::Unknown], 1);
    assert_eq!(found.foreign_connections(), 1);
    assert_eq!(found.statements[&Whose::Made].statements, 1);
    assert_eq!(found.foreign_statements(), 1);
    assert_eq!(found.foreign_naming("system_issues"), 1);

    let json = serde_json::to_string(&found).unwrap();
    assert_eq!(serde_json::from_str::<Footprint>(&json).unwrap(), found);
}
