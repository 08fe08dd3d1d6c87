// The field that examples of sealing speak of: all of its labels, and nothing sealed yet.
#pragma once

#include "holdfast/journal/v1/journal.pb.h"

namespace holdfast::security {

// That of the vector in docs/decisions/0022: ids whose bytes count up.
journal::v1::SealedField FieldOfAda();
std::string CountingUp(unsigned char first, std::size_t size);

}  // namespace holdfast::security
