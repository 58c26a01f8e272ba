//! Nothing is committed on a server of others.

use crate::toy::options;
use throwaway_postgres::{Options, Provider, Template, start};

#[tokio::test]
async fn an_approved_server_gives_out_no_cluster_to_commit_to() {
    let server = start(&Options::for_local_tests().unwrap()).await.unwrap();
    assert!(server.disposable().is_some());
    let socket = server.socket_dir().unwrap().display().to_string();
    let lent = Options {
        provider: Provider::Url(format!(
            "postgres://postgres@localhost:5432/postgres?host={socket}"
        )),
        approve_target: Some(server.system_identifier().to_owned()),
        template: Some(Template {
            database: "toy".to_owned(),
            scripts: vec![],
        }),
        ..options()
    };
    let approved = start(&lent).await.unwrap();
    assert!(approved.disposable().is_none());
    approved.stop().await.unwrap();
    server.stop().await.unwrap();
}
