#include <string>

#include <gtest/gtest.h>

#include "audit/domain/checkpoints.h"
#include "audit/domain/log.h"
#include "audit/domain/witness.h"
#include "testing/scenario.h"

namespace holdfast::audit {
namespace {

using Refusal = v1::Refusal;
using testing::Text;

constexpr testing::GivenEventsOf<Log> GivenLog;
constexpr testing::GivenEventsOf<Checkpoints> GivenCheckpoints;
constexpr testing::GivenEventsOf<Witness> GivenWitness;

v1::AuditRecord Read() {
  return Text(R"pb(time: { seconds: 1772445600 }
                   verbs: CONSULT
                   actor_ref: "a-1"
                   method: "/holdfast.intelligence.v1.IntelligenceService/GetReport"
                   decision_id: "d-1"
                   outcome: SERVED
                   rows: 1)pb");
}
v1::RecordAccess Record(int times) {
  v1::RecordAccess command;
  for (int i = 0; i < times; ++i) *command.add_records() = Read();
  return command;
}
v1::AccessRecorded Recorded(std::uint64_t index) {
  v1::AccessRecorded event;
  event.set_index(index);
  *event.mutable_record() = Read();
  return event;
}

TEST(Log, NumbersItsEntriesFromNoughtWithoutGap) {
  GivenLog().When(Record(2)).Then(Recorded(0), Recorded(1));
  GivenLog(Recorded(0), Recorded(1)).When(Record(1)).Then(Recorded(2));
}

TEST(Log, NamesWhatTheLawWantsAndIsMissing) {
  v1::RecordAccess bare;
  bare.add_records();
  GivenLog()
      .When(bare)
      .ThenRefused(Refusal::REQUIRED, "records[0].time")
      .ThenRefused(Refusal::REQUIRED, "records[0].verbs")
      .ThenRefused(Refusal::REQUIRED, "records[0].method")
      .ThenRefused(Refusal::REQUIRED, "records[0].decision_id")
      .ThenRefused(Refusal::REQUIRED, "records[0].outcome");
  GivenLog().When(v1::RecordAccess()).ThenRefused(Refusal::REQUIRED, "records");
}

v1::PublishCheckpoint Publish(std::uint64_t size, char root) {
  v1::PublishCheckpoint command;
  command.set_size(size);
  command.set_root(std::string(32, root));
  command.set_note("a note");
  return command;
}
v1::CheckpointSigned Signed(std::uint64_t size, char root) {
  v1::CheckpointSigned event;
  event.set_size(size);
  event.set_root(std::string(32, root));
  event.set_note("a note");
  return event;
}
v1::RecordCosignature Cosign(std::uint64_t size) {
  v1::RecordCosignature command;
  command.set_size(size);
  command.set_witness("eastvale");
  command.set_line("a line");
  return command;
}
v1::CheckpointCosigned Cosigned(std::uint64_t size) {
  v1::CheckpointCosigned event;
  event.set_size(size);
  event.set_witness("eastvale");
  event.set_line("a line");
  return event;
}

TEST(Checkpoints, OnlyGrow) {
  GivenCheckpoints().When(Publish(3, 'a')).Then(Signed(3, 'a'));
  GivenCheckpoints(Signed(3, 'a')).When(Publish(4, 'b')).Then(Signed(4, 'b'));
  GivenCheckpoints(Signed(3, 'a')).When(Publish(3, 'a')).ThenNothingHappens();
  GivenCheckpoints(Signed(3, 'a')).When(Publish(3, 'b')).ThenRefused(Refusal::NOT_GROWN, "size");
  GivenCheckpoints(Signed(3, 'a')).When(Publish(2, 'b')).ThenRefused(Refusal::NOT_GROWN, "size");
}

TEST(Checkpoints, AreCosignedOnceByAWitnessAndOnlyTheLast) {
  GivenCheckpoints(Signed(3, 'a')).When(Cosign(3)).Then(Cosigned(3));
  GivenCheckpoints(Signed(3, 'a'), Cosigned(3)).When(Cosign(3)).ThenNothingHappens();
  GivenCheckpoints(Signed(3, 'a'), Signed(4, 'b'))
      .When(Cosign(3))
      .ThenRefused(Refusal::NOT_THE_LAST, "size");
  GivenCheckpoints(Signed(3, 'a'), Cosigned(3), Signed(4, 'b')).When(Cosign(4)).Then(Cosigned(4));
}

v1::RegisterWitness Register(const std::string& key) {
  v1::RegisterWitness command;
  command.set_name("eastvale");
  command.set_public_key(key);
  return command;
}
v1::WitnessRegistered Registered() {
  return Text(R"pb(name: "eastvale" public_key: "a key")pb");
}
v1::WitnessRetired Retired() {
  return Text(R"pb(name: "eastvale" reason: "left")pb");
}
v1::RetireWitness Retire() {
  return Text(R"pb(name: "eastvale" reason: "left")pb");
}

TEST(Witness, HasOneKeyForGood) {
  GivenWitness().When(Register("a key")).Then(Registered());
  GivenWitness(Registered()).When(Register("a key")).ThenNothingHappens();
  GivenWitness(Registered())
      .When(Register("another"))
      .ThenRefused(Refusal::KEY_DIFFERS, "public_key");
}

TEST(Witness, StaysRetired) {
  GivenWitness(Registered()).When(Retire()).Then(Retired());
  GivenWitness(Registered(), Retired()).When(Retire()).ThenNothingHappens();
  GivenWitness(Registered(), Retired())
      .When(Register("a key"))
      .ThenRefused(Refusal::NAME_RETIRED, "name");
  GivenWitness().When(Retire()).ThenRefused(Refusal::WRONG_STATE, "name");
}

}  // namespace
}  // namespace holdfast::audit
