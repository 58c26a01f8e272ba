//! A server in a container.
//!
//! Not here: probing the engine (`engine`). The fact to know: the engine has no
//! idea that we died, so a process in the container watches a stream that only we
//! hold open, and stops the server when it ends; the engine then removes what has
//! ended. The label and the next start's sweep cover the moment before that.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use testcontainers::bollard::Docker;
use testcontainers::bollard::exec::{CreateExecOptions, StartExecResults};
use testcontainers::bollard::models::PortBinding;
use testcontainers::core::IntoContainerPort as _;
use testcontainers::core::logs::LogFrame;
use testcontainers::runners::AsyncRunner as _;
use testcontainers::{ContainerAsync, GenericImage, ImageExt as _};
use tokio::io::AsyncWrite;

use crate::{Options, StartError, StopError, connect, door, engine};

const START_TIMEOUT: Duration = Duration::from_mins(1);
/// An address that swallows packets must not keep the other one from being tried.
const ANSWER_TIMEOUT: Duration = Duration::from_millis(500);
const LOG_TAIL_BYTES: usize = 2000;

/// In the container: waits for the end of its input, then stops process 1; again and
/// again, since an entrypoint that still prepares the cluster ignores the signal.
const WATCH: &str = "cat >/dev/null; while :; do kill -QUIT 1; sleep 0.1; done";

/// A running container.
pub(crate) struct Container {
    docker: Docker,
    id: String,
    connect: PgConnectOptions,
    // Ends when it is dropped, or when we die; the container's watcher then stops the server.
    watch: Option<Pin<Box<dyn AsyncWrite + Send>>>,
    handle: Option<ContainerAsync<GenericImage>>,
}

impl std::fmt::Debug for Container {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Container")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl Container {
    /// Starts a container of the image, waits for its server, and runs the template.
    pub(crate) async fn start(docker: Docker, options: &Options) -> Result<Self, StartError> {
        engine::sweep(&docker).await;
        let failed = |why: String| StartError::Container {
            image: options.image.clone(),
            why,
        };
        let log = Log::default();
        let container = request(options, log.clone())
            .start()
            .await
            .map_err(|error| failed(error.to_string()))?;
        let id = container.id().to_owned();
        let mut this = Self {
            docker,
            id,
            connect: connect::plain("127.0.0.1", 0),
            watch: None,
            handle: Some(container),
        };
        match this.bring_up(options, &log).await {
            Ok(()) => Ok(this),
            Err(error) => {
                // The failure is the answer; what can't be removed now, the next start sweeps.
                let _ = this.stop().await;
                Err(match error {
                    Failure::Container(why) => failed(format!("{why}\n{}", log.tail())),
                    Failure::Start(error) => error,
                })
            }
        }
    }

    async fn bring_up(&mut self, options: &Options, log: &Log) -> Result<(), Failure> {
        self.watch = Some(
            self.watch()
                .await
                .map_err(|error| Failure::Container(error.to_string()))?,
        );
        let container = self.handle.as_ref().ok_or("it is gone")?;
        let port = container
            .get_host_port_ipv4(5432.tcp())
            .await
            .map_err(|error| Failure::Container(error.to_string()))?;
        let mut addresses = vec![connect::plain("127.0.0.1", port)];
        // A tool that is in a container itself reaches its neighbour, not the host's loopback.
        addresses.extend(self.neighbour().await.map(|ip| connect::plain(&ip, 5432)));
        let knocked = tokio::time::timeout(START_TIMEOUT, self.knock(&addresses)).await;
        match knocked {
            Ok(Some(address)) => self.connect = address,
            Ok(None) => return Err("it ended, its last lines:".into()),
            Err(_) => {
                return Err(Failure::Start(StartError::Timeout {
                    waited_s: START_TIMEOUT.as_secs(),
                    log: log.tail(),
                }));
            }
        }
        match &options.template {
            Some(template) => connect::run_template(template, &self.connect)
                .await
                .map_err(Failure::Start),
            None => Ok(()),
        }
    }

    /// Connects until one of the addresses answers; nothing when the container has ended.
    /// A published port accepts before there is a server, so every failure means: again.
    async fn knock(&self, addresses: &[PgConnectOptions]) -> Option<PgConnectOptions> {
        let mut tries = 0_u32;
        loop {
            for address in addresses {
                let answer = tokio::time::timeout(ANSWER_TIMEOUT, door::open(address)).await;
                if let Ok(Ok(connection)) = answer {
                    connect::close(connection).await;
                    return Some(address.clone());
                }
            }
            tries += 1;
            if tries.is_multiple_of(20) && !self.is_running().await {
                return None;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// The container's own address.
    async fn neighbour(&self) -> Option<String> {
        let found = self.docker.inspect_container(&self.id, None).await.ok()?;
        let networks = found.network_settings?.networks?;
        let addresses = networks.into_values().filter_map(|network| network.ip_address);
        addresses.filter(|ip| !ip.is_empty()).min()
    }

    async fn is_running(&self) -> bool {
        self.docker
            .inspect_container(&self.id, None)
            .await
            .is_ok_and(|found| found.state.and_then(|state| state.running) == Some(true))
    }

    async fn watch(&self) -> Result<Pin<Box<dyn AsyncWrite + Send>>, testcontainers::bollard::errors::Error> {
        let watcher = CreateExecOptions {
            attach_stdin: Some(true),
            attach_stdout: Some(true),
            user: Some("0"),
            cmd: Some(vec!["/bin/sh", "-c", WATCH]),
            ..CreateExecOptions::default()
        };
        let exec = self.docker.create_exec(&self.id, watcher).await?;
        match self.docker.start_exec(&exec.id, None).await? {
            StartExecResults::Attached { input, .. } => Ok(input),
            StartExecResults::Detached => Ok(Box::pin(tokio::io::sink())),
        }
    }

    pub(crate) fn superuser(&self) -> PgConnectOptions {
        self.connect.clone()
    }

    /// Removes the container; returns when the engine no longer knows it.
    pub(crate) async fn stop(mut self) -> Result<(), StopError> {
        let removed = engine::remove(&self.docker, &self.id).await;
        if removed.is_ok() {
            // Its drop would remove once more, and complain in the log.
            if let Some(handle) = self.handle.take() {
                let _ = handle.rm().await;
            }
        }
        removed.map_err(|why| StopError::Container { why })
    }
}

enum Failure {
    /// Of the container: its log belongs to the message.
    Container(String),
    Start(StartError),
}

impl From<&str> for Failure {
    fn from(why: &str) -> Self {
        Self::Container(why.to_owned())
    }
}

/// Published on 127.0.0.1 alone, data in memory, durability off.
fn request(options: &Options, log: Log) -> testcontainers::ContainerRequest<GenericImage> {
    let (name, tag) = name_and_tag(&options.image);
    let settings = [
        "fsync=off".to_owned(),
        "synchronous_commit=off".to_owned(),
        "full_page_writes=off".to_owned(),
        "autovacuum=off".to_owned(),
        "jit=off".to_owned(),
        "timezone=UTC".to_owned(),
        format!("max_connections={}", options.max_connections),
        format!("max_locks_per_transaction={}", options.max_locks_per_transaction),
        format!("max_prepared_transactions={}", options.max_prepared_transactions),
    ];
    let cmd = ["postgres".to_owned()].into_iter().chain(
        settings
            .into_iter()
            .flat_map(|setting| ["-c".to_owned(), setting]),
    );
    GenericImage::new(name, tag)
        .with_exposed_port(5432.tcp())
        .with_cmd(cmd)
        .with_env_var("POSTGRES_HOST_AUTH_METHOD", "trust")
        .with_env_var("POSTGRES_USER", connect::SUPERUSER)
        .with_env_var(
            "POSTGRES_INITDB_ARGS",
            "--no-sync --wal-segsize=1 --locale=C --encoding=UTF8",
        )
        .with_env_var("PGDATA", "/throwaway/data")
        .with_label(engine::LABEL, engine::owner())
        .with_log_consumer(move |frame: &LogFrame| log.push(frame.bytes()))
        .with_host_config_modifier(|host| {
            host.publish_all_ports = Some(false);
            host.auto_remove = Some(true);
            host.tmpfs = Some(HashMap::from([("/throwaway".to_owned(), String::new())]));
            host.port_bindings = Some(HashMap::from([(
                "5432/tcp".to_owned(),
                Some(vec![PortBinding {
                    host_ip: Some("127.0.0.1".to_owned()),
                    host_port: Some("0".to_owned()),
                }]),
            )]));
        })
}

/// `registry:5000/name:tag` → name and tag; without a tag, `latest`.
fn name_and_tag(image: &str) -> (&str, &str) {
    match image.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, tag),
        _ => (image, "latest"),
    }
}

/// The end of a container's output; the container is gone by the time it is asked for.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn push(&self, bytes: &[u8]) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend_from_slice(bytes);
        let surplus = kept.len().saturating_sub(LOG_TAIL_BYTES);
        kept.drain(..surplus);
    }

    fn tail(&self) -> String {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&kept).trim().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::name_and_tag;

    #[test]
    fn tags_are_told_from_ports() {
        assert_eq!(name_and_tag("postgres:16"), ("postgres", "16"));
        assert_eq!(
            name_and_tag("host:5000/postgres"),
            ("host:5000/postgres", "latest")
        );
        assert_eq!(name_and_tag("host:5000/a/b:18"), ("host:5000/a/b", "18"));
    }
}
