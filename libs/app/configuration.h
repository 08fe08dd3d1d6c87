// The configuration of a process: files, single values, defaults; refused as a whole where anything
// is wrong.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/config/v1/config.pb.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace holdfast::rpc {
class TransportSecurity;
}

namespace holdfast::app {

// Reads JSON over what stands already: single values override, lists replace. kInvalidArgument for
// an unknown key, one that stands twice, or a wrong type. `source` names the text in the sentence.
absl::Status OverlayJson(std::string_view json, std::string_view source, config::v1::Process& into);

// kNotFound where the file cannot be read.
absl::Status OverlayFile(const std::string& path, config::v1::Process& into);

// "listen.grpc_port=8081".
absl::Status OverlaySetting(std::string_view setting, config::v1::Process& into);

// Defaults for what was not said; then every limit, and what may not stand together.
absl::Status Complete(config::v1::Process& config);

// By what the process and the others of its environment know each other; null where it is
// configured without certificates.
absl::StatusOr<std::shared_ptr<const rpc::TransportSecurity>> TransportOf(
    const config::v1::Process& config);

}  // namespace holdfast::app
