//! Picture files: what is written is read again to the bit, what is asked for is shown, and what is broken is refused.

mod choice;
mod colour;
mod hostile;
mod png;
mod round_trip;
mod sample;
mod shared_files;
mod stills;
mod whole_or_not;
