use super::{POLICY, SCRIPT, STYLE, render};
use crate::report::sample;

#[test]
fn the_whole_page() {
    let page = sample::with_report(render).replace(env!("CARGO_PKG_VERSION"), "VERSION");
    let page = page.replace(STYLE, "/* style.css */").replace(SCRIPT, "/* script.js */");
    let page = page.replace(POLICY.trim_end(), "POLICY");
    insta::assert_snapshot!(page.replace("><", ">\n<"));
}

/// The page's own style and script, letter by letter, and no other.
#[test]
fn the_policy_names_the_two_assets() {
    let (style, script) = (base64(&sha256(STYLE.as_bytes())), base64(&sha256(SCRIPT.as_bytes())));
    let expected = format!(
        "default-src 'none'; img-src data:; style-src 'sha256-{style}'; script-src 'sha256-{script}'; \
         base-uri 'none'; form-action 'none'\n"
    );
    assert_eq!(POLICY, expected, "after a change to an asset, assets/policy.txt must be what stands right");
}

#[test]
fn the_digest_is_sha_256() {
    assert_eq!(base64(&sha256(b"")), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    assert_eq!(base64(&sha256(&[b'a'; 63])), "fT50oF19sVvOStnsBljqmOPwbu7PFrTG//LaRX3cLzQ=");
    assert_eq!(base64(&sha256(&[b'a'; 120])), "Lz0zVDLHC1gK8Ojhs2dKfAINaDql9zqq7f3FWvkEwhw=");
}

/// FIPS 180-4.
fn sha256(text: &[u8]) -> Vec<u8> {
    let primes: Vec<u64> = (2..312).filter(|n| (2..*n).all(|d| n % d != 0)).collect();
    // The first 32 bits of the fractional part of a root, by bisection: root^power <= prime * 2^(32 * power).
    let fraction = |prime: u64, power: u32| -> u32 {
        let (mut low, mut high) = (0_u128, 1_u128 << 37);
        while high - low > 1 {
            let middle = u128::midpoint(low, high);
            let below = middle.pow(power) <= u128::from(prime) << (32 * power);
            (low, high) = if below { (middle, high) } else { (low, middle) };
        }
        u32::try_from(low & 0xffff_ffff).expect("32 bits")
    };
    let mut state: Vec<u32> = primes[..8].iter().map(|prime| fraction(*prime, 2)).collect();
    let rounds: Vec<u32> = primes[..64].iter().map(|prime| fraction(*prime, 3)).collect();
    let mut padded = text.to_vec();
    padded.push(0x80);
    padded.resize((padded.len() + 8).next_multiple_of(64) - 8, 0);
    padded.extend((text.len() as u64 * 8).to_be_bytes());
    for block in padded.chunks(64) {
        let mut words: Vec<u32> =
            block.chunks(4).map(|b| b.iter().fold(0, |word, byte| word << 8 | u32::from(*byte))).collect();
        for i in 16..64 {
            let (a, b) = (words[i - 15], words[i - 2]);
            let first = a.rotate_right(7) ^ a.rotate_right(18) ^ (a >> 3);
            let second = b.rotate_right(17) ^ b.rotate_right(19) ^ (b >> 10);
            words.push(words[i - 16].wrapping_add(first).wrapping_add(words[i - 7]).wrapping_add(second));
        }
        let mut v = state.clone();
        for (word, round) in words.iter().zip(&rounds) {
            let mixed = v[4].rotate_right(6) ^ v[4].rotate_right(11) ^ v[4].rotate_right(25);
            let choice = (v[4] & v[5]) ^ (!v[4] & v[6]);
            let first = [mixed, choice, *round, *word].into_iter().fold(v[7], u32::wrapping_add);
            let mixed = v[0].rotate_right(2) ^ v[0].rotate_right(13) ^ v[0].rotate_right(22);
            let second = mixed.wrapping_add((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
            v.rotate_right(1);
            v[4] = v[4].wrapping_add(first);
            v[0] = first.wrapping_add(second);
        }
        state.iter_mut().zip(v).for_each(|(sum, word)| *sum = sum.wrapping_add(word));
    }
    state.into_iter().flat_map(u32::to_be_bytes).collect()
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let letters = |three: &[u8]| -> String {
        let bits = (0..3).fold(0, |bits, i| bits << 8 | u32::from(three.get(i).copied().unwrap_or(0)));
        let letter =
            |i: usize| if i > three.len() { '=' } else { LETTERS[(bits >> (18 - 6 * i)) as usize % 64].into() };
        (0..4).map(letter).collect()
    };
    bytes.chunks(3).map(letters).collect()
}
