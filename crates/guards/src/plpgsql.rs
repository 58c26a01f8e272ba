//! The statements and expressions of a PL/pgSQL body, each as a statement of SQL, and the variables that they may name.
//!
//! Not for: running one, nor for what the language allows besides: a statement that is none of these is handed back as
//! unread, never left out. The one fact to know: the server analyses SQL alone, so what PL/pgSQL hands to it is cut out here,
//! by words and brackets; a cut that is wrong does not analyse, and is said.

/// What a body hands to the server.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Statements {
    /// Name and type of each declared variable, in order.
    pub(crate) variables: Vec<(String, String)>,
    /// Statements of SQL; an expression is a SELECT.
    pub(crate) sql: Vec<String>,
    /// What the server can't be given: dynamic SQL, cursors.
    pub(crate) unread: Vec<String>,
}

/// Cuts a body into what it hands to the server.
pub(crate) fn statements(body: &str) -> Statements {
    let mut cut = Cut {
        body,
        tokens: tokens(body),
        at: 0,
        in_handler: false,
        found: Statements::default(),
    };
    while cut.at < cut.tokens.len() {
        cut.statement();
    }
    cut.found
}

/// A word in lower case, a text, or one character, with its place.
struct Token {
    word: String,
    from: usize,
    to: usize,
}

struct Cut<'a> {
    body: &'a str,
    tokens: Vec<Token>,
    at: usize,
    in_handler: bool,
    found: Statements,
}

impl Cut<'_> {
    fn word(&self) -> &str {
        self.tokens.get(self.at).map_or("", |token| token.word.as_str())
    }

    fn statement(&mut self) {
        let first = self.word().to_owned();
        match first.as_str() {
            "declare" => self.declarations(),
            "begin" => {
                self.in_handler = false;
                self.at += 1;
            }
            "else" | "loop" | "then" | ";" => self.at += 1,
            "exception" => {
                self.in_handler = true;
                self.at += 1;
            }
            "when" if self.in_handler => {
                self.until(&["then"]);
            }
            "if" | "elsif" | "elseif" | "when" => self.expression(&["then"]),
            "while" => self.expression(&["loop"]),
            "case" => {
                self.at += 1;
                let over = self.until(&["when"]);
                self.select(&over);
                let first = self.until(&["then"]);
                self.select(&first);
            }
            "for" => self.looped(),
            "foreach" => {
                self.until(&["array"]);
                let over = self.until(&["loop"]);
                self.select(&over);
            }
            "exit" | "continue" => {
                let rest = self.until_from(1, &[";"]);
                if let Some((_, condition)) = rest.split_once("when ") {
                    self.select(condition);
                }
            }
            "return" => {
                self.at += 1;
                match self.word() {
                    "query" => {
                        self.at += 1;
                        self.statement();
                    }
                    "next" => self.expression(&[";"]),
                    _ => {
                        let value = self.until(&[";"]);
                        self.select(&value);
                    }
                }
            }
            "raise" => self.raised(),
            "perform" => {
                let rest = self.until_from(1, &[";"]);
                self.found.sql.push(format!("select {rest}"));
            }
            "end" | "null" | "#" => {
                let stop: &[&str] = if first == "#" {
                    &["declare", "begin"]
                } else {
                    &[";"]
                };
                self.until(stop);
            }
            "<" => {
                // A label.
                self.at += 2;
                self.until(&[">"]);
                self.at += 1;
            }
            "select" | "insert" | "update" | "delete" | "with" | "merge" | "values" => {
                let sql = self.without_targets();
                self.found.sql.push(sql);
            }
            _ => self.assignment(),
        }
    }

    /// `name [constant] type [not null] [:= expression];` until the block begins.
    fn declarations(&mut self) {
        self.at += 1;
        while self.at < self.tokens.len() && self.word() != "begin" {
            let name = self.text(self.at, self.at + 1);
            self.at += 1;
            if self.word() == "constant" {
                self.at += 1;
            }
            let from = self.at;
            let line = self.until(&[";"]);
            let end = self.at;
            let value =
                (from..end).find(|at| matches!(self.tokens[*at].word.as_str(), ":=" | "=" | "default"));
            let stop = (from..end)
                .find(|at| self.tokens[*at].word == "not")
                .or(value)
                .unwrap_or(end - 1);
            let kind = self.text(from, stop.min(value.unwrap_or(stop)));
            if line.is_empty() || ["alias", "cursor", "record"].contains(&kind.to_lowercase().as_str()) {
                self.found.unread.push(format!("{name} {line}"));
                continue;
            }
            self.found.variables.push((name, kind.replace("%rowtype", "")));
            if let Some(value) = value {
                let value = self.text(value + 1, end - 1);
                self.select(&value);
            }
        }
    }

    /// `for x in [reverse] a..b [by c] loop`, or over a query.
    fn looped(&mut self) {
        let target = self.until_from(1, &["in"]);
        if self.word() == "reverse" {
            self.at += 1;
        }
        let over = self.until(&["loop"]);
        if let Some((first, last)) = over.split_once("..") {
            self.found.variables.push((target, "integer".to_owned()));
            self.select(first);
            self.select(last.split(" by ").next().unwrap_or(last));
        } else {
            self.found.sql.push(over);
        }
    }

    /// `raise [level] 'format', a, b using errcode = c, message = d;`
    fn raised(&mut self) {
        let from = self.at + 1;
        self.until(&[";"]);
        let mut depth = 0_i32;
        let (mut parts, mut begun) = (Vec::new(), from);
        for at in from..self.at {
            match self.tokens[at].word.as_str() {
                "(" | "[" => depth += 1,
                ")" | "]" => depth -= 1,
                "," | "using" | ";" if depth == 0 => {
                    parts.push((begun, at));
                    begun = at + 1;
                }
                _ => {}
            }
        }
        // First a level, a condition's name or a format, which are no expressions.
        for (from, to) in parts.into_iter().skip(1) {
            let named = (from + 1 < to && self.tokens[from + 1].word == "=").then_some(from + 2);
            let value = self.text(named.unwrap_or(from), to);
            self.select(&value);
        }
    }

    /// `target := expression;`
    fn assignment(&mut self) {
        let from = self.at;
        let line = self.until(&[";"]);
        let sign = (from..self.at).find(|at| matches!(self.tokens[*at].word.as_str(), ":=" | "="));
        match sign {
            Some(sign) if sign + 1 < self.at => {
                let value = self.text(sign + 1, self.at - 1);
                self.select(&value);
            }
            _ => self.found.unread.push(line),
        }
    }

    /// A statement without the target of its INTO.
    fn without_targets(&mut self) -> String {
        let from = self.at;
        self.until(&[";"]);
        let to = self.at - 1;
        let mut depth = 0_i32;
        let (mut out, mut kept) = (String::new(), from);
        let mut at = from;
        while at < to {
            match self.tokens[at].word.as_str() {
                "(" => depth += 1,
                ")" => depth -= 1,
                "into"
                    if depth == 0
                        && at > from
                        && !["insert", "merge"].contains(&self.tokens[at - 1].word.as_str()) =>
                {
                    out.push_str(&self.text(kept, at));
                    out.push(' ');
                    at += 1;
                    if self.tokens[at].word == "strict" {
                        at += 1;
                    }
                    // Names, with their fields, between commas.
                    while at + 1 < to && [",", "."].contains(&self.tokens[at + 1].word.as_str()) {
                        at += 2;
                    }
                    kept = at + 1;
                }
                _ => {}
            }
            at += 1;
        }
        out.push_str(&self.text(kept.min(to), to));
        out
    }

    fn expression(&mut self, stop: &[&str]) {
        let value = self.until_from(1, stop);
        self.select(&value);
    }

    fn select(&mut self, value: &str) {
        let value = value.trim();
        if !value.is_empty() {
            self.found.sql.push(format!("select ({value})"));
        }
    }

    fn until_from(&mut self, skipped: usize, stop: &[&str]) -> String {
        self.at += skipped;
        self.until(stop)
    }

    /// The text up to one of `stop` outside brackets and CASE, which is passed.
    fn until(&mut self, stop: &[&str]) -> String {
        let from = self.at;
        let (mut depth, mut cases) = (0_i32, 0_i32);
        while let Some(token) = self.tokens.get(self.at) {
            let word = token.word.as_str();
            if depth == 0 && cases == 0 && stop.contains(&word) {
                break;
            }
            match word {
                "(" | "[" => depth += 1,
                ")" | "]" => depth -= 1,
                "case" => cases += 1,
                "end" if cases > 0 => cases -= 1,
                _ => {}
            }
            self.at += 1;
        }
        let text = self.text(from, self.at);
        self.at += 1;
        text
    }

    fn text(&self, from: usize, to: usize) -> String {
        let place = |at: usize| self.tokens.get(at);
        match (place(from), to.checked_sub(1).and_then(place)) {
            (Some(first), Some(last)) if first.from < last.to => self.body[first.from..last.to].to_owned(),
            _ => String::new(),
        }
    }
}

fn tokens(body: &str) -> Vec<Token> {
    let bytes = body.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &body[at..];
        let end_of = |mark: &str, from: usize| {
            rest[from..]
                .find(mark)
                .map_or(rest.len(), |n| from + n + mark.len())
        };
        let byte = bytes[at];
        let length = if byte.is_ascii_whitespace() {
            at += 1;
            continue;
        } else if rest.starts_with("--") {
            at += end_of("\n", 0);
            continue;
        } else if rest.starts_with("/*") {
            at += end_of("*/", 2);
            continue;
        } else if byte == b'\'' || byte == b'"' {
            let mark = if byte == b'\'' { "'" } else { "\"" };
            // A doubled quote is two texts without a gap, which cuts nothing.
            end_of(mark, 1)
        } else if byte == b'$'
            && rest[1..].contains('$')
            && !bytes.get(at + 1).is_some_and(u8::is_ascii_digit)
        {
            let tag = end_of("$", 1);
            end_of(&rest[..tag], tag)
        } else if byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80 {
            let word = |c: char| c.is_alphanumeric() || c == '_' || c == '%';
            rest.find(|c: char| !word(c)).unwrap_or(rest.len())
        } else if rest.starts_with(":=") {
            2
        } else {
            1
        };
        let word = body[at..at + length].to_lowercase();
        found.push(Token {
            word,
            from: at,
            to: at + length,
        });
        at += length;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::statements;

    #[track_caller]
    fn cut(body: &str, expected: &[&str]) {
        assert_eq!(statements(body).sql, expected, "{body}");
    }

    #[test]
    fn what_is_handed_to_the_server_is_cut_out() {
        cut(
            "begin if a > 1 then return b; elsif c then null; else perform f(1); end if; end",
            &["select (a > 1)", "select (b)", "select (c)", "select f(1)"],
        );
        cut(
            "begin return case when a then 1 else 2 end; end",
            &["select (case when a then 1 else 2 end)"],
        );
        cut(
            "begin case a when 1 then return b; end case; end",
            &["select (a)", "select (1)", "select (b)"],
        );
        cut(
            "begin select x, y into strict a, r.b from t where z; end",
            &["select x, y from t where z"],
        );
        cut(
            "begin insert into t values (1) returning id into v; end",
            &["insert into t values (1) returning id "],
        );
        cut(
            "begin for i in 1..n loop v := v || i; end loop; end",
            &["select (1)", "select (n)", "select (v || i)"],
        );
        cut("begin for r in select 1 loop null; end loop; end", &["select 1"]);
        cut(
            "begin foreach v in array f(x) loop exit when v = 'a;b'; end loop; end",
            &["select (f(x))", "select (v = 'a;b')"],
        );
        cut(
            "begin return query select 1; return next v; return; end",
            &["select 1", "select (v)"],
        );
        cut(
            "begin x; exception when others then return 1; end",
            &["select (1)"],
        );
        cut(
            "begin raise exception using errcode = code, message = f('a, b', c); end",
            &["select (code)", "select (f('a, b', c))"],
        );
    }

    #[test]
    fn variables_have_their_types_and_their_values_are_read() {
        let found = statements(
            "declare v constant text[] := array['a']; n integer not null default 1; w t.c%type; begin end",
        );
        let expected = [("v", "text[]"), ("n", "integer"), ("w", "t.c%type")];
        assert_eq!(
            found.variables,
            expected.map(|(name, kind)| (name.to_owned(), kind.to_owned()))
        );
        assert_eq!(found.sql, ["select (array['a'])", "select (1)"]);
    }

    #[test]
    fn what_can_not_be_handed_over_is_said() {
        let found = statements("declare r record; begin execute 'select 1'; end");
        assert_eq!(found.unread, ["r record", "execute 'select 1'"]);
    }
}
