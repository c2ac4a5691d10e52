//! Programs made at random, always the same ones: what they are, how they are written down, and what happens when they run.
//!
//! A program is some functions of two tables that call later ones (or any), a class that holds a table, and a module's
//! dictionary of both. Each DynamoDB call has a number, which stands in its `sk`, and a line of its own.

use std::collections::BTreeSet;

/// A small generator of numbers (xorshift): the same programs in every run.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound as u64).expect("below the bound")
    }
}

/// A table, told by a variable of the function or without one.
#[derive(Clone)]
pub enum Expr {
    Table(&'static str),
    Var(usize),
    /// `either() if event else or()`
    Either(Box<Expr>, Box<Expr>),
    /// `TABLES["orders"]`
    Entry(&'static str),
    /// What the function's store holds.
    Held,
}

#[derive(Clone)]
pub enum Stmt {
    Assign(usize, Expr),
    /// `variable = step_n(one, two)`
    Call(usize, usize, [Expr; 2]),
    /// A DynamoDB call: its number and method.
    Access(usize, &'static str, Expr),
    /// `store = Store(table)`
    Make(Expr),
    /// `store.table = table`
    Hold(Expr),
    /// `store.save()`: the call in the class.
    Save,
    /// `several.append(table)`
    Append(Expr),
    If(Vec<Stmt>, Vec<Stmt>),
    /// `for variable in several`
    For(usize, Vec<Stmt>),
    While(Vec<Stmt>),
    /// Body, handler, finally.
    Try(Vec<Stmt>, Vec<Stmt>, Vec<Stmt>),
    Break,
    Continue,
    Return(Expr),
}

/// Functions; the handler calls the first with both tables.
pub struct Program {
    pub functions: Vec<Vec<Stmt>>,
}

/// What a program may hold besides the common.
#[derive(Clone, Copy)]
pub struct Traits {
    pub functions: usize,
    /// Functions may call earlier ones and themselves.
    pub cyclic: bool,
    /// Functions may return from their midst.
    pub returns: bool,
}

pub const VARIABLES: usize = 4;
/// The call in the class.
pub const SAVE: usize = 0;
const TABLES: [&str; 2] = ["orders", "audit"];

struct Maker {
    dice: Dice,
    traits: Traits,
    sites: usize,
}

impl Program {
    pub fn new(seed: u64, traits: Traits) -> Self {
        let mut maker = Maker { dice: Dice::new(seed), traits, sites: SAVE };
        let functions = (0..traits.functions).map(|own| {
            let count = 2 + maker.dice.below(5);
            maker.block(own, count, 0, false)
        });
        Self { functions: functions.collect() }
    }
}

impl Maker {
    fn block(&mut self, own: usize, count: usize, depth: usize, in_loop: bool) -> Vec<Stmt> {
        (0..count).map(|_| self.stmt(own, depth, in_loop)).collect()
    }

    fn inner(&mut self, own: usize, depth: usize, in_loop: bool) -> Vec<Stmt> {
        let count = 1 + self.dice.below(3);
        self.block(own, count, depth + 1, in_loop)
    }

    fn stmt(&mut self, own: usize, depth: usize, in_loop: bool) -> Stmt {
        let nests = depth < 3;
        match self.dice.below(18) {
            0..=2 => Stmt::Assign(self.dice.below(VARIABLES), self.expr()),
            3 | 4 if self.traits.cyclic || own + 1 < self.traits.functions => {
                let (first, many) = if self.traits.cyclic {
                    (0, self.traits.functions)
                } else {
                    (own + 1, self.traits.functions - own - 1)
                };
                Stmt::Call(self.dice.below(VARIABLES), first + self.dice.below(many), [self.expr(), self.expr()])
            }
            5 => Stmt::Make(self.expr()),
            6 => Stmt::Hold(self.expr()),
            7 => Stmt::Save,
            8 => Stmt::Append(self.expr()),
            9 | 10 if nests => Stmt::If(self.inner(own, depth, in_loop), self.inner(own, depth, in_loop)),
            11 if nests => Stmt::For(self.dice.below(VARIABLES), self.inner(own, depth, true)),
            12 if nests => Stmt::While(self.inner(own, depth, true)),
            13 if nests => Stmt::Try(
                self.inner(own, depth, in_loop),
                self.inner(own, depth, in_loop),
                self.inner(own, depth, false),
            ),
            14 if in_loop => [Stmt::Break, Stmt::Continue][self.dice.below(2)].clone(),
            15 if self.traits.returns && depth > 0 => Stmt::Return(self.expr()),
            _ => {
                self.sites += 1;
                let method = ["put_item", "get_item", "delete_item", "query"][self.dice.below(4)];
                Stmt::Access(self.sites, method, self.expr())
            }
        }
    }

    fn expr(&mut self) -> Expr {
        match self.dice.below(12) {
            0 => Expr::Table(TABLES[self.dice.below(2)]),
            1 => Expr::Entry(TABLES[self.dice.below(2)]),
            2 => Expr::Held,
            3 => Expr::Either(
                Box::new(Expr::Var(self.dice.below(VARIABLES))),
                Box::new(Expr::Var(self.dice.below(VARIABLES))),
            ),
            _ => Expr::Var(self.dice.below(VARIABLES)),
        }
    }
}

/// Names of the variables, then of the store and of the list.
pub type Names = [&'static str; VARIABLES + 2];

/// Writes a program down.
pub struct Writer<'p> {
    program: &'p Program,
    names: &'p Names,
    /// Write functions where they are called.
    inline: bool,
    code: String,
    /// Functions written in place: each gives its names a prefix of its own.
    inlined: usize,
}

const HEAD: &str = r#"from db import Key, audit, orders

TABLES = {"orders": orders, "audit": audit}

class Store:
    def __init__(self, table):
        self.table = table

    def save(self):
        self.table.put_item(Item={"pk": "a", "sk": "0"})

def handler(event, context):
"#;

impl<'p> Writer<'p> {
    /// The text of a program; with `inline`, every function written in place where it is called.
    pub fn write(program: &'p Program, names: &'p Names, inline: bool) -> String {
        let mut writer = Self { program, names, inline, code: HEAD.to_owned(), inlined: 0 };
        writer.call(names[0], 0, &[Expr::Table("orders"), Expr::Table("audit")], 1, "");
        if !inline {
            for (number, body) in program.functions.iter().enumerate() {
                writer.line(0, &format!("\ndef step_{number}({}, {}, event):", names[0], names[1]));
                writer.body(body, 1, "");
                writer.line(1, &format!("return {}", names[0]));
            }
        }
        writer.code
    }

    fn line(&mut self, depth: usize, line: &str) {
        self.code += &"    ".repeat(depth);
        self.code += line;
        self.code += "\n";
    }

    fn call(&mut self, into: &str, function: usize, [one, two]: &[Expr; 2], depth: usize, prefix: &str) {
        let (one, two) = (self.expr(one, prefix), self.expr(two, prefix));
        if !self.inline {
            return self.line(depth, &format!("{into} = step_{function}({one}, {two}, event)"));
        }
        self.inlined += 1;
        let within = format!("in{}_", self.inlined);
        self.line(depth, &format!("{within}{}, {within}{} = {one}, {two}", self.names[0], self.names[1]));
        let program = self.program;
        self.body(&program.functions[function], depth, &within);
        self.line(depth, &format!("{into} = {within}{}", self.names[0]));
    }

    fn body(&mut self, body: &[Stmt], depth: usize, prefix: &str) {
        let [one, two, three, four, store, several] = self.names.map(|name| format!("{prefix}{name}"));
        self.line(depth, &format!("{three} = {one}"));
        self.line(depth, &format!("{four} = {two}"));
        self.line(depth, &format!("{store} = Store({two})"));
        self.line(depth, &format!("{several} = [{one}]"));
        self.block(body, depth, prefix);
    }

    fn expr(&self, expr: &Expr, prefix: &str) -> String {
        match expr {
            Expr::Table(name) => (*name).to_owned(),
            Expr::Var(variable) => format!("{prefix}{}", self.names[*variable]),
            Expr::Either(a, b) => {
                format!("({} if event.get(\"x\") else {})", self.expr(a, prefix), self.expr(b, prefix))
            }
            Expr::Entry(name) => format!("TABLES[\"{name}\"]"),
            Expr::Held => format!("{prefix}{}.table", self.names[VARIABLES]),
        }
    }

    fn block(&mut self, block: &[Stmt], depth: usize, prefix: &str) {
        block.iter().for_each(|stmt| self.stmt(stmt, depth, prefix));
    }

    fn stmt(&mut self, stmt: &Stmt, depth: usize, prefix: &str) {
        let name = |number: usize| format!("{prefix}{}", self.names[number]);
        let line = match stmt {
            Stmt::Assign(variable, value) => format!("{} = {}", name(*variable), self.expr(value, prefix)),
            Stmt::Make(table) => format!("{} = Store({})", name(VARIABLES), self.expr(table, prefix)),
            Stmt::Hold(table) => format!("{}.table = {}", name(VARIABLES), self.expr(table, prefix)),
            Stmt::Save => format!("{}.save()", name(VARIABLES)),
            Stmt::Append(table) => format!("{}.append({})", name(VARIABLES + 1), self.expr(table, prefix)),
            Stmt::Access(site, method, table) => format!("{}.{}", self.expr(table, prefix), call(*site, method)),
            Stmt::Break => "break".to_owned(),
            Stmt::Continue => "continue".to_owned(),
            Stmt::Return(value) => format!("return {}", self.expr(value, prefix)),
            Stmt::Call(variable, function, tables) => {
                return self.call(&name(*variable), *function, tables, depth, prefix);
            }
            Stmt::If(then, otherwise) => {
                return self.blocks(depth, prefix, &[("if event.get(\"x\")", then), ("else", otherwise)]);
            }
            Stmt::For(variable, body) => {
                let head = format!("for {} in {}", name(*variable), name(VARIABLES + 1));
                return self.blocks(depth, prefix, &[(&head, body)]);
            }
            Stmt::While(body) => return self.blocks(depth, prefix, &[("while event.get(\"x\")", body)]),
            Stmt::Try(body, handler, finally) => {
                let parts: [(&str, &[Stmt]); 3] = [("try", body), ("except Exception", handler), ("finally", finally)];
                return self.blocks(depth, prefix, &parts);
            }
        };
        self.line(depth, &line);
    }

    fn blocks<B: AsRef<[Stmt]>>(&mut self, depth: usize, prefix: &str, parts: &[(&str, B)]) {
        for (head, block) in parts {
            self.line(depth, &format!("{head}:"));
            self.block(block.as_ref(), depth + 1, prefix);
        }
    }
}

/// A DynamoDB call of this number.
fn call(site: usize, method: &str) -> String {
    match method {
        "put_item" => format!("put_item(Item={{\"pk\": \"a\", \"sk\": \"{site}\"}})"),
        "query" => format!("query(KeyConditionExpression=Key(\"pk\").eq(\"a\") & Key(\"sk\").eq(\"{site}\"))"),
        _ => format!("{method}(Key={{\"pk\": \"a\", \"sk\": \"{site}\"}})"),
    }
}

/// Statements of one run before it is taken as too long.
const MAX_STEPS: usize = 1_000;
/// Calls within each other.
const MAX_DEPTH: usize = 20;

/// How a statement ends.
#[derive(Clone, Copy, PartialEq)]
enum End {
    Normal,
    Break,
    Continue,
    Return(&'static str),
    Raise,
    /// The run is cut short.
    Stop,
}

/// One run of a program: whatever it asks for is decided by dice, and each DynamoDB call may fail.
struct Run<'p> {
    program: &'p Program,
    dice: Dice,
    steps: usize,
    seen: BTreeSet<(usize, &'static str)>,
}

/// Variables of a running function.
struct Locals {
    tables: [&'static str; VARIABLES],
    held: &'static str,
    several: Vec<&'static str>,
}

impl Program {
    /// The DynamoDB calls that some runs make: numbers, each with its table.
    pub fn runs(&self, seed: u64, count: u64) -> BTreeSet<(usize, &'static str)> {
        (0..count)
            .flat_map(|run| {
                let mut run =
                    Run { program: self, dice: Dice::new(seed * count + run), steps: 0, seen: BTreeSet::new() };
                run.function(0, ["orders", "audit"], 0);
                run.seen
            })
            .collect()
    }
}

impl Run<'_> {
    fn function(&mut self, function: usize, [one, two]: [&'static str; 2], depth: usize) -> End {
        if depth > MAX_DEPTH {
            return End::Stop;
        }
        let program = self.program;
        let mut locals = Locals { tables: [one, two, one, two], held: two, several: vec![one] };
        match self.block(&program.functions[function], &mut locals, depth) {
            End::Normal => End::Return(locals.tables[0]),
            end => end,
        }
    }

    fn block(&mut self, block: &[Stmt], locals: &mut Locals, depth: usize) -> End {
        let mut ends = block.iter().map(|stmt| self.stmt(stmt, locals, depth));
        ends.find(|end| *end != End::Normal).unwrap_or(End::Normal)
    }

    fn value(&mut self, expr: &Expr, locals: &Locals) -> &'static str {
        match expr {
            Expr::Table(name) | Expr::Entry(name) => name,
            Expr::Var(variable) => locals.tables[*variable],
            Expr::Either(a, b) => {
                let one = if self.dice.below(2) == 0 { a } else { b };
                self.value(one, locals)
            }
            Expr::Held => locals.held,
        }
    }

    /// A call, which may fail.
    fn access(&mut self, site: usize, table: &'static str) -> End {
        self.seen.insert((site, table));
        if self.dice.below(6) == 0 { End::Raise } else { End::Normal }
    }

    fn stmt(&mut self, stmt: &Stmt, locals: &mut Locals, depth: usize) -> End {
        self.steps += 1;
        if self.steps > MAX_STEPS {
            return End::Stop;
        }
        match stmt {
            Stmt::Assign(variable, value) => locals.tables[*variable] = self.value(value, locals),
            Stmt::Make(table) | Stmt::Hold(table) => locals.held = self.value(table, locals),
            Stmt::Append(table) => {
                let table = self.value(table, locals);
                locals.several.push(table);
            }
            Stmt::Save => return self.access(SAVE, locals.held),
            Stmt::Access(site, _, table) => {
                let table = self.value(table, locals);
                return self.access(*site, table);
            }
            Stmt::Call(variable, function, [one, two]) => {
                let tables = [self.value(one, locals), self.value(two, locals)];
                match self.function(*function, tables, depth + 1) {
                    End::Return(table) => locals.tables[*variable] = table,
                    end => return end,
                }
            }
            Stmt::If(then, otherwise) => {
                let block = if self.dice.below(2) == 0 { then } else { otherwise };
                return self.block(block, locals, depth);
            }
            Stmt::For(variable, body) => {
                // A list may grow while it is gone through.
                for i in 0.. {
                    let Some(table) = locals.several.get(i) else { break };
                    locals.tables[*variable] = table;
                    match self.block(body, locals, depth) {
                        End::Normal | End::Continue => {}
                        End::Break => break,
                        end => return end,
                    }
                }
            }
            Stmt::While(body) => {
                while self.dice.below(3) > 0 {
                    match self.block(body, locals, depth) {
                        End::Normal | End::Continue => {}
                        End::Break => break,
                        end => return end,
                    }
                }
            }
            Stmt::Try(body, handler, finally) => {
                let mut end = self.block(body, locals, depth);
                if end == End::Raise {
                    end = self.block(handler, locals, depth);
                }
                let last = if end == End::Stop { End::Stop } else { self.block(finally, locals, depth) };
                return if last == End::Normal { end } else { last };
            }
            Stmt::Break => return End::Break,
            Stmt::Continue => return End::Continue,
            Stmt::Return(value) => return End::Return(self.value(value, locals)),
        }
        End::Normal
    }
}
