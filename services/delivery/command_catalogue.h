// Which commands an event may name, by reflection over the services: nothing is listed by hand.
//
//   holdfast.initiative.v1.InitiativeService.CreateSite   the method
//   holdfast.initiative.v1.CreateSite                     its request, where one method takes it
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace google::protobuf {
class MethodDescriptor;
}

namespace holdfast::delivery {

class CommandCatalogue {
 public:
  // Of the services' methods those that are commands: one request, with effects, answered by a
  // receipt, opened by a role. kNotFound where a service is not linked into this program.
  static absl::StatusOr<CommandCatalogue> Of(const std::vector<std::string>& services);

  // Null where no command has that name.
  const google::protobuf::MethodDescriptor* Find(std::string_view type) const;

 private:
  void Add(const google::protobuf::MethodDescriptor& method);

  // Null: a request of several methods, which names none of them.
  std::map<std::string, const google::protobuf::MethodDescriptor*, std::less<>> commands_;
};

}  // namespace holdfast::delivery
