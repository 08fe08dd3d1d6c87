// A sum modulo 2^256 of digests: the digest of a multiset, in which order has no part and a row
// taken out is a subtraction. 32 bytes, big-endian; the empty text is zero.
#pragma once

#include <string>
#include <string_view>

namespace holdfast::metrics {

// `a` and `b` have 32 bytes, or none.
std::string AddDigests(std::string_view a, std::string_view b);
std::string SubtractDigests(std::string_view a, std::string_view b);

}  // namespace holdfast::metrics
