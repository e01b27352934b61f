//! Effects whose plugin lives in a worker.
//!
//! A call is one message for the whole window. Pictures that lie in shared memory already, as the renderer makes those that
//! isolated effects read and write, are only named in it; others are copied. A worker that ends takes its calls with it:
//! each is an error of its frame, and the next one gets a new worker. Where several were under way, all but the one at
//! fault are made again, one by one. After [`STRIKES`] such ends the plugin is quarantined.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use playa_plugin_api::{EffectError, EffectSpec, Pixel, Plan, Query, Rect, Value};
use rayon::prelude::*;

use super::ended::Ended;
use super::message::{Answer, Picture, Question, Request, Taken};
use super::process::{NoAnswer, Worker};
use super::{Confined, Crew, NotOpened};
use crate::image::shared::Segment;
use crate::image::{Image, View, ViewMut};
use crate::plugin::load::Copied;
use crate::plugin::{EffectFailure, EffectType, HostEffect, Input, Plugin, Quarantine, Services, Setting, Stop};

/// How many times a plugin may end its worker before it is quarantined.
pub const STRIKES: u32 = 3;

/// The plugin that is open in `worker`.
pub(super) fn plugin(
    file: Copied,
    crew: Arc<Crew>,
    worker: Worker,
    effects: Vec<EffectSpec>,
    confined: Confined,
    quarantine: Arc<Quarantine>,
) -> Plugin {
    let (path, hash, size, build) = (file.path.clone(), file.hash, file.size, file.build.clone());
    let worker = Mutex::new(Some(Arc::new(worker)));
    let home = Home { file, crew, quarantine, worker, strikes: AtomicU32::new(0), turn: RwLock::new(()) };
    let home = Arc::new(home);
    let effect = |(index, spec): (usize, EffectSpec)| {
        let effect = Isolated { home: Arc::clone(&home), index };
        Arc::new(EffectType::isolated(spec, Arc::new(effect), &path, hash))
    };
    let effects = effects.into_iter().enumerate().map(effect).collect();
    Plugin { effects, hash, size, build: Some(build), isolated: Some(confined), path }
}

/// Where the effects of a plugin live.
struct Home {
    file: Copied,
    crew: Arc<Crew>,
    quarantine: Arc<Quarantine>,
    worker: Mutex<Option<Arc<Worker>>>,
    strikes: AtomicU32,
    /// Held together by calls, and alone by one that is made again to see whose fault it was.
    turn: RwLock<()>,
}

struct Isolated {
    home: Arc<Home>,
    /// Its place in the file.
    index: usize,
}

impl HostEffect for Isolated {
    fn plan(&self, params: &[Value], query: &Query<'_>) -> Result<Plan, EffectFailure> {
        let &Query { window, canvas, frame, scale, domains } = query;
        let ask = |call| {
            let question = Question { window, canvas, frame, scale, domains: domains.to_vec() };
            Request::Plan { call, effect: self.index, params: params.to_vec(), question }
        };
        match self.home.call(&[], ask, Stop::default())? {
            Answer::Planned { plan, .. } => Ok(plan),
            other => Err(unexpected(&other)),
        }
    }

    fn render(
        &self,
        params: &[Value],
        setting: Setting,
        inputs: &[Input<'_>],
        mut output: ViewMut<'_>,
        services: &Services<'_>,
    ) -> Result<(), EffectFailure> {
        let window = output.window();
        if window.is_empty() {
            return Ok(());
        }
        let (mut shown, mut taken, mut copies) = (Vec::new(), Vec::new(), Vec::new());
        for input in inputs {
            let picture = match locate(input.pixels, &mut shown) {
                Some(picture) => picture,
                None => {
                    copies.push(shared_copy(input.pixels)?);
                    let copy = copies.last().map(View::from).expect("it was just made");
                    locate(copy, &mut shown).ok_or_else(no_shared_memory)?
                }
            };
            taken.push((input.input, input.frame, picture));
        }
        let mut made = None;
        let target = match locate(output.as_view(), &mut shown) {
            Some(picture) => picture,
            None => {
                let image = made.insert(Image::unpainted_shared(window).map_err(no_memory)?);
                locate(View::from(&*image), &mut shown).ok_or_else(no_shared_memory)?
            }
        };
        let ask = |call| Request::Render {
            call,
            effect: self.index,
            params: params.to_vec(),
            setting,
            inputs: taken.iter().map(|&(input, frame, picture)| Taken { input, frame, picture }).collect(),
            output: target,
            scratch: services.scratch_budget(),
        };
        match self.home.call(&shown, ask, services.stop())? {
            Answer::Rendered { .. } => {}
            other => return Err(unexpected(&other)),
        }
        if let Some(image) = made {
            output.copy_from(View::from(&image));
        }
        Ok(())
    }
}

impl Home {
    /// Asks the worker. If that ends without this call's doing, it is asked once more, alone.
    fn call(
        &self,
        shown: &[Arc<Segment>],
        ask: impl Fn(u64) -> Request,
        stop: Stop<'_>,
    ) -> Result<Answer, EffectFailure> {
        let together = self.turn.read().unwrap_or_else(PoisonError::into_inner);
        let answer = self.ask(shown, &ask, stop)?;
        drop(together);
        let answer = match answer {
            Err(NoAnswer::Ended { alone: false, .. }) => {
                let _alone = self.turn.write().unwrap_or_else(PoisonError::into_inner);
                self.ask(shown, &ask, stop)?
            }
            answer => answer,
        };
        match answer {
            Ok(Answer::Failed { error, .. }) => Err(error.into()),
            Ok(answer) => Ok(answer),
            Err(NoAnswer::Stopped) => Err(EffectError::aborted().into()),
            Err(NoAnswer::Ended { how, .. }) => {
                let (file, hash) = (self.file.path.display(), &self.file.hash.to_hex()[..12]);
                let next = match self.quarantine.reason(self.file.hash) {
                    Some(_) => "its plugin is quarantined from now on",
                    None => "the next frame gets a new worker process",
                };
                Err(EffectError::failed(format!("it {how}; plugin {file}, generation {hash}; {next}")).into())
            }
        }
    }

    /// Asks the worker, a new one if there is none.
    fn ask(
        &self,
        shown: &[Arc<Segment>],
        ask: impl FnOnce(u64) -> Request,
        stop: Stop<'_>,
    ) -> Result<Result<Answer, NoAnswer>, EffectError> {
        let worker = self.worker()?;
        shown.iter().for_each(|segment| worker.show(segment));
        let answer = worker.call(ask, self.crew.limits().call, stop);
        if let Err(NoAnswer::Ended { how, .. }) = &answer
            && !matches!(how, Ended::Stubborn | Ended::Dismissed)
            && worker.tells_of_its_end()
        {
            self.strike(&format!("it {how}"));
        }
        Ok(answer)
    }

    /// Counts that it ended a worker.
    fn strike(&self, how: &str) {
        let strikes = self.strikes.fetch_add(1, Ordering::Relaxed) + 1;
        log::warn!("{}: {how}", self.file.path.display());
        if strikes >= STRIKES {
            self.strikes.store(0, Ordering::Relaxed);
            let reason = format!("it ended {STRIKES} worker processes; in the last one {how}");
            self.quarantine.put_now(self.file.hash, &self.file.path, &reason);
        }
    }

    /// The worker in which the plugin is open.
    fn worker(&self) -> Result<Arc<Worker>, EffectError> {
        let path = self.file.path.display();
        if let Some(reason) = self.quarantine.reason(self.file.hash) {
            let message = format!("its plugin {path} is quarantined: {reason}; `playa plugins retry` takes it out");
            return Err(EffectError::failed(message));
        }
        let mut worker = self.worker.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(worker) = worker.as_ref().filter(|worker| worker.ended().is_none()) {
            return Ok(Arc::clone(worker));
        }
        let opened = self.crew.open(&self.file, false).map_err(|error| {
            let reason = match error {
                NotOpened::Refused(error) => error.to_string(),
                NotOpened::Faulty(reason) => {
                    self.strike(&reason);
                    format!("plugin {path}: {reason}")
                }
                NotOpened::NoWorker(reason) => format!("plugin {path} has no worker process: {reason}"),
            };
            EffectError::failed(reason)
        })?;
        Ok(Arc::clone(worker.insert(Arc::new(opened.worker))))
    }
}

/// Where pixels lie in shared memory, if they do. That is held on to in `shown`.
fn locate(pixels: View<'_>, shown: &mut Vec<Arc<Segment>>) -> Option<Picture> {
    if pixels.window().is_empty() {
        return Some(Picture { segment: 0, first: 0, stride: 0, window: Rect::EMPTY });
    }
    let (segment, first) = Segment::of(pixels.pixels())?;
    let picture = Picture { segment: segment.id(), first, stride: pixels.stride(), window: pixels.window() };
    shown.push(segment);
    Some(picture)
}

/// A copy in shared memory, made by all threads.
fn shared_copy(pixels: View<'_>) -> Result<Image, EffectFailure> {
    let window = pixels.window();
    let mut image = Image::unpainted_shared(window).map_err(no_memory)?;
    let values = image.values_mut().expect("a new image is not shared");
    let rows: &mut [Pixel] = values.as_chunks_mut().0;
    rows.par_chunks_mut(window.width()).zip(window.y0..window.y1).for_each(|(row, y)| {
        row.copy_from_slice(pixels.row(y));
    });
    Ok(image)
}

fn no_memory(error: crate::image::ImageError) -> EffectFailure {
    EffectError::new(playa_plugin_api::ErrorCode::OutOfMemory, error.to_string()).into()
}

fn no_shared_memory() -> EffectFailure {
    EffectError::failed("the system has no memory that this process and a worker could share").into()
}

fn unexpected(answer: &Answer) -> EffectFailure {
    EffectError::failed(format!("its worker answers something else than what it was asked: {answer:?}")).into()
}
