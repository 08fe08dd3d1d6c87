// What operations staff ask of this process: views and journals, of the caller's tenant.
#pragma once

#include <string>
#include <vector>

namespace holdfast::journal {
class Journal;
}

namespace holdfast::readmodel {
class ReadModel;
}

namespace holdfast::rpc {
class DescriptorService;
class WorkerPool;
}  // namespace holdfast::rpc

namespace holdfast::app {

class Contexts;

inline constexpr char kOperationsService[] = "holdfast.operations.v1.OperationsService";

struct Operated {
  readmodel::ReadModel* read_model = nullptr;  // borrowed, as all of them
  journal::Journal* journal = nullptr;
  rpc::WorkerPool* workers = nullptr;  // rebuilds and verifications block
  std::vector<std::string> contexts;
  Contexts* decided = nullptr;  // those whose commands are decided in this process
};

// What `operated` names outlives the service.
void BindOperations(const Operated& operated, rpc::DescriptorService& service);

}  // namespace holdfast::app
