// Which column of a file is which: by the header's names, never by position.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace holdfast::ingest {

struct Column {
  std::string_view name;                       // as shown, and as documented
  std::array<std::string_view, 4> synonyms{};  // empty ones do not count
  bool required = true;
};

enum class HeaderMatch {
  kExact,  // byte for byte: a published layout
  kLoose,  // case does not count; space, '_' and '-' are one
};

// The columns of an errors file (ErrorsFile), which may be uploaded again: there they are ignored.
inline constexpr std::array<std::string_view, 4> kErrorColumns = {"_error_code", "_error_field",
                                                                  "_error_message", "_hint"};

// Where the wanted columns stand in the rows of one file.
class ColumnMap {
 public:
  // Refuses a header (InvalidArgument, all names in one sentence) with a column that is unknown
  // (naming the nearest known one), missing, or there twice.
  static absl::StatusOr<ColumnMap> Match(std::string_view file, std::uint64_t line,
                                         std::span<const std::string_view> header,
                                         std::span<const Column> wanted, HeaderMatch match);

  // The field of wanted column `i`; empty where an optional column is absent. Values of an errors
  // file lose the apostrophe that guarded them.
  std::string_view Field(std::span<const std::string_view> row, std::size_t i) const {
    if (at_[i] < 0) return {};
    const std::string_view value = row[static_cast<std::size_t>(at_[i])];
    return is_errors_file_ ? Unguarded(value) : value;
  }
  bool Has(std::size_t i) const { return at_[i] >= 0; }
  // Every row must have as many fields as the header.
  std::size_t width() const { return width_; }

 private:
  static std::string_view Unguarded(std::string_view value);

  std::vector<std::int32_t> at_;
  std::size_t width_ = 0;
  bool is_errors_file_ = false;
};

}  // namespace holdfast::ingest
