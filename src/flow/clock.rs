//! Times: in which unit a number counts them, and which values are dates, spans and text.

use super::call::Args;
use super::machine::Machine;
use super::value::{Atom, Mark, Taint, Val, Values};
use super::{Lifetime, TimeForm};
use crate::python::ir::BinaryOp;

/// What a time is to the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Time {
    /// A `datetime`.
    Moment,
    /// A `timedelta`.
    Span,
    /// Seconds since 1970.
    Seconds,
    /// Milliseconds since 1970.
    Milliseconds,
    /// Nanoseconds since 1970.
    Nanoseconds,
    /// A number of seconds that counts from no date.
    Duration,
}

/// Methods whose result tells of the time that they are called on.
const METHODS: [&str; 11] = [
    "timestamp",
    "total_seconds",
    "isoformat",
    "strftime",
    "ctime",
    "astimezone",
    "replace",
    "strip",
    "upper",
    "lower",
    "__str__",
];

impl Values<'_> {
    fn time(&mut self, time: Time) -> Val {
        self.marked(vec![Mark::Time(time)])
    }

    fn float_time(&mut self, time: Time) -> Val {
        self.marked(vec![Mark::Time(time), Mark::Float])
    }

    /// A time that is some seconds after now, or a span of that length.
    fn time_ahead(&mut self, time: Time, float: bool, ahead: Option<i64>) -> Val {
        let mut marks = vec![Mark::Time(time)];
        marks.extend(float.then_some(Mark::Float));
        marks.extend(ahead.map(Mark::Ahead));
        self.marked(marks)
    }

    fn ahead(&self, atom: Atom) -> Option<i64> {
        let Atom::Data(taint) = atom else { return None };
        self.marks(taint).iter().find_map(|mark| if let Mark::Ahead(ahead) = mark { Some(*ahead) } else { None })
    }

    /// How many seconds from now an expiry is, if every way to it makes it so.
    pub fn lifetime(&self, value: Val) -> Option<Lifetime> {
        let of = |atom: &Atom| match self.marked_time(*atom)? {
            Time::Seconds => self.ahead(*atom).and_then(|ahead| u64::try_from(ahead).ok()).map(Lifetime),
            _ => None,
        };
        let mut all = self.atoms(value).iter().filter(|atom| **atom != Atom::None).map(of);
        let first = all.next()??;
        all.all(|lifetime| lifetime == Some(first)).then_some(first)
    }

    /// Whether a value is a number of seconds since 1970 on every way to it that gives one at all.
    pub fn is_in_seconds(&self, value: Val) -> bool {
        let mut times = self.atoms(value).iter().filter(|atom| **atom != Atom::None).map(|atom| self.time_of(*atom));
        times.next() == Some(Some(Time::Seconds)) && times.all(|time| time == Some(Time::Seconds))
    }

    pub fn marked(&mut self, marks: Vec<Mark>) -> Val {
        let taint = self.taint(marks);
        self.one(Atom::Data(taint))
    }

    /// The time that an atom is, as a number, a date or a span; text isn't.
    fn time_of(&self, atom: Atom) -> Option<Time> {
        if self.is_clock_text(atom) { None } else { self.marked_time(atom) }
    }

    /// The time that an atom is or, if it is text, tells.
    fn marked_time(&self, atom: Atom) -> Option<Time> {
        let Atom::Data(taint) = atom else { return None };
        self.marks(taint).iter().find_map(|mark| if let Mark::Time(time) = mark { Some(*time) } else { None })
    }

    fn is_clock_text(&self, atom: Atom) -> bool {
        matches!(atom, Atom::Data(taint) if self.marks(taint).contains(&Mark::Text))
    }

    /// `int(time)`, `Decimal(text)`: the same time, and neither a float nor text any more. `None` for what is no time.
    pub fn as_number(&mut self, value: Val) -> Option<Val> {
        let Some(Atom::Data(taint)) = self.single(value) else { return None };
        let of_time = |mark: &Mark| matches!(mark, Mark::Time(_) | Mark::Ahead(_));
        let times: Vec<Mark> = self.marks(taint).iter().copied().filter(of_time).collect();
        times.iter().any(|mark| matches!(mark, Mark::Time(_))).then(|| self.marked(times))
    }

    /// A date as text, with what is known of its distance from now.
    fn moment_text(&mut self, ahead: Option<i64>) -> Val {
        self.marked([Mark::Text].into_iter().chain(ahead.map(Mark::Ahead)).collect())
    }

    /// `str(time)`: `None` for what is no time.
    pub fn as_text(&mut self, atom: Atom) -> Option<Val> {
        match self.time_of(atom)? {
            Time::Moment => Some(self.moment_text(self.ahead(atom))),
            Time::Span => Some(self.marked(vec![Mark::Text])),
            time => {
                let marks = [Mark::Text, Mark::Time(time)].into_iter().chain(self.ahead(atom).map(Mark::Ahead));
                let marks = marks.collect();
                Some(self.marked(marks))
            }
        }
    }

    /// What is inside `{"S": …}`: text, whatever it is made of.
    pub fn within_text(&mut self, value: Val) -> Val {
        match self.single(value) {
            Some(Atom::Data(taint)) => {
                let mut marks = self.marks(taint).to_vec();
                marks.push(Mark::Text);
                self.marked(marks)
            }
            _ => value,
        }
    }

    /// The one wrong form that a value has for an expiry, whichever of its atoms it is.
    pub fn time_form(&self, value: Val) -> Option<TimeForm> {
        let mut forms = self.atoms(value).iter().filter(|atom| **atom != Atom::None).map(|atom| self.form_of(*atom));
        let first = forms.next()??;
        forms.all(|form| form == Some(first)).then_some(first)
    }

    fn form_of(&self, atom: Atom) -> Option<TimeForm> {
        /// Seconds since 1970 have been more than this since 2001.
        const LONGEST: i64 = 1_000_000_000;
        match atom {
            Atom::Int(1..LONGEST) => Some(TimeForm::Duration),
            Atom::Str(_) | Atom::Text(_) => self.to_symbolic(atom, "").has_letters().then_some(TimeForm::Text),
            _ if self.is_clock_text(atom) => Some(TimeForm::Text),
            _ => match self.time_of(atom)? {
                Time::Milliseconds => Some(TimeForm::Milliseconds),
                Time::Nanoseconds => Some(TimeForm::Nanoseconds),
                Time::Duration => Some(TimeForm::Duration),
                Time::Moment | Time::Span | Time::Seconds => None,
            },
        }
    }
}

impl Machine<'_> {
    /// A call into `time`, `datetime` and what else keeps a time one.
    pub fn call_clock(&mut self, path: &str, args: &Args) -> Option<Val> {
        Some(match path {
            "time.time" => self.values.time_ahead(Time::Seconds, true, Some(0)),
            "time.mktime" => self.values.float_time(Time::Seconds),
            "time.time_ns" => self.values.time(Time::Nanoseconds),
            "calendar.timegm" => self.values.time(Time::Seconds),
            "datetime.datetime.now" | "datetime.datetime.utcnow" | "datetime.datetime.today" => {
                self.values.time_ahead(Time::Moment, false, Some(0))
            }
            "datetime.datetime"
            | "datetime.datetime.fromtimestamp"
            | "datetime.datetime.utcfromtimestamp"
            | "datetime.datetime.fromisoformat"
            | "datetime.datetime.strptime" => self.values.time(Time::Moment),
            "datetime.timedelta" => {
                let length = self.timedelta_length(args);
                self.values.time_ahead(Time::Span, false, length)
            }
            "decimal.Decimal" | "math.floor" | "math.ceil" | "math.trunc" => {
                return self.values.as_number(*args.positional.first()?);
            }
            _ => return None,
        })
    }

    /// How long a `timedelta` of whole numbers is, in seconds.
    fn timedelta_length(&self, args: &Args) -> Option<i64> {
        const DAY: i64 = 86_400;
        const BY_POSITION: [i64; 2] = [DAY, 1];
        if args.positional.len() > BY_POSITION.len() || args.rest != Val::BOTTOM || args.star != Val::BOTTOM {
            return None;
        }
        let number = |value: Val| match self.values.single(value) {
            Some(Atom::Int(number)) => Some(number),
            _ => None,
        };
        let mut length = 0_i64;
        for (value, unit) in args.positional.iter().zip(BY_POSITION) {
            length = length.checked_add(number(*value)?.checked_mul(unit)?)?;
        }
        for keyword in &args.keywords {
            let unit = match self.values.str(keyword.name) {
                "weeks" => 7 * DAY,
                "days" => DAY,
                "hours" => 3600,
                "minutes" => 60,
                "seconds" => 1,
                _ => return None,
            };
            length = length.checked_add(number(keyword.value)?.checked_mul(unit)?)?;
        }
        Some(length)
    }

    /// How far ahead a sum of two times or numbers is: of now and something of known length. What is more than one step
    /// from now isn't kept, or a loop would make ever new ones.
    fn ahead_of_sum(&self, op: BinaryOp, a: Atom, b: Atom) -> Option<i64> {
        let length = |atom: Atom| match (atom, self.values.time_of(atom)) {
            (Atom::Int(number), _) => Some(number),
            (_, Some(Time::Span | Time::Duration)) => self.values.ahead(atom),
            _ => None,
        };
        let is_now = |atom: Atom| {
            matches!(self.values.time_of(atom), Some(Time::Moment | Time::Seconds))
                && self.values.ahead(atom) == Some(0)
        };
        match op {
            BinaryOp::Add if is_now(a) => length(b),
            BinaryOp::Add if is_now(b) => length(a),
            _ => None,
        }
    }

    /// What `value.name` gives where the value is a time, its text, or an item: a method to be called later.
    pub fn clock_attribute(&mut self, taint: Taint, name: super::value::Sym) -> Val {
        let atom = Atom::Data(taint);
        let is_time = self.values.time_of(atom).is_some() || self.values.is_clock_text(atom);
        if is_time && METHODS.contains(&self.values.str(name)) || self.values.is_item_method(atom, name) {
            return self.method(atom, name);
        }
        let one = self.values.one(atom);
        self.values.data_from(&[one])
    }

    pub fn call_clock_method(&mut self, atom: Atom, method: &str, args: &Args) -> Option<Val> {
        if self.values.is_clock_text(atom) {
            let text = matches!(method, "replace" | "strip" | "upper" | "lower" | "__str__");
            return text.then(|| self.values.marked(vec![Mark::Text]));
        }
        let ahead = self.values.ahead(atom);
        Some(match (self.values.time_of(atom)?, method) {
            (Time::Moment, "timestamp") => self.values.time_ahead(Time::Seconds, true, ahead),
            (Time::Moment, "astimezone") => self.values.time_ahead(Time::Moment, false, ahead),
            (Time::Moment, "replace") => self.values.time(Time::Moment),
            (Time::Moment, "strftime") if self.is_epoch_format(args) => {
                self.values.marked(vec![Mark::Text, Mark::Time(Time::Seconds)])
            }
            // With arguments it may tell no more than seconds.
            (Time::Moment, "isoformat") if args.positional.is_empty() && args.keywords.is_empty() => {
                self.values.moment_text(ahead)
            }
            (Time::Moment, "isoformat" | "strftime" | "ctime" | "__str__") => self.values.marked(vec![Mark::Text]),
            (Time::Span, "total_seconds") => self.values.time_ahead(Time::Duration, true, ahead),
            _ => return None,
        })
    }

    /// `strftime("%s")`: the seconds, as text.
    fn is_epoch_format(&self, args: &Args) -> bool {
        let format = args.positional.first().and_then(|value| self.values.single(*value));
        matches!(format, Some(Atom::Str(text)) if self.values.str(text) == "%s")
    }

    /// Arithmetic with times, where the result is one as well.
    pub fn clock_arithmetic(&mut self, op: BinaryOp, a: Val, b: Val) -> Option<Val> {
        let (a, b) = (self.values.single(a)?, self.values.single(b)?);
        let times = (self.values.time_of(a), self.values.time_of(b));
        let int = |atom: Atom| if let Atom::Int(number) = atom { Some(number) } else { None };
        let time = match (op, times) {
            (BinaryOp::Add, (Some(Time::Moment), _) | (_, Some(Time::Moment))) => Time::Moment,
            (BinaryOp::Sub, (Some(Time::Moment), Some(Time::Moment))) => Time::Span,
            (BinaryOp::Sub, (Some(Time::Moment), Some(Time::Span))) => Time::Moment,
            (BinaryOp::Add, (Some(Time::Span), Some(Time::Span))) => Time::Span,
            (BinaryOp::Mul, (Some(Time::Span), _)) if int(b).is_some() => Time::Span,
            (BinaryOp::Mul, (_, Some(Time::Span))) if int(a).is_some() => Time::Span,
            (BinaryOp::Mul, (Some(Time::Seconds), None)) if int(b) == Some(1000) => Time::Milliseconds,
            (BinaryOp::Mul, (None, Some(Time::Seconds))) if int(a) == Some(1000) => Time::Milliseconds,
            (BinaryOp::Div | BinaryOp::FloorDiv, (Some(Time::Milliseconds), None)) if int(b) == Some(1000) => {
                Time::Seconds
            }
            (BinaryOp::Div | BinaryOp::FloorDiv, (Some(Time::Nanoseconds), None)) => match int(b)? {
                1_000_000_000 => Time::Seconds,
                1_000_000 => Time::Milliseconds,
                _ => return None,
            },
            (BinaryOp::Add | BinaryOp::Mul, (Some(Time::Duration), None)) if int(b).is_some() => Time::Duration,
            (BinaryOp::Add | BinaryOp::Mul, (None, Some(Time::Duration))) if int(a).is_some() => Time::Duration,
            // A date stays one, whatever is added.
            (
                BinaryOp::Add,
                (Some(time @ (Time::Seconds | Time::Milliseconds | Time::Nanoseconds)), None | Some(Time::Duration)),
            ) => time,
            (
                BinaryOp::Add,
                (None | Some(Time::Duration), Some(time @ (Time::Seconds | Time::Milliseconds | Time::Nanoseconds))),
            ) => time,
            (
                BinaryOp::Sub,
                (Some(time @ (Time::Seconds | Time::Milliseconds | Time::Nanoseconds)), Some(Time::Duration)),
            ) => time,
            (BinaryOp::Sub, (Some(time @ (Time::Seconds | Time::Milliseconds | Time::Nanoseconds)), None))
                if int(b).is_some() =>
            {
                time
            }
            _ => return None,
        };
        let is_float = self.values.is_float(a) || self.values.is_float(b) || op == BinaryOp::Div;
        let ahead = self.ahead_of_sum(op, a, b);
        Some(self.values.time_ahead(time, is_float, ahead))
    }

    /// Whether arithmetic on the two gives a float: one is, and the other is a number that gives way.
    pub fn makes_float(&self, a: Atom, b: Atom) -> bool {
        let number = |atom: Atom| self.values.is_float(atom) || matches!(atom, Atom::Int(_));
        number(a) && number(b) && (self.values.is_float(a) || self.values.is_float(b))
    }
}
