//! Writes the estate at a size of one's choice, for benchmarks and for a look at it.
//!
//! For: `cargo run -p sql-render --example write-estate -- FOLDER [LEGACY [COLLECTIONS [ROWS]]]`. Not
//! for: the committed files, which `cargo xtask author` writes. The fact to know: it refuses a folder
//! that exists, and leaves nothing half-written elsewhere.

use std::error::Error;
use std::path::PathBuf;

use fix7_manifest::estate::ESTATE;
use manifest_model::estate::EstateSize;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("give the folder to write to")?);
    let mut count = |default: u32| arguments.next().map_or(Ok(default), |text| text.parse::<u32>());
    let size = EstateSize {
        legacy_scale: count(1)?,
        collection_scale: count(1)?,
        rows_per_collection: count(2)?,
    };
    if folder.exists() {
        return Err(format!("`{}` exists: give a new folder", folder.display()).into());
    }
    for file in sql_render::estate::render(&ESTATE, &size) {
        let path = folder.join(&file.path);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        #[expect(
            clippy::disallowed_methods,
            reason = "a folder that this run has just made, not the repository"
        )]
        std::fs::write(path, file.text)?;
    }
    Ok(())
}
