// Every statistical method by its id, from JSON to JSON: so that an analyst can check any figure by
// hand, and any file of oracles as a whole.
//
// The keys of each method stand in docs/methods.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "google/protobuf/struct.pb.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace holdfast::statistics {

// Methods of the design that are not built yet; the list only shrinks. Checks report them as
// skipped.
std::span<const std::string_view> NotYetBuilt();

// The ids that Evaluate knows, sorted.
std::vector<std::string_view> MethodIds();

enum class UnknownKeys { kRefused, kIgnored };

// One case. A case without an answer gives {"undefined": "REASON"}, which is an answer, not an
// error.
//   data_dir   where the key `data` of its, knox finds its file
//   errors     kNotFound: no such method; kUnimplemented: not built yet; kInvalidArgument: a key is
//   missing, unknown or of
//              the wrong kind (named)
absl::StatusOr<google::protobuf::Struct> Evaluate(std::string_view method,
                                                  const google::protobuf::Struct& input,
                                                  std::string_view data_dir = ".",
                                                  UnknownKeys unknown = UnknownKeys::kRefused);

// The same from JSON text, one object or an array of them, to JSON text of the same shape with
// sorted keys.
absl::StatusOr<std::string> EvaluateJson(std::string_view method, std::string_view json,
                                         std::string_view data_dir = ".");

}  // namespace holdfast::statistics
