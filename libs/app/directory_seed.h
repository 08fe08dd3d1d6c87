// People and tenants of a configuration, and first administrators, as commands of the directory.
//
// They go the ordinary way: decided, written, folded. Each has an id derived from what it says, so
// that whoever starts again asks again and changes nothing; what was decided otherwise since then
// stays as it was decided.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/config/v1/config.pb.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "eventsourcing/command.h"
#include "security/directory.h"

namespace holdfast::security {
struct AwaitedAdministrator;
class SubjectMacs;
}  // namespace holdfast::security

namespace holdfast::app {

using DirectoryCommands = std::vector<eventsourcing::CommandRequest>;

struct DirectorySeed {
  DirectoryCommands facts;  // agencies, members and their rights, in each tenant's own history
  // Of the tenants. Published behind the facts: from its registration on they alone count.
  DirectoryCommands registrations;
};

// Members belong to the tenant's provider where it has one, else to `issuer`. kInvalidArgument
// names an agency whose type is none.
absl::StatusOr<DirectorySeed> SeedOf(
    const config::v1::Directory& configured, std::string_view issuer,
    const security::SubjectMacs& macs,
    const security::ConfiguredDirectory::ProviderOfTenant& providers = {});

// The force and its first administrator, in the tenant's own history.
DirectoryCommands EntryOf(const security::AwaitedAdministrator& awaited);

// Submits them in order, some at a time, and waits for every answer. A refusal is an answer: facts
// have decided otherwise. Else the first error.
absl::Status Publish(DirectoryCommands commands, eventsourcing::CommandSink& sink);
absl::Status Publish(DirectorySeed seed, eventsourcing::CommandSink& sink);

}  // namespace holdfast::app
