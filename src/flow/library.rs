//! Calls into libraries: the few whose result matters are modelled, the others give an object of theirs and may call
//! back whatever of ours they are handed.

use super::Hides;
use super::call::{Args, Keyword};
use super::escape::Taker;
use super::frame::Frame;
use super::heap::CallSite;
use super::machine::Machine;
use super::value::{Atom, Sym, Val};
use crate::dynamodb::symbolic::Symbolic;
use crate::dynamodb::words::words;

/// Libraries that turn data into data: the result keeps what the arguments say of responses.
const DATA_MODULES: &[&str] = &[
    "json",
    "simplejson",
    "orjson",
    "ujson",
    "datetime",
    "time",
    "uuid",
    "decimal",
    "math",
    "re",
    "base64",
    "hashlib",
    "hmac",
    "random",
    "string",
    "urllib",
    "html",
    "textwrap",
    "statistics",
    "secrets",
    "calendar",
    "zoneinfo",
    "pytz",
    "dateutil",
    "struct",
    "binascii",
    "zlib",
    "gzip",
    "operator",
    "fractions",
    "locale",
    "unicodedata",
    "os",
    "sys",
    "pathlib",
    "numbers",
    "pprint",
    "ast",
];

/// Those of them that hand back what they are given, or what is in it: an item of a list, a list of some.
const SELECTING: [&str; 4] = ["operator", "random", "secrets", "statistics"];

/// What JSON is read with, whose results take the place of data.
const HOOKS: [&str; 2] = ["object_hook", "object_pairs_hook"];

/// Functions of `uuid` that never give the same id again.
const NEW_IDS: [&str; 5] = ["uuid1", "uuid4", "uuid6", "uuid7", "uuid8"];

/// Method names of loggers and metrics: what they are given isn't used.
const LOGGING: &[&str] = &[
    "debug",
    "info",
    "warning",
    "warn",
    "error",
    "exception",
    "critical",
    "log",
    "bind",
    "append_keys",
    "msg",
    "put_annotation",
    "put_metadata",
    "add_metric",
    "add_metadata",
    "put_metric",
    "trace",
    "fatal",
];

impl<'p> Machine<'p> {
    /// Calls a function or class of a library, by its import path.
    pub fn call_external(&mut self, frame: &mut Frame<'p>, path: Sym, args: &Args, site: CallSite) -> Val {
        let text = self.values.str(path).to_owned();
        self.note_kept(path, args);
        if let Some(value) = self.call_boto3(&text, args) {
            return value;
        }
        let known = self.call_clock(&text, args).or_else(|| self.new_id(&text));
        let known = known.or_else(|| self.call_modelled(frame, &text, args, site));
        let known = known.or_else(|| self.call_getter(frame, &text, args, site));
        let known = known.or_else(|| self.call_operator(frame, text.strip_prefix("operator.")?, args, site));
        if let Some(value) = known {
            return value;
        }
        let made = self.make_powertool(frame, &text, args, site);
        if let Some(value) = made.or_else(|| self.make_pynamodb(frame, &text, args, site)) {
            return value;
        }
        if matches!(text.as_str(), "fastapi.Depends" | "fastapi.Security") {
            return self.make_depends(frame, args, site);
        }
        let (reader, method) = text.rsplit_once('.').unwrap_or(("", &text));
        if let Some(value) = self.read_setting(frame, reader, method, args) {
            return value;
        }
        if text.contains("dependency_injector") || text.starts_with("providers.") {
            return self.make_provider(frame, &text, args, site);
        }
        let root = text.split('.').next().unwrap_or_default();
        if root == "logging" || root == "warnings" || text == "print" {
            if !LOGGING.contains(&method) {
                self.call_from_logging(frame, &text, args, site);
            }
            return self.values.one(Atom::ExternalObject(path));
        }
        self.note_other_libraries(frame, &text, site);
        let called = self.values.sym(method);
        self.call_held(frame, called, args, site);
        // Other programs inherit the environment.
        self.tells_environment |= runs_programs(&text);
        let to = match self.taker(&text) {
            _ if DATA_MODULES.contains(&root) => Taker::Keeper,
            Taker::Library if self.is_told_a_table(&text, args) => Taker::Stranger,
            to => to,
        };
        self.hand_to(frame, args, site, to);
        let values = args.values();
        if DATA_MODULES.contains(&root) {
            self.call_all_by_taker(frame, &values, site);
            self.consume_all_but_keys(&values);
            let data = self.deep_data_from(frame.instance, &values);
            let hooked = self.call_hooks(frame, args, site);
            let selected = if SELECTING.contains(&root) { self.selected(frame, &values, site) } else { Val::BOTTOM };
            return self.values.join_all([data, hooked, selected]);
        }
        self.library_result(path, &values)
    }

    /// What may be among values or in them, and lists of that, where something of it matters.
    fn selected(&mut self, frame: &mut Frame<'p>, values: &[Val], site: CallSite) -> Val {
        let all = self.with_contents(frame.instance, values);
        if !all.iter().any(|value| self.matters(*value)) {
            return Val::BOTTOM;
        }
        let any = self.values.join_all(all);
        let list = self.list_of(frame, any, site);
        self.values.join(any, list)
    }

    /// What functions make of data that they are given instead of it.
    fn call_hooks(&mut self, frame: &mut Frame<'p>, args: &Args, site: CallSite) -> Val {
        let mut made = Val::BOTTOM;
        let is_hook = |keyword: &&Keyword| HOOKS.contains(&self.values.str(keyword.name));
        let hooks: Vec<Val> = args.keywords.iter().filter(is_hook).map(|keyword| keyword.value).collect();
        for hook in hooks {
            let data = self.values.data();
            let one = self.call(frame, hook, &Args::of(&[data]), site);
            made = self.values.join(made, one);
        }
        made
    }

    /// An id that nobody has had before: nothing is known of it but that.
    fn new_id(&mut self, path: &str) -> Option<Val> {
        let kind = path.strip_prefix("uuid.").filter(|kind| NEW_IDS.contains(kind))?;
        let text = self.values.text_atom(&Symbolic::hole(kind));
        Some(self.values.one(text))
    }

    /// Whether what a library is told is the name of a table to work on, by its own name (`DynamoDBChatHistory`) or by
    /// the argument's (`table_name=`).
    fn is_told_a_table(&self, path: &str, args: &Args) -> bool {
        path.to_ascii_lowercase().contains("dynamo")
            || runs_programs(path)
            || args
                .keywords
                .iter()
                .any(|keyword| words(self.values.str(keyword.name)).iter().any(|word| word == "table"))
    }

    /// Libraries that call DynamoDB themselves hide accesses: what they do isn't modelled.
    pub fn note_other_libraries(&mut self, frame: &Frame<'p>, path: &str, site: CallSite) {
        if calls_dynamodb(path) {
            let span = self.place(frame, site);
            self.gap(span, &format!("`{path}` calls DynamoDB in a way that isn't followed"), Hides::Anything);
        }
    }

    fn consume_all_but_keys(&mut self, values: &[Val]) {
        // Serialising items uses them; a serialised LastEvaluatedKey stays a cursor until it leaves.
        for value in values {
            let direct = self.values.atoms(*value).iter().any(|a| matches!(a, Atom::Items(_) | Atom::Count(_)));
            if direct {
                self.pages.consume(&self.values, *value);
            }
        }
    }

    fn library_result(&mut self, path: Sym, values: &[Val]) -> Val {
        for value in values {
            self.pages.consume(&self.values, *value);
        }
        let object = self.values.one(Atom::ExternalObject(path));
        let data = self.values.data_from(values);
        let plain = self.values.data();
        if data == plain { object } else { self.values.join(object, data) }
    }

    /// A method of an object that a library made.
    pub fn call_library_method(
        &mut self,
        frame: &mut Frame<'p>,
        base: Sym,
        name: Sym,
        args: &Args,
        site: CallSite,
    ) -> Val {
        self.note_working(frame, base);
        let method = self.values.str(name).to_owned();
        if LOGGING.contains(&method.as_str()) {
            return self.values.one(Atom::ExternalObject(base));
        }
        let library = self.values.str(base).to_owned();
        if let Some(value) = self.run_text(frame, &library, &method, args, site) {
            return value;
        }
        if let Some(value) = self.read_setting(frame, self.values.str(base).to_owned().as_str(), &method, args) {
            return value;
        }
        match method.as_str() {
            "serialize" if self.values.str(base).ends_with(".TypeSerializer") => {
                let value = args.positional.first().copied().unwrap_or(Val::BOTTOM);
                return self.serialize(frame, value, site);
            }
            "submit" | "apply_async" | "call_soon" | "apply" if self.first_is_ours(args) => {
                let result = self.call_first(frame, args, 0, site);
                return self.list_of(frame, result, site);
            }
            "run_in_executor" | "call_later" | "call_at" if args.positional.len() > 1 => {
                return self.call_first(frame, args, 1, site);
            }
            "map" | "imap" | "starmap" | "imap_unordered" if self.first_is_ours(args) => {
                let function = args.positional[0];
                let parts: Vec<Val> = args.positional[1..].iter().map(|v| self.iterate(frame, *v)).collect();
                let mut call = Args::default();
                for part in parts {
                    if method == "starmap" {
                        self.spread_positional(frame, &mut call, part);
                    } else {
                        call.positional.push(part);
                    }
                }
                let result = self.call(frame, function, &call, site);
                return self.list_of(frame, result, site);
            }
            "run_until_complete" | "create_task" | "ensure_future" | "run" if args.positional.len() == 1 => {
                self.hand_out(frame, args, site);
                return args.positional[0];
            }
            _ => {}
        }
        self.note_shape(frame, name, args, site);
        let to = self.taker(self.values.str(base));
        self.hand_to(frame, args, site, to);
        let values = args.values();
        if to == Taker::Keeper {
            self.call_all_by_taker(frame, &values, site);
        }
        let root = self.values.str(base).split('.').next().unwrap_or_default();
        if SELECTING.contains(&root) {
            self.consume_all_but_keys(&values);
            let data = self.deep_data_from(frame.instance, &values);
            let selected = self.selected(frame, &values, site);
            return self.values.join(data, selected);
        }
        let path = self.values.sym(&format!("{}.{method}", shorten(self.values.str(base))));
        self.library_result(path, &values)
    }

    /// Calls the argument at `index` with those after it.
    fn call_first(&mut self, frame: &mut Frame<'p>, args: &Args, index: usize, site: CallSite) -> Val {
        let mut rest = args.clone();
        let function = rest.positional.remove(index);
        rest.positional.drain(..index);
        self.call(frame, function, &rest, site)
    }

    fn call_modelled(&mut self, frame: &mut Frame<'p>, path: &str, args: &Args, site: CallSite) -> Option<Val> {
        let first = args.positional.first().copied().unwrap_or(Val::BOTTOM);
        Some(match path {
            "random.Random" | "random.SystemRandom" | "secrets.SystemRandom" => self.external_object(path),
            "os.getenv" | "os.environ.get" => self.environ_method(frame, "get", args),
            "contextvars.ContextVar" => self.make_context_variable(frame, args, site),
            "types.FunctionType" | "types.LambdaType" => self.values.opaque("a function made of another's code"),
            "functools.partial" => self.make_partial(frame, args, site),
            "functools.partialmethod" => self.make_partial_method(frame, args, site),
            "dataclasses.replace" | "copy.replace" | "attr.evolve" | "attrs.evolve" => {
                self.replace_fields(frame, args, site)
            }
            "functools.wraps" => self.make_wraps(frame, args, site),
            "functools.update_wrapper" => self.update_wrapper(frame, args),
            "functools.lru_cache"
            | "functools.cache"
            | "functools.singledispatch"
            | "contextlib.contextmanager"
            | "contextlib.asynccontextmanager"
            | "functools.total_ordering"
            | "typing.overload"
            | "abc.abstractmethod"
            | "typing.final"
            | "typing.runtime_checkable"
                if self.first_is_ours(args) =>
            {
                first
            }
            "functools.reduce" => {
                let element = args.positional.get(1).map_or(Val::BOTTOM, |v| self.iterate(frame, *v));
                let initial = args.positional.get(2).copied().unwrap_or(element);
                self.call(frame, first, &Args::of(&[initial, element]), site)
            }
            "itertools.chain.from_iterable" => {
                let inner = self.iterate(frame, first);
                let element = self.iterate(frame, inner);
                self.list_of(frame, element, site)
            }
            "itertools.chain" => {
                let parts: Vec<Val> =
                    args.positional.iter().chain([&args.star]).map(|v| self.iterate(frame, *v)).collect();
                let element = self.values.join_all(parts);
                self.list_of(frame, element, site)
            }
            "itertools.islice" => {
                let (low, high) = match args.positional.as_slice() {
                    [_, high] => (None, Some(*high)),
                    [_, low, high] => (Some(*low), Some(*high)),
                    _ => (None, None),
                };
                self.top_of(frame, first, [low, high], site)
            }
            "copy.copy"
            | "copy.deepcopy"
            | "asyncio.run"
            | "asyncio.wait_for"
            | "asyncio.shield"
            | "asyncio.create_task"
            | "asyncio.ensure_future"
            | "typing.cast"
            | "asgiref.sync.async_to_sync" => {
                let index = usize::from(path == "typing.cast");
                args.positional.get(index).copied().unwrap_or(Val::BOTTOM)
            }
            "asyncio.gather" | "asyncio.as_completed" | "concurrent.futures.as_completed" => {
                let mut element = self.values.join_all(args.positional.iter().copied());
                element = self.values.join(element, args.star);
                if path.ends_with("as_completed") {
                    element = self.iterate(frame, element);
                }
                self.list_of(frame, element, site)
            }
            "asyncio.to_thread" | "anyio.to_thread.run_sync" if !args.positional.is_empty() => {
                self.call_first(frame, args, 0, site)
            }
            "threading.Thread" | "threading.Timer" | "multiprocessing.Process" | "concurrent.futures.Thread" => {
                self.start_thread(frame, args, site)
            }
            "collections.defaultdict"
            | "collections.OrderedDict"
            | "collections.Counter"
            | "pydantic.ConfigDict"
            | "pydantic_settings.SettingsConfigDict"
            | "types.MappingProxyType" => self.make_default_dict(frame, path, args, site),
            "collections.deque" | "queue.Queue" | "asyncio.Queue" => {
                let element = self.iterate(frame, first);
                self.list_of(frame, element, site)
            }
            "dataclasses.field" | "pydantic.Field" | "attr.ib" | "attrs.field" | "pydantic.fields.Field" => {
                self.make_field(frame, args, site)
            }
            "dataclasses.asdict" | "attr.asdict" | "attrs.asdict" => self.as_dict(frame, first, args, site),
            "importlib.import_module" => self.import_dynamically(frame, first, site),
            "contextlib.suppress" => self.values.data(),
            "contextlib.nullcontext" => self.bound_by_with(frame, first, site),
            "contextlib.closing" => self.close_later(frame, first, "close", site),
            "contextlib.aclosing" => self.close_later(frame, first, "aclose", site),
            "operator.attrgetter" | "operator.methodcaller" => self.make_getter(frame, path, args, site),
            _ => return self.call_introspection(frame, path, args, site),
        })
    }

    fn make_default_dict(&mut self, frame: &mut Frame<'p>, path: &str, args: &Args, site: CallSite) -> Val {
        if path != "collections.defaultdict" {
            return self.make_dict(frame, args, site);
        }
        let mut rest = args.clone();
        let factory = if rest.positional.is_empty() { Val::BOTTOM } else { rest.positional.remove(0) };
        let dict = self.make_dict(frame, &rest, site);
        let made = self.call(frame, factory, &Args::default(), site);
        if let Some(Atom::Object(object)) = self.values.single(dict) {
            let elements = self.heap.get(object).elements;
            self.write(elements, made);
        }
        dict
    }

    /// `__import__("a.b")`, which is `a`; with names to take from it, `a.b`.
    /// <https://docs.python.org/3/library/functions.html#import__>
    pub fn import_by_call(&mut self, frame: &mut Frame<'p>, args: &Args, site: CallSite) -> Val {
        let [name, from_list] = ["name", "fromlist"].map(|name| self.values.sym(name));
        let name = args.positional.first().copied().or_else(|| args.keyword(name).map(|given| given.value));
        let name = name.unwrap_or(Val::BOTTOM);
        match self.values.single(name) {
            Some(Atom::Str(dotted)) => {
                let dotted = self.values.str(dotted).to_owned();
                let takes_names = args.positional.len() > 3 || args.keyword(from_list).is_some();
                let span = self.place(frame, site);
                self.import(frame, &dotted, takes_names, span)
            }
            _ => self.import_dynamically(frame, name, site),
        }
    }

    fn import_dynamically(&mut self, frame: &mut Frame<'p>, name: Val, site: CallSite) -> Val {
        if let Some(Atom::Str(name)) = self.values.single(name) {
            let name = self.values.str(name).to_owned();
            let span = self.place(frame, site);
            return self.load_dotted(frame.instance, &name, span);
        }
        let span = self.place(frame, site);
        self.gap(span, "an import whose module name is computed", Hides::Anything);
        self.values.opaque("a module whose name is computed")
    }

    fn start_thread(&mut self, frame: &mut Frame<'p>, args: &Args, site: CallSite) -> Val {
        let [target, function, arguments, keywords] =
            ["target", "function", "args", "kwargs"].map(|n| self.values.sym(n));
        let target = args.keyword(target).or_else(|| args.keyword(function)).map(|k| k.value);
        let target = target.or_else(|| args.positional.get(1).copied());
        if let Some(target) = target {
            let mut call = Args::default();
            if let Some(given) = args.keyword(arguments).map(|k| k.value) {
                self.spread_positional(frame, &mut call, given);
            }
            if let Some(given) = args.keyword(keywords).map(|k| k.value) {
                self.spread_keywords(frame, &mut call, given);
            }
            self.call(frame, target, &call, site);
        }
        self.external_object("threading.Thread")
    }
}

/// Keeps paths of long chains of calls finite.
fn shorten(path: &str) -> &str {
    if path.matches('.').count() > 5 { path.split('.').next().unwrap_or(path) } else { path }
}

/// Whether a library's function or class calls DynamoDB itself, told from its import path.
fn calls_dynamodb(path: &str) -> bool {
    const ROOTS: &[&str] =
        &["dyntastic", "dynamorm", "bloop", "python_dynamodb_lock", "dynamodb_lock", "dynamodb_mapper"];
    let root = path.split('.').next().unwrap_or_default();
    ROOTS.contains(&root)
        || path.starts_with("pynamodb.connection.")
        || path.starts_with("pynamodb.transactions.")
        || path.starts_with("awswrangler.dynamodb.")
}

/// Whether a function starts another program.
fn runs_programs(path: &str) -> bool {
    ["subprocess.", "os.exec", "os.spawn", "os.posix_spawn"].iter().any(|start| path.starts_with(start))
        || ["os.system", "os.popen"].contains(&path)
}
