#include "readmodel/tenant_views.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "holdfast/testing/v1/door.pb.h"

#include "absl/time/time.h"
#include "readmodel/read_model.h"

namespace holdfast::readmodel {
namespace {

using holdfast::testing::v1::Told;

struct Sums {
  static constexpr std::string_view kName = "sums@1";
  using Row = Told;
  using Event = std::variant<Told>;
  static RowKeys Key(const Told& event, const EventMeta&) { return event.text(); }
  static void Apply(Row& row, const Told& event, const EventMeta&) {
    row.set_number(row.number() + event.number());
  }
};

EventMeta At(std::uint64_t seq) {
  EventMeta meta;
  meta.tenant = "westmoor";
  meta.seq = seq;
  return meta;
}

Told OneOf(const std::string& text) {
  Told told;
  told.set_text(text);
  told.set_number(1);
  return told;
}

TEST(TenantViews, WriteNothingMoreOnceTheStoreFailedAmidACommit) {
  const std::string folder = ::testing::TempDir() + "/tenant_views_" + std::to_string(getpid());
  std::filesystem::remove_all(folder);
  ReadModelOptions options;
  options.views = {ViewTypeOf<Sums>()};
  auto views = *TenantViews::Open(folder, "westmoor", options);
  views->store_to_rebuild().Put(views->mark(Sums::kName).family, "damaged", "\xFF");
  ASSERT_TRUE(views->store_to_rebuild().Commit().ok());

  views->BeginCommit(options.views[0].context, 1, absl::UnixEpoch());
  ASSERT_TRUE(views->Apply(OneOf("whole"), At(1)).ok());
  EXPECT_TRUE(absl::IsDataLoss(views->Apply(OneOf("damaged"), At(1))));
  EXPECT_TRUE(absl::IsDataLoss(views->Flush()));
  EXPECT_FALSE(views->store().Get(views->mark(Sums::kName).family, "whole")->has_value());
  views.reset();
  std::filesystem::remove_all(folder);
}

TEST(TenantViews, AreKnownByAMacThatNobodyElseCanMake) {
  const std::string root = ::testing::TempDir() + "/tenant_macs_" + std::to_string(getpid());
  std::filesystem::remove_all(root);
  ReadModelOptions options;
  options.views = {ViewTypeOf<Sums>()};
  options.folder_mac = [](const std::string& tenant) { return "mac of " + tenant; };
  const auto fill = [&](const std::string& tenant) {
    auto views = *TenantViews::Open(root + "/" + tenant, tenant, options);
    views->BeginCommit(options.views[0].context, 1, absl::UnixEpoch());
    ASSERT_TRUE(views->Apply(OneOf("whole"), At(1)).ok());
    views->EndCommit();
    ASSERT_TRUE(views->Flush().ok());
  };
  fill("westmoor");
  fill("eastvale");
  EXPECT_TRUE(
      absl::IsDataLoss(TenantViews::Open(root + "/eastvale", "westmoor", options).status()));
  {
    // The name was written over; the MAC was not.
    auto views = *TenantViews::Open(root + "/eastvale", "eastvale", options);
    views->store_to_rebuild().Put("meta", "tenant", "westmoor\nmac of eastvale");
    ASSERT_TRUE(views->store_to_rebuild().Commit().ok());
  }
  EXPECT_TRUE(
      absl::IsDataLoss(TenantViews::Open(root + "/eastvale", "westmoor", options).status()));
  {
    // As an earlier version left it, or whoever took the MAC off: what stood there is not believed.
    auto views = *TenantViews::Open(root + "/westmoor", "westmoor", options);
    EXPECT_EQ(views->mark(Sums::kName).seq, 1U);
    views->store_to_rebuild().Put("meta", "tenant", "westmoor");
    ASSERT_TRUE(views->store_to_rebuild().Commit().ok());
  }
  auto again = TenantViews::Open(root + "/westmoor", "westmoor", options);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ((*again)->mark(Sums::kName).seq, 0U);
}

}  // namespace
}  // namespace holdfast::readmodel
