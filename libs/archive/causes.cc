#include "archive/causes.h"

#include <algorithm>

#include "holdfast/journal/v1/journal.pb.h"

#include "absl/strings/str_cat.h"

namespace holdfast::archive {

void Chains::Reach(std::string_view context, std::string_view tenant, std::uint64_t seq) {
  std::uint64_t& reached = chains_[{std::string(context), std::string(tenant)}];
  reached = std::max(reached, seq);
}

bool Chains::Hold(std::string_view context, std::string_view tenant, std::uint64_t seq) const {
  const auto found = chains_.find({std::string(context), std::string(tenant)});
  return found != chains_.end() && found->second >= seq;
}

void Causes::Add(const journal::v1::Commit& commit) {
  if (!commit.has_caused_by()) return;
  highest_.Reach(commit.caused_by().context(), commit.tenant(), commit.caused_by().seq());
}

std::optional<std::string> Causes::MissingIn(const Chains& cut) const {
  for (const auto& [place, seq] : highest_.all()) {
    if (!cut.Hold(place.first, place.second, seq))
      return absl::StrCat("commit ", seq, " of ", place.first);
  }
  return std::nullopt;
}

void OpenTenants::Add(std::string_view context, std::string_view tenant, bool receiving) {
  if (!receiving) ++open_[{std::string(context), std::string(tenant)}];
}

std::optional<std::string> OpenTenants::InTwoPartitions() const {
  for (const auto& [place, partitions] : open_) {
    if (partitions > 1) return absl::StrCat("tenant ", place.second, " of ", place.first);
  }
  return std::nullopt;
}

}  // namespace holdfast::archive
