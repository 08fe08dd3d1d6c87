// What a command answers, printed: the stream, its version, the position, and what to mind.
#pragma once

#include "holdfast/type/v1/type.pb.h"

#include "absl/status/status.h"

namespace holdfast::cli {

class Invocation;

// "site/<id>" -> "<id>".
std::string IdOf(const type::v1::Receipt& receipt);

absl::Status PrintReceipt(Invocation& in, const type::v1::Receipt& receipt);

}  // namespace holdfast::cli
