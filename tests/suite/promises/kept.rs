//! What has to hold of every record, whatever was rendered.

use std::collections::{BTreeMap, HashMap};

use playa_host::image::Rect;
use playa_host::render::Proxy;
use playa_plugin_api::abi::formats;

use super::record::{Answer, Asked, Corners, Event, Picture, Record, What};

/// How often what was promised was put to the test.
#[derive(Debug, Default)]
pub struct Seen {
    pub libraries: usize,
    /// Objects that were made, and those that were ended.
    pub created: usize,
    pub destroyed: usize,
    pub plans: usize,
    /// Renders, by the effect's id.
    pub renders: BTreeMap<String, usize>,
    /// Renders of pixel-wise effects in tiles, for which there is one plan for all.
    pub tiles: usize,
    /// Renders that said that they failed.
    pub failed: usize,
    /// Pictures in blocks.
    pub blocks: usize,
    /// Renders that worked in place.
    pub in_place: usize,
    /// The most calls that were under way at once.
    pub at_once: usize,
    /// Threads that called.
    pub threads: usize,
    /// Renders that tried the services.
    pub services: usize,
}

/// A plan that was made.
struct Made {
    object: u64,
    asked: Asked,
    window: Rect,
    domains: Vec<Option<Corners>>,
    answer: Answer,
}

/// A call under way.
enum Open {
    Plan { object: u64, asked: Asked, window: Rect, domains: Vec<Option<Corners>> },
    Render { object: u64, inputs: Vec<Picture>, output: Picture },
}

impl Open {
    fn object(&self) -> u64 {
        match self {
            Open::Plan { object, .. } | Open::Render { object, .. } => *object,
        }
    }
}

/// Asserts all that the API promises of the calls in a record.
#[track_caller]
pub fn assert_kept(record: &Record) -> Seen {
    let mut seen = Seen::default();
    for events in record.libraries() {
        let mut life = Life::default();
        for (place, event) in events.iter().enumerate() {
            assert_eq!(event.number, place as u64, "the record is whole");
            life.event(event, &mut seen);
        }
        assert!(life.open.is_empty(), "calls that never ended: {:?}", life.open.keys());
        seen.libraries += 1;
        seen.threads = seen.threads.max(life.threads.len());
    }
    seen
}

/// The life of one library.
#[derive(Default)]
struct Life {
    described: bool,
    /// The objects that are there, by id.
    objects: HashMap<String, u64>,
    plans: Vec<Made>,
    open: HashMap<u64, Open>,
    threads: std::collections::HashSet<String>,
}

impl Life {
    fn event(&mut self, event: &Event, seen: &mut Seen) {
        self.threads.insert(event.thread.clone());
        match &event.what {
            What::Describe => {
                assert!(!self.described && self.objects.is_empty(), "it is described once, before anything else");
                self.described = true;
            }
            What::Create { object, id } => {
                assert!(self.described, "it is described before it is made");
                let other = self.objects.insert(id.clone(), *object);
                assert_eq!(other, None, "there is one object of each effect");
                seen.created += 1;
            }
            What::Drop { object, id, destroying } => {
                assert!(destroying, "an object is ended by `destroy`");
                assert_eq!(self.objects.remove(id), Some(*object), "it is ended once");
                assert!(self.open.values().all(|open| open.object() != *object), "no call of it is under way");
                seen.destroyed += 1;
            }
            What::Plan { call, object, id, asked, window, domains } => {
                self.is_alive(id, *object);
                assert_plain(asked);
                let (asked, domains) = (asked.clone(), domains.clone());
                self.open.insert(*call, Open::Plan { object: *object, asked, window: window.0, domains });
                seen.plans += 1;
            }
            What::Planned { call, plan } => {
                let open = self.open.remove(call);
                let Some(Open::Plan { object, asked, window, domains }) = open else { panic!("it had begun") };
                if let Some(answer) = plan.clone() {
                    self.plans.push(Made { object, asked, window, domains, answer });
                }
            }
            What::Render { call, object, id, asked, inputs, output } => {
                self.is_alive(id, *object);
                assert_plain(asked);
                self.is_planned(event, seen);
                let inputs: Vec<Picture> = inputs.iter().map(|(.., picture)| picture.clone()).collect();
                seen.in_place += usize::from(inputs.iter().any(|input| input.memory == output.memory));
                self.is_apart(&inputs, output);
                self.open.insert(*call, Open::Render { object: *object, inputs, output: output.clone() });
                *seen.renders.entry(id.clone()).or_default() += 1;
                seen.at_once = seen.at_once.max(self.open.len());
            }
            What::Rendered { call, failed, untouched } => {
                assert!(matches!(self.open.remove(call), Some(Open::Render { .. })), "it had begun");
                seen.failed += usize::from(failed.is_some());
                assert!(untouched, "the pixels of its inputs are the same at its end");
            }
            What::Services { call, runs, disturbed, lent } => {
                assert!(self.open.contains_key(call));
                assert!(runs.iter().all(|runs| *runs == 1), "each index of each loop runs once: {runs:?}");
                assert_eq!(*disturbed, 0, "nobody else writes to scratch memory that was lent");
                for places in lent {
                    assert!(places.iter().all(|(start, end, values)| (end - start) / 4 == *values && start % 4 == 0));
                    let apart =
                        |one: usize, other: usize| places[one].1 <= places[other].0 || places[other].1 <= places[one].0;
                    let mut pairs = (0..places.len()).flat_map(|one| (0..one).map(move |other| (one, other)));
                    assert!(pairs.all(|(one, other)| apart(one, other)), "one memory, lent twice: {places:x?}");
                }
                seen.services += 1;
            }
            What::Waiting { call } | What::Told { call } => assert!(self.open.contains_key(call)),
        }
    }

    fn is_alive(&self, id: &str, object: u64) {
        assert_eq!(self.objects.get(id), Some(&object), "{id} is called between its `create` and its `destroy`");
    }

    /// A render fills a window inside of what was planned, from exactly what was planned for it.
    fn is_planned(&self, event: &Event, seen: &mut Seen) {
        let What::Render { object, id, asked, inputs, output, .. } = &event.what else { unreachable!("it is one") };
        let window = output.window.0;
        assert!(!window.is_empty(), "nothing is rendered for nothing");
        let given = inputs.iter().map(|(.., input)| input).filter(|input| !input.window.0.is_empty());
        for picture in given.chain([output]) {
            let in_blocks = picture.format == formats::BLOCKS && id.ends_with("pixel");
            assert!(picture.plain && (in_blocks || picture.format == formats::PIXELS), "{picture:?}");
            seen.blocks += usize::from(in_blocks);
        }
        let plans = || self.plans.iter().filter(|plan| plan.object == *object && plan.asked == *asked);
        let exactly = |plan: &Made| {
            let needs = plan.answer.needs.iter().map(|(input, frame, rect)| {
                let domain = plan.domains[*input].map_or(Rect::EMPTY, |domain| domain.0);
                (*input, *frame, rect.0.intersect(&domain))
            });
            let given = inputs.iter().map(|(input, frame, picture)| (*input, *frame, picture.window.0));
            plan.window == window && plan.answer.domain.0.contains_rect(&window) && needs.eq(given)
        };
        // A pixel-wise effect has one plan for the whole picture, and gets any tile of it, from the same pixels.
        let as_tile = |plan: &Made| {
            let [(0, frame, input)] = &inputs[..] else { return false };
            let whole = plan.answer.domain.0.contains_rect(&window) && plan.window.contains_rect(&window);
            id.ends_with("pixel") && whole && input.window.0 == window && *frame == asked.frame
        };
        let found = plans().find(|plan| exactly(plan));
        seen.tiles += usize::from(found.is_none());
        let plan = found.or_else(|| plans().find(|plan| as_tile(plan)));
        let plan = plan.unwrap_or_else(|| {
            let made: Vec<_> = self.plans.iter().filter(|plan| plan.object == *object).collect();
            let made: Vec<_> = made.iter().map(|plan| (&plan.asked, plan.window, &plan.answer)).collect();
            panic!("nothing was planned like {event:#?}, but {made:#?}")
        });
        assert_eq!(plan.answer.identity, None, "what changes nothing is not rendered");
    }

    /// Nobody writes to what another call reads or writes.
    fn is_apart(&self, inputs: &[Picture], output: &Picture) {
        for open in self.open.values() {
            let Open::Render { inputs: read, output: written, .. } = open else { continue };
            let taken = || read.iter().chain([written]);
            assert!(taken().all(|other| !overlap(other, output)), "{output:?} is somebody else's, one of {read:?}");
            assert!(inputs.iter().all(|input| !overlap(input, written)), "somebody else writes to one of {inputs:?}");
        }
        for input in inputs.iter().filter(|input| input.memory != output.memory) {
            assert!(!overlap(input, output), "the output lies in an input");
        }
    }
}

fn overlap(one: &Picture, other: &Picture) -> bool {
    one.memory.0 < other.memory.1 && other.memory.0 < one.memory.1
}

/// Pictures are of the full size or of that of a proxy, and comps have whole frames.
fn assert_plain(asked: &Asked) {
    assert!(Proxy::ALL.iter().any(|proxy| proxy.scale() == asked.scale), "{}", asked.scale);
    assert_eq!(asked.frame.fract(), 0.0);
}
