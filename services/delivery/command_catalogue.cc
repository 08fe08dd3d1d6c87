#include "delivery/command_catalogue.h"

#include <google/protobuf/descriptor.h>

#include "holdfast/options/v1/options.pb.h"
#include "holdfast/type/v1/type.pb.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace holdfast::delivery {
namespace {

namespace pb = google::protobuf;

bool IsCommand(const pb::MethodDescriptor& method) {
  const options::v1::MethodOptions& options = method.options().GetExtension(options::v1::method);
  return !method.client_streaming() && !method.server_streaming() &&
         method.options().idempotency_level() != pb::MethodOptions::NO_SIDE_EFFECTS &&
         method.output_type() == type::v1::Receipt::descriptor() && !options.public_() &&
         !options.roles().empty();
}

}  // namespace

absl::StatusOr<CommandCatalogue> CommandCatalogue::Of(const std::vector<std::string>& services) {
  CommandCatalogue catalogue;
  for (const std::string& name : services) {
    const pb::ServiceDescriptor* service =
        pb::DescriptorPool::generated_pool()->FindServiceByName(name);
    if (service == nullptr) {
      return absl::NotFoundError(
          absl::StrCat("service ", name, " is not linked into this program; link its proto"));
    }
    for (int i = 0; i < service->method_count(); ++i) {
      if (IsCommand(*service->method(i))) catalogue.Add(*service->method(i));
    }
  }
  return catalogue;
}

void CommandCatalogue::Add(const pb::MethodDescriptor& method) {
  commands_[method.full_name()] = &method;
  const auto [of_request, first] = commands_.emplace(method.input_type()->full_name(), &method);
  if (!first) of_request->second = nullptr;
}

const pb::MethodDescriptor* CommandCatalogue::Find(std::string_view type) const {
  const auto found = commands_.find(type);
  return found == commands_.end() ? nullptr : found->second;
}

}  // namespace holdfast::delivery
