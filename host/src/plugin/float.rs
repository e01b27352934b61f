//! How a thread computes with floats: how it rounds, and what it does with tiny numbers. Foreign code may change that for
//! all that the thread computes afterwards, so it is looked at after each call, and put back.

#![allow(unsafe_code, reason = "reads and writes a control register of the processor")]

/// Runs foreign code, and tells whether it left another environment behind, which is put back.
pub fn kept<T>(work: impl FnOnce() -> T) -> (T, bool) {
    let before = read();
    let result = work();
    let changed = before.map(settings) != read().map(settings);
    if let Some(before) = before.filter(|_| changed) {
        write(before);
    }
    (result, changed)
}

/// How this thread rounds, and what it does with very small numbers. `None` where the processor is not known.
pub fn environment() -> Option<u64> {
    read().map(settings)
}

/// What of the register is a setting: the low six bits of that of x86-64 only note what has happened.
fn settings(register: u64) -> u64 {
    if cfg!(target_arch = "x86_64") { register & !0x3f } else { register }
}

#[cfg(target_arch = "x86_64")]
fn read() -> Option<u64> {
    let mut register = 0_u32;
    // SAFETY: stores the control register of this thread in a variable of its size.
    unsafe { std::arch::asm!("stmxcsr [{}]", in(reg) &raw mut register, options(nostack, preserves_flags)) };
    Some(register.into())
}

#[cfg(target_arch = "x86_64")]
fn write(register: u64) {
    let register = register as u32;
    // SAFETY: loads what was read from the register of this thread, so all its bits may be set.
    unsafe { std::arch::asm!("ldmxcsr [{}]", in(reg) &raw const register, options(nostack, preserves_flags)) };
}

#[cfg(target_arch = "aarch64")]
fn read() -> Option<u64> {
    let register: u64;
    // SAFETY: reads the control register of this thread.
    unsafe { std::arch::asm!("mrs {}, fpcr", out(reg) register, options(nomem, nostack, preserves_flags)) };
    Some(register)
}

#[cfg(target_arch = "aarch64")]
fn write(register: u64) {
    // SAFETY: loads what was read from the register of this thread.
    unsafe { std::arch::asm!("msr fpcr, {}", in(reg) register, options(nomem, nostack, preserves_flags)) };
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn read() -> Option<u64> {
    None
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn write(_register: u64) {}

#[cfg(test)]
mod tests {
    use std::hint::black_box;

    use super::*;

    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    #[test]
    fn what_was_changed_is_put_back_and_told() {
        let before = read().expect("the processor is known");
        // Rounds towards zero from here on.
        let bits = if cfg!(target_arch = "x86_64") { 0x6000 } else { 0xc0_0000 };
        let third = || black_box(black_box(-1.0_f32) / black_box(3.0));
        let (inside, changed) = kept(|| {
            write(before | bits);
            third()
        });
        assert!(changed);
        assert_eq!(environment(), Some(settings(before)));
        assert_ne!(inside.to_bits(), third().to_bits(), "-1/3 lies nearer to the number that is farther from zero");
        assert_eq!(kept(|| 7), (7, false));
    }
}
