//! Fingerprints of findings: the same finding keeps its fingerprint when lines move, so that a later run or another
//! tool can tell an old finding from a new one.

use crate::rules::Finding;
use crate::source::SourceMap;
use std::collections::BTreeMap;

/// A fingerprint for each finding, in their order. Findings alike in rule, file and anchor are told apart by their
/// position among their likes.
pub(super) fn fingerprints(findings: &[Finding], sources: &SourceMap) -> Vec<String> {
    let mut order: Vec<usize> = (0..findings.len()).collect();
    order.sort_by_key(|i| (findings[*i].span, *i));
    let mut seen: BTreeMap<(&str, &str, &str), u32> = BTreeMap::new();
    let mut out = vec![String::new(); findings.len()];
    for i in order {
        let finding = &findings[i];
        let file = sources.file(finding.span.file).name.as_str();
        let nth = seen.entry((finding.rule, file, &finding.anchor)).or_default();
        out[i] = format!("{:016x}", hash(&[finding.rule, file, &finding.anchor, &nth.to_string()]));
        *nth += 1;
    }
    out
}

/// FNV-1a, 64 bits, over the parts with a separator that none of them can be mistaken for. Chosen over std's hashers,
/// whose results may change from one release to the next.
fn hash(parts: &[&str]) -> u64 {
    let bytes = parts.iter().flat_map(|part| part.bytes().chain([0xff]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::{fingerprints, hash};
    use crate::report::sample;

    #[test]
    fn the_hash_is_fnv_1a() {
        assert_eq!(hash(&[]), 0xcbf2_9ce4_8422_2325);
        assert_ne!(hash(&["ab", "c"]), hash(&["a", "bc"]));
    }

    #[test]
    fn moving_lines_keeps_the_fingerprint_and_twins_differ() {
        let (sources, findings) = sample::findings("def handler():\n    table.scan()\n    table.scan()\n");
        let (moved_sources, moved) =
            sample::findings("\n\n# moved\ndef handler():\n    table.scan()\n    table.scan()\n");
        let before = fingerprints(&findings, &sources);
        assert_eq!(before, fingerprints(&moved, &moved_sources));
        assert_eq!(before.len(), 2);
        assert_ne!(before[0], before[1]);
    }
}
