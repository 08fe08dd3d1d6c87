// Whether two things say the same, and lists in the one order in which facts keep them.
#pragma once

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

#include "holdfast/type/v1/type.pb.h"

namespace holdfast::directory {

// Of messages of one type without map<>: their bytes repeat.
template <class M>
bool Same(const M& a, const M& b) {
  return a.SerializeAsString() == b.SerializeAsString();
}

// Sorted, each once.
template <class List>
List Ordered(const List& list) {
  List ordered = list;
  std::sort(ordered.begin(), ordered.end());
  ordered.erase(std::unique(ordered.begin(), ordered.end()), ordered.end());
  return ordered;
}

// How what names a person is handled from the start.
inline type::v1::Label LabelFor(std::string_view agency) {
  type::v1::Label label;
  label.set_class_(options::v1::DataClass::PERSON);
  label.set_sensitivity(options::v1::Sensitivity::PERSONAL);
  label.set_handling(type::v1::Handling::P);
  label.set_marking(type::v1::Marking::OFFICIAL);
  if (!agency.empty()) label.add_owners(std::string(agency));
  return label;
}

}  // namespace holdfast::directory
