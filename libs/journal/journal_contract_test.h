// The suite that every journal runs: instantiate JournalContract with a way to make one.
//
//   INSTANTIATE_TEST_SUITE_P(Embedded, JournalContract, ::testing::Values(MakeEmbedded));
//
// Link journal_contract_suite, whole.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "journal/journal.h"

namespace holdfast::journal {

// A journal and what it stands on, for one test.
class JournalUnderTest {
 public:
  virtual ~JournalUnderTest() = default;
  virtual Journal& journal() = 0;
  virtual absl::Status CreateContext(const std::string& context, std::uint32_t partitions) = 0;
  // Lets the journal work until `done` answers true. False where it has nothing left to do, or
  // after a generous time.
  virtual bool RunUntil(const std::function<bool()>& done) = 0;
  // Closes the journal and opens it again on the same records. Nothing of it may be in use.
  virtual void Reopen() = 0;
};

using MakeJournal = std::function<std::unique_ptr<JournalUnderTest>()>;

class JournalContract : public ::testing::TestWithParam<MakeJournal> {
 protected:
  JournalContract();
  ~JournalContract() override;

  Journal& journal() { return under_test_->journal(); }
  JournalUnderTest& under_test() { return *under_test_; }
  std::unique_ptr<Writer> OpenWriter(std::uint32_t partition = 0);
  std::unique_ptr<Reader> OpenReader(Offset from = 0, std::uint32_t partition = 0);
  // Appends and waits for the answer.
  absl::StatusOr<Offset> Append(Writer& writer, std::string record);
  // Everything from the reader's place to the end.
  std::vector<StoredRecord> ReadAll(Reader& reader);

 private:
  std::unique_ptr<JournalUnderTest> under_test_;
};

}  // namespace holdfast::journal
