#include "ingest/nearest_name.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace holdfast::ingest {
namespace {

constexpr std::size_t kMaxBytes = 64;

char Lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::size_t Distance(std::string_view a, std::string_view b) {
  std::array<std::size_t, kMaxBytes + 1> row{};
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (Lower(a[i - 1]) == Lower(b[j - 1]) ? 0U : 1U);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string_view NearestName(std::string_view name, std::span<const std::string_view> known) {
  if (name.empty() || name.size() > kMaxBytes) return {};
  std::string_view best;
  std::size_t best_distance = kMaxBytes + 1;
  for (const std::string_view candidate : known) {
    if (candidate.size() > kMaxBytes) continue;
    const std::size_t distance = Distance(name, candidate);
    if (distance < best_distance && distance * 3 <= std::max(candidate.size(), name.size())) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

}  // namespace holdfast::ingest
