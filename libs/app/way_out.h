// The way out of an answer: what is sealed in it is opened for its reader, or withheld. No method
// does this itself, and none can leave it out.
#pragma once

#include <optional>

#include "eventsourcing/opener.h"
#include "rpc/door.h"

namespace google::protobuf {
class Message;
}
namespace holdfast {
class Clock;
}
namespace holdfast::security {
class AuditClient;
class KeyVault;
}  // namespace holdfast::security

namespace holdfast::app {

// Thread-safe.
class WayOut {
 public:
  // All borrowed. Without a keyvault or an audit log everything sealed is withheld as UNAVAILABLE.
  struct Parts {
    security::KeyVault* vault = nullptr;
    security::AuditClient* audit = nullptr;
    const Clock* clock = nullptr;
  };
  explicit WayOut(Parts parts);

  // First the record in the log, then the values.
  void Reveal(const rpc::Admitted& caller, const rpc::MethodPlan& method,
              google::protobuf::Message& answer) const;

 private:
  const Parts parts_;
  std::optional<eventsourcing::Opener> opener_;
};

}  // namespace holdfast::app
