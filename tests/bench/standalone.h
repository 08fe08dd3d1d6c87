// holdfast-standalone as a process of its own, and imports into it through its API.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "holdfast/metrics/v1/metrics.pb.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "child.h"
#include "rpc/client.h"

namespace holdfast::bench {

// The address behind "grpc" in the file run/holdfast.json of a process's folder, once it is there:
// then the process is ready.
absl::StatusOr<std::string> AwaitAddress(const std::string& file, Child& process);

struct ImportTimes {
  std::uint64_t rows = 0;
  absl::Duration plan;
  absl::Duration apply;  // from parse to acknowledged events
};

class Standalone {
 public:
  // Empty, on free ports of 127.0.0.1; ready when this returns.
  static absl::StatusOr<std::unique_ptr<Standalone>> Start(const std::string& program,
                                                           const std::string& folder);

  absl::Status ImportAreas(const std::string& geojson, const std::string& vintage,
                           const std::string& code_property, const std::string& name_property);
  absl::StatusOr<metrics::v1::UploadedFile> Upload(const std::string& name,
                                                   std::string_view content);
  absl::StatusOr<ImportTimes> Import(const std::vector<metrics::v1::UploadedFile>& files);

  const Child& process() const { return *process_; }
  void Stop() { process_->Stop(SIGTERM); }

 private:
  explicit Standalone(std::unique_ptr<Child> process) : process_(std::move(process)) {}
  absl::Status SignIn(const std::string& address);
  rpc::CallOptions Patient() const;

  std::unique_ptr<Child> process_;
  std::unique_ptr<rpc::Client> client_;
};

}  // namespace holdfast::bench
