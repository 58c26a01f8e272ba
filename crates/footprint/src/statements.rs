//! Counts statements where the client sends them, so that no call site can leave one out.
//!
//! Not for: their text, which may hold anything. The one fact to know: the client tells each statement at the
//! level that its connection was opened with, and the level says whose server it is; a connection that was
//! opened past the door has the client's own level, and is unknown.

use crate::Whose;
use crate::record::note;
use log::LevelFilter;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

/// What the client calls the events that tell a statement.
const TARGET: &str = "sqlx::query";

/// The level at which statements to such a server are to be told.
pub const fn told_at(whose: Whose) -> LevelFilter {
    match whose {
        Whose::Made => LevelFilter::Trace,
        Whose::Approved => LevelFilter::Info,
        Whose::Live => LevelFilter::Error,
        // The client's own for connections that nobody told anything.
        Whose::Unknown => LevelFilter::Debug,
    }
}

const fn whose(level: Level) -> Whose {
    match level {
        Level::TRACE => Whose::Made,
        Level::INFO => Whose::Approved,
        Level::ERROR => Whose::Live,
        _ => Whose::Unknown,
    }
}

/// Counts from now on, and how many of the statements hold one of `words`; says whether it does.
pub fn listen(words: &[&str]) -> bool {
    let words = words.iter().map(|word| word.to_ascii_lowercase()).collect();
    let listens = tracing::subscriber::set_global_default(Counter { words }).is_ok();
    if listens {
        note(|record| record.counted = true);
    }
    listens
}

struct Counter {
    words: Vec<String>,
}

impl Subscriber for Counter {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == TARGET
    }

    fn event(&self, event: &Event<'_>) {
        let mut text = Text(String::new());
        event.record(&mut text);
        let text = text.0.to_ascii_lowercase();
        note(|record| {
            let sent = record
                .statements
                .entry(whose(*event.metadata().level()))
                .or_default();
            sent.statements += 1;
            for word in self.words.iter().filter(|word| text.contains(word.as_str())) {
                *sent.naming.entry(word.clone()).or_default() += 1;
            }
        });
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// The statement: its first words, and all of it where there are more.
struct Text(String);

impl Visit for Text {
    fn record_str(&mut self, field: &Field, value: &str) {
        if ["summary", "db.statement"].contains(&field.name()) {
            self.0.push_str(value);
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}

#[cfg(test)]
mod tests {
    use super::{told_at, whose};
    use crate::Whose;

    #[test]
    fn the_level_says_whose_server_it_is() {
        for of in [Whose::Made, Whose::Approved, Whose::Live, Whose::Unknown] {
            let level: tracing::Level = told_at(of).as_str().parse().unwrap();
            assert_eq!(whose(level), of);
        }
        // Slow statements of a connection that nobody told anything.
        assert_eq!(whose(tracing::Level::WARN), Whose::Unknown);
    }
}
