//! The code that reads every page of a Query or Scan, written for the call at hand: with its receiver, its arguments
//! and the variables around it.

use super::describe::list;
use crate::flow::{Argument, CallShape, ItemUse, PageFlow, Presence, ReadPart, Reading};

/// Longer lines are broken, an argument each.
const WIDTH: usize = 88;
/// Longer code helps nobody: the reader is told in words.
const MAX_LINES: usize = 40;

/// What to write instead of the call, and what else there is to do.
pub(super) struct EveryPage {
    /// What is done, in a sentence.
    pub(super) what: &'static str,
    /// Lines of Python.
    pub(super) code: Vec<String>,
    /// What remains to be done around it.
    pub(super) then: String,
}

/// `None` if the call can't be written again without knowing more.
pub(super) fn every_page(shape: &CallShape, pages: &PageFlow) -> Option<EveryPage> {
    if pages.single_extra_page || pages.continues {
        return None;
    }
    let configured = shape.arguments.iter().any(|argument| argument.name.as_deref() == Some("PaginationConfig"));
    if configured && pages.limit != Presence::Never {
        return None;
    }
    let call = Call { shape, limit: Limit::of(shape, pages)?, filtered: pages.filter != Presence::Never };
    let only_first = matches!(pages.items, ItemUse::First | ItemUse::Existence);
    let fix = if only_first {
        call.until_found()
    } else if pages.count != Presence::Never {
        call.counted()?
    } else {
        call.collected()
    };
    (fix.code.len() <= MAX_LINES).then_some(fix)
}

/// Where `Limit` is.
enum Limit<'s> {
    Never,
    /// Among the arguments: its text, and whether it is a number on every path.
    Given(&'s str, bool),
    /// In the mapping of this text, on some paths.
    Inside(&'s str),
}

impl<'s> Limit<'s> {
    fn of(shape: &'s CallShape, pages: &PageFlow) -> Option<Self> {
        if pages.limit == Presence::Never && !shape.limit_inside {
            return Some(Self::Never);
        }
        let named = shape.arguments.iter().find(|argument| argument.name.as_deref() == Some("Limit"));
        if let Some(limit) = named {
            return Some(Self::Given(&limit.value, pages.limit == Presence::Always));
        }
        let mut spread = shape.arguments.iter().filter(|argument| argument.name.is_none());
        match (spread.next(), spread.next()) {
            (Some(only), None) if is_path(&only.value) => Some(Self::Inside(&only.value)),
            _ => None,
        }
    }
}

/// A call in the writing.
struct Call<'s> {
    shape: &'s CallShape,
    limit: Limit<'s>,
    filtered: bool,
}

impl Call<'_> {
    /// A list of all items, or of as many as `Limit` asks for.
    fn collected(&self) -> EveryPage {
        let shape = self.shape;
        let items = shape.items.as_ref().filter(|items| shape.response.as_ref() != Some(items));
        let items = items.unwrap_or(&shape.fresh.items);
        let (mut code, wanted) = self.wanted();
        code.push(format!("{items} = []"));
        let fix = if self.has_paginator() {
            let mut arguments = self.arguments(&[]);
            arguments.extend(wanted.as_ref().map(|wanted| Argument {
                name: Some("PaginationConfig".to_owned()),
                value: if self.filtered {
                    format!("{{\"MaxItems\": {}}}", wanted.number)
                } else {
                    format!("{{\"MaxItems\": {0}, \"PageSize\": {0}}}", wanted.number)
                },
            }));
            let page = &shape.fresh.page;
            code.extend(self.pages(page, &arguments));
            code.push(format!("    {items}.extend({page}{})", self.pick()));
            EveryPage {
                what: match wanted {
                    None => "Let a paginator repeat the call, and collect the items of every page.",
                    Some(_) => {
                        "Let a paginator repeat the call until there are as many items as `Limit` asks for, or no more \
                         are left: `MaxItems` counts items, `Limit` only what one page reads."
                    }
                },
                code,
                then: String::new(),
            }
        } else {
            let enough = wanted.as_ref().map(|Wanted { number, always }| match always {
                true => format!("len({items}) >= {number}"),
                false => format!("({number} and len({items}) >= {number})"),
            });
            let response = self.response();
            let each = format!("{items}.extend({response}{})", self.pick());
            code.extend(self.repeated(&[each], enough.as_deref(), wanted.as_ref()));
            code.extend(wanted.as_ref().map(|wanted| format!("{items} = {items}[:{}]", wanted.number)));
            let what = match wanted {
                None => {
                    "Repeat the call until the response has no `LastEvaluatedKey`, and collect the items of every page."
                }
                Some(_) if self.filtered => {
                    "Repeat the call until there are as many items as `Limit` asks for, or no more are left. `Limit` itself is left \
                     out: before a filter it would only make the pages small."
                }
                Some(_) => {
                    "Repeat the call until there are as many items as `Limit` asks for, or no more are left: in a plain loop \
                     `Limit` is only the size of a page."
                }
            };
            EveryPage { what, code, then: String::new() }
        };
        let put_back = self.put_back("Items", items).or_else(|| self.as_response(items));
        match put_back {
            Some((line, then)) => {
                let code = fix.code.into_iter().chain([line]).collect();
                EveryPage { code, then, ..fix }
            }
            None => EveryPage { then: self.afterwards(items), ..fix },
        }
    }

    /// Where the call's response is given on as it is (`return table.query(…)`), who gets it must find a response.
    fn as_response(&self, items: &str) -> Option<(String, String)> {
        let shape = self.shape;
        let is_used_at_once = shape.items.is_some() || shape.pick.is_some() || shape.method == "paginate";
        if shape.response.is_some() || is_used_at_once {
            return None;
        }
        let response = self.response();
        // Who gets it isn't seen, and may count.
        let line = self.given_back(response, "Items", items, true);
        Some((line, format!("Then use `{response}` in the place of the call: its items are those of all pages.")))
    }

    /// Where the code below reads what this branch or another has set, it must find there what it finds now.
    fn put_back(&self, part: &str, value: &str) -> Option<(String, String)> {
        let response = self.shape.response.as_ref().filter(|_| self.shape.is_shared)?;
        let line = self.given_back(response, part, value, self.counts_items());
        let then = format!(
            "What reads `{response}` below serves other branches too, and stays as it is: the last line gives it what all \
             pages hold."
        );
        Some((line, then))
    }

    /// The line that makes a part of a response, which a paginator leaves none of, what all pages hold.
    fn given_back(&self, response: &str, part: &str, value: &str, counts: bool) -> String {
        if self.has_paginator() {
            let count = if counts { format!(", \"Count\": len({value})") } else { String::new() };
            format!("{response} = {{\"{part}\": {value}{count}}}")
        } else if counts {
            format!("{response}.update({part}={value}, Count=len({value}))")
        } else {
            format!("{response}[\"{part}\"] = {value}")
        }
    }

    /// The line that leaves so many items in a response, which also says how many those are.
    fn only_so_many(&self, response: &str, items: &str) -> String {
        if self.shape.later.iter().any(|reading| reading.part != ReadPart::Items) {
            format!("{response}.update(Items={items}, Count=len({items}))")
        } else {
            format!("{response}[\"Items\"] = {items}")
        }
    }

    /// Whether `Count` is read beside the items.
    fn counts_items(&self) -> bool {
        let has = |part| self.shape.later.iter().any(|reading| reading.part == part);
        has(ReadPart::Count) && has(ReadPart::Items)
    }

    /// What becomes of each further reading of the response, where the items of all pages have this name.
    fn afterwards(&self, items: &str) -> String {
        let shape = self.shape;
        let Some(response) = &shape.response else {
            let is_assigned = shape.items.as_deref() == Some(items);
            return if is_assigned {
                String::new()
            } else {
                format!("Then use `{items}` in the place of the call and of what is taken from it.")
            };
        };
        let of =
            |part: ReadPart| -> Vec<&Reading> { shape.later.iter().filter(|reading| reading.part == part).collect() };
        let (mut said, mut uses) = (Vec::new(), Vec::new());
        let is_set = shape.items.as_deref() == Some(items);
        if is_set {
            said.push(format!("The line that sets `{items}` from `{response}` goes: it would leave one page of them."));
        }
        match of(ReadPart::Items).as_slice() {
            [] if is_set => {}
            [] => uses.push(format!("`{items}` where `{response}{}` was read", self.pick())),
            [only] if shape.items.is_none() => uses.push(format!("`{items}` where `{}` was read", only.text)),
            several => uses.push(format!("`{items}` for {}", places(several))),
        }
        let counts = of(ReadPart::Count);
        if !counts.is_empty() {
            uses.push(format!("`len({items})` for {}", places(&counts)));
        }
        if !uses.is_empty() {
            said.push(format!("Then use {}.", uses.join(", and ")));
        }
        let others = of(ReadPart::Other);
        if !others.is_empty() {
            let what = if self.has_paginator() { "isn't there any more" } else { "is then the last page alone" };
            said.push(format!("`{response}` {what}: look at {}.", places(&others)));
        }
        said.join(" ")
    }

    /// The first page that holds anything.
    fn until_found(&self) -> EveryPage {
        let shape = self.shape;
        let response = self.response();
        let found = format!("{response}{}", self.pick());
        let mut code = Vec::new();
        if self.has_paginator() {
            code.extend(self.pages(response, &self.arguments(&[])));
            code.extend([format!("    if {found}:"), "        break".to_owned()]);
        } else {
            code.extend(self.without_limit());
            code.extend(self.repeated(&[], Some(&found), None));
        }
        // Without `Limit` a page may hold more, and the code may count what it finds.
        let only = if let Limit::Given(number, true) = self.limit { Some(format!("[:{number}]")) } else { None };
        let then = match (&shape.response, &shape.items) {
            (Some(_), _) => {
                code.extend(only.map(|only| self.only_so_many(response, &format!("{found}{only}"))));
                String::new()
            }
            (None, Some(items)) => {
                code.push(format!("{items} = {found}{}", only.unwrap_or_default()));
                String::new()
            }
            (None, None) => format!("Then use `{found}` in the place of the call and of what is taken from it."),
        };
        let what = match self.limit {
            Limit::Never => "Read page after page until one has an item: the filter may leave a page empty.",
            _ => {
                "Read page after page until one has an item: the filter may leave a page empty. `Limit` is left out: before a \
                 filter it would only make the pages small."
            }
        };
        EveryPage { what, code, then }
    }

    /// The sum of `Count`. A number of items that is limited is nothing that a fix could guess the meaning of.
    fn counted(&self) -> Option<EveryPage> {
        let Limit::Never = self.limit else { return None };
        let count = &self.shape.fresh.count;
        let mut code = vec![format!("{count} = 0")];
        if self.has_paginator() {
            let page = &self.shape.fresh.page;
            code.extend(self.pages(page, &self.arguments(&[])));
            code.push(format!("    {count} += {page}[\"Count\"]"));
        } else {
            let each = format!("{count} += {}[\"Count\"]", self.response());
            code.extend(self.repeated(&[each], None, None));
        }
        let then = match self.put_back("Count", count) {
            Some((line, then)) => {
                code.push(line);
                then
            }
            None => format!("Then use `{count}` where `Count` of the response was read."),
        };
        Some(EveryPage { what: "Add up `Count` over the pages.", code, then })
    }

    /// The name that the response has, or gets.
    fn response(&self) -> &str {
        let shape = self.shape;
        let response = shape.response.as_ref().filter(|response| shape.items.as_ref() != Some(response));
        response.unwrap_or(&shape.fresh.response)
    }

    fn pick(&self) -> &str {
        self.shape.pick.as_deref().unwrap_or("[\"Items\"]")
    }

    /// A client's call names its table, and a client has paginators.
    fn has_paginator(&self) -> bool {
        let names_table = self.shape.arguments.iter().any(|argument| argument.name.as_deref() == Some("TableName"));
        (names_table || self.shape.method == "paginate") && !matches!(self.limit, Limit::Inside(_))
    }

    /// Lines that make the wanted number of items known, and how it is called then.
    fn wanted(&self) -> (Vec<String>, Option<Wanted>) {
        let name = &self.shape.fresh.wanted;
        match self.limit {
            Limit::Never => (Vec::new(), None),
            Limit::Given(text, always) if is_path(text) || text.bytes().all(|b| b.is_ascii_digit()) => {
                (Vec::new(), Some(Wanted { number: text.to_owned(), always }))
            }
            Limit::Given(text, always) => {
                (vec![format!("{name} = {text}")], Some(Wanted { number: name.clone(), always }))
            }
            Limit::Inside(mapping) => {
                let mut lines = self.without_limit();
                if let Some(popped) = lines.last_mut() {
                    *popped = format!("{name} = {popped}");
                } else {
                    lines.push(format!("{name} = {mapping}.get(\"Limit\")"));
                }
                (lines, Some(Wanted { number: name.clone(), always: false }))
            }
        }
    }

    /// Before a filter, `Limit` would only make the pages small. The mapping itself may be somebody else's.
    fn without_limit(&self) -> Vec<String> {
        let query = &self.shape.fresh.query;
        match self.limit {
            Limit::Inside(mapping) if self.filtered => {
                vec![format!("{query} = dict({mapping})"), format!("{query}.pop(\"Limit\", None)")]
            }
            _ => Vec::new(),
        }
    }

    /// The call's arguments and more. `Limit` is left out before a filter, and where a paginator sees to it.
    fn arguments(&self, more: &[Argument]) -> Vec<Argument> {
        let drops_limit = self.filtered || self.has_paginator();
        let keep = |argument: &&Argument| !(drops_limit && argument.name.as_deref() == Some("Limit"));
        let as_now = |argument: &Argument| match self.limit {
            Limit::Inside(mapping) if self.filtered && argument.name.is_none() && argument.value == mapping => {
                Argument { name: None, value: self.shape.fresh.query.clone() }
            }
            _ => argument.clone(),
        };
        self.shape.arguments.iter().filter(keep).map(as_now).chain(more.iter().cloned()).collect()
    }

    /// `for page in ….paginate(…):`.
    fn pages(&self, page: &str, arguments: &[Argument]) -> Vec<String> {
        let CallShape { receiver, method, awaited, .. } = self.shape;
        let asynchronous = if *awaited { "async " } else { "" };
        let paginator = if method == "paginate" { String::new() } else { format!(".get_paginator(\"{method}\")") };
        spelled(&format!("{asynchronous}for {page} in {receiver}{paginator}.paginate("), arguments, "):")
    }

    /// The call in a loop, what is done with `each` response, and when it is `enough` before the last page.
    fn repeated(&self, each: &[String], enough: Option<&str>, wanted: Option<&Wanted>) -> Vec<String> {
        let CallShape { receiver, method, awaited, fresh, .. } = self.shape;
        let (response, start) = (self.response(), &fresh.start);
        let mut arguments = self.arguments(&[Argument { name: None, value: start.clone() }]);
        for limit in arguments.iter_mut().filter(|argument| argument.name.as_deref() == Some("Limit")) {
            limit.value = wanted.map_or_else(|| limit.value.clone(), |wanted| wanted.number.clone());
        }
        let wait = if *awaited { "await " } else { "" };
        let call = spelled(&format!("{response} = {wait}{receiver}.{method}("), &arguments, ")");
        let last = format!("\"LastEvaluatedKey\" not in {response}");
        let stop = match enough {
            Some(enough) => format!("if {enough} or {last}:"),
            None => format!("if {last}:"),
        };
        let mut lines = vec![format!("{start} = {{}}"), "while True:".to_owned()];
        let body = call.iter().chain(each).map(|line| format!("    {line}"));
        lines.extend(body);
        lines.extend([
            format!("    {stop}"),
            "        break".to_owned(),
            format!("    {start} = {{\"ExclusiveStartKey\": {response}[\"LastEvaluatedKey\"]}}"),
        ]);
        lines
    }
}

/// `response["Items"]` (line 12): the first few of many.
fn places(readings: &[&Reading]) -> String {
    const MOST: usize = 5;
    let mut lines: Vec<(&str, Vec<String>)> = Vec::new();
    for Reading { text, line, .. } in readings.iter().take(MOST) {
        match lines.iter_mut().find(|(known, _)| known == text) {
            Some((_, lines)) => lines.push(line.to_string()),
            None => lines.push((text, vec![line.to_string()])),
        }
    }
    let each = lines.into_iter().map(|(text, lines)| {
        let word = if lines.len() == 1 { "line" } else { "lines" };
        format!("`{text}` ({word} {})", list(&lines))
    });
    let mut each: Vec<String> = each.collect();
    if readings.len() > MOST {
        each.push(format!("{} more places below", readings.len() - MOST));
    }
    list(&each)
}

/// How many items are wanted: an expression without brackets, and whether it is a number on every path.
struct Wanted {
    number: String,
    always: bool,
}

/// Whether a text is `name` or `object.name`, which may be written twice.
fn is_path(text: &str) -> bool {
    let is_name = |part: &str| {
        part.chars().all(|c| c.is_alphanumeric() || c == '_') && !part.starts_with(|c: char| c.is_ascii_digit())
    };
    text.split('.').all(|part| !part.is_empty() && is_name(part))
}

/// A call on one line, or an argument a line.
fn spelled(head: &str, arguments: &[Argument], tail: &str) -> Vec<String> {
    let texts: Vec<String> = arguments
        .iter()
        .map(|Argument { name, value }| match name {
            Some(name) => format!("{name}={value}"),
            None => format!("**{value}"),
        })
        .collect();
    let line = format!("{head}{}{tail}", texts.join(", "));
    if line.len() <= WIDTH && !line.contains('\n') {
        return vec![line];
    }
    let mut lines = vec![head.to_owned()];
    for text in texts {
        lines.extend(format!("{text},").lines().map(|line| format!("    {line}").trim_end().to_owned()));
    }
    lines.push(tail.to_owned());
    lines
}
