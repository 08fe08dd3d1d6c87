// What is said of a person, from the command to the reader, on a whole platform: it stands nowhere
// in the clear, is shown to who may see it, and is gone everywhere once its key is destroyed. Label
// grpc.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "holdfast/audit/v1/audit.pb.h"
#include "holdfast/audit/v1/events.pb.h"
#include "holdfast/operations/v1/operations.pb.h"
#include "holdfast/testing/v1/shed_service.pb.h"

#include "absl/strings/str_cat.h"
#include "app/data_backup.h"
#include "app/in_process.h"
#include "audit/audit_service.h"
#include "base/error.h"
#include "keyvault/key_vault_folder.h"
#include "rpc/client.h"
#include "security/ed25519_key.h"
#include "testing/shed_service.h"

namespace holdfast::flow {
namespace {

namespace fs = std::filesystem;
namespace v1 = testing::v1;
using type::v1::Personal;

constexpr char kRegister[] = "/holdfast.testing.v1.ShedService/RegisterTool";
constexpr char kList[] = "/holdfast.testing.v1.ShedService/ListTools";
constexpr char kRebuild[] = "/holdfast.operations.v1.OperationsService/RebuildViews";
constexpr char kExport[] = "/holdfast.audit.v1.AuditService/ExportForRegulator";
constexpr char kCanary[] = "Canary Ada Lovelace, 12 Mill Lane";

// The files below the folder that hold the bytes.
std::vector<std::string> FilesWith(const std::string& bytes, const std::string& folder) {
  std::vector<std::string> found;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string content((std::istreambuf_iterator<char>(file)), {});
    if (content.find(bytes) != std::string::npos) found.push_back(entry.path().string());
  }
  return found;
}

class SealingJourney : public ::testing::Test {
 protected:
  SealingJourney() : root_(absl::StrCat(::testing::TempDir(), "/sealing_journey")) {
    fs::remove_all(root_);
  }
  ~SealingJourney() override {
    process_.reset();
    fs::remove_all(root_);
  }

  void Start(const std::string& folder) {
    auto started = app::InProcess::Start(
        folder, services_,
        [this](const config::v1::Process&,
               const std::string& keys) -> absl::StatusOr<std::unique_ptr<security::KeyVault>> {
          auto vault = keyvault::OpenKeyVaultFolder(keys);
          if (!vault.ok()) return vault.status();
          vault_ = vault->get();
          return *std::move(vault);
        });
    ASSERT_TRUE(started.ok()) << started.status();
    process_ = *std::move(started);
  }
  void Restart() {
    process_.reset();
    Start(data_);
  }

  void Give(const std::string& tool, const std::string& donor) {
    v1::RegisterTool command;
    command.set_tool_id(tool);
    command.set_label("drill " + tool);
    command.mutable_donor()->set_text(donor);
    auto client = process_->ClientOf("westmoor", "coordinator");
    rpc::CallOptions options;
    options.purpose = "PARTNERSHIP";
    const absl::Status given = client.Call(kRegister, command, after_, options);
    ASSERT_TRUE(given.ok()) << given;
  }
  v1::ListToolsResponse List(const std::string& person, const std::string& tenant,
                             const type::v1::ReadOptions& read) {
    v1::ListToolsRequest request;
    *request.mutable_read() = read;
    v1::ListToolsResponse response;
    auto client = process_->ClientOf(tenant, person);
    rpc::CallOptions options;
    options.purpose = "PARTNERSHIP";
    const absl::Status listed = client.Call(kList, request, response, options);
    EXPECT_TRUE(listed.ok()) << listed;
    return response;
  }
  // What the reader is shown of the donor: the text, or why not.
  std::string Shown(const std::string& tool, const std::string& person = "coordinator",
                    bool in_the_past = false) {
    type::v1::ReadOptions read;
    if (in_the_past) {
      *read.mutable_at_position() = after_.position();
    } else {
      *read.add_min_position() = after_.position();
    }
    const v1::ListToolsResponse listed = List(person, "westmoor", read);
    for (const v1::ToolRow& row : listed.tools()) {
      if (row.tool_id() != tool) continue;
      EXPECT_FALSE(row.donor().has_sealed()) << "nothing sealed leaves the house";
      return row.donor().value_case() == Personal::kWithheld
                 ? Personal::Withheld::Reason_Name(row.donor().withheld())
                 : row.donor().text();
    }
    return "no such row";
  }
  void Rebuild() {
    auto client = process_->ClientOf("westmoor", "administrator");
    operations::v1::RebuildViewsRequest request;
    operations::v1::CheckedViews rebuilt;
    const absl::Status status = client.Call(kRebuild, request, rebuilt);
    ASSERT_TRUE(status.ok()) << status;
  }
  void Destroy(const std::string& tool) {
    const auto destroyed = vault_->Destroy({"westmoor", "case-1", options::v1::KeyKind::RECORD,
                                            tool, "records officer", "her supervisor"});
    ASSERT_TRUE(destroyed.ok()) << destroyed.status();
    EXPECT_EQ(*destroyed, 1U);
  }

  std::vector<app::ServiceMaker> services_ = {testing::Shed};
  const std::string root_;
  const std::string data_ = root_ + "/data";
  std::unique_ptr<app::InProcess> process_;
  keyvault::LocalKeyVault* vault_ = nullptr;  // of the process
  type::v1::Receipt after_;
};

TEST_F(SealingJourney, ShowsAPersonToWhoMaySeeThemAndStandsNowhereInTheClear) {
  ::testing::internal::CaptureStderr();
  Start(data_);
  Give("t1", kCanary);
  Give("t2", "Bea");
  EXPECT_EQ(Shown("t1"), kCanary);
  EXPECT_EQ(Shown("t1", "analyst"), kCanary);
  EXPECT_EQ(Shown("t1", "administrator"), "NOT_PERMITTED");
  EXPECT_EQ(Shown("t1", "coordinator", /*in_the_past=*/true), kCanary);
  EXPECT_EQ(List("coordinator", "eastvale", {}).tools_size(), 0);
  EXPECT_EQ(FilesWith(kCanary, root_), std::vector<std::string>()) << "while it runs";
  Rebuild();
  EXPECT_EQ(Shown("t1"), kCanary);
  Restart();
  EXPECT_EQ(Shown("t1"), kCanary);
  process_.reset();

  const auto key = security::Ed25519PrivateKey::Generate();
  const auto backup = app::BackUpData(data_, root_ + "/backup", *key, nullptr);
  ASSERT_TRUE(backup.ok()) << backup.status();
  EXPECT_EQ(FilesWith(kCanary, root_), std::vector<std::string>());
  for (const auto& entry : fs::recursive_directory_iterator(root_ + "/backup"))
    EXPECT_EQ(entry.path().string().find("keyvault"), std::string::npos) << entry.path();
  EXPECT_NE(FilesWith("drill t1", root_), std::vector<std::string>()) << "what is no person's is";
  const std::string said = ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(said.find(kCanary), std::string::npos);
  EXPECT_NE(said.find("personal_values_shown"), std::string::npos) << "logged before it was shown";
}

TEST_F(SealingJourney, ForgetsAPersonEverywhereOnceTheKeyIsDestroyed) {
  Start(data_);
  Give("t1", kCanary);
  Give("t2", "Bea");
  ASSERT_EQ(Shown("t1"), kCanary);
  Destroy("t1");
  const auto expect_erased = [this](const char* when) {
    SCOPED_TRACE(when);
    EXPECT_EQ(Shown("t1"), "ERASED");
    EXPECT_EQ(Shown("t1", "analyst"), "ERASED");
    EXPECT_EQ(Shown("t1", "coordinator", /*in_the_past=*/true), "ERASED");
    EXPECT_EQ(Shown("t2"), "Bea");
  };
  expect_erased("at once");
  Rebuild();
  expect_erased("after a rebuild");
  Restart();
  expect_erased("after a restart");
  Give("t3", "Cleo");
  EXPECT_EQ(Shown("t3"), "Cleo") << "others are written of as before";
}

// The entries of the tenant's audit log, as they stand in the journal.
std::vector<audit::v1::AuditRecord> LogOf(app::InProcess& process) {
  auto client = process.ClientOf("westmoor", "auditor");
  rpc::CallOptions options;
  options.purpose = "LAWFULNESS_CHECK";
  const auto watch = client.OpenWatch(kExport, audit::v1::ExportForRegulatorRequest(), options);
  std::vector<audit::v1::AuditRecord> entries;
  audit::v1::BundlePart part;
  for (auto more = watch->Read(part); more.ok() && *more; more = watch->Read(part)) {
    audit::v1::AccessRecorded event;
    if (part.has_entry() && event.ParseFromString(part.entry().payload()))
      entries.push_back(event.record());
  }
  return entries;
}

TEST_F(SealingJourney, LogsWhoWasShownWhatBeforeItIsShown) {
  services_.push_back(audit::Audit);
  Start(data_);
  Give("t1", kCanary);
  Give("t2", "Bea");
  ASSERT_EQ(Shown("t1"), kCanary);
  const auto log = LogOf(*process_);
  ASSERT_EQ(log.size(), 2U) << "what was shown, then this export";
  EXPECT_EQ(log[0].method(), kList);
  EXPECT_EQ(log[0].rows(), 2U);
  EXPECT_THAT(log[0].verbs(), ::testing::ElementsAre(options::v1::Audit::CONSULT));
  EXPECT_EQ(log[0].outcome(), audit::v1::Outcome::SERVED);
  EXPECT_FALSE(log[0].actor_ref().empty());
  EXPECT_EQ(log[1].method(), kExport);
  EXPECT_EQ(log[1].purpose(), options::v1::Purpose::LAWFULNESS_CHECK);
}

TEST_F(SealingJourney, ShowsNothingWithoutTheKeysAndTakesThemBack) {
  Start(data_);
  Give("t1", kCanary);
  process_.reset();
  fs::rename(data_ + "/keyvault", root_ + "/away");
  Start(data_);
  EXPECT_EQ(Shown("t1"), "UNAVAILABLE");
  process_.reset();
  fs::remove_all(data_ + "/keyvault");
  fs::rename(root_ + "/away", data_ + "/keyvault");
  Start(data_);
  EXPECT_EQ(Shown("t1"), kCanary);
}

TEST_F(SealingJourney, TakesNobodysNameWhereThereIsNoKeyvault) {
  auto started = app::InProcess::Start(data_, {testing::Shed});
  ASSERT_TRUE(started.ok()) << started.status();
  process_ = *std::move(started);
  v1::RegisterTool command;
  command.set_tool_id("t1");
  command.set_label("drill");
  command.mutable_donor()->set_text(kCanary);
  auto client = process_->ClientOf("westmoor", "coordinator");
  rpc::CallOptions options;
  options.purpose = "PARTNERSHIP";
  const absl::Status refused = client.Call(kRegister, command, after_, options);
  EXPECT_EQ(ReasonOf(refused), "FIELD_INVALID") << refused;
  command.clear_donor();
  EXPECT_TRUE(client.Call(kRegister, command, after_, options).ok());
  process_.reset();
  EXPECT_EQ(FilesWith(kCanary, root_), std::vector<std::string>());
}

}  // namespace
}  // namespace holdfast::flow
