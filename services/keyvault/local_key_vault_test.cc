#include "keyvault/local_key_vault.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/random.h"
#include "keyvault/class_readers.h"
#include "security/audit_receipt.h"
#include "security/sealing_example.h"
#include "testing/people.h"

namespace holdfast::keyvault {
namespace {

namespace fs = std::filesystem;
using journal::v1::SealedField;
using options::v1::DataClass;
using options::v1::KeyKind;
using options::v1::Role;
using security::KeyOrder;
using security::KeyOwner;
using security::LeasedKey;
using ::testing::HasSubstr;
using type::v1::Personal;

class MovableClock final : public Clock {
 public:
  absl::Time Now() const override { return now; }
  absl::Duration SinceBoot() const override { return now - absl::UnixEpoch(); }
  absl::Time now = absl::FromUnixSeconds(1'800'000'000);
};

class LocalKeyVaultTest : public ::testing::Test {
 protected:
  LocalKeyVaultTest()
      : folder_(absl::StrCat(::testing::TempDir(), "/key_vault_",
                             ::testing::UnitTest::GetInstance()->current_test_info()->name())) {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    Start();
  }
  ~LocalKeyVaultTest() override {
    vault_.reset();
    fs::remove_all(folder_);
  }

  absl::Status TryStart() {
    vault_.reset();
    LocalKeyVaultOptions options;
    options.key_folder = folder_ + "/keys";
    options.ledger_folder = folder_ + "/ledger";
    auto root = OpenFileRootKey(folder_ + "/root.key", random_);
    if (!root.ok()) return root.status();
    options.root = *std::move(root);
    options.clock = &clock_;
    options.random = &random_;
    options.may_open = RoleReadsClass;
    options.minimum_checkpoint = minimum_;
    auto vault = LocalKeyVault::Open(std::move(options));
    if (!vault.ok()) return vault.status();
    vault_ = *std::move(vault);
    return absl::OkStatus();
  }
  void Start() {
    const absl::Status started = TryStart();
    ASSERT_TRUE(started.ok()) << started;
  }

  static KeyOwner Person(std::string ref, DataClass::Code data_class = DataClass::PERSON) {
    return {data_class, KeyKind::SUBJECT, {std::move(ref)}};
  }
  LeasedKey Lease(const KeyOwner& owner, const std::string& tenant = "westmoor") {
    auto leased = vault_->LeaseForSealing({tenant, "intelligence", {owner}});
    EXPECT_TRUE(leased.ok()) << leased.status();
    return std::move(leased->front());
  }
  SealedField Sealed(const LeasedKey& leased, const std::string& text = "Ada",
                     const std::string& tenant = "westmoor") {
    SealedField field = security::FieldOfAda();
    field.mutable_origin()->set_tenant(tenant);
    field.set_class_(leased.owner.data_class);
    field.set_kind(leased.owner.kind);
    field.mutable_keys()->Assign(leased.keys.begin(), leased.keys.end());
    field.set_lease_id(leased.lease_id);
    Personal value;
    value.set_text(text);
    security::Seal(leased.lease_key.view(), value, random_, field);
    return field;
  }
  SealedField SealedFor(const std::string& ref) { return Sealed(Lease(Person(ref))); }

  security::AuditReceipt ReceiptFor(const std::string& tenant, std::uint32_t rows) {
    auto receipt = audit_.Record({.tenant = tenant,
                                  .actor_ref = "someone",
                                  .method = "/Test",
                                  .rows = rows,
                                  .time = clock_.now});
    EXPECT_TRUE(receipt.ok());
    return *std::move(receipt);
  }
  // The text, or the name of the reason why it is withheld.
  std::string Shown(const SealedField& field, const security::Principal& reader) {
    auto openings = vault_->Open(*reader, ReceiptFor(reader->tenant(), 1), {&field, 1});
    if (!openings.ok()) return std::string(openings.status().message());
    const security::Opening& opening = openings->front();
    if (!opening.keys) return Personal::Withheld::Reason_Name(opening.withheld);
    const auto value = security::Unseal(*opening.keys, field);
    return value ? value->text() : "does not open";
  }
  std::string Shown(const SealedField& field) { return Shown(field, records_); }

  static KeyOrder Order(const std::string& ref, KeyKind::Code kind = KeyKind::SUBJECT) {
    return {"westmoor", "case-1", kind, ref, "ann", "bea"};
  }

  const std::string folder_;
  MovableClock clock_;
  SeededRandom random_{17};
  testing::NotedAudit audit_{clock_};
  const security::Principal records_ = testing::PersonWith("westmoor", {Role::RECORDS});
  ShredLedger::Mark minimum_;
  std::unique_ptr<LocalKeyVault> vault_;
};

TEST_F(LocalKeyVaultTest, OpensToAReaderWhatAWriterSealedInItsLease) {
  const SealedField field = SealedFor("s1");
  EXPECT_EQ(Shown(field), "Ada");
  Start();
  EXPECT_EQ(Shown(field), "Ada") << "after a restart";
}

TEST_F(LocalKeyVaultTest, KeepsOneKeyPerPersonAndClassAndLeasesItAnewEachTime) {
  const LeasedKey first = Lease(Person("s1"));
  const LeasedKey again = Lease(Person("s1"));
  EXPECT_EQ(first.keys[0].key_id(), again.keys[0].key_id());
  EXPECT_NE(first.lease_id, again.lease_id);
  EXPECT_NE(std::string(first.lease_key.view()), std::string(again.lease_key.view()));
  EXPECT_NE(Lease(Person("s2")).keys[0].key_id(), first.keys[0].key_id());
  EXPECT_NE(Lease(Person("s1", DataClass::INTEL)).keys[0].key_id(), first.keys[0].key_id());
  EXPECT_NE(Lease(Person("s1"), "eastvale").keys[0].key_id(), first.keys[0].key_id());
  EXPECT_EQ(first.expires_at, clock_.now + absl::Seconds(60));
}

TEST_F(LocalKeyVaultTest, LeasesManyAtOnceInTheirOrder) {
  security::LeaseRequest request{"westmoor", "intelligence", {}};
  for (int i = 0; i < 256; ++i) request.owners.push_back(Person(absl::StrCat("s", i % 100)));
  const auto leased = vault_->LeaseForSealing(request);
  ASSERT_TRUE(leased.ok()) << leased.status();
  ASSERT_EQ(leased->size(), 256U);
  EXPECT_EQ((*leased)[100].keys[0].ref(), "s0");
  EXPECT_EQ((*leased)[100].keys[0].key_id(), (*leased)[0].keys[0].key_id());
  EXPECT_EQ(Shown(Sealed((*leased)[255])), "Ada");
  request.owners.push_back(Person("one more"));
  EXPECT_TRUE(absl::IsInvalidArgument(vault_->LeaseForSealing(request).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(
      vault_->LeaseForSealing({"westmoor", "intelligence", {Person("")}}).status()));
}

TEST_F(LocalKeyVaultTest, OpensNothingToAnotherTenantOrRole) {
  const SealedField field = SealedFor("s1");
  EXPECT_EQ(Shown(field, testing::PersonWith("eastvale", {Role::RECORDS})), "NOT_PERMITTED");
  EXPECT_EQ(Shown(field, testing::PersonWith("westmoor", {Role::ADMINISTRATOR})), "NOT_PERMITTED");
  SealedField stolen = field;
  stolen.mutable_origin()->set_tenant("eastvale");
  EXPECT_EQ(Shown(stolen, testing::PersonWith("eastvale", {Role::RECORDS})), "NOT_PERMITTED");
}

TEST_F(LocalKeyVaultTest, GivesAFalseLabelAKeyThatOpensNothing) {
  SealedField relabelled = SealedFor("s1");
  relabelled.set_label("\x08\x04");
  EXPECT_EQ(Shown(relabelled), "does not open");
  SealedField moved = SealedFor("s1");
  moved.mutable_origin()->set_stream("report/r2");
  EXPECT_EQ(Shown(moved), "does not open");
  SealedField lowered = SealedFor("s1");
  lowered.set_class_(DataClass::COMMUNITY);
  EXPECT_EQ(Shown(lowered), "does not open");
  SealedField maimed = SealedFor("s1");
  maimed.clear_salt();
  EXPECT_EQ(Shown(maimed), "DAMAGED");
}

TEST_F(LocalKeyVaultTest, WantsAReceiptOfTheTenantThatCoversAllAndIsFresh) {
  const SealedField field = SealedFor("s1");
  const std::vector<SealedField> two = {field, field};
  EXPECT_TRUE(
      absl::IsPermissionDenied(vault_->Open(*records_, ReceiptFor("westmoor", 1), two).status()));
  EXPECT_TRUE(
      absl::IsPermissionDenied(vault_->Open(*records_, ReceiptFor("eastvale", 2), two).status()));
  const security::AuditReceipt receipt = ReceiptFor("westmoor", 2);
  EXPECT_TRUE(vault_->Open(*records_, receipt, two).ok());
  clock_.now += absl::Minutes(2);
  EXPECT_TRUE(absl::IsPermissionDenied(vault_->Open(*records_, receipt, two).status()));
}

TEST_F(LocalKeyVaultTest, DestroysAPersonInEveryClassAndNobodyElse) {
  const SealedField ada = SealedFor("s1");
  const SealedField in_intelligence = Sealed(Lease(Person("s1", DataClass::INTEL)));
  const SealedField bea = SealedFor("s10");
  const KeyOwner record{DataClass::PERSON, KeyKind::RECORD, {"s1"}};
  const SealedField of_record = Sealed(Lease(record));
  const std::uint64_t before = vault_->destructions();
  const auto destroyed = vault_->Destroy(Order("s1"));
  ASSERT_TRUE(destroyed.ok()) << destroyed.status();
  EXPECT_EQ(*destroyed, 2U);
  EXPECT_GT(vault_->destructions(), before);
  EXPECT_EQ(Shown(ada), "ERASED");
  EXPECT_EQ(Shown(in_intelligence), "ERASED");
  EXPECT_EQ(Shown(bea), "Ada");
  EXPECT_EQ(Shown(of_record), "Ada") << "a record of the same name is no person";
  EXPECT_EQ(*vault_->Destroy(Order("s1")), 0U) << "asked twice";
  Start();
  EXPECT_EQ(Shown(ada), "ERASED");
  EXPECT_EQ(Shown(bea), "Ada");
  EXPECT_NE(Lease(Person("s1")).keys[0].key_id(), ada.keys(0).key_id());
}

TEST_F(LocalKeyVaultTest, LosesALinkWithOneOfItsPersons) {
  const KeyOwner both{DataClass::PERSON, KeyKind::LINK, {"s1", "s2"}};
  const SealedField link = Sealed(Lease(both), "met on Tuesday");
  EXPECT_EQ(link.keys_size(), 2);
  EXPECT_EQ(Shown(link), "met on Tuesday");
  EXPECT_EQ(Lease(Person("s1")).keys[0].key_id(),
            link.keys(link.keys(0).ref() == "s1" ? 0 : 1).key_id());
  ASSERT_TRUE(vault_->Destroy(Order("s2")).ok());
  EXPECT_EQ(Shown(link), "ERASED");
}

TEST_F(LocalKeyVaultTest, RestrictsUntilItIsLifted) {
  const SealedField field = SealedFor("s1");
  ASSERT_TRUE(vault_->Restrict(Order("s1")).ok());
  EXPECT_EQ(Shown(field), "RESTRICTED");
  Start();
  EXPECT_EQ(Shown(field), "RESTRICTED");
  ASSERT_TRUE(vault_->Lift(Order("s1")).ok());
  EXPECT_EQ(Shown(field), "Ada");
}

TEST_F(LocalKeyVaultTest, TakesTheWordOfTwoDifferentPeople) {
  const SealedField field = SealedFor("s1");
  KeyOrder alone = Order("s1");
  alone.approved_by = alone.requested_by;
  EXPECT_EQ(ReasonOf(vault_->Destroy(alone).status()), "SAME_PERSON");
  EXPECT_EQ(ReasonOf(vault_->Restrict(alone)), "SAME_PERSON");
  alone.approved_by.clear();
  EXPECT_EQ(ReasonOf(vault_->Destroy(alone).status()), "SAME_PERSON");
  EXPECT_EQ(Shown(field), "Ada");
}

TEST_F(LocalKeyVaultTest, AnOldCopyOfItsKeysBringsNobodyBack) {
  const SealedField field = SealedFor("s1");
  vault_.reset();
  fs::copy(folder_ + "/keys", folder_ + "/old", fs::copy_options::recursive);
  Start();
  ASSERT_TRUE(vault_->Destroy(Order("s1")).ok());
  vault_.reset();
  fs::remove_all(folder_ + "/keys");
  fs::rename(folder_ + "/old", folder_ + "/keys");
  Start();
  EXPECT_EQ(Shown(field), "ERASED");
  EXPECT_EQ(*vault_->Destroy(Order("s1")), 0U) << "no row came back";
}

TEST_F(LocalKeyVaultTest, GoesOnWithAnErasureThatACrashCutShort) {
  const SealedField field = SealedFor("s1");
  vault_.reset();
  {
    // What Destroy writes before it deletes anything.
    auto ledger = ShredLedger::Open(folder_ + "/ledger");
    ASSERT_TRUE(ledger.ok()) << ledger.status();
    key::v1::ShredEntry entry;
    entry.set_tenant("westmoor");
    entry.set_case_id("case-1");
    entry.add_key_id(field.keys(0).key_id());
    ASSERT_TRUE(ledger->Append(std::move(entry)).ok());
  }
  Start();
  EXPECT_EQ(Shown(field), "ERASED");
  EXPECT_EQ(*vault_->Destroy(Order("s1")), 0U) << "its rows are gone as well";
}

TEST_F(LocalKeyVaultTest, StaysDownWithoutTheLedgerThatItKnowsOf) {
  SealedFor("s1");
  ASSERT_TRUE(vault_->Destroy(Order("s1")).ok());
  vault_.reset();
  fs::rename(folder_ + "/ledger", folder_ + "/away");
  const absl::Status down = TryStart();
  EXPECT_TRUE(absl::IsFailedPrecondition(down)) << down;
  EXPECT_THAT(std::string(down.message()), HasSubstr("stays down"));
  fs::remove_all(folder_ + "/ledger");
  fs::rename(folder_ + "/away", folder_ + "/ledger");
  Start();
}

TEST_F(LocalKeyVaultTest, StaysDownBelowTheCheckpointThatOthersKnow) {
  SealedFor("s1");
  SealedFor("s2");
  ASSERT_TRUE(vault_->Destroy(Order("s1")).ok());
  const ShredLedger::Mark first = vault_->ledger_mark();
  vault_.reset();
  // Keys and ledger of one old backup agree with each other; the checkpoint is newer.
  fs::copy(folder_, folder_ + "-old", fs::copy_options::recursive);
  Start();
  ASSERT_TRUE(vault_->Destroy(Order("s2")).ok());
  const ShredLedger::Mark second = vault_->ledger_mark();
  vault_.reset();
  fs::remove_all(folder_);
  fs::rename(folder_ + "-old", folder_);
  minimum_ = second;
  EXPECT_TRUE(absl::IsFailedPrecondition(TryStart()));
  minimum_ = first;
  EXPECT_TRUE(TryStart().ok());
  minimum_ = {1, second.head};
  EXPECT_TRUE(absl::IsFailedPrecondition(TryStart())) << "as long, but another";
}

TEST_F(LocalKeyVaultTest, HoldsNoKeyInTheClearAndNoneThatWasDestroyed) {
  SealedFor("s1");
  const LeasedKey leased = Lease(Person("s2"));
  const std::string gone = Lease(Person("s1")).keys[0].key_id();
  ASSERT_TRUE(vault_->Destroy(Order("s1")).ok());
  vault_.reset();
  int files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder_ + "/keys")) {
    if (!entry.is_regular_file()) continue;
    ++files;
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string content((std::istreambuf_iterator<char>(file)), {});
    EXPECT_EQ(content.find(std::string(leased.lease_key.view())), std::string::npos);
    // A table's bounds may name a key that is gone for a while; its row is not there.
    key::v1::KeyRow row;
    row.set_key_id(gone);
    row.set_tenant("westmoor");
    EXPECT_EQ(content.find(row.SerializeAsString()), std::string::npos) << entry.path();
  }
  EXPECT_GT(files, 0);
}

TEST_F(LocalKeyVaultTest, DoesNotOpenUnderAnotherRoot) {
  const SealedField field = SealedFor("s1");
  vault_.reset();
  fs::remove(folder_ + "/root.key");
  Start();
  EXPECT_THAT(Shown(field), HasSubstr("does not open under its root"));
  vault_.reset();
  fs::permissions(folder_ + "/root.key", fs::perms::group_read, fs::perm_options::add);
  EXPECT_TRUE(absl::IsFailedPrecondition(TryStart())) << "others could read it";
}

TEST_F(LocalKeyVaultTest, LocksAReaderWhoEmptiesTheRecords) {
  const auto headers_of = [this](int from, int to) {
    std::vector<SealedField> headers;
    for (int i = from; i < to; ++i) headers.push_back(SealedFor(absl::StrCat("s", i)));
    return headers;
  };
  const auto open = [this](const std::vector<SealedField>& headers) {
    return vault_->Open(*records_, ReceiptFor("westmoor", 300), headers).status();
  };
  const std::vector<SealedField> most = headers_of(0, 200);
  const std::vector<SealedField> more = headers_of(200, 220);
  EXPECT_TRUE(open(most).ok());
  EXPECT_TRUE(open(most).ok()) << "the same people again";
  clock_.now += absl::Minutes(1);
  EXPECT_TRUE(open(more).ok()) << "another minute";
  EXPECT_TRUE(absl::IsPermissionDenied(open(most)));
  EXPECT_TRUE(absl::IsPermissionDenied(open({more[0]}))) << "locked";
  clock_.now += absl::Minutes(15);
  EXPECT_TRUE(open({more[0]}).ok());
}

TEST_F(LocalKeyVaultTest, GivesATenantOneMacKeyForEachUse) {
  const auto command = vault_->LeaseMacKey("westmoor", "command");
  ASSERT_TRUE(command.ok()) << command.status();
  EXPECT_GT(command->id, 1U) << "1 was the file's";
  const std::string bytes(command->key.view());
  EXPECT_NE(std::string(vault_->LeaseMacKey("westmoor", "page")->key.view()), bytes);
  EXPECT_NE(std::string(vault_->LeaseMacKey("eastvale", "command")->key.view()), bytes);
  Start();
  const auto again = vault_->LeaseMacKey("westmoor", "command");
  EXPECT_EQ(std::string(again->key.view()), bytes);
  EXPECT_EQ(again->id, command->id);
  vault_.reset();
  fs::remove_all(folder_ + "/keys");
  Start();
  EXPECT_NE(vault_->LeaseMacKey("westmoor", "command")->id, command->id) << "another keyvault's";
}

}  // namespace
}  // namespace holdfast::keyvault
