#include "app/platform.h"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <map>
#include <set>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "app/admin_server.h"
#include "app/archive_follower.h"
#include "app/audit_log.h"
#include "app/configuration.h"
#include "app/configured_directory.h"
#include "app/contexts.h"
#include "app/data_backup.h"
#include "app/demonstration.h"
#include "app/development_audit.h"
#include "app/directory_follower.h"
#include "app/directory_seed.h"
#include "app/issuers_file.h"
#include "app/operations_service.h"
#include "app/router.h"
#include "app/secret_file.h"
#include "app/service_parts.h"
#include "app/session_service.h"
#include "app/trusted_issuers.h"
#include "app/way_out.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "base/thread_executor.h"
#include "eventsourcing/command_mac.h"
#include "eventsourcing/context_store.h"
#include "eventsourcing/heartbeats.h"
#include "eventsourcing/upcaster.h"
#include "http/server.h"
#include "journal/embedded_journal.h"
#include "journal/kafka_control.h"
#include "journal/kafka_journal.h"
#include "observability/log.h"
#include "observability/metrics.h"
#include "readmodel/read_model.h"
#include "rpc/call_metrics.h"
#include "rpc/descriptor_service.h"
#include "rpc/door.h"
#include "rpc/field_validator.h"
#include "rpc/health.h"
#include "rpc/routes.h"
#include "rpc/server.h"
#include "rpc/transport_security.h"
#include "rpc/worker_pool.h"
#include "security/development_issuer.h"
#include "security/directory.h"
#include "security/folded_directory.h"
#include "security/key_vault.h"
#include "security/principal_issuer.h"
#include "security/signing_key.h"
#include "security/subject_mac.h"

namespace holdfast::app {
namespace {

constexpr std::size_t kQueryThreads = 4;
constexpr std::size_t kHandlerThreads = 4;
constexpr std::size_t kStreamThreads = 16;  // so many uploads, watches and streams at once
constexpr absl::Duration kMaxSilence = absl::Seconds(30);
constexpr absl::Duration kLookAgain = absl::Milliseconds(50);
constexpr absl::Duration kHealthLook = absl::Seconds(1);
constexpr absl::Duration kRegisterAgain = absl::Seconds(1);
constexpr absl::Duration kRegisterPatience = absl::Minutes(2);
// A new leader of a partition may show an earlier end for a while (journal/kafka_journal.h).
constexpr absl::Duration kReaderLag = absl::Seconds(15);
constexpr absl::Duration kTopicPatience = absl::Seconds(5);
constexpr int kRegisterRefusals = 5;
constexpr char kAuditContext[] = "audit";
// Without a word of itself for so long a door no longer knows whose rights were revoked.
constexpr absl::Duration kCutOff = absl::Seconds(30);
constexpr absl::Duration kEnterAgain = absl::Seconds(1);
constexpr char kMacKey[] = "/command-mac.key";
constexpr char kIssuerKey[] = "/development-issuer.pem";

std::vector<std::string> TenantsOf(const config::v1::Directory& directory) {
  std::vector<std::string> slugs;
  for (const config::v1::Tenant& tenant : directory.tenants()) slugs.push_back(tenant.slug());
  return slugs;
}

// What must be there before anything is opened.
struct Secrets {
  std::unique_ptr<security::SigningKey> issuer;
};

absl::StatusOr<Secrets> SecretsOf(const config::v1::Process& config) {
  Secrets secrets;
  if (!config.has_kafka()) {
    secrets.issuer = security::SigningKey::GenerateP256();
    return secrets;
  }
  const std::string& folder = config.instance().shared_secrets();
  RETURN_IF_ERROR(ReadSecretFile(folder + kMacKey).status());
  ASSIGN_OR_RETURN(const std::string pem, ReadSecretFile(folder + kIssuerKey));
  secrets.issuer = security::SigningKey::FromPem(pem);
  if (secrets.issuer == nullptr) {
    return absl::FailedPreconditionError(
        absl::StrCat(folder, kIssuerKey,
                     " is no private key of P-256; make one with: openssl genpkey -algorithm EC "
                     "-pkeyopt ec_paramgen_curve:P-256"));
  }
  return secrets;
}

class RunningPlatform final : public Platform {
 public:
  RunningPlatform(PlatformOptions options, std::unique_ptr<DataFolder> folder,
                  security::ConfiguredDirectory directory, Secrets secrets)
      : config_(std::move(options.config)),
        gateway_maker_(std::move(options.gateway)),
        register_tenant_(std::move(options.register_tenant)),
        worker_maker_(std::move(options.worker)),
        key_vault_maker_(std::move(options.key_vault)),
        folder_(std::move(folder)),
        configured_(std::move(directory)),
        issuer_(SystemClock(), SystemRandom(), std::move(secrets.issuer)) {
    for (const ServiceMaker maker : options.services) services_.push_back(maker());
  }

  ~RunningPlatform() override { Stop(absl::Now()); }

  absl::Status Open() {
    ASSIGN_OR_RETURN(transport_, TransportOf(config_));
    RETURN_IF_ERROR(OpenIssuers());
    RETURN_IF_ERROR(OpenKeys());
    RETURN_IF_ERROR(OpenContexts());
    RETURN_IF_ERROR(OpenDirectory());
    RETURN_IF_ERROR(OpenViews());
    OpenWayOut();
    RETURN_IF_ERROR(OpenServices());
    RETURN_IF_ERROR(OpenArchive());
    RETURN_IF_ERROR(OpenPorts());
    RETURN_IF_ERROR(OpenWorker());
    read_model_->WhenCaughtUp([this] {
      caught_up_.store(true);
      FollowReadiness();
      caught_up_once_.Notify();
    });
    return absl::OkStatus();
  }

  absl::Status AwaitReady() override {
    while (!caught_up_once_.WaitForNotificationWithTimeout(kLookAgain)) {
      RETURN_IF_ERROR(read_model_->Ready());
    }
    RETURN_IF_ERROR(PublishConfigured());
    if (register_tenant_ != nullptr) {
      const config::v1::Directory tenants = Tenants();
      for (const config::v1::Tenant& tenant : tenants.tenants()) {
        const absl::Status registered = Register(tenant.slug());
        if (registered.ok()) continue;
        RETURN_IF_ERROR(Ready());  // the cause, where it is not the tenant's own
        return WithContext(registered, absl::StrCat("tenant ", tenant.slug()));
      }
    }
    RETURN_IF_ERROR(folder_->Announce(addresses_));
    log::Info("ready");
    return absl::OkStatus();
  }

  const Addresses& addresses() const override { return addresses_; }
  std::shared_ptr<grpc::Channel> channel() override { return server_->InProcess(); }
  std::string TokenOf(std::string_view tenant, std::string_view person) override {
    return issuer_.Issue(tenant, person).text;
  }

  rpc::Client ClientOf(std::string_view tenant, std::string_view person) override {
    auto token = [this, tenant = std::string(tenant), person = std::string(person)] {
      return TokenOf(tenant, person);
    };
    const std::string& doors = config_.instance().doors();
    if (doors.empty()) return rpc::Client(server_->InProcess(), std::move(token));
    return rpc::Client(*rpc::Routes::Parse(doors), std::move(token), transport_.get());
  }

  void Drain() override {
    log::Info("draining");
    draining_.store(true);
    health_->SetServing(false);
    absl::SleepFor(absl::Milliseconds(config_.drain().delay_ms()));
    Stop(absl::Now() + absl::Milliseconds(config_.drain().deadline_ms()));
    log::Info("drained");
  }

 private:
  using Reader = std::unique_ptr<readmodel::Reader>;

  // In a deployment the owner may not be there yet, and another instance may do the same at this
  // moment: what is refused then is found to be there the next time.
  absl::Status Register(const std::string& tenant) {
    return Patiently([this, &tenant] { return register_tenant_(*this, tenant); });
  }

  absl::Status Patiently(const std::function<absl::Status()>& act) {
    const absl::Time until =
        absl::Now() + (config_.has_kafka() ? kRegisterPatience : absl::ZeroDuration());
    for (int refused = 0;;) {
      absl::Status registered = act();
      const bool raced = absl::IsFailedPrecondition(registered) && ++refused < kRegisterRefusals;
      if (absl::Now() >= until || !(absl::IsUnavailable(registered) || raced)) return registered;
      absl::SleepFor(kRegisterAgain);
    }
  }

  void AddReactors(std::map<std::string, ContextParts>& contexts) const {
    for (const Service& service : services_) {
      for (const auto& reactor : service.parts().reactors) {
        const std::string source = eventsourcing::ContextOf(*reactor.events.front());
        // On one machine a reactor listens only where the context that it listens to runs too: in
        // the standalone they all do. In a deployment every journal can be read.
        if (!config_.has_kafka() && !contexts.contains(source)) continue;
        contexts[service.parts().context].reactors.push_back(reactor);
      }
    }
  }

  // Their keys are fetched meanwhile: a process starts whether or not its providers can be reached.
  absl::Status OpenIssuers() {
    const std::string& path = config_.security().issuers_file();
    if (path.empty()) return absl::OkStatus();
    TrustedIssuers::Parts trusted;
    trusted.verifier = &verifier_;
    trusted.own = {OwnIssuer()};
    trusted.clock = &SystemClock();
    trusted.executor = &issuers_executor_;
    trusted.development = config_.environment() == config::v1::Process::DEVELOPMENT;
    trusted_issuers_ = std::make_unique<TrustedIssuers>(std::move(trusted));
    ASSIGN_OR_RETURN(issuers_file_,
                     IssuersFile::Open({path, config_.environment(), &issuers_executor_,
                                        [this](const config::v1::Issuers& issuers) {
                                          trusted_issuers_->Take(issuers);
                                        }}));
    return absl::OkStatus();
  }

  // Of the demonstration's people, and of what the house does for itself.
  security::Issuer OwnIssuer() const { return issuer_.Trust(TenantsOf(Tenants())); }

  // On one machine the keys are a module of the process. A deployment has no keyvault yet, and so
  // takes nothing personal.
  absl::Status OpenKeys() {
    if (key_vault_maker_ != nullptr && !config_.has_kafka()) {
      ASSIGN_OR_RETURN(key_vault_, key_vault_maker_(config_, folder_->Folder("keyvault")));
    }
    if (key_vault_ != nullptr) validator_.TakePersonal();
    return absl::OkStatus();
  }

  // Into the audit context where this process decides it. Without one nothing is shown, but in
  // development.
  void OpenWayOut() {
    security::AuditClient* audit = nullptr;
    if (eventsourcing::CommandSink* const sink = contexts_->Find(kAuditContext); sink != nullptr) {
      audit_log_ = std::make_unique<AuditLog>(*sink, SystemClock(), SystemRandom());
      audit = audit_log_.get();
    } else if (config_.environment() == config::v1::Process::DEVELOPMENT) {
      audit = &development_audit_;
    }
    way_out_ = std::make_unique<WayOut>(WayOut::Parts{key_vault_.get(), audit, &SystemClock()});
  }

  absl::Status OpenContexts() {
    std::map<std::string, ContextParts> contexts;
    for (const Service& service : services_) {
      const Service::Parts& parts = service.parts();
      if (parts.streams.empty()) continue;
      ContextParts& context = contexts[parts.context];
      context.name = parts.context;
      for (const auto& stream : parts.streams) context.streams.push_back(stream);
    }
    AddReactors(contexts);

    std::set<std::string> own;
    for (const auto& [name, context] : contexts) own.insert(name);
    RETURN_IF_ERROR(OpenJournal(own));
    Contexts::Parts parts;
    parts.journal = journal_.get();
    parts.clock = &SystemClock();
    parts.random = &SystemRandom();
    parts.folder = folder_->Folder("state");
    parts.mac_key = absl::StrCat(
        config_.has_kafka() ? config_.instance().shared_secrets() : parts.folder, kMacKey);
    parts.key_vault = key_vault_.get();
    parts.upcasters = &upcasters_;
    parts.actor = config_.actor();
    for (const config::v1::Tenant& tenant : config_.directory().tenants()) {
      if (tenant.has_quota()) parts.quotas.emplace(tenant.slug(), tenant.quota());
    }
    parts.quota_of = [this](const std::string& tenant) { return QuotaOf(tenant); };
    parts.heartbeats = heartbeats_.get();
    if (config_.has_kafka()) parts.reader_lag = kReaderLag;
    for (auto& [name, context] : contexts) parts.contexts.push_back(std::move(context));
    ASSIGN_OR_RETURN(contexts_, Contexts::Open(std::move(parts)));
    return absl::OkStatus();
  }

  // Before any door opens: what was revoked while this process was away is known by then. On one
  // machine only where the directory runs here; a deployment's journals can all be read.
  absl::Status OpenDirectory() {
    const std::string folder =
        config_.has_kafka() ? config_.instance().shared_secrets() : folder_->Folder("state");
    ASSIGN_OR_RETURN(mac_keys_, eventsourcing::FileMacKeys::Open(folder + kMacKey, SystemRandom()));
    eventsourcing::CommandSink* sink = contexts_->Find(kDirectory);
    if (sink == nullptr && !config_.has_kafka()) return absl::OkStatus();
    DirectoryFollower::Parts parts;
    parts.journal = journal_.get();
    ASSIGN_OR_RETURN(parts.partitions, PartitionsOf(kDirectory));
    parts.directory = &folded_;
    if (heartbeats_ != nullptr) parts.digests = &heartbeats_->digests();
    ASSIGN_OR_RETURN(directory_follower_, DirectoryFollower::Open(parts));
    if (sink == nullptr) return absl::OkStatus();
    honoured_ = std::make_unique<HonouredSink>(*sink, folded_);
    EnterAdministrators();
    // On one machine nobody else can: the door opens on these facts.
    return config_.has_kafka() ? absl::OkStatus() : PublishConfigured();
  }

  // Tenants and people of the configuration, as facts. Each instance of a deployment asks for all
  // of them, and decides those of its own partitions.
  absl::Status PublishConfigured() {
    if (honoured_ == nullptr || std::exchange(published_, true)) return absl::OkStatus();
    return WithContext(Patiently([this] { return PublishOnce(); }), "directory");
  }

  absl::Status PublishOnce() {
    const config::v1::Directory tenants = Tenants();
    ASSIGN_OR_RETURN(const auto providers, ProvidersOf(config_));
    ASSIGN_OR_RETURN(DirectorySeed seed,
                     SeedOf(tenants, security::DevelopmentIssuer::kName, subject_macs_, providers));
    absl::Status entered = Publish(std::move(seed.facts), *honoured_);
    // What this one does not own another publishes; registered is who was entered.
    if (absl::IsUnavailable(entered) && AllEntered(tenants)) entered = absl::OkStatus();
    RETURN_IF_ERROR(entered);
    const absl::Status registered = Publish(std::move(seed.registrations), *honoured_);
    return absl::IsUnavailable(registered) && AllRegistered(tenants) ? absl::OkStatus()
                                                                     : registered;
  }

  bool AllEntered(const config::v1::Directory& tenants) const {
    return std::ranges::all_of(tenants.tenants(), [this](const config::v1::Tenant& tenant) {
      return std::ranges::all_of(tenant.members(), [&](const config::v1::Member& member) {
        return folded_.HasEntered(tenant.slug(), member.actor_ref());
      });
    });
  }

  bool AllRegistered(const config::v1::Directory& tenants) const {
    return std::ranges::all_of(tenants.tenants(), [this](const config::v1::Tenant& tenant) {
      return folded_.HasRegistered(tenant.slug());
    });
  }

  // Of tenants that were registered: the force and its first administrator, in its own history.
  void EnterAdministrators() {
    for (const security::AwaitedAdministrator& awaited : folded_.Awaited()) {
      for (eventsourcing::CommandRequest& command : EntryOf(awaited))
        honoured_->Submit(std::move(command), [](const eventsourcing::CommandAnswer&) {});
    }
    directory_clerk_.PostAfter(kEnterAgain, [this] { EnterAdministrators(); });
  }

  std::optional<config::v1::Quota> QuotaOf(const std::string& tenant) const {
    const std::optional<directory::v1::QuotaFigures> figures = folded_.QuotaOf(tenant);
    if (!figures) return std::nullopt;
    config::v1::Quota quota;
    quota.set_cost_per_second(figures->cost_per_second());
    quota.set_burst(figures->burst());
    return quota;
  }

  // Cut off from the brokers, or with a directory that cannot be read, nobody is let in.
  absl::Status DirectoryCurrent() const {
    const bool lost = directory_follower_ != nullptr && !directory_follower_->Ready().ok();
    const bool cut_off = heartbeats_ != nullptr && !heartbeats_->HeardWithin(kCutOff);
    if (!lost && !cut_off) return absl::OkStatus();
    return WithRetry(
        ErrorWithReason(absl::StatusCode::kUnavailable, "PROTECTION_DOWN",
                        "This process cannot know whose rights were revoked, so it lets nobody in. "
                        "Ask again in a moment: another answers, or it comes back."),
        absl::Seconds(1));
  }

  // With the contexts that are decided here, `own`, and those that are only read.
  absl::Status OpenJournal(const std::set<std::string>& own) {
    if (config_.has_kafka()) {
      RETURN_IF_ERROR(OpenKafka());
      RETURN_IF_ERROR(OpenHeartbeats());
    } else {
      journal::EmbeddedJournalOptions options;
      options.folder = folder_->Folder("journal");
      options.group_max_bytes = config_.journal().group_max_bytes();
      options.group_max_records = config_.journal().group_max_records();
      ASSIGN_OR_RETURN(auto embedded, journal::EmbeddedJournal::Open(options));
      for (const std::string& name : own) {
        RETURN_IF_ERROR(embedded->CreateContext(name, config_.journal().partitions()));
      }
      journal_ = std::move(embedded);
    }
    context_names_ = own;
    if (config_.has_kafka()) {
      for (const Service& service : services_) {
        for (const auto& view : service.parts().views) context_names_.insert(view.context);
      }
    }
    for (const std::string& name : context_names_) {
      ASSIGN_OR_RETURN(const std::uint32_t partitions, PartitionsOf(name));
      metrics::Process().Prepare(name, partitions);
    }
    return absl::OkStatus();
  }

  // Brokers hear of a topic that was just made one after the other.
  absl::StatusOr<std::uint32_t> PartitionsOf(const std::string& context) {
    const absl::Time until = absl::Now() + kTopicPatience;
    while (true) {
      absl::StatusOr<std::uint32_t> partitions = journal_->Partitions(context);
      if (!absl::IsNotFound(partitions.status()) || absl::Now() >= until) return partitions;
      absl::SleepFor(kLookAgain);
    }
  }

  absl::Status OpenKafka() {
    ASSIGN_OR_RETURN(journal_,
                     journal::KafkaJournal::Open(journal::KafkaJournalOptionsOf(config_.kafka())));
    return absl::OkStatus();
  }

  absl::Status OpenHeartbeats() {
    ASSIGN_OR_RETURN(control_, journal::OpenKafkaControl({config_.kafka().bootstrap(),
                                                          config_.instance().control_topic()}));
    eventsourcing::HeartbeatOptions options;
    options.channel = control_;
    options.clock = &SystemClock();
    options.executor = &heart_;
    options.random = &SystemRandom();
    options.ordinal = config_.instance().ordinal();
    options.replicas = config_.instance().replicas();
    options.timeout = absl::Milliseconds(config_.instance().heartbeat_timeout_ms());
    options.address = config_.instance().door();
    heartbeats_ = std::make_unique<eventsourcing::Heartbeats>(std::move(options));
    heartbeats_->Start();
    return absl::OkStatus();
  }

  absl::Status OpenViews() {
    readmodel::ReadModelOptions options;
    options.folder = folder_->Folder("views");
    options.journal = journal_.get();
    options.clock = &SystemClock();
    options.executor = &projector_;
    options.upcasters = &upcasters_;
    options.folder_mac = [this](const std::string& tenant) { return FolderMac(tenant); };
    if (heartbeats_ != nullptr) options.fold_digests = &heartbeats_->digests();
    for (const Service& service : services_) {
      for (const readmodel::ViewType& view : service.parts().views) {
        if (!context_names_.contains(view.context)) {
          return absl::FailedPreconditionError(
              absl::StrCat("view ", view.name, " folds the context ", view.context,
                           ", which does not run in this process; list its service too"));
        }
        options.views.push_back(view);
      }
    }
    ASSIGN_OR_RETURN(read_model_, readmodel::ReadModel::Open(std::move(options)));
    return absl::OkStatus();
  }

  // By which a tenant's folder of views is known.
  std::string FolderMac(const std::string& tenant) const {
    HmacSha256 mac(mac_keys_->Of(tenant).view());
    mac.Update("holdfast/mac/1/meta");
    return std::string(AsBytes(mac.Finish()));
  }

  absl::Status OpenServices() {
    Router::Parts parts;
    parts.read_model = read_model_.get();
    parts.queries = &query_pool_;
    parts.handlers = &handler_pool_;
    parts.streams = &stream_pool_;
    parts.door = &door_;
    parts.way_out = way_out_.get();
    parts.clock = &SystemClock();
    parts.files_folder = folder_->Folder("files");
    router_ = std::make_unique<Router>(std::move(parts));

    std::vector<std::string> names;
    for (const Service& service : services_) {
      const Service::Parts& of = service.parts();
      names.push_back(of.full_name);
      eventsourcing::CommandSink* const sink =
          of.context == kDirectory ? honoured_.get() : contexts_->Find(of.context);
      if (sink != nullptr) router_->AddContext(of.context, *sink, of.streams);
    }
    for (const Service& service : services_) {
      ASSIGN_OR_RETURN(rpc::DescriptorService * rpcs, AddService(service.parts().full_name));
      RETURN_IF_ERROR(router_->Bind(service, *rpcs));
    }

    ASSIGN_OR_RETURN(rpc::DescriptorService * session, AddService(kSessionService));
    BindSession(folded_, demonstration(), *session);
    names.emplace_back(kSessionService);
    ASSIGN_OR_RETURN(rpc::DescriptorService * operations, AddService(kOperationsService));
    BindOperations({read_model_.get(),
                    journal_.get(),
                    &handler_pool_,
                    {context_names_.begin(), context_names_.end()},
                    contexts_.get()},
                   *operations);
    names.emplace_back(kOperationsService);
    if (demonstration()) {
      ASSIGN_OR_RETURN(rpc::DescriptorService * issuer, AddService(kDevelopmentIssuerService));
      BindDevelopmentIssuer(issuer_, folded_, *issuer);
      names.emplace_back(kDevelopmentIssuerService);
    }
    health_ = std::make_unique<rpc::Health>(names);
    ASSIGN_OR_RETURN(std::unique_ptr<rpc::DescriptorService> health,
                     health_->Service(door_, validator_));
    rpcs_.push_back(std::move(health));
    return absl::OkStatus();
  }

  absl::StatusOr<rpc::DescriptorService*> AddService(std::string_view name) {
    ASSIGN_OR_RETURN(std::unique_ptr<rpc::DescriptorService> service,
                     rpc::DescriptorService::Of(name, door_, validator_));
    rpcs_.push_back(std::move(service));
    return rpcs_.back().get();
  }

  // On one machine the process archives its own journal; a deployment has an archiver for that.
  // What goes wrong there keeps nobody from working: the lag says so.
  absl::Status OpenArchive() {
    if (!config_.has_archiver() || config_.has_kafka()) return absl::OkStatus();
    RETURN_IF_ERROR(CheckApart(folder_->path(), config_.archiver().folder()));
    ArchiveFollower::Parts parts;
    parts.journal = journal_.get();
    parts.config = config_.archiver();
    parts.contexts = [this]() -> absl::StatusOr<std::vector<std::string>> {
      return std::vector<std::string>(context_names_.begin(), context_names_.end());
    };
    parts.files = [this] { return FilesOf(folder_->path()); };
    ASSIGN_OR_RETURN(archive_, ArchiveFollower::Start(std::move(parts)));
    return absl::OkStatus();
  }

  absl::Status OpenPorts() {
    const config::v1::Listen& listen = config_.listen();
    rpc::ServerOptions options;
    options.host = listen.host();
    options.port = static_cast<std::uint16_t>(listen.grpc_port());
    options.replace_taken_port = listen.replace_taken_ports();
    options.reflection = config_.environment() == config::v1::Process::DEVELOPMENT;
    options.security = transport_;
    std::vector<rpc::DescriptorService*> rpcs;
    for (const auto& service : rpcs_) {
      rpcs.push_back(service.get());
      options.max_receive_bytes = std::max(options.max_receive_bytes, service->max_bytes());
    }
    ASSIGN_OR_RETURN(server_, rpc::Server::Start(options, rpcs));
    addresses_.grpc = server_->address();
    if (heartbeats_ != nullptr && config_.instance().door().empty()) {
      heartbeats_->SetAddress(addresses_.grpc);
    }

    ASSIGN_OR_RETURN(
        admin_, StartAdminServer(listen, {[this] { return Started(); }, [this] { return Live(); },
                                          [this] { return Ready(); }}));
    addresses_.admin = absl::StrCat("http://", rpc::HostAndPort(listen.host(), admin_->port()));
    if (gateway_maker_ == nullptr) return absl::OkStatus();
    Surroundings around;
    around.host = listen.host();
    around.port = static_cast<std::uint16_t>(listen.http_port());
    around.replace_taken_port = listen.replace_taken_ports();
    around.demonstration = demonstration();
    around.development = config_.environment() == config::v1::Process::DEVELOPMENT;
    around.grpc_address = addresses_.grpc;
    around.channel = server_->InProcess();
    around.issuers = issuers_file_.get();
    ASSIGN_OR_RETURN(gateway_, gateway_maker_(around));
    addresses_.console = gateway_->address();
    return absl::OkStatus();
  }

  absl::Status OpenWorker() {
    if (worker_maker_ == nullptr) return absl::OkStatus();
    const WorkPlace place{config_, *journal_, folder_->path(), TenantsOf(Tenants()),
                          [this](const std::string& tenant, const std::string& subject) {
                            return ClientOf(tenant, subject);
                          }};
    ASSIGN_OR_RETURN(std::unique_ptr<Worker> worker, worker_maker_(place));
    const absl::MutexLock lock(&worker_mutex_);
    worker_ = std::move(worker);
    return absl::OkStatus();
  }

  // Part of the data folder's volume that is used, 0 to 1; 1 where it cannot be asked.
  double DiskUsedRatio() const {
    std::error_code error;
    const std::filesystem::space_info space = std::filesystem::space(
        config_.has_kafka() ? folder_->path() : folder_->Folder("journal"), error);
    if (error || space.capacity == 0) return 1;
    return 1 - static_cast<double>(space.available) / static_cast<double>(space.capacity);
  }

  absl::Status Started() const {
    if (caught_up_.load()) return absl::OkStatus();
    return absl::UnavailableError("the views have not reached the end of their journals yet");
  }
  absl::Status Live() const {
    if (absl::Now() - projector_.LastTick() > kMaxSilence) {
      return absl::UnavailableError("the projector has not moved for 30 s");
    }
    RETURN_IF_ERROR(AskWorker(&Worker::Live));
    return contexts_->Live();
  }
  absl::Status Ready() const {
    if (draining_.load()) return absl::UnavailableError("draining");
    RETURN_IF_ERROR(Started());
    RETURN_IF_ERROR(journal_->Health());
    RETURN_IF_ERROR(read_model_->Ready());
    RETURN_IF_ERROR(AskWorker(&Worker::Ready));
    if (directory_follower_ != nullptr) RETURN_IF_ERROR(directory_follower_->Ready());
    return contexts_->Ready();
  }
  // The admin port answers before there is a worker, and after.
  absl::Status AskWorker(absl::Status (Worker::*question)() const) const {
    const absl::MutexLock lock(&worker_mutex_);
    return worker_ == nullptr ? absl::OkStatus() : (worker_.get()->*question)();
  }
  std::unique_ptr<Worker> TakeWorker() {
    const absl::MutexLock lock(&worker_mutex_);
    return std::move(worker_);
  }

  // gRPC's health says what /readyz says.
  void FollowReadiness() {
    health_->SetServing(Ready().ok());
    health_follower_.PostAfter(kHealthLook, [this] { FollowReadiness(); });
  }

  config::v1::Directory Tenants() const {
    return demonstration() ? DemonstrationDirectory() : config_.directory();
  }
  bool demonstration() const { return config_.demo().data() != config::v1::Demo::NONE; }

  // Once: from the outside inwards, so that whoever still works has what it needs.
  void Stop(absl::Time deadline) {
    if (std::exchange(stopped_, true)) return;
    draining_.store(true);
    TakeWorker().reset();
    gateway_.reset();
    door_.StartDraining();
    for (const auto& service : rpcs_) service->EndStreams();
    // gRPC's in-process transport cancels what still runs when its server shuts down.
    for (const auto& service : rpcs_) service->AwaitStreams(deadline);
    folded_.GiveUpWaiting();
    if (server_ != nullptr) server_->Shutdown(deadline);
    if (contexts_ != nullptr) contexts_->Drain(deadline);
    if (archive_ != nullptr) archive_->Finish();
    if (admin_ != nullptr) admin_->Stop(absl::Seconds(1));
  }

  // In the order in which they need each other; destroyed the other way round.
  const config::v1::Process config_;
  const StartCompanion gateway_maker_;
  const RegisterTenant register_tenant_;
  const StartWorker worker_maker_;
  const OpenKeyVault key_vault_maker_;
  const std::unique_ptr<DataFolder> folder_;
  const std::unique_ptr<metrics::Registry::Callback> disk_used_ = metrics::Process().Read(
      metrics::kDiskUsedRatio, {"data"}, [this] { return DiskUsedRatio(); });
  std::vector<Service> services_;
  std::set<std::string> context_names_;
  std::atomic<bool> caught_up_{false};
  std::atomic<bool> draining_{false};
  absl::Notification caught_up_once_;
  bool stopped_ = false;
  Addresses addresses_;

  const security::ConfiguredDirectory configured_;
  std::unique_ptr<eventsourcing::FileMacKeys> mac_keys_;  // once the state's folder is there
  const security::SubjectMacs subject_macs_{
      [this](std::string_view tenant) { return std::string(mac_keys_->Of(tenant).view()); }};
  security::FoldedDirectory folded_{{&subject_macs_, &SystemClock(), &configured_, demonstration(),
                                     [this] { return DirectoryCurrent(); }}};
  bool published_ = false;
  std::shared_ptr<const rpc::TransportSecurity> transport_;  // shared with the server
  security::DevelopmentIssuer issuer_;
  rpc::CallMetrics observer_{metrics::Process()};
  security::TokenVerifier verifier_{{OwnIssuer()}, SystemClock()};
  std::unique_ptr<TrustedIssuers> trusted_issuers_;  // of an issuers' file
  std::unique_ptr<IssuersFile> issuers_file_;
  ThreadExecutor issuers_executor_{"issuers"};  // ends before what it works on
  security::PrincipalIssuer principals_{
      verifier_, folded_, SystemClock(),
      [this](std::string_view cause) { observer_.TokenRejected(cause); }};
  rpc::FieldValidator validator_;
  rpc::Door door_{{&principals_, &validator_, &SystemClock(), &SystemRandom(), &observer_}};

  std::unique_ptr<security::KeyVault> key_vault_;
  DevelopmentAudit development_audit_;
  const eventsourcing::Upcasters upcasters_{};
  std::unique_ptr<journal::Journal> journal_;
  ThreadExecutor heart_{"heartbeat"};
  std::shared_ptr<journal::ControlChannel> control_;
  std::unique_ptr<eventsourcing::Heartbeats> heartbeats_;  // of a deployment
  std::unique_ptr<Contexts> contexts_;
  std::unique_ptr<AuditLog> audit_log_;
  std::unique_ptr<WayOut> way_out_;
  std::unique_ptr<DirectoryFollower> directory_follower_;  // where there is a directory to follow
  std::unique_ptr<HonouredSink> honoured_;                 // where it is decided
  ThreadExecutor directory_clerk_{"directory"};
  ThreadExecutor projector_{"projector"};
  std::unique_ptr<readmodel::ReadModel> read_model_;
  std::unique_ptr<Router> router_;
  rpc::WorkerPool query_pool_{"query", kQueryThreads, 1024};
  rpc::WorkerPool handler_pool_{"handler", kHandlerThreads, 256};
  rpc::WorkerPool stream_pool_{"stream", kStreamThreads, 16};
  std::unique_ptr<rpc::Health> health_;
  ThreadExecutor health_follower_{"health"};
  std::vector<std::unique_ptr<rpc::DescriptorService>> rpcs_;
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<ArchiveFollower> archive_;  // of one machine
  std::unique_ptr<http::Server> admin_;
  std::unique_ptr<Companion> gateway_;
  mutable absl::Mutex worker_mutex_;
  std::unique_ptr<Worker> worker_ ABSL_GUARDED_BY(worker_mutex_);
};

}  // namespace

absl::StatusOr<std::unique_ptr<Platform>> Platform::Start(PlatformOptions options) {
  ASSIGN_OR_RETURN(std::unique_ptr<DataFolder> folder, DataFolder::Open(options.config.data_dir()));
  ASSIGN_OR_RETURN(security::ConfiguredDirectory directory, DirectoryOf(options.config));
  ASSIGN_OR_RETURN(Secrets secrets, SecretsOf(options.config));
  auto platform = std::make_unique<RunningPlatform>(std::move(options), std::move(folder),
                                                    std::move(directory), std::move(secrets));
  RETURN_IF_ERROR(platform->Open());
  return std::unique_ptr<Platform>(std::move(platform));
}

}  // namespace holdfast::app
