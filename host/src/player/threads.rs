//! The two threads of a player. They end when it is dropped, after what they are at.

use std::sync::{Arc, PoisonError};
use std::time::Instant;
use std::{io, thread};

use super::Shared;
use crate::render::RenderOptions;

/// Starts both.
pub(super) fn start(shared: &Arc<Shared>) -> io::Result<()> {
    let (clock, renders) = (Arc::clone(shared), Arc::clone(shared));
    thread::Builder::new().name("playa player".into()).spawn(move || follow_the_clock(&clock))?;
    thread::Builder::new().name("playa player pictures".into()).spawn(move || render(&renders))?;
    Ok(())
}

/// Changes the frame when the next one is due.
fn follow_the_clock(shared: &Shared) {
    loop {
        let state = shared.lock();
        if state.closed {
            return;
        }
        match state.transport.next_due() {
            None => drop(shared.changed.wait(state).unwrap_or_else(PoisonError::into_inner)),
            Some(due) => {
                let left = due.saturating_sub(shared.now());
                if left.is_zero() {
                    drop(state);
                    shared.change(|_, _| ());
                } else {
                    drop(shared.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner));
                }
            }
        }
    }
}

/// Renders what comes next.
fn render(shared: &Shared) {
    loop {
        let mut guard = shared.lock();
        let state = &mut *guard;
        if state.closed {
            return;
        }
        let Some(task) = state.pictures.next(&state.transport) else {
            drop(shared.changed.wait(guard).unwrap_or_else(PoisonError::into_inner));
            continue;
        };
        drop(guard);
        let options = RenderOptions { abort: Arc::clone(&task.abort), ..RenderOptions::default() };
        let (renderer, moment, start) = (shared.engine.renderer(), &task.moment, Instant::now());
        let rendered = renderer.render(&moment.document, &moment.effects, moment.comp, task.frame, &options);
        shared.finish(&task, rendered, start.elapsed());
    }
}
