#include "audit/views/entries.h"

#include <array>

namespace holdfast::audit {

std::string SortableKey(std::uint64_t number) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  constexpr unsigned kBits = 64;
  constexpr unsigned kBitsOfDigit = 4;
  std::string key;
  for (unsigned shift = kBits; shift > 0; shift -= kBitsOfDigit)
    key.push_back(kDigits[number >> (shift - kBitsOfDigit) & 0xFU]);
  return key;
}

Fit Entries::Apply(Row& row, const v1::AccessRecorded& event, const EventMeta& meta) {
  if (meta.stored == nullptr) return Unfit("NOT_STORED");
  row.set_index(event.index());
  row.set_payload(std::string(meta.stored->payload()));
  for (std::string& sealed : meta.stored->sealed()) row.add_sealed(std::move(sealed));
  return {};
}

}  // namespace holdfast::audit
