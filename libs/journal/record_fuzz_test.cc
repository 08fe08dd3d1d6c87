#include "journal/record_fuzz.h"

#include <string>

#include <gtest/gtest.h>

#include "holdfast/journal/v1/journal.pb.h"

#include "base/random.h"
#include "journal/acceptance.h"

namespace holdfast::journal {
namespace {

TEST(RecordFuzz, SurvivesEveryPrefixAndManyFlippedBitsOfEveryKindOfRecord) {
  WriterId owner;
  owner.epoch = 1;
  v1::Commit commit;
  commit.set_format(kCommitFormat);
  commit.set_tenant("westmoor");
  commit.set_seq(1);
  commit.set_prev_hash(std::string(32, '\0'));
  commit.add_events()->set_payload("x");
  SeededRandom random(7);
  for (const std::string& record :
       {EncodeCommitRecord(owner, commit).record, EncodeCopy(owner, commit.SerializeAsString()),
        EncodeBarrier({.epoch = 2, .instance = {}}), EncodeTenantClosed(owner, "westmoor"),
        EncodeTenantOpened(owner, "westmoor", {}), commit.SerializeAsString(),
        Serialise(PartitionState{}), Serialise(TenantHead{})}) {
    for (std::size_t size = 0; size <= record.size(); ++size) FuzzRecord(record.substr(0, size));
    for (int i = 0; i < 300; ++i) {
      std::string flipped = record;
      for (std::uint64_t flips = 1 + random.Below(4); flips > 0; --flips) {
        char& byte = flipped[random.Below(flipped.size())];
        byte = static_cast<char>(byte ^ (1 << random.Below(8)));
      }
      FuzzRecord(flipped);
    }
  }
}

}  // namespace
}  // namespace holdfast::journal
