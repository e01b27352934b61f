//! The worker's own side: a process that opens one plugin and does what the host asks of it.
//!
//! The main thread only reads messages; each call has a thread of its own, and effects get the threads of a pool as large
//! as the host's. So a call that never ends keeps nobody from reading that it shall. When the host is gone, so is the
//! worker, with all processes that the plugin may have made.

use std::collections::HashMap;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use playa_plugin_api::abi::WireValue;
use playa_plugin_api::{EffectError, EffectResult, Query};
use rustix::process::{Signal, getpgrp, getpid, kill_current_process_group};

use super::channel::{Inbox, send};
use super::message::{Answer, Picture, Question, Request, version};
use super::{Confined, sandbox, trial};
use crate::image::memory;
use crate::image::scratch::Scratch;
use crate::image::shared::{Lent, Shown};
use crate::image::{View, ViewMut};
use crate::plugin::{BuildInfo, EffectType, Input, LoadError, Plugin, Services, Setting, Stop, Threads, load};

/// Where the worker keeps its descriptor: far from those that a plugin may take for its own.
const DESCRIPTOR: i32 = 200;

/// Lives as a worker: does what comes through standard input until that ends, and this process with it. Returns only where
/// there is nothing to live on.
pub fn serve() -> i32 {
    match settle() {
        Ok(socket) => live(socket),
        Err(error) => {
            eprintln!("this is a part of Playa that it starts by itself: {error}");
            2
        }
    }
}

/// Takes the socket out of the reach of plugins, which print, read, and close what they never opened.
fn settle() -> std::io::Result<UnixStream> {
    let socket: UnixStream = rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdin(), DESCRIPTOR)?.into();
    socket.peer_addr()?;
    let nothing = std::fs::File::open("/dev/null")?;
    rustix::stdio::dup2_stdin(nothing)?;
    // What a plugin prints is read by the host as what it says on stderr.
    rustix::stdio::dup2_stdout(rustix::stdio::stderr())?;
    #[cfg(target_os = "linux")]
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
    Ok(socket)
}

fn live(socket: UnixStream) -> ! {
    let mut inbox = match socket.try_clone() {
        Ok(clone) => Inbox::new(clone),
        Err(_) => end(),
    };
    let worker: &'static Worker = Box::leak(Box::new(Worker::new(socket)));
    // It is the first logger, or else the program has its own, which prints to the host.
    if log::set_logger(worker).is_ok() {
        log::set_max_level(log::LevelFilter::Debug);
    }
    while let Ok(request) = inbox.read() {
        let descriptor = if let Request::Share { .. } = request { inbox.descriptor() } else { None };
        worker.take(request, descriptor);
    }
    end()
}

/// Ends this process and all that it made.
fn end() -> ! {
    // Not those of a shell in which somebody tries this.
    if getpgrp() == getpid() {
        let _ = kill_current_process_group(Signal::KILL);
    }
    std::process::abort()
}

/// What a worker has.
struct Worker {
    socket: Mutex<UnixStream>,
    plugin: OnceLock<Plugin>,
    /// The host's memory for pictures.
    segments: Mutex<HashMap<u64, Segment>>,
    /// The calls under way.
    aborts: Mutex<HashMap<u64, Arc<AtomicBool>>>,
    scratch: Scratch,
}

/// Memory of the host, to read and to write. What an effect only reads it cannot change by mistake.
#[derive(Clone)]
struct Segment {
    shown: Arc<Shown>,
    lent: Arc<Mutex<Lent>>,
}

impl Worker {
    fn new(socket: UnixStream) -> Self {
        Self {
            socket: Mutex::new(socket),
            plugin: OnceLock::new(),
            segments: Mutex::default(),
            aborts: Mutex::default(),
            scratch: Scratch::default(),
        }
    }

    fn take(&'static self, request: Request, descriptor: Option<OwnedFd>) {
        match request {
            Request::Settings { call, threads, memory, sandbox } => {
                let confined = self.set_up(threads, memory, sandbox);
                self.say(&Answer::Ready { call, version: version(), confined });
            }
            Request::Load { call, file, copy, hash, size, build } => {
                self.run(call, move |_| self.load(call, file, copy, hash, size, &build));
            }
            Request::Try { call } => self.run(call, move |_| Answer::Tried { call, fault: self.try_all() }),
            Request::Plan { call, effect, params, question } => self.run(call, move |_| {
                let planned = self.effect(effect).and_then(|effect| plan(effect, &wire(&params), &question));
                planned.map_or_else(|error| Answer::Failed { call, error }, |plan| Answer::Planned { call, plan })
            }),
            Request::Render { call, effect, params, setting, inputs, output, scratch } => {
                self.run(call, move |abort| {
                    let inputs = inputs.into_iter().map(|taken| (taken.input, taken.frame, taken.picture)).collect();
                    let rendered = self.render(effect, &wire(&params), setting, inputs, output, scratch, abort);
                    rendered.map_or_else(|error| Answer::Failed { call, error }, |()| Answer::Rendered { call })
                })
            }
            Request::Abort { call } => {
                if let Some(abort) = locked(&self.aborts).get(&call) {
                    abort.store(true, Ordering::Relaxed);
                }
            }
            Request::Share { segment, bytes } => {
                let Some(file) = descriptor else { end() };
                // The descriptor is closed at once: nothing that a plugin prints can get into the memory by its number.
                let (Ok(shown), Ok(lent)) = (Shown::new(&file, bytes), Lent::new(&file, bytes)) else { end() };
                let memory = Segment { shown: Arc::new(shown), lent: Arc::new(Mutex::new(lent)) };
                locked(&self.segments).insert(segment, memory);
            }
            Request::Forget { segment } => drop(locked(&self.segments).remove(&segment)),
        }
    }

    /// Takes away what is not needed, before there is any other thread.
    fn set_up(&self, threads: usize, bytes: u64, confine: bool) -> Confined {
        sandbox::limit(bytes);
        let confined = if confine { sandbox::confine() } else { Confined::default() };
        memory::PROCESS.set_limit(bytes);
        // Without a pool of this size there is the default one.
        let _ = rayon::ThreadPoolBuilder::new().num_threads(threads).build_global();
        confined
    }

    /// Does a call on a thread of its own.
    fn run(&'static self, call: u64, work: impl FnOnce(&AtomicBool) -> Answer + Send + 'static) {
        let abort = Arc::<AtomicBool>::default();
        locked(&self.aborts).insert(call, Arc::clone(&abort));
        let work = move || {
            let answer = work(&abort);
            locked(&self.aborts).remove(&call);
            self.say(&answer);
        };
        if let Err(error) = std::thread::Builder::new().name("playa-call".to_owned()).spawn(work) {
            let error = EffectError::failed(format!("its worker has no more threads: {error}"));
            self.say(&Answer::Failed { call, error });
        }
    }

    fn say(&self, answer: &Answer) {
        if send(&locked(&self.socket), answer, None).is_err() {
            end();
        }
    }

    fn load(&self, call: u64, file: PathBuf, copy: PathBuf, hash: [u8; 32], size: u64, build: &str) -> Answer {
        let opened = serde_json::from_str::<BuildInfo>(build)
            .map_err(|error| LoadError::Describe { path: file.clone(), reason: error.to_string() })
            .and_then(|build| load::open_copy(&file, &copy, blake3::Hash::from_bytes(hash), size, build));
        match opened {
            Err(error) => Answer::Refused { call, error },
            Ok(plugin) => {
                let effects = plugin.effects.iter().map(|effect| (**effect.spec()).clone()).collect();
                let _ = self.plugin.set(plugin);
                Answer::Loaded { call, effects }
            }
        }
    }

    fn effect(&self, index: usize) -> EffectResult<&EffectType> {
        let effect = self.plugin.get().and_then(|plugin| plugin.effects.get(index));
        effect.map(|effect| &**effect).ok_or_else(|| EffectError::failed(format!("its worker has no effect {index}")))
    }

    /// What one of the effects left undone.
    fn try_all(&self) -> Option<String> {
        let effects = self.plugin.get().map_or(&[][..], |plugin| &plugin.effects);
        effects.iter().find_map(|effect| trial::fault(effect, &self.scratch))
    }

    #[expect(clippy::too_many_arguments, reason = "they are those of a render call")]
    fn render(
        &self,
        effect: usize,
        params: &[WireValue],
        setting: Setting,
        inputs: Vec<(usize, f64, Picture)>,
        output: Picture,
        scratch: u64,
        abort: &AtomicBool,
    ) -> EffectResult<()> {
        let effect = self.effect(effect)?;
        let segment = |picture: &Picture| {
            let found = locked(&self.segments).get(&picture.segment).cloned();
            found.ok_or_else(|| EffectError::failed("its worker was not shown the memory of a picture"))
        };
        let outside = || EffectError::failed("a picture lies outside of the memory that its worker was shown");
        let mut held = Vec::new();
        for (input, frame, picture) in &inputs {
            let shown = if picture.window.is_empty() { None } else { Some(segment(picture)?.shown) };
            held.push((*input, *frame, *picture, shown));
        }
        let mut views = Vec::new();
        for (input, frame, picture, shown) in &held {
            let pixels = shown.as_ref().map_or(Some(&[][..]), |shown| shown.pixels().get(picture.first..));
            let pixels = pixels.and_then(|pixels| View::strided(picture.window, picture.stride, pixels));
            views.push(Input { input: *input, frame: *frame, pixels: pixels.ok_or_else(outside)?, image: None });
        }
        let lent = segment(&output)?.lent;
        let mut lent = locked(&lent);
        let pixels = lent.pixels_mut().get_mut(output.first..);
        let view = pixels.and_then(|pixels| ViewMut::strided(output.window, output.stride, pixels));
        let stop = Stop { abort: Some(abort), ..Stop::default() };
        let services = Services::new(&effect.spec().id, Threads::All, stop, &self.scratch, scratch);
        effect.render(params, setting, &views, view.ok_or_else(outside)?, &services).map_err(|failure| failure.error)
    }
}

fn plan(effect: &EffectType, params: &[WireValue], question: &Question) -> EffectResult<playa_plugin_api::Plan> {
    let Question { window, canvas, frame, scale, ref domains } = *question;
    effect.plan(params, &Query { window, canvas, frame, scale, domains }).map_err(|failure| failure.error)
}

fn wire(params: &[playa_plugin_api::Value]) -> Vec<WireValue> {
    params.iter().map(WireValue::from).collect()
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What effects and the loader report goes to the host.
impl log::Log for Worker {
    fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
        metadata.target().starts_with("playa")
    }

    fn log(&self, record: &log::Record<'_>) {
        if self.enabled(record.metadata()) {
            self.say(&Answer::Log { level: record.level() as usize, message: record.args().to_string() });
        }
    }

    fn flush(&self) {}
}
