// One gRPC service made from its descriptor: no code per RPC, at the speed of generated code.
//
//   bytes -> Door::Admit -> Door::Read -> handler -> answer, or google.rpc.Status
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "rpc/call.h"

namespace google::protobuf {
class ServiceDescriptor;
}

namespace grpc {
class Service;
}

namespace holdfast::rpc {

class FieldValidator;
struct MethodPlan;

class DescriptorService {
 public:
  // kNotFound where no such service is linked in; kFailedPrecondition where a method does not say
  // what the door needs. `standard`: one of gRPC's own services, without options of ours. Door and
  // validator are borrowed.
  static absl::StatusOr<std::unique_ptr<DescriptorService>> Of(std::string_view full_name,
                                                               Door& door,
                                                               FieldValidator& validator,
                                                               bool standard = false);
  ~DescriptorService();

  const google::protobuf::ServiceDescriptor& descriptor() const;

  // What the door knows of a method; `method` is the bare name. As long as the service.
  const MethodPlan& plan(std::string_view method) const;

  // The largest request that any of its methods takes.
  std::size_t max_bytes() const;

  // Each method has exactly one handler before the server starts; `method` is the bare name.
  void HandleUnary(std::string_view method, UnaryHandler handler);
  void HandleStream(std::string_view method, StreamHandler handler);

  // Ends every stream in flight with DRAINING.
  void EndStreams();
  // Waits until none is left, or `deadline`.
  void AwaitStreams(absl::Time deadline);

  grpc::Service& grpc_service();

 private:
  class Impl;
  explicit DescriptorService(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace holdfast::rpc
