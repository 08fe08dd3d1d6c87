// A whole process: from a configuration and a list of services to contexts that decide, views that
// fold, and ports that answer.
//
//   data folder -> journal -> contexts -> read model -> router -> door -> gRPC, HTTP, admin
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/config/v1/config.pb.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "app/data_folder.h"
#include "app/process.h"
#include "app/service.h"
#include "rpc/client.h"

namespace grpc {
class Channel;
}

namespace holdfast::journal {
class Journal;
}

namespace holdfast::security {
class KeyVault;
}

namespace holdfast::app {

class IssuersFile;

using ServiceMaker = Service (*)();

// What runs beside the services and is reached from outside: the gateway.
class Companion {
 public:
  virtual ~Companion() = default;           // stops it
  virtual std::string address() const = 0;  // "http://127.0.0.1:8080"
};

struct Surroundings {
  std::string host;
  std::uint16_t port = 0;  // 0: any free one
  bool replace_taken_port = false;
  bool demonstration = false;
  bool development = false;  // of the environment
  std::string grpc_address;
  std::shared_ptr<grpc::Channel> channel;  // to the services of this process
  const IssuersFile* issuers = nullptr;    // outlives it; null: nobody signs in with a provider
};

using StartCompanion =
    std::function<absl::StatusOr<std::unique_ptr<Companion>>(const Surroundings&)>;

class Platform;

// What a process does by itself, beside answering: it reads journals, or works on queues.
class Worker {
 public:
  virtual ~Worker() = default;  // ends it, within seconds
  // OK, or why not in words without input or paths of tenants.
  virtual absl::Status Ready() const = 0;
  virtual absl::Status Live() const = 0;
};

// What a worker finds. All of it outlives the worker.
struct WorkPlace {
  const config::v1::Process& config;
  journal::Journal& journal;
  std::string folder;                // of the process: what it writes stands below it
  std::vector<std::string> tenants;  // of the directory
  // To every service, as a member of the tenant.
  std::function<rpc::Client(const std::string& tenant, const std::string& subject)> client_of;
};
using StartWorker = std::function<absl::StatusOr<std::unique_ptr<Worker>>(const WorkPlace&)>;

// What every tenant has before the process says that it is ready: the reference sets that are
// shipped. Called again at every start, so each step must have one effect.
using RegisterTenant = std::function<absl::Status(Platform& platform, const std::string& tenant)>;

// Opens the keyvault of a process on one machine, in a folder of its own. Null, where this process
// may keep nothing personal.
using OpenKeyVault = std::function<absl::StatusOr<std::unique_ptr<security::KeyVault>>(
    const config::v1::Process& config, const std::string& folder)>;

struct PlatformOptions {
  config::v1::Process config;  // complete: see Complete()
  std::vector<ServiceMaker> services;
  StartCompanion gateway;          // may be null
  RegisterTenant register_tenant;  // may be null
  StartWorker worker;              // may be null
  OpenKeyVault key_vault = nullptr;
};

class Platform : public Process {
 public:
  // Errors are sentences for the person at the console: what, where, what to do.
  static absl::StatusOr<std::unique_ptr<Platform>> Start(PlatformOptions options);

  // Ready once every view was at the end of its journal. Drain waits the configured delay, then at
  // most the configured deadline.

  virtual const Addresses& addresses() const = 0;
  // To its own services, without a socket.
  virtual std::shared_ptr<grpc::Channel> channel() = 0;
  // Of a person of the demonstration, to its own services; in a deployment to every service's.
  virtual rpc::Client ClientOf(std::string_view tenant, std::string_view person) = 0;
  // Of a person of the demonstration. Nobody is refused here: the door does that.
  virtual std::string TokenOf(std::string_view tenant, std::string_view person) = 0;
};

}  // namespace holdfast::app
