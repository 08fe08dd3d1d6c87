#include "ingest/csv_reader.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "base/status_macros.h"
#include "ingest/row_fault.h"
#include "ingest/text_scan.h"

namespace holdfast::ingest {
namespace {

constexpr std::size_t kSlack = 32;  // behind the bytes read: a newline of ours, and a block's rest

// The first delimiter, quote, CR or LF in [at, end), else end. May read up to 15 bytes beyond.
char* FindSpecial(char* at, const char* end, char delimiter) {
#if defined(__SSE2__)
  const __m128i wanted = _mm_set1_epi8(delimiter);
  for (; at < end; at += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i hits = _mm_or_si128(
        _mm_or_si128(_mm_cmpeq_epi8(block, wanted), _mm_cmpeq_epi8(block, _mm_set1_epi8('"'))),
        _mm_or_si128(_mm_cmpeq_epi8(block, _mm_set1_epi8('\n')),
                     _mm_cmpeq_epi8(block, _mm_set1_epi8('\r'))));
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(hits));
    if (mask != 0) {
      at += std::countr_zero(mask);
      break;
    }
  }
  return at < end ? at : at + (end - at);
#else
  while (at < end && *at != delimiter && *at != '"' && *at != '\n' && *at != '\r') ++at;
  return at;
#endif
}

}  // namespace

CsvReader::CsvReader(ByteSource& source, std::string file, CsvOptions options)
    : source_(source),
      file_(std::move(file)),
      options_(options),
      buffer_(std::max(options.buffer_bytes, 2 * options.max_row_bytes) + kSlack) {
  fields_.reserve(options_.max_fields);
}

absl::StatusOr<bool> CsvReader::Next() {
  while (true) {
    if (at_ == end_ && source_ended_) return false;
    switch (ParseRow()) {
      case Parsed::kRow:
        Unescape();
        row_line_ = line_;
        line_ += newlines_;
        at_ = static_cast<std::size_t>(row_end_ - buffer_.data());
        return true;
      case Parsed::kEmptyLine:
        ++line_;
        at_ = static_cast<std::size_t>(row_end_ - buffer_.data());
        break;
      case Parsed::kFault:
        return StructureFault(file_, line_, fault_);
      case Parsed::kNeedsMore:
        if (source_ended_) {
          return StructureFault(file_, line_, "a quote that opens in this row is never closed");
        }
        RETURN_IF_ERROR(Refill());
        break;
    }
  }
}

CsvReader::Parsed CsvReader::Fault(std::string_view sentence) {
  fault_ = sentence;
  return Parsed::kFault;
}

CsvReader::Parsed CsvReader::ParseRow() {
  char* const begin = buffer_.data() + at_;
  char* at = begin;
  const Parsed parsed = ParseFields(at);
  if (parsed == Parsed::kNeedsMore && checked_ - at_ > options_.max_row_bytes) {
    return Fault("the row is too long, or a quote is never closed");
  }
  if (parsed != Parsed::kRow) return parsed;
  row_end_ = at;
  if (static_cast<std::size_t>(at - begin) > options_.max_row_bytes) {
    return Fault("the row is too long");
  }
  const bool empty = fields_.size() == 1 && fields_[0].empty() && !quoted_;
  return empty ? Parsed::kEmptyLine : Parsed::kRow;
}

CsvReader::Parsed CsvReader::ParseFields(char*& at) {
  fields_.clear();
  escaped_.clear();
  newlines_ = 0;
  quoted_ = false;
  const char* const end = buffer_.data() + checked_;
  for (bool row_ended = false; !row_ended;) {
    if (at == end) return Parsed::kNeedsMore;
    if (fields_.size() == options_.max_fields) return Fault("the row has too many fields");
    Parsed parsed = *at == '"' ? ParseQuoted(at) : ParsePlain(at);
    if (parsed == Parsed::kRow) parsed = EndField(at, row_ended);
    if (parsed != Parsed::kRow) return parsed;
  }
  return Parsed::kRow;
}

CsvReader::Parsed CsvReader::ParsePlain(char*& at) {
  const char* const end = buffer_.data() + checked_;
  char* const stop = FindSpecial(at, end, options_.delimiter);
  if (stop == end) return Parsed::kNeedsMore;
  if (*stop == '"') return Fault("a quote stands inside a field that does not begin with one");
  const auto length = static_cast<std::size_t>(stop - at);
  if (length > options_.max_field_bytes) return Fault("a field is too long");
  fields_.emplace_back(at, length);
  at = stop;
  return Parsed::kRow;
}

CsvReader::Parsed CsvReader::ParseQuoted(char*& at) {
  const char* const end = buffer_.data() + checked_;
  char* const begin = at + 1;
  char* stop = begin;
  bool escaped = false;
  while (true) {
    stop = static_cast<char*>(std::memchr(stop, '"', static_cast<std::size_t>(end - stop)));
    if (stop == nullptr || stop + 1 == end) return Parsed::kNeedsMore;
    if (stop[1] != '"') break;
    escaped = true;
    stop += 2;
  }
  const auto length = static_cast<std::size_t>(stop - begin);
  if (length > options_.max_field_bytes) return Fault("a field is too long");
  quoted_ = true;
  newlines_ += static_cast<std::uint64_t>(std::count(begin, stop, '\n'));
  if (escaped) escaped_.push_back(fields_.size());
  fields_.emplace_back(begin, length);
  at = stop + 1;
  return Parsed::kRow;
}

// Behind a field: a delimiter, or the end of the row.
CsvReader::Parsed CsvReader::EndField(char*& at, bool& row_ended) {
  const char* const end = buffer_.data() + checked_;
  if (*at == options_.delimiter) {
    ++at;
    return Parsed::kRow;
  }
  if (*at == '\r') {
    if (at + 1 == end) return Parsed::kNeedsMore;
    if (at[1] != '\n') {
      return Fault("a line ends in CR alone; save the file with CRLF or LF line ends");
    }
    ++at;
  }
  if (*at != '\n') return Fault("text stands behind a closing quote");
  ++at;
  ++newlines_;
  row_ended = true;
  return Parsed::kRow;
}

// Doubled quotes become single ones, in place. Only once the row is complete: a row that needs more
// bytes is read again from its start.
void CsvReader::Unescape() {
  for (const std::size_t i : escaped_) {
    char* const begin = buffer_.data() + (fields_[i].data() - buffer_.data());
    char* out = begin;
    for (const char* in = begin; in != begin + fields_[i].size(); ++in) {
      *out++ = *in;
      if (*in == '"') ++in;
    }
    fields_[i] = {begin, static_cast<std::size_t>(out - begin)};
  }
}

absl::Status CsvReader::Refill() {
  std::memmove(buffer_.data(), buffer_.data() + at_, end_ - at_);
  checked_ -= at_;
  end_ -= at_;
  at_ = 0;
  ASSIGN_OR_RETURN(const std::size_t length,
                   source_.Read({buffer_.data() + end_, buffer_.size() - kSlack - end_}));
  end_ += length;
  if (length == 0) {
    source_ended_ = true;
    if (checked_ != end_) return FaultAt(checked_, "the file ends inside a UTF-8 character");
    // The last line may lack its line end.
    if (end_ > at_ && buffer_[end_ - 1] != '\n') {
      buffer_[end_++] = '\n';
      checked_ = end_;
    }
    return absl::OkStatus();
  }
  return CheckNewBytes();
}

absl::Status CsvReader::CheckNewBytes() {
  const std::string_view fresh(buffer_.data() + checked_, end_ - checked_);
  if (!begun_) {
    if (fresh.size() < 3 && std::string_view("\xEF\xBB\xBF").starts_with(fresh)) {
      return absl::OkStatus();  // perhaps half a byte order mark
    }
    begun_ = true;
    if (fresh.starts_with("\xFF\xFE") || fresh.starts_with("\xFE\xFF")) {
      return FaultAt(0, "the file is UTF-16; save it as UTF-8");
    }
    if (fresh.starts_with("\xEF\xBB\xBF")) {
      at_ = 3;
      checked_ = 3;
      return CheckNewBytes();
    }
  }
  const TextScan scan = ScanText(fresh);
  checked_ += scan.length;
  control_ = control_ || scan.control;
  if (scan.stop == TextScan::Stop::kNotUtf8) {
    return FaultAt(checked_, "a byte is not UTF-8; save the file as UTF-8");
  }
  if (scan.stop == TextScan::Stop::kNul) {
    return FaultAt(checked_, "a NUL byte: this is not a text file");
  }
  return absl::OkStatus();
}

absl::Status CsvReader::FaultAt(std::size_t offset, std::string_view sentence) const {
  const auto lines = static_cast<std::uint64_t>(
      std::count(buffer_.begin() + static_cast<std::ptrdiff_t>(at_),
                 buffer_.begin() + static_cast<std::ptrdiff_t>(std::max(offset, at_)), '\n'));
  return StructureFault(file_, line_ + lines, sentence);
}

}  // namespace holdfast::ingest
