//! Lambdas that are images: what their Dockerfile says of the code, where it is beside the template.

use super::Resource;
use super::document::NodeId;
use super::model::Code;
use super::resolve::{Got, Resolver};
use super::service::Files;
use crate::source::{FileId, Span, Spanned};

/// The code of an image and its handler. `Metadata` says where the image is built:
/// <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-sam-cli-using-build.html>;
/// `ImageConfig` overrides what the image runs:
/// <https://docs.aws.amazon.com/lambda/latest/api/API_ImageConfig.html>.
pub(super) fn image(r: &Resolver, resource: &Resource, files: &mut Files) -> (Code, Option<Spanned<String>>) {
    let doc = r.doc;
    let command = r.property(resource.properties, &["ImageConfig", "Command"]);
    let command = r.items(command).into_iter().find_map(|alt| match alt.got {
        Got::Is(node) => Some(Spanned::new(doc.text(node)?.into_owned(), doc.span(node))),
        _ => None,
    });
    let metadata = doc.get(resource.body, "Metadata");
    let at = |key: &str| metadata.and_then(|node| doc.get(node, key));
    let text = |node: NodeId| Some(Spanned::new(doc.text(node)?.into_owned(), doc.span(node)));
    let Some(context) = at("DockerContext").and_then(text) else {
        // Of an image that others build, the handler may still be found.
        let code = command.as_ref().map(|command| Code::Uploaded(Spanned::new(String::new(), command.span)));
        return (code.unwrap_or(Code::Elsewhere), command);
    };
    let name = at("Dockerfile").and_then(text).map_or_else(|| "Dockerfile".to_owned(), |name| name.value);
    let read = files.text(&format!("{}/{name}", context.value));
    let dockerfile = read.map(|(file, text)| parse(file, &text)).unwrap_or_default();
    (Code::Image { context, copied: dockerfile.copied }, command.or(dockerfile.command))
}

/// What a Dockerfile says of the program.
#[derive(Debug, Default, PartialEq, Eq)]
struct Dockerfile {
    /// What is copied from the build's folder.
    copied: Vec<String>,
    /// The first word of the last `CMD`, which is the handler, and that instruction's place.
    command: Option<Spanned<String>>,
}

/// Reads the instructions that matter: <https://docs.docker.com/reference/dockerfile/>.
fn parse(file: FileId, text: &str) -> Dockerfile {
    let mut out = Dockerfile::default();
    for (start, end, line) in instructions(text) {
        let (name, rest) = line.trim().split_once(char::is_whitespace).unwrap_or((line.trim(), ""));
        if name.eq_ignore_ascii_case("CMD") {
            let span = Span::new(file, start, end);
            out.command = arguments(rest).into_iter().next().map(|first| Spanned::new(first, span));
        } else if name.eq_ignore_ascii_case("COPY") || name.eq_ignore_ascii_case("ADD") {
            let mut paths = arguments(rest);
            let is_flag = |path: &String| path.starts_with("--");
            if paths.iter().any(|path| path.starts_with("--from")) {
                continue;
            }
            paths.retain(|path| !is_flag(path));
            paths.pop();
            out.copied.extend(paths.into_iter().filter(|path| !path.contains("://")));
        }
    }
    out
}

/// Instructions with their byte ranges, lines that go on joined.
fn instructions(text: &str) -> Vec<(u32, u32, String)> {
    let mut out: Vec<(u32, u32, String)> = Vec::new();
    let (mut at, mut goes_on) = (0, false);
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let content = line.trim();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let (kept, more) = content.strip_suffix('\\').map_or((content, false), |kept| (kept, true));
        let end = u32::try_from(start + line.trim_end().len()).unwrap_or(u32::MAX);
        match out.last_mut().filter(|_| goes_on) {
            Some(last) => {
                last.1 = end;
                last.2 += " ";
                last.2 += kept;
            }
            None => out.push((u32::try_from(start).unwrap_or(u32::MAX), end, kept.to_owned())),
        }
        goes_on = more;
    }
    out
}

/// Arguments as a JSON list, or else as words.
fn arguments(text: &str) -> Vec<String> {
    let words = || text.split_whitespace().map(|word| word.trim_matches('"').to_owned()).collect();
    serde_json::from_str(text.trim()).unwrap_or_else(|_| words())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Vec<String>, Option<(String, String)>) {
        let found = parse(FileId(0), text);
        let place = |span: Span| text[span.start as usize..span.end as usize].to_owned();
        (found.copied, found.command.map(|command| (command.value, place(command.span))))
    }

    #[test]
    fn what_is_copied_and_what_runs() {
        let text = "# syntax=docker/dockerfile:1
FROM public.ecr.aws/lambda/python:3.13 AS build
CMD [\"old.handler\"]

COPY requirements.txt ./
copy --chown=app src/ \\
  # beside it
  shared ${LAMBDA_TASK_ROOT}/
COPY --from=build /opt /opt
ADD [\"data files\", \"https://example.com/x\", \"/var/task/\"]
RUN pip install -r requirements.txt
CMD [ \"app.handler\" ]
";
        let command = ("app.handler".to_owned(), "CMD [ \"app.handler\" ]".to_owned());
        let copied = ["requirements.txt", "src/", "shared", "data files"].map(str::to_owned).to_vec();
        assert_eq!(read(text), (copied, Some(command)));
    }

    #[test]
    fn words_and_nothing() {
        let command = ("app.main".to_owned(), "CMD app.main".to_owned());
        assert_eq!(read("COPY . .\nCMD app.main"), (vec![".".to_owned()], Some(command)));
        assert_eq!(read("COPY\nCMD\n\\"), (Vec::new(), None));
    }
}
