//! Frames over a socket: the length of a message in four bytes, then the message; descriptors travel beside.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;

use rustix::cmsg_space;
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags,
    recvmsg, sendmsg,
};

use super::codec::{self, Wire};

/// No message is longer: parameters, descriptors and windows are small, and pixels do not travel here.
const LONGEST: usize = 64 << 20;

/// That nobody reads any more is an error and no signal, and descriptors are not for other programs. Apple's systems cannot
/// be asked for either; there, Rust's programs ignore that signal.
#[cfg(not(target_vendor = "apple"))]
const SENDING: SendFlags = SendFlags::NOSIGNAL;
#[cfg(not(target_vendor = "apple"))]
const RECEIVING: RecvFlags = RecvFlags::CMSG_CLOEXEC;
#[cfg(target_vendor = "apple")]
const SENDING: SendFlags = SendFlags::empty();
#[cfg(target_vendor = "apple")]
const RECEIVING: RecvFlags = RecvFlags::empty();

/// Sends a message, and a descriptor with it.
pub(super) fn send(socket: &UnixStream, message: &impl Wire, descriptor: Option<BorrowedFd<'_>>) -> io::Result<()> {
    let mut frame = vec![0; 4];
    message.put(&mut frame);
    let length = frame.len() - 4;
    if length > LONGEST {
        return Err(io::Error::other(format!("a message of {length} bytes, expected at most {LONGEST}")));
    }
    frame[..4].copy_from_slice(&(length as u32).to_le_bytes());
    let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(1))];
    let mut beside = SendAncillaryBuffer::new(&mut space);
    let descriptors = descriptor.as_slice();
    if !descriptors.is_empty() {
        beside.push(SendAncillaryMessage::ScmRights(descriptors));
    }
    let mut rest = &frame[..];
    while !rest.is_empty() {
        match sendmsg(socket, &[IoSlice::new(rest)], &mut beside, SENDING) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(sent) => {
                rest = &rest[sent..];
                beside.clear();
            }
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// The other side of [`send`].
pub(super) struct Inbox {
    socket: UnixStream,
    bytes: Vec<u8>,
    /// Descriptors whose messages were not read yet.
    descriptors: VecDeque<OwnedFd>,
}

/// Why there is no further message.
#[derive(Debug)]
pub(super) enum End {
    /// The other side is gone.
    Closed,
    /// What came is no message.
    Garbage,
}

impl Inbox {
    pub fn new(socket: UnixStream) -> Self {
        Self { socket, bytes: Vec::new(), descriptors: VecDeque::new() }
    }

    /// The next message. Waits for it.
    pub fn read<T: Wire>(&mut self) -> Result<T, End> {
        self.fill(4)?;
        let length = u32::from_le_bytes(self.bytes[..4].try_into().expect("four bytes")) as usize;
        if length > LONGEST {
            return Err(End::Garbage);
        }
        self.fill(4 + length)?;
        let message = codec::read(&self.bytes[4..4 + length]).ok_or(End::Garbage);
        self.bytes.drain(..4 + length);
        message
    }

    /// The next descriptor, for who has read a message that comes with one. It may be here before its message is.
    pub fn descriptor(&mut self) -> Option<OwnedFd> {
        self.descriptors.pop_front()
    }

    /// Waits until there are so many bytes.
    fn fill(&mut self, length: usize) -> Result<(), End> {
        let mut part = [0; 16 << 10];
        while self.bytes.len() < length {
            let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(16))];
            let mut beside = RecvAncillaryBuffer::new(&mut space);
            match recvmsg(&self.socket, &mut [IoSliceMut::new(&mut part)], &mut beside, RECEIVING) {
                Ok(message) if message.bytes == 0 => return Err(End::Closed),
                Ok(message) => self.bytes.extend(&part[..message.bytes]),
                Err(rustix::io::Errno::INTR) => {}
                Err(_) => return Err(End::Closed),
            }
            for message in beside.drain() {
                if let RecvAncillaryMessage::ScmRights(descriptors) = message {
                    self.descriptors.extend(descriptors);
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Seek as _, Write as _};
    use std::os::fd::AsFd as _;

    use super::*;

    #[test]
    fn messages_of_any_length_arrive_in_order_with_their_descriptors() {
        let (ours, theirs) = UnixStream::pair().expect("a pair");
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(b"shared").expect("written");
        let texts = ["", "short", &"long".repeat(300_000), "last"].map(str::to_owned);
        let sent = texts.clone();
        let sender = std::thread::spawn(move || {
            for (index, text) in sent.iter().enumerate() {
                send(&ours, text, (index == 2).then(|| file.as_fd())).expect("sent");
            }
        });
        let mut inbox = Inbox::new(theirs);
        for (index, text) in texts.iter().enumerate() {
            assert_eq!(inbox.read::<String>().expect("a message"), *text);
            if index != 2 {
                continue;
            }
            let descriptor = inbox.descriptor().expect("it came before the end of its message");
            let mut file = std::fs::File::from(descriptor);
            let mut content = String::new();
            file.rewind().expect("a file");
            file.read_to_string(&mut content).expect("readable");
            assert_eq!(content, "shared");
        }
        sender.join().expect("no panic");
        assert!(matches!(inbox.read::<String>(), Err(End::Closed)));
    }

    #[test]
    fn what_is_no_message_is_told() {
        for garbage in [&[0xff_u8; 40][..], b"hello, this was printed", &[1, 0, 0, 0, 9]] {
            let (mut ours, theirs) = UnixStream::pair().expect("a pair");
            ours.write_all(garbage).expect("written");
            drop(ours);
            let read = Inbox::new(theirs).read::<String>();
            assert!(read.is_err(), "{read:?}");
        }
    }
}
