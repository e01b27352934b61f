//! Frames that wait for each other's memory, and one that can never begin.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use super::*;

const NEVER: &dyn Fn() -> bool = &|| false;

fn refused(admitted: Result<Arc<Lease<'_>>, NotAdmitted>) -> Refused {
    match admitted.map(drop) {
        Err(NotAdmitted::Refused(refused)) => refused,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_reserved_is_not_given_to_others_and_comes_back() {
    let memory = Memory::with_limit(100);
    let lease = memory.admit(60, 0, false, &Single, NEVER).expect("there is room");
    let stopped = memory.admit(41, 0, false, &Single, &|| memory.usage().frames == 1).map(drop);
    assert_eq!(stopped, Err(NotAdmitted::Stopped), "60 are reserved");
    memory.charge(40).expect("who has begun may take it");
    assert!(memory.charge(61).is_err(), "there is a limit");
    let spent = lease.spend(50);
    memory.charge(50).expect("these were reserved");
    assert_eq!((memory.usage().used, memory.usage().reserved), (90, 10));
    memory.release(50);
    drop(spent);
    assert_eq!(memory.usage().reserved, 60);
    drop(lease);
    let usage = memory.usage();
    assert_eq!((usage.used, usage.peak, usage.reserved, usage.frames), (40, 90, 0, 0));
}

#[test]
fn a_frame_that_can_never_begin_says_what_it_needs_and_who_has_it() {
    let memory = Memory::with_limit(100);
    let error = refused(memory.admit(101, 0, false, &Single, NEVER));
    assert_eq!((error.needed, error.usage.limit, error.usage.used), (101, 100, 0));
    memory.charge(30).expect("there is room");
    let error = refused(memory.admit(71, 0, false, &Single, NEVER));
    assert_eq!((error.needed, error.usage.used), (71, 30));
    let lease = memory.admit(70, 500, false, &Single, NEVER).expect("it may do with less than it would like");
    assert_eq!(memory.usage().reserved, 70);
    drop(lease);
    drop(memory.admit(0, 0, false, &Single, NEVER).expect("nothing always fits"));
}

#[test]
fn a_frame_waits_for_others_and_for_nobody_else() {
    let memory = Memory::with_limit(100);
    let first = memory.admit(80, 0, false, &Single, NEVER).expect("there is room");
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let waits = scope.spawn(|| memory.admit(80, 0, false, &Single, NEVER).map(drop));
        let stopped = scope.spawn(|| memory.admit(80, 0, false, &Single, &|| stop.load(Ordering::SeqCst)).map(drop));
        thread::sleep(PATIENCE * 4);
        assert!(!waits.is_finished() && !stopped.is_finished());
        stop.store(true, Ordering::SeqCst);
        assert_eq!(stopped.join().expect("no panic"), Err(NotAdmitted::Stopped));
        drop(first);
        assert_eq!(waits.join().expect("no panic"), Ok(()));
    });
}

#[test]
fn one_that_is_to_be_alone_waits_for_the_others_and_they_for_it() {
    let memory = Memory::with_limit(100);
    let first = memory.admit(1, 0, false, &Single, NEVER).expect("there is room");
    thread::scope(|scope| {
        let alone = scope.spawn(|| {
            let lease = memory.admit(1, 0, true, &Single, NEVER).expect("at last");
            assert_eq!(memory.usage().frames, 1);
            let other = thread::scope(|scope| {
                let other = scope.spawn(|| memory.admit(1, 0, false, &Single, NEVER).map(drop));
                thread::sleep(PATIENCE * 4);
                let waits = !other.is_finished();
                drop(lease);
                other.join().expect("no panic").expect("after it");
                waits
            });
            assert!(other);
        });
        thread::sleep(PATIENCE * 4);
        drop(first);
        alone.join().expect("no panic");
    });
}

#[test]
fn what_is_kept_goes_first() {
    #[derive(Debug)]
    struct Shelf(Arc<Memory>, Mutex<u64>);
    impl Keeper for Shelf {
        fn give_back(&self, bytes: u64) -> bool {
            let mut kept = self.1.lock().expect("no panic");
            let given = bytes.min(*kept);
            *kept -= given;
            self.0.release(given);
            given > 0
        }
        fn kept(&self) -> u64 {
            *self.1.lock().expect("no panic")
        }
    }
    let memory = Arc::new(Memory::with_limit(1 << 40));
    let shelf = Arc::new(Shelf(Arc::clone(&memory), Mutex::new(90)));
    memory.add_keeper(Arc::downgrade(&shelf) as Weak<dyn Keeper>);
    memory.charge(90).expect("there is room");
    memory.set_limit(100);
    assert_eq!(shelf.kept(), 90);
    memory.charge(30).expect("the shelf gives it");
    assert_eq!((shelf.kept(), memory.usage().used), (70, 100));
    drop(memory.admit(60, 0, false, &Single, NEVER).expect("the shelf gives it"));
    assert_eq!(shelf.kept(), 10);
    memory.set_limit(35);
    assert_eq!(shelf.kept(), 5);
    assert!(memory.charge(6).is_err() && memory.charge(5).is_ok());
}
