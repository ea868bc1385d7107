// The engine has no TextDecoder.

const REPLACEMENT = 0xfffd;
/** How many characters are made at a time. */
const PIECE = 4096;

/** Text of UTF-8, with what is none replaced. */
export function decoded(bytes) {
  let text = "";
  let piece = [];
  for (let at = 0; at < bytes.length; ) {
    const [point, length] = character(bytes, at);
    at += length;
    piece.push(point);
    if (piece.length === PIECE) {
      text += String.fromCodePoint(...piece);
      piece = [];
    }
  }
  return text + String.fromCodePoint(...piece);
}

/** The character that begins at a byte, and how many bytes it has. */
function character(bytes, at) {
  const first = bytes[at];
  if (first < 0x80) {
    return [first, 1];
  }
  const [length, least, most] = sequence(first);
  let point = first & (0x7f >> length);
  for (let more = 1; more < length; more++) {
    const next = bytes[at + more];
    const [from, to] = more === 1 ? [least, most] : [0x80, 0xbf];
    if (!(next >= from && next <= to)) {
      return [REPLACEMENT, more];
    }
    point = (point << 6) | (next & 0x3f);
  }
  return length === 1 ? [REPLACEMENT, 1] : [point, length];
}

/** How many bytes a character has that begins with this one, and from where to where the second may be. */
function sequence(first) {
  if (first >= 0xc2 && first <= 0xdf) {
    return [2, 0x80, 0xbf];
  }
  if (first >= 0xe0 && first <= 0xef) {
    return [3, first === 0xe0 ? 0xa0 : 0x80, first === 0xed ? 0x9f : 0xbf];
  }
  if (first >= 0xf0 && first <= 0xf4) {
    return [4, first === 0xf0 ? 0x90 : 0x80, first === 0xf4 ? 0x8f : 0xbf];
  }
  return [1, 0, 0];
}
