#include "initiative/domain/areas.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "absl/strings/str_cat.h"

namespace holdfast::initiative {

std::string Areas::IdOf(const type::v1::AreaSet& set) {
  return absl::StrCat(set.kind(), "@", set.vintage());
}

Areas::Decision Areas::Decide(const State& now, const v1::MirrorAreas& command,
                              const DecisionContext&) {
  if (command.set().kind().empty()) return Refuse(Refusal::REQUIRED, "set.kind");
  if (command.set().vintage().empty()) return Refuse(Refusal::REQUIRED, "set.vintage");
  std::vector<std::string> codes(command.codes().begin(), command.codes().end());
  std::ranges::sort(codes);
  codes.erase(std::unique(codes.begin(), codes.end()), codes.end());
  std::vector<std::string> added;
  std::ranges::set_difference(codes, now.codes(), std::back_inserter(added));
  if (added.empty()) return {};
  v1::AreasMirrored mirrored;
  *mirrored.mutable_set() = command.set();
  mirrored.mutable_codes()->Add(added.begin(), added.end());
  return mirrored;
}

void Areas::Evolve(State& state, const v1::AreasMirrored& event) {
  std::vector<std::string> all;
  all.reserve(static_cast<std::size_t>(state.codes_size() + event.codes_size()));
  std::ranges::set_union(state.codes(), event.codes(), std::back_inserter(all));
  *state.mutable_set() = event.set();
  state.clear_codes();
  state.mutable_codes()->Add(all.begin(), all.end());
}

}  // namespace holdfast::initiative
