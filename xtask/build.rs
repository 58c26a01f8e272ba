//! Links the tool at a fixed address: unoptimised, it carries 8 MiB of relocations, which each start reads and applies.
//!
//! Not for: what is compiled; that is the same. The one fact to know: `cargo xtask bench` shows what it saves, in peak
//! memory and in the start of every command.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let target = |key: &str| std::env::var(format!("CARGO_CFG_TARGET_{key}")).unwrap_or_default();
    // musl's executables are static, where the linker's driver would be told two things.
    if target("OS") == "linux" && target("ENV") == "gnu" {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}
