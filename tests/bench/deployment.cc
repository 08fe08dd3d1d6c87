#include "deployment.h"

#include <filesystem>
#include <fstream>
#include <utility>

#include "holdfast/directory/v1/directory.pb.h"
#include "holdfast/initiative/v1/initiative.pb.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "rpc_load.h"
#include "standalone.h"
#include "testing/kafka_broker.h"

namespace holdfast::bench {
namespace {

constexpr char kIssueToken[] = "/holdfast.directory.v1.DevelopmentIssuerService/IssueToken";
constexpr absl::Duration kPatience = absl::Minutes(2);
constexpr absl::Duration kBetween = absl::Milliseconds(50);

absl::Status Run(const std::vector<std::string>& words, const std::string& log) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Child> child, Child::Start(words, log));
  return child->Output(kPatience).status();
}

}  // namespace

Deployment::Deployment(Bench& bench, KafkaHouse& house, Options options)
    : options_(std::move(options)),
      root_(bench.Folder("deployment")),
      programs_(bench.settings().programs),
      house_(house) {}

absl::StatusOr<std::unique_ptr<Deployment>> Deployment::Start(Bench& bench, KafkaHouse& house,
                                                              const Options& options) {
  std::unique_ptr<Deployment> deployment(new Deployment(bench, house, options));
  RETURN_IF_ERROR(deployment->MakeSecrets());
  RETURN_IF_ERROR(deployment->MakeTopics());
  RETURN_IF_ERROR(deployment->Place());
  for (Instance& instance : deployment->instances_) RETURN_IF_ERROR(deployment->Begin(instance));
  for (Instance& instance : deployment->instances_) {
    RETURN_IF_ERROR(
        AwaitAddress(instance.folder + "/run/holdfast.json", *instance.process).status());
  }
  return deployment;
}

absl::Status Deployment::MakeSecrets() const {
  namespace fs = std::filesystem;
  const std::string folder = root_ + "/secrets";
  fs::create_directories(folder);
  std::ofstream(folder + "/command-mac.key") << std::string(32, 'k');
  RETURN_IF_ERROR(Run({"/usr/bin/openssl", "genpkey", "-algorithm", "EC", "-pkeyopt",
                       "ec_paramgen_curve:P-256", "-out", folder + "/development-issuer.pem"},
                      root_ + "/openssl.log"));
  for (const auto& file : fs::directory_iterator(folder))
    fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
  return absl::OkStatus();
}

absl::Status Deployment::MakeTopics() const {
  return Run({programs_ + "/holdfast", "kafka", "topics", "apply", "--bootstrap",
              house_.bootstrap(), "--partitions", absl::StrCat(options_.partitions),
              "--replication", absl::StrCat(house_.broker().nodes())},
             root_ + "/topics.log");
}

absl::Status Deployment::Place() {
  const auto add = [this](const std::string& service, std::size_t ordinal) -> absl::Status {
    ASSIGN_OR_RETURN(const std::uint16_t port, FreePort());
    instances_.push_back({service, ordinal, absl::StrCat("127.0.0.1:", port),
                          absl::StrCat(root_, "/", service, "-", ordinal), nullptr});
    return absl::OkStatus();
  };
  for (std::size_t i = 0; i < kOwners; ++i) RETURN_IF_ERROR(add("initiative", i));
  RETURN_IF_ERROR(add("projection", 0));
  const std::string owners = absl::StrCat(owner_address(0), ",", owner_address(1));
  doors_ = absl::StrCat("initiative=", owners, ";projection=", projection_address(),
                        ";board=", projection_address(), ";*=", owners);
  return absl::OkStatus();
}

std::vector<std::string> Deployment::WordsOf(const Instance& instance) const {
  std::vector<std::string> words = {absl::StrCat(programs_, "/holdfast-", instance.service),
                                    "--data", instance.folder, "--demo=empty"};
  std::vector<std::string> settings = {
      "listen.grpc_port=" + instance.address.substr(instance.address.rfind(':') + 1),
      "listen.admin_port=0",
      "listen.replace_taken_ports=true",
      "kafka.bootstrap=" + house_.bootstrap(),
      absl::StrCat("kafka.partitions=", options_.partitions),
      absl::StrCat("kafka.replication=", house_.broker().nodes()),
      absl::StrCat("instance.ordinal=", instance.ordinal),
      absl::StrCat("instance.replicas=", instance.service == "initiative" ? kOwners : 1),
      absl::StrCat("instance.heartbeat_timeout_ms=",
                   absl::ToInt64Milliseconds(options_.heartbeat_timeout)),
      "instance.doors=" + doors_,
      "instance.shared_secrets=" + root_ + "/secrets",
  };
  settings.insert(settings.end(), options_.settings.begin(), options_.settings.end());
  for (std::string& setting : settings) {
    words.emplace_back("--set");
    words.push_back(std::move(setting));
  }
  return words;
}

absl::Status Deployment::Begin(Instance& instance) const {
  // What the one before left would say that this one is ready.
  std::filesystem::remove(instance.folder + "/run/holdfast.json");
  std::filesystem::create_directories(instance.folder);
  ASSIGN_OR_RETURN(instance.process,
                   Child::Start(WordsOf(instance), instance.folder + "/output.log"));
  return absl::OkStatus();
}

absl::Status Deployment::StartAgain(std::size_t ordinal) {
  Instance& instance = instances_[ordinal];
  RETURN_IF_ERROR(Begin(instance));
  return AwaitAddress(instance.folder + "/run/holdfast.json", *instance.process).status();
}

absl::StatusOr<std::string> Deployment::Token(const std::string& tenant) {
  std::string& token = tokens_[tenant];
  if (!token.empty()) return token;
  directory::v1::IssueTokenRequest request;
  request.set_tenant(tenant);
  request.set_as("trial");
  directory::v1::IssuedToken issued;
  rpc::Client nobody(NewConnection(owner_address(0)));
  RETURN_IF_ERROR(nobody.Call(kIssueToken, request, issued));
  token = issued.token();
  return token;
}

absl::StatusOr<type::v1::Receipt> Deployment::CreateSite(std::size_t ordinal,
                                                         const std::string& tenant) {
  ASSIGN_OR_RETURN(const std::string token, Token(tenant));
  rpc::Client client(NewConnection(owner_address(ordinal)), [token] { return token; });
  rpc::CallOptions options;
  options.max_retries = 0;
  options.timeout = absl::Seconds(2);
  initiative::v1::CreateSite create;
  create.set_name(absl::StrCat("Site ", ++sites_, " of ", tenant));
  type::v1::Receipt receipt;
  RETURN_IF_ERROR(client.Call(kCreateSite, create, receipt, options));
  return receipt;
}

absl::StatusOr<std::size_t> Deployment::OwnerOf(const std::string& tenant) {
  absl::Status last;
  for (const absl::Time until = absl::Now() + kPatience; absl::Now() < until;) {
    for (std::size_t i = 0; i < kOwners; ++i) {
      const absl::StatusOr<type::v1::Receipt> receipt = CreateSite(i, tenant);
      if (receipt.ok()) return i;
      last = receipt.status();
    }
    absl::SleepFor(kBetween);
  }
  return absl::DeadlineExceededError(absl::StrCat("no instance decides: ", last.message()));
}

}  // namespace holdfast::bench
