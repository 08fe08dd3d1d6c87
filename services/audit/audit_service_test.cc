// The log as its tenant, a witness and the regulator meet it, through the door.
#include "audit/audit_service.h"

#include <filesystem>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "holdfast/audit/v1/audit.pb.h"
#include "holdfast/audit/v1/bundle.pb.h"
#include "holdfast/type/v1/type.pb.h"

#include "app/in_process.h"
#include "base/error.h"
#include "rpc/client.h"
#include "security/audit_bundle.h"
#include "security/checkpoint.h"
#include "security/merkle_tree.h"

namespace holdfast::audit {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kService[] = "/holdfast.audit.v1.AuditService/";

class AuditService : public ::testing::Test {
 protected:
  AuditService() : folder_(::testing::TempDir() + "audit-service") {
    fs::remove_all(folder_);
    Start();
  }
  ~AuditService() override {
    house_.reset();
    fs::remove_all(folder_);
  }
  void Start() {
    house_.reset();
    auto house = app::InProcess::Start(folder_, {Audit});
    ASSERT_TRUE(house.ok()) << house.status();
    house_ = *std::move(house);
  }

  template <class Answer, class Request>
  absl::StatusOr<Answer> Ask(const std::string& method, const Request& request,
                             const std::string& person = "auditor",
                             const std::string& tenant = "westmoor") {
    Answer answer;
    const absl::Status status =
        house_->ClientOf(tenant, person).Call(kService + method, request, answer);
    if (!status.ok()) return status;
    return answer;
  }

  // The bundle as a file; each export is an entry of the log itself.
  std::string Export(std::uint64_t from = 0) {
    v1::ExportForRegulatorRequest request;
    request.set_from(from);
    auto client = house_->ClientOf("westmoor", "auditor");
    rpc::CallOptions options;
    options.purpose = "LAWFULNESS_CHECK";
    const auto watch =
        client.OpenWatch(std::string(kService) + "ExportForRegulator", request, options);
    std::ostringstream out;
    security::BundleWriter writer(out);
    v1::BundlePart part;
    while (true) {
      const auto more = watch->Read(part);
      EXPECT_TRUE(more.ok()) << more.status();
      if (!more.ok() || !*more) break;
      EXPECT_TRUE(writer.Write(part));
    }
    return out.str();
  }

  v1::GetCheckpointResponse Last(std::uint64_t grown_from = 0) {
    v1::GetCheckpointRequest request;
    request.set_grown_from(grown_from);
    auto last = Ask<v1::GetCheckpointResponse>("GetCheckpoint", request);
    EXPECT_TRUE(last.ok()) << last.status();
    return last.ok() ? *last : v1::GetCheckpointResponse();
  }

  security::BundleVerdict Verify(const std::string& bundle,
                                 std::vector<security::NoteKey> witnesses = {}) {
    const auto key = security::Ed25519PublicKey::FromPem(Last().public_key());
    EXPECT_NE(key, nullptr);
    std::istringstream in(bundle);
    const auto verdict = security::VerifyBundle(in, {key.get(), std::move(witnesses)});
    EXPECT_TRUE(verdict.ok()) << verdict.status();
    return verdict.ok() ? *verdict : security::BundleVerdict{};
  }

  const std::string folder_;
  std::unique_ptr<app::InProcess> house_;
};

TEST_F(AuditService, LogsAnExportBeforeItLeavesAndTheBundleProvesItself) {
  for (std::uint64_t exports = 1; exports <= 5; ++exports) {
    const auto verdict = Verify(Export());
    EXPECT_TRUE(verdict.holds());
    EXPECT_EQ(verdict.proved, exports);
    EXPECT_EQ(verdict.origin, "holdfast/audit/westmoor");
  }
  const auto rest = Verify(Export(3));
  EXPECT_TRUE(rest.holds());
  EXPECT_EQ(rest.first, 3U);
  EXPECT_EQ(rest.proved, 6U);
}

TEST_F(AuditService, ProvesThatItOnlyGrew) {
  Export();
  const auto before = security::ParseCheckpoint(Last().note());
  for (int i = 0; i < 4; ++i) Export();
  const v1::GetCheckpointResponse last = Last(1);
  const auto after = security::ParseCheckpoint(last.note());
  ASSERT_TRUE(before.ok() && after.ok());
  std::vector<Hash> proof;
  for (const std::string& bytes : last.consistency()) {
    proof.emplace_back();
    std::copy(bytes.begin(), bytes.end(), proof.back().begin());
  }
  EXPECT_TRUE(security::VerifyConsistency(before->checkpoint.size, before->checkpoint.root,
                                          after->checkpoint.size, after->checkpoint.root, proof));
}

TEST_F(AuditService, TellsAWitnessThatHasSeenMoreThatEntriesAreGone) {
  Export();
  v1::GetCheckpointRequest request;
  request.set_grown_from(9);
  EXPECT_EQ(ReasonOf(Ask<v1::GetCheckpointResponse>("GetCheckpoint", request).status()),
            "NOT_GROWN_FROM");
}

TEST_F(AuditService, SignsNothingWhereNothingWasLogged) {
  const auto answer =
      Ask<v1::SignCheckpointResponse>("SignCheckpoint", v1::SignCheckpointRequest());
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_FALSE(answer->signed_now());
  EXPECT_THAT(answer->note(), IsEmpty());
}

TEST_F(AuditService, MakesItsTreeAnewWhereThatIsLostOrDamaged) {
  for (int i = 0; i < 5; ++i) Export();
  const fs::path tree = fs::path(folder_) / "files" / "audit" / "westmoor" / "tree";
  ASSERT_TRUE(fs::exists(tree / "level-01"));
  house_.reset();
  fs::remove_all(tree);
  Start();
  EXPECT_TRUE(Verify(Export()).holds());
  house_.reset();
  fs::resize_file(tree / "level-01", 0);
  fs::resize_file(tree / "level-01", 96);
  Start();
  EXPECT_TRUE(Verify(Export()).holds());
}

TEST_F(AuditService, TakesASignatureOfARegisteredWitnessAndOfNobodyElse) {
  Export();
  const auto key = security::Ed25519PrivateKey::Generate();
  type::v1::Position registered;
  registered.set_context("audit");
  const auto cosign = [&](const std::string& name) {
    auto note = security::ParseCheckpoint(Last().note());
    EXPECT_TRUE(note.ok());
    note->signatures.push_back(
        security::CosignCheckpoint(note->checkpoint, name, *key, absl::FromUnixSeconds(1)));
    v1::AddCosignatureRequest request;
    request.set_note(security::FormatCheckpoint(*note));
    *request.mutable_read()->add_min_position() = registered;
    return Ask<v1::AddCosignatureResponse>("AddCosignature", request);
  };
  EXPECT_EQ(ReasonOf(cosign("eastvale").status()), "NO_WITNESS");

  v1::RegisterWitness witness;
  witness.set_name("eastvale");
  witness.set_public_key(key->public_key().Pem());
  const auto receipt = Ask<type::v1::Receipt>("RegisterWitness", witness, "administrator");
  ASSERT_TRUE(receipt.ok()) << receipt.status();
  registered = receipt->position();
  const auto taken = cosign("eastvale");
  ASSERT_TRUE(taken.ok()) << taken.status();
  EXPECT_THAT(taken->witnesses(), ElementsAre("eastvale"));
  const auto note = security::ParseCheckpoint(Last().note());
  ASSERT_TRUE(note.ok());
  EXPECT_TRUE(security::CosignedBy(*note, {"eastvale", &key->public_key()}));
  // The note carries the first signature already; the other one counts for nothing.
  const auto stranger = cosign("sandbox");
  ASSERT_TRUE(stranger.ok()) << stranger.status();
  EXPECT_THAT(stranger->witnesses(), IsEmpty());
}

TEST_F(AuditService, RefusesAKeyThatIsNone) {
  v1::RegisterWitness witness;
  witness.set_name("eastvale");
  witness.set_public_key("no key");
  EXPECT_TRUE(absl::IsInvalidArgument(
      Ask<type::v1::Receipt>("RegisterWitness", witness, "administrator").status()));
}

TEST_F(AuditService, OpensToNobodyElseAndToNoOtherTenant) {
  Export();
  for (const char* person : {"officer", "sro", "intelligence", "partner"}) {
    EXPECT_TRUE(absl::IsPermissionDenied(
        Ask<v1::GetCheckpointResponse>("GetCheckpoint", v1::GetCheckpointRequest(), person)
            .status()))
        << person;
  }
  const auto other = Ask<v1::GetCheckpointResponse>("GetCheckpoint", v1::GetCheckpointRequest(),
                                                    "auditor", "eastvale");
  ASSERT_TRUE(other.ok()) << other.status();
  EXPECT_EQ(other->size(), 0U);
}

}  // namespace
}  // namespace holdfast::audit
