// What the door needs to know of a method, read from its options once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "holdfast/options/v1/options.pb.h"

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace google::protobuf {
class FieldDescriptor;
class Message;
class MethodDescriptor;
}  // namespace google::protobuf

namespace holdfast::rpc {

class FieldValidator;

struct MethodPlan {
  const google::protobuf::MethodDescriptor* method = nullptr;
  std::string path;  // "/holdfast.initiative.v1.InitiativeService/OpenPhase"
  const google::protobuf::Message* request = nullptr;  // prototypes: as long as the program
  const google::protobuf::Message* answer = nullptr;
  // The text `tenant` of the request, where it has one; null else.
  const google::protobuf::FieldDescriptor* tenant_field = nullptr;
  bool is_public = false;      // no token
  bool always_open = false;    // health: answered while draining
  bool of_operator = false;    // acts on the reserved tenant `operator`
  bool has_effects = true;     // a command: no field of it may be lost
  std::uint32_t roles = 0;     // bit i: role i opens it
  absl::Duration sign_in_age;  // a person has signed in so lately; zero: whenever
  std::uint32_t purposes = 0;  // bit i: purpose i opens it; none: it asks for none
  bool break_glass = false;    // may be asked for here
  absl::Duration deadline;     // the most a call may take
  std::size_t max_bytes = 0;   // the most a request may weigh
  std::uint32_t cost = 1;      // units of the tenant's quota

  std::size_t observer_slot = 0;  // the observer's own

  bool Opens(options::v1::Role::Code role) const {
    return (roles >> static_cast<unsigned>(role) & 1U) != 0;
  }
  bool Serves(options::v1::Purpose::Code purpose) const {
    return purposes == 0 || (purposes >> static_cast<unsigned>(purpose) & 1U) != 0;
  }
};

// kFailedPrecondition and a sentence where the method does not say who may call it, how long it may
// take, how much it may weigh, or what the audit logs. Prepares the validator for its request.
absl::StatusOr<MethodPlan> PlanOf(const google::protobuf::MethodDescriptor& method,
                                  FieldValidator& validator);

// A method that gRPC defines and that has no options of ours: public, always open.
absl::StatusOr<MethodPlan> PlanOfStandardMethod(const google::protobuf::MethodDescriptor& method,
                                                FieldValidator& validator);

}  // namespace holdfast::rpc
