// What is made of several records is handled as the strictest of them. docs/methods/policy.md,
// "Join of labels", says how each field joins.
//
// Commutative, associative, idempotent on normal labels; never more open for reading than either.
#pragma once

#include <string_view>

#include "holdfast/type/v1/type.pb.h"

namespace holdfast::security::policy {

// Names nobody in a list that restricts, where an empty list means everybody; the absent condition
// of sensitive processing.
inline constexpr std::string_view kNobody = "-";

type::v1::Label Join(const type::v1::Label& one, const type::v1::Label& other);

// Whether a newer version wrote something into it that this one cannot read: it may be a condition.
bool HoldsUnreadFields(const type::v1::Label& label);

// The same label, one way of writing it: lists sorted, what has no meaning left out, what is
// unknown unspecified (the class too, where there is what cannot be read), C without conditions as
// C for nobody. Join(x, x) == Normal(x).
type::v1::Label Normal(const type::v1::Label& label);

}  // namespace holdfast::security::policy
