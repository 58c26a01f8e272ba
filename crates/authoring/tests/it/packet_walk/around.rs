//! Ways around the cutover that take a commit, a second session or a login of its own, tried after S18.
//!
//! Not for: the other ways, which a rehearsal tries in its one transaction (`docs/bypass.md`). The one fact to know: each
//! is shut, is a way once it is opened, is shut again, and leaves the catalog as it was.

use super::desk::Desk;
use crate::plane::{run, send, texts};
use fix7_manifest::estate::ESTATE;
use sqlx::{Connection as _, PgConnection};

/// Refused for want of a right.
fn shut() -> Result<(), String> {
    Err("42501".to_owned())
}

struct Way {
    vector: &'static str,
    /// What somebody sets up, and nothing more.
    arrange: &'static str,
    /// Who logs in, and with which setting.
    login: &'static str,
    setting: Option<(&'static str, &'static str)>,
    sql: &'static str,
    /// What opens it, and what shuts it again.
    open: &'static str,
    shut: &'static str,
}

const WAYS: &[Way] = &[
    Way {
        vector: "noinherit_set_role",
        arrange: "alter role fix7_outsider noinherit",
        login: "fix7_outsider",
        setting: None,
        sql: "set role qt001_cp_owner; select human from qt001_cp.principal_manifest",
        open: "grant qt001_cp_owner to fix7_outsider",
        shut: "revoke qt001_cp_owner from fix7_outsider",
    },
    Way {
        vector: "session_replication_role",
        arrange: "",
        login: "directus",
        setting: Some(("session_replication_role", "replica")),
        sql: "begin; insert into public.workflows (process_code, name) values ('AROUND', 'x');
            do $$ begin if exists (select from public.birth_registry where entity_code = 'AROUND') then raise 'born'; end if; end $$; rollback",
        open: "grant set on parameter session_replication_role to directus",
        shut: "revoke set on parameter session_replication_role from directus",
    },
    Way {
        vector: "event_trigger",
        arrange: "",
        login: "directus",
        setting: None,
        sql: "create function public.at_every_command() returns event_trigger language plpgsql as $$ begin raise sqlstate 'F7CMD'; end $$;
            create event trigger again on ddl_command_end execute function public.at_every_command()",
        open: "alter role directus superuser",
        shut: "drop event trigger again; drop function public.at_every_command(); alter role directus nosuperuser",
    },
    Way {
        vector: "default_acl",
        arrange: "grant usage on schema qt001_cp to fix7_outsider;
            set local role qt001_cp_owner; create function qt001_cp.fresh() returns text language sql as 'select ''x'''; reset role",
        login: "fix7_outsider",
        setting: None,
        sql: "select qt001_cp.fresh()",
        open: "alter default privileges for role qt001_cp_owner grant execute on functions to public; drop function qt001_cp.fresh();
            set local role qt001_cp_owner; create function qt001_cp.fresh() returns text language sql as 'select ''x'''; reset role",
        shut: "alter default privileges for role qt001_cp_owner revoke execute on functions from public; drop function qt001_cp.fresh();
            set local role qt001_cp_owner; create function qt001_cp.fresh() returns text language sql as 'select ''x'''; reset role",
    },
];

/// What [`WAYS`] arrange is undone.
const UNDO: &str = "drop function qt001_cp.fresh(); revoke usage on schema qt001_cp from fix7_outsider; alter role fix7_outsider inherit";

/// A session of the application from before the cutover, with a call of the old path prepared.
pub(super) async fn prepared(desk: &Desk) -> PgConnection {
    let mut session = desk.plane.login("directus").await;
    run(
        &mut session,
        "prepare around as select public.qt001_gate_count(); execute around",
    )
    .await;
    session
}

pub(super) async fn each_is_shut_and_is_a_way(desk: &Desk, mut prepared: PgConnection) {
    let before = desk.catalog().await;
    for way in WAYS {
        desk.arrange(&format!("begin; {}; commit", way.arrange)).await;
        assert_eq!(tried(desk, way).await, shut(), "{}", way.vector);
        desk.arrange(&format!("begin; {}; commit", way.open)).await;
        assert_eq!(tried(desk, way).await, Ok(()), "{} is no way", way.vector);
        match way.vector {
            "noinherit_set_role" => assert_eq!(
                sent(
                    desk,
                    way.login,
                    None,
                    "select human from qt001_cp.principal_manifest"
                )
                .await,
                shut(),
                "a member that inherits nothing has nothing until it takes the role"
            ),
            "event_trigger" => assert_eq!(
                sent(desk, "importer", None, "create temporary table around ()").await,
                Err("F7CMD".to_owned()),
                "at every command of everybody"
            ),
            _ => {}
        }
        desk.arrange(&format!("begin; {}; commit", way.shut)).await;
        assert_eq!(tried(desk, way).await, shut(), "{}, shut again", way.vector);
    }
    desk.arrange(&format!("begin; {UNDO}; commit")).await;

    // A plan that was made while it was allowed: the session has been there all the time.
    let call = |result: Result<u64, _>| {
        result
            .map_err(|refusal: crate::plane::Refusal| refusal.sqlstate)
            .map(|_| ())
    };
    let execute = "execute around";
    assert_eq!(call(send(&mut prepared, execute).await), shut());
    desk.arrange("grant execute on function public.qt001_gate_count() to directus")
        .await;
    assert_eq!(call(send(&mut prepared, execute).await), Ok(()));
    desk.arrange("revoke execute on function public.qt001_gate_count() from directus")
        .await;
    assert_eq!(call(send(&mut prepared, execute).await), shut());
    prepared.close().await.unwrap();

    a_path_that_a_login_takes_along(desk).await;
    assert_eq!(desk.catalog().await, before, "nothing of it stays");
}

/// The owner of the database sets its path, which every later login takes along; what is called under it pins its own.
async fn a_path_that_a_login_takes_along(desk: &Desk) {
    let planted = "alter database directus set search_path = public, pg_catalog;
        create function public.encode(bytea, text) returns text language sql as 'select ''forged'''; grant execute on function public.encode(bytea, text) to public";
    assert_eq!(
        sent(desk, "directus", None, planted).await,
        Ok(()),
        "its own database"
    );
    let sound = evidence(desk).await;
    desk.arrange("alter function qt001_cp.cp_record_evidence(text, bytea, text) reset search_path")
        .await;
    let forged = evidence(desk).await;
    desk.arrange(
        "alter function qt001_cp.cp_record_evidence(text, bytea, text) set search_path = pg_catalog, pg_temp",
    )
    .await;
    assert_ne!(forged, sound, "it is a way where the path is not pinned");
    assert_eq!(evidence(desk).await, sound);
    desk.arrange("drop function public.encode(bytea, text); alter database directus reset search_path")
        .await;
    assert_eq!(evidence(desk).await, sound, "the identity of without it");
}

/// The identity of a piece of evidence, as a new login of the verifier's records it; not kept.
async fn evidence(desk: &Desk) -> Vec<String> {
    let mut verifier = desk.plane.login("verifier").await;
    run(&mut verifier, "begin").await;
    let id = texts(
        &mut verifier,
        "select qt001_cp.cp_record_evidence('verification_log', pg_catalog.sha256('around'), 'urn:around')::pg_catalog.text",
    )
    .await;
    run(&mut verifier, "rollback").await;
    verifier.close().await.unwrap();
    id
}

async fn tried(desk: &Desk, way: &Way) -> Result<(), String> {
    sent(desk, way.login, way.setting, way.sql).await
}

/// Over a new login; the SQLSTATE of a refusal, of the login too.
async fn sent(desk: &Desk, login: &str, setting: Option<(&str, &str)>, sql: &str) -> Result<(), String> {
    let mut options = desk.plane.server.connect_options_as(ESTATE.database, login);
    if let Some(setting) = setting {
        options = options.options([setting]);
    }
    let mut session = match PgConnection::connect_with(&options).await {
        Ok(session) => session,
        Err(error) => {
            let error = error.as_database_error().expect("an answer of the server");
            return Err(error.code().unwrap_or_default().into_owned());
        }
    };
    let ended = send(&mut session, sql).await;
    session.close().await.unwrap();
    ended.map(|_| ()).map_err(|refusal| refusal.sqlstate)
}
