//! IP and hardware addresses and the configuration's host names, each with a placeholder that stays the same.
use super::{Counts, Rule, replaced};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::Range;

/// The addresses that were met, and their numbers.
#[derive(Clone)]
pub(super) struct Addresses {
    /// Host names in small letters, the longest first.
    names: Vec<String>,
    numbers: BTreeMap<String, usize>,
}

impl Addresses {
    pub(super) fn new(names: &[String]) -> Addresses {
        let mut all = Addresses { names: Vec::new(), numbers: BTreeMap::new() };
        for name in names {
            let name = name.trim().trim_matches(['[', ']']).to_lowercase();
            let stands_for_one = super::shapes::is_placeholder(&name);
            if name.is_empty() || stands_for_one || is_plain(&name) {
                continue;
            }
            match name.parse::<IpAddr>() {
                Ok(ip) => drop(all.placeholder(&ip.to_string())),
                Err(_) => {
                    all.placeholder(&name);
                    all.names.push(name);
                }
            }
        }
        all.names.sort_by_key(|name| std::cmp::Reverse(name.len()));
        all
    }

    fn placeholder(&mut self, address: &str) -> String {
        let next = self.numbers.len() + 1;
        format!("addr-{}", self.numbers.entry(address.to_owned()).or_insert(next))
    }

    pub(super) fn hide(&mut self, text: &str, counts: &mut Counts) -> String {
        let apart = |found: &[(Range<usize>, String)], at: &Range<usize>| {
            !found.iter().any(|(other, _)| other.start < at.end && at.start < other.end)
        };
        let long: Vec<_> = runs(text).into_iter().flat_map(|run| in_run(text, run)).collect();
        let mut found: Vec<(Range<usize>, String)> = Vec::new();
        for (at, address) in long.into_iter().chain(four(text)) {
            if apart(&found, &at) && !says_nothing(&address) {
                found.push((at, self.placeholder(&address)));
            }
        }
        // lengths of some letters change with their size; a name is found where they do not
        let lower = text.to_ascii_lowercase();
        for name in self.names.clone() {
            for at in words(&lower, &name) {
                if apart(&found, &at) {
                    found.push((at, self.placeholder(&name)));
                }
            }
        }
        if found.is_empty() {
            return text.to_owned();
        }
        found.sort_by_key(|(at, _)| at.start);
        *counts.entry(Rule::Address).or_default() += u64::try_from(found.len()).unwrap_or(u64::MAX);
        replaced(text, &found)
    }
}

/// This machine itself says nothing about anybody.
fn is_plain(name: &str) -> bool {
    name == "localhost" || says_nothing(name)
}

fn says_nothing(address: &str) -> bool {
    match address.parse() {
        Ok(IpAddr::V4(ip)) => ip.is_loopback() || ip.is_unspecified() || ip.is_broadcast() || is_mask(ip),
        Ok(IpAddr::V6(ip)) => ip.is_loopback() || ip.is_unspecified(),
        Err(_) => false,
    }
}

/// `255.255.255.0`: a net's mask.
fn is_mask(ip: Ipv4Addr) -> bool {
    let bits = u32::from(ip);
    bits.leading_ones() >= 8 && bits.count_ones() == bits.leading_ones()
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// Where a host name stands as a word of its own. A dot or a dash beside it may be a longer name's.
fn words(text: &str, name: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|rest| rest.find(name)) {
        let part = from + at..from + at + name.len();
        let before = text.get(..part.start).and_then(|t| t.chars().next_back());
        let after = text.get(part.end..).and_then(|t| t.chars().next());
        let ends = |c: Option<char>| !c.is_some_and(|c| is_word(c) || c == '-');
        if ends(before) && ends(after) {
            found.push(part.clone());
        }
        from = part.end;
    }
    found
}

/// The longest IPv6 address, with an IPv4 address at its end.
const LONGEST: usize = 45;

/// Runs of characters of which hardware and IPv6 addresses are made.
fn runs(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = None;
    let part = |b: u8| b.is_ascii_hexdigit() || matches!(b, b':' | b'.' | b'-');
    for (at, byte) in text.bytes().chain([b' ']).enumerate() {
        match (start, part(byte)) {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                found.push(from..at);
                start = None;
            }
            _ => {}
        }
    }
    let separators = |run: &Range<usize>| {
        let word = text.get(run.clone()).unwrap_or_default();
        word.matches(':').count() >= 2 || word.matches('-').count() >= 5
    };
    found.retain(separators);
    found
}

/// The hardware and IPv6 addresses in a run, each in its usual form: the longest at each place.
fn in_run(text: &str, run: Range<usize>) -> Vec<(Range<usize>, String)> {
    let mut found = Vec::new();
    let separator = |b: u8| matches!(b, b':' | b'.' | b'-');
    let byte = |at: usize| text.as_bytes().get(at).copied().unwrap_or(b' ');
    // between two hexadecimal digits nothing begins or ends, nor beside a letter outside
    let inside = |at: usize| {
        let outer = at.checked_sub(1).map_or(b' ', byte);
        let both = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
        both(outer) && both(byte(at))
    };
    let mut at = run.start;
    while at < run.end {
        let ends = (at + 2..=run.end.min(at + LONGEST)).rev();
        let fits = ends.filter(|end| !inside(*end) && !inside(at)).find_map(|end| {
            let word = text.get(at..end)?;
            let before = (at > run.start).then(|| byte(at - 1));
            let address = hardware(word, before, byte(end)).or_else(|| six(word, before, byte(end)))?;
            Some((end, address))
        });
        match fits {
            Some((end, address)) => {
                found.push((at..end, address));
                at = end;
            }
            // on to the next place at which one may begin
            None => {
                at += 1;
                while at < run.end && !separator(byte(at)) && !separator(byte(at - 1)) {
                    at += 1;
                }
            }
        }
    }
    found
}

/// `aa:bb:cc:dd:ee:ff`, with dashes too; more groups than six are a fingerprint.
fn hardware(word: &str, before: Option<u8>, after: u8) -> Option<String> {
    let by = if word.contains(':') { ':' } else { '-' };
    let goes_on = |b: u8| char::from(b) == by;
    let pair = |group: &str| group.len() == 2 && group.bytes().all(|b| b.is_ascii_hexdigit());
    let is_one = word.len() == 17 && word.split(by).count() == 6 && word.split(by).all(pair);
    (is_one && !before.is_some_and(goes_on) && !goes_on(after))
        .then(|| word.to_ascii_lowercase().replace('-', ":"))
}

/// Eight groups, or fewer around `::`; eight of more are a fingerprint.
fn six(word: &str, before: Option<u8>, after: u8) -> Option<String> {
    let goes_on = before == Some(b':') || after == b':';
    let fits = word.matches(':').count() >= 2 && (word.contains("::") || !goes_on);
    fits.then(|| word.parse::<Ipv6Addr>().ok()).flatten().map(|ip| ip.to_string())
}

/// IPv4 addresses: four numbers. With a `v` in front, or a fifth number behind, they are a version; but what follows an
/// address of a private net, or is larger than a version's, is a port.
fn four(text: &str) -> Vec<(Range<usize>, String)> {
    let mut found = Vec::new();
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let digits = |b: &u8| b.is_ascii_digit();
        if !bytes.get(at).is_some_and(digits) {
            at += 1;
            continue;
        }
        let mut end = at;
        while bytes.get(end).is_some_and(digits)
            || bytes.get(end) == Some(&b'.') && bytes.get(end + 1).is_some_and(digits)
        {
            end += 1;
        }
        let before = at.checked_sub(1).and_then(|n| bytes.get(n)).copied();
        let version = matches!(before, Some(b'v' | b'V'));
        if let Some((length, ip)) = first_four(text.get(at..end).unwrap_or_default())
            && !version
        {
            found.push((at..at + length, ip.to_string()));
        }
        at = end;
    }
    found
}

/// The address that a row of numbers is, or begins with.
fn first_four(word: &str) -> Option<(usize, Ipv4Addr)> {
    let numbers: Vec<&str> = word.split('.').collect();
    let octets: Vec<u8> = numbers.iter().take(4).filter_map(|n| octet(n)).collect();
    let ip = Ipv4Addr::from(<[u8; 4]>::try_from(octets).ok()?);
    let length = numbers.iter().take(4).map(|n| n.len()).sum::<usize>() + 3;
    let port = |n: &&str| ip.is_private() || octet(n).is_none();
    (numbers.len() == 4 || numbers.len() == 5 && numbers.last().is_some_and(port)).then_some((length, ip))
}

fn octet(text: &str) -> Option<u8> {
    (text.len() <= 3 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}
