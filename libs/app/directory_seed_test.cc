// A configuration as commands, and how they are published.
#include "app/directory_seed.h"

#include <set>

#include <gtest/gtest.h>

#include "holdfast/directory/v1/administration.pb.h"
#include "holdfast/directory/v1/operator.pb.h"

#include "app/demonstration.h"
#include "app/directory_follower.h"
#include "base/error.h"
#include "security/folded_directory.h"
#include "security/subject_mac.h"

namespace holdfast::app {
namespace {

namespace dv1 = directory::v1;
using eventsourcing::CommandAnswer;
using eventsourcing::CommandRequest;

const security::SubjectMacs& Macs() {
  static const auto* macs = new security::SubjectMacs(
      [](std::string_view tenant) { return "secret of " + std::string(tenant); });
  return *macs;
}

// Answers at once, and keeps what came.
class Clerk final : public eventsourcing::CommandSink {
 public:
  void Submit(CommandRequest request, absl::AnyInvocable<void(CommandAnswer)> done) override {
    const absl::Status answer = refuse;
    type::v1::Receipt receipt;
    receipt.mutable_position()->set_seq(++seq);
    requests.push_back(std::move(request));
    if (!answer.ok()) return done(answer);
    done(receipt);
  }
  std::vector<CommandRequest> requests;
  absl::Status refuse;
  std::uint64_t seq = 0;
};

config::v1::Directory OneTenant() {
  config::v1::Directory directory;
  config::v1::Tenant& tenant = *directory.add_tenants();
  tenant.set_slug("westmoor");
  tenant.set_name("Westmoor");
  config::v1::Agency& agency = *tenant.add_agencies();
  agency.set_id("police");
  agency.set_type("POLICE");
  config::v1::Member& member = *tenant.add_members();
  member.set_subject("ann");
  member.set_actor_ref("m-1");
  member.set_agency("police");
  member.add_roles(options::v1::Role::ADMINISTRATOR);
  return directory;
}

TEST(DirectorySeed, EntersPeopleFirstAndRegistersTheTenantLast) {
  Clerk clerk;
  ASSERT_TRUE(Publish(*SeedOf(OneTenant(), "issuer", Macs()), clerk).ok());
  std::vector<std::string> names;
  for (const CommandRequest& request : clerk.requests)
    names.push_back(request.command->GetDescriptor()->name());
  EXPECT_EQ(names, (std::vector<std::string>{"RegisterAgency", "EnrolMember", "GrantRole",
                                             "SetAreas", "RegisterTenant"}));
  EXPECT_EQ(clerk.requests.front().tenant, "westmoor");
  EXPECT_EQ(clerk.requests.back().tenant, "operator");
  const auto& agency = static_cast<const dv1::RegisterAgency&>(*clerk.requests[0].command);
  EXPECT_EQ(agency.regime(), type::v1::Agency::LED_PART3);
  const auto& enrol = static_cast<const dv1::EnrolMember&>(*clerk.requests[1].command);
  EXPECT_EQ(enrol.subject_mac(), Macs().Of("westmoor", "issuer", "ann"));
  const auto& areas = static_cast<const dv1::SetAreas&>(*clerk.requests[3].command);
  EXPECT_EQ(areas.areas(0), "*");
}

TEST(DirectorySeed, AsksTheSameUnderTheSameIds) {
  const auto ids = [](const DirectorySeed& seed) {
    std::set<Uuid> all;
    for (const CommandRequest& request : seed.facts) all.insert(request.command_id);
    return all;
  };
  const DirectorySeed first = *SeedOf(DemonstrationDirectory(), "issuer", Macs());
  EXPECT_EQ(ids(first), ids(*SeedOf(DemonstrationDirectory(), "issuer", Macs())));
  EXPECT_EQ(ids(first).size(), first.facts.size());  // each its own
  EXPECT_EQ(first.registrations.size(), 3U);
}

TEST(DirectorySeed, RegistersTheOperatorNever) {
  config::v1::Directory directory = OneTenant();
  directory.mutable_tenants(0)->set_slug("operator");
  const DirectorySeed seed = *SeedOf(directory, "issuer", Macs());
  EXPECT_EQ(seed.facts.size(), 4U);
  EXPECT_TRUE(seed.registrations.empty());
}

TEST(DirectorySeed, NamesAnAgencyOfNoKnownType) {
  config::v1::Directory directory = OneTenant();
  directory.mutable_tenants(0)->mutable_agencies(0)->set_type("CIRCUS");
  const absl::Status refused = SeedOf(directory, "issuer", Macs()).status();
  EXPECT_TRUE(absl::IsInvalidArgument(refused));
  EXPECT_NE(std::string(refused.message()).find("agency police"), std::string::npos) << refused;
}

TEST(DirectorySeed, TakesARefusalForAnAnswerAndAnErrorForAnError) {
  Clerk clerk;
  clerk.refuse = absl::FailedPreconditionError("decided otherwise since");
  EXPECT_TRUE(Publish(*SeedOf(OneTenant(), "issuer", Macs()), clerk).ok());
  clerk.refuse = absl::UnavailableError("not the owner");
  EXPECT_TRUE(absl::IsUnavailable(Publish(*SeedOf(OneTenant(), "issuer", Macs()), clerk)));
}

TEST(DirectorySeed, EntersAFirstAdministratorWithTheForce) {
  security::AwaitedAdministrator awaited;
  awaited.tenant = "northmoor";
  awaited.first.set_agency("northmoor-police");
  awaited.first.set_agency_name("Northmoor Police");
  awaited.first.set_agency_type(type::v1::Agency::POLICE);
  awaited.first.set_regime(type::v1::Agency::LED_PART3);
  awaited.first.set_member_id("m-nora");
  awaited.first.set_subject_mac(std::string(32, 'n'));
  const DirectoryCommands entry = EntryOf(awaited);
  ASSERT_EQ(entry.size(), 4U);
  for (const CommandRequest& request : entry) EXPECT_EQ(request.tenant, "northmoor");
  const auto& grant = static_cast<const dv1::GrantRole&>(*entry.back().command);
  EXPECT_EQ(grant.member_id(), "m-nora");
  EXPECT_EQ(grant.role(), options::v1::Role::ADMINISTRATOR);
}

TEST(HonouredSink, AnswersOnceTheDoorsHonourWhatWasDone) {
  security::FoldedDirectory directory({&Macs(), nullptr, nullptr, false, {}});
  Clerk clerk;
  HonouredSink sink(clerk, directory);
  int answered = 0;
  CommandRequest request;
  request.tenant = "westmoor";
  sink.Submit(std::move(request), [&](const CommandAnswer& answer) {
    EXPECT_TRUE(answer.ok());
    ++answered;
  });
  EXPECT_EQ(answered, 0);
  directory.GiveUpWaiting();
  EXPECT_EQ(answered, 1);
  // A refusal changed nothing: nobody waits for it.
  clerk.refuse = absl::FailedPreconditionError("no");
  CommandRequest refused;
  refused.tenant = "westmoor";
  sink.Submit(std::move(refused), [&](const CommandAnswer&) { ++answered; });
  EXPECT_EQ(answered, 2);
}

}  // namespace
}  // namespace holdfast::app
