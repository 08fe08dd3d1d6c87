// Who may enter whom: the tables of docs/ARCHITECTURE.md, and the includes held to them.
//
// First table, `room | may enter | protos`. A room is a folder; `*` stands for one name; the most
// exact row counts.
//   may enter   `libs/base`         a room
//               `libs/*`            every lib but testing
//               `services/*`        every service
//               `own/domain`        that folder of the same service
//               `readmodel/view.h`  one header
//   protos      `type`              a package of holdfast/
//               `own`               that of the service
//               `folded`            that of the folder below views/
//               `any`
// Second table, `headers | only in | why`: a library's headers, and the only paths to include them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "fault.h"
#include "source_tree.h"

namespace holdfast::architecture {

class Rooms {
 public:
  // InvalidArgument, naming the table, where one is missing or has no rows.
  static absl::StatusOr<Rooms> Parse(std::string_view markdown);

  // Every include of every C++ file of the tree.
  Faults Check(const SourceTree& tree) const;
  // Faults of the table itself: a cycle between libs, a row that names a room without a row.
  Faults CheckTable() const;

 private:
  struct Room {
    std::string pattern;
    std::vector<std::string> may_enter;
    std::vector<std::string> protos;
  };
  struct Library {
    std::vector<std::string> headers;
    std::vector<std::string> only_in;
  };

  // A file and the row that it falls under.
  struct Place {
    const Room* room = nullptr;
    std::string_view path;
    std::string_view service;  // "metrics" of services/metrics/…
    bool is_test = false;
  };

  Place PlaceOf(std::string_view path) const;
  std::string CheckInclude(const Place& place, std::string_view include, bool quoted,
                           const SourceTree& tree) const;
  std::string CheckEntry(const Place& place, std::string_view target) const;
  std::string CheckProto(const Place& place, std::string_view include) const;
  std::string CheckLibrary(const Place& place, std::string_view include) const;

  std::vector<Room> rooms_;
  std::vector<Library> libraries_;
};

}  // namespace holdfast::architecture
