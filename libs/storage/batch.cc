#include "storage/batch.h"

#include <algorithm>
#include <cstring>

namespace holdfast::storage {

std::uint32_t Batch::Rep::IndexOf(std::string_view family) {
  // Few families a batch, and most often the one before.
  const auto found = std::find(families.rbegin(), families.rend(), family);
  if (found != families.rend()) return static_cast<std::uint32_t>(families.rend() - found - 1);
  families.emplace_back(family);
  return static_cast<std::uint32_t>(families.size() - 1);
}

void Batch::Rep::Begin(Kind kind, std::string_view family, std::string_view key,
                       std::size_t value_size) {
  const Header header{kind, IndexOf(family), static_cast<std::uint32_t>(key.size()),
                      static_cast<std::uint32_t>(value_size)};
  char bytes[sizeof header];
  std::memcpy(bytes, &header, sizeof header);
  operations.append(bytes, sizeof bytes).append(key);
  ++count;
}

Batch::Batch() : rep_(std::make_unique<Rep>()) {}
Batch::~Batch() = default;
Batch::Batch(Batch&&) noexcept = default;
Batch& Batch::operator=(Batch&&) noexcept = default;

void Batch::Put(std::string_view family, std::string_view key, std::string_view value) {
  rep_->Begin(Rep::Kind::kPut, family, key, value.size());
  rep_->operations.append(value);
}

void Batch::PutParts(std::string_view family, std::string_view key,
                     std::span<const std::string_view> value) {
  std::size_t size = 0;
  for (const std::string_view part : value) size += part.size();
  rep_->Begin(Rep::Kind::kPut, family, key, size);
  for (const std::string_view part : value) rep_->operations.append(part);
}

void Batch::Delete(std::string_view family, std::string_view key) {
  rep_->Begin(Rep::Kind::kDelete, family, key, 0);
}

void Batch::Clear() {
  rep_->families.clear();
  rep_->operations.clear();
  rep_->count = 0;
}

std::size_t Batch::bytes() const {
  return rep_->operations.size();
}

bool Batch::empty() const {
  return rep_->count == 0;
}

}  // namespace holdfast::storage
