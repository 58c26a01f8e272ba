//! A server that holds the committed control plane up to a stage, and acts on it as anybody.
//!
//! For: arranging, acting, and telling an accepted act from a refused one. Not for: assertions about one
//! subject. The fact to know: work is done in one transaction that is rolled back with the server;
//! [`Plane::login`] opens further sessions for what needs real logins or two sessions.

use std::fs;
use std::path::{Path, PathBuf};

use fix7_manifest::FIX7;
use fix7_manifest::estate::ESTATE;
use manifest_model::estate::{EstateSize, RunsIn};
use sqlx::postgres::PgDatabaseError;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use throwaway_postgres::{Options, Script, Server, Template};

use crate::majors::{COMMITTED, Here};

/// How far the committed files have been applied, and committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    /// The estate alone.
    Estate,
    /// PKG-A and PKG-B; the personas exist.
    Draft,
    /// S12: catalog and every surface sealed.
    Sealed,
    /// S14: activated under quorum; the epoch is 2.
    Activated,
}

/// The repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..")
}

/// A committed file.
pub(crate) fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("`{path}`: {error}"))
}

/// The up files of `migrations` or `seeds`, in the order of their index.
fn scripts_of(here: &Here, folder: &str) -> String {
    let index: toml::Table = toml::from_str(&here.read(&format!("{folder}/index.toml"))).unwrap();
    let files = index["file"].as_array().unwrap();
    assert!(!files.is_empty(), "`{folder}/index.toml` lists no file");
    let texts: Vec<String> = files
        .iter()
        .map(|file| here.read(&format!("{folder}/{}.up.sql", file["name"].as_str().unwrap())))
        .collect();
    format!("begin;\n{}\ncommit;", texts.join("\n"))
}

/// The acts of a committed act file, each as its persona, as one transaction.
fn acts_of(here: &Here, path: &str) -> String {
    let file: toml::Table = toml::from_str(&here.read(path)).unwrap();
    let mut text = String::from("begin;\n");
    for act in file["act"].as_array().unwrap() {
        let persona = act["persona"].as_str().unwrap();
        let sql = act["sql"].as_str().unwrap();
        text.push_str(&as_role(persona, sql));
        text.push('\n');
    }
    text.push_str("commit;");
    text
}

/// The statements as `who`: `harness`, `owner`, a persona, else a role that is set.
fn as_role(who: &str, sql: &str) -> String {
    if who == "harness" {
        return format!("{sql};");
    }
    if who == "owner" {
        return format!("set local role {}; {sql}; reset role;", FIX7.owner);
    }
    match FIX7.personas.iter().find(|persona| persona.name == who) {
        Some(persona) => format!(
            "set session authorization {}; {sql}; reset session authorization;",
            persona.login
        ),
        None => format!("set local role {who}; {sql}; reset role;"),
    }
}

fn personas() -> String {
    FIX7.personas
        .iter()
        .map(|persona| {
            let grants: String = persona
                .member_of
                .iter()
                .map(|role| format!("grant {role} to {};\n", persona.login))
                .collect();
            format!("create role {} login;\n{grants}", persona.login)
        })
        .collect()
}

/// What a cluster at this stage is made of.
fn template(stage: Stage, here: &Here) -> Template {
    let mut scripts: Vec<Script> = ESTATE
        .scripts
        .iter()
        .zip(sql_render::estate::render(&ESTATE, &EstateSize::ONE))
        .map(|(script, file)| Script {
            name: file.path,
            runs_in: match script.runs_in {
                RunsIn::Cluster => throwaway_postgres::RunsIn::Cluster,
                RunsIn::Estate => throwaway_postgres::RunsIn::Database,
            },
            sql: file.text,
        })
        .collect();
    if stage >= Stage::Draft {
        scripts.push(Script::database("migrations", scripts_of(here, "migrations")));
        scripts.push(Script::database("seeds", scripts_of(here, "seeds")));
        scripts.push(Script::database("personas", personas()));
    }
    if stage >= Stage::Sealed {
        scripts.push(Script::database(
            "S12",
            acts_of(here, "rehearsal/steps/12_seal.toml"),
        ));
    }
    if stage >= Stage::Activated {
        scripts.push(Script::database(
            "S14",
            acts_of(here, "rehearsal/steps/14_activate.toml"),
        ));
    }
    Template {
        database: ESTATE.database.to_owned(),
        scripts,
    }
}

/// Why an act was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) sqlstate: String,
    /// The reason code, or the constraint of the server's own refusals.
    pub(crate) constraint: String,
    pub(crate) table: String,
    /// For the panic's text alone; nothing is asserted about it.
    message: String,
}

impl Refusal {
    fn of(error: &sqlx::Error, sql: &str) -> Self {
        let sqlx::Error::Database(error) = error else {
            panic!("no answer of the server: {error}\n{sql}");
        };
        let error = error.downcast_ref::<PgDatabaseError>();
        Self {
            sqlstate: error.code().to_owned(),
            constraint: error.constraint().unwrap_or_default().to_owned(),
            table: error.table().unwrap_or_default().to_owned(),
            message: error.message().to_owned(),
        }
    }

    /// Whether this is the refusal with this reason code, or else this SQLSTATE.
    fn is(&self, code: &str) -> bool {
        match FIX7.reason(code) {
            Some(reason) => self.sqlstate == reason.sqlstate && self.constraint == code,
            None => self.sqlstate == code,
        }
    }

    /// Asserts the reason code, or the SQLSTATE of the server's own refusals.
    #[track_caller]
    pub(crate) fn expect(&self, code: &str) {
        assert!(self.is(code), "expected {code}, found {self:?}");
    }

    /// The object that the message names stands in it; the words around it may change.
    #[track_caller]
    pub(crate) fn names(&self, object: &str) {
        assert!(
            self.message.contains(object),
            "expected `{object}` to be named, found {self:?}"
        );
    }
}

/// Sends statements as one simple query.
pub(crate) async fn send(connection: &mut PgConnection, sql: &str) -> Result<u64, Refusal> {
    match sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(connection)
        .await
    {
        Ok(done) => Ok(done.rows_affected()),
        Err(error) => Err(Refusal::of(&error, sql)),
    }
}

/// The same, which must succeed.
#[track_caller]
pub(crate) fn run(connection: &mut PgConnection, sql: &str) -> impl Future<Output = ()> {
    let at = std::panic::Location::caller();
    async move {
        if let Err(refusal) = send(connection, sql).await {
            let head: String = sql.chars().take(600).collect();
            panic!("at {at}: {refusal:?}\n{head}");
        }
    }
}

/// The first column of each row.
pub(crate) async fn texts(connection: &mut PgConnection, sql: &str) -> Vec<String> {
    sqlx::query_scalar::<_, String>(AssertSqlSafe(sql.to_owned()))
        .fetch_all(connection)
        .await
        .unwrap_or_else(|error| panic!("{error}\n{sql}"))
}

/// A server at a stage, and the harness's connection inside a transaction.
pub(crate) struct Plane {
    pub(crate) connection: PgConnection,
    pub(crate) server: Server,
}

impl Plane {
    /// A server of its own; tests of one stage share a start-up cluster.
    pub(crate) async fn at(stage: Stage) -> Self {
        Self::with(template(stage, &COMMITTED)).await
    }

    /// The same with what is authored for this server's major, which a packet asks for.
    pub(crate) async fn of_this_major(stage: Stage) -> Self {
        Self::with(template(stage, Here::of_this_server().await)).await
    }

    pub(crate) async fn with(template: Template) -> Self {
        let database = template.database.clone();
        let options = Options {
            template: Some(template),
            max_prepared_transactions: 4,
            ..Options::for_tests()
        };
        let server = throwaway_postgres::start(&options).await.unwrap();
        let mut connection = PgConnection::connect_with(&server.connect_options(&database))
            .await
            .unwrap();
        run(&mut connection, "set search_path = ''; begin").await;
        Self { connection, server }
    }

    pub(crate) async fn stop(self) {
        self.connection.close().await.unwrap();
        self.server.stop().await.unwrap();
    }

    /// A session of its own, outside the harness's transaction; `harness` is the superuser's.
    pub(crate) async fn login(&self, who: &str) -> PgConnection {
        let options = match FIX7.personas.iter().find(|persona| persona.name == who) {
            Some(persona) => self.server.connect_options_as(ESTATE.database, persona.login),
            None if who == "harness" => self.server.connect_options(ESTATE.database),
            None => self.server.connect_options_as(ESTATE.database, who),
        };
        PgConnection::connect_with(&options).await.unwrap()
    }

    /// Acts as `who`; what it changes stays.
    #[track_caller]
    pub(crate) fn act(&mut self, who: &str, sql: &str) -> impl Future<Output = ()> {
        let text = as_role(who, sql);
        let at = std::panic::Location::caller();
        async move {
            if let Err(refusal) = send(&mut self.connection, &text).await {
                panic!(
                    "at {at}: {refusal:?}\n{}",
                    text.chars().take(600).collect::<String>()
                );
            }
        }
    }

    /// Tries as `who`, with deferred constraints flushed; undone either way.
    pub(crate) async fn attempt(&mut self, who: &str, sql: &str) -> Result<u64, Refusal> {
        run(&mut self.connection, "savepoint attempt").await;
        let text = as_role(who, sql);
        let outcome = match send(&mut self.connection, &text).await {
            Ok(rows) => send(&mut self.connection, "set constraints all immediate")
                .await
                .map(|_| rows),
            Err(refusal) => Err(refusal),
        };
        run(&mut self.connection, "rollback to savepoint attempt").await;
        outcome
    }

    /// The act is refused with this reason code, or this SQLSTATE; nothing stays.
    #[track_caller]
    pub(crate) fn refused(&mut self, who: &str, sql: &str, code: &str) -> impl Future<Output = Refusal> {
        let at = std::panic::Location::caller();
        async move {
            match self.attempt(who, sql).await {
                Err(refusal) if refusal.is(code) => refusal,
                other => panic!("at {at}: expected {code} for {who}, found {other:?}\n{sql}"),
            }
        }
    }

    /// The act is accepted; nothing stays.
    #[track_caller]
    pub(crate) fn accepted(&mut self, who: &str, sql: &str) -> impl Future<Output = ()> {
        let at = std::panic::Location::caller();
        async move {
            if let Err(refusal) = self.attempt(who, sql).await {
                panic!("at {at}: expected {who} to be accepted, found {refusal:?}\n{sql}");
            }
        }
    }

    /// Marks a state to come back to.
    pub(crate) async fn mark(&mut self) {
        run(&mut self.connection, "savepoint mark").await;
    }

    /// Back to the mark, which stays.
    pub(crate) async fn back(&mut self) {
        run(&mut self.connection, "rollback to savepoint mark").await;
    }

    /// The first column of each row.
    pub(crate) async fn texts(&mut self, sql: &str) -> Vec<String> {
        texts(&mut self.connection, sql).await
    }

    /// The one value, as text.
    pub(crate) async fn text(&mut self, sql: &str) -> String {
        let mut all = self.texts(sql).await;
        assert_eq!(all.len(), 1, "{sql}");
        all.remove(0)
    }

    /// The one number.
    pub(crate) async fn number(&mut self, sql: &str) -> i64 {
        sqlx::query_scalar::<_, i64>(AssertSqlSafe(sql.to_owned()))
            .fetch_one(&mut self.connection)
            .await
            .unwrap_or_else(|error| panic!("{error}\n{sql}"))
    }

    /// `cp_seal` of the newest version of a surface.
    pub(crate) async fn seal_call(&mut self, surface: u8) -> String {
        let arguments = self
            .text(&format!(
                "select format('%L, %L', e.manifest_id, e.payload_sha256) from qt001_cp.manifest_envelope e \
                 where e.surface_no = {surface} order by e.version desc limit 1"
            ))
            .await;
        format!("select qt001_cp.cp_seal({arguments})")
    }

    /// `cp_activate` of the newest sealed versions.
    pub(crate) async fn activate_call(&mut self, writer_type: &str, epoch: i64) -> String {
        let digest = self.text("select qt001_cp.candidate_set_sha256()::text").await;
        format!("select qt001_cp.cp_activate('{writer_type}', {epoch}, '{digest}')")
    }

    /// Drafts the next version of a surface with the rows of its newest; its identity.
    pub(crate) async fn next_version(&mut self, surface: u8) -> String {
        run(&mut self.connection, NEXT_VERSION).await;
        self.text(&format!("select pg_temp.next_version({surface})::text"))
            .await
    }
}

/// Copies the newest version of a surface as the next one, with the identity that follows from it.
const NEXT_VERSION: &str = "
create or replace function pg_temp.next_version(p_surface integer) returns uuid language plpgsql as $body$
declare
  e qt001_cp.manifest_envelope;
  v_envelope bytea;
  v_new uuid;
  v_table text;
  v_columns text;
begin
  select * into e from qt001_cp.manifest_envelope x where x.surface_no = p_surface order by x.version desc limit 1;
  v_envelope := qt001_cp.h03(p_surface, e.version + 1, e.item_count, e.payload_sha256, (
    select qt001_cp.h05(array_agg(x.item_key::text)) from qt001_cp.expected_item x where x.manifest_id = e.manifest_id));
  v_new := qt001_cp.manifest_id_of(v_envelope);
  insert into qt001_cp.expected_item select v_new, x.surface_no, x.item_key
  from qt001_cp.expected_item x where x.manifest_id = e.manifest_id;
  insert into qt001_cp.expected_constraint
  select v_new, x.surface_no, x.object_kind, x.relation_name, x.object_name, x.definition
  from qt001_cp.expected_constraint x where x.manifest_id = e.manifest_id;
  select t.table_name into v_table from qt001_cp.surface_table t where t.surface_no = p_surface;
  select string_agg(quote_ident(a.attname), ', ') into v_columns from pg_catalog.pg_attribute a
  where a.attrelid = format('qt001_cp.%I', v_table)::regclass and a.attnum > 0 and a.attgenerated = '' and a.attname <> 'manifest_id';
  execute format('insert into qt001_cp.%1$I (manifest_id, %2$s) select $1, %2$s from qt001_cp.%1$I r where r.manifest_id = $2', v_table, v_columns)
  using v_new, e.manifest_id;
  insert into qt001_cp.manifest_envelope (manifest_id, surface_no, version, item_count, payload_sha256, envelope_sha256)
  values (v_new, p_surface, e.version + 1, e.item_count, e.payload_sha256, v_envelope);
  return v_new;
end;
$body$;
";
