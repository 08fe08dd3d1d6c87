#include "eventsourcing/write_behind_store.h"

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/executor.h"
#include "base/thread_executor.h"

namespace holdfast::eventsourcing {
namespace {

using Entries = std::map<std::string, std::string, std::less<>>;

// Runs what was posted when it is told to.
class HeldExecutor final : public Executor {
 public:
  ~HeldExecutor() override { RunAll(); }
  void Post(absl::AnyInvocable<void()> work) override { work_.push_back(std::move(work)); }
  void PostAfter(absl::Duration, absl::AnyInvocable<void()> work) override {
    Post(std::move(work));
  }
  void RunAll() {
    while (!work_.empty()) {
      absl::AnyInvocable<void()> next = std::move(work_.front());
      work_.pop_front();
      std::move(next)();
    }
  }

 private:
  std::deque<absl::AnyInvocable<void()>> work_;
};

// In memory; refuses to commit while `full`.
class Disk final : public StateStore {
 public:
  struct Contents {
    MemoryStateStore store;
    bool full = false;
    int commits = 0;
  };
  explicit Disk(Contents* contents) : contents_(contents) {}

  absl::StatusOr<std::optional<std::string>> Get(std::string_view key) const override {
    return contents_->store.Get(key);
  }
  absl::Status Scan(
      std::string_view prefix,
      absl::FunctionRef<bool(std::string_view, std::string_view)> each) const override {
    return contents_->store.Scan(prefix, each);
  }
  void Put(std::string_view key, std::string_view value) override {
    puts_.emplace_back(key, value);
  }
  void Delete(std::string_view key) override { puts_.emplace_back(key, std::nullopt); }
  absl::Status Commit() override {
    auto puts = std::exchange(puts_, {});
    if (contents_->full) return absl::UnavailableError("the disk is full");
    for (const auto& [key, value] : puts) {
      if (value) {
        contents_->store.Put(key, *value);
      } else {
        contents_->store.Delete(key);
      }
    }
    ++contents_->commits;
    return contents_->store.Commit();
  }
  absl::Status Clear() override {
    puts_.clear();
    return contents_->store.Clear();
  }

 private:
  Contents* const contents_;
  std::vector<std::pair<std::string, std::optional<std::string>>> puts_;
};

std::optional<std::string> Read(const StateStore& store, std::string_view key) {
  const auto read = store.Get(key);
  EXPECT_TRUE(read.ok());
  return *read;
}

Entries All(const StateStore& store) {
  Entries all;
  EXPECT_TRUE(store
                  .Scan("",
                        [&](std::string_view key, std::string_view value) {
                          all.emplace(key, value);
                          return true;
                        })
                  .ok());
  return all;
}

class WriteBehindStoreTest : public ::testing::Test {
 protected:
  // The store's end waits for what is in flight; a test that fails in between must end as well.
  void TearDown() override { executor_.RunAll(); }

  Disk::Contents disk_;
  HeldExecutor executor_;
  std::unique_ptr<WriteBehindStore> store_ =
      std::make_unique<WriteBehindStore>(std::make_unique<Disk>(&disk_), executor_);
};

TEST_F(WriteBehindStoreTest, WhatIsCommittedIsReadBeforeItIsWritten) {
  store_->Put("a", "1");
  ASSERT_TRUE(store_->Commit().ok());
  EXPECT_EQ(Read(*store_, "a"), "1");
  EXPECT_EQ(disk_.commits, 0);
  executor_.RunAll();
  EXPECT_EQ(disk_.commits, 1);
  EXPECT_EQ(Read(*store_, "a"), "1");
  EXPECT_EQ(disk_.store.entries(), (Entries{{"a", "1"}}));
}

TEST_F(WriteBehindStoreTest, WhatWasPutAndNotCommittedIsNotSeen) {
  store_->Put("a", "1");
  EXPECT_EQ(Read(*store_, "a"), std::nullopt);
  ASSERT_TRUE(store_->Commit().ok());
  store_->Put("a", "2");
  store_->Delete("a");
  EXPECT_EQ(Read(*store_, "a"), "1");
  executor_.RunAll();
  EXPECT_EQ(All(*store_), (Entries{{"a", "1"}}));
}

TEST_F(WriteBehindStoreTest, OfOneKeyTheLastCounts) {
  store_->Put("a", "1");
  store_->Put("b", "1");
  store_->Put("a", "2");
  store_->Delete("b");
  ASSERT_TRUE(store_->Commit().ok());
  EXPECT_EQ(Read(*store_, "a"), "2");
  EXPECT_EQ(Read(*store_, "b"), std::nullopt);
  executor_.RunAll();
  EXPECT_EQ(disk_.store.entries(), (Entries{{"a", "2"}}));
}

TEST_F(WriteBehindStoreTest, ARefusedCommitIsTriedAgainBeforeTheNext) {
  disk_.full = true;
  store_->Put("a", "1");
  ASSERT_TRUE(store_->Commit().ok());
  executor_.RunAll();
  EXPECT_EQ(Read(*store_, "a"), "1") << "what was committed is not forgotten";
  EXPECT_FALSE(store_->Scan("", [](auto, auto) { return true; }).ok());

  store_->Put("b", "1");
  EXPECT_EQ(store_->Commit().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Read(*store_, "b"), std::nullopt) << "nor is taken what came after it";
  disk_.full = false;
  executor_.RunAll();
  EXPECT_EQ(disk_.store.entries(), (Entries{{"a", "1"}}));

  store_->Put("b", "2");
  EXPECT_TRUE(store_->Commit().ok());
  executor_.RunAll();
  EXPECT_EQ(disk_.store.entries(), (Entries{{"a", "1"}, {"b", "2"}}));
}

TEST_F(WriteBehindStoreTest, ReadsOnOnceTheDiskHasRoomAlthoughNothingMoreIsCommitted) {
  disk_.full = true;
  store_->Put("a", "1");
  ASSERT_TRUE(store_->Commit().ok());
  executor_.RunAll();
  EXPECT_FALSE(store_->Scan("", [](auto, auto) { return true; }).ok());
  disk_.full = false;
  EXPECT_EQ(All(*store_), (Entries{{"a", "1"}}));
  EXPECT_TRUE(store_->Commit().ok());
}

TEST_F(WriteBehindStoreTest, ClearingForgetsWhatWasRefusedAsWell) {
  disk_.full = true;
  store_->Put("a", "1");
  ASSERT_TRUE(store_->Commit().ok());
  executor_.RunAll();
  store_->Put("b", "1");
  ASSERT_TRUE(store_->Clear().ok());
  disk_.full = false;
  EXPECT_EQ(Read(*store_, "a"), std::nullopt);
  ASSERT_TRUE(store_->Commit().ok());
  executor_.RunAll();
  EXPECT_EQ(All(*store_), Entries{});
}

TEST(WriteBehindStore, WritesWhatWasCommittedBeforeItEnds) {
  Disk::Contents disk;
  ThreadExecutor executor("states");
  {
    WriteBehindStore store(std::make_unique<Disk>(&disk), executor);
    store.Put("a", "1");
    ASSERT_TRUE(store.Commit().ok());
  }
  EXPECT_EQ(disk.store.entries(), (Entries{{"a", "1"}}));
}

TEST(WriteBehindStore, AnswersAsAStoreThatWritesAtOnce) {
  constexpr std::array<std::string_view, 4> kKeys = {"a", "ab", "b", "c"};
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    MemoryStateStore plain;
    ThreadExecutor executor("states");
    Disk::Contents disk;
    WriteBehindStore store(std::make_unique<Disk>(&disk), executor);
    for (int commit = 0; commit < 20; ++commit) {
      for (std::uint64_t rows = random() % 6; rows > 0; --rows) {
        const std::string_view key = kKeys[random() % kKeys.size()];
        if (random() % 3 == 0) {
          plain.Delete(key);
          store.Delete(key);
        } else {
          const std::string value = std::to_string(random() % 10);
          plain.Put(key, value);
          store.Put(key, value);
        }
      }
      ASSERT_TRUE(plain.Commit().ok());
      ASSERT_TRUE(store.Commit().ok());
      // The scan waits for the writing thread, which a store in memory needs between two reads.
      ASSERT_EQ(All(store), plain.entries());
      for (const std::string_view key : kKeys) ASSERT_EQ(Read(store, key), Read(plain, key));
    }
  }
}

}  // namespace
}  // namespace holdfast::eventsourcing
