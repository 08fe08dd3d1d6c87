// A zip as a FileSet. Only file_set.cc makes one.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "ingest/file_set.h"

namespace holdfast::ingest {

absl::StatusOr<std::unique_ptr<FileSet>> OpenZip(std::string name, int descriptor,
                                                 const FileSetLimits& limits);
absl::StatusOr<std::unique_ptr<FileSet>> OpenZip(std::string name, std::string_view bytes,
                                                 const FileSetLimits& limits);

}  // namespace holdfast::ingest
