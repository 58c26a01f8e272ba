//! The container engine: whether it answers, whether it has the image, and what
//! killed runs left in it.
//!
//! Not here: running a server (`container`). The fact to know: the client's own
//! timeout is two minutes, so every probe has ours around it.

use std::collections::HashMap;
use std::fmt::Display;
use std::fs;
use std::time::Duration;

use testcontainers::bollard::Docker;
use testcontainers::bollard::models::{ContainerSummary, ContainerSummaryStateEnum};
use testcontainers::bollard::query_parameters::{
    ListContainersOptionsBuilder, RemoveContainerOptionsBuilder,
};
use testcontainers::core::client::docker_client_instance;

use crate::StartError;
use crate::sweep::is_alive;

/// Longest wait for each probe.
const PROBE_TIMEOUT: Duration = Duration::from_secs(2);
const REMOVE_TIMEOUT: Duration = Duration::from_secs(10);
/// Label of our containers; its value is an [`owner`].
pub(crate) const LABEL: &str = "throwaway-postgres.owner";

/// How an image is to be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Image {
    /// It is here.
    AtHand,
    /// A registry has it.
    Pullable,
}

/// A client of an engine that answers.
pub(crate) async fn connect() -> Result<Docker, StartError> {
    footprint::network("container engine");
    let no_engine = |why: String| StartError::NoEngine { why };
    let probe = async {
        let docker = docker_client_instance().await.map_err(text)?;
        docker.ping().await.map_err(text)?;
        Ok(docker)
    };
    match tokio::time::timeout(PROBE_TIMEOUT, probe).await {
        Ok(result) => result.map_err(no_engine),
        Err(_) => Err(no_engine(format!(
            "it did not answer within {} s",
            PROBE_TIMEOUT.as_secs()
        ))),
    }
}

/// Looks for `image` here, and only then in its registry; pulls nothing.
pub(crate) async fn find_image(docker: &Docker, image: &str) -> Result<Image, StartError> {
    let no_image = |why: String| StartError::NoImage {
        image: image.to_owned(),
        why,
    };
    let probe = async {
        if docker.inspect_image(image).await.is_ok() {
            return Ok(Image::AtHand);
        }
        docker
            .inspect_registry_image(image, None)
            .await
            .map(|_| Image::Pullable)
            .map_err(text)
    };
    match tokio::time::timeout(PROBE_TIMEOUT, probe).await {
        Ok(result) => result.map_err(no_image),
        Err(_) => Err(no_image(format!(
            "its registry did not answer within {} s",
            PROBE_TIMEOUT.as_secs()
        ))),
    }
}

/// Removes containers whose owner is gone; how many.
pub(crate) async fn sweep(docker: &Docker) -> usize {
    let filters = HashMap::from([("label", vec![LABEL])]);
    let options = ListContainersOptionsBuilder::new()
        .all(true)
        .filters(&filters)
        .build();
    let listed = tokio::time::timeout(PROBE_TIMEOUT, docker.list_containers(Some(options))).await;
    let Ok(Ok(containers)) = listed else { return 0 };
    let mut swept = 0;
    for container in containers {
        if let (true, Some(id)) = (is_abandoned(&container), &container.id) {
            swept += usize::from(remove(docker, id).await.is_ok());
        }
    }
    swept
}

/// Removes a container with its anonymous volumes; one that is gone is removed.
pub(crate) async fn remove(docker: &Docker, id: &str) -> Result<(), String> {
    let options = || RemoveContainerOptionsBuilder::new().force(true).v(true).build();
    let removal = async {
        loop {
            match docker.remove_container(id, Some(options())).await {
                // The engine is at it already (it removes what has ended by itself).
                Err(testcontainers::bollard::errors::Error::DockerResponseServerError {
                    status_code: 409,
                    ..
                })
                | Ok(()) => tokio::time::sleep(Duration::from_millis(5)).await,
                Err(testcontainers::bollard::errors::Error::DockerResponseServerError {
                    status_code: 404,
                    ..
                }) => return Ok(()),
                Err(error) => return Err(text(error)),
            }
        }
    };
    tokio::time::timeout(REMOVE_TIMEOUT, removal)
        .await
        .unwrap_or_else(|_| Err(format!("not gone after {} s", REMOVE_TIMEOUT.as_secs())))
}

/// Who we are: boot, process namespace, process id, and when that process began.
pub(crate) fn owner() -> String {
    let pid = std::process::id().cast_signed();
    format!(
        "{} {} {pid} {}",
        boot(),
        namespace(),
        began(pid).unwrap_or_default()
    )
}

fn is_abandoned(container: &ContainerSummary) -> bool {
    let Some(owner) = container.labels.as_ref().and_then(|labels| labels.get(LABEL)) else {
        return false;
    };
    let fields: Vec<&str> = owner.split(' ').collect();
    let [their_boot, their_namespace, pid, their_beginning] = fields[..] else {
        return false;
    };
    if their_boot != boot() {
        // Another boot of this machine, or another machine: only what has ended is safe to judge.
        return container.state != Some(ContainerSummaryStateEnum::RUNNING);
    }
    let Ok(pid) = pid.parse() else { return false };
    their_namespace == namespace() && !(is_alive(pid) && began(pid).unwrap_or_default() == their_beginning)
}

fn boot() -> String {
    fs::read_to_string("/proc/sys/kernel/random/boot_id")
        .map_or_else(|_| "unknown".to_owned(), |id| id.trim().to_owned())
}

fn namespace() -> String {
    fs::read_link("/proc/self/ns/pid")
        .map_or_else(|_| "none".to_owned(), |link| link.to_string_lossy().into_owned())
}

/// Clock ticks since boot at which the process began.
fn began(pid: i32) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit(") ").next()?.split(' ').nth(19).map(str::to_owned)
}

fn text(error: impl Display) -> String {
    error.to_string()
}
