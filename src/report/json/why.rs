//! What is known of a line, for programs.

use super::model::Location;
use super::{escaped, location};
use crate::report::Report;
use crate::report::why::{Answer, Chapter, Place};
use serde::Serialize;

/// The answers of `--why`.
#[derive(Serialize)]
struct Document {
    schema_version: u32,
    answers: Vec<Entry>,
}

/// What is known of one thing in the line.
#[derive(Serialize)]
struct Entry {
    title: String,
    location: Location,
    because: Vec<Known>,
}

/// One thing that is known, and the places that show it.
#[derive(Serialize)]
struct Known {
    title: String,
    reason: Option<String>,
    places: Vec<Step>,
    left_out: usize,
}

#[derive(Serialize)]
struct Step {
    location: Location,
    message: String,
}

pub(in crate::report) fn why(report: &Report, answers: &[Answer]) -> String {
    let step = |place: &Place| Step { location: location(report, place.span), message: place.message.clone() };
    let known = |chapter: &Chapter| Known {
        title: chapter.title.clone(),
        reason: Some(chapter.reason.clone()).filter(|reason| !reason.is_empty()),
        places: chapter.places.iter().map(step).collect(),
        left_out: chapter.left_out,
    };
    let entry = |answer: &Answer| Entry {
        title: answer.title.clone(),
        location: location(report, answer.span),
        because: answer.chapters.iter().map(known).collect(),
    };
    let document = Document { schema_version: super::SCHEMA_VERSION, answers: answers.iter().map(entry).collect() };
    serde_json::to_string_pretty(&document).map_or_else(|_| String::new(), |json| escaped(&json) + "\n")
}
