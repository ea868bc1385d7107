//! Finding the requests in what a client sends over one connection.

/// A reader that is fed a connection's bytes as they come.
#[derive(Debug, Default)]
pub(super) struct Requests {
    head: Vec<u8>,
    part: Part,
}

#[derive(Debug, Default)]
enum Part {
    /// A request line and headers.
    #[default]
    Head,
    /// A body, of which so many bytes are to come.
    Body(u64),
    /// The line that gives a chunk's length.
    ChunkLength,
    /// A chunk and the line's end after it.
    Chunk(u64),
    /// The lines after the last chunk.
    Trailer,
    /// No HTTP any more, as after `Upgrade`.
    Raw,
}

impl Requests {
    /// Reads a piece, and gives the requests whose heads end in it: `METHOD TARGET`.
    pub(super) fn read(&mut self, bytes: &[u8]) -> Vec<String> {
        let mut found = Vec::new();
        for byte in bytes {
            match &mut self.part {
                Part::Raw => break,
                Part::Body(left) => {
                    *left -= 1;
                    if *left == 0 {
                        self.part = Part::Head;
                    }
                }
                Part::Chunk(left) => {
                    *left -= 1;
                    if *left == 0 {
                        self.part = Part::ChunkLength;
                    }
                }
                Part::Head => {
                    self.head.push(*byte);
                    if self.head.ends_with(b"\r\n\r\n") {
                        found.extend(self.end_of_head());
                    }
                }
                Part::ChunkLength => {
                    self.head.push(*byte);
                    if self.head.ends_with(b"\r\n") {
                        self.end_of_chunk_length();
                    }
                }
                Part::Trailer => {
                    self.head.push(*byte);
                    // An empty line, at once or after others.
                    if self.head == b"\r\n" || self.head.ends_with(b"\r\n\r\n") {
                        self.head.clear();
                        self.part = Part::Head;
                    }
                }
            }
        }
        found
    }

    fn end_of_head(&mut self) -> Option<String> {
        let head = String::from_utf8_lossy(&std::mem::take(&mut self.head)).into_owned();
        let mut lines = head.lines();
        let request = lines.next().unwrap_or_default().rsplit_once(' ').map(|(request, _)| request.to_owned());
        for line in lines {
            let (name, value) = line.split_once(':').unwrap_or_default();
            let value = value.trim();
            match name.to_ascii_lowercase().as_str() {
                "upgrade" => self.part = Part::Raw,
                "transfer-encoding" if value.eq_ignore_ascii_case("chunked") => self.part = Part::ChunkLength,
                "content-length" => {
                    if let Ok(length @ 1..) = value.parse() {
                        self.part = Part::Body(length);
                    }
                }
                _ => {}
            }
        }
        request
    }

    fn end_of_chunk_length(&mut self) {
        let line = String::from_utf8_lossy(&std::mem::take(&mut self.head)).into_owned();
        let length = line.split([';', '\r']).next().unwrap_or_default().trim();
        self.part = match u64::from_str_radix(length, 16) {
            Ok(0) => Part::Trailer,
            Ok(length) => Part::Chunk(length + 2),
            Err(_) => Part::Raw,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONVERSATION: &[u8] = b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n\
        POST /b?c=d HTTP/1.1\r\ncontent-length: 18\r\n\r\nGET /no HTTP/1.1\r\n\
        PUT /e HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nGET /\r\n0\r\n\r\n\
        POST /exec HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nGET /raw HTTP/1.1\r\n\r\n";

    #[test]
    fn every_request_of_a_connection_is_found_and_no_body_is_taken_for_one() {
        let found = Requests::default().read(CONVERSATION);
        assert_eq!(found, ["GET /a", "POST /b?c=d", "PUT /e", "POST /exec"]);
    }

    #[test]
    fn requests_are_found_however_their_bytes_are_cut() {
        let mut requests = Requests::default();
        let found: Vec<String> = CONVERSATION.iter().flat_map(|byte| requests.read(&[*byte])).collect();
        assert_eq!(found, ["GET /a", "POST /b?c=d", "PUT /e", "POST /exec"]);
    }
}
