//! Choices that have names, in files, on the command line and in Python.

/// Gives an enum with `ALL` and `name` its text, and finds one by its name, in any case; the error lists the names.
macro_rules! named {
    ($type:ty, $what:literal) => {
        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }

        impl std::str::FromStr for $type {
            type Err = String;

            /// The one of that name, in any case; the error lists the names.
            fn from_str(name: &str) -> Result<Self, String> {
                let known = Self::ALL.into_iter().find(|known| known.name().eq_ignore_ascii_case(name));
                known.ok_or_else(|| {
                    let names = Self::ALL.map(Self::name).join(", ");
                    format!(concat!("there is no ", $what, " {:?}, expected one of {}"), name, names)
                })
            }
        }
    };
}

pub(crate) use named;
