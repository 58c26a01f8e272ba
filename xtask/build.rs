//! Links the tool at a fixed address: unoptimised, it carries 8 MiB of relocations, which each start reads and applies.
//!
//! Not for: what is compiled; that is the same. The one fact to know: it saves ten of a hundred MiB of peak memory, which
//! `cargo xtask bench` shows.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let target = |key: &str| std::env::var(format!("CARGO_CFG_TARGET_{key}")).unwrap_or_default();
    // A static executable (musl's all are) is told by rustc what it is, and can't be told twice.
    let is_static = target("FEATURE")
        .split(',')
        .any(|feature| feature == "crt-static");
    if target("OS") == "linux" && target("ENV") == "gnu" && !is_static {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}
