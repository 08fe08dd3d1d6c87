// A small journal with a history, folders that are gone afterwards, and keys: for the tests of this
// room.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "archive/backup.h"
#include "base/clock.h"
#include "journal/acceptance.h"
#include "journal/embedded_journal.h"
#include "journal/simulated_journal.h"
#include "security/ed25519_key.h"

namespace holdfast::archive {

// Made anew, removed at the end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  const std::string path_;
};

std::string ReadFile(const std::string& path);
void WriteFile(const std::string& path, const std::string& bytes);

// Noon, and so many seconds.
absl::Time At(int seconds);

class StandingClock final : public Clock {
 public:
  absl::Time Now() const override { return At(0) + since_boot_; }
  absl::Duration SinceBoot() const override { return since_boot_; }
  void Advance(absl::Duration by) { since_boot_ += by; }

 private:
  absl::Duration since_boot_;
};

// An embedded journal and what a writer of it knows.
class WrittenJournal {
 public:
  explicit WrittenJournal(std::string folder);

  void Create(const std::string& context, std::uint32_t partitions);
  // A barrier of a new writer.
  void Own(const journal::PartitionId& partition);
  // One commit, recorded at At(seconds); `caused_by_seq`: of the context "source".
  void Commit(const std::string& context, const std::string& tenant, int seconds,
              std::uint64_t caused_by_seq = 0);
  void Append(const journal::PartitionId& partition, const std::string& record);
  // Of the current owner.
  journal::WriterId OwnerOf(const journal::PartitionId& partition);

  journal::EmbeddedJournal& journal() { return *journal_; }
  // By partition, as a verifier folds them.
  std::vector<std::map<std::string, journal::TenantHead>> Heads();

 private:
  journal::AcceptanceFold& FoldOf(const journal::PartitionId& partition);

  std::unique_ptr<journal::EmbeddedJournal> journal_;
  std::map<journal::PartitionId, journal::AcceptanceFold> folds_;
  std::uint8_t instances_ = 0;
};

// The records of one context as a journal that skips offsets would hold them.
std::shared_ptr<journal::SimulatedRecords> WithSkippedOffsets(WrittenJournal& written,
                                                              const std::string& context);

// Two contexts of two partitions, four tenants, void records among them; the commits so many
// seconds later.
void WriteHistory(WrittenJournal& written, int later = 0);

BackupOptions OptionsFor(WrittenJournal& written, const std::string& folder);

}  // namespace holdfast::archive
