// A proto made from text at run time, upon the messages that are linked in: how the proto tests
// plant a fault.
#pragma once

#include <string>

#include <google/protobuf/descriptor.h>

namespace holdfast::architecture {

class PlantedProto {
 public:
  // `body` is what follows the package (holdfast.planted.v1) and the imports (type, options).
  explicit PlantedProto(const std::string& body);

  // Null where the text does not compile; then errors() says why.
  const google::protobuf::FileDescriptor* file() const { return file_; }
  const std::string& errors() const { return errors_; }

 private:
  google::protobuf::DescriptorPool pool_{google::protobuf::DescriptorPool::generated_pool()};
  const google::protobuf::FileDescriptor* file_ = nullptr;
  std::string errors_;
};

}  // namespace holdfast::architecture
