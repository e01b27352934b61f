//! Jobs in their order, on all threads of the current rayon pool.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Does the jobs from 0 to `count`. Whichever thread is free takes the next one, so that they end nearly in order, and has
/// a state of its own, made by `init`. After an error no further job is begun.
pub(super) fn each<S, E: Send>(
    count: usize,
    init: impl Fn() -> S + Sync,
    job: impl Fn(&mut S, usize) -> Result<(), E> + Sync,
) -> Result<(), E> {
    let (next, failure) = (AtomicUsize::new(0), Mutex::new(None));
    let work = || {
        let mut state = None;
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= count {
                break;
            }
            if let Err(error) = job(state.get_or_insert_with(&init), index) {
                next.store(count, Ordering::Relaxed);
                failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                break;
            }
        }
    };
    rayon::scope(|scope| {
        for _ in 1..rayon::current_num_threads().min(count) {
            scope.spawn(|_| work());
        }
        work();
    });
    failure.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_job_is_done_once_and_an_error_ends_it() {
        for count in [0, 1, 2, 100] {
            let done: Vec<AtomicUsize> = (0..count).map(|_| AtomicUsize::new(0)).collect();
            let states = AtomicUsize::new(0);
            let init = || states.fetch_add(1, Ordering::Relaxed);
            let all = each(count, init, |_, index| {
                done[index].fetch_add(1, Ordering::Relaxed);
                Ok::<_, ()>(())
            });
            assert!(all.is_ok() && done.iter().all(|times| times.load(Ordering::Relaxed) == 1));
            assert!(states.into_inner() <= rayon::current_num_threads());
        }
        let begun = AtomicUsize::new(0);
        let failed = each(
            1000,
            || (),
            |(), index| {
                begun.fetch_add(1, Ordering::Relaxed);
                if index == 3 { Err(index) } else { Ok(()) }
            },
        );
        assert_eq!(failed, Err(3));
        assert!(begun.into_inner() < 1000);
    }
}
