// A file on its way to a service: whole, in pieces, known by its SHA-256.
#pragma once

#include <string>
#include <vector>

#include "holdfast/metrics/v1/metrics.pb.h"

#include "absl/status/statusor.h"

namespace holdfast::cli {

class Session;

// `name` is the name by which the service knows it. Errors name the file.
absl::StatusOr<metrics::v1::UploadedFile> UploadFile(Session& session, const std::string& path,
                                                     const std::string& name);
absl::StatusOr<metrics::v1::UploadedFile> UploadBytes(Session& session, std::string_view content,
                                                      const std::string& name);

// The file itself; or, of a folder, every .csv below it, by their paths from there, sorted.
absl::StatusOr<std::vector<metrics::v1::UploadedFile>> UploadPath(Session& session,
                                                                  const std::string& path);

}  // namespace holdfast::cli
