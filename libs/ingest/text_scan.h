// Whether bytes are text: UTF-8 (RFC 3629) without NUL.
#pragma once

#include <cstddef>
#include <string_view>

namespace holdfast::ingest {

struct TextScan {
  enum class Stop {
    kEnd,         // all of it is text
    kIncomplete,  // ends inside a character: more bytes may complete it
    kNotUtf8,
    kNul,
  };
  std::size_t length = 0;  // whole characters before the stop, in bytes
  Stop stop = Stop::kEnd;
  bool control = false;  // among them a control character other than tab, CR, LF
};

// Plain ASCII passes at memory speed.
TextScan ScanText(std::string_view bytes);

bool HasControlCharacter(std::string_view text);

}  // namespace holdfast::ingest
