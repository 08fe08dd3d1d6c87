#include "ingest/police_uk_files.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/civil_time.h"
#include "ingest/row_fault.h"

namespace holdfast::ingest {
namespace {

char Lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool IsSlugLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

// "Kent Police" without "Police".
std::string_view WithoutKind(std::string_view force) {
  for (const std::string_view suffix : {" Police Service", " Police", " Constabulary"}) {
    if (force.size() > suffix.size() && force.ends_with(suffix)) {
      return force.substr(0, force.size() - suffix.size());
    }
  }
  return force;
}

bool IsSlug(std::string_view text) {
  if (text.empty() || text.size() > 64 || text.front() == '-' || text.back() == '-') return false;
  return std::ranges::all_of(text, [](char c) { return IsSlugLetter(c) || c == '-'; });
}

std::string NotStreet(PoliceUkKind kind) {
  return kind == PoliceUkKind::kOutcomes
             ? "outcomes are not imported by this profile; the street file has the last outcome"
             : "stop and search is not imported by this profile";
}

bool IsCsv(std::string_view path) {
  return path.ends_with(".csv") || path.ends_with(".CSV");
}

absl::Status CheckUnique(const std::vector<StreetFile>& files) {
  for (std::size_t i = 1; i < files.size(); ++i) {
    const StreetFile& a = files[i - 1];
    const StreetFile& b = files[i];
    if (a.month == b.month && a.force == b.force) {
      return absl::InvalidArgumentError(absl::StrCat(
          "two files hold the same force and month: ", Shown(a.path), " and ", Shown(b.path)));
    }
  }
  return absl::OkStatus();
}

}  // namespace

std::optional<PoliceUkName> ParsePoliceUkName(std::string_view path) {
  std::string_view name = path.substr(path.rfind('/') + 1);  // npos + 1 is 0
  if (name.size() < 9 || !name.ends_with(".csv") || name[7] != '-') return std::nullopt;
  const auto month = ParseMonth(name.substr(0, 7));
  if (!month) return std::nullopt;
  name.remove_suffix(4);
  name.remove_prefix(8);
  constexpr std::array<std::pair<std::string_view, PoliceUkKind>, 3> kKinds = {
      {{"-street", PoliceUkKind::kStreet},
       {"-outcomes", PoliceUkKind::kOutcomes},
       {"-stop-and-search", PoliceUkKind::kStopAndSearch}}};
  for (const auto& [suffix, kind] : kKinds) {
    if (!name.ends_with(suffix)) continue;
    const std::string_view force = name.substr(0, name.size() - suffix.size());
    if (!IsSlug(force)) return std::nullopt;
    return PoliceUkName{*month, std::string(force), kind};
  }
  return std::nullopt;
}

std::string ForceSlug(std::string_view force) {
  if (force == "British Transport Police") return "btp";
  if (force == "Police Service of Northern Ireland") return "northern-ireland";
  force = WithoutKind(force);
  std::string slug;
  for (const char c : force) {
    if (c == '&') {
      slug += "and";
    } else if (IsSlugLetter(Lower(c))) {
      slug += Lower(c);
    } else if (!slug.empty() && slug.back() != '-') {
      slug += '-';
    }
  }
  while (!slug.empty() && slug.back() == '-') slug.pop_back();
  return slug;
}

absl::StatusOr<PoliceUkFiles> FindStreetFiles(const FileSet& files) {
  PoliceUkFiles found;
  const std::vector<FileEntry>& entries = files.entries();
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const std::string& path = entries[i].path;
    const auto name = ParsePoliceUkName(path);
    if (name && name->kind == PoliceUkKind::kStreet) {
      found.street.push_back({i, path, name->month, name->force});
    } else if (name) {
      found.not_imported.push_back({path, NotStreet(name->kind)});
    } else if (entries.size() == 1 && IsCsv(path)) {
      found.street.push_back({i, path, std::nullopt, ""});
    } else {
      found.not_imported.push_back({path, "this is not a name of a police.uk file"});
    }
  }
  if (found.street.empty()) {
    return absl::InvalidArgumentError(
        "no street file is there; the archive names them YYYY-MM-<force>-street.csv");
  }
  std::ranges::stable_sort(found.street, {},
                           [](const StreetFile& file) { return std::tie(file.month, file.force); });
  if (absl::Status unique = CheckUnique(found.street); !unique.ok()) return unique;
  return found;
}

}  // namespace holdfast::ingest
