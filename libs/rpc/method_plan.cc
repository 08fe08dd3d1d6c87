#include "rpc/method_plan.h"

#include <algorithm>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include "holdfast/directory/v1/options.pb.h"

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "rpc/field_validator.h"

namespace holdfast::rpc {
namespace {

namespace pb = google::protobuf;

const pb::FieldDescriptor* TenantFieldOf(const pb::Descriptor& request) {
  const pb::FieldDescriptor* field = request.FindFieldByName("tenant");
  const bool text = field != nullptr && !field->is_repeated() &&
                    field->cpp_type() == pb::FieldDescriptor::CPPTYPE_STRING;
  return text ? field : nullptr;
}

absl::StatusOr<MethodPlan> Bare(const pb::MethodDescriptor& method, FieldValidator& validator) {
  MethodPlan plan;
  plan.method = &method;
  plan.path = absl::StrCat("/", method.service()->full_name(), "/", method.name());
  pb::MessageFactory& factory = *pb::MessageFactory::generated_factory();
  plan.request = factory.GetPrototype(method.input_type());
  plan.answer = factory.GetPrototype(method.output_type());
  if (plan.request == nullptr || plan.answer == nullptr) {
    return absl::FailedPreconditionError(
        absl::StrCat(plan.path, ": its messages are not linked into this program"));
  }
  plan.tenant_field = TenantFieldOf(*method.input_type());
  plan.has_effects = method.options().idempotency_level() != pb::MethodOptions::NO_SIDE_EFFECTS;
  RETURN_IF_ERROR(validator.Prepare(*method.input_type()));
  return plan;
}

}  // namespace

absl::StatusOr<MethodPlan> PlanOf(const pb::MethodDescriptor& method, FieldValidator& validator) {
  ASSIGN_OR_RETURN(MethodPlan plan, Bare(method, validator));
  const options::v1::MethodOptions& options = method.options().GetExtension(options::v1::method);
  const auto missing = [&plan](absl::string_view what) {
    return absl::FailedPreconditionError(
        absl::StrCat(plan.path, ": (options.v1.method) has no ", what, "; say it in the proto"));
  };
  if (options.deadline_ms() == 0) return missing("deadline_ms");
  if (options.max_bytes() == 0) return missing("max_bytes");
  if (options.audit().empty()) return missing("audit");
  if (options.roles().empty() != options.public_()) {
    return missing("either roles or public");
  }
  for (const int role : options.roles()) plan.roles |= 1U << static_cast<unsigned>(role);
  for (const int purpose : options.purposes()) {
    plan.purposes |= 1U << static_cast<unsigned>(purpose);
  }
  plan.break_glass = options.break_glass();
  plan.is_public = options.public_();
  plan.sign_in_age = absl::Seconds(options.auth_age_s());
  if (plan.is_public && method.service()->options().GetExtension(directory::v1::of_operator))
    return missing("roles, although it is the operator's");
  plan.of_operator = method.service()->options().GetExtension(directory::v1::of_operator);
  plan.deadline = absl::Milliseconds(options.deadline_ms());
  plan.max_bytes = options.max_bytes();
  plan.cost = std::max(options.cost(), 1U);
  return plan;
}

absl::StatusOr<MethodPlan> PlanOfStandardMethod(const pb::MethodDescriptor& method,
                                                FieldValidator& validator) {
  ASSIGN_OR_RETURN(MethodPlan plan, Bare(method, validator));
  plan.is_public = true;
  plan.always_open = true;
  plan.has_effects = false;
  plan.deadline = method.server_streaming() ? absl::Hours(1) : absl::Seconds(5);
  plan.max_bytes = 4096;
  return plan;
}

}  // namespace holdfast::rpc
