#include "initiative/domain/zone.h"

#include "absl/strings/match.h"

namespace holdfast::initiative {

bool SameZone(std::string_view a, std::string_view b) {
  return absl::EqualsIgnoreCase(absl::string_view(a.data(), a.size()),
                                absl::string_view(b.data(), b.size()));
}

}  // namespace holdfast::initiative
