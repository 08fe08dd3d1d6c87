// The inside of a Batch: its operations, one after another in one buffer.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "storage/store.h"

namespace holdfast::storage {

struct Batch::Rep {
  enum class Kind : std::uint32_t { kPut, kDelete };
  // Before the key and the value of each operation.
  struct Header {
    Kind kind = Kind::kPut;
    std::uint32_t family = 0;  // index into families
    std::uint32_t key_size = 0;
    std::uint32_t value_size = 0;
  };
  std::vector<std::string> families;
  std::string operations;
  std::size_t count = 0;

  std::uint32_t IndexOf(std::string_view family);
  void Begin(Kind kind, std::string_view family, std::string_view key, std::size_t value_size);
};

}  // namespace holdfast::storage
