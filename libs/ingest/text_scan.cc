#include "ingest/text_scan.h"

#include <cstdint>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace holdfast::ingest {
namespace {

using Byte = unsigned char;

bool IsControl(Byte c) {
  return (c < 0x20 && c != '\t' && c != '\r' && c != '\n') || c == 0x7F;
}

// Bytes at the front that are ASCII without control characters, in whole blocks.
std::size_t PlainPrefix(std::string_view bytes) {
  std::size_t at = 0;
#if defined(__SSE2__)
  const __m128i limit = _mm_set1_epi8(0x1F);
  for (; at + 16 <= bytes.size(); at += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes.data() + at));
    const __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(block, limit), block);
    const __m128i allowed = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(block, _mm_set1_epi8('\n')),
                                                      _mm_cmpeq_epi8(block, _mm_set1_epi8('\r'))),
                                         _mm_cmpeq_epi8(block, _mm_set1_epi8('\t')));
    const __m128i del = _mm_cmpeq_epi8(block, _mm_set1_epi8(0x7F));
    // The top bit of each byte: set by a byte above 0x7F, and by each comparison that holds.
    const __m128i odd = _mm_or_si128(_mm_or_si128(_mm_andnot_si128(allowed, low), del), block);
    if (_mm_movemask_epi8(odd) != 0) break;
  }
#endif
  return at;
}

// The characters that a first byte opens: how many bytes follow, and the bounds of the next one,
// which keep out overlong forms, surrogates and what lies above U+10FFFF (RFC 3629 §4).
struct Opening {
  int following;
  Byte lowest;
  Byte highest;
};
Opening OpeningOf(Byte first) {
  if (first >= 0xC2 && first <= 0xDF) return {1, 0x80, 0xBF};
  if (first == 0xE0) return {2, 0xA0, 0xBF};
  if (first == 0xED) return {2, 0x80, 0x9F};
  if (first >= 0xE1 && first <= 0xEF) return {2, 0x80, 0xBF};
  if (first == 0xF0) return {3, 0x90, 0xBF};
  if (first >= 0xF1 && first <= 0xF3) return {3, 0x80, 0xBF};
  if (first == 0xF4) return {3, 0x80, 0x8F};
  return {-1, 0, 0};
}

// One character of several bytes at the front: its length, 0 if incomplete, -1 if none.
int WideCharacter(std::string_view bytes) {
  const Opening opening = OpeningOf(static_cast<Byte>(bytes[0]));
  if (opening.following < 0) return -1;
  Byte lowest = opening.lowest;
  Byte highest = opening.highest;
  for (int i = 1; i <= opening.following; ++i) {
    if (static_cast<std::size_t>(i) >= bytes.size()) return 0;
    const Byte next = static_cast<Byte>(bytes[static_cast<std::size_t>(i)]);
    if (next < lowest || next > highest) return -1;
    lowest = 0x80;
    highest = 0xBF;
  }
  return opening.following + 1;
}

// One character on; false where there is none, and scan.stop says why.
bool Step(std::string_view bytes, TextScan& scan) {
  const auto c = static_cast<Byte>(bytes[scan.length]);
  const int length = c < 0x80 ? 1 : WideCharacter(bytes.substr(scan.length));
  if (c == 0) {
    scan.stop = TextScan::Stop::kNul;
  } else if (length <= 0) {
    scan.stop = length == 0 ? TextScan::Stop::kIncomplete : TextScan::Stop::kNotUtf8;
  } else {
    scan.control = scan.control || IsControl(c);
    scan.length += static_cast<std::size_t>(length);
    return true;
  }
  return false;
}

}  // namespace

TextScan ScanText(std::string_view bytes) {
  TextScan scan;
  while (true) {
    scan.length += PlainPrefix(bytes.substr(scan.length));
    // One block character by character, then at full speed again.
    for (int i = 0; i < 16; ++i) {
      if (scan.length == bytes.size() || !Step(bytes, scan)) return scan;
    }
  }
}

bool HasControlCharacter(std::string_view text) {
  for (const char c : text) {
    if (static_cast<Byte>(c) < 0x20 || c == 0x7F) return true;
  }
  return false;
}

}  // namespace holdfast::ingest
