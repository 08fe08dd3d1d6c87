// The read side over a real embedded journal, for tests: an author of commits of the "testing"
// context, and a model that can be closed and opened again.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "holdfast/journal/v1/journal.pb.h"
#include "holdfast/testing/v1/door.pb.h"

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "base/clock.h"
#include "base/thread_executor.h"
#include "base/timestamps.h"
#include "journal/acceptance.h"
#include "journal/embedded_journal.h"
#include "readmodel/read_model.h"
#include "readmodel/view_type.h"

namespace holdfast::readmodel::testing {

// A writer of accepted commits: what the actor does, without rules.
class Author {
 public:
  explicit Author(journal::Journal& journal) : journal_(journal) {}

  void Commit(const std::string& tenant, const std::vector<std::string>& payloads,
              const std::string& type, absl::Time at) {
    Writing& writing = WritingOf(PlaceOf(tenant));
    journal::TenantHead& head = heads_[tenant];
    journal::v1::Commit commit;
    commit.set_format(journal::kCommitFormat);
    commit.set_tenant(tenant);
    commit.set_seq(++head.seq);
    commit.set_prev_hash(std::string(AsBytes(head.hash)));
    commit.set_stream("thing/" + tenant);
    commit.set_version(head.seq);
    commit.set_command_id(std::string(16, 'c'));
    *commit.mutable_recorded_at() = ToTimestamp(at);
    for (const std::string& payload : payloads) {
      auto* event = commit.add_events();
      event->set_event_id(std::string(16, 'e'));
      event->set_type(type);
      event->set_payload(payload);
    }
    journal::EncodedCommit encoded = journal::EncodeCommitRecord(writing.id, commit);
    head.hash = journal::ChainHash(head.hash, encoded.commit());
    commits_[tenant].emplace_back(encoded.commit());
    Append(*writing.writer, std::move(encoded.record));
  }

  // To the other partition, with all its commits that are not there yet.
  void Move(const std::string& tenant) {
    const std::uint32_t from = PlaceOf(tenant);
    const std::uint32_t to = 1 - from;
    Append(*WritingOf(from).writer, journal::EncodeTenantClosed(WritingOf(from).id, tenant, to));
    there_[{tenant, from}] = commits_[tenant].size();
    Writing& target = WritingOf(to);
    for (std::size_t& there = there_[{tenant, to}]; there < commits_[tenant].size(); ++there)
      Append(*target.writer, journal::EncodeCopy(target.id, commits_[tenant][there]));
    Append(*target.writer, journal::EncodeTenantOpened(target.id, tenant, heads_[tenant]));
    places_[tenant] = to;
  }

  void Tell(const std::string& tenant, const std::string& text, std::uint64_t number,
            absl::Time at = absl::FromUnixSeconds(1000)) {
    holdfast::testing::v1::Told told;
    told.set_text(text);
    told.set_number(number);
    Commit(tenant, {told.SerializeAsString()}, "holdfast.testing.v1.Told", at);
  }

 private:
  struct Writing {
    std::unique_ptr<journal::Writer> writer;
    journal::WriterId id;
  };
  std::uint32_t PlaceOf(const std::string& tenant) const {
    const auto moved = places_.find(tenant);
    return moved == places_.end() ? journal::PartitionOf(tenant, 2) : moved->second;
  }
  Writing& WritingOf(std::uint32_t partition) {
    Writing& writing = writing_[partition];
    if (writing.writer == nullptr) {
      writing.writer = *journal_.OpenWriter({"testing", partition});
      writing.id = {writing.id.epoch + 1, Uuid{static_cast<std::uint8_t>(partition + 1)}};
      Append(*writing.writer, journal::EncodeBarrier(writing.id));
    }
    return writing;
  }
  static void Append(journal::Writer& writer, std::string record) {
    absl::Notification stored;
    absl::Status status;
    writer.Append(std::move(record), [&](absl::StatusOr<journal::Offset> offset) {
      status = offset.status();
      stored.Notify();
    });
    stored.WaitForNotification();
    ASSERT_TRUE(status.ok()) << status;
  }

  journal::Journal& journal_;
  std::map<std::uint32_t, Writing> writing_;
  std::map<std::string, journal::TenantHead> heads_;
  std::map<std::string, std::uint32_t> places_;  // of those that moved
  std::map<std::string, std::vector<std::string>> commits_;
  std::map<std::pair<std::string, std::uint32_t>, std::size_t> there_;  // commits in a partition
};

// `SetUp` of the test class opens with its views.
class ReadModelFixture : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = ::testing::TempDir() + "/read_model_" + std::to_string(getpid()) + "_" +
              ::testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder_);
    journal::EmbeddedJournalOptions options;
    options.folder = folder_ + "/journal";
    journal_ = *journal::EmbeddedJournal::Open(options);
    ASSERT_TRUE(journal_->CreateContext("testing", 2).ok());
    author_ = std::make_unique<Author>(*journal_);
  }
  void TearDown() override {
    model_.reset();
    executor_.reset();
    author_.reset();
    journal_.reset();
    std::filesystem::remove_all(folder_);
  }

  ReadModelOptions Options(std::vector<ViewType> views) {
    ReadModelOptions options;
    options.folder = folder_ + "/views";
    options.views = std::move(views);
    options.journal = journal_.get();
    options.clock = &SystemClock();
    return options;
  }

  // As a process that starts: by another build where the views differ.
  void Open(std::vector<ViewType> views) { Open(Options(std::move(views))); }
  void Open(ReadModelOptions options) {
    model_.reset();
    executor_ = std::make_unique<ThreadExecutor>("views");
    options.executor = executor_.get();
    auto opened = ReadModel::Open(std::move(options));
    ASSERT_TRUE(opened.ok()) << opened.status();
    model_ = *std::move(opened);
  }

  // A reader that has seen `seq`.
  std::unique_ptr<Reader> At(const std::string& tenant, std::uint64_t seq) {
    type::v1::ReadOptions read;
    auto* position = read.add_min_position();
    position->set_context("testing");
    position->set_seq(seq);
    auto reader = model_->OpenReaderNow(tenant, read, absl::InfiniteFuture());
    EXPECT_TRUE(reader.ok()) << reader.status();
    return reader.ok() ? *std::move(reader) : nullptr;
  }

  // Lets the projector's strand go round until the model has found fault with something.
  void AwaitFault() {
    while (model_->Health().ok()) {
      absl::Notification turned;
      executor_->Post([&turned] { turned.Notify(); });
      turned.WaitForNotification();
    }
  }

  std::string folder_;
  std::unique_ptr<journal::EmbeddedJournal> journal_;
  std::unique_ptr<Author> author_;
  std::unique_ptr<ThreadExecutor> executor_;
  std::unique_ptr<ReadModel> model_;
};

}  // namespace holdfast::readmodel::testing
