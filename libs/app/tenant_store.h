// All that a call may reach of what this process keeps: the rows and the files of its caller's
// tenant. Made from a verified principal, so no call can reach another's.
#pragma once

#include <memory>
#include <string>

#include "holdfast/type/v1/type.pb.h"

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "security/tenant_id.h"

namespace holdfast::readmodel {
class ReadModel;
class Reader;
}  // namespace holdfast::readmodel

namespace holdfast::app {

class TenantStore {
 public:
  using Snapshot = absl::StatusOr<std::unique_ptr<readmodel::Reader>>;

  // The read model outlives the store. `files`: <files>/<context>/<tenant>.
  TenantStore(const security::VerifiedPrincipal& principal, readmodel::ReadModel& read_model,
              std::string files)
      : tenant_(principal), read_model_(read_model), files_(std::move(files)) {}

  const security::TenantId& tenant() const { return tenant_; }

  // As ReadModel::OpenReader.
  void Open(const type::v1::ReadOptions& read, absl::Time deadline,
            absl::AnyInvocable<void(Snapshot)> done) const;
  // The same, waiting. Not from the projector's strand.
  Snapshot OpenNow(const type::v1::ReadOptions& read, absl::Time deadline) const;

  // The folder of a context: made when first asked for, private. Where the disk refuses, the
  // handler's own write then says so.
  std::string Folder(const std::string& context) const;

 private:
  const security::TenantId tenant_;
  readmodel::ReadModel& read_model_;
  const std::string files_;
};

}  // namespace holdfast::app
