#include "rooms.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace holdfast::architecture {
namespace {

using Cells = std::vector<std::string>;

absl::string_view Absl(std::string_view text) {
  return {text.data(), text.size()};
}

std::vector<std::string> Split(std::string_view text, char by) {
  return absl::StrSplit(Absl(text), by);
}

std::string Trim(std::string_view text) {
  return std::string(absl::StripAsciiWhitespace(Absl(text)));
}

// The words between backticks.
Cells Ticked(std::string_view cell) {
  Cells words;
  const std::vector<std::string> parts = Split(cell, '`');
  for (std::size_t i = 1; i < parts.size(); i += 2) words.push_back(parts[i]);
  return words;
}

// Rows of every table whose header has these cells.
std::vector<Cells> TableRows(std::string_view markdown, const Cells& header) {
  std::vector<Cells> rows;
  bool inside = false;
  for (const std::string& line : Split(markdown, '\n')) {
    if (line.empty() || line.front() != '|') {
      inside = false;
      continue;
    }
    std::vector<std::string> parts = Split(line, '|');
    Cells cells;
    for (std::size_t i = 1; i + 1 < parts.size(); ++i) cells.push_back(Trim(parts[i]));
    if (cells == header) {
      inside = true;
    } else if (inside && !cells.empty() && !cells[0].starts_with("-")) {
      rows.push_back(std::move(cells));
    }
  }
  return rows;
}

bool StartsWithPath(std::string_view path, std::string_view prefix) {
  return path.starts_with(prefix) &&
         (path.size() == prefix.size() || prefix.ends_with('/') || path[prefix.size()] == '/');
}

// How well a row's pattern fits: names matched exactly count double a star; none if it does not
// fit.
std::optional<std::size_t> Fit(std::string_view pattern, std::string_view path) {
  const std::vector<std::string> wanted = Split(pattern, '/');
  const std::vector<std::string> given = Split(path, '/');
  if (given.size() <= wanted.size()) return std::nullopt;  // the last name is the file
  std::size_t fit = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i] != "*" && wanted[i] != given[i]) return std::nullopt;
    fit += wanted[i] == "*" ? 1U : 2U;
  }
  return fit;
}

// Standard and absl headers that hold values and pure functions on them: all that a domain or a
// view may include of them.
bool IsValueHeader(std::string_view include) {
  static const std::set<std::string_view> values = {"algorithm",
                                                    "array",
                                                    "bit",
                                                    "charconv",
                                                    "chrono",
                                                    "cmath",
                                                    "compare",
                                                    "concepts",
                                                    "cstddef",
                                                    "cstdint",
                                                    "cstdlib",
                                                    "deque",
                                                    "functional",
                                                    "initializer_list",
                                                    "iterator",
                                                    "limits",
                                                    "list",
                                                    "map",
                                                    "memory",
                                                    "numbers",
                                                    "numeric",
                                                    "optional",
                                                    "queue",
                                                    "ranges",
                                                    "ratio",
                                                    "set",
                                                    "span",
                                                    "string",
                                                    "string_view",
                                                    "tuple",
                                                    "type_traits",
                                                    "utility",
                                                    "variant",
                                                    "vector",
                                                    "tl/expected.hpp",
                                                    "absl/time/time.h",
                                                    "absl/time/civil_time.h",
                                                    "absl/numeric/int128.h"};
  static constexpr std::array<std::string_view, 4> kFamilies = {
      "absl/strings/", "absl/status/", "absl/types/", "google/protobuf/repeated_"};
  if (include.starts_with("google/protobuf/") && include.ends_with(".pb.h")) return true;
  return values.contains(include) ||
         std::any_of(kFamilies.begin(), kFamilies.end(),
                     [include](std::string_view family) { return include.starts_with(family); });
}

// Of base, which a domain may enter, the doors to the world.
bool IsDoorToTheWorld(std::string_view target) {
  static constexpr std::array<std::string_view, 4> kDoors = {
      "libs/base/clock.h", "libs/base/random.h", "libs/base/executor.h",
      "libs/base/thread_executor.h"};
  return std::find(kDoors.begin(), kDoors.end(), target) != kDoors.end();
}

bool IsPure(std::string_view pattern) {
  return pattern.ends_with("/domain") || pattern.find("/views") != std::string_view::npos;
}

// Whether an entry of `may enter` names the target; `service` is the one that enters.
bool Opens(const std::string& entry, std::string_view service, std::string_view target) {
  if (entry.ends_with(".h")) return target.ends_with(absl::StrCat("/", entry));
  if (entry == "libs/*") {
    return target.starts_with("libs/") && !target.starts_with("libs/testing/");
  }
  if (entry == "services/*") return target.starts_with("services/");
  if (entry.starts_with("own/")) {
    return StartsWithPath(target, absl::StrCat("services/", Absl(service), "/", entry.substr(4)));
  }
  return StartsWithPath(target, entry);
}

struct Include {
  int line = 0;
  std::string_view name;
  bool quoted = false;
};

std::vector<Include> IncludesOf(std::string_view text) {
  std::vector<Include> includes;
  int line_number = 0;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    ++line_number;
    const std::size_t hash = line.find_first_not_of(" \t");
    if (hash == std::string_view::npos || line[hash] != '#') continue;
    line.remove_prefix(hash + 1);
    const std::size_t word = line.find_first_not_of(" \t");
    if (word == std::string_view::npos || !line.substr(word).starts_with("include")) continue;
    const std::size_t open = line.find_first_of("<\"");
    if (open == std::string_view::npos) continue;
    const char closing = line[open] == '<' ? '>' : '"';
    const std::size_t close = line.find(closing, open + 1);
    if (close == std::string_view::npos) continue;
    includes.push_back({line_number, line.substr(open + 1, close - open - 1), closing == '"'});
  }
  return includes;
}

using Edges = std::map<std::string, std::vector<std::string>>;

// Depth first; a room met again on the way down is a cycle.
void FindCycles(Edges& edges, Faults& faults) {
  std::set<std::string> done;
  std::set<std::string> on_the_way;
  const std::function<void(const std::string&)> visit = [&](const std::string& room) {
    if (done.contains(room)) return;
    on_the_way.insert(room);
    for (const std::string& next : edges[room]) {
      if (!on_the_way.contains(next)) {
        visit(next);
        continue;
      }
      faults.push_back(
          {room, absl::StrCat("enters ", next, ", from where it can be entered: a cycle")});
    }
    on_the_way.erase(room);
    done.insert(room);
  };
  const Edges rooms = edges;
  for (const auto& [room, entered] : rooms) visit(room);
}

}  // namespace

absl::StatusOr<Rooms> Rooms::Parse(std::string_view markdown) {
  Rooms rooms;
  for (const Cells& cells : TableRows(markdown, {"room", "may enter", "protos"})) {
    if (cells.size() != 3)
      return absl::InvalidArgumentError("table of rooms: a row without 3 cells");
    for (const std::string& pattern : Ticked(cells[0])) {
      rooms.rooms_.push_back({pattern, Ticked(cells[1]), Ticked(cells[2])});
    }
  }
  if (rooms.rooms_.empty())
    return absl::InvalidArgumentError("no table `room | may enter | protos`");
  for (const Cells& cells : TableRows(markdown, {"headers", "only in", "why"})) {
    if (cells.size() != 3)
      return absl::InvalidArgumentError("table of headers: a row without 3 cells");
    rooms.libraries_.push_back({Ticked(cells[0]), Ticked(cells[1])});
  }
  if (rooms.libraries_.empty()) {
    return absl::InvalidArgumentError("no table `headers | only in | why`");
  }
  return rooms;
}

Rooms::Place Rooms::PlaceOf(std::string_view path) const {
  Place place;
  place.path = path;
  place.is_test =
      path.starts_with("tests/") || path.starts_with("libs/testing/") || IsTestCode(path);
  if (path.starts_with("services/")) {
    const std::string_view rest = path.substr(9);
    place.service = rest.substr(0, rest.find('/'));
  }
  std::size_t best = 0;
  for (const Room& room : rooms_) {
    const std::optional<std::size_t> fit = Fit(room.pattern, path);
    if (fit.has_value() && *fit > best) {
      best = *fit;
      place.room = &room;
    }
  }
  return place;
}

Faults Rooms::Check(const SourceTree& tree) const {
  Faults faults;
  for (const SourceFile& file : tree.files) {
    if (!IsCpp(file.path)) continue;
    const Place place = PlaceOf(file.path);
    if (place.room == nullptr) {
      faults.push_back({file.path, "stands in no room of docs/ARCHITECTURE.md"});
      continue;
    }
    for (const Include& include : IncludesOf(file.text)) {
      std::string what = CheckInclude(place, include.name, include.quoted, tree);
      if (what.empty()) continue;
      faults.push_back({absl::StrCat(file.path, ":", include.line),
                        absl::StrCat("includes ", Absl(include.name), ": ", what)});
    }
  }
  return faults;
}

std::string Rooms::CheckInclude(const Place& place, std::string_view include, bool quoted,
                                const SourceTree& tree) const {
  if (include.ends_with(".grpc.pb.h")) {
    const bool client = place.path.starts_with("tests/") || place.path.starts_with("services/cli/");
    return client ? "" : "stubs are for clients; a server works by reflection";
  }
  if (include.starts_with("holdfast/") || include.starts_with("google/rpc/") ||
      include.starts_with("grpc/health/")) {
    return CheckProto(place, include);
  }
  for (const std::string_view home : {"libs/", "services/"}) {
    const std::string target = absl::StrCat(Absl(home), Absl(include));
    if (tree.Has(target)) return CheckEntry(place, target);
  }
  if (quoted && include.find('/') == std::string_view::npos) {
    return place.path.starts_with("tests/") ? "" : "write its address, from libs/ or services/";
  }
  return CheckLibrary(place, include);
}

std::string Rooms::CheckEntry(const Place& place, std::string_view target) const {
  const Place other = PlaceOf(target);
  const bool same_service = place.service == other.service;
  if (other.room == nullptr) return "stands in no room";
  if (!place.is_test && (other.is_test || IsTestCode(target))) return "only tests enter there";
  const bool pure = IsPure(place.room->pattern) && !place.is_test;
  if (pure && IsDoorToTheWorld(target)) return "a domain sees no clock, thread or random number";
  if (other.room == place.room && same_service) return "";
  const std::vector<std::string>& entries = place.room->may_enter;
  if (std::any_of(entries.begin(), entries.end(),
                  [&](const std::string& entry) { return Opens(entry, place.service, target); })) {
    return "";
  }
  if (place.is_test && target.starts_with("libs/testing/")) return "";
  if (place.is_test && !place.service.empty() && same_service) return "";
  return absl::StrCat("room ", place.room->pattern, " may not enter ", other.room->pattern);
}

std::string Rooms::CheckProto(const Place& place, std::string_view include) const {
  const std::vector<std::string> names = Split(include, '/');
  const std::string package =
      names[0] == "holdfast" ? names[1] : absl::StrCat(names[0], "/", names[1]);
  if (place.is_test) return "";  // any message will do as an example
  for (const std::string& proto : place.room->protos) {
    if (proto == "any" || proto == package) return "";
    if (proto == "own" && package == place.service) return "";
    if (proto == "folded") {
      const std::vector<std::string> folders = Split(place.path, '/');
      // services/projection/views/<context>/x.cc
      if (folders.size() >= 5 && folders[3] == package) return "";
    }
  }
  return absl::StrCat("room ", place.room->pattern, " may not use the messages of ", package);
}

std::string Rooms::CheckLibrary(const Place& place, std::string_view include) const {
  for (const Library& library : libraries_) {
    const bool concerned =
        std::any_of(library.headers.begin(), library.headers.end(),
                    [include](const std::string& header) { return include.starts_with(header); });
    if (!concerned) continue;
    const bool allowed = std::any_of(
        library.only_in.begin(), library.only_in.end(), [&place](const std::string& home) {
          return home == "tests" ? place.is_test : StartsWithPath(place.path, home);
        });
    if (!allowed) return absl::StrCat("only in ", absl::StrJoin(library.only_in, ", "));
  }
  if (IsPure(place.room->pattern) && !place.is_test && !IsValueHeader(include)) {
    return "a domain includes headers of values only";
  }
  return "";
}

Faults Rooms::CheckTable() const {
  Faults faults;
  Edges edges;
  for (const Room& room : rooms_) {
    for (const std::string& entry : room.may_enter) {
      if (entry.ends_with(".h") || entry.starts_with("own/") || entry.ends_with('*')) continue;
      edges[room.pattern].push_back(entry);
      if (std::none_of(rooms_.begin(), rooms_.end(),
                       [&entry](const Room& other) { return other.pattern == entry; })) {
        faults.push_back({room.pattern, absl::StrCat("may enter ", entry, ", which has no row")});
      }
    }
  }
  FindCycles(edges, faults);
  return faults;
}

}  // namespace holdfast::architecture
