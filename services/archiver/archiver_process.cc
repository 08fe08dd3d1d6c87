#include "archiver/archiver_process.h"

#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "app/admin_server.h"
#include "app/archive_follower.h"
#include "app/data_folder.h"
#include "base/status_macros.h"
#include "http/server.h"
#include "journal/kafka_journal.h"
#include "observability/log.h"
#include "rpc/server.h"

namespace holdfast::archiver {
namespace {

class ArchiverProcess final : public app::Process {
 public:
  ArchiverProcess(config::v1::Process config, std::unique_ptr<app::DataFolder> folder,
                  std::unique_ptr<journal::KafkaJournal> journal)
      : config_(std::move(config)), folder_(std::move(folder)), journal_(std::move(journal)) {}

  ~ArchiverProcess() override { Drain(); }

  absl::Status Open() {
    app::ArchiveFollower::Parts parts;
    parts.journal = journal_.get();
    parts.config = config_.archiver();
    parts.contexts = [this] { return journal_->Contexts(); };
    parts.files = [this]() -> absl::StatusOr<archive::FilesByPath> {
      return archive::FilesByPath{
          {"state/command-mac.key", config_.instance().shared_secrets() + "/command-mac.key"}};
    };
    ASSIGN_OR_RETURN(follower_, app::ArchiveFollower::Start(std::move(parts)));
    // A large archive is read for minutes at the start: how far behind it is says more of its life
    // than a deadline would.
    const app::Vitals vitals{[this] { return follower_->Last(); }, [] { return absl::OkStatus(); },
                             [this] { return follower_->Last(); }};
    ASSIGN_OR_RETURN(admin_, app::StartAdminServer(config_.listen(), vitals));
    return absl::OkStatus();
  }

  // A broker that is away comes back: until then /readyz says so. What else is wrong at the start
  // ends the program.
  absl::Status AwaitReady() override {
    const absl::Status first = follower_->AwaitFirst();
    if (!absl::IsUnavailable(first)) RETURN_IF_ERROR(first);
    app::Addresses addresses;
    addresses.admin =
        absl::StrCat("http://", rpc::HostAndPort(config_.listen().host(), admin_->port()));
    RETURN_IF_ERROR(folder_->Announce(addresses));
    log::Info("ready");
    return absl::OkStatus();
  }

  void Drain() override {
    if (std::exchange(drained_, true)) return;
    if (follower_ != nullptr) follower_->Finish();
    if (admin_ != nullptr) admin_->Stop(absl::Seconds(1));
    log::Info("drained");
  }

 private:
  const config::v1::Process config_;
  const std::unique_ptr<app::DataFolder> folder_;
  const std::unique_ptr<journal::KafkaJournal> journal_;
  std::unique_ptr<app::ArchiveFollower> follower_;
  std::unique_ptr<http::Server> admin_;
  bool drained_ = false;
};

}  // namespace

absl::StatusOr<std::unique_ptr<app::Process>> StartArchiver(config::v1::Process config) {
  if (!config.has_archiver()) {
    return absl::FailedPreconditionError(
        "archiver.key is not configured: name the private key that signs the segments; make one "
        "with holdfast backup key");
  }
  ASSIGN_OR_RETURN(auto folder, app::DataFolder::Open(config.data_dir()));
  ASSIGN_OR_RETURN(auto journal,
                   journal::KafkaJournal::Open(journal::KafkaJournalOptionsOf(config.kafka())));
  auto process =
      std::make_unique<ArchiverProcess>(std::move(config), std::move(folder), std::move(journal));
  RETURN_IF_ERROR(process->Open());
  return std::unique_ptr<app::Process>(std::move(process));
}

}  // namespace holdfast::archiver
