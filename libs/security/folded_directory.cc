#include "security/folded_directory.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "holdfast/journal/v1/journal.pb.h"

#include "absl/strings/escaping.h"
#include "base/civil_time.h"
#include "base/clock.h"
#include "base/day.h"
#include "security/principal.h"

namespace holdfast::security {
namespace {

namespace dv1 = directory::v1;

constexpr std::string_view kPackage = "holdfast.directory.v1.";

bool IsOperatorsStream(std::string_view stream) {
  return stream.starts_with("tenant/") || stream.starts_with("quota/");
}

}  // namespace

// A member or a client.
struct FoldedDirectory::Person {
  struct Role {
    options::v1::Role::Code role;
    std::optional<absl::CivilDay> until;
  };

  std::string id;
  PrincipalKind kind = PrincipalKind::kPerson;
  bool active = true;
  bool granted = false;  // ever had a role
  bool placed = false;   // ever had areas set
  std::string agency;
  std::vector<Role> roles;
  std::vector<std::string> areas;
  dv1::Clearance::Code clearance = dv1::Clearance::CODE_UNSPECIFIED;
  std::vector<Training> training;
  std::vector<std::string> compartments;

  // What all that comes to; null: something changed. Good until a role ends.
  std::shared_ptr<const Member> member;
  absl::Time good_until = absl::InfiniteFuture();
};

struct FoldedDirectory::Tenant {
  struct Agency {
    type::v1::Agency::Type type = type::v1::Agency::TYPE_UNSPECIFIED;
    type::v1::Agency::Regime regime = type::v1::Agency::REGIME_UNSPECIFIED;
  };

  std::uint64_t seq = 0;
  bool unreadable = false;
  // Of the operator's history.
  bool registered = false;
  bool suspended = false;
  bool closed = false;
  std::string name;
  std::optional<dv1::FirstAdministrator> first_administrator;
  std::optional<dv1::QuotaFigures> quota;
  // Of its own.
  std::map<std::string, Agency, std::less<>> agencies;
  std::map<std::string, Person, std::less<>> people;              // by id
  std::map<std::string, std::string, std::less<>> id_of_subject;  // by subject MAC

  bool LetsIn() const { return registered && !suspended && !closed && !unreadable; }
};

struct FoldedDirectory::Waiting {
  std::string tenant;
  std::uint64_t seq = 0;
  absl::AnyInvocable<void()> done;
};

// The events of one commit, each to what it changes.
class FoldedDirectory::Fold {
 public:
  Fold(FoldedDirectory& directory, const std::string& tenant, std::string_view stream)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(directory.mutex_)
      : directory_(directory),
        own_(directory.TenantAt(tenant)),
        id_(stream.substr(std::min(stream.find('/'), stream.size() - 1) + 1)) {}

  // False for one that this build does not know, or cannot read.
  bool Apply(const journal::v1::EventRecord& event)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(directory_.mutex_) {
    const auto handler = Handlers().find(event.type());
    return handler != Handlers().end() && handler->second(*this, event.payload());
  }

 private:
  using Handler = std::function<bool(Fold&, const std::string& payload)>;

  template <class Event>
  static std::pair<const std::string, Handler> On(void (Fold::*apply)(const Event&)) {
    return {Event::descriptor()->full_name(), [apply](Fold& fold, const std::string& payload) {
              Event event;
              if (!event.ParseFromString(payload)) return false;
              (fold.*apply)(event);
              return true;
            }};
  }
  // What changes nobody's rights.
  template <class Event>
  static std::pair<const std::string, Handler> Pass() {
    return {Event::descriptor()->full_name(), [](Fold&, const std::string&) { return true; }};
  }

  static const std::unordered_map<std::string, Handler>& Handlers() {
    static const auto* handlers = new std::unordered_map<std::string, Handler>{
        On(&Fold::Registered),
        On(&Fold::Suspended),
        On(&Fold::Resumed),
        On(&Fold::Closed),
        On(&Fold::Corrected),
        On(&Fold::SlugSet),
        On(&Fold::QuotaSet),
        On(&Fold::QuotaCorrected),
        On(&Fold::AgencyRegistered),
        On(&Fold::AgencyChanged),
        On(&Fold::Enrolled),
        On(&Fold::Granted),
        On(&Fold::Revoked),
        On(&Fold::AreasSet),
        On(&Fold::ClearanceSet),
        On(&Fold::Joined),
        On(&Fold::Left),
        On(&Fold::Trained),
        On(&Fold::MemberSuspended),
        On(&Fold::MemberResumed),
        On(&Fold::MemberLeft),
        On(&Fold::MemberCorrected),
        On(&Fold::ClientRegistered),
        On(&Fold::ClientChanged),
        On(&Fold::ClientSuspended),
        On(&Fold::ClientResumed),
        On(&Fold::ClientRetired),

        Pass<dv1::TenantSettingChanged>(),
        Pass<dv1::TenantMoveStarted>(),
        Pass<dv1::TenantMoved>(),
        Pass<dv1::TenantExported>(),
        Pass<dv1::AgencyRetired>(),
        Pass<dv1::AgencyCorrected>(),
        Pass<dv1::CompartmentProposed>(),
        Pass<dv1::AgreementRegistered>(),
        Pass<dv1::AgreementSigned>(),
        Pass<dv1::AgreementAmended>(),
        Pass<dv1::AgreementEnded>(),
        Pass<dv1::AgreementExpiring>(),
        Pass<dv1::AgreementExpired>(),
        Pass<dv1::AgreementCorrected>(),
        Pass<dv1::ClientCorrected>(),
        Pass<dv1::WebhookSet>(),
        Pass<dv1::WebhookDisabled>(),
        Pass<dv1::ContactPointSet>(),
        Pass<dv1::ContactPointRetired>(),
        Pass<dv1::ContactPointCorrected>(),
    };
    return *handlers;
  }

  // --- the operator's history: the stream's id is the tenant's slug

  Tenant& Of() ABSL_NO_THREAD_SAFETY_ANALYSIS { return directory_.TenantAt(id_); }

  void Registered(const dv1::TenantRegistered& event) {
    Tenant& tenant = Of();
    tenant.registered = true;
    tenant.name = event.name();
    if (event.has_first_administrator()) tenant.first_administrator = event.first_administrator();
  }
  void Suspended(const dv1::TenantSuspended&) { Of().suspended = true; }
  void Resumed(const dv1::TenantResumed&) { Of().suspended = false; }
  void Closed(const dv1::TenantClosed&) { Of().closed = true; }
  void Corrected(const dv1::TenantCorrected& event) { Of().name = event.name(); }
  void SlugSet(const dv1::PublicSlugSet& event) ABSL_NO_THREAD_SAFETY_ANALYSIS {
    directory_.public_sites_[event.slug()] = {id_, event.site_id()};
  }
  void QuotaSet(const dv1::QuotaSet& event) { Of().quota = event.figures(); }
  void QuotaCorrected(const dv1::QuotaCorrected& event) { Of().quota = event.figures(); }

  // --- a tenant's own

  void SetAgency(type::v1::Agency::Type type, type::v1::Agency::Regime regime) {
    own_.agencies[id_] = {type, regime};
    for (auto& [id, person] : own_.people) {
      if (person.agency == id_) person.member = nullptr;
    }
  }
  void AgencyRegistered(const dv1::AgencyRegistered& event) {
    SetAgency(event.type(), event.regime());
  }
  void AgencyChanged(const dv1::AgencyChanged& event) { SetAgency(event.type(), event.regime()); }

  Person& Changed() {
    Person& person = own_.people[id_];
    person.member = nullptr;
    return person;
  }
  void Enter(PrincipalKind kind, const std::string& agency, const std::string& subject_mac) {
    Person& person = Changed();
    person.id = id_;
    person.kind = kind;
    person.agency = agency;
    own_.id_of_subject[subject_mac] = id_;
  }
  void Enrolled(const dv1::MemberEnrolled& event) {
    Enter(PrincipalKind::kPerson, event.agency(), event.subject_mac());
  }
  void Granted(const dv1::RoleGranted& event) {
    Person& person = Changed();
    std::erase_if(person.roles,
                  [&](const Person::Role& held) { return held.role == event.role(); });
    Person::Role role{event.role(), std::nullopt};
    if (event.has_until()) role.until = ToDay(event.until());
    person.roles.push_back(role);
    person.granted = true;
  }
  void Revoked(const dv1::RoleRevoked& event) {
    std::erase_if(Changed().roles,
                  [&](const Person::Role& held) { return held.role == event.role(); });
  }
  void AreasSet(const dv1::AreasSet& event) {
    Person& person = Changed();
    person.areas.assign(event.areas().begin(), event.areas().end());
    person.placed = true;
  }
  void ClearanceSet(const dv1::ClearanceSet& event) { Changed().clearance = event.clearance(); }
  void Joined(const dv1::CompartmentJoined& event) {
    Changed().compartments.push_back(event.compartment());
  }
  void Left(const dv1::CompartmentLeft& event) {
    std::erase(Changed().compartments, event.compartment());
  }
  void Trained(const dv1::TrainingRecorded& event) {
    Person& person = Changed();
    std::erase_if(person.training,
                  [&](const Training& known) { return known.course == event.course(); });
    person.training.push_back({event.course(), ToDay(event.valid_to())});
  }
  void MemberSuspended(const dv1::MemberSuspended&) { Changed().active = false; }
  void MemberResumed(const dv1::MemberResumed&) { Changed().active = true; }
  void MemberLeft(const dv1::MemberLeft&) { Changed().active = false; }
  void MemberCorrected(const dv1::MemberCorrected& event) {
    if (!event.agency().empty()) Changed().agency = event.agency();
  }

  void May(const google::protobuf::RepeatedField<int>& roles,
           const google::protobuf::RepeatedPtrField<std::string>& areas) {
    Person& person = Changed();
    person.roles.clear();
    for (const int role : roles)
      person.roles.push_back({static_cast<options::v1::Role::Code>(role), std::nullopt});
    person.areas.assign(areas.begin(), areas.end());
  }
  void ClientRegistered(const dv1::ClientRegistered& event) {
    Enter(PrincipalKind::kClient, event.agency(), event.subject_mac());
    May(event.roles(), event.areas());
  }
  void ClientChanged(const dv1::ClientChanged& event) { May(event.roles(), event.areas()); }
  void ClientSuspended(const dv1::ClientSuspended&) { Changed().active = false; }
  void ClientResumed(const dv1::ClientResumed&) { Changed().active = true; }
  void ClientRetired(const dv1::ClientRetired&) { Changed().active = false; }

  FoldedDirectory& directory_;
  Tenant& own_;
  const std::string id_;
};

FoldedDirectory::FoldedDirectory(Parts parts) : parts_(std::move(parts)) {}
FoldedDirectory::~FoldedDirectory() = default;

const FoldedDirectory::Tenant* FoldedDirectory::FindTenant(std::string_view slug) const {
  const auto found = tenants_.find(slug);
  return found == tenants_.end() ? nullptr : found->second.get();
}

FoldedDirectory::Tenant& FoldedDirectory::TenantAt(const std::string& slug) {
  std::unique_ptr<Tenant>& tenant = tenants_[slug];
  if (tenant == nullptr) {
    tenant = std::make_unique<Tenant>();
    // Nobody registers the operator: it is there with its first member.
    tenant->registered = slug == kOperatorTenant;
    if (tenant->registered) tenant->name = "Operator";
  }
  return *tenant;
}

void FoldedDirectory::Apply(const journal::v1::Commit& commit) {
  std::vector<absl::AnyInvocable<void()>> reached;
  {
    const absl::MutexLock lock(&mutex_);
    Tenant& own = TenantAt(commit.tenant());
    own.seq = commit.seq();
    Fold fold(*this, commit.tenant(), commit.stream());
    // What the operator's history alone may say.
    const bool misplaced = IsOperatorsStream(commit.stream()) && commit.tenant() != kOperatorTenant;
    for (const journal::v1::EventRecord& event : commit.events()) {
      const bool ours = std::string_view(event.type()).starts_with(kPackage);
      if (ours && (misplaced || !fold.Apply(event))) own.unreadable = true;
    }
    const auto done = std::partition(waiting_.begin(), waiting_.end(), [&](const Waiting& waits) {
      return waits.tenant != commit.tenant() || waits.seq > commit.seq();
    });
    for (auto waits = done; waits != waiting_.end(); ++waits)
      reached.push_back(std::move(waits->done));
    waiting_.erase(done, waiting_.end());
  }
  for (absl::AnyInvocable<void()>& done : reached) done();
}

void FoldedDirectory::WhenFolded(std::string_view tenant, std::uint64_t seq,
                                 absl::AnyInvocable<void()> done) {
  {
    const absl::MutexLock lock(&mutex_);
    const Tenant* known = FindTenant(tenant);
    if (!given_up_ && (known == nullptr || known->seq < seq)) {
      waiting_.push_back({std::string(tenant), seq, std::move(done)});
      return;
    }
  }
  done();
}

void FoldedDirectory::GiveUpWaiting() {
  std::vector<Waiting> given_up;
  {
    const absl::MutexLock lock(&mutex_);
    given_up_ = true;
    given_up.swap(waiting_);
  }
  for (Waiting& waits : given_up) waits.done();
}

std::shared_ptr<const Member> FoldedDirectory::MemberOf(const Tenant& tenant, Person& person,
                                                        std::string_view slug) const {
  auto member = std::make_shared<Member>();
  member->actor_ref = person.id;
  member->kind = person.kind;
  member->agency = person.agency;
  const auto agency = tenant.agencies.find(person.agency);
  if (agency != tenant.agencies.end()) {
    member->agency_type = agency->second.type;
    member->regime = agency->second.regime;
  }
  const absl::CivilDay today = LondonDay(parts_.clock->Now());
  person.good_until = absl::InfiniteFuture();
  for (const Person::Role& role : person.roles) {
    if (role.until && *role.until < today) continue;
    member->roles.push_back(role.role);
    if (role.until)
      person.good_until = std::min(person.good_until, LondonMidnight(*role.until + 1));
  }
  std::ranges::sort(member->roles);
  member->areas = person.areas;
  member->clearance = person.clearance;
  member->training = person.training;
  member->compartments = person.compartments;
  const bool administers =
      std::ranges::find(member->roles, options::v1::Role::ADMINISTRATOR) != member->roles.end();
  member->operates = slug == kOperatorTenant || (parts_.administrators_operate && administers);
  person.member = member;
  return member;
}

// The one whom the sign-in belongs to, made anew from the facts.
std::shared_ptr<const Member> FoldedDirectory::Renew(std::string_view tenant,
                                                     const std::string& mac) const {
  const absl::MutexLock lock(&mutex_);
  const Tenant& of = *tenants_.find(tenant)->second;
  const auto id = of.id_of_subject.find(mac);
  if (!of.LetsIn() || id == of.id_of_subject.end()) return nullptr;
  Person& person = tenants_.find(tenant)->second->people.find(id->second)->second;
  if (!person.active) return nullptr;
  if (person.member != nullptr && parts_.clock->Now() < person.good_until) return person.member;
  return MemberOf(of, person, tenant);
}

std::shared_ptr<const Member> FoldedDirectory::Find(std::string_view tenant,
                                                    std::string_view issuer,
                                                    std::string_view subject) const {
  std::string mac;
  {
    const absl::ReaderMutexLock lock(&mutex_);
    const Tenant* of = FindTenant(tenant);
    if (of == nullptr || !of->registered) {
      return parts_.configured == nullptr ? nullptr
                                          : parts_.configured->Find(tenant, issuer, subject);
    }
    if (!of->LetsIn()) return nullptr;
    mac = parts_.macs->Of(tenant, issuer, subject);
    const auto id = of->id_of_subject.find(mac);
    if (id == of->id_of_subject.end()) {
      return parts_.configured == nullptr
                 ? nullptr
                 : parts_.configured->FindHousekeeper(tenant, issuer, subject);
    }
    const Person& person = of->people.find(id->second)->second;
    if (!person.active) return nullptr;
    if (person.member != nullptr && parts_.clock->Now() < person.good_until) return person.member;
  }
  return Renew(tenant, mac);
}

bool FoldedDirectory::HasTenant(std::string_view tenant) const {
  {
    const absl::ReaderMutexLock lock(&mutex_);
    const Tenant* of = FindTenant(tenant);
    if (of != nullptr && of->registered) return of->LetsIn();
  }
  return parts_.configured != nullptr && parts_.configured->HasTenant(tenant);
}

std::string FoldedDirectory::TenantName(std::string_view tenant) const {
  {
    const absl::ReaderMutexLock lock(&mutex_);
    const Tenant* of = FindTenant(tenant);
    if (of != nullptr && of->registered) return of->name;
  }
  return parts_.configured == nullptr ? "" : parts_.configured->TenantName(tenant);
}

PolicyEpoch FoldedDirectory::EpochOf(std::string_view tenant) const {
  const absl::ReaderMutexLock lock(&mutex_);
  const Tenant* own = FindTenant(tenant);
  const Tenant* operators = FindTenant(kOperatorTenant);
  return {own == nullptr ? 0 : own->seq, operators == nullptr ? 0 : operators->seq};
}

absl::Status FoldedDirectory::Current() const {
  return parts_.current ? parts_.current() : absl::OkStatus();
}

std::string FoldedDirectory::EnrolmentCode(std::string_view tenant, std::string_view issuer,
                                           std::string_view subject) const {
  return absl::BytesToHexString(parts_.macs->Of(tenant, issuer, subject));
}

std::optional<PublicSite> FoldedDirectory::FindPublic(std::string_view slug) const {
  const absl::ReaderMutexLock lock(&mutex_);
  const auto site = public_sites_.find(slug);
  if (site == public_sites_.end()) return std::nullopt;
  const Tenant* tenant = FindTenant(site->second.tenant);
  if (tenant == nullptr || !tenant->LetsIn()) return std::nullopt;
  return site->second;
}

bool FoldedDirectory::HasRegistered(std::string_view tenant) const {
  if (tenant == kOperatorTenant) return true;
  const absl::ReaderMutexLock lock(&mutex_);
  const Tenant* of = FindTenant(tenant);
  return of != nullptr && of->registered;
}

bool FoldedDirectory::HasEntered(std::string_view tenant, std::string_view member) const {
  const absl::ReaderMutexLock lock(&mutex_);
  const Tenant* of = FindTenant(tenant);
  if (of == nullptr) return false;
  const auto person = of->people.find(member);
  return person != of->people.end() &&
         ((person->second.granted && person->second.placed) || !person->second.active);
}

std::vector<AwaitedAdministrator> FoldedDirectory::Awaited() const {
  const absl::ReaderMutexLock lock(&mutex_);
  std::vector<AwaitedAdministrator> awaited;
  for (const auto& [slug, tenant] : tenants_) {
    if (!tenant->LetsIn() || !tenant->first_administrator) continue;
    const auto person = tenant->people.find(tenant->first_administrator->member_id());
    // A commit for each: enrolled alone is not there yet. What was revoked later stays so.
    const bool there =
        person != tenant->people.end() && (person->second.granted || !person->second.active);
    if (!there) awaited.push_back({slug, *tenant->first_administrator});
  }
  return awaited;
}

std::optional<dv1::QuotaFigures> FoldedDirectory::QuotaOf(std::string_view tenant) const {
  const absl::ReaderMutexLock lock(&mutex_);
  const Tenant* of = FindTenant(tenant);
  return of == nullptr ? std::nullopt : of->quota;
}

}  // namespace holdfast::security
