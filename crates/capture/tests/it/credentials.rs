//! Credentials: refused wherever they stand, named without being shown, redacted on request.

use capture::{Capture, CaptureError, DeclaredRows, Options, SecretKind};

use crate::cluster::Cluster;
use crate::{database, execute, try_take};

/// Statement that hides a secret, file that shows it, field, kind.
const PLACES: &[(&str, &str, &str, SecretKind)] = &[
    (
        "create function public.f() returns text language sql as $$select 'postgres://u:hunter2@h/d'$$",
        "routines.toml",
        "body",
        SecretKind::Url,
    ),
    (
        "create function public.f() returns text language sql begin atomic select 'password=hunter2'::text; end",
        "routines.toml",
        "body",
        SecretKind::Password,
    ),
    (
        "create function public.f(a text default 'password=hunter2') returns text language sql as 'select a'",
        "routines.toml",
        "arguments",
        SecretKind::Password,
    ),
    (
        "create function public.f() returns text language sql set app.password = 'hunter2' as 'select 1::text'",
        "routines.toml",
        "config",
        SecretKind::Password,
    ),
    (
        "create view public.v as select 'Bearer hunter2hunter2hunter2'::text as a",
        "views.toml",
        "definition",
        SecretKind::Token,
    ),
    (
        "create materialized view public.v as select 'AKIAHUNTER2HUNTER2XX'::text as a",
        "views.toml",
        "definition",
        SecretKind::AccessKey,
    ),
    (
        "create rule r as on delete to public.t do also select 'password=hunter2'::text",
        "views.toml",
        "definition",
        SecretKind::Password,
    ),
    (
        "alter table public.t alter a set default 'https://u:hunter2@h/'",
        "relations.toml",
        "columns.default",
        SecretKind::Url,
    ),
    (
        "alter table public.t add g text generated always as ('password=hunter2'::text) stored",
        "relations.toml",
        "columns.generated",
        SecretKind::Password,
    ),
    (
        "alter table public.t add constraint c check (a <> 'password=hunter2')",
        "constraints.toml",
        "definition",
        SecretKind::Password,
    ),
    (
        "create index i on public.t (a) where a <> 'password=hunter2'",
        "constraints.toml",
        "definition",
        SecretKind::Password,
    ),
    (
        "create trigger g after insert on public.t for each row execute function public.noop('password=hunter2')",
        "triggers.toml",
        "arguments",
        SecretKind::Password,
    ),
    (
        "create policy p on public.t using (a <> 'password=hunter2')",
        "triggers.toml",
        "using",
        SecretKind::Password,
    ),
    (
        "create domain public.d as text default 'password=hunter2'",
        "types.toml",
        "default",
        SecretKind::Password,
    ),
    (
        "create type public.e as enum ('password=hunter2')",
        "types.toml",
        "labels",
        SecretKind::Password,
    ),
    (
        "comment on table public.t is 'login with password: hunter2'",
        "comments.toml",
        "text",
        SecretKind::Password,
    ),
    (
        "comment on column public.t.a is E'-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2'",
        "comments.toml",
        "text",
        SecretKind::PrivateKey,
    ),
    (
        "comment on database hidden is 'password=hunter2'",
        "comments.toml",
        "text",
        SecretKind::Password,
    ),
    (
        "comment on role keeper is 'the api token is Hunter2kQ2mN7vB4cR1tY6wP'",
        "comments.toml",
        "text",
        SecretKind::HighEntropy,
    ),
    (
        "alter role keeper set app.secret = 'hunter2'",
        "roles.toml",
        "settings",
        SecretKind::Password,
    ),
    (
        "alter database hidden set app.dsn = 'postgres://u:hunter2@h/d'",
        "roles.toml",
        "settings",
        SecretKind::Url,
    ),
    (
        "insert into public.t values ('k', 'password=hunter2')",
        "flags.toml",
        "values.b",
        SecretKind::Password,
    ),
];

fn options(redact: bool) -> Options {
    let declared = DeclaredRows {
        relation: "public.t".to_owned(),
        key_column: "a".to_owned(),
        keys: vec!["k".to_owned()],
        columns: vec!["b".to_owned()],
    };
    Options {
        declared: vec![declared],
        redact,
        ..Options::new("keeper")
    }
}

fn assert_hidden(text: &str) {
    assert!(!text.to_lowercase().contains("hunter2"), "{text}");
}

#[tokio::test(flavor = "current_thread")]
async fn a_credential_is_refused_in_every_place_and_redacted_on_request() {
    let cluster = Cluster::start().await;
    execute(&cluster, "postgres", "create role keeper").await;
    for (statement, file, field, kind) in PLACES {
        let base = "create table public.t (a text, b text); \
            create function public.noop() returns trigger language plpgsql as 'begin return null; end'";
        database(&cluster, "hidden", &format!("{base}; {statement}")).await;

        let error = try_take(&cluster, "hidden", &options(false))
            .await
            .expect_err(statement);
        assert_hidden(&error.to_string());
        assert_hidden(&format!("{error:?}"));
        let CaptureError::Credentials { findings } = error else {
            panic!("{statement}: {error}")
        };
        assert!(
            findings
                .iter()
                .any(|f| f.file == *file && f.field == *field && f.kind == *kind),
            "{statement}: {findings:?}"
        );

        let redacted = try_take(&cluster, "hidden", &options(true)).await.unwrap();
        redacted.files().values().for_each(|text| assert_hidden(text));
        assert!(
            redacted.files()[*file].contains("redacted:sha256:"),
            "{statement}"
        );
        let folder = tempfile::tempdir().unwrap();
        redacted.write(&folder.path().join("c")).unwrap();
        assert_eq!(Capture::load(&folder.path().join("c")).unwrap(), redacted);

        execute(&cluster, "postgres", "drop database hidden").await;
        execute(
            &cluster,
            "postgres",
            "comment on role keeper is null; alter role keeper reset all",
        )
        .await;
    }
}

#[tokio::test(flavor = "current_thread")]
async fn redaction_keeps_the_digest_of_the_source() {
    let cluster = Cluster::start().await;
    let body = "select 'postgres://u:hunter2@h/d'";
    database(
        &cluster,
        "hidden",
        &format!("create function public.f() returns text language sql as $${body}$$; create function public.g() returns text language sql as 'select 1::text'"),
    )
    .await;
    let options = Options {
        redact: true,
        ..Options::new("postgres")
    };
    let capture = try_take(&cluster, "hidden", &options).await.unwrap();
    let [f, g] = &capture.facts().routines.routine[..] else {
        panic!("two routines")
    };
    let expected = canonical::h06_routine(&canonical::Routine {
        language: "sql".to_owned(),
        kind: 'f',
        arguments: String::new(),
        result: Some("text".to_owned()),
        security_definer: false,
        volatility: 'v',
        strict: false,
        leakproof: false,
        parallel: 'u',
        config: None,
        binary: None,
        body: body.to_owned(),
    })
    .unwrap();
    assert_eq!(f.source_digest(), Some(expected), "H06 is of the true body");
    assert_eq!(f.body, capture::redacted(body));
    assert!(f.source().is_none(), "a redacted source is not what runs");
    assert!(g.source().is_some());
    assert_eq!(g.body, "select 1::text", "only what holds a secret is redacted");
}
