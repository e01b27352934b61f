//! Pictures that were made, kept for the next time within a budget of bytes.
//!
//! Pictures are found by their [`Key`], which holds everything they depend on, so nothing ever has to be taken out because
//! it changed: an undo, another order of layers, or the same project opened again finds what was made before. Where there
//! is no room, the picture goes whose making takes the fewest seconds per byte, those that nobody asked for in a while
//! first (GreedyDual-Size: Cao and Irani, "Cost-Aware WWW Proxy Caching Algorithms", 1997).
//!
//! A picture that a render has in its hands stays: to take it out would free nothing. Where the process is short of
//! memory ([`memory`](crate::image::memory)), the cache gives up what nobody has in hands.
//!
//! Pictures that are made faster than fresh memory can be touched share an eighth of the budget, and not more than 512 MiB:
//! to keep many of them would cost more, in memory for the next ones, than it saves.

mod news;

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use uuid::Uuid;

use super::key::Key;
use crate::image::memory::{self, Keeper};
use crate::image::{Image, Rect};
use news::News;

pub use news::{CacheChange, CacheChanges, CacheObserver, INTERVAL};

/// Pictures that were made, shared by all comps, projects and threads.
#[derive(Debug)]
pub struct Cache {
    state: Mutex<State>,
    news: News,
}

#[derive(Debug)]
struct State {
    entries: HashMap<Key, Entry>,
    budget: u64,
    strategy: Strategy,
    /// Bytes of the pictures kept.
    kept: u64,
    /// Bytes of the pictures that renders make.
    in_flight: u64,
    /// How many times a picture was put or found.
    uses: u64,
    /// The priority of the picture that went last: who was used since then has a higher one.
    age: f64,
    counts: Counts,
}

#[derive(Debug)]
struct Entry {
    image: Image,
    seconds: f64,
    priority: f64,
    origin: Origin,
    hits: u64,
    /// The count of uses when it was put or found.
    used: u64,
    /// How many renders have it in their hands.
    holders: usize,
}

/// Where a picture comes from.
#[derive(Clone, Debug)]
pub(super) struct Origin {
    /// What it is, for people.
    pub label: Arc<str>,
    /// What kind of picture it is: `file`, `effect`, `place`, `mean` or `comp`.
    pub kind: &'static str,
    /// The comp or the layer.
    pub node: Uuid,
    /// What stays the same from frame to frame: of one slot, [`Strategy::LastOnly`] keeps one picture.
    pub slot: Key,
}

/// Which pictures are kept, as long as there is room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strategy {
    /// All.
    #[default]
    All,
    /// Of each file of a layer, each of its effects and each comp the one that was used last: enough to work on one
    /// frame, and nothing piles up while frames go by.
    LastOnly,
}

/// A picture that is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct CachedPicture {
    /// What it is, for people.
    pub label: String,
    /// What kind of picture it is: `file`, `effect`, `place`, `mean` or `comp`.
    pub kind: &'static str,
    /// Identity of the comp or layer that it was made for first.
    pub node: Uuid,
    /// Its content key.
    pub key: String,
    /// Its bytes.
    pub bytes: u64,
    /// How many times it was found.
    pub hits: u64,
    /// How long making it as many times again would have taken.
    pub seconds_saved: f64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    hits: u64,
    misses: u64,
    evicted: u64,
    seconds_saved: f64,
}

/// What a cache holds and what it was good for.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CacheStats {
    /// How many times a picture was found.
    pub hits: u64,
    /// How many times it had to be made.
    pub misses: u64,
    /// How many pictures are kept.
    pub entries: usize,
    /// Their bytes.
    pub bytes: u64,
    /// Bytes of the pictures that renders make now; they count towards the budget. Those that renders found are among
    /// `bytes`.
    pub bytes_in_flight: u64,
    /// Bytes that both together should not exceed.
    pub budget: u64,
    /// How many pictures had to go.
    pub evicted: u64,
    /// How long making what was found took, when it was made.
    pub seconds_saved: f64,
}

/// Seconds per byte of memory fresh from the system, at 2 GB a second. What takes less is cheap.
const CHEAP: f64 = 0.5e-9;

/// What cheap pictures have together at most.
const CHEAP_BYTES: u64 = 512 << 20;

/// Bytes that a render makes; until it is dropped they count towards the budget.
#[derive(Debug)]
pub(super) struct InFlight<'a> {
    cache: &'a Cache,
    bytes: u64,
}

/// A kept picture in the hands of a render, which stays until this is dropped.
#[derive(Debug)]
pub(super) struct Held<'a> {
    cache: &'a Cache,
    key: Key,
    serial: u64,
    seconds: f64,
}

impl Default for Cache {
    /// A cache with [`default_budget`].
    fn default() -> Self {
        Self::with_budget(default_budget())
    }
}

impl Cache {
    /// An empty cache that keeps up to `budget` bytes.
    pub fn with_budget(budget: u64) -> Self {
        let (entries, counts) = (HashMap::new(), Counts::default());
        let strategy = Strategy::All;
        Self {
            state: Mutex::new(State { entries, budget, strategy, kept: 0, in_flight: 0, uses: 0, age: 0.0, counts }),
            news: News::default(),
        }
    }

    /// Tells this one from now on what comes and goes, [`INTERVAL`] after the first of all that came until then. There is
    /// one at most: a later one is dropped.
    pub fn observe(&self, observer: Box<dyn CacheObserver>) {
        self.news.observe(observer);
    }

    /// Sets the budget in bytes, and drops what is beyond it.
    pub fn set_budget(&self, budget: u64) {
        let mut state = self.state();
        state.budget = budget;
        let gone = state.make_room(0);
        self.settle(state, None, gone);
    }

    /// Which pictures are kept.
    pub fn strategy(&self) -> Strategy {
        self.state().strategy
    }

    /// Sets which pictures are kept, and drops the others.
    pub fn set_strategy(&self, strategy: Strategy) {
        let mut state = self.state();
        state.strategy = strategy;
        let gone = if strategy == Strategy::LastOnly { state.keep_last_only() } else { Vec::new() };
        self.settle(state, None, gone);
    }

    /// The pictures that are kept, the largest first.
    pub fn report(&self) -> Vec<CachedPicture> {
        let state = self.state();
        let picture = |(key, entry): (&Key, &Entry)| CachedPicture {
            label: entry.origin.label.to_string(),
            kind: entry.origin.kind,
            node: entry.origin.node,
            key: key.to_string(),
            bytes: entry.image.bytes(),
            hits: entry.hits,
            seconds_saved: entry.hits as f64 * entry.seconds,
        };
        let mut pictures: Vec<CachedPicture> = state.entries.iter().map(picture).collect();
        drop(state);
        pictures.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| (&a.label, &a.key).cmp(&(&b.label, &b.key))));
        pictures
    }

    /// Drops all pictures. The counts go on.
    pub fn clear(&self) {
        let mut state = self.state();
        state.kept = 0;
        let gone = std::mem::take(&mut state.entries).into_values().collect();
        self.settle(state, None, gone);
    }

    /// What it holds and what it was good for.
    pub fn stats(&self) -> CacheStats {
        let state = self.state();
        let Counts { hits, misses, evicted, seconds_saved } = state.counts;
        CacheStats {
            hits,
            misses,
            entries: state.entries.len(),
            bytes: state.kept,
            bytes_in_flight: state.in_flight,
            budget: state.budget,
            evicted,
            seconds_saved,
        }
    }

    /// Whether a picture is there, without using it.
    pub(super) fn contains(&self, key: Key) -> bool {
        self.state().entries.contains_key(&key)
    }

    /// The picture, if it is there and covers `window`. Looking counts nothing: see [`Cache::count`].
    pub(super) fn get(&self, key: Key, window: Rect) -> Option<(Image, Held<'_>)> {
        let mut state = self.state();
        let entry = state.entries.get_mut(&key).filter(|entry| entry.image.window().contains_rect(&window))?;
        entry.holders += 1;
        let (image, seconds) = (entry.image.clone(), entry.seconds);
        let held = Held { cache: self, key, serial: image.serial(), seconds };
        Some((image, held))
    }

    /// Counts pictures that a render found and will use, and how many it did not find.
    pub(super) fn count<'a>(&self, found: impl IntoIterator<Item = &'a Held<'a>>, missed: u64) {
        let mut state = self.state();
        state.counts.misses += missed;
        for held in found {
            state.counts.hits += 1;
            state.counts.seconds_saved += held.seconds;
            state.uses += 1;
            let (age, used) = (state.age, state.uses);
            if let Some(entry) = state.entries.get_mut(&held.key).filter(|entry| held.is(entry)) {
                entry.priority = age + worth(entry.seconds, &entry.image);
                entry.hits += 1;
                entry.used = used;
            }
        }
    }

    /// Keeps a picture that took so many seconds to make, if it is worth it.
    pub(super) fn put(&self, key: Key, image: &Image, seconds: f64, origin: Origin) {
        let bytes = image.bytes();
        let mut state = self.state();
        if bytes.saturating_add(state.in_flight) > state.budget {
            return;
        }
        let mut gone = match state.strategy {
            Strategy::All => Vec::new(),
            Strategy::LastOnly => state.evict_slot(origin.slot),
        };
        gone.append(&mut state.make_room(bytes));
        if state.over(bytes) {
            // The others are all in hands.
            self.settle(state, None, gone);
            return;
        }
        if worth(seconds, image) < CHEAP {
            state.make_room_for_cheap(bytes, &mut gone);
        }
        let priority = state.age + worth(seconds, image);
        state.kept += bytes;
        state.uses += 1;
        let (used, node) = (state.uses, origin.node);
        let entry = Entry { image: image.clone(), seconds, priority, origin, hits: 0, used, holders: 0 };
        if let Some(old) = state.entries.insert(key, entry) {
            state.kept -= old.image.bytes();
            gone.push(old);
        }
        self.settle(state, Some(node), gone);
    }

    /// Counts bytes that a render is about to use, and makes room for them.
    pub(super) fn use_bytes(&self, bytes: u64) -> InFlight<'_> {
        let mut state = self.state();
        state.in_flight += bytes;
        let gone = state.make_room(0);
        self.settle(state, None, gone);
        InFlight { cache: self, bytes }
    }

    /// Lets go of the lock, then notes for whom a picture came and what is gone, and drops that.
    fn settle(&self, state: MutexGuard<'_, State>, added: Option<Uuid>, gone: Vec<Entry>) {
        drop(state);
        if added.is_some() || !gone.is_empty() {
            self.news.note(added, gone.iter().map(|entry| entry.origin.node));
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Whether so many bytes more are too many.
    fn over(&self, bytes: u64) -> bool {
        self.kept.saturating_add(self.in_flight).saturating_add(bytes) > self.budget
    }

    /// Takes out what a slot has.
    fn evict_slot(&mut self, slot: Key) -> Vec<Entry> {
        let keys: Vec<Key> =
            self.entries.iter().filter(|(_, entry)| entry.origin.slot == slot).map(|(key, _)| *key).collect();
        keys.into_iter().map(|key| self.evict(key)).collect()
    }

    /// Takes out of each slot all but what was used last.
    fn keep_last_only(&mut self) -> Vec<Entry> {
        let mut last: HashMap<Key, u64> = HashMap::new();
        for entry in self.entries.values() {
            let used = last.entry(entry.origin.slot).or_default();
            *used = entry.used.max(*used);
        }
        let older = |entry: &Entry| last[&entry.origin.slot] != entry.used;
        let keys: Vec<Key> = self.entries.iter().filter(|(_, entry)| older(entry)).map(|(key, _)| *key).collect();
        keys.into_iter().map(|key| self.evict(key)).collect()
    }

    /// Takes out what is worth least until so many more bytes fit. What goes is to be dropped after the lock.
    fn make_room(&mut self, bytes: u64) -> Vec<Entry> {
        let mut gone = Vec::new();
        while self.over(bytes) {
            let Some((key, priority)) = self.least(|entry| entry.holders == 0) else { break };
            self.age = priority;
            gone.push(self.evict(key));
        }
        gone
    }

    /// Takes out cheap pictures until so many more bytes of them fit.
    fn make_room_for_cheap(&mut self, bytes: u64, gone: &mut Vec<Entry>) {
        let is_cheap = |entry: &Entry| worth(entry.seconds, &entry.image) < CHEAP;
        let may_go = |entry: &Entry| is_cheap(entry) && entry.holders == 0;
        let kept = |state: &Self| -> u64 {
            state.entries.values().filter(|entry| is_cheap(entry)).map(|entry| entry.image.bytes()).sum()
        };
        while kept(self).saturating_add(bytes) > (self.budget / 8).min(CHEAP_BYTES) {
            let Some((key, _)) = self.least(may_go) else { break };
            gone.push(self.evict(key));
        }
    }

    /// The picture with the least priority of some, and that.
    fn least(&self, of: impl Fn(&Entry) -> bool) -> Option<(Key, f64)> {
        let some = self.entries.iter().filter(|(_, entry)| of(entry));
        let least = some.min_by(|(a, x), (b, y)| x.priority.total_cmp(&y.priority).then(a.cmp(b)));
        least.map(|(key, entry)| (*key, entry.priority))
    }

    fn evict(&mut self, key: Key) -> Entry {
        let entry = self.entries.remove(&key).expect("it is there");
        self.kept -= entry.image.bytes();
        self.counts.evicted += 1;
        entry
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.cache.state().in_flight -= self.bytes;
    }
}

impl Held<'_> {
    /// Whether it is this one: it may have been dropped meanwhile, and another one put in its place.
    fn is(&self, entry: &Entry) -> bool {
        entry.image.serial() == self.serial
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        let mut state = self.cache.state();
        if let Some(entry) = state.entries.get_mut(&self.key).filter(|entry| self.is(entry)) {
            entry.holders = entry.holders.saturating_sub(1);
        }
    }
}

impl Keeper for Cache {
    /// Takes out pictures that nobody else has, those that are worth least first.
    fn give_back(&self, bytes: u64) -> bool {
        let (mut state, mut gone, mut sum) = (self.state(), Vec::new(), 0);
        while sum < bytes {
            let Some((key, priority)) = state.least(|entry| !entry.image.is_shared()) else { break };
            state.age = priority;
            let entry = state.evict(key);
            sum += entry.image.bytes();
            gone.push(entry);
        }
        let gave = !gone.is_empty();
        self.settle(state, None, gone);
        gave
    }

    fn kept(&self) -> u64 {
        self.state().entries.values().filter(|entry| !entry.image.is_shared()).map(|entry| entry.image.bytes()).sum()
    }
}

impl fmt::Display for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::All => "all",
            Self::LastOnly => "last_only",
        })
    }
}

impl FromStr for Strategy {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [Self::All, Self::LastOnly]
            .into_iter()
            .find(|strategy| strategy.to_string() == text)
            .ok_or_else(|| format!("there is no strategy {text:?}, expected \"all\" or \"last_only\""))
    }
}

/// Seconds per byte.
fn worth(seconds: f64, image: &Image) -> f64 {
    seconds / image.bytes().max(1) as f64
}

/// Half of the memory that is free now, within the limits of this process's control group. Where the system does not say,
/// 1 GiB.
pub fn default_budget() -> u64 {
    memory::free() / 2
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::mpsc;
    use std::time::{Duration, Instant};

    use super::*;
    use crate::render::key::KeyBuilder;

    fn key(name: &str) -> Key {
        KeyBuilder::new(name).finish()
    }

    fn image(pixels: i32) -> Image {
        Image::transparent(Rect::new(0, 0, pixels, 1)).expect("there is memory")
    }

    fn put(cache: &Cache, key: Key, image: &Image, seconds: f64) {
        let origin = Origin { label: key.to_string().into(), kind: "comp", node: Uuid::nil(), slot: key };
        cache.put(key, image, seconds, origin);
    }

    /// Looks for a picture as a render does that then uses it.
    fn is_found(cache: &Cache, key: Key, window: Rect) -> bool {
        let found = cache.get(key, window);
        cache.count(found.iter().map(|(_, held)| held), u64::from(found.is_none()));
        found.is_some()
    }

    const ROW: Rect = Rect::new(0, 0, 10, 1);

    #[test]
    fn the_cheapest_per_byte_goes_first_and_use_keeps() {
        let cache = Cache::with_budget(30 * 16);
        for (name, seconds) in [("cheap", 1.0), ("dear", 9.0), ("middle", 5.0)] {
            put(&cache, key(name), &image(10), seconds);
        }
        put(&cache, key("new"), &image(10), 2.0);
        assert!(!cache.contains(key("cheap")) && cache.contains(key("dear")) && cache.contains(key("new")));
        // Now the age is that of "cheap". "new" was put after it went, and is worth 1 + 2; "middle" is worth 5.
        put(&cache, key("newer"), &image(10), 1.0);
        assert!(!cache.contains(key("new")) && cache.contains(key("middle")));
        // What is used is worth its own plus the age; what is not falls behind at last.
        for round in 0..20 {
            assert!(is_found(&cache, key("dear"), ROW), "round {round}");
            put(&cache, key(&format!("round {round}")), &image(10), 3.0);
        }
        assert!(!cache.contains(key("middle")));
        assert_eq!(cache.stats().bytes, 30 * 16);
    }

    #[test]
    fn a_picture_serves_any_part_of_it_and_no_more() {
        let cache = Cache::with_budget(1000);
        put(&cache, key("a"), &image(10), 2.0);
        assert!(is_found(&cache, key("a"), Rect::new(2, 0, 5, 1)));
        assert!(!is_found(&cache, key("a"), Rect::new(2, 0, 11, 1)));
        assert!(!is_found(&cache, key("b"), ROW));
        drop(cache.get(key("a"), ROW));
        let stats = cache.stats();
        assert_eq!((stats.hits, stats.misses, stats.entries, stats.seconds_saved), (1, 2, 1, 2.0));
    }

    #[test]
    fn what_is_in_flight_counts_and_what_is_too_large_is_not_kept() {
        let cache = Cache::with_budget(30 * 16);
        put(&cache, key("a"), &image(20), 1.0);
        let flight = cache.use_bytes(15 * 16);
        assert!(!cache.contains(key("a")), "it made room");
        put(&cache, key("b"), &image(20), 1.0);
        assert!(!cache.contains(key("b")), "there is no room for both");
        drop(flight);
        put(&cache, key("b"), &image(20), 1.0);
        assert!(cache.contains(key("b")));
        put(&cache, key("b"), &image(25), 1.0);
        assert_eq!(cache.stats().bytes, 25 * 16, "a picture is kept once");
        put(&cache, key("huge"), &image(31), 1.0);
        assert!(!cache.contains(key("huge")) && cache.contains(key("b")));
        cache.set_budget(10);
        assert_eq!((cache.stats().entries, cache.stats().bytes), (0, 0));
        cache.clear();
        assert_eq!(cache.stats().bytes_in_flight, 0);
    }

    #[test]
    fn what_is_cheaper_than_memory_has_an_eighth() {
        let cache = Cache::with_budget(80 * 16);
        let cheap = CHEAP * 16.0 * 0.9;
        put(&cache, key("dear"), &image(30), 30.0 * 16.0 * CHEAP * 1.1);
        for (name, share) in [("a", 0.7), ("b", 0.8), ("c", 0.9)] {
            put(&cache, key(name), &image(5), 5.0 * cheap * share);
        }
        assert!(!cache.contains(key("a")) && cache.contains(key("b")) && cache.contains(key("c")));
        put(&cache, key("larger than that"), &image(11), 11.0 * cheap);
        assert!(cache.contains(key("larger than that")), "the last one is kept whatever it takes");
        assert!(!cache.contains(key("c")) && cache.contains(key("dear")));
    }

    #[test]
    fn the_default_budget_is_a_share_of_what_is_free() {
        let budget = default_budget();
        assert!(budget >= 1 << 20, "{budget}");
    }

    #[test]
    fn what_is_in_hands_stays_and_is_given_up_to_nobody() {
        let cache = Cache::with_budget(20 * 16);
        put(&cache, key("held"), &image(10), 1.0);
        put(&cache, key("dear"), &image(10), 9.0);
        let (found, held) = cache.get(key("held"), ROW).expect("it is there");
        put(&cache, key("new"), &image(10), 5.0);
        assert!(cache.contains(key("held")) && !cache.contains(key("dear")) && cache.contains(key("new")));
        put(&cache, key("large"), &image(20), 50.0);
        assert!(cache.contains(key("held")) && !cache.contains(key("large")), "what is in hands leaves no room");
        assert_eq!(Keeper::kept(&cache), 0);
        assert!(!cache.give_back(1));
        drop((found, held));
        put(&cache, key("large"), &image(20), 50.0);
        assert!(!cache.contains(key("held")) && cache.contains(key("large")));
        assert_eq!(Keeper::kept(&cache), 20 * 16);
        assert!(cache.give_back(1) && cache.stats().entries == 0);
    }

    #[test]
    fn of_each_slot_the_last_one_is_kept() {
        let cache = Cache::with_budget(1 << 20);
        let put = |name: &str, slot: &str| {
            let origin = Origin { label: name.into(), kind: "comp", node: Uuid::nil(), slot: key(slot) };
            cache.put(key(name), &image(10), 1.0, origin);
        };
        let names = || {
            let mut names: Vec<String> = cache.report().into_iter().map(|picture| picture.label).collect();
            names.sort();
            names.join(" ")
        };
        for (name, slot) in [("a1", "a"), ("a2", "a"), ("b1", "b"), ("a3", "a")] {
            put(name, slot);
        }
        assert!(is_found(&cache, key("a2"), ROW));
        assert_eq!(names(), "a1 a2 a3 b1");
        cache.set_strategy(Strategy::LastOnly);
        assert_eq!(names(), "a2 b1", "a2 was used last");
        put("b2", "b");
        assert_eq!(names(), "a2 b2");
        cache.set_strategy("all".parse().expect("a strategy"));
        put("b3", "b");
        assert_eq!(names(), "a2 b2 b3");
        assert!("some".parse::<Strategy>().expect_err("none").contains("last_only"));
        assert_eq!(cache.stats().bytes, 3 * 160);
    }

    #[test]
    fn what_comes_and_goes_is_told_together_by_its_node_and_only_to_who_listens() {
        struct Told(mpsc::Sender<CacheChanges>, Arc<AtomicBool>);
        impl CacheObserver for Told {
            fn listens(&self) -> bool {
                self.1.load(Ordering::SeqCst)
            }
            fn changed(&self, changes: &CacheChanges) {
                self.0.send(changes.clone()).expect("the test waits");
            }
        }
        let cache = Cache::with_budget(20 * 16);
        let (sender, told) = mpsc::channel();
        let listens = Arc::new(AtomicBool::new(false));
        cache.observe(Box::new(Told(sender, Arc::clone(&listens))));
        let (a, b) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let put = |name: &str, node| {
            cache.put(key(name), &image(10), 1.0, Origin { label: "".into(), kind: "comp", node, slot: key("slot") });
        };
        put("unheard", a);
        listens.store(true, Ordering::SeqCst);
        let mut sum = CacheChanges::new();
        let mut wait_until = |expected: [(Uuid, [u64; 2]); 2]| {
            let expected: CacheChanges =
                expected.map(|(node, [added, removed])| (node, CacheChange { added, removed })).into();
            let mut calls = 0;
            while sum != expected {
                for (node, change) in told.recv_timeout(Duration::from_secs(30)).expect("it is told") {
                    let all: &mut CacheChange = sum.entry(node).or_default();
                    *all = CacheChange { added: all.added + change.added, removed: all.removed + change.removed };
                }
                calls += 1;
            }
            calls
        };
        let start = Instant::now();
        for round in 0..100 {
            put(&format!("a {round}"), a);
        }
        put("b", b);
        let intervals = start.elapsed().as_millis() / INTERVAL.as_millis();
        assert!(wait_until([(a, [100, 100]), (b, [1, 0])]) <= intervals + 2, "not one by one");
        cache.clear();
        wait_until([(a, [100, 101]), (b, [1, 1])]);
        assert!(told.try_recv().is_err());
    }
}
