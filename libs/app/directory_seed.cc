#include "app/directory_seed.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "holdfast/directory/v1/administration.pb.h"
#include "holdfast/directory/v1/operator.pb.h"

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "base/hash.h"
#include "base/status_macros.h"
#include "observability/log.h"
#include "security/folded_directory.h"
#include "security/principal.h"
#include "security/subject_mac.h"

namespace holdfast::app {
namespace {

namespace dv1 = directory::v1;
using type::v1::Agency;

constexpr std::size_t kAtOnce = 128;
constexpr char kOwn[] = "/holdfast.directory.v1.DirectoryService/";
constexpr char kOperators[] = "/holdfast.directory.v1.OperatorService/";

template <class Command>
eventsourcing::CommandRequest RequestOf(const std::string& tenant, const char* service,
                                        Command command) {
  eventsourcing::CommandRequest request;
  request.tenant = tenant;
  request.method = absl::StrCat(service, Command::descriptor()->name());
  Sha256 sha256;
  constexpr std::string_view kNul("\0", 1);
  sha256.Update("holdfast/seed/1").Update(kNul).Update(tenant).Update(kNul);
  sha256.Update(request.method).Update(kNul).Update(command.SerializeAsString());
  const Hash hash = sha256.Finish();
  std::copy_n(hash.begin(), request.command_id.size(), request.command_id.begin());
  request.command = std::make_unique<Command>(std::move(command));
  request.actor_ref = security::kOperatorTenant;
  request.cost = 0;
  return request;
}

// Competent authorities (Data Protection Act 2018 schedule 7): the others process under UK GDPR.
Agency::Regime RegimeOf(Agency::Type type) {
  const bool competent = type == Agency::POLICE || type == Agency::NCA_ROCU ||
                         type == Agency::PROBATION || type == Agency::YOUTH_JUSTICE ||
                         type == Agency::PRISON;
  return competent ? Agency::LED_PART3 : Agency::UK_GDPR;
}

dv1::RegisterAgency RegisterAgency(const std::string& id, const std::string& name,
                                   Agency::Type type, Agency::Regime regime) {
  dv1::RegisterAgency agency;
  agency.set_agency_id(id);
  agency.set_name(name);
  agency.set_type(type);
  agency.set_regime(regime);
  return agency;
}

dv1::EnrolMember EnrolMember(const std::string& id, const std::string& agency,
                             std::string subject_mac) {
  dv1::EnrolMember enrol;
  enrol.set_member_id(id);
  enrol.set_agency(agency);
  enrol.set_subject_mac(std::move(subject_mac));
  return enrol;
}

dv1::GrantRole GrantRole(const std::string& id, options::v1::Role::Code role) {
  dv1::GrantRole grant;
  grant.set_member_id(id);
  grant.set_role(role);
  return grant;
}

template <class Areas>
dv1::SetAreas SetAreas(const std::string& id, const Areas& areas) {
  dv1::SetAreas set;
  set.set_member_id(id);
  for (const std::string& area : areas) set.add_areas(area);
  if (set.areas().empty()) set.add_areas(security::kEveryArea);
  return set;
}

absl::Status AddAgencies(const config::v1::Tenant& tenant, DirectoryCommands& commands) {
  for (const config::v1::Agency& agency : tenant.agencies()) {
    Agency::Type type = Agency::TYPE_UNSPECIFIED;
    if (!Agency::Type_Parse(agency.type(), &type) || type == Agency::TYPE_UNSPECIFIED) {
      return absl::InvalidArgumentError(
          absl::StrCat("directory: tenant ", tenant.slug(), ": agency ", agency.id(),
                       " has no known type; give one of type.v1.Agency.Type, such as POLICE"));
    }
    const std::string& name = agency.name().empty() ? agency.id() : agency.name();
    commands.push_back(
        RequestOf(tenant.slug(), kOwn, RegisterAgency(agency.id(), name, type, RegimeOf(type))));
  }
  return absl::OkStatus();
}

void AddMembers(const config::v1::Tenant& tenant, std::string_view issuer,
                const security::SubjectMacs& macs, DirectoryCommands& commands) {
  for (const config::v1::Member& member : tenant.members()) {
    const std::string& id = member.actor_ref();
    commands.push_back(RequestOf(
        tenant.slug(), kOwn,
        EnrolMember(id, member.agency(), macs.Of(tenant.slug(), issuer, member.subject()))));
    for (const int role : member.roles()) {
      commands.push_back(RequestOf(tenant.slug(), kOwn,
                                   GrantRole(id, static_cast<options::v1::Role::Code>(role))));
    }
    commands.push_back(RequestOf(tenant.slug(), kOwn, SetAreas(id, member.areas())));
  }
}

// How many answers are still to come, and the first error among them.
class Answers {
 public:
  void Begin() {
    const absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(
        +[](std::size_t* open) { return *open < kAtOnce; }, &open_));
    ++open_;
  }
  void End(const absl::Status& status) {
    const absl::MutexLock lock(&mutex_);
    --open_;
    // A rule said no: facts have decided otherwise since.
    if (!absl::IsFailedPrecondition(status)) first_.Update(status);
  }
  absl::Status Await() {
    const absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(
        +[](std::size_t* open) { return *open == 0; }, &open_));
    return first_;
  }

 private:
  absl::Mutex mutex_;
  std::size_t open_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status first_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

absl::StatusOr<DirectorySeed> SeedOf(
    const config::v1::Directory& configured, std::string_view issuer,
    const security::SubjectMacs& macs,
    const security::ConfiguredDirectory::ProviderOfTenant& providers) {
  DirectorySeed seed;
  for (const config::v1::Tenant& tenant : configured.tenants()) {
    RETURN_IF_ERROR(AddAgencies(tenant, seed.facts));
    const auto provider = providers.find(tenant.slug());
    AddMembers(tenant, provider == providers.end() ? issuer : provider->second, macs, seed.facts);
    // The operator's people stand in a configuration like others; nobody registers the operator.
    if (tenant.slug() == security::kOperatorTenant) continue;
    dv1::RegisterTenant registered;
    registered.set_slug(tenant.slug());
    registered.set_name(tenant.name());
    seed.registrations.push_back(
        RequestOf(security::kOperatorTenant, kOperators, std::move(registered)));
  }
  return seed;
}

DirectoryCommands EntryOf(const security::AwaitedAdministrator& awaited) {
  const dv1::FirstAdministrator& first = awaited.first;
  DirectoryCommands commands;
  commands.push_back(RequestOf(
      awaited.tenant, kOwn,
      RegisterAgency(first.agency(), first.agency_name(), first.agency_type(), first.regime())));
  commands.push_back(RequestOf(
      awaited.tenant, kOwn, EnrolMember(first.member_id(), first.agency(), first.subject_mac())));
  commands.push_back(
      RequestOf(awaited.tenant, kOwn, SetAreas(first.member_id(), std::vector<std::string>())));
  commands.push_back(RequestOf(awaited.tenant, kOwn,
                               GrantRole(first.member_id(), options::v1::Role::ADMINISTRATOR)));
  return commands;
}

absl::Status Publish(DirectoryCommands commands, eventsourcing::CommandSink& sink) {
  const auto answers = std::make_shared<Answers>();
  for (eventsourcing::CommandRequest& command : commands) {
    answers->Begin();
    sink.Submit(std::move(command), [answers](const eventsourcing::CommandAnswer& answer) {
      answers->End(answer.status());
    });
  }
  return answers->Await();
}

absl::Status Publish(DirectorySeed seed, eventsourcing::CommandSink& sink) {
  RETURN_IF_ERROR(Publish(std::move(seed.facts), sink));
  return Publish(std::move(seed.registrations), sink);
}

}  // namespace holdfast::app
