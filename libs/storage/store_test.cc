#include "storage/store.h"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "observability/metrics.h"
#include "storage/disk_hook.h"

namespace holdfast::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

class StoreTest : public ::testing::Test {
 protected:
  StoreTest()
      : folder_(::testing::TempDir() + "/store_test_" +
                ::testing::UnitTest::GetInstance()->current_test_info()->name()) {
    std::filesystem::remove_all(folder_);
    options_.folder = folder_ + "/store";
    options_.families = {"rows"};
  }
  ~StoreTest() override { std::filesystem::remove_all(folder_); }

  std::unique_ptr<Store> Open() {
    auto store = Store::Open(options_);
    EXPECT_TRUE(store.ok()) << store.status();
    return store.ok() ? *std::move(store) : nullptr;
  }
  static void Put(Store& store, std::string_view key, std::string_view value,
                  std::string_view family = "rows") {
    Batch batch;
    batch.Put(family, key, value);
    ASSERT_TRUE(store.Write(batch, Sync::kYes).ok());
  }
  template <class Source>
  static std::vector<std::string> Keys(const Source& source, std::string_view prefix,
                                       std::optional<std::string_view> after = std::nullopt) {
    std::vector<std::string> keys;
    EXPECT_TRUE(source
                    .Scan("rows", prefix, after,
                          [&keys](std::string_view key, std::string_view) {
                            keys.emplace_back(key);
                            return true;
                          })
                    .ok());
    return keys;
  }

  const std::string folder_;
  StoreOptions options_;
};

TEST_F(StoreTest, KeepsWhatABatchWroteAcrossAReopen) {
  {
    const auto store = Open();
    Batch batch;
    batch.Put("rows", "a", "1");
    batch.Put("rows", "b", "2");
    batch.Delete("rows", "a");
    const std::string_view parts[] = {"x", "", "yz"};
    batch.PutParts("rows", "c", parts);
    EXPECT_FALSE(batch.empty());
    ASSERT_TRUE(store->Write(batch, Sync::kNo).ok());
    batch.Clear();
    EXPECT_TRUE(batch.empty());
  }
  const auto store = Open();
  EXPECT_EQ(*store->Get("rows", "a"), std::nullopt);
  EXPECT_EQ(*store->Get("rows", "b"), "2");
  EXPECT_EQ(*store->Get("rows", "c"), "xyz");
  EXPECT_EQ(*store->Get("no such family", "c"), std::nullopt);
}

TEST_F(StoreTest, ABatchIntoAnUnknownFamilyWritesNothing) {
  const auto store = Open();
  Batch batch;
  batch.Put("rows", "a", "1");
  batch.Put("no such family", "b", "2");
  EXPECT_EQ(store->Write(batch, Sync::kNo).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(*store->Get("rows", "a"), std::nullopt);
}

TEST_F(StoreTest, ScansOnlyThePrefixInOrderAndAfterAKey) {
  const auto store = Open();
  for (const char* key : {"b/2", "a/9", "b/1", "b/3", "c/1"}) Put(*store, key, "x");
  EXPECT_THAT(Keys(*store, "b/"), ElementsAre("b/1", "b/2", "b/3"));
  EXPECT_THAT(Keys(*store, "b/", "b/1"), ElementsAre("b/2", "b/3"));
  EXPECT_THAT(Keys(*store, "b/", "b/15"), ElementsAre("b/2", "b/3"));
  EXPECT_THAT(Keys(*store, "b/", "a"), ElementsAre("b/1", "b/2", "b/3"));
  EXPECT_THAT(Keys(*store, "b/", "b/3"), ElementsAre());
  EXPECT_THAT(Keys(*store, ""), ElementsAre("a/9", "b/1", "b/2", "b/3", "c/1"));
  EXPECT_EQ(*store->LastKey("rows"), "c/1");
  EXPECT_EQ(*store->LastKey("no such family"), std::nullopt);
}

TEST_F(StoreTest, ScansBackwardsFromTheEndOfThePrefix) {
  const auto store = Open();
  const std::string high("\xFF\xFF", 2);
  for (const std::string& key :
       {std::string("a1"), std::string("a2"), std::string("b"), high + "1"})
    Put(*store, key, "x");
  std::vector<std::string> keys;
  const auto collect = [&keys](std::string_view key, std::string_view) {
    keys.emplace_back(key);
    return true;
  };
  ASSERT_TRUE(store->ScanBackwards("rows", "a", collect).ok());
  EXPECT_THAT(keys, ElementsAre("a2", "a1"));
  keys.clear();
  ASSERT_TRUE(store->ScanBackwards("rows", high, collect).ok());
  EXPECT_THAT(keys, ElementsAre(high + "1"));
}

TEST_F(StoreTest, ASnapshotSeesNothingLaterAndStillReadsADroppedFamily) {
  const auto store = Open();
  Put(*store, "a", "1");
  const auto snapshot = store->TakeSnapshot();
  Put(*store, "a", "2");
  Put(*store, "b", "2");
  ASSERT_TRUE(store->DropFamily("rows").ok());
  EXPECT_EQ(*snapshot->Get("rows", "a"), "1");
  EXPECT_THAT(Keys(*snapshot, ""), ElementsAre("a"));
  EXPECT_EQ(*store->Get("rows", "a"), std::nullopt);
}

TEST_F(StoreTest, FamiliesComeAndGoAndAreFoundAgain) {
  {
    const auto store = Open();
    ASSERT_TRUE(store->CreateFamily("board@1#2").ok());
    Put(*store, "a", "1", "board@1#2");
    ASSERT_TRUE(store->CreateFamily("gone").ok());
    ASSERT_TRUE(store->DropFamily("gone").ok());
    EXPECT_TRUE(store->DropFamily("never there").ok());
  }
  const auto store = Open();
  EXPECT_THAT(store->Families(), UnorderedElementsAre("rows", "board@1#2"));
  EXPECT_EQ(*store->Get("board@1#2", "a"), "1");
}

TEST_F(StoreTest, IngestsSortedEntriesIntoANewFamilyOnly) {
  const auto store = Open();
  ASSERT_TRUE(store->CreateFamily("new").ok());
  std::map<std::string, std::string> entries;
  for (int i = 0; i < 1000; ++i) entries["key" + std::to_string(i)] = "value";
  auto at = entries.begin();
  const auto next = [&](std::string& key, std::string& value) {
    if (at == entries.end()) return false;
    key = at->first;
    value = at->second;
    ++at;
    return true;
  };
  ASSERT_TRUE(store->Ingest("new", next).ok());
  EXPECT_EQ(*store->Get("new", "key999"), "value");
  at = entries.begin();
  EXPECT_EQ(store->Ingest("new", next).code(), absl::StatusCode::kFailedPrecondition);
  ASSERT_TRUE(store->CreateFamily("empty").ok());
  EXPECT_TRUE(store->Ingest("empty", [](std::string&, std::string&) { return false; }).ok());
  Put(*store, "later", "1", "empty");
  int given = 0;
  ASSERT_TRUE(store->CreateFamily("unsorted").ok());
  EXPECT_FALSE(store
                   ->Ingest("unsorted",
                            [&given](std::string& key, std::string& value) {
                              key = given == 0 ? "b" : "a";
                              value = "x";
                              return given++ < 2;
                            })
                   .ok());
  EXPECT_FALSE(std::filesystem::exists(options_.folder + "/ingest"));
}

TEST_F(StoreTest, ACheckpointIsAWholeStoreOfItsOwn) {
  const auto store = Open();
  Put(*store, "a", "1");
  ASSERT_TRUE(store->Checkpoint(folder_ + "/copy").ok());
  Put(*store, "a", "2");
  StoreOptions copy = options_;
  copy.folder = folder_ + "/copy";
  const auto opened = Store::Open(copy);
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(*(*opened)->Get("rows", "a"), "1");
}

TEST_F(StoreTest, SaysWhenAnotherHoldsTheFolder) {
  const auto store = Open();
  const auto second = Store::Open(options_);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(second.status().message()), HasSubstr("another process uses folder"));
}

TEST_F(StoreTest, SaysWhenTheFolderCannotBeMadeOrIsNotThere) {
  std::filesystem::create_directories(folder_);
  std::ofstream(folder_ + "/file") << "in the way";
  StoreOptions blocked = options_;
  blocked.folder = folder_ + "/file/store";
  EXPECT_EQ(Store::Open(blocked).status().code(), absl::StatusCode::kUnavailable);
  options_.must_exist = true;
  EXPECT_EQ(Store::Open(options_).status().code(), absl::StatusCode::kNotFound);
}

// Refuses what it is told to, counting from when it is armed.
class FailingDisk final : public DiskHook {
 public:
  absl::Status BeforeWrite(std::string_view file, std::size_t) override {
    return full && file.ends_with(".log") ? absl::ResourceExhaustedError("full") : absl::OkStatus();
  }
  absl::Status BeforeSync(std::string_view file) override {
    return broken && file.ends_with(".log") ? absl::InternalError("EIO") : absl::OkStatus();
  }
  std::atomic<bool> full = false;
  std::atomic<bool> broken = false;
};

TEST_F(StoreTest, AStoreWhoseCurrentFileIsLostIsDamagedAndNotEmpty) {
  { Put(*Open(), "a", "1"); }
  std::filesystem::remove(options_.folder + "/CURRENT");
  const absl::Status status = Store::Open(options_).status();
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("CURRENT is missing"));
}

TEST_F(StoreTest, AFileThatIsLostIsDamageToo) {
  { Put(*Open(), "a", "1"); }
  std::ofstream(options_.folder + "/CURRENT") << "MANIFEST-999999\n";
  EXPECT_TRUE(absl::IsDataLoss(Store::Open(options_).status())) << Store::Open(options_).status();
}

TEST_F(StoreTest, ADamagedStoreOfDerivedDataIsMadeAnew) {
  options_.derived = true;
  { Put(*Open(), "a", "1"); }
  std::ofstream(options_.folder + "/CURRENT") << "nonsense";
  const auto store = Open();
  EXPECT_EQ(*store->Get("rows", "a"), std::nullopt);
  Put(*store, "a", "2");
  EXPECT_EQ(*store->Get("rows", "a"), "2");
}

// Writes a table of rows and flips a byte in the middle of it.
void DamageATable(const StoreOptions& options) {
  {
    const auto store = *Store::Open(options);
    int row = 0;
    ASSERT_TRUE(store->CreateFamily("table").ok());
    ASSERT_TRUE(store
                    ->Ingest("table",
                             [&row](std::string& key, std::string& value) {
                               key = std::to_string(10'000 + row);
                               value = std::string(100, static_cast<char>('a' + row % 26));
                               return ++row < 2'000;
                             })
                    .ok());
  }
  for (const auto& entry : std::filesystem::directory_iterator(options.folder)) {
    if (entry.path().extension() != ".sst") continue;
    std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(entry.file_size() / 2));
    const int byte = file.get();
    file.seekp(static_cast<std::streamoff>(entry.file_size() / 2));
    file.put(static_cast<char>(byte ^ 0x40));
  }
}

absl::Status ReadAll(const Store& store) {
  return store.Scan("table", "", std::nullopt,
                    [](std::string_view, std::string_view) { return true; });
}

TEST_F(StoreTest, ADamagedBlockIsDataLossWhenItIsRead) {
  DamageATable(options_);
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(absl::IsDataLoss(ReadAll(*Open())));
}

TEST_F(StoreTest, ADerivedStoreInWhichAReadMetDamageIsMadeAnewTheNextTime) {
  options_.derived = true;
  DamageATable(options_);
  EXPECT_TRUE(absl::IsDataLoss(ReadAll(*Open())));
  const auto store = Open();
  EXPECT_THAT(store->Families(), ElementsAre("rows"));
  EXPECT_TRUE(ReadAll(*store).ok());
}

TEST_F(StoreTest, OpenForReadingChangesNothingAndNeedsNoLock) {
  const auto store = Open();
  Put(*store, "a", "1");
  options_.read_only = true;
  const auto reader = Open();
  EXPECT_EQ(*reader->Get("rows", "a"), "1");
  Batch batch;
  batch.Put("rows", "b", "2");
  EXPECT_FALSE(reader->Write(batch, Sync::kNo).ok());
  options_.folder += "/nowhere";
  EXPECT_TRUE(absl::IsNotFound(Store::Open(options_).status()));
  EXPECT_FALSE(std::filesystem::exists(options_.folder));
}

TEST_F(StoreTest, AFullDiskIsAnErrorThatSaysSo) {
  FailingDisk disk;
  options_.disk_hook = &disk;
  options_.profile = Profile::kLog;
  const auto store = Open();
  Put(*store, "a", "1");
  disk.full = true;
  Batch batch;
  batch.Put("rows", "b", std::string(100'000, 'x'));
  const absl::Status status = store->Write(batch, Sync::kYes);
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr("is full"));
  EXPECT_EQ(*store->Get("rows", "a"), "1");
}

TEST_F(StoreTest, AfterAFailedSyncALogTakesNoMoreWrites) {
  FailingDisk disk;
  options_.disk_hook = &disk;
  options_.profile = Profile::kLog;
  {
    const auto store = Open();
    Put(*store, "a", "1");
    disk.broken = true;
    Batch batch;
    batch.Put("rows", "b", "2");
    EXPECT_EQ(store->Write(batch, Sync::kYes).code(), absl::StatusCode::kUnavailable);
    disk.broken = false;
    EXPECT_EQ(store->Write(batch, Sync::kYes).code(), absl::StatusCode::kUnavailable);
    EXPECT_EQ(*store->Get("rows", "a"), "1");
  }
  EXPECT_EQ(*Open()->Get("rows", "a"), "1");
}

// Whether any file below the folder holds these bytes.
bool HoldsBytes(const std::string& folder, const std::string& bytes) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string content((std::istreambuf_iterator<char>(file)), {});
    if (content.find(bytes) != std::string::npos) return true;
  }
  return false;
}

TEST_F(StoreTest, HoldsInNoFileWhatItExpunged) {
  const std::string first = "canary that was flushed to a table";
  const std::string second = "canary that stands in the log alone";
  options_.families = {"rows", "others"};
  const auto store = Open();
  Put(*store, "a", first);
  Put(*store, "b", "kept");
  ASSERT_TRUE(store->Expunge().ok());
  EXPECT_TRUE(HoldsBytes(folder_, first));
  Put(*store, "c", second, "others");
  Put(*store, "d", "kept too", "others");
  Batch batch;
  batch.Delete("rows", "a");
  batch.Delete("others", "c");
  ASSERT_TRUE(store->Write(batch, Sync::kYes).ok());
  EXPECT_TRUE(HoldsBytes(folder_, second));
  const absl::Status expunged = store->Expunge();
  ASSERT_TRUE(expunged.ok()) << expunged;
  EXPECT_FALSE(HoldsBytes(folder_, first));
  EXPECT_FALSE(HoldsBytes(folder_, second));
  EXPECT_EQ(*store->Get("rows", "b"), "kept");
  EXPECT_EQ(*store->Get("others", "d"), "kept too");
}

TEST_F(StoreTest, OpenStoresAreMeasuredTogetherUnderTheirName) {
  options_.metrics_name = "test_views";
  const auto store = Open();
  Put(*store, "a", std::string(10'000, 'x'));
  const std::string text = metrics::Process().Text();
  EXPECT_THAT(text, HasSubstr("holdfast_rocksdb_memtable_bytes{store=\"test_views\"}"));
  EXPECT_THAT(text, Not(HasSubstr("holdfast_rocksdb_memtable_bytes{store=\"test_views\"} 0\n")));
  EXPECT_THAT(text, HasSubstr("holdfast_rocksdb_stall_seconds_total{store=\"test_views\"} 0"));
}

}  // namespace
}  // namespace holdfast::storage
