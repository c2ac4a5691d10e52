//! What the interpretation makes of Python: small projects, each with everything that must be found in it.
//!
//! A case is a Python project as one string. Each DynamoDB call ends its first line with what must be said of it
//! (`# => Query Orders/by-status missing @Api`); calls without such a comment must not be found. See [`harness`] for
//! the words and for what surrounds the code.

#![allow(clippy::needless_raw_string_hashes, reason = "every case looks the same, whether or not its code has quotes")]

mod advice;
mod apps;
mod batches;
mod boto;
mod calls;
mod calls_again;
mod circles;
mod conversions;
mod decorators;
mod doubts;
mod elsewhere;
mod events;
mod every_page;
mod exact;
mod expiries;
mod fallbacks;
mod further_pages;
mod harness;
mod held;
mod implicit;
mod implicit_members;
mod implicit_protocols;
mod imports;
mod injections;
mod inline;
mod installed;
mod item_rules;
mod key_loops;
mod key_rules;
mod lambda_rules;
mod left_out;
mod libraries;
mod many;
mod matches;
mod missing_rights;
mod names;
mod objects;
mod operators;
mod packages;
mod page_rules;
mod pages;
mod pages_bounded;
mod pages_dropped;
mod policies;
mod policies_left;
mod policies_shared;
mod programs;
mod properties;
mod reach;
mod request_rules;
mod requests;
mod search_paths;
mod shared_helpers;
mod sight;
mod special;
mod strangers;
mod stream_rules;
mod system_rules;
mod table_rules;
mod times;
mod transactions;
mod whole_puts;
mod wide_names;
mod writes;
