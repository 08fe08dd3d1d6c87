// A tenant moved between the partitions of one machine's journals, by the command line. Label grpc.
#include <cstdio>
#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "holdfast/operations/v1/operations.pb.h"

#include "absl/strings/str_cat.h"
#include "flow_house.h"
#include "invented_borough.h"
#include "load.h"

namespace holdfast::flow {
namespace {

namespace ov1 = operations::v1;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kTenant[] = "westmoor";

class TenantMoveJourney : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { house_ = std::make_unique<FlowHouse>("tenant-move"); }
  static void TearDownTestSuite() { house_.reset(); }

  static Said Run(const Words& words) { return house_->Run(kTenant, words); }
  static std::string Do(const Words& words) { return house_->Do(kTenant, words); }
  static ov1::TenantPlace Place(const std::string& context = "initiative") {
    const auto places =
        house_->Ask<ov1::TenantPlaces>(kTenant, {"tenant", "show", kTenant, "--context", context});
    EXPECT_THAT(places.places(), SizeIs(1));
    return places.places_size() == 1 ? places.places(0) : ov1::TenantPlace();
  }
  static std::string Another(const ov1::TenantPlace& place) {
    return std::to_string((place.partition() + 1) % place.partitions());
  }

  static inline std::unique_ptr<FlowHouse> house_;
};

TEST_F(TenantMoveJourney, SaysWhatWouldMoveAndMovesNothing) {
  const ov1::TenantPlace before = Place();
  const Said said = Run(
      {"tenant", "move", kTenant, "--context", "initiative", "--to", Another(before), "--dry-run"});
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_THAT(said.err, HasSubstr("would move"));
  EXPECT_EQ(Place().partition(), before.partition());
}

TEST_F(TenantMoveJourney, RefusesAPartitionThatIsNotThere) {
  const Said said = Run({"tenant", "move", kTenant, "--context", "initiative", "--to", "99"});
  EXPECT_NE(said.code, 0);
  EXPECT_THAT(said.err, HasSubstr("to_partition"));
  EXPECT_NE(Run({"tenant", "move", kTenant, "--to", "1"}).code, 0) << "of which contexts?";
  EXPECT_NE(Run({"tenant", "move", kTenant, "--context", "police", "--to", "1"}).code, 0);
}

TEST_F(TenantMoveJourney, LosesNothingUnderLoadAndEndsWithEqualHeads) {
  Load load(ThroughDoors(house_->address()), {kTenant, "eastvale", "sandbox"});
  load.AwaitMore(20);
  const ov1::TenantPlace before = Place();
  const Said moved = Run({"tenant", "move", kTenant, "--all", "--to", Another(before)});
  ASSERT_EQ(moved.code, 0) << moved.err;
  load.AwaitMore(20);
  load.Stop();
  std::printf("[ move ] %s[ move ] longest command %s\n", moved.err.c_str(),
              absl::FormatDuration(load.record().longest).c_str());
  EXPECT_THAT(load.record().failures, IsEmpty());
  EXPECT_THAT(load.record().unknown, IsEmpty());
  const ov1::TenantPlace after = Place();
  EXPECT_EQ(std::to_string(after.partition()), Another(before));
  EXPECT_TRUE(after.open());
  EXPECT_GT(after.seq(), before.seq());
  const std::string list = Do({"site", "list", "-o", "csv"});
  for (const std::string& name : load.record().acknowledged.at(kTenant))
    EXPECT_THAT(list, HasSubstr("," + name + ","));
  EXPECT_THAT(Do({"projection", "verify", "--all"}), Not(HasSubstr("NO")));
  EXPECT_EQ(Run({"projection", "rebuild", "--all"}).code, 0);
  EXPECT_EQ(Run({"journal", "verify"}).code, 0);
}

TEST_F(TenantMoveJourney, IsToldOfOtherContextsAsBefore) {
  Do({"tenant", "move", kTenant, "--context", "metrics", "--to", Another(Place("metrics"))});
  const InventedBorough borough = MakeBorough();
  const std::string wards =
      WriteFile(FreshFolder("tenant-move-files") + "/wards.geojson", borough.wards_geojson);
  Do({"geography", "import", wards, "--kind", "ward", "--vintage", "2016", "--code-property",
      "WD16CD", "--name-property", "WD16NM"});
  EXPECT_TRUE(Await([] {
    return Run({"site", "create", "--name", "First", "--areas", "X16000001"}).code == 0;
  })) << "the initiative learns by a reactor which areas there are";
  Do({"tenant", "move", kTenant, "--context", "initiative", "--to", Another(Place())});
  EXPECT_EQ(Run({"site", "create", "--name", "Second", "--areas", "X16000002"}).code, 0);
}

TEST_F(TenantMoveJourney, ComesHomeAgain) {
  const std::string home = std::to_string(Place().home());
  Do({"tenant", "move", kTenant, "--all", "--to", home});
  Do({"tenant", "move", kTenant, "--all", "--to", home});  // asked twice
  EXPECT_EQ(std::to_string(Place().partition()), home);
  Do({"site", "create", "--name", "At home"});
  EXPECT_THAT(Do({"projection", "verify", "--all"}), Not(HasSubstr("NO")));
}

}  // namespace
}  // namespace holdfast::flow
