// The client's half of a streaming call. For client.cc.
#pragma once

#include <memory>
#include <string>

#include "rpc/client.h"

namespace grpc {
class ClientContext;
}

namespace holdfast::rpc {

std::unique_ptr<Upload> StartUpload(const std::shared_ptr<grpc::Channel>& channel,
                                    const std::string& method,
                                    std::unique_ptr<grpc::ClientContext> context);
std::unique_ptr<Watch> StartWatch(const std::shared_ptr<grpc::Channel>& channel,
                                  const std::string& method,
                                  const google::protobuf::Message& request,
                                  std::unique_ptr<grpc::ClientContext> context);
std::unique_ptr<Exchange> StartExchange(const std::shared_ptr<grpc::Channel>& channel,
                                        const std::string& method,
                                        std::unique_ptr<grpc::ClientContext> context);

}  // namespace holdfast::rpc
