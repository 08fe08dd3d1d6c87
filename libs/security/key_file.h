// A secret of 32 bytes in a file that nobody else may read (0600), made when it is first opened.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "security/secret_key.h"

namespace holdfast {
class Random;
}

namespace holdfast::security {

// `without_it` ends the sentence about a damaged file: what is lost with it. kFailedPrecondition
// where the file can be read by others or has another size, kUnavailable where it cannot be
// written.
absl::StatusOr<SecretKey> OpenKeyFile(const std::string& path, std::string_view without_it,
                                      Random& random);

// kNotFound where it is not there.
absl::StatusOr<SecretKey> ReadKeyFile(const std::string& path, std::string_view without_it);

}  // namespace holdfast::security
