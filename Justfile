# Names and one-liners; what they do stands in xtask and in .ci/run.

default:
    @just --list

# the main job: every package on a throwaway Postgres, rolled back
rehearse *ARGS:
    cargo xtask rehearse {{ARGS}}

# all tests; needs nothing installed but cargo
test *ARGS:
    cargo xtask test {{ARGS}}

# a rehearsal on each of PostgreSQL 15, 16, 17 and 18; `--tests` runs all tests there too
matrix *ARGS:
    scripts/matrix {{ARGS}}

# manifests and a capture to SQL
author *ARGS:
    cargo xtask author {{ARGS}}

# what CI checks beside the tests
check:
    cargo fmt --all -- --check
    cargo clippy --workspace --all-targets -- -D warnings
    cargo xtask author --check

# times, each beside the same statements sent by psql
bench:
    cargo xtask bench

# licences, bans and sources; needs cargo-deny
deny:
    cargo deny check licenses bans sources

# snapshots nobody refers to; needs cargo-insta
unreferenced:
    cargo insta test --check --unreferenced reject

# leftovers of killed runs
sweep:
    cargo xtask sweep

# everything that CI runs
ci:
    .ci/run

# the no-production lane, into a new folder
lane DIR *ARGS:
    cargo xtask lane --packet {{DIR}} {{ARGS}}

# what must be refused, through every door
probes *ARGS:
    cargo xtask probes {{ARGS}}
