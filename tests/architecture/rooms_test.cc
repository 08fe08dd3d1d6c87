// Every include of the tree, held to the table; and planted ones that must be refused.
#include "rooms.h"

#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "source_tree.h"

namespace holdfast::architecture {
namespace {

using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Made at run time: a line of this file that began with it would be an include of this file.
std::string Include(const std::string& what) {
  return std::string("#") + "include " + what + "\n";
}

Rooms TheTable() {
  absl::StatusOr<Rooms> rooms = Rooms::Parse(ReadFile(ProjectRoot() + "/docs/ARCHITECTURE.md"));
  EXPECT_TRUE(rooms.ok()) << rooms.status();
  return *std::move(rooms);
}

// A tree with some headers to include, and one planted file.
Faults Plant(const std::string& path, const std::string& text) {
  SourceTree tree;
  for (const char* header :
       {"libs/base/hash.h", "libs/base/clock.h", "libs/journal/journal.h", "libs/rpc/door.h",
        "libs/http/server.h", "libs/testing/scenario.h", "libs/eventsourcing/decider.h",
        "libs/eventsourcing/partition_actor.h", "services/metrics/domain/series.h",
        "services/initiative/domain/site.h", "services/initiative/initiative_service.h"}) {
    tree.Add(header, "");
  }
  tree.Add(path, text);
  return TheTable().Check(tree);
}

auto OneFault(const std::string& what) {
  return ElementsAre(Field(&Fault::what, HasSubstr(what)));
}

TEST(Rooms, HoldEveryIncludeOfTheTree) {
  const Faults faults = TheTable().Check(ReadTree(ProjectRoot()));
  EXPECT_THAT(faults, IsEmpty());
}

TEST(Rooms, HaveATableWithoutCyclesOrUnknownNames) {
  EXPECT_THAT(TheTable().CheckTable(), IsEmpty());
}

TEST(Rooms, NeedTheirTables) {
  EXPECT_FALSE(Rooms::Parse("# Nothing here\n").ok());
  EXPECT_FALSE(
      Rooms::Parse("| room | may enter | protos |\n|---|---|---|\n| `libs/a` | – | – |\n").ok());
}

TEST(Rooms, SeeACycleInTheTable) {
  const absl::StatusOr<Rooms> rooms = Rooms::Parse(
      "| room | may enter | protos |\n|---|---|---|\n| `libs/a` | `libs/b` | – |\n| `libs/b` | "
      "`libs/a` | – |\n\n"
      "| headers | only in | why |\n|---|---|---|\n| `x/` | `libs/a` | – |\n");
  ASSERT_TRUE(rooms.ok()) << rooms.status();
  EXPECT_THAT(rooms->CheckTable(), OneFault("a cycle"));
}

TEST(Rooms, RefuseAFileThatStandsInNone) {
  EXPECT_THAT(Plant("libs/attic/box.cc", ""), OneFault("stands in no room"));
  EXPECT_THAT(Plant("docs/example.cc", ""), OneFault("stands in no room"));
}

TEST(Rooms, LetALowerRoomNotEnterAHigherOne) {
  EXPECT_THAT(Plant("libs/base/x.cc", Include("\"journal/journal.h\"")), OneFault("may not enter"));
  EXPECT_THAT(Plant("libs/journal/x.cc", Include("\"base/hash.h\"")), IsEmpty());
}

TEST(Rooms, LetAServiceNotEnterAnotherOne) {
  EXPECT_THAT(Plant("services/metrics/x.cc", Include("\"initiative/domain/site.h\"")),
              OneFault("may not enter"));
  EXPECT_THAT(Plant("services/initiative/x.cc", Include("\"initiative/domain/site.h\"")),
              IsEmpty());
  EXPECT_THAT(Plant("services/standalone/x.cc", Include("\"initiative/initiative_service.h\"")),
              IsEmpty());
}

TEST(Rooms, LetOnlyTestsEnterTesting) {
  EXPECT_THAT(Plant("services/metrics/x.cc", Include("\"testing/scenario.h\"")),
              OneFault("only tests"));
  EXPECT_THAT(Plant("services/metrics/domain/x_test.cc", Include("\"testing/scenario.h\"")),
              IsEmpty());
}

TEST(Rooms, ShowADomainValuesOnly) {
  const std::string domain = "services/metrics/domain/x.cc";
  EXPECT_THAT(
      Plant(domain, Include("<vector>") + Include("\"tl/expected.hpp\"") +
                        Include("\"eventsourcing/decider.h\"") + Include("\"base/hash.h\"") +
                        Include("\"metrics/domain/series.h\"") +
                        Include("\"holdfast/metrics/v1/events.pb.h\"") +
                        Include("\"holdfast/type/v1/type.pb.h\"")),
      IsEmpty());
  EXPECT_THAT(Plant(domain, Include("<fstream>")), OneFault("headers of values only"));
  EXPECT_THAT(Plant(domain, Include("<unordered_map>")), OneFault("headers of values only"));
  EXPECT_THAT(Plant(domain, Include("<mutex>")), OneFault("headers of values only"));
  EXPECT_THAT(Plant(domain, Include("\"absl/time/clock.h\"")), OneFault("headers of values only"));
  EXPECT_THAT(Plant(domain, Include("\"base/clock.h\"")), OneFault("no clock"));
  EXPECT_THAT(Plant(domain, Include("\"eventsourcing/partition_actor.h\"")),
              OneFault("may not enter"));
  EXPECT_THAT(Plant(domain, Include("\"holdfast/initiative/v1/events.pb.h\"")),
              OneFault("messages of initiative"));
}

TEST(Rooms, LetAViewOfProjectionFoldOneContext) {
  const std::string view = "services/projection/views/metrics/x.cc";
  EXPECT_THAT(Plant(view, Include("\"holdfast/metrics/v1/events.pb.h\"")), IsEmpty());
  EXPECT_THAT(Plant(view, Include("\"holdfast/initiative/v1/events.pb.h\"")),
              OneFault("messages of initiative"));
}

TEST(Rooms, KeepALibraryInItsOneRoom) {
  const std::vector<std::pair<std::string, std::string>> planted = {
      {"libs/journal/x.cc", "<rocksdb/db.h>"},
      {"libs/storage/x.cc", "<librdkafka/rdkafka.h>"},
      {"libs/rpc/x.cc", "<openssl/evp.h>"},
      {"libs/base/uuid_text.cc", "<openssl/evp.h>"},
      {"services/gateway/x.cc", "<boost/beast.hpp>"},
      {"libs/ingest/x.cc", "<geos_c.h>"},
      {"libs/journal/x.cc", "<gtest/gtest.h>"}};
  for (const auto& [path, header] : planted) {
    EXPECT_THAT(Plant(path, Include(header)), OneFault("only in")) << path << " " << header;
  }
  EXPECT_THAT(Plant("libs/storage/x.cc", Include("<rocksdb/db.h>")), IsEmpty());
  EXPECT_THAT(Plant("libs/base/hash.cc", Include("<openssl/evp.h>")), IsEmpty());
}

TEST(Rooms, LeaveStubsToClients) {
  const std::string stub = Include("\"holdfast/metrics/v1/metrics.grpc.pb.h\"");
  EXPECT_THAT(Plant("services/metrics/x.cc", stub), OneFault("stubs are for clients"));
  EXPECT_THAT(Plant("libs/rpc/x.cc", stub), OneFault("stubs are for clients"));
}

TEST(Rooms, WantAnIncludeThatReadsAsAnAddress) {
  EXPECT_THAT(Plant("libs/base/x.cc", Include("\"hash.h\"")), OneFault("write its address"));
}

}  // namespace
}  // namespace holdfast::architecture
