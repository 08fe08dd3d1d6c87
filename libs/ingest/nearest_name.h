// "Did you mean …": the known name that is nearest to one that is not known.
#pragma once

#include <span>
#include <string_view>

namespace holdfast::ingest {

// Empty where no known name is near (more than a third of its letters differ). Case is ignored; of
// equally near ones the first. Distance: Levenshtein (1966); names over 64 bytes are near nothing.
std::string_view NearestName(std::string_view name, std::span<const std::string_view> known);

}  // namespace holdfast::ingest
